"""Heads: from a text's features to probabilities over a question's labels. Softmax regression, fitted in milliseconds.

Multinomial logistic regression with an L2 penalty (Bishop, Pattern Recognition and Machine Learning, 4.3.4), fitted
by L-BFGS from zero weights: the loss is convex, so the same rows give the same head. Nothing but numpy is needed. Its file is JSON with base64 arrays of little-endian float32, so that no pickle is ever loaded.
"""

import base64
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from honeyguide.core.errors import BadInput
from honeyguide.inference.calibration import AS_IS, Calibration
from honeyguide.inference.minimise import minimise

FORMAT = "honeyguide.head/1"
Floats = NDArray[np.float64]
# The penalties tried when none is given, the strongest first: of equally good ones the more cautious is kept.
PENALTIES = (0.3, 0.1, 0.03, 0.01, 0.003)
_FOLDS = 5
_ALONE = 1 << 18


class _Paper(Struct, forbid_unknown_fields=True):
    """The file. Arrays: base64 of little-endian float32; `weights` row by row, one row per class."""

    format: str
    classes: list[str]
    width: int
    mean: str
    scale: str
    weights: str
    bias: str
    calibration: Calibration


class Head:
    """A fitted head. `classes` in the order of the columns of `probs`."""

    def __init__(
        self, classes: Sequence[str], mean: Floats, scale: Floats, weights: Floats, bias: Floats,
        calibration: Calibration = AS_IS,
    ) -> None:  # fmt: skip
        self.classes = tuple(classes)
        self._mean, self._scale, self._weights, self._bias = (_single(a) for a in (mean, scale, weights, bias))
        self.calibration = calibration

    @property
    def width(self) -> int:
        """How many features it reads."""
        return int(self._mean.shape[0])

    def logits(self, x: NDArray[Any]) -> Floats:
        """Scores before softmax and calibration, [n, classes]. Raises BadInput when the width is another."""
        x = np.asarray(x, np.float64)
        if x.ndim != 2 or x.shape[1] != self.width:
            raise BadInput(
                "The head does not fit the features.",
                f"It was fitted on {self.width} columns and is given {x.shape[-1] if x.ndim else 0}.",
                advice="Retrain it: the embedding or the rules' features have changed.",
            )
        scores: Floats = ((x - self._mean) / self._scale) @ self._weights.T + self._bias
        return scores

    def probs(self, x: NDArray[Any]) -> Floats:
        """Calibrated probabilities, [n, classes]; every row sums to 1."""
        return self.calibration.apply(softmax(self.logits(x)))

    def calibrated(self, calibration: Calibration) -> "Head":
        """The same head under another calibration."""
        return Head(self.classes, self._mean, self._scale, self._weights, self._bias, calibration)

    def dump(self) -> bytes:
        """The head as a file; equal heads give equal bytes."""
        mean, scale, weights, bias = (_pack(a) for a in (self._mean, self._scale, self._weights, self._bias))
        return msgspec.json.encode(
            _Paper(FORMAT, list(self.classes), self.width, mean, scale, weights, bias, self.calibration)
        )

    @staticmethod
    def load(data: bytes) -> "Head":
        """A head from its file. Raises BadInput when it is no head of a format we read."""
        try:
            paper = msgspec.json.decode(data, type=_Paper)
            if paper.format != FORMAT or len(paper.classes) < 2:
                raise ValueError(f"format {paper.format[:40]!r}, {len(paper.classes)} classes")
            n, k = paper.width, len(paper.classes)
            mean, scale = _unpack(paper.mean, n), _unpack(paper.scale, n)
            weights, bias = _unpack(paper.weights, k * n).reshape(k, n), _unpack(paper.bias, k)
            if not (scale > 0).all():
                raise ValueError("a scale is not positive")
        except (msgspec.MsgspecError, ValueError) as e:
            raise BadInput("This is no head that can be read.", str(e)) from e
        return Head(paper.classes, mean, scale, weights, bias, paper.calibration)


def fit(
    x: NDArray[Any], labels: Sequence[str], classes: Sequence[str], sample_weight: Sequence[float] | None = None, *,
    shared: int = 0, penalty: float | None = None,
) -> Head:  # fmt: skip
    """Fit a head on rows `x` with their labels.

    `classes` are all labels there are; one without an example stays possible and unlikely. `shared`: that many leading
    columns (an embedding) are scaled by one number, the others each by their own spread. Classes weigh alike whatever
    their number. `penalty`: the weight of L2; None picks the one with the least held-out log-loss.
    Raises BadInput when there is nothing to tell apart.
    """
    x = np.asarray(x, np.float64)
    y = _codes(labels, classes)
    if x.ndim != 2 or len(x) != len(y) or len(set(y.tolist())) < 2 or not np.isfinite(x).all():
        raise BadInput("A head cannot be fitted on this.", f"{len(y)} labels of {len(set(labels))} kinds.")
    weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, np.float64)
    if penalty is None:
        penalty = _best_penalty(x, y, classes, weight, shared)
    return _fit(x, y, classes, weight, shared, penalty)


def held_out(
    x: NDArray[Any], labels: Sequence[str], classes: Sequence[str], sample_weight: Sequence[float] | None = None, *,
    shared: int = 0, penalty: float | None = None, folds: int = _FOLDS,
) -> Floats:  # fmt: skip
    """Probabilities of every row by a head that never saw it, uncalibrated, [n, classes]. Folds are fixed by position."""
    x, y = np.asarray(x, np.float64), _codes(labels, classes)
    weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, np.float64)
    if penalty is None:
        penalty = _best_penalty(x, y, classes, weight, shared)
    found = np.full((len(y), len(classes)), 1 / len(classes))
    for out in parts(y, folds):
        if len(set(y[~out].tolist())) >= 2:
            found[out] = softmax(_fit(x[~out], y[~out], classes, weight[~out], shared, penalty).logits(x[out]))
    return found


