"""The trial of a new head against the one that answers: who is better on texts that people have judged?

Both are judged on held-out folds only: for each fold the candidate is fitted on the seeds and all labels outside it, the
incumbent anew on the seeds and those labels outside it that it had. The measure is the Brier score (Brier 1950), which
honours accuracy and honesty. The test is a one-sided paired t-test: the candidate passes when the lower bound of the
mean improvement is not below zero, it is right no less often, and by the same test it knows more than how often each
label occurs. Trials repeat as labels come in, so the k-th against
one incumbent is held at 5 % / (k (k + 1)): all of them together stay below 5 %.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.special import stdtrit

from honeyguide.inference import calibration, heads
from honeyguide.inference.calibration import Calibration
from honeyguide.inference.heads import Head

ALPHA = 0.05
FEWEST = 20  # reviewed texts; of fewer no bound says anything
SEED_WEIGHT = 0.5
_FOLDS = 10  # a head on nine tenths of the labels is hardly less able than one on all of them
Floats = NDArray[np.float64]


class Example(Struct, frozen=True):
    """A labelled text. `known`: the incumbent had it. `reviewed`: a person looked at it. `denied`: anything but `label`."""

    label: str
    weight: float = 1.0
    reviewed: bool = True
    denied: bool = False
    known: bool = False


class Outcome(Struct, frozen=True):
    """How the trial ended: the new head, fitted on everything, whether it passed, and why."""

    head: Head
    passed: bool
    reason: str
    metrics: dict[str, Any]
    reviewed: int


class Rows(Struct, frozen=True):
    """What a question has to learn from: seeds and examples, each with features and labels, and all possible labels."""

    classes: tuple[str, ...]
    seed_x: NDArray[Any]
    seed_labels: tuple[str, ...]
    x: NDArray[Any]
    examples: tuple[Example, ...]


def trial(rows: Rows, incumbent: Calibration, attempt: int = 1) -> Outcome:
    """Fit a candidate and hold it against the incumbent, whose calibration is given. Deterministic.

    Raises BadInput when seeds and labels together show fewer than two labels.
    """
    head, raw, old, y = _learnt(rows, incumbent)
    if len(y) < FEWEST:
        return Outcome(
            head,
            False,
            f"Kept back: {len(y)} reviewed texts are too few to judge it, {FEWEST} are needed.",
            {},
            len(y),
        )
    new, old = _cross_calibrated(raw, y, incumbent), incumbent.apply(old)
    return _judged(head, new, old, y, attempt)


def learn(rows: Rows, shipped: Calibration) -> Head:
    """The head that seeds and labels give, calibrated on held-out folds as far as the labels allow."""
    return _learnt(rows, shipped)[0]


def _learnt(rows: Rows, incumbent: Calibration) -> tuple[Head, Floats, Floats, NDArray[np.intp]]:
    """The candidate; its and the incumbent's held-out probabilities of the reviewed rows; their labels."""
    x, labels, weights = _training(rows, range(len(rows.examples)))
    penalty = heads.choose_penalty(x, labels, rows.classes, weights, shared=_shared(rows))
    test = [n for n, e in enumerate(rows.examples) if e.reviewed and not e.denied]
    y = np.array([rows.classes.index(rows.examples[n].label) for n in test], np.intp)
    raw, old = _held_out(rows, test, y, penalty)
    head = heads.fit(x, labels, rows.classes, weights, shared=_shared(rows), penalty=penalty)
    before = incumbent if incumbent.kind == "prior" else calibration.AS_IS
    return head.calibrated(calibration.fit(raw, y.tolist(), before)), raw, old, y


