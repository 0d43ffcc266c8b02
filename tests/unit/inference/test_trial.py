"""The gate's trial: a better head passes, a worse or an equal one does not, and its figures do not flatter it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from honeyguide.inference import calibration, trial
from honeyguide.inference.trial import Example, Rows

CLASSES = ("yes", "no", "none")


def world(n: int, seed: int, *, lie: float = 0.0, known: int = 0, seeds: int = 12) -> Rows:
    """Three clouds in 30 dimensions, seeds from somewhere a little else, labels of which a share is random."""
    rng = np.random.default_rng(seed)
    centres = np.eye(3, 30) * 2.2
    away = rng.normal(0, 0.6, 30)

    def some(count: int, shift: NDArray[np.float64] | float) -> tuple[NDArray[np.float64], list[str]]:
        y = np.arange(count) % 3
        return centres[y] + rng.normal(0, 1, (count, 30)) + shift, [CLASSES[c] for c in y]

    seed_x, seed_labels = some(seeds, away)
    x, labels = some(n, 0.0)
    examples = tuple(
        Example(str(rng.choice(CLASSES)) if rng.random() < lie else label, known=i < known)
        for i, label in enumerate(labels)
    )
    return Rows(CLASSES, seed_x, tuple(seed_labels), x, examples)


def test_what_was_learnt_from_reviews_passes() -> None:
    found = trial.trial(world(150, 1), calibration.prior(1.2))
    assert found.passed, found.reason
    assert found.metrics["right"] > found.metrics["was_right"]
    assert found.metrics["gain_lower"] > 0
    assert found.head.calibration.kind == "temperature"


@pytest.mark.parametrize("seed", range(4))
def test_labels_that_mean_nothing_do_not_pass(seed: int) -> None:
    found = trial.trial(world(120, seed, lie=1.0, seeds=60), calibration.prior(1.2))
    assert found.metrics["accuracy"] < 0.55  # held out: nothing was learnt, and nothing is claimed to be


def test_a_head_that_knows_all_labels_already_is_not_replaced_by_its_like() -> None:
    found = trial.trial(world(120, 3, known=120), calibration.fit(*_judged(200)))
    assert not found.passed
    assert "Kept back" in found.reason


def _judged(n: int) -> tuple[NDArray[np.float64], list[int]]:
    rng = np.random.default_rng(0)
    p = rng.dirichlet([1, 1, 1], n)
    return p, [int(rng.choice(3, p=row)) for row in p]


def test_poisoned_labels_do_not_replace_a_good_head() -> None:
    """An incumbent that had 150 honest labels; then 150 come in whose labels are turned round."""
    honest, turned = world(150, 5, known=150), world(150, 6)
    swap = {"yes": "no", "no": "yes", "none": "none"}
    poison = tuple(Example(swap[e.label], reviewed=False, weight=0.7) for e in turned.examples)
    rows = Rows(CLASSES, honest.seed_x, honest.seed_labels, np.vstack([honest.x, turned.x]), honest.examples + poison)
    assert not trial.trial(rows, calibration.prior(1.0)).passed


def test_too_few_reviews_judge_nothing_and_outcomes_are_no_reviews() -> None:
    few = world(trial.FEWEST - 1, 2)
    assert not trial.trial(few, calibration.prior(1.2)).passed
    rows = world(100, 2)
    outcomes = tuple(Example(e.label, reviewed=False) for e in rows.examples)
    found = trial.trial(Rows(CLASSES, rows.seed_x, rows.seed_labels, rows.x, outcomes), calibration.prior(1.2))
    assert not found.passed
    assert found.reviewed == 0


def test_the_same_labels_give_the_same_trial_and_repeating_it_is_held_stricter() -> None:
    first, again = trial.trial(world(90, 4), calibration.prior(1.2)), trial.trial(world(90, 4), calibration.prior(1.2))
    assert first.metrics == again.metrics
    assert first.head.dump() == again.head.dump()
    tenth = trial.trial(world(90, 4), calibration.prior(1.2), attempt=10)
    assert tenth.metrics["gain_lower"] < first.metrics["gain_lower"]
    assert sum(trial.ALPHA / (k * (k + 1)) for k in range(1, 10_000)) < trial.ALPHA


def test_heads_that_do_not_differ_pass_far_less_often_than_one_time_in_twenty() -> None:
    rng = np.random.default_rng(0)
    passed = sum(trial.lower_bound(rng.normal(0, 0.2, 60), trial.ALPHA / 2) >= 0 for _ in range(2000))
    assert passed / 2000 < 0.04


def test_a_rejected_label_teaches_what_it_is_not() -> None:
    rows = world(60, 7)
    denied = Rows(
        CLASSES, rows.seed_x, rows.seed_labels, rows.x[:1],
        (Example("yes", denied=True),),
    )  # fmt: skip
    head = trial.trial(denied, calibration.prior(1.0)).head
    before = trial.trial(Rows(CLASSES, rows.seed_x, rows.seed_labels, rows.x[:0], ()), calibration.prior(1.0)).head
    assert head.probs(rows.x[:1])[0, 0] < before.probs(rows.x[:1])[0, 0]
