"""Rewards: held, approved by a second person, paid, or taken back."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from honeyguide import ledger
from honeyguide.core import clock
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.reads import money
from honeyguide.web.shapes import In, Out, Words

router = APIRouter()


class AdvocateOut(Out):
    """Whose it is."""

    id: str
    name: str
    email: str


class RewardOut(Out):
    """A reward. Amounts in minor units; `why_not` says in plain words why this operator cannot approve it now."""

    id: str
    advocate: AdvocateOut
    label: str
    incentive: str
    amount_minor: int
    currency: str
    state: str
    reason: str
    review: str
    hold_until: datetime
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    payout_id: str | None
    can_approve: bool
    why_not: str | None


class RewardApproval(In):
    """A reason lifts the hold and a review; it is written down."""

    reason: Words = ""


class RewardVoiding(In):
    """Why; the advocate reads it."""

    reason: Words


def reward_out(found: ledger.Reward, who: Principal) -> RewardOut:
    """A reward as this operator sees it."""
    why_not = ledger.why_not_approve(found, who.actor, clock.now())
    if why_not is None and not who.may("rewards.decide"):
        why_not = "Your role may not approve rewards."
    return RewardOut(
        id=str(found.id),
        advocate=AdvocateOut(id=str(found.advocate_id), name=found.advocate_name, email=found.advocate_email),
        label=found.label,
        incentive=found.incentive,
        amount_minor=found.amount_minor,
        currency=found.currency,
        state=found.state,
        reason=found.reason,
        review=found.review,
        hold_until=found.hold_until,
        created_at=found.created_at,
        approved_by=found.approved_by,
        approved_at=found.approved_at,
        payout_id=str(found.payout_id) if found.payout_id else None,
        can_approve=why_not is None,
        why_not=why_not,
    )


@router.get("/api/rewards", response_model=Listed[RewardOut], responses=CSV_ANSWER)
async def rewards(
    who: Annotated[Principal, needs("money.read")],
    page: Annotated[Page, Depends(paging)],
    state: Annotated[
        str, Query(pattern="^(pending|held|review|approved|payable|in_payout|paid|reversed|expired|capped)?$")
    ] = "",
) -> Any:
    """Rewards, newest first."""
    after = page.key(tuple[UUID])
    async with who.tx() as tx:
        found = await ledger.rewards(tx, state or None, str(after[0]) if after else None, page.fetch)
        total = await money.count_rewards(tx, state or None)
    rows = [reward_out(r, who) for r in found]
    return page.answer(rows, lambda row: (row.id,), total, "rewards")


@router.post("/api/rewards/{reward_id}/approve")
async def approve_reward(
    reward_id: UUID, who: Annotated[Principal, needs("rewards.decide")], approval: RewardApproval | None = None
) -> RewardOut:
    """Approve a reward; whoever approved its ask, and its advocate, cannot."""
    async with who.tx() as tx:
        reason = approval.reason if approval else ""
        await ledger.approve_reward(tx, reward_id, who.actor, clock.now(), reason=reason)
        return reward_out(await ledger.reward(tx, reward_id), who)


@router.post("/api/rewards/{reward_id}/void")
async def void_reward(
    reward_id: UUID, voiding: RewardVoiding, who: Annotated[Principal, needs("rewards.decide")]
) -> RewardOut:
    """Take a reward back, with a reason."""
    async with who.tx() as tx:
        await ledger.void_reward(tx, reward_id, who.actor, voiding.reason, clock.now())
        return reward_out(await ledger.reward(tx, reward_id), who)
