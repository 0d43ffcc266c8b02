"""How long outcomes take to come: the share of them that has come by an age, learned from those whose time is over.

An ask without a share two days on is not yet a failure. It counts as one by the part of the shares that would have come
by then: exposure of a Poisson process, which a logistic with small chances is near to. So an outcome teaches from its
first day and not only when its window closes.
"""

import numpy as np

from honeyguide.decisions.brain.schema import Floats


class Arrivals:
    """Counts of delays in days, and a prior: an exponential delay of `mean` days worth `worth` outcomes."""

    def __init__(self, window: int, mean: float = 3.0, worth: float = 20.0) -> None:
        edges = 1 - np.exp(-np.arange(window + 1) / mean)
        self.counts: Floats = worth * np.diff(edges) / edges[-1]

    def learn(self, delays: Floats) -> None:
        """Delays of outcomes of a closed window only: those of open ones would look too short."""
        at = np.clip(delays.astype(np.int64), 0, len(self.counts) - 1)
        self.counts = self.counts + np.bincount(at, minlength=len(self.counts))

    def by(self, age: Floats) -> Floats:
        """The share of outcomes that has come when so many whole days have passed (0 at age 0, 1 from the window on)."""
        reached = np.concatenate([[0.0], np.cumsum(self.counts)]) / self.counts.sum()
        return np.asarray(reached[np.clip(age.astype(np.int64), 0, len(self.counts))])
