"""HubSpot's definition on payloads of our own invention, in the shapes of its documentation (no licensed fixture of v3
webhook batches or of objects with history is published). Values are made up; names of fields are HubSpot's.
"""

import itertools
from typing import Any

import pytest

from honeyguide.core.terms import CanonicalEvent
from honeyguide.identity.evidence import MERGE, observe
from honeyguide.inference import Subject, read_ticket
from honeyguide.inference.signals import signals_of
from tests.contracts.rows import read, row_of, source_of

PORTAL = {"portalId": 62515, "appId": 1160452, "attemptNumber": 0, "changeSource": "CRM", "subscriptionId": 7}
AT = 1_790_000_000_000  # 2026-09-21T13:33:20Z


def notices(*items: dict[str, Any], **config: Any) -> list[CanonicalEvent]:
    """A batch as the door splits it."""
    rows = [row_of("webhook", i["subscriptionType"], f"n{n}", PORTAL | {"eventId": n, "occurredAt": AT} | i, i.get("occurredAt", AT)) for n, i in enumerate(items)]  # fmt: skip
    return read(rows, source_of("hubspot", config=config))


def record(stream: str, body: dict[str, Any], **config: Any) -> list[CanonicalEvent]:
    return read([row_of("record", stream, f"{stream}:{body.get('id')}", body)], source_of("hubspot", config=config))


def told(events: list[CanonicalEvent]) -> list[tuple[str, str]]:
    return sorted((e.kind, f"{e.at:%m-%d %H:%M}") for e in events)


CONTACT = {
    "id": "501", "createdAt": "2025-01-02T03:04:05.000Z", "updatedAt": "2026-02-03T04:05:06.789Z", "archived": False,
    "properties": {
        "email": "Ines.Roth@Kranich.example", "firstname": "Ines", "lastname": "Roth", "jobtitle": "Head of Operations",
        "phone": "+49 30 901820", "company": "Kranich", "lifecyclestage": "customer", "hubspot_owner_id": "77",
        "associatedcompanyid": "900", "hs_additional_emails": "ines@roth.example;i.roth@kranich.example",
        "hs_merged_object_ids": "499;500", "hs_calculated_merged_vids": "498:1593429970077", "hs_email_optout": "true",
        "salesforcecontactid": "0035e00000AbCdEAAV", "favourite_colour": "teal", "createdate": "2025-01-02T03:04:05.000Z",
        "lastmodifieddate": "2026-02-03T04:05:06.789Z", "mobilephone": None,
    },
    "associations": {"companies": {"results": [{"id": "900", "type": "contact_to_company"}, {"id": "901", "type": "contact_to_company_unlabeled"}]}},
}  # fmt: skip


def test_a_contact_whose_status_says_so_has_left() -> None:
    gone = CONTACT | {"properties": CONTACT["properties"] | {"hs_lead_status": "LEFT"}}  # type: ignore[operator]
    events = record("contacts", gone, left_statuses="LEFT,GONE")
    found = {e.kind: e for e in events}
    left = found["persona.departed"]
    assert left.company is not None
    assert (left.company.ext_id, left.props["left_company_ref"]) == ("900", "900")
    assert left.person is not None
    assert left.person.traits["title"] == "Head of Operations"
    assert all(e.company is None or e.company.ext_id == "901" for e in events if e.kind == "persona.identified")
    for config in ({}, {"left_statuses": ""}, {"left_statuses": "GONE"}):
        assert "persona.departed" not in {e.kind for e in record("contacts", gone, **config)}


