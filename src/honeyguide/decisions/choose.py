"""From proposals to one action with its exact propensity.

The distribution is the expert's, pressed together by the floor and lifted by an equal share of it for every legal
action: `p = (1 - floor) q + floor / n`. The lift is added, never clipped and renormalised, which would bias it. An
action the guardrails refused has no place in it, whatever a model says.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct

from honeyguide.decisions.expert import Context, Expert
from honeyguide.decisions.situation import Action

_TURN = 0x5DEECE66D  # the draw that picks an action has a stream of its own


class Choice(Struct, frozen=True):
    """The action drawn, its probability, and the whole distribution in the order of the legal actions."""

    action: str
    propensity: float
    distribution: dict[str, float]
    reason: str


def choose(expert: Expert, context: Context, legal: Sequence[Action], floor: float) -> Choice:
    """Ask the expert, add the floor, draw. `legal` always holds `wait`, so there is always an answer."""
    proposal = expert.propose(context, legal)
    distribution = with_floor(proposal.distribution, [a.key for a in legal], floor)
    action = pick(distribution, context.seed)
    return Choice(action, distribution[action], distribution, proposal.reason)


def with_floor(proposed: Mapping[str, float], legal: Sequence[str], floor: float) -> dict[str, float]:
    """The proposal over the legal keys with the exploration floor added; keys that are not legal are dropped.

    A proposal without any mass on legal actions counts as an equal one. Sums to 1 up to rounding.
    """
    mass = [max(0.0, float(proposed.get(key, 0.0))) for key in legal]
    mass = [m if np.isfinite(m) else 0.0 for m in mass]
    total = sum(mass)
    if len(legal) == 1:
        return {legal[0]: 1.0}
    shares = [m / total for m in mass] if total > 0 else [1 / len(legal)] * len(legal)
    return {key: (1 - floor) * share + floor / len(legal) for key, share in zip(legal, shares, strict=True)}


def pick(distribution: Mapping[str, float], seed: int) -> str:
    """The action a uniform draw from the seed falls on, walking the distribution in its order."""
    at = float(np.random.Generator(np.random.PCG64(seed ^ _TURN)).random())
    keys = list(distribution)
    for key in keys:
        at -= distribution[key]
        if at < 0:
            return key
    return keys[-1]  # the sum may fall short of 1 by a rounding error
