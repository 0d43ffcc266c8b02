"""What may be said about money: won deals per company and 28 days, treated against held out, each win up to a cap. Pure.

Why a cap and not a plain mean, a median or a log: the mean is what the question is about (money adds up, medians and logs
do not), but its interval is honest only for a bounded variable. The cap is the amount below which nine of ten won deals of
the workspace lie, of whatever origin, once twenty are known; it is fixed before the first look and never moved.
"""

from math import ceil

from msgspec import Struct

from honeyguide.core.money import exponent, money_text
from honeyguide.learning.lift import LEAST_HOLDOUT, LEAST_TREATED, NEGATIVE, NO_DIFFERENCE, POSITIVE, TOO_EARLY
from honeyguide.learning.sequence import TUNED_AT, Interval, width
from honeyguide.learning.totals import PERIOD_DAYS, Arm, compare

LEAST_WINS, LEAST_PRICED = 10, 20
_CAP_AT = 0.9
_SAME = 0.05  # a difference below a twentieth of what a treated company brings is called none


class Money(Struct, frozen=True):
    """A comparison of money per company and 28 days, in minor units; `needed` = more companies until it would tell."""

    verdict: str
    sentence: str
    interval: Interval | None
    needed: int | None


def cap_of(amounts: list[int], currency: str) -> int | None:
    """The most one win counts, by the won deals known (sorted, minor units); None while they are too few.

    Rounded up to two digits, so that it can be remembered.
    """
    if len(amounts) < LEAST_PRICED:
        return None
    at = amounts[min(len(amounts) - 1, ceil(_CAP_AT * len(amounts)) - 1)]
    whole = -(-at // 10 ** exponent(currency))
    step = 10 ** max(0, len(str(whole)) - 2)
    return int(-(-whole // step) * step * 10 ** exponent(currency))


def judge_money(treated: Arm, holdout: Arm, wins: int, cap: int | None, currency: str) -> Money:
    """What the totals say. Amounts in minor units; `wins` are those of both arms that count."""
    if cap is None:
        said = (
            f"Not enough yet: the most that one win may count is set by the first {LEAST_PRICED} won deals with an amount, "
            "and there are fewer."
        )
        return Money(TOO_EARLY, said, None, None)
    interval = compare(treated, holdout, cap)
    if interval is None or treated.companies < LEAST_TREATED or holdout.companies < LEAST_HOLDOUT or wins < LEAST_WINS:
        said = (
            f"Not enough yet: {treated.companies:,} treated and {holdout.companies:,} held-out companies were followed for "
            f"{PERIOD_DAYS} days or more, with {wins:,} won deal{'' if wins == 1 else 's'} through their referrals. At least "
            f"{LEAST_TREATED}, {LEAST_HOLDOUT} and {LEAST_WINS} are needed."
        )
        return Money(TOO_EARLY, said, None, _companies_lacking(treated, holdout))
    return _said(treated, holdout, interval, cap, currency)


def _said(treated: Arm, holdout: Arm, interval: Interval, cap: int, currency: str) -> Money:
    one, zero = treated.rate or 0.0, holdout.rate or 0.0
    per = f"per company and {PERIOD_DAYS} days"
    rates = (
        f"treated companies brought {_money(one, currency)} {per} in won deals, held-out ones {_money(zero, currency)}"
    )
    between = f"between {_money(interval.lower, currency)} and {_money(interval.upper, currency)}"
    capped = f"Each win counts up to {_money(cap, currency)}."
    margin = _SAME * max(one, zero)
    if interval.lower > 0:
        return Money(
            POSITIVE, f"Asking brings money: {rates}. The difference is {between} {per}. {capped}", interval, None
        )
    if interval.upper < 0:
        return Money(
            NEGATIVE, f"Asking costs money: {rates}. The difference is {between} {per}. {capped}", interval, None
        )
    if interval.lower >= -margin and interval.upper <= margin:
        return Money(NO_DIFFERENCE, f"No difference worth the name: {rates}. It is {between}. {capped}", interval, None)
    needed = _needed(treated, holdout, interval)
    told = f"About {needed:,} more companies would tell." if needed else "No number of companies in reach would tell."
    said = f"Not enough yet: {rates}, but the difference may be anything {between} {per}. {capped} {told}"
    return Money(TOO_EARLY, said, interval, needed)


def _companies_lacking(treated: Arm, holdout: Arm) -> int | None:
    """How many more companies of both arms the rule needs, at the shares seen; None when it needs wins only."""
    seen = treated.companies + holdout.companies
    short = [
        (least - arm.companies) * seen / arm.companies if arm.companies else least * 20
        for arm, least in ((treated, LEAST_TREATED), (holdout, LEAST_HOLDOUT))
    ]
    return ceil(max(short)) if max(short) > 0 else None


def _needed(treated: Arm, holdout: Arm, interval: Interval) -> int | None:
    """How many more companies until a difference as large as this one would show; None beyond any reach."""
    periods, companies = treated.periods + holdout.periods, treated.companies + holdout.companies
    effect = abs(interval.estimate)
    half = interval.upper - interval.estimate
    if effect <= 0 or half <= 0:
        return None
    sigma = half / width(periods)
    for factor in range(1, 401):
        n = periods + periods * factor // 4
        if sigma * width(n, tuned_at=TUNED_AT) <= effect:
            return max(1, companies * factor // 4)
    return None


def _money(minor: float, currency: str) -> str:
    """Rounded to whole units of the currency, for sentences."""
    unit = 10 ** exponent(currency)
    return money_text(round(minor / unit) * unit, currency)
