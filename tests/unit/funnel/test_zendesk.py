"""Zendesk's event webhooks, field histories, ratings and triggers.

The payloads are written from Zendesk's documentation of event types (ticket, user and organization events, ticket
audits, satisfaction ratings, incremental exports): no published example may be copied.
"""

import itertools
import random
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.inference import Subject, read_ticket
from honeyguide.inference.signals import signals_of
from tests.contracts.pulls import tell

TICKET = {
    "id": "35436", "subject": "Printer on fire", "description": "It burns.", "priority": "URGENT", "status": "OPEN",
    "type": "PROBLEM", "requester_id": "8400", "submitter_id": "8400", "assignee_id": "9000", "organization_id": "360",
    "group_id": "1", "brand_id": "2", "form_id": "3", "external_id": None, "is_public": True, "tags": ["fire"],
    "via": {"channel": "email"}, "created_at": "2026-02-01T10:00:00Z", "updated_at": "2026-02-01T10:12:07Z",
}  # fmt: skip
USER = {
    "id": "8400", "name": "Ana Ruiz", "email": "ana@acme.de", "phone": "+49 30 1234567", "role": "end-user",
    "external_id": "u-77", "organization_id": "360", "default_group_id": None, "iana_time_zone": "Europe/Berlin",
    "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-02-01T00:00:00Z",
}  # fmt: skip
ORGANIZATION = {
    "id": "360", "name": "Acme", "domain_names": ["acme.de", "acme.com"], "external_id": "acc-9", "shared_tickets": False,
    "tags": [], "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-02-01T00:00:00Z",
}  # fmt: skip


def hook(noun: str, detail: dict[str, Any], event: dict[str, Any] | None = None) -> CanonicalEvent:
    """What one event webhook tells."""
    subject = {"ticket": "zen:ticket:35436", "user": "zen:user:8400"}.get(
        noun.partition(".")[0], "zen:organization:360"
    )
    payload = {
        "account_id": 22129848, "id": "01HX", "subject": subject, "time": "2026-02-01T10:12:07.672717030Z",
        "type": f"zen:event-type:{noun}", "zendesk_event_version": "2022-11-06", "detail": detail, "event": event or {},
    }  # fmt: skip
    [event_] = tell("zendesk", f"zen:event-type:{noun}", "01HX", payload, form="zendesk")
    return event_


def comment(body: str, author: str = "8400", *, public: bool = True, staff: bool = False) -> dict[str, Any]:
    return {
        "comment": {
            "id": "5",
            "body": body,
            "is_public": public,
            "author": {"id": author, "is_staff": staff, "name": "x"},
        }
    }


@pytest.mark.parametrize(
    ("noun", "change", "kind", "text"),
    [
        ("ticket.created", {}, "ticket.opened", "It burns."),
        ("ticket.status_changed", {"previous": "OPEN", "current": "SOLVED"}, "ticket.solved", ""),
        ("ticket.status_changed", {"previous": "SOLVED", "current": "CLOSED"}, "ticket.solved", ""),
        ("ticket.status_changed", {"previous": "SOLVED", "current": "OPEN"}, "ticket.reopened", ""),
        ("ticket.status_changed", {"previous": "NEW", "current": "PENDING"}, "custom", ""),
        ("ticket.comment_added", comment("Still burning"), "ticket.commented", "Still burning"),
        ("ticket.comment_added", comment("Use water", "9000", staff=True), "ticket.commented", ""),
        ("ticket.comment_added", comment("Me too", "8500"), "ticket.commented", ""),
        ("ticket.comment_added", comment("They are angry", "9000", public=False), "custom", ""),
        ("ticket.tags_changed", {"tags_added": ["Escalated"], "tags_removed": []}, "ticket.escalated", ""),
        ("ticket.tags_changed", {"tags_added": ["fire"], "tags_removed": ["escalated"]}, "custom", ""),
        ("ticket.csat_response_received", {"satisfaction_rating": {"score": "good", "comment": "Fast!"}}, "ticket.rated", "Fast!"),
        ("ticket.satisfaction_score_changed", {"previous": "OFFERED", "current": "GOOD"}, "ticket.rated", ""),
        ("ticket.priority_changed", {"previous": "LOW", "current": "URGENT"}, "custom", ""),
        ("ticket.agent_assignment_changed", {"previous": None, "current": "9000"}, "custom", ""),
        ("ticket.requester_changed", {"previous": "1", "current": "8400"}, "custom", ""),
        ("ticket.subject_changed", {"previous": "a", "current": "b"}, "custom", ""),
        ("ticket.custom_field_changed", {"field": {"id": "1"}, "previous": None, "current": {"value": "x"}}, "custom", ""),
        ("ticket.merged", {"target_ticket_id": "35437"}, "custom", ""),
        ("ticket.soft_deleted", {}, "custom", ""),
        ("ticket.something_new", {"current": {"a": [1]}}, "custom", ""),
    ],
)  # fmt: skip
def test_ticket_events(noun: str, change: dict[str, Any], kind: str, text: str) -> None:
    event = hook(noun, TICKET, change)
    assert (event.kind, event.text, event.ref) == (kind, text, "Zendesk #35436")
    assert event.props["ticket"] == "35436"
    assert event.person is not None
    assert event.company is not None
    assert (event.person.ext_id, event.company.ext_id) == ("8400", "360")
    assert event.at.isoformat() == "2026-02-01T10:12:07.672717+00:00"


