"""What proof promises under daily looking, on a thousand and more simulated histories each: false alarms, power, coverage.

All histories of a case are drawn and judged at once; the product's own judge is asked about some looks of each case, and
about those that alarm, and must say the same.
"""

from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from honeyguide.learning.bounds import rate_bounds
from honeyguide.learning.lift import PROGRAM, STEP, Rule, judge
from honeyguide.learning.revenue import judge_money
from honeyguide.learning.sequence import Counts, width
from honeyguide.learning.totals import arm_of

Ints = NDArray[np.int64]
RUNS = 1_000


class Histories(NamedTuple):
    """Units and successes of both arms at each look [runs, looks]."""

    n1: Ints
    s1: Ints
    n0: Ints
    s0: Ints


def _histories(
    runs: int, treated: float, holdout: float, *, companies: int, share: float, looks: int, seed: int
) -> Histories:
    """Companies come in one by one; every look counts all so far."""
    rng = np.random.default_rng(seed)
    held = rng.random((runs, companies)) < share
    came = rng.random((runs, companies)) < np.where(held, holdout, treated)
    n = np.linspace(companies / looks, companies, looks).astype(np.int64) - 1
    units, wins, all_wins = (np.cumsum(a, axis=1, dtype=np.int64)[:, n] for a in (held, came & held, came))
    return Histories(n[None, :] + 1 - units, all_wins - wins, units, wins)


def _bounds(made: Histories, rule: Rule) -> tuple[Any, Any, Any]:
    """What `judge` computes, for all looks at once: whether it may speak, and the interval. Checked against it below."""
    n1, s1, n0, s0 = made
    speaks = (n1 >= rule.treated) & (n0 >= rule.holdout) & (s1 + s0 >= rule.successes)
    m1, m0, n = np.maximum(n1, 1), np.maximum(n0, 1), n1 + n0
    p1, p0 = (s1 + 2) / (n1 + 4), (s0 + 2) / (n0 + 4)
    wide = np.array([width(int(k), tuned_at=rule.tuned_at) for k in n[0]])
    half = np.sqrt(n * (p1 * (1 - p1) / m1 + p0 * (1 - p0) / m0)) * wide
    gap = s1 / m1 - s0 / m0
    return speaks, gap - half, gap + half


def _alarms(made: Histories, share: float, rule: Rule) -> tuple[float, float]:
    """The share of histories in which some look was called positive, and in which some look was called negative."""
    speaks, lower, upper = _bounds(made, rule)
    up, down = speaks & (lower > 0), speaks & (upper < 0)
    rng = np.random.default_rng(0)
    some = list(zip(*(rng.integers(0, k, 150).tolist() for k in made.n1.shape), strict=True))
    for run, look in [*some, *np.argwhere(up)[:25].tolist(), *np.argwhere(down)[:25].tolist()]:
        n1, s1, n0, s0 = (int(a[run, look]) for a in made)
        verdict = judge(Counts(n1, s1), Counts(n0, s0), share_held_out=share, rule=rule).verdict
        assert (verdict == "positive", verdict == "negative") == (bool(up[run, look]), bool(down[run, look]))
    return float(up.any(axis=1).mean()), float(down.any(axis=1).mean())


@pytest.mark.parametrize(("share", "rate"), [(0.05, 0.02), (0.05, 0.1), (0.05, 0.4), (0.5, 0.05)])
def test_lift_raises_a_false_alarm_in_at_most_five_of_a_hundred_histories(share: float, rate: float) -> None:
    made = _histories(RUNS, rate, rate, companies=4_000, share=share, looks=100, seed=int(1_000 * (share + rate)))
    up, down = _alarms(made, share, PROGRAM)
    assert up + down <= 0.05


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.06, 0.1, 0.2, 0.4])
def test_a_step_raises_a_false_alarm_in_at_most_five_of_a_hundred_histories(rate: float) -> None:
    """Steps have few held-out companies and may speak from ten on."""
    made = _histories(RUNS, rate, rate, companies=2_000, share=0.05, looks=100, seed=int(1_000 * rate))
    up, down = _alarms(made, 0.05, STEP)
    assert up + down <= 0.05


def test_the_step_rule_without_its_smoothing_would_break_the_promise() -> None:
    """The check of the check: the same histories, the plain variance."""
    n1, s1, n0, s0 = _histories(300, 0.06, 0.06, companies=2_000, share=0.05, looks=100, seed=60)
    ok = (n0 >= STEP.holdout) & (n1 >= STEP.treated) & (s1 + s0 >= STEP.successes)
    n1, n0 = np.maximum(n1, 1), np.maximum(n0, 1)
    p1, p0 = s1 / n1, s0 / n0
    half = 3.0 * np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    assert (ok & (p1 - p0 > half)).any(axis=1).mean() > 0.1


