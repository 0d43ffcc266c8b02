"""SQL by experts and agents over read-only views of the graph, for what the typed traversals do not answer.

The views are `graph_node`, `graph_edge`, `graph_evidence`, `graph_history` and `graph_influence`; they show one
workspace, the one whose role runs the statement. Three fences stand one behind the other: the text (`views_text`), the
plan the server makes of it (its cost, what it reads), and the role, which owns nothing, in a read-only transaction that
is cancelled from outside when its time is up.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from honeyguide.core.errors import BadInput
from honeyguide.db import Database
from honeyguide.db.logins import Column, Guest, Refused, guest
from honeyguide.graph.views_text import checked, instead, refused

_CELL = 4_000  # characters of a cell that are shown
_MAX_COLUMNS = 100
_LARGEST_EXACT = 2**53
_READ = ("node", "record", "assertion", "edge_history", "influence", "vocabulary_extension")
_SERIES = ("generate_series", "unnest", "jsonb_array_elements", "jsonb_array_elements_text", "jsonb_each",
           "jsonb_each_text", "jsonb_object_keys")  # fmt: skip
_NUMBERS = frozenset({"int2", "int4", "float4", "float8", "bool"})


class Limits(Struct, frozen=True):
    """What one statement may take: the planner's cost, rows, seconds."""

    cost: float = 500_000.0
    rows: int = 1_000
    seconds: float = 5.0


class Table(Struct, frozen=True):
    """Rows of a statement; `capped` when it had more than are shown."""

    columns: list[str]
    rows: list[list[Any]]
    capped: bool


async def open_role(db: Database, workspace_id: int) -> list[str]:
    """Make the workspace's role and views where they are missing and log in once. Returns the views it can read.

    Raises Unavailable, in one sentence, on a server that lets us make no roles.
    """
    async with guest(db, workspace_id, Limits().seconds) as session:
        rows = await session.rows(
            "select c.relname from pg_catalog.pg_class c where c.relnamespace = 'expert'::regnamespace and c.relkind = 'v' "
            "and has_table_privilege(c.oid, 'select') order by c.relname"
        )
    return [r["relname"] for r in rows]


async def query(db: Database, workspace_id: int, sql: str, limits: Limits | None = None) -> Table:
    """Run one SELECT over the views. Raises BadInput that names the limit it broke and the typed call to use instead."""
    text, bounds = checked(sql), limits or Limits()
    try:
        async with asyncio.timeout(bounds.seconds), guest(db, workspace_id, bounds.seconds) as session:
            return await _run(session, text, bounds)
    except TimeoutError as e:
        raise refused(text, f"It took longer than {bounds.seconds:g} seconds and was stopped.") from e
    except Refused as e:
        if "statement timeout" in str(e):
            raise refused(text, f"It took longer than {bounds.seconds:g} seconds and was stopped.") from e
        if e.denied:
            raise refused(text, f"Only the views of the graph can be read: {e}.") from e
        raise BadInput("PostgreSQL cannot run this SQL.", str(e), advice=instead(text), code="sql_invalid") from e


async def _run(session: Guest, text: str, limits: Limits) -> Table:
    (row,) = await session.rows(f"explain (format json, verbose) {text}")
    plan = json.loads(row[0])[0]["Plan"]
    _check_plan(text, plan, limits)
    columns = await session.columns(text)
    if not 1 <= len(columns) <= _MAX_COLUMNS:
        raise refused(text, f"It has {len(columns)} columns; 1 to {_MAX_COLUMNS} can be shown.")
    rows = await session.rows(_bounded(text, columns, limits.rows + 1))
    cells = [list(r) for r in rows[: limits.rows]]
    for i, column in enumerate(columns):
        if column.type == "int8" and any(r[i] is not None and abs(r[i]) > _LARGEST_EXACT for r in cells):
            for r in cells:  # ids have 63 bits, which JavaScript would round
                r[i] = None if r[i] is None else str(r[i])
    return Table([c.name for c in columns], cells, len(rows) > limits.rows)


def _bounded(text: str, columns: Sequence[Column], limit: int) -> str:
    """The statement with a bound on its rows and cells.

    The text is a whole SELECT by itself (PostgreSQL has just parsed it), so it is one inside the parentheses, too.
    """
    names = ", ".join(f"c{i}" for i in range(len(columns)))
    shown = ", ".join(_cell(f"c{i}", c) for i, c in enumerate(columns))
    return f"select {shown} from (\n{text}\n) as q({names}) limit {limit}"


def _cell(name: str, column: Column) -> str:
    if column.type in _NUMBERS or column.type == "int8":
        return name
    return f"{name}::float8" if column.type == "numeric" else f"left({name}::text, {_CELL})"


def _check_plan(text: str, plan: dict[str, Any], limits: Limits) -> None:
    cost = float(plan["Total Cost"])
    if cost > limits.cost:
        raise refused(text, f"PostgreSQL puts its cost at {cost:,.0f}; the limit is {limits.cost:,.0f}.")
    for node in _nodes(plan):
        if node["Node Type"] in ("ModifyTable", "LockRows"):
            raise refused(text, "Rows cannot be changed or locked.")
        table = node.get("Relation Name")
        if table is not None and not (node.get("Schema") == "public" and (table in _READ or table.startswith("edge_"))):
            raise refused(text, f"Only the views of the graph can be read, not {table}.")
        function = node.get("Function Name")
        if function is not None and function not in _SERIES:
            raise refused(text, f"The function {function} is not offered.")


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)
