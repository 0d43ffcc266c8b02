"""Statements behind the answers to questions: names, and edges of one kind around something. Reads only.

Each keeps to the plan shapes of `traverse`: the partition is named, edges come first, nodes are fetched one by one.
"""

from collections.abc import Sequence
from datetime import datetime

from honeyguide.db import Row, Tx
from honeyguide.graph.kinds import EDGE, NODE, partition

_NODE = "n.id, n.kind as node_kind, n.name, n.props"
_FETCH = "select id, kind, name, props from node where workspace_id = $1 and id = {} offset 0"
# Below even odds an edge is doubted: it is no answer. (Fading never crosses them.)
_BELIEVED = "e.confidence >= 0.5"
# $4, $5: from, until (null: open); $3: the moment asked about, when there is no period. With a period: what was seen in it.
_TIMES = (
    f"{_BELIEVED} and ($4::timestamptz is not null or $5::timestamptz is not null "
    "or (e.valid_from <= $3 and (e.valid_to is null or e.valid_to > $3))) "
    "and ($4::timestamptz is null or (e.last_seen_at >= $4 and (e.valid_to is null or e.valid_to > $4))) "
    "and ($5::timestamptz is null or e.valid_from < $5)"
)
_EDGE = "e.confidence, e.valid_from, e.valid_to, e.last_seen_at, e.inferrer"
_SIDES = {"in": ("dst", "src"), "out": ("src", "dst")}
_PERSONAL = ("introduced", "referred", "influences", "reports_to")


def table(kind: str) -> str:
    """The partition of a kind and, where kinds share it, the condition that picks one."""
    code = EDGE[kind]
    return partition(kind) if code <= 25 else f"(select * from edge_other where workspace_id = $1 and kind = {code})"


# Kind by kind, so that each is one walk along the index of names, in its order.
NAMED = """
select n.id, n.kind as node_kind, n.name, n.props from unnest($3::smallint[]) as k(kind) cross join lateral (
  select id, kind, name, props from node where workspace_id = $1 and kind = k.kind
  and name_key >= $2::text and name_key < $2::text || chr(1114111) order by name_key limit $4 offset 0) n
"""


async def named(tx: Tx, text: str, kinds: Sequence[str], limit: int) -> list[Row]:
    """Nodes whose name begins with these words, in the order of their names: by index, however many there are."""
    rows = await tx.rows(NAMED, tx.workspace_id, text.lower(), [NODE[k] for k in kinds], limit)
    return sorted(rows, key=lambda r: (r["name"].lower(), r["id"]))[:limit]


async def containing(tx: Tx, text: str, kinds: Sequence[str], limit: int) -> list[Row]:
    """Nodes whose name, e-mail or domain contains these words, short names first."""
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return await tx.rows(
        "select id, kind as node_kind, name, props from node where workspace_id = $1 and kind = any($3::smallint[]) "
        "and (name ilike $2 or props ->> 'email' ilike $2 or props ->> 'domain' ilike $2) order by length(name), name, id limit $4",
        tx.workspace_id, pattern, [NODE[k] for k in kinds], limit,
    )  # fmt: skip


async def around(
    tx: Tx, kind: str, side: str, entity: int, at: datetime, since: datetime | None, until: datetime | None,
    node_kinds: Sequence[str], limit: int,
) -> list[Row]:  # fmt: skip
    """Edges of one kind into (`in`) or out of an entity with the nodes at the other ends, the surest first."""
    here, there = _SIDES[side]
    return await tx.rows(
        f"with e as materialized (select {there} as other, {_EDGE} from {table(kind)} e where e.workspace_id = $1 "
        f"and e.{here} = $2 and {_TIMES} order by e.confidence desc, e.last_seen_at desc, e.{there} limit $6) "
        f"select e.*, {_NODE} from e cross join lateral ({_FETCH.format('e.other')}) n "
        "where cardinality($7::smallint[]) = 0 or n.kind = any($7) order by e.confidence desc, e.last_seen_at desc, e.other",
        tx.workspace_id, entity, at, since, until, limit, [NODE[k] for k in node_kinds],
    )  # fmt: skip


async def within(
    tx: Tx, kind: str, company: int, target: int | None, at: datetime, since: datetime | None, until: datetime | None,
    limit: int,
) -> list[Row]:  # fmt: skip
    """Edges of one kind to a target (None: to anything) from a company or the people who work there."""
    to_target = "true" if target is None else "e.dst = $7"
    return await tx.rows(
        "with s as materialized (select src as id from edge_works_at w where w.workspace_id = $1 and w.dst = $2 "
        "and (w.valid_to is null or w.valid_to > coalesce($5::timestamptz, $3)) union select $2::bigint), "
        f"e as materialized (select s.id as other, x.* from s cross join lateral (select e.dst, {_EDGE} from {table(kind)} e "
        f"where e.workspace_id = $1 and e.src = s.id and {to_target} and {_TIMES} offset 0) x limit $6) "
        f"select e.*, {_NODE} from e cross join lateral ({_FETCH.format('e.other')}) n "
        "order by e.confidence desc, e.last_seen_at desc, e.other, e.dst",
        tx.workspace_id, company, at, since, until, limit, *([] if target is None else [target]),
    )  # fmt: skip


