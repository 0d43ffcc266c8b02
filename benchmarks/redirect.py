"""Claim: following a personal link takes at most twice as long as a bare Starlette route (p99), touch kept and all.

Two servers in the same run, alternating, over keep-alive connections: a Starlette route that answers 302, and the
door behind the whole web application (dispatcher, security headers, PostgreSQL). Every click must be in the database
at the end. `python -m benchmarks.redirect`.
"""

import asyncio
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

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from benchmarks import cpu
from benchmarks.machine import facts
from honeyguide import programs
from honeyguide.core.ids import entity_id
from honeyguide.db import Database, create_workspace
from honeyguide.db.embedded import Cluster
from honeyguide.db.migrate import migrate
from honeyguide.settings import Settings
from honeyguide.web.server import create_app

CONNECTIONS, CLICKS, ROUNDS, WARM = 4, 4_000, 5, 1_000
MAX_RATIO = 2.0
ROOT = Path(__file__).resolve().parent.parent
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"


async def _bare(request: Request) -> RedirectResponse:
    return RedirectResponse(f"/l/{request.path_params['code']}?v=00000000-0000-4000-8000-000000000000", 302)


async def _serve(which: str, port: int, dsn: str) -> None:
    app: Any = Starlette(routes=[Route("/r/{code}", _bare)])
    db: Database | None = None
    if which == "door":
        db = await Database.open(dsn, size=4)
        app = create_app(db, Settings.load({}))
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="error", access_log=False, loop="none", http="httptools",
        lifespan="on" if db else "off",
    )  # fmt: skip
    await uvicorn.Server(config).serve()
    if db:
        await db.close()


class Server:
    """One of the two servers."""

    def __init__(self, which: str, dsn: str, data: Path | None = None) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        command = [sys.executable, "-m", "benchmarks.redirect", which, str(self.port), dsn]
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

    def cpu(self) -> float:
        """Seconds of the web process and of PostgreSQL."""
        return cpu.seconds(self._process.pid) + (cpu.seconds_in(self._data) if self._data else 0.0)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Ask it to end (it writes what is queued), and wait."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, number)
        self._process.wait(30)


async def click(port: int, code: str, n: int) -> list[float]:
    """Follow the link `n` times over a few connections; milliseconds of each."""
    took: list[float] = []
    request = f"GET /r/{code} HTTP/1.1\r\nHost: x\r\nUser-Agent: {BROWSER}\r\n\r\n".encode()

    async def one(times: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(times):
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            took.append((time.perf_counter() - began) * 1e3)
            if not head.startswith(b"HTTP/1.1 302"):
                raise RuntimeError(head.decode())
        writer.close()

    await asyncio.gather(*(one(n // CONNECTIONS) for _ in range(CONNECTIONS)))
    return took


def percentile(values: list[float], p: float) -> float:
    """The value `p` of 100 are not above."""
    return sorted(values)[min(len(values) - 1, int(len(values) * p / 100))]


async def _town(dsn: str) -> tuple[Database, int, str]:
    """A workspace with one personal link."""
    db = await Database.open(dsn, size=2)
    workspace = await create_workspace(db, "bench", "Bench")
    async with db.tx(workspace) as tx:
        program = await programs.ensure_program(tx, "customer-referrals")
        group = (await programs.groups(tx, program.id))[0]
        advocate, _ = await programs.ensure_advocate(
            tx, entity_id("persona", "bench", "1"), "Maya Ortiz", "maya@customer.example", program, group
        )
        return db, workspace, (await programs.ensure_link(tx, advocate)).code


async def measure(folder: Path) -> dict[str, Any]:
    """Run everything on a new cluster in `folder`."""
    folder.chmod(0o755)
    cluster = Cluster(folder)
    cluster.start()
    servers: list[Server] = []
    try:
        await migrate(cluster.dsn)
        db, workspace, code = await _town(cluster.dsn)
        servers = [Server("bare", cluster.dsn), Server("door", cluster.dsn, cluster.data)]
        runs: dict[str, list[dict[str, float]]] = {"bare": [], "door": []}
        for server in servers:
            await server.up()
            await click(server.port, code, WARM)
        for _ in range(ROUNDS):
            for name, server in zip(runs, servers, strict=True):
                before = server.cpu()
                took = await click(server.port, code, CLICKS)
                await asyncio.sleep(0.5)  # the touches of this round are written inside its own bill
                runs[name].append(
                    {"p50_ms": percentile(took, 50), "p99_ms": percentile(took, 99), "cpu_us": (server.cpu() - before) / CLICKS * 1e6}
                )  # fmt: skip
        servers[1].stop()
        async with db.tx(workspace) as tx:
            kept = await tx.value("select count(*) from touch where workspace_id = $1", workspace)
        await db.close()
        if kept != WARM + ROUNDS * CLICKS:
            raise RuntimeError(f"{kept} touches are kept, not the {WARM + ROUNDS * CLICKS} that were answered")
    finally:
        for server in servers:
            server.stop(signal.SIGKILL)
        cluster.kill()
    return _result(runs, kept)


def _result(runs: dict[str, list[dict[str, float]]], kept: int) -> dict[str, Any]:
    medians = {
        name: {k: round(statistics.median(r[k] for r in found), 3) for k in found[0]} for name, found in runs.items()
    }
    # Rounds are paired: what disturbed one server disturbed the other a moment later.
    ratios = {
        k: round(statistics.median(d[k] / b[k] for d, b in zip(runs["door"], runs["bare"], strict=True)), 2)
        for k in ("p50_ms", "p99_ms", "cpu_us")
    }
    return {
        "claim": "a redirect against a bare Starlette route", "machine": facts(), "touches_kept": kept,
        "p99_ratio": ratios["p99_ms"], "p99_ratio_bar": MAX_RATIO, "p50_ratio": ratios["p50_ms"],
        "cpu_ratio_with_postgres": ratios["cpu_us"], "medians": medians, "rounds": ROUNDS, "connections": CONNECTIONS,
        "held": ratios["p99_ms"] <= MAX_RATIO,
    }  # fmt: skip


def main() -> int:
    """Measure, store, print; exit 1 when the bar is not held."""
    if len(sys.argv) == 4:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
        return 0
    with tempfile.TemporaryDirectory(prefix="hg-bench-", ignore_cleanup_errors=True) as folder:
        result = asyncio.run(measure(Path(folder)))
    path = ROOT / "benchmarks" / "results" / "redirect.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(
        f"redirect p99: {result['p99_ratio']} x a bare Starlette route (bar {MAX_RATIO}), p50: {result['p50_ratio']} x, "
        f"CPU with PostgreSQL: {result['cpu_ratio_with_postgres']} x. {path}"
    )
    return 0 if result["held"] else 1


if __name__ == "__main__":
    sys.exit(main())
