"""The product's own side: who uses what (rollups of "Feature Used"), and milestones the company reaches."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from honeyguide.demo.cast import HISTORY, Cast, Company, Person
from honeyguide.demo.clocks import office_hours
from honeyguide.demo.event import PRODUCT, DemoEvent, ident, stamp

FEATURES = {
    "dispatch": (
        "schedule-board",
        "job-templates",
        "sms-updates",
        "crew-calendar",
        "quick-quotes",
        "mobile-checklists",
        "van-stock",
    ),
    "routes": ("day-optimiser", "traffic-replan", "live-map", "territories", "fuel-report"),
    "copilot": ("gap-filler", "reply-drafts"),
}
# product -> (what is counted, thresholds); the company's count crosses them, the person at work then is credited.
_COUNTED = {
    "dispatch": ("{n} jobs dispatched", (1_000, 10_000, 50_000, 100_000, 250_000)),
    "routes": ("{n} routes planned", (500, 5_000, 25_000)),
    "copilot": ("{n} suggestions accepted", (100, 1_000)),
}
# What else is worth telling a customer (product, milestone, value).
FEATS = (
    ("dispatch", "First month with every job closed on the day", 30),
    ("dispatch", "No missed appointment for 60 days", 60),
    ("dispatch", "25 technicians live on the mobile app", 25),
    ("dispatch", "100 technicians live on the mobile app", 100),
    ("dispatch", "All depots on one schedule board", 1),
    ("dispatch", "Paperless: 1,000 digital checklists signed", 1_000),
    ("dispatch", "5,000 customer reminders delivered", 5_000),
    ("routes", "10,000 km saved since the start", 10_000),
    ("routes", "100 days in a row with optimised routes", 100),
    ("routes", "Fuel per visit down by 20 percent", 20),
    ("routes", "50,000 km saved since the start", 50_000),
    ("copilot", "500 gaps filled by the copilot", 500),
)  # fmt: skip
_WEEKS = HISTORY.days // 7
_LEVEL = {"power": (38, 130), "regular": (9, 46), "casual": (1, 9), "none": (0, 0)}
_RECENT = 6  # weeks at the end of history (and all of the future) for which people's rollups come more often
_EVERY = {"power": 2, "regular": 4, "casual": 8, "none": 0}
_EVERY_RECENT = {"power": 1, "regular": 2, "casual": 4, "none": 0}
_PERIODS = {1: "week", 2: "fortnight", 4: "month", 8: "two months"}


def call(cast: Cast, at: datetime, key: tuple[object, ...], **fields: Any) -> DemoEvent:
    """One Segment call of the product's server."""
    payload = {
        **fields, "messageId": f"tw-{ident(cast.seed, 'product', *key)}", "timestamp": stamp(at),
        "context": {"library": {"name": "analytics-python", "version": "2.3.4"}, **fields.get("context", {})},
    }  # fmt: skip
    return DemoEvent(at, PRODUCT, payload)


def sign_ins(cast: Cast) -> Iterator[DemoEvent]:
    """Accounts and people as the product first sees them."""
    for company in cast.companies:
        if company.arc == "prospect":
            continue
        born = max(cast.start + timedelta(minutes=2 + company.key), company.customer_since)
        traits = {"name": company.everyday, "domain": company.domain, "plan": company.plan}
        yield call(cast, born, ("account", company.key), type="group", groupId=company.account, traits=traits)
        for person in company.people:
            if person.activity != "none":
                at = max(born, person.since) + timedelta(minutes=5 + person.key % 50)
                yield call(
                    cast, at, ("person", person.key), type="identify", userId=person.product_id,
                    traits={"email": person.email, "name": person.name}, context={"groupId": company.account},
                )  # fmt: skip


