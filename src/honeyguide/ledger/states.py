"""The states of a reward and a payout, and who may move them. Pure rules (docs/reference/reward-states.md)."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.core import normalise

REWARD_STATES = ("held", "approved", "in_payout", "paid", "void")
PAYOUT_STATES = ("requested", "approved", "exported", "paid", "cancelled")
# Where the whole amount of a reward stands while it is in a state; void = back where it came from.
STANDS_IN = {"held": "held", "approved": "available", "in_payout": "in_payout", "paid": "paid"}


class Reward(Struct, frozen=True):
    """What an advocate earned by one conversion. Amounts in minor units; 0 for incentives without money."""

    id: UUID
    business_key: str
    advocate_id: UUID
    advocate_name: str
    advocate_email: str
    program_id: int
    offer_id: int
    conversion_id: UUID
    role: str
    incentive: str
    label: str
    amount_minor: int
    currency: str
    state: str
    reason: str
    review: str
    asked_by: str | None
    hold_until: datetime
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    payout_id: UUID | None


class Payout(Struct, frozen=True):
    """Rewards of one currency paid in one go over one rail."""

    id: UUID
    rail: str
    state: str
    currency: str
    total_minor: int
    lines: int
    requested_by: str
    requested_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    paid_by: str | None
    paid_at: datetime | None
    reference: str


def same_person(one: str | None, other: str | None) -> bool:
    """Are two operators' or advocates' addresses one mailbox ("+tag" and case do not make another person)?"""
    if not one or not other:
        return False
    return (normalise.mailbox(one) or one.strip().casefold()) == (normalise.mailbox(other) or other.strip().casefold())


def why_not_person(reward: Reward, actor: str) -> str | None:
    """Why this person may never approve this reward, or None."""
    if same_person(actor, reward.advocate_email):
        return "This reward is yours: another person approves it."
    if same_person(actor, reward.asked_by):
        return "You approved the ask that led to this reward: a second person approves the money."
    return None


def why_not_approve(reward: Reward, actor: str, now: datetime, reason: str = "") -> str | None:
    """Why `actor` cannot approve the reward now, as a sentence, or None. A `reason` lifts hold and review only."""
    if reward.state != "held":
        return {
            "approved": f"It was approved by {reward.approved_by}.",
            "in_payout": "It is in a payout.",
            "paid": "It was paid.",
            "void": "It is void.",
        }[reward.state]
    person = why_not_person(reward, actor)
    if person or reason.strip():
        return person
    if reward.review:
        return f"Held for review: {reward.review} Approving it needs a reason."
    if now < reward.hold_until:
        return f"On hold until {_day(reward.hold_until)}, in case the deal is cancelled. Approving it earlier needs a reason."
    return None


def why_not_approve_payout(payout: Payout, rewards: list[Reward], actor: str) -> str | None:
    """Why `actor` cannot approve the payout, as a sentence, or None."""
    if payout.state != "requested":
        return f"It is {payout.state}." if payout.approved_by is None else f"It was approved by {payout.approved_by}."
    if same_person(actor, payout.requested_by):
        return "You requested this payout: a second person approves it."
    if any(same_person(actor, r.advocate_email) for r in rewards):
        return "One of these rewards is yours: another person approves the payout."
    return None


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
