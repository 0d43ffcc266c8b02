"""Kill the web process and PostgreSQL under load, start them again, and compare what was promised with what is there.

Clients are independent of us: plain sockets, their own record of what was acknowledged. They retry with the same
messageId until they hear 200, and send some events twice on purpose.
"""

import asyncio
import base64
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from msgspec import Struct, field

from honeyguide.db import Database, create_workspace
from honeyguide.db.embedded import Cluster
from honeyguide.db.migrate import migrate
from honeyguide.funnel import create_source

ROOT = Path(__file__).resolve().parent.parent.parent


class Tally(Struct):
    """What the clients saw."""

    acknowledged: list[str] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)
    retries: int = 0
    duplicates: int = 0
    refused: int = 0
    kills: int = 0


class Verdict(Struct):
    """What is true afterwards."""

    tally: Tally
    stored: int
    missing: int
    twice: int
    invented: int


class Target:
    """A cluster and a web process on it, both to be killed."""

    def __init__(self, folder: Path, synchronous_commit: str) -> None:
        folder.chmod(0o755)
        self.cluster = Cluster(folder)
        self.synchronous_commit = synchronous_commit
        self.port = _free_port()
        self.key = ""
        self.workspace = 0
        self._app: subprocess.Popen[bytes] | None = None

    async def prepare(self) -> None:
        """Start everything on an empty database with one source."""
        # wal_writer_delay at its maximum widens the window in which an asynchronous commit is promised, not kept.
        self.cluster.start({"wal_writer_delay": "10s"} if self.synchronous_commit == "off" else None)
        await migrate(self.cluster.dsn)
        db = await Database.open(self.cluster.dsn, size=2)
        self.workspace = await create_workspace(db, "crash", "Crash")
        async with db.tx(self.workspace) as tx:
            _, self.key = await create_source(tx, "segment", "product")
        await db.close()
        self.start_app()
        await self.until_up()

    def start_app(self) -> None:
        """Start the web process."""
        command = [
            sys.executable,
            "-m",
            "tests.crash.server",
            str(self.port),
            self.cluster.dsn,
            self.synchronous_commit,
        ]
        self._app = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)

    async def until_up(self) -> None:
        """Wait until the web process accepts connections; start it again when it gave up."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return
            if self._app is None or self._app.poll() is not None:
                self.start_app()
            await asyncio.sleep(0.05)
        raise TimeoutError("the web process did not come up")

    def kill_app(self) -> None:
        """SIGKILL the web process."""
        if self._app is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._app.pid, signal.SIGKILL)
            self._app.wait()
            self._app = None

    async def kill(self, *, postgres: bool) -> None:
        """Kill the web process, or it and every process of PostgreSQL, and start them again."""
        if postgres:
            await asyncio.to_thread(self.cluster.kill)
        self.kill_app()
        if postgres:
            await asyncio.to_thread(
                self.cluster.start, {"wal_writer_delay": "10s"} if self.synchronous_commit == "off" else None
            )
        self.start_app()
        await self.until_up()

    def close(self) -> None:
        """Kill what is left."""
        self.kill_app()
        self.cluster.kill()


async def run(
    folder: Path, *, kills: int = 20, clients: int = 24, synchronous_commit: str = "on", seed: int = 7
) -> Verdict:
    """Kill `kills` times under load (every second time PostgreSQL too) and count what is missing or there twice."""
    target = Target(folder, synchronous_commit)
    tally = Tally()
    stop = asyncio.Event()
    try:
        await target.prepare()
        working = [
            asyncio.create_task(_client(n, target, tally, stop, random.Random(seed + n))) for n in range(clients)
        ]
        chance = random.Random(seed)
        for n in range(kills):
            await asyncio.sleep(chance.uniform(0.2, 0.6))
            await target.kill(postgres=n % 2 == 1)
            tally.kills += 1
        await asyncio.sleep(0.5)
        stop.set()
        await asyncio.wait_for(asyncio.gather(*working), 40)
        if synchronous_commit == "off":  # what is still only promised when the last crash comes must be seen
            await target.kill(postgres=True)
        return await _compare(target, tally)
    finally:
        stop.set()
        target.close()


async def _compare(target: Target, tally: Tally) -> Verdict:
    db = await Database.open(target.cluster.dsn, size=2)
    try:
        async with db.tx(target.workspace) as tx:
            rows = await tx.rows(
                "select message_id, count(*)::int as n from event_log where workspace_id = $1 group by message_id",
                target.workspace,
            )
    finally:
        await db.close()
    stored = {row["message_id"]: row["n"] for row in rows}
    promised = set(tally.acknowledged)
    return Verdict(
        tally,
        stored=sum(stored.values()),
        missing=len(promised - set(stored)),
        twice=sum(1 for n in stored.values() if n > 1),
        invented=len(set(stored) - promised - tally.unsure),
    )


async def _client(number: int, target: Target, tally: Tally, stop: asyncio.Event, chance: random.Random) -> None:
    """Send events one after another; an event is repeated until it is acknowledged or the run ends."""
    connection = _Connection(target)
    count = 0
    while not stop.is_set():
        count += 1
        ids = [f"c{number}-{count}-{i}" for i in range(chance.choice((1, 1, 1, 5)))]
        await _until_acknowledged(connection, tally, ids, stop)
        if chance.random() < 0.1:
            tally.duplicates += len(ids)
            await _until_acknowledged(connection, tally, ids, stop)
    connection.close()


async def _until_acknowledged(connection: "_Connection", tally: Tally, ids: list[str], stop: asyncio.Event) -> None:
    events = [
        {"type": "track", "messageId": i, "userId": f"u-{i[:4]}", "event": "Feature Used", "properties": {"feature": i}}
        for i in ids
    ]
    body = json.dumps(events[0] if len(events) == 1 else {"batch": events}).encode()
    path = "/v1/track" if len(events) == 1 else "/v1/batch"
    tally.unsure.update(ids)
    for attempt in range(400):
        status = await connection.post(path, body)
        if status == 200:
            tally.acknowledged.extend(ids)
            return
        tally.refused += status in {429, 503}
        tally.retries += 1
        if stop.is_set() and attempt > 60:
            return
        await asyncio.sleep(0.05)


class _Connection:
    """A keep-alive HTTP client over a plain socket; any trouble is status 0 and a new connection."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        token = base64.b64encode(f"{target.key}:".encode()).decode()
        self._head = f"Host: x\r\nAuthorization: Basic {token}\r\nContent-Type: application/json\r\n"

    async def post(self, path: str, body: bytes) -> int:
        try:
            async with asyncio.timeout(25):
                return await self._post(path, body)
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            self.close()
            return 0

    async def _post(self, path: str, body: bytes) -> int:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._target.port)
        reader, writer = self._streams
        writer.write(f"POST {path} HTTP/1.1\r\n{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
        )
        await reader.readexactly(length)
        return status

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
