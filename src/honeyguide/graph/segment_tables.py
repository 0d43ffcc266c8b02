"""The tables of segments: definitions, and who was in which of them when."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from honeyguide.db import Row, Tx
from honeyguide.graph.kinds import NODE

TABLES = ("segment", "segment_member")
_LOCK = 0x5E63E27  # the class of our advisory lock; its object is the workspace
_SEGMENT = "id, name, condition, version, created_by, created_at, updated_at, evaluated_at"


async def lock(tx: Tx) -> None:
    """One at a time in a workspace, until the transaction ends.

    A segment that is being made and a batch that is being taken in would not see each other, nor would two batches.
    """
    await tx.run("select pg_advisory_xact_lock($1, $2)", _LOCK, tx.workspace_id)


async def insert(tx: Tx, name: str, condition: Any, actor: str, now: datetime) -> int | None:
    """A new segment's id; None when the name is taken."""
    found: int | None = await tx.value(
        "insert into segment (workspace_id, name, condition, created_by, created_at, updated_at, evaluated_at) "
        "values ($1, $2, $3, $4, $5, $5, $5) on conflict (workspace_id, name) do nothing returning id",
        tx.workspace_id, name, condition, actor, now,
    )  # fmt: skip
    return found


async def change(tx: Tx, segment: int, name: str, condition: Any, version: int, now: datetime) -> None:
    """Overwrite a segment's definition."""
    await tx.run(
        "update segment set name = $3, condition = $4, version = $5, updated_at = $6 where workspace_id = $1 and id = $2",
        tx.workspace_id, segment, name, condition, version, now,
    )  # fmt: skip


async def evaluated(tx: Tx, segment: int, now: datetime) -> None:
    """Remember when all personas were last asked."""
    await tx.run(
        "update segment set evaluated_at = $3 where workspace_id = $1 and id = $2", tx.workspace_id, segment, now
    )


async def delete(tx: Tx, segment: int) -> int:
    """Remove a segment with its members; how many segments that were."""
    return await tx.run("delete from segment where workspace_id = $1 and id = $2", tx.workspace_id, segment)


async def named(tx: Tx, name: str) -> int | None:
    """The segment of that name."""
    found: int | None = await tx.value(
        "select id from segment where workspace_id = $1 and name = $2", tx.workspace_id, name
    )
    return found


async def one(tx: Tx, segment: int) -> Row | None:
    """A segment, held against changes until the transaction ends."""
    return await tx.row(
        f"select {_SEGMENT} from segment where workspace_id = $1 and id = $2 for no key update",
        tx.workspace_id,
        segment,
    )


async def every(tx: Tx) -> list[Row]:
    """All segments, by name."""
    return await tx.rows(f"select {_SEGMENT} from segment where workspace_id = $1 order by name", tx.workspace_id)


async def sizes(tx: Tx) -> dict[int, int]:
    """How many members each segment has now."""
    rows = await tx.rows(
        "select segment_id, count(*) as n from segment_member where workspace_id = $1 and left_at is null group by segment_id",
        tx.workspace_id,
    )  # fmt: skip
    return {r["segment_id"]: r["n"] for r in rows}


async def present(tx: Tx, segment: int, personas: Sequence[int] | None = None) -> set[int]:
    """Who of these personas (default: of all) is a member now."""
    if personas is None:
        rows = await tx.rows(
            "select persona from segment_member where workspace_id = $1 and segment_id = $2 and left_at is null",
            tx.workspace_id, segment,
        )  # fmt: skip
    else:
        rows = await tx.rows(
            "select m.persona from unnest($3::bigint[]) as k(id) cross join lateral (select m.persona from segment_member m "
            "where m.workspace_id = $1 and m.segment_id = $2 and m.persona = k.id and m.left_at is null offset 0) m",
            tx.workspace_id, segment, personas,
        )  # fmt: skip
    return {r["persona"] for r in rows}


async def enter(tx: Tx, segment: int, personas: Collection[int], now: datetime) -> None:
    """These are members from now on."""
    if personas:
        await tx.run(
            "insert into segment_member (workspace_id, segment_id, persona, entered_at) "
            "select $1::int, $2::bigint, n.id, $4::timestamptz from unnest($3::bigint[]) as n(id) "
            "on conflict (workspace_id, segment_id, persona, entered_at) do update set left_at = null",
            tx.workspace_id, segment, sorted(personas), now,
        )  # fmt: skip


