"""PostHog and Segment through their definitions. PostHog's payloads are written from its documentation of the events and
persons API and of webhook destinations."""

from typing import Any

import pytest

from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel import Undecodable
from tests.contracts.pulls import pull, tell


def event(name: str, distinct_id: str = "u-7", /, **properties: Any) -> dict[str, Any]:
    return {
        "id": "0190-1", "distinct_id": distinct_id, "event": name, "timestamp": "2026-02-01T10:00:00Z", "properties": properties,
        "person": {"distinct_ids": [distinct_id], "is_identified": True, "properties": {"email": "ana@acme.de", "name": "Ana"}},
    }  # fmt: skip


def test_posthog_events() -> None:
    page = {
        "next": None,
        "results": [event("Feature Used", feature="Routes", product="Dispatch", **{"$groups": {"company": "acme"}})],
    }
    found = pull("posthog", "events", page)
    assert list(found) == ["events:0190-1:event"]
    [[used]] = found.values()
    assert (used.kind, used.name) == ("feature.used", "Feature Used")
    assert used.props["feature"] == "routes"
    assert used.person is not None
    assert used.company is not None
    assert (used.person.ext_id, used.person.traits["email"], used.company.ext_id) == ("u-7", "ana@acme.de", "acme")
    assert used.at.isoformat() == "2026-02-01T10:00:00+00:00"


def test_posthog_calls_with_a_meaning_of_their_own() -> None:
    [named] = tell(
        "posthog",
        "events",
        "k",
        event("$identify", **{"$set": {"email": "ana@acme.de", "jobTitle": "CTO"}, "$anon_distinct_id": "b-1"}),
    )
    assert named.kind == "persona.identified"
    assert named.person is not None
    assert named.person.traits["title"] == "CTO"
    assert ("anonymous:posthog", "b-1") in {(i.ns, i.value) for i in named.person.identifiers}
    [group] = tell(
        "posthog",
        "events",
        "k",
        event("$groupidentify", **{"$group_key": "acme", "$group_set": {"name": "Acme", "domain": "acme.de"}}),
    )
    assert group.kind == "company.identified"
    assert group.company is not None
    assert (group.company.ext_id, group.company.traits) == ("acme", {"name": "Acme", "domain": "acme.de"})
    [page] = tell("posthog", "events", "k", event("$pageview", plan="pro", empty=None, **{"$current_url": "https://x"}))
    assert (page.kind, page.props) == ("custom", {"plan": "pro", "name": "$pageview"})


def test_a_browser_nobody_named_is_no_person_of_its_own_id() -> None:
    anonymous = event("clicked", "01905d6a-7c3b-7000-8000-1234567890ab")
    anonymous["person"] = {"is_identified": False, "properties": {}}
    [clicked] = tell("posthog", "events", "k", anonymous)
    assert clicked.person is not None
    assert clicked.person.ext_id == "anon:01905d6a-7c3b-7000-8000-1234567890ab"
    assert all(not i.strong for i in clicked.person.identifiers)


def test_posthog_persons() -> None:
    person = {"id": "0190-9", "name": "ana@acme.de", "distinct_ids": ["01905d6a-7c3b-7000-8000-1234567890ab", "u-7"],
              "properties": {"email": "ana@acme.de", "plan": "pro"}, "created_at": "2026-01-01T00:00:00Z"}  # fmt: skip
    [[found]] = pull("posthog", "persons", {"results": [person]}).values()
    assert found.person is not None
    assert (found.person.ext_id, found.person.traits) == ("u-7", {"email": "ana@acme.de", "plan": "pro"})


def test_posthog_webhooks_are_records_of_the_events_stream() -> None:
    sent = event("Trial Started", product="Dispatch")
    nested = {"event": {k: v for k, v in sent.items() if k != "person"}, "person": sent["person"]}
    for body in (sent, nested):
        [started] = tell("posthog", "webhook", "k", body, form="webhook")
        assert (started.kind, started.person and started.person.traits["email"]) == ("trial.started", "ana@acme.de")
    with pytest.raises(Undecodable, match="no_event"):
        tell("posthog", "events", "k", {"distinct_id": "u-7"})


def _segment(body: dict[str, Any]) -> list[CanonicalEvent]:
    return tell("segment", "webhook", "k", body, form="webhook")


def test_segment_webhooks() -> None:
    """A destination webhook is one call, a source webhook may bring several; anything else is read as any webhook."""
    call = {"type": "track", "event": "Order Completed", "userId": "u1", "properties": {"order_id": "o1", "total": 5}}
    [bought] = _segment(call)
    assert (bought.kind, bought.props) == (
        "purchase.completed",
        {"order": "o1", "amount_minor": 500, "currency": "USD"},
    )
    several = _segment(
        {"batch": [call, {"type": "identify", "userId": "u2", "traits": {"email": "bo@acme.de"}}], "sentAt": "x"}
    )
    assert [e.kind for e in several] == ["purchase.completed", "persona.identified"]
    [other] = _segment({"action": "opened", "user": {"email": "bo@acme.de"}})
    assert (other.kind, other.person and other.person.traits["email"]) == ("custom", "bo@acme.de")


@pytest.mark.parametrize("value", [None, 0, "x", [], {}, [None], {"a": 1}, True])
@pytest.mark.parametrize("key", ["event", "distinct_id", "properties", "person", "timestamp", "id"])
def test_spoiled_posthog_events_are_read_or_refused(key: str, value: Any) -> None:
    body = {**event("clicked"), key: value}
    if key == "event" and value in (None, [], {}):
        with pytest.raises(Undecodable, match="no_event"):
            tell("posthog", "events", "k", body)
    else:
        assert tell("posthog", "events", "k", body)
