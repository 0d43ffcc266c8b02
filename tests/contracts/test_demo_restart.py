"""The demo's vendors after a restart: what they knew they know, and what was fetched before counts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from honeyguide import demo
from honeyguide.app import demo_systems
from honeyguide.app.demo_keys import DemoKeys, keep_keys, load_keys
from honeyguide.connectors.probe import Prober
from honeyguide.connectors.sync import sync_due, sync_now
from honeyguide.core import clock
from honeyguide.db import Database
from honeyguide.demo.event import PRODUCT, DemoEvent, restamped
from honeyguide.demo.vendors import Diary
from honeyguide.demo.vendors.books import Shelf
from honeyguide.funnel import connections
from honeyguide.settings import Settings

END = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)
SEED, SCALE = 11, 0.03
Opened = Callable[[], demo.Office]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a demo in a folder of its own."""
    return Settings.load({"HONEYGUIDE_DATA": str(tmp_path)})


@pytest.fixture
async def keys(db: Database, workspace: int, settings: Settings) -> DemoKeys:
    """A demo whose three systems are connected."""
    made = DemoKeys({}, {}, {})
    async with db.tx(workspace) as tx:
        await demo_systems.connect(tx, made, settings)
    keep_keys(settings, made)
    return made


@pytest.fixture
def start(keys: DemoKeys, tmp_path: Path) -> Opened:
    """The vendors as a start of the demo finds them."""

    def opened() -> demo.Office:
        office = demo.Office(keys.token)
        office.open_with(demo.generate(SEED, END, SCALE), Diary(tmp_path))
        return office

    return opened


def shown(office: demo.Office) -> dict[tuple[str, str], Any]:
    """Every record of every vendor."""
    shelves = {**office.hubspot.shelves, **office.zendesk.shelves, **office.stripe.shelves}
    return {(name, r.id): r.body for name, shelf in shelves.items() for r in shelf.records.values()}


def going_on(many: int, after: int = 0) -> list[DemoEvent]:
    """What the vendors hear after history, a second apart, the last of it now."""
    told = (e for e in demo.continue_story(SEED, END, SCALE) if e.door != PRODUCT)
    now = clock.now()
    found = list(islice(told, after, after + many))
    return [restamped(e, now - timedelta(seconds=len(found) - n)) for n, e in enumerate(found)]


async def logged(db: Database, workspace: int) -> tuple[int, int]:
    async with db.tx(workspace) as tx:
        row: Any = await tx.row(
            "select (select count(*) from event_log where workspace_id = $1) as rows, "
            "(select count(*) from dead_letter where workspace_id = $1) as dead", workspace)  # fmt: skip
    return row["rows"], row["dead"]


async def sync_all(db: Database, workspace: int, settings: Settings, *, full: bool = False) -> None:
    async with db.tx(workspace) as tx:
        known = await connections.connections(tx)
    for one in known:
        async with db.tx(workspace) as tx:
            await connections.request_sync(tx, one.source_id, full=full)
        await sync_now(db, workspace, one.source_id, settings, limit_s=60)


@pytest.mark.parametrize("pages", [1, 7, 40])
async def test_a_first_fetch_that_was_broken_off_comes_to_its_end_after_a_restart(
    db: Database, workspace: int, settings: Settings, keys: DemoKeys, start: Opened, pages: int
) -> None:
    """However far it was: the new vendors must see that nothing is missing, or the demo would wait for ever."""
    reach = demo_systems.reachable(settings)
    first = start()
    async with demo.serving(first, keys.vendors_port):
        for _ in range(3):
            await sync_due(db, workspace, reach, pages=pages)
        assert first.counts[0] > 0
    second = start()
    assert second.counts[0] == 0
    async with demo.serving(second, keys.vendors_port):
        async with db.tx(workspace) as tx:
            await demo_systems.resume(tx, keys, settings)
        for _ in range(60):
            if not await sync_due(db, workspace, reach):
                break
        fetched, there = second.counts
        assert fetched == there
    assert await logged(db, workspace) == (there, 0)