async def latest(
    tx: Tx, kind: str, at: datetime, since: datetime | None, until: datetime | None, limit: int
) -> list[Row]:  # fmt: skip
    """Edges of one kind, whatever they lead to, those seen last first, with the nodes at both ends."""
    return await tx.rows(
        f"with e as materialized (select e.src as other, e.dst, {_EDGE} from {table(kind)} e where e.workspace_id = $1 "
        f"and $2::text = 'any' and {_TIMES} order by e.last_seen_at desc, e.src, e.dst limit $6) "
        f"select e.*, {_NODE}, t.name as target, t.kind as target_kind from e "
        f"cross join lateral ({_FETCH.format('e.other')}) n cross join lateral ({_FETCH.format('e.dst')}) t "
        "order by e.last_seen_at desc, e.other, e.dst",
        tx.workspace_id, "any", at, since, until, limit,
    )  # fmt: skip


async def how_many(
    tx: Tx, kind: str, target: int | None, at: datetime, since: datetime | None, until: datetime | None, node_kind: str
) -> Row | None:
    """Edges of one kind (into a target), and how many different entities they come from."""
    into = "true" if target is None else "e.dst = $2"
    of_kind = (
        "true" if not node_kind else
        f"exists (select 1 from node n where n.workspace_id = $1 and n.id = e.src and n.kind = {NODE[node_kind]})"
    )  # fmt: skip
    return await tx.row(
        f"select count(*) as edges, count(distinct e.src) as entities from {table(kind)} e "
        f"where e.workspace_id = $1 and ($2::bigint is null or {into}) and {_TIMES} and {of_kind}",
        tx.workspace_id, target, at, since, until,
    )  # fmt: skip


async def staff(tx: Tx, company: int, at: datetime, since: datetime | None, limit: int) -> list[Row]:
    """Who works at a company at a moment (`since`: and began no earlier), the surest first."""
    return await tx.rows(
        f"with e as materialized (select e.src as other, {_EDGE} from edge_works_at e where e.workspace_id = $1 and e.dst = $2 "
        "and ((e.valid_from <= $3 and (e.valid_to is null or e.valid_to > $3)) "
        "or (e.earlier is not null and e.earlier @> $3::timestamptz)) "
        "and ($4::timestamptz is null or e.valid_from >= $4) order by e.confidence desc, e.src limit $5) "
        f"select e.*, {_NODE} from e cross join lateral ({_FETCH.format('e.other')}) n order by n.name, n.id",
        tx.workspace_id, company, at, since, limit,
    )  # fmt: skip


async def employers(tx: Tx, persona: int, at: datetime, limit: int) -> list[Row]:
    """Where somebody works at a moment."""
    return await tx.rows(
        f"with e as materialized (select e.dst as other, {_EDGE} from edge_works_at e where e.workspace_id = $1 and e.src = $2 "
        "and ((e.valid_from <= $3 and (e.valid_to is null or e.valid_to > $3)) "
        "or (e.earlier is not null and e.earlier @> $3::timestamptz)) order by e.confidence desc, e.dst limit $4) "
        f"select e.*, {_NODE} from e cross join lateral ({_FETCH.format('e.other')}) n order by e.valid_from desc, n.id",
        tx.workspace_id, persona, at, limit,
    )  # fmt: skip


async def introducers(tx: Tx, company: int, at: datetime, limit: int) -> list[Row]:
    """People outside a company with a personal edge to somebody who works there (at most 500 of them are looked at)."""
    branches = " union all ".join(
        f"(select e.{there} as other, s.id as inside, {EDGE[kind]}::smallint as kind, '{side}'::text as dir, {_EDGE} "
        f"from {partition(kind)} e where e.workspace_id = $1 and e.{here} = s.id and e.valid_from <= $3 "
        f"and (e.valid_to is null or e.valid_to > $3) order by e.{there} limit 100)"
        for kind in _PERSONAL
        for side, (here, there) in _SIDES.items()
    )
    return await tx.rows(
        "with s as materialized (select w.src as id from edge_works_at w where w.workspace_id = $1 and w.dst = $2 "
        "and w.valid_from <= $3 and (w.valid_to is null or w.valid_to > $3) order by w.src limit 500), "
        f"e as materialized (select x.* from s cross join lateral ({branches} offset 0) x "
        "where not exists (select 1 from s where s.id = x.other) order by x.confidence desc, x.other limit $4) "
        f"select e.*, {_NODE}, i.name as inside_name from e cross join lateral ({_FETCH.format('e.other')}) n "
        f"cross join lateral ({_FETCH.format('e.inside')}) i where n.kind = {NODE['persona']} "
        "order by e.confidence desc, e.other, e.inside",
        tx.workspace_id, company, at, limit,
    )  # fmt: skip
