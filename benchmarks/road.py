"""Claim: decode, identity and graph take 2,000 events a second of one core's work, worker and PostgreSQL together.

    python -m benchmarks.road [events] [--profile]

A mixed stream goes into the log through the product's own doors: HubSpot records, Stripe events, Zendesk tickets and
users, Segment calls, all about the same people and companies. Then two consumers read it, each in a workspace of its
own: the three stages of the claim, measured one by one, and the whole road as the worker runs it (with inference,
moments and outcomes). CPU time is told apart by stage, and by whose it is.
"""

import asyncio
import cProfile
import json
import pstats
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from benchmarks import cpu
from benchmarks.machine import facts
from benchmarks.road_stream import KINDS, Stream
from honeyguide import funnel, graph, identity
from honeyguide.app import collector, road
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Row, create_workspace, cursors
from honeyguide.db.embedded import Cluster
from honeyguide.db.migrate import migrate

BAR = 2_000
_BATCH, _FEED = 500, 200
_OUT = Path(__file__).parent / "results" / "road.json"


class Meter:
    """CPU seconds by stage, the worker's and PostgreSQL's."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.python: dict[str, float] = defaultdict(float)
        self.postgres: dict[str, float] = defaultdict(float)

    @asynccontextmanager
    async def stage(self, name: str) -> AsyncIterator[None]:
        """Count what happens inside under a name."""
        postgres = cpu.seconds_in(self.data)
        own = time.process_time()
        yield
        self.python[name] += time.process_time() - own
        self.postgres[name] += cpu.seconds_in(self.data) - postgres

    def told(self, n: int) -> dict[str, Any]:
        """Microseconds an event, by stage and together."""
        stages = {
            name: {
                "python_us": round(self.python[name] / n * 1e6, 1),
                "postgres_us": round(self.postgres[name] / n * 1e6, 1),
            }
            for name in self.python
        }
        python, postgres = sum(self.python.values()), sum(self.postgres.values())
        return {
            "stages": stages, "python_us": round(python / n * 1e6, 1), "postgres_us": round(postgres / n * 1e6, 1),
            "events_per_cpu_second_of_the_worker": round(n / python),
            "events_per_cpu_second_of_postgresql": round(n / postgres), "events_per_cpu_second": round(n / (python + postgres)),
        }  # fmt: skip


async def feed(db: Database, workspace: int, count: int) -> dict[str, int]:
    """Put the stream into the workspace's log; how many rows of each kind of source."""
    stream = Stream(seed=11, people=max(200, count // 6))
    async with db.tx(workspace) as tx:
        sources = {kind: (await funnel.create_source(tx, kind, kind))[0] for kind in KINDS}
    sent: dict[str, int] = defaultdict(int)
    while sum(sent.values()) < count:
        made = stream.take(sources, _FEED)
        async with db.tx(workspace) as tx:
            for kind, inputs in made.items():
                outcomes = await funnel.append(tx, sources[kind], inputs)
                sent[kind] += sum(o.verdict == funnel.Verdict.ACCEPTED for o in outcomes)
    return dict(sent)


async def stages(db: Database, workspace: int, meter: Meter) -> int:
    """Carry the log through the claim's stages, batch by batch, each committed with its cursor. How many canonical events."""
    events = 0
    while True:
        async with meter.stage("log and commit"):
            batch = cursors.batch(db, workspace, "bench", limit=_BATCH)
            got = await batch.__aenter__()
        if got is not None:
            async with meter.stage("decode"):
                reader = await funnel.open_reader(got.tx)
                read = _decoded(reader, got.rows)
            async with meter.stage("identity"):
                changes = await identity.step(got.tx, read)
            async with meter.stage("graph"):
                await graph.step(got.tx, read, changes)
            events += len(read)
        async with meter.stage("log and commit"):
            await batch.__aexit__(None, None, None)
        if got is None:
            return events


def _decoded(reader: funnel.Reader, rows: Sequence[Row]) -> list[CanonicalEvent]:
    return [event for row in rows for event in reader.events(row)]


async def _both(db: Database, data: Path, count: int, profile: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("stages", "whole"):
        workspace = await create_workspace(db, f"bench-{name}", "Bench")
        sent = await feed(db, workspace, count)
        rows = sum(sent.values())
        collector.settle()  # as a worker does
        meter, profiler = Meter(data), cProfile.Profile()
        began = time.perf_counter()
        if profile:
            profiler.enable()
        if name == "stages":
            found["rows"], found["canonical_events"] = sent, await stages(db, workspace, meter)
        else:
            async with meter.stage("road and outcomes"):
                while await road.advance(db, workspace, limit=_BATCH):
                    pass
            async with meter.stage("statistics"):
                while await road.statistics(db, workspace):
                    pass
        if profile:
            profiler.disable()
            pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
        took = time.perf_counter() - began
        found[name] = meter.told(rows) | {"events_per_second": round(rows / took)}
        async with db.tx(workspace) as tx:
            letters = await tx.value("select count(*) from dead_letter where workspace_id = $1", workspace)
            people = await tx.value("select count(*) from record where workspace_id = $1", workspace)
        if letters or not people:
            raise RuntimeError(f"{letters} rows were put aside, {people} records made: nothing was measured")
    return found


async def measure(folder: Path, count: int, profile: bool) -> dict[str, Any]:
    """Run on a new cluster in `folder`."""
    folder.chmod(0o755)
    cluster = Cluster(folder)
    cluster.start()
    try:
        await migrate(cluster.dsn)
        db = await Database.open(cluster.dsn, size=4)
        found = await _both(db, cluster.data, count, profile)
        await db.close()
    finally:
        cluster.kill()
    rate = found["stages"]["events_per_cpu_second"]
    return {
        "claim": "decode, identity and graph, events a second of one core's work (worker and PostgreSQL together)",
        "machine": facts(), "bar": BAR, "best_cpu": rate, "holds": rate >= BAR,
        "ratio_whole_road_to_stages": round(rate / found["whole"]["events_per_cpu_second"], 2), **found,
    }  # fmt: skip


if __name__ == "__main__":
    given = [a for a in sys.argv[1:] if a.isdigit()]
    with tempfile.TemporaryDirectory(prefix="hg-bench-", ignore_cleanup_errors=True) as where:
        told = asyncio.run(measure(Path(where), int(given[0]) if given else 20_000, "--profile" in sys.argv))
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
    if "--profile" not in sys.argv:
        _OUT.write_text(json.dumps(told, indent=2) + "\n")
