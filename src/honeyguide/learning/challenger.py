"""The nightly challenger: gradient-boosted trees on the same log, calibrated, stacked into the brain as one number.

Trees see what a sum of coefficients cannot (thresholds, joint effects). Whether that helps is for the brain to find out:
the score's coefficient starts at zero and is learned from scores that were given before the outcome was known, so a model
that only knows its own past earns no weight. Scores are calibrated out of fold by isotonic regression.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from scipy.optimize import isotonic_regression

from honeyguide.db import Tx
from honeyguide.decisions.brain.schema import Floats
from honeyguide.decisions.science import Described
from honeyguide.decisions.science_challenger import DIMENSIONS, Packed, library, table_of
from honeyguide.learning import training_tables
from honeyguide.learning.training_state import Day

LEAST_ASKS, LEAST_SHARES, FOLDS = 400, 40, 5
_MISSING = "No nightly model: LightGBM is not installed here, or a library of the system it needs is. The brain learns without it."
_PARAMETERS = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 20, "lambda_l2": 5.0,
    "feature_fraction": 0.8, "bagging_fraction": 0.8, "bagging_freq": 1, "seed": 7, "deterministic": True,
    "force_row_wise": True, "num_threads": 1, "verbosity": -1,
}  # fmt: skip
_ROUNDS = 80
_NEWS = 1.03  # a model is made anew when the log has grown by so much


class Model(Struct, frozen=True):
    """A model as it is stored with the policy (empty without one), and what to say about it."""

    packed: bytes
    sentence: str


async def nightly(tx: Tx, days: Sequence[Day], before: bytes, now: datetime) -> Model:
    """The model of tonight from the asks whose windows are over, or why there is none; then the one before stays."""
    sent = [s for d in days for s in d.sent if s.known]
    shares = sum(1 for s in sent if s.referrals)
    if len(sent) < LEAST_ASKS or shares < LEAST_SHARES or len(sent) - shares < LEAST_SHARES:
        said = f"No nightly model yet: it needs {LEAST_ASKS} asks with {LEAST_SHARES} shares; there are {len(sent)} with {shares}."
        return Model(before, said)
    if library() is None:
        return Model(before, _MISSING)
    asks = msgspec.msgpack.decode(before, type=Packed).asks if before else 0
    if len(sent) < asks * _NEWS:
        return Model(before, f"The nightly model stands: {len(sent) - asks} asks are new since its {asks}.")
    contexts = await training_tables.contexts(tx, [s.decision_id for s in sent])
    known = [s for s in sent if s.decision_id in contexts]
    rows = [
        Described(dict(contexts[s.decision_id]["words"]), dict(contexts[s.decision_id]["numbers"]), {}, 0.0, 0.0)
        for s in known
    ]
    return await asyncio.to_thread(fit, rows, np.array([float(bool(s.referrals)) for s in known]))


def fit(rows: Sequence[Described], shared: Floats) -> Model:
    """A model from situations of asks and whether they led to a share. Deterministic."""
    found = library()
    if found is None:
        return Model(b"", _MISSING)
    words = {d: sorted({r.words.get(d, "") for r in rows}) for d in DIMENSIONS}
    table = table_of(words, rows)
    fold = np.arange(len(rows)) * FOLDS // len(rows)  # blocks of time: a fold is judged by its neighbours in the year
    raw = np.zeros(len(rows))
    for k in range(FOLDS):
        held = fold == k
        raw[held] = _booster(table[~held], shared[~held]).predict(table[held], num_threads=1)
    order = np.argsort(raw, kind="stable")
    level = np.asarray(isotonic_regression(shared[order]).x, np.float64)
    steps, calibrated = _steps(raw[order], level)
    average = float(np.clip(shared.mean(), 0.001, 0.999))
    packed = Packed(_booster(table, shared).model_to_string(), words, steps, calibrated, average, len(rows))
    loss = -np.mean(_log_likelihood(np.interp(raw, steps, calibrated), shared))
    usual = -np.mean(_log_likelihood(np.full(len(rows), average), shared))
    said = f"Nightly model from {len(rows)} asks: log loss {loss:.4f} on asks it had not seen, {usual:.4f} by the average alone."
    return Model(msgspec.msgpack.encode(packed), said)


def _booster(table: Floats, shared: Floats) -> Any:
    found: Any = library()
    data = found.Dataset(table, label=shared, categorical_feature=list(range(len(DIMENSIONS))), free_raw_data=False)
    return found.train(_PARAMETERS, data, num_boost_round=_ROUNDS)


def _steps(raw: Floats, level: Floats) -> tuple[list[float], list[float]]:
    """The calibration as few points: where the level changes; rates of 0 and 1 are drawn in by half a case."""
    starts = np.flatnonzero(np.diff(level, prepend=level[0] - 1.0))
    ends = np.append(starts[1:], len(level)) - 1
    counts = (ends - starts + 1).astype(np.float64)
    rates = (level[starts] * counts + 0.5 * level.mean()) / (counts + 0.5)
    rates = np.maximum.accumulate(rates)
    points = np.stack([raw[starts], raw[ends]], axis=1).ravel()
    return [float(x) for x in points], [float(x) for x in np.repeat(rates, 2)]


def _log_likelihood(chance: Floats, shared: Floats) -> Floats:
    p = np.clip(chance, 0.001, 0.999)
    return np.asarray(shared * np.log(p) + (1 - shared) * np.log(1 - p))
