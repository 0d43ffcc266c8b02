"""The verdict on lift: what the counts allow to be said, in one plain sentence. Pure.

The rule for saying anything: at least 30 held-out and 100 treated companies whose 28 days are over, and at least 10
companies with a referral among them. Then `positive` when the whole interval lies above zero, `negative` when below,
`no_difference` when it lies within the margin on both sides; otherwise it is still too early. The margin is two points, or
half of the rate of both arms together where that is less (and never under half a point): where one company in a hundred
recommends, two points would be a trebling, and calling that none would be a lie.

A step of the playbook has fewer companies, so its rule is 10 held-out ones and its interval is sharpest at 1,000 companies.
Both keep their promise in simulated A/A histories (tests/properties/test_learning_sequence.py).
"""

from math import ceil

from msgspec import Struct

from honeyguide.learning.sequence import TUNED_AT, Counts, Interval, difference, units_to_see

METRIC = "referral"
METHOD = "normal-mixture-cs/1"
WINDOW_DAYS = 28
SAME, LEAST_SAME = 0.02, 0.005  # points; a difference below the margin is called none
POSITIVE, NEGATIVE, NO_DIFFERENCE, TOO_EARLY = "positive", "negative", "no_difference", "not_enough_yet"
_FAR = 10**9  # more companies than there are: nothing is promised


class Rule(Struct, frozen=True):
    """When anything may be said: companies of either arm, companies with a referral, and where the interval is sharpest."""

    holdout: int = 30
    treated: int = 100
    successes: int = 10
    tuned_at: int = TUNED_AT


PROGRAM, STEP = Rule(), Rule(holdout=10, tuned_at=1_000)
LEAST_HOLDOUT, LEAST_TREATED, LEAST_SUCCESSES = PROGRAM.holdout, PROGRAM.treated, PROGRAM.successes


class Lift(Struct, frozen=True):
    """A comparison of treated and held-out companies. Rates are shares of companies; `needed`: how many more companies
    (of both arms together) until the rule is met or the present difference would show; None where none would do.
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


def judge(treated: Counts, holdout: Counts, *, share_held_out: float, young: int = 0, rule: Rule = PROGRAM) -> Lift:
    """What the counts say. `young`: companies asked about whose days are not over; they never count as finished."""
    interval = difference(treated, holdout, tuned_at=rule.tuned_at)
    if not 0 < share_held_out < 1:
        said = "Nothing can be compared: no company is held out." if share_held_out <= 0 else _ALL_HELD_OUT
        return _lift(TOO_EARLY, said, treated, holdout, interval, None)
    lacking = _lacking(treated, holdout, share_held_out, rule)
    if interval is None or lacking:
        return _lift(TOO_EARLY, _too_few(treated, holdout, lacking, young), treated, holdout, interval, lacking)
    margin = margin_of(treated, holdout)
    verdict, needed = _verdict(interval, margin), None
    if verdict == TOO_EARLY:
        effect = max(abs(interval.estimate), margin)
        total = units_to_see(effect, treated, holdout, 1 - share_held_out, tuned_at=rule.tuned_at)
        needed = max(1, total - treated.units - holdout.units) if total < _FAR else None
    sentence = _sentence(verdict, interval, treated, holdout, needed, margin)
    return _lift(verdict, sentence, treated, holdout, interval, needed)


_ALL_HELD_OUT = "Nothing can be compared: every company is held out."


def _lift(
    verdict: str, sentence: str, treated: Counts, holdout: Counts, interval: Interval | None, needed: int | None
) -> Lift:
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


def may_speak(treated: Counts, holdout: Counts, rule: Rule = PROGRAM) -> bool:
    """Is there enough to say anything at all?"""
    enough = treated.units >= rule.treated and holdout.units >= rule.holdout
    return enough and treated.successes + holdout.successes >= rule.successes


def margin_of(treated: Counts, holdout: Counts) -> float:
    """Below which a difference is called none: two points, or half of the rate seen where that is less."""
    seen = (treated.successes + holdout.successes) / max(1, treated.units + holdout.units)
    return max(LEAST_SAME, min(SAME, seen / 2))


def _lacking(treated: Counts, holdout: Counts, share_held_out: float, rule: Rule) -> int:
    """How many more companies the rule needs; 0 when it is met."""
    short = [
        (rule.holdout - holdout.units) / share_held_out,
        (rule.treated - treated.units) / (1 - share_held_out),
    ]
    seen, successes = treated.units + holdout.units, treated.successes + holdout.successes
    if successes < rule.successes:
        rate = (successes + 1) / (seen + 2)
        short.append((rule.successes - successes) / rate)
    return max(0, ceil(max(short)))


def _verdict(interval: Interval, margin: float) -> str:
    if interval.lower > 0:
        return POSITIVE
    if interval.upper < 0:
        return NEGATIVE
    return NO_DIFFERENCE if interval.lower >= -margin and interval.upper <= margin else TOO_EARLY


def _too_few(treated: Counts, holdout: Counts, lacking: int, young: int) -> str:
    waiting = ""
    if young:
        waiting = (
            f" {young:,} more {_plural(young, 'is', 'are')} within {_plural(young, 'its', 'their')} {WINDOW_DAYS} days."
        )
    companies = _plural(lacking, "company is", "companies are")
    return (
        f"Not enough yet: {treated.units:,} treated and {holdout.units:,} held-out companies have had their "
        f"{WINDOW_DAYS} days, {treated.successes + holdout.successes:,} of them with a referral.{waiting} "
        f"About {lacking:,} more {companies} needed before anything can be said."
    )


def _sentence(
    verdict: str, interval: Interval, treated: Counts, holdout: Counts, needed: int | None, margin: float
) -> str:
    rates = (
        f"{_percent(treated.rate)} of {treated.units:,} treated companies brought a referral within {WINDOW_DAYS} days, "
        f"{_percent(holdout.rate)} of {holdout.units:,} held-out ones"
    )
    between = f"between {_points(interval.lower)} and {_points(interval.upper)} points"
    if verdict == POSITIVE:
        low, high = 100 * interval.lower, 100 * interval.upper
        return (
            f"Asking causes referrals: {rates}. So of 100 companies asked, between {low:.1f} and {high:.1f} brought a "
            "referral because they were asked. This holds however often one looks."
        )
    if verdict == NEGATIVE:
        return f"Asking harms: {rates}. The difference is {between}, however often one looks."
    if verdict == NO_DIFFERENCE:
        return f"No difference of {100 * margin:.1f} points or more: {rates}. It is {between}."
    told = f"About {needed:,} more companies would tell." if needed else "No number of companies in reach would tell."
    return f"Not enough yet: {rates}, but the difference may be anything {between}. {told}"


def _plural(n: int, one: str, many: str) -> str:
    return one if n == 1 else many


def _percent(rate: float | None) -> str:
    return f"{100 * (rate or 0):.1f} %"


def _points(value: float) -> str:
    return f"{100 * value:+.1f}"
