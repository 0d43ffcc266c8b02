"""A picture of part of the graph: what surrounds somebody one or two steps out, small enough to look at.

The surest edges come first; what does not fit is left out and said so. Companies are the clusters people stand in.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from honeyguide import identity
from honeyguide.core import clock
from honeyguide.db import Row, Tx
from honeyguide.graph import influence_tables
from honeyguide.graph.beliefs import decayed
from honeyguide.graph.influence_reasons import influential
from honeyguide.graph.kinds import EDGE, EDGE_NAME
from honeyguide.graph.nodes import Node, nodes
from honeyguide.graph.shapes import SIDES, branches
from honeyguide.graph.traverse import Edge

_PER_KIND = 60  # edges of one kind and direction of one node
_SEEDS = 40  # people a picture without a centre begins with
_FRONT = 120  # nodes that are expanded at the second step


class Cluster(Struct, frozen=True):
    """The nodes of the picture that belong to one company (None: to none)."""

    company: int | None
    name: str
    n: int


class Placed(Struct, frozen=True):
    """A node of the picture, the company it belongs to, and its influence where somebody measured it."""

    node: Node
    company: int | None
    score: float | None


class Scene(Struct, frozen=True):
    """Nodes and the edges between them. `truncated`: there is more than is shown."""

    centre: int | None
    nodes: list[Placed]
    edges: list[Edge]
    truncated: bool
    clusters: list[Cluster]


async def scene(
    tx: Tx,
    centre: int | None,
    *,
    hops: int = 1,
    at: datetime | None = None,
    kinds: Sequence[str] = (),
    limit: int = 200,
) -> Scene:
    """What surrounds `centre` within `hops` steps; without a centre, the most influential people and what ties them.

    At most `limit` nodes, the surest edges first; `kinds` narrows the edges. Without such a node the picture is empty.
    """
    when = at or clock.now()
    chosen = [k for k in EDGE if not kinds or k in kinds]
    if centre is None:
        start = [persona for persona, _ in await influential(tx, limit=_SEEDS)] or await _anybody(tx)
    else:
        start = [(await identity.resolve(tx, (centre,)))[centre]]
    if centre is not None and start[0] not in await nodes(tx, start):
        return Scene(start[0], [], [], False, [])
    shown, edges, truncated = dict.fromkeys(start), {}, False
    front = list(start)
    for step in range(hops + 1):  # the last one adds no node: it finds what ties those that are shown
        rows = await _out_of(tx, front, chosen, when)
        truncated |= step < hops and _cut(rows)
        for r in sorted(rows, key=lambda one: (-one["confidence"], one["kind"], one["there"])):
            if r["there"] not in shown and (step == hops or len(shown) >= limit):
                truncated |= step < hops
                continue
            shown.setdefault(r["there"])
            edge = _edge(r, when)
            edges[edge.kind, edge.src, edge.dst] = edge
        known = set(front)
        front = [i for i in shown if i not in known][:_FRONT]
        if not front:
            break
    return await _placed(tx, start[0] if centre is not None else None, list(shown), list(edges.values()), truncated)


async def _anybody(tx: Tx) -> list[int]:
    rows = await tx.rows(
        "select src from edge_works_at where workspace_id = $1 order by src limit $2", tx.workspace_id, _SEEDS
    )
    return [r["src"] for r in rows]


async def _out_of(tx: Tx, ids: Sequence[int], kinds: Sequence[str], when: datetime) -> list[Row]:
    """The believed edges at these nodes. One statement per side: drivers do not keep prepared ones of more than 15 kB."""
    found: list[Row] = []
    for side in SIDES:
        parts = branches("k.id", [(kind, side) for kind in kinds], "$3", "$4")
        found += await tx.rows(
            f"select s.* from unnest($2::bigint[]) as k(id) cross join lateral ({parts} offset 0) s",
            tx.workspace_id, list(ids), when, _PER_KIND,
        )  # fmt: skip
    return found


def _cut(rows: Sequence[Row]) -> bool:
    """Had a node as many edges of one kind as are read?"""
    counted = Counter((r["here"], r["kind"], r["dir"]) for r in rows)
    return any(n >= _PER_KIND for n in counted.values())


def _edge(r: Row, when: datetime) -> Edge:
    src, dst = (r["here"], r["there"]) if r["dir"] == "out" else (r["there"], r["here"])
    left = round(decayed(r["confidence"], r["kind"], r["last_seen_at"], when), 4)
    return Edge(
        EDGE_NAME[r["kind"]], src, dst, left, r["valid_from"], r["valid_to"], r["last_seen_at"], r["inferrer"]
    )  # fmt: skip


async def _placed(tx: Tx, centre: int | None, ids: list[int], edges: list[Edge], truncated: bool) -> Scene:
    found = await nodes(tx, ids)
    home = {i: _company_of(n) for i, n in found.items()}
    for e in edges:  # what is no person stands with the company it has an edge with
        for one, other in ((e.src, e.dst), (e.dst, e.src)):
            if one in home and home[one] is None and found[one].kind not in ("persona", "product", "feature"):
                home[one] = other if other in found and found[other].kind == "company" else home.get(other)
    scores = {r["persona"]: r["score"] for r in await influence_tables.scores_of(tx, ids)}
    firms = await nodes(tx, {c for c in home.values() if c is not None})
    counted = Counter(home.values())
    clusters = [
        Cluster(c, (firms[c].name or firms[c].key) if c in firms else "", n)
        for c, n in sorted(counted.items(), key=lambda one: (-one[1], one[0] or 0))
    ]
    placed = [Placed(found[i], home[i], scores.get(i)) for i in ids if i in found]
    ends = set(found)
    return Scene(centre, placed, [e for e in edges if e.src in ends and e.dst in ends], truncated, clusters)


def _company_of(node: Node) -> int | None:
    if node.kind == "company":
        return node.id
    said = str(node.props.get("company") or "")
    return int(said) if node.kind == "persona" and said.isdigit() else None
