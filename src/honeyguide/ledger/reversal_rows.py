"""SQL for what was taken back and for disputes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from honeyguide.db import Row, Tx


async def by_key(tx: Tx, reward_id: UUID, key: str) -> Row | None:
    """What this key took back of the reward before."""
    return await tx.row(
        "select asked_minor, taken_minor, clawed_minor, reason, actor, at from reward_reversal "
        "where workspace_id = $1 and reward_id = $2 and key = $3",
        tx.workspace_id, reward_id, key,
    )  # fmt: skip


async def insert(
    tx: Tx, reward_id: UUID, key: str, asked: int | None, taken: int, clawed: int, reason: str, actor: str, at: datetime
) -> None:
    """Write down what was taken back. Each key of a reward once."""
    await tx.run(
        "insert into reward_reversal (workspace_id, reward_id, key, asked_minor, taken_minor, clawed_minor, reason, actor, at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tx.workspace_id, reward_id, key, asked, taken, clawed, reason, actor, at,
    )  # fmt: skip


async def reversals_of(tx: Tx, reward_id: UUID) -> list[dict[str, Any]]:
    """Everything that was taken back of a reward, oldest first."""
    found = await tx.rows(
        "select key, asked_minor, taken_minor, clawed_minor, reason, actor, at from reward_reversal "
        "where workspace_id = $1 and reward_id = $2 order by at, key",
        tx.workspace_id, reward_id,
    )  # fmt: skip
    return [dict(r) for r in found]


async def insert_dispute(tx: Tx, reward_id: UUID, key: str, reason: str, actor: str, at: datetime) -> bool:
    """Open a dispute; False when there is one of this key."""
    made = await tx.run(
        "insert into reward_dispute (workspace_id, reward_id, key, reason, opened_by, opened_at) "
        "values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        tx.workspace_id, reward_id, key, reason, actor, at,
    )  # fmt: skip
    return made == 1


async def dispute(tx: Tx, reward_id: UUID, key: str) -> Row | None:
    """A dispute of a reward."""
    return await tx.row(
        "select reason, opened_by, opened_at, outcome, closed_by, closed_at from reward_dispute "
        "where workspace_id = $1 and reward_id = $2 and key = $3",
        tx.workspace_id, reward_id, key,
    )  # fmt: skip


async def disputes(tx: Tx, reward_id: UUID) -> list[Row]:
    """Every dispute of a reward, oldest first."""
    return await tx.rows(
        "select key, reason, opened_by, opened_at, outcome, closed_by, closed_at from reward_dispute "
        "where workspace_id = $1 and reward_id = $2 order by opened_at, key",
        tx.workspace_id, reward_id,
    )  # fmt: skip


async def disputed(tx: Tx, reward_id: UUID) -> bool:
    """Is any dispute of the reward open?"""
    found: bool = await tx.value(
        "select exists (select 1 from reward_dispute where workspace_id = $1 and reward_id = $2 and outcome is null)",
        tx.workspace_id, reward_id,
    )  # fmt: skip
    return found


async def end_dispute(tx: Tx, reward_id: UUID, key: str, outcome: str, actor: str, at: datetime) -> None:
    """Close a dispute."""
    await tx.run(
        "update reward_dispute set outcome = $4, closed_by = $5, closed_at = $6 "
        "where workspace_id = $1 and reward_id = $2 and key = $3 and outcome is null",
        tx.workspace_id, reward_id, key, outcome, actor, at,
    )  # fmt: skip
