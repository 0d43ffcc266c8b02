"""What companies buy: deals in the CRM and the money that follows them through Stripe, planned company by company."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from honeyguide.demo import crm, phrases, stripe
from honeyguide.demo.cast import Cast, Company, Person
from honeyguide.demo.event import DemoEvent

_AHEAD = timedelta(days=75)  # the plan reaches past the end of history, so that open deals have a future
_STAGES = ("appointment", "qualified", "proposal", "contract")
_EXTRA = {
    "routes": ("Routes add-on", "Routes for the whole fleet", "Route planning"),
    "copilot": ("Copilot beta", "Copilot early access"),
    "dispatch": (
        "Dispatch, second depot",
        "Dispatch for the night shift",
        "Dispatch, new branch",
        "Dispatch for the maintenance team",
    ),
}


def everything(cast: Cast) -> Iterator[DemoEvent]:
    """Deals, subscriptions and invoices of every company."""
    for company in cast.companies:
        rng = Random(f"{cast.seed}:commerce:{company.key}")
        if company.arc == "prospect":
            yield from _prospect(cast, rng, company)
        else:
            yield from _customer(cast, rng, company)


def buyer(company: Company, at: datetime) -> Person:
    """Who signs: the first of the company still there."""
    return next(iter(company.staff(at)), company.people[0])


def deal(
    cast: Cast, rng: Random, person: Person, number: str, name: str, amount_minor: int, opened: datetime,
    closed: datetime, outcome: str, product: str = "dispatch",
) -> Iterator[DemoEvent]:  # fmt: skip
    """One deal from the first appointment to its end; `outcome` is won, lost or open (then it stops half way)."""
    company = person.company
    given = {
        "deal": number, "name": name, "amount_minor": amount_minor, "currency": company.currency, "owner": company.owner,
        "product": product,
    }  # fmt: skip
    last = rng.randint(1, 3) if outcome != "won" else 3
    yield crm.track(cast, opened, ("deal", number, 0), person, "Deal Created", stage=_STAGES[0], **given)
    for step in range(1, last + 1):
        at = opened + (closed - opened) * (step / (last + 1)) * rng.uniform(0.85, 1.0)
        yield crm.track(cast, at, ("deal", number, step), person, "Deal Stage Changed", stage=_STAGES[step], **given)
    if outcome == "won":
        yield crm.track(cast, closed, ("deal", number, "won"), person, "Deal Won", stage="closedwon", **given)
    elif outcome == "lost":
        reason = rng.choice(phrases.LOST_REASONS)
        yield crm.track(
            cast, closed, ("deal", number, "lost"), person, "Deal Lost", stage="closedlost", reason=reason, **given
        )


def _deal_number(company: Company, n: int) -> str:
    return str(17_300_400_000 + company.key * 64 + n)


def _prospect(cast: Cast, rng: Random, company: Company) -> Iterator[DemoEvent]:
    opened = cast.start + timedelta(days=rng.uniform(10, 340))
    company.people[0].since = opened - timedelta(days=2)
    amount = company.seats * company.seat_minor * 12
    closed = opened + timedelta(days=rng.uniform(15, 110))
    outcome = rng.choice(("lost", "lost", "open"))
    name = f"{company.everyday}: {company.seats} seats"
    yield from deal(cast, rng, company.people[0], _deal_number(company, 0), name, amount, opened, closed, outcome)


def _customer(cast: Cast, rng: Random, company: Company) -> Iterator[DemoEvent]:
    horizon = cast.end + _AHEAD
    interval = rng.choices((1, 3, 12), (2, 2, 7) if company.segment == "smb" else (0, 2, 8))[0]
    contract = stripe.Contract(
        cast, company, f"sub_TW{company.key * 6151 + 88_007:07d}", "dispatch", company.seats, interval
    )
    began = company.customer_since >= cast.start
    if began:
        yield from _first_sale(cast, rng, company, contract)
    else:
        at = cast.start + timedelta(minutes=3 + company.key)
        yield contract.customer(at)
        yield contract.started(at + timedelta(seconds=40), since=company.customer_since)
    yield from _bought_before(cast, rng, company, began)
    yield from _periods(cast, rng, company, contract, horizon)


def _first_sale(cast: Cast, rng: Random, company: Company, contract: stripe.Contract) -> Iterator[DemoEvent]:
    won = company.customer_since
    opened = max(cast.start + timedelta(hours=2), won - timedelta(days=rng.uniform(16, 80)))
    person = company.people[0]
    person.since = min(person.since, opened - timedelta(minutes=30))
    name = f"{company.everyday}: {company.seats} seats Dispatch" + (" + Routes" if "routes" in company.products else "")
    amount = company.seats * company.seat_minor * 12
    yield from deal(cast, rng, person, _deal_number(company, 0), name, amount, opened, won, "won")
    yield contract.customer(won + timedelta(minutes=rng.uniform(8, 40)))
    yield contract.started(won + timedelta(minutes=rng.uniform(41, 90)), since=won)
    yield contract.paid(won + timedelta(minutes=95), "subscription_create", of=won)


def _bought_before(cast: Cast, rng: Random, company: Company, began: bool) -> Iterator[DemoEvent]:
    """The further products of the company, each its own subscription."""
    for n, product in enumerate(company.products[1:], start=1):
        since = (
            company.customer_since + timedelta(days=rng.uniform(20, 160))
            if began
            else cast.start + timedelta(minutes=9 + company.key)
        )
        if since > cast.end + _AHEAD or (company.churns_at and since >= company.churns_at):
            continue
        extra = stripe.Contract(
            cast, company, f"sub_TW{company.key * 6151 + 88_007 + n:07d}x", product, max(2, company.seats // 2), 12
        )
        yield extra.started(since, since=since if began else company.customer_since)


def _periods(
    cast: Cast, rng: Random, company: Company, contract: stripe.Contract, horizon: datetime
) -> Iterator[DemoEvent]:
    """Invoices by their interval, renewals once a year, expansions as the story has them, and the end if it ends."""
    step = timedelta(days=round(30.4 * contract.months))
    at = company.customer_since + step
    while at < cast.start + timedelta(days=1):
        at += step
    grows = sorted(cast.start + timedelta(days=rng.uniform(30, 425)) for _ in range(_expansions(rng, company)))
    number = 1
    while at < horizon or grows:
        if grows and (grows[0] <= at or at >= horizon):
            moment = grows.pop(0)
            if company.active(moment) and moment > company.customer_since + timedelta(days=50):
                yield from _expansion(cast, rng, company, contract, moment, number)
                number += 1
            continue
        if company.churns_at is not None and at >= company.churns_at:
            break
        yield from _invoice(rng, company, contract, at)
        at += step
    if company.churns_at is not None:
        yield from _farewell(rng, contract, company.churns_at)


def _expansions(rng: Random, company: Company) -> int:
    if company.arc == "growing":
        return rng.choice((1, 1, 2, 2, 3))
    if company.arc in ("healthy", "new"):
        return rng.choices((0, 1), (7, 3))[0]
    return 0


def _expansion(
    cast: Cast, rng: Random, company: Company, contract: stripe.Contract, won: datetime, number: int
) -> Iterator[DemoEvent]:  # fmt: skip
    more = max(2, round(contract.seats * rng.uniform(0.08, 0.35)))
    opened = max(cast.start + timedelta(hours=1), won - timedelta(days=rng.uniform(6, 40)))
    name = rng.choice(
        (
            f"{company.everyday}: +{more} seats",
            f"{company.everyday}, {more} more seats",
            f"Upsell {company.everyday} ({more} seats)",
        )
    )
    outcome = "won" if rng.random() < 0.86 else "lost"
    amount = more * company.seat_minor * 12
    yield from deal(
        cast, rng, buyer(company, opened), _deal_number(company, number), name, amount, opened, won, outcome
    )
    if outcome == "won":
        yield contract.expanded(won + timedelta(minutes=rng.uniform(6, 50)), contract.seats + more)


def _invoice(rng: Random, company: Company, contract: stripe.Contract, at: datetime) -> Iterator[DemoEvent]:
    failing = 0.3 if company.troubled(at) else 0.03
    if rng.random() < failing:
        yield contract.failed(at, of=at)
        yield contract.paid(at + timedelta(days=3, hours=rng.uniform(0, 20)), "subscription_cycle", of=at)
    else:
        yield contract.paid(at, "subscription_cycle", of=at)


def _farewell(rng: Random, contract: stripe.Contract, at: datetime) -> Iterator[DemoEvent]:
    if rng.random() < 0.4:
        yield contract.failed(at - timedelta(days=9), of=at)
        yield contract.failed(at - timedelta(days=4), of=at)
    yield contract.cancelled(at, rng.choice(phrases.CANCEL_REASONS))


def add_on(cast: Cast, rng: Random, person: Person, won: datetime, key: str) -> Iterator[DemoEvent]:
    """A company that is doing well buys something more: the deal of the last days, then the subscription."""
    company = person.company
    missing = [p for p in ("routes", "copilot") if p not in company.products]
    product = rng.choice(missing) if missing else "dispatch"
    seats = max(3, round(company.seats * rng.uniform(0.2, 0.6)))
    amount = seats * company.seat_minor * 12 // (2 if product == "copilot" else 1)
    number = str(17_900_000_000 + int(key) * 32 + 5)
    opened = won - timedelta(days=rng.uniform(3.5, 6))
    name = f"{company.everyday}: {rng.choice(_EXTRA[product])}, {seats} seats"
    yield from deal(cast, rng, person, number, name, amount, opened, won, "won", product)
    extra = stripe.Contract(cast, company, f"sub_TW{900_000 + int(key):07d}a", product, seats, 12)
    yield extra.started(won + timedelta(minutes=rng.uniform(5, 30)), since=won)
    yield extra.paid(won + timedelta(minutes=32), "subscription_create", of=won)
