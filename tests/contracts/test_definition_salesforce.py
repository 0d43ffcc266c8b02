"""Salesforce's definition on payloads of our own invention, in the shapes of its documentation: SOQL records with
subqueries, Bulk rows, and Change Data Capture events (no licensed fixture of those is published).
"""

import itertools
from typing import Any

import pytest

from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel.definitions import definition_of, message_id, path
from honeyguide.identity.evidence import MERGE, observe
from honeyguide.inference import Subject, read_ticket
from honeyguide.inference.signals import signals_of
from tests.contracts.rows import read, row_of, source_of

SOURCE = source_of("salesforce", config={"currency": "EUR"})


def record(stream: str, body: dict[str, Any]) -> list[CanonicalEvent]:
    return read([row_of("record", stream, f"{stream}:{body.get('Id')}:{body.get('SystemModstamp')}", body)], SOURCE)


def change(
    entity: str, kind: str, ids: list[str], wrapped: bool = False, at: int = 1_790_000_000_000, **changed: Any
) -> list[CanonicalEvent]:
    header = {
        "entityName": entity, "recordIds": ids, "changeType": kind, "changeOrigin": "com/salesforce/api/rest/62.0", "transactionKey": "0002343d-9d90",
        "sequenceNumber": 1, "commitTimestamp": at, "commitNumber": 10585193272713, "commitUser": "0055e000003DlAQAA0", "changedFields": list(changed),
        "diffFields": [], "nulledFields": [],
    }  # fmt: skip
    body: dict[str, Any] = {
        "schema": "IeRuaY6cbI_HsV8Rv1Mc5g",
        "payload": {"ChangeEventHeader": header, **changed},
        "event": {"replayId": 6},
    }
    if wrapped:
        body = {"channel": "/data/ChangeEvents", "data": body}
    definition = definition_of(SOURCE)
    assert definition is not None
    assert definition.webhook is not None
    assert path(definition.webhook.id)(body) == f"0002343d-9d90:1:{ids[0]}"
    return read([row_of("webhook", f"{entity}.{kind}", "cdc", body, at)], SOURCE)


def told(events: list[CanonicalEvent]) -> list[tuple[str, str]]:
    return sorted((e.kind, f"{e.at:%m-%d %H:%M}") for e in events)


CONTACT = {
    "attributes": {"type": "Contact", "url": "/services/data/v62.0/sobjects/Contact/0035e1"}, "Id": "0035e00000AbCdEAAV",
    "Email": "ines.roth@kranich.example", "FirstName": "Ines", "LastName": "Roth", "Name": "Ines Roth", "Title": "COO",
    "AccountId": "0015e00000XyZAAA1", "Account": {"attributes": {"type": "Account"}, "Name": "Kranich", "Website": "kranich.example"},
    "OwnerId": "0055e1", "Owner": {"attributes": {"type": "User"}, "Email": "rep@us.example", "Name": "Rep"}, "HasOptedOutOfEmail": True,
    "IsDeleted": False, "MasterRecordId": None, "SystemModstamp": "2026-02-03T04:05:06.000+0000", "Region__c": "North",
}  # fmt: skip
BULK = {
    "Id": "0035e00000AbCdEAAV", "Email": "ines.roth@kranich.example", "Name": "Ines Roth", "Title": "COO", "AccountId": "0015e00000XyZAAA1",
    "Account.Name": "Kranich", "Account.Website": "kranich.example", "OwnerId": "0055e1", "Owner.Email": "rep@us.example",
    "HasOptedOutOfEmail": "true", "IsDeleted": "false", "MasterRecordId": "", "SystemModstamp": "2026-02-03T04:05:06.000Z", "Region__c": "North",
}  # fmt: skip


@pytest.mark.parametrize(("stream", "body"), [("contacts", CONTACT), ("contacts_bulk", BULK)])
def test_a_contact_is_the_same_from_rest_and_from_bulk(stream: str, body: dict[str, Any]) -> None:
    [event] = record(stream, body)
    assert event.person is not None
    assert event.company is not None
    traits = event.person.traits
    assert (event.kind, event.person.ext_id, event.company.ext_id) == (
        "persona.identified",
        "0035e00000AbCdEAAV",
        "0015e00000XyZAAA1",
    )
    assert [traits[k] for k in ("name", "title", "owner", "consent_email", "region_c", "deleted")] == [
        "Ines Roth",
        "COO",
        "rep@us.example",
        False,
        "North",
        False,
    ]
    assert (event.company.traits["domain"], event.company.traits["name"]) == ("kranich.example", "Kranich")
    assert ("external:salesforce", "0035e00000AbCdEAAV") in {(i.ns, i.value) for i in event.person.identifiers}


