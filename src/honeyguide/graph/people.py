"""Who works with whom, and who uses what."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from honeyguide import identity
from honeyguide.core import clock
from honeyguide.db import Row, Tx
from honeyguide.graph.beliefs import decayed
from honeyguide.graph.kinds import EDGE, NODE
from honeyguide.graph.shapes import columns, stands
from honeyguide.graph.traverse import Edge


class Colleague(Struct, frozen=True):
    """Somebody who works with a persona. `edges` prove it: both employments, or the statement that they are colleagues."""

    persona: int
    name: str
    title: str
    company: int | None
    confidence: float
    edges: list[Edge]


class User(Struct, frozen=True):
    """Somebody (or a company) who uses a product. `power`: how surely they are a power user (0: nothing says so)."""

    id: int
    kind: str
    name: str
    title: str
    company: int | None
    edge: Edge
    power: float


_NODE = "(select name, coalesce(props->>'title', '') as title from node where workspace_id = $1 and id = c.persona offset 0) n"
COLLEAGUES = f"""
with w as materialized (
  select e.dst as company, {columns("e")} from edge_works_at e
  where e.workspace_id = $1 and e.src = $2 and {stands("e", "$3")} order by e.dst limit 20),
c as materialized (
  select {EDGE["works_at"]}::smallint as kind, 'in'::text as dir, c.src as persona, w.company, {columns("c")},
    w.confidence as own_confidence, w.valid_from as own_from, w.valid_to as own_to, w.last_seen_at as own_seen,
    w.inferrer as own_inferrer
  from w cross join lateral (select e.src, {columns("e")} from edge_works_at e where e.workspace_id = $1
    and e.dst = w.company and e.src <> $2 and {stands("e", "$3")} order by e.src limit $4 offset 0) c
  union all
  (select {EDGE["colleague_of"]}::smallint, 'out', e.dst, null, {columns("e")}, null, null, null, null, null
   from edge_colleague_of e where e.workspace_id = $1 and e.src = $2 and {stands("e", "$3")} order by e.dst limit $4)
  union all
  (select {EDGE["colleague_of"]}::smallint, 'in', e.src, null, {columns("e")}, null, null, null, null, null
   from edge_colleague_of e where e.workspace_id = $1 and e.dst = $2 and {stands("e", "$3")} order by e.src limit $4))
select c.*, n.name, n.title from c left join lateral {_NODE} on true
"""


async def colleagues_of(tx: Tx, persona: int, *, at: datetime | None = None, limit: int = 200) -> list[Colleague]:
    """Who works where this persona works, or is said to be a colleague: by id, at most `limit`."""
    who = (await identity.resolve(tx, (persona,)))[persona]
    when = at or clock.now()
    rows = await tx.rows(COLLEAGUES, tx.workspace_id, who, when, limit)
    found: dict[int, Colleague] = {}
    for r in sorted(rows, key=lambda one: (one["persona"], one["kind"], one["company"] or 0, one["dir"])):
        edges, sure = _proof(r, who, when)
        old = found.get(r["persona"])
        found[r["persona"]] = Colleague(
            r["persona"], r["name"] or "", r["title"] or "",
            r["company"] if old is None else old.company or r["company"],
            max(sure, old.confidence if old else 0.0), [*(old.edges if old else ()), *edges],
        )  # fmt: skip
    return [found[i] for i in sorted(found)][:limit]


def _proof(r: Row, who: int, when: datetime) -> tuple[list[Edge], float]:
    left = round(decayed(r["confidence"], r["kind"], r["last_seen_at"], when), 4)
    if r["kind"] == EDGE["colleague_of"]:
        src, dst = (who, r["persona"]) if r["dir"] == "out" else (r["persona"], who)
        return [_edge("colleague_of", src, dst, left, r)], left
    own = round(decayed(r["own_confidence"], EDGE["works_at"], r["own_seen"], when), 4)
    mine = Edge(
        "works_at", who, r["company"], own, r["own_from"], r["own_to"], r["own_seen"], r["own_inferrer"]
    )  # fmt: skip
    return [mine, _edge("works_at", r["persona"], r["company"], left, r)], round(own * left, 4)


def _edge(kind: str, src: int, dst: int, left: float, r: Row) -> Edge:
    return Edge(kind, src, dst, left, r["valid_from"], r["valid_to"], r["last_seen_at"], r["inferrer"])


_WHO = (
    "u.node_kind, u.name, u.title, u.company, p.confidence as power, p.last_seen_at as power_seen from u "
    "left join lateral (select e.confidence, e.last_seen_at from edge_power_user_of e where e.workspace_id = $1 "
    f"and e.src = u.id and e.dst = $2 and {stands('e', '$3')} offset 0) p on true"
)
_SAID = (
    "(select kind as node_kind, name, coalesce(props->>'title', '') as title, props->>'company' as company from node "
    "where workspace_id = $1 and id = {id} offset 0) n"
)
WHO_USES = f"""
with u as materialized (
  select e.src as id, {columns("e")}, n.* from edge_uses e cross join lateral {_SAID.format(id="e.src")}
  where e.workspace_id = $1 and e.dst = $2 and e.src > $5 and {stands("e", "$3")} and n.node_kind = any($6::smallint[])
  order by e.src limit $4)
select u.id, {columns("u")}, {_WHO}
"""
WHO_USES_AT = f"""
with u as materialized (
  select w.src as id, {columns("e")}, n.* from edge_works_at w cross join lateral (select {columns("e")} from edge_uses e
    where e.workspace_id = $1 and e.src = w.src and e.dst = $2 and {stands("e", "$3")} offset 0) e
  cross join lateral {_SAID.format(id="w.src")}
  where w.workspace_id = $1 and w.dst = $6 and w.src > $5 and {stands("w", "$3")} order by w.src limit $4)
select u.id, {columns("u")}, {_WHO}
"""


async def who_uses(
    tx: Tx, product: int, *, company: int | None = None, kind: Literal["persona", "company", "any"] = "persona",
    at: datetime | None = None, after: int = 0, limit: int = 100,
) -> list[User]:  # fmt: skip
    """Who uses a product (or feature), in the order of their ids, those after the id `after`.

    With `company`: the people who work there. Otherwise `kind` chooses people, companies or both.
    """
    when = at or clock.now()
    if company is not None:
        firm = (await identity.resolve(tx, (company,)))[company]
        rows = await tx.rows(WHO_USES_AT, tx.workspace_id, product, when, limit, after, firm)
    else:
        kinds = [NODE["persona"], NODE["company"]] if kind == "any" else [NODE[kind]]
        rows = await tx.rows(WHO_USES, tx.workspace_id, product, when, limit, after, kinds)
    return [_user(r, product, when) for r in sorted(rows, key=lambda one: int(one["id"]))]


def _user(r: Row, product: int, when: datetime) -> User:
    left = round(decayed(r["confidence"], EDGE["uses"], r["last_seen_at"], when), 4)
    power = (
        0.0 if r["power"] is None else round(decayed(r["power"], EDGE["power_user_of"], r["power_seen"], when), 4)
    )  # fmt: skip
    return User(
        r["id"], "persona" if r["node_kind"] == NODE["persona"] else "company", r["name"], r["title"],
        int(r["company"]) if r["company"] else None, _edge("uses", r["id"], product, left, r), power,
    )  # fmt: skip
