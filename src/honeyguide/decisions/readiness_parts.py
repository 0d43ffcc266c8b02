"""How ready somebody is to be asked for a referral: the score's formula, for many persons at once. Pure.

`score = 100 sigmoid(sum_i w_i x_i)`: 50 is the customer of whom nothing special is known. The first part is what the policy
in force believes of P(share) for who they are, against its base rate; the others are what the data shows around them. What
another part says better (praise, complaints, earlier asks) is left out of the first, so nothing counts twice.

The points of a part are its share of the way from 50 to the score, `w_i x_i (score - 50) / sum w x`: for a sum inside one
sigmoid these are its integrated gradients (Sundararajan, Taly & Yan, ICML 2017), and they add up exactly. The interval is
the central 90 % over the uncertainty of the weights and of the policy's beliefs.
"""

from typing import Any

import numpy as np
from msgspec import Struct

from honeyguide.decisions.propensity import Z90

Floats = np.ndarray[Any, np.dtype[np.float64]]
FEATURES = ("propensity", "satisfaction", "influence", "reach", "neighbours", "fatigue")
# What the parts are computed from, in the order they are stored in.
AMOUNTS = ("share", "satisfaction", "influence", "prospects", "hits", "seen", "asks")
# Weight in log-odds and how unsure we are of it: beliefs to start from. What neighbours did predicts adoption best and
# centralities next to nothing, in every public set that was looked at; the weights follow that order.
WEIGHTS = {
    "satisfaction": (1.2, 0.30), "influence": (0.4, 0.20), "reach": (0.8, 0.25), "neighbours": (1.4, 0.40),
    "fatigue": (-0.45, 0.12),
}  # fmt: skip
MIDDLE = 50.0
NEIGHBOUR_RATE, NEIGHBOUR_WORTH = (
    0.10,
    4.0,
)  # the share of neighbours that is usual, and how many neighbours it is worth
_REACH_FULL = 5.0  # log2(1 + prospects) at which more adds nothing: 31 prospects
_MOST_ASKS = 3.0


class Columns(Struct, frozen=True):
    """Persons as columns of equal length.

    `logit` and `variance`: the policy's belief in log-odds against its base. `share`: P(share) itself. `satisfaction` in
    [-1, 1], `influence` in [0, 1], `prospects`, `hits`, `seen` counts, `asks` earlier asks, each halved with age.
    """

    logit: Floats
    variance: Floats
    share: Floats
    satisfaction: Floats
    influence: Floats
    prospects: Floats
    hits: Floats
    seen: Floats
    asks: Floats


class Scored(Struct, frozen=True):
    """Scores with their central 90 %, and the points of each part: one line per part of FEATURES."""

    score: Floats
    low: Floats
    high: Floats
    points: Floats


def score(columns: Columns) -> Scored:
    """The readiness of every person."""
    x = {
        "satisfaction": columns.satisfaction,
        "influence": columns.influence,
        "reach": np.minimum(np.log2(1.0 + columns.prospects) / _REACH_FULL, 1.0),
        "neighbours": neighbour_excess(columns.hits, columns.seen),
        "fatigue": np.minimum(columns.asks, _MOST_ASKS),
    }
    lines = np.empty((len(FEATURES), len(columns.logit)))
    lines[0] = columns.logit
    variance = columns.variance.copy()
    for line, name in enumerate(FEATURES[1:], start=1):
        weight, sd = WEIGHTS[name]
        lines[line] = weight * x[name]
        variance += (sd * x[name]) ** 2
    eta = lines.sum(axis=0)
    spread = Z90 * np.sqrt(variance)
    total = 100.0 * _sigmoid(eta)
    rate = np.where(np.abs(eta) > 1e-9, (total - MIDDLE) / np.where(np.abs(eta) > 1e-9, eta, 1.0), 25.0)
    return Scored(total, 100.0 * _sigmoid(eta - spread), 100.0 * _sigmoid(eta + spread), lines * rate)


def neighbour_excess(hits: Floats, seen: Floats) -> Floats:
    """How far the share of neighbours who referred or bought lies above the usual, from -0.25 to 1.

    The share is shrunk to the usual one by a few neighbours' worth, so that one of one is no miracle.
    """
    shrunk = (hits + NEIGHBOUR_RATE * NEIGHBOUR_WORTH) / (seen + NEIGHBOUR_WORTH)
    return np.asarray(np.clip((shrunk - NEIGHBOUR_RATE) / 0.4, -0.25, 1.0))


def satisfaction(praise: Floats, complaints: Floats, ratings: Floats) -> Floats:
    """From faded sums to [-1, 1]. `ratings`: support ratings, each from -1 (1 of 5) to 1 (5 of 5), faded and summed.

    A complaint weighs more than a praise: it is rarer and it is what people repeat.
    """
    return np.asarray(np.tanh(0.8 * praise - 1.2 * complaints + 0.6 * ratings))


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -40.0, 40.0))))