def test_what_was_deleted_merged_or_converted() -> None:
    [gone] = record("contacts", CONTACT | {"IsDeleted": True})
    assert (gone.kind, gone.person and gone.person.traits["deleted"]) == ("record.deleted", True)
    [gone] = record("contacts_bulk", BULK | {"IsDeleted": "true"})
    assert gone.kind == "record.deleted"
    [merged] = record("contacts", CONTACT | {"IsDeleted": True, "MasterRecordId": "0035e00000MasTer1"})
    assert (merged.kind, merged.props) == (
        "records.merged",
        {"kept": "0035e00000MasTer1", "merged": ["0035e00000AbCdEAAV"]},
    )
    lead = {"Id": "00Q5e1", "Email": "ines@kranich.example", "Name": "Ines Roth", "Company": "Kranich", "IsConverted": True, "ConvertedDate": "2026-02-04",
            "ConvertedContactId": "0035e00000AbCdEAAV", "ConvertedAccountId": "0015e00000XyZAAA1", "IsDeleted": False}  # fmt: skip
    events = record("leads", lead)
    assert [e.kind for e in events] == ["persona.identified", "records.merged"]
    seen = observe(events + record("contacts", CONTACT))
    joined = {owner for kind, ns, _, owner in seen.signs if (kind, ns) == ("persona", MERGE)}
    assert {seen.records[o].ext_id for o in joined} == {"00Q5e1", "0035e00000AbCdEAAV"}


HISTORY = [
    {
        "StageName": "Prospecting",
        "Amount": 100,
        "ForecastCategory": "Pipeline",
        "CreatedDate": "2026-01-01T10:00:00.000+0000",
    },
    {
        "StageName": "Negotiation",
        "Amount": 100,
        "ForecastCategory": "Pipeline",
        "CreatedDate": "2026-01-02T10:00:00.000+0000",
    },
    {
        "StageName": "Negotiation",
        "Amount": 120.5,
        "ForecastCategory": "BestCase",
        "CreatedDate": "2026-01-03T10:00:00.000+0000",
    },
    {
        "StageName": "Gewonnen",
        "Amount": 120.5,
        "ForecastCategory": "Closed",
        "CreatedDate": "2026-01-04T10:00:00.000+0000",
    },
]
DEAL = {
    "Id": "0065e1", "Name": "Kranich", "StageName": "Gewonnen", "IsWon": True, "IsClosed": True, "Amount": 120.5, "AccountId": "0015e1",
    "CreatedDate": "2026-01-01T09:00:00.000+0000", "CloseDate": "2026-01-04", "SystemModstamp": "2026-01-04T10:00:00.000+0000", "IsDeleted": False,
    "OpportunityContactRoles": {"totalSize": 2, "done": True, "records": [{"ContactId": "0035e2", "Role": "Evaluator", "IsPrimary": False}, {"ContactId": "0035e1", "Role": "Decision Maker", "IsPrimary": True}]},
}  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_stages_come_from_the_history_in_any_order(order: tuple[int, ...]) -> None:
    made = record("opportunities", DEAL | {"OpportunityHistories": {"records": [HISTORY[n] for n in order]}})
    stages = [e for e in made if e.kind != "deal.created"]
    assert told(stages) == [
        ("deal.stage_changed", "01-01 10:00"),
        ("deal.stage_changed", "01-02 10:00"),
        ("deal.won", "01-04 10:00"),
    ]
    won = next(e for e in made if e.kind == "deal.won")
    assert (won.props["amount_minor"], won.props["currency"], won.person and won.person.ext_id) == (
        12_050,
        "EUR",
        "0035e1",
    )
    roles = {e.person.ext_id: e.person.traits.get("buying_role") for e in made if e.kind == "deal.created" and e.person}
    assert roles == {"0035e2": "Evaluator", "0035e1": "Decision Maker"}


