"""Effects outside the database: a row in the transaction that decides, then a worker that does it.

A row is claimed by moving its due time into the future; a worker that dies leaves it to be claimed again. The
receiver sees the same key each time, so doing it twice is doing it once.
"""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.db.engine import Tx

_LEASE = timedelta(seconds=60)
# Seconds until the next try; after the last the row is `failed` and waits for a person.
RETRY_AFTER_S = (5, 30, 300, 1_800, 7_200, 18_000, 36_000)


class Entry(Struct, frozen=True):
    """A claimed row of the outbox."""

    id: int
    topic: str
    key: str
    payload: dict[str, Any]
    attempts: int


async def put(tx: Tx, topic: str, key: str, payload: dict[str, Any], due_at: datetime) -> None:
    """Promise an effect. The same (topic, key) twice is one promise."""
    await tx.run(
        "insert into outbox (workspace_id, topic, key, payload, created_at, due_at) values ($1, $2, $3, $4, $5, $6) "
        "on conflict (workspace_id, topic, key) do nothing",
        tx.workspace_id, topic, key, payload, clock.now(), due_at,
    )  # fmt: skip


async def take(tx: Tx, topic: str, limit: int, now: datetime) -> list[Entry]:
    """Claim due rows for a minute, oldest first."""
    found = await tx.rows(
        "with due as (select id from outbox where workspace_id = $1 and topic = $2 and state = 'pending' and due_at <= $3 "
        "order by due_at limit $4 for update skip locked) "
        "update outbox o set attempts = o.attempts + 1, due_at = $5 from due where o.workspace_id = $1 and o.id = due.id "
        "returning o.id, o.topic, o.key, o.payload, o.attempts",
        tx.workspace_id, topic, now, limit, now + _LEASE,
    )  # fmt: skip
    return [Entry(**dict(r)) for r in found]


async def done(tx: Tx, entry_id: int, result: dict[str, Any]) -> None:
    """The effect has happened."""
    await tx.run(
        "update outbox set state = 'done', done_at = $3, result = $4, failure = null where workspace_id = $1 and id = $2",
        tx.workspace_id, entry_id, clock.now(), result,
    )  # fmt: skip


async def retry(tx: Tx, entry: Entry, failure: str, now: datetime) -> bool:
    """The effect failed: try again later. Returns False when the tries are used up and the row is `failed`."""
    if entry.attempts > len(RETRY_AFTER_S):
        await tx.run(
            "update outbox set state = 'failed', failure = $3 where workspace_id = $1 and id = $2",
            tx.workspace_id, entry.id, failure,
        )  # fmt: skip
        return False
    due = now + timedelta(seconds=RETRY_AFTER_S[entry.attempts - 1])
    await tx.run(
        "update outbox set due_at = $3, failure = $4 where workspace_id = $1 and id = $2",
        tx.workspace_id, entry.id, due, failure,
    )  # fmt: skip
    return True


async def revive(tx: Tx, topic: str, key: str, now: datetime) -> bool:
    """Try an effect again now that is failed, or waits for a later try; the tries are counted anew. False when there is none."""
    moved = await tx.run(
        "update outbox set state = 'pending', due_at = $4, attempts = 0 where workspace_id = $1 and topic = $2 and key = $3 "
        "and (state = 'failed' or (state = 'pending' and due_at > $5))",
        tx.workspace_id, topic, key, now, now + _LEASE,
    )  # fmt: skip
    return moved == 1


async def withdraw(tx: Tx, topic: str, key: str, result: dict[str, Any]) -> None:
    """Nobody does this effect any more; one that happened stays as it is."""
    await tx.run(
        "update outbox set state = 'done', done_at = $4, result = $5 where workspace_id = $1 and topic = $2 and key = $3 "
        "and state <> 'done'",
        tx.workspace_id, topic, key, clock.now(), result,
    )  # fmt: skip
