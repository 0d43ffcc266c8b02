"""Suppression: people about whom nothing new is kept (C16's first half). Digests under a key of the workspace only.

Whatever comes in is held against the digests before it is written: at the doors against a set in memory that is at
most a second old, in imports and syncs in their own transaction. What names a suppressed person is refused and
counted; none of its bytes is stored, not even as a dead letter. What slipped in within that second is met by the road,
which takes the content out of the row before anything is derived from it. Rows from before stay: that is erasure.
"""

import asyncio
import secrets
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Row, Tx, audit
from honeyguide.funnel import suppression_tables as tables
from honeyguide.funnel.decode import decode
from honeyguide.funnel.events import Broken, NewEvent, Outcome, Undecodable, Verdict
from honeyguide.funnel.fingerprints import Named, digest, named_in, plain
from honeyguide.funnel.sources import Source, load_sources

REFUSED = Outcome(Verdict.REFUSED, reason="suppressed")
FRESH_S = 1.0
IDENTIFIERS_MAX = 1_000
Input = NewEvent | Broken


class Suppression(Struct, frozen=True):
    """A suppressed person, without anything that names them: who asked, why, how often it kept something out."""

    id: int
    actor: str
    reason: str
    at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    hits: int
    last_hit_at: datetime | None
    namespaces: list[str]


async def suppress(tx: Tx, identifiers: Sequence[Named], actor: str, reason: str) -> Suppression:
    """Keep nothing new about the person with these identifiers: (ns, value) pairs.

    `ns` is email, phone, `external:NAME`, `anonymous:SOURCE`, or `record:SOURCE` for a source's own id. Raises BadInput
    when none of them can name anybody, or one cannot.
    """
    if not identifiers or len(identifiers) > IDENTIFIERS_MAX:
        raise BadInput(f"A suppression takes 1 to {IDENTIFIERS_MAX} identifiers.")
    found: list[Named] = []
    for ns, value in identifiers:
        spellings = plain(ns, value)
        if not ns or not spellings:
            raise BadInput(f"An identifier of the kind {ns!r} is none.", "It is malformed, or it names nobody.")
        found += spellings
    key = await tables.ensure_key(tx, secrets.token_bytes(32))
    digests = [(digest(key, named), named[0]) for named in dict.fromkeys(found)]
    ident = await tables.insert(tx, actor, reason, clock.now(), digests)
    await audit.write(
        tx, actor, "person.suppress", f"suppression:{ident}", {"reason": reason, "identifiers": len(digests)}
    )
    return await suppression_of(tx, ident)


async def suppressed(tx: Tx, identifiers: Sequence[Named]) -> bool:
    """Is any of these identifiers suppressed?"""
    key = await tables.key(tx)
    if key is None:
        return False
    return bool(await tables.known(tx, [digest(key, named) for ns, value in identifiers for named in plain(ns, value)]))


async def lift(tx: Tx, suppression_id: int, actor: str) -> None:
    """Take new events of this person again. Raises NotFound when no such suppression holds."""
    if not await tables.lift(tx, suppression_id, actor, clock.now()):
        raise NotFound(f"There is no suppression {suppression_id} that holds.")
    await audit.write(tx, actor, "person.lift", f"suppression:{suppression_id}")


async def suppression_of(tx: Tx, suppression_id: int) -> Suppression:
    """One suppression. Raises NotFound."""
    row = await tables.one(tx, suppression_id)
    if row is None:
        raise NotFound(f"There is no suppression {suppression_id}.")
    return _suppression(row)


async def suppressions(tx: Tx, after: int | None = None, limit: int = 50) -> list[Suppression]:
    """Suppressions, newest first, the lifted ones too."""
    return [_suppression(row) for row in await tables.listed(tx, after, limit)]


async def count_suppressions(tx: Tx) -> int:
    """How many suppressions there are."""
    return await tables.count(tx)


async def screen(tx: Tx, inputs: Sequence[tuple[int, Input]]) -> set[int]:
    """Which of these inputs (by their place) name somebody suppressed; counted as hits. Nothing to do costs a look-up."""
    key = await tables.key(tx)
    if key is None or not inputs:
        return set()
    sources = await load_sources(tx)
    marks = [_marks(key, sources.get(source_id), given) for source_id, given in inputs]
    by = {r["digest"]: r["suppression_id"] for r in await tables.known(tx, list(set().union(*marks)))}
    return await _count(tx, marks, by)


async def _count(tx: Tx, marks: Sequence[set[bytes]], by: dict[bytes, int]) -> set[int]:
    found: set[int] = set()
    counts: dict[int, int] = {}
    for place, own in enumerate(marks):
        hits = {by[mark] for mark in own if mark in by}
        if hits:
            found.add(place)
            for ident in hits:
                counts[ident] = counts.get(ident, 0) + 1
    await tables.hit(tx, counts, clock.now())
    return found


