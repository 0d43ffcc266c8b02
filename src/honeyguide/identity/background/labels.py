"""What people answered teaches where to draw the line, and only if the new line is no worse on what they answered.

The answers are a sample of the doubtful, so they correct the scale of the weights (slope and offset of the log odds; Platt,
1999), not the weights of single fields. Pure.
"""

import math
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from honeyguide.identity.background.model import probability, weight_at

FEWEST, FEWEST_OF_A_KIND = 40, 8
# The line is not moved further than this by answers about doubtful pairs.
_LOWEST, _HIGHEST = 0.9, 0.9999
_TRUST = 5.0  # how many answers the scale as trained is worth
_FOLDS = 5


class Calibration(Struct, frozen=True):
    """Where the line is drawn now, from how many answers, and the mean log loss on answers held out, before and after."""

    accept: float
    answers: int
    slope: float
    offset: float
    loss_before: float
    loss_after: float


def calibrate(answers: Sequence[tuple[float, bool]], accept: float) -> Calibration | None:
    """A better line from (match weight, are they one?), or None when there is too little to learn or nothing is gained.

    The gate: lower loss on answers the scale was not fitted to, and no answer "not the same" above the line that was
    not above it before.
    """
    said = sum(1 for _, same in answers if same)
    if len(answers) < FEWEST or min(said, len(answers) - said) < FEWEST_OF_A_KIND:
        return None
    bits = np.array([w for w, _ in answers])
    same = np.array([s for _, s in answers], dtype=float)
    before = _loss(bits, same, 1.0, 0.0)
    fold = np.arange(len(bits)) % _FOLDS
    after = float(
        np.mean(
            [_loss(bits[fold == k], same[fold == k], *_fit(bits[fold != k], same[fold != k])) for k in range(_FOLDS)]
        )
    )
    if not after < before:
        return None
    slope, offset = _fit(bits, same)
    line = (weight_at(accept) - offset) / slope
    moved = min(max(probability(line), _LOWEST), _HIGHEST)
    if _wrong(bits, same, weight_at(moved)) > _wrong(bits, same, weight_at(accept)):
        moved = accept if moved < accept else moved
    if abs(moved - accept) < 1e-6:
        return None
    return Calibration(moved, len(answers), slope, offset, before, after)


def _wrong(bits: NDArray[np.float64], same: NDArray[np.float64], line: float) -> int:
    return int(np.sum((bits >= line) & (same == 0)))


def _loss(bits: NDArray[np.float64], same: NDArray[np.float64], slope: float, offset: float) -> float:
    odds = (slope * bits + offset) * math.log(2)
    return float(np.mean(np.logaddexp(0, odds) - same * odds))


def _fit(bits: NDArray[np.float64], same: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and offset of greatest posterior: logistic regression drawn to (1, 0), by Newton's method."""
    design = np.stack([bits, np.ones_like(bits)], axis=1) * math.log(2)
    start = np.array([1.0, 0.0])
    theta, pull = start.copy(), np.diag([_TRUST, _TRUST / 10])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(design @ theta, -40, 40)))
        gradient = design.T @ (p - same) + pull @ (theta - start)
        step = np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design + pull, gradient)
        theta = theta - step
        if float(np.abs(step).max()) < 1e-9:
            break
    return max(float(theta[0]), 0.05), float(theta[1])