def test_without_a_history_and_from_the_field_history() -> None:
    plain = record("opportunities", DEAL)
    assert [e.kind for e in plain] == ["deal.created", "deal.created", "deal.created", "deal.won"]
    assert [e.kind for e in record("opportunities_bulk", {k: str(v).lower() if isinstance(v, bool) else v for k, v in DEAL.items() if isinstance(v, str | bool | float)})] == ["deal.created", "deal.won"]  # fmt: skip
    row = {"Id": "0171", "OpportunityId": "0065e1", "Opportunity": {"StageName": "Raus", "IsClosed": True, "IsWon": False, "AccountId": "0015e1"},
           "Field": "StageName", "OldValue": "Negotiation", "NewValue": "Raus", "CreatedDate": "2026-01-05T10:00:00.000+0000"}  # fmt: skip
    [lost] = record("opportunity_field_history", row)
    assert (lost.kind, lost.props["deal"], lost.props["stage_before"]) == ("deal.lost", "0065e1", "Negotiation")
    [kept] = record("opportunity_field_history", row | {"Field": "NextStep"})
    assert kept.kind == "custom"


def test_a_case_is_opened_solved_and_back_again() -> None:
    case = {"Id": "5005e1", "CaseNumber": "00001026", "Subject": "Import stalls", "Description": "It stalls", "Status": "Closed", "Priority": "High", "IsClosed": True,
            "ClosedDate": "2026-03-02T09:00:00.000+0000", "CreatedDate": "2026-03-01T09:00:00.000+0000", "LastModifiedDate": "2026-03-02T09:00:00.000+0000",
            "SystemModstamp": "2026-03-02T09:00:00.000+0000", "ContactId": "0035e1", "Contact": {"Email": "ines@kranich.example"}, "IsDeleted": False, "IsEscalated": False,
            "CaseComments": {"records": [{"CommentBody": "Try again", "IsPublished": True, "CreatedDate": "2026-03-01T12:00:00.000+0000"}]}}  # fmt: skip
    open_again = case | {"Status": "Working", "IsClosed": False, "ClosedDate": None, "LastModifiedDate": "2026-03-04T09:00:00.000+0000", "SystemModstamp": "2026-03-04T09:00:00.000+0000", "IsEscalated": True}  # fmt: skip
    first = record("cases", case)
    assert [e.kind for e in first] == ["ticket.opened", "ticket.solved", "ticket.commented"]
    assert (first[0].ref, first[0].text, first[2].text, first[2].props["agent_text"]) == (
        "Salesforce case 00001026",
        "It stalls",
        "",
        "Try again",
    )
    for events in (first + record("cases", open_again), record("cases", open_again) + first):
        state = read_ticket(Subject.of(1, "ticket", "salesforce:5005e1", [s.fact for s in signals_of(events)]))
        assert state is not None
        assert (state.is_open, state.escalated is not None, state.priority) == (True, True, "high")
    moved = {
        "Id": "0191",
        "CaseId": "5005e1",
        "Case": {"CaseNumber": "00001026"},
        "Field": "Status",
        "CreatedDate": "2026-03-04T09:00:00.000+0000",
    }
    assert [e.kind for e in record("case_history", moved | {"OldValue": "Closed", "NewValue": "Working"})] == [
        "ticket.reopened"
    ]
    assert [e.kind for e in record("case_history", moved | {"OldValue": "Working", "NewValue": "Closed"})] == [
        "ticket.solved"
    ]
    assert [e.kind for e in record("case_history", moved | {"Field": "Owner", "NewValue": "Closed"})] == ["custom"]


def test_tasks_and_events() -> None:
    task = {"Id": "00T1", "Subject": "Call Ines", "Type": "Call", "Status": "Completed", "IsClosed": True, "WhoId": "0035e1", "Who": {"Type": "Contact"}, "AccountId": "0015e1",
            "CallType": "Inbound", "CallDurationInSeconds": 61, "Description": "our notes", "CreatedDate": "2026-04-01T08:00:00.000+0000"}  # fmt: skip
    [call] = record("tasks", task)
    assert (call.kind, call.name, call.text, call.props["duration_s"], call.props["direction"]) == (
        "call.made",
        "Salesforce Task:Call",
        "",
        61,
        "in",
    )
    assert [e.kind for e in record("tasks", task | {"Type": None, "TaskSubtype": "Task"})] == [
        "account_task.created",
        "account_task.completed",
    ]
    [about_account] = record(
        "tasks",
        task
        | {
            "WhoId": "0055e9",
            "Who": {"Type": "User"},
            "AccountId": None,
            "WhatId": "0015e7",
            "What": {"Type": "Account"},
        },
    )
    assert (about_account.person, about_account.company and about_account.company.ext_id) == (None, "0015e7")
    [meeting] = record("events", {"Id": "00U1", "Subject": "Demo", "StartDateTime": "2026-05-01T08:00:00.000+0000", "EndDateTime": "2026-05-01T09:00:00.000+0000", "WhoId": "00Q5e1", "CreatedDate": "2026-04-01T08:00:00.000+0000"})  # fmt: skip
    assert (meeting.kind, meeting.person and meeting.person.ext_id, meeting.props["starts_at"]) == (
        "meeting.booked",
        "00Q5e1",
        "2026-05-01T08:00:00+00:00",
    )


