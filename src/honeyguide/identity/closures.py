"""Every stored record that could share an entity with the changed ones: identifiers and decisions followed to the end.

What is outside cannot change, so clustering the closure gives what clustering everything would give. A value on a
crowd leads nowhere: it joins nobody, whoever carries it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.identity import guard_rows, tables
from honeyguide.identity.assembly import NO_GUARDS, Guards, Subject
from honeyguide.identity.classes import MERGE, crowd
from honeyguide.identity.clusters import Clustering, Incidence, Refusal, cluster, eldest
from honeyguide.identity.evidence import Decision, Key, Seen, Sign, subject
from honeyguide.identity.tables import Member, Value

_IN_PART = frozenset({"duplicate", "other_name"})  # refusals of a value that still joins the records not left out


class Closure(Struct, frozen=True):
    """The records reached, as stored; the identifiers between them; the values asked for, and those of crowds."""

    reached: set[int]
    members: dict[int, Member]
    signs: dict[Key, Sign]
    asked: set[Value]
    crowds: set[Value]
    guards: Guards


class Entities(Struct, frozen=True):
    """What clustering a closure gives: record -> entity, entity -> why it holds together, and (kind, refusal)."""

    entity: dict[int, int]
    because: dict[int, str]
    refusals: list[tuple[str, Refusal]]


async def reach(tx: Tx, changed: set[int], new: Collection[Key]) -> Closure:
    """Read the closure of the changed records. `new`: the identifiers this batch wrote."""
    decided, protected = await guard_rows.any_guards(tx)
    fresh: dict[Value, int] = defaultdict(int)
    for key in new:
        fresh[key[:3]] += 1
    signs: dict[Key, Sign] = {}
    reached, asked, crowds = set[int](), set[Value](), set[Value]()
    decisions: dict[tuple[int, int, object], Decision] = {}
    ids = set(changed)
    while ids:
        reached |= ids
        more = await tables.stored_signs(tx, ids)
        signs |= more
        frontier = {key[:3] for key in more} - asked
        asked |= frontier
        found: set[int] = set()
        if decided:
            about = await guard_rows.decisions_about(tx, ids)
            decisions |= {(d.a, d.b, d.event_id): d for d in about}
            found |= {r for d in about for r in (d.a, d.b)}
        for value, holders in (await tables.holders(tx, frontier, fresh) if frontier else {}).items():
            most = crowd(value[1], holders.strong)
            if len(holders.records) > most:
                crowds.add(value)
            if len(holders.records) - fresh.get(value, 0) <= most:  # else it was a crowd before, and joined nobody
                found.update(holders.records)
        ids = found - reached
    guards = NO_GUARDS
    if decisions or protected:
        protections = await guard_rows.protections(tx, reached) if protected else []
        pairs = await guard_rows.settled(tx, {p[0] for p in protections}) if protections else frozenset()
        guards = guard_rows.guards_of(decisions.values(), protections, pairs)
    members = await tables.members(tx, reached) if reached else {}
    return Closure(reached, members, signs, asked, crowds, guards)


def entities_of(closure: Closure, seen: Mapping[int, Seen]) -> Entities:
    """Cluster a closure; `seen` are records of the batch, which know better than what is stored."""
    subjects: dict[str, dict[int, Subject]] = {"persona": {}, "company": {}}
    for m in closure.members.values():
        if m.id not in seen:
            subjects[m.kind][m.id] = subject(m.kind, m.source, m.ext_id, m.first_seen_at, m.name)
    for s in seen.values():
        if s.id in closure.reached:
            name = s.traits.get("name")
            subjects[s.kind][s.id] = subject(s.kind, s.source, s.ext_id, s.first, name["v"] if name else None)
    incidences: dict[str, list[Incidence]] = {"persona": [], "company": []}
    for key, sign in closure.signs.items():
        if key[:3] not in closure.crowds:
            incidences[key[0]].append(Incidence(key[3], key[1], key[2], sign.strong, sign.at))
    made = Entities({}, {}, [])
    for kind, records in subjects.items():
        found = incidences[kind]
        _add(made, kind, records, found, cluster(records, found, closure.guards))
    # A crowd's records are not all read, so its row names none of them.
    made.refusals.extend((kind, Refusal("crowd", ns, value, ())) for kind, ns, value in closure.crowds)
    return made


def _add(
    made: Entities, kind: str, records: Mapping[int, Subject], incidences: Iterable[Incidence], found: Clustering
) -> None:
    first_seen = {r: s.first_seen for r, s in records.items()}
    by_record: dict[int, list[Incidence]] = {}
    for i in incidences:
        by_record.setdefault(i.record, []).append(i)
    demoted = {(r.ns, r.value) for r in found.refusals if r.kind not in _IN_PART}
    for members in found.groups:
        if len(members) == 1:
            (senior,) = members
            made.entity[senior] = senior
            continue
        senior = eldest(members, first_seen)
        made.entity.update(dict.fromkeys(members, senior))
        made.because[senior] = _shared(members, by_record, demoted)
    made.refusals.extend((kind, refusal) for refusal in found.refusals)


def _shared(members: Iterable[int], by_record: Mapping[int, list[Incidence]], demoted: set[tuple[str, str]]) -> str:
    carried: dict[tuple[str, str], int] = defaultdict(int)
    for record in members:
        for i in by_record.get(record, ()):
            carried[i.ns, i.value] += 1
    held = sorted(v for v, n in carried.items() if n > 1 and v not in demoted)
    if not held:
        return "linked by a person"
    return "merged at the source" if held[0][0] == MERGE else f"{held[0][0]} {held[0][1]}"
