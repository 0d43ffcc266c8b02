"""An always-valid interval that runs along: scores in as they come, the normal-mixture bound out at any time.

Scores are doubly robust ones (of one policy, or of one minus another); their mean is the estimate. The sequence is tuned
at 5,000 units and speaks only after `least` of them, because it is asymptotic: with a handful of rare outcomes its
variance is not yet known. Therefore it is smoothed, too: as if two scores of the largest possible size, `bound`, had been
seen (as Agresti & Coull's two successes). Without that, a holdout of five in a hundred and a rate of 6 % raise a false
alarm in one A/A history of five that is looked at daily.
"""

from math import sqrt

import numpy as np
from msgspec import Struct

from honeyguide.learning.proof.offpolicy import EXTRA, LEAST_EFFECTIVE, Floats
from honeyguide.learning.sequence import ALPHA, TUNED_AT, Interval, width


class Running(Struct):
    """Count, mean and squared deviations of the scores so far (Welford, in batches).

    `bound` is the largest weight times the range of the reward; what is seen beyond it raises it.
    """

    bound: float = 0.0
    count: int = 0
    mean: float = 0.0
    squares: float = 0.0
    least: int = int(LEAST_EFFECTIVE)

    def add(self, scores: Floats) -> None:
        """Take in a batch of scores."""
        n = len(scores)
        if n == 0:
            return
        mean = float(scores.mean())
        total = self.count + n
        gap = mean - self.mean
        self.squares += float(((scores - mean) ** 2).sum()) + gap * gap * self.count * n / total
        self.mean += gap * n / total
        self.count = total
        self.bound = max(self.bound, float(np.abs(scores).max()))

    def interval(self, alpha: float = ALPHA, tuned_at: int = TUNED_AT) -> Interval | None:
        """The interval now; None while there is too little to speak."""
        if self.count < max(2, self.least):
            return None
        half = sqrt((self.squares + EXTRA * self.bound**2) / (self.count - 1)) * width(self.count, alpha, tuned_at)
        return Interval(self.mean, self.mean - half, self.mean + half)
