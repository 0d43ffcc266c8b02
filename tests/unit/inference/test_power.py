"""Power users: rank with shrinkage, and floors."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from honeyguide.core.ids import content_id
from honeyguide.inference.power import CEILING, MonthOfUse, power_users, reached_on
from honeyguide.inference.usage import activity_of
from tests.unit.inference.story import company, event, hour, person


def use(entity: int, uses: int, days: int, features: int = 3, kind: str = "persona") -> MonthOfUse:
    active = tuple(date(2026, 3, 1) + timedelta(days=n) for n in range(days))
    at = datetime(2026, 3, 31, tzinfo=UTC)
    return MonthOfUse(entity, entity, kind, uses, features, active, at, content_id(str(entity)))


def test_the_heaviest_of_many_is_one_and_the_middle_is_not() -> None:
    everybody = [use(n, 20 + n, 5 + n // 5) for n in range(60)]
    found = power_users(everybody)
    assert found[0].use.entity == 59
    assert (found[0].rank, found[0].population) == (1, 60)
    assert found[0].confidence == CEILING
    assert all(p.use.entity >= 45 for p in found)
    assert [p.confidence for p in found] == sorted((p.confidence for p in found), reverse=True)


@pytest.mark.parametrize(("others", "wanted"), [(0, 0), (1, 0), (2, 0), (3, 1), (10, 1)])
def test_few_others_carry_no_belief(others: int, wanted: int) -> None:
    assert len(power_users([use(0, 900, 20)] + [use(n + 1, 20, 5) for n in range(others)])) == wanted


def test_confidence_is_the_posterior_of_the_rank() -> None:
    (found,) = power_users([use(0, 900, 20)] + [use(n + 1, 20, 5) for n in range(3)])
    assert found.confidence == pytest.approx(1 - 0.8**4, abs=1e-4)  # Beta(4, 1) above 0.8


@pytest.mark.parametrize("weak", [use(0, 900, 4), use(0, 19, 20), use(0, 900, 20, features=1)])
def test_floors_hold_whatever_the_others_do(weak: MonthOfUse) -> None:
    assert power_users([weak] + [use(n + 1, 1, 1) for n in range(50)]) == []


def test_a_product_of_one_feature_asks_for_one() -> None:
    assert len(power_users([use(0, 900, 20, features=1)] + [use(n + 1, 1, 1, features=1) for n in range(50)])) == 1


def test_when_all_are_alike_nobody_stands_out() -> None:
    assert power_users([use(n, 100, 10) for n in range(100)]) == []


def test_order_plays_no_part() -> None:
    everybody = [use(n, 20 + n % 7, 5 + n % 11) for n in range(80)]
    expected = power_users(everybody)
    random.Random(1).shuffle(everybody)
    assert power_users(everybody) == expected


def test_a_hundred_thousand_are_ranked_at_once() -> None:
    assert power_users([use(n, 20 + n, 10) for n in range(100_000)])[0].rank == 1


def test_the_day_the_floor_was_reached() -> None:
    assert reached_on(use(1, 100, 9)) == date(2026, 3, 5)
    assert reached_on(use(1, 100, 9, kind="company")) == date(2026, 3, 3)


def test_activity_sums_by_record_product_feature_and_day() -> None:
    ana, acme = person("ana"), company("acme")
    counts = activity_of(
        [
            event("feature.used", hour(0), ana, acme, product="atlas", feature="x", n=3),
            event("feature.used", hour(1), ana, acme, product="atlas", feature="x", n=4),
            event("feature.used", hour(30), ana, acme, product="atlas", feature="x"),
            event("feature.used", hour(0), None, acme, product="atlas", feature="x", n="7"),
            event("feature.used", hour(0), None, None, product="atlas", feature="x"),
            event("feature.used", hour(0), ana, acme, feature="x"),
            event("feature.used", hour(2), ana, acme, product="atlas", feature="y", n=-5),
            event("feature.used", hour(3), ana, acme, product="atlas", feature="y", n="many"),
            event("feature.used", hour(4), ana, acme, product="atlas", feature="y", n=float("inf")),
        ]
    )
    assert sum(c.n for c in counts if c.record == ana.id) == 3 + 4 + 1 + 1 + 1 + 1
    assert [c.n for c in counts if c.record == acme.id] == [7]
    (first,) = [c for c in counts if c.n == 7 and c.record == ana.id]
    assert first.last_at == hour(1)
