"""The tables this stage owns: node, assertion, edge with its partitions, edge_history."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.graph.beliefs import Assertion, Belief, EdgeKey, Period

TABLES = ("node", "assertion", "edge", "edge_history")

# In the order of the struct's fields (without `key`, which only the id keeps).
_ASSERTION = (
    "kind, src, dst, confidence, valid_from, inferrer, inferrer_version, subject, source, supports, ends, valid_to, "
    "last_seen_at, seen, stream, event_id, source_ref, quote, span_start, span_end, detail, id"
)


# What two writers add to one edge, or to edges that bear on each other, must be weighed together by the one who comes second.
_LOCK_CLASS = 7_041_003


async def lock(tx: Tx) -> None:
    """Be the only one who changes beliefs in this workspace until the transaction ends."""
    await tx.run("select pg_advisory_xact_lock($1::int, $2::int)", _LOCK_CLASS, tx.workspace_id)


class NodeRow(Struct):
    """A node as it is stored: properties and, per property, the [time, event id] that set it."""

    id: int
    kind: int
    key: str
    name: str
    props: dict[str, Any]
    props_at: dict[str, list[str]]
    first_seen_at: datetime
    updated_at: datetime


def assertion_of(row: Row) -> Assertion:
    """A stored assertion (columns in the order of the struct). Its key is part of its id only."""
    return Assertion(*row)


async def assertions_between(tx: Tx, keys: Sequence[EdgeKey]) -> list[Assertion]:
    """The live assertions stated between exactly these record or node ids."""
    rows = await tx.rows(
        f"select a.retracted_at, {', '.join('a.' + c for c in _ASSERTION.split(', '))} "
        "from unnest($2::smallint[], $3::bigint[], $4::bigint[]) as k(kind, src, dst) "
        "cross join lateral (select * from assertion a where a.workspace_id = $1 and a.src = k.src and a.kind = k.kind "
        "and a.dst = k.dst offset 0) a",
        tx.workspace_id, [k[0] for k in keys], [k[1] for k in keys], [k[2] for k in keys],
    )  # fmt: skip
    return [Assertion(*r[1:]) for r in rows if r[0] is None]


async def assertions_of(tx: Tx, inferrer: str, subjects: Iterable[int]) -> list[Assertion]:
    """The live assertions an inferrer made about these subjects."""
    rows = await tx.rows(
        f"select {_ASSERTION} from assertion where workspace_id = $1 and inferrer = $2 "
        "and subject = any($3::bigint[]) and retracted_at is null",
        tx.workspace_id, inferrer, list(subjects),
    )  # fmt: skip
    return [assertion_of(r) for r in rows]


async def assertions_touching(tx: Tx, ids: Sequence[int], limit: int) -> list[Assertion]:
    """The live assertions from or to these record or node ids, those seen last first."""
    columns = ", ".join("a." + c for c in _ASSERTION.split(", "))
    rows = await tx.rows(
        f"select a.* from unnest($2::bigint[]) as k(id) cross join lateral (select {columns} from assertion a "
        "where a.workspace_id = $1 and a.src = k.id and a.retracted_at is null union all "
        f"select {columns} from assertion a where a.workspace_id = $1 and a.dst = k.id and a.retracted_at is null offset 0) a "
        "order by a.last_seen_at desc, a.id limit $3",
        tx.workspace_id, list(ids), limit,
    )  # fmt: skip
    return [assertion_of(r) for r in rows]


async def targets_of(tx: Tx, sources: Sequence[tuple[int, int]]) -> list[EdgeKey]:
    """Where live assertions of a kind lead from a record or node id: for these (kind, src)."""
    rows = await tx.rows(
        "select distinct a.* from unnest($2::smallint[], $3::bigint[]) as k(kind, src) cross join lateral ("
        "select a.kind, a.src, a.dst from assertion a where a.workspace_id = $1 and a.src = k.src and a.kind = k.kind "
        "and a.retracted_at is null offset 0) a",
        tx.workspace_id, [k for k, _ in sources], [s for _, s in sources],
    )  # fmt: skip
    return [(r["kind"], r["src"], r["dst"]) for r in rows]


async def keys_touching(tx: Tx, ids: Iterable[int]) -> list[EdgeKey]:
    """Between which record or node ids live assertions stand that touch one of these ids."""
    rows = await tx.rows(
        "select distinct a.* from unnest($2::bigint[]) as k(id) cross join lateral ("
        "select a.kind, a.src, a.dst from assertion a where a.workspace_id = $1 and a.src = k.id and a.retracted_at is null "
        "union all select a.kind, a.src, a.dst from assertion a where a.workspace_id = $1 and a.dst = k.id "
        "and a.retracted_at is null offset 0) a",
        tx.workspace_id, list(ids),
    )  # fmt: skip
    return [(r["kind"], r["src"], r["dst"]) for r in rows]


async def edges_touching(tx: Tx, ids: Iterable[int]) -> list[EdgeKey]:
    """The current edges at these entities."""
    rows = await tx.rows(
        "select distinct e.* from unnest($2::bigint[]) as k(id) cross join lateral ("
        "select e.kind, e.src, e.dst from edge e where e.workspace_id = $1 and e.src = k.id "
        "union all select e.kind, e.src, e.dst from edge e where e.workspace_id = $1 and e.dst = k.id offset 0) e",
        tx.workspace_id, list(ids),
    )  # fmt: skip
    return [(r["kind"], r["src"], r["dst"]) for r in rows]


async def write_assertions(tx: Tx, found: Iterable[Assertion], now: datetime) -> None:
    """Insert assertions or overwrite them; one that was retracted lives again."""
    rows = sorted(found, key=lambda a: a.id)
    if not rows:
        return
    await tx.run(
        f"insert into assertion (workspace_id, {_ASSERTION}, recorded_at) "
        "select $1::int, n.*, $24::timestamptz from unnest($2::smallint[], $3::bigint[], $4::bigint[], $5::float8[], "
        "$6::timestamptz[], $7::text[], $8::text[], $9::bigint[], $10::text[], $11::bool[], $12::bool[], $13::timestamptz[], "
        "$14::timestamptz[], $15::int[], $16::text[], $17::uuid[], $18::text[], $19::text[], $20::int[], $21::int[], "
        "$22::jsonb[], $23::uuid[]) as n "
        "on conflict (workspace_id, id) do update set confidence = excluded.confidence, valid_from = excluded.valid_from, "
        "valid_to = excluded.valid_to, last_seen_at = excluded.last_seen_at, seen = excluded.seen, "
        "inferrer_version = excluded.inferrer_version, subject = excluded.subject, event_id = excluded.event_id, "
        "source_ref = excluded.source_ref, quote = excluded.quote, span_start = excluded.span_start, "
        "span_end = excluded.span_end, detail = excluded.detail, "
        "recorded_at = case when assertion.retracted_at is null then assertion.recorded_at else excluded.recorded_at end, "
        "retracted_at = null",
        tx.workspace_id, *_columns(rows), now,
    )  # fmt: skip


def _columns(rows: list[Assertion]) -> list[list[Any]]:
    return [
        [a.kind for a in rows], [a.src for a in rows], [a.dst for a in rows], [a.confidence for a in rows],
        [a.valid_from for a in rows], [a.inferrer for a in rows], [a.inferrer_version for a in rows],
        [a.subject for a in rows], [a.source for a in rows], [a.supports for a in rows], [a.ends for a in rows],
        [a.valid_to for a in rows], [a.last for a in rows], [a.seen for a in rows], [a.stream for a in rows],
        [a.event_id for a in rows], [a.source_ref for a in rows], [a.quote for a in rows],
        [a.span_start for a in rows], [a.span_end for a in rows], [a.detail for a in rows], [a.id for a in rows],
    ]  # fmt: skip


async def touch_assertions(tx: Tx, found: Iterable[Assertion]) -> None:
    """The common case: stored assertions seen again, so only their times, counts and newest evidence change."""
    rows = sorted(found, key=lambda a: a.id)
    if not rows:
        return
    await tx.run(  # an update by key in the form that keeps its plan: see `identity.plans`
        "insert into assertion (workspace_id, id, kind, src, dst, confidence, inferrer, inferrer_version, subject, source, "
        "recorded_at, valid_from, last_seen_at, seen, event_id, source_ref) "
        "select $1::int, a.id, a.kind, a.src, a.dst, a.confidence, a.inferrer, a.inferrer_version, a.subject, a.source, "
        "a.recorded_at, n.valid_from, n.last_seen_at, n.seen, n.event_id, n.source_ref "
        "from unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::int[], $6::uuid[], $7::text[]) "
        "as n(id, valid_from, last_seen_at, seen, event_id, source_ref) cross join lateral "
        "(select * from assertion a where a.workspace_id = $1 and a.id = n.id offset 0) a where a.workspace_id = $1 "
        "on conflict (workspace_id, id) do update set valid_from = excluded.valid_from, last_seen_at = excluded.last_seen_at, "
        "seen = excluded.seen, event_id = excluded.event_id, source_ref = excluded.source_ref",
        tx.workspace_id, [a.id for a in rows], [a.valid_from for a in rows], [a.last for a in rows],
        [a.seen for a in rows], [a.event_id for a in rows], [a.source_ref for a in rows],
    )  # fmt: skip


async def retract(tx: Tx, found: Iterable[Assertion], now: datetime) -> None:
    """Mark assertions as no longer held; they stay as history."""
    await tx.run(
        "update assertion set retracted_at = $3 where workspace_id = $1 and id = any($2::uuid[]) and retracted_at is null",
        tx.workspace_id, sorted(a.id for a in found), now,
    )  # fmt: skip


async def lock_edges(tx: Tx, keys: Sequence[EdgeKey]) -> dict[EdgeKey, Row]:
    """The current rows of these edges, locked in sorted order so that two writers never wait for each other."""
    ordered = sorted(keys)
    rows = await tx.rows(
        "select e.kind, e.src, e.dst, e.confidence, e.valid_from, e.valid_to, e.earlier, e.last_seen_at, e.support, "
        "e.inferrer, e.props, e.recorded_at from unnest($2::smallint[], $3::bigint[], $4::bigint[]) as k(kind, src, dst) "
        "cross join lateral (select * from edge e where e.workspace_id = $1 and e.src = k.src and e.dst = k.dst "
        "and e.kind = k.kind offset 0 for update) e",
        tx.workspace_id, [k[0] for k in ordered], [k[1] for k in ordered], [k[2] for k in ordered],
    )  # fmt: skip
    return {(r["kind"], r["src"], r["dst"]): r for r in rows}


async def edge_is_there(tx: Tx, key: EdgeKey) -> bool:
    """Does this edge stand, believed or not?"""
    return bool(
        await tx.value(
            "select 1 from edge e where e.workspace_id = $1 and e.src = $3 and e.dst = $4 and e.kind = $2::smallint",
            tx.workspace_id, *key,
        )
    )  # fmt: skip


async def retire(tx: Tx, rows: Sequence[Row], now: datetime) -> None:
    """Append versions that no longer hold to the history: a statement of its own, before they are overwritten."""
    if not rows:
        return
    await tx.run(
        "insert into edge_history (workspace_id, kind, src, dst, confidence, valid_from, valid_to, earlier, inferrer, "
        "recorded_at, retired_at) select $1::int, n.kind, n.src, n.dst, n.confidence, n.valid_from, n.valid_to, "
        "n.earlier::tstzmultirange, n.inferrer, n.recorded_at, $11::timestamptz from unnest($2::smallint[], $3::bigint[], "
        "$4::bigint[], $5::real[], $6::timestamptz[], $7::timestamptz[], $8::text[], $9::text[], $10::timestamptz[]) "
        "as n(kind, src, dst, confidence, valid_from, valid_to, earlier, inferrer, recorded_at)",
        tx.workspace_id, [r["kind"] for r in rows], [r["src"] for r in rows], [r["dst"] for r in rows],
        [r["confidence"] for r in rows], [r["valid_from"] for r in rows], [r["valid_to"] for r in rows],
        [ranges(periods_of(r)) for r in rows], [r["inferrer"] for r in rows], [r["recorded_at"] for r in rows], now,
    )  # fmt: skip


async def write_edges(tx: Tx, edges: Mapping[EdgeKey, tuple[Belief, datetime]]) -> None:
    """Insert or overwrite current rows; each comes with the time its belief was recorded."""
    if not edges:
        return
    keys = sorted(edges)
    beliefs = [edges[k][0] for k in keys]
    await tx.run(
        "insert into edge (workspace_id, kind, src, dst, confidence, valid_from, valid_to, earlier, last_seen_at, support, "
        "inferrer, props, recorded_at) select $1::int, n.kind, n.src, n.dst, n.confidence, n.valid_from, n.valid_to, "
        "n.earlier::tstzmultirange, n.last_seen_at, n.support, n.inferrer, n.props, n.recorded_at "
        "from unnest($2::smallint[], $3::bigint[], $4::bigint[], $5::real[], $6::timestamptz[], $7::timestamptz[], "
        "$8::text[], $9::timestamptz[], $10::smallint[], $11::text[], $12::jsonb[], $13::timestamptz[]) as n(kind, src, dst, "
        "confidence, valid_from, valid_to, earlier, last_seen_at, support, inferrer, props, recorded_at) "
        "on conflict (workspace_id, src, dst, kind) do update set confidence = excluded.confidence, "
        "valid_from = excluded.valid_from, valid_to = excluded.valid_to, earlier = excluded.earlier, "
        "last_seen_at = excluded.last_seen_at, support = excluded.support, inferrer = excluded.inferrer, "
        "props = excluded.props, recorded_at = excluded.recorded_at",
        tx.workspace_id, [k[0] for k in keys], [k[1] for k in keys], [k[2] for k in keys],
        [b.confidence for b in beliefs], [b.valid_from for b in beliefs], [b.valid_to for b in beliefs],
        [ranges(b.earlier) for b in beliefs], [b.last_seen_at for b in beliefs], [b.support for b in beliefs],
        [b.inferrer for b in beliefs], [b.props for b in beliefs], [edges[k][1] for k in keys],
    )  # fmt: skip


async def delete_edges(tx: Tx, keys: Iterable[EdgeKey]) -> None:
    """Remove edges nothing supports any more (their last version is in the history)."""
    ordered = sorted(keys)
    if ordered:
        await tx.many(
            "delete from edge as e where e.workspace_id = $1 and e.src = $3 and e.dst = $4 and e.kind = $2::smallint",
            [(tx.workspace_id, *key) for key in ordered],
        )


async def touch_edges(tx: Tx, edges: Mapping[EdgeKey, Belief]) -> None:
    """Edges seen again without a change of belief: no new version, and their recorded_at stays.

    The rows are there, locked by `lock_edges`; what the insert gives besides is for the columns that must not be null.
    """
    if not edges:
        return
    keys = sorted(edges)
    beliefs = [edges[k] for k in keys]
    await tx.run(
        "insert into edge (workspace_id, kind, src, dst, confidence, valid_from, last_seen_at, support, inferrer, props, "
        "recorded_at) select $1::int, n.kind, n.src, n.dst, 0, n.seen, n.seen, n.support, '', n.props, n.seen "
        "from unnest($2::smallint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::smallint[], $7::jsonb[]) "
        "as n(kind, src, dst, seen, support, props) on conflict (workspace_id, src, dst, kind) do update set "
        "last_seen_at = excluded.last_seen_at, support = excluded.support, props = excluded.props",
        tx.workspace_id, [k[0] for k in keys], [k[1] for k in keys], [k[2] for k in keys],
        [b.last_seen_at for b in beliefs], [b.support for b in beliefs], [b.props for b in beliefs],
    )  # fmt: skip


def ranges(periods: Iterable[Period]) -> str | None:
    """Earlier periods as a multirange's text; None (and no bytes on disk) for the many edges that have none."""
    texts = [f"[{start.isoformat()},{end.isoformat() if end else ''})" for start, end in periods]
    return "{" + ",".join(texts) + "}" if texts else None


