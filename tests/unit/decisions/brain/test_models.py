"""The factors against reference computations: logistic posterior, shrinkage, cure model, drift, pacing."""

import numpy as np
import pytest
from scipy.optimize import minimize

from honeyguide.decisions.brain import Arrivals, Batch, Logistic, Pacer, Prior, Shrunk, fit_wins, leaning, prior_of
from honeyguide.decisions.brain.drift import watch
from honeyguide.decisions.brain.logistic import draw, sigmoid
from tests.unit.decisions.brain import small

RNG = np.random.default_rng


def test_the_posterior_is_the_mode_and_curvature_a_reference_finds() -> None:
    rng = RNG(1)
    x = np.column_stack([np.ones(400), rng.standard_normal((400, 3))])
    y = (rng.random(400) < sigmoid(x @ np.array([-1.0, 0.8, 0.0, -0.5]))).astype(float)
    mean, precision = np.array([-0.5, 0.0, 0.3, 0.0]), np.diag([1.0, 4.0, 2.0, 9.0])
    model = Logistic(mean.copy(), precision.copy())
    model.update(x, y)

    def loss(b: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
        eta = x @ b
        return float(np.logaddexp(0, eta).sum() - y @ eta + 0.5 * (b - mean) @ precision @ (b - mean))

    found = minimize(loss, mean, method="BFGS", options={"gtol": 1e-8})
    assert model.mean == pytest.approx(found.x, abs=1e-4)
    p = sigmoid(x @ found.x)
    assert model.precision == pytest.approx(precision + (x.T * (p * (1 - p))) @ x, rel=1e-3)


def test_ninety_per_cent_intervals_hold_the_truth_nine_times_in_ten() -> None:
    inside = []
    for seed in range(200):
        rng = RNG(seed)
        truth = rng.standard_normal(3) * np.array([0.6, 0.4, 0.4]) + np.array([-1.5, 0, 0])
        model = Logistic(np.array([-1.5, 0, 0]), np.diag(1 / np.array([0.6, 0.4, 0.4]) ** 2))
        for _ in range(5):
            x = np.column_stack([np.ones(60), rng.standard_normal((60, 2))])
            model.update(x, (rng.random(60) < sigmoid(x @ truth)).astype(float))
        sd = np.sqrt(np.diag(np.linalg.inv(model.precision)))
        inside.append(np.abs(model.mean - truth) <= 1.645 * sd)
    assert np.mean(inside) == pytest.approx(0.9, abs=0.035)


def test_draws_have_the_mean_and_covariance_of_the_posterior() -> None:
    rng = RNG(3)
    half = rng.standard_normal((4, 4))
    model = Logistic(rng.standard_normal(4), half @ half.T + np.eye(4))
    drawn = draw(model.mean, model.root(), 9, 200_000)
    assert drawn.mean(axis=1) == pytest.approx(model.mean, abs=0.02)
    assert np.cov(drawn) == pytest.approx(np.linalg.inv(model.precision), abs=0.02)


def test_a_wrong_rule_book_is_unlearned_as_a_whole() -> None:
    """Data about the first half of a contradicted block moves the beliefs about the second half too."""
    means = {f"segment:{s}*offer:{o}": m for s, o, m in (("small", "thanks", 1.0), ("large", "gift", 1.0))}
    design = small.brain().design
    x = np.zeros((3_000, design.size))
    x[:, 0] = 1.0
    x[1_500:, design.names.index("segment:small*offer:thanks")] = 1.0
    y = (RNG(0).random(3_000) < np.where(np.arange(3_000) < 1_500, 0.12, 0.05)).astype(float)
    told = {}
    for trust in (0.0, 1.0):
        model = prior_of(design, Prior(base=-2.0, base_sd=0.5, means=means, sd=0.3, trust_sd=trust))
        model.update(x, y)
        told[trust] = model.mean[design.names.index("segment:large*offer:gift")]
    assert told[0.0] == pytest.approx(1.0, abs=1e-6)
    assert told[1.0] < 0.0


def test_shrinkage_goes_from_row_and_column_to_the_cell() -> None:
    table = Shrunk(np.full((3, 4), 0.3), 10.0, 10.0, 12.0)
    rng = RNG(1)
    rows, columns = rng.integers(0, 2, 4_000), rng.integers(0, 4, 4_000)
    table.learn(rows, columns, (rng.random(4_000) < np.where(columns == 3, 0.6, 0.3)).astype(float))
    mean = table.mean()
    assert mean[:2, 3] == pytest.approx(0.6, abs=0.06)
    assert mean[:2, :3] == pytest.approx(0.3, abs=0.06)
    assert mean[2, 3] > mean[2, 0] + 0.15, "a row without data must be judged by its column"


def test_a_cell_without_data_is_its_prior_and_with_much_data_its_own_rate() -> None:
    table = Shrunk(np.full((2, 2), 0.25), 10.0, 10.0, 12.0)
    assert table.mean() == pytest.approx(0.25)
    table.learn(np.zeros(5_000, np.int64), np.zeros(5_000, np.int64), (np.arange(5_000) % 10 == 0).astype(float))
    assert table.mean()[0, 0] == pytest.approx(0.1, abs=0.005)
    a, b = table.parameters()
    assert a[0, 0] + b[0, 0] == pytest.approx(5_012)


def cohort(seed: int, n: int, days: float) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float64]], ...]:
    """Referrals that qualified evenly over some days before a look; 25 % win after a lognormal delay of median 40."""
    rng = RNG(seed)
    waited = rng.uniform(0, days, n)
    delay = 40 * rng.lognormal(0, 0.7, n)
    wins = rng.random(n) < 0.25
    won = (wins & (delay <= waited)).astype(float)
    return np.where(won > 0, delay, waited), won, wins.astype(float), waited


