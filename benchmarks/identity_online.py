"""Claim: identity.step takes 10,000 events a second through the online resolver, on one worker with PostgreSQL.

    python -m benchmarks.identity_online [events] [--profile]

A generated stream of contacts of three sources: each person is in one to three of them, some have a second address,
colleagues share switchboards, some companies write from shared mailboxes. `first` is a first import, where most rows are
of records nobody has seen; `steady` is what follows, where most events are of known records (an id, an address, the
traits again). Beside it, in the same run: a naive union-find in memory over the same events, which keeps nothing,
takes nothing back and joins whole offices.
"""

import asyncio
import cProfile
import json
import pstats
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import cpu
from benchmarks.machine import facts
from honeyguide import identity
from honeyguide.app import collector
from honeyguide.core.ids import content_id
from honeyguide.core.terms import CanonicalEvent, Identifier, RecordRef
from honeyguide.db import Database, create_workspace, uuid_of
from honeyguide.db.embedded import Cluster
from honeyguide.db.migrate import migrate
from honeyguide.identity.evidence import identifiers_of

BAR = 10_000
BATCHES = (500, 1_000, 2_000)
_START = datetime(2026, 1, 1, tzinfo=UTC)
_OUT = Path(__file__).parent / "results" / "identity_online.json"
_SOURCES = ("crm", "desk", "product")


