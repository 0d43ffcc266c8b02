"""The three CRM and support definitions against a server: paged to the end, sub-requests and all, once and again.

The replies are of our own invention; the contract (`tests.contracts.connectors`) is the one any connector is held to.
"""

import copy
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import pytest

from honeyguide.connectors.probe import Shown
from honeyguide.db import Database
from honeyguide.settings import Settings
from tests.contracts import test_definition_hubspot, test_definition_intercom, test_definition_salesforce
from tests.contracts.connectors import keeps_the_contract


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({"HONEYGUIDE_DATA": str(tmp_path), "HONEYGUIDE_ALLOW_PRIVATE_HOSTS": "127.0.0.1"})


def _text(connector: str) -> str:
    """The definition as it ships, at a server of the test's own."""
    text = (resources.files("honeyguide.funnel.definitions") / "library" / f"{connector}.yaml").read_text()
    lines = ("  base: https://recorded.example" if line.startswith("  base: ") else line for line in text.splitlines())
    return "\n".join(lines)


def _record(folder: Path, **replies: Any) -> Path:
    folder.mkdir()
    for name, reply in replies.items():
        (folder / f"{name.replace('__', '.')}.json").write_bytes(msgspec.json.encode(reply))
    return folder


def _kinds(rows: list[Shown]) -> set[str]:
    return {e.kind for row in rows for e in row.events}


async def test_hubspot(db: Database, workspace: int, settings: Settings, tmp_path: Path) -> None:
    contact: dict[str, Any] = test_definition_hubspot.CONTACT
    deal: dict[str, Any] = copy.deepcopy(test_definition_hubspot.DEAL)
    full: Any = deal.pop("full")
    old = {
        "vid": 77,
        "canonical-vid": 77,
        "addedAt": 1_484_858_431_084,
        "properties": {"lastmodifieddate": {"value": "1484858431084"}, "email": {"value": "bo@old.example"}},
    }
    folder = _record(
        tmp_path / "replies",
        contacts__1={"total": 3, "results": [contact], "paging": {"next": {"after": "1"}}},
        contacts__2={"total": 3, "results": [contact | {"id": "502", "properties": {"email": "bo@kranich.example"}}, {"id": "503", "updatedAt": "2026-01-01T00:00:00Z", "properties": {}}]},
        contacts_archived__1={"results": [{"id": "9", "archived": True, "archivedAt": "2026-01-01T00:00:00Z", "properties": {}}]},
        deals__1={"results": [deal]},
        deals__full__31=full[0],
        meetings__1={"results": [{"id": "1", "updatedAt": "2026-01-01T00:00:00Z", "properties": {"hs_meeting_outcome": "COMPLETED", "hs_timestamp": "2026-01-01T00:00:00Z"}}]},
        contacts_v1__1={"contacts": [old], "has-more": True, "vid-offset": 77},
        contacts_v1__2={"contacts": [old | {"vid": 78, "canonical-vid": 78}], "has-more": False, "vid-offset": 78},
        contacts_recent_v1__1={"contacts": [old], "has-more": True, "vid-offset": 77, "time-offset": 1_484_858_431_084},
        contacts_recent_v1__2={"contacts": [old | {"vid": 79, "canonical-vid": 79}], "has-more": False, "vid-offset": 79, "time-offset": 0},
        webhook__1=[test_definition_hubspot.PORTAL | {"eventId": 1, "occurredAt": 1_750_000_000_000, "subscriptionType": "contact.deletion", "objectId": 501}],
    )  # fmt: skip
    rows = await keeps_the_contract(db, workspace, settings, _text("hubspot"), folder, "HubSpot")
    assert {
        "persona.identified",
        "records.merged",
        "record.deleted",
        "deal.won",
        "deal.stage_changed",
        "meeting.held",
    } <= _kinds(rows)
    assert rows[-1].message_id == "62515:1:7:501:1750000000000"


async def test_salesforce(db: Database, workspace: int, settings: Settings, tmp_path: Path) -> None:
    contact, deal = test_definition_salesforce.CONTACT, test_definition_salesforce.DEAL
    folder = _record(
        tmp_path / "replies",
        contacts__1={"totalSize": 2, "done": False, "nextRecordsUrl": "/services/data/v62.0/query/01gRO-1", "records": [contact]},
        contacts__2={"totalSize": 2, "done": True, "records": [contact | {"Id": "0035e2", "IsDeleted": True}]},
        opportunities__1={"totalSize": 1, "done": True, "records": [deal | {"OpportunityHistories": {"records": test_definition_salesforce.HISTORY}}]},
    )  # fmt: skip
    (folder / "accounts_bulk.1.csv").write_text(
        '"Id","Name","Website","Owner.Email","IsDeleted","MasterRecordId"\n"0015e1","Kranich","kranich.example","rep@us.example","false",""\n'
    )
    rows = await keeps_the_contract(db, workspace, settings, _text("salesforce"), folder, "Salesforce")
    assert _kinds(rows) == {"persona.identified", "record.deleted", "deal.created", "deal.stage_changed", "deal.won", "company.identified"}  # fmt: skip


async def test_intercom(db: Database, workspace: int, settings: Settings, tmp_path: Path) -> None:
    contact = {
        "type": "contact",
        "id": "c1",
        "email": "ines@kranich.example",
        "updated_at": 1_750_000_000,
        "tags": {"data": [{"id": "1"}]},
        "companies": {"data": [{"id": "k1"}]},
    }
    folder = _record(
        tmp_path / "replies",
        contacts__1={"type": "list", "data": [contact], "pages": {"next": {"starting_after": "WzE"}}},
        contacts__2={"type": "list", "data": [contact | {"id": "c2", "email": None}], "pages": {"next": None}},
        contacts__tags__c1={"type": "list", "data": [{"id": "1", "name": "VIP"}]},
        contacts__companies__c1={"type": "list", "data": [{"id": "k1", "name": "Kranich"}]},
        contacts__segments__c1={"type": "list", "data": []},
        companies__1={"type": "list", "data": [{"type": "company", "id": "k1", "updated_at": 5}], "scroll_param": "s"},
        companies__2={"type": "list", "data": [], "scroll_param": "s"},
        conversations__1={"conversations": [test_definition_intercom.CONVERSATION], "pages": {}},
        conversations__parts__88={"conversation_parts": {"conversation_parts": test_definition_intercom.PARTS}},
    )  # fmt: skip
    rows = await keeps_the_contract(db, workspace, settings, _text("intercom"), folder, "Intercom")
    assert {"persona.identified", "company.identified", "ticket.opened", "ticket.solved", "ticket.reopened", "ticket.rated"} <= _kinds(rows)  # fmt: skip
    person = rows[0].events[0].person
    assert person is not None
    assert (person.traits["tags"], person.traits["segments"], person.traits["companies"]) == (["VIP"], [], ["Kranich"])
