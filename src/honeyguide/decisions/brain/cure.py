"""P(win) when wins come late: a mixture of those who will never buy and those who buy after a lognormal delay.

Judging a cohort by the wins so far undercounts it badly while it is young. Here an open referral of age t counts as a
failure only as far as F(t) says that its win should have come (Boag 1949; Chapelle, KDD 2014, for the delay of
conversions). Fitted by expectation and maximisation; priors are so many imagined referrals of the CRM's past.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from honeyguide.decisions.brain.schema import Floats, Ints

_ROUNDS = 60


class Cured(NamedTuple):
    """P(win) per group with the two parameters of its beta distribution, and the delay's log-mean and log-sd per group."""

    a: Floats
    b: Floats
    log_mean: Floats
    log_sd: Floats

    @property
    def win(self) -> Floats:
        """The expected P(win) per group."""
        return np.asarray(self.a / (self.a + self.b))

    def came_by(self, group: Ints, age: Floats) -> Floats:
        """F: the share of the wins of a group that have come by an age in days."""
        return _by(age, self.log_mean[group], self.log_sd[group])

    def forecast(self, group: Ints, age: Floats, won: Floats) -> tuple[float, float]:
        """Final wins of a cohort and how much of the answer has been seen (mean of F: low means a young cohort)."""
        seen = self.came_by(group, age)
        p = self.win[group]
        still = np.where(won > 0, 1.0, p * (1 - seen) / np.maximum(1 - p * seen, 1e-9))
        return float(still.sum()), float(seen.mean()) if len(seen) else 0.0


def fit(
    group: Ints, age: Floats, won: Floats, *, prior_win: Floats, prior_days: Floats, worth: float = 10.0,
    prior_log_sd: float = 0.8,
) -> Cured:  # fmt: skip
    """Fit from referrals: their group, and days until the win (`won` = 1) or days waited so far (`won` = 0)."""
    groups = len(prior_win)
    p, log_mean = prior_win.astype(np.float64).copy(), np.log(prior_days)
    log_sd = np.full(groups, prior_log_sd)
    log_age = np.log(np.maximum(age, 0.5))
    for _ in range(_ROUNDS if len(group) else 0):
        seen = _by(age, log_mean[group], log_sd[group])
        will = np.where(won > 0, 1.0, p[group] * (1 - seen) / np.maximum(1 - p[group] * seen, 1e-9))
        p = (_sum(group, will, groups) + worth * prior_win) / (_sum(group, np.ones(len(group)), groups) + worth)
        first, second = _expected_logs(log_age, won, log_mean[group], log_sd[group])
        count = _sum(group, will, groups) + worth
        log_mean = (_sum(group, will * first, groups) + worth * np.log(prior_days)) / count
        spread = _sum(group, will * (second - 2 * first * log_mean[group] + log_mean[group] ** 2), groups)
        log_sd = np.sqrt(np.maximum((spread + worth * prior_log_sd**2) / count, 0.04))
    seen = _by(age, log_mean[group], log_sd[group]) if len(group) else np.zeros(0)
    known = worth + _sum(group, np.where(won > 0, 1.0, seen), groups)
    return Cured(p * known, (1 - p) * known, log_mean, log_sd)


def _by(age: Floats, log_mean: Floats, log_sd: Floats) -> Floats:
    return np.asarray(ndtr((np.log(np.maximum(age, 1e-9)) - log_mean) / log_sd))


def _expected_logs(log_age: Floats, won: Floats, mean: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """E[log delay] and E[log delay^2]: observed for wins, of the tail beyond the age for open ones."""
    z = (log_age - mean) / sd
    hazard = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi) / np.maximum(1 - ndtr(z), 1e-12)
    tail_mean = mean + sd * hazard
    tail_var = sd**2 * np.maximum(1 + z * hazard - hazard**2, 1e-6)
    first = np.where(won > 0, log_age, tail_mean)
    second = np.where(won > 0, log_age**2, tail_var + tail_mean**2)
    return first, second


def _sum(group: Ints, values: Floats, groups: int) -> Floats:
    return np.bincount(group, weights=values, minlength=groups).astype(np.float64)
