"""Claim: a durable event costs at most 2.5 times the CPU of a server that only parses it; in batches at most 15 us.

CPU time (not throughput) of the web process and of every PostgreSQL process, against the same load on a bare server
in the same run, alternating, so that a busy machine disturbs both alike. `python -m benchmarks.ingest`.
"""

import asyncio
import base64
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import cpu
from benchmarks.machine import facts
from honeyguide.db import Database, create_workspace
from honeyguide.db.embedded import Cluster
from honeyguide.db.migrate import migrate
from honeyguide.funnel import create_source, decode, load_sources

CONNECTIONS, SINGLES, BATCHES, ROUNDS = 64, 6_000, 200, 3
MAX_RATIO, MAX_BATCH_US = 2.5, 15.0
ROOT = Path(__file__).resolve().parent.parent


def _event(ident: str) -> bytes:
    """About 600 bytes, as analytics.js sends them."""
    return msgspec.json.encode({
        "type": "track", "messageId": ident, "userId": "019mr8mf4r", "event": "Feature Used", "timestamp": "2026-03-01T10:00:00.000Z",
        "context": {"library": {"name": "analytics.js", "version": "2.11.1"}, "groupId": "acct_123", "ip": "8.8.8.8",
                    "userAgent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_2) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/40 Safari/537.36",
                    "page": {"path": "/academy/", "referrer": "", "search": "", "title": "Academy", "url": "https://example.com/academy/"}},
        "properties": {"product": "dispatch", "feature": "route-planner", "n": 3, "plan": "Pro Annual"},
    })  # fmt: skip


class Load:
    """Requests over keep-alive connections, one after another on each."""

    def __init__(self, port: int, key: str) -> None:
        token = base64.b64encode(f"{key}:".encode()).decode()
        self._port = port
        self._head = (
            f"Host: x\r\nAuthorization: Basic {token}\r\nContent-Type: application/json\r\nContent-Length: ".encode()
        )

    async def run(self, path: str, bodies: list[bytes]) -> None:
        """Send every body once. Raises when one is not answered with 200."""
        queue = iter(bodies)
        await asyncio.gather(*(self._work(path, queue) for _ in range(CONNECTIONS)))

    async def _work(self, path: str, queue: Any) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        start = f"POST {path} HTTP/1.1\r\n".encode() + self._head
        for body in queue:
            writer.write(start + str(len(body)).encode() + b"\r\n\r\n" + body)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            await reader.readexactly(16)
        writer.close()


class Server:
    """One of the two servers, with what its CPU time is."""

    def __init__(self, *args: str, data: Path | None = None) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        command = [sys.executable, "-m", "benchmarks.ingest_server", args[0], str(self.port), *args[1:]]
        self._process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
        self._data = data

    async def up(self) -> None:
        """Wait until it answers."""
        for _ in range(200):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return
        raise TimeoutError("the server did not start")

    def cpu(self) -> tuple[float, float]:
        """Seconds of the web process, and of PostgreSQL."""
        return cpu.seconds(self._process.pid), cpu.seconds_in(self._data) if self._data else 0.0

    def stop(self) -> None:
        """Kill it."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


async def _measure(server: Server, key: str, path: str, bodies: list[bytes], events: int) -> dict[str, float]:
    before, began = server.cpu(), time.perf_counter()
    await Load(server.port, key).run(path, bodies)
    wall, after = time.perf_counter() - began, server.cpu()
    web, postgres = ((after[n] - before[n]) / events * 1e6 for n in (0, 1))
    return {"web_us": web, "postgres_us": postgres, "total_us": web + postgres, "per_second": events / wall}


async def _decode_us(db: Database, workspace: int) -> float:
    async with db.tx(workspace) as tx:
        sources = await load_sources(tx)
        rows = await tx.rows("select * from event_log where workspace_id = $1 limit 5000", workspace)
    began = time.process_time()
    for row in rows:
        decode(row, sources[row["source_id"]])
    return (time.process_time() - began) / len(rows) * 1e6


async def measure(folder: Path) -> dict[str, Any]:
    """Run everything on a new cluster in `folder`; returns the medians and whether the bars are held."""
    folder.chmod(0o755)
    cluster = Cluster(folder)
    cluster.start()
    servers: list[Server] = []
    try:
        await migrate(cluster.dsn)
        db = await Database.open(cluster.dsn, size=2)
        workspace = await create_workspace(db, "bench", "Bench")
        async with db.tx(workspace) as tx:
            _, key = await create_source(tx, "segment", "product")
        servers = [Server("bare"), Server("door", cluster.dsn, data=cluster.data)]
        for server in servers:
            await server.up()
            await Load(server.port, key).run("/v1/track", [_event(f"warm{server.port}-{n}") for n in range(2_000)])
        runs: dict[str, list[dict[str, float]]] = {}
        for n in range(ROUNDS):
            singles = [_event(f"s{n}-{i}") for i in range(SINGLES)]
            batches = [
                b'{"batch":[' + b",".join(_event(f"b{n}-{i}-{k}") for k in range(100)) + b"]}" for i in range(BATCHES)
            ]
            for name, server in zip(("bare", "durable"), servers, strict=True):
                runs.setdefault(f"{name}_single", []).append(await _measure(server, key, "/v1/track", singles, SINGLES))
                runs.setdefault(f"{name}_batch", []).append(
                    await _measure(server, key, "/v1/batch", batches, BATCHES * 100)
                )
        async with db.tx(workspace) as tx:
            stored = await tx.value("select count(*) from event_log where workspace_id = $1", workspace)
        if stored != 2_000 + ROUNDS * (SINGLES + BATCHES * 100):
            raise RuntimeError(f"{stored} events are stored, not every one that was acknowledged")
        decoded = await _decode_us(db, workspace)
        await db.close()
    finally:
        for server in servers:
            server.stop()
        cluster.kill()
    return _result(runs, decoded, stored)


def _result(runs: dict[str, list[dict[str, float]]], decoded: float, stored: int) -> dict[str, Any]:
    medians = {
        name: {k: round(statistics.median(r[k] for r in found), 2) for k in found[0]} for name, found in runs.items()
    }
    # Rounds are paired: what disturbed one server disturbed the other a moment later.
    ratio = statistics.median(
        d["total_us"] / b["total_us"] for d, b in zip(runs["durable_single"], runs["bare_single"], strict=True)
    )
    batch = medians["durable_batch"]["total_us"]
    return {
        "claim": "CPU per durable event", "machine": facts(), "events_stored": stored,
        "single_ratio_to_bare": round(ratio, 2), "single_ratio_bar": MAX_RATIO,
        "batch_us_per_event": batch, "batch_us_bar": MAX_BATCH_US,
        "decode_us_per_event": round(decoded, 1), "medians": medians, "rounds": ROUNDS, "connections": CONNECTIONS,
        "held": ratio <= MAX_RATIO and batch <= MAX_BATCH_US,
    }  # fmt: skip


def main() -> int:
    """Measure, store, print; exit 1 when a bar is not held."""
    with tempfile.TemporaryDirectory(prefix="hg-bench-", ignore_cleanup_errors=True) as folder:
        result = asyncio.run(measure(Path(folder)))
    path = ROOT / "benchmarks" / "results" / "ingest.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(
        f"durable single event: {result['single_ratio_to_bare']} x a bare server (bar {MAX_RATIO}); "
        f"in batches of 100: {result['batch_us_per_event']} us (bar {MAX_BATCH_US}); "
        f"decode: {result['decode_us_per_event']} us. {path}"
    )
    return 0 if result["held"] else 1


if __name__ == "__main__":
    sys.exit(main())
