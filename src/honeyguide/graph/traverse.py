"""The typed traversals. Each is compiled to the plan shape that was measured to be good; tests hold it there.

Run them on traversal connections: `db.tx(workspace, pool="traverse")`. A natural join of nodes and edges is up to
two hundred times slower, so edges are materialised first and nodes fetched one by one (`offset 0` is the fence).
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from honeyguide import identity
from honeyguide.core import clock
from honeyguide.db import Row, Tx
from honeyguide.graph.beliefs import faded
from honeyguide.graph.extensions import vocabulary
from honeyguide.graph.kinds import EDGE, partition
from honeyguide.graph.nodes import Node, nodes
from honeyguide.graph.shapes import EDGE_COLUMNS, SIDES, columns, held, stands
from honeyguide.graph.vocabulary import FIRST_OWN, Vocabulary, core


class Edge(Struct, frozen=True):
    """An edge for readers: `confidence` is what is left of the belief at the moment asked about."""

    kind: str
    src: int
    dst: int
    confidence: float
    valid_from: datetime
    valid_to: datetime | None
    last_seen_at: datetime
    inferrer: str


class Neighbourhood(Struct, frozen=True):
    """One hop around an entity. `truncated` when a kind had more edges than the limit."""

    centre: int
    nodes: dict[int, Node]
    edges: list[Edge]
    truncated: bool
    valid_at: datetime | None
    recorded_at: datetime | None


_HELD = held("", "$3")
_OWN = "own"  # a workspace's own kinds, together


def _side(direction: str) -> str:
    """All edges on one side, whatever their kind, with one limit."""
    here, there = SIDES[direction]
    return (
        f"(select '{direction}'::text as dir, kind, {there} as other, {EDGE_COLUMNS} from edge "
        f"where workspace_id = $1 and {here} = $2 and {_HELD} limit $4)"
    )


def _kind_on_side(direction: str, kind: str) -> str:
    """One kind's edges on one side, from its own partition, in index order, with a limit of its own."""
    here, there = SIDES[direction]
    shared = partition(kind) == partition(_OWN)  # the partition of what has none of its own
    only = f"and kind >= {FIRST_OWN} " if kind == _OWN else f"and kind = {EDGE[kind]} " if shared else ""
    code = "kind" if kind == _OWN else f"{EDGE[kind]}::smallint as kind"
    return (
        f"(select '{direction}'::text as dir, {code}, {there} as other, {EDGE_COLUMNS} from {partition(kind)} "
        f"where workspace_id = $1 and {here} = $2 {only}and {_HELD} order by {there} limit $4)"
    )


def _with_nodes(edges: str) -> str:
    return (
        f"with e as materialized ({edges}) "
        f"select e.dir, e.kind, e.other, {columns('e')}, "
        "n.id, n.kind as node_kind, n.key, n.name, n.props, n.first_seen_at, n.updated_at "
        "from e left join lateral (select id, kind, key, name, props, first_seen_at, updated_at from node "
        "where workspace_id = $1 and id = e.other offset 0) n on true"
    )


# The centre comes along as a row of its own: one message to the server instead of three.
_SELF = "select 'self'::text, 0::smallint, $2::bigint, 0::real, null::timestamptz, null::timestamptz, null::timestamptz, null::text"
NEIGHBOURHOOD = _with_nodes(f"{_side('out')} union all {_side('in')} union all {_SELF}")
# For hubs, so that ten thousand tickets do not hide the people. One statement per side: drivers do not keep
# prepared statements of more than 15 kB, and planning it anew costs fifty times its execution.
HUB = {side: _with_nodes(" union all ".join(_kind_on_side(side, kind) for kind in (*EDGE, _OWN))) for side in SIDES}

# What was believed at $4: versions recorded by then and not yet retired, of every id the entity ever went by ($2).
AS_OF = """
with v as materialized (
  select kind, src, dst, confidence, valid_from, valid_to, recorded_at as last_seen_at, inferrer, earlier from edge
  where workspace_id = $1 and src = any($2::bigint[]) and recorded_at <= $4
  union all
  select kind, src, dst, confidence, valid_from, valid_to, recorded_at, inferrer, earlier from edge
  where workspace_id = $1 and dst = any($2::bigint[]) and recorded_at <= $4
  union all
  select kind, src, dst, confidence, valid_from, valid_to, recorded_at, inferrer, earlier from edge_history
  where workspace_id = $1 and src = any($2::bigint[]) and recorded_at <= $4 and retired_at > $4
  union all
  select kind, src, dst, confidence, valid_from, valid_to, recorded_at, inferrer, earlier from edge_history
  where workspace_id = $1 and dst = any($2::bigint[]) and recorded_at <= $4 and retired_at > $4)
select kind, src, dst, confidence, valid_from, valid_to, last_seen_at, inferrer from v
where (valid_from <= $3 and (valid_to is null or valid_to > $3)) or (earlier is not null and earlier @> $3::timestamptz)
order by kind, src, dst limit $5
"""

