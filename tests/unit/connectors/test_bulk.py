"""Salesforce Bulk 2.0: a job that is committed before it is waited for, and CSV pages by locator."""

import json

from honeyguide.connectors import bulk
from honeyguide.connectors.sync import sync_due, sync_now
from honeyguide.db import Database
from honeyguide.settings import Settings
from tests.unit.connectors.conftest import Connect
from tests.unit.connectors.seen import again, log_of, state_of
from tests.vendor import Vendor, found

TEXT = """
connector: force
label: Force
config: {base: {label: Address, required: true}}
auth: {kind: bearer, secret: token}
http: {base: "{config.base}", per_second: 2000}
streams:
  contacts:
    transport: bulk
    request: {path: "", sql: "SELECT Id, Email FROM Contact WHERE SystemModstamp >= {since}"}
    paging: {size: 10}
    id: Id
    version: SystemModstamp
    cursor: {field: SystemModstamp, as: iso, initial: "1970-01-01T00:00:00Z"}
    deleted: IsDeleted
maps:
  contacts:
    person: {id: Id, email: Email}
    company: {name: Account.Name}
    events: [{kind: persona.identified}]
"""


async def test_a_job_and_its_pages(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(*range(1, 26))
    acme.contacts["4"]["archived"] = True
    made = await connect(TEXT)
    await sync_now(db, workspace, made.source_id, settings)
    rows = await log_of(db, workspace)
    assert len(rows) == 25
    assert json.loads(rows[0]["body"]) == {
        "Id": "1", "Email": "p1@firm1.example", "IsDeleted": False, "SystemModstamp": "2026-03-01T10:00:00Z",
        "Account": {"Name": "Firm 1"},
    }  # fmt: skip
    assert rows[3]["message_id"].endswith(":deleted")
    assert acme.jobs["job1"]["query"] == {
        "operation": "queryAll", "query": "SELECT Id, Email FROM Contact WHERE SystemModstamp >= 1970-01-01T00:00:00Z",
    }  # fmt: skip
    state = await state_of(db, made)
    assert (state.problem, state.pass_total, state.rows) == ("", 25, 25)
    await again(db, made, settings)
    assert len(await log_of(db, workspace)) == 25
    assert acme.jobs["job2"]["query"]["query"].endswith("2026-03-01T09:58:00Z")


async def test_a_crash_goes_on_with_the_job_that_runs(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(*range(1, 26))
    made = await connect(TEXT)
    await sync_due(db, workspace, settings, pages=1)
    assert (await state_of(db, made)).position == {"job": "job1"}
    await sync_due(db, workspace, settings, pages=1)
    assert (await state_of(db, made)).position == {"job": "job1", "locator": "10", "total": 25}
    await sync_now(db, workspace, made.source_id, settings)
    assert list(acme.jobs) == ["job1"]
    assert len(await log_of(db, workspace)) == 25


async def test_a_failed_job_is_told_and_made_anew(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(1)
    acme.faults["/jobs/query/job1"].append(
        found({"id": "job1", "state": "Failed", "errorMessage": "No such column Emial"})
    )
    made = await connect(TEXT)
    await sync_due(db, workspace, settings)
    assert "No such column Emial" in (await state_of(db, made)).problem
    await again(db, made, settings)
    assert list(acme.jobs) == ["job1", "job2"]
    assert len(await log_of(db, workspace)) == 1


def test_csv_in_the_shape_of_the_api() -> None:
    made = json.loads(bulk.record_of({"Id": "1", "A.B.C": "x", "A.B.D": "", "Flag": "true", "Name": "True Ltd"}))
    assert made == {"Id": "1", "A": {"B": {"C": "x", "D": None}}, "Flag": True, "Name": "True Ltd"}
