"""Reliability: of the answers given with so much confidence, how many were right? Bins for the console."""

from collections.abc import Sequence
from math import sqrt
from typing import Any

from msgspec import Struct
from numpy.typing import NDArray

from honeyguide.inference.calibration import equal_mass, top

_Z = 1.959964


class Bin(Struct, frozen=True, rename={"from_": "from"}):
    """Answers whose confidence lies in [from, to]: how many, the mean of what was predicted, the share that was right.

    `low` and `high`: the interval of that share (Wilson, 95 %), so that ten answers do not look like a thousand.
    """

    from_: float
    to: float
    n: int
    predicted: float
    observed: float
    low: float
    high: float


def bins(probs: NDArray[Any], labels: Sequence[int], count: int = 10) -> list[Bin]:
    """At most `count` bins of equal mass."""
    return bins_of(*top(probs, labels), count)


def bins_of(confidence: Any, right: Any, count: int = 10) -> list[Bin]:
    """The same from each answer's confidence and whether it was right."""
    found = []
    for rows in equal_mass(confidence, count) if len(confidence) else []:
        share, ends = float(right[rows].mean()), confidence[rows]
        low, high = wilson(share, len(rows))
        first, last, mean = (round(float(v), 4) for v in (ends.min(), ends.max(), ends.mean()))
        found.append(Bin(first, last, len(rows), mean, round(share, 4), round(low, 4), round(high, 4)))
    return found


def wilson(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share seen in n tries (Wilson 1927)."""
    if n == 0:
        return 0.0, 1.0
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n)) / (1 + _Z**2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)
