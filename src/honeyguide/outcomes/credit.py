"""A counted win becomes a conversion, shares of its credit in plain words, and rewards in the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide import ledger, programs
from honeyguide.db import Tx, audit
from honeyguide.outcomes import credit_rows, deal_rows, tables
from honeyguide.outcomes.attribution import WHOLE, Share
from honeyguide.outcomes.credit_rows import Held
from honeyguide.outcomes.deal_rows import Conversion
from honeyguide.outcomes.deals import TAKEN_BACK, Deal
from honeyguide.outcomes.earning import Terms, terms_of, weighed
from honeyguide.outcomes.knowing import told_of
from honeyguide.outcomes.reasons import attribution_reason
from honeyguide.outcomes.reversing import bring_back
from honeyguide.outcomes.sharing import Ruling, conversion_id
from honeyguide.outcomes.signup import holds
from honeyguide.outcomes.terms import DealFact, Finding, Referral

RULE = programs.PLAIN


class Case(Struct, frozen=True):
    """What is credited: a conversion with its deal and the facts that say so. `round` counts what people decided."""

    conversion: Conversion
    deal: Deal
    facts: tuple[DealFact, ...]
    round: int = 0
    decided: str = ""
    asked_by: str | None = None


class Cause(Struct, frozen=True):
    """A share with everything its rewards are made from. `main`: it gets what cannot be divided."""

    case: Case
    share: Share
    terms: Terms
    referral: Referral
    findings: tuple[Finding, ...]
    reason: str
    main: bool
    said: dict[str, Any]


async def credit(
    tx: Tx, deal: Deal, facts: Sequence[DealFact], ruling: Ruling, referrals: Mapping[UUID, Referral], now: datetime
) -> Conversion | None:
    """Write conversion, shares and rewards of a counted win or payment, once. None when it was credited before."""
    counted = deal.counted
    if counted is None or not ruling.shares:
        raise ValueError("only a won or paid deal with somebody to credit can be credited")
    conversion = Conversion(
        conversion_id(tx.workspace_id, deal.deal), main_share(ruling.shares).referral_id, deal.deal, deal.amount_minor or 0,
        deal.currency or "EUR", counted.at, counted.event_id,
    )  # fmt: skip
    if not await deal_rows.insert_conversion(tx, conversion, now):
        return None
    case = Case(conversion, deal, tuple(facts))
    await award(tx, case, ruling.shares, main_share(ruling.shares), ruling, referrals, now)
    return conversion


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
    for share in shares:
        cause = await cause_of(tx, case, share, referrals[share.referral_id], share == (main or share))
        referral, terms, reason = cause.referral, cause.terms, cause.reason
        refused = await _rewards(tx, cause, now)
        await credit_rows.insert_share(
            tx,
            Held(
                case.conversion.id, referral.id, share.link_id, share.advocate_id, terms.ask.id if terms.ask else None,
                RULE, share.share_bp, f"{reason} {refused}".strip(), now, ruling.policy_version,
            ),
        )  # fmt: skip
    await bring_back(tx, case.conversion, case.facts, now)


async def cause_of(tx: Tx, case: Case, share: Share, referral: Referral, main: bool) -> Cause:
    """A share with the terms in force when the friend came, and why it is whose it is."""
    counted = case.deal.counted
    if counted is None:
        raise ValueError("only a won or paid deal can be credited")
    findings = (await tables.findings_of(tx, [referral.id])).get(referral.id, [])
    terms = await terms_of(tx, referral, share)
    days = terms.program.terms.attribution_days
    reason = attribution_reason(referral, terms, case.deal, counted, share, days, case.decided)
    said = await told_of(tx, case.deal, case.facts)
    return Cause(case, share, terms, referral, tuple(findings), reason, main, said)


async def _rewards(tx: Tx, cause: Cause, now: datetime) -> str:
    """Issue what the share earns; returns why there is nothing, or an empty text."""
    conversion, terms = cause.case.conversion, cause.terms
    if not terms.offers:
        return await _no_reward(tx, conversion, "No reward: the program offers none to this group.")
    blocked = next((f.reason for f in cause.findings if f.verdict == "block"), "")
    if blocked:
        return await _no_reward(tx, conversion, f"No reward: {blocked}")
    found = await weighed(tx, terms, conversion, cause.case.deal, cause.share, cause.said)
    refused = [await issue(tx, cause, earning, now) for earning in found.earned]
    if not found.earned:
        whys = [p.why for p in found.passed] or [
            "No reward: no rule gives anything for it, by its number, time or conditions."
        ]
        refused += [await _no_reward(tx, conversion, why) for why in whys]
    return " ".join(dict.fromkeys(r for r in refused if r))


async def issue(
    tx: Tx, cause: Cause, earning: programs.Earning, now: datetime, *, more: str = "", since: datetime | None = None
) -> str:
    """Issue one earning; returns why not, or an empty text. `more`: what the key says of an addition to what was issued
    before, whose hold runs from `since`.
    """
    case, share, terms = cause.case, cause.share, cause.terms
    offer = terms.offers[earning.offer_slug]
    if not cause.main and (not earning.money.minor or earning.beneficiary != "advocate"):
        return await _no_reward(
            tx, case.conversion, f"No reward: {offer.label} cannot be divided, the largest share has it."
        )
    receiver = await _receiver(tx, cause, earning)
    if receiver is None:
        return ""  # a decision moves credit; the friend has theirs already
    found = holds([f for f in cause.findings if f.rule != TAKEN_BACK])
    review = " ".join(r for r in (found, earning.review, _unlimited(terms, earning)) if r)
    try:
        await ledger.issue_reward(
            tx,
            ledger.Earned(
                rule=f"{rule_of(case.round, share, earning)}{more}", role=earning.role, conversion_id=case.conversion.id,
                advocate_id=receiver, program_id=terms.program.id, offer_id=offer.id, incentive=earning.incentive,
                label=f"{offer.label} for {case.deal.name or terms.friend or case.deal.ref}", money=earning.money,
                reason=f"{cause.reason} Reward: {earning.how}.",
                hold_until=(since or case.conversion.occurred_at) + timedelta(days=earning.hold_days),
                asked_by=case.asked_by or (terms.ask.decided_by if terms.ask else None), review=review,
                cap_minor=earning.cap_minor, caps=_budget(terms, earning), beneficiary=earning.beneficiary, expires_at=earning.expires_at,
                parts=tuple(ledger.Part(p.number, p.due, p.minor) for p in earning.parts),
            ),
            now,
        )  # fmt: skip
    except ledger.OverFloor as e:
        return await _no_reward(tx, case.conversion, f"No reward: {e.title}")
    return ""


def _budget(terms: Terms, earning: programs.Earning) -> tuple[ledger.Cap, ...]:
    """What the program may cost in a calendar year, in its own currency."""
    most = terms.file.terms.budget_minor
    if most is None or earning.money.currency != terms.file.terms.currency:
        return ()
    return (ledger.Cap(f"program:{terms.program.id}", most, "year"),)


def _unlimited(terms: Terms, earning: programs.Earning) -> str:
    """Why a person looks at what no budget counts; empty when there is none or it does."""
    currency = terms.file.terms.currency
    if terms.file.terms.budget_minor is None or not earning.money.minor or earning.money.currency == currency:
        return ""
    return f"The program's budget is in {currency}: it does not count what is earned in {earning.money.currency}."


async def _receiver(tx: Tx, cause: Cause, earning: programs.Earning) -> UUID | None:
    """Whose account it goes to; None when nobody is to get it (again)."""
    if earning.beneficiary == "advocate":
        return cause.share.advocate_id
    if earning.beneficiary == "parent":
        return cause.terms.parent.parent_id if cause.terms.parent else None
    if earning.beneficiary != "friend" or cause.case.round:
        return None
    friend, terms = cause.referral, cause.terms
    groups = await programs.groups(tx, terms.program.id)
    group = next((g for g in groups if g.conditions.default), groups[-1])
    made, _ = await programs.ensure_advocate(
        tx, friend.friend_record_id, friend.friend_name, friend.friend_email, terms.program, group
    )
    return made.id


def rule_of(number: int, share: Share, earning: programs.Earning) -> str:
    """The rule in a reward's permanent key: one reward per rule, conversion, advocate and decision."""
    if earning.beneficiary == "friend" or (number == 0 and share.share_bp == WHOLE):
        return earning.rule
    return f"{earning.rule}#{number}@{share.advocate_id.hex[:16]}"


async def _no_reward(tx: Tx, conversion: Conversion, why: str) -> str:
    await audit.write(tx, ledger.SYSTEM, "reward.refused", f"conversion:{conversion.id}", {"reason": why})
    return why


async def follow_up(tx: Tx, conversion: Conversion, findings: list[Finding]) -> None:
    """A credited deal about whose friend something was found since: note on its rewards what to look at."""
    review = holds([f for f in findings if f.rule != TAKEN_BACK])
    for reward in await credit_rows.rewards_of(tx, conversion.id):
        if reward["state"] in ("pending", "held", "review") and review and review not in reward["review"]:
            await ledger.ask_for_review(tx, reward["id"], review)
