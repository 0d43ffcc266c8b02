"""Decoding: Segment, Zendesk, canonical and unknown payloads into our vocabulary."""

from pathlib import Path
from typing import Any

import pytest

from honeyguide.core.terms import Identifier, RecordRef
from honeyguide.funnel import Undecodable, decode, own_event
from honeyguide.funnel.decode.vocabulary import KINDS, NAMES, kind_of
from honeyguide.funnel.events import Lane
from tests.unit.funnel.rows import AT, read, row, source

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "events.md"


def track(event: str, /, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "userId": "u1", "event": event, "properties": properties}


@pytest.mark.parametrize(
    ("event", "given", "kind", "props"),
    [
        ("Order Completed", {"order_id": "o1", "total": 27.5, "currency": "eur"}, "purchase.completed",
         {"order": "o1", "amount_minor": 2750, "currency": "EUR"}),
        ("order completed", {"orderId": "o1", "revenue": 3, "currency": "JPY"}, "purchase.completed",
         {"order": "o1", "amount_minor": 3, "currency": "JPY"}),
        ("Trial Started", {"product": "Dispatch Pro"}, "trial.started", {"product": "dispatch-pro", "product_name": "Dispatch Pro"}),
        ("signed_up", {"link_code": "ABC234"}, "signup.completed", {"link_code": "ABC234"}),
        ("FEATURE USED", {"product": "dispatch", "feature": "Route Planner", "n": "3"}, "feature.used",
         {"product": "dispatch", "feature": "route-planner", "feature_name": "Route Planner", "n": 3}),
        ("Milestone Reached", {"product": "dispatch", "milestone": "1,000 jobs", "value": 1000}, "usage.milestone",
         {"product": "dispatch", "milestone": "1,000 jobs", "value": 1000}),
        ("Deal Stage Changed", {"deal": "77", "deal_name": "Big", "stage": "proposal", "amount": "1,200.10", "currency": "EUR"},
         "deal.stage_changed", {"deal": "77", "name": "Big", "stage": "proposal", "amount_minor": 120_010, "currency": "EUR"}),
        ("Deal Stage Changed", {"deal": "77", "stage": "closedwon", "amount_minor": 5}, "deal.won",
         {"deal": "77", "stage": "closedwon", "amount_minor": 5, "currency": "USD"}),
        ("Deal Won", {"deal_id": 77, "amount_minor": 500, "currency": "EUR", "product": "dispatch"}, "deal.won",
         {"deal": "77", "amount_minor": 500, "currency": "EUR", "product": "dispatch"}),
        ("Deal Lost", {"deal": "77", "reason": "budget"}, "deal.lost", {"deal": "77", "reason": "budget"}),
        ("Ticket Rated", {"ticket_id": 9, "score": "good", "comment": "thanks"}, "ticket.rated",
         {"ticket": "9", "score": 5, "comment": "thanks"}),
        ("Survey Answered", {"survey": "nps-q1", "score": 9, "comment": "love it"}, "survey.answered",
         {"survey": "nps-q1", "score": 9, "scale_max": 10, "comment": "love it"}),
        ("Unsubscribed", {}, "consent.changed", {"channel": "email", "state": "withdrawn"}),
        ("Consent Changed", {"channel": "inapp", "state": "granted"}, "consent.changed", {"channel": "inapp", "state": "granted"}),
        ("Seats Added", {"subscription_id": "s1", "product": "dispatch", "seats": 9, "seats_before": 4, "amount_minor": 1, "currency": "EUR"},
         "subscription.expanded", {"product": "dispatch", "subscription": "s1", "seats": 9, "seats_before": 4, "amount_minor": 1, "currency": "EUR"}),
        ("Order Refunded", {"order_id": "o1", "total": 5, "currency": "EUR"}, "refund.issued", {"order": "o1", "amount_minor": 500, "currency": "EUR"}),
        ("Dispute Closed", {"dispute_id": "d1", "order_id": "o1", "amount": 5, "outcome": "Won"}, "dispute.closed",
         {"dispute": "d1", "order": "o1", "status": "won", "amount_minor": 500, "currency": "USD"}),
        ("Charge Failed", {"charge_id": "c1", "amount_minor": 7, "currency": "JPY", "failure_code": "expired_card"}, "charge.failed",
         {"charge": "c1", "reason": "expired_card", "amount_minor": 7, "currency": "JPY"}),
        ("Trial Converted", {"product": "dispatch"}, "trial.converted", {"product": "dispatch"}),
        ("Trial Ended", {"product": "dispatch"}, "trial.ended", {"product": "dispatch"}),
        ("Order Cancelled", {"order_id": "o1", "cancel_reason": "late"}, "order.cancelled", {"order": "o1", "reason": "late"}),
        ("Checkout Started", {"checkout_id": "k1", "value": 2}, "checkout.started", {"order": "k1", "amount_minor": 200, "currency": "USD"}),
        ("Seats Removed", {"subscription_id": "s1", "product": "dispatch", "seats": 3, "seats_before": 4}, "subscription.contracted",
         {"product": "dispatch", "subscription": "s1", "seats": 3, "seats_before": 4}),
        ("Subscription Paused", {"subscription": "s1", "product": "dispatch"}, "subscription.paused", {"product": "dispatch", "subscription": "s1"}),
        ("Contact Left Company", {"left_company_ref": "c1"}, "persona.departed", {"left_company_ref": "c1"}),
        ("Anything Else", {"a": 1, "b": {"c": 2}, "d": None}, "custom", {"a": 1, "name": "Anything Else"}),
    ],
)  # fmt: skip
def test_tracked_names_become_kinds(event: str, given: dict[str, Any], kind: str, props: dict[str, Any]) -> None:
    found = read(track(event, **given))
    assert [(e.kind, e.props) for e in found] == [(kind, props)]
    assert found[0].name == event


