"""Rates of rare or slow things in a table of two ways: beta-binomial with additive shrinkage.

A cell's prior is its row's and its column's deviation from the overall rate added up; row and column are shrunk to the
overall rate themselves. A cell that has seen nothing is judged by its row and column, one that has seen much by itself.
"""

import numpy as np

from honeyguide.decisions.brain.schema import Floats, Ints

_LEAST = 1e-5


class Shrunk:
    """Successes and trials of a table, with a prior rate per cell and how many trials it is worth at each level."""

    def __init__(self, prior: Floats, worth: float, margin_worth: float, cell_worth: float) -> None:
        self.prior = np.asarray(prior, dtype=np.float64)
        self.worth, self.margin_worth, self.cell_worth = worth, margin_worth, cell_worth
        self.wins, self.trials = np.zeros(self.prior.shape), np.zeros(self.prior.shape)

    def learn(self, rows: Ints, columns: Ints, came: Floats, weight: Floats | None = None) -> None:
        """Take in outcomes, 1 for success."""
        w = np.ones(len(rows)) if weight is None else weight
        np.add.at(self.trials, (rows, columns), w)
        np.add.at(self.wins, (rows, columns), w * came)

    def fade(self, keep: float) -> None:
        """Let old outcomes count for less."""
        self.wins *= keep
        self.trials *= keep

    def parameters(self) -> tuple[Floats, Floats]:
        """The two parameters of each cell's beta distribution."""
        expected = self.trials * self.prior
        overall = (self.wins.sum() + self.worth) / (expected.sum() + self.worth)
        base = self.prior * overall
        row = self._ratio(self.wins.sum(axis=1), (self.trials * base).sum(axis=1), base.mean(axis=1))
        column = self._ratio(self.wins.sum(axis=0), (self.trials * base).sum(axis=0), base.mean(axis=0))
        centre = np.clip(base * (1 + (row[:, None] - 1) + (column[None, :] - 1)), 0.1 * base, 0.97)
        centre = np.clip(centre, _LEAST, 1 - _LEAST)
        fails = self.trials - self.wins
        return centre * self.cell_worth + self.wins, (1 - centre) * self.cell_worth + fails

    def _ratio(self, seen: Floats, expected: Floats, rate: Floats) -> Floats:
        worth = self.margin_worth * rate
        return np.asarray((seen + worth) / (expected + worth))

    def mean(self) -> Floats:
        """The expected rate of each cell."""
        a, b = self.parameters()
        return np.asarray(a / (a + b))


def draw_rates(a: Floats, b: Floats, seed: int, draws: int) -> Floats:
    """Rates drawn from beta distributions, [..., draws]."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return rng.beta(a[..., None], b[..., None], size=(*a.shape, draws))
