"""Growth: what asking caused and gave away, what an incremental referral costs, the K-factor, and what customers are worth.

Customers are companies with a won deal that stands; a customer is referred when the deal that made it one was credited to a
referral. The worth of a customer is the sum of its won deals, in the workspace's currency; cohorts are the quarters of the
first one. Cohorts whose newest customer has had fewer than 180 days are young: they are shown, marked, and left out of the
comparison of referred and other customers, which is made at equal age.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.money import exponent, money_text
from honeyguide.db import Tx
from honeyguide.learning import cohort_tables, experiments, proof_tables, tables
from honeyguide.learning.followed import (
    BEFORE,
    ELSEWHERE,
    HOLDOUT,
    RUNNING,
    Entry,
    Event,
    arms,
    entries,
    events_of,
    place,
    where,
)
from honeyguide.learning.growth import (
    KNOWN,
    Comparison,
    Figure,
    Line,
    caused_money,
    caused_referrals,
    cost_per_incremental,
    given_away,
    k_factor,
    lines_of,
    still_young,
    unknown,
)
from honeyguide.learning.totals import Arm, alone, arm_of, compare

AGE_DAYS = 180
_LEAST = 5  # customers; below it a mean says nothing


class Cohort(Struct, frozen=True):
    """Customers of one quarter and origin. `value` per customer so far; `young`: it will grow, do not compare it."""

    cohort: str
    origin: str
    customers: int
    total_minor: int
    value: Figure
    young: bool
    newest: datetime


class Growth(Struct, frozen=True):
    """All of it. `lines`: every reward that stands, by what is known of it; they add up to the books (`adds_up`)."""

    at: datetime
    currency: str
    k_factor: Figure
    caused_referrals: Figure
    caused: Figure
    given_away: Figure
    cost_per_incremental: Figure
    ltv_difference: Figure
    cohorts: list[Cohort]
    lines: list[Line]
    adds_up: bool


class Customer(Struct, frozen=True):
    """A customer: since when, whether referred, and its won deals (time, minor units)."""

    entity: int
    since: datetime
    referred: bool
    deals: tuple[tuple[datetime, int], ...]

    def worth(self, until: datetime) -> int:
        """The sum of the deals won by then."""
        return sum(amount for at, amount in self.deals if at <= until)


async def growth(tx: Tx, now: datetime | None = None) -> Growth:
    """The growth of a workspace as of `now`."""
    now = now or clock.now()
    currency = await proof_tables.currency_of(tx)
    found = entries(await tables.would_asks(tx, now))
    referrals = events_of(await tables.referrals(tx, now))
    rewards = await proof_tables.rewards(tx, now)
    amounts, compared = _by_kind(rewards, referrals, found, now, currency)
    comparison = await _comparison(tx, found, list(referrals.values()), compared, currency, now)
    customers = customers_of(await cohort_tables.customer_deals(tx, now), currency)
    away = given_away(comparison)
    lines = lines_of(amounts, away, currency)
    books = await cohort_tables.rewards_in_the_books(tx)
    return Growth(
        at=now, currency=currency, k_factor=k_factor(await _k_arm(tx, customers, referrals, now)),
        caused_referrals=caused_referrals(comparison), caused=caused_money(comparison), given_away=away,
        cost_per_incremental=cost_per_incremental(comparison), ltv_difference=ltv_difference(customers, currency, now),
        cohorts=cohorts_of(customers, currency, now), lines=lines, adds_up=_sums(lines) == {c: v for c, v in books.items() if v},
    )  # fmt: skip


def _sums(lines: Sequence[Line]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, 0) + line.amount_minor
    return {c: v for c, v in sums.items() if v}


def _by_kind(
    rewards: Sequence[Mapping[str, Any]],
    referrals: dict[UUID, Event],
    found: dict[int, Entry],
    now: datetime,
    currency: str,
) -> tuple[dict[tuple[str, str], int], int]:
    """Rewards that stand per currency and kind, and those of compared treated companies in the workspace's currency."""
    amounts: dict[tuple[str, str], int] = {}
    for row in rewards:
        origin = referrals.get(row["referral_id"])
        kind = _kind(origin, found, now)
        if row["amount_minor"]:
            key = (row["currency"], kind)
            amounts[key] = amounts.get(key, 0) + row["amount_minor"]
    return amounts, amounts.get((currency, "treated"), 0)


def _kind(origin: Event | None, found: dict[int, Entry], now: datetime) -> str:
    if origin is None:
        return ELSEWHERE
    spot, entry = where(origin, found, now), place(origin, found)
    if spot in (ELSEWHERE, BEFORE) or entry is None:
        return spot
    if entry.arm == HOLDOUT:
        return HOLDOUT
    return RUNNING if spot == RUNNING else "treated"