def choose_penalty(
    x: NDArray[Any], labels: Sequence[str], classes: Sequence[str], sample_weight: Sequence[float] | None = None, *,
    shared: int = 0,
) -> float:  # fmt: skip
    """The penalty of `PENALTIES` with the least held-out log-loss on these rows."""
    y = _codes(labels, classes)
    weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, np.float64)
    return _best_penalty(np.asarray(x, np.float64), y, classes, weight, shared)


def parts(y: NDArray[np.intp], folds: int) -> list[NDArray[np.bool_]]:
    """Masks of `folds` parts in which every class is spread evenly, by position: the same rows, the same parts."""
    place = np.empty(len(y), np.intp)
    begin = 0
    for code in np.unique(y):
        rows = np.flatnonzero(y == code)
        place[rows] = (np.arange(len(rows)) + begin) % folds
        begin += len(rows)
    return [place == f for f in range(folds) if (place == f).any()]


def softmax(scores: Floats) -> Floats:
    """Row-wise softmax."""
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = e / e.sum(axis=1, keepdims=True)
    return shares


def _fit(x: Floats, y: NDArray[np.intp], classes: Sequence[str], weight: Floats, shared: int, penalty: float) -> Head:
    k, n = len(classes), x.shape[1]
    mean, scale = x.mean(axis=0), _spread(x, shared)
    z = (x - mean) / scale
    counts = np.bincount(y, weights=weight, minlength=k)
    share = weight / np.maximum(counts[y], 1e-12)
    share /= share.sum()
    truth = np.zeros((len(y), k))
    truth[np.arange(len(y)), y] = 1.0
    # The penalty is per column, so that an embedding's 384 columns and a rule's one are held alike.
    strength = penalty * max(1.0, n / 100)

    def loss(flat: Floats) -> tuple[float, Floats]:
        w, b = flat[: k * n].reshape(k, n), flat[k * n :]
        p = softmax(_times(z, w.T) + b)
        off = (p - truth) * share[:, None]
        value = -float(share @ np.log(np.maximum(p[np.arange(len(y)), y], 1e-300))) + 0.5 * strength * float(
            (w * w).sum()
        )
        return value, np.concatenate([(_times(z.T, off).T + strength * w).ravel(), off.sum(axis=0) + 1e-4 * b])

    found = minimise(loss, np.zeros(k * n + k))
    return Head(classes, mean, scale, found[: k * n].reshape(k, n), found[k * n :])


def _times(a: Floats, b: Floats) -> Floats:
    """The product of two matrices by one thread where several would mostly wait for each other.

    The linear algebra below numpy shares out products of more than 2^18 multiplications. On a busy machine the
    hundreds of small products of a fit then take fifty times the processor's time, so middling ones go in parts.
    """
    work = a.shape[0] * a.shape[1] * b.shape[1]
    if not _ALONE < work <= 64 * _ALONE:
        return np.asarray(a @ b)
    rows = max(1, _ALONE // (a.shape[1] * b.shape[1]))
    return np.concatenate([a[n : n + rows] @ b for n in range(0, a.shape[0], rows)])


def _spread(x: Floats, shared: int) -> Floats:
    """What each column is divided by: leading ones by their common spread, others by their own; never by nothing."""
    own: Floats = x.std(axis=0)
    if shared:
        own[:shared] = np.sqrt(np.mean(own[:shared] ** 2))
    return np.where(own > 1e-9, own, 1.0)


def _best_penalty(x: Floats, y: NDArray[np.intp], classes: Sequence[str], weight: Floats, shared: int) -> float:
    # Few rows or few of a class: held-out loss would be noise. Many classes: the search would cost minutes.
    if len(y) < 2 * _FOLDS or len(y) * len(classes) > 100_000:
        return PENALTIES[2]
    names = [classes[c] for c in y]
    scores = []
    for penalty in PENALTIES:
        p = held_out(x, names, classes, weight.tolist(), shared=shared, penalty=penalty)
        scores.append(float(weight @ -np.log(np.maximum(p[np.arange(len(y)), y], 1e-12))))
    return PENALTIES[int(np.argmin(np.round(scores, 6)))]


def _codes(labels: Sequence[str], classes: Sequence[str]) -> NDArray[np.intp]:
    place = {c: n for n, c in enumerate(classes)}
    unknown = sorted(set(labels) - set(place))
    if unknown:
        raise BadInput("A label is not among those of the question.", f"{unknown[0][:60]!r} of {sorted(place)}")
    return np.array([place[label] for label in labels], np.intp)


def _single(a: Floats) -> Floats:
    """As precise as the file keeps it, so that a head answers alike before and after it was stored."""
    return np.asarray(a, np.float32).astype(np.float64)


def _pack(a: Floats) -> str:
    return base64.b64encode(np.ascontiguousarray(a, "<f4").tobytes()).decode()


def _unpack(text: str, size: int) -> Floats:
    raw = np.frombuffer(base64.b64decode(text, validate=True), "<f4")
    if raw.shape[0] != size or not np.isfinite(raw).all():
        raise ValueError(f"an array of {raw.shape[0]} numbers where {size} finite ones are expected")
    return raw.astype(np.float64)