def periods_of(row: Row) -> tuple[Period, ...]:
    """The earlier periods of a stored edge."""
    return tuple((r.lower, r.upper) for r in row["earlier"] or ())


async def stored_nodes(tx: Tx, ids: Iterable[int]) -> dict[int, NodeRow]:
    """Whole nodes by id."""
    rows = await tx.rows(
        "select n.* from unnest($2::bigint[]) as k(id) cross join lateral (select n.id, n.kind, n.key, n.name, n.props, "
        "n.props_at, n.first_seen_at, n.updated_at from node n where n.workspace_id = $1 and n.id = k.id offset 0) n",
        tx.workspace_id, list(ids),
    )  # fmt: skip
    return {r["id"]: NodeRow(**r) for r in rows}


async def write_nodes(tx: Tx, nodes: Iterable[NodeRow]) -> None:
    """Insert or overwrite nodes."""
    rows = sorted(nodes, key=lambda n: n.id)
    if not rows:
        return
    await tx.run(
        "insert into node (workspace_id, id, kind, key, name, props, props_at, first_seen_at, updated_at) "
        "select $1::int, n.* from unnest($2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[], "
        "$8::timestamptz[], $9::timestamptz[]) as n "
        "on conflict (workspace_id, id) do update set key = excluded.key, name = excluded.name, props = excluded.props, "
        "props_at = excluded.props_at, first_seen_at = excluded.first_seen_at, updated_at = excluded.updated_at",
        tx.workspace_id, [n.id for n in rows], [n.kind for n in rows], [n.key for n in rows], [n.name for n in rows],
        [n.props for n in rows], [n.props_at for n in rows], [n.first_seen_at for n in rows],
        [n.updated_at for n in rows],
    )  # fmt: skip


async def delete_nodes(tx: Tx, ids: Iterable[int]) -> None:
    """Remove the nodes of retired entities; their ids live on as aliases in `identity`."""
    wanted = sorted(ids)
    if wanted:
        await tx.run("delete from node where workspace_id = $1 and id = any($2::bigint[])", tx.workspace_id, wanted)


async def employers(tx: Tx, personas: Iterable[int]) -> dict[int, int]:
    """Where each persona works now: of several open works_at edges the one that began last, then the surest."""
    rows = await tx.rows(
        "select k.id as src, e.dst from unnest($2::bigint[]) as k(id) cross join lateral (select e.dst from edge_works_at e "
        "where e.workspace_id = $1 and e.src = k.id and e.valid_to is null "
        "order by e.valid_from desc, e.confidence desc, e.dst limit 1 offset 0) e",
        tx.workspace_id, list(personas),
    )  # fmt: skip
    return {r["src"]: r["dst"] for r in rows}
