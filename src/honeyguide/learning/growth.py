"""Figures of growth from the arms: each with its interval and a plain sentence, or not at all. Pure.

- **Caused**: what treated companies brought beyond what as many held-out ones would have, over the whole periods of 28 days
  they were followed. Money counts each win up to the cap of the revenue experiment.
- **Given away**: rewards on referrals that would have come anyway. The share of such referrals is the held-out companies'
  rate over the treated ones'; it is applied to the rewards that stand, assuming that both kinds earn alike.
- **Cost per incremental referral**: rewards and messages of treated companies over the referrals caused. Where the lower
  bound of those is zero or less, there is no upper bound, and the sentence says so.
- **K-factor**: customers won through referrals, per customer and year.
"""

from datetime import datetime

from msgspec import Struct

from honeyguide.core.money import exponent, money_text
from honeyguide.learning.lift import LEAST_HOLDOUT, LEAST_SUCCESSES, LEAST_TREATED, TOO_EARLY
from honeyguide.learning.sequence import Interval
from honeyguide.learning.totals import PERIOD_DAYS, Arm, alone, compare

KNOWN = "known"
_YEAR = 365.0 / PERIOD_DAYS
_LEAST_CUSTOMERS, _LEAST_WINS = 30, 5


class Figure(Struct, frozen=True):
    """A number with its interval (together or not at all) and what it means. `upper` alone may be missing where the
    sentence says that there is no upper bound. `unit`: `count`, `minor` (minor units of the currency) or `rate`.
    """

    estimate: float | None
    lower: float | None
    upper: float | None
    unit: str
    verdict: str
    sentence: str


class Line(Struct, frozen=True):
    """Rewards of one kind in one currency, minor units; all lines of a currency add up to what the books hold."""

    currency: str
    kind: str
    text: str
    amount_minor: int


class Comparison(Struct, frozen=True):
    """The arms of one program: referrals, capped money won, messages; and the rewards that stand on compared referrals."""

    referrals: tuple[Arm, Arm]
    money: tuple[Arm, Arm]
    asks: float
    rewards_minor: int
    cap_minor: int | None
    currency: str
    contact_minor: int


def unknown(unit: str, why: str) -> Figure:
    """No number, and why."""
    return Figure(None, None, None, unit, TOO_EARLY, why)


def too_few(found: Comparison) -> str:
    """Why nothing may be said about referrals yet; empty when it may."""
    one, zero = found.referrals
    if one.companies >= LEAST_TREATED and zero.companies >= LEAST_HOLDOUT and one.total + zero.total >= LEAST_SUCCESSES:
        return ""
    return (
        f"Not enough yet: {one.companies:,} treated and {zero.companies:,} held-out companies were followed for {PERIOD_DAYS} "
        f"days or more, with {int(one.total + zero.total):,} referrals; at least {LEAST_TREATED}, {LEAST_HOLDOUT} and "
        f"{LEAST_SUCCESSES} are needed."
    )


def caused_referrals(found: Comparison) -> Figure:
    """Referrals of treated companies that would not have come by themselves."""
    gap = None if (why := too_few(found)) else compare(*found.referrals, 1.0)
    if gap is None:
        return unknown("count", why)
    one = found.referrals[0]
    low, mid, high = (v * one.periods for v in (gap.lower, gap.estimate, gap.upper))
    high = min(high, one.total)
    said = (
        f"Of {int(one.total):,} referrals of treated companies, between {max(0, round(low)):,} and {round(high):,} came because "
        "they were asked."
        if high > 0
        else f"None of the {int(one.total):,} referrals of treated companies came because they were asked."
    )
    if low <= 0:
        said += " It may be that none did."
    return Figure(mid, low, high, "count", KNOWN, said)


def caused_money(found: Comparison) -> Figure:
    """Won deals, each up to the cap, that would not have come without asking."""
    if found.cap_minor is None:
        return unknown("minor", "Not enough yet: too few won deals are known to say what a usual one is worth.")
    gap = None if (why := too_few(found)) else compare(*found.money, found.cap_minor)
    if gap is None:
        return unknown("minor", why)
    one = found.money[0]
    low, mid, high = (v * one.periods for v in (gap.lower, gap.estimate, gap.upper))
    high = min(high, one.total)
    total, cap = _money(one.total, found.currency), _money(found.cap_minor, found.currency)
    said = (
        f"Of {total} won through referrals of treated companies (each win counted up to {cap}), between "
        f"{_money(max(0.0, low), found.currency)} and {_money(max(0.0, high), found.currency)} came because they were asked."
    )
    if low <= 0:
        said += " It may be that none did."
    return Figure(mid, low, high, "minor", KNOWN, said)


