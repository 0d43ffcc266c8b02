"""What a fact earns under a version of a program. Pure, total, exact: the same file, fact and history give the same cents.

Everything that pays calls this: crediting, simulating, testing. Amounts are rounded down (a cent that was not earned is
never paid); what cannot be divided among parts lies in the first one. A fixed amount is in the program's currency, a
share in the currency of what was paid. Caps that several facts draw on are the ledger's, as accounts (`cap_minor`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field

from honeyguide.core.money import Money, money_text, share_bp
from honeyguide.programs.conditions import met
from honeyguide.programs.file import GroupEntry, OfferEntry, ProgramFile
from honeyguide.programs.gifts import may_give
from honeyguide.programs.rules import WHOLE, EarnRule, Period, Tier, Trigger, Who
from honeyguide.programs.terms import Incentive

# A file without rules pays the offer of the ask for every deal won, under the key it always had.
PLAIN = "last_touch_with_code"
# The event a payment is, whichever system told of it.
PAYMENT = "invoice.paid"
_YEAR = 365


class Fact(Struct, frozen=True, kw_only=True):
    """Something that happened. `kind` is `stage`, `act`, or an event's name (`invoice.paid`).

    `stage` is the stage or act. `number`: which payment of this customer it is (1 is the first). `customer_since`: when
    the first one was. `offered`: the offer the advocate was asked with. `share_bp`: the advocate's part of the credit.
    `company` and `attributes` (`event.plan`, `person.seniority`, `graph.uses`) are what conditions see; `receivers` says
    of each beneficiary what decides whether they may take a gift.
    """

    kind: str = "stage"
    stage: str = ""
    at: datetime
    amount_minor: int | None = None
    currency: str | None = None
    company: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    receivers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    contract_months: int | None = None
    number: int = 1
    customer_since: datetime | None = None
    offered: str = ""
    share_bp: int = WHOLE


class SoFar(Struct, frozen=True, kw_only=True):
    """What the advocate brought before this customer: customers, their revenue (minor units, in the program's currency;
    with what this customer paid before), customers won in the calendar period of the fact; `parent`: has a second tier.
    """

    customers: int = 0
    revenue_minor: int = 0
    in_period: Mapping[Period, int] = field(default_factory=dict)
    parent: bool = True


class PartDue(Struct, frozen=True):
    """A part of an earning: number from 1, when it is due, how much."""

    number: int
    due: datetime
    minor: int


class Earning(Struct, frozen=True, kw_only=True):
    """What one rule gives to one beneficiary. `rule` and `role` are two thirds of the reward's permanent key.

    `cap_minor`: the most this advocate may get of this offer in all. `review`: why a person must look first.
    """

    rule: str
    role: Who
    beneficiary: Who
    offer_slug: str
    incentive: Incentive
    money: Money
    how: str
    parts: tuple[PartDue, ...] = ()
    expires_at: datetime | None = None
    hold_days: int = 0
    cap_minor: int | None = None
    review: str = ""


class NotEarned(Struct, frozen=True):
    """A rule that fits the fact and gives nothing, with the sentence that says why. `kind`: amount or gift."""

    rule: str
    role: Who
    offer_slug: str
    why: str
    kind: str = "amount"


class Weighed(Struct, frozen=True):
    """What a fact earns, and what it does not."""

    earned: tuple[Earning, ...]
    passed: tuple[NotEarned, ...]


def earnings(file: ProgramFile, group_slug: str, fact: Fact, so_far: SoFar) -> list[Earning]:
    """What the fact earns, in the order of the rules. Empty for a group the version does not have."""
    return list(weigh(file, group_slug, fact, so_far).earned)


def weigh(file: ProgramFile, group_slug: str, fact: Fact, so_far: SoFar) -> Weighed:
    """As `earnings`, with what was not earned and why."""
    group = next((g for g in file.groups if g.slug == group_slug), None)
    earned: list[Earning] = []
    passed: list[NotEarned] = []
    for rule in rules_of(group, fact) if group else []:
        if not _fits(rule, fact, so_far):
            continue
        found = _give(file, rule, group.offers, fact, so_far) if group else None
        if isinstance(found, Earning):
            earned.append(found)
        elif found is not None:
            passed.append(found)
    return Weighed(tuple(earned), tuple(passed))


def rewards_payments(file: ProgramFile, group_slug: str) -> bool:
    """Does this version give a group anything for what its customers pay, invoice by invoice?"""
    return any(r.when.event == PAYMENT for g in file.groups if g.slug == group_slug for r in g.earns)


def in_time(rule: EarnRule, fact: Fact) -> bool:
    """Does the number or time of a customer's payment still let this rule give something, whatever else it asks for?"""
    return _in_time(rule, fact)


