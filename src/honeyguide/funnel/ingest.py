"""Write payloads into the log: each id once, in the caller's transaction.

`append` answers for every payload with exactly one verdict and counts it. Same id with the same body is a
duplicate; with another body the first stays and the new body is kept as a dead letter (`id_reuse`), unless the
event is `versioned`: its id then says all, and it is a duplicate whatever its body.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC
from uuid import UUID

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.db import Tx
from honeyguide.funnel import tables
from honeyguide.funnel.events import (
    Broken,
    NewEvent,
    Outcome,
    Verdict,
    body_hash,
    derived_message_id,
    event_id,
    plain_message_id,
    plain_name,
)
from honeyguide.funnel.sources import Source


class _Keyed(Struct, frozen=True):
    """An event with its ids."""

    source_id: int
    event: NewEvent
    message_id: str
    ident: UUID
    hash: bytes
    derived: bool


async def append(tx: Tx, source: Source, payloads: Sequence[NewEvent]) -> list[Outcome]:
    """Write payloads of one source into the log; returns what became of each, in order."""
    return await append_mixed(tx, [(source.id, p) for p in payloads])


async def append_mixed(tx: Tx, inputs: Sequence[tuple[int, NewEvent | Broken]]) -> list[Outcome]:
    """Write (source id, payload) pairs of any sources of the workspace; what is Broken goes to the dead letters."""
    workspace_id = tx.workspace_id
    keyed = [_key(workspace_id, s, e) if isinstance(e, NewEvent) else None for s, e in inputs]
    first: dict[UUID, _Keyed] = {}
    for one in keyed:
        if one is not None:
            first.setdefault(one.ident, one)
    now = clock.now().astimezone(UTC)
    fresh = await tables.insert_events(tx, _columns(list(first.values())), now) if first else None
    if fresh is None and len(first) == len(inputs):  # the usual case: every input is new
        return [Outcome(Verdict.ACCEPTED, ident, one.message_id) for ident, one in first.items()]
    new = set(first) if fresh is None else fresh
    asked = [ident for ident in first if ident not in new]
    hashes = await tables.known_hashes(tx, asked) if asked else {}
    outcomes = [_outcome(one, first, new, hashes, given) for one, (_, given) in zip(keyed, inputs, strict=True)]
    await _keep_letters(tx, inputs, keyed, outcomes)
    others = Counter(
        (source_id, outcome.verdict.value)
        for (source_id, _), outcome in zip(inputs, outcomes, strict=True)
        if outcome.verdict is not Verdict.ACCEPTED  # those the statement has counted
    )
    await tables.add_counts(tx, now.date(), now, others)
    return outcomes


async def count_refused(tx: Tx, refused: dict[int, int]) -> None:
    """Count payloads answered with 4xx: source id -> how many."""
    now = clock.now()
    counted = {(source_id, Verdict.REFUSED.value): n for source_id, n in refused.items() if n}
    await tables.add_counts(tx, now.date(), now, counted)


def _key(workspace_id: int, source_id: int, event: NewEvent) -> _Keyed:
    derived = not event.message_id
    message_id = derived_message_id(event) if derived else plain_message_id(event.message_id)
    ident = event_id(workspace_id, source_id, message_id)
    return _Keyed(source_id, event, message_id, ident, body_hash(event.body), derived)


def _columns(batch: list[_Keyed]) -> list[list[object]]:
    events = [k.event for k in batch]
    return [
        [k.ident for k in batch],
        [k.hash for k in batch],
        [k.source_id for k in batch],
        [e.format for e in events],
        [plain_name(e.kind) for e in events],
        [k.message_id for k in batch],
        [e.event_time for e in events],
        [e.received_at for e in events],
        [e.sent_at for e in events],
        [e.lane.code for e in events],
        [k.derived for k in batch],
        [e.body for e in events],
    ]


def _outcome(
    one: _Keyed | None, first: dict[UUID, _Keyed], fresh: set[UUID], hashes: dict[UUID, bytes], given: NewEvent | Broken
) -> Outcome:
    if one is None:
        return Outcome(Verdict.DEAD_LETTER, reason=given.reason if isinstance(given, Broken) else "")
    if one.ident in fresh and first[one.ident] is one:
        return Outcome(Verdict.ACCEPTED, one.ident, one.message_id)
    kept = first[one.ident].hash if one.ident in fresh else hashes.get(one.ident)
    if kept == one.hash or one.event.versioned:
        return Outcome(Verdict.DUPLICATE, one.ident, one.message_id)
    return Outcome(Verdict.MISMATCH, one.ident, one.message_id, "id_reuse")


async def _keep_letters(
    tx: Tx, inputs: Sequence[tuple[int, NewEvent | Broken]], keyed: list[_Keyed | None], outcomes: list[Outcome]
) -> None:
    reused: dict[tuple[UUID, bytes], tables.Letter] = {}
    broken: dict[str, list[tables.Letter]] = {}
    for (source_id, given), one, outcome in zip(inputs, keyed, outcomes, strict=True):
        if isinstance(given, Broken):
            row = (source_id, None, given.reason, given.detail, given.body, given.received_at, 1)
            broken.setdefault(given.stage, []).append(row)
        elif one is not None and outcome.verdict is Verdict.MISMATCH:
            detail = f"The id {one.message_id} is already in the log with another body; the first one stays."
            times = reused[one.ident, one.hash][-1] + 1 if (one.ident, one.hash) in reused else 1
            reused[one.ident, one.hash] = (
                source_id, one.ident, "id_reuse", detail, given.body, given.received_at, times,
            )  # fmt: skip
    await tables.insert_letters(tx, "ingest", list(reused.values()))
    for stage, rows in broken.items():
        await tables.insert_letters(tx, stage, rows)