async def leave(tx: Tx, segment: int, personas: Collection[int], now: datetime) -> None:
    """These are members until now."""
    if personas:
        await tx.run(
            "update segment_member set left_at = $4 where workspace_id = $1 and segment_id = $2 "
            "and persona = any($3::bigint[]) and left_at is null",
            tx.workspace_id, segment, sorted(personas), now,
        )  # fmt: skip


async def forget(tx: Tx, personas: Collection[int]) -> set[int]:
    """Remove personas that are none any more from every segment, with their past in it. Returns those that were in one."""
    rows = await tx.rows(
        "delete from segment_member where workspace_id = $1 and persona = any($2::bigint[]) returning persona",
        tx.workspace_id, sorted(personas),
    )  # fmt: skip
    return {r["persona"] for r in rows}


async def members(tx: Tx, segment: int, after: int, limit: int) -> list[Row]:
    """Who is a member now, by id, with name and since when."""
    return await tx.rows(
        "with m as materialized (select persona, entered_at from segment_member where workspace_id = $1 and segment_id = $2 "
        "and left_at is null and persona > $3 order by persona limit $4) "
        "select m.persona, m.entered_at, n.name, n.props from m left join lateral (select name, props from node "
        "where workspace_id = $1 and id = m.persona offset 0) n on true order by m.persona",
        tx.workspace_id, segment, after, limit,
    )  # fmt: skip


async def stays(tx: Tx, segment: int, limit: int) -> list[Row]:
    """The latest changes: who entered when, and left."""
    return await tx.rows(
        "select persona, entered_at, left_at from segment_member where workspace_id = $1 and segment_id = $2 "
        "order by greatest(entered_at, left_at) desc, persona limit $3",
        tx.workspace_id, segment, limit,
    )  # fmt: skip


async def segments_of(tx: Tx, persona: int) -> list[Row]:
    """The segments a persona is in now."""
    return await tx.rows(
        "select s.id, s.name, m.entered_at from segment_member m join segment s on s.workspace_id = m.workspace_id "
        "and s.id = m.segment_id where m.workspace_id = $1 and m.persona = $2 and m.left_at is null order by s.name",
        tx.workspace_id, persona,
    )  # fmt: skip


async def kinds_of(tx: Tx, ids: Sequence[int]) -> dict[int, int]:
    """The kinds of those of these nodes that exist."""
    rows = await tx.rows(
        "select n.* from unnest($2::bigint[]) as k(id) cross join lateral "
        "(select n.id, n.kind from node n where n.workspace_id = $1 and n.id = k.id offset 0) n",
        tx.workspace_id, ids,
    )  # fmt: skip
    return {r["id"]: r["kind"] for r in rows}


async def staff_of(tx: Tx, companies: Sequence[int]) -> set[int]:
    """Who works at these companies now."""
    rows = await tx.rows(
        "select e.src from unnest($2::bigint[]) as k(id) cross join lateral (select e.src from edge_works_at e "
        "where e.workspace_id = $1 and e.dst = k.id and e.valid_to is null offset 0) e",
        tx.workspace_id, companies,
    )  # fmt: skip
    return {r["src"] for r in rows}


async def beside(tx: Tx, nodes: Sequence[int], kinds: Sequence[int]) -> set[int]:
    """The other ends of these kinds of edges at these nodes, ended ones too."""
    rows = await tx.rows(
        "select distinct e.other from unnest($2::bigint[]) as k(id) cross join lateral ("
        "select e.dst as other from edge e where e.workspace_id = $1 and e.src = k.id and e.kind = any($3::smallint[]) "
        "union all select e.src from edge e where e.workspace_id = $1 and e.dst = k.id and e.kind = any($3::smallint[]) offset 0) e",
        tx.workspace_id, nodes, kinds,
    )  # fmt: skip
    return {r["other"] for r in rows}


async def how_many(tx: Tx) -> int:
    """How many personas the workspace has."""
    found: int = await tx.value(
        "select count(*) from node where workspace_id = $1 and kind = $2", tx.workspace_id, NODE["persona"]
    )
    return found
