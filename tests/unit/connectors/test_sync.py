"""A stream is read to its end once, then only what is new; a crash, a failure or a second worker changes nothing."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from honeyguide.connectors import landing
from honeyguide.connectors.sync import sync_due, sync_now
from honeyguide.core import clock
from honeyguide.core.ids import new_id
from honeyguide.db import Database
from honeyguide.funnel import connection_tables as tables
from honeyguide.funnel import connections, decode, load_sources
from honeyguide.settings import Settings
from tests.unit.connectors.conftest import Connect
from tests.unit.connectors.seen import again, log_of, state_of
from tests.vendor import Vendor, refused


async def test_the_first_sync_is_a_backfill_and_the_second_brings_nothing_new(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(*range(1, 36))
    found = await connect()
    assert await sync_now(db, workspace, found.source_id, settings) == 35
    rows = await log_of(db, workspace)
    assert len(rows) == 35
    assert {r["format"] for r in rows} == {"record"}
    assert {r["lane"] for r in rows} == {1}, "a first sync waits behind what is live"
    assert rows[0]["message_id"] == "contacts:1:2026-03-01T10:00:00Z"
    assert json.loads(rows[0]["body"]) == acme.contacts["1"]
    state = await state_of(db, found)
    assert (state.lane, state.rows, state.position) == ("live", 35, None)

    asked = len(acme.asked)
    await again(db, found, settings)
    assert len(await log_of(db, workspace)) == 35
    assert acme.asked[asked][2]["updatedAfter"] == "2026-03-01T09:58:00Z", "the overlap is asked for again"
    async with db.tx(workspace) as tx:
        runs = await connections.runs(tx, found.source_id, 5)
        assert [(r.lane, r.rows, r.new, r.duplicates) for r in runs] == [("live", 35, 0, 35), ("historical", 35, 35, 0)]
        assert runs[1].requests == 4
        assert runs[1].bytes > 3_000
        assert (await connections.connection(tx, found.source_id)).state == "ok"

    acme.add(1, 99, at="2026-03-02T08:00:00Z")
    await again(db, found, settings)
    news = (await log_of(db, workspace))[35:]
    assert sorted(r["message_id"] for r in news) == [
        "contacts:1:2026-03-02T08:00:00Z",
        "contacts:99:2026-03-02T08:00:00Z",
    ]
    assert {r["lane"] for r in news} == {0}
    assert news[0]["event_time"] == datetime(2026, 3, 2, 8, tzinfo=UTC)


async def test_what_was_synced_decodes_to_people(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(7)
    found = await connect()
    await sync_now(db, workspace, found.source_id, settings)
    async with db.tx(workspace) as tx:
        source = (await load_sources(tx))[found.source_id]
    (row,) = await log_of(db, workspace)
    (event,) = decode(row, source)
    assert event.kind == "persona.identified"
    assert event.person is not None
    assert event.person.traits["email"] == "p7@firm0.example"


async def test_a_slice_ends_and_the_next_worker_goes_on_where_it_was(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(*range(1, 46))
    found = await connect()
    assert await sync_due(db, workspace, settings, pages=2) == 20
    state = await state_of(db, found)
    assert (state.position, state.pass_rows, state.pass_total) == ({"cursor": "20"}, 20, 45)
    asked = len(acme.asked)
    while await sync_due(db, workspace, settings, pages=1):
        pass
    assert [q.get("after") for _, _, q, _ in acme.asked[asked:]] == ["20", "30", "40"], "nothing is asked twice"
    assert len(await log_of(db, workspace)) == 45


async def test_two_workers_never_serve_one_connection(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(*range(1, 31))
    acme.pause_s = 0.05
    await connect()
    moved = await asyncio.gather(*(sync_due(db, workspace, settings) for _ in range(4)))
    assert sorted(moved) == [0, 0, 0, 30]
    assert len(await log_of(db, workspace)) == 30
    assert len(acme.paths("/contacts")) == 3


async def test_a_worker_that_lost_its_lease_commits_nothing(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme.add(1, 2, 3)
    found = await connect()
    land = landing.Landing.land

    async def stolen(self: landing.Landing, tx: Any, page: Any, cost: Any) -> int:
        async with db.tx(workspace) as other:
            await other.run("update connection set lease = $2 where workspace_id = $1", workspace, new_id())
        return await land(self, tx, page, cost)

    monkeypatch.setattr(landing.Landing, "land", stolen)
    await sync_due(db, workspace, settings)
    assert await log_of(db, workspace) == []
    state = await state_of(db, found)
    assert (state.rows, state.position, state.problem) == (0, None, "")


async def test_a_dead_workers_lease_ends_by_itself(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(1)
    await connect()
    now = clock.now()
    async with db.tx(workspace) as tx:
        assert await tables.claim(tx, now, new_id(), now + timedelta(seconds=60)) is not None
    assert await sync_due(db, workspace, settings) == 0
    async with db.tx(workspace) as tx:
        await tx.run(
            "update connection set leased_until = $2 where workspace_id = $1", workspace, now - timedelta(seconds=1)
        )
    assert await sync_due(db, workspace, settings) == 1


async def test_a_small_connection_is_not_starved_by_a_large_backfill(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(*range(1, 101))
    large, small = await connect(), await connect(name="Small")
    served = []
    for _ in range(4):
        await sync_due(db, workspace, settings, pages=1)
        served.append([(await state_of(db, c)).pass_rows for c in (large, small)])
    assert served == [[10, 0], [10, 10], [20, 10], [20, 20]]


async def test_a_failing_stream_backs_off_and_recovers(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(*range(1, 16))
    found = await connect()
    acme.faults["/contacts"].extend(
        [None, refused(400, "The filter is malformed."), refused(400, "The filter is malformed.")]
    )
    acme.faults["/contacts"].popleft()
    await sync_due(db, workspace, settings)
    state = await state_of(db, found)
    assert "does not accept the request for /contacts (400)" in state.problem
    assert "The filter is malformed." in state.problem
    assert state.advice
    assert state.next_due_at > clock.now() + timedelta(seconds=10)
    assert await sync_due(db, workspace, settings) == 0, "it waits"
    await again(db, found, settings)
    second = await state_of(db, found)
    assert second.failures == 2
    async with db.tx(workspace) as tx:
        assert (await connections.connection(tx, found.source_id)).state == "failing"
    await again(db, found, settings)
    async with db.tx(workspace) as tx:
        now = await connections.connection(tx, found.source_id)
    assert (now.state, now.problem) == ("ok", "")
    assert len(await log_of(db, workspace)) == 15


async def test_a_refused_token_asks_for_credentials_and_waits_for_them(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(1)
    found = await connect(secrets={"token": "old"})
    await sync_due(db, workspace, settings)
    async with db.tx(workspace) as tx:
        now = await connections.connection(tx, found.source_id)
    assert now.state == "needs_auth"
    assert "Acme CRM refused the token (401)" in now.problem
    asked = len(acme.asked)
    assert await sync_due(db, workspace, settings) == 0
    assert len(acme.asked) == asked, "a refused token is not tried again and again"
    async with db.tx(workspace) as tx:
        await connections.change_connection(tx, found.source_id, secrets={"token": "t0"}, vault=sync_vault(settings))
    assert await sync_due(db, workspace, settings) == 1
    assert len(await log_of(db, workspace)) == 1


def sync_vault(settings: Settings) -> Any:
    from honeyguide.funnel.vault import Vault  # noqa: PLC0415

    return Vault.of(settings)


async def test_a_position_the_vendor_forgot_starts_the_pass_again_without_doubling(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(*range(1, 31))
    found = await connect()
    await sync_due(db, workspace, settings, pages=1)
    acme.faults["/contacts"].append(refused(410, "The cursor has expired."))
    await again(db, found, settings)
    await again(db, found, settings)
    assert len(await log_of(db, workspace)) == 30
    assert (await state_of(db, found)).problem == ""


async def test_a_record_that_is_none_is_put_aside_once_and_the_stream_goes_on(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(1, 2)
    page = {"results": ["not a contact", acme.contacts["1"], 7, acme.contacts["2"]], "paging": {}}
    for _ in range(2):
        acme.faults["/contacts"].append((200, {}, json.dumps(page).encode()))
    found = await connect()
    await again(db, found, settings)
    await again(db, found, settings)
    assert len(await log_of(db, workspace)) == 2
    async with db.tx(workspace) as tx:
        letters = await tx.rows(
            "select stage, reason, body from dead_letter where workspace_id = $1 order by id", workspace
        )
        run = (await connections.runs(tx, found.source_id))[1]
    assert [(r["stage"], r["reason"], bytes(r["body"])) for r in letters] == [
        ("sync", "not_an_object", b'"not a contact"'), ("sync", "not_an_object", b"7"),
    ]  # fmt: skip
    assert (run.rows, run.new, run.dead) == (4, 2, 2)


async def test_records_that_vanish_are_told_and_their_return_too(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(*range(1, 26))
    found = await connect()
    await sync_now(db, workspace, found.source_id, settings)
    kept = acme.contacts.pop("3")
    await again(db, found, settings)
    assert len(await log_of(db, workspace)) == 25, "an incremental sync says nothing about what it does not show"
    await again(db, found, settings, full=True)
    rows = await log_of(db, workspace)
    assert [r["message_id"] for r in rows[25:]] == ["contacts:3:gone:3"]
    assert json.loads(rows[25]["body"]) == {"_gone": True, "id": "3", "archived": True}
    async with db.tx(workspace) as tx:
        source = (await load_sources(tx))[found.source_id]
    (gone,) = decode(rows[25], source)
    assert gone.kind == "record.deleted"
    acme.contacts["3"] = kept
    await again(db, found, settings, full=True)
    await again(db, found, settings, full=True)
    rows = await log_of(db, workspace)
    assert [r["message_id"] for r in rows[26:]] == ["contacts:3:2026-03-01T10:00:00Z:back:4"]
    (back,) = decode(rows[26], source)
    assert back.kind == "persona.identified"


async def test_what_the_vendor_calls_deleted_is_no_second_tombstone(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(1, 2)
    found = await connect()
    await sync_now(db, workspace, found.source_id, settings)
    acme.add(2, at="2026-03-05T00:00:00Z")
    acme.contacts["2"]["archived"] = True
    await again(db, found, settings)
    del acme.contacts["2"]
    await again(db, found, settings, full=True)
    assert [r["message_id"] for r in await log_of(db, workspace)][2:] == ["contacts:2:2026-03-05T00:00:00Z:deleted"]


async def test_a_full_sync_asked_for_while_one_runs_is_not_forgotten(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(*range(1, 31))
    found = await connect()
    await sync_due(db, workspace, settings, pages=1)
    async with db.tx(workspace) as tx:
        await connections.request_sync(tx, found.source_id, "contacts", full=True)
    await sync_now(db, workspace, found.source_id, settings)
    async with db.tx(workspace) as tx:
        runs = await connections.runs(tx, found.source_id)
    assert [(r.lane, r.rows, r.new) for r in runs] == [("historical", 30, 0), ("historical", 30, 30)]
