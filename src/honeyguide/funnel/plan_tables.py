"""The tables tracking_plan and plan_violation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from honeyguide.db import Row, Tx

# source, rule, property, problem, how many, first, last, a sample
Violations = tuple[int, str, str, str, int, datetime, datetime, UUID]


async def plans(tx: Tx) -> list[Row]:
    """Every plan that is not off."""
    return await tx.rows(
        "select source_id, mode, events, updated_at, updated_by from tracking_plan where workspace_id = $1 and mode <> 'off'",
        tx.workspace_id,
    )


async def plan(tx: Tx, source_id: int) -> Row | None:
    """The plan of a source."""
    return await tx.row(
        "select source_id, mode, events, updated_at, updated_by from tracking_plan where workspace_id = $1 and source_id = $2",
        tx.workspace_id,
        source_id,
    )


async def put_plan(tx: Tx, source_id: int, mode: str, events: list[Any], at: datetime, actor: str) -> None:
    """Insert or replace a plan."""
    await tx.run(
        "insert into tracking_plan (workspace_id, source_id, mode, events, updated_at, updated_by) "
        "values ($1, $2, $3, $4, $5, $6) on conflict (workspace_id, source_id) do update "
        "set mode = excluded.mode, events = excluded.events, updated_at = excluded.updated_at, updated_by = excluded.updated_by",
        tx.workspace_id, source_id, mode, events, at, actor,
    )  # fmt: skip


async def add_violations(tx: Tx, found: Sequence[Violations]) -> None:
    """Add to the counts of what breaks plans."""
    if not found:
        return
    await tx.run(
        "insert into plan_violation (workspace_id, source_id, rule, property, problem, n, first_seen_at, last_seen_at, "
        "sample_event_id) select $1, t.* from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::bigint[], "
        "$7::timestamptz[], $8::timestamptz[], $9::uuid[]) as t (source_id, rule, property, problem, n, first, last, sample) "
        "order by t.source_id, t.rule, t.property, t.problem "
        "on conflict (workspace_id, source_id, rule, property, problem) do update set n = plan_violation.n + excluded.n, "
        "first_seen_at = least(plan_violation.first_seen_at, excluded.first_seen_at), "
        "last_seen_at = greatest(plan_violation.last_seen_at, excluded.last_seen_at), "
        "sample_event_id = least(plan_violation.sample_event_id, excluded.sample_event_id)",
        tx.workspace_id, *[list(column) for column in zip(*found, strict=True)],
    )  # fmt: skip


async def violations(tx: Tx, source_id: int) -> list[Row]:
    """What breaks the plan of a source, the most frequent first."""
    return await tx.rows(
        "select rule, property, problem, n, first_seen_at, last_seen_at, sample_event_id from plan_violation "
        "where workspace_id = $1 and source_id = $2 order by n desc, rule, property, problem limit 200",
        tx.workspace_id, source_id,
    )  # fmt: skip


async def forget_violations(tx: Tx, source_id: int) -> None:
    """Begin to count anew (the plan has changed)."""
    await tx.run("delete from plan_violation where workspace_id = $1 and source_id = $2", tx.workspace_id, source_id)