def _marks(key: bytes, source: Source | None, given: Input) -> set[bytes]:
    events: list[CanonicalEvent] = []
    if isinstance(given, NewEvent) and source is not None:
        events = _decoded(source, given)
    named = named_in(given.body, events)
    if isinstance(given, NewEvent):
        named |= named_in(given.message_id.encode("utf-8", "replace"), ())
    return {digest(key, one) for one in named}


def _decoded(source: Source, given: NewEvent) -> list[CanonicalEvent]:
    row: dict[str, Any] = {
        "event_id": None, "format": given.format, "kind": given.kind, "message_id": given.message_id,
        "event_time": given.event_time, "received_at": given.received_at, "body": given.body,
    }  # fmt: skip
    try:
        return decode(row, source)
    except Undecodable:
        return []


async def redact_suppressed(tx: Tx, rows: Sequence[tuple[Row, list[CanonicalEvent]]]) -> set[Any]:
    """The road's look at rows it is about to carry: those of somebody suppressed before the row came lose their content.

    Returns their event ids.
    """
    key = await tables.key(tx)
    if key is None:
        return set()
    marks = [{digest(key, named) for named in named_in(row["body"], events)} for row, events in rows]
    known = await tables.known(tx, list(set().union(*marks)) if marks else [])
    since = {r["digest"]: (r["suppression_id"], r["at"]) for r in known}
    counts: dict[int, int] = {}
    found: dict[Any, datetime] = {}
    for (row, _), own in zip(rows, marks, strict=True):
        hits = {since[m][0] for m in own if m in since and row["received_at"] >= since[m][1]}
        if hits and row["format"] != "redacted":
            found[row["event_id"]] = row["received_at"]
            for ident in hits:
                counts[ident] = counts.get(ident, 0) + 1
    if found:
        await tables.redact(tx, list(found.items()))
        await tables.hit(tx, counts, clock.now())
    return set(found)


class _Set(Struct):
    """What is suppressed in a workspace, as this process knows it."""

    until: float
    version: tuple[int, int]
    key: bytes
    digests: dict[bytes, int]


class Guard:
    """The digests in memory, for doors: one per process, each workspace's set at most a second old.

    It is looked at again in the second half of its time while events go on, by one look-up for all who come meanwhile.
    """

    def __init__(self, db: Database, fresh_s: float = FRESH_S) -> None:
        self._db, self._fresh_s = db, fresh_s
        self._sets: dict[int, _Set] = {}
        self._looks: dict[int, asyncio.Task[_Set]] = {}

    def lets_all(self, source: Source) -> bool:
        """Whether nobody is suppressed and that is fresh knowledge: nothing has to be looked at, or waited for."""
        known = self._sets.get(source.workspace_id)
        return known is not None and not known.digests and known.until - time.monotonic() > self._fresh_s / 2

    async def refused(self, source: Source, inputs: Sequence[Input]) -> set[int]:
        """Which of these inputs name somebody suppressed. Raises Unavailable when that cannot be known."""
        known = self._sets.get(source.workspace_id)
        left = known.until - time.monotonic() if known is not None else -1.0
        if known is None or left < 0:
            known = await asyncio.shield(self._looking(source.workspace_id))
        elif left < self._fresh_s / 2:
            _ = self._looking(source.workspace_id)  # not waited for
        if not known.digests:
            return set()
        marks = [_marks(known.key, source, given) for given in inputs]
        if not any(mark in known.digests for own in marks for mark in own):
            return set()
        async with self._db.tx(source.workspace_id) as tx:
            return await _count(tx, marks, known.digests)

    def _looking(self, workspace_id: int) -> "asyncio.Task[_Set]":
        look = self._looks.get(workspace_id)
        if look is None:
            look = asyncio.ensure_future(self._look(workspace_id, self._sets.get(workspace_id)))
            self._looks[workspace_id] = look
            look.add_done_callback(lambda done: self._looked(workspace_id, done))
        return look

    def _looked(self, workspace_id: int, done: "asyncio.Task[_Set]") -> None:
        self._looks.pop(workspace_id, None)
        if not done.cancelled():
            done.exception()  # who waits for it hears it; nobody else has to

    async def _look(self, workspace_id: int, known: _Set | None) -> _Set:
        until = time.monotonic() + self._fresh_s
        async with self._db.tx(workspace_id) as tx:
            version = await tables.version(tx)
            if known is not None and known.version == version:
                known.until = until
                return known
            key = await tables.key(tx)
            digests = await tables.all_digests(tx) if key is not None else {}
        made = self._sets[workspace_id] = _Set(until, version, key or b"", digests)
        return made


def _suppression(row: Row) -> Suppression:
    values = {f: row[f] for f in Suppression.__struct_fields__}
    return Suppression(**values | {"namespaces": row["namespaces"] or []})
