"""Distributions, exact propensities, replay, legality, the stopping rule, speed."""

import time

import numpy as np
import pytest
from msgspec.structs import replace

from honeyguide.decisions.brain import WAIT, Ahead, Batch, Chooser, dump, load, lots_of
from honeyguide.decisions.brain.timing import threshold
from tests.unit.decisions.brain import small


def test_distributions_sum_to_one_and_illegal_actions_have_none() -> None:
    batch, ahead, seeds = small.people(500)
    made = Chooser(small.brain().snapshot()).decide(batch, ahead, 3, seeds)
    assert made.distribution.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
    assert (made.distribution[:, :-1][~batch.legal] == 0).all()
    assert (made.distribution[:, :-1][batch.legal] > 0).all()
    assert (made.distribution[:, -1] > 0).all()
    chosen = made.action[made.action != WAIT]
    assert batch.legal[np.flatnonzero(made.action != WAIT), chosen].all()
    assert (made.propensity == made.distribution[np.arange(500), made.action]).all()


def test_the_floor_is_what_it_is_said_to_be_in_total() -> None:
    batch, ahead, seeds = small.people(200)
    chooser = Chooser(replace(small.brain(base=-20.0).snapshot()))
    made = chooser.decide(batch, ahead, 3, seeds)
    legal = batch.legal.sum(axis=1)
    asks = made.distribution[:, :-1].sum(axis=1)
    assert asks == pytest.approx(0.9 * 0.02 * legal / (legal + 1), abs=1e-12)


def test_propensities_equal_long_run_frequencies() -> None:
    batch, ahead, _ = small.people(3, seed=5)
    chooser = Chooser(small.brain().snapshot())
    n = 60_000
    for row in range(3):
        many = batch.take(np.full(n, row))
        made = chooser.decide(many, ahead.take(np.full(n, row)), 11, np.arange(n, dtype=np.uint64) * np.uint64(7919))
        seen = np.bincount(np.where(made.action == WAIT, 6, made.action), minlength=7) / n
        error = 4.5 * np.sqrt(made.distribution[0] * (1 - made.distribution[0]) / n) + 1e-9
        assert (np.abs(seen - made.distribution[0]) <= error).all()


def test_ten_thousand_decisions_replay_to_the_bit_one_by_one_and_from_a_stored_snapshot() -> None:
    batch, ahead, seeds = small.people(10_000)
    snapshot = small.brain().snapshot()
    made = Chooser(snapshot).decide(batch, ahead, 17, seeds)
    again = Chooser(load(dump(snapshot)))
    for row in [*range(0, 10_000, 97)]:
        one = np.array([row])
        alone = again.decide(batch.take(one), ahead.take(one), 17, seeds[one])
        assert alone.action[0] == made.action[row]
        assert alone.propensity[0].tobytes() == made.propensity[row].tobytes()
        assert alone.distribution[0].tobytes() == made.distribution[row].tobytes()
    order = np.random.default_rng(1).permutation(10_000)
    shuffled = again.decide(batch.take(order), ahead.take(order), 17, seeds[order])
    assert shuffled.distribution.tobytes() == made.distribution[order].tobytes()
    assert (shuffled.action == made.action[order]).all()


def test_another_seed_draws_other_worlds() -> None:
    batch, ahead, seeds = small.people(200)
    chooser = Chooser(small.brain().snapshot())
    one, other = chooser.decide(batch, ahead, 1, seeds), chooser.decide(batch, ahead, 2, seeds)
    assert (one.distribution != other.distribution).any()


def test_a_deferral_is_counted_as_waiting_and_as_often_as_configured() -> None:
    batch, ahead, seeds = small.people(20_000)
    made = Chooser(small.brain().snapshot()).decide(batch, ahead, 1, seeds)
    assert made.deferred.mean() == pytest.approx(0.1, abs=0.01)
    assert (made.action[made.deferred] == WAIT).all()


def test_nobody_is_asked_where_nothing_is_legal() -> None:
    batch, ahead, seeds = small.people(50)
    made = Chooser(small.brain().snapshot()).decide(
        Batch(batch.codes, batch.numbers, batch.legal & False), ahead, 1, seeds
    )
    assert (made.action == WAIT).all()
    assert (made.propensity == 1.0).all()


def test_a_person_with_a_better_moment_coming_is_asked_less() -> None:
    batch, ahead, seeds = small.people(2_000)
    chooser = Chooser(small.brain().snapshot())
    none = Ahead(ahead.rates * 0, ahead.days_left, ahead.asks_left)
    many = Ahead(ahead.rates * 0 + 0.05, ahead.days_left, ahead.asks_left)
    eager, patient = chooser.decide(batch, none, 1, seeds), chooser.decide(batch, many, 1, seeds)
    assert (eager.least < 1e-4).all()
    assert (eager.action != WAIT).sum() > 1.5 * (patient.action != WAIT).sum()


def test_the_threshold_solves_its_equation() -> None:
    rng = np.random.default_rng(2)
    values, rates, lock = rng.normal(5, 10, (400, 6)), rng.uniform(0, 0.03, (400, 6)), rng.uniform(20, 90, 400)
    t = threshold(values, rates, lock)
    right = lock * (rates * np.maximum(values - t[:, None], 0)).sum(axis=1)
    assert t == pytest.approx(right, abs=1e-4)


def test_lots_are_uniform_and_a_function_of_their_seed() -> None:
    lots = lots_of(np.arange(100_000, dtype=np.uint64))
    assert lots.min() >= 0
    assert lots.max() < 1
    assert np.histogram(lots, 10)[0] == pytest.approx(10_000, rel=0.05)
    assert lots_of(np.array([5], np.uint64))[0] == lots[5]


def test_one_decision_takes_milliseconds() -> None:
    """The budget is 5 ms on a quiet machine; five times that here, so that a busy one does not fail the suite."""
    batch, ahead, seeds = small.people(1)
    chooser = Chooser(small.brain().snapshot())
    times = []
    for n in range(20):
        started = time.process_time()
        chooser.decide(batch, ahead, n, seeds)
        times.append(time.process_time() - started)
    assert sorted(times)[10] < 0.025
