"""The states of a reward and a payout, the moves between them, and who may make them. Pure rules (docs/reference/reward-states.md)."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.core import normalise

# pending: a part is not due, or a stage not reached. held: the hold runs. review: a person looks first. approved: a second
# person approved, the hold may run. payable: may be put into a payout. capped: earned when nothing was left.
REWARD_STATES = (
    "pending", "held", "review", "approved", "payable", "in_payout", "paid", "reversed", "expired", "capped",
)  # fmt: skip
PAYOUT_STATES = ("requested", "approved", "exported", "paid", "cancelled")
# The account in which the whole amount of a reward stands while it is in a state; elsewhere it has none.
STANDS_IN = {
    "pending": "held", "held": "held", "review": "held", "approved": "available", "payable": "available",
    "in_payout": "in_payout", "paid": "paid",
}  # fmt: skip
UNPAID = ("pending", "held", "review", "approved", "payable")
# Every legal move, and why it is made. A reward begins in the states that "" leads to.
MOVES: dict[tuple[str, str], str] = {
    ("", "pending"): "earned, a condition is not met yet",
    ("", "held"): "earned",
    ("", "review"): "earned, a person must look first",
    ("", "capped"): "earned when nothing was left",
    ("pending", "held"): "the condition is met",
    ("pending", "review"): "the condition is met, a person must look first",
    ("held", "review"): "something was found",
    ("review", "held"): "what was found is settled",
    ("held", "approved"): "a second person approved",
    ("review", "approved"): "a second person approved, with a reason",
    ("approved", "payable"): "the hold is over, or a reason lifted it",
    ("payable", "in_payout"): "a payout was requested",
    ("in_payout", "payable"): "the payout was cancelled or failed",
    ("in_payout", "paid"): "the payout was paid",
    ("in_payout", "reversed"): "taken back while it was in a payout",
    ("payable", "paid"): "set off against what the advocate owed",
    ("paid", "payable"): "the payment came back",
    ("reversed", "payable"): "the payment came back after what it owed was set off elsewhere",
    ("paid", "reversed"): "taken back after it was paid: owed",
    **{(state, "reversed"): "taken back" for state in UNPAID},
    **{(state, "expired"): "not claimed in time" for state in UNPAID},
}


class Reward(Struct, frozen=True):
    """What an advocate earned by one conversion. Amounts in minor units; 0 for incentives without money.

    `amount_minor` is what stands for the advocate now, or was paid. `wanted_minor` was earned before any cap,
    `issued_minor` was posted, `reversed_minor` was taken back of it, `clawed_minor` of that when it was in a payout or
    paid (it is owed), `netted_minor` was kept back in the payout for what was owed.
    """

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
    wanted_minor: int = 0
    issued_minor: int = 0
    reversed_minor: int = 0
    clawed_minor: int = 0
    netted_minor: int = 0
    beneficiary: str = "advocate"
    part: int = 0
    pending_for: str = ""
    pending_until: datetime | None = None
    expires_at: datetime | None = None
    claimed_at: datetime | None = None
    disputed: bool = False

    @property
    def net_minor(self) -> int:
        """What it costs after everything that was taken back."""
        return self.issued_minor - self.reversed_minor

    @property
    def pay_minor(self) -> int:
        """What its payout pays for it."""
        return self.amount_minor - self.netted_minor


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


def may_move(was: str, became: str) -> bool:
    """Is this a legal move of a reward?"""
    return (was, became) in MOVES


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


def why_settled(reward: Reward) -> str | None:
    """Why there is nothing to approve in this state any more, or None."""
    return {
        "approved": f"It was approved by {reward.approved_by}.",
        "payable": f"It was approved by {reward.approved_by}.",
        "in_payout": "It is in a payout.",
        "paid": "It was paid.",
        "reversed": "It was taken back.",
        "expired": "It was not claimed in time.",
        "capped": "Nothing was left of its budget or cap.",
    }.get(reward.state)


def why_not_approve(
    reward: Reward, actor: str, now: datetime, reason: str = "", *, keep_hold: bool = False
) -> str | None:
    """Why `actor` cannot approve the reward now, as a sentence, or None.

    A `reason` lifts hold and review only. With `keep_hold` the hold runs on after the approval.
    """
    if settled := why_settled(reward):
        return settled
    if reward.disputed:
        return "It is disputed; the dispute is closed first."
    if reward.state == "pending":
        return _why_pending(reward)
    person = why_not_person(reward, actor)
    if person or reason.strip():
        return person
    if reward.review:
        return f"Held for review: {reward.review} Approving it needs a reason."
    if now < reward.hold_until and not keep_hold:
        return f"On hold until {_day(reward.hold_until)}, in case the deal is cancelled. Approving it earlier needs a reason."
    return None


def _why_pending(reward: Reward) -> str:
    if reward.pending_for:
        return f"It waits: {reward.pending_for}"
    return f"It is due on {_day(reward.pending_until)}." if reward.pending_until else "It is not due yet."


def why_not_payable(reward: Reward, now: datetime) -> str | None:
    """Why the reward cannot be put into a payout now, as a sentence, or None."""
    if reward.disputed:
        return "It is disputed."
    if reward.state == "approved":
        return None if now >= reward.hold_until else f"It is on hold until {_day(reward.hold_until)}."
    if reward.state in ("pending", "held", "review"):
        return "It is not approved yet."
    return (
        None
        if reward.state == "payable"
        else (why_settled(reward) or "").replace("It is in a payout.", "It is in a payout already.")
    )


def why_not_approve_payout(payout: Payout, rewards: list[Reward], actor: str) -> str | None:
    """Why `actor` cannot approve the payout, as a sentence, or None."""
    if payout.state != "requested":
        return f"It is {payout.state}." if payout.approved_by is None else f"It was approved by {payout.approved_by}."
    if same_person(actor, payout.requested_by):
        return "You requested this payout: a second person approves it."
    if any(same_person(actor, r.advocate_email) for r in rewards):
        return "One of these rewards is yours: another person approves the payout."
    if any(r.disputed for r in rewards):
        return "One of these rewards is disputed: the dispute is closed, or the payout cancelled, first."
    return None


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