class Usage:
    """Weekly usage with the running totals that milestones are counted from."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.totals: dict[tuple[int, str], int] = {}
        for company in cast.companies:
            rng = Random(f"{cast.seed}:totals:{company.key}")
            years = max(0.0, (cast.start - company.customer_since).days / 365)
            for product in company.products:
                self.totals[company.key, product] = int(years * len(company.people) * rng.uniform(700, 3_000))

    def week(self, number: int, begin: datetime) -> Iterator[DemoEvent]:
        """The rollups of one week, in the order people were at work, and the milestones they crossed."""
        rng = Random(f"{self.cast.seed}:usage:{number}")
        found = [entry for person in self.cast.people for entry in self._person(rng, person, number, begin)]
        found.sort(key=lambda entry: (entry[0], entry[1].key))
        for index, (at, person, product, feature, n, period) in enumerate(found):
            properties = {"product": product, "feature": feature, "n": n, "period": period}
            yield call(
                self.cast, at, ("use", number, index), type="track", userId=person.product_id, event="Feature Used",
                properties=properties, context={"groupId": person.company.account},
            )  # fmt: skip
            yield from self._crossed(person, product, n, at)

    def _person(
        self, rng: Random, person: Person, number: int, begin: datetime
    ) -> Iterator[tuple[datetime, Person, str, str, int, str]]:
        every = (_EVERY if number < _WEEKS - _RECENT else _EVERY_RECENT)[person.activity]
        if not every or (number + person.key) % every or not person.company.active(begin):
            return
        low, high = _LEVEL[person.activity]
        fading = (
            0.35
            if person.company.troubled(begin)
            else 1.0 + (0.6 * number / _WEEKS if person.company.arc == "growing" else 0.0)
        )
        if fading < 1 and rng.random() < 0.4:
            return
        daily = number >= _WEEKS - 2 and person.activity == "power"
        for _ in range(3 if daily else 1):
            at = office_hours(rng, begin, person.company.timezone)
            if not person.works_at(at):
                continue
            product = favourite(rng, person)
            feature = self._feature(rng, person, product)
            n = max(1, round(rng.uniform(low, high) * fading * every / (4 if daily else 1)))
            yield at, person, product, feature, n, "day" if daily else _PERIODS[every]

    @staticmethod
    def _feature(rng: Random, person: Person, product: str) -> str:
        known = FEATURES[product]
        favourites = Random(f"favourites:{person.key}:{product}").sample(known, min(2, len(known)))
        return rng.choice(favourites) if rng.random() < 0.7 else rng.choice(known)

    def _crossed(self, person: Person, product: str, n: int, at: datetime) -> Iterator[DemoEvent]:
        key = (person.company.key, product)
        before = self.totals[key]
        self.totals[key] = after = before + n * 3  # only a third of the work leaves a rollup of its own
        text, thresholds = _COUNTED[product]
        for threshold in thresholds:
            if before < threshold <= after:
                name = text.format(n=f"{threshold:,}")
                yield milestone(self.cast, person, at + timedelta(minutes=1), product, name, threshold)


def favourite(rng: Random, person: Person) -> str:
    """The product this person works in; dispatchers mostly dispatch."""
    products = person.company.products
    if len(products) == 1 or rng.random() < 0.55:
        return products[0]
    return rng.choice(products[1:])


def milestone(cast: Cast, person: Person, at: datetime, product: str, name: str, value: int) -> DemoEvent:
    """The product congratulates somebody."""
    properties = {"product": product, "milestone": name, "value": value}
    return call(
        cast, at, ("milestone", person.company.key, product, name, stamp(at)[:10]), type="track", userId=person.product_id,
        event="Milestone Reached", properties=properties, context={"groupId": person.company.account},
    )  # fmt: skip


def feat(rng: Random, company: Company) -> tuple[str, str, int]:
    """A milestone that suits what the company has bought and how large it is."""
    fitting = [
        f for f in FEATS if f[0] in company.products and (f[2] != 100 or company.employees > 200 or f[0] != "dispatch")
    ]
    return rng.choice(fitting)
