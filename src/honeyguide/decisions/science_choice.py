"""A stored brain at work: distributions over the legal actions of situations, what they are worth, and what moved them.

A snapshot is made ready once and kept (drawn worlds cost milliseconds, decisions less). The distribution of a situation
depends on the snapshot, its words and numbers, the legal actions and two seeds: nothing of the batch it is decided in.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import sqrt
from typing import Any

import numpy as np
from msgspec import Struct
from scipy.special import betaincinv

from honeyguide.decisions.brain import WAIT as NOTHING
from honeyguide.decisions.brain import Batch, Chooser, Schema, Snapshot, load, lots_of
from honeyguide.decisions.brain.schema import Floats, Ints
from honeyguide.decisions.brain.worth import Worlds
from honeyguide.decisions.choose import Choice
from honeyguide.decisions.propensity import Z90, Belief, sigmoid
from honeyguide.decisions.science import Described, Places, ahead_of, batch_of, places_of
from honeyguide.decisions.situation import WAIT, Action

_AT_ONCE = 512


class Ready(Struct, frozen=True):
    """A snapshot ready to decide."""

    chooser: Chooser
    places: Places
    expected: Worlds
    doubts: Floats

    @property
    def snapshot(self) -> Snapshot:
        """What it decides from."""
        return self.chooser.snapshot

    @property
    def schema(self) -> Schema:
        """The names it works with."""
        return self.chooser.snapshot.schema


@lru_cache(maxsize=16)
def ready(stored: bytes) -> Ready:
    """The brain of a stored snapshot; the last ones are kept."""
    snapshot = load(stored)
    chooser = Chooser(snapshot)
    doubts = np.sqrt(np.array([(row**2).sum() for row in snapshot.share_root]))
    return Ready(chooser, places_of(snapshot.schema), Worlds(snapshot, chooser.design, None), doubts)


class Asked(Struct, frozen=True):
    """A situation to be decided: how it is described, its group, the keys of its legal asks, and its row seed."""

    described: Described
    group: str
    legal: tuple[str, ...]
    seed: int


class Decision(Struct, frozen=True):
    """What the brain makes of a situation. `least`: the value the stopping rule asks for; `deferred`: put off by chance."""

    choice: Choice
    deferred: bool
    least: float


def decide(brain: Ready, asked: Sequence[Asked], round_seed: int) -> list[Decision]:
    """Decide about situations in the worlds of one round; each is the same alone and among others."""
    if not asked:
        return []
    rows = [a.described for a in asked]
    legal = [_rows(brain, a) for a in asked]
    seeds = np.array([a.seed for a in asked], np.uint64)
    made = brain.chooser.decide(
        batch_of(brain.schema, rows, legal), ahead_of(brain.schema, rows), round_seed, seeds
    )  # fmt: skip
    found = []
    for line, one in enumerate(asked):
        probabilities = made.distribution[line]
        distribution = {key: float(probabilities[row]) for key, row in zip(one.legal, legal[line], strict=True)}
        distribution[WAIT] = float(probabilities[-1])
        place = int(made.action[line])
        action = WAIT if place == NOTHING else one.legal[legal[line].index(place)]
        deferred, least = bool(made.deferred[line]), float(made.least[line])
        choice = Choice(action, float(made.propensity[line]), distribution, _reason(distribution, deferred, least))
        found.append(Decision(choice, deferred, least))
    return found


def _rows(brain: Ready, one: Asked) -> list[int]:
    found = [brain.places.of_key(one.group, key) for key in one.legal]
    if None in found:
        raise ValueError("an action is older or newer than the snapshot's schema")
    return [row for row in found if row is not None]


def _reason(distribution: Mapping[str, float], deferred: bool, least: float) -> str:
    if deferred:
        return "Put off until tomorrow by chance, so that what waiting does can be measured."
    likely = max(distribution, key=lambda key: distribution[key])
    if likely == WAIT:
        return f"Waiting is better: an ask would have to be worth {least / 100:.0f} to give up the moments to come."
    return f"{likely} is likely the best of {len(distribution) - 1} asks."


def put_off(seed: int, defer: float) -> bool:
    """Is a decision with this row seed put off until tomorrow?"""
    return bool(lots_of(np.array([seed], np.uint64))[0] < defer)


def values_of(
    brain: Ready, asked: Sequence[tuple[Described, str]], actions: Sequence[Sequence[Action]]
) -> list[dict[str, float]]:
    """The expected value of each action of each situation, in minor units; actions the schema does not know are left out."""
    if not asked:
        return []
    batch = batch_of(brain.schema, [described for described, _ in asked], [()] * len(asked))
    found: list[dict[str, float]] = []
    for begin in range(0, len(asked), _AT_ONCE):  # bounds the memory of a large batch
        lines = range(begin, min(begin + _AT_ONCE, len(asked)))
        worth, _ = brain.expected.values(batch.take(np.array(lines)))
        for line in lines:
            places = [(a.key, brain.places.of(asked[line][1], a)) for a in actions[line]]
            found.append({key: float(worth[line - begin, row, 0]) for key, row in places if row is not None})
    return found


def factors_of(brain: Ready, described: Described, group: str, action: Action) -> dict[str, Belief]:
    """P(share), P(qualify), P(win), P(opt-out) of an ask."""
    s, design, row = brain.snapshot, brain.chooser.design, brain.places.of(group, action)
    at = row if row is not None else 0
    batch, one = batch_of(brain.schema, [described], [[at]]), np.array([at], np.int64)
    place = int(design.group(batch)[0])
    worn = int(np.searchsorted(np.array(s.config.edges), design.number(batch, s.config.worn), side="right")[0])
    a, b = s.qualify
    c, d = s.opt_out
    e, f = s.win
    quality, manner = int(s.quality[at]), int(s.manner[at])
    return {
        "share": _share(brain, batch, one),
        "qualify": _beta(a[place, quality], b[place, quality]),
        "win": _beta(e[place], f[place]),
        "opt_out": _beta(c[worn, manner], d[worn, manner]),
    }


def _share(brain: Ready, batch: Batch, action: Ints) -> Belief:
    places, values, mean = _row(brain, batch, action)
    root = brain.snapshot.share_root
    total = np.zeros(root.shape[1])
    for k, x in zip(places.tolist(), values.tolist(), strict=True):
        if x != 0.0:
            total += x * root[k]
    variance = float((total * total).sum())
    spread = Z90 * sqrt(variance)
    return Belief(sigmoid(mean / sqrt(1 + np.pi * variance / 8)), sigmoid(mean - spread), sigmoid(mean + spread))


def _row(brain: Ready, batch: Batch, action: Ints) -> tuple[Ints, Floats, float]:
    """The active coefficients of one ask, their values, and its log-odds at the expectation."""
    design = brain.chooser.design
    places, values = design.situation(batch)
    theirs = design.of_actions(batch, action)
    where = np.concatenate([places[0], theirs[0]])
    x = np.concatenate([values[0], np.ones(theirs.shape[1])])
    mean = 0.0
    for v, m in zip(x.tolist(), brain.snapshot.share_mean[where].tolist(), strict=True):
        mean += v * m
    return where, x, mean


def _beta(a: float, b: float) -> Belief:
    low, high = betaincinv(a, b, [0.05, 0.95])
    return Belief(float(a / (a + b)), float(low), float(high))


def terms_of(brain: Ready, described: Described, group: str, action: Action) -> list[dict[str, Any]]:
    """What moves the log-odds of sharing of an ask: coefficient, value, mean and doubt, without those that do nothing."""
    row = brain.places.of(group, action)
    if row is None:
        return []
    batch = batch_of(brain.schema, [described], [[row]])
    places, values, _ = _row(brain, batch, np.array([row], np.int64))
    names, s = brain.chooser.design.names, brain.snapshot
    found = []
    for k, x, mean in zip(places.tolist(), values.tolist(), s.share_mean[places].tolist(), strict=True):
        if x != 0.0 and (k == 0 or abs(x * mean) >= 0.005):
            sd = float(brain.doubts[k])
            found.append({"name": names[k], "x": round(x, 6), "mean": round(mean, 6), "sd": round(sd, 6)})
    return found
