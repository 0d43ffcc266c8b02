"""Anniversaries: of customers that still are, when they began, told up to the day time has reached."""

from datetime import date
from typing import Any

from honeyguide.core.terms import CanonicalEvent
from honeyguide.inference import Subject
from honeyguide.inference.signals import signals_of
from honeyguide.moments import Moment, anniversary
from honeyguide.moments.contract import read
from tests.unit.inference.story import company, event, hour

ACME = company("acme", "stripe")
DAY, YEAR = 24.0, 24 * 365.0


def told(kind: str, at: float, subscription: str = "s", **more: Any) -> CanonicalEvent:
    given: dict[str, Any] = {"amount_minor": 9_000, "currency": "EUR"} | more
    return event(f"subscription.{kind}", hour(at), None, ACME, source="stripe", subscription=subscription, **given)


def felt(through: date | None, *events: CanonicalEvent) -> list[Moment]:
    by_subject: dict[int, list[Any]] = {}
    for s in signals_of(events):
        by_subject.setdefault(s.subject, []).append(s)
    subjects = [
        Subject.of(i, found[0].subject_kind, found[0].subject_key, [s.fact for s in found])
        for i, found in by_subject.items()
    ]
    contracts = [c for s in subjects if (c := read(s)) is not None]
    wins = [f for s in subjects if s.kind == "deal" for f in s.facts if f.kind == "deal.won"]
    return anniversary.of_account(contracts, wins, through)


def titles(through: date | None, *events: CanonicalEvent) -> list[str]:
    return [m.title for m in felt(through, *events)]


LATE = date(2029, 4, 1)


def test_every_year_is_told_up_to_the_day() -> None:
    start = told("started", 0)
    assert titles(None, start) == []
    assert titles(date(2027, 3, 1), start) == []
    assert titles(date(2027, 3, 2), start) == ["One year as a customer"]
    assert titles(LATE, start) == ["One year as a customer", "2 years as a customer", "3 years as a customer"]
    assert felt(LATE, start)[0].occurred_at.date() == date(2027, 3, 2)


def test_a_cancelled_customer_has_none() -> None:
    start = told("started", 0)
    assert titles(LATE, start, told("cancelled", YEAR - 5 * DAY)) == []
    assert titles(LATE, start, told("paused", YEAR - 5 * DAY)) == []
    assert titles(LATE, start, told("cancelled", YEAR + 2 * DAY)) == [], "nor one who leaves within the window"
    assert titles(LATE, start, told("cancelled", YEAR + 60 * DAY)) == ["One year as a customer"]
    back = [told("cancelled", 100 * DAY), told("started", 300 * DAY)]
    assert titles(date(2027, 4, 1), start, *back) == ["One year as a customer"], "who came back is one"


def test_several_contracts_are_one_customer() -> None:
    two = [told("started", 0), told("started", 50 * DAY, "t"), told("cancelled", 200 * DAY)]
    assert titles(date(2027, 6, 1), *two) == ["One year as a customer"]


def test_who_was_a_customer_before_we_were_told_is_as_old_as_they_are() -> None:
    known_late = told("started", 0, since="2021-06-10T00:00:00+00:00")
    (moment,) = felt(date(2026, 7, 1), known_late)
    assert (moment.title, moment.occurred_at.date()) == ("5 years as a customer", date(2026, 6, 10))
    assert moment.strength == 0.6
    nonsense = told("started", 0, since="yesterday")
    assert felt(date(2027, 3, 2), nonsense)[0].title == "One year as a customer"


def test_free_and_trial_contracts_make_no_customer() -> None:
    assert titles(LATE, told("started", 0, amount_minor=0)) == []


def test_a_won_deal_alone_is_weaker() -> None:
    won = event("deal.won", hour(0), None, ACME, source="hubspot", deal="1", amount_minor=900, currency="EUR")
    (moment,) = felt(date(2027, 3, 2), won)
    assert moment.strength == 0.35