@pytest.mark.parametrize(
    ("noun", "change", "kind"),
    [
        ("user.created", {}, "persona.identified"),
        ("user.name_changed", {"previous": "A", "current": "Ana Ruiz"}, "persona.identified"),
        ("user.identity_created", {"identity": {"type": "email", "value": "ana@acme.de"}}, "persona.identified"),
        ("user.organization_membership_created", {"organization": {"id": "361"}}, "persona.identified"),
        ("user.organization_membership_deleted", {"organization": {"id": "361"}}, "persona.departed"),
        ("user.merged", {"user": {"id": "8399"}}, "records.merged"),
        ("user.deleted", {}, "record.deleted"),
        ("user.something_new", {}, "persona.identified"),
    ],
)  # fmt: skip
def test_user_events(noun: str, change: dict[str, Any], kind: str) -> None:
    event = hook(noun, USER, change)
    assert event.kind == kind
    assert event.person is not None
    assert event.person.ext_id == "8400"
    if noun.startswith("user.organization_membership"):
        assert event.company is not None
        assert event.company.ext_id == "361"
    if kind == "persona.identified":
        assert event.person.traits["timezone"] == "Europe/Berlin"
        assert ("external:zendesk_user", "u-77") in {(i.ns, i.value) for i in event.person.identifiers}
    if kind == "records.merged":
        assert event.props == {"kept": "8400", "merged": ["8399"]}
    if kind == "record.deleted":
        assert event.person.traits == {"deleted": True}
        assert event.person.identifiers == ()


@pytest.mark.parametrize("noun", ["created", "name_changed", "tags_changed", "deleted"])
def test_organization_events(noun: str) -> None:
    event = hook(f"organization.{noun}", ORGANIZATION)
    assert event.kind == ("record.deleted" if noun == "deleted" else "company.identified")
    assert event.company is not None
    assert event.company.ext_id == "360"


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"ticket": {"id": 7, "status": "Solved", "requester": {"id": 1, "email": "ana@acme.de"}}}, "ticket.solved"),
        ({"ticket": {"id": 7, "status": "New", "title": "Help", "requester": {"email": "ana@acme.de"}}}, "ticket.opened"),
        ({"ticket_id": "7", "ticket_status": "Closed", "requester_email": "ana@acme.de"}, "ticket.solved"),
        ({"ticket_id": "7", "satisfaction_rating": "Good", "satisfaction_comment": "Nice", "requester_email": "ana@acme.de"}, "ticket.rated"),
        ({"ticket_id": "7", "status": "Open", "requester_email": "ana@acme.de"}, "custom"),
    ],
)  # fmt: skip
def test_what_a_trigger_sends(payload: dict[str, Any], kind: str) -> None:
    [event] = tell("zendesk", "webhook", "m", payload, form="zendesk")
    assert (event.kind, event.props["ticket"], event.ref) == (kind, "7", "Zendesk #7")
    assert event.person is not None
    assert event.person.traits["email"] == "ana@acme.de"
    if kind == "ticket.rated":
        assert event.props["score"] == 5


def audit(n: int, at: str, *events: dict[str, Any], author: int = 9000) -> dict[str, Any]:
    return {
        "id": n,
        "ticket_id": 4,
        "created_at": at,
        "author_id": author,
        "events": list(events),
        "via": {"channel": "web"},
    }


def change(field: str, before: Any, now: Any) -> dict[str, Any]:
    return {"id": 1, "type": "Change", "field_name": field, "previous_value": before, "value": now}


