"""Live events come first: lanes of the log, one cursor in each, one lease for all (C3, C4)."""

import asyncio
import itertools
import re
import sys
import uuid
from typing import Any

import asyncpg
import pytest

from honeyguide.core import clock
from honeyguide.db import Database, Tx, cursors
from honeyguide.db.cursors import HISTORICAL, LIVE, OVERFLOW
from honeyguide.db.migrate import migrate
from honeyguide.funnel import Lane

_INSERT = (
    "insert into event_log (workspace_id, event_id, source_id, format, kind, message_id, event_time, received_at, lane, body) "
    "values ($1, $2, 1, 'test', 'test', $3, $4, $4, $5, $6)"
)


async def _append(tx: Tx, name: str, lane: int = LIVE) -> None:
    await tx.run(_INSERT, tx.workspace_id, uuid.uuid4(), name, clock.now(), lane, name.encode())


async def _write(db: Database, workspace: int, names: list[str], lane: int = LIVE) -> None:
    async with db.tx(workspace) as tx:
        for name in names:
            await _append(tx, name, lane)


async def _next(db: Database, workspace: int, consumer: str, limit: int = 500, after: str | None = None) -> list[str]:
    async with cursors.batch(db, workspace, consumer, limit=limit, after=after) as batch:
        return [r["message_id"] for r in batch.rows] if batch else []


async def test_a_live_event_waits_for_one_batch_of_history_at_most(db: Database, workspace: int) -> None:
    await _write(db, workspace, [f"h{n}" for n in range(100)], HISTORICAL)
    assert await _next(db, workspace, "reader", 10) == [f"h{n}" for n in range(10)]
    async with cursors.batch(db, workspace, "reader", limit=10) as under_way:
        assert under_way is not None
        assert under_way.lane == HISTORICAL
        await _write(db, workspace, ["live"])  # arrives while history is being read
    assert await _next(db, workspace, "reader", 10) == ["live"]
    assert await _next(db, workspace, "reader", 10) == [f"h{n}" for n in range(20, 30)]


async def test_live_comes_before_overflow_before_history_and_nothing_twice(db: Database, workspace: int) -> None:
    await _write(db, workspace, ["h1", "h2"], HISTORICAL)
    await _write(db, workspace, ["o1", "o2"], OVERFLOW)
    await _write(db, workspace, ["l1", "l2"])
    read = [await _next(db, workspace, "reader", 2) for _ in range(4)]
    assert read == [["l1", "l2"], ["o1", "o2"], ["h1", "h2"], []]


@pytest.mark.parametrize("lane", [HISTORICAL, OVERFLOW])
async def test_a_live_lane_that_never_runs_dry_starves_no_other_lane(db: Database, workspace: int, lane: int) -> None:
    """A back-fill of 40 rows in batches of ten ends while live always has more; live keeps seven batches in eight."""
    await _write(db, workspace, [f"b{n}" for n in range(40)], lane)
    read: list[list[str]] = []
    for n in range(40):
        await _write(db, workspace, [f"l{n}-{k}" for k in range(20)])  # twice as many as a batch takes
        read.append(await _next(db, workspace, "reader", 10))
    of_the_backfill = [n for n, names in enumerate(read) if names[0].startswith("b")]
    assert [name for n in of_the_backfill for name in read[n]] == [f"b{n}" for n in range(40)]
    assert of_the_backfill[0] < 8
    assert {b - a for a, b in itertools.pairwise(of_the_backfill)} == {8}


async def test_both_lanes_behind_together_leave_live_three_batches_in_four(db: Database, workspace: int) -> None:
    await _write(db, workspace, [f"h{n}" for n in range(90)], HISTORICAL)
    await _write(db, workspace, [f"o{n}" for n in range(90)], OVERFLOW)
    await _write(db, workspace, [f"l{n}" for n in range(300)])
    read = [(await _next(db, workspace, "reader", 10))[0][0] for _ in range(32)]
    assert (read.count("l"), read.count("o"), read.count("h")) == (24, 4, 4)
    assert "oo" not in "".join(read)
    assert "hh" not in "".join(read)


