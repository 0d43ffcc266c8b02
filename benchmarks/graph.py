"""The living graph at 200,000 personas and 2,000,000 edges: traversals, influence, segments, and other engines in one run.

    python -m benchmarks.graph [personas] [edges] [--ladybug PYTHON]

The bars: one hop p95 <= 5 ms, every three-hop named traversal p95 <= 50 ms, an influence step <= 1 s for 1,000 changed
edges. Ratios are against the product's own call (1). Results go to benchmarks/results/graph.json.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import cpu, graph_others
from benchmarks.graph_world import SOCIAL, START, first_of, load, sizes
from benchmarks.machine import facts
from benchmarks.neighbourhood import point, summary, timed, whole
from honeyguide import graph
from honeyguide.core import clock
from honeyguide.db import Database, Tx, create_workspace
from honeyguide.db.embedded import Cluster
from honeyguide.db.migrate import migrate
from honeyguide.graph import segments
from honeyguide.graph.influence_steps import exact_scores
from honeyguide.graph.influence_tables import CODES

HOP_MS, TRAVERSAL_MS, STEP_S = 5.0, 50.0, 1.0
THREE_HOPS = ("colleagues_of_referred_using", "warm_path", "path_between")
_AT = START + timedelta(days=500)
_OUT = Path(__file__).parent / "results" / "graph.json"
Call = Callable[[Tx, int], Awaitable[object]]


def _traversals(personas: int) -> dict[str, tuple[str, Call]]:
    """Name -> (what it starts from, the call). The other end is drawn by the first one's id, the same in every run."""
    nodes = sizes(personas)
    company, product = first_of(nodes, "company"), first_of(nodes, "product")

    def to_company(i: int) -> int:
        return company + i * 7_919 % nodes["company"]

    def to_product(i: int) -> int:
        return product + i * 31 % nodes["product"]

    return {
        "colleagues_of_referred_using": ("persona", lambda tx, i: graph.colleagues_of_referred_using(tx, i, to_product(i))),
        "warm_path": ("persona", lambda tx, i: graph.warm_path(tx, i, to_company(i))),
        "path_between": ("persona", lambda tx, i: graph.path_between(tx, i, 1 + i * 7_919 % personas)),
        "colleagues_of": ("persona", lambda tx, i: graph.colleagues_of(tx, i)),
        "who_uses": ("company", lambda tx, i: graph.who_uses(tx, to_product(i), company=i)),
        "buying_group": ("company", lambda tx, i: graph.buying_group(tx, i)),
        "product_footprint": ("company", lambda tx, i: graph.product_footprint(tx, i)),
        "evidence": ("persona", lambda tx, i: graph.evidence(tx, 1, i, to_company(i))),
        "influence_of": ("persona", lambda tx, i: graph.influence_of(tx, [i])),
    }  # fmt: skip


async def reads(db: Database, workspace: int, personas: int) -> dict[str, Any]:
    """Point read, one hop, and every named traversal."""
    rng, nodes = np.random.default_rng(7), sizes(personas)
    start = {
        kind: [first_of(nodes, kind) + int(i) for i in rng.integers(0, nodes[kind], 300)]
        for kind in ("persona", "company")
    }
    found: dict[str, Any] = {}
    async with db.tx(workspace, pool="traverse") as tx:
        found["point_read"] = summary(await timed(tx, start["persona"], point))
        found["one_hop"] = summary(await timed(tx, start["persona"], whole))
        for name, (kind, call) in _traversals(personas).items():
            found[name] = summary(await timed(tx, start[kind], call))
    return found


async def _change(tx: Tx, n: int, rng: random.Random) -> list[tuple[int, int, int]]:
    """About `n` edges of the kinds influence rests on: a third goes, a third becomes weaker, a third surer."""
    pool = await tx.rows(
        "select kind, src, dst from edge where workspace_id = $1 and kind = any($2::smallint[]) and valid_to is null "
        "and (src * 31 + dst) % 97 = $3 order by kind, src, dst",
        tx.workspace_id, sorted(CODES), rng.randrange(97),
    )  # fmt: skip
    keys = [tuple(r) for r in rng.sample(pool, min(n, len(pool)))]
    for share, sql in enumerate((
        "delete from edge e using unnest($2::smallint[], $3::bigint[], $4::bigint[]) as k(kind, src, dst) "
        "where e.workspace_id = $1 and e.kind = k.kind and e.src = k.src and e.dst = k.dst",
        "update edge e set confidence = 0.6 from unnest($2::smallint[], $3::bigint[], $4::bigint[]) as k(kind, src, dst) "
        "where e.workspace_id = $1 and e.kind = k.kind and e.src = k.src and e.dst = k.dst",
        "update edge e set confidence = 0.97 from unnest($2::smallint[], $3::bigint[], $4::bigint[]) as k(kind, src, dst) "
        "where e.workspace_id = $1 and e.kind = k.kind and e.src = k.src and e.dst = k.dst",
    )):  # fmt: skip
        some = keys[share::3]
        await tx.run(sql, tx.workspace_id, *([k[i] for k in some] for i in range(3)))
    return keys


