"""SQL for rewards and payouts. Reads the advocate's name and e-mail, writes only the ledger's tables."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.ledger.states import UNPAID, Payout, Reward, may_move

_REWARD = """
select r.id, r.business_key, r.advocate_id, coalesce(a.name, '') as advocate_name, coalesce(a.email, '') as advocate_email,
  r.program_id, r.offer_id, r.conversion_id, r.role, r.incentive, r.label, r.amount_minor, r.currency, r.state, r.reason,
  r.review, r.asked_by, r.hold_until, r.created_at, r.approved_by, r.approved_at, r.payout_id,
  r.wanted_minor, r.issued_minor, r.reversed_minor, r.clawed_minor, r.netted_minor, r.beneficiary, r.part, r.pending_for,
  r.pending_until, r.expires_at, r.claimed_at, r.disputed
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
        "label, amount_minor, currency, state, reason, review, asked_by, hold_until, created_at, wanted_minor, issued_minor, "
        "beneficiary, part, pending_for, pending_until, expires_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25) "
        "on conflict do nothing",
        tx.workspace_id, reward.id, reward.business_key, reward.advocate_id, reward.program_id, reward.offer_id,
        reward.conversion_id, reward.role, reward.incentive, reward.label, reward.amount_minor, reward.currency,
        reward.state, reward.reason, reward.review, reward.asked_by, reward.hold_until, reward.created_at,
        reward.wanted_minor, reward.issued_minor, reward.beneficiary, reward.part, reward.pending_for, reward.pending_until,
        reward.expires_at,
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


async def rewards_of_conversion(tx: Tx, conversion_id: UUID) -> list[Reward]:
    """The rewards of a conversion, oldest first."""
    rows = await tx.rows(
        _REWARD + "and r.conversion_id = $2 order by r.created_at, r.id", tx.workspace_id, conversion_id
    )
    return [Reward(**dict(r)) for r in rows]


