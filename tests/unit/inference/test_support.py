"""Which tickets were resolved for whom, from structured facts alone."""

import itertools

import pytest

from honeyguide.core.terms import CanonicalEvent
from honeyguide.inference import FAST_HOURS, Subject, Support, read_ticket
from honeyguide.inference.signals import signals_of
from tests.unit.inference.story import company, event, hour, person

ANA, ACME = person("ana"), company("acme")


def subject_of(*events: CanonicalEvent) -> Subject:
    found = signals_of(events)
    return Subject.of(found[0].subject, "ticket", found[0].subject_key, [s.fact for s in found])


def opened(at: float = 0, priority: str = "urgent") -> CanonicalEvent:
    return event("ticket.opened", hour(at), ANA, ACME, ticket="1", priority=priority)


def solved(at: float = 2) -> CanonicalEvent:
    return event("ticket.solved", hour(at), ANA, ACME, ticket="1")


def escalated(at: float = 1) -> CanonicalEvent:
    return event("ticket.escalated", hour(at), ANA, ACME, ticket="1")


def rated(score: object, at: float = 3, comment: str = "") -> CanonicalEvent:
    return event("ticket.rated", hour(at), ANA, ACME, ticket="1", score=score, comment=comment)


def grounds(*events: CanonicalEvent) -> dict[str, bool]:
    return {p.detail["ground"]: p.supports for p in Support().infer(subject_of(*events))}


def test_solved_and_rated_five() -> None:
    (found,) = Support().infer(subject_of(opened(), solved(), rated(5, comment="  Great!  ")))
    assert (found.label, found.dst, found.confidence, found.supports) == ("resolved_for", ANA.id, 0.95, True)
    assert found.fact.kind == "ticket.rated"
    assert found.detail == {
        "ground": "rated", "priority": "urgent", "score": 5, "solved_event": str(solved().event_id),
        "solved_at": hour(2).isoformat(), "hours": 2.0,
    }  # fmt: skip
    assert found.quote is not None
    assert (found.quote.words, found.quote.start) == ("Great!", 2)
    assert found.valid_from == hour(2)


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        ((opened(), solved(), rated(4)), {"rated": True}),
        ((opened(), solved(), rated("5.0")), {"rated": True}),
        ((opened(), solved(), rated(3)), {}),
        ((opened(), solved(), rated(2)), {"rated": False}),
        ((opened(), rated(5)), {}),  # nobody said it was solved
        ((opened(), rated(1)), {"rated": False}),
        ((opened(), solved(), rated(77)), {"fast": True}),  # no rating on our scale is no rating
        ((opened(), solved(), rated(True)), {"fast": True}),
        ((opened(), solved(FAST_HOURS["urgent"])), {"fast": True}),
        ((opened(), solved(FAST_HOURS["urgent"] + 1)), {}),
        ((opened(priority="low"), solved(50)), {"fast": True}),
        ((solved(),), {}),  # nobody knows how long it took
        ((opened(), escalated(), solved()), {"escalated": False}),
        ((opened(), solved(), opened(5)), {"reopened": False}),
        ((opened(), escalated(), solved(), rated(5)), {"rated": True, "escalated": False}),
        ((opened(), solved(), opened(5), solved(6), rated(5, 7)), {"rated": True, "reopened": False}),
        ((opened(), solved(), rated(5), rated(1, 9)), {"rated": False}),
    ],
)
def test_grounds(events: tuple[CanonicalEvent, ...], wanted: dict[str, bool]) -> None:
    assert grounds(*events) == wanted


def test_any_order_gives_the_same() -> None:
    events = (opened(), escalated(), solved(), opened(4), solved(5), rated(4, 6))
    expected = Support().infer(subject_of(*events))
    assert len(expected) == 3
    for order in itertools.permutations(events):
        assert Support().infer(subject_of(*order)) == expected


def test_events_of_one_second_take_the_order_of_a_tickets_life() -> None:
    ticket = read_ticket(subject_of(rated(5, 1), solved(1), opened(1)))
    assert ticket is not None
    assert not ticket.is_open
    assert ticket.reopened is None


def test_the_company_where_no_person_is_known_and_nobody_where_none_is() -> None:
    firm = [
        event(kind, hour(n), None, ACME, ticket="1", score=5)
        for n, kind in enumerate(("ticket.opened", "ticket.solved", "ticket.rated"))
    ]
    assert [p.dst for p in Support().infer(subject_of(*firm))] == [ACME.id]
    nobody = [event("ticket.solved", hour(1), ticket="1"), event("ticket.rated", hour(2), ticket="1", score=5)]
    assert Support().infer(subject_of(*nobody)) == []


def test_the_requester_is_who_opened_it_not_who_commented_first() -> None:
    agent = person("agent")
    ticket = read_ticket(subject_of(event("ticket.commented", hour(0), agent, None, ticket="1"), opened(1), solved(2)))
    assert ticket is not None
    assert ticket.requester == ANA.id
    assert ticket.company == ACME.id


def test_closing_a_solved_ticket_days_later_does_not_make_it_slow() -> None:
    ticket = read_ticket(subject_of(opened(), solved(2), solved(98)))
    assert ticket is not None
    assert ticket.hours == 2


def test_a_status_that_shows_it_open_again_reopens() -> None:
    back = event("custom", hour(9), ANA, ACME, ticket="1", name="ticket.status_changed", status="OPEN")
    before = event("custom", hour(1), ANA, ACME, ticket="1", name="ticket.tags_changed", status="open")
    note = event("custom", hour(3), ANA, ACME, ticket="1", name="ticket.comment_added", status="solved")
    assert grounds(opened(), before, solved(), note) == {"fast": True}
    assert grounds(opened(), solved(), back) == {"reopened": False}
    ticket = read_ticket(subject_of(opened(), solved(), back, solved(10)))
    assert ticket is not None
    assert (ticket.is_open, ticket.hours) == (False, 10)
