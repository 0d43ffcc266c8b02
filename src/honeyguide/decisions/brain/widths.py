"""How wide beliefs are before data, learned from the data: empirical Bayes, block by block.

A playbook names a guess of how far single coefficients of a block lie from it. In one company tastes by role hardly differ
and segments do; in the next it is the other way round. So each block's prior covariance gets one factor, learned by
expectation and maximisation of the evidence with a scaled inverse chi-square prior worth `worth` coefficients at 1. What the
outcomes said is kept apart from what was believed before, so a changed width changes the posterior without a look at old
outcomes. (MacKay, Neural Computation 1992; Gelman & Hill 2007 for partial pooling.)
"""

import numpy as np

from honeyguide.decisions.brain.design import Design
from honeyguide.decisions.brain.logistic import Logistic, Prior, covariance_of
from honeyguide.decisions.brain.schema import Floats

_LEAST_COLUMNS = 3  # a block of fewer coefficients says nothing about its own width


class Widths:
    """The prior of a posterior, and the factor of each block's covariance."""

    def __init__(self, design: Design, prior: Prior, worth: float) -> None:
        self.mean, covariance = covariance_of(design, prior)
        self.worth = worth
        self.blocks = list(design.blocks.values())
        self._inverse = np.zeros_like(covariance)
        for block in self.blocks:
            self._inverse[block, block] = np.linalg.inv(covariance[block, block])
        self.factors: Floats = np.ones(len(self.blocks))
        self.stretch: Floats = np.ones(design.size)

    def precision(self) -> Floats:
        """The precision of the prior in force."""
        scale = np.ones(len(self.mean))
        for block, factor in zip(self.blocks, self.factors, strict=True):
            scale[block] = factor**-0.5
        scale = scale * self.stretch
        return np.asarray(self._inverse * scale[:, None] * scale[None, :])

    def doubt(self, columns: slice, factor: float) -> None:
        """The posterior of some columns was widened (`Logistic.doubt`), and what was believed before with it."""
        self.stretch[columns] *= factor**-0.5

    def learn(self, posterior: Logistic, rounds: int = 3) -> None:
        """Bring the factors nearer to what the data says, and the posterior to the prior that follows."""
        before = self.precision()
        told = posterior.precision - before
        pull = posterior.precision @ posterior.mean - before @ self.mean
        for _ in range(rounds):
            precision = self.precision()
            covariance = np.asarray(np.linalg.inv(precision + told), dtype=np.float64)
            mean = covariance @ (precision @ self.mean + pull)
            self._maximise(mean - self.mean, covariance)
        precision = self.precision()
        posterior.precision = precision + told
        posterior.mean = np.asarray(
            np.linalg.solve(posterior.precision, precision @ self.mean + pull), dtype=np.float64
        )

    def _maximise(self, moved: Floats, covariance: Floats) -> None:
        for k, block in enumerate(self.blocks):
            count = block.stop - block.start
            if count < _LEAST_COLUMNS:
                continue
            stretch = self.stretch[block]
            inverse = self._inverse[block, block] * stretch[:, None] * stretch[None, :]
            second = covariance[block, block] + np.outer(moved[block], moved[block])
            self.factors[k] = (self.worth + float((inverse * second).sum())) / (self.worth + count)