COLLEAGUES_OF_REFERRED_USING = f"""
select distinct c.src as persona
from edge_referred r
join edge_works_at w on w.workspace_id = r.workspace_id and w.src = r.dst
  and {stands("w", "$4")}
join edge_works_at c on c.workspace_id = w.workspace_id and c.dst = w.dst and c.src <> r.dst
  and {stands("c", "$4")}
join edge_uses u on u.workspace_id = c.workspace_id and u.src = c.src and u.dst = $3
  and {stands("u", "$4")}
where r.workspace_id = $1 and r.src = $2 and {stands("r", "$4")}
limit $5
"""


async def neighbourhood(
    tx: Tx, entity_id: int, *, valid_at: datetime | None = None, recorded_at: datetime | None = None, limit: int = 200
) -> Neighbourhood:
    """Edges in and out of an entity with the nodes at their other ends.

    `valid_at`: as things stood then (default: now). `recorded_at`: as we believed them to stand, back then. At most
    `limit` edges per kind and direction (for `recorded_at`: in all), in the order of the other node's id.
    """
    at = valid_at or clock.now()
    centre = entity_id
    if recorded_at is not None:
        centre = (await identity.resolve(tx, (entity_id,)))[entity_id]
        return await _as_of(tx, centre, at, valid_at, recorded_at, limit)
    rows = await tx.rows(NEIGHBOURHOOD, tx.workspace_id, centre, at, limit + 1)
    if any(r["dir"] == "self" and r["id"] is None for r in rows):  # no node: perhaps the id of a retired entity
        centre = (await identity.resolve(tx, (entity_id,)))[entity_id]
        if centre != entity_id:
            rows = await tx.rows(NEIGHBOURHOOD, tx.workspace_id, centre, at, limit + 1)
    for side, sql in HUB.items():
        if sum(r["dir"] == side for r in rows) > limit:
            whole = await tx.rows(sql, tx.workspace_id, centre, at, limit + 1)
            rows = [r for r in rows if r["dir"] != side] + whole
    known = await _vocabulary(tx, (k for r in rows for k in (r["kind"], r["node_kind"] or 0)))
    per_branch: dict[tuple[str, int], int] = {}
    edges, found = [], {}
    for r in sorted(rows, key=lambda one: (one["dir"], one["kind"], one["other"])):
        if r["dir"] != "self":
            branch = (r["dir"], min(r["kind"], FIRST_OWN))
            per_branch[branch] = per_branch.get(branch, 0) + 1
            if per_branch[branch] > limit:
                continue
            src, dst = (centre, r["other"]) if r["dir"] == "out" else (r["other"], centre)
            edges.append(_edge(r, src, dst, at, known))
        if r["id"] is not None:
            found[r["id"]] = Node(
                r["id"], known.node_name.get(r["node_kind"], "other"), r["key"], r["name"], r["props"], r["first_seen_at"],
                r["updated_at"],
            )  # fmt: skip
    return Neighbourhood(centre, found, edges, any(n > limit for n in per_branch.values()), valid_at, None)


async def _as_of(
    tx: Tx, centre: int, at: datetime, valid_at: datetime | None, recorded_at: datetime, limit: int
) -> Neighbourhood:
    ids = (await identity.members(tx, (centre,)))[centre] or [centre]
    rows = await tx.rows(AS_OF, tx.workspace_id, ids, at, recorded_at, limit + 1)
    known = await _vocabulary(tx, (r["kind"] for r in rows))
    edges = [_edge(r, r["src"], r["dst"], recorded_at, known) for r in rows[:limit]]
    found = await nodes(tx, {centre} | {i for e in edges for i in (e.src, e.dst)})
    return Neighbourhood(centre, found, edges, len(rows) > limit, valid_at, recorded_at)


async def _vocabulary(tx: Tx, codes: Iterable[int]) -> Vocabulary:
    """The core vocabulary; a look-up more where one of the codes is the workspace's own."""
    return await vocabulary(tx) if any(c >= FIRST_OWN for c in codes) else core()


def _edge(r: Row, src: int, dst: int, at: datetime, known: Vocabulary) -> Edge:
    half_life = known.rules.half_life.get(r["kind"])
    return Edge(
        known.edge_name.get(r["kind"], "other"), src, dst,
        round(faded(r["confidence"], half_life, r["last_seen_at"], at), 4),
        r["valid_from"], r["valid_to"], r["last_seen_at"], r["inferrer"],
    )  # fmt: skip


async def colleagues_of_referred_using(
    tx: Tx, persona: int, product: int, *, at: datetime | None = None, limit: int = 1_000
) -> list[int]:
    """Who works with somebody this persona referred, and uses the product: warm ground for the next ask."""
    rows = await tx.rows(
        COLLEAGUES_OF_REFERRED_USING, tx.workspace_id, persona, product, at or clock.now(), limit
    )  # fmt: skip
    return [r["persona"] for r in rows]
