"""The consumer's step: a batch of events in, records, identifiers and entities out, in the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Row, Tx
from honeyguide.identity import closures, guard_rows, refusals, tables
from honeyguide.identity.evidence import Observed, Seen, earliest, observe, overlay
from honeyguide.identity.plans import by_index
from honeyguide.identity.stamps import stamped
from honeyguide.identity.tables import Merge


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


class _Folded(Struct):
    """A batch against what is stored: records to write whole, those that say the same again, those only seen later; records
    with news, and those whose place among the others may have changed.
    """

    whole: list[Seen]
    again: list[Seen]
    last_seen: dict[int, datetime]
    told: set[int]
    changed: set[int]


async def step(tx: Tx, events: Sequence[CanonicalEvent]) -> IdentityChanges:
    """Take a batch in. The resulting state depends on the set of events only, not on their order or batching."""
    seen = observe(events)
    if not seen.records and not seen.decisions:
        return IdentityChanges({}, {}, {}, set())
    async with by_index(tx):
        await guard_rows.lock(tx)
        return await _take_in(tx, seen)


async def _take_in(tx: Tx, seen: Observed) -> IdentityChanges:
    decided = await guard_rows.write_decisions(tx, seen.decisions)
    stored = await tables.stored_records(tx, seen.records)
    shown = seen.news({r: row["known"] for r, row in stored.items()})
    new_signs = {
        key: shown[key] if old is None else earliest(old, shown[key])
        for key, old in (await tables.news(tx, shown)).items()
    }
    await tables.write_signs(tx, new_signs)
    folded = _fold(seen, stored)

    changed = {k[3] for k in new_signs} | folded.changed | {r for d in decided for r in (d.a, d.b)}
    closure = await closures.reach(tx, changed, new_signs)
    found = closures.entities_of(closure, seen.records)
    entity = found.entity
    current = {r: row["entity_id"] for r, row in stored.items()} | {m.id: m.entity_id for m in closure.members.values()}
    # A record that was only named until now stood for itself: joining an entity is a move for it too.
    moved = {r: e for r, e in entity.items() if current.get(r, r) != e}
    resolved = {r: entity.get(r, current.get(r, r)) for r in seen.records}

    await tables.write_parents(tx, folded.whole)
    await tables.write_records(tx, [(s, resolved[s.id]) for s in folded.whole])
    in_full = {s.id for s in folded.whole}
    await tables.write_last_seen(tx, folded.last_seen)
    await tables.write_entities(tx, {r: e for r, e in moved.items() if r not in in_full})
    # Said again by one record, a value may now be newer than what another record of the same entity says.
    contested = await tables.write_again(tx, folded.again)
    previous = {r: current.get(r, r) for r in moved}
    now = clock.now()
    await tables.log_merges(tx, _merges({r: e for r, e in moved.items() if r in current}, previous, found.because), now)
    if changed:
        await refusals.settle(tx, found.refusals, entity, closure.asked, closure.reached, now)
    touched = contested | {resolved[r] for r in folded.told} | set(moved.values()) | set(previous.values())
    return IdentityChanges(resolved | moved, moved, previous, touched)


async def look_again(tx: Tx, record_ids: Iterable[int]) -> None:
    """Say anew which conflicts stand around these records, where guards changed and no event did. Moves nobody."""
    ids = set(record_ids)
    closure = await closures.reach(tx, ids, {})
    found = closures.entities_of(closure, {})
    stored = {m.id: m.entity_id for m in closure.members.values()}
    await refusals.settle(tx, found.refusals, stored, closure.asked, closure.reached, clock.now())


def _fold(seen: Observed, stored: Mapping[int, Row]) -> _Folded:
    """Merge the batch into what is stored.

    A value said again moves its stamp (an older, different statement may still come in late) but is no news in itself.
    """
    found = _Folded([], [], {}, set(), set())
    for record in seen.records.values():
        row = stored.get(record.id)
        if row is None:
            found.whole.append(record)
            found.told.add(record.id)
            found.changed.add(record.id)
        else:
            _fold_one(found, record, row)
    return found


def _fold_one(found: _Folded, record: Seen, row: Row) -> None:
    traits, earlier = stamped(row["traits"], row["said"]), record.first < row["first_seen_at"]
    changed = overlay(traits, record.traits)
    news = [name for name, old in changed if old is None or old["v"] != traits[name]["v"]]
    later = record.last > row["last_seen_at"]
    record.traits = traits
    record.first = min(record.first, row["first_seen_at"])
    record.last = max(record.last, row["last_seen_at"])
    if earlier or "name" in news:  # seniority and names decide between carriers of a value
        found.changed.add(record.id)
    if earlier or news:
        found.told.add(record.id)
        found.whole.append(record)
    elif changed or record.known != row["known"]:
        found.again.append(record)
    elif later:
        found.last_seen[record.id] = record.last


def _merges(moved: Mapping[int, int], previous: Mapping[int, int], because: Mapping[int, str]) -> list[Merge]:
    """One line per (entity left, entity joined)."""
    pairs = sorted({(previous[r], e) for r, e in moved.items()})
    return [Merge(new, old, because.get(new) or "nothing holds them together any more") for old, new in pairs]
