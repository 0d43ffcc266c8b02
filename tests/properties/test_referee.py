"""The referee: deterministic, the same lots for everybody, deaf to cheats; and its ranking of rivals makes sense."""

import numpy as np
import pytest
from benchmarks.sim.player import Player
from benchmarks.sim.rivals import Nobody, Oracle, Static, Trigger
from benchmarks.sim.season import Season, View, season


def small(world: str = "mixed", seed: int = 1) -> Season:
    return season(world, seed, 300)


def test_a_year_is_a_function_of_world_seed_and_policy() -> None:
    one, two = small().play(Player(3)), small().play(Player(3))
    assert one.value.tobytes() == two.value.tobytes()
    assert one.asks.sum() > 0
    assert small(seed=2).play(Player(3)).value.tobytes() != one.value.tobytes()


def test_knowing_everything_beats_the_rules_which_beat_the_calendar() -> None:
    total = {"static": 0.0, "trigger": 0.0, "oracle": 0.0}
    for seed in (1, 2, 3):
        total["static"] += small(seed=seed).play(Static()).value.sum()
        total["trigger"] += small(seed=seed).play(Trigger()).value.sum()
        world = small(seed=seed)
        total["oracle"] += world.play(Oracle(world, 1.0)).value.sum()
    assert total["static"] < total["trigger"] < total["oracle"]


def test_asking_only_costs_where_it_adds_nothing() -> None:
    assert small("null").play(Trigger()).value.sum() < small("null").play(Nobody()).value.sum()


class Cheat(Nobody):
    """Asks everybody every day."""

    def act(self, view: View) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int64]], ...]:  # type: ignore[override]
        return np.arange(len(view.company)), np.zeros(len(view.company), np.int64)


class Briber(Nobody):
    """Sends enterprise customers what they may not take."""

    def act(self, view: View) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int64]], ...]:  # type: ignore[override]
        who = np.flatnonzero(view.eligible & (view.segment == 1))
        return who, np.full(len(who), 24)


@pytest.mark.parametrize("policy", [Cheat(), Briber()])
def test_a_policy_that_breaks_the_rules_is_refused(policy: Nobody) -> None:
    with pytest.raises(ValueError, match=r"may not ask|not legal"):
        small().play(policy)


def test_the_view_shows_nothing_of_the_truth() -> None:
    hidden = {"willing", "personal", "liking", "qualify", "delight", "sour", "fatigue", "truth"}
    assert not hidden & set(View.__dataclass_fields__)


def test_every_decision_of_a_year_is_from_its_logged_distribution() -> None:
    player = Player(1)
    player.keep_log = True
    small().play(player)
    rows = sum(batch.rows for _, batch, _ in player.log)
    assert rows > 1_000
    for _, batch, made in player.log:
        assert made.distribution.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
        assert (made.distribution[:, :-1][~batch.legal] == 0).all()
        assert (made.propensity == made.distribution[np.arange(batch.rows), made.action]).all()