def test_a_contact_brings_who_it_is_where_it_works_and_what_it_took_in() -> None:
    events = record("contacts", CONTACT)
    first = events[0]
    assert first.person is not None
    assert first.company is not None
    assert (first.kind, first.ref, first.person.ext_id, first.company.ext_id) == ("persona.identified", "HubSpot contact 501", "501", "900")  # fmt: skip
    traits = first.person.traits
    assert (traits["name"], traits["title"], traits["email"], traits["consent_email"]) == ("Ines Roth", "Head of Operations", "ines.roth@kranich.example", False)  # fmt: skip
    assert (traits["favourite_colour"], traits["owner"], traits["phone"]) == ("teal", "77", "+4930901820")
    seen = observe(events)
    mine = next(r.id for r in seen.records.values() if r.ext_id == "501")
    signs = {(ns, v) for kind, ns, v, owner in seen.signs if owner == mine and ns != MERGE}
    assert {v for ns, v in signs if ns == "email"} == {"ines.roth@kranich.example", "ines@roth.example", "i.roth@kranich.example"}  # fmt: skip
    assert ("external:salesforce", "0035e00000AbCdEAAV") in signs
    merged = [e for e in events if e.kind == "records.merged"]
    assert [m.props for m in merged] == [{"kept": "501", "merged": ["499", "500", "498"]}]
    assert {e.company.ext_id for e in events if e.kind == "persona.identified" and e.company} == {"900", "901"}
    # Further addresses are identifiers of the same person, whose address stays the first one.
    assert {e.person.traits["email"] for e in events if e.person} == {"ines.roth@kranich.example"}


def test_an_archived_contact_is_gone_and_one_that_is_not_is_there() -> None:
    [gone] = record("contacts_archived", {"id": "5", "archived": True, "archivedAt": "2026-03-01T00:00:00Z", "updatedAt": "2026-03-01T00:00:00Z", "properties": {"email": "a@b.example"}})  # fmt: skip
    assert gone.person is not None
    assert (gone.kind, gone.person.ext_id, gone.person.identifiers) == ("record.deleted", "5", ())
    assert gone.person.traits == {"deleted": True, "deleted_at": "2026-03-01T00:00:00+00:00"}
    assert record("contacts", CONTACT)[0].person.traits["deleted"] is False  # type: ignore[union-attr]


def test_a_batch_of_notices() -> None:
    made = notices(
        {"subscriptionType": "contact.creation", "objectId": 501},
        {"subscriptionType": "contact.propertyChange", "objectId": 501, "propertyName": "email", "propertyValue": "ines@kranich.example"},
        {"subscriptionType": "contact.propertyChange", "objectId": 501, "propertyName": "favourite_colour", "propertyValue": "plum"},
        {"subscriptionType": "contact.propertyChange", "objectId": 501, "propertyName": "lastname", "propertyValue": "Roth-Vogel"},
        {"subscriptionType": "contact.merge", "primaryObjectId": 501, "mergedObjectIds": [499, 500], "newObjectId": 777, "objectId": 501},
        {"subscriptionType": "contact.associationChange", "fromObjectId": 501, "toObjectId": 900, "associationType": "CONTACT_TO_COMPANY", "associationRemoved": False},
        {"subscriptionType": "company.associationChange", "fromObjectId": 900, "toObjectId": 501, "associationType": "COMPANY_TO_CONTACT", "associationRemoved": True},
        {"subscriptionType": "company.creation", "objectId": 900},
        {"subscriptionType": "company.propertyChange", "objectId": 900, "propertyName": "domain", "propertyValue": "https://www.kranich.example/de"},
        {"subscriptionType": "company.merge", "primaryObjectId": 900, "mergedObjectIds": [899]},
        {"subscriptionType": "contact.deletion", "objectId": 502},
        {"subscriptionType": "contact.privacyDeletion", "objectId": 503},
        {"subscriptionType": "contact.restore", "objectId": 502, "occurredAt": AT + 60_000},
        {"subscriptionType": "deal.creation", "objectId": 31},
        {"subscriptionType": "deal.propertyChange", "objectId": 31, "propertyName": "dealstage", "propertyValue": "presentationscheduled"},
        {"subscriptionType": "deal.propertyChange", "objectId": 31, "propertyName": "dealstage", "propertyValue": "closedwon"},
        {"subscriptionType": "deal.propertyChange", "objectId": 31, "propertyName": "amount", "propertyValue": "1200"},
        {"subscriptionType": "object.propertyChange", "objectTypeId": "0-3", "objectId": 32, "propertyName": "dealstage", "propertyValue": "991122"},
        {"subscriptionType": "object.creation", "objectTypeId": "0-1", "objectId": 504},
        {"subscriptionType": "ticket.propertyChange", "objectId": 8, "propertyName": "hs_pipeline_stage", "propertyValue": "4"},
        {"subscriptionType": "conversation.newMessage", "objectId": 66, "messageId": "m1"},
        {"subscriptionType": "object.creation", "objectTypeId": "2-445566", "objectId": 1},
        won_stages="991122, 3",
    )  # fmt: skip
    assert [(e.kind, e.person.ext_id if e.person else e.company.ext_id if e.company else "") for e in made] == [
        ("persona.identified", "501"), ("persona.identified", "501"), ("persona.identified", "501"), ("persona.identified", "501"),
        ("records.merged", "777"), ("persona.identified", "501"), ("persona.departed", "501"),
        ("company.identified", "900"), ("company.identified", "900"), ("records.merged", "900"),
        ("record.deleted", "502"), ("record.deleted", "503"), ("record.restored", "502"),
        ("deal.created", ""), ("deal.stage_changed", ""), ("deal.won", ""), ("custom", ""), ("deal.won", ""),
        ("persona.identified", "504"), ("ticket.solved", ""), ("custom", ""), ("custom", ""),
    ]  # fmt: skip
    assert all(e.at.timestamp() * 1000 in (AT, AT + 60_000) for e in made)
    assert made[1].person.traits == {"email": "ines@kranich.example"}  # type: ignore[union-attr]
    assert made[2].person.traits == {"favourite_colour": "plum"}  # type: ignore[union-attr]
    assert "name" not in made[3].person.traits  # type: ignore[union-attr]  # half of a name is no name
    assert made[4].props == {"kept": "777", "merged": ["499", "500", "501"]}
    assert made[5].company is not None
    assert made[5].company.ext_id == "900"
    assert made[6].props == {"left_company_ref": "900"}
    assert made[8].company.traits["domain"] == "kranich.example"  # type: ignore[union-attr]
    assert (made[11].props["reason"], made[10].person.traits["deleted"], made[12].person.traits["deleted"]) == ("privacy", True, False)  # type: ignore[union-attr]  # fmt: skip
    assert (made[15].props["deal"], made[15].props["stage"]) == ("31", "closedwon")
    assert (made[16].name, made[16].props["property"]) == ("deal.propertyChange", "amount")
    assert made[20].props["messageId"] == "m1"