async def rewards_page(
    tx: Tx, state: str | None, after: UUID | None, limit: int, advocate_id: UUID | None
) -> list[Reward]:
    """Newest first, from behind `after`."""
    rows = await tx.rows(
        _REWARD + "and ($2::text is null or r.state = $2 or ($2 = 'disputed' and r.disputed)) and ($5::uuid is null or r.advocate_id = $5) "
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


class Step(Struct, frozen=True):
    """One move of a reward, as its history keeps it."""

    reward_id: UUID
    was: str
    became: str
    actor: str
    reason: str
    at: datetime


async def insert_moves(tx: Tx, steps: Sequence[Step]) -> None:
    """Append moves to the histories of locked rewards, in the order given. Each must be legal."""
    for step in steps:
        if step.was != step.became and not may_move(step.was, step.became):
            raise ValueError(f"a reward does not go from {step.was!r} to {step.became!r}")
    await tx.run(
        "insert into reward_move (workspace_id, reward_id, number, was, became, actor, reason, at) "
        "select $1, s.reward_id, coalesce((select max(m.number) from reward_move m where m.workspace_id = $1 "
        "and m.reward_id = s.reward_id), 0) + row_number() over (partition by s.reward_id order by s.n), "
        "s.was, s.became, s.actor, s.reason, s.at "
        "from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[]) with ordinality "
        "as s(reward_id, was, became, actor, reason, at, n)",
        tx.workspace_id, [s.reward_id for s in steps], [s.was for s in steps], [s.became for s in steps],
        [s.actor for s in steps], [s.reason for s in steps], [s.at for s in steps],
    )  # fmt: skip


async def moves_of(tx: Tx, reward_id: UUID, after: int = 0, limit: int = 200) -> list[dict[str, Any]]:
    """The history of a reward, oldest first, from behind number `after`."""
    found = await tx.rows(
        "select number, was, became, actor, reason, at from reward_move where workspace_id = $1 and reward_id = $2 "
        "and number > $3 order by number limit $4",
        tx.workspace_id, reward_id, after, limit,
    )  # fmt: skip
    return [dict(r) for r in found]


async def save(tx: Tx, rewards: Sequence[Reward]) -> None:
    """Write what may change of locked rewards: state, amounts taken back, approval, payout, review, dispute."""
    await tx.run(
        "update reward r set state = n.state, amount_minor = n.amount, reversed_minor = n.reversed, clawed_minor = n.clawed, "
        "netted_minor = n.netted, approved_by = n.approved_by, approved_at = n.approved_at, payout_id = n.payout_id, "
        "review = n.review, disputed = n.disputed, pending_for = n.pending_for, claimed_at = n.claimed_at "
        "from unnest($2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::timestamptz[], "
        "$10::uuid[], $11::text[], $12::bool[], $13::text[], $14::timestamptz[]) as n(id, state, amount, reversed, clawed, netted, "
        "approved_by, approved_at, payout_id, review, disputed, pending_for, claimed_at) "
        "where r.workspace_id = $1 and r.id = n.id",
        tx.workspace_id, [r.id for r in rewards], [r.state for r in rewards], [r.amount_minor for r in rewards],
        [r.reversed_minor for r in rewards], [r.clawed_minor for r in rewards], [r.netted_minor for r in rewards],
        [r.approved_by for r in rewards], [r.approved_at for r in rewards], [r.payout_id for r in rewards],
        [r.review for r in rewards], [r.disputed for r in rewards], [r.pending_for for r in rewards],
        [r.claimed_at for r in rewards],
    )  # fmt: skip


async def waiting(tx: Tx, state: str, now: datetime, limit: int) -> list[Reward]:
    """Pending rewards that are due (and wait for nothing else), or approved ones whose hold is over; locked."""
    rows = await tx.rows(
        _REWARD + "and r.state = $2 and r.state in ('pending', 'approved') and coalesce(r.pending_until, r.hold_until) <= $3 "
        "and case when r.state = 'pending' then r.pending_until is not null and r.pending_for = '' "
        "else r.hold_until <= $3 and not r.disputed end order by r.id limit $4 for update of r",
        tx.workspace_id, state, now, limit,
    )  # fmt: skip
    return [Reward(**dict(r)) for r in rows]


async def too_late(tx: Tx, now: datetime, limit: int) -> list[Reward]:
    """Rewards that were not claimed in time and are not disputed; locked."""
    rows = await tx.rows(
        _REWARD + "and r.expires_at <= $2 and r.claimed_at is null and not r.disputed and r.state = any($3::text[]) "
        "and (r.issued_minor > r.reversed_minor or r.issued_minor = 0) "
        "order by r.id limit $4 for update of r",
        tx.workspace_id, now, list(UNPAID), limit,
    )  # fmt: skip
    return [Reward(**dict(r)) for r in rows]


async def payable_of(tx: Tx, advocate_id: UUID, currency: str) -> list[Reward]:
    """An advocate's payable rewards with money in a currency, the oldest first; locked."""
    rows = await tx.rows(
        _REWARD + "and r.advocate_id = $2 and r.currency = $3 and r.state = 'payable' and not r.disputed and r.amount_minor > 0 "
        "order by r.created_at, r.id for update of r",
        tx.workspace_id, advocate_id, currency,
    )  # fmt: skip
    return [Reward(**dict(r)) for r in rows]


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


async def unpaid_by_day(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """What is to be paid by the time it can be at the earliest (never before now), and how sure it is; minor units."""
    found = await tx.rows(
        "select currency, greatest(coalesce(pending_until, hold_until), hold_until, $2) as at, "
        "case when disputed or state = 'review' or review <> '' and state in ('pending', 'held') then 'at_risk' "
        "when state in ('approved', 'payable', 'in_payout') then 'due' else 'expected' end as kind, "
        "sum(amount_minor - netted_minor)::bigint as minor from reward where workspace_id = $1 "
        "and state in ('pending', 'held', 'review', 'approved', 'payable', 'in_payout') group by 1, 2, 3",
        tx.workspace_id, now,
    )  # fmt: skip
    return [dict(r) for r in found]


async def owed_by_currency(tx: Tx) -> dict[str, int]:
    """What advocates owe in all, in minor units."""
    found = await tx.rows(
        "select currency, -sum(balance_minor)::bigint as minor from ledger_account where workspace_id = $1 and kind = 'owed' "
        "group by currency having sum(balance_minor) <> 0",
        tx.workspace_id,
    )
    return {r["currency"]: r["minor"] for r in found}
