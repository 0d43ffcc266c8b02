"""Bayesian logistic regression with full covariance: the playbook as prior, Laplace updates batch by batch.

The prior of a block is `N(m, diag(sd^2) + trust^2 m m')`: besides the doubt about every single coefficient there is one
doubt about the playbook as a whole, in each block. A rule book that is wrong is then unlearned at the speed of one
number, not of a hundred. Pooling is additive: a coefficient of the workspace, one per vertical and one per segment beside
it with smaller deviations, so what is learned anywhere speaks everywhere.
"""

import numpy as np
from msgspec import Struct, field
from scipy.linalg.lapack import dtrtri

from honeyguide.decisions.brain.design import Design
from honeyguide.decisions.brain.schema import Floats

_STEPS, _ENOUGH, _NEAR = 20, 1e-8, 0.03


class Prior(Struct, frozen=True):
    """What is believed before data: means by coefficient name, doubts by block name (the name of a coefficient wins).

    `trust_sd` is the doubt about the playbook as a whole in each block, `trust` that of single blocks.
    """

    base: float
    base_sd: float
    means: dict[str, float] = field(default_factory=dict)
    sds: dict[str, float] = field(default_factory=dict)
    sd: float = 0.3
    trust_sd: float = 0.6
    trust: dict[str, float] = field(default_factory=dict)


class Logistic:
    """The posterior: mean and precision of the coefficients."""

    def __init__(self, mean: Floats, precision: Floats) -> None:
        self.mean, self.precision = mean, precision

    def update(self, x: Floats, y: Floats, weight: Floats | None = None, start: Floats | None = None) -> None:
        """Take in a batch: the mode by Newton's method, the curvature there as the new precision.

        Near the mode the curvature of the step before serves again: it is most of the work. `start` is where to look first.
        """
        if len(x) == 0:
            return
        w = np.ones(len(x)) if weight is None else weight
        beta = (self.mean if start is None else start).copy()
        pull = self.precision @ self.mean
        inverse: Floats | None = None
        for _ in range(_STEPS):
            p = sigmoid(x @ beta)
            gradient = pull - self.precision @ beta + x.T @ (w * (y - p))
            if inverse is None:
                inverse = _inverse(self.precision + (x.T * (w * p * (1 - p))) @ x)
            step: Floats = np.asarray(inverse.T @ (inverse @ gradient), dtype=np.float64)
            beta = beta + _damped(step)
            longest = float(np.abs(step).max())
            if longest < _ENOUGH:
                break
            if longest > _NEAR:
                inverse = None
        p = sigmoid(x @ beta)
        self.mean = beta
        self.precision = self.precision + (x.T * (w * p * (1 - p))) @ x

    def doubt(self, columns: slice, factor: float) -> None:
        """Widen what is believed about some coefficients: their standard deviations grow by the root of `factor`."""
        scale = np.ones(len(self.mean))
        scale[columns] = factor**-0.5
        self.precision = self.precision * scale[:, None] * scale[None, :]

    def root(self) -> Floats:
        """A matrix R with R R' = covariance."""
        out: Floats = np.ascontiguousarray(_inverse(self.precision).T)
        return out


def prior_of(design: Design, prior: Prior) -> Logistic:
    """The posterior before any data."""
    mean, covariance = covariance_of(design, prior)
    return Logistic(mean, np.asarray(np.linalg.inv(covariance), dtype=np.float64))


def covariance_of(design: Design, prior: Prior) -> tuple[Floats, Floats]:
    """Mean and covariance of a prior; blocks know nothing of each other."""
    mean, sd = np.zeros(design.size), np.full(design.size, prior.sd)
    for name, block in design.blocks.items():
        sd[block] = prior.sds.get(name, prior.sd)
    for k, name in enumerate(design.names):
        mean[k] = prior.means.get(name, 0.0)
        sd[k] = prior.sds.get(name, sd[k])
    covariance = np.diag(sd**2)
    for name, block in design.blocks.items():
        part = np.zeros(design.size)
        part[block] = mean[block]
        covariance += prior.trust.get(name, prior.trust_sd) ** 2 * np.outer(part, part)
    mean[0] = prior.base
    covariance[0, :], covariance[:, 0] = 0.0, 0.0
    covariance[0, 0] = prior.base_sd**2
    return mean, covariance


def draw(mean: Floats, root: Floats, seed: int, draws: int) -> Floats:
    """Coefficients drawn from the posterior by `Logistic.root`, [coefficients, draws]: a function of its arguments alone.

    The product runs column by column in numpy's own loops; a product by the machine's linear algebra could differ in
    the last bit from one processor to the next.
    """
    lots = np.random.Generator(np.random.PCG64(seed)).standard_normal((len(mean), draws))
    out = np.repeat(mean[:, None], draws, axis=1)
    for k in range(len(mean)):  # the root is upper triangular
        out[: k + 1] += root[: k + 1, k, None] * lots[k]
    return out


def sigmoid(x: Floats) -> Floats:
    """The probability of log-odds, safe for large values."""
    out: Floats = 1.0 / (1.0 + np.exp(-np.clip(x, -40.0, 40.0)))
    return out


def _inverse(precision: Floats) -> Floats:
    """The inverse of the lower Cholesky factor: W with W' W = precision^-1."""
    lower = np.linalg.cholesky(precision)
    out, _ = dtrtri(lower, lower=1)
    return np.asarray(out, dtype=np.float64)


def _damped(step: Floats) -> Floats:
    longest = float(np.abs(step).max())
    return step if longest <= 2.0 else np.asarray(step * (2.0 / longest))
