"""The main road as consumers: each batch of the log is carried through the stages in one transaction with its cursor.

A row that cannot be read or carried ends in dead letters with its reason; it never stops the rows behind it.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from honeyguide import delivery, funnel, graph, identity, inference, moments, outcomes
from honeyguide.core import clock
from honeyguide.core.errors import Unavailable
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Row, Tx, cursors

_log = logging.getLogger(__name__)
ROAD, OUTCOMES = "road", "outcomes"
NOT_READ = ("decode", "plan")  # stages whose letters no consumer has carried
_PATIENCE_S = 5.0
_SERVER = (
    Unavailable, asyncpg.PostgresConnectionError, asyncpg.InsufficientResourcesError, asyncpg.TransactionRollbackError,
)  # fmt: skip
Step = Callable[[Tx, Sequence[CanonicalEvent]], Awaitable[None]]


async def travel(tx: Tx, events: Sequence[CanonicalEvent]) -> None:
    """One batch from identity to moments, and the consents it carries."""
    persons = await identity.step(tx, events)
    changes = await graph.step(tx, events, persons)
    touched = await inference.step(tx, events, persons, changes)
    await moments.step(tx, events, persons, touched)
    await delivery.step(tx, events)


async def credit(tx: Tx, events: Sequence[CanonicalEvent]) -> None:
    """One batch through outcomes: referrals move on, conversions are attributed, rewards are posted."""
    await outcomes.step(tx, events)


async def advance(db: Database, workspace_id: int, *, limit: int = 500) -> int:
    """Carry the next rows along the road, then the same rows through outcomes. Returns how many rows moved."""
    moved = await _consume(db, workspace_id, ROAD, travel, limit, None)
    return moved + await _consume(db, workspace_id, OUTCOMES, credit, limit, ROAD)


async def catch_up(
    db: Database, workspace_id: int, progress: Callable[[int], None] | None = None, *, limit: int = 500
) -> int:
    """Carry everything there is, then bring the statistics up to date. Returns how many rows moved.

    Rows above the horizon (any transaction that is open, an autoanalyze too) or under another worker's lease are waited for,
    a few seconds long.
    """
    total, until = 0, time.monotonic() + _PATIENCE_S
    while True:
        moved = await advance(db, workspace_id, limit=limit)
        total += moved
        if moved and progress:
            progress(total)
        if not moved and (time.monotonic() > until or not await _waiting(db, workspace_id)):
            break
        if moved:
            until = time.monotonic() + _PATIENCE_S
        else:
            await asyncio.sleep(0.02)
    while await statistics(db, workspace_id):
        pass
    return total


async def _waiting(db: Database, workspace_id: int) -> bool:
    async with db.tx(workspace_id) as tx:
        return any([await cursors.lag(tx, consumer) for consumer in (ROAD, OUTCOMES)])


async def statistics(db: Database, workspace_id: int) -> int:
    """Judge a few of the months whose activity changed, then some of the use that did. Returns how much that was."""
    async with db.tx(workspace_id) as tx:
        touched = await inference.statistics(tx, clock.now())
        if touched:
            await moments.statistics(tx, touched)
        return len(touched) + await moments.settle(tx)


async def carry_again(tx: Tx, row: Row, stage: str) -> None:
    """Run a row that was put aside at `stage` once more, in the caller's transaction. Raises what stops it again.

    Holds the lease of both consumers. Outcomes are carried too where that consumer has passed the row by; where it has
    not, it will come to it by itself.
    """
    places = {consumer: await cursors.lease(tx, consumer) for consumer in (ROAD, OUTCOMES)}
    reader = await funnel.open_reader(tx)
    events = reader.events(row)
    if stage != OUTCOMES:
        await travel(tx, events)
    passed = places[OUTCOMES][row["lane"]]
    behind = (int(row["xid"]), row["seq"]) <= (int(passed["last_xid"]), passed["last_seq"])
    if stage == OUTCOMES or (behind and stage in NOT_READ):
        await credit(tx, events)


async def _consume(db: Database, workspace_id: int, consumer: str, step: Step, limit: int, after: str | None) -> int:
    try:
        return await _batch(db, workspace_id, consumer, step, limit, after)
    except _SERVER:
        raise  # the server, not an event, is the cause: nothing to put aside
    except Exception:  # noqa: BLE001  # the rows are carried one by one to find the one at fault
        _log.warning("%s: a batch failed; carrying its rows one by one", consumer, exc_info=True)
    moved = 0
    for _ in range(limit):
        one = await _batch(db, workspace_id, consumer, step, 1, after, alone=True)
        if not one:
            break
        moved += one
    return moved


async def _batch(
    db: Database, workspace_id: int, consumer: str, step: Step, limit: int, after: str | None, *, alone: bool = False
) -> int:
    async with cursors.batch(db, workspace_id, consumer, limit=limit, after=after) as batch:
        if batch is None:
            return 0
        events = await _read(batch.tx, batch.rows, consumer, alone=alone)
        if events and alone:
            await _try(batch.tx, batch.rows[0], consumer, step, events)
        elif events:
            await step(batch.tx, events)
        return len(batch.rows)


async def _read(tx: Tx, rows: Sequence[Row], consumer: str, *, alone: bool) -> list[CanonicalEvent]:
    """The events of rows; what cannot go on is put aside by the first consumer that meets it, and passed by later ones."""
    reader = await funnel.open_reader(tx)
    if consumer != ROAD:
        reader.plans.clear()
        kept = await funnel.quarantined(tx, [row["event_id"] for row in rows])
        rows = [row for row in rows if row["event_id"] not in kept]
    read = [(row, *_events(reader, row)) for row in rows]
    if consumer == ROAD:
        emptied = await funnel.redact_suppressed(tx, [(row, events) for row, events, _ in read])
        read = [one for one in read if one[0]["event_id"] not in emptied]
        for row, _, problem in read:
            if problem is not None:
                await _put_aside(tx, row, problem.stage, problem.reason, problem.detail)
    rows = [row for row, _, _ in read]
    events = [event for _, found, _ in read for event in found]
    if consumer == ROAD and alone:
        await _note_or_not(tx, reader, rows)
    elif consumer == ROAD:
        await funnel.note(tx, reader, rows)
    return events


def _events(reader: funnel.Reader, row: Row) -> tuple[list[CanonicalEvent], funnel.PutAside | None]:
    try:
        return reader.events(row), None
    except funnel.PutAside as e:
        return [], e


async def _note_or_not(tx: Tx, reader: funnel.Reader, rows: Sequence[Row]) -> None:
    """What is written down about a row never keeps the row itself from going on."""
    await tx.run("savepoint noting")
    try:
        await funnel.note(tx, reader, rows)
    except _SERVER:
        raise
    except Exception:  # noqa: BLE001  # a defect of the catalogue is ours, not the event's
        _log.exception("the catalogue could not be written")
        await tx.run("rollback to savepoint noting")


async def _try(tx: Tx, row: Row, consumer: str, step: Step, events: Sequence[CanonicalEvent]) -> None:
    """Carry one row under a savepoint; the row that fails is put aside in the transaction that moves past it.

    Between two transactions another row could have come first: a live one before this one of history.
    """
    await tx.run("savepoint one")
    try:
        await step(tx, events)
    except _SERVER:
        raise
    except Exception as e:  # noqa: BLE001  # whatever is wrong with it, the event is kept in dead letters
        _log.exception("%s: an event could not be carried and is put aside", consumer)
        await tx.run("rollback to savepoint one")
        await _put_aside(tx, row, consumer, "failed", f"{type(e).__name__}: {e}")
    else:
        await tx.run("release savepoint one")


async def _put_aside(tx: Tx, row: Row, stage: str, reason: str, detail: str) -> None:
    await funnel.dead_letter(
        tx, source_id=row["source_id"], event_id=row["event_id"], stage=stage, reason=reason, detail=detail,
        body=row["body"],
    )  # fmt: skip
