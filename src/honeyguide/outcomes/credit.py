"""A counted win becomes a conversion, an attribution in plain words, and a reward in the ledger."""

from datetime import datetime, timedelta

from msgspec import Struct

from honeyguide import ledger, programs
from honeyguide.core.ids import content_id
from honeyguide.core.money import Money, money_text, share_bp
from honeyguide.db import Tx, audit
from honeyguide.outcomes import deal_rows, tables
from honeyguide.outcomes.deal_rows import AskOfAdvocate, Conversion
from honeyguide.outcomes.deals import TAKEN_BACK, Deal, day, price_text
from honeyguide.outcomes.signup import holds
from honeyguide.outcomes.terms import DealFact, Finding, Referral, Touch

RULE = "last_touch_with_code"
ROLE = "advocate"
_WHOLE = 10_000


class Terms(Struct, frozen=True):
    """What the credit is computed from, fetched once per referral."""

    link: str
    advocate: programs.Advocate
    program: programs.Program
    touch: Touch | None
    ask: AskOfAdvocate | None
    offer: programs.Offer | None


class Amount(Struct, frozen=True):
    """What a win earns, in minor units, and how it was computed; `why_none` when it earns no reward."""

    money: Money
    how: str
    why_none: str = ""


async def terms_of(tx: Tx, referral: Referral) -> Terms:
    """The terms the advocate was asked under: the offer of the last ask before the sign-up, else the group's first."""
    advocate = await programs.advocate(tx, referral.advocate_id)
    link = await tables.link_code(tx, referral.link_id)  # also when it was switched off since
    ask = await deal_rows.ask_before(tx, advocate.record_id, referral.created_at)
    offers = {o.id: o for o in await programs.offers(tx)}
    offer = offers.get(ask.offer_id) if ask else None
    if offer is None:
        group = [o for o in offers.values() if o.group_id == advocate.group_id]
        offer = min(group, key=lambda o: (o.position, o.id)) if group else None
    touches = await tables.touches_of(tx, [referral.touch_id] if referral.touch_id else [])
    touch = touches.get(referral.touch_id) if referral.touch_id else None
    return Terms(link, advocate, await programs.program(tx, referral.program_id), touch, ask, offer)


def amount_of(offer: programs.Offer, deal: Deal) -> Amount:
    """The offer applied to the deal: a share of it (floor, up to the cap) or a fixed amount."""
    if offer.incentive != "commission":
        return Amount(Money(offer.amount_minor, offer.currency), offer.label)
    if deal.amount_minor is None or deal.currency is None:
        nothing = Money(0, offer.currency)
        return Amount(nothing, offer.label, "No reward: the deal has no amount to take a share of.")
    share = share_bp(deal.amount_minor, offer.rate_bp)
    capped = share if offer.cap_minor is None or deal.currency != offer.currency else min(share, offer.cap_minor)
    percent = f"{offer.rate_bp // 100}" + (f".{offer.rate_bp % 100:02d}".rstrip("0") if offer.rate_bp % 100 else "")
    how = f"{percent} % of {money_text(deal.amount_minor, deal.currency)}"
    if capped < share:
        how += f", at most {money_text(capped, offer.currency)}"
    if capped == 0:
        return Amount(Money(0, deal.currency), how, "No reward: the share of this deal is zero.")
    return Amount(Money(capped, deal.currency), how)


def attribution_reason(referral: Referral, terms: Terms, deal: Deal, won: DealFact) -> str:
    """Why the credit goes to this advocate, naming link, click, sign-up and deal."""
    name, touch = terms.advocate.name, terms.touch
    came = f"{referral.friend_email} used {name}'s code {terms.link}"
    if touch is not None and touch.kind != "code":
        came = f"{referral.friend_email} followed {name}'s link {terms.link} on {_moment(touch.at)}"
    days = (won.at - referral.created_at).days
    return (
        f"{came} and signed up on {_moment(referral.created_at)}; {won.ref}"
        f"{f' ({deal.name})' if deal.name else ''} was won on {_moment(won.at)}, {days} days later "
        f"({price_text(deal.amount_minor, deal.currency)}). Last touch with a code within "
        f"{terms.program.terms.attribution_days} days of the sign-up: the whole credit goes to {name}."
    )


def _moment(at: datetime) -> str:
    return f"{day(at)} at {at:%H:%M} UTC"


