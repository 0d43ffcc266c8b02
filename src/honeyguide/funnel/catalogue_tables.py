"""The tables shape, source_day, mapping_version and mapping_reading: what the road writes down as it reads the log."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from honeyguide.db import Row, Tx

# source, kind, fingerprint, paths as JSON, first, last, how many, a sample
Shapes = tuple[int, str, bytes, str, datetime, datetime, int, UUID]
# source, day, rows, bytes
Days = tuple[int, date, int, int]
_SHAPE = "source_id, kind, fingerprint, paths, first_seen_at, last_seen_at, n, sample_event_id"


async def add_shapes(tx: Tx, found: Sequence[Shapes]) -> None:
    """Add to the counts of shapes. The sample is the least id, so it does not depend on the order of reading."""
    if not found:
        return
    await tx.run(
        "insert into shape (workspace_id, source_id, kind, fingerprint, paths, first_seen_at, last_seen_at, n, sample_event_id) "
        "select $1, t.source_id, t.kind, t.fingerprint, t.paths::jsonb, t.first, t.last, t.n, t.sample "
        "from unnest($2::int[], $3::text[], $4::bytea[], $5::text[], $6::timestamptz[], $7::timestamptz[], "
        "$8::bigint[], $9::uuid[]) as t (source_id, kind, fingerprint, paths, first, last, n, sample) "
        "order by t.source_id, t.kind, t.fingerprint "
        "on conflict (workspace_id, source_id, kind, fingerprint) do update set n = shape.n + excluded.n, "
        "first_seen_at = least(shape.first_seen_at, excluded.first_seen_at), "
        "last_seen_at = greatest(shape.last_seen_at, excluded.last_seen_at), "
        "sample_event_id = least(shape.sample_event_id, excluded.sample_event_id)",
        tx.workspace_id, *[list(column) for column in zip(*found, strict=True)],
    )  # fmt: skip


async def known_shapes(tx: Tx, source_ids: Sequence[int], kinds: Sequence[str]) -> list[Row]:
    """The fingerprints of these sources and kinds."""
    return await tx.rows(
        "select source_id, kind, fingerprint from shape where workspace_id = $1 and source_id = any($2::int[]) "
        "and kind = any($3::text[])",
        tx.workspace_id, source_ids, kinds,
    )  # fmt: skip


async def shapes(tx: Tx, source_id: int) -> list[Row]:
    """The shapes of a source by kind, the newest first."""
    return await tx.rows(
        f"select {_SHAPE}, min(first_seen_at) over (partition by kind) as kind_first_seen_at from shape "
        "where workspace_id = $1 and source_id = $2 order by kind, first_seen_at desc, fingerprint limit 2000",
        tx.workspace_id, source_id,
    )  # fmt: skip


async def add_days(tx: Tx, found: Sequence[Days]) -> None:
    """Add to what sources have cost."""
    if not found:
        return
    await tx.run(
        "insert into source_day (workspace_id, source_id, day, n, bytes) "
        "select $1, t.* from unnest($2::int[], $3::date[], $4::bigint[], $5::bigint[]) as t (source_id, day, n, bytes) "
        "order by t.source_id, t.day on conflict (workspace_id, source_id, day) "
        "do update set n = source_day.n + excluded.n, bytes = source_day.bytes + excluded.bytes",
        tx.workspace_id, *[list(column) for column in zip(*found, strict=True)],
    )  # fmt: skip


async def cost(tx: Tx, since: date) -> list[Row]:
    """Rows and bytes per source since a day."""
    return await tx.rows(
        "select source_id, sum(n)::bigint as n, sum(bytes)::bigint as bytes from source_day "
        "where workspace_id = $1 and day >= $2 group by source_id",
        tx.workspace_id, since,
    )  # fmt: skip


async def newest_versions(tx: Tx) -> list[Row]:
    """The newest mapping version of every source."""
    return await tx.rows(
        "select distinct on (source_id) source_id, version, digest from mapping_version where workspace_id = $1 "
        "order by source_id, version desc",
        tx.workspace_id,
    )


async def version_of(tx: Tx, source_id: int, digest: bytes) -> int | None:
    """The version a digest has, None for a new one."""
    found: int | None = await tx.value(
        "select version from mapping_version where workspace_id = $1 and source_id = $2 and digest = $3",
        tx.workspace_id, source_id, digest,
    )  # fmt: skip
    return found


async def add_version(tx: Tx, source_id: int, version: int, digest: bytes, definition: Any, at: datetime) -> None:
    """Insert a version."""
    await tx.run(
        "insert into mapping_version (workspace_id, source_id, version, digest, definition, at) values ($1, $2, $3, $4, $5, $6)",
        tx.workspace_id, source_id, version, digest, definition, at,
    )  # fmt: skip


async def versions(tx: Tx, source_id: int) -> list[Row]:
    """The versions of a source, newest first, with how many rows each has read."""
    return await tx.rows(
        "select v.version, v.digest, v.definition, v.at, coalesce(sum(r.n), 0)::bigint as n from mapping_version v "
        "left join mapping_reading r on r.workspace_id = v.workspace_id and r.source_id = v.source_id and r.version = v.version "
        "where v.workspace_id = $1 and v.source_id = $2 group by v.version, v.digest, v.definition, v.at order by v.version desc",
        tx.workspace_id, source_id,
    )  # fmt: skip


# source, lane, xid of the first row read now, its seq, the version that reads, how many rows
Reading = tuple[int, int, str, int, int, int]


async def add_reading(tx: Tx, found: Sequence[Reading]) -> None:
    """Write down which version reads from which row of a lane on.

    The stretch that is being read goes on while its version is the same; another version begins a stretch of its own.
    """
    if not found:
        return
    await tx.run(
        "with given as (select * from unnest($2::int[], $3::smallint[], $4::text[], $5::bigint[], $6::int[], $7::bigint[]) "
        "as t (source_id, lane, xid, seq, version, n)), last as (select distinct on (r.source_id, r.lane) r.source_id, r.lane, "
        "r.from_xid, r.from_seq, r.version from mapping_reading r join given g on g.source_id = r.source_id and g.lane = r.lane "
        "where r.workspace_id = $1 order by r.source_id, r.lane, r.from_xid desc, r.from_seq desc) "
        "insert into mapping_reading (workspace_id, source_id, lane, from_xid, from_seq, version, n) "
        "select $1, g.source_id, g.lane, coalesce(l.from_xid, g.xid::xid8), coalesce(l.from_seq, g.seq), g.version, g.n "
        "from given g left join last l on l.source_id = g.source_id and l.lane = g.lane and l.version = g.version "
        "order by g.source_id, g.lane on conflict (workspace_id, source_id, lane, from_xid, from_seq) "
        "do update set n = mapping_reading.n + excluded.n, version = excluded.version",
        tx.workspace_id, *[list(column) for column in zip(*found, strict=True)],
    )  # fmt: skip


async def readings(tx: Tx, source_id: int) -> list[Row]:
    """Which version read from which row of which lane on, oldest first."""
    return await tx.rows(
        "select lane, from_xid::text as from_xid, from_seq, version from mapping_reading "
        "where workspace_id = $1 and source_id = $2 order by lane, from_xid, from_seq",
        tx.workspace_id, source_id,
    )  # fmt: skip


async def definitions(tx: Tx, source_id: int) -> dict[int, Any]:
    """Version -> its definition."""
    rows = await tx.rows(
        "select version, definition from mapping_version where workspace_id = $1 and source_id = $2",
        tx.workspace_id, source_id,
    )  # fmt: skip
    return {row["version"]: row["definition"] for row in rows}