async def test_a_turn_nobody_needs_is_not_lost(db: Database, workspace: int) -> None:
    await _write(db, workspace, [f"l{n}" for n in range(16)])
    assert [await _next(db, workspace, "reader", 1) for _ in range(17)] == [*([f"l{n}"] for n in range(16)), []]


async def test_the_consumer_behind_is_never_ahead_in_any_lane(db: Database, workspace: int) -> None:
    await _write(db, workspace, ["h1", "h2"], HISTORICAL)
    await _write(db, workspace, ["l1"])
    assert await _next(db, workspace, "second", after="first") == []
    assert await _next(db, workspace, "first") == ["l1"]
    assert await _next(db, workspace, "second", after="first") == ["l1"]
    assert await _next(db, workspace, "second", after="first") == []  # history has not been read by the first
    assert await _next(db, workspace, "first", 1) == ["h1"]
    await _write(db, workspace, ["l2"])  # further on in the log than h1, and not read by the first either
    assert await _next(db, workspace, "second", after="first") == ["h1"]
    assert await _next(db, workspace, "second", after="first") == []


async def test_three_writers_in_three_lanes_lose_nothing_and_keep_the_order_of_each_lane(
    db: Database, workspace: int
) -> None:
    """Short batches, long transactions that commit out of order: per lane the reading order is the commit order."""
    seen: list[tuple[int, int, int, str]] = []
    stop = asyncio.Event()
    numbers = itertools.count()

    async def write(writer: int) -> None:
        for n in range(30):
            async with db.tx(workspace) as tx:
                for lane in (LIVE, HISTORICAL, OVERFLOW):
                    await _append(tx, f"{next(numbers)}", lane)
                    await asyncio.sleep(0.001 * ((n + writer) % 3))

    async def read() -> None:
        while not stop.is_set():
            async with cursors.batch(db, workspace, "reader", limit=7) as batch:
                rows = batch.rows if batch else []
                seen.extend((r["lane"], int(r["at_xid"]), r["seq"], r["message_id"]) for r in rows)
            await asyncio.sleep(0.001)

    reader = asyncio.create_task(read())
    await asyncio.gather(*(write(w) for w in range(3)))
    for _ in range(200):
        async with db.tx(workspace) as tx:
            if not await cursors.lag(tx, "reader"):
                break
        await asyncio.sleep(0.02)
    stop.set()
    await reader
    assert sorted(int(name) for *_, name in seen) == list(range(270))
    for lane in (LIVE, HISTORICAL, OVERFLOW):
        places = [(xid, seq) for at, xid, seq, _ in seen if at == lane]
        assert places == sorted(places)
        assert len(places) == 90


async def test_lag_is_told_per_lane(db: Database, workspace: int) -> None:
    await _write(db, workspace, ["h1", "h2", "h3"], HISTORICAL)
    await _write(db, workspace, ["l1"])
    async with db.tx(workspace) as tx:
        assert await cursors.lags(tx, "reader") == {LIVE: 1, OVERFLOW: 0, HISTORICAL: 3}
    await _next(db, workspace, "reader")
    await _next(db, workspace, "reader", 1)
    async with db.tx(workspace) as tx:
        assert await cursors.lags(tx, "reader") == {LIVE: 0, OVERFLOW: 0, HISTORICAL: 2}
        assert await cursors.lag(tx, "reader") == 2


async def test_one_worker_at_a_time_whatever_the_lane(db: Database, workspace: int) -> None:
    """Two workers in two lanes at once would carry one subject's events side by side."""
    await _write(db, workspace, ["h1"], HISTORICAL)
    async with cursors.batch(db, workspace, "reader") as mine:
        assert mine is not None
        await _write(db, workspace, ["l1"])
        async with cursors.batch(db, workspace, "reader") as another:
            assert another is None
    assert await _next(db, workspace, "reader") == ["l1"]