async def credit(tx: Tx, referral: Referral, deal: Deal, findings: list[Finding], now: datetime) -> None:
    """Write conversion and attribution of a counted win once, and issue its reward once."""
    won = deal.won
    if won is None:
        raise ValueError("only a won deal can be credited")
    conversion = Conversion(
        content_id("conversion", str(tx.workspace_id), deal.deal), referral.id, deal.deal, deal.amount_minor or 0,
        deal.currency or "EUR", won.at, won.event_id,
    )  # fmt: skip
    if not await deal_rows.insert_conversion(tx, conversion, now):
        return
    terms = await terms_of(tx, referral)
    reason = attribution_reason(referral, terms, deal, won)
    refused = await _reward(tx, referral, deal, won, conversion, terms, findings, reason, now)
    await deal_rows.insert_attribution(
        tx,
        {
            "conversion_id": conversion.id, "referral_id": referral.id, "link_id": referral.link_id,
            "advocate_id": referral.advocate_id, "ask_id": terms.ask.id if terms.ask else None, "rule": RULE,
            "share_bp": _WHOLE, "reason": f"{reason} {refused}".strip(), "at": now,
        },
    )  # fmt: skip


async def _reward(
    tx: Tx, referral: Referral, deal: Deal, won: DealFact, conversion: Conversion, terms: Terms,
    findings: list[Finding], reason: str, now: datetime,
) -> str:  # fmt: skip
    """Issue the reward; returns why there is none, or an empty text."""
    offer = terms.offer
    blocked = next((f.reason for f in findings if f.verdict == "block"), "")
    if offer is None:
        return await _no_reward(tx, conversion, "No reward: the program offers none to this group.")
    if blocked:
        return await _no_reward(tx, conversion, f"No reward: {blocked}")
    amount = amount_of(offer, deal)
    if amount.why_none:
        return await _no_reward(tx, conversion, amount.why_none)
    review = holds([f for f in findings if f.rule != TAKEN_BACK])
    if amount.money.currency != offer.currency and offer.cap_minor is not None:
        review = f"{review} The deal is in {amount.money.currency}, the cap in {offer.currency}.".strip()
    try:
        reward = await ledger.issue_reward(
            tx,
            ledger.Earned(
                rule=RULE, role=ROLE, conversion_id=conversion.id, advocate_id=referral.advocate_id,
                program_id=referral.program_id, offer_id=offer.id, incentive=offer.incentive,
                label=f"{offer.label} for {deal.name or referral.friend_name or referral.friend_email}",
                money=amount.money, reason=f"{reason} Reward: {amount.how}.",
                hold_until=won.at + timedelta(days=terms.program.terms.hold_days),
                asked_by=terms.ask.decided_by if terms.ask else None, review=review,
                # The cap of a commission limits one deal (above); that of a fixed amount, what one advocate gets in all.
                cap_minor=offer.cap_minor if offer.incentive != "commission" else None,
            ),
            now,
        )  # fmt: skip
    except ledger.OverFloor as e:
        return await _no_reward(tx, conversion, f"No reward: {e.title}")
    if deal.taken_back:
        await ledger.void_reward(tx, reward.id, ledger.SYSTEM, taken_back_reason(deal), now)
    return ""


async def _no_reward(tx: Tx, conversion: Conversion, why: str) -> str:
    await audit.write(tx, ledger.SYSTEM, "reward.refused", f"conversion:{conversion.id}", {"reason": why})
    return why


def taken_back_reason(deal: Deal) -> str:
    """What the advocate reads when the deal did not stay won."""
    return f"{deal.ref} was reported lost{f' on {day(deal.lost_at)}' if deal.lost_at else ''} after it was won."


async def follow_up(tx: Tx, referral: Referral, deal: Deal, findings: list[Finding], now: datetime) -> None:
    """A credited deal whose facts changed since: void the unpaid reward of a lost one, note what to look at."""
    reward_id = await tables.reward_of_conversion(tx, content_id("conversion", str(tx.workspace_id), deal.deal))
    if reward_id is None:
        return
    reward = await ledger.reward(tx, reward_id)
    if deal.taken_back and reward.state in ("held", "approved"):
        await ledger.void_reward(tx, reward_id, ledger.SYSTEM, taken_back_reason(deal), now)
        return
    review = holds([f for f in findings if f.rule != TAKEN_BACK])
    if reward.state == "held" and review and review not in reward.review:
        await ledger.ask_for_review(tx, reward_id, review)
