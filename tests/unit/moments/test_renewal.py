"""Renewals: decisions to stay count, bills and downgrades do not."""

from datetime import date, timedelta
from typing import Any

from honeyguide.core.terms import CanonicalEvent
from honeyguide.inference import Subject
from honeyguide.inference.signals import signals_of
from honeyguide.moments import Moment, renewal
from honeyguide.moments.contract import plus_months, read
from tests.unit.inference.story import company, event, hour, person

ANA, ACME = person("ana", "stripe"), company("acme", "stripe")
YEAR = 24 * 365.0


def told(kind: str, at: float, **more: Any) -> CanonicalEvent:
    given: dict[str, Any] = {
        "subscription": "s",
        "product": "dispatch",
        "amount_minor": 120_000,
        "currency": "EUR",
        "seats": 20,
    } | more
    return event(f"subscription.{kind}", hour(at), ANA, ACME, source="stripe", **given)


def subject(*events: CanonicalEvent) -> Subject:
    found = signals_of(events)
    assert len({s.subject for s in found}) == 1
    return Subject.of(found[0].subject, found[0].subject_kind, found[0].subject_key, [s.fact for s in found])


def felt(*events: CanonicalEvent) -> list[Moment]:
    return renewal.detect(subject(*events))


def near(through: date | None, *events: CanonicalEvent) -> list[Moment]:
    contract = read(subject(*events))
    return renewal.upcoming(contract, through) if contract else []


def test_a_year_renewed_is_a_moment_with_both_records_as_evidence() -> None:
    (moment,) = felt(told("started", 0), told("renewed", YEAR))
    assert (moment.kind, moment.strength, moment.title) == ("renewal", 0.65, "Renewed Dispatch (€1,200)")
    assert moment.occurred_at == hour(YEAR)
    assert [e.event_id for e in moment.evidence] == [
        str(told("renewed", YEAR).event_id),
        str(told("started", 0).event_id),
    ]


def test_a_monthly_bill_is_no_decision() -> None:
    months = [told("renewed", 24 * 30.4 * n) for n in range(1, 14)]
    assert felt(told("started", 0), *months) == []
    assert felt(*months) == [], "nor is the first one known, which the next shows to be a bill"


def test_a_quarter_is_a_weaker_one() -> None:
    assert [m.strength for m in felt(told("started", 0), told("renewed", 24 * 91))] == [0.45]


def test_a_renewal_that_is_a_downgrade_is_none() -> None:
    start = told("started", 0)
    assert felt(start, told("renewed", YEAR, amount_minor=90_000)) == []
    assert felt(start, told("renewed", YEAR, seats=12)) == []
    assert felt(start, told("contracted", YEAR - 24 * 20, seats=12), told("renewed", YEAR)) == []
    assert felt(start, told("renewed", YEAR), told("contracted", YEAR + 24 * 5)) == []
    assert len(felt(start, told("contracted", YEAR - 24 * 200), told("renewed", YEAR))) == 1, "long ago"


def test_another_currency_is_no_comparison_and_more_seats_are_more() -> None:
    start = told("started", 0)
    (same,) = felt(start, told("renewed", YEAR, amount_minor=50_000, currency="USD"))
    (more,) = felt(start, told("renewed", YEAR, seats=30))
    assert (same.strength, more.strength) == (0.65, 0.75)


def test_what_ends_within_the_window_was_no_renewal() -> None:
    renewed = [told("started", 0), told("renewed", YEAR)]
    assert felt(*renewed, told("cancelled", YEAR + 30)) == []
    assert felt(*renewed, told("paused", YEAR + 30)) == []
    assert len(felt(*renewed, told("cancelled", YEAR + 24 * 90))) == 1


def test_one_payment_told_twice_is_one_renewal() -> None:
    once = felt(told("started", 0), told("renewed", YEAR), told("renewed", YEAR + 1))
    assert len(once) == 1


def test_the_next_renewal_comes_near_when_time_gets_there() -> None:
    story = [told("started", 0), told("renewed", YEAR)]
    ends = plus_months(hour(YEAR).date(), 12)
    opens = ends - timedelta(days=30)
    assert near(None, *story) == []
    assert near(opens - timedelta(days=1), *story) == []
    (moment,) = near(opens, *story)
    assert moment.title == f"Dispatch renews on {ends.day} {ends:%B %Y}"
    assert moment.occurred_at.date() == opens
    assert abs((moment.window_ends_at.date() - ends).days) <= 1
    assert near(ends + timedelta(days=400), *story) == [moment], "told again it is the same"


def test_a_contract_that_is_given_up_or_renewed_does_not_come_near() -> None:
    story = [told("started", 0), told("renewed", YEAR)]
    late = date(2035, 1, 1)
    assert near(late, *story, told("cancelled", 2 * YEAR - 24 * 60)) == []
    assert near(late, *story, told("contracted", 2 * YEAR - 24 * 40)) == []
    (after,) = near(late, *story, told("renewed", 2 * YEAR))
    assert after.occurred_at > hour(2 * YEAR), "it is the one after that"


def test_months_end_where_they_end() -> None:
    assert plus_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert plus_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert plus_months(date(2026, 12, 15), 1) == date(2027, 1, 15)
