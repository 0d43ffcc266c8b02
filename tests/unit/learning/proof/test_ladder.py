"""The ladder: an ungated learner that is worse than the best constant never gets live; one that is better does."""

import numpy as np

from honeyguide.learning.proof import Rung, Verdict, fit_ladder, gate
from honeyguide.learning.proof.ladder import CONSTANT, LEARNER, TREE
from tests.unit.learning.proof.trials import Trial, trial


def climb(made: Trial, seed: int) -> tuple[Verdict, dict[str, float]]:
    """Fit the ladder, gate it against the best constant, and tell what each rung is truly worth."""
    rest, model, rungs = fit_ladder(made.x, made.log, 4, np.random.default_rng(seed))
    constant = rungs[0]
    verdict = gate(made.log.take(rest), constant, rungs[1:], model)
    truth = made.truth[rest]
    return verdict, {r.name: float((r.target * truth).sum(axis=1).mean()) for r in rungs}


def test_a_learner_worse_than_the_constant_never_gets_live() -> None:
    """One per cent conversion and one best message for all: personalisation does not pay."""
    worse = live = 0
    for seed in range(60):
        verdict, value = climb(trial(seed, 6_000, rate=0.01, effect=0.01), seed)
        worse += value[LEARNER] < value[CONSTANT] - 1e-9
        live += verdict.promoted and value[verdict.runs] < value[CONSTANT] - 1e-9
    assert worse > 40, "the trial must be one in which the ungated learner harms"
    assert live == 0


def test_a_learner_that_pays_is_promoted() -> None:
    runs = [climb(trial(seed, 12_000, rate=0.1, pays=0.15), seed) for seed in range(12)]
    assert sum(v.promoted for v, _ in runs) >= 11
    assert all(value[v.runs] > value[CONSTANT] for v, value in runs if v.promoted)


def test_the_tree_stays_the_constant_where_nothing_is_to_be_found() -> None:
    same = 0
    for seed in range(30):
        _, _, rungs = fit_ladder((t := trial(seed, 4_000)).x, t.log, 4, np.random.default_rng(seed))
        tree = next(r for r in rungs if r.name == TREE)
        same += bool((tree.target == rungs[0].target).all())
    assert same >= 18


def test_false_promotions_are_rare_when_all_actions_are_equal() -> None:
    false = sum(climb(trial(1_000 + seed, 3_000), seed)[0].promoted for seed in range(100))
    assert false <= 5


def test_a_candidate_without_overlap_is_refused_not_judged() -> None:
    made = trial(1, 6_000)
    log = made.log.take(np.flatnonzero(made.log.action != 3))
    target = np.zeros((log.rows, 4))
    target[:, 3] = 1.0
    constant = np.zeros((log.rows, 4))
    constant[:, 0] = 1.0
    verdict = gate(log, Rung(CONSTANT, constant), [Rung(LEARNER, target)], None)
    assert not verdict.promoted
    assert verdict.rungs[0].difference is not None
    assert verdict.rungs[0].difference.refused


def test_the_ungated_learner_is_significantly_worse_than_the_best_constant_and_never_gets_live_at_any_look() -> None:
    """Simulated trials in which personalisation does not pay, each judged ten times while it grows."""
    lost, live = [], 0
    for seed in range(40):
        made = trial(2_000 + seed, 6_000, rate=0.01, effect=0.01)
        rest, model, rungs = fit_ladder(made.x, made.log, 4, np.random.default_rng(seed))
        truth = made.truth[rest]
        value = {r.name: float((r.target * truth).sum(axis=1).mean()) for r in rungs}
        lost.append(value[LEARNER] - value[CONSTANT])
        for n in np.linspace(300, len(rest), 10).astype(int):
            cut = [Rung(r.name, r.target[:n]) for r in rungs]
            verdict = gate(made.log.take(rest[:n]), cut[0], cut[1:], model[:n])
            live += verdict.promoted and value[verdict.runs] < value[CONSTANT] - 1e-9
    mean, error = float(np.mean(lost)), float(np.std(lost, ddof=1) / np.sqrt(len(lost)))
    assert mean + 1.96 * error < 0, "the trials must be ones in which the ungated learner harms, beyond chance"
    assert live == 0


def test_a_gate_that_looks_at_every_stage_lets_a_paying_learner_through_and_says_by_how_much() -> None:
    made = trial(7, 12_000, rate=0.1, pays=0.15)
    rest, model, rungs = fit_ladder(made.x, made.log, 4, np.random.default_rng(7))
    verdicts = []
    for n in np.linspace(500, len(rest), 8).astype(int):
        cut = [Rung(r.name, r.target[:n]) for r in rungs]
        verdicts.append(gate(made.log.take(rest[:n]), cut[0], cut[1:], model[:n]))
    assert not verdicts[0].promoted, "five hundred decisions are too few"
    assert verdicts[-1].promoted
    assert "earns at least" in verdicts[-1].reason
