"""The same questions to other engines, over the same rows: a plain join in PostgreSQL, DuckDB, and Ladybug where it is at hand.

Ladybug is no dependency of ours: its part runs under the Python given, which has `ladybug` and `pyarrow`.
"""

import json
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.neighbourhood import summary
from honeyguide.db import Database
from honeyguide.graph.kinds import EDGE

Question = tuple[int, int]  # a persona and a product
_VALID = "{a}.valid_from <= {at} and ({a}.valid_to is null or {a}.valid_to > {at})"
_HOP = (
    "select e.kind, n.id, n.name from edge e join node n on n.workspace_id = e.workspace_id and n.id = e.dst "
    "where e.workspace_id = $1 and e.src = $2 and " + _VALID.format(a="e", at="$3") + " union all "
    "select e.kind, n.id, n.name from edge e join node n on n.workspace_id = e.workspace_id and n.id = e.src "
    "where e.workspace_id = $1 and e.dst = $2 and " + _VALID.format(a="e", at="$3")
)


def _path(workspace: str) -> str:
    """Who works with somebody X referred and uses the product, as one writes it over one table of edges."""
    joined = " and {b}.workspace_id = {a}.workspace_id" if workspace else ""
    valid = {a: _VALID.format(a=a, at="$3") for a in "rwcu"}
    return (
        f"select distinct c.src from edge r "
        f"join edge w on w.src = r.dst and w.kind = {EDGE['works_at']}{joined.format(a='r', b='w')} and {valid['w']} "
        f"join edge c on c.dst = w.dst and c.src <> r.dst and c.kind = {EDGE['works_at']}{joined.format(a='w', b='c')} and {valid['c']} "
        f"join edge u on u.src = c.src and u.dst = $2 and u.kind = {EDGE['uses']}{joined.format(a='c', b='u')} and {valid['u']} "
        f"where {workspace}r.src = $1 and r.kind = {EDGE['referred']} and {valid['r']}"
    )


async def plain_join(
    db: Database, workspace: int, hops: list[int], questions: list[Question], at: datetime
) -> dict[str, Any]:
    """The natural form, on connections with the server's usual plans (the generic one after some executions)."""
    took: dict[str, list[float]] = {"hop": [], "path": []}
    answers = []
    async with db.tx(workspace) as tx:
        for i in hops:
            start = time.perf_counter()
            await tx.rows(_HOP, workspace, i, at)
            took["hop"].append((time.perf_counter() - start) * 1_000)
        path = _path("r.workspace_id = $4 and ")
        for persona, product in questions:
            start = time.perf_counter()
            rows = await tx.rows(path, persona, product, at, workspace)
            took["path"].append((time.perf_counter() - start) * 1_000)
            answers.append(sorted(r["src"] for r in rows))
    return {"hop": summary(took["hop"]), "path": summary(took["path"]), "answers": answers}


async def export(db: Database, workspace: int, folder: Path) -> None:
    """Every edge and node as Parquet."""
    async with db.tx(workspace) as tx:
        edges = await tx.rows(
            "select kind, src, dst, confidence, valid_from, valid_to from edge where workspace_id = $1", workspace
        )
        nodes = await tx.rows("select id, kind, name from node where workspace_id = $1", workspace)
    kind, src, dst, confidence, valid_from, valid_to = zip(*edges, strict=True)
    stamp = pa.timestamp("us", "UTC")
    pq.write_table(
        pa.table({"kind": pa.array(kind, pa.int16()), "src": pa.array(src, pa.int64()), "dst": pa.array(dst, pa.int64()),
                  "confidence": pa.array(confidence, pa.float32()), "valid_from": pa.array(valid_from, stamp),
                  "valid_to": pa.array(valid_to, stamp)}),
        folder / "edge.parquet",
    )  # fmt: skip
    ids, kinds, names = zip(*nodes, strict=True)
    pq.write_table(
        pa.table({"id": pa.array(ids, pa.int64()), "kind": pa.array(kinds, pa.int16()), "name": pa.array(names)}),
        folder / "node.parquet",
    )  # fmt: skip


def in_duckdb(folder: Path, hops: list[int], questions: list[Question], at: datetime) -> dict[str, Any]:
    """DuckDB in memory, with indexes on both ends of an edge."""
    db = duckdb.connect()
    db.execute("set threads = 2")
    db.execute("set timezone = 'UTC'")
    for table in ("edge", "node"):
        db.execute(f"create table {table} as select * from read_parquet('{folder / table}.parquet')")
    for index in ("edge_src on edge (src)", "edge_dst on edge (dst)", "node_id on node (id)"):
        db.execute(f"create index {index}")
    valid = _VALID.format(a="e", at="$2")
    hop = " union all ".join(
        f"select e.kind, n.id, n.name from edge e join node n on n.id = e.{there} where e.{here} = $1 and {valid}"
        for here, there in (("src", "dst"), ("dst", "src"))
    )
    took: dict[str, list[float]] = {"hop": [], "path": [], "counts": []}
    for i in hops:
        start = time.perf_counter()
        db.execute(hop, [i, at]).fetchall()
        took["hop"].append((time.perf_counter() - start) * 1_000)
    path, answers = _path(""), []
    for persona, product in questions:
        start = time.perf_counter()
        rows = db.execute(path, [persona, product, at]).fetchall()
        took["path"].append((time.perf_counter() - start) * 1_000)
        answers.append(sorted(r[0] for r in rows))
    for _ in range(5):
        start = time.perf_counter()
        db.execute(
            "select kind, count(*) from edge where valid_from >= $1::timestamptz - interval 30 day group by kind", [at]
        ).fetchall()
        took["counts"].append((time.perf_counter() - start) * 1_000)
    return {**{name: summary(ms) for name, ms in took.items()}, "answers": answers}


def in_ladybug(python: str, folder: Path, hops: list[int], questions: list[Question], at: datetime) -> dict[str, Any]:
    """Ladybug under another Python; its answers come back with its times."""
    asked = {"folder": str(folder), "hops": hops, "questions": questions, "at": at.isoformat(), "kinds": EDGE}
    program = Path(__file__).with_name("graph_ladybug.py")
    said = subprocess.run(
        [python, str(program)], input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=900
    )
    if said.returncode:
        return {
            "not_measured": said.stderr.strip().splitlines()[-1][:200] if said.stderr else "it ended without a word"
        }
    found = json.loads(said.stdout)
    return {name: summary(found[name]) for name in ("hop", "path", "counts")} | {
        "answers": found["answers"],
        "load_s": found["load_s"],
    }


def differing(answers: list[list[int]], truth: list[list[int]]) -> int:
    """How many answers are not the same."""
    return int(np.sum([a != t for a, t in zip(answers, truth, strict=True)]))
