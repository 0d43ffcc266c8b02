"""Off-policy estimates: coverage, refusal, agreement with plain arithmetic."""

import math

import numpy as np
import pytest

from honeyguide.learning.proof import METHODS, Logged, Running, dr_scores, evaluate
from honeyguide.learning.sequence import width
from tests.unit.learning.proof.trials import Floats, Trial, trial


def policy(made: Trial, sharp: float = 1.5) -> Floats:
    """Another policy than the one that logged: it looks at another part of the context."""
    logits = sharp * np.stack([made.x[:, 1], -made.x[:, 1], made.x[:, 3], -made.x[:, 3]], axis=1)
    out: Floats = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return out


@pytest.mark.parametrize("method", METHODS)
def test_intervals_cover_at_their_rate(method: str) -> None:
    covered, widths = [], []
    for seed in range(300):
        made = trial(seed, 3_000, effect=0.05, pays=0.1, skew=0.7)
        target = policy(made)
        model = np.full_like(target, 0.14) if "dr" in method else None
        found = evaluate(made.log, target, method=method, model=model)
        assert not found.refused
        covered.append(found.lower <= made.value(target) <= found.upper)
        widths.append(found.upper - found.lower)
    assert 0.915 <= np.mean(covered) <= 0.985
    assert np.mean(widths) < 0.12, "an interval that says nothing covers everything"


def test_the_always_valid_interval_is_wider_and_still_useful() -> None:
    made = trial(1, 8_000, pays=0.1)
    once, always = (evaluate(made.log, policy(made), always=a) for a in (False, True))
    assert 1.2 < (always.upper - always.lower) / (once.upper - once.lower) < 2.2


def test_ips_and_snips_are_plain_arithmetic() -> None:
    made = trial(2, 2_000)
    target = policy(made)
    w = target[np.arange(2_000), made.log.action] / made.log.propensity
    assert evaluate(made.log, target, method="ips").value == pytest.approx(sum(w * made.log.reward) / 2_000)
    assert evaluate(made.log, target, method="snips").value == pytest.approx(sum(w * made.log.reward) / sum(w))
    assert evaluate(made.log, target, method="dr").value == pytest.approx(sum(w * made.log.reward) / 2_000)


def _reference(log: Logged, p_pred: Floats) -> dict[str, tuple[float, float, float]]:
    """IPS, SNIPS and the Gaussian interval example by example, as vw-estimators 0.2.2 (BSD-3) adds them up."""
    n = weights = total = squares = 0.0
    for p_log, reward, p in zip(log.propensity.tolist(), log.reward.tolist(), p_pred.tolist(), strict=True):
        w = p / p_log
        n, weights, total, squares = n + 1, weights + w, total + reward * w, squares + (reward * w) ** 2
    variance = (squares - total**2 / n) / (n - 1)
    half = 1.959963984540054 * math.sqrt(max(0.0, variance) / n)
    return {"ips": (total / n, total / n - half, total / n + half), "snips": (total / weights, math.nan, math.nan)}


