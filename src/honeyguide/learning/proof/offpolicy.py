"""What another policy would have earned on the decisions that were logged: IPS, SNIPS, DR, switch-DR.

A row counts for `w = target probability / logged propensity` of the action taken. IPS averages `w r`; SNIPS divides by the
sum of the weights instead of n; DR adds a model of the reward and weighs only its error (Dudik, Langford & Li 2011);
switch-DR leaves rows with a large weight to the model alone (Wang, Agarwal & Dudik 2017), which trades a little bias for
much variance and is the least bad where policies hardly overlap.

None of them is trusted where the effective sample `(sum w)^2 / sum w^2` is below 200 or below 5 % of the rows: such
estimates fail with absurd signs. They are refused.
"""

from math import nan

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.special import ndtri

from honeyguide.learning.sequence import width

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

METHODS = ("ips", "snips", "dr", "switch-dr")
LEAST_EFFECTIVE, LEAST_SHARE = 200.0, 0.05
EXTRA = 2.0  # observations of the largest size that smooth an interval for every look
_FAR, _SIGMAS = 0.2, 6.0  # weights average to 1; so far off it, the logged propensities are not those that were used
SWITCH_AT = 10.0


class Logged(Struct, frozen=True):
    """A log: the action taken, its exact propensity, and the reward. `distribution` [rows, actions] when it is known,
    `cluster` (company) when rows of one cluster depend on each other.
    """

    action: Ints
    propensity: Floats
    reward: Floats
    distribution: Floats | None = None
    cluster: Ints | None = None

    @property
    def rows(self) -> int:
        """How many decisions."""
        return len(self.action)

    def take(self, rows: Ints) -> "Logged":
        """Some of the decisions."""
        return Logged(
            self.action[rows], self.propensity[rows], self.reward[rows],
            None if self.distribution is None else self.distribution[rows],
            None if self.cluster is None else self.cluster[rows],
        )  # fmt: skip


class Estimate(Struct, frozen=True):
    """A value per decision and its interval; `nan` everywhere when `refused` says why there is none."""

    method: str
    value: float
    lower: float
    upper: float
    rows: int
    effective: float
    refused: str = ""


def evaluate(
    log: Logged, target: Floats, *, method: str = "dr", model: Floats | None = None, alpha: float = 0.05,
    always: bool = False,
) -> Estimate:  # fmt: skip
    """The value of a policy that would have acted with the probabilities `target` [rows, actions].

    `model` [rows, actions] is the expected reward, fitted on other rows; DR without one uses zero and equals IPS.
    `always` gives the interval that may be looked at every day (normal mixture), else the one for a single look.
    """
    if method not in METHODS:
        raise ValueError(f"There is no estimator {method!r}: it is one of {', '.join(METHODS)}.")
    weight = target[np.arange(log.rows), log.action] / log.propensity
    effective = effective_sample(weight)
    refused = refusal(log, target, effective)
    if refused:
        return Estimate(method, nan, nan, nan, log.rows, effective, refused)
    scores = _scores(log, target, weight, method, model)
    value = float(scores.mean())
    bound = float(weight.max() * np.ptp(log.reward)) if always else 0.0
    half = _half_width(scores, log.cluster, alpha, bound if always else None)
    return Estimate(method, value, value - half, value + half, log.rows, effective)


def effective_sample(weight: Floats) -> float:
    """How many equally weighted rows the weights are worth."""
    square = float((weight**2).sum())
    return float(weight.sum()) ** 2 / square if square > 0 else 0.0


def refusal(log: Logged, target: Floats, effective: float) -> str:
    """Why the log cannot carry an estimate of the target; empty when it can."""
    if log.distribution is not None and ((target > 0) & (log.distribution <= 0)).any():
        return "The policy takes actions that had no chance in the log."
    if effective < LEAST_EFFECTIVE:
        return f"The log is worth {effective:.0f} decisions of this policy; at least {LEAST_EFFECTIVE:.0f} are needed."
    if effective < LEAST_SHARE * log.rows:
        return f"Only {100 * effective / log.rows:.1f} % of the log speaks about this policy; at least 5 % must."
    return _not_one(log, target)


def _not_one(log: Logged, target: Floats) -> str:
    """Weights have mean 1 where the propensities are true and nothing the target does was impossible."""
    weight = target[np.arange(log.rows), log.action] / log.propensity
    off = float(weight.mean()) - 1
    units = by_cluster(weight - weight.mean(), log.cluster)
    error = float(np.sqrt((units**2).mean() / len(units)))
    if abs(off) > _FAR and abs(off) > _SIGMAS * error:
        return (
            f"The weights average to {1 + off:.2f} instead of 1: the logged propensities are not those of the actions taken, "
            "or the policy does what the log never could."
        )
    return ""


def dr_scores(log: Logged, target: Floats, model: Floats | None, *, switch_at: float | None = None) -> Floats:
    """One score per row whose mean is the doubly robust estimate: what sequences and differences are built of."""
    rows = np.arange(log.rows)
    weight = target[rows, log.action] / log.propensity
    expected = np.zeros_like(target) if model is None else model
    if switch_at is not None:
        weight = np.where(weight > switch_at, 0.0, weight)
    direct = (target * expected).sum(axis=1)
    return np.asarray(direct + weight * (log.reward - expected[rows, log.action]))


def _scores(log: Logged, target: Floats, weight: Floats, method: str, model: Floats | None) -> Floats:
    if method == "ips":
        return np.asarray(weight * log.reward)
    if method == "snips":
        value = float((weight * log.reward).sum() / weight.sum())
        return np.asarray(
            value + weight * (log.reward - value) / weight.mean()
        )  # its linear form: mean and variance agree
    return dr_scores(log, target, model, switch_at=SWITCH_AT if method == "switch-dr" else None)


def by_cluster(scores: Floats, cluster: Ints | None) -> Floats:
    """One score per cluster, scaled so that their mean is the mean of the rows."""
    if cluster is None:
        return scores
    _, place = np.unique(cluster, return_inverse=True)
    return np.asarray(np.bincount(place, weights=scores) * (int(place.max()) + 1) / len(scores))


def _half_width(scores: Floats, cluster: Ints | None, alpha: float, bound: float | None) -> float:
    """For a single look; with `bound` for every look, smoothed as `Running` is."""
    units = by_cluster(scores - scores.mean(), cluster)
    extra = 0.0 if bound is None else EXTRA * bound * bound
    sigma = float(np.sqrt(((units**2).sum() + extra) / max(1, len(units) - 1)))
    if bound is not None:
        return sigma * width(len(units), alpha)
    return float(-ndtri(alpha / 2)) * sigma / float(np.sqrt(len(units)))