def test_every_kind_is_in_the_reference_with_every_name() -> None:
    """The reference cannot fall behind: each kind has a heading, each recognised name is written there."""
    text = REFERENCE.read_text()
    for kind in KINDS:
        assert f"### `{kind}`" in text, kind
        for name in NAMES.get(kind, ()):
            assert name in text, name
    assert all(kind_of(name) == kind for kind, names in NAMES.items() for name in names)


def test_a_person_is_known_by_everything_the_call_says() -> None:
    payload = {
        "type": "identify", "userId": "7", "anonymousId": "anon-1",
        "traits": {"firstName": "Ana", "lastName": "Ruiz", "email": " Ana+x@GMAIL.com ", "jobTitle": "CTO", "phone": "+49 30 123456",
                   "consent_email": True, "company": {"id": "c9", "name": "Acme GmbH", "domain": "https://www.acme.de/x"}, "address": {"a": 1}},
        "context": {"externalIds": [{"id": "crm-1", "type": "crm_id"}]},
    }  # fmt: skip
    event = read(payload, name="hubspot")[0]
    assert event.kind == "persona.identified"
    assert event.person is not None
    assert (event.person.source, event.person.ext_id) == ("hubspot", "7")
    assert event.person.traits == {
        "email": "ana@gmail.com", "title": "CTO", "phone": "+4930123456", "consent_email": True, "name": "Ana Ruiz",
        "first_name": "Ana", "last_name": "Ruiz",
    }  # fmt: skip
    assert set(event.person.identifiers) == {
        Identifier("external:crm_id", "crm-1"), Identifier("email", "ana@gmail.com"),
        Identifier("anonymous:hubspot", "anon-1", strong=False), Identifier("phone", "+4930123456", strong=False),
    }  # fmt: skip
    assert event.company is not None
    assert (event.company.ext_id, event.company.traits) == ("c9", {"name": "Acme GmbH", "domain": "acme.de"})
    assert Identifier("domain", "acme.de") in event.company.identifiers


def test_opting_out_is_no_consent() -> None:
    event = read({"type": "identify", "userId": "7", "traits": {"email": "a@acme.de", "hs_email_optout": "true"}})[0]
    assert event.person is not None
    assert event.person.traits["consent_email"] is False