STAGES = [
    {"value": "appointmentscheduled", "timestamp": "2026-01-01T10:00:00Z"}, {"value": "qualifiedtobuy", "timestamp": "2026-01-05T10:00:00Z"},
    {"value": "closedwon", "timestamp": "2026-01-20T10:00:00Z"}, {"value": "closedwon", "timestamp": "2026-01-21T10:00:00Z"},
]  # fmt: skip
DEAL = {
    "id": "31", "updatedAt": "2026-01-22T00:00:00Z",
    "properties": {"dealname": "Kranich rollout", "dealstage": "closedwon", "amount": "18000.50", "deal_currency_code": "eur",
                   "hubspot_owner_id": "77", "createdate": "2026-01-01T09:59:00Z", "closedate": "2026-01-20T10:00:00Z", "hs_is_closed_won": "true"},
    "full": [{"id": "31", "propertiesWithHistory": {"dealstage": STAGES},
              "associations": {"contacts": {"results": [{"id": "501", "type": "deal_to_contact"}, {"id": "501", "type": "x"}, {"id": "502", "type": "x"}]},
                               "companies": {"results": [{"id": "900", "type": "deal_to_company"}]}}}],
}  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_history_of_a_deal_tells_the_same_in_any_order(order: tuple[int, ...]) -> None:
    deal = DEAL | {"full": [DEAL["full"][0] | {"propertiesWithHistory": {"dealstage": [STAGES[n] for n in order]}}]}  # type: ignore[index]
    made = record("deals", deal)
    assert told(made) == [
        ("deal.created", "01-01 09:59"), ("deal.created", "01-01 09:59"), ("deal.stage_changed", "01-01 10:00"),
        ("deal.stage_changed", "01-05 10:00"), ("deal.won", "01-20 10:00"),
    ]  # fmt: skip
    won = next(e for e in made if e.kind == "deal.won")
    assert won.props == {"deal": "31", "name": "Kranich rollout", "amount_minor": 1_800_050, "currency": "EUR", "owner": "77", "stage": "closedwon"}  # fmt: skip
    assert won.person is not None
    assert won.company is not None
    assert (won.person.ext_id, won.company.ext_id) == ("501", "900")
    assert {e.person.ext_id for e in made if e.kind == "deal.created" and e.person} == {"501", "502"}


