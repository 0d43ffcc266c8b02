"""A credited deal or payment about which more is known: what it earns is weighed anew, and only the difference moves.

A deal that grew earns the difference, one that shrank gives it back; a payment that turns out to be the second of its
customer no longer earns what only the first does. Each sum is added once, under a key made of the sum and not of the event,
so any order of what is told ends at the same cents.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import structs

from honeyguide import ledger, programs
from honeyguide.core.money import Money, money_text
from honeyguide.db import Tx
from honeyguide.outcomes import credit_rows, deal_rows, sale_names, tables
from honeyguide.outcomes.attribution import WHOLE, Share
from honeyguide.outcomes.credit import Case, Cause, cause_of, issue, rule_of
from honeyguide.outcomes.credit_rows import Held
from honeyguide.outcomes.deal_rows import Conversion
from honeyguide.outcomes.deals import Deal, read_deal
from honeyguide.outcomes.earning import looks_back, over, weighed
from honeyguide.outcomes.giveback import GivenBack, given_back
from honeyguide.outcomes.reversing import MORE, Earnings, Key, bring_back, by_rule, kept, take_back
from honeyguide.outcomes.terms import DealFact, Referral

_WAITS = ("pending", "held", "review")


async def settle(
    tx: Tx, conversion: Conversion, deal: Deal, facts: Sequence[DealFact], referrals: Mapping[UUID, Referral], now: datetime
) -> Conversion:  # fmt: skip
    """Bring what a conversion earned to what all facts say now; returns the conversion as it is after that.

    What people decided, and what another vendor paid before, is theirs to change: there a person is asked to look.
    """
    counted, rewards = deal.counted, await credit_rows.rewards_of(tx, conversion.id)
    if counted is None:
        return conversion
    changed = structs.replace(
        conversion, amount_minor=deal.amount_minor or 0, currency=deal.currency or conversion.currency, occurred_at=counted.at,
        event_id=counted.event_id,
    )  # fmt: skip
    decided = (await credit_rows.decisions_of(tx, [conversion.id])).get(conversion.id)
    if decided or await credit_rows.was_imported(tx, conversion.id):
        if changed.amount_minor > conversion.amount_minor and changed.currency == conversion.currency:
            await _look(tx, conversion, f"It grew to {money_text(changed.amount_minor, changed.currency)} since.")
        await bring_back(tx, conversion, facts, now)
        return conversion
    if changed.currency != conversion.currency and conversion.amount_minor and rewards:
        await _look(tx, conversion, f"It is told in {changed.currency} now, it was credited in {conversion.currency}.")
        await bring_back(tx, conversion, facts, now)
        return conversion
    await deal_rows.change_conversion(tx, changed)
    case = Case(changed, deal, tuple(facts))
    back = given_back(facts, changed.amount_minor, changed.currency)
    there, earned = by_rule(changed, rewards), dict[Key, int]()
    held = (await credit_rows.shares_of(tx, [changed.id])).get(changed.id, [])
    for one in held:
        earned |= await _share(tx, case, one, held[0], there, back, referrals, now)
    await bring_back(tx, changed, facts, now, earned)
    return changed


async def settle_later(
    tx: Tx, moved: Sequence[Conversion], done: Collection[UUID], windows: Mapping[int, int], now: datetime
) -> None:
    """What the advocates of these conversions have of other customers since is weighed anew where the rules look at what
    came before: steps, accelerators, numbers. `done` were weighed already.
    """
    if not moved:
        return
    since = min(c.occurred_at for c in moved)
    for one in await credit_rows.later(tx, [c.id for c in moved], since):
        if one.id in done:
            continue
        referrals = await tables.referrals_by_id(tx, [one.referral_id])
        referral = referrals[one.referral_id]
        file = (await programs.terms_at(tx, referral.program_id, referral.created_at)).file
        if looks_back(file):
            facts = next(iter((await deal_rows.facts_of_deals(tx, [one.deal])).values()), [])
            deal = read_deal(facts, windows[referral.program_id])
            await settle(tx, one, deal, facts, referrals, now)


async def _share(
    tx: Tx, case: Case, held: Held, largest: Held, there: Mapping[Key, Earnings], back: GivenBack,
    referrals: Mapping[UUID, Referral], now: datetime,
) -> dict[Key, int]:  # fmt: skip
    """Issue what one share earns by all that is known now and has not got; returns what each of its rules gives."""
    referral = (
        referrals.get(held.referral_id) or (await tables.referrals_by_id(tx, [held.referral_id]))[held.referral_id]
    )
    share = Share(
        held.advocate_id, referral.id, held.link_id, referral.program_id, referral.id, held.share_bp, held.reason
    )
    cause = await cause_of(tx, case, share, referral, held.share_bp == largest.share_bp)
    if referral.stage == "rejected" or not cause.terms.offers or any(f.verdict == "block" for f in cause.findings):
        return {}
    found = await weighed(tx, cause.terms, case.conversion, case.deal, share, cause.said)
    earned: dict[Key, int] = {}
    for earning in found.earned:
        key = (rule_of(0, share, earning), earning.role)
        mine = there.get(key)
        if mine is None:
            if not _indivisible(earning) or not _has_it(there, earning):
                await issue(tx, cause, earning, now)
            earned[key] = earning.money.minor
        elif _same_kind(cause, mine, earning):
            await _add(tx, cause, earning, mine, back, now)
            earned[key] = earning.money.minor
    given = {e.rule for e in found.earned}
    for slug in await over(tx, cause.terms, case.conversion, case.deal, share) - given:
        for role in ("advocate", "parent", "friend"):
            base = slug if role == "friend" or held.share_bp == WHOLE else f"{slug}#0@{held.advocate_id.hex[:16]}"
            earned |= {key: 0 for key in there if key == (base, role)}
    return earned


async def _add(tx: Tx, cause: Cause, earning: programs.Earning, mine: Earnings, back: GivenBack, now: datetime) -> None:
    """Issue what is missing up to what the rule gives now. What people took back of it is not given again."""
    missing = kept(earning.money.minor, back) - (mine.issued - mine.back)
    if missing <= 0:
        return
    whole = earning.money.minor
    parts = [programs.PartDue(p.number, p.due, p.minor * missing // whole) for p in earning.parts]
    if parts:
        parts[0] = programs.PartDue(parts[0].number, parts[0].due, missing - sum(p.minor for p in parts[1:]))
    review = "A person took back what this adds to." if mine.taken > mine.back else ""
    addition = structs.replace(
        earning, money=Money(missing, earning.money.currency), parts=tuple(p for p in parts if p.minor),
        how=f"{earning.how}; {money_text(mine.issued - mine.back, earning.money.currency)} of it was given before",
        review=f"{earning.review} {review}".strip(),
    )  # fmt: skip
    newest = max(f.at for f in cause.case.facts)
    await issue(tx, cause, addition, now, more=f"{MORE}{mine.issued + missing}", since=newest)


def _indivisible(earning: programs.Earning) -> bool:
    return not earning.money.minor or earning.beneficiary != "advocate"


def _has_it(there: Mapping[Key, Earnings], earning: programs.Earning) -> bool:
    """Was what cannot be divided given to somebody for this conversion?"""
    return any(role == earning.role and rule.split("#")[0] == earning.rule for rule, role in there)


def _same_kind(cause: Cause, mine: Earnings, earning: programs.Earning) -> bool:
    """Is what was given of the kind the rule gives now? Where another offer took its place, what was given stays."""
    offer = cause.terms.offers.get(earning.offer_slug)
    first = mine.rewards[0]
    return offer is not None and first["offer_id"] == offer.id and first["currency"] == earning.money.currency


async def _look(tx: Tx, conversion: Conversion, why: str) -> None:
    for reward in await credit_rows.rewards_of(tx, conversion.id):
        if reward["state"] in _WAITS and why not in reward["review"]:
            await ledger.ask_for_review(tx, reward["id"], f"{reward['review']} {why}".strip())


async def told_twice(tx: Tx, deals: Sequence[str], now: datetime) -> None:
    """What was credited twice before we learned that two numbers are one payment: the second time is taken back."""
    main = await sale_names.one_of(tx, deals)
    others = [name for name, stands in main.items() if name != stands]
    for name, conversion in (await deal_rows.conversions_of_deals(tx, others)).items() if others else ():
        for reward in await credit_rows.rewards_of(tx, conversion.id):
            why = f"It is the same payment as {main[name].partition(':')[2]}, which was credited before."
            await take_back(tx, reward, why, "given back:all", now)
