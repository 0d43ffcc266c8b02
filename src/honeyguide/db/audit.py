"""Who did what: one row for everything a person or an agent decides."""

from typing import Any

from honeyguide.core import clock
from honeyguide.db.engine import Tx


async def write(tx: Tx, actor: str, action: str, subject: str, detail: dict[str, Any] | None = None) -> None:
    """Record an act in the transaction that carries it out."""
    await tx.run(
        "insert into audit_entry (workspace_id, at, actor, action, subject, detail) values ($1, $2, $3, $4, $5, $6)",
        tx.workspace_id, clock.now(), actor, action, subject, detail or {},
    )  # fmt: skip


async def about(tx: Tx, subject: str) -> list[dict[str, Any]]:
    """Everything done to a subject, oldest first."""
    found = await tx.rows(
        "select id, at, actor, action, subject, detail from audit_entry where workspace_id = $1 and subject = $2 order by id",
        tx.workspace_id,
        subject,
    )
    return [dict(r) for r in found]


async def recent(tx: Tx, before: int | None, limit: int) -> list[dict[str, Any]]:
    """The newest entries, below id `before` when given."""
    found = await tx.rows(
        "select id, at, actor, action, subject, detail from audit_entry "
        "where workspace_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3",
        tx.workspace_id,
        before,
        limit,
    )
    return [dict(r) for r in found]
