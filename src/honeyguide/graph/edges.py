"""Writing assertions, and recomputing the edges they support: nothing else changes an edge."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from honeyguide import identity
from honeyguide.core import clock
from honeyguide.db import Row, Tx
from honeyguide.graph import tables
from honeyguide.graph.beliefs import Assertion, Belief, EdgeKey, identified, merged
from honeyguide.graph.extensions import edge_names, rules_for
from honeyguide.graph.news_tables import tell_news
from honeyguide.graph.rules import beliefs_of, partners
from honeyguide.graph.vocabulary import Rules


async def assert_facts(tx: Tx, assertions: Iterable[Assertion]) -> set[EdgeKey]:
    """Add structural assertions. One that is known is merged into it: least start, greatest last sight, `seen` adds up.

    Returns the edges whose belief changed. Calling it twice with the same event counts it twice: the caller's
    cursor is what makes effects happen once.
    """
    fresh = fold(assertions)
    if not fresh:
        return set()
    await _check_kinds(tx, fresh.values())
    ids = {a.src for a in fresh.values()} | {a.dst for a in fresh.values()}
    async with identity.by_index(tx):
        entity = await identity.resolve(tx, ids)
        return await recompute(tx, {(a.kind, entity[a.src], entity[a.dst]) for a in fresh.values()}, fresh)


async def _check_kinds(tx: Tx, assertions: Iterable[Assertion]) -> None:
    """Raises ValueError for a kind neither the core vocabulary nor this workspace has."""
    codes = {a.kind for a in assertions}
    unknown = codes - (await edge_names(tx, codes)).keys()
    if unknown:
        raise ValueError(f"there is no such edge kind: {min(unknown)}")


def fold(assertions: Iterable[Assertion]) -> dict[UUID, Assertion]:
    """Assertions by id, equal ones merged."""
    found: dict[UUID, Assertion] = {}
    for one in assertions:
        a = identified(one)
        known = found.get(a.id)
        found[a.id] = a if known is None else merged(known, a)
    return found


async def replace(tx: Tx, inferrer: str, by_subject: Mapping[int, Sequence[Assertion]]) -> set[EdgeKey]:
    """Make these the inferrer's only live assertions about each subject. Returns the edges whose belief changed.

    New ones are inserted, changed ones overwritten, those not given any more are retracted. An assertion without
    a `key` is told from others by its event and quote. Raises ValueError when one names another inferrer or subject.
    """
    wanted: dict[UUID, Assertion] = {}
    for subject, assertions in by_subject.items():
        for one in assertions:
            if one.inferrer != inferrer or one.subject != subject:
                raise ValueError(
                    f"an assertion of {one.inferrer!r} on {one.subject} in a replacement by {inferrer!r} on {subject}"
                )
            a = _keyed(one)
            wanted[a.id] = a
    await _check_kinds(tx, wanted.values())
    async with identity.by_index(tx):
        return await _replace(tx, inferrer, list(by_subject), wanted)


async def _replace(tx: Tx, inferrer: str, subjects: list[int], wanted: Mapping[UUID, Assertion]) -> set[EdgeKey]:
    await tables.lock(tx)
    live = {a.id: a for a in await tables.assertions_of(tx, inferrer, subjects)}
    gone = [a for a in live.values() if a.id not in wanted]
    news = [a for a in wanted.values() if live.get(a.id) != a]
    if not gone and not news:
        return set()
    now = clock.now()
    await tables.retract(tx, gone, now)
    await tables.write_assertions(tx, news, now)
    entity = await identity.resolve(tx, {i for a in (*gone, *news) for i in (a.src, a.dst)})
    return await recompute(tx, {(a.kind, entity[a.src], entity[a.dst]) for a in (*gone, *news)}, {})


def _keyed(a: Assertion) -> Assertion:
    """With an id, and without the parts that are in the id only, so that it compares equal to its stored self."""
    whole = {f: getattr(a, f) for f in a.__struct_fields__}
    if not a.key:
        whole["key"] = f"{a.event_id or ''}:{a.span_start or ''}:{a.quote}"
    made = identified(Assertion(**whole))
    return Assertion(**{**whole, "id": made.id, "key": "", "last_seen_at": a.last})


async def recompute(tx: Tx, keys: set[EdgeKey], fresh: Mapping[UUID, Assertion]) -> set[EdgeKey]:
    """Fuse the edges of these entity pairs anew, and those their rules tie them to, after merging `fresh` assertions in."""
    if not keys:
        return set()
    await tables.lock(tx)
    rules = await rules_for(tx, {k for k, _, _ in keys})
    keys = await siblings(tx, keys, rules)
    members = await identity.members(tx, {i for _, src, dst in keys for i in (src, dst)})
    home = {record: entity for entity, records in members.items() for record in records}
    between = sorted({(k, s, d) for k, src, dst in keys for s in members[src] for d in members[dst]})
    live = {a.id: a for a in await tables.assertions_between(tx, between)}
    now = clock.now()
    written: dict[UUID, Assertion] = {}
    for a in fresh.values():
        known = live.get(a.id)
        written[a.id] = a if known is None else merged(known, a)
    again = {a.id for a in written.values() if a.id in live and _same_statement(a, live[a.id])}
    await tables.write_assertions(tx, [a for a in written.values() if a.id not in again], now)
    await tables.touch_assertions(tx, [written[i] for i in again])
    grouped: dict[EdgeKey, list[Assertion]] = defaultdict(list)
    for a in (live | written).values():
        grouped[a.kind, home[a.src], home[a.dst]].append(a)
    return await _store(tx, beliefs_of(grouped, keys, rules), now)


async def siblings(tx: Tx, keys: set[EdgeKey], rules: Rules) -> set[EdgeKey]:
    """These edges and those their belief depends on or bears upon: one step, since outcomes do not bear on outcomes."""
    found = keys | {other for key in keys for other in partners(key, rules)}
    tied = {(k, src) for k, src, _ in keys if k in rules.functional}
    if tied:
        members = await identity.members(tx, {src for _, src in tied})
        stated = await tables.targets_of(tx, sorted({(k, r) for k, src in tied for r in members[src]}))
        entity = await identity.resolve(tx, {i for _, src, dst in stated for i in (src, dst)})
        found |= {(k, entity[src], entity[dst]) for k, src, dst in stated}
    return found


def _same_statement(a: Assertion, stored: Assertion) -> bool:
    """Do only times, counts and the newest evidence differ?"""
    return (
        a.confidence == stored.confidence
        and a.valid_to == stored.valid_to
        and (a.quote, a.span_start, a.span_end, a.detail)
        == (stored.quote, stored.span_start, stored.span_end, stored.detail)
        and (a.inferrer_version, a.subject) == (stored.inferrer_version, stored.subject)
    )


async def _store(tx: Tx, beliefs: Mapping[EdgeKey, Belief | None], now: datetime) -> set[EdgeKey]:
    current = await tables.lock_edges(tx, list(beliefs))
    retired: list[Row] = []
    written: dict[EdgeKey, tuple[Belief, datetime]] = {}
    again: dict[EdgeKey, Belief] = {}
    gone: list[EdgeKey] = []
    changed: set[EdgeKey] = set()
    for key, belief in beliefs.items():
        row = current.get(key)
        if belief is None:
            if row is not None:
                retired.append(row)
                gone.append(key)
                changed.add(key)
        elif row is None or not _same_belief(row, belief):
            if row is not None:
                retired.append(row)
            written[key] = (belief, now)
            changed.add(key)
        elif not _same_row(row, belief):
            again[key] = belief
    await tables.retire(tx, retired, now)
    await tables.delete_edges(tx, gone)
    await tables.write_edges(tx, written)
    await tables.touch_edges(tx, again)
    await tell_news(tx, (), changed)
    return changed


def _same_belief(row: Row, belief: Belief) -> bool:
    return (
        round(row["confidence"], 4) == belief.confidence
        and row["valid_from"] == belief.valid_from
        and row["valid_to"] == belief.valid_to
        and tables.periods_of(row) == belief.earlier
        and row["inferrer"] == belief.inferrer
    )


def _same_row(row: Row, belief: Belief) -> bool:
    return bool(
        row["last_seen_at"] == belief.last_seen_at and row["support"] == belief.support and row["props"] == belief.props
    )
