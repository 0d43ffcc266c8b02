"""Heads on public sets of support texts: banking77 (77 intents) and CLINC (150 intents and texts of none of them).

banking77: CC BY 4.0 (Casanueva et al. 2020); CLINC: CC BY 3.0 (Larson et al. 2019). Neither is part of this project: the
files are read where they lie, and the part is skipped with a reason where they do not.
"""

import csv
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from honeyguide.inference import calibration, heads
from honeyguide.inference.seeding import Embedder

PER_LABEL = 40  # rows of each intent that are learnt from
_KEPT = 0.9  # the threshold for abstaining keeps this share of the texts that belong to an intent


class Public(Struct, frozen=True):
    """A head on a public set. `ece` is after calibration on a part that is neither learnt from nor measured on.

    Out of scope (CLINC): `auroc` of confidence between texts of an intent and of none; `outside_refused`: share of texts
    of none refused at the threshold that keeps 90 % of the others (chosen apart), `kept_accuracy` of those kept.
    """

    name: str
    intents: int
    learnt_from: int
    measured_on: int
    accuracy: float
    ece: float
    ece_raw: float
    kept: list[float]
    coverage: list[float]
    auroc: float | None
    outside_refused: float | None
    kept_accuracy: float | None
    cpu_s: float


class Skipped(Struct, frozen=True):
    """A part that could not be measured, and why."""

    name: str
    reason: str


def banking77(where: Path, embedder: Embedder, per_label: int = PER_LABEL) -> Public | Skipped:
    """Train on `banking77_train.csv` (a quarter of each intent's rows is for calibration), measure on the test file."""
    train, test = where / "banking77_train.csv", where / "banking77_test.csv"
    if not (train.is_file() and test.is_file()):
        return Skipped("banking77", f"{train.name} and {test.name} are not in {where}")
    rows = [(r["text"], r["category"]) for r in csv.DictReader(train.read_text().splitlines())]
    fresh = [(r["text"], r["category"]) for r in csv.DictReader(test.read_text().splitlines())]
    learnt, apart = _shared_out(rows, per_label)
    return _measured("banking77", learnt, apart, fresh, [], embedder)


def clinc(where: Path, embedder: Embedder, per_label: int = PER_LABEL) -> Public | Skipped:
    """Train on the intents of `clinc_small.json`; texts of no intent are never learnt from."""
    file = where / "clinc_small.json"
    if not file.is_file():
        return Skipped("clinc", f"{file.name} is not in {where}")
    found: dict[str, list[tuple[str, str]]] = msgspec.json.decode(
        file.read_bytes(), type=dict[str, list[tuple[str, str]]]
    )
    learnt, _ = _shared_out(found["train"], per_label)
    return _measured("clinc", learnt, found["val"], found["test"], found["oos_test"], embedder)


def _shared_out(rows: Sequence[tuple[str, str]], per_label: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The first `per_label` rows of every label, and up to a third as many after them."""
    seen: dict[str, int] = {}
    learnt, apart = [], []
    for row in rows:
        n = seen[row[1]] = seen.get(row[1], 0) + 1
        if n <= per_label:
            learnt.append(row)
        elif n <= per_label + max(5, per_label // 3):
            apart.append(row)
    return learnt, apart


def _measured(
    name: str, learnt: Sequence[tuple[str, str]], apart: Sequence[tuple[str, str]], fresh: Sequence[tuple[str, str]],
    outside: Sequence[tuple[str, str]], embedder: Embedder,
) -> Public:  # fmt: skip
    began = time.process_time()
    classes = sorted({label for _, label in learnt})
    head = heads.fit(
        _x(embedder, learnt), [label for _, label in learnt], classes, shared=384, penalty=heads.PENALTIES[-1]
    )
    tune = head.probs(_x(embedder, apart))
    head = head.calibrated(calibration.fit(tune, [classes.index(label) for _, label in apart]))
    x, y = _x(embedder, fresh), [classes.index(label) for _, label in fresh]
    raw, p = heads.softmax(head.logits(x)), head.probs(x)
    confidence, right = calibration.top(p, y)
    curve = calibration.abstention(confidence, right)
    area, refused, kept = None, None, None
    if outside:
        away = head.probs(_x(embedder, outside)).max(axis=1)
        limit = float(np.quantile(head.calibration.apply(tune).max(axis=1), 1 - _KEPT))
        area = round(calibration.auroc(confidence, away), 4)
        refused = round(float((away < limit).mean()), 4)
        kept = round(float(right[confidence >= limit].mean()), 4)
    return Public(
        name, len(classes), len(learnt), len(fresh), round(float(right.mean()), 4), round(calibration.ece(p, y), 4),
        round(calibration.ece(raw, y), 4), curve.accuracy, curve.coverage, area, refused, kept,
        round(time.process_time() - began, 1),
    )  # fmt: skip


def _x(embedder: Embedder, rows: Sequence[tuple[str, str]]) -> NDArray[Any]:
    return np.asarray(embedder.embed([text for text, _ in rows]), np.float64)
