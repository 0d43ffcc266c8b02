"""Nobody is written to at night of their own day, or more often than the contact budget allows."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.delivery import Contacts, Limits, next_allowed, over_budget
from honeyguide.delivery.quiet import zone

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("there", "local", "expected"),
    [
        ("2026-05-20T07:59:59+00:00", "UTC", "2026-05-20T08:00:00+00:00"),
        ("2026-05-20T08:00:00+00:00", "UTC", "2026-05-20T08:00:00+00:00"),
        ("2026-05-20T19:59:59+00:00", "UTC", "2026-05-20T19:59:59+00:00"),
        ("2026-05-20T20:00:00+00:00", "UTC", "2026-05-21T08:00:00+00:00"),
        ("2026-05-20T12:00:00+00:00", "Asia/Tokyo", "2026-05-20T23:00:00+00:00"),
        ("2026-03-28T22:00:00+00:00", "Europe/Berlin", "2026-03-29T06:00:00+00:00"),  # the night of summer time
        ("2026-10-24T22:00:00+00:00", "Europe/Berlin", "2026-10-25T07:00:00+00:00"),  # and the night back
    ],
)
def test_evening_waits_for_the_morning(there: str, local: str, expected: str) -> None:
    found = next_allowed(datetime.fromisoformat(there), ZoneInfo(local))
    assert found == datetime.fromisoformat(expected)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001  # hypothesis wants naive bounds
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Apia"]),
)
def test_the_time_found_is_never_quiet_nor_more_than_a_night_away(naive: datetime, name: str) -> None:
    at, local = naive.replace(tzinfo=UTC), ZoneInfo(name)
    found = next_allowed(at, local)
    assert at <= found <= at + timedelta(hours=13)
    assert time(8) <= found.astimezone(local).time() < time(20)


def test_time_zones_that_do_not_exist_fall_back() -> None:
    assert zone("", None, "Mars/Olympus", "../etc/passwd", "Europe/Paris").key == "Europe/Paris"
    assert zone(None).key == "UTC"


def test_budget_allows_a_first_message() -> None:
    assert over_budget(Contacts(), Limits(), NOW) is None


@pytest.mark.parametrize(
    ("contacts", "word"),
    [
        (Contacts(last_to_persona=NOW - timedelta(days=20)), "21 days"),
        (Contacts(last_to_company=NOW - timedelta(days=13)), "colleague"),
        (Contacts(within_year=8), "365 days"),
    ],
)
def test_budget_says_why_not(contacts: Contacts, word: str) -> None:
    assert word in (over_budget(contacts, Limits(), NOW) or "")


def test_budget_opens_again() -> None:
    old = Contacts(NOW - timedelta(days=21), NOW - timedelta(days=14), 7)
    assert over_budget(old, Limits(), NOW) is None
