"""The always-valid interval under daily peeking: false alarms, coverage, power. Seeded, on simulated companies."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from honeyguide.learning import Counts, difference, judge

RUNS = 200


@dataclass
class Look:
    """What a person who looks every day saw: did an interval ever miss the truth, when was a first verdict given."""

    covered: bool = True
    verdict: str = ""
    at: int = 0


def watch(seed: int, treated: float, holdout: float, *, companies: int, share: float, a_day: int) -> Look:
    """Companies arrive a few a day; every evening the verdict is read."""
    rng = np.random.default_rng(seed)
    held = rng.random(companies) < share
    came = rng.random(companies) < np.where(held, holdout, treated)
    units, wins = np.cumsum(held), np.cumsum(came & held)
    all_wins = np.cumsum(came)
    seen = Look()
    for n in range(a_day, companies + 1, a_day):
        zero = Counts(int(units[n - 1]), int(wins[n - 1]))
        one = Counts(n - zero.units, int(all_wins[n - 1]) - zero.successes)
        lift = judge(one, zero, share_held_out=share)
        if "have had their" in lift.sentence:
            continue
        interval = difference(one, zero)
        assert interval is not None
        seen.covered = seen.covered and interval.lower <= treated - holdout <= interval.upper
        if not seen.verdict and lift.verdict in ("positive", "negative"):
            seen.verdict, seen.at = lift.verdict, n
    return seen


@pytest.mark.parametrize(("share", "rate"), [(0.05, 0.02), (0.05, 0.1), (0.5, 0.05)])
def test_a_a_runs_alarm_in_at_most_five_per_cent(share: float, rate: float) -> None:
    looks = [watch(seed, rate, rate, companies=4_000, share=share, a_day=40) for seed in range(RUNS)]
    assert sum(bool(look.verdict) for look in looks) / RUNS <= 0.05


def test_the_interval_covers_a_true_lift_at_every_look() -> None:
    looks = [watch(seed, 0.08, 0.03, companies=4_000, share=0.05, a_day=40) for seed in range(RUNS)]
    assert sum(look.covered for look in looks) / RUNS >= 0.95


def test_a_true_lift_is_found_and_never_called_harm() -> None:
    looks = [watch(seed, 0.06, 0.04, companies=40_000, share=0.5, a_day=400) for seed in range(60)]
    assert sum(look.verdict == "positive" for look in looks) / 60 >= 0.85
    assert not any(look.verdict == "negative" for look in looks)


def test_a_naive_interval_would_alarm_far_more_often() -> None:
    """The check of the check: the same peeking with 1.96 standard errors breaks its promise in this very simulation."""
    alarms = 0
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        held = rng.random(4_000) < 0.5
        came = rng.random(4_000) < 0.05
        n = np.arange(200, 4_001, 20)
        b, won_b = np.cumsum(held)[n - 1], np.cumsum(came & held)[n - 1]
        a = n - b
        won_a: np.ndarray[Any, Any] = np.cumsum(came)[n - 1] - won_b
        p, q = won_a / a, won_b / b
        alarms += bool((np.abs(p - q) > 1.96 * np.sqrt(p * (1 - p) / a + q * (1 - q) / b)).any())
    assert alarms / RUNS > 0.15
