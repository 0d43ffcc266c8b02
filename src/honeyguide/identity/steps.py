"""The consumer's step: a batch of events in, records, identifiers and entities out, in the caller's transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Row, Tx
from honeyguide.identity import tables
from honeyguide.identity.clusters import CROWD, Incidence, cluster, eldest
from honeyguide.identity.evidence import MERGE, Key, Observed, Seen, Sign, earliest, observe, overlay, own_source
from honeyguide.identity.plans import by_index
from honeyguide.identity.tables import Member, Merge


class IdentityChanges(Struct, frozen=True):
    """What a batch changed.

    `entity`: record id -> entity id, for every record the batch speaks of and every record that moved.
    `moved`: record id -> its new entity, where that is another one than before (a new record stood for itself).
    `previous`: the same records -> the entity they left.
    `touched`: entities whose set of records, trait values or first sight changed (those that were left included).
    """

    entity: dict[int, int]
    moved: dict[int, int]
    previous: dict[int, int]
    touched: set[int]


class _Closure(Struct, frozen=True):
    """Every stored record that could share an entity with the changed ones, and what connects them."""

    reached: set[int]
    members: dict[int, Member]
    incidences: dict[str, list[Incidence]]


async def step(tx: Tx, events: Sequence[CanonicalEvent]) -> IdentityChanges:
    """Take a batch in. The resulting state depends on the set of events only, not on their order or batching."""
    seen = observe(events)
    if not seen.records:
        return IdentityChanges({}, {}, {}, set())
    async with by_index(tx):
        return await _take_in(tx, seen)


async def _take_in(tx: Tx, seen: Observed) -> IdentityChanges:
    stored = await tables.stored_records(tx, seen.records)
    signs = await tables.stored_signs(tx, seen.records)
    new_signs = _new_signs(seen, signs)
    await tables.write_signs(tx, new_signs)
    whole, last_seen, told, restated = _fold(seen, stored)

    changed = {k[3] for k in new_signs} | {
        s.id for s in whole if s.id not in stored or s.first < stored[s.id]["first_seen_at"]
    }
    closure = await _closure(tx, changed, {**signs, **new_signs}, new_signs)
    entity, because = _entities(seen, closure)
    current = {r: row["entity_id"] for r, row in stored.items()} | {m.id: m.entity_id for m in closure.members.values()}
    # A record that was only named until now stood for itself: joining an entity is a move for it too.
    moved = {r: e for r, e in entity.items() if current.get(r, r) != e}
    resolved = {r: entity.get(r, current.get(r, r)) for r in seen.records}

    await tables.write_records(tx, [(s, resolved[s.id]) for s in whole])
    in_full = {s.id for s in whole}
    await tables.write_last_seen(tx, last_seen)
    await tables.write_entities(tx, {r: e for r, e in moved.items() if r not in in_full})
    previous = {r: current.get(r, r) for r in moved}
    await tables.log_merges(
        tx, _merges({r: e for r, e in moved.items() if r in current}, previous, because), clock.now()
    )
    touched = {resolved[r] for r in told} | set(moved.values()) | set(previous.values())
    # Said again by one record, a value may now be newer than what another record of the same entity says.
    touched |= await tables.disagreeing(tx, {resolved[r] for r in restated} - touched)
    return IdentityChanges(resolved | moved, moved, previous, touched)


def _new_signs(seen: Observed, stored: Mapping[Key, Sign]) -> dict[Key, Sign]:
    """The identifiers to write: new ones, earlier showings, and weak ones that turn out strong."""
    found = {}
    for key, sign in seen.signs.items():
        old = stored.get(key)
        merged = sign if old is None else earliest(old, sign)
        if merged != old:
            found[key] = merged
    return found


def _fold(seen: Observed, stored: Mapping[int, Row]) -> tuple[list[Seen], dict[int, datetime], set[int], set[int]]:
    """Merge the batch into what is stored: records to write whole, those only seen again later, those with news, and
    those that said a known value again.

    A value said again moves its stamp (an older, different statement may still come in late) but is no news in itself.
    """
    whole, last_seen, told, restated = [], {}, set(), set()
    for record in seen.records.values():
        row = stored.get(record.id)
        if row is None:
            whole.append(record)
            told.add(record.id)
            continue
        traits, earlier = row["traits"], record.first < row["first_seen_at"]
        before = {name: traits[name]["v"] for name in record.traits if name in traits}
        changed = overlay(traits, record.traits)
        if earlier or (changed and before != {name: traits[name]["v"] for name in record.traits}):
            told.add(record.id)
        elif changed:
            restated.add(record.id)
        if changed or earlier:
            whole.append(record)
        elif record.last > row["last_seen_at"]:
            last_seen[record.id] = record.last
        record.traits = traits
        record.first = min(record.first, row["first_seen_at"])
        record.last = max(record.last, row["last_seen_at"])
    return whole, last_seen, told, restated


async def _closure(tx: Tx, changed: set[int], known: Mapping[Key, Sign], new: Mapping[Key, Sign]) -> _Closure:
    """Follow identifiers from the changed records until nothing new comes. Values of a crowd lead nowhere."""
    fresh: dict[tuple[str, str, str], int] = defaultdict(int)
    for key in new:
        fresh[key[:3]] += 1
    signs: dict[Key, Sign] = {k: s for k, s in known.items() if k[3] in changed}
    reached, asked, crowds = set(changed), set[tuple[str, str, str]](), set[tuple[str, str, str]]()
    frontier = {k[:3] for k in signs}
    while frontier:
        carried = await tables.holders(tx, {k: fresh.get(k, 0) for k in sorted(frontier)})
        asked |= frontier
        found: set[int] = set()
        for value, records in carried.items():
            if len(records) > CROWD:
                crowds.add(value)
            if len(records) - fresh.get(value, 0) <= CROWD:  # else it was a crowd before: it has joined nothing
                found.update(records)
        found -= reached
        reached |= found
        more = await tables.stored_signs(tx, found) if found else {}
        signs |= more
        frontier = {k[:3] for k in more} - asked
    incidences: dict[str, list[Incidence]] = defaultdict(list)
    for key, sign in signs.items():
        if key[:3] not in crowds:
            incidences[key[0]].append(Incidence(key[3], key[1], key[2], sign.strong))
    return _Closure(reached, await tables.members(tx, reached) if reached else {}, incidences)


def _entities(seen: Observed, closure: _Closure) -> tuple[dict[int, int], dict[int, str]]:
    """Cluster the closure. Returns record -> entity, and entity -> the identifier that holds it together."""
    known: dict[int, tuple[str, str | None, datetime]] = {
        m.id: (m.kind, own_source(m.source, m.ext_id), m.first_seen_at) for m in closure.members.values()
    }
    for s in seen.records.values():
        if s.id in closure.reached:
            known[s.id] = (s.kind, own_source(s.source, s.ext_id), s.first)
    entity: dict[int, int] = {}
    because: dict[int, str] = {}
    first_seen = {r: one[2] for r, one in known.items()}
    for kind in {one[0] for one in known.values()}:
        records = {r: one[1] for r, one in known.items() if one[0] == kind}
        incidences = closure.incidences.get(kind, [])
        by_record: dict[int, set[tuple[str, str]]] = defaultdict(set)
        for i in incidences:
            by_record[i.record].add((i.ns, i.value))
        for members in cluster(records, incidences):
            senior = eldest(members, first_seen)
            entity.update(dict.fromkeys(members, senior))
            because[senior] = _shared(members, by_record)
    return entity, because


def _shared(members: Iterable[int], by_record: Mapping[int, set[tuple[str, str]]]) -> str:
    carried: dict[tuple[str, str], int] = defaultdict(int)
    for record in members:
        for value in by_record.get(record, ()):
            carried[value] += 1
    held = sorted(value for value, n in carried.items() if n > 1)
    return "" if not held else "merged at the source" if held[0][0] == MERGE else f"{held[0][0]} {held[0][1]}"


def _merges(moved: Mapping[int, int], previous: Mapping[int, int], because: Mapping[int, str]) -> list[Merge]:
    """One line per (entity left, entity joined)."""
    pairs = sorted({(previous[r], e) for r, e in moved.items()})
    return [Merge(new, old, because.get(new) or "nothing holds them together any more") for old, new in pairs]