async def _comparison(
    tx: Tx, found: dict[int, Entry], referrals: Sequence[Event], rewards_minor: int, currency: str, now: datetime
) -> Comparison:
    cap = await experiments.cap_in_force(tx, currency, now)
    money = await experiments.money_statistics(tx, now, cap, currency)
    asks = [Event(r["entity"], None, r["at"]) for r in await tables.sent(tx, now)]
    economics = await proof_tables.economics(tx)
    return Comparison(
        referrals=arms(found, referrals, now), money=(Arm(*money["candidate"]), Arm(*money["incumbent"])),
        asks=arms(found, asks, now)[0].total, rewards_minor=rewards_minor, cap_minor=cap, currency=currency,
        contact_minor=int(economics.get("contact_minor") or 0),
    )  # fmt: skip


def customers_of(rows: Sequence[Mapping[str, Any]], currency: str) -> list[Customer]:
    """Customers from their won deals, which come by customer and time; deals in other currencies count as nothing."""
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["entity"], []).append(row)
    return [
        Customer(
            entity, deals[0]["at"], bool(deals[0]["referred"]),
            tuple((d["at"], d["amount_minor"] or 0) for d in deals if d["currency"] == currency),
        )
        for entity, deals in found.items()
    ]  # fmt: skip


async def _k_arm(tx: Tx, customers: Sequence[Customer], referrals: dict[UUID, Event], now: datetime) -> Arm:
    """Customers as an arm: whole periods since the first win, and the customers won through their referrals in them."""
    known = {c.entity: Entry(c.entity, "treated", c.since, "") for c in customers}
    events = []
    for win in await proof_tables.wins(tx, now):
        origin = referrals.get(win["referral_id"])
        if origin is not None:
            events.append(Event(origin.entity, origin.persona, win["occurred_at"]))
    return arms(known, events, now)[0]


def cohorts_of(customers: Sequence[Customer], currency: str, now: datetime) -> list[Cohort]:
    """Per quarter and origin, the newest quarter first."""
    groups: dict[tuple[str, str], list[Customer]] = {}
    for one in customers:
        origin = "referred" if one.referred else "other"
        groups.setdefault((_quarter(one.since), origin), []).append(one)
    made = []
    for (cohort, origin), members in sorted(groups.items(), reverse=True):
        worth = [m.worth(now) for m in members]
        newest = max(m.since for m in members)
        value = _mean(worth, currency, f"{origin} customers of {cohort}")
        made.append(Cohort(cohort, origin, len(members), sum(worth), value, still_young(newest, now, AGE_DAYS), newest))
    return made


def ltv_difference(customers: Sequence[Customer], currency: str, now: datetime) -> Figure:
    """What a referred customer is worth more than another within its first 180 days, among those who have had them."""
    age = timedelta(days=AGE_DAYS)
    old = [c for c in customers if c.since + age <= now]
    values = {flag: [c.worth(c.since + age) for c in old if c.referred == flag] for flag in (True, False)}
    one, zero = (_arm(values[flag]) for flag in (True, False))
    if one.companies < _LEAST or zero.companies < _LEAST:
        return unknown(
            "minor",
            f"Not enough yet: {one.companies:,} referred and {zero.companies:,} other customers have had their first "
            f"{AGE_DAYS} days; at least {_LEAST} of each are needed.",
        )
    gap = compare(one, zero, float(max(values[True] + values[False])))
    if gap is None:
        return unknown("minor", "Not enough yet.")
    rates = (
        f"In their first {AGE_DAYS} days {one.companies:,} referred customers brought {_text(one.rate, currency)} each, "
        f"{zero.companies:,} others {_text(zero.rate, currency)}"
    )
    between = f"between {_text(gap.lower, currency)} and {_text(gap.upper, currency)}"
    said = f"{rates}. The difference is {between}."
    if gap.lower <= 0 <= gap.upper:
        said = f"{rates}. Whether referred customers are worth more is open: the difference may be anything {between}."
    return Figure(gap.estimate, gap.lower, gap.upper, "minor", KNOWN, said)


def _mean(worth: Sequence[int], currency: str, who: str) -> Figure:
    if len(worth) < _LEAST:
        return unknown("minor", f"Too few {who} for a mean: {len(worth)}, at least {_LEAST} are needed.")
    found = alone(_arm(worth), float(max(worth)))
    if found is None:
        return unknown("minor", "Not enough yet.")
    low = max(0.0, found.lower)
    said = (
        f"{len(worth):,} {who} are worth between {_text(low, currency)} and {_text(found.upper, currency)} each so far."
    )
    return Figure(found.estimate, low, found.upper, "minor", KNOWN, said)


def _arm(worth: Sequence[int]) -> Arm:
    return arm_of(np.ones(len(worth)), np.array(worth, dtype=np.float64))


def _quarter(at: datetime) -> str:
    return f"{at.year}-Q{(at.month - 1) // 3 + 1}"


def _text(minor: float | None, currency: str) -> str:
    unit = 10 ** exponent(currency)
    return money_text(round((minor or 0.0) / unit) * unit, currency)
