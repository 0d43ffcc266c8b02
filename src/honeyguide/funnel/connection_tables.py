"""The tables of connections: connection, connection_stream, connection_record, connection_refetch, sync_run, oauth_flow."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from honeyguide.db import Row, Tx

OWNED = ("connection", "connection_stream", "connection_record", "connection_refetch", "sync_run", "oauth_flow")
_CONNECTION = (
    "c.source_id, c.workspace_id, c.connector, s.name, c.config, c.state, c.problem, c.advice, c.created_at, c.last_sync_at, "
    "(select coalesce(array_agg(t.stream order by t.stream), '{}') from connection_stream t "
    "where t.workspace_id = c.workspace_id and t.source_id = c.source_id and t.enabled) as streams"
)
_STREAM = (
    "stream, enabled, lane, since, high, position, pass, full_pass, full_wanted, rows, pass_rows, pass_total, failures, "
    "problem, advice, last_sync_at, next_due_at, run_id"
)
_RUN = "id, stream, lane, started_at, ended_at, pages, rows, new, duplicates, dead, requests, bytes, problem"


async def insert_connection(
    tx: Tx, source_id: int, connector: str, config: dict[str, Any], sealed: bytes, at: datetime
) -> None:
    """Insert a connection of an existing source."""
    await tx.run(
        "insert into connection (workspace_id, source_id, connector, config, sealed, created_at) "
        "values ($1, $2, $3, $4, $5, $6)",
        tx.workspace_id, source_id, connector, config, sealed, at,
    )  # fmt: skip


async def put_streams(tx: Tx, source_id: int, streams: Sequence[str], enabled: Sequence[bool], at: datetime) -> None:
    """Insert the streams of a connection, or switch those there are on and off."""
    await tx.run(
        "insert into connection_stream (workspace_id, source_id, stream, enabled, next_due_at) "
        "select $1, $2, t.stream, t.enabled, $5 from unnest($3::text[], $4::boolean[]) as t (stream, enabled) "
        "on conflict (workspace_id, source_id, stream) do update set enabled = excluded.enabled",
        tx.workspace_id, source_id, list(streams), list(enabled), at,
    )  # fmt: skip


async def connections(tx: Tx, source_id: int | None = None) -> list[Row]:
    """Every connection, or the one of a source."""
    return await tx.rows(
        f"select {_CONNECTION} from connection c join source s on s.workspace_id = c.workspace_id and s.id = c.source_id "
        "where c.workspace_id = $1 and ($2::integer is null or c.source_id = $2) order by c.source_id",
        tx.workspace_id, source_id,
    )  # fmt: skip


async def sealed(tx: Tx, source_id: int) -> Row | None:
    """The encrypted credentials of a connection."""
    return await tx.row(
        "select sealed from connection where workspace_id = $1 and source_id = $2", tx.workspace_id, source_id
    )


async def lock_credentials(tx: Tx, source_id: int) -> None:
    """Let only one transaction at a time renew the credentials of a connection.

    An advisory lock, not a row lock: the vendor is asked while it is held, and a transaction that has written
    nothing does not hold back the readers of the log.
    """
    await tx.value("select pg_advisory_xact_lock($1, $2)", tx.workspace_id, source_id)


async def set_sealed(tx: Tx, source_id: int, sealed: bytes) -> None:
    """Replace the encrypted credentials."""
    await tx.run(
        "update connection set sealed = $3 where workspace_id = $1 and source_id = $2",
        tx.workspace_id,
        source_id,
        sealed,
    )


async def set_config(tx: Tx, source_id: int, config: dict[str, Any]) -> None:
    """Replace the configuration."""
    await tx.run(
        "update connection set config = $3 where workspace_id = $1 and source_id = $2",
        tx.workspace_id,
        source_id,
        config,
    )


async def set_state(tx: Tx, source_id: int, state: str, problem: str = "", advice: str = "") -> None:
    """Move a connection to a state, with what is wrong and what to do."""
    await tx.run(
        "update connection set state = $3, problem = $4, advice = $5 where workspace_id = $1 and source_id = $2",
        tx.workspace_id, source_id, state, problem, advice,
    )  # fmt: skip


async def synced(tx: Tx, source_id: int, at: datetime) -> None:
    """A stream was read to its end: the connection is `ok` when no stream of it has a problem, else `failing`."""
    await tx.run(
        "update connection c set last_sync_at = $3, problem = coalesce(b.problem, ''), advice = coalesce(b.advice, ''), "
        "state = case when c.state not in ('new', 'ok', 'failing') then c.state when b.problem is null then 'ok' else 'failing' end "
        "from (select max(s.problem) as problem, max(s.advice) as advice from connection_stream s "
        "where s.workspace_id = $1 and s.source_id = $2 and s.enabled and s.problem <> '') b "
        "where c.workspace_id = $1 and c.source_id = $2",
        tx.workspace_id, source_id, at,
    )  # fmt: skip


async def claim(tx: Tx, now: datetime, lease: UUID, until: datetime) -> int | None:
    """Lease the connection that waited longest among those with a due stream; None when there is none."""
    found: int | None = await tx.value(
        "with due as (select c.source_id from connection c where c.workspace_id = $1 "
        "and c.state not in ('paused', 'needs_auth') and (c.leased_until is null or c.leased_until < $2) "
        "and exists (select 1 from connection_stream s where s.workspace_id = $1 and s.source_id = c.source_id "
        "and s.enabled and s.next_due_at <= $2) "
        "and not exists (select 1 from source o where o.workspace_id = $1 and o.id = c.source_id and o.paused_at is not null) "
        "order by c.served_at nulls first, c.source_id limit 1 for update of c skip locked) "
        "update connection c set lease = $3, leased_until = $4, served_at = $2 from due "
        "where c.workspace_id = $1 and c.source_id = due.source_id returning c.source_id",
        tx.workspace_id, now, lease, until,
    )  # fmt: skip
    return found


async def claim_one(tx: Tx, source_id: int, now: datetime, lease: UUID, until: datetime) -> bool:
    """Lease this connection, whatever is due; False when another worker has it."""
    return await tx.run(
        "update connection set lease = $4, leased_until = $5, served_at = $3 where workspace_id = $1 and source_id = $2 "
        "and (leased_until is null or leased_until < $3)",
        tx.workspace_id, source_id, now, lease, until,
    ) == 1  # fmt: skip


async def hold(tx: Tx, source_id: int, lease: UUID, until: datetime) -> bool:
    """Renew the lease inside a page's transaction; False when it is no longer ours (or the connection was paused)."""
    return await tx.run(
        "update connection set leased_until = $4 where workspace_id = $1 and source_id = $2 and lease = $3 "
        "and state not in ('paused', 'needs_auth')",
        tx.workspace_id, source_id, lease, until,
    ) == 1  # fmt: skip


