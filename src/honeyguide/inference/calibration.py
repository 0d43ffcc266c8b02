"""Calibration: probabilities that mean what they say, fitted on as many labels as there are.

No label: a shipped prior (`PRIOR`, a temperature measured on seeds). From 50 labels: temperature scaling (Guo et al. 2017),
for two labels Platt scaling (Platt 1999). From 300: isotonic regression of the confidence (Zadrozny and Elkan 2002),
averaged over maps that each left out a part of the labels (cross-fitting), so that no step rests on one of them.
None of them changes which label is the likeliest, except that Platt may move the line between two.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from honeyguide.inference.minimise import minimise

Floats = NDArray[np.float64]
TEMPERATURE_FROM, ISOTONIC_FROM = 50, 300
_LEAST, _GRID, _FOLDS = 1e-9, 65, 10
Kind = Literal["as_is", "prior", "temperature", "platt", "isotonic"]


class Calibration(Struct, frozen=True, forbid_unknown_fields=True):
    """How raw probabilities become calibrated ones. `n`: how many labels it rests on.

    All kinds divide the logarithms by `temperature`; platt (two labels) adds `shift` to the first one's; isotonic then
    maps the likeliest label's probability along `steps`, read at equal distances from 0 to 1.
    """

    kind: Kind = "as_is"
    n: int = 0
    temperature: float = 1.0
    shift: float = 0.0
    steps: tuple[float, ...] = ()

    def apply(self, probs: NDArray[Any]) -> Floats:
        """Calibrated probabilities of rows that sum to 1; rows of the answer sum to 1."""
        p = _tempered(probs, self.temperature, self.shift)
        if not self.steps:
            return p
        top = p.argmax(axis=1)
        rows = np.arange(len(p))
        confidence = p[rows, top]
        wanted = np.interp(confidence, np.linspace(0, 1, len(self.steps)), self.steps)
        rest = np.maximum(1 - confidence, _LEAST)
        others = p.copy()
        others[rows, top] = 0.0
        # The likeliest label stays so: it is never set below the share that would go to the next one.
        second = others.max(axis=1) / rest
        made = np.clip(np.maximum(wanted, second / (1 + second) + 1e-6), 1 / p.shape[1], 1 - 1e-4)
        found: Floats = others * ((1 - made) / rest)[:, None]
        found[rows, top] = made
        shares: Floats = found / found.sum(axis=1, keepdims=True)
        return shares


AS_IS = Calibration()


def prior(temperature: float) -> Calibration:
    """The calibration of a head nobody in this workspace has judged yet."""
    return Calibration("prior", 0, temperature)


def fit(probs: NDArray[Any], labels: Sequence[int], shipped: Calibration = AS_IS) -> Calibration:
    """The calibration that many labels allow. `probs` must be held out: of rows the head was not fitted on.

    `labels`: the column that is right, per row. Fewer than 50: `shipped`.
    """
    y = np.asarray(labels, np.intp)
    p = np.asarray(probs, np.float64)
    if len(y) < TEMPERATURE_FROM:
        return shipped
    if len(y) < ISOTONIC_FROM:
        return _platt(p, y) if p.shape[1] == 2 else Calibration("temperature", len(y), temperature(p, y))
    warm = temperature(p, y)
    return Calibration("isotonic", len(y), warm, steps=_isotonic(_tempered(p, warm, 0.0), y))


def ece(probs: NDArray[Any], labels: Sequence[int], bins: int = 10) -> float:
    """Expected calibration error of the likeliest label, over bins of equal mass (Nixon et al. 2019)."""
    confidence, right = top(probs, labels)
    return sum(
        len(part) * abs(float(confidence[part].mean()) - float(right[part].mean()))
        for part in equal_mass(confidence, bins)
    ) / max(1, len(right))


def equal_mass(confidence: Floats, bins: int) -> list[NDArray[np.intp]]:
    """Rows in order of confidence, in at most `bins` parts as equal as can be, none smaller than 10 if there are as many."""
    count = max(1, min(bins, len(confidence) // 10))
    return [part for part in np.array_split(np.argsort(confidence, kind="stable"), count) if len(part)]


def top(probs: NDArray[Any], labels: Sequence[int]) -> tuple[Floats, NDArray[np.bool_]]:
    """Per row the probability of the likeliest label, and whether it is right."""
    if not len(labels):
        return np.zeros(0), np.zeros(0, bool)
    p = np.asarray(probs, np.float64)
    return p.max(axis=1), p.argmax(axis=1) == np.asarray(labels)


class Curve(Struct, frozen=True):
    """Risk against coverage: answering only the surest share `coverage` of the rows, `accuracy` of them is right.

    `area`: mean error over all coverages (less is better).
    """

    coverage: list[float]
    accuracy: list[float]
    threshold: list[float]
    area: float


def abstention(confidence: Sequence[float] | Floats, right: Sequence[bool] | NDArray[np.bool_]) -> Curve:
    """What is gained by staying silent (El-Yaniv and Wiener 2010), at coverages of 10 % to 100 %."""
    c, r = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    if not len(c):
        return Curve([], [], [], 0.0)
    order = np.argsort(-c, kind="stable")
    kept = np.cumsum(r[order]) / np.arange(1, len(r) + 1)
    at = [max(1, round(len(r) * share / 10)) for share in range(1, 11)]
    return Curve(
        [round(n / len(r), 4) for n in at],
        [round(float(kept[n - 1]), 4) for n in at],
        [round(float(c[order][n - 1]), 4) for n in at],
        round(float(1 - kept.mean()), 4),
    )


def auroc(inside: Sequence[float] | Floats, outside: Sequence[float] | Floats) -> float:
    """The chance that a row from `inside` scores higher than one from `outside` (ties count half)."""
    a, b = np.asarray(inside, np.float64), np.sort(np.asarray(outside, np.float64))
    if not len(a) or not len(b):
        return float("nan")
    below, upto = np.searchsorted(b, a, "left"), np.searchsorted(b, a, "right")
    return float((below + 0.5 * (upto - below)).mean() / len(b))


def _tempered(probs: NDArray[Any], temperature: float, shift: float) -> Floats:
    logs = np.log(np.maximum(np.asarray(probs, np.float64), _LEAST)) / temperature
    if shift:
        logs[:, 0] += shift
    e = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares: Floats = e / e.sum(axis=1, keepdims=True)
    return shares


def _loss(p: Floats, y: NDArray[np.intp]) -> float:
    return float(-np.log(np.maximum(p[np.arange(len(y)), y], _LEAST)).mean())


def temperature(p: Floats, labels: Sequence[int] | NDArray[np.intp]) -> float:
    """The temperature of least log-loss, by golden section over its logarithm."""
    y = np.asarray(labels, np.intp)
    low, high = np.log(0.05), np.log(20.0)
    ratio = (np.sqrt(5) - 1) / 2
    for _ in range(60):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        if _loss(_tempered(p, float(np.exp(a)), 0.0), y) <= _loss(_tempered(p, float(np.exp(b)), 0.0), y):
            high = b
        else:
            low = a
    return round(float(np.exp((low + high) / 2)), 6)


def _platt(p: Floats, y: NDArray[np.intp]) -> Calibration:
    """Slope and shift, on targets drawn in a little, as Platt has it, so that none is 0 or 1."""
    z = np.log(np.maximum(p[:, 0], _LEAST)) - np.log(np.maximum(p[:, 1], _LEAST))
    ones = float((y == 0).sum())
    target = np.where(y == 0, (ones + 1) / (ones + 2), 1 / (len(y) - ones + 2))

    def loss(ab: Floats) -> tuple[float, Floats]:
        score = ab[0] * z + ab[1]
        q = 1 / (1 + np.exp(-np.clip(score, -50, 50)))
        value = np.logaddexp(0, score) - target * score
        off = (q - target) / len(y)
        return float(value.mean()), np.array([(off * z).sum(), off.sum()])

    slope, shift = minimise(loss, np.array([1.0, 0.0]), tolerance=1e-7)
    return Calibration("platt", len(y), round(1 / min(max(float(slope), 0.05), 20.0), 6), round(float(shift), 6))


def _isotonic(p: Floats, y: NDArray[np.intp]) -> tuple[float, ...]:
    confidence, right = top(p, y.tolist())
    grid = np.linspace(0, 1, _GRID)
    maps = []
    place = np.arange(len(y)) % _FOLDS
    for fold in range(_FOLDS):
        kept = place != fold
        xs, ys = _monotone(confidence[kept], right[kept].astype(np.float64))
        maps.append(np.interp(grid, xs, ys))
    return tuple(round(float(v), 6) for v in np.mean(maps, axis=0))


def _monotone(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Pool adjacent violators (Ayer et al. 1955); one row per block that believes what was said keeps it off 0 and 1."""
    order = np.argsort(x, kind="stable")
    blocks: list[list[float]] = []  # [sum of x, sum of y, rows]
    for a, b in zip(x[order], y[order], strict=True):
        blocks.append([float(a), float(b), 1.0])
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][2] >= blocks[-1][1] / blocks[-1][2]:
            last = blocks.pop()
            blocks[-1] = [u + v for u, v in zip(blocks[-1], last, strict=True)]
    xs = np.array([b[0] / b[2] for b in blocks])
    ys = np.array([(b[1] + b[0] / b[2]) / (b[2] + 1) for b in blocks])
    return xs, np.maximum.accumulate(ys)
