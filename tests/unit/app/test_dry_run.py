"""A dry run says what a replay would change, exactly, and touches nothing (C8)."""

from datetime import timedelta
from typing import Any

import pytest

from honeyguide import funnel, moments
from honeyguide.app import dry_run, replay_runs, road
from honeyguide.app.replay import digests, replay
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import Database
from honeyguide.funnel.sources import change_settings
from tests.unit.funnel.carrying import NOW, count, product, send, track

ME = "ana@acme.example"
DEFINITION: dict[str, Any] = {
    "connector": "acme", "label": "Acme", "streams": {"people": {"id": "id"}},
    "maps": {
        "people": {
            "time": "at", "person": {"id": "id", "email": "mail", "traits": {"title": "job"}},
            "events": [{"kind": "persona.identified"}],
        }
    },
}  # fmt: skip


def _person(n: int) -> dict[str, Any]:
    return {"type": "people", "messageId": f"people:{n}", "id": n, "mail": f"p{n}@acme.example", "at": "2026-01-01T00:00:00Z",
            "job": "Engineer", "role": "Head of Support"}  # fmt: skip


async def _acme(db: Database, workspace: int, n: int = 6) -> funnel.Source:
    source = await product(db, workspace, "acme", "webhook")
    async with db.tx(workspace) as tx:
        await change_settings(tx, source, {"definition": DEFINITION})
    await send(db, workspace, source, *[_person(i) for i in range(n)], form="record")
    await road.catch_up(db, workspace)
    return source


async def _remap(db: Database, workspace: int, source: funnel.Source, title: str) -> None:
    maps = {
        "people": {**DEFINITION["maps"]["people"], "person": {"id": "id", "email": "mail", "traits": {"title": title}}}
    }
    async with db.tx(workspace) as tx:
        await change_settings(tx, source, {"definition": {**DEFINITION, "maps": maps}})


async def _run(db: Database, workspace: int, **asked: Any) -> funnel.ReplayRun:
    async with db.tx(workspace) as tx:
        found = await funnel.start_replay(tx, ME, dry=True, **asked)
    return await _finish(db, workspace, found)


async def _finish(db: Database, workspace: int, run: funnel.ReplayRun) -> funnel.ReplayRun:
    for _ in range(200):
        await replay_runs.step(db, workspace, run.id)
        async with db.tx(workspace) as tx:
            run = await funnel.replay_run(tx, run.id)
        if run.finished:
            return run
    pytest.fail("the dry run does not end")


async def _everything(db: Database, workspace: int) -> Any:
    async with db.tx(workspace) as tx:
        return await digests(tx)


async def test_with_the_same_mapping_nothing_would_change(db: Database, workspace: int) -> None:
    await _acme(db, workspace)
    source = await product(db, workspace)
    await send(
        db, workspace, source, *[track(f"m{n}", feature=f"f{n % 4}", who=f"p{n % 3}") for n in range(40)], b"{broken"
    )
    await road.catch_up(db, workspace)
    before = await _everything(db, workspace)
    found = await _run(db, workspace)
    assert (found.state, found.n, found.total, found.differently) == ("done", 47, 47, 0)
    assert all(not n["changed"] and not n["added"] and not n["removed"] for n in found.changes.values()), found.changes
    assert found.changes["record"]["same"] > 6
    assert found.sample == []
    assert await _everything(db, workspace) == before


async def test_what_time_alone_made_is_no_change(db: Database, workspace: int) -> None:
    await _acme(db, workspace)
    async with db.tx(workspace) as tx:
        await moments.day(tx, NOW + timedelta(days=3))
    before = await _everything(db, workspace)
    found = await _run(db, workspace)
    assert found.state == "done", found
    assert all(not n["changed"] and not n["added"] and not n["removed"] for n in found.changes.values()), found.changes
    assert await _everything(db, workspace) == before


async def test_what_it_says_is_what_a_replay_does(db: Database, workspace: int) -> None:
    source = await _acme(db, workspace)
    await _remap(db, workspace, source, "role")
    before = await _everything(db, workspace)
    found = await _run(db, workspace)
    assert found.differently == 6
    assert found.changes["record"] == {"same": 1, "changed": 6, "added": 0, "removed": 0}  # the company stays
    decoded = next(s for s in found.sample if s["table"] == "event")
    assert decoded["before"][0]["person"]["traits"]["title"] == "Engineer"
    assert decoded["after"][0]["person"]["traits"]["title"] == "Head of Support"
    row = next(s for s in found.sample if s["table"] == "record")
    assert "Engineer" in str(row["before"])
    assert "Head of Support" in str(row["after"])
    assert await _everything(db, workspace) == before  # nothing was touched
    done = await replay(db, workspace)
    moved = {t for t in done.before if done.before[t] != done.after[t]}
    assert moved == {t for t, n in found.changes.items() if n["changed"] or n["added"] or n["removed"]}
    again = await _run(db, workspace)
    assert again.differently == 0
    assert all(n["changed"] + n["added"] + n["removed"] == 0 for n in again.changes.values())