def rules_of(group: GroupEntry, fact: Fact) -> list[EarnRule]:
    """The group's rules, and one for the offers no rule names: one of those is chosen per person, due on a won deal."""
    named = {r.offer for r in group.earns} | {r.instead for r in group.earns}
    loose = [o.slug for o in group.offers if o.slug not in named]
    rules = list(group.earns)
    if loose:
        chosen = fact.offered if fact.offered in loose else loose[0]
        rules.append(EarnRule(PLAIN, Trigger(stage="won"), chosen))
    return rules


def _fits(rule: EarnRule, fact: Fact, so_far: SoFar) -> bool:
    when = rule.when
    wanted = ("stage", when.stage) if when.stage else ("act", when.act) if when.act else (when.event, None)
    if fact.kind != wanted[0] or (wanted[1] is not None and fact.stage != wanted[1]):
        return False
    if rule.who == "parent" and not so_far.parent:
        return False
    return _in_time(rule, fact) and met(when.conditions, attributes(fact, so_far))


def _in_time(rule: EarnRule, fact: Fact) -> bool:
    """Once per customer, or with every payment until the months are over; an act and the plain rule count each time."""
    if rule.slug == PLAIN or fact.kind == "act":
        return True
    if rule.recurring is None:
        return fact.number <= 1
    since = fact.customer_since or fact.at
    return fact.at < months_after(since, rule.recurring.months)


def months_after(at: datetime, months: int) -> datetime:
    """The same day so many calendar months later; the last of the month where it has no such day."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    for day in range(at.day, 27, -1):
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return at.replace(year=year, month=month + 1)


def attributes(fact: Fact, so_far: SoFar) -> dict[str, Any]:
    """Everything a condition of a rule may speak of, by name."""
    known = {
        "amount": fact.amount_minor, "currency": fact.currency, "contract_months": fact.contract_months,
        "payment_number": fact.number, "customer_number": so_far.customers + 1,
    }  # fmt: skip
    return {**fact.attributes, **fact.company, **{k: v for k, v in known.items() if v is not None}}


def _give(
    file: ProgramFile, rule: EarnRule, offers: list[OfferEntry], fact: Fact, so_far: SoFar
) -> Earning | NotEarned | None:
    by_slug = {o.slug: o for o in offers}
    refused: NotEarned | None = None
    for slug in (rule.offer, rule.instead):
        offer = by_slug.get(slug) if slug else None
        if offer is None:
            continue
        found = _amount(file, rule, offer, fact, so_far)
        if isinstance(found, NotEarned):
            return refused or found
        why = _why_not(file, offer, rule, fact, found)
        if why is None:
            return found
        refused = refused or NotEarned(rule.slug, rule.who, offer.slug, why, "gift")
    return refused


def _why_not(file: ProgramFile, offer: OfferEntry, rule: EarnRule, fact: Fact, found: Earning) -> str | None:
    them = fact.receivers.get(rule.who, fact.company if rule.who == "friend" else {})
    return may_give(
        offer.incentive, them, them, str(them.get("country") or ""),
        amount_minor=found.money.minor if found.money.currency == file.terms.currency else 0,
        currency=file.terms.currency, policy=file.gift_policy,
    )  # fmt: skip


def _amount(file: ProgramFile, rule: EarnRule, offer: OfferEntry, fact: Fact, so_far: SoFar) -> Earning | NotEarned:
    currency = file.terms.currency
    if offer.incentive == "commission" or offer.rate_bp:
        if fact.amount_minor is None or fact.currency is None:
            return NotEarned(rule.slug, rule.who, offer.slug, "No reward: the deal has no amount to take a share of.")
        money, how, review = _share(offer, rule, fact, so_far, currency)
    else:
        minor, step = offer.amount_minor, _step(rule, so_far.customers + 1)
        if step is not None and step.amount_minor is not None:
            minor = step.amount_minor
        money, how, review = Money(minor, currency), offer.label, ""
    money, how = _boosted(rule, so_far, money, how)
    if offer.rate_bp and offer.cap_minor is not None and money.currency == currency and money.minor > offer.cap_minor:
        money, how = Money(offer.cap_minor, currency), f"{how}, at most {money_text(offer.cap_minor, currency)}"
    whole = money.minor
    money = Money(share_bp(whole, fact.share_bp), money.currency)
    if whole and fact.share_bp < WHOLE:
        how = f"{_percent(fact.share_bp)} % of the reward of {money_text(whole, money.currency)} ({how})"
    if money.minor <= 0 and (offer.rate_bp or whole):
        why = "the part of the reward is less than a cent" if whole > 0 else "the share of this deal is zero"
        return NotEarned(rule.slug, rule.who, offer.slug, f"No reward: {why}.")
    return Earning(
        rule=rule.slug, role=rule.who, beneficiary=rule.who, offer_slug=offer.slug, incentive=offer.incentive, money=money,
        how=how, parts=_parts(rule, fact, money.minor), hold_days=file.terms.hold_days,
        expires_at=fact.at + timedelta(days=rule.expires_days) if rule.expires_days else None,
        cap_minor=None if offer.rate_bp else offer.cap_minor, review=review,
    )  # fmt: skip


def _share(offer: OfferEntry, rule: EarnRule, fact: Fact, so_far: SoFar, currency: str) -> tuple[Money, str, str]:
    """A share of what was paid: money, how, and what a person must look at."""
    paid, of = max(fact.amount_minor or 0, 0), fact.currency or currency
    review = f"The deal is in {of}, the cap in {currency}." if of != currency and offer.cap_minor is not None else ""
    if rule.tiers and rule.tier_by == "revenue":
        if of == currency:
            return (
                Money(_marginal(offer, rule.tiers, so_far.revenue_minor, paid), of),
                _marginal_words(offer, paid, of),
                "",
            )
        review = f"{review} The deal is in {of}, the steps are in {currency}.".strip()
        rate = offer.rate_bp
    else:
        step = _step(rule, so_far.customers + 1)
        rate = step.rate_bp if step is not None and step.rate_bp is not None else offer.rate_bp
    return Money(share_bp(paid, rate), of), f"{_percent(rate)} % of {money_text(paid, of)}", review


def _step(rule: EarnRule, number: int) -> Tier | None:
    """The highest step reached by a customer's number; none for steps of revenue."""
    able = [t for t in rule.tiers if t.start <= number] if rule.tier_by == "customers" else []
    return max(able, key=lambda t: t.start) if able else None