class World:
    """People and companies, and what one event says about one of them."""

    def __init__(self, people: int, seed: int) -> None:
        self.rng = random.Random(seed)
        self.people = people

    def person(self, n: int, source: str, *, full: bool) -> RecordRef:
        """Person n as one source knows it; without `full` only its id and address, as most tracked events carry."""
        firm = n // 9
        mail = f"p{n}@c{firm}.example"
        if source == "desk" and n % 7 == 0:
            mail = f"desk{firm}@c{firm}.example"  # a shared mailbox no list knows
        identifiers = [Identifier("email", mail)]
        if source == "product":
            identifiers.append(Identifier("anonymous:product", f"b{n}", strong=False))
        if not full:
            return RecordRef("persona", source, f"{source}-{n}", tuple(identifiers), {"email": mail})
        number = f"+49{30_000_000 + (firm if n % 5 == 0 else n + 1_000_000)}"  # every fifth gives the switchboard
        identifiers.append(Identifier("phone", number, strong=False))
        if n % 11 == 0:
            identifiers.append(Identifier("email", f"p{n}@web.de"))
        traits = {"name": f"Person {n} Of {firm}", "email": mail, "title": f"Head of {n % 40}", "phone": number}
        return RecordRef("persona", source, f"{source}-{n}", tuple(identifiers), traits)

    def company(self, n: int, source: str) -> RecordRef:
        """The company of person n."""
        name = f"c{n // 9}.example"
        return RecordRef("company", source, f"domain:{name}", (Identifier("domain", name),), {"domain": name})

    def events(self, first: int, count: int, known: float) -> list[CanonicalEvent]:
        """A stretch of the stream; `known` is the share of events about people seen before, by recency."""
        made = []
        for k in range(first, first + count):
            at = _START + timedelta(seconds=k)
            seen = max(1, int(k * (1 - known)) // 2)
            repeat = self.rng.random() < known
            n = int(self.rng.random() ** 1.5 * min(seen, self.people)) if repeat else min(seen, self.people) + k % 3
            source = _SOURCES[self.rng.randrange(3)] if self.rng.random() < 0.6 else _SOURCES[n % 3]
            who = self.person(n, source, full=not repeat or self.rng.random() < 0.2)
            firm = self.company(n, source) if self.rng.random() < 0.7 else None
            made.append(_event(k, at, source, who, firm))
        return made


def _event(k: int, at: datetime, source: str, who: RecordRef, firm: RecordRef | None) -> CanonicalEvent:
    return CanonicalEvent(
        event_id=uuid_of(content_id("bench", str(k)).bytes), workspace_id=1, source_id=1, source=source, message_id=f"m{k}",
        kind="feature.used", name="Feature Used", at=at, received_at=at, ref=f"{source} {k}", person=who, company=firm,
    )  # fmt: skip


def naive(events: Sequence[CanonicalEvent]) -> tuple[float, int]:
    """Union-find over records and identifiers in memory: CPU seconds, and the largest component's records."""
    began = time.process_time()
    parent: dict[Any, Any] = {}

    def root(x: Any) -> Any:
        while (up := parent.setdefault(x, x)) != x:
            parent[x] = parent[up]
            x = up
        return x

    for event in events:
        for ref in event.records():
            record = (ref.kind, ref.source, ref.ext_id)
            for ns, value, _ in identifiers_of(ref):
                parent[root((ref.kind, ns, value))] = root(record)
    took = time.process_time() - began
    sizes = Counter(root(x) for x in list(parent) if x[1] in _SOURCES)
    return took, max(sizes.values())


async def _run(db: Database, workspace: int, events: Sequence[CanonicalEvent], size: int) -> list[float]:
    """Carry the events in batches, each committed; seconds per batch."""
    took = []
    for k in range(0, len(events), size):
        began = time.perf_counter()
        async with db.tx(workspace) as tx:
            await identity.step(tx, events[k : k + size])
        took.append(time.perf_counter() - began)
    return took


async def _one(db: Database, data: Path, size: int, count: int, profile: bool) -> dict[str, Any]:
    workspace = await create_workspace(db, f"bench-{size}", "Bench")
    world, found = World(people=count, seed=7), dict[str, Any]()
    for name, first, known in (("first", 0, 0.35), ("steady", count, 0.9)):
        events = world.events(first, count, known)
        collector.settle()  # as a worker does, which besides does not hold the whole stream
        profiler = cProfile.Profile()
        before, own = cpu.seconds_in(data), time.process_time()
        if profile:
            profiler.enable()
        took = await _run(db, workspace, events, size)
        if profile:
            profiler.disable()
            pstats.Stats(profiler).sort_stats("tottime").print_stats(32)
        python = (time.process_time() - own) / count * 1e6
        postgres = (cpu.seconds_in(data) - before) / count * 1e6
        plain = naive(events)[0] / count * 1e6
        found[name] = {
            "events_per_second": round(count / sum(took)),
            "events_per_cpu_second": round(1e6 / (python + postgres)),
            "python_us": round(python, 1),
            "postgres_us": round(postgres, 1),
            "naive_us": round(plain, 1),
            "ratio_to_naive": round((python + postgres) / plain, 1),
            "batch_ms_p50": round(statistics.median(took) * 1e3, 1),
            "batch_ms_max": round(max(took) * 1e3, 1),
        }
    async with db.tx(workspace) as tx:
        found["records"] = await tx.value("select count(*) from record where workspace_id = $1", workspace)
        found["entities"] = await tx.value(
            "select count(distinct entity_id) from record where workspace_id = $1", workspace
        )
        found["largest"] = await tx.value(
            "select max(n) from (select count(*) as n from record where workspace_id = $1 group by entity_id) s",
            workspace,
        )
        found["conflicts"] = await identity.count_conflicts(tx)
    found["naive_largest"] = naive(World(count, 7).events(0, count, 0.35))[1]
    return found


async def measure(folder: Path, count: int, profile: bool) -> dict[str, Any]:
    """Run every batch size on a new cluster in `folder`."""
    folder.chmod(0o755)
    cluster = Cluster(folder)
    cluster.start()
    try:
        await migrate(cluster.dsn)
        db = await Database.open(cluster.dsn, size=2)
        sizes = BATCHES[1:2] if profile else BATCHES
        runs = {str(size): await _one(db, cluster.data, size, count, profile) for size in sizes}
        await db.close()
    finally:
        cluster.kill()
    best = max(r["steady"]["events_per_cpu_second"] for r in runs.values())
    wall = max(r["steady"]["events_per_second"] for r in runs.values())
    return {
        "claim": "identity.step, events a second of one core's work (worker and PostgreSQL together)", "machine": facts(),
        "events": count, "bar": BAR, "best_steady_cpu": best, "best_steady_wall": wall, "holds": best >= BAR, "batches": runs,
    }  # fmt: skip


if __name__ == "__main__":
    given = [a for a in sys.argv[1:] if a.isdigit()]
    with tempfile.TemporaryDirectory(prefix="hg-bench-", ignore_cleanup_errors=True) as where:
        told = asyncio.run(measure(Path(where), int(given[0]) if given else 60_000, "--profile" in sys.argv))
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
    if "--profile" not in sys.argv:
        _OUT.write_text(json.dumps(told, indent=2) + "\n")