async def influence(db: Database, workspace: int, folder: Path, rounds: int = 7) -> dict[str, Any]:
    """A rebuild, steps of several sizes, and how far the steps led from a second rebuild."""
    rng = random.Random(5)
    found: dict[str, Any] = {}
    start = time.perf_counter()
    async with db.tx(workspace) as tx:
        await graph.influence_rebuild(tx)
    found["rebuild_s"] = round(time.perf_counter() - start, 2)
    async with db.admin() as owner:
        for table in ("influence", "influence_block", "influence_value"):
            await owner.execute(f"vacuum (analyze) {table}")
    for n in (1, 10, 100, 1_000):
        took, spent, moved = [], [], []
        for _ in range(rounds):
            async with db.tx(workspace) as tx:
                touched = graph.influence_touched(await _change(tx, n, rng))
                burnt, start = time.process_time() + cpu.seconds_in(folder), time.perf_counter()
                moved.append(len(await graph.influence_step(tx, touched)))
                took.append(time.perf_counter() - start)
                spent.append(time.process_time() + cpu.seconds_in(folder) - burnt)
        found[f"step_of_{n}"] = {
            "median_s": round(statistics.median(took), 3), "most_s": round(max(took), 3),
            "cpu_s": round(statistics.median(spent), 3), "scores_changed": round(statistics.median(moved)),
        }  # fmt: skip
    async with db.tx(workspace) as tx:
        before = await exact_scores(tx)
        await graph.influence_rebuild(tx)
        after = await exact_scores(tx)
    found["steps_differ_from_rebuild_by"] = max(
        abs(before.get(i, 0.0) - after.get(i, 0.0)) for i in before.keys() | after.keys()
    )
    return found


def _conditions(personas: int) -> dict[str, Any]:
    product, company = first_of(sizes(personas), "product"), first_of(sizes(personas), "company")
    uses = {"type": "edges", "kind": "uses", "nodes": [str(product + 3)]}
    return {
        "uses a product": uses,
        "works at a company": {"type": "edges", "kind": "works_at", "nodes": [str(company + 5)]},
        "opened three tickets in 90 days": {"type": "edges", "kind": "opened", "within_days": 90, "at_least": 3, "state": "any"},
        "influential, does not use it": {"type": "all", "of": [{"type": "influence", "at_least": 0.2}, {"type": "not", "of": uses}]},
        "champion, seen in 60 days, still sure": {"type": "edges", "kind": "champion_of", "within_days": 60, "confidence": 0.7},
        "colleague at a company by name": {"type": "company", "of": {"type": "property", "name": "timezone", "op": "eq", "value": "Mars"}},
        "referred or introduced somebody": {
            "type": "any", "of": [{"type": "edges", "kind": "referred"}, {"type": "edges", "kind": "introduced"}],
        },
    }  # fmt: skip


async def live(db: Database, workspace: int, personas: int) -> dict[str, Any]:
    """Previews over everybody, and a step of 1,000 touched personas over a saved segment of each condition."""
    found: dict[str, Any] = {"preview_ms": {}}
    for name, condition in _conditions(personas).items():
        took, count = [], 0
        for _ in range(3):
            async with db.tx(workspace) as tx:
                start = time.perf_counter()
                count = (await segments.preview(tx, condition)).count
                took.append((time.perf_counter() - start) * 1_000)
        found["preview_ms"][name] = {"median": round(statistics.median(took)), "count": count}
    start = time.perf_counter()
    async with db.tx(workspace) as tx:
        for name, condition in _conditions(personas).items():
            await segments.create(tx, name, condition, "benchmark")
    found["seven_created_s"] = round(time.perf_counter() - start, 2)
    took = []
    for n in range(7):
        async with db.tx(workspace) as tx:
            start = time.perf_counter()
            await graph.segments_step(tx, set(range(1 + n * 1_000, 1_001 + n * 1_000)))
            took.append((time.perf_counter() - start) * 1_000)
    found["step_of_1000_personas_ms"] = round(statistics.median(took))
    return found