def _marginal(offer: OfferEntry, tiers: list[Tier], before: int, paid: int) -> int:
    """Each part of the money at the rate of its own step, so that paying more never earns less. One rounding, at the end."""
    edges = sorted(
        {0: offer.rate_bp, **{t.start: t.rate_bp if t.rate_bp is not None else offer.rate_bp for t in tiers}}.items()
    )
    total = 0
    for n, (start, rate) in enumerate(edges):
        end = edges[n + 1][0] if n + 1 < len(edges) else None
        low, high = max(before, start), before + paid if end is None else min(before + paid, end)
        total += max(high - low, 0) * rate
    return total // WHOLE


def _marginal_words(offer: OfferEntry, paid: int, currency: str) -> str:
    return f"{offer.label}, in steps, of {money_text(paid, currency)}"


def _boosted(rule: EarnRule, so_far: SoFar, money: Money, how: str) -> tuple[Money, str]:
    faster = rule.accelerator
    if faster is None or not money.minor or so_far.in_period.get(faster.per, 0) + 1 < faster.customers:
        return money, how
    more = f"{how}, times {faster.factor_bp / WHOLE:g} from customer {faster.customers} of the {faster.per} on"
    return Money(money.minor * faster.factor_bp // WHOLE, money.currency), more


def _parts(rule: EarnRule, fact: Fact, minor: int) -> tuple[PartDue, ...]:
    """The parts a reward becomes due in; none when it is due at once. They add up to the reward."""
    shares = [(p.share_bp, p.due_days) for p in rule.parts]
    if rule.yearly_parts:
        years = max(1, -(-(fact.contract_months or 12) // 12))
        shares = [(WHOLE // years, n * _YEAR) for n in range(years)]
    if len(shares) < 2 or not minor:
        return ()
    total = sum(bp for bp, _ in shares)
    if total <= 0:
        return ()
    amounts = [minor * bp // total for bp, _ in shares]
    amounts[0] += minor - sum(amounts)
    return tuple(
        PartDue(n, fact.at + timedelta(days=days), amount)
        for n, ((_, days), amount) in enumerate(zip(shares, amounts, strict=True), start=1)
        if amount
    )


def _percent(bp: int) -> str:
    whole, rest = divmod(bp, 100)
    return f"{whole}" + (f".{rest:02d}".rstrip("0") if rest else "")