def test_a_company_comes_from_group_context_or_work_email() -> None:
    group = read(
        {
            "type": "group",
            "userId": "u1",
            "groupId": "g1",
            "traits": {"name": "Acme", "website": "acme.de", "employees": "329"},
        }
    )[0]
    assert group.kind == "company.identified"
    assert group.company is not None
    assert (group.company.ext_id, group.company.traits["employees"]) == ("g1", 329)
    by_context = read({**track("Feature Used", feature="x"), "context": {"groupId": "g1"}})[0]
    assert by_context.company is not None
    assert by_context.company.id == group.company.id
    by_mail = read({"type": "identify", "userId": "u2", "traits": {"email": "ana@sub.acme.de"}})[0]
    assert by_mail.company is not None
    assert by_mail.company.ext_id == "domain:acme.de"
    free = read({"type": "identify", "userId": "u2", "traits": {"email": "ana@gmail.com"}})[0]
    assert free.company is None


def test_without_an_id_a_person_is_named_by_email_or_browser() -> None:
    first = read({"type": "identify", "traits": {"email": "Ana@acme.de"}})[0]
    second = read({"type": "track", "anonymousId": "b1", "event": "x"})[0]
    nobody = read({"type": "track", "event": "x"})[0]
    assert first.person is not None
    assert second.person is not None
    assert (first.person.ext_id, second.person.ext_id, nobody.person) == ("email:ana@acme.de", "anon:b1", None)


def test_merges_name_the_kept_and_the_merged() -> None:
    event = read(track("Contacts Merged", kept="u1", merged=["8", "9"]), name="hubspot")[0]
    assert event.kind == "records.merged"
    assert event.props == {"kept": "u1", "merged": ["8", "9"]}
    assert [(o.kind, o.source, o.ext_id) for o in event.others] == [
        ("persona", "hubspot", "8"),
        ("persona", "hubspot", "9"),
    ]
    alias = read({"type": "alias", "userId": "u1", "previousId": "old"})[0]
    assert (alias.kind, alias.props) == ("records.merged", {"kept": "u1", "merged": ["old"]})
    traits = {"email": "a@acme.de", "hs_merged_object_ids": "8;9;7"}
    found = read({"type": "identify", "userId": "7", "traits": traits}, name="hubspot")
    assert [e.kind for e in found] == ["persona.identified", "records.merged"]
    assert found[1].props["merged"] == ["8", "9"]