async def test_a_part_of_the_log_is_read_anew_and_the_rest_as_it_was(db: Database, workspace: int) -> None:
    source = await _acme(db, workspace, 2)
    await send(db, workspace, source, _person(7), form="record", after_s=3_600)
    await road.catch_up(db, workspace)
    await _remap(db, workspace, source, "role")
    late = await _run(db, workspace, start=NOW + timedelta(minutes=30))
    assert (late.n, late.differently) == (1, 1)
    assert late.changes["record"] == {"same": 3, "changed": 1, "added": 0, "removed": 0}
    other = await product(db, workspace, "other")
    assert (await _run(db, workspace, source_id=other.id)).n == 0
    mine = await _run(db, workspace, source_id=source.id, end=NOW)
    assert (mine.n, mine.changes["record"]["changed"]) == (2, 2)
    async with db.tx(workspace) as tx:
        with pytest.raises(NotFound):
            await funnel.start_replay(tx, ME, dry=True, source_id=source.id + 1_000)
        with pytest.raises(BadInput):
            await funnel.start_replay(tx, ME, dry=True, start=NOW, end=NOW - timedelta(days=1))
        with pytest.raises(BadInput):
            await funnel.start_replay(tx, ME, dry=False, source_id=source.id)


async def test_it_is_resumed_and_leaves_nothing_behind(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await _acme(db, workspace, 30)
    await _remap(db, workspace, source, "role")
    monkeypatch.setattr(dry_run, "BATCH", 4)
    travel, calls = road.travel, 0

    async def dies(tx: Any, events: Any) -> None:
        nonlocal calls
        calls += 1
        await travel(tx, events)
        if calls in (2, 5):
            raise KeyboardInterrupt

    monkeypatch.setattr(road, "travel", dies)
    async with db.tx(workspace) as tx:
        run = await funnel.start_replay(tx, ME, dry=True)
    deaths = 0
    for _ in range(60):
        try:
            await replay_runs.step(db, workspace, run.id)
        except KeyboardInterrupt:
            deaths += 1
        async with db.tx(workspace) as tx:
            run = await funnel.replay_run(tx, run.id)
        if run.finished:
            break
    assert (deaths, run.state, run.n, run.differently) == (2, "done", 30, 30)
    assert run.changes["record"]["changed"] == 30
    for table in ("record", "identifier", "node", "edge", "assertion", "replay_place", "shape", "dead_letter"):
        assert await count(db, run.scratch, table) == 0


async def test_the_road_goes_on_meanwhile_and_what_it_adds_is_no_difference(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await _acme(db, workspace, 20)
    monkeypatch.setattr(dry_run, "BATCH", 5)
    async with db.tx(workspace) as tx:
        run = await funnel.start_replay(tx, ME, dry=True)
    for n in range(200):
        await replay_runs.step(db, workspace, run.id)
        if n < 8:
            await send(db, workspace, source, _person(100 + n), form="record", after_s=n)
            await road.catch_up(db, workspace)
        async with db.tx(workspace) as tx:
            run = await funnel.replay_run(tx, run.id)
        if run.finished:
            break
    assert run.state == "done"
    assert all(n["changed"] + n["added"] + n["removed"] == 0 for n in run.changes.values()), run.changes


async def test_a_replay_in_earnest_is_a_run_too(db: Database, workspace: int) -> None:
    source = await _acme(db, workspace)
    async with db.tx(workspace) as tx:
        run = await funnel.start_replay(tx, ME, dry=False)
    same = await _finish(db, workspace, run)
    assert all(n["changed"] + n["added"] + n["removed"] == 0 for n in same.changes.values()), same.changes
    await _remap(db, workspace, source, "role")
    async with db.tx(workspace) as tx:
        run = await funnel.start_replay(tx, ME, dry=False)
    changed = await _finish(db, workspace, run)
    assert changed.changes["record"]["changed"] == 7  # a digest tells of the table, not of its rows
    assert clock.now() >= changed.updated_at
