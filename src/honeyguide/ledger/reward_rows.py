"""SQL for rewards and payouts. Reads the advocate's name and e-mail, writes only the ledger's tables."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from honeyguide.db import Tx
from honeyguide.ledger.states import Payout, Reward

_REWARD = """
select r.id, r.business_key, r.advocate_id, coalesce(a.name, '') as advocate_name, coalesce(a.email, '') as advocate_email,
  r.program_id, r.offer_id, r.conversion_id, r.role, r.incentive, r.label, r.amount_minor, r.currency, r.state, r.reason,
  r.review, r.asked_by, r.hold_until, r.created_at, r.approved_by, r.approved_at, r.payout_id
from reward r left join advocate a on a.workspace_id = r.workspace_id and a.id = r.advocate_id
where r.workspace_id = $1
"""
_PAYOUT = """
select p.id, p.rail, p.state, p.currency, p.total_minor,
  (select count(*) from reward r where r.workspace_id = p.workspace_id and r.payout_id = p.id) as lines,
  p.requested_by, p.requested_at, p.approved_by, p.approved_at, p.paid_by, p.paid_at, p.reference
from payout p where p.workspace_id = $1
"""


async def insert_reward(tx: Tx, reward: Reward) -> bool:
    """Insert it unless its business key is known. Waits for a concurrent one of the same key."""
    made = await tx.run(
        "insert into reward (workspace_id, id, business_key, advocate_id, program_id, offer_id, conversion_id, role, incentive, "
        "label, amount_minor, currency, state, reason, review, asked_by, hold_until, created_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) on conflict do nothing",
        tx.workspace_id, reward.id, reward.business_key, reward.advocate_id, reward.program_id, reward.offer_id,
        reward.conversion_id, reward.role, reward.incentive, reward.label, reward.amount_minor, reward.currency,
        reward.state, reward.reason, reward.review, reward.asked_by, reward.hold_until, reward.created_at,
    )  # fmt: skip
    return made == 1


async def rewards_by_id(tx: Tx, ids: Sequence[UUID], *, lock: bool = False) -> list[Reward]:
    """Rewards in the order of their ids, locked in that order when asked."""
    rows = await tx.rows(
        _REWARD + "and r.id = any($2::uuid[]) order by r.id" + (" for update of r" if lock else ""),
        tx.workspace_id,
        list(ids),
    )
    return [Reward(**dict(r)) for r in rows]


async def rewards_of_payout(tx: Tx, payout_id: UUID, *, lock: bool = False) -> list[Reward]:
    """The rewards a payout pays, in the order of their ids."""
    rows = await tx.rows(
        _REWARD + "and r.payout_id = $2 order by r.id" + (" for update of r" if lock else ""),
        tx.workspace_id,
        payout_id,
    )
    return [Reward(**dict(r)) for r in rows]


async def rewards_page(
    tx: Tx, state: str | None, after: UUID | None, limit: int, advocate_id: UUID | None
) -> list[Reward]:
    """Newest first, from behind `after`."""
    rows = await tx.rows(
        _REWARD + "and ($2::text is null or r.state = $2) and ($5::uuid is null or r.advocate_id = $5) "
        "and ($3::uuid is null or (r.created_at, r.id) < "
        "(select c.created_at, c.id from reward c where c.workspace_id = $1 and c.id = $3)) "
        "order by r.created_at desc, r.id desc limit $4",
        tx.workspace_id, state, after, limit, advocate_id,
    )  # fmt: skip
    return [Reward(**dict(r)) for r in rows]


async def sums_by_state(tx: Tx) -> list[dict[str, Any]]:
    """How many rewards and minor units stand in each state and currency."""
    rows = await tx.rows(
        "select state, currency, count(*) as n, coalesce(sum(amount_minor), 0)::bigint as amount_minor from reward "
        "where workspace_id = $1 group by state, currency order by state, currency",
        tx.workspace_id,
    )
    return [dict(r) for r in rows]


async def set_approved(tx: Tx, reward_id: UUID, actor: str, at: datetime) -> None:
    """Held -> approved."""
    await tx.run(
        "update reward set state = 'approved', approved_by = $3, approved_at = $4 where workspace_id = $1 and id = $2",
        tx.workspace_id, reward_id, actor, at,
    )  # fmt: skip


async def set_state(tx: Tx, ids: Sequence[UUID], state: str, payout_id: UUID | None) -> None:
    """Move locked rewards to a state, with the payout they belong to (or none)."""
    await tx.run(
        "update reward set state = $3, payout_id = $4 where workspace_id = $1 and id = any($2::uuid[])",
        tx.workspace_id, list(ids), state, payout_id,
    )  # fmt: skip


async def set_review(tx: Tx, reward_id: UUID, review: str) -> None:
    """Why a person must look at it first."""
    await tx.run(
        "update reward set review = $3 where workspace_id = $1 and id = $2", tx.workspace_id, reward_id, review
    )


async def insert_payout(tx: Tx, payout: Payout) -> None:
    """A new payout, as requested."""
    await tx.run(
        "insert into payout (workspace_id, id, rail, state, currency, total_minor, requested_by, requested_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tx.workspace_id, payout.id, payout.rail, payout.state, payout.currency, payout.total_minor,
        payout.requested_by, payout.requested_at,
    )  # fmt: skip


async def payout_by_id(tx: Tx, payout_id: UUID, *, lock: bool = False) -> Payout | None:
    """One payout, its row locked when asked."""
    row = await tx.row(_PAYOUT + "and p.id = $2" + (" for update of p" if lock else ""), tx.workspace_id, payout_id)
    return Payout(**dict(row)) if row else None


async def payouts_page(tx: Tx, after: UUID | None, limit: int) -> list[Payout]:
    """Newest first, from behind `after`."""
    rows = await tx.rows(
        _PAYOUT + "and ($2::uuid is null or (p.requested_at, p.id) < "
        "(select c.requested_at, c.id from payout c where c.workspace_id = $1 and c.id = $2)) "
        "order by p.requested_at desc, p.id desc limit $3",
        tx.workspace_id, after, limit,
    )  # fmt: skip
    return [Payout(**dict(r)) for r in rows]


async def set_payout_approved(tx: Tx, payout_id: UUID, actor: str, at: datetime) -> None:
    """Requested -> approved. The database refuses the requester here too."""
    await tx.run(
        "update payout set state = 'approved', approved_by = $3, approved_at = $4 where workspace_id = $1 and id = $2",
        tx.workspace_id, payout_id, actor, at,
    )  # fmt: skip


async def set_payout_state(tx: Tx, payout_id: UUID, state: str) -> None:
    """Move a locked payout to a state."""
    await tx.run("update payout set state = $3 where workspace_id = $1 and id = $2", tx.workspace_id, payout_id, state)


async def set_payout_paid(tx: Tx, payout_id: UUID, actor: str, reference: str, at: datetime) -> None:
    """-> paid, with the bank's reference."""
    await tx.run(
        "update payout set state = 'paid', paid_by = $3, reference = $4, paid_at = $5 where workspace_id = $1 and id = $2",
        tx.workspace_id, payout_id, actor, reference, at,
    )  # fmt: skip


async def without_terms(tx: Tx, advocate_ids: Sequence[UUID]) -> list[str]:
    """The names of those of these advocates who have not accepted the program's terms."""
    found = await tx.rows(
        "select name from advocate where workspace_id = $1 and id = any($2::uuid[]) and terms_accepted_at is null order by name",
        tx.workspace_id, list(advocate_ids),
    )  # fmt: skip
    return [r["name"] for r in found]
