"""The demo's year: the same for a seed, in order, in range, and it holds together as a story."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from honeyguide import funnel
from honeyguide.core import normalise
from honeyguide.core.errors import BadInput
from honeyguide.demo import DOORS, DemoEvent, continue_story, generate
from honeyguide.demo.cast import HISTORY, Cast
from honeyguide.demo.event import restamped
from tests.unit.demo.conftest import END, SEED

KINDS = {"segment:hubspot": "segment", "segment:product": "segment", "zendesk": "zendesk", "stripe": "stripe"}


def decoded(event: DemoEvent) -> list[Any]:
    """What the product makes of a payload."""
    name = event.door.removeprefix("segment:")
    source = funnel.Source(1, DOORS.index(event.door) + 1, KINDS[event.door], name, "", END)
    row = {
        "event_id": UUID(int=1),
        "kind": event.payload["type"], "message_id": event.message_id, "event_time": event.at, "received_at": END,
        "body": msgspec.json.encode(event.payload), "format": KINDS[event.door],
    }  # fmt: skip
    return funnel.decode(row, source)


def tickets(year: list[DemoEvent]) -> dict[str, list[DemoEvent]]:
    """The webhooks of each ticket, in order."""
    found: dict[str, list[DemoEvent]] = defaultdict(list)
    for event in year:
        if event.door == "zendesk":
            found[event.payload["detail"]["id"]].append(event)
    return found


def numbers(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with the name it stands under."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers(inner, name)
    else:
        yield name, value


@hypothesis_settings(max_examples=2)
@given(st.integers(0, 2**40))
def test_a_seed_tells_one_story(seed: int) -> None:
    first, second = list(generate(seed, END, 0.1)), list(generate(seed, END, 0.1))
    assert first == second
    assert [e.at for e in first] == sorted(e.at for e in first)
    assert all(END - HISTORY <= e.at <= END for e in first)
    ids = [(e.door, e.message_id) for e in first]
    assert len(set(ids)) == len(ids)
    other = {e.message_id for e in generate(seed + 1, END, 0.1)}
    assert not other & {e.message_id for e in first}


def test_the_year_is_in_order_in_range_and_every_id_is_used_once(year: list[DemoEvent]) -> None:
    assert [e.at for e in year] == sorted(e.at for e in year)
    assert year[0].at >= END - HISTORY
    assert year[-1].at <= END
    assert {e.door for e in year} == set(DOORS)
    assert max(Counter((e.door, e.message_id) for e in year).values()) == 1


def test_the_year_has_the_size_of_a_real_company(year: list[DemoEvent], cast: Cast) -> None:
    by_door = Counter(e.door for e in year)
    assert 38_000 <= len(year) <= 46_500
    assert 8_500 <= by_door["zendesk"] + by_door["stripe"] <= 10_500
    assert 2_300 <= len(tickets(year)) <= 3_300
    assert 400 <= len(cast.companies) <= 450
    assert 1_750 <= len(cast.people) <= 2_300


def test_the_future_goes_on_where_history_ends() -> None:
    past = list(generate(SEED, END, 0.1))
    future = list(islice(continue_story(SEED, END, 0.1), 600))
    assert future[0].at > END
    assert [e.at for e in future] == sorted(e.at for e in future)
    assert not {e.message_id for e in past} & {e.message_id for e in future}
    assert {e.door for e in future} == set(DOORS)


def test_a_restamped_event_happens_now_and_stays_the_same_event(year: list[DemoEvent]) -> None:
    now = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
    seen = set()
    for event in reversed(year):
        if event.door not in seen:
            seen.add(event.door)
            moved = restamped(event, now)
            assert moved.message_id == event.message_id
            assert moved.at == now
            assert event.payload != moved.payload
    assert seen == set(DOORS)


def test_money_is_always_an_integer_of_minor_units(year: list[DemoEvent]) -> None:
    amounts = [(n, v) for e in year for n, v in numbers(e.payload) if "amount" in n or n.endswith("_minor")]
    assert len(amounts) > 5_000
    assert all(type(v) is int and v >= 0 for _, v in amounts)
    currencies = {str(v).upper() for e in year for n, v in numbers(e.payload) if n == "currency"}
    assert currencies == {"EUR", "USD"}


def test_every_ticket_is_opened_first_solved_before_rated_and_reads_like_one(year: list[DemoEvent]) -> None:
    for number, steps in tickets(year).items():
        kinds = [s.payload["type"].rsplit(".", 1)[-1] for s in steps]
        assert kinds[0] == "created", number
        assert len({s.at for s in steps}) == len(steps)
        if "csat_response_received" in kinds:
            assert kinds.index("status_changed") < kinds.index("csat_response_received")
            assert 1 <= steps[-1].payload["event"]["satisfaction_rating"]["score"] <= 5
        detail = steps[0].payload["detail"]
        assert detail["subject"]
        assert detail["description"].strip()


def test_texts_are_filled_in_and_do_not_repeat_visibly(year: list[DemoEvent]) -> None:
    opened = [steps[0].payload["detail"] for steps in tickets(year).values()]
    bodies = [d["description"] for d in opened]
    assert len(set(bodies)) > 0.97 * len(bodies)
    assert len({d["subject"] for d in opened}) > 500
    unfilled = re.compile(r"\{[a-z]+\}")
    assert not [t for d in opened for t in (d["subject"], d["description"]) if unfilled.search(t)]
    languages = Counter("de" if re.search(r"\b(Grüße|Grüßen|Gruß|Dank|VG)\b", b) else "other" for b in bodies)
    assert languages["de"] > 80
    assert sum("nstruction" in b or "SYSTEM:" in b or "language model" in b for b in bodies) >= 3


def test_nobody_uses_the_product_after_leaving(year: list[DemoEvent], cast: Cast) -> None:
    left = {p.product_id: p.until for p in cast.people if p.until is not None and p.until < END}
    assert len(left) > 20
    assert not [e for e in year if e.door == "segment:product" and e.at > left.get(e.payload.get("userId", ""), END)]
    arrivals = [p for p in cast.people if p.came_from is not None]
    assert arrivals
    for person in arrivals:
        assert person.came_from is not None
        assert person.came_from.until is not None
        assert person.since > person.came_from.until
        assert person.hubspot == person.came_from.hubspot
        assert person.company is not person.came_from.company


def test_companies_lie_under_example_and_private_mailboxes_have_no_consent(year: list[DemoEvent]) -> None:
    for event in year:
        if event.door == "segment:hubspot" and event.payload["type"] == "identify":
            traits = event.payload["traits"]
            domain = traits["email"].rsplit("@", 1)[1]
            assert domain.endswith(".example") or (normalise.is_free_mail(domain) and traits["consent_email"] is False)
            assert normalise.email(traits["email"]) is not None
        elif event.payload["type"] == "group" and event.door == "segment:hubspot":
            assert normalise.registrable_domain(event.payload["traits"]["domain"]) == event.payload["traits"]["domain"]


def test_the_product_understands_every_event(year: list[DemoEvent]) -> None:
    kinds: Counter[str] = Counter()
    for event in year[::3] + year[-800:]:
        found = decoded(event)
        assert found, event
        for one in found:
            kinds[one.kind] += 1
            if one.kind.startswith("ticket."):
                assert one.person is not None
                assert one.company is not None
    assert "custom" not in kinds
    for kind in (
        "persona.identified", "company.identified", "persona.departed", "records.merged", "feature.used", "usage.milestone",
        "deal.created", "deal.stage_changed", "deal.won", "deal.lost", "subscription.started", "subscription.renewed",
        "subscription.expanded", "subscription.cancelled", "invoice.paid", "invoice.payment_failed", "ticket.opened",
        "ticket.commented", "ticket.escalated", "ticket.solved", "ticket.rated", "survey.answered", "consent.changed",
    ):  # fmt: skip
        assert kinds[kind], kind


def test_the_last_days_are_full_of_moments_of_every_kind_and_segment(year: list[DemoEvent], cast: Cast) -> None:
    people = {p.hubspot: p for p in cast.people} | {p.product_id: p for p in cast.people}
    recent = [e for e in year if e.at > END - timedelta(hours=72)]
    praised = [
        e for e in recent if "csat" in e.payload["type"] and e.payload["event"]["satisfaction_rating"]["score"] >= 4
    ]
    won = [e for e in recent if e.payload.get("event") == "Deal Won"]
    reached = [e for e in recent if e.payload.get("event") == "Milestone Reached"]
    assert len(praised) >= 20
    assert len(won) >= 10
    assert len(reached) >= 15
    segments = Counter(people[e.payload["userId"]].company.segment for e in won + reached)
    assert set(segments) == {"smb", "enterprise", "partner"}
    assert min(segments.values()) >= 3


def test_some_companies_have_an_escalation_open_when_history_ends(year: list[DemoEvent]) -> None:
    standing = [
        steps for steps in tickets(year).values()
        if any("tags_changed" in s.payload["type"] for s in steps) and not any("status_changed" in s.payload["type"] for s in steps)
    ]  # fmt: skip
    assert 6 <= len(standing) <= 40
    assert all(steps[0].at > END - timedelta(days=30) for steps in standing)


def test_a_failed_invoice_keeps_its_number_until_it_is_paid(year: list[DemoEvent]) -> None:
    failed = {e.payload["data"]["object"]["number"] for e in year if e.payload["type"] == "invoice.payment_failed"}
    paid = {e.payload["data"]["object"]["number"] for e in year if e.payload["type"] == "invoice.paid"}
    assert len(failed & paid) > 0.5 * len(failed)


@pytest.mark.parametrize(("end", "scale"), [(datetime(2026, 1, 1), 1.0), (END, 0.0), (END, 9.0)])  # noqa: DTZ001
def test_an_end_without_a_zone_and_an_odd_scale_are_refused(end: datetime, scale: float) -> None:
    with pytest.raises(BadInput):
        next(generate(1, end, scale))
