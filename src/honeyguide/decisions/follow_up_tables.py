"""SQL of reminders (table ask_follow_up). It holds closed words, numbers and our own sentences, nothing of a person."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct, to_builtins

from honeyguide.db import Row, Tx
from honeyguide.programs.playbooks import Channel, Stop, Tone

OWNED = ("ask_follow_up",)
PLANNED, OFF, QUEUED, SENT, CANCELLED = "planned", "off", "queued", "sent", "cancelled"
_COLUMNS = (
    "ask_id", "number", "most", "after_days", "tone", "channel", "stop", "state", "reason", "due_at", "changed_by",
    "changed_at",
)  # fmt: skip


class FollowUpRow(Struct, frozen=True):
    """One reminder of an ask: the `number`th of at most `most`, `after_days` after the message before it.

    `stop` are the step's stop rules as they were approved, `due_at` is known once the message before it has gone.
    """

    ask_id: UUID
    number: int
    most: int
    after_days: int
    tone: Tone
    channel: Channel
    stop: list[Stop]
    state: str
    reason: str
    due_at: datetime | None
    changed_by: str
    changed_at: datetime


class DueRow(Struct, frozen=True):
    """A reminder that is due, and when the first message of its ask went out."""

    row: FollowUpRow
    asked_at: datetime


def _row(row: Row) -> FollowUpRow:
    return FollowUpRow(**{n: row[n] for n in _COLUMNS} | {"stop": msgspec.convert(row["stop"], list[Stop])})


async def of_asks(tx: Tx, asks: Collection[UUID]) -> dict[UUID, list[FollowUpRow]]:
    """The reminders of these asks, by number; an ask without any is left out."""
    rows = await tx.rows(
        f"select {', '.join(_COLUMNS)} from ask_follow_up where workspace_id = $1 and ask_id = any($2::uuid[]) "
        "order by ask_id, number",
        tx.workspace_id, list(asks),
    )  # fmt: skip
    found: dict[UUID, list[FollowUpRow]] = {}
    for row in rows:
        found.setdefault(row["ask_id"], []).append(_row(row))
    return found


async def put(tx: Tx, rows: Sequence[FollowUpRow]) -> None:
    """Write down what an approval covers; what was sent, or switched off before, stays."""
    for row in rows:
        values = [to_builtins(row.stop) if n == "stop" else getattr(row, n) for n in _COLUMNS]
        await tx.run(
            f"insert into ask_follow_up (workspace_id, {', '.join(_COLUMNS)}) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing",
            tx.workspace_id, *values,
        )  # fmt: skip


async def drop(tx: Tx, ask_id: UUID, states: Collection[str]) -> int:
    """Forget reminders in these states; returns how many there were."""
    return await tx.run(
        "delete from ask_follow_up where workspace_id = $1 and ask_id = $2 and state = any($3::text[])",
        tx.workspace_id, ask_id, list(states),
    )  # fmt: skip


async def switch(tx: Tx, ask_id: UUID, was: str, becomes: str, reason: str, actor: str, at: datetime) -> int:
    """Move every reminder of an ask from one state to another; returns how many moved."""
    return await tx.run(
        "update ask_follow_up set state = $4, reason = $5, changed_by = $6, changed_at = $7 "
        "where workspace_id = $1 and ask_id = $2 and state = $3",
        tx.workspace_id, ask_id, was, becomes, reason, actor, at,
    )  # fmt: skip


async def cancel(tx: Tx, ask_id: UUID, since: int, reason: str, at: datetime) -> int:
    """Cancel the reminder with this number, whether it waits or is queued, and all that wait behind it."""
    return await tx.run(
        "update ask_follow_up set state = 'cancelled', reason = $4, changed_by = 'honeyguide', changed_at = $5 "
        "where workspace_id = $1 and ask_id = $2 and number >= $3 and state in ('planned', 'off', 'queued')",
        tx.workspace_id, ask_id, since, reason, at,
    )  # fmt: skip


async def claim(tx: Tx, ask_id: UUID, number: int, at: datetime) -> bool:
    """Take a planned reminder that is due for queueing; False when somebody was faster or it is planned no more."""
    return bool(
        await tx.run(
            "update ask_follow_up set state = 'queued', changed_by = 'honeyguide', changed_at = $4 "
            "where workspace_id = $1 and ask_id = $2 and number = $3 and state = 'planned' and due_at <= $4",
            tx.workspace_id, ask_id, number, at,
        )
    )  # fmt: skip


async def mark_sent(tx: Tx, ask_id: UUID, number: int, at: datetime) -> None:
    """A message of the ask has gone (0: the first one): the next reminder is due so many days from then."""
    await tx.run(
        "update ask_follow_up set state = case when number = $3 then 'sent' else state end, "
        "due_at = case when number = $3 then due_at else $4::timestamptz + make_interval(days => after_days) end, "
        "changed_at = case when number = $3 then $4 else changed_at end "
        "where workspace_id = $1 and ask_id = $2 and ((number = $3 and state = 'queued') "
        "or (number = $3 + 1 and due_at is null))",
        tx.workspace_id, ask_id, number, at,
    )  # fmt: skip


_ASKED = "select f.due_at - make_interval(days => f.after_days) from ask_follow_up f where f.workspace_id = $1"


async def due(tx: Tx, now: datetime, limit: int) -> list[DueRow]:
    """Planned reminders whose day has come, the longest due first."""
    rows = await tx.rows(
        f"select {', '.join(f'u.{n}' for n in _COLUMNS)}, ({_ASKED} and f.ask_id = u.ask_id and f.number = 1) as asked_at "
        "from ask_follow_up u where u.workspace_id = $1 and u.state = 'planned' and u.due_at <= $2 "
        "order by u.due_at, u.ask_id limit $3",
        tx.workspace_id, now, limit,
    )  # fmt: skip
    return [DueRow(_row(r), r["asked_at"]) for r in rows]


async def asked_at(tx: Tx, ask_id: UUID) -> datetime | None:
    """When the first message of an ask with a reminder went out; None before it has."""
    found: datetime | None = await tx.value(f"{_ASKED} and f.ask_id = $2 and f.number = 1", tx.workspace_id, ask_id)
    return found
