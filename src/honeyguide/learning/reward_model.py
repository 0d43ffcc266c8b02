"""What a referral is expected to be worth having done an action, for the doubly robust estimators. Cross-fitted.

A linear model with a ridge: the context's features and the action's name, no interactions. It need not be right: the
weights correct it; it only has to be better than nothing and fitted on other companies than it is used for.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from honeyguide.learning.proof.offpolicy import Floats, Ints, Logged

MOST_FEATURES = 60
_RIDGE = 20.0


def expected_rewards(contexts: Sequence[Mapping[str, Any]], keys: Sequence[str], log: Logged) -> Floats:
    """Expected rewards [rows, actions], each row's by a model fitted on the companies of the other half."""
    x = _design(contexts)
    cluster = log.cluster if log.cluster is not None else np.arange(log.rows)
    fold = _halves(cluster)
    out = np.zeros((log.rows, len(keys)))
    for side in (fold, ~fold):
        rows = np.flatnonzero(~side)
        if len(rows):
            out[side] = _fitted(x, log, rows, len(keys), np.flatnonzero(side))
    return out


def _halves(cluster: Ints) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Two halves of companies, by a fixed mixing of their numbers (Knuth's multiplicative hash)."""
    return np.asarray((cluster.astype(np.uint64) * np.uint64(2654435761) >> np.uint64(16)) % np.uint64(2) == 0)


def _design(contexts: Sequence[Mapping[str, Any]]) -> Floats:
    """The commonest numeric features of the contexts, with a one in front."""
    features = [c.get("features") or {} for c in contexts]
    seen = Counter(name for row in features for name, value in row.items() if isinstance(value, int | float))
    names = sorted(name for name, _ in seen.most_common(MOST_FEATURES))
    x = np.ones((len(features), len(names) + 1))
    for n, row in enumerate(features):
        x[n, 1:] = [float(row.get(name) or 0.0) for name in names]
    return x


def _fitted(x: Floats, log: Logged, rows: Ints, actions: int, at: Ints) -> Floats:
    chosen = np.zeros((len(rows), actions))
    chosen[np.arange(len(rows)), log.action[rows]] = 1.0
    design = np.column_stack([x[rows], chosen])
    penalty = np.full(design.shape[1], _RIDGE)
    penalty[0] = 1e-6
    weights = np.linalg.solve(design.T @ design + np.diag(penalty), design.T @ log.reward[rows])
    width = x.shape[1]
    out: Floats = (x[at] @ weights[:width])[:, None] + weights[None, width:]
    return out
