"""The referee: deterministic, the same lots for everybody, deaf to cheats; and its ranking of rivals makes sense."""

from dataclasses import fields

import numpy as np
import pytest
from benchmarks.referee import book
from benchmarks.referee.adapter import Foul, Ints, Policy, Score, View, play
from benchmarks.referee.contest import contest, figures, interval
from benchmarks.referee.learners import LinTS, TriggerTS
from benchmarks.referee.player import Player
from benchmarks.referee.rivals import Nobody, Static, Trigger
from benchmarks.referee.season import season


def some_days(policy: Policy, world: str = "mixed", seed: int = 1, holdout: float = 0.0, days: int = 80) -> Score:
    return play(season(world, seed, 300), policy, holdout=holdout, days=days)


def total(policy: Policy, world: str = "mixed", seed: int = 1) -> float:
    return float(some_days(policy, world, seed, days=365).value.sum())


def test_a_year_is_a_function_of_world_seed_and_policy() -> None:
    one, two = some_days(Player(book.SETTING, 3)), some_days(Player(book.SETTING, 3))
    assert one.value.tobytes() == two.value.tobytes()
    assert one.asks.sum() > 0
    assert some_days(Player(book.SETTING, 3), seed=2).value.tobytes() != one.value.tobytes()


def test_knowing_everything_beats_the_rules_which_beat_the_calendar() -> None:
    static = trigger = oracle = 0.0
    for seed in (1, 2):
        made = contest("mixed", seed, 300, ["trigger", "oracle"])
        static += made["static"].value.sum()
        trigger += made["trigger"].value.sum()
        oracle += made["oracle"].value.sum()
    assert static < trigger < oracle


def test_asking_only_costs_where_it_adds_nothing() -> None:
    assert total(Trigger(book.SETTING, 1), "null") < total(Nobody(book.SETTING, 1), "null")


class Cheat(Nobody):
    """Asks everybody every day."""

    def act(self, view: View) -> tuple[Ints, Ints]:
        return np.arange(len(view.company)), np.zeros(len(view.company), np.int64)


class Twice(Nobody):
    """Asks the same person twice a day."""

    def act(self, view: View) -> tuple[Ints, Ints]:
        who = np.repeat(np.flatnonzero(view.eligible)[:1], 2)
        return who, np.full(2, 1)


class Briber(Nobody):
    """Sends enterprise customers what they may not take."""

    def act(self, view: View) -> tuple[Ints, Ints]:
        who = np.flatnonzero(view.eligible & (view.segment == 1))
        return who, np.full(len(who), 24)


@pytest.mark.parametrize("policy", [Cheat, Twice, Briber])
def test_a_policy_that_breaks_the_rules_is_refused(policy: type[Nobody]) -> None:
    with pytest.raises(Foul, match=r"may not ask|not legal"):
        some_days(policy(book.SETTING, 1))


class Forger(Nobody):
    """Writes into what it is shown."""

    def act(self, view: View) -> tuple[Ints, Ints]:
        view.asks[:] = 0
        return super().act(view)


def test_a_policy_cannot_write_into_the_world() -> None:
    with pytest.raises(ValueError, match="read-only"):
        some_days(Forger(book.SETTING, 1))


def test_the_view_shows_nothing_of_the_truth() -> None:
    hidden = {"willing", "personal", "liking", "qualify", "delight", "sour", "fatigue", "truth"}
    assert not hidden & {f.name for f in fields(View)}


class Recorder(Static):
    """The calendar, and whom it asked."""

    def act(self, view: View) -> tuple[Ints, Ints]:
        who, actions = super().act(view)
        self.seen = getattr(self, "seen", set()) | set(view.company[who].tolist())
        self.held = set(view.company[view.held].tolist())
        return who, actions


def test_a_holdout_is_kept_from_every_policy_and_is_the_same_for_all() -> None:
    one, two = Recorder(book.SETTING, 1), Recorder(book.SETTING, 2)
    some_days(one, holdout=0.2)
    some_days(two, holdout=0.2)
    assert one.held == two.held
    assert one.held
    assert not one.seen & one.held


@pytest.mark.parametrize("policy", [LinTS, TriggerTS])
def test_learning_rivals_play_by_the_rules(policy: type[LinTS]) -> None:
    score = some_days(policy(book.SETTING, 1))
    assert score.asks.sum() > 100
    assert score.asks.sum() <= some_days(Trigger(book.SETTING, 1)).asks.sum() * 1.1


def test_every_decision_of_a_year_is_from_its_logged_distribution() -> None:
    player = Player(book.SETTING, 1)
    player.keep_log = True
    some_days(player)
    rows = sum(batch.rows for _, batch, _ in player.log)
    assert rows > 300
    for _, batch, made in player.log:
        assert made.distribution.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
        assert (made.distribution[:, :-1][~batch.legal] == 0).all()
        assert (made.propensity == made.distribution[np.arange(batch.rows), made.action]).all()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_foreign_world_and_a_foreign_policy_plug_in_by_name(seed: int) -> None:
    made = contest(
        "benchmarks/referee/examples/village.py:Village", seed, 200,
        ["brain", "trigger", "benchmarks.referee.examples.epsilon:Epsilon"],
    )  # fmt: skip
    assert all(len(score.value) == 200 for score in made.values())
    assert made["brain"].value.sum() > 0.7 * made["trigger"].value.sum()
    assert made["brain"].asks.sum() > 100


def test_figures_count_over_asking_nobody_and_one_seed_has_no_interval() -> None:
    made = contest("mixed", 1, 300, ["trigger", "oracle"])
    rows = figures(made, 300)
    assert rows["nobody"]["k$"] == 0.0
    assert rows["static"]["capture"] == 0.0
    assert rows["oracle"]["capture"] == 1.0
    assert rows["trigger"]["k$"] == pytest.approx((made["trigger"].value - made["nobody"].value).sum() / 300, abs=0.01)
    assert interval([3.0]) == [3.0]
    assert interval([1.0, 3.0])[1] < 2.0 < interval([1.0, 3.0])[2]