def test_the_cure_model_recovers_its_parameters() -> None:
    age, won, _, _ = cohort(4, 20_000, 400)
    found = fit_wins(np.zeros(20_000, np.int64), age, won, prior_win=np.array([0.4]), prior_days=np.array([20.0]))
    assert found.win[0] == pytest.approx(0.25, abs=0.015)
    assert np.exp(found.log_mean[0]) == pytest.approx(40, rel=0.06)
    assert found.log_sd[0] == pytest.approx(0.7, abs=0.05)


def test_a_young_cohort_is_forecast_far_better_than_counted() -> None:
    naive, model = [], []
    for seed in range(20):
        age, won, _, _ = cohort(seed, 3_000, 400)
        fitted = fit_wins(np.zeros(3_000, np.int64), age, won, prior_win=np.array([0.3]), prior_days=np.array([40.0]))
        young, so_far, final, _ = cohort(100 + seed, 2_000, 28)
        forecast, seen = fitted.forecast(np.zeros(2_000, np.int64), young, so_far)
        assert seen < 0.2, "it must say that the cohort is young"
        naive.append(abs(so_far.sum() - final.sum()))
        model.append(abs(forecast - final.sum()))
    assert np.mean(model) <= 0.3 * np.mean(naive)


def test_open_referrals_are_no_failures() -> None:
    group, age, won = np.zeros(300, np.int64), np.full(300, 3.0), np.zeros(300)
    kept = fit_wins(group, age, won, prior_win=np.array([0.25]), prior_days=np.array([60.0]))
    assert kept.win[0] > 0.2
    late = fit_wins(group, np.full(300, 900.0), won, prior_win=np.array([0.25]), prior_days=np.array([60.0]))
    assert late.win[0] < 0.03


def test_drift_is_seen_where_it_is_and_seldom_where_it_is_not() -> None:
    rng, late, false = RNG(7), [], 0
    for _ in range(30):
        calm, moved = watch(3, 15.0), watch(3, 15.0)
        alarm = 0
        for day in range(300):
            x = np.column_stack([np.ones(40), rng.random((40, 2)) < 0.3]).astype(float)
            p = np.full(40, 0.1)
            false += bool(calm.see(x, (rng.random(40) < p).astype(float), p))
            after = np.where((x[:, 1] > 0) & (day >= 150), 0.3, 0.1)
            seen = moved.see(x, (rng.random(40) < after).astype(float), p)
            if not alarm and 1 in seen and day >= 150:
                alarm = day
        late.append(alarm - 150 if alarm else 999)
    assert np.median(late) < 40
    assert false <= 3