def test_a_deal_of_the_legacy_api_and_of_an_own_pipeline_tells_as_much() -> None:
    versions = [
        {"value": s["value"], "timestamp": n * 1_000_000 + 1_767_261_600_000, "source": "API"}
        for n, s in enumerate(STAGES)
    ]
    legacy = {
        "dealId": 31, "portalId": 1, "associations": {"associatedVids": [501], "associatedCompanyIds": [900]},
        "properties": {"dealname": {"value": "Kranich rollout"}, "dealstage": {"value": "closedwon", "versions": versions},
                       "amount": {"value": "500"}, "createdate": {"value": "1767261600000"}},
    }  # fmt: skip
    made = record("deals_recent_v1", legacy, currency="JPY")
    assert [e.kind for e in made] == ["deal.created", "deal.stage_changed", "deal.stage_changed", "deal.won"]
    assert made[3].props["amount_minor"] == 500
    own = {"id": "9", "properties": {"dealstage": "551", "hs_is_closed_won": "true", "hs_is_closed": "true", "createdate": "2026-01-01", "closedate": "2026-02-01"},
           "propertiesWithHistory": {"dealstage": [{"value": "550", "timestamp": "2026-01-01"}, {"value": "551", "timestamp": "2026-02-01"}]}}  # fmt: skip
    assert [e.kind for e in record("deals", own)] == ["deal.created", "deal.stage_changed", "deal.won"]
    lost = {
        "id": "9",
        "properties": {
            "dealstage": "552",
            "hs_is_closed_won": "false",
            "hs_is_closed": "true",
            "closedate": "2026-02-01",
            "closed_lost_reason": "price",
        },
    }
    [only] = record("deals", lost)
    assert (only.kind, only.props["reason"], f"{only.at:%Y-%m-%d}") == ("deal.lost", "price", "2026-02-01")


CLOSINGS = [
    {"value": "", "timestamp": "2026-03-01T09:00:00Z"}, {"value": "2026-03-02T09:00:00Z", "timestamp": "2026-03-02T09:00:00Z"},
    {"value": "", "timestamp": "2026-03-03T09:00:00Z"}, {"value": "2026-03-05T09:00:00Z", "timestamp": "2026-03-05T09:00:01Z"},
]  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_solution_is_read_exactly_from_the_history_whatever_its_order(order: tuple[int, ...]) -> None:
    """Closed, reopened, closed again: the solution that stands is the second one, in every pipeline."""
    ticket = {
        "id": "8", "properties": {"subject": "Import stalls", "content": "<p>It <b>stalls</b></p>", "hs_pipeline_stage": "77231", "hs_ticket_priority": "HIGH",
                                  "createdate": "2026-03-01T09:00:00Z", "closed_date": "2026-03-05T09:00:00Z"},
        "full": [{"propertiesWithHistory": {"closed_date": [CLOSINGS[n] for n in order]}, "associations": {"contacts": {"results": [{"id": "501"}]}}}],
    }  # fmt: skip
    made = record("tickets", ticket)
    assert told(made) == [
        ("ticket.opened", "03-01 09:00"), ("ticket.reopened", "03-03 09:00"), ("ticket.solved", "03-02 09:00"), ("ticket.solved", "03-05 09:00"),
    ]  # fmt: skip
    assert next(e for e in made if e.kind == "ticket.opened").text == "It stalls"
    again = record("tickets", ticket | {"updatedAt": "2026-03-09T00:00:00Z"})  # another version tells its history again
    for events in (made, made + again, (made + again)[::-1]):
        facts = [s.fact for s in signals_of(events)]
        state = read_ticket(Subject.of(1, "ticket", "hubspot:8", facts))
        assert state is not None
        assert state.solved is not None
        assert (state.is_open, f"{state.solved.at:%d %H:%M}", state.hours, state.priority) == (
            False,
            "05 09:00",
            96.0,
            "high",
        )


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_without_the_closing_date_the_stages_tell_it(order: tuple[int, ...]) -> None:
    stages = [
        {"value": "1", "timestamp": "2026-03-01"},
        {"value": "4", "timestamp": "2026-03-02"},
        {"value": "2", "timestamp": "2026-03-03"},
    ]
    ticket = {
        "id": "8",
        "properties": {"createdate": "2026-03-01", "hs_pipeline_stage": "2"},
        "propertiesWithHistory": {"hs_pipeline_stage": [stages[n] for n in order]},
    }
    made = record("tickets", ticket)
    assert [e.kind for e in made] == ["ticket.opened", "custom", "ticket.solved", "custom"]
    state = read_ticket(Subject.of(1, "ticket", "hubspot:8", [s.fact for s in signals_of(made)]))
    assert state is not None
    assert state.is_open
    own = record(
        "tickets",
        ticket | {"properties": {"createdate": "2026-03-01", "hs_pipeline_stage": "2"}},
        closed_ticket_stages="77, 2",
    )
    state = read_ticket(Subject.of(1, "ticket", "hubspot:8", [s.fact for s in signals_of(own)]))
    assert state is not None
    assert not state.is_open


