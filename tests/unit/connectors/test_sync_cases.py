"""What a sync meets besides pages that go well: sub-requests, records that vanish, futures, pauses, defects, limits."""

import json
from typing import Any

import pytest

from honeyguide.connectors import sync
from honeyguide.connectors.sync import sync_due, sync_now
from honeyguide.core import clock
from honeyguide.db import Database
from honeyguide.funnel import connections
from honeyguide.settings import Settings
from tests.unit.connectors.conftest import Connect
from tests.unit.connectors.seen import again, log_of, state_of
from tests.vendor import DEFINITION, Vendor, refused

CHILDREN = DEFINITION.replace(
    "    deleted: archived\n",
    '    deleted: archived\n    children:\n      notes: {path: "/contacts/{id}/notes", records: data, when: "properties.name != \'Person 3\'"}\n',
)


async def test_children_are_merged_in_and_one_that_is_refused_costs_only_itself(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(1, 2, 3, weight=1.10)
    acme.notes = {"1": [{"id": "n1", "text": "Ünïcode"}], "2": [{"id": "n2"}]}
    acme.faults["/contacts/2/notes"].append(refused(404, "Gone."))
    found = await connect(CHILDREN)
    await sync_now(db, workspace, found.source_id, settings)
    bodies = {json.loads(r["body"])["id"]: bytes(r["body"]) for r in await log_of(db, workspace)}
    assert json.loads(bodies["1"])["notes"] == [{"id": "n1", "text": "Ünïcode"}]
    assert "notes" not in json.loads(bodies["2"])
    assert "notes" not in json.loads(bodies["3"])
    assert acme.paths("/contacts/3") == []


async def test_single_records_are_fetched_again_and_a_missing_one_is_gone(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(1, 2)
    found = await connect()
    await sync_now(db, workspace, found.source_id, settings)
    acme.add(1, at="2026-04-01T00:00:00Z")
    del acme.contacts["2"]
    async with db.tx(workspace) as tx:
        await connections.ask_refetch(tx, found.source_id, [("contacts", i) for i in ("1", "2", "1")] + [("none", "3")])
    await sync_now(db, workspace, found.source_id, settings)
    ids = [r["message_id"] for r in await log_of(db, workspace)][2:]
    assert ids[0] == "contacts:1:2026-04-01T00:00:00Z"
    assert ids[1].startswith("contacts:2:gone:")
    assert len(ids) == 2
    async with db.tx(workspace) as tx:
        assert await tx.value("select count(*) from connection_refetch where workspace_id = $1", workspace) == 0


async def test_a_record_from_the_future_hides_nothing(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(1)
    acme.add(2, at="2999-01-01T00:00:00Z")
    found = await connect()
    await sync_now(db, workspace, found.source_id, settings)
    since = (await state_of(db, found)).since
    assert since < "2900"
    acme.add(3, at=clock.now().isoformat().replace("+00:00", "Z"))
    await again(db, found, settings)
    assert any(r["message_id"].startswith("contacts:3:") for r in await log_of(db, workspace))


async def test_a_paused_connection_is_left_alone(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(1)
    found = await connect()
    async with db.tx(workspace) as tx:
        await connections.pause(tx, found.source_id)
    assert await sync_due(db, workspace, settings) == 0
    assert acme.asked == []
    async with db.tx(workspace) as tx:
        await connections.resume(tx, found.source_id)
    assert await sync_due(db, workspace, settings) == 1


async def test_a_defect_of_a_transport_does_not_end_the_others(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme.add(1)
    found = await connect()

    def broken(_: Any) -> Any:
        raise KeyError("defect")

    monkeypatch.setattr(sync, "transport_of", broken)
    await sync_due(db, workspace, settings)
    state = await state_of(db, found)
    assert "failed on our side" in state.problem


CAPPED = DEFINITION.replace(
    "{kind: cursor, next: paging.next.after, param: after}",
    "{kind: cursor, next: 'number_of(paging.next.after) < `40` && paging.next.after || null', param: after, "
    "capped: 'number_of(paging.next.after) >= `40`'}",
)


async def test_a_list_that_ends_at_a_limit_is_asked_for_again_from_there(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    """HubSpot's search shows 10,000 records at most: a backfill of more is one pass all the same."""
    for n in range(1, 131):
        acme.add(n, at=f"2026-03-01T{10 + n // 60:02}:{n % 60:02}:00Z")
    found = await connect(CAPPED)
    while await sync_due(db, workspace, settings, pages=1):
        pass
    rows = await log_of(db, workspace)
    assert len(rows) == 130
    assert {r["lane"] for r in rows} == {1}, "all of it is backfill"
    async with db.tx(workspace) as tx:
        assert len(await connections.runs(tx, found.source_id)) == 1
    await again(db, found, settings, full=True)
    assert len(await log_of(db, workspace)) == 130


async def test_a_limit_that_cannot_be_passed_is_said(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(*range(1, 131))
    found = await connect(CAPPED)
    await sync_now(db, workspace, found.source_id, settings)
    assert "ends at its limit" in (await state_of(db, found)).problem
