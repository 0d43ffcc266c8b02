"""Readers of the log see every row once, in commit order, and move only with their effects (C3, C4)."""

import asyncio
import sys
import uuid
from datetime import UTC, datetime

import pytest

from honeyguide.core import clock
from honeyguide.db import Database, Tx, cursors

_INSERT = (
    "insert into event_log (workspace_id, event_id, source_id, format, kind, message_id, event_time, received_at, body) "
    "values ($1, $2, 1, 'test', 'test', $3, $4, $4, $5)"
)


async def _append(tx: Tx, name: str) -> None:
    await tx.run(_INSERT, tx.workspace_id, uuid.uuid4(), name, clock.now(), name.encode())


async def _read_all(db: Database, workspace: int, consumer: str) -> list[str]:
    seen: list[str] = []
    while True:
        async with cursors.batch(db, workspace, consumer, limit=50) as batch:
            if batch is None:
                return seen
            seen += [r["message_id"] for r in batch.rows]


async def test_a_reader_beside_three_writers_misses_nothing(db: Database, workspace: int) -> None:
    written: list[str] = []

    async def write(writer: int) -> None:
        for n in range(40):
            async with db.tx(workspace) as tx:
                await _append(tx, f"{writer}-{n}-a")
                await asyncio.sleep(0.002 * ((n + writer) % 3))
                await _append(tx, f"{writer}-{n}-b")
            written.extend([f"{writer}-{n}-a", f"{writer}-{n}-b"])

    seen: list[str] = []
    stop = asyncio.Event()

    async def read() -> None:
        while not stop.is_set():
            seen.extend(await _read_all(db, workspace, "reader"))
            await asyncio.sleep(0.001)

    reader = asyncio.create_task(read())
    await asyncio.gather(*(write(w) for w in range(3)))
    stop.set()
    await reader
    seen += await _read_all(db, workspace, "reader")
    assert sorted(seen) == sorted(written)


async def test_a_reader_by_sequence_alone_would_have_missed_rows(db: Database, workspace: int) -> None:
    """The trap the cursor avoids is real here: the later sequence number commits first."""
    first_written, second_committed = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with db.tx(workspace) as tx:
            await _append(tx, "slow")
            first_written.set()
            await second_committed.wait()

    task = asyncio.create_task(slow())
    await first_written.wait()
    async with db.tx(workspace) as tx:
        await _append(tx, "fast")
    async with db.tx(workspace) as tx:
        last = await tx.value("select max(seq) from event_log where workspace_id = $1", workspace)
    ours = await _read_all(db, workspace, "ours")
    second_committed.set()
    await task
    async with db.tx(workspace) as tx:
        naive = await tx.rows("select message_id from event_log where workspace_id = $1 and seq > $2", workspace, last)
    assert naive == []  # a `seq > last` reader never sees "slow" again
    assert ours + await _read_all(db, workspace, "ours") == ["slow", "fast"]


async def test_transaction_numbers_are_ordered_as_numbers(db: Database, workspace: int) -> None:
    """9 comes before 10: a reader that orders them as text jumps over rows at every power of ten."""
    async with db.tx(workspace) as tx:
        for xid in ("100", "9", "11", "99", "10", "101"):
            await tx.run(_INSERT.replace("body)", "body, xid)").replace("$5)", "$5, $6::text::xid8)"),
                         workspace, uuid.uuid4(), xid, clock.now(), b"", xid)  # fmt: skip
    seen: list[str] = []
    for _ in range(6):
        async with cursors.batch(db, workspace, "by-ones", limit=1) as batch:
            assert batch is not None
            seen += [r["message_id"] for r in batch.rows]
    assert seen == ["9", "10", "11", "99", "100", "101"]


async def test_effects_and_cursor_are_one(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _append(tx, "one")

    async def fail() -> None:
        async with cursors.batch(db, workspace, "fails") as batch:
            assert batch is not None
            await batch.tx.register("test", b"effect-of-a-failed-batch")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await db.find("test", b"effect-of-a-failed-batch") is None
    assert await _read_all(db, workspace, "fails") == ["one"]


_WORKER = """
import asyncio, sys
from honeyguide.db import Database, cursors

async def main():
    db = await Database.open(sys.argv[1])
    async with cursors.batch(db, int(sys.argv[2]), "shared") as batch:
        await batch.tx.register("test", b"effect-of-a-killed-worker")
        print(len(batch.rows), flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_a_killed_worker_is_taken_over_and_its_effects_never_were(db: Database, dsn: str, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _append(tx, "one")
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WORKER, dsn, str(workspace), stdout=asyncio.subprocess.PIPE
    )
    assert worker.stdout is not None
    assert await worker.stdout.readline() == b"1\n"
    async with cursors.batch(db, workspace, "shared") as held_elsewhere:
        assert held_elsewhere is None
    worker.kill()
    await worker.wait()
    for _ in range(200):
        async with cursors.batch(db, workspace, "shared") as taken_over:
            if taken_over is not None:
                assert [r["message_id"] for r in taken_over.rows] == ["one"]
                break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("the killed worker's cursor was not taken over")
    assert await db.find("test", b"effect-of-a-killed-worker") is None


async def test_after_keeps_behind_another_consumer(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _append(tx, "one")
    async with cursors.batch(db, workspace, "second", after="first") as batch:
        assert batch is None
    assert await _read_all(db, workspace, "first") == ["one"]
    async with cursors.batch(db, workspace, "second", after="first") as batch:
        assert batch is not None
        assert batch.rows[0]["event_time"] <= datetime.now(UTC)
