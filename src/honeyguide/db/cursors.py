"""Consumers of the event log: they read below the horizon, and their effects commit with their cursor.

A reader by `seq` alone loses events (12 % in a three-second test with three writers), because sequence numbers
are given before the commit. Rows are read in `(xid, seq)` order and only below `pg_snapshot_xmin`: no
transaction that could still insert before them is open.

The lease is the cursor's own row lock. A worker that dies loses its connection and with it the lock; one that
hangs is cut off by `idle_in_transaction_session_timeout`, and its transaction can then never commit. So there
is no moment at which two workers could both move a cursor, and no clock is involved.
"""

import contextlib
import os
import socket
from collections.abc import AsyncIterator
from typing import Any

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.db.engine import Database, Row, Tx

HOLDER = f"{socket.gethostname()}:{os.getpid()}"

_READ = """
select e.seq, e.xid::text as at_xid, e.event_id, e.source_id, e.format, e.kind, e.message_id, e.event_time,
  e.received_at, e.sent_at, e.lane, e.body
from event_log e
where e.workspace_id = $1 and (e.xid, e.seq) > ($2::text::xid8, $3::bigint)
  and e.xid < pg_snapshot_xmin(pg_current_snapshot())
  and ($5::text is null or (e.xid, e.seq) <= (
      select c.last_xid, c.last_seq from consumer_cursor c where c.workspace_id = $1 and c.consumer = $5::text))
order by e.xid, e.seq limit $4
"""


class Batch(Struct, frozen=True):
    """Rows of the log for one consumer, in log order, and the transaction its effects belong in."""

    tx: Tx
    rows: list[Row]


@contextlib.asynccontextmanager
async def batch(
    db: Database, workspace_id: int, consumer: str, *, limit: int = 500, after: str | None = None
) -> AsyncIterator[Batch | None]:
    """The consumer's next rows; its cursor moves when the block ends and the transaction commits.

    None when there is nothing to read or another worker holds the cursor. With `after`, never past that
    consumer's cursor. An exception in the block moves nothing.
    """
    async with db.tx(workspace_id) as tx:
        held = await _hold(db, tx, consumer)
        found = await tx.rows(_READ, workspace_id, held["last_xid"], held["last_seq"], limit, after) if held else []
        if not found:
            yield None
            return
        yield Batch(tx, found)
        last = found[-1]
        await tx.run(
            "update consumer_cursor set last_xid = $3::text::xid8, last_seq = $4, holder = $5, moved_at = $6, "
            "consumed = consumed + $7 where workspace_id = $1 and consumer = $2",
            workspace_id, consumer, last["at_xid"], last["seq"], HOLDER, clock.now(), len(found),
        )  # fmt: skip


async def _hold(db: Database, tx: Tx, consumer: str) -> Row | None:
    take = (
        "select last_xid::text as last_xid, last_seq from consumer_cursor "
        "where workspace_id = $1 and consumer = $2 for update skip locked"
    )
    held = await tx.row(take, tx.workspace_id, consumer)
    if held is not None or await tx.value(
        "select 1 from consumer_cursor where workspace_id = $1 and consumer = $2", tx.workspace_id, consumer
    ):
        return held
    # A first cursor commits on its own: inside the batch, a second worker would wait for the first one's whole batch.
    async with db.tx(tx.workspace_id) as other:
        await other.run(
            "insert into consumer_cursor (workspace_id, consumer) values ($1, $2) on conflict do nothing",
            tx.workspace_id,
            consumer,
        )
    return await tx.row(take, tx.workspace_id, consumer)


async def lag(tx: Tx, consumer: str) -> int:
    """How many rows of the log the consumer has not seen yet."""
    found: int = await tx.value(
        "select count(*) from event_log e where e.workspace_id = $1 and (e.xid, e.seq) > (select coalesce(max(c.last_xid), '0'), "
        "coalesce(max(c.last_seq), 0) from consumer_cursor c where c.workspace_id = $1 and c.consumer = $2)",
        tx.workspace_id,
        consumer,
    )
    return found


async def rewind(tx: Tx, consumer: str) -> None:
    """Let the consumer start again from the beginning of the log (its effects must be gone: see replay)."""
    await tx.run(
        "update consumer_cursor set last_xid = '0', last_seq = 0, consumed = 0 where workspace_id = $1 and consumer = $2",
        tx.workspace_id,
        consumer,
    )


async def positions(tx: Tx) -> list[dict[str, Any]]:
    """Every consumer's position, for `doctor`."""
    found = await tx.rows(
        "select consumer, consumed, holder, moved_at from consumer_cursor where workspace_id = $1 order by consumer",
        tx.workspace_id,
    )
    return [dict(r) for r in found]
