"""The ladder {best constant, gated tree, full learner}: the rung that runs is the one with the highest proven gain.

The candidates are fitted on one half of the log and judged on the other, by the difference of their doubly robust scores
to those of the incumbent. A rung is taken only if the anytime-valid lower bound of its difference (at alpha over the
number of rungs) is above zero; among those the highest lower bound wins. On many real trials the full learner is worse
than the best constant: it must never get live because it is newer.
"""

import numpy as np
from msgspec import Struct

from honeyguide.learning.proof.offpolicy import (
    Estimate,
    Floats,
    Ints,
    Logged,
    by_cluster,
    dr_scores,
    effective_sample,
    refusal,
)
from honeyguide.learning.proof.running import Running
from honeyguide.learning.proof.tree import gated_tree

CONSTANT, TREE, LEARNER = "best constant", "gated tree", "full learner"


class Rung(Struct, frozen=True):
    """A candidate's probabilities on the judged half, and its difference to the incumbent."""

    name: str
    target: Floats
    difference: Estimate | None = None


class Verdict(Struct, frozen=True):
    """What runs from now on, and why in one sentence. `rungs` hold every difference that was computed."""

    runs: str
    promoted: bool
    reason: str
    rungs: tuple[Rung, ...]


def gate(log: Logged, incumbent: Rung, candidates: list[Rung], model: Floats | None, alpha: float = 0.05) -> Verdict:
    """Which of the rungs may run. The log must be one the candidates were not fitted on."""
    judged = [_against(log, incumbent, c, model, alpha / max(1, len(candidates))) for c in candidates]
    proven = [r for r in judged if r.difference and not r.difference.refused and r.difference.lower > 0]
    if not proven:
        return Verdict(incumbent.name, False, f"Nothing is proven better than the {incumbent.name}.", tuple(judged))
    best = max(proven, key=lambda r: r.difference.lower if r.difference else 0.0)
    found = best.difference
    said = (
        f"The {best.name} earns at least {found.lower:.4g} more per decision than the {incumbent.name}."
        if found
        else ""
    )
    return Verdict(best.name, True, said, tuple(judged))


def _against(log: Logged, incumbent: Rung, candidate: Rung, model: Floats | None, alpha: float) -> Rung:
    return Rung(candidate.name, candidate.target, difference(log, incumbent.target, candidate.target, model, alpha))


def difference(
    log: Logged, incumbent: Floats, candidate: Floats, model: Floats | None, alpha: float = 0.05
) -> Estimate:
    """What the candidate earns more per decision than the incumbent, valid at every look; refused where the log cannot
    carry either of them.
    """
    rows = np.arange(log.rows)
    weights = [target[rows, log.action] / log.propensity for target in (candidate, incumbent)]
    effective = min(effective_sample(w) for w in weights)
    refused = next((r for t, w in zip((candidate, incumbent), weights, strict=True)
                    if (r := refusal(log, t, effective_sample(w)))), "")  # fmt: skip
    scores = by_cluster(dr_scores(log, candidate, model) - dr_scores(log, incumbent, model), log.cluster)
    moved = np.abs(weights[0] - weights[1])
    so_far = Running(bound=float(moved.max() * np.ptp(log.reward)) if log.rows else 0.0)
    so_far.add(scores)
    bound = so_far.interval(alpha)
    if refused or bound is None:
        nan = float("nan")
        why = refused or "Too few units to judge."
        return Estimate("aipw-cs", nan, nan, nan, log.rows, effective, why)
    return Estimate("aipw-cs", bound.estimate, bound.lower, bound.upper, log.rows, effective)


def fit_ladder(x: Floats, log: Logged, actions: int, rng: np.random.Generator) -> tuple[Ints, Floats, list[Rung]]:
    """The three rungs fitted on a random half, with the rows and the reward model of the other half, to judge them on."""
    first = rng.random(log.rows) < 0.5
    fit, rest = np.flatnonzero(first), np.flatnonzero(~first)
    own = log.take(fit)
    model_fit, model_rest = _crossed(x[fit], own, actions, rng), _regress(x[fit], own, actions, x[rest])
    scores = np.stack([dr_scores(own, _always(a, len(fit), actions), model_fit) for a in range(actions)], axis=1)
    constant = int(scores.mean(axis=0).argmax())
    tree = gated_tree(x[fit], scores, constant, rng)
    rungs = [
        Rung(CONSTANT, _always(constant, len(rest), actions)),
        Rung(TREE, np.eye(actions)[tree.actions(x[rest])]),
        Rung(LEARNER, np.eye(actions)[model_rest.argmax(axis=1)]),
    ]
    return rest, model_rest, rungs


def _always(action: int, rows: int, actions: int) -> Floats:
    out = np.zeros((rows, actions))
    out[:, action] = 1.0
    return out


def _crossed(x: Floats, log: Logged, actions: int, rng: np.random.Generator) -> Floats:
    """Expected rewards of rows by a model fitted on the other fold."""
    fold = rng.random(log.rows) < 0.5
    out = np.zeros((log.rows, actions))
    for side in (fold, ~fold):
        rows = np.flatnonzero(~side)
        out[side] = _regress(x[rows], log.take(rows), actions, x[side])
    return out


def _regress(x: Floats, log: Logged, actions: int, at: Floats, ridge: float = 5.0) -> Floats:
    """A linear model of the reward per action, with a ridge on everything but the level."""
    centre, scale = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-9)
    design = np.column_stack([np.ones(len(x)), (x - centre) / scale])
    wanted = np.column_stack([np.ones(len(at)), (at - centre) / scale])
    penalty = np.diag([1e-6] + [ridge] * x.shape[1])
    out = np.zeros((len(at), actions))
    for action in range(actions):
        rows = log.action == action
        if rows.any():
            own = design[rows]
            out[:, action] = wanted @ np.linalg.solve(own.T @ own + penalty, own.T @ log.reward[rows])
    return out
