"""Simulated logs with a known truth, for the estimators and the gate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from honeyguide.learning.proof import Logged

Floats = NDArray[np.float64]


@dataclass
class Trial:
    """A log, its contexts, and the true expected reward of every action in every row."""

    x: Floats
    log: Logged
    truth: Floats

    def value(self, target: Floats) -> float:
        """What a policy would truly have earned."""
        return float((target * self.truth).sum(axis=1).mean())


def trial(
    seed: int, rows: int, *, rate: float = 0.1, effect: float = 0.0, pays: float = 0.0, skew: float = 0.0
) -> Trial:
    """Four actions. `effect` is what action 1 adds for everybody, `pays` what the right action adds for its own quarter
    of the people; `skew` makes the logging policy favour an action by context, its floor kept.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, 6))
    truth = np.full((rows, 4), rate)
    truth[:, 1] += effect
    kind = (x[:, 0] > 0).astype(np.int64) * 2 + (x[:, 1] > 0)
    truth[np.arange(rows), kind] += pays
    logits = skew * np.stack([x[:, 0], -x[:, 0], x[:, 2], -x[:, 2]], axis=1)
    chance = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    chance = 0.9 * chance + 0.025
    action = (rng.random(rows)[:, None] < np.cumsum(chance, axis=1)).argmax(axis=1)
    reward = (rng.random(rows) < truth[np.arange(rows), action]).astype(float)
    return Trial(x, Logged(action, chance[np.arange(rows), action], reward, chance), truth)