async def release(tx: Tx, source_id: int, lease: UUID) -> None:
    """Give the lease back."""
    await tx.run(
        "update connection set lease = null, leased_until = null where workspace_id = $1 and source_id = $2 and lease = $3",
        tx.workspace_id, source_id, lease,
    )  # fmt: skip


async def streams(tx: Tx, source_id: int, due: datetime | None = None) -> list[Row]:
    """The streams of a connection, longest waiting first; only the due ones when `due` is given."""
    return await tx.rows(
        f"select {_STREAM} from connection_stream where workspace_id = $1 and source_id = $2 "
        "and ($3::timestamptz is null or (enabled and next_due_at <= $3)) order by next_due_at, stream",
        tx.workspace_id, source_id, due,
    )  # fmt: skip


async def save_stream(
    tx: Tx, source_id: int, stream: str, values: dict[str, Any], now: datetime, *, full_begun: bool
) -> None:
    """Write how far a stream is (the names are those of StreamState).

    A full sync that was asked for meanwhile stays asked for, and makes the stream due at once.
    """
    await tx.run(
        "update connection_stream set lane = $4, since = $5, high = $6, position = $7, pass = $8, full_pass = $9, "
        "full_wanted = full_wanted and not $10::boolean, rows = $11, pass_rows = $12, pass_total = $13, failures = $14, "
        "problem = $15, advice = $16, last_sync_at = $17, run_id = $19, "
        "next_due_at = case when full_wanted and not $10::boolean then least($18::timestamptz, $20::timestamptz) else $18::timestamptz end "
        "where workspace_id = $1 and source_id = $2 and stream = $3",
        tx.workspace_id, source_id, stream, values["lane"], values["since"], values["high"], values["position"],
        values["pass_number"], values["full_pass"], full_begun, values["rows"], values["pass_rows"],
        values["pass_total"], values["failures"], values["problem"], values["advice"], values["last_sync_at"],
        values["next_due_at"], values["run_id"], now,
    )  # fmt: skip


async def want(tx: Tx, source_id: int, stream: str | None, full: bool, at: datetime) -> int:
    """Make streams due now; with `full` their next pass starts from the beginning. Returns how many."""
    return await tx.run(
        "update connection_stream set next_due_at = least(next_due_at, $4), full_wanted = full_wanted or $5 "
        "where workspace_id = $1 and source_id = $2 and enabled and ($3::text is null or stream = $3)",
        tx.workspace_id, source_id, stream, at, full,
    )  # fmt: skip


async def start_run(tx: Tx, source_id: int, stream: str, lane: str, at: datetime) -> int:
    """A new run's number."""
    found: int = await tx.value(
        "insert into sync_run (workspace_id, source_id, stream, lane, started_at) values ($1, $2, $3, $4, $5) returning id",
        tx.workspace_id, source_id, stream, lane, at,
    )  # fmt: skip
    return found


async def add_to_run(tx: Tx, run_id: int, counts: dict[str, int], ended_at: datetime | None, problem: str = "") -> None:
    """Add a page's counts to a run; with a time it has ended."""
    await tx.run(
        "update sync_run set pages = pages + $3, rows = rows + $4, new = new + $5, duplicates = duplicates + $6, "
        "dead = dead + $7, requests = requests + $8, bytes = bytes + $9, ended_at = coalesce($10, ended_at), "
        "problem = case when $11::text = '' then problem else $11::text end where workspace_id = $1 and id = $2",
        tx.workspace_id, run_id, counts["pages"], counts["rows"], counts["new"], counts["duplicates"], counts["dead"],
        counts["requests"], counts["bytes"], ended_at, problem,
    )  # fmt: skip


