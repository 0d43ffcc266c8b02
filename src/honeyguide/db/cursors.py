"""Consumers of the event log: they read below the horizon, and their effects commit with their cursor.

A reader by `seq` alone loses events (12 % in a three-second test with three writers), because sequence numbers
are given before the commit. Rows are read in `(xid, seq)` order and only below `pg_snapshot_xmin`: no
transaction that could still insert before them is open.

The log has lanes: live events, hot subjects that overflow, and history (files, back-fills). A consumer has a cursor
in each, and a batch comes from the first lane that has anything, live before overflow before history: a million
historical rows delay a live event by the one batch that is under way. So that a lane which always has work starves
none behind it, one batch in eight is taken from history first and one in eight from overflow first: a back-fill
always gets on, and live events lose a quarter of the road at most. Within a lane the order is that of the commits.

The lease is the row lock of the live lane's cursor, whatever lane is read. A worker that dies loses its connection
and with it the lock; one that hangs is cut off by `idle_in_transaction_session_timeout`, and its transaction can then
never commit. So there is no moment at which two workers could both move a cursor, and no clock is involved.
"""

import contextlib
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.db.engine import Database, Row, Tx

# Batches each consumer of a workspace has had in this process: whose turn it is needs no memory beyond it.
_had: "WeakKeyDictionary[Database, Counter[tuple[int, str]]]" = WeakKeyDictionary()
HOLDER = f"{socket.gethostname()}:{os.getpid()}"
LIVE, HISTORICAL, OVERFLOW = 0, 1, 2
READ_ORDER = (LIVE, OVERFLOW, HISTORICAL)
_TURNS = 8
_TURN_OF = {3: OVERFLOW, 7: HISTORICAL}
LANES = {LIVE: "live", HISTORICAL: "historical", OVERFLOW: "overflow"}

_READ = """
select e.seq, e.xid::text as at_xid, e.event_id, e.source_id, e.format, e.kind, e.message_id, e.event_time,
  e.received_at, e.sent_at, e.lane, e.body
from event_log e
where e.workspace_id = $1 and e.lane = $6::smallint and (e.xid, e.seq) > ($2::text::xid8, $3::bigint)
  and e.xid < pg_snapshot_xmin(pg_current_snapshot())
  and ($5::text is null or (e.xid, e.seq) <= (
      select c.last_xid, c.last_seq from consumer_cursor c
      where c.workspace_id = $1 and c.consumer = $5::text and c.lane = $6::smallint))
order by e.xid, e.seq limit $4
"""

_PLACES = (
    "select lane, last_xid::text as last_xid, last_seq from consumer_cursor "
    "where workspace_id = $1 and consumer = $2 order by lane"
)
_HELD = _PLACES + " for update"
_FREE = _PLACES + " for update skip locked"


class Batch(Struct, frozen=True):
    """Rows of one lane of the log for one consumer, in log order, and the transaction its effects belong in."""

    tx: Tx
    rows: list[Row]
    lane: int = LIVE


@contextlib.asynccontextmanager
async def batch(
    db: Database, workspace_id: int, consumer: str, *, limit: int = 500, after: str | None = None
) -> AsyncIterator[Batch | None]:
    """The consumer's next rows; its cursor moves when the block ends and the transaction commits.

    None when there is nothing to read or another worker holds the lease. With `after`, never past that
    consumer's cursor of the same lane. An exception in the block moves nothing.
    """
    had = _had.setdefault(db, Counter())
    async with db.tx(workspace_id) as tx:
        held = await _hold(db, tx, consumer)
        found = await read(tx, held, limit, after, _order(had[workspace_id, consumer]))
        if not found:
            yield None
            return
        lane: int = found[-1]["lane"]
        yield Batch(tx, found, lane)
        await move(tx, consumer, lane, found[-1]["at_xid"], found[-1]["seq"], len(found))
    had[workspace_id, consumer] += 1


def _order(had: int) -> tuple[int, ...]:
    """The lanes in the order this batch looks at them: now and then one of the later ones comes first."""
    first = _TURN_OF.get(had % _TURNS, LIVE)
    return (first, *(lane for lane in READ_ORDER if lane != first))