def organic_share(found: Comparison) -> Interval | None:
    """The share of treated companies' referrals that would have come anyway; None while nothing may be said."""
    gap = None if too_few(found) else compare(*found.referrals, 1.0)
    rate = found.referrals[0].rate
    if gap is None or not rate:
        return None
    return Interval(*(min(1.0, max(0.0, 1 - v / rate)) for v in (gap.estimate, gap.upper, gap.lower)))


def given_away(found: Comparison) -> Figure:
    """Rewards on referrals of treated companies that would have come anyway, in minor units."""
    share = organic_share(found)
    if share is None:
        return unknown("minor", too_few(found) or "No treated company brought a referral, so nothing was given away.")
    mid, low, high = (round(v * found.rewards_minor) for v in (share.estimate, share.lower, share.upper))
    total = _money(found.rewards_minor, found.currency)
    if found.rewards_minor == 0:
        said = "No reward stands on a referral of a treated company, so nothing was given away."
    else:
        said = (
            f"Of {total} in rewards for referrals of treated companies, between {_money(low, found.currency)} and "
            f"{_money(high, found.currency)} went to referrals that would have come anyway."
        )
    return Figure(mid, low, high, "minor", KNOWN, said)


def cost_per_incremental(found: Comparison) -> Figure:
    """What one referral that would not have come cost, in rewards and messages."""
    caused = caused_referrals(found)
    if caused.estimate is None or caused.lower is None or caused.upper is None:
        return unknown("minor", caused.sentence)
    cost = found.rewards_minor + found.asks * found.contact_minor
    spent = _money(cost, found.currency)
    if caused.upper <= 0 or caused.estimate <= 0:
        return unknown(
            "minor", f"{spent} was spent, and no referral is known to have come because of it: there is no such cost."
        )
    low = cost / caused.upper
    if caused.lower <= 0:
        said = (
            f"{spent} in rewards and messages: at least {_money(low, found.currency)} per referral that would not have come; "
            "there is no upper bound yet, because it may be that none came of it."
        )
        return Figure(cost / caused.estimate, low, None, "minor", TOO_EARLY, said)
    high = cost / caused.lower
    said = (
        f"{spent} in rewards and messages: between {_money(low, found.currency)} and {_money(high, found.currency)} per "
        "referral that would not have come."
    )
    return Figure(cost / caused.estimate, low, high, "minor", KNOWN, said)


def k_factor(customers: Arm) -> Figure:
    """Customers won through referrals per customer and year; above 1 each brings more than one more."""
    if customers.companies < _LEAST_CUSTOMERS or customers.total < _LEAST_WINS:
        return unknown(
            "rate",
            f"Not enough yet: {customers.companies:,} customers of {PERIOD_DAYS} days or more, {int(customers.total):,} of "
            f"whose referrals became customers; at least {_LEAST_CUSTOMERS} and {_LEAST_WINS} are needed.",
        )
    found = alone(customers, 1.0)
    if found is None:
        return unknown("rate", "Not enough yet.")
    mid, low, high = (v * _YEAR for v in (found.estimate, max(0.0, found.lower), found.upper))
    grows = "the program alone does not carry growth" if high < 1 else "it may carry growth by itself"
    if low >= 1:
        grows = "each customer brings more than one more"
    said = f"100 customers bring between {100 * low:.1f} and {100 * high:.1f} new customers a year through referrals: {grows}."
    return Figure(mid, low, high, "rate", KNOWN, said)


def lines_of(amounts: dict[tuple[str, str], int], share: Figure, currency: str) -> list[Line]:
    """The rewards that stand, by what is known of them; `amounts` per (currency, kind).

    What was given away is cut out of the compared ones, so the lines of a currency add up exactly.
    """
    found = []
    for (money, kind), amount in sorted(amounts.items()):
        if kind == "treated" and money == currency and share.estimate is not None:
            away = round(share.estimate)
            found += [
                Line(money, "given_away", TEXT["given_away"], away),
                Line(money, "caused", TEXT["caused"], amount - away),
            ]
        else:
            found.append(Line(money, kind, TEXT[kind], amount))
    return found


TEXT = {
    "caused": "On referrals that came because we asked (best estimate)",
    "given_away": "On referrals of asked companies that would have come anyway (best estimate)",
    "treated": "On referrals of asked companies, not enough known to tell",
    "holdout": "On referrals of held-out companies: they would have come anyway",
    "running": "On referrals of the running 28 days: not compared yet",
    "before": "On referrals from before the company's turn: nobody had been asked",
    "elsewhere": "On referrals of companies whose turn never came",
}


def still_young(newest: datetime, now: datetime, days: int) -> bool:
    """Has the newest of a cohort had fewer than these days?"""
    return (now - newest).days < days


def _money(minor: float, currency: str) -> str:
    unit = 10 ** exponent(currency)
    return money_text(round(minor / unit) * unit if abs(minor) >= 10 * unit else round(minor), currency)
