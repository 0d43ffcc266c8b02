"""The nightly model's score of a situation: one number the brain looks at. The model is stored with the policy version.

The score is the calibrated log-odds of a share against the average of the log it was trained on: 0 says nothing. It is
logged with the decision, so a replay needs neither the model nor its library.
"""

import importlib
import logging
from collections.abc import Sequence
from functools import lru_cache
from math import log
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from honeyguide.decisions.brain.schema import Floats
from honeyguide.decisions.science import NUMBERS, Described

_log = logging.getLogger(__name__)
DIMENSIONS = ("kind", "group", "segment", "vertical", "seniority", "stage")
FEATURES = tuple(n for n in NUMBERS if n != "challenger")
_LEAST, _MOST = 0.001, 0.999
_BOUND = 3.0


class Packed(Struct, frozen=True):
    """A model as it is stored: trees as text, words by dimension, the calibration's steps, the average, and
    from how many asks it was made.
    """

    model: str
    words: dict[str, list[str]]
    raw: list[float]
    calibrated: list[float]
    average: float
    asks: int


def library() -> Any | None:
    """LightGBM, or None where it is missing or a library of the system it needs is."""
    try:
        return importlib.import_module("lightgbm")
    except (ImportError, OSError):
        return None


def table_of(words: dict[str, list[str]], rows: Sequence[Described]) -> Floats:
    """Situations as the model's columns: places of words (-1 for unknown ones), then numbers."""
    places = {d: {w: k for k, w in enumerate(words[d])} for d in DIMENSIONS}
    found = [
        [float(places[d].get(r.words.get(d, ""), -1)) for d in DIMENSIONS] + [r.numbers.get(n, 0.0) for n in FEATURES]
        for r in rows
    ]
    return np.array(found, np.float64).reshape(len(rows), len(DIMENSIONS) + len(FEATURES))


def scores(packed: bytes, rows: Sequence[Described]) -> list[float]:
    """The score of each situation, within ±3; zeros without a model or its library."""
    if not packed or not rows:
        return [0.0] * len(rows)
    ready = _ready(packed)
    if ready is None:
        return [0.0] * len(rows)
    kept, booster = ready
    raw = np.asarray(booster.predict(table_of(kept.words, rows), num_threads=1), np.float64)
    chance = np.clip(np.interp(raw, kept.raw, kept.calibrated), _LEAST, _MOST)
    usual = log(kept.average / (1 - kept.average))
    return [round(float(x), 6) for x in np.clip(np.log(chance / (1 - chance)) - usual, -_BOUND, _BOUND)]


@lru_cache(maxsize=8)
def _ready(packed: bytes) -> tuple[Packed, Any] | None:
    found = library()
    if found is None:
        _log.warning("The nightly model is not looked at: LightGBM is not installed here. Decisions go on without it.")
        return None
    kept = msgspec.msgpack.decode(packed, type=Packed)
    return kept, found.Booster(model_str=kept.model)
