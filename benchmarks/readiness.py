"""How many people a second readiness is computed for: read, scored and stored, and the formula alone.

    python -m benchmarks.readiness [PEOPLE]

An embedded PostgreSQL on a data folder that is thrown away; a tenth as many companies, seven in ten of them customers,
about four edges a person.
"""

import asyncio
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from honeyguide import decisions
from honeyguide.db import Database, Tx, create_workspace
from honeyguide.db.embedded import Cluster
from honeyguide.db.migrate import migrate
from honeyguide.decisions import readiness_parts
from honeyguide.graph.kinds import EDGE, NODE

NOW = datetime(2026, 3, 10, tzinfo=UTC)
_FIRM, _SLICE, _ROWS = 10**12, 20_000, 1_000_000
_PRODUCT = 900


async def _nodes(tx: Tx, kind: str, ids: list[int]) -> None:
    for n in range(0, len(ids), _SLICE):
        await tx.run(
            "insert into node (workspace_id, id, kind, key, name, props, first_seen_at, updated_at) select $1::int, x.id, $2::smallint, "
            "'bench:' || x.id, 'N ' || x.id, $5::jsonb, $3::timestamptz, $3::timestamptz from unnest($4::bigint[]) as x (id)",
            tx.workspace_id, NODE[kind], NOW - timedelta(days=300), ids[n : n + _SLICE], {"employees": 40, "title": "VP"},
        )  # fmt: skip


async def _edges(tx: Tx, kind: str, pairs: list[tuple[int, int]]) -> None:
    for n in range(0, len(pairs), _SLICE):
        part = pairs[n : n + _SLICE]
        await tx.run(
            "insert into edge (workspace_id, kind, src, dst, confidence, valid_from, last_seen_at, support, inferrer, recorded_at) "
            "select $1::int, $2::smallint, x.src, x.dst, 0.95, $3::timestamptz, $3::timestamptz, 1, 'record', $3::timestamptz "
            "from unnest($4::bigint[], $5::bigint[]) as x (src, dst) on conflict do nothing",
            tx.workspace_id, EDGE[kind], NOW - timedelta(days=30), [a for a, _ in part], [b for _, b in part],
        )  # fmt: skip


async def _furnish(tx: Tx, people: list[int]) -> None:
    rng = random.Random(1)
    firms = [_FIRM + n for n in range(len(people) // 10)]
    await _nodes(tx, "company", firms)
    await _nodes(tx, "persona", people)
    await _edges(tx, "works_at", [(p, firms[p % len(firms)]) for p in people])
    await _edges(tx, "bought", [(f, _PRODUCT) for f in firms if f % 10 < 7])
    await _edges(tx, "uses", [(p, _PRODUCT) for p in people if p % 3])
    await _edges(tx, "praised", [(p, _PRODUCT) for p in people if p % 5 == 0])
    await _edges(tx, "referred", [(p, rng.choice(people)) for p in people if p % 20 == 0])
    await _edges(tx, "colleague_of", [(p, rng.choice(people)) for p in people for _ in range(2)])


async def _measure(dsn: str, size: int) -> None:
    await migrate(dsn)
    db = await Database.open(dsn, size=4)
    workspace = await create_workspace(db, "bench", "Bench")
    people = list(range(1, size + 1))
    async with db.tx(workspace) as tx:
        await _furnish(tx, people)
    async with db.admin() as owner:
        await owner.execute("analyze")
    for title, only in (("everybody, first time", None), ("everybody, again", None), ("one", 1), ("fifty", 50)):
        async with db.tx(workspace) as tx:
            began = time.perf_counter()
            await decisions.readiness_step(tx, NOW, None if only is None else people[:only])
            took = time.perf_counter() - began
        print(f"{title:<24} {took * 1000:10,.0f} ms   {(only or size) / took:10,.0f} people/s", flush=True)
    await db.close()


def _formula() -> None:
    rng = np.random.default_rng(1)
    columns = readiness_parts.Columns(*(rng.uniform(0, 1, _ROWS) for _ in readiness_parts.Columns.__struct_fields__))
    began = time.perf_counter()
    readiness_parts.score(columns)
    print(f"{'the formula alone':<24} {'':>10}      {_ROWS / (time.perf_counter() - began):10,.0f} people/s")


def main() -> None:
    """Measure and print."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 30_000
    with tempfile.TemporaryDirectory(prefix="hg-readiness-") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder), "auto")
        cluster.start()
        try:
            asyncio.run(_measure(cluster.dsn, size))
        finally:
            cluster.kill()
    _formula()


if __name__ == "__main__":
    main()
