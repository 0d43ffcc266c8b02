"""Claim: following a personal link, and opening its page, take at most twice as long as a bare Starlette route (p99),
touch kept and all.

Two servers in the same run, alternating, over keep-alive connections: Starlette routes that answer 302 and a page, and the
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
from starlette.responses import HTMLResponse, RedirectResponse
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


_PAGE = "<!doctype html><title>A page</title>" + "<p>as long as ours</p>" * 120


async def _bare_page(request: Request) -> HTMLResponse:
    return HTMLResponse(_PAGE, headers={"x-code": request.path_params["code"]})


async def _serve(which: str, port: int, dsn: str) -> None:
    app: Any = Starlette(routes=[Route("/r/{code}", _bare), Route("/l/{code}", _bare_page)])
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


async def click(port: int, path: str, n: int) -> list[float]:
    """Ask for a path `n` times over a few connections; milliseconds of each."""
    took: list[float] = []
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: {BROWSER}\r\n\r\n".encode()

    async def one(times: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(times):
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            took.append((time.perf_counter() - began) * 1e3)
            if not head.startswith((b"HTTP/1.1 302", b"HTTP/1.1 200")):
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


async def measure(folder: Path, door: str) -> dict[str, Any]:
    """Run everything on a new cluster in `folder`: `r` follows links, `l` opens pages."""
    folder.chmod(0o755)
    cluster = Cluster(folder)
    cluster.start()
    servers: list[Server] = []
    try:
        await migrate(cluster.dsn)
        db, workspace, code = await _town(cluster.dsn)
        path = f"/{door}/{code}?v=00000000-0000-4000-8000-000000000001"
        servers = [Server("bare", cluster.dsn), Server("door", cluster.dsn, cluster.data)]
        runs: dict[str, list[dict[str, float]]] = {"bare": [], "door": []}
        for server in servers:
            await server.up()
            await click(server.port, path, WARM)
        for _ in range(ROUNDS):
            for name, server in zip(runs, servers, strict=True):
                before = server.cpu()
                took = await click(server.port, path, CLICKS)
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
    return _result(runs, kept, "a redirect" if door == "r" else "the landing page")


def _result(runs: dict[str, list[dict[str, float]]], kept: int, what: str) -> dict[str, Any]:
    medians = {
        name: {k: round(statistics.median(r[k] for r in found), 3) for k in found[0]} for name, found in runs.items()
    }
    # Rounds are paired: what disturbed one server disturbed the other a moment later.
    ratios = {
        k: round(statistics.median(d[k] / b[k] for d, b in zip(runs["door"], runs["bare"], strict=True)), 2)
        for k in ("p50_ms", "p99_ms", "cpu_us")
    }
    return {
        "claim": f"{what} against a bare Starlette route", "machine": facts(), "touches_kept": kept,
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
    held = True
    for door, name in (("r", "redirect"), ("l", "landing")):
        with tempfile.TemporaryDirectory(prefix="hg-bench-", ignore_cleanup_errors=True) as folder:
            result = asyncio.run(measure(Path(folder), door))
        path = ROOT / "benchmarks" / "results" / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(result, indent=2) + "\n")
        print(
            f"{name} p99: {result['p99_ratio']} x a bare Starlette route (bar {MAX_RATIO}), p50: {result['p50_ratio']} x, "
            f"CPU with PostgreSQL: {result['cpu_ratio_with_postgres']} x. {path}"
        )
        held = held and bool(result["held"])
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