def _judged(head: Head, new: Floats, old: Floats, y: NDArray[np.intp], attempt: int) -> Outcome:
    gain = brier(old, y) - brier(new, y)
    level = ALPHA / (attempt * (attempt + 1))
    lower = lower_bound(gain, level)
    right, was_right = int((new.argmax(axis=1) == y).sum()), int((old.argmax(axis=1) == y).sum())
    better = float(gain.mean())
    shares = np.tile(np.bincount(y, minlength=new.shape[1]) / len(y), (len(y), 1))
    skilled = lower_bound(brier(shares, y) - brier(new, y), level) >= 0
    passed = lower >= 0 and better > 0 and right >= was_right and skilled
    metrics = {
        "n": len(y), "right": right, "was_right": was_right, "accuracy": round(right / len(y), 4),
        "was_accuracy": round(was_right / len(y), 4), "brier": round(float(brier(new, y).mean()), 4),
        "was_brier": round(float(brier(old, y).mean()), 4), "gain": round(better, 5), "gain_lower": round(float(lower), 5),
        "level": round(level, 6), "ece": round(calibration.ece(new, y.tolist()), 4),
        "was_ece": round(calibration.ece(old, y.tolist()), 4), "calibration": head.calibration.kind,
    }  # fmt: skip
    said = f"right in {right} of {len(y)} reviewed texts, the one before in {was_right}"
    if passed:
        return Outcome(head, True, f"Better on held-out texts: {said}.", metrics, len(y))
    why = "it is right less often" if right < was_right else "it is not shown to be no worse"
    if not skilled:
        why = "it knows no more than how often each label occurs"
    return Outcome(head, False, f"Kept back, {why}: {said}.", metrics, len(y))


def brier(p: Floats, y: NDArray[np.intp]) -> Floats:
    """The Brier score per row, 0 (certain and right) to 2."""
    truth = np.zeros_like(p)
    truth[np.arange(len(y)), y] = 1.0
    scores: Floats = ((p - truth) ** 2).sum(axis=1)
    return scores


def lower_bound(gains: Floats, level: float) -> float:
    """The lower end of the one-sided confidence interval of the mean (Student's t)."""
    n = len(gains)
    if n < 2:
        return float("-inf")
    return float(gains.mean() - stdtrit(n - 1, 1 - level) * gains.std(ddof=1) / np.sqrt(n))


def _held_out(rows: Rows, test: Sequence[int], y: NDArray[np.intp], penalty: float) -> tuple[Floats, Floats]:
    """Raw probabilities of candidate and incumbent for the test rows, each by a head that did not see the row."""
    new = np.full((len(test), len(rows.classes)), 1 / len(rows.classes))
    old = new.copy()
    for part in heads.parts(y, _FOLDS):
        out = {test[int(n)] for n in np.flatnonzero(part)}
        x = rows.x[sorted(out)]
        kept = [n for n in range(len(rows.examples)) if n not in out]
        for found, some in ((new, kept), (old, [n for n in kept if rows.examples[n].known])):
            features, labels, weights = _training(rows, some)
            if len(set(labels)) >= 2:
                head = heads.fit(features, labels, rows.classes, weights, shared=_shared(rows), penalty=penalty)
                found[part] = head.probs(x)
    return new, old


def _training(rows: Rows, some: Sequence[int]) -> tuple[NDArray[Any], list[str], list[float]]:
    """Seeds and these examples as rows; a denied label is spread over all the others."""
    places: list[int] = []
    labels = list(rows.seed_labels)
    weights = [SEED_WEIGHT] * len(labels)
    for n in some:
        e = rows.examples[n]
        said = [c for c in rows.classes if c != e.label] if e.denied else [e.label]
        places += [n] * len(said)
        labels += said
        weights += [e.weight / len(said)] * len(said)
    x = np.vstack([rows.seed_x, rows.x[places]]) if places else rows.seed_x
    return x, labels, weights


def _shared(rows: Rows) -> int:
    return int(rows.seed_x.shape[1])


def _cross_calibrated(raw: Floats, y: NDArray[np.intp], shipped: Calibration) -> Floats:
    """Every fold calibrated by what the other folds teach."""
    found = raw.copy()
    for part in heads.parts(y, _FOLDS):
        found[part] = calibration.fit(raw[~part], y[~part].tolist(), shipped).apply(raw[part])
    return found
