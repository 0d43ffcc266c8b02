"""Weights: stated beliefs that labels move, never against the sense of the evidence, and probabilities that hold."""

import random

import pytest

from honeyguide.outcomes.fraud.judging import Costs
from honeyguide.outcomes.fraud.weights import PRIOR, Label, Weights, fit, sigmoid, stated

NAMES = ("duplicate_payee", "device_pair", "refunds", "tied")
TRUE = {"base": -2.0, "duplicate_payee": 2.0, "device_pair": 1.0, "refunds": 0.5, "tied": -1.5}


def drawn(n: int, seed: int = 1) -> list[Label]:
    lot = random.Random(seed)
    found = []
    for _ in range(n):
        amounts = {name: 1.0 for name in NAMES if lot.random() < 0.4}
        odds = TRUE["base"] + sum(TRUE[name] for name in amounts)
        found.append(Label(amounts, lot.random() < sigmoid(odds)))
    return found


def test_without_labels_the_beliefs_stand() -> None:
    assert fit([]) == stated()
    assert stated().probability({}) < 0.03
    assert stated().probability({"similar_name": 1.0, "payee_pair": 1.0}) > 0.8


def test_few_labels_move_little_and_many_find_the_truth() -> None:
    few, many = fit(drawn(10)), fit(drawn(4_000))
    assert abs(few.mean["duplicate_payee"] - PRIOR["duplicate_payee"].mean) < 1.5
    for name in NAMES:
        assert many.mean[name] == pytest.approx(TRUE[name], abs=0.35)
        assert many.sd[name] < PRIOR[name].sd / 2


def test_learned_probabilities_are_calibrated_on_labels_never_seen() -> None:
    model, fresh = fit(drawn(3_000)), drawn(6_000, seed=2)
    gaps = []
    for tenth in range(10):
        inside = [(p, x.fraud) for x in fresh if tenth <= (p := model.probability(x.amounts)) * 10 < tenth + 1]
        gaps.append(abs(sum(p - y for p, y in inside)))
    assert sum(gaps) / len(fresh) < 0.03  # the expected calibration error


def test_the_order_of_labels_changes_nothing() -> None:
    labels = drawn(300)
    turned = labels[::-1]
    assert fit(labels) == fit(turned)


def test_no_evidence_of_fraud_ever_speaks_for_honesty() -> None:
    stubborn = [Label({"duplicate_payee": 1.0}, fraud=False) for _ in range(3_000)]
    learned = fit([*stubborn, *(Label({"tied": 1.0}, fraud=True) for _ in range(3_000))])
    assert learned.mean["duplicate_payee"] == 0.0
    assert learned.mean["tied"] <= 0.0
    for name, belief in PRIOR.items():
        assert belief.sign * learned.mean[name] >= 0


def test_more_evidence_never_lowers_the_probability() -> None:
    for model in (stated(), fit(drawn(500))):
        amounts: dict[str, float] = {}
        before = model.probability(amounts)
        for name, belief in PRIOR.items():
            if belief.sign > 0:
                amounts[name] = 1.0
                assert model.probability(amounts) >= before
                before = model.probability(amounts)


def test_evidence_without_a_weight_says_nothing_and_extremes_do_not_overflow() -> None:
    model = stated()
    assert model.probability({"horoscope": 9.0}) == model.probability({})
    assert sigmoid(-1e6) == 0.0
    assert sigmoid(1e6) == 1.0
    assert 0 < Weights({"base": 0.0}, {}).probability({}) < 1


def test_the_threshold_is_where_both_mistakes_cost_the_same() -> None:
    costs = Costs(goodwill_minor=20_000, review_minor=1_000)
    for stake in (30_000, 100_000, 1_000_000):
        p = costs.threshold(stake)
        assert p * stake == pytest.approx(1_000 + (1 - p) * 20_000)
    assert costs.threshold(1_000_000) < costs.threshold(100_000) < costs.threshold(30_000)
