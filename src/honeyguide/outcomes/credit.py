"""A counted win becomes a conversion, shares of its credit in plain words, and rewards in the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from honeyguide import ledger
from honeyguide.db import Tx, audit
from honeyguide.outcomes import credit_rows, deal_rows, tables
from honeyguide.outcomes.attribution import WHOLE, Share
from honeyguide.outcomes.credit_rows import Held
from honeyguide.outcomes.deal_rows import Conversion
from honeyguide.outcomes.deals import TAKEN_BACK, Deal
from honeyguide.outcomes.earning import Terms, amount_of, terms_of
from honeyguide.outcomes.reasons import attribution_reason
from honeyguide.outcomes.reversing import bring_back
from honeyguide.outcomes.sharing import Ruling, conversion_id
from honeyguide.outcomes.signup import holds
from honeyguide.outcomes.terms import DealFact, Finding, Referral

RULE = "last_touch_with_code"
ROLE = "advocate"


class Case(Struct, frozen=True):
    """What is credited: a conversion with its deal and the facts that say so. `round` counts what people decided."""

    conversion: Conversion
    deal: Deal
    facts: tuple[DealFact, ...]
    round: int = 0
    decided: str = ""
    asked_by: str | None = None


async def credit(
    tx: Tx, deal: Deal, facts: Sequence[DealFact], ruling: Ruling, referrals: Mapping[UUID, Referral], now: datetime
) -> bool:
    """Write conversion, shares and rewards of a counted win, once. False when it was credited before."""
    won = deal.won
    if won is None or not ruling.shares:
        raise ValueError("only a won deal with somebody to credit can be credited")
    conversion = Conversion(
        conversion_id(tx.workspace_id, deal.deal), main_share(ruling.shares).referral_id, deal.deal, deal.amount_minor or 0,
        deal.currency or "EUR", won.at, won.event_id,
    )  # fmt: skip
    if not await deal_rows.insert_conversion(tx, conversion, now):
        return False
    case = Case(conversion, deal, tuple(facts))
    await award(tx, case, ruling.shares, main_share(ruling.shares), ruling, referrals, now)
    return True


def main_share(shares: Sequence[Share]) -> Share:
    """The largest share; of equal ones the first."""
    return max(shares, key=lambda s: s.share_bp)


async def award(
    tx: Tx, case: Case, shares: Sequence[Share], main: Share | None, ruling: Ruling, referrals: Mapping[UUID, Referral],
    now: datetime,
) -> None:  # fmt: skip
    """Write these shares with their reasons and issue their rewards; then take back what has come back already.

    `main` is the share that gets what cannot be divided.
    """
    won = case.deal.won
    if won is None:
        raise ValueError("only a won deal can be credited")
    for share in shares:
        referral = referrals[share.referral_id]
        findings = (await tables.findings_of(tx, [referral.id])).get(referral.id, [])
        terms = await terms_of(tx, referral, share.advocate_id, share.link_id, referral.created_at)
        days = terms.program.terms.attribution_days
        reason = attribution_reason(referral, terms, case.deal, won, share, days, case.decided)
        refused = await _reward(tx, case, share, main or share, terms, findings, reason, now)
        await credit_rows.insert_share(
            tx,
            Held(
                case.conversion.id, referral.id, share.link_id, share.advocate_id, terms.ask.id if terms.ask else None,
                RULE, share.share_bp, f"{reason} {refused}".strip(), now, ruling.policy_version,
            ),
        )  # fmt: skip
    await bring_back(tx, case.conversion, case.facts, now)


async def _reward(
    tx: Tx, case: Case, share: Share, main: Share, terms: Terms, findings: list[Finding], reason: str, now: datetime
) -> str:
    """Issue the reward of a share; returns why there is none, or an empty text."""
    offer, conversion, won = terms.offer, case.conversion, case.deal.won
    if offer is None or won is None:
        return await _no_reward(tx, conversion, "No reward: the program offers none to this group.")
    blocked = next((f.reason for f in findings if f.verdict == "block"), "")
    if blocked:
        return await _no_reward(tx, conversion, f"No reward: {blocked}")
    amount = amount_of(offer, case.deal, share.share_bp)
    if amount.why_none:
        return await _no_reward(tx, conversion, amount.why_none)
    if not amount.money.minor and share != main:
        return await _no_reward(
            tx, conversion, f"No reward: {offer.label} cannot be divided, the largest share has it."
        )
    review = holds([f for f in findings if f.rule != TAKEN_BACK])
    if amount.money.currency != offer.currency and offer.cap_minor is not None:
        review = f"{review} The deal is in {amount.money.currency}, the cap in {offer.currency}.".strip()
    whom = case.deal.name or terms.friend or case.deal.ref
    try:
        await ledger.issue_reward(
            tx,
            ledger.Earned(
                rule=rule_of(case.round, share), role=ROLE, conversion_id=conversion.id, advocate_id=share.advocate_id,
                program_id=terms.program.id, offer_id=offer.id, incentive=offer.incentive, label=f"{offer.label} for {whom}",
                money=amount.money, reason=f"{reason} Reward: {amount.how}.",
                hold_until=won.at + timedelta(days=terms.program.terms.hold_days),
                asked_by=case.asked_by or (terms.ask.decided_by if terms.ask else None), review=review,
                # The cap of a commission limits one deal (above); that of a fixed amount, what one advocate gets in all.
                cap_minor=offer.cap_minor if offer.incentive != "commission" else None,
            ),
            now,
        )  # fmt: skip
    except ledger.OverFloor as e:
        return await _no_reward(tx, conversion, f"No reward: {e.title}")
    return ""


def rule_of(number: int, share: Share) -> str:
    """The rule in a reward's permanent key: one reward per conversion, advocate and decision."""
    if number == 0 and share.share_bp == WHOLE:
        return RULE
    return f"{RULE}#{number}@{share.advocate_id.hex[:16]}"


async def _no_reward(tx: Tx, conversion: Conversion, why: str) -> str:
    await audit.write(tx, ledger.SYSTEM, "reward.refused", f"conversion:{conversion.id}", {"reason": why})
    return why


async def follow_up(
    tx: Tx, conversion: Conversion, facts: Sequence[DealFact], findings: list[Finding], now: datetime
) -> None:
    """A credited deal whose facts changed since: take back what came back, note what to look at."""
    await bring_back(tx, conversion, facts, now)
    review = holds([f for f in findings if f.rule != TAKEN_BACK])
    for reward in await credit_rows.rewards_of(tx, conversion.id):
        if reward["state"] in ("pending", "held", "review") and review and review not in reward["review"]:
            await ledger.ask_for_review(tx, reward["id"], review)
