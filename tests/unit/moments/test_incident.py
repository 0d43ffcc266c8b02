"""What forbids asking: every reason names the record that shows it."""

from typing import Any

from honeyguide.core.terms import CanonicalEvent
from honeyguide.inference import Subject
from honeyguide.inference.signals import signals_of
from honeyguide.moments import incident_of
from honeyguide.moments.incident import Incident
from tests.unit.inference.story import company, event, hour, person

ANA, ACME = person("ana"), company("acme")


def incident(*events: CanonicalEvent) -> Incident | None:
    found = signals_of(events)
    return incident_of(
        Subject.of(found[0].subject, found[0].subject_kind, found[0].subject_key, [s.fact for s in found])
    )


def ticket(kind: str, at: float, **props: Any) -> CanonicalEvent:
    return event(f"ticket.{kind}", hour(at), ANA, ACME, ticket="7", **props)


def invoice(kind: str, at: float) -> CanonicalEvent:
    return event(f"invoice.{kind}", hour(at), None, ACME, source="stripe", invoice="in_1")


def test_an_open_escalation() -> None:
    found = incident(ticket("opened", 0), ticket("escalated", 24))
    assert found is not None
    assert (found.kind, found.record, found.company) == ("escalated", ANA.id, ACME.id)
    assert found.reason == "Zendesk #7 is escalated and still open (since 2026-03-03)."
    assert incident(ticket("opened", 0), ticket("escalated", 24), ticket("solved", 25)) is None


def test_an_open_urgent_ticket_and_no_ordinary_one() -> None:
    found = incident(ticket("opened", 0, priority="P1"))
    assert found is not None
    assert found.kind == "urgent"
    assert incident(ticket("opened", 0, priority="normal")) is None
    assert incident(ticket("opened", 0, priority="urgent"), ticket("solved", 1)) is None


def test_reopened_counts_as_open() -> None:
    found = incident(
        ticket("opened", 0, priority="urgent"), ticket("solved", 1), ticket("opened", 2, priority="urgent")
    )
    assert found is not None


def test_a_bad_rating_hurts_for_a_month() -> None:
    found = incident(ticket("opened", 0), ticket("solved", 1), ticket("rated", 2, score=2))
    assert found is not None
    assert (found.kind, found.since) == ("low_rating", hour(2))
    assert (found.ends_at - found.since).days == 30
    assert (
        incident(ticket("opened", 0), ticket("solved", 1), ticket("rated", 2, score=2), ticket("rated", 3, score=4))
        is None
    )


def test_an_unpaid_invoice_until_it_is_paid() -> None:
    found = incident(invoice("payment_failed", 0), invoice("payment_failed", 48))
    assert found is not None
    assert (found.kind, found.company, found.since) == ("unpaid_invoice", ACME.id, hour(0))
    assert incident(invoice("payment_failed", 0), invoice("paid", 48)) is None
    assert incident(invoice("payment_failed", 0), invoice("paid", 48), invoice("payment_failed", 50)) is not None
    assert incident(invoice("paid", 0)) is None
