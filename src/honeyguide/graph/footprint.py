"""What a company has of our products: its contracts and purchases, and how many of its people use what."""

from collections import defaultdict
from datetime import datetime

from msgspec import Struct

from honeyguide import identity
from honeyguide.core import clock
from honeyguide.db import Row, Tx
from honeyguide.graph.beliefs import decayed
from honeyguide.graph.kinds import EDGE_NAME, NODE
from honeyguide.graph.shapes import branches, stands
from honeyguide.graph.traverse import Edge


class Footprint(Struct, frozen=True):
    """One product (or feature) at a company: the company's own edges to it, and how many of its people use it.

    `champions`, `blockers`, `unhappy`: ids of its people who stand for it, against it, or complained of it.
    """

    product: int
    kind: str
    name: str
    edges: list[Edge]
    users: int
    power_users: int
    champions: list[int]
    blockers: list[int]
    unhappy: list[int]


_OF_COMPANY = ("adopted", "bought", "subscribed_to", "renewed", "evaluated", "uses")
_OF_PEOPLE = ("uses", "power_user_of", "champion_of", "blocks", "complained_of")
_COMPANY = branches("k.id", [(kind, "out") for kind in _OF_COMPANY], "$3", "$4")
_PEOPLE = branches("k.id", [(kind, "out") for kind in _OF_PEOPLE], "$3", "$4")
_NAMED = """select s.*, n.kind as node_kind, n.name from s cross join lateral (select kind, name from node
  where workspace_id = $1 and id = s.there offset 0) n where n.kind = any($5::smallint[])
"""
OWN = f"""
with s as materialized (select s.* from unnest(array[$2::bigint]) as k(id) cross join lateral ({_COMPANY} offset 0) s)
{_NAMED}"""
THEIRS = f"""
with w as materialized (select e.src from edge_works_at e where e.workspace_id = $1 and e.dst = $2
  and {stands("e", "$3")} order by e.src limit $6),
s as materialized (select s.* from w as k(id) cross join lateral ({_PEOPLE} offset 0) s)
{_NAMED}"""
_PER_KIND = 50


async def product_footprint(
    tx: Tx, company: int, *, features: bool = False, at: datetime | None = None, limit: int = 2_000
) -> list[Footprint]:
    """The products (with `features`: and features) a company has or its people use, most used first. `limit` bounds the people."""
    firm = (await identity.resolve(tx, (company,)))[company]
    when = at or clock.now()
    kinds = [NODE["product"], *([NODE["feature"]] if features else [])]
    own = await tx.rows(OWN, tx.workspace_id, firm, when, _PER_KIND, kinds)
    theirs = await tx.rows(THEIRS, tx.workspace_id, firm, when, _PER_KIND, kinds, limit)
    people: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for r in theirs:
        people[r["there"]][EDGE_NAME[r["kind"]]].add(r["here"])
    names = {r["there"]: r for r in (*own, *theirs)}
    found = [_footprint(r, [e for e in own if e["there"] == i], people[i], when) for i, r in names.items()]
    return sorted(found, key=lambda f: (-f.users, -len(f.edges), f.product))


def _footprint(node: Row, own: list[Row], people: dict[str, set[int]], when: datetime) -> Footprint:
    edges = [
        Edge(
            EDGE_NAME[r["kind"]], r["here"], r["there"],
            round(decayed(r["confidence"], r["kind"], r["last_seen_at"], when), 4), r["valid_from"], r["valid_to"],
            r["last_seen_at"], r["inferrer"],
        )
        for r in sorted(own, key=lambda one: int(one["kind"]))
    ]  # fmt: skip
    return Footprint(
        product=node["there"], kind="product" if node["node_kind"] == NODE["product"] else "feature", name=node["name"],
        edges=edges, users=len(people["uses"]), power_users=len(people["power_user_of"]),
        champions=sorted(people["champion_of"]), blockers=sorted(people["blocks"]),
        unhappy=sorted(people["complained_of"]),
    )  # fmt: skip