HISTORY = [
    audit(1, "2026-02-01T10:00:00Z", {"id": 1, "type": "Comment", "public": True, "body": "It burns", "author_id": 8400},
          {"type": "Create", "field_name": "status", "value": "new"}, author=8400),
    audit(2, "2026-02-01T11:00:00Z", change("status", "new", "open"), {"type": "Comment", "public": True, "body": "Water?", "author_id": 9000}),
    audit(3, "2026-02-01T11:30:00Z", change("tags", [], ["escalated"]), {"type": "Comment", "public": False, "body": "angry", "author_id": 9000}),
    audit(4, "2026-02-01T12:00:00Z", {"type": "Comment", "public": True, "body": "Thank you!", "author_id": 8400}, author=8400),
    audit(5, "2026-02-01T13:00:00Z", change("status", "open", "solved")),
    audit(6, "2026-02-02T08:00:00Z", change("status", "solved", "open"), author=8400),
    audit(7, "2026-02-02T09:00:00Z", change("status", "open", "solved"), change("satisfaction_score", "unoffered", "offered")),
    audit(8, "2026-02-03T09:00:00Z", change("satisfaction_score", "offered", "good"), change("satisfaction_comment", None, "Saved us"), author=8400),
    audit(9, "2026-02-07T09:00:00Z", change("status", "solved", "closed")),
]  # fmt: skip
TOLD = {
    ("ticket.opened", "2026-02-01T10:00:00", "It burns"), ("ticket.commented", "2026-02-01T11:00:00", ""),
    ("ticket.escalated", "2026-02-01T11:30:00", ""), ("ticket.commented", "2026-02-01T12:00:00", "Thank you!"),
    ("ticket.solved", "2026-02-01T13:00:00", ""), ("ticket.reopened", "2026-02-02T08:00:00", ""),
    ("ticket.solved", "2026-02-02T09:00:00", ""), ("ticket.rated", "2026-02-03T09:00:00", "Saved us"),
}  # fmt: skip


def _told(events: list[CanonicalEvent]) -> set[tuple[str, str, str]]:
    return {(e.kind, e.at.strftime("%Y-%m-%dT%H:%M:%S"), e.text) for e in events}


def test_the_history_of_a_ticket_is_one_event_per_change_whatever_its_order() -> None:
    """A resolution that held: solved, not reopened after, and rated; exactly when, from the fields' history alone."""
    ticket = {
        "id": 4, "subject": "Fire", "description": "It burns", "status": "closed", "requester_id": 8400, "submitter_id": 8400,
        "organization_id": 360, "created_at": "2026-02-01T10:00:00Z", "updated_at": "2026-02-07T09:00:00Z",
        "satisfaction_rating": {"score": "good", "comment": "Saved us"},
    }  # fmt: skip
    events = tell("zendesk", "tickets", "k", ticket | {"audits": HISTORY})
    for order in range(20):
        shuffled = random.Random(order).sample(HISTORY, len(HISTORY))
        events = tell("zendesk", "tickets", "k", ticket | {"audits": shuffled})
        assert _told(events) == TOLD
    rated = next(e for e in events if e.kind == "ticket.rated")
    assert rated.props == {"ticket": "4", "score": 5, "comment": "Saved us"}
    asked = [e for e in events if e.kind == "ticket.commented"]
    assert {e.props.get("agent_text") for e in asked} == {"Water?", None}
    assert all(e.person and e.person.ext_id == "8400" for e in events)


def test_audits_one_by_one_tell_the_same_moments() -> None:
    """The account's stream of audits, and the incremental export of ticket events, in any order."""
    expected = {
        (k, at) for k, at, _ in TOLD if k in ("ticket.solved", "ticket.reopened", "ticket.escalated", "ticket.rated")
    }
    for order in itertools.islice(itertools.permutations(HISTORY), 0, 2_000, 97):
        events = [e for one in order for e in tell("zendesk", "audits", f"a{one['id']}", one)]
        kinds = {
            (e.kind, e.at.strftime("%Y-%m-%dT%H:%M:%S")) for e in events if e.kind not in ("custom", "ticket.commented")
        }
        assert kinds == expected
        assert all(e.props["ticket"] == "4" for e in events)
        said = {(e.person and e.person.ext_id, e.text) for e in events if e.kind == "ticket.commented"}
        assert said == {("9000", "Water?"), ("8400", "Thank you!")}
    exported = {
        "id": 9, "ticket_id": 4, "timestamp": 1769950800, "updater_id": 9000, "event_type": "Audit",
        "child_events": [{"id": 1, "status": "solved", "previous_value": "open", "event_type": "Change", "via": "Web form"}],
    }  # fmt: skip
    [solved] = tell("zendesk", "ticket_events", "t", exported)
    assert (solved.kind, solved.at.isoformat()) == ("ticket.solved", "2026-02-01T13:00:00+00:00")


