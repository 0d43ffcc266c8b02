"""How much each piece of evidence weighs: stated beliefs first, then labels. A logistic model, pure.

`PRIOR` states the belief (log-odds) and how firmly it is held (standard deviation). `fit` finds the weights most probable
after labels: a Gaussian prior around the belief and the labels' likelihood, maximised by Newton steps (MacKay 1992). No
evidence for fraud ever becomes evidence against it: those weights stay at zero or above. Cases that reach a reviewer are
chosen by what the model sees, so labels of chosen cases teach the weights without bias.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

_BASE = "base"
_ROUNDS = 50
Array = NDArray[np.float64]


class Belief(Struct, frozen=True):
    """A weight as believed before any label. `sign`: +1 never below zero, -1 never above, 0 free."""

    mean: float
    sd: float
    sign: int


# Where a belief is from: rules of a person's making where nothing was ever counted (round numbers with a wide deviation), else
# the fit on seeds 1 to 3 of benchmarks/fraud, rounded.
PRIOR: dict[str, Belief] = {
    _BASE: Belief(-4.2, 0.5, 0),  # about one referral in seventy
    "same_email": Belief(6.0, 1.0, 1),
    "same_persona": Belief(6.0, 1.0, 1),
    "similar_name": Belief(5.3, 0.7, 1),
    "insider": Belief(3.5, 0.7, 1),
    "role_inbox": Belief(0.5, 0.5, 1),
    "disposable_domain": Belief(4.4, 1.0, 1),
    "lookalike_domain": Belief(4.0, 1.0, 1),
    "duplicate_payee": Belief(1.1, 0.5, 1),
    "many_accounts": Belief(2.4, 0.7, 1),
    "payee_pair": Belief(0.8, 0.7, 1),
    "device_pair": Belief(1.2, 0.5, 1),
    "device_colleagues": Belief(0.5, 0.5, 1),
    "one_hand": Belief(0.4, 0.5, 1),
    "fan": Belief(3.0, 0.7, 1),
    "cycle": Belief(0.5, 0.7, 1),
    "cycle_tied": Belief(2.2, 0.7, 1),
    "dense": Belief(2.5, 1.0, 1),
    "refund_rate": Belief(4.5, 1.0, 1),
    "refunds": Belief(0.2, 0.5, 1),
    "taken_back": Belief(1.0, 0.5, 1),
    "code_leak": Belief(4.1, 1.0, 1),
    "coupon_site": Belief(0.7, 0.7, 1),
    "velocity": Belief(2.2, 1.0, 1),
    "at_once": Belief(1.0, 0.7, 1),
    "throw_away": Belief(0.9, 0.7, 1),
    "strangers": Belief(0.9, 0.5, 1),
    "idle": Belief(1.4, 0.5, 1),
    "quiet": Belief(0.8, 0.3, 1),
    "hasty": Belief(0.1, 0.2, 1),
    "cheap": Belief(0.4, 0.5, 1),
    "open_deal": Belief(2.8, 0.5, 1),
    "unknown_employer": Belief(0.6, 0.4, 1),
    "around_worse": Belief(2.1, 0.4, 1),
    "confirmed": Belief(3.0, 1.0, 1),
    "cleared": Belief(-1.5, 0.5, -1),
    "around_better": Belief(-1.6, 0.5, -1),
    "tied": Belief(-2.8, 0.5, -1),
    "active": Belief(-0.4, 0.3, -1),
    "patient": Belief(-0.4, 0.4, -1),
    "known_employer": Belief(-1.2, 0.5, -1),
}


class Label(Struct, frozen=True):
    """What a referral turned out to be, with the evidence as it was seen; `weight` is how sure that is."""

    amounts: dict[str, float]
    fraud: bool
    weight: float = 1.0


class Weights(Struct, frozen=True):
    """Weights by name, their standard deviations, and how many labels they learned from."""

    mean: dict[str, float]
    sd: dict[str, float]
    labels: int = 0

    def logit(self, amounts: Mapping[str, float]) -> float:
        """Log-odds of fraud; evidence without a weight says nothing."""
        known = (self.mean.get(name, 0.0) * amount for name, amount in sorted(amounts.items()))
        return self.mean[_BASE] + math.fsum(known)

    def probability(self, amounts: Mapping[str, float]) -> float:
        """How probable fraud is."""
        return sigmoid(self.logit(amounts))


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)), without overflow."""
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


def stated(prior: Mapping[str, Belief] = PRIOR) -> Weights:
    """The weights before any label."""
    return Weights({n: b.mean for n, b in prior.items()}, {n: b.sd for n, b in prior.items()})


def fit(labels: Sequence[Label], prior: Mapping[str, Belief] = PRIOR) -> Weights:
    """The weights most probable after these labels; the order of the labels changes nothing."""
    if not labels:
        return stated(prior)
    names = list(prior)
    rows = sorted(
        (tuple(1.0 if n == _BASE else lb.amounts.get(n, 0.0) for n in names), lb.fraud, lb.weight) for lb in labels
    )
    x = np.array([r[0] for r in rows])
    y = np.array([float(r[1]) for r in rows])
    w = np.array([r[2] for r in rows])
    mean = np.array([prior[n].mean for n in names])
    precision = np.array([prior[n].sd ** -2.0 for n in names])
    low = np.array([0.0 if prior[n].sign > 0 else -np.inf for n in names])
    high = np.array([0.0 if prior[n].sign < 0 else np.inf for n in names])
    found = _newton(x, y, w, mean, precision, low, high)
    sd = np.sqrt(np.diag(np.linalg.inv(_curvature(x, w, found, precision))))
    return Weights(
        dict(zip(names, (round(float(v), 9) for v in found), strict=True)),
        dict(zip(names, (round(float(v), 9) for v in sd), strict=True)), len(labels),
    )  # fmt: skip


def _chance(x: Array, at: Array) -> Array:
    return 0.5 * (1.0 + np.tanh(0.5 * (x @ at)))


def _curvature(x: Array, w: Array, at: Array, precision: Array) -> Array:
    p = _chance(x, at)
    return (x * (w * p * (1.0 - p))[:, None]).T @ x + np.diag(precision)


def _loss(x: Array, y: Array, w: Array, at: Array, mean: Array, precision: Array) -> float:
    z = x @ at
    return float(w @ (np.logaddexp(0.0, z) - y * z) + 0.5 * precision @ (at - mean) ** 2)


def _newton(x: Array, y: Array, w: Array, mean: Array, precision: Array, low: Array, high: Array) -> Array:
    """Projected Newton: weights at their bound stay there while the slope pushes outwards."""
    at = np.clip(mean, low, high)
    for _ in range(_ROUNDS):
        slope = x.T @ (w * (_chance(x, at) - y)) + precision * (at - mean)
        free = ~(((at <= low) & (slope > 0)) | ((at >= high) & (slope < 0)))
        if not free.any() or float(np.abs(slope[free]).max()) < 1e-9:
            break
        step = np.zeros_like(at)
        bend = _curvature(x, w, at, precision)[np.ix_(free, free)]
        step[free] = np.linalg.solve(bend, slope[free])
        before, size = _loss(x, y, w, at, mean, precision), 1.0
        while size > 1e-8 and _loss(x, y, w, np.clip(at - size * step, low, high), mean, precision) > before:
            size /= 2
        moved = np.clip(at - size * step, low, high)
        if float(np.abs(moved - at).max()) < 1e-12:
            break
        at = moved
    return at
