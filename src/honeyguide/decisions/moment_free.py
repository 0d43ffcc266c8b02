"""What the policy believes of sharing for who somebody is, with no moment and no offer in sight: for many at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from honeyguide.decisions.policy import Policy
from honeyguide.decisions.propensity import logit
from honeyguide.programs import Factor, offer_key

Floats = np.ndarray[Any, np.dtype[np.float64]]
_MOST_YEARS = 3.0


class Beliefs(Struct, frozen=True):
    """Per person: log-odds of sharing against the base, their variance (the base's left out), and P(share)."""

    logit: Floats
    variance: Floats
    share: Floats


def beliefs(
    policy: Policy, groups: Sequence[str], seniorities: Sequence[str], years: Floats, power_user: Floats
) -> Beliefs:
    """The share factor over group, seniority, tenure and power use; every other feature is absent."""
    factor: Factor = policy.params.factors["share"]
    mean, variance = np.zeros(len(years)), np.zeros(len(years))
    for dimension, words in (("group", [offer_key(g) for g in groups]), ("seniority", list(seniorities))):
        _look_up(factor, dimension, words, mean, variance)
    for name, x in (("tenure", np.minimum(years, _MOST_YEARS)), ("power_user", power_user)):
        effect = factor.effects.get(name)
        if effect is not None:
            mean += effect.mean * x
            variance += (effect.sd * x) ** 2
    eta = logit(factor.base) + mean
    spread = variance + factor.base_sd**2
    return Beliefs(mean, variance, 1.0 / (1.0 + np.exp(-eta / np.sqrt(1 + np.pi * spread / 8))))


def _look_up(factor: Factor, dimension: str, words: list[str], mean: Floats, variance: Floats) -> None:
    """Add the effects of one dimension: a table over its distinct words."""
    if not words:
        return
    known, codes = np.unique(np.array(words, dtype=object), return_inverse=True)
    effects = [factor.effects.get(f"{dimension}:{word}") for word in known]
    mean += np.array([e.mean if e else 0.0 for e in effects])[codes]
    variance += np.array([e.sd**2 if e else 0.0 for e in effects])[codes]