def test_meetings_calls_mails_notes_and_tasks() -> None:
    link = {
        "associations": {
            "contacts": {"results": [{"id": "501"}, {"id": "502"}]},
            "companies": {"results": [{"id": "900"}]},
        }
    }
    meeting = {"id": "1", "properties": {"hs_createdate": "2026-04-01T08:00:00Z", "hs_meeting_start_time": "2026-04-03T08:00:00Z", "hs_meeting_end_time": "2026-04-03T09:00:00Z",
               "hs_meeting_title": "Kick-off", "hs_meeting_outcome": "COMPLETED", "hs_meeting_body": "our notes"}} | link  # fmt: skip
    made = record("meetings", meeting)
    assert told(made) == [("meeting.booked", "04-01 08:00")] * 2 + [("meeting.held", "04-03 08:00")] * 2
    assert made[0].props == {"meeting": "1", "title": "Kick-off", "starts_at": "2026-04-03T08:00:00+00:00", "ends_at": "2026-04-03T09:00:00+00:00", "outcome": "completed", "agent_text": "our notes"}  # fmt: skip
    assert {e.text for e in made} == {""}  # what our side wrote is no evidence of the customer's mind
    [call] = record(
        "calls",
        {
            "id": "2",
            "properties": {
                "hs_timestamp": "2026-04-04T08:00:00Z",
                "hs_call_direction": "INBOUND",
                "hs_call_duration": "61000",
            },
        },
    )
    assert (call.kind, call.person, call.props["direction"], call.props["duration_ms"]) == (
        "call.made",
        None,
        "in",
        61_000,
    )
    [mail] = record("emails", {"id": "3", "properties": {"hs_email_direction": "INCOMING_EMAIL", "hs_email_text": "We love it", "hs_email_from_email": "ines@kranich.example", "hs_timestamp": "2026-04-05"}} | link)  # fmt: skip
    assert (mail.kind, mail.text, mail.person and mail.person.ext_id) == ("sales_email.received", "We love it", "501")
    assert [e.kind for e in record("emails", {"id": "4", "properties": {"hs_email_direction": "EMAIL", "hs_email_html": "<p>Hi</p>"}} | link)] == ["sales_email.sent"] * 2  # fmt: skip
    assert record("notes", {"id": "5", "properties": {"hs_note_body": "<p>Renewal in May</p>"}} | link)[0].props == {"note": "5", "agent_text": "Renewal in May"}  # fmt: skip
    assert told(record("tasks", {"id": "6", "properties": {"hs_task_status": "COMPLETED", "hs_createdate": "2026-05-01", "hs_task_completion_date": "2026-05-02"}})) == [
        ("account_task.completed", "05-02 00:00"), ("account_task.created", "05-01 00:00"),
    ]  # fmt: skip
    [held] = [e for e in record("engagements_v1", {"engagement": {"id": 9, "type": "MEETING", "timestamp": 1_775_000_000_000}, "associations": {"contactIds": [501]},
                                                   "metadata": {"meetingOutcome": "COMPLETED", "startTime": 1_775_000_000_000}}) if e.kind == "meeting.held"]  # fmt: skip
    assert held.props["meeting"] == "9"
    [survey] = record("feedback", {"id": "7", "properties": {"hs_survey_type": "NPS", "hs_value": "9", "hs_content": "great", "hs_contact_email_rollup": "ines@kranich.example"}})  # fmt: skip
    assert (survey.kind, survey.props["score"], survey.props["scale_max"], survey.props["comment"]) == (
        "survey.answered",
        9.0,
        10,
        "great",
    )