@pytest.mark.parametrize("seed", range(5))
def test_the_formulas_are_those_of_the_reference(seed: int) -> None:
    made = trial(seed, 3_000, effect=0.05, pays=0.1, skew=0.7)
    target = policy(made)
    expected = _reference(made.log, target[np.arange(3_000), made.log.action])
    found = evaluate(made.log, target, method="ips")
    assert (found.value, found.lower, found.upper) == pytest.approx(expected["ips"], abs=1e-12)
    assert evaluate(made.log, target, method="snips").value == pytest.approx(expected["snips"][0], abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_the_always_valid_interval_covers_at_every_look(method: str) -> None:
    """Looked at every 500 decisions; a history counts as missed when one look missed."""
    missed, looked, alone = 0, 0, 0
    for seed in range(150):
        made = trial(seed, 6_000, effect=0.05, pays=0.1, skew=0.7)
        target = policy(made)
        model = np.full_like(target, 0.14) if "dr" in method else None
        truth, bad, plain = made.value(target), False, False
        for n in range(1_000, 6_001, 500):
            rows = np.arange(n)
            part = None if model is None else model[:n]
            found = evaluate(made.log.take(rows), target[:n], method=method, model=part, always=True)
            once = evaluate(made.log.take(rows), target[:n], method=method, model=part)
            looked += not found.refused
            bad |= not found.refused and not found.lower <= truth <= found.upper
            plain |= not once.refused and not once.lower <= truth <= once.upper
        missed += bad
        alone += plain
    assert looked >= 150 * 11 - 5
    assert missed / 150 <= 0.05
    assert alone / 150 > 0.1, "the interval for one look must break its promise here, or this test can see nothing"


def test_it_refuses_a_log_whose_propensities_are_not_true() -> None:
    """Everything was twice as likely as the log says: every weight is twice too large."""
    made = trial(3, 4_000, skew=0.5)
    log = Logged(made.log.action, made.log.propensity / 2, made.log.reward)
    target = policy(made)
    assert "instead of 1" in evaluate(log, target).refused
    assert not evaluate(made.log, target).refused


def test_a_good_model_makes_dr_sharper_and_a_bad_one_leaves_it_unbiased() -> None:
    spread: dict[str, list[float]] = {"none": [], "true": [], "absurd": []}
    for seed in range(150):
        made = trial(seed, 2_000, rate=0.5, pays=0.4, skew=0.7)
        target = policy(made)
        for name, model in (("none", None), ("true", made.truth), ("absurd", made.truth * 0 + 0.9)):
            spread[name].append(evaluate(made.log, target, model=model).value - made.value(target))
    assert np.std(spread["true"]) < 0.9 * np.std(spread["none"])
    assert abs(np.mean(spread["absurd"])) < 3 * np.std(spread["absurd"]) / math.sqrt(150)


def test_it_refuses_where_overlap_is_nil() -> None:
    rows = 5_000
    log = Logged(np.zeros(rows, np.int64), np.full(rows, 0.999), np.ones(rows), np.tile([0.999, 0.001], (rows, 1)))
    target = np.tile([0.0, 1.0], (rows, 1))
    for method in METHODS:
        found = evaluate(log, target, method=method)
        assert found.refused
        assert math.isnan(found.value)
        assert math.isnan(found.lower)


def test_it_refuses_a_few_per_cent_of_overlap_and_too_few_rows_and_impossible_actions() -> None:
    rng = np.random.default_rng(0)
    rows = 60_000
    chance = np.tile([0.99, 0.01], (rows, 1))
    action = (rng.random(rows) < 0.01).astype(np.int64)
    log = Logged(action, chance[np.arange(rows), action], np.ones(rows), chance)
    assert "%" in evaluate(log, np.tile([0.0, 1.0], (rows, 1))).refused
    few = trial(1, 150)
    assert few.log.distribution is not None
    assert "at least 200" in evaluate(few.log, few.log.distribution).refused
    chance = np.tile([1.0, 0.0], (rows, 1))
    log = Logged(np.zeros(rows, np.int64), np.ones(rows), np.ones(rows), chance)
    assert "no chance" in evaluate(log, np.tile([0.9, 0.1], (rows, 1))).refused


def test_switch_dr_has_less_variance_where_weights_are_huge() -> None:
    errors: dict[str, list[float]] = {"dr": [], "switch-dr": []}
    for seed in range(60):
        made = trial(seed, 4_000, rate=0.3, skew=1.5)
        other = np.stack([-made.x[:, 0], made.x[:, 0], -made.x[:, 2], made.x[:, 2]], axis=1).argmax(axis=1)
        assert made.log.distribution is not None
        target = 0.5 * made.log.distribution + 0.5 * np.eye(4)[other]
        for method, missed in errors.items():
            found = evaluate(made.log, target, method=method, model=made.truth)
            if not found.refused:
                missed.append(found.value - made.value(target))
    assert len(errors["dr"]) > 30
    assert np.std(errors["switch-dr"]) < np.std(errors["dr"])


def test_clusters_that_move_together_widen_the_interval() -> None:
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(500), 8)
    mood = (rng.random(500) < 0.3)[cluster].astype(float)
    action = rng.integers(0, 2, 4_000)
    log = Logged(action, np.full(4_000, 0.5), mood)
    grouped = Logged(action, np.full(4_000, 0.5), mood, cluster=cluster)
    target = np.tile([0.5, 0.5], (4_000, 1))
    plain, wide = evaluate(log, target), evaluate(grouped, target)
    assert wide.value == pytest.approx(plain.value)
    assert wide.upper - wide.lower > 2 * (plain.upper - plain.lower)


