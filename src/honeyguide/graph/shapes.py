"""The pieces traversals are made of: what holds at a moment, what is believed, and the shape in which nodes are fetched.

`offset 0` is the fence that keeps a LATERAL from being turned into a join (facts of the plans: tests/house/test_plans.py).
"""

from collections.abc import Iterable

from honeyguide.graph.beliefs import BELIEVED
from honeyguide.graph.kinds import EDGE, partition

SIDES = {"out": ("src", "dst"), "in": ("dst", "src")}
EDGE_COLUMNS = "confidence, valid_from, valid_to, last_seen_at, inferrer"


def held(alias: str, at: str) -> str:
    """Was the edge valid at the moment (a parameter such as `$3`), in its latest period or one before?"""
    a = f"{alias}." if alias else ""
    return (
        f"(({a}valid_from <= {at} and ({a}valid_to is null or {a}valid_to > {at})) "
        f"or ({a}earlier is not null and {a}earlier @> {at}::timestamptz))"
    )


def stands(alias: str, at: str) -> str:
    """Is the edge believed, and was it valid at the moment?"""
    a = f"{alias}." if alias else ""
    return f"{a}confidence >= {BELIEVED} and {held(alias, at)}"


def columns(alias: str) -> str:
    """The columns of an edge that readers see."""
    return ", ".join(f"{alias}.{c}" for c in EDGE_COLUMNS.split(", "))


def branches(here: str, kinds: Iterable[tuple[str, str]], at: str, limit: str) -> str:
    """The believed edges of a node (an expression), one branch per (kind, direction), each with a limit of its own."""
    return " union all ".join(_branch(here, kind, direction, at, limit) for kind, direction in kinds)


def _branch(here: str, kind: str, direction: str, at: str, limit: str) -> str:
    near, far = SIDES[direction]
    return (
        f"(select e.{near} as here, e.{far} as there, {EDGE[kind]}::smallint as kind, '{direction}'::text as dir, "
        f"{columns('e')} from {partition(kind)} e where e.workspace_id = $1 and e.{near} = {here} "
        f"and {stands('e', at)} order by e.{far} limit {limit})"
    )
