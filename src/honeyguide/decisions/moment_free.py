"""What the policy believes of sharing for who somebody is, with no moment and no offer in sight: for many at once.

The strategy's beliefs are the playbook's; a brain's are its coefficients with the covariance they were learned with. Both are
read the same way: the log-odds of what a person is (group, segment, vertical, seniority, stage, tenure, power use) against
the base. What readiness tells in parts of its own (praise, complaints, asks, neighbours) stays out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from honeyguide.decisions.brain import Design, Snapshot, load
from honeyguide.decisions.policy import Policy
from honeyguide.decisions.propensity import logit
from honeyguide.programs import Factor, offer_key

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
_MOST_YEARS = 3.0
_NUMBERS = ("tenure", "power_user")


class Beliefs(Struct, frozen=True):
    """Per person: log-odds of sharing against the base, their variance (the base's left out), and P(share)."""

    logit: Floats
    variance: Floats
    share: Floats


class People(Struct, frozen=True):
    """Who people are, as columns: words by dimension (group, segment, vertical, seniority, stage), years known, power use."""

    words: Mapping[str, Sequence[str]]
    years: Floats
    power_user: Floats

    def numbers(self) -> dict[str, Floats]:
        """The numbers a policy may know, by its names."""
        return {"tenure": np.minimum(self.years, _MOST_YEARS), "power_user": self.power_user}


def beliefs(policy: Policy, people: People) -> Beliefs:
    """What this policy believes."""
    stored = policy.snapshot
    return of_brain(load(stored), people) if stored else of_factor(policy.params.factors["share"], people)


def of_factor(factor: Factor, people: People) -> Beliefs:
    """By a playbook's factor: its effects are independent."""
    mean, variance = np.zeros(len(people.years)), np.zeros(len(people.years))
    for dimension, words in people.words.items():
        known, codes = _codes([offer_key(w) for w in words])
        effects = [factor.effects.get(f"{dimension}:{word}") for word in known]
        mean += np.array([e.mean if e else 0.0 for e in effects])[codes]
        variance += np.array([e.sd**2 if e else 0.0 for e in effects])[codes]
    for name, x in people.numbers().items():
        effect = factor.effects.get(name)
        if effect is not None:
            mean += effect.mean * x
            variance += (effect.sd * x) ** 2
    return _told(logit(factor.base), factor.base_sd**2, mean, variance)


def of_brain(snapshot: Snapshot, people: People) -> Beliefs:
    """By what a brain learned: coefficients move together, so their covariance is carried along."""
    design = Design(snapshot.schema)
    mean = np.zeros(len(people.years))
    root = np.zeros((len(people.years), snapshot.share_root.shape[1]))
    for dimension, words in people.words.items():
        if dimension in snapshot.schema.context:
            known, codes = _codes([offer_key(w) if dimension == "group" else w for w in words])
            first = design.blocks[dimension].start
            places = first + np.array([snapshot.schema.code(dimension, str(w)) for w in known], np.int64)
            mean += snapshot.share_mean[places][codes]
            root += snapshot.share_root[places][codes]
    for name, x in people.numbers().items():
        if name in snapshot.schema.numbers:
            at = design.blocks[name].start
            mean += snapshot.share_mean[at] * x
            root += snapshot.share_root[at] * x[:, None]
    base = design.blocks["base"].start
    return _told(
        float(snapshot.share_mean[base]), float((snapshot.share_root[base] ** 2).sum()), mean, (root**2).sum(axis=1)
    )


def _told(base: float, base_variance: float, mean: Floats, variance: Floats) -> Beliefs:
    spread = variance + base_variance
    share = 1.0 / (1.0 + np.exp(-(base + mean) / np.sqrt(1 + np.pi * spread / 8)))
    return Beliefs(mean, variance, share)


def _codes(words: list[str]) -> tuple[Sequence[str], Ints]:
    """The distinct words and each one's place among them."""
    if not words:
        return [], np.zeros(0, np.int64)
    known, codes = np.unique(np.array(words, dtype=object), return_inverse=True)
    return list(known), codes.astype(np.int64)
