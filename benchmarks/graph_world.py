"""A skewed graph of a given size, for every benchmark that reads the graph: the same seed, the same rows.

Skewed on purpose (companies, products and referrers by a power law, a fifth of the edges ended).
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from honeyguide.db import Database
from honeyguide.graph.kinds import EDGE, NODE, partition

START = datetime(2025, 1, 1, tzinfo=UTC)
Mix = dict[str, tuple[float, str, float]]
# Kind -> (share of all edges, kind of the other node, skew of the choice of that node).
PLAIN: Mix = {
    "works_at": (0.10, "company", 0.6), "uses": (0.40, "product", 0.9), "opened": (0.25, "ticket", 0.0),
    "referred": (0.05, "persona", 0.8), "influences": (0.10, "persona", 0.5), "praised": (0.05, "product", 0.9),
    "champion_of": (0.05, "product", 0.9),
}  # fmt: skip
# With every kind that traversals over people and influence read.
SOCIAL: Mix = {
    "works_at": (0.10, "company", 0.6), "uses": (0.30, "product", 0.9), "opened": (0.18, "ticket", 0.0),
    "referred": (0.05, "persona", 0.8), "influences": (0.08, "persona", 0.5), "praised": (0.05, "product", 0.9),
    "champion_of": (0.04, "product", 0.9), "reports_to": (0.07, "persona", 0.3), "holds_role": (0.08, "role", 0.2),
    "introduced": (0.03, "persona", 0.3), "colleague_of": (0.02, "persona", 0.0),
}  # fmt: skip
_LEVELS = ("individual", "manager", "director", "vp", "executive")


def sizes(personas: int) -> dict[str, int]:
    """How many nodes there are of each kind, in the order of their ids from 1."""
    return {"persona": personas, "company": personas // 10, "product": 50, "ticket": personas * 2, "role": 75}


def first_of(nodes: dict[str, int], kind: str) -> int:
    """The least id of a kind."""
    names = list(nodes)
    return 1 + sum(nodes[n] for n in names[: names.index(kind)])


def pairs(rng: np.random.Generator, nodes: dict[str, int], mix: Mix, kind: str, n: int) -> "np.ndarray[Any, Any]":
    """Distinct (src, dst) of a kind, about `n`."""
    _, target, skew = mix[kind]
    size = nodes[target]
    src = first_of(nodes, "persona") + rng.integers(0, nodes["persona"], n)
    rank = (size * rng.random(n) ** (1 / (1 - skew))).astype(np.int64)
    dst = first_of(nodes, target) + np.minimum(rank, size - 1)
    found = np.unique(np.stack([src, dst], 1), axis=0)
    return np.asarray(found[found[:, 0] != found[:, 1]])


def _edges(rng: np.random.Generator, nodes: dict[str, int], mix: Mix, kind: str, n: int) -> list[tuple[Any, ...]]:
    found = pairs(rng, nodes, mix, kind, n)
    days, ended, sure = rng.integers(0, 500, len(found)), rng.random(len(found)) < 0.2, rng.random(len(found))
    code = EDGE[kind]
    return [
        (code, s, d, 0.5 + c / 2.1, at := START + timedelta(days=int(day)), at + timedelta(days=30) if e else None,
         at, 1, "record", at)
        for (s, d), day, e, c in zip(found.tolist(), days, ended, sure, strict=True)
    ]  # fmt: skip


def _key(kind: str, i: int, first: int) -> str:
    return f"{_LEVELS[(i - first) % 5]}/department{(i - first) // 5}" if kind == "role" else f"b:{i}"


async def load(db: Database, workspace: int, personas: int, edges: int, mix: Mix = PLAIN) -> int:
    """Nodes and edges by COPY, then statistics and visibility, as after any bulk load. Returns the number of edges."""
    rng, nodes, loaded = np.random.default_rng(20_261_123), sizes(personas), 0
    async with db.admin() as owner:
        for kind, size in nodes.items():
            first = first_of(nodes, kind)
            props = {"title": "Head of Operations", "email": "someone@example.com", "timezone": "Europe/Berlin"}
            await owner.copy_records_to_table(
                "node",
                columns=["workspace_id", "id", "kind", "key", "name", "props", "first_seen_at", "updated_at"],
                records=((workspace, i, NODE[kind], _key(kind, i, first), f"{kind} {i}", props, START, START) for i in range(first, first + size)),
            )  # fmt: skip
        for kind, (share, _, _) in mix.items():
            rows = _edges(rng, nodes, mix, kind, int(edges * share))
            loaded += len(rows)
            await owner.copy_records_to_table(
                partition(kind),
                columns=["workspace_id", "kind", "src", "dst", "confidence", "valid_from", "valid_to", "last_seen_at", "support", "inferrer", "recorded_at"],
                records=((workspace, *r) for r in rows),
            )  # fmt: skip
        for table in ("node", *(partition(k) for k in mix)):
            await owner.execute(f"vacuum (analyze) {table}")
    return loaded