async def runs(tx: Tx, source_id: int, limit: int) -> list[Row]:
    """The latest runs, newest first."""
    return await tx.rows(
        f"select {_RUN} from sync_run where workspace_id = $1 and source_id = $2 order by id desc limit $3",
        tx.workspace_id, source_id, limit,
    )  # fmt: skip


async def see_records(
    tx: Tx,
    source_id: int,
    stream: str,
    keys: Sequence[UUID],
    ext_ids: Sequence[str],
    states: Sequence[str],
    number: int,
) -> set[UUID]:
    """Note which records a pass has shown (keys distinct); answers with those that were not known before."""
    found = await tx.rows(
        "insert into connection_record as r (workspace_id, source_id, stream, key, ext_id, pass, state) "
        "select $1, $2, $3, t.key, t.ext_id, $7, t.state from unnest($4::uuid[], $5::text[], $6::text[]) "
        "as t (key, ext_id, state) order by t.key "
        "on conflict (workspace_id, source_id, stream, key) do update set pass = excluded.pass, state = excluded.state "
        "returning r.key, (xmax = 0) as fresh",
        tx.workspace_id, source_id, stream, list(keys), list(ext_ids), list(states), number,
    )  # fmt: skip
    return {row["key"] for row in found if row["fresh"]}


async def gone_among(tx: Tx, source_id: int, stream: str, keys: Sequence[UUID]) -> set[UUID]:
    """Which of these records were gone."""
    found = await tx.rows(
        "select key from connection_record where workspace_id = $1 and source_id = $2 and stream = $3 "
        "and key = any($4::uuid[]) and state = 'gone'",
        tx.workspace_id, source_id, stream, list(keys),
    )  # fmt: skip
    return {row["key"] for row in found}


async def vanished(tx: Tx, source_id: int, stream: str, number: int, limit: int) -> list[Row]:
    """Records that were here before this pass and were not shown by it; they are marked as gone."""
    return await tx.rows(
        "with gone as (select key from connection_record where workspace_id = $1 and source_id = $2 and stream = $3 "
        "and state = 'here' and pass < $4 order by key limit $5) "
        "update connection_record r set state = 'gone', pass = $4 from gone where r.workspace_id = $1 and r.source_id = $2 "
        "and r.stream = $3 and r.key = gone.key returning r.ext_id",
        tx.workspace_id, source_id, stream, number, limit,
    )  # fmt: skip


async def ask_refetch(tx: Tx, source_id: int, stream: str, ext_ids: Sequence[str], at: datetime) -> None:
    """Remember records to be fetched one by one."""
    await tx.run(
        "insert into connection_refetch (workspace_id, source_id, stream, ext_id, asked_at) "
        "select $1, $2, $3, t.ext_id, $5 from unnest($4::text[]) as t (ext_id) order by t.ext_id "
        "on conflict (workspace_id, source_id, stream, ext_id) do update set asked_at = excluded.asked_at, attempts = 0",
        tx.workspace_id, source_id, stream, sorted(set(ext_ids)), at,
    )  # fmt: skip


async def refetches(tx: Tx, source_id: int, stream: str, limit: int) -> list[Row]:
    """Records waiting to be fetched again, oldest first."""
    return await tx.rows(
        "select ext_id, asked_at, attempts from connection_refetch where workspace_id = $1 and source_id = $2 "
        "and stream = $3 order by asked_at, ext_id limit $4",
        tx.workspace_id, source_id, stream, limit,
    )  # fmt: skip


async def end_refetch(tx: Tx, source_id: int, stream: str, ext_id: str, asked_at: datetime) -> None:
    """A record was fetched; asked for again meanwhile, it stays."""
    await tx.run(
        "delete from connection_refetch where workspace_id = $1 and source_id = $2 and stream = $3 and ext_id = $4 "
        "and asked_at <= $5",
        tx.workspace_id, source_id, stream, ext_id, asked_at,
    )  # fmt: skip


async def insert_flow(
    tx: Tx, state: bytes, source_id: int, actor: str, verifier: bytes, redirect_uri: str, at: datetime, until: datetime
) -> None:
    """Begin an authorisation."""
    await tx.run(
        "insert into oauth_flow (workspace_id, state, source_id, actor, verifier, redirect_uri, created_at, expires_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tx.workspace_id, state, source_id, actor, verifier, redirect_uri, at, until,
    )  # fmt: skip


async def use_flow(tx: Tx, state: bytes, actor: str, at: datetime) -> Row | None:
    """Use an authorisation up: once, in time, by who began it; None otherwise."""
    return await tx.row(
        "update oauth_flow set used_at = $4 where workspace_id = $1 and state = $2 and actor = $3 and used_at is null "
        "and expires_at > $4 returning source_id, verifier, redirect_uri",
        tx.workspace_id, state, actor, at,
    )  # fmt: skip