async def read(
    tx: Tx, held: dict[int, Row], limit: int, after: str | None = None, order: Sequence[int] = READ_ORDER
) -> list[Row]:
    """The next rows of the first lane that has any, after the positions `held`."""
    for lane in order:
        if lane in held:
            at = held[lane]
            found = await tx.rows(_READ, tx.workspace_id, at["last_xid"], at["last_seq"], limit, after, lane)
            if found:
                return found
    return []


async def move(tx: Tx, consumer: str, lane: int, xid: str, seq: int, n: int) -> None:
    """Set a consumer's cursor of one lane, `n` rows further on. The caller holds the lease."""
    await tx.run(
        "update consumer_cursor set last_xid = $4::text::xid8, last_seq = $5, holder = $6, moved_at = $7, "
        "consumed = consumed + $8 where workspace_id = $1 and consumer = $2 and lane = $3",
        tx.workspace_id, consumer, lane, xid, seq, HOLDER, clock.now(), n,
    )  # fmt: skip


async def _hold(db: Database, tx: Tx, consumer: str) -> dict[int, Row]:
    """The consumer's cursors by lane, held until the transaction ends; empty when another worker has them."""
    taken = _by_lane(await tx.rows(_FREE, tx.workspace_id, consumer))
    if taken or await tx.value(
        "select 1 from consumer_cursor where workspace_id = $1 and consumer = $2 limit 1", tx.workspace_id, consumer
    ):
        return taken
    # A first cursor commits on its own: inside the batch, a second worker would wait for the first one's whole batch.
    async with db.tx(tx.workspace_id) as other:
        await begin(other, consumer)
    return _by_lane(await tx.rows(_FREE, tx.workspace_id, consumer))


def _by_lane(rows: list[Row]) -> dict[int, Row]:
    found = {row["lane"]: row for row in rows}
    return found if LIVE in found else {}


async def begin(tx: Tx, consumer: str) -> None:
    """Make the consumer's cursors, at the beginning of every lane, where they are not there."""
    await tx.run(
        "insert into consumer_cursor (workspace_id, consumer, lane) "
        "select $1, $2, l from unnest($3::smallint[]) as l order by l on conflict do nothing",
        tx.workspace_id, consumer, sorted(LANES),
    )  # fmt: skip


async def lease(tx: Tx, consumer: str) -> dict[int, Row]:
    """Wait for the consumer's lease and hold it until the transaction ends: nobody else moves it meanwhile."""
    await begin(tx, consumer)
    return _by_lane(await tx.rows(_HELD, tx.workspace_id, consumer))


async def position(tx: Tx, consumer: str) -> dict[int, tuple[int, int]]:
    """Where a consumer is: lane -> (xid, seq) of the last row it has read. Takes no lock."""
    found = _by_lane(await tx.rows(_PLACES, tx.workspace_id, consumer))
    return {lane: (int(row["last_xid"]), row["last_seq"]) for lane, row in found.items()}


async def lags(tx: Tx, consumer: str) -> dict[int, int]:
    """How many rows of each lane the consumer has not seen yet."""
    rows = await tx.rows(
        "select l.lane, (select count(*) from event_log e where e.workspace_id = $1 and e.lane = l.lane "
        "and (e.xid, e.seq) > (select coalesce(max(c.last_xid), '0'), coalesce(max(c.last_seq), 0) from consumer_cursor c "
        "where c.workspace_id = $1 and c.consumer = $2 and c.lane = l.lane)) as n "
        "from unnest($3::smallint[]) as l (lane)",
        tx.workspace_id, consumer, list(READ_ORDER),
    )  # fmt: skip
    return {row["lane"]: row["n"] for row in rows}


async def lag(tx: Tx, consumer: str) -> int:
    """How many rows of the log the consumer has not seen yet, in all lanes together."""
    return sum((await lags(tx, consumer)).values())


async def rewind(tx: Tx, consumer: str) -> None:
    """Let the consumer start again from the beginning of every lane (its effects must be gone: see replay)."""
    await tx.run(
        "update consumer_cursor set last_xid = '0', last_seq = 0, consumed = 0 where workspace_id = $1 and consumer = $2",
        tx.workspace_id,
        consumer,
    )


async def positions(tx: Tx) -> list[dict[str, Any]]:
    """Every consumer's position in every lane, for `doctor`."""
    found = await tx.rows(
        "select consumer, lane, consumed, holder, moved_at from consumer_cursor where workspace_id = $1 "
        "order by consumer, lane",
        tx.workspace_id,
    )
    return [dict(r) for r in found]
