"""The verdict on lift: what the counts allow to be said, in one plain sentence. Pure.

The rule for saying anything: at least 30 held-out and 100 treated companies whose 28 days are over, and at least 10
companies with a referral among them. Then `positive` when the whole interval lies above zero, `negative` when below,
`no_difference` when it lies within two points of zero on both sides; otherwise it is still too early.
"""

from math import ceil

from msgspec import Struct

from honeyguide.learning.sequence import Counts, Interval, difference, units_to_see

METRIC = "referral"
METHOD = "normal-mixture-cs/1"
WINDOW_DAYS = 28
LEAST_HOLDOUT, LEAST_TREATED, LEAST_SUCCESSES = 30, 100, 10
SAME = 0.02  # two points: a difference smaller than this is called none
POSITIVE, NEGATIVE, NO_DIFFERENCE, TOO_EARLY = "positive", "negative", "no_difference", "not_enough_yet"


class Lift(Struct, frozen=True):
    """A comparison of treated and held-out companies. Rates are shares of companies; `needed`: how many more companies
    (of both arms together) until the rule is met or the present difference would show.
    """

    verdict: str
    sentence: str
    metric: str
    n_treated: int
    n_holdout: int
    rate_treated: float | None
    rate_holdout: float | None
    estimate: float | None
    lower: float | None
    upper: float | None
    needed: int | None
    at: str | None = None


def judge(treated: Counts, holdout: Counts, *, share_held_out: float, young: int = 0) -> Lift:
    """What the counts say. `young`: companies asked about whose days are not over; they never count as finished."""
    interval = difference(treated, holdout)
    lacking = _lacking(treated, holdout, share_held_out)
    if interval is None or lacking:
        verdict, needed = TOO_EARLY, lacking
        sentence = _too_few(treated, holdout, lacking, young)
    else:
        verdict, needed = _verdict(interval), None
        if verdict == TOO_EARLY:
            effect = max(abs(interval.estimate), SAME)
            total = units_to_see(effect, treated, holdout, 1 - share_held_out)
            needed = max(1, total - treated.units - holdout.units)
        sentence = _sentence(verdict, interval, treated, holdout, needed)
    return Lift(
        verdict=verdict,
        sentence=sentence,
        metric=METRIC,
        n_treated=treated.units,
        n_holdout=holdout.units,
        rate_treated=treated.rate,
        rate_holdout=holdout.rate,
        estimate=interval.estimate if interval else None,
        lower=interval.lower if interval else None,
        upper=interval.upper if interval else None,
        needed=needed,
    )


def _lacking(treated: Counts, holdout: Counts, share_held_out: float) -> int:
    """How many more companies the rule needs; 0 when it is met."""
    short = [
        (LEAST_HOLDOUT - holdout.units) / share_held_out,
        (LEAST_TREATED - treated.units) / (1 - share_held_out),
    ]
    seen, successes = treated.units + holdout.units, treated.successes + holdout.successes
    if successes < LEAST_SUCCESSES:
        rate = (successes + 1) / (seen + 2)
        short.append((LEAST_SUCCESSES - successes) / rate)
    return max(0, ceil(max(short)))


def _verdict(interval: Interval) -> str:
    if interval.lower > 0:
        return POSITIVE
    if interval.upper < 0:
        return NEGATIVE
    return NO_DIFFERENCE if interval.lower >= -SAME and interval.upper <= SAME else TOO_EARLY


def _too_few(treated: Counts, holdout: Counts, lacking: int, young: int) -> str:
    waiting = f" {young:,} more are within their {WINDOW_DAYS} days." if young else ""
    return (
        f"Not enough yet: {treated.units:,} treated and {holdout.units:,} held-out companies have had their "
        f"{WINDOW_DAYS} days, {treated.successes + holdout.successes:,} of them with a referral.{waiting} "
        f"About {lacking:,} more companies are needed before anything can be said."
    )


def _sentence(verdict: str, interval: Interval, treated: Counts, holdout: Counts, needed: int | None) -> str:
    rates = (
        f"{_percent(treated.rate)} of {treated.units:,} treated companies brought a referral within {WINDOW_DAYS} days, "
        f"{_percent(holdout.rate)} of {holdout.units:,} held-out ones"
    )
    between = f"between {_points(interval.lower)} and {_points(interval.upper)} points"
    if verdict == POSITIVE:
        return f"Asking causes referrals: {rates}. The difference is {between}, however often one looks."
    if verdict == NEGATIVE:
        return f"Asking harms: {rates}. The difference is {between}, however often one looks."
    if verdict == NO_DIFFERENCE:
        return f"No difference worth the name: {rates}. It is {between}."
    return (
        f"Not enough yet: {rates}, but the difference may be anything {between}. "
        f"About {needed or 0:,} more companies would tell."
    )


def _percent(rate: float | None) -> str:
    return f"{100 * (rate or 0):.1f} %"


def _points(value: float) -> str:
    return f"{100 * value:+.1f}"