async def test_a_restarted_vendor_shows_what_it_showed(
    db: Database, workspace: int, settings: Settings, keys: DemoKeys, start: Opened
) -> None:
    reach = demo_systems.reachable(settings)
    first = start()
    history = set(shown(first))
    for event in going_on(60):
        first.take(event)
    assert set(shown(first)) - history, "the story brings records that history does not have"
    async with demo.serving(first, keys.vendors_port):
        await sync_all(db, workspace, reach)
    before = await logged(db, workspace)
    second = start()
    assert shown(second) == shown(first)
    async with demo.serving(second, keys.vendors_port):
        await sync_all(db, workspace, reach, full=True)
        assert await logged(db, workspace) == before, "reading it whole again brings nothing new"
        for event in going_on(60, 60):
            second.take(event)
    third = start()
    assert shown(third) == shown(second)


async def test_what_happens_later_never_takes_the_number_of_what_happened_before(start: Opened, tmp_path: Path) -> None:
    """Even where the diary was lost."""
    first = start()
    for event in going_on(80):
        first.take(event)
    (tmp_path / "demo-vendors.jsonl").unlink()
    second = start()
    for event in going_on(80, 80):
        second.take(event)
    numbered = ("ticket_events", "satisfaction_ratings")
    old, new = shown(first), shown(second)
    both = [k for k in old.keys() & new.keys() if k[0] in numbered]
    assert len(new.keys() - old.keys()) > 5
    assert all(old[k]["ticket_id"] == new[k]["ticket_id"] for k in both)


async def test_the_demo_s_connections_can_be_tested_and_previewed(
    db: Database, workspace: int, settings: Settings, keys: DemoKeys, start: Opened
) -> None:
    reach = demo_systems.reachable(settings)
    async with db.tx(workspace) as tx:
        known = await connections.connections(tx)
    async with demo.serving(start(), keys.vendors_port):
        for one in known:
            assert (await Prober(db, reach).test(one)).ok
            assert (await Prober(db, reach).preview(one, one.streams[0], 2)).rows
            assert not (await Prober(db, settings).test(one)).ok, "no other address of this machine is open"


async def test_a_demo_from_before_it_had_vendors_gets_its_connections(
    db: Database, workspace: int, settings: Settings
) -> None:
    old = DemoKeys({"product": "k"}, {}, {})
    keep_keys(settings, old)
    async with db.tx(workspace) as tx:
        await demo_systems.resume(tx, old, settings)
        assert len(await connections.connections(tx)) == 3
    kept = load_keys(settings)
    assert kept.token
    assert kept.vendors_port
    assert kept.write_keys.keys() == {"product", "hubspot", "zendesk", "stripe"}


def test_a_diary_passes_over_what_a_kill_tore_and_stays_small(tmp_path: Path) -> None:
    diary, told = Diary(tmp_path, kept=5), going_on(9)
    assert list(diary.read()) == []
    for event in told[:8]:
        diary.write(event)
    path = tmp_path / "demo-vendors.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    assert list(diary.read()) == told[2:7]
    diary.write(told[8])
    assert list(Diary(tmp_path, kept=5).read()) == [*told[3:7], told[8]]
    diary.forget()
    assert list(diary.read()) == []


def test_who_asks_from_a_place_on_has_what_comes_before() -> None:
    shelf = Shelf()
    for n in range(10):
        shelf.put(f"r{n}", 100 + n, {})
    assert shelf.unseen == 10
    assert [r.id for r in shelf.page(104, 2, 2).records] == ["r6", "r7"]
    assert shelf.seen == {f"r{n}" for n in range(8)}
    assert [r.id for r in shelf.asked(108, newest_first=True)] == ["r9", "r8"]
    assert shelf.unseen == 2
