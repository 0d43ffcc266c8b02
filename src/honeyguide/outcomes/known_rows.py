"""SQL for what is known around a credit: the people, their companies, the edges that leave them."""

from collections.abc import Sequence
from typing import Any

from honeyguide.db import Row, Tx
from honeyguide.graph.kinds import EDGE, EDGE_NAME


async def people(tx: Tx, records: Sequence[int]) -> dict[int, Row]:
    """By record of a person: what is known of them, and of the company they work at."""
    rows = await tx.rows(
        "select r.id, p.props as person, c.props as company from record r "
        "left join node p on p.workspace_id = $1 and p.id = r.entity_id "
        "left join lateral (select e.dst from edge e where e.workspace_id = $1 and e.src = r.entity_id and e.kind = $3::smallint "
        "and e.valid_to is null order by e.confidence desc, e.dst limit 1) w on true "
        "left join node c on c.workspace_id = $1 and c.id = w.dst where r.workspace_id = $1 and r.id = any($2::bigint[])",
        tx.workspace_id, list(records), EDGE["works_at"],
    )  # fmt: skip
    return {r["id"]: r for r in rows}


async def companies(tx: Tx, records: Sequence[int]) -> dict[int, dict[str, Any]]:
    """By record of a company: what is known of it."""
    rows = await tx.rows(
        "select r.id, c.props from record r join node c on c.workspace_id = $1 and c.id = r.entity_id "
        "where r.workspace_id = $1 and r.id = any($2::bigint[])",
        tx.workspace_id, list(records),
    )  # fmt: skip
    return {r["id"]: r["props"] for r in rows}


async def edges(tx: Tx, records: Sequence[int]) -> dict[int, dict[str, int]]:
    """By record of a person: how many edges of each kind leave them now."""
    rows = await tx.rows(
        "select r.id, e.kind, count(*) as n from record r join edge e on e.workspace_id = $1 and e.src = r.entity_id "
        "and e.valid_to is null where r.workspace_id = $1 and r.id = any($2::bigint[]) group by 1, 2",
        tx.workspace_id, list(records),
    )  # fmt: skip
    found: dict[int, dict[str, int]] = {}
    for r in rows:
        found.setdefault(r["id"], {})[EDGE_NAME.get(r["kind"], str(r["kind"]))] = r["n"]
    return found
