"""Calibration: the likeliest label stays, the promise of the probability is kept, few labels change little."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from honeyguide.inference import calibration, reliability
from honeyguide.inference.heads import softmax


def boastful(n: int, k: int = 4, seed: int = 0, sharp: float = 3.0) -> tuple[NDArray[np.float64], list[int]]:
    """Rows whose labels are drawn from the true probabilities, and what a head says that is `sharp` times too sure."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 1.2, (n, k))
    true = softmax(scores)
    return softmax(scores * sharp), [int(rng.choice(k, p=p)) for p in true]


@pytest.mark.parametrize(
    ("n", "kind"), [(0, "prior"), (49, "prior"), (50, "temperature"), (299, "temperature"), (300, "isotonic")]
)
def test_as_many_labels_as_there_are_choose_the_method(n: int, kind: str) -> None:
    p, y = boastful(n)
    assert calibration.fit(p, y, calibration.prior(1.5)).kind == kind


def test_two_labels_are_scaled_by_platt_and_a_shift_is_found() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(0, 1.5, 4000)
    y = [int(rng.random() > 1 / (1 + np.exp(-(z_ - 1)))) for z_ in z]  # the head forgets a shift of -1
    p = softmax(np.stack([2 * z, np.zeros_like(z)], axis=1))
    found = calibration.fit(p[:250], y[:250])
    assert found.kind == "platt"
    assert calibration.ece(found.apply(p), y) < 0.05 < calibration.ece(p, y)


@pytest.mark.parametrize("n", [60, 300, 1000])
def test_a_boastful_head_is_brought_down(n: int) -> None:
    new, truth = boastful(6000, seed=5)
    after = [calibration.ece(calibration.fit(*boastful(n, seed=s)).apply(new), truth) for s in range(6)]
    assert calibration.ece(new, truth) > 0.2
    assert np.mean(after) < (0.08 if n < 300 else 0.05)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 400), st.integers(2, 7), st.integers(0, 10_000), st.floats(0.2, 8))
def test_rows_stay_probabilities_and_the_likeliest_label_stays(n: int, k: int, seed: int, sharp: float) -> None:
    p, y = boastful(n, k, seed, sharp)
    new, _ = boastful(50, k, seed + 1, sharp)
    made = calibration.fit(p, y).apply(new)
    assert np.isfinite(made).all()
    assert (made >= 0).all()
    assert np.allclose(made.sum(axis=1), 1)
    if calibration.fit(p, y).kind != "platt":
        rows = np.arange(len(new))
        assert (made[rows, new.argmax(axis=1)] >= made.max(axis=1) - 1e-6).all()


def test_ece_knows_a_liar_and_an_honest_head() -> None:
    p, y = boastful(20_000, sharp=1.0)
    assert calibration.ece(p, y) < 0.02
    assert calibration.ece(np.tile([0.9, 0.1], (1000, 1)), [0, 1] * 500) == pytest.approx(0.4)


def test_abstention_and_auroc() -> None:
    curve = calibration.abstention([0.9, 0.8, 0.3, 0.2, 0.1] * 4, [True, True, True, False, False] * 4)
    assert curve.accuracy[-1] == pytest.approx(0.6)
    assert curve.accuracy[3] == 1.0
    assert curve.accuracy == sorted(curve.accuracy, reverse=True)
    assert calibration.auroc([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert calibration.auroc([0.5, 0.5], [0.5]) == 0.5
    assert calibration.auroc([0.1], [0.9]) == 0.0


def test_reliability_bins_hold_every_answer_once_and_show_how_little_is_known() -> None:
    p, y = boastful(500)
    found = reliability.bins(p, y)
    assert sum(b.n for b in found) == 500
    assert all(b.low <= b.observed <= b.high and b.from_ <= b.predicted <= b.to for b in found)
    few = reliability.bins(p[:5], y[:5])
    assert len(few) == 1
    assert few[0].high - few[0].low > 0.5
    assert reliability.bins(p[:0], []) == []