@pytest.mark.parametrize(
    ("score", "expected"),
    [("good", 5), ("bad_with_comment", 1), ("good_with_comment", 5), ("offered", None), (None, None), ("4", 4)],
)
def test_satisfaction_ratings(score: Any, expected: int | None) -> None:
    rating = {
        "id": 1, "score": score, "ticket_id": 4, "requester_id": 8400, "comment": "Thanks", "reason": "No reason provided",
        "created_at": "2026-02-03T09:00:00Z", "updated_at": "2026-02-03T09:00:00Z",
    }  # fmt: skip
    [event] = tell("zendesk", "satisfaction_ratings", "k", rating)
    assert (event.kind, event.props.get("score")) == (
        ("ticket.rated", expected) if expected else ("custom", event.props.get("score"))
    )
    assert event.person is not None
    assert event.person.ext_id == "8400"
    if expected:
        assert event.props == {"ticket": "4", "score": expected, "comment": "Thanks"}


def test_a_deleted_ticket_deletes_nobody() -> None:
    ticket = {"id": 4, "status": "deleted", "requester_id": 8400, "updated_at": "2026-02-03T09:00:00Z"}
    [event] = tell("zendesk", "tickets", "k", ticket)
    assert (event.kind, event.name, event.props["ticket"]) == ("custom", "ticket.deleted", "4")
    assert event.person is not None
    assert "deleted" not in event.person.traits


def test_deleted_records_say_so() -> None:
    [user] = tell(
        "zendesk", "users", "k", {"id": 5, "name": "x", "active": False, "updated_at": "2026-02-03T09:00:00Z"}
    )
    [back] = tell("zendesk", "users", "k", {"id": 5, "name": "x", "active": True, "updated_at": "2026-02-04T09:00:00Z"})
    [gone] = tell("zendesk", "organizations", "k", {"id": 6, "deleted_at": "2026-02-03T09:00:00Z"})
    assert (user.kind, back.kind, gone.kind) == ("record.deleted", "persona.identified", "record.deleted")
    assert back.person is not None
    assert back.person.traits["deleted"] is False


def test_a_resolution_that_held_is_seen_from_the_history_in_any_order() -> None:
    """Solved, opened again, solved for good, rated well: read by inference from single audits and the ticket's record."""
    ticket = {
        "id": 4, "subject": "Fire", "description": "It burns", "status": "closed", "priority": "urgent", "requester_id": 8400,
        "submitter_id": 8400, "organization_id": 360, "created_at": "2026-02-01T10:00:00Z", "updated_at": "2026-02-07T09:00:00Z",
        "metric_set": {"solved_at": "2026-02-02T09:00:00Z"},
    }  # fmt: skip
    events = [
        *tell("zendesk", "tickets", "t", ticket),
        *(e for one in HISTORY for e in tell("zendesk", "audits", f"a{one['id']}", one)),
    ]
    found = []
    for order in range(30):
        shuffled = random.Random(order).sample(events, len(events))
        [subject] = {s.subject for s in signals_of(shuffled)}
        facts = sorted((s.fact for s in signals_of(shuffled)), key=lambda f: f.order())
        read = read_ticket(Subject(subject, "ticket", "zendesk:4", tuple(facts)))
        assert read is not None
        assert read.solved is not None
        assert read.requester is not None
        found.append((read.solved.at.isoformat(), read.score, read.is_open, read.requester))
    assert set(found) == {("2026-02-02T09:00:00+00:00", 5, False, RecordRef("persona", "zendesk", "8400").id)}


def test_a_ticket_that_was_opened_again_is_open() -> None:
    events = [
        hook("ticket.created", TICKET), hook("ticket.status_changed", TICKET, {"previous": "OPEN", "current": "SOLVED"}),
        hook("ticket.status_changed", TICKET, {"previous": "SOLVED", "current": "OPEN"}),
    ]  # fmt: skip
    times = ("2026-02-01T10:00:00+00:00", "2026-02-02T10:00:00+00:00", "2026-02-03T10:00:00+00:00")
    timed = [
        msgspec.structs.replace(e, at=datetime.fromisoformat(at), event_id=UUID(int=n))
        for n, (e, at) in enumerate(zip(events, times, strict=True))
    ]
    facts = sorted((s.fact for s in signals_of(timed)), key=lambda f: f.order())
    read = read_ticket(Subject(1, "ticket", "zendesk:35436", tuple(facts)))
    assert read is not None
    assert read.is_open