_WORKER = """
import asyncio, sys
from honeyguide.db import Database, cursors

async def main():
    db = await Database.open(sys.argv[1])
    async with cursors.batch(db, int(sys.argv[2]), "shared", limit=2) as batch:
        await batch.tx.register("test", b"effect-of-a-killed-back-fill")
        print(batch.lane, len(batch.rows), flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_a_worker_killed_in_history_leaves_no_effect_and_the_next_one_begins_with_what_is_live(
    db: Database, dsn: str, workspace: int
) -> None:
    await _write(db, workspace, ["h1", "h2", "h3"], HISTORICAL)
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WORKER, dsn, str(workspace), stdout=asyncio.subprocess.PIPE
    )
    assert worker.stdout is not None
    assert await worker.stdout.readline() == b"1 2\n"
    await _write(db, workspace, ["live"])
    worker.kill()
    await worker.wait()
    seen: list[str] = []
    for _ in range(200):
        seen += await _next(db, workspace, "shared", 2)
        if len(seen) == 4:
            break
        await asyncio.sleep(0.02)
    assert seen == ["live", "h1", "h2", "h3"]
    assert await db.find("test", b"effect-of-a-killed-back-fill") is None


async def test_the_reading_order_has_its_index(db: Database, workspace: int) -> None:
    """A back-fill before the live rows costs the reader of the live lane nothing."""
    async with db.tx(workspace) as tx:
        await tx.run(
            "insert into event_log (workspace_id, event_id, source_id, format, kind, message_id, event_time, received_at, "
            "lane, body) select $1, gen_random_uuid(), 1, 'test', 'test', n::text, $2, $2, 1, '' "
            "from generate_series(1, 3000) as n",
            workspace, clock.now(),
        )  # fmt: skip
    await _write(db, workspace, ["live"])
    async with db.admin() as owner:
        await owner.execute("analyze event_log")
    async with db.tx(workspace) as tx:
        plan = await tx.rows(
            "explain (analyze, format text) " + cursors._READ.replace("$1", str(workspace)).replace("$2", "'0'")
            .replace("$3", "0").replace("$4", "500").replace("$5", "null").replace("$6", "0")
        )  # fmt: skip
    text = "\n".join(row[0] for row in plan)
    assert "Index Scan" in text
    assert all(int(n) < 100 for n in re.findall(r"Rows Removed by Filter: (\d+)", text)), text


async def test_an_older_database_keeps_its_place_in_every_lane_and_back(fresh_dsn: str) -> None:
    await migrate(fresh_dsn)
    await migrate(fresh_dsn, "0001")
    owner = await asyncpg.connect(fresh_dsn)
    try:
        await owner.execute(
            "insert into workspace (id, slug, name, currency, created_at) overriding system value "
            "values (1, 'old', 'Old', 'EUR', '2026-01-01'); "
            "insert into consumer_cursor (workspace_id, consumer, last_xid, last_seq, consumed) values (1, 'road', '77', 9, 40)"
        )
        await migrate(fresh_dsn)
        place = "select lane, last_xid::text as xid, last_seq from consumer_cursor order by lane"
        assert [tuple(r) for r in await owner.fetch(place)] == [(0, "77", 9), (1, "77", 9), (2, "77", 9)]
        await owner.execute("update consumer_cursor set last_xid = '99', last_seq = 20 where lane <> 1")
        await migrate(fresh_dsn, "0001")
        found: list[Any] = await owner.fetch("select last_xid::text as xid, last_seq from consumer_cursor")
        assert [tuple(r) for r in found] == [("77", 9)]  # of the lane that was read least: nothing is left out
    finally:
        await owner.close()


def test_the_lanes_are_those_of_the_funnel() -> None:
    assert {lane.code: lane.value for lane in Lane} == cursors.LANES
    with pytest.raises(ValueError, match="express"):
        Lane("express")
