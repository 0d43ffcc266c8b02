"""The demo company's systems are fetched by the shipped connectors: everything once, again nothing new, and live by notices."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from honeyguide import demo
from honeyguide.app import demo_systems, road
from honeyguide.app.demo_keys import DemoKeys, keep_keys
from honeyguide.connectors.sync import sync_due, sync_now
from honeyguide.core import clock
from honeyguide.db import Database
from honeyguide.demo.event import HUBSPOT, PRODUCT, STRIPE, restamped
from honeyguide.demo.friends import draw_friends
from honeyguide.demo.sales import deal_events
from honeyguide.funnel import Committer, connections, signatures
from honeyguide.settings import Settings
from honeyguide.web.doors import Doors
from tests.unit.funnel.conftest import committer
from tests.unit.funnel.doors import call as post

__all__ = ["committer"]  # a fixture of the door's own tests
END = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)
NAMES = ("HubSpot", "Zendesk", "Stripe")
STREAMS = {"HubSpot": 6, "Zendesk": 5, "Stripe": 1}


class Tidewater(msgspec.Struct):
    """The vendors, and the connections to them."""

    office: demo.Office
    base: str
    keys: DemoKeys
    settings: Settings
    ids: dict[str, int]


@pytest.fixture
async def tidewater(db: Database, workspace: int, tmp_path: Path) -> AsyncIterator[Tidewater]:
    """A small Tidewater, its three systems connected as `up --demo` connects them."""
    keys, settings = DemoKeys({}, {}, {}), Settings.load({"HONEYGUIDE_DATA": str(tmp_path)})
    async with db.tx(workspace) as tx:
        await demo_systems.connect(tx, keys, settings)
        ids = {c.name: c.source_id for c in await connections.connections(tx)}
    keep_keys(settings, keys)
    office = demo.Office(keys.token)
    office.open_with(demo.generate(11, END, 0.03))
    async with demo.serving(office, keys.vendors_port) as base:
        yield Tidewater(office, base, keys, demo_systems.reachable(settings), ids)


async def logged(db: Database, workspace: int) -> tuple[int, int]:
    async with db.tx(workspace) as tx:
        row: Any = await tx.row(
            "select (select count(*) from event_log where workspace_id = $1) as rows, "
            "(select count(*) from dead_letter where workspace_id = $1) as dead", workspace)  # fmt: skip
    return row["rows"], row["dead"]


async def sync_all(db: Database, workspace: int, t: Tidewater, *, full: bool = False) -> None:
    for ident in t.ids.values():
        async with db.tx(workspace) as tx:
            await connections.request_sync(tx, ident, full=full)
        await sync_now(db, workspace, ident, t.settings, limit_s=60)


async def test_everything_is_fetched_once_and_the_second_sync_brings_nothing_new(
    db: Database, workspace: int, tidewater: Tidewater
) -> None:
    t = tidewater
    await sync_all(db, workspace, t)
    fetched, there = t.office.counts
    assert fetched == there > 300
    assert await logged(db, workspace) == (there, 0)
    await sync_all(db, workspace, t)
    await sync_all(db, workspace, t, full=True)
    assert await logged(db, workspace) == (there, 0)
    async with db.tx(workspace) as tx:
        for name, ident in t.ids.items():
            found = await connections.connection(tx, ident)
            assert (found.state, found.problem) == ("ok", ""), found.problem
            assert len([s for s in await connections.stream_states(tx, ident) if s.enabled and s.rows]) == STREAMS[name]
    await road.catch_up(db, workspace)
    assert (await logged(db, workspace))[1] == 0
    contacts = [r.body["properties"] | {"id": r.id} for r in t.office.hubspot.shelves["contacts"].records.values()]
    gone = [(c["id"], c["associatedcompanyid"]) for c in contacts if c.get("hs_lead_status") == demo.LEFT]
    assert len(gone) >= 3
    async with db.tx(workspace) as tx:
        kinds = Counter(
            {r["kind"]: r["n"] for r in await tx.rows(
                "select kind, count(*) as n from moment where workspace_id = $1 group by kind", workspace)}
        )  # fmt: skip
        jobs = await tx.rows(
            "select r.ext_id, w.valid_to from record r join record c on c.workspace_id = r.workspace_id and c.source = r.source "
            "and c.kind = 'company' and (r.ext_id, c.ext_id) in (select * from unnest($2::text[], $3::text[])) "
            "join edge_works_at w on w.workspace_id = r.workspace_id and w.src = r.entity_id and w.dst = c.entity_id "
            "where r.workspace_id = $1 and r.kind = 'persona'",
            workspace, [i for i, _ in gone], [c for _, c in gone],
        )  # fmt: skip
    assert kinds["support_success"] > 5
    assert kinds["purchase_euphoria"] > 5
    assert jobs
    assert all(job["valid_to"] is not None for job in jobs)


async def test_a_vendor_answers_only_who_knows_its_token(tidewater: Tidewater) -> None:
    async with httpx.AsyncClient(base_url=tidewater.base) as client:
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic !!"}):
            assert (await client.get("/stripe/v1/events", headers=headers)).status_code == 401
        known = {"authorization": f"Bearer {tidewater.keys.token}"}
        assert (await client.get("/stripe/v1/events", headers=known)).status_code == 200
        assert (await client.get("/stripe/v1/nothing", headers=known)).status_code == 404
        assert (await client.get("/nobody", headers=known)).status_code == 404
        bad = await client.post("/hubspot/crm/v3/objects/contacts/search", headers=known, content=b"{")
        assert bad.status_code == 400


async def test_a_signed_notice_makes_the_record_be_fetched_at_once(
    db: Database, workspace: int, tidewater: Tidewater, committer: Committer
) -> None:
    """What sales does with a friend: HubSpot tells that something changed, and the product fetches what."""
    t, public = tidewater, "http://localhost:8600"
    await sync_all(db, workspace, t)
    friend = next(f for f in draw_friends(11, set()) if f.fate == "won")
    body = msgspec.json.encode([n for n in map(t.office.take, deal_events(11, friend)) if n])
    door, path = Doors(db, committer, public), f"/hooks/{t.keys.write_keys['hubspot']}"
    forged = demo.headers_for(HUBSPOT, "another secret", body, clock.now(), public + path)
    assert (await post(door, path, body, forged)).status == 401
    assert await deals(db, workspace, friend.deal) == 0
    signed = demo.headers_for(HUBSPOT, t.keys.secrets["hubspot"], body, clock.now(), public + path)
    assert (await post(door, path, body, signed)).status == 200
    for _ in range(20):
        if not await sync_due(db, workspace, t.settings):
            break
    assert await deals(db, workspace, friend.deal) == 1
    await road.catch_up(db, workspace)
    assert (await logged(db, workspace))[1] == 0


async def deals(db: Database, workspace: int, ident: str) -> int:
    """How many versions of a deal, as fetched, are in the log."""
    async with db.tx(workspace) as tx:
        found = await tx.value(
            "select count(*) from event_log where workspace_id = $1 and format = 'record' and message_id like 'deals:' || $2 || ':%'",
            workspace, ident,
        )  # fmt: skip
    return int(found)


def test_what_the_vendors_sign_the_product_accepts() -> None:
    at, secret, address = clock.now(), "whsec_one", "http://localhost:8600/hooks/k"
    for door, kind in ((HUBSPOT, "hubspot"), (STRIPE, "stripe")):
        headers = demo.headers_for(door, secret, b"[]", at, address)
        signatures.verify_for(kind, secret, signatures.SignedRequest(headers, b"[]", "POST", address), at)


def test_live_events_reach_whom_they_concern() -> None:
    office = demo.Office("t")
    told = Counter[str]()
    for event in demo.generate(11, END, 0.03):
        moved = restamped(event, END + timedelta(days=1))
        notice = office.take(moved)
        told[event.door] += 1
        assert (notice is not None) <= (event.door == HUBSPOT)
    assert told[PRODUCT] > 100
    fetched, there = office.counts
    assert fetched == 0
    assert there > 300