def test_doubt_widens_the_block_and_keeps_the_mean() -> None:
    model = small.brain().share
    block = small.brain().design.blocks["kind*fresh"]
    before, mean = np.diag(np.linalg.inv(model.precision)).copy(), model.mean.copy()
    model.doubt(block, 4.0)
    after = np.diag(np.linalg.inv(model.precision))
    assert after[block] == pytest.approx(4 * before[block])
    assert (model.mean == mean).all()
    assert after[0] == pytest.approx(before[0])


def test_a_price_keeps_asks_within_their_plan() -> None:
    rng, pacer = RNG(0), Pacer(plan=50.0, scale=10.0)
    taken, spent = 0.0, []
    for _ in range(120):
        values = rng.gamma(1.0, 10.0, 200)
        spent.append(float((values > pacer.price).sum()))
        taken += values[values > pacer.price].sum()
        pacer.close(spent[-1])
    assert np.mean(spent[30:]) == pytest.approx(50, rel=0.08)
    greedy = np.mean([rng.gamma(1.0, 10.0, 50).sum() for _ in range(120)]) * 120
    assert taken > 1.6 * greedy, "the price must pick the better asks, not the first ones"


def test_a_price_falls_to_nothing_when_the_budget_is_ample() -> None:
    pacer = Pacer(plan=500.0, scale=10.0, price=8.0)
    for _ in range(60):
        pacer.close(20.0)
    assert pacer.price == 0.0


def test_the_share_of_outcomes_that_has_come_is_learned_from_delays() -> None:
    known = Arrivals(14, mean=1.0)
    assert known.by(np.array([0.0, 14.0, 99.0])) == pytest.approx([0.0, 1.0, 1.0])
    known.learn(np.floor(np.minimum(RNG(1).exponential(5.0, 20_000), 13.0)))
    wanted = 1 - np.exp(-np.array([1.0, 3.0, 7.0]) / 5.0)
    assert known.by(np.array([1.0, 3.0, 7.0])) == pytest.approx(wanted, abs=0.02)


def test_open_asks_teach_without_bias_and_only_until_they_are_told_for_good() -> None:
    """Ten per cent share in the end; looked at after three days of a delay of mean three, six per cent have."""
    rng, brain = RNG(2), small.brain(base=-1.0)
    batch, _, _ = small.people(6_000)
    actions = np.zeros(6_000, np.int64)
    came = rng.random(6_000) < 0.1
    early = came & (rng.exponential(3.0, 6_000) < 3.0)
    before = brain.snapshot().share_mean
    brain.watch_shares(batch, actions, early.astype(float), np.full(6_000, 1 - np.exp(-1.0)))
    seen = sigmoid(brain.design.dense(batch, actions) @ brain.snapshot().share_mean).mean()
    assert seen == pytest.approx(0.1, abs=0.015)
    brain.watch_shares(batch.take(actions[:0]), actions[:0], np.zeros(0), np.zeros(0))
    assert (brain.snapshot().share_mean == before).all()


def test_leaning_is_the_posterior_mean_of_a_frailty() -> None:
    rng = RNG(5)
    frailty = rng.gamma(2.0, 0.5, 200_000)
    expected = rng.choice([0.1, 0.5, 2.0], 200_000)
    hits = rng.poisson(frailty * expected).astype(float)
    found = np.exp(leaning(hits, expected, 2.0))
    for n, e in ((0, 0.1), (0, 2.0), (1, 0.5), (3, 2.0)):
        here = (hits == n) & (expected == e)
        assert found[here][0] == pytest.approx(frailty[here].mean(), rel=0.05)
    assert leaning(np.zeros(1), np.zeros(1), 2.0)[0] == 0.0


def test_the_chance_without_a_number_is_the_chance_with_it_at_zero() -> None:
    brain = small.brain()
    batch, _, _ = small.people(50)
    actions = np.zeros(50, np.int64)
    numbers = batch.numbers.copy()
    numbers[:, 1] = 0.0
    bare = brain.chance(Batch(batch.codes, numbers, batch.legal), actions)
    assert (brain.chance(batch, actions, without=("worn",)) == bare).all()
    assert (brain.chance(batch, actions) <= bare).all()
