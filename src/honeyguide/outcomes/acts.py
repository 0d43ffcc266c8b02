"""Acts of advocacy are rewarded: a submission a person approved earns what the program says, once, through the ledger."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide import ledger, programs
from honeyguide.core.errors import NotFound
from honeyguide.db import Tx, audit
from honeyguide.programs.bounties import Submission
from honeyguide.programs.rules import Bounty

# The submission's id stands where a conversion's does in the reward's permanent key.
KEY = "act"


async def review_act(
    tx: Tx, submission_id: UUID, state: str, reason: str, actor: str, now: datetime, facts: dict[str, Any] | None = None
) -> Submission:
    """Approve or reject an act; an approved one is rewarded under the terms it was handed in under.

    `facts`: what is known of the advocate's company and person, for what may be given. The same answer again changes
    nothing. Raises Forbidden for the advocate themselves, BadInput, Conflict, NotFound.
    """
    found, changed = await programs.bounties.review(tx, submission_id, state, reason, actor, now)
    if changed and state == "approved":
        await _reward(tx, found, actor, now, facts or {})
    return found


class Worth(Struct, frozen=True):
    """What a yes to an act gives: an offer with its label and how it was reckoned; `minor` is 0 where no money is meant."""

    label: str
    incentive: str
    minor: int
    currency: str
    how: str


async def worth_of(tx: Tx, submission_id: UUID, facts: dict[str, Any] | None = None) -> tuple[list[Worth], list[str]]:
    """What a yes to an act would give, and why something is not given. Nothing is posted. Raises NotFound."""
    found = await programs.bounties.submission(tx, submission_id)
    _, group, weighed = await _weighed(tx, found, facts or {})
    given = []
    for earning in weighed.earned:
        offer = await programs.offer_of(tx, group.id, earning.offer_slug, found.submitted_at)
        given.append(
            Worth(offer.label, earning.incentive, earning.money.minor, earning.money.currency, earning.how.strip())
        )
    return given, [no.why for no in weighed.passed]


async def _weighed(tx: Tx, found: Submission, facts: dict[str, Any]) -> tuple[Bounty, programs.Group, programs.Weighed]:
    advocate = await programs.advocate(tx, found.advocate_id)
    version = await programs.terms_at(tx, found.program_id, found.submitted_at)
    bounty = next((b for b in version.file.bounties if b.slug == found.bounty), None)
    if bounty is None:
        raise NotFound(f"There is no bounty {found.bounty!r} in this program.")
    group = next(g for g in await programs.groups(tx, found.program_id, retired=True) if g.id == advocate.group_id)
    fact = programs.Fact(
        kind="act", stage=bounty.act, at=found.submitted_at, receivers={"advocate": facts, "friend": facts}
    )
    return bounty, group, programs.weigh(version.file, group.slug, fact, programs.SoFar(parent=False))


async def _reward(tx: Tx, found: Submission, actor: str, now: datetime, facts: dict[str, Any]) -> None:
    bounty, group, weighed = await _weighed(tx, found, facts)
    for no in weighed.passed:
        await audit.write(tx, ledger.SYSTEM, "reward.refused", f"submission:{found.id}", {"reason": no.why})
    for earning in weighed.earned:
        await _issue(
            tx,
            found,
            bounty,
            earning,
            await programs.offer_of(tx, group.id, earning.offer_slug, found.submitted_at),
            actor,
            now,
        )


async def _issue(
    tx: Tx,
    found: Submission,
    bounty: Bounty,
    earning: programs.Earning,
    offer: programs.Offer,
    actor: str,
    now: datetime,
) -> None:
    try:
        await ledger.issue_reward(
            tx,
            ledger.Earned(
                rule=f"{KEY}:{earning.rule}", role=earning.role, conversion_id=found.id, advocate_id=found.advocate_id,
                program_id=found.program_id, offer_id=offer.id, incentive=earning.incentive, label=f"{offer.label}: {bounty.name}",
                money=earning.money, reason=f"{bounty.name}, handed in on {found.submitted_at:%d %B %Y}. Reward: {earning.how}.",
                hold_until=found.submitted_at + timedelta(days=earning.hold_days), asked_by=actor, cap_minor=earning.cap_minor,
                beneficiary=earning.beneficiary, expires_at=earning.expires_at,
                parts=tuple(ledger.Part(p.number, p.due, p.minor) for p in earning.parts),
            ),
            now,
        )  # fmt: skip
    except ledger.OverFloor as e:
        await audit.write(tx, ledger.SYSTEM, "reward.refused", f"submission:{found.id}", {"reason": e.title})
