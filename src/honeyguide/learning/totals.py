"""Totals per company: referrals, money won, rewards, each per company and 28 days, treated against held out. Pure.

A company is followed from the day the policy would first have asked somebody there, in whole periods of 28 days. Arms are
compared by the mean per company and period. A company's periods depend on each other (some companies recommend all the
time), so the variance is that of whole companies: with `r` the arm's mean, `y` a company's total and `k` its periods,

    Var(r) = sum (y - r k)^2 / (sum k)^2

(the ratio estimator; Cochran, Sampling Techniques, 1977, ch. 6). The interval is the always-valid one of `sequence.py`,
with the periods of both arms as its time.

Money has heavy tails: one deal of a million decides a plain mean, and a small holdout hardly ever holds its like. So each
win counts up to a cap that was fixed before it was looked at, and the comparison is of capped money: a bounded variable,
whose mean the interval does cover. What lies above the cap is shown and never claimed.

As in `sequence.py`, two observations are added to each arm's squares: of the largest single size, or of twice the spread
of companies where that is more. With no win in the holdout the plain variance would be zero; and where some companies
recommend far more than others, fifty held-out ones seldom include such a one, their variance comes out too small, and in
simulated A/A histories looked at weekly 12 to 16 in a hundred gave a false alarm; with this they are at most 5.
"""

from math import sqrt

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from honeyguide.learning.sequence import ALPHA, TUNED_AT, Interval, width

Floats = NDArray[np.float64]
_EXTRA = 2.0
PERIOD_DAYS = 28


class Arm(Struct, frozen=True):
    """One arm: companies with a whole period, their periods, their total, and the squares of what each is off the mean."""

    companies: int
    periods: int
    total: float
    squares: float

    @property
    def rate(self) -> float | None:
        """Per company and period; None without any."""
        return self.total / self.periods if self.periods else None


def arm_of(periods: Floats, totals: Floats) -> Arm:
    """An arm from each company's whole periods and its total within them; companies without a whole period are left out."""
    seen = periods > 0
    k, y = periods[seen], totals[seen]
    if len(k) == 0:
        return Arm(0, 0, 0.0, 0.0)
    rate = float(y.sum() / k.sum())
    return Arm(len(k), int(k.sum()), float(y.sum()), float(((y - rate * k) ** 2).sum()))


def compare(
    treated: Arm, holdout: Arm, bound: float, *, alpha: float = ALPHA, tuned_at: int = TUNED_AT
) -> Interval | None:
    """The difference per company and period, always valid; None while an arm is empty. `bound`: the largest single size."""
    one, zero = treated.rate, holdout.rate
    if one is None or zero is None:
        return None
    n = treated.periods + holdout.periods
    spread = (treated.squares + holdout.squares) / (treated.companies + holdout.companies)
    size = max(bound * bound, 4 * spread)
    variance = sum((arm.squares + _EXTRA * size) / arm.periods**2 for arm in (treated, holdout))
    half = sqrt(n * variance) * width(n, alpha, tuned_at)
    return Interval(one - zero, one - zero - half, one - zero + half)


def alone(arm: Arm, bound: float, *, alpha: float = ALPHA, tuned_at: int = TUNED_AT) -> Interval | None:
    """One arm's mean per company and period, always valid; None without any."""
    rate = arm.rate
    if rate is None:
        return None
    size = max(bound * bound, 4 * arm.squares / arm.companies)
    variance = (arm.squares + _EXTRA * size) / arm.periods**2
    half = sqrt(arm.periods * variance) * width(arm.periods, alpha, tuned_at)
    return Interval(rate, rate - half, rate + half)