async def others(db: Database, workspace: int, personas: int, ladybug: str) -> dict[str, Any]:
    """The same hop and path in every engine, and the ratio of each to ours. DuckDB's answers are the truth."""
    rng = np.random.default_rng(11)
    hops = [int(i) for i in rng.integers(1, personas + 1, 100)]
    first = first_of(sizes(personas), "product")
    questions = [
        (int(p), first + int(q))
        for p, q in zip(rng.integers(1, personas + 1, 60), rng.integers(0, 50, 60), strict=True)
    ]
    ours: dict[str, list[float]] = {"hop": [], "path": []}
    answers = []
    async with db.tx(workspace, pool="traverse") as tx:
        ours["hop"] = await timed(tx, hops, lambda tx, i: graph.neighbourhood(tx, i, valid_at=_AT))
        for persona, product in questions:
            start = time.perf_counter()
            answers.append(sorted(await graph.colleagues_of_referred_using(tx, persona, product, at=_AT)))
            ours["path"].append((time.perf_counter() - start) * 1_000)
    mine = {name: summary(ms) for name, ms in ours.items()}
    found: dict[str, Any] = {"honeyguide": {**mine, "answers": answers}}
    found["plain join"] = await graph_others.plain_join(db, workspace, hops, questions, _AT)
    with tempfile.TemporaryDirectory(prefix="hg-bench-") as folder:
        await graph_others.export(db, workspace, Path(folder))
        found["duckdb"] = graph_others.in_duckdb(Path(folder), hops, questions, _AT)
        if ladybug:
            found["ladybug"] = graph_others.in_ladybug(ladybug, Path(folder), hops, questions, _AT)
    truth = found["duckdb"]["answers"]
    for one in found.values():
        if "answers" in one:
            one["answers_that_differ"] = graph_others.differing(one.pop("answers"), truth)
            one["ratio"] = {
                f"{what}_{p}": round(one[what][f"{p}_ms"] / mine[what][f"{p}_ms"], 2)
                for what in ("hop", "path")
                for p in ("p50", "p95")
            }
    return found


async def _main(cluster: Cluster, folder: Path, personas: int, edges: int, ladybug: str) -> dict[str, Any]:
    await migrate(cluster.dsn)
    db = await Database.open(cluster.dsn)
    try:
        workspace = await create_workspace(db, "benchmark", "Benchmark")
        start = time.perf_counter()
        loaded = await load(db, workspace, personas, edges, SOCIAL)
        result: dict[str, Any] = {
            "personas": personas,
            "edges": loaded,
            "load_s": round(time.perf_counter() - start, 1),
        }
        with clock.frozen(_AT):
            result["influence"] = await influence(db, workspace, folder)
            async with db.admin() as owner:
                await owner.execute("vacuum (analyze)")
            result["reads"] = await reads(db, workspace, personas)
            result["segments"] = await live(db, workspace, personas)
            result["engines"] = await others(db, workspace, personas, ladybug)
    finally:
        await db.close()
    result["bars"] = {
        "one_hop_p95": result["reads"]["one_hop"]["p95_ms"] <= HOP_MS,
        "three_hops_p95": all(result["reads"][name]["p95_ms"] <= TRAVERSAL_MS for name in THREE_HOPS),
        "influence_step": result["influence"]["step_of_1000"]["median_s"] <= STEP_S,
        "answers_agree": result["engines"]["honeyguide"]["answers_that_differ"] == 0,
    }
    return {**result, "machine": facts()}


def main() -> int:
    """Run, print, store. Returns 1 when a bar is missed."""
    given = argparse.ArgumentParser()
    given.add_argument("personas", nargs="?", type=int, default=200_000)
    given.add_argument("edges", nargs="?", type=int, default=2_400_000)
    given.add_argument("--ladybug", default="", help="a Python with the packages ladybug and pyarrow")
    asked = given.parse_args()
    with tempfile.TemporaryDirectory(prefix="hg-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        running = Cluster(Path(folder), "auto")
        running.start()
        try:
            result = asyncio.run(_main(running, Path(folder), asked.personas, asked.edges, asked.ladybug))
        finally:
            running.kill()
    print(json.dumps(result, indent=2))
    if asked.personas >= 200_000:
        _OUT.parent.mkdir(exist_ok=True)
        _OUT.write_text(json.dumps(result, indent=2) + "\n")
    return 0 if all(result["bars"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
