"""SQL for proposals."""

from datetime import datetime
from typing import Any
from uuid import UUID

from honeyguide.db import Row, Tx

_PROPOSAL = (
    "select id, key, kind, body, reason, state, proposed_by, proposed_at, decided_by, decided_at, decision "
    "from ledger_proposal where workspace_id = $1 "
)


async def insert(
    tx: Tx, ident: UUID, key: str, kind: str, body: dict[str, Any], reason: str, actor: str, at: datetime
) -> bool:
    """Keep a proposal; False when its key is known."""
    made = await tx.run(
        "insert into ledger_proposal (workspace_id, id, key, kind, body, reason, state, proposed_by, proposed_at) "
        "values ($1, $2, $3, $4, $5, $6, 'open', $7, $8) on conflict do nothing",
        tx.workspace_id, ident, key, kind, body, reason, actor, at,
    )  # fmt: skip
    return made == 1


async def by_id(tx: Tx, ident: UUID, *, lock: bool = False) -> Row | None:
    """One proposal, its row locked when asked."""
    return await tx.row(_PROPOSAL + "and id = $2" + (" for update" if lock else ""), tx.workspace_id, ident)


async def page(tx: Tx, state: str | None, after: UUID | None, limit: int) -> list[Row]:
    """Newest first, from behind `after`."""
    return await tx.rows(
        _PROPOSAL + "and ($2::text is null or state = $2) and ($3::uuid is null or (proposed_at, id) < "
        "(select c.proposed_at, c.id from ledger_proposal c where c.workspace_id = $1 and c.id = $3)) "
        "order by proposed_at desc, id desc limit $4",
        tx.workspace_id, state, after, limit,
    )  # fmt: skip


async def decide(tx: Tx, ident: UUID, state: str, actor: str, decision: str, at: datetime) -> None:
    """Confirm or reject a locked, open proposal."""
    await tx.run(
        "update ledger_proposal set state = $3, decided_by = $4, decision = $5, decided_at = $6 "
        "where workspace_id = $1 and id = $2 and state = 'open'",
        tx.workspace_id, ident, state, actor, decision, at,
    )  # fmt: skip


async def advocate_email(tx: Tx, advocate_id: UUID) -> str | None:
    """The advocate's address."""
    found: str | None = await tx.value(
        "select email from advocate where workspace_id = $1 and id = $2", tx.workspace_id, advocate_id
    )
    return found


async def owed_locked(tx: Tx, owner: str, currency: str) -> int:
    """What is owed in this account, its row locked."""
    found = await tx.value(
        "select -balance_minor from ledger_account where workspace_id = $1 and kind = 'owed' and owner = $2 and currency = $3 for update",
        tx.workspace_id, owner, currency,
    )  # fmt: skip
    return int(found or 0)
