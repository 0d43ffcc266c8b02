"""Claims: what a durable event costs, beside a server that only parses it and one that commits every request.

CPU time (not throughput) of the web process and of every PostgreSQL process, by the scheduler's nanosecond clock. All
servers take the same load in the same round, one after another, so that a busy machine disturbs all alike; a ratio is
the median over the rounds of the ratio inside a round. `python -m benchmarks.ingest`.
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
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import uvloop
from msgspec import Struct

from benchmarks import cpu
from benchmarks.machine import facts
from honeyguide.db import Database, create_workspace
from honeyguide.db.embedded import Cluster
from honeyguide.db.migrate import migrate
from honeyguide.funnel import create_source, decode, load_sources

CONNECTIONS, ROUNDS = 128, 7
SINGLES, BATCHES, EACH, PER_BATCH = 8_000, 150, 3_000, 100
HALF_LOAD_S = 4.0
WAL_SEGMENTS = 60  # of 16 MB: more than a run writes
# The bar of 15 us was set where a bare server's request cost 18.6 us of CPU: microseconds are those of that machine.
BATCH_US, REFERENCE_US = 15.0, 18.6
ROOT = Path(__file__).resolve().parent.parent
Sample = dict[str, float]


def event(ident: str) -> bytes:
    """About 600 bytes, as analytics.js sends them."""
    return msgspec.json.encode({
        "type": "track", "messageId": ident, "userId": f"user-{ident}", "event": "Feature Used", "timestamp": f"2026-03-01T10:00:00.{zlib.crc32(ident.encode()) % 1_000_000:06d}Z",
        "context": {"library": {"name": "analytics.js", "version": "2.11.1"}, "groupId": "acct_123", "ip": "8.8.8.8",
                    "userAgent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_2) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/40 Safari/537.36",
                    "page": {"path": "/academy/", "referrer": "", "search": "", "title": "Academy", "url": "https://example.com/academy/"}},
        "properties": {"product": "dispatch", "feature": "route-planner", "n": 3, "plan": "Pro Annual"},
    })  # fmt: skip


def batch(idents: list[str]) -> bytes:
    """A Segment batch of such events."""
    return b'{"batch":[' + b",".join(event(i) for i in idents) + b"]}"


class Load:
    """Requests over keep-alive connections, one after another on each."""

    def __init__(self, port: int, key: str) -> None:
        token = base64.b64encode(f"{key}:".encode()).decode()
        self._port = port
        self._head = (
            f"Host: x\r\nAuthorization: Basic {token}\r\nContent-Type: application/json\r\nContent-Length: ".encode()
        )

    async def run(self, path: str, bodies: list[bytes]) -> None:
        """Send every body once, as fast as answers come. Raises when one is not answered with 200."""
        queue = iter(bodies)
        await asyncio.gather(*(self._work(path, queue) for _ in range(CONNECTIONS)))

    async def paced(self, path: str, bodies: list[bytes], per_second: float) -> list[float]:
        """Send at a fixed rate whatever the answers do; seconds from when each was due until it was answered."""
        started, took, queue = time.perf_counter(), [], enumerate(bodies)

        async def work() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            for n, body in queue:  # one iterator for all: each takes what is due next
                at = started + n / per_second
                await asyncio.sleep(max(0.0, at - time.perf_counter()))
                await self._send(reader, writer, path, body)
                took.append(time.perf_counter() - at)
            writer.close()

        await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
        return took

    async def _work(self, path: str, queue: Iterator[bytes]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        for body in queue:
            await self._send(reader, writer, path, body)
        writer.close()

    async def _send(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, body: bytes) -> None:
        writer.write(f"POST {path} HTTP/1.1\r\n".encode() + self._head + str(len(body)).encode() + b"\r\n\r\n" + body)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        await reader.readexactly(16)


class Server:
    """One of the servers, with what its CPU time is."""

    def __init__(self, *args: str, data: Path | None = None) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        command = [sys.executable, "-m", "benchmarks.ingest_server", args[0], str(self.port), *args[1:]]
        self._process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
        self._data = data

    async def up(self) -> None:
        """Wait until it answers."""
        for _ in range(900):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return
        raise TimeoutError("the server did not start")

    def cpu(self) -> tuple[float, float]:
        """Seconds of the web process, and of PostgreSQL without autovacuum."""
        if self._data is None:
            return cpu.seconds(self._process.pid), 0.0
        return cpu.seconds(self._process.pid), cpu.seconds_in(self._data) - cpu.upkeep_in(self._data)

    def stop(self) -> None:
        """Kill it."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Bench(Struct):
    """The servers and what has been measured of them."""

    servers: dict[str, Server]
    key: str
    runs: dict[str, list[Sample]]
    upkeep_us: float = (
        0.0  # of autovacuum for each event written: in bursts, and on a log this young far more than later
    )

    async def take(self, name: str, server: str, path: str, bodies: list[bytes], events: int) -> Sample:
        """One sample: CPU per event and events per second."""
        target = self.servers[server]
        before, began = target.cpu(), time.perf_counter()
        await Load(target.port, self.key).run(path, bodies)
        wall, after = time.perf_counter() - began, target.cpu()
        web, postgres = ((after[n] - before[n]) / events * 1e6 for n in (0, 1))
        sample = {"web_us": web, "postgres_us": postgres, "total_us": web + postgres, "per_second": events / wall}
        self.runs.setdefault(name, []).append(sample)
        return sample

    async def round(self, n: int) -> int:
        """Every load once; returns how many new events were acknowledged."""
        singles = [event(f"s{n}-{i}") for i in range(SINGLES)]
        batches = [batch([f"b{n}-{i}-{k}" for k in range(PER_BATCH)]) for i in range(BATCHES)]
        each = [event(f"e{n}-{i}") for i in range(EACH)]
        many = BATCHES * PER_BATCH
        await self.take("bare single", "bare", "/v1/track", singles, SINGLES)
        most = await self.take("group commit single", "door", "/v1/track", singles, SINGLES)
        await self.take("duplicate single", "door", "/v1/track", singles, SINGLES)
        await self.take("insert per request", "each", "/v1/track", each, EACH)
        await self.take("bare batch", "bare", "/v1/batch", batches, many)
        await self.take("group commit batch", "door", "/v1/batch", batches, many)
        await self.take("duplicate batch", "door", "/v1/batch", batches, many)
        half = [event(f"h{n}-{i}") for i in range(int(most["per_second"] / 2 * HALF_LOAD_S))]
        took = await Load(self.servers["door"].port, self.key).paced("/v1/track", half, most["per_second"] / 2)
        took.sort()
        self.runs.setdefault("half load", []).append({
            "p50_ms": took[len(took) // 2] * 1e3, "p99_ms": took[int(len(took) * 0.99)] * 1e3,
            "per_second": most["per_second"] / 2,
        })  # fmt: skip
        return len(singles) + many + len(each) + len(half)

    def ratio(self, of: str, to: str, what: str = "total_us") -> float:
        """The median over the rounds: what disturbed one server disturbed the other a moment later."""
        return statistics.median(a[what] / b[what] for a, b in zip(self.runs[of], self.runs[to], strict=True))

    def median(self, name: str, what: str) -> float:
        """The median of one figure."""
        return statistics.median(r[what] for r in self.runs[name])


async def _settled(dsn: str) -> None:
    """As a server that has run for a day: its write-ahead log goes into old segments, none has to be made.

    On a new server the zeros of new segments are a sixth of all CPU.
    """
    owner = await asyncpg.connect(dsn)
    for _ in range(WAL_SEGMENTS):
        await owner.execute("select pg_logical_emit_message(false, 'x', 'x')")
        await owner.execute("select pg_switch_wal()")
    await owner.execute("checkpoint")
    await owner.close()


async def _decode_us(db: Database, workspace: int) -> float:
    async with db.tx(workspace) as tx:
        sources = await load_sources(tx)
        rows = await tx.rows("select * from event_log where workspace_id = $1 limit 5000", workspace)
    began = time.process_time()
    for row in rows:
        decode(row, sources[row["source_id"]])
    return (time.process_time() - began) / len(rows) * 1e6


async def measure(folder: Path) -> dict[str, Any]:
    """Run everything on a new cluster in `folder`; returns the medians and which claims hold."""
    folder.chmod(0o755)
    cluster = Cluster(folder)
    cluster.start()
    servers: dict[str, Server] = {}
    try:
        await migrate(cluster.dsn)
        db = await Database.open(cluster.dsn, size=2)
        workspace = await create_workspace(db, "bench", "Bench")
        async with db.tx(workspace) as tx:
            _, key = await create_source(tx, "segment", "product")
        servers["bare"] = Server("bare")
        servers |= {name: Server(name, cluster.dsn, data=cluster.data) for name in ("door", "each")}
        for server in servers.values():
            await server.up()
        bench = Bench(servers, key, {})
        await _settled(cluster.dsn)
        written = await bench.round(-1)  # everything is compiled, cached and grown; not counted
        bench.runs.clear()
        before, first = cpu.upkeep_in(cluster.data), written
        for n in range(ROUNDS):
            written += await bench.round(n)
        bench.upkeep_us = (cpu.upkeep_in(cluster.data) - before) / (written - first) * 1e6
        async with db.tx(workspace) as tx:
            stored = await tx.value("select count(*) from event_log where workspace_id = $1", workspace)
        if stored != written:
            raise RuntimeError(f"{stored} events are stored, {written} were acknowledged")
        decoded = await _decode_us(db, workspace)
        await db.close()
    finally:
        for server in servers.values():
            server.stop()
        cluster.kill()
    return _result(bench, decoded, stored)


def _claims(bench: Bench) -> list[dict[str, Any]]:
    batch_us = bench.ratio("group commit batch", "bare single") * REFERENCE_US
    values = [
        ("CPU of a durable single event / a bare request", bench.ratio("group commit single", "bare single"), "<=", 2.5),
        ("CPU of a durable event in batches of 100, us where a bare request costs 18.6", batch_us, "<=", BATCH_US),
        ("CPU of an insert per request / group commit", bench.ratio("insert per request", "group commit single"), ">=", 3.5),
        ("CPU of a new event / of a duplicate, in batches", bench.ratio("group commit batch", "duplicate batch"), ">=", 1.0),
        ("CPU of a new event / of a duplicate, single", bench.ratio("group commit single", "duplicate single"), ">=", 1.0),
        ("p99 at half of the maximum load, ms", bench.median("half load", "p99_ms"), "<=", 50.0),
        ("durable single events per second / bare requests per second", bench.ratio("group commit single", "bare single", "per_second"), ">=", 0.35),
    ]  # fmt: skip
    return [
        {"claim": name, "value": round(value, 2), "bar": f"{sign} {bar:.2f}", "held": value <= bar if sign == "<=" else value >= bar}
        for name, value, sign, bar in values
    ]  # fmt: skip


def _result(bench: Bench, decoded: float, stored: int) -> dict[str, Any]:
    medians = {name: {k: round(bench.median(name, k), 2) for k in runs[0]} for name, runs in bench.runs.items()}
    claims = _claims(bench)
    return {
        "claim": "CPU per durable event", "machine": facts(), "claims": claims, "medians": medians,
        "decode_us_per_event": round(decoded, 1), "autovacuum_us_per_event": round(bench.upkeep_us, 1), "events_stored": stored, "rounds": ROUNDS,
        "connections": CONNECTIONS, "held": all(c["held"] for c in claims),
    }  # fmt: skip


def _print(result: dict[str, Any]) -> None:
    print(f"{'load':22} {'web us':>8} {'pg us':>8} {'total us':>9} {'per second':>11}   (per event, medians)")
    for name, m in result["medians"].items():
        if "total_us" in m:
            print(f"{name:22} {m['web_us']:8.1f} {m['postgres_us']:8.1f} {m['total_us']:9.1f} {m['per_second']:11.0f}")
        else:
            print(f"{name:22} p50 {m['p50_ms']:.1f} ms, p99 {m['p99_ms']:.1f} ms at {m['per_second']:.0f} a second")
    for c in result["claims"]:
        print(f"{'holds' if c['held'] else 'FAILS'}  {c['claim']}: {c['value']} (bar {c['bar']})")


def main() -> int:
    """Measure, store, print; exit 1 when a claim does not hold."""
    with tempfile.TemporaryDirectory(prefix="hg-bench-", ignore_cleanup_errors=True) as folder:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            result = runner.run(measure(Path(folder)))
    path = ROOT / "benchmarks" / "results" / "ingest.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n")
    _print(result)
    print(path)
    return 0 if result["held"] else 1


if __name__ == "__main__":
    sys.exit(main())