def zendesk(kind: str, event: dict[str, Any] | None = None, **detail: Any) -> dict[str, Any]:
    """Written from Zendesk's documentation of ticket events: no published example may be copied."""
    full = {
        "id": "5158", "subject": "It broke", "description": "Please help, it broke.", "priority": "HIGH", "status": "OPEN",
        "requester_id": "844", "submitter_id": "844", "organization_id": "360", "created_at": "2026-02-01T10:00:00Z",
        "requester": {"id": "844", "name": "Ana Ruiz", "email": "ana@acme.de"},
        "organization": {"id": "360", "name": "Acme", "domain_names": ["acme.de"]}, "via": {"channel": "web"}, **detail,
    }  # fmt: skip
    return {
        "account_id": 22129848, "detail": full, "event": event or {}, "id": "2b24ef10", "subject": "zen:ticket:5158",
        "time": "2026-02-01T10:12:07.672717030Z", "type": f"zen:event-type:ticket.{kind}",
        "zendesk_event_version": "2022-11-06",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("noun", "change", "kind", "props", "text"),
    [
        ("created", {}, "ticket.opened", {"ticket": "5158", "subject": "It broke", "priority": "high"}, "Please help, it broke."),
        ("status_changed", {"previous": "OPEN", "current": "SOLVED"}, "ticket.solved", {"ticket": "5158"}, ""),
        ("status_changed", {"previous": "NEW", "current": "OPEN"}, "custom", {"name": "ticket.status_changed", "ticket": "5158", "status": "open"}, ""),
        ("tags_changed", {"tags_added": ["escalated"]}, "ticket.escalated", {"ticket": "5158"}, ""),
        ("escalated", {}, "ticket.escalated", {"ticket": "5158"}, ""),
        ("comment_added", {"comment": {"body": "Still broken", "is_public": True, "author": {"id": "844"}}}, "ticket.commented", {"ticket": "5158"}, "Still broken"),
        ("comment_added", {"comment": {"body": "Try again", "is_public": True, "author": {"is_staff": True}}}, "ticket.commented", {"ticket": "5158", "agent_text": "Try again"}, ""),
        ("comment_added", {"comment": {"body": "secret", "is_public": False}}, "custom", {"name": "ticket.comment_added", "ticket": "5158", "status": "open", "agent_text": "secret"}, ""),
        ("csat_response_received", {"satisfaction_rating": {"score": 5, "comment": "Great!"}}, "ticket.rated", {"ticket": "5158", "score": 5, "comment": "Great!"}, "Great!"),
        ("satisfaction_score_changed", {"previous": "offered", "current": "bad"}, "ticket.rated", {"ticket": "5158", "score": 1}, ""),
        ("subject_changed", {}, "custom", {"name": "ticket.subject_changed", "ticket": "5158", "status": "open"}, ""),
    ],
)  # fmt: skip
def test_zendesk(noun: str, change: dict[str, Any], kind: str, props: dict[str, Any], text: str) -> None:
    event = read(zendesk(noun, change), form="zendesk", kind=f"zen:event-type:ticket.{noun}")[0]
    assert (event.kind, event.props, event.text) == (kind, props, text)
    assert event.ref == "Zendesk #5158"
    assert event.person is not None
    assert event.company is not None
    assert (event.person.ext_id, event.person.traits) == ("844", {"email": "ana@acme.de", "name": "Ana Ruiz"})
    assert (event.company.ext_id, event.company.traits) == ("360", {"name": "Acme", "domain": "acme.de"})


def test_zendesk_people_and_organisations() -> None:
    user = {
        "type": "zen:event-type:user.created",
        "detail": {"id": "9", "email": "b@acme.de", "name": "Bo", "organization_id": "360"},
    }
    event = read(user, form="zendesk")[0]
    assert event.kind == "persona.identified"
    assert event.company is not None
    assert event.company.ext_id == "360"
    organization = {
        "type": "zen:event-type:organization.created",
        "detail": {"id": "360", "name": "Acme", "domain_names": ["acme.de"]},
    }
    assert read(organization, form="zendesk")[0].kind == "company.identified"


def test_our_own_events_come_back_as_written() -> None:
    person = RecordRef("persona", "honeyguide", "email:a@acme.de", (Identifier("email", "a@acme.de"),), {"name": "A"})
    written = own_event("signup:1", "signup.completed", AT, person=person, props={"link_code": "ABC"}, text="hi")
    assert (written.lane, written.format) == (Lane.LIVE, "canonical")
    event = read(written.body, form="canonical", kind=written.kind, name="honeyguide")[0]
    assert (event.kind, event.person, event.props, event.text, event.at) == (
        "signup.completed",
        person,
        {"link_code": "ABC"},
        "hi",
        AT,
    )


def test_unknown_systems_are_custom_with_their_actor() -> None:
    event = read(
        {"action": "opened", "id": 5, "user": {"email": "bo@acme.de", "name": "Bo"}}, form="webhook", kind="issues"
    )[0]
    assert (event.kind, event.name, event.props["action"]) == ("custom", "issues", "opened")
    assert event.person is not None
    assert event.person.traits == {"email": "bo@acme.de", "name": "Bo"}


@pytest.mark.parametrize("form", ["segment", "stripe", "zendesk", "import", "canonical", "webhook"])
@pytest.mark.parametrize("body", [b"", b"[1]", b"null", b"{", b"\xff", b'"x"', b'{"a":"\\ud800"}'[:6]])
def test_what_is_no_object_says_so(form: str, body: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(row(body, form=form), source())


def test_an_unknown_format_says_so() -> None:
    with pytest.raises(Undecodable):
        decode(row({}, form="carrier-pigeon"), source())
