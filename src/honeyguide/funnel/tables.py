"""The funnel's tables: source, ingest_dedup, event_log, ingest_count, dead_letter, import_run."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from honeyguide.db import Line, Row, Tx

OWNED = ("source", "ingest_dedup", "event_log", "ingest_count", "dead_letter", "import_run")
_SOURCE = "workspace_id, id, kind, name, key_prefix, secret, settings, created_at, paused_at"

# source id, event id, reason, detail, body, time, attempts
Letter = tuple[int, UUID | None, str, str, bytes, datetime, int]

# The columns `append_events` takes after the workspace and the time, see db/migrations/sql/0002/15_ingest.sql.
Columns = Sequence[Sequence[Any]]
_APPEND = (
    "select fresh, reused from append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
)


class Appended(NamedTuple):
    """Which ids were new (None: all of them), and which are in the log with another body."""

    fresh: frozenset[UUID] | None
    reused: frozenset[UUID]


async def append_events(tx: Tx, columns: Columns, at: datetime) -> Appended:
    """Insert events (ids distinct), keep the bodies of reused ids as dead letters, count every one at `at` (UTC)."""
    return _appended(await tx.row(_APPEND, tx.workspace_id, at, at.date(), *columns))


async def append_events_alone(
    line: Line, workspace_id: int, columns: Columns, at: datetime, timeout_s: float
) -> Appended:
    """`append_events` as a transaction of its own."""
    return _appended(await line.row(_APPEND, workspace_id, at, at.date(), *columns, timeout_s=timeout_s))


def _appended(row: Row | None) -> Appended:
    fresh = row["fresh"] if row is not None else None
    if row is None or fresh is None:
        return ALL_NEW
    return Appended(frozenset(fresh), frozenset(row["reused"] or ()))


ALL_NEW = Appended(None, frozenset())


async def known_hashes(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """The body digests under which these ids are known."""
    rows = await tx.rows(
        "select event_id, body_hash from ingest_dedup where workspace_id = $1 and event_id = any($2::uuid[])",
        tx.workspace_id, ids,
    )  # fmt: skip
    return {row["event_id"]: row["body_hash"] for row in rows}


async def forget_ids(tx: Tx, before: datetime, limit: int) -> int:
    """Drop ids known since before a time, oldest window first, at most `limit`."""
    return await tx.run(
        "delete from ingest_dedup where workspace_id = $1 and event_id in ("
        "select d.event_id from ingest_dedup d where d.workspace_id = $1 and d.at < $2 limit $3)",
        tx.workspace_id, before, limit,
    )  # fmt: skip


async def add_counts(tx: Tx, day: date, at: datetime, counts: dict[tuple[int, str], int]) -> None:
    """Add to the counters: (source id, verdict) -> how many."""
    keys = sorted(counts)
    if not keys:
        return
    await tx.run(
        "insert into ingest_count (workspace_id, source_id, day, outcome, n, last_at) "
        "select $1, t.source_id, $4, t.outcome, t.n, $5 from unnest($2::int[], $3::text[], $6::bigint[]) "
        "as t (source_id, outcome, n) on conflict (workspace_id, source_id, day, outcome) "
        "do update set n = ingest_count.n + excluded.n, last_at = excluded.last_at",
        tx.workspace_id, [k[0] for k in keys], [k[1] for k in keys], day, at, [counts[k] for k in keys],
    )  # fmt: skip


async def counts(tx: Tx) -> list[Row]:
    """Totals per source and verdict over all days."""
    return await tx.rows(
        "select source_id, outcome, sum(n)::bigint as n, max(last_at) as last_at from ingest_count "
        "where workspace_id = $1 group by source_id, outcome",
        tx.workspace_id,
    )


async def sources(tx: Tx) -> list[Row]:
    """Every source of the workspace."""
    return await tx.rows(f"select {_SOURCE} from source where workspace_id = $1 order by id", tx.workspace_id)


async def source_by_name(tx: Tx, name: str) -> Row | None:
    """One source by its name."""
    return await tx.row(f"select {_SOURCE} from source where workspace_id = $1 and name = $2", tx.workspace_id, name)


async def source_by_prefix(tx: Tx, prefix: str) -> Row | None:
    """One source by the beginning of its write key (the digest was checked by the directory)."""
    return await tx.row(
        f"select {_SOURCE} from source where workspace_id = $1 and key_prefix = $2", tx.workspace_id, prefix
    )


async def insert_source(
    tx: Tx, kind: str, name: str, prefix: str, secret: str | None, settings: dict[str, Any], at: datetime
) -> Row | None:
    """Insert a source; None when the name is taken."""
    return await tx.row(
        "insert into source (workspace_id, kind, name, key_prefix, secret, settings, created_at) "
        f"values ($1, $2, $3, $4, $5, $6, $7) on conflict (workspace_id, name) do nothing returning {_SOURCE}",
        tx.workspace_id, kind, name, prefix, secret, settings, at,
    )  # fmt: skip


async def update_source_key(tx: Tx, source_id: int, prefix: str, secret: str | None) -> None:
    """Replace the key prefix (the old key no longer finds its source) and, when given, the signing secret."""
    await tx.run(
        "update source set key_prefix = $3, secret = coalesce($4, secret) where workspace_id = $1 and id = $2",
        tx.workspace_id, source_id, prefix, secret,
    )  # fmt: skip


async def update_source_settings(tx: Tx, source_id: int, settings: dict[str, Any]) -> None:
    """Replace the settings of a source."""
    await tx.run(
        "update source set settings = $3 where workspace_id = $1 and id = $2", tx.workspace_id, source_id, settings
    )


_LETTER = "id, source_id, event_id, stage, reason, detail, body, at, state, attempts"


async def insert_letters(tx: Tx, stage: str, letters: Sequence[Letter]) -> None:
    """Insert dead letters; one that is known (event, stage, reason, body) has that many attempts more."""
    if not letters:
        return
    await tx.run(
        "insert into dead_letter (workspace_id, source_id, event_id, stage, reason, detail, body, at, attempts) "
        "select $1, t.source_id, t.event_id, $2, t.reason, t.detail, t.body, t.at, t.attempts "
        "from unnest($3::int[], $4::uuid[], $5::text[], $6::text[], $7::bytea[], $8::timestamptz[], $9::int[]) "
        "as t (source_id, event_id, reason, detail, body, at, attempts) "
        "on conflict (workspace_id, event_id, stage, reason, sha256(body)) where event_id is not null "
        "do update set attempts = dead_letter.attempts + excluded.attempts, detail = excluded.detail, state = 'open'",
        tx.workspace_id, stage, *[list(column) for column in zip(*letters, strict=True)],
    )  # fmt: skip


async def letters(tx: Tx, state: str | None, after: int | None, limit: int) -> list[Row]:
    """Dead letters, newest first, below the id `after`."""
    return await tx.rows(
        f"select {_LETTER} from dead_letter where workspace_id = $1 and ($2::text is null or state = $2) "
        "and ($3::bigint is null or id < $3) order by id desc limit $4",
        tx.workspace_id, state, after, limit,
    )  # fmt: skip


async def letter(tx: Tx, letter_id: int) -> Row | None:
    """One dead letter, held until the transaction ends."""
    return await tx.row(
        f"select {_LETTER} from dead_letter where workspace_id = $1 and id = $2 for update", tx.workspace_id, letter_id
    )


async def set_letter_state(tx: Tx, letter_id: int, state: str) -> None:
    """Move a dead letter to retried or dropped."""
    await tx.run(
        "update dead_letter set state = $3 where workspace_id = $1 and id = $2", tx.workspace_id, letter_id, state
    )


_LOGGED = (
    "e.seq, e.xid::text as xid, e.event_id, e.source_id, e.format, e.kind, e.message_id, e.event_time, e.received_at, "
    "e.sent_at, e.lane, e.body"
)


async def logged_events(tx: Tx, ids: Sequence[UUID]) -> list[Row]:
    """Rows of the log by their event ids, in the shape consumers read, oldest first.

    The window of known ids says when each was received. What it has forgotten is looked for in the whole log.
    """
    found = await tx.rows(
        f"select {_LOGGED} from ingest_dedup d join event_log e on e.workspace_id = d.workspace_id "
        "and e.received_at = d.at and e.event_id = d.event_id "
        "where d.workspace_id = $1 and d.event_id = any($2::uuid[]) order by e.event_time, e.seq",
        tx.workspace_id, list(ids),
    )  # fmt: skip
    missing = set(ids) - {row["event_id"] for row in found}
    if missing:
        old = await tx.rows(
            f"select {_LOGGED} from event_log e where e.workspace_id = $1 and e.event_id = any($2::uuid[])",
            tx.workspace_id, list(missing),
        )  # fmt: skip
        found = sorted([*found, *old], key=lambda row: (row["event_time"], row["seq"]))
    return found


async def logged_event(tx: Tx, ident: UUID) -> Row | None:
    """One row of the log by its event id, in the shape consumers read."""
    return next(iter(await logged_events(tx, [ident])), None)


async def source_totals(tx: Tx) -> list[Row]:
    """For the console: every source with its counters and the time of its last event."""
    return await tx.rows(
        "select s.id, s.kind, s.name, s.key_prefix, s.created_at, max(c.last_at) as last_event_at, "
        "coalesce(sum(c.n) filter (where c.outcome = 'accepted'), 0)::bigint as accepted, "
        "coalesce(sum(c.n) filter (where c.outcome = 'duplicate'), 0)::bigint as duplicate, "
        "coalesce(sum(c.n) filter (where c.outcome = 'mismatch'), 0)::bigint as mismatch, "
        "coalesce(sum(c.n) filter (where c.outcome = 'dead_letter'), 0)::bigint as dead_letter, "
        "coalesce(sum(c.n) filter (where c.outcome = 'refused'), 0)::bigint as refused, "
        "(select count(*) from dead_letter d where d.workspace_id = $1 and d.source_id = s.id and d.state = 'open') as open_letters "
        "from source s left join ingest_count c on c.workspace_id = s.workspace_id and c.source_id = s.id "
        "where s.workspace_id = $1 group by s.id, s.kind, s.name, s.key_prefix, s.created_at order by s.id",
        tx.workspace_id,
    )