def looks(seed: int, days: int, a_day: int, lift: float, rate: float, share: float = 0.5) -> Floats:
    """Scores of treated minus control, one per unit, day after day."""
    rng = np.random.default_rng(seed)
    treated = rng.random((days, a_day)) < share
    came = rng.random((days, a_day)) < rate + lift * treated
    model = rate
    residual = np.where(treated, (came - model) / share, -(came - model) / (1 - share))
    return np.asarray(residual)


def alarms(
    runs: int, naive: bool = False, lift: float = 0.0, days: int = 200, a_day: int = 40, share: float = 0.5
) -> tuple[float, float]:
    """The share of runs in which somebody who looks every day saw an interval above, and one below zero."""
    n = np.arange(1, days + 1) * a_day
    half = 1.96 / np.sqrt(n) if naive else np.array([width(int(k)) for k in n])
    extra = 0.0 if naive else 2.0 / min(share, 1 - share) ** 2  # what `Running` adds, here for all runs at once
    up = down = 0
    for seed in range(runs):
        scores = looks(seed, days, a_day, lift, 0.06, share)
        mean = np.cumsum(scores.sum(axis=1)) / n
        sd = np.sqrt((np.cumsum((scores**2).sum(axis=1)) + extra) / n - mean**2)
        seen = n >= 200
        up += bool((mean - sd * half > 0)[seen].any())
        down += bool((mean + sd * half < 0)[seen].any())
    return up / runs, down / runs


@pytest.mark.parametrize("share", [0.5, 0.95])
def test_a_a_runs_alarm_in_at_most_five_of_a_hundred_under_daily_peeking(share: float) -> None:
    up, down = alarms(1_000, share=share)
    assert up + down <= 0.05


def test_the_naive_interval_breaks_its_promise_in_the_same_runs() -> None:
    up, down = alarms(200, naive=True)
    assert up + down > 0.2


def test_power_two_points_of_lift_are_found_within_twenty_thousand_per_arm() -> None:
    up, down = alarms(200, lift=0.02, days=400, a_day=100)
    assert up >= 0.85
    assert down == 0


def test_the_running_interval_equals_the_one_of_all_scores_at_once() -> None:
    scores = looks(1, 50, 40, 0.02, 0.06)
    running = Running(bound=2.0)
    assert running.interval() is None
    for day in scores:
        running.add(day)
    whole = scores.ravel()
    found = running.interval()
    assert found is not None
    assert found.estimate == pytest.approx(whole.mean())
    sd = np.sqrt((((whole - whole.mean()) ** 2).sum() + 2 * 2.0**2) / 1_999)
    assert found.upper - found.estimate == pytest.approx(sd * width(2_000), rel=1e-9)


def test_dr_scores_of_the_logging_policy_average_to_what_was_earned() -> None:
    made = trial(5, 4_000, skew=0.5)
    assert made.log.distribution is not None
    scores = dr_scores(made.log, made.log.distribution, None)
    assert scores.mean() == pytest.approx(made.log.reward.mean(), abs=1e-9)
