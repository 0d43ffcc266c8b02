"""What a conversion earns, by the terms the advocate was asked under."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide import programs
from honeyguide.core.money import Money, money_text, share_bp
from honeyguide.db import Tx
from honeyguide.outcomes import deal_rows, tables
from honeyguide.outcomes.attribution import percent
from honeyguide.outcomes.deal_rows import AskOfAdvocate
from honeyguide.outcomes.deals import Deal
from honeyguide.outcomes.terms import Referral, Touch


class Terms(Struct, frozen=True):
    """What the credit is computed from, fetched once per share."""

    link: str
    advocate: programs.Advocate
    program: programs.Program
    touch: Touch | None
    ask: AskOfAdvocate | None
    offer: programs.Offer | None
    friend: str


class Amount(Struct, frozen=True):
    """What a win earns, in minor units, and how it was computed; `why_none` when it earns no reward."""

    money: Money
    how: str
    why_none: str = ""


async def terms_of(tx: Tx, referral: Referral, advocate_id: UUID, link_id: UUID, before: datetime) -> Terms:
    """The terms the advocate was asked under: the offer of the last ask before the sign-up, else the group's first."""
    advocate = await programs.advocate(tx, advocate_id)
    link = await tables.link_code(tx, link_id)  # also when it was switched off since
    ask = await deal_rows.ask_before(tx, advocate.record_id, before)
    offers = {o.id: o for o in await programs.offers(tx, retired=True)}
    offer = offers.get(ask.offer_id) if ask else None
    if offer is None:
        group = await programs.offers(tx, advocate.group_id)
        offer = min(group, key=lambda o: (o.position, o.id)) if group else None
    mine = advocate_id == referral.advocate_id
    touches = await tables.touches_of(tx, [referral.touch_id] if referral.touch_id and mine else [])
    touch = touches.get(referral.touch_id) if referral.touch_id else None
    program = await programs.program(tx, advocate.program_id)
    return Terms(link, advocate, program, touch, ask, offer, referral.friend_name or referral.friend_email)


def amount_of(offer: programs.Offer, deal: Deal, bp: int = 10_000) -> Amount:
    """The offer applied to the deal, and of that the advocate's part (`bp`): a share of it (floor, up to the cap) or a
    fixed amount. What is no money cannot be divided: the caller gives it to one.
    """
    whole = _whole(offer, deal)
    if whole.why_none or bp == 10_000 or not whole.money.minor:
        return whole
    part = share_bp(whole.money.minor, bp)
    how = f"{percent(bp)} % of the reward of {whole.money} ({whole.how})"
    if part == 0:
        return Amount(Money(0, whole.money.currency), how, "No reward: the part of the reward is less than a cent.")
    return Amount(Money(part, whole.money.currency), how)


def _whole(offer: programs.Offer, deal: Deal) -> Amount:
    if offer.incentive != "commission":
        return Amount(Money(offer.amount_minor, offer.currency), offer.label)
    if deal.amount_minor is None or deal.currency is None:
        nothing = Money(0, offer.currency)
        return Amount(nothing, offer.label, "No reward: the deal has no amount to take a share of.")
    share = share_bp(deal.amount_minor, offer.rate_bp)
    capped = share if offer.cap_minor is None or deal.currency != offer.currency else min(share, offer.cap_minor)
    how = f"{percent(offer.rate_bp)} % of {money_text(deal.amount_minor, deal.currency)}"
    if capped < share:
        how += f", at most {money_text(capped, offer.currency)}"
    if capped == 0:
        return Amount(Money(0, deal.currency), how, "No reward: the share of this deal is zero.")
    return Amount(Money(capped, deal.currency), how)