@pytest.mark.parametrize("wrapped", [False, True])
def test_change_data_capture(wrapped: bool) -> None:
    made = change(
        "Contact",
        "UPDATE",
        ["0035e1", "0035e2"],
        wrapped,
        Title="CEO",
        Region__c="South",
        LastModifiedDate="2026-09-21T13:33:20Z",
    )
    assert [(e.kind, e.name, e.person.ext_id, e.person.traits) for e in made if e.person] == [
        ("persona.identified", "Contact changed", ident, {"title": "CEO", "region_c": "South"}) for ident in ("0035e1", "0035e2")
    ]  # fmt: skip
    assert {e.at.isoformat() for e in made} == {"2026-09-21T14:13:20+00:00"}
    [named] = change(
        "Lead",
        "CREATE",
        ["00Q1"],
        wrapped,
        Name={"FirstName": "Ines", "LastName": "Roth"},
        Email="ines@kranich.example",
        Company="Kranich",
    )
    assert named.person is not None
    assert (named.person.traits["name"], named.person.traits["email"]) == ("Ines Roth", "ines@kranich.example")
    [gone] = change("Contact", "DELETE", ["0035e1"], wrapped)
    assert (gone.kind, gone.person and gone.person.traits["deleted"]) == ("record.deleted", True)
    [back] = change("Contact", "UNDELETE", ["0035e1"], wrapped)
    assert (back.kind, back.person and back.person.traits["deleted"]) == ("record.restored", False)
    converted = change("Lead", "UPDATE", ["00Q1"], wrapped, IsConverted=True, ConvertedContactId="0035e1")
    assert [(e.kind, e.props.get("kept")) for e in converted] == [
        ("persona.identified", None),
        ("records.merged", "0035e1"),
    ]
    [won] = change(
        "Opportunity", "UPDATE", ["0065e1"], wrapped, StageName="Gewonnen", IsWon=True, IsClosed=True, Amount=10
    )
    assert (won.kind, won.props) == (
        "deal.won",
        {"deal": "0065e1", "stage": "Gewonnen", "amount_minor": 1000, "currency": "EUR"},
    )
    assert [
        e.kind for e in change("Opportunity", "CREATE", ["0065e1"], wrapped, StageName="Prospecting", Name="K")
    ] == ["deal.created", "deal.stage_changed"]
    assert [e.kind for e in change("Opportunity", "UPDATE", ["0065e1"], wrapped, Amount=11)] == ["custom"]
    assert [e.kind for e in change("Case", "UPDATE", ["5005e1"], wrapped, Status="Closed", IsClosed=True)] == [
        "ticket.solved"
    ]
    assert [e.kind for e in change("Case", "UPDATE", ["5005e1"], wrapped, Status="Working", IsClosed=False)] == [
        "ticket.reopened"
    ]
    assert [
        e.kind for e in change("Account", "UPDATE", ["0015e1"], wrapped, Website="https://www.kranich.example")
    ] == ["company.identified"]
    [other] = change("Invoice__c", "UPDATE", ["a0B1"], wrapped, Total__c=5)
    assert (other.kind, other.name, other.props["Total__c"]) == ("custom", "Invoice__c UPDATE", 5)


def test_pages_follow_the_address_until_done_and_a_version_has_one_id() -> None:
    definition = definition_of(SOURCE)
    assert definition is not None
    stream = definition.streams["contacts"]
    following = path(stream.paging.next)
    assert (
        following({"done": False, "nextRecordsUrl": "/services/data/v62.0/query/01g-2000"})
        == "/services/data/v62.0/query/01g-2000"
    )
    assert following({"done": True, "nextRecordsUrl": "/services/data/v62.0/query/01g-2000"}) is None
    assert message_id("contacts", stream, CONTACT) == "contacts:0035e00000AbCdEAAV:2026-02-03T04:05:06.000+0000"
    assert message_id("contacts", stream, CONTACT | {"IsDeleted": True}).endswith(":deleted")
