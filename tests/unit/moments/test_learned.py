"""What is learned about moments: half-lives found again from simulated asks, shrinkage, precision, rates."""

import random
from datetime import timedelta

import pytest

from honeyguide.moments import KINDS, Sample
from honeyguide.moments.learned import (
    BEFORE_ANY,
    TYPICAL,
    half_lives_of,
    pooled_rates,
    precision_of,
    rate,
)


def asks(kind: str, segment: str, hours: float, n: int, seed: int, base: float = 0.4) -> list[Sample]:
    """Asks at ages up to ten days, shared as a half-life of so many hours makes likely."""
    rng = random.Random(seed)
    ages = [rng.uniform(0, 240) for _ in range(n)]
    return [Sample(kind, segment, age, rng.random() < base * 0.5 ** (age / hours)) for age in ages]


@pytest.mark.parametrize("hours", [15.0, 60.0, 200.0])
def test_a_half_life_is_found_again(hours: float) -> None:
    found = half_lives_of(asks("praise", "enterprise", hours, 4_000, 1))["praise", ""]
    assert found.low <= hours <= found.high
    assert 0.75 * hours <= found.hours <= 1.35 * hours
    assert found.n == 4_000


def test_the_intervals_hold_what_they_promise() -> None:
    inside = sum(
        found.low <= 60 <= found.high
        for seed in range(60)
        if (found := half_lives_of(asks("praise", "", 60, 400, 100 + seed))["praise", ""])
    )
    assert inside >= 48, "90 % of sixty, with room for chance"


def test_few_asks_leave_what_was_built_in_and_few_of_a_segment_what_its_kind_says() -> None:
    nothing = half_lives_of(asks("praise", "enterprise", 5, 3, 1))["praise", ""]
    assert 0.5 * TYPICAL["praise"] <= nothing.hours <= 1.6 * TYPICAL["praise"]
    found = half_lives_of(asks("praise", "enterprise", 20, 4_000, 1) + asks("praise", "partner", 150, 10, 2))
    assert found["praise", "partner"].hours < 50, "ten asks do not outweigh four thousand"
    found = half_lives_of(asks("praise", "enterprise", 20, 4_000, 1) + asks("praise", "partner", 150, 4_000, 2))
    assert found["praise", "partner"].hours > 110, "four thousand do"
    assert found["praise", "enterprise"].hours < 30


def test_the_order_of_the_asks_plays_no_part() -> None:
    samples = asks("praise", "partner", 40, 300, 5) + asks("renewal", "", 90, 300, 6)
    assert half_lives_of(samples) == half_lives_of(samples[::-1])


def test_nothing_shared_at_all_stays_in_bounds() -> None:
    found = half_lives_of([Sample("praise", "partner", 10.0 * n, False) for n in range(500)])
    assert all(0 < h.low <= h.hours <= h.high for h in found.values())


def test_precision_starts_trusting_and_falls_with_what_people_say() -> None:
    assert precision_of(0, 0).factor == 1.0
    assert precision_of(50, 0).factor == 1.0, "never above what strengths were set for"
    assert precision_of(0, 1).factor > 0.94
    assert precision_of(10, 30).factor < 0.55
    low, high = precision_of(10, 30).interval()
    assert low < precision_of(10, 30).mean < high


def test_a_rate_is_drawn_to_the_segment() -> None:
    pooled = 0.01
    assert rate(0, 0, pooled) == pooled
    assert rate(0, 365, pooled) < pooled < rate(20, 365, pooled)
    assert rate(20, 365, pooled) < 20 / 365
    assert rate(4_000, 36_500, pooled) == pytest.approx(4_000 / 36_500, rel=0.01)


def test_a_small_segment_is_drawn_to_everybody() -> None:
    counts = {("enterprise", "praise"): (1_000.0, 100_000.0), ("partner", "praise"): (5.0, 100.0)}
    rates = pooled_rates(counts, KINDS)
    assert rates["", "praise"] == pytest.approx(0.01, rel=0.05)
    assert rates["", "praise"] < rates["partner", "praise"] < 0.05
    assert rates["enterprise", "renewal"] == pytest.approx(BEFORE_ANY, rel=0.2), "never counted: nobody knows better"
    assert timedelta(days=1 / rates["enterprise", "praise"]) > timedelta(days=90)


def test_every_kind_has_a_typical_half_life() -> None:
    assert set(TYPICAL) == set(KINDS)
