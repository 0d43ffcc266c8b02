"""Rewards: held, approved by a second person, paid, or taken back in whole or in part; disputes and the history of each."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from honeyguide import ledger
from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.outcomes import docket
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
    """A reward. Amounts in minor units: `amount_minor` stands for the advocate now or was paid, of `issued_minor`
    `reversed_minor` was taken back, of that `owed_minor` after it was in a payout. `why_not` says in plain words why this operator cannot approve it now.
    """

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
    wanted_minor: int
    issued_minor: int
    reversed_minor: int
    owed_minor: int
    beneficiary: str
    part: int
    pending_for: str
    pending_until: datetime | None
    expires_at: datetime | None
    disputed: bool
    can_approve: bool
    why_not: str | None


class RewardApproval(In):
    """A reason lifts the hold and a review; it is written down."""

    reason: Words = ""


class RewardReversal(In):
    """What is taken back under a permanent `key`: so many minor units, or without an amount all that is left."""

    key: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    minor: Annotated[int, Field(gt=0, le=10**15)] | None = None
    reason: Words


class ReversalOut(Out):
    """What was taken back: of `taken_minor`, `owed_minor` is owed by the advocate. `repeated`: the key was used before."""

    reward: RewardOut
    taken_minor: int
    owed_minor: int
    repeated: bool


class DisputeOpening(In):
    """Somebody disputes it: `key` names the dispute for ever (the bank's own number, say)."""

    key: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    reason: Words


class DisputeClosing(In):
    """`won`: the sale stands. `lost`: what is left of the reward is taken back."""

    key: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    outcome: Literal["won", "lost"]


class DisputeOut(Out):
    """A dispute of a reward, wherever it was opened; it is open while it has no `outcome`. `key` closes it."""

    key: str
    reason: str
    opened_by: str
    opened_at: datetime
    outcome: str | None
    closed_by: str | None
    closed_at: datetime | None


class DisputesOut(Out):
    """The disputes of a reward, oldest first."""

    rows: list[DisputeOut]


class RewardsOut(Out):
    """The rewards of one sale, oldest first."""

    rows: list[RewardOut]


class MoveOut(Out):
    """One move of a reward, or something that was done to it where `was` and `became` are the same."""

    number: int
    was: str
    became: str
    actor: str
    reason: str
    at: datetime


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
        wanted_minor=found.wanted_minor,
        issued_minor=found.issued_minor,
        reversed_minor=found.reversed_minor,
        owed_minor=found.clawed_minor,
        beneficiary=found.beneficiary,
        part=found.part,
        pending_for=found.pending_for,
        pending_until=found.pending_until,
        expires_at=found.expires_at,
        disputed=found.disputed,
        can_approve=why_not is None,
        why_not=why_not,
    )


@router.get("/api/rewards", response_model=Listed[RewardOut], responses=CSV_ANSWER)
async def rewards(
    who: Annotated[Principal, needs("money.read")],
    page: Annotated[Page, Depends(paging)],
    state: Annotated[
        str, Query(pattern="^(pending|held|review|approved|payable|in_payout|paid|reversed|expired|capped|disputed)?$")
    ] = "",
) -> Any:
    """Rewards, newest first."""
    after = page.key(tuple[UUID])
    async with who.tx() as tx:
        found = await ledger.rewards(tx, state or None, str(after[0]) if after else None, page.fetch)
        total = await money.count_rewards(tx, state or None)
    rows = [reward_out(r, who) for r in found]
    return page.answer(rows, lambda row: (row.id,), total, "rewards")


@router.get("/api/rewards/{reward_id}")
async def one_reward(reward_id: UUID, who: Annotated[Principal, needs("money.read")]) -> RewardOut:
    """One reward."""
    async with who.tx() as tx:
        return reward_out(await ledger.reward(tx, reward_id), who)


@router.get("/api/conversions/{conversion_id}/rewards")
async def rewards_of_sale(conversion_id: UUID, who: Annotated[Principal, needs("money.read")]) -> RewardsOut:
    """What a sale earned, for whom, and where each of it stands."""
    async with who.tx() as tx:
        if await docket.docketed(tx, conversion_id) is None:
            raise NotFound("There is no such conversion.")
        found = await ledger.rewards_of_conversion(tx, conversion_id)
        return RewardsOut(rows=[reward_out(r, who) for r in found])


@router.get("/api/rewards/{reward_id}/disputes")
async def disputes_of_reward(reward_id: UUID, who: Annotated[Principal, needs("money.read")]) -> DisputesOut:
    """Every dispute of a reward: those a bank opened and those somebody opened here."""
    async with who.tx() as tx:
        found = await ledger.disputes(tx, reward_id)
    return DisputesOut(rows=[DisputeOut(**{n: getattr(d, n) for n in DisputeOut.model_fields}) for d in found])


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


@router.post("/api/rewards/{reward_id}/reverse")
async def reverse_reward(
    reward_id: UUID, wanted: RewardReversal, who: Annotated[Principal, needs("rewards.decide")]
) -> ReversalOut:
    """Take back a part of a reward or all of it, before or after its payout; what was paid is owed and kept back later."""
    async with who.tx() as tx:
        done = await ledger.reverse_reward(
            tx, reward_id, wanted.minor, wanted.key, wanted.reason, who.actor, clock.now()
        )
        return ReversalOut(
            reward=reward_out(done.reward, who), taken_minor=done.taken_minor, owed_minor=done.clawed_minor,
            repeated=done.repeated,
        )  # fmt: skip


@router.post("/api/rewards/{reward_id}/dispute")
async def open_dispute(
    reward_id: UUID, dispute: DisputeOpening, who: Annotated[Principal, needs("rewards.decide")]
) -> RewardOut:
    """Freeze a reward until its dispute is closed."""
    async with who.tx() as tx:
        found = await ledger.open_dispute(tx, reward_id, dispute.key, dispute.reason, who.actor, clock.now())
        return reward_out(found, who)


@router.post("/api/rewards/{reward_id}/dispute/close")
async def close_dispute(
    reward_id: UUID, closing: DisputeClosing, who: Annotated[Principal, needs("rewards.decide")]
) -> RewardOut:
    """Close a dispute: the reward goes on, or is taken back."""
    async with who.tx() as tx:
        found = await ledger.close_dispute(tx, reward_id, closing.key, closing.outcome, who.actor, clock.now())
        return reward_out(found, who)


@router.get("/api/rewards/{reward_id}/history", response_model=Listed[MoveOut], responses=CSV_ANSWER)
async def reward_history(
    reward_id: UUID, who: Annotated[Principal, needs("money.read")], page: Annotated[Page, Depends(paging)]
) -> Any:
    """Everything that was done to a reward, oldest first."""
    after = page.key(tuple[int])
    async with who.tx() as tx:
        await ledger.reward(tx, reward_id)
        found = await ledger.history(tx, reward_id, after[0] if after else 0, page.fetch)
        total = await money.count_moves(tx, reward_id)
    rows = [MoveOut(**move) for move in found]
    return page.answer(rows, lambda row: (row.number,), total, "history")
