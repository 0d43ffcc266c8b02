"""From drawn values to one action with its exact probability.

In every drawn world the best legal ask is found; whether an ask is made at all is judged by the value there of the ask
that is best in expectation. Judged by its own, the best of fifty noisy numbers looks good even where no ask is worth
anything, and a policy would never learn to stop. The frequencies over the draws, pressed together by the floor and lifted
by an equal share of it for every legal action, are the distribution: nothing about it is an estimate.
"""

import numpy as np
from numpy.typing import NDArray

from honeyguide.decisions.brain.schema import Bools, Floats, Ints

_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
WAIT = -1


def frequencies(values: Floats, likely: Ints, legal: Bools, least: Floats) -> Floats:
    """How often each action wins, [rows, actions + 1], the last column for waiting.

    `values` is [rows, actions, draws], `least` [rows, draws], `likely` the legal action best in expectation.
    The product of two frequencies: that the likely ask is worth `least`, and that an action is the best ask.
    """
    rows, actions, draws = values.shape
    every = np.arange(rows)
    best = np.where(legal[:, :, None], values, -np.inf).argmax(axis=1)
    flat = (every[:, None] * actions + best).ravel()
    counts = np.bincount(flat, minlength=rows * actions).reshape(rows, actions)
    judged = values[every, likely]
    go = (judged > least).sum(axis=1) * legal.any(axis=1)
    wins = np.empty((rows, actions + 1))
    wins[:, :-1] = (counts / draws) * (go / draws)[:, None]
    wins[:, -1] = 1 - go / draws
    return wins


def with_floor(wins: Floats, legal: Bools, floor: float) -> Floats:
    """The frequencies with an equal share of the floor for every legal action and for waiting."""
    allowed = np.concatenate([legal, np.ones((len(legal), 1), bool)], axis=1)
    share = floor / allowed.sum(axis=1, keepdims=True)
    return np.where(allowed, (1 - floor) * wins + share, 0.0)


def pick(distribution: Floats, lots: Floats) -> tuple[Ints, Floats]:
    """The action each lot in [0, 1) falls on (`WAIT` for the last column) and its probability."""
    edges = np.cumsum(distribution, axis=1)
    edges[:, -1] = np.inf
    chosen = (lots[:, None] < edges).argmax(axis=1)
    exact = distribution[np.arange(len(chosen)), chosen]
    return np.where(chosen == distribution.shape[1] - 1, WAIT, chosen), exact


def lots_of(seeds: NDArray[np.uint64]) -> Floats:
    """One number in [0, 1) per seed (SplitMix64), each a function of its seed alone."""
    with np.errstate(over="ignore"):
        z = seeds + np.uint64(_MIX[0])
        z = (z ^ (z >> np.uint64(30))) * np.uint64(_MIX[1])
        z = (z ^ (z >> np.uint64(27))) * np.uint64(_MIX[2])
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53