def test_two_points_of_lift_are_found_within_twenty_thousand_per_arm() -> None:
    """From 6 to 8 in a hundred, half of the companies held out."""
    made = _histories(200, 0.08, 0.06, companies=40_000, share=0.5, looks=80, seed=8)
    up, down = _alarms(made, 0.5, PROGRAM)
    assert up >= 0.85
    assert down == 0


def test_a_step_that_works_is_proven_within_a_thousand_companies() -> None:
    made = _histories(200, 0.2, 0.02, companies=1_000, share=0.05, looks=50, seed=9)
    up, down = _alarms(made, 0.05, STEP)
    assert up >= 0.9
    assert down == 0


@pytest.mark.parametrize("rate", [0.002, 0.01, 0.05, 0.2])
def test_the_bounds_of_a_guard_hold_at_every_look(rate: float) -> None:
    rng = np.random.default_rng(int(1_000 * rate))
    events = np.cumsum(rng.random((RUNS, 1_000)) < rate, axis=1)[:, 9::30]
    trials = np.arange(1, 1_001)[9::30]
    known: dict[tuple[int, int], bool] = {}
    missed = 0
    for row in events.tolist():
        for s, n in zip(row, trials.tolist(), strict=True):
            if (s, n) not in known:
                found = rate_bounds(s, n)
                known[s, n] = found.lower <= rate <= found.upper
        missed += any(not known[s, n] for s, n in zip(row, trials.tolist(), strict=True))
    assert missed / RUNS <= 0.05


def test_a_guard_that_is_kept_is_known_to_be_kept_in_reasonable_time() -> None:
    assert rate_bounds(0, 150).upper < 0.03
    assert rate_bounds(5, 500).upper < 0.03
    assert rate_bounds(25, 500).upper > 0.05


def _money_verdicts(
    seed: int, *, companies: int, share: float, rate: float, spread: float, factor: float, days: int = 360
) -> set[str]:
    """A year of one workspace, looked at every week: companies differ, wins are late, amounts are lognormal."""
    rng = np.random.default_rng(seed)
    cap = 40_000_00
    held = rng.random(companies) < share
    entry = rng.integers(0, days // 2, companies)
    own = rate * np.exp(spread * rng.standard_normal(companies) - spread**2 / 2) * np.where(held, 1.0, factor)
    many = rng.poisson(own * (days - entry) / 28)
    who = np.repeat(np.arange(companies), many)
    at = entry[who] + rng.random(len(who)) * (days - entry[who]) + rng.lognormal(np.log(30), 0.6, len(who))
    amount = np.minimum(rng.lognormal(np.log(8_000_00), 1.5, len(who)), cap)
    seen = set()
    for day in range(28, days + 1, 7):
        periods: Any = np.maximum(0, (day - entry) // 28).astype(np.int64)
        counts = at < entry[who] + 28 * periods[who]
        totals: Any = np.bincount(who[counts], weights=amount[counts], minlength=companies)
        one, zero = (arm_of(np.array(periods[m], dtype=np.float64), totals[m]) for m in (~held, held))
        seen.add(judge_money(one, zero, int(counts.sum()), cap, "EUR").verdict)
    return seen


_WORLDS: dict[str, dict[str, Any]] = {
    "few wins": {"companies": 1_000, "share": 0.05, "rate": 0.01, "spread": 1.0},
    "companies that differ much": {"companies": 1_000, "share": 0.05, "rate": 0.1, "spread": 1.5},
    "many companies": {"companies": 4_000, "share": 0.05, "rate": 0.03, "spread": 1.5},
    "a large holdout": {"companies": 1_000, "share": 0.3, "rate": 0.05, "spread": 1.0},
}


@pytest.mark.parametrize("name", list(_WORLDS))
def test_money_raises_a_false_alarm_in_at_most_five_of_a_hundred_years(name: str) -> None:
    runs = 250  # four worlds: a thousand years in all
    seen = [_money_verdicts(seed, factor=1.0, **_WORLDS[name]) for seed in range(runs)]
    assert sum("positive" in v or "negative" in v for v in seen) / runs <= 0.05


def test_money_that_is_caused_is_found() -> None:
    world: dict[str, Any] = {"companies": 3_000, "share": 0.1, "rate": 0.01, "spread": 1.0}
    seen = [_money_verdicts(seed, factor=5.0, **world) for seed in range(60)]
    assert sum("positive" in v for v in seen) / 60 >= 0.85
    assert not any("negative" in v for v in seen)
