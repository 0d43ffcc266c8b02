"""Learning curves: how accuracy and calibration grow with labels, by the very training the gate does.

A label comes about as in the console: a person is shown the answer of the head that ships and accepts it when it is one of
those that are right for the text, else puts the right one in its place. Some texts have two right answers ("Sales
Operations"); to call the second one wrong in training and right in measuring would teach doubt that is then held against it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from honeyguide.inference import seeding
from honeyguide.inference.calibration import prior
from honeyguide.inference.contract import QuestionSet
from honeyguide.inference.evaluation.corpora import Case
from honeyguide.inference.evaluation.measure import error
from honeyguide.inference.seeding import Embedder
from honeyguide.inference.trial import Example, Rows, learn

STEPS = (0, 50, 100, 300, 500)
SPLITS = 5


class Point(Struct, frozen=True):
    """After `labels` labels: means over `splits` random halves of the texts, measured on texts that were not labelled."""

    task: str
    question: str
    labels: int
    accuracy: float
    ece: float
    calibration: str
    measured_on: int
    splits: int


def curve(
    questions: QuestionSet, question: str, cases: Sequence[Case], embedder: Embedder, steps: Sequence[int] = STEPS,
    splits: int = SPLITS,
) -> list[Point]:  # fmt: skip
    """One point per number of labels that leaves at least as many texts to measure on."""
    asked = questions.question(question)
    seeds = seeding.seeds_of(questions, asked)
    key = (questions.name, question)
    some = [c for c in cases if key in c.right]
    seed_x = np.asarray(embedder.embed([t for t, _ in seeds]), np.float64)
    x = np.asarray(embedder.embed([c.item.text for c in some]), np.float64)
    right = [c.right[key] for c in some]
    rows = Rows(tuple(asked.options), seed_x, tuple(label for _, label in seeds), x, ())
    return [_point(key, rows, right, n, splits) for n in steps if n <= len(some) // 2 or n <= len(some) - 300]


def _point(key: tuple[str, str], rows: Rows, right: Sequence[tuple[str, ...]], labels: int, splits: int) -> Point:
    found = [_measured(rows, right, labels, np.random.default_rng(n)) for n in range(splits if labels else 1)]
    accuracy, ece = (round(float(np.mean([f[k] for f in found])), 4) for k in ("accuracy", "ece"))
    return Point(*key, labels, accuracy, ece, str(found[-1]["kind"]), len(right) - labels, len(found))


def _measured(rows: Rows, right: Sequence[tuple[str, ...]], labels: int, rng: np.random.Generator) -> Mapping[str, Any]:
    order = rng.permutation(len(right))
    taken, rest = order[:labels], order[labels:]
    shipped = seeding.shipped_head(rows.seed_x, rows.seed_labels, rows.classes)
    head = shipped
    if labels:
        shown = shipped.probs(rows.x[taken]).argmax(axis=1)
        examples = tuple(Example(_said(rows.classes[k], right[n])) for k, n in zip(shown, taken, strict=True))
        given = Rows(rows.classes, rows.seed_x, rows.seed_labels, rows.x[taken], examples)
        head = learn(given, prior(shipped.calibration.temperature))
    p: NDArray[np.float64] = head.probs(rows.x[rest])
    hit = np.array([rows.classes[k] in right[n] for k, n in zip(p.argmax(axis=1), rest, strict=True)])
    return {"accuracy": hit.mean(), "ece": error(p.max(axis=1), hit), "kind": head.calibration.kind}


def _said(shown: str, right: tuple[str, ...]) -> str:
    return shown if shown in right else right[0]
