"""The main road as consumers: each batch of the log is carried through the stages in one transaction with its cursor.

A row that cannot be read or carried ends in dead letters with its reason; it never stops the rows behind it.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from honeyguide import delivery, funnel, graph, identity, inference, moments, outcomes
from honeyguide.core import clock
from honeyguide.core.errors import Unavailable
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Row, Tx, cursors
from honeyguide.funnel import Undecodable

_log = logging.getLogger(__name__)
ROAD, OUTCOMES = "road", "outcomes"
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
    """Carry everything there is, then bring the statistics up to date. Returns how many rows moved."""
    total = 0
    while moved := await advance(db, workspace_id, limit=limit):
        total += moved
        if progress:
            progress(total)
    while await statistics(db, workspace_id):
        pass
    return total


async def statistics(db: Database, workspace_id: int) -> int:
    """Judge a few of the months whose activity changed. Returns how many records' standing may have changed."""
    async with db.tx(workspace_id) as tx:
        touched = await inference.statistics(tx, clock.now())
        if touched:
            await moments.statistics(tx, touched)
        return len(touched)


async def _consume(db: Database, workspace_id: int, consumer: str, step: Step, limit: int, after: str | None) -> int:
    try:
        return await _batch(db, workspace_id, consumer, step, limit, after)
    except (Unavailable, asyncpg.PostgresConnectionError, asyncpg.InsufficientResourcesError):
        raise  # the server, not an event, is the cause: nothing to put aside
    except Exception:  # the rows are carried one by one to find the one at fault
        if limit == 1:
            raise
        _log.warning("%s: a batch failed; carrying its rows one by one", consumer, exc_info=True)
    moved = 0
    for _ in range(limit):
        one = await _one(db, workspace_id, consumer, step, after)
        if not one:
            break
        moved += one
    return moved


async def _one(db: Database, workspace_id: int, consumer: str, step: Step, after: str | None) -> int:
    try:
        return await _batch(db, workspace_id, consumer, step, 1, after)
    except (Unavailable, asyncpg.PostgresConnectionError, asyncpg.InsufficientResourcesError):
        raise
    except Exception as e:  # noqa: BLE001  # whatever is wrong with it, the event is kept in dead letters
        _log.exception("%s: an event could not be carried and is put aside", consumer)
        failure = f"{type(e).__name__}: {e}"
    async with cursors.batch(db, workspace_id, consumer, limit=1, after=after) as batch:
        if batch is None:
            return 0
        for row in batch.rows:
            await _put_aside(batch.tx, row, consumer, "failed", failure)
        return len(batch.rows)


async def _batch(db: Database, workspace_id: int, consumer: str, step: Step, limit: int, after: str | None) -> int:
    async with cursors.batch(db, workspace_id, consumer, limit=limit, after=after) as batch:
        if batch is None:
            return 0
        sources = await funnel.load_sources(batch.tx)
        events: list[CanonicalEvent] = []
        for row in batch.rows:
            try:
                events += funnel.decode(row, sources[row["source_id"]])
            except Undecodable as e:
                if consumer == ROAD:  # one dead letter a row, written by the first consumer that meets it
                    await _put_aside(batch.tx, row, "decode", "undecodable", str(e))
        if events:
            await step(batch.tx, events)
        return len(batch.rows)


async def _put_aside(tx: Tx, row: Row, stage: str, reason: str, detail: str) -> None:
    await funnel.dead_letter(
        tx, source_id=row["source_id"], event_id=row["event_id"], stage=stage, reason=reason, detail=detail,
        body=row["body"],
    )  # fmt: skip
