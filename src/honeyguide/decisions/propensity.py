"""P(share), P(qualify), P(win), P(opt-out): one logistic model per factor, with the playbook's beliefs as its prior.

A factor's coefficients are independent normals in log-odds, so the log-odds of a situation are normal with mean
sum(x m) and variance sum((x s)^2): a logit-normal probability, whose quantiles are exact.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import exp, log, pi, sqrt
from typing import Any

import numpy as np
from msgspec import Struct

from honeyguide.programs import Factor

FACTORS = ("share", "qualify", "win", "opt_out")
BASE = "base"
Z90 = 1.6448536269514722  # the 95th percentile of the standard normal: a central 90 % interval
_PAIR = "*"


class Term(Struct, frozen=True):
    """A coefficient that is active: its feature's value, its mean and standard deviation in log-odds."""

    name: str
    x: float
    mean: float
    sd: float


class Belief(Struct, frozen=True):
    """A probability and its 5 % and 95 % quantiles."""

    mean: float
    low: float
    high: float


def terms_of(factor: Factor, features: Mapping[str, float]) -> list[Term]:
    """The active coefficients of a factor, the base first, then by name (the order is part of the replay)."""
    found = [Term(BASE, 1.0, logit(factor.base), factor.base_sd)]
    for name in sorted(factor.effects):
        effect = factor.effects[name]
        x = value_of(name, features)
        if x != 0.0:
            found.append(Term(name, x, effect.mean, effect.sd))
    return found


def value_of(name: str, features: Mapping[str, float]) -> float:
    """A feature's value; a pair `a*b` is the product of its two."""
    if _PAIR not in name:
        return features.get(name, 0.0)
    left, right = name.split(_PAIR, 1)
    return features.get(left, 0.0) * features.get(right, 0.0)


def belief(terms: Iterable[Term]) -> Belief:
    """The probability the terms give. The mean of a logit-normal by MacKay's approximation (Neural Computation 4, 1992)."""
    mean, variance = _moments(terms)
    spread = Z90 * sqrt(variance)
    return Belief(sigmoid(mean / sqrt(1 + pi * variance / 8)), sigmoid(mean - spread), sigmoid(mean + spread))


def _moments(terms: Iterable[Term]) -> tuple[float, float]:
    mean = variance = 0.0
    for term in terms:
        mean += term.x * term.mean
        variance += (term.x * term.sd) ** 2
    return mean, variance


def draw(
    factor: Factor, rows: Sequence[Mapping[str, float]], rng: np.random.Generator, draws: int
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Posterior draws of the probability, one line per row of features, one column per draw.

    Rows share the drawn coefficients, as they must: the uncertainty is about the world, not about the action. Sums run
    in the order of the names and not through a matrix product, whose order would depend on the machine.
    """
    names, x = _active(factor, rows)
    total = np.zeros((len(rows), draws))
    for name, values in zip(names, x, strict=True):
        mean, sd = (logit(factor.base), factor.base_sd) if name == BASE else _of(factor, name)
        total += values[:, None] * (mean + sd * rng.standard_normal(draws))
    return np.asarray(1.0 / (1.0 + np.exp(-total)))


def _active(
    factor: Factor, rows: Sequence[Mapping[str, float]]
) -> tuple[list[str], np.ndarray[Any, np.dtype[np.float64]]]:
    """The coefficients active in any row, the base first, then by name, and their values [names, rows]."""
    names, values = [BASE], [[1.0] * len(rows)]
    for name in sorted(factor.effects):
        left, pair, right = name.partition(_PAIR)
        found = [row.get(left, 0.0) for row in rows]
        if pair and any(found):
            found = [x * row.get(right, 0.0) for x, row in zip(found, rows, strict=True)]
        if any(found):
            names.append(name)
            values.append(found)
    return names, np.array(values)


def _of(factor: Factor, name: str) -> tuple[float, float]:
    effect = factor.effects[name]
    return effect.mean, effect.sd


def logit(p: float) -> float:
    """Log-odds of a probability strictly between 0 and 1."""
    return log(p / (1 - p))


def sigmoid(x: float) -> float:
    """The probability of log-odds; safe for large values."""
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))
