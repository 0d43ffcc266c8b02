"""Several processes write into one workspace: order holds, no reader skips a row, and too much is told to come back."""

import asyncio
import base64
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from benchmarks.fleet import Caller, Fleet, NotSent, Unsure
from msgspec import Struct, field

from honeyguide.db import cursors
from honeyguide.funnel import source_totals

pytestmark = pytest.mark.crash
RECORDS, EACH = 18, 60
QUEUE_BYTES = 400_000


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hg-writers-", ignore_cleanup_errors=True) as path:
        yield Path(path)


@asynccontextmanager
async def writers(folder: Path, size: int, *more: str) -> AsyncIterator[Fleet]:
    command = [sys.executable, "-W", "ignore", "-m", "tests.crash.server", "PORT", "DSN", "on", *more]
    fleet = Fleet(folder, size, command)
    try:
        await fleet.prepare({"product": ("segment", None), "shop": ("segment", None)})
        yield fleet
    finally:
        await fleet.close()


class Reader(Struct):
    """Rows as a consumer's cursor shows them, while others write."""

    rows: list[tuple[int, int, str]] = field(default_factory=list)
    skipped_by_seq: int = 0
    batches: int = 0

    async def run(self, fleet: Fleet, stop: asyncio.Event) -> None:
        """Read until told to stop and nothing is left."""
        while True:
            async with cursors.batch(fleet.db, fleet.workspace, "reader", limit=40) as batch:
                found = [(int(r["at_xid"]), r["seq"], r["message_id"]) for r in batch.rows] if batch else []
            self.batches += bool(found)
            self.rows += found
            if not found and stop.is_set():
                async with fleet.db.tx(fleet.workspace) as tx:
                    if not await cursors.lag(tx, "reader"):
                        return
            await asyncio.sleep(0 if found else 0.005)


def _head(fleet: Fleet, source: str) -> str:
    token = base64.b64encode(f"{fleet.keys[source]}:".encode()).decode()
    return f"Authorization: Basic {token}\r\nContent-Type: application/json\r\n"


def _event(ident: str, size: int = 0) -> dict[str, Any]:
    return {
        "type": "track",
        "messageId": ident,
        "userId": ident,
        "event": "Feature Used",
        "properties": {"x": "x" * size},
    }


async def test_what_one_record_did_is_read_in_that_order_by_whichever_process_it_came(folder: Path) -> None:
    """Every record's events go to one process after another, each after the answer to the one before; one is killed."""

    async def live(fleet: Fleet, number: int) -> None:
        chance = random.Random(number)
        source = ("product", "shop")[number % 2]
        callers = [Caller(fleet, n) for n in range(3)]
        n = 0
        while n < EACH:
            ids = [f"r{number}-{n + k}" for k in range(chance.choice((1, 1, 2, 7)))]
            events = [_event(i) for i in ids]
            path = "/v1/track" if len(events) == 1 else "/v1/batch"
            body = json.dumps(events[0] if len(events) == 1 else {"batch": events}).encode()
            for attempt in range(2_000):
                with contextlib.suppress(NotSent, Unsure):
                    if (await callers[(n + attempt) % 3].post(path, _head(fleet, source), body, 30))[0] == 200:
                        break
                await asyncio.sleep(0.02)
            else:
                raise TimeoutError(ids)
            n += len(ids)
        sent.extend(f"r{number}-{k}" for k in range(n))

    sent: list[str] = []
    reader, stop = Reader(), asyncio.Event()
    async with asyncio.timeout(240), writers(folder, 3) as fleet:
        reading = asyncio.create_task(reader.run(fleet, stop))
        async with asyncio.TaskGroup() as group:
            for number in range(RECORDS):
                group.create_task(live(fleet, number))
            await asyncio.sleep(0.4)
            await fleet.restart(1)
        stop.set()
        await reading
    assert sorted(ident for *_, ident in reader.rows) == sorted(sent), "each once, none skipped"
    places = [(xid, seq) for xid, seq, _ in reader.rows]
    assert places == sorted(places), "the order of the log is that of the commits"
    assert places != sorted(places, key=lambda p: p[1]) or reader.batches > 10
    for number in range(RECORDS):
        told = [int(i.split("-")[1]) for *_, i in reader.rows if i.startswith(f"r{number}-")]
        assert told == sorted(told), f"record {number}: {told}"


def _stopped(fleet: Fleet, number: int) -> int:
    """Let every process of PostgreSQL stand still, or go on: a disk that does not answer."""
    pids = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and _works_in(p, fleet.cluster.data)]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    return len(pids)


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").resolve() == folder.resolve()
    except OSError:
        return False


async def test_more_than_fits_is_told_to_come_back_and_nothing_acknowledged_is_lost(folder: Path) -> None:
    """The store stands still while 40 MB arrive: 400 KB wait, the rest hears 429 at once; then it goes on."""
    taken: list[str] = []
    refused: list[str] = []
    odd: list[str] = []

    async def send(fleet: Fleet, number: int) -> None:
        caller = Caller(fleet, 0)
        for n in range(10):
            ids = [f"o{number}-{n}-{k}" for k in range(40)]
            body = json.dumps({"batch": [_event(i, 900) for i in ids]}).encode()
            status, head, _ = await caller.post("/v1/batch", _head(fleet, "product"), body, 60)
            (taken if status == 200 else refused).extend(ids)
            if status not in (200, 429, 503) or (status != 200 and b"retry-after: " not in head.lower()):
                odd.append(head.decode())
        caller.close()

    async with asyncio.timeout(240), writers(folder, 1, str(QUEUE_BYTES)) as fleet:
        member = fleet.members[0]
        warm = await Caller(fleet, 0).post("/v1/track", _head(fleet, "product"), json.dumps(_event("warm")).encode())
        assert warm[0] == 200
        idle = member.memory_mb()
        assert _stopped(fleet, signal.SIGSTOP) > 3
        try:
            senders = [asyncio.create_task(send(fleet, n)) for n in range(96)]
            await asyncio.sleep(3)
            assert refused, "nobody was told to come back while the store stood still"
            assert not taken, "somebody was told 200 while the store stood still"
        finally:
            _stopped(fleet, signal.SIGCONT)
        await asyncio.gather(*senders)
        member.memory_mb()
        assert odd == []
        assert member.peak_mb - idle < 60, f"{idle:.0f} MB before, {member.peak_mb:.0f} MB at most"
        async with fleet.db.tx(fleet.workspace) as tx:
            rows = await tx.rows("select message_id from event_log where workspace_id = $1", fleet.workspace)
            totals = next(t for t in await source_totals(tx) if t["name"] == "product")
        assert sorted(row["message_id"] for row in rows) == sorted([*taken, "warm"]), "what heard 200, and nothing else"
        assert (totals["accepted"], totals["duplicate"]) == (len(taken) + 1, 0)
        assert taken, "once it went on it took some"
        again = await Caller(fleet, 0).post(
            "/v1/track", _head(fleet, "product"), json.dumps(_event(refused[0])).encode()
        )
        assert again[0] == 200, "who came back is welcome"
