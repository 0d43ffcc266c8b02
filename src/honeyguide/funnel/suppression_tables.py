"""The tables suppression, suppressed_digest and suppression_key."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from honeyguide.db import Row, Tx

_ROW = "s.id, s.actor, s.reason, s.at, s.lifted_at, s.lifted_by, s.hits, s.last_hit_at"


async def key(tx: Tx) -> bytes | None:
    """The workspace's key when anything is suppressed in it; None otherwise: there is then nothing to look for."""
    found: bytes | None = await tx.value(
        "select k.key from suppression_key k where k.workspace_id = $1 and exists (select 1 from suppression s "
        "where s.workspace_id = $1 and s.lifted_at is null)",
        tx.workspace_id,
    )
    return found


async def ensure_key(tx: Tx, fresh: bytes) -> bytes:
    """The workspace's key, made when there is none."""
    await tx.run(
        "insert into suppression_key (workspace_id, key) values ($1, $2) on conflict (workspace_id) do nothing",
        tx.workspace_id, fresh,
    )  # fmt: skip
    found: bytes = await tx.value("select key from suppression_key where workspace_id = $1", tx.workspace_id)
    return found


async def insert(tx: Tx, actor: str, reason: str, at: datetime, digests: Sequence[tuple[bytes, str]]) -> int:
    """Insert a suppression with its digests."""
    ident: int = await tx.value(
        "insert into suppression (workspace_id, actor, reason, at) values ($1, $2, $3, $4) returning id",
        tx.workspace_id, actor, reason, at,
    )  # fmt: skip
    await tx.run(
        "insert into suppressed_digest (workspace_id, digest, suppression_id, ns) "
        "select $1, t.digest, $2, t.ns from unnest($3::bytea[], $4::text[]) as t (digest, ns) on conflict do nothing",
        tx.workspace_id, ident, [d for d, _ in digests], [ns for _, ns in digests],
    )  # fmt: skip
    return ident


async def known(tx: Tx, digests: Sequence[bytes]) -> list[Row]:
    """Which of these digests are suppressed, by which suppression, since when."""
    return await tx.rows(
        "select d.digest, d.suppression_id, s.at from suppressed_digest d join suppression s "
        "on s.workspace_id = d.workspace_id and s.id = d.suppression_id "
        "where d.workspace_id = $1 and d.digest = any($2::bytea[]) and s.lifted_at is null",
        tx.workspace_id, digests,
    )  # fmt: skip


async def version(tx: Tx) -> tuple[int, int]:
    """Changes whenever something is suppressed or lifted."""
    row = await tx.row(
        "select coalesce(max(id), 0) as newest, count(*) filter (where lifted_at is null) as active from suppression "
        "where workspace_id = $1",
        tx.workspace_id,
    )
    return (row["newest"], row["active"]) if row is not None else (0, 0)


async def all_digests(tx: Tx) -> dict[bytes, int]:
    """Every suppressed digest with its suppression."""
    rows = await tx.rows(
        "select d.digest, d.suppression_id from suppressed_digest d join suppression s "
        "on s.workspace_id = d.workspace_id and s.id = d.suppression_id where d.workspace_id = $1 and s.lifted_at is null",
        tx.workspace_id,
    )
    return {row["digest"]: row["suppression_id"] for row in rows}


async def hit(tx: Tx, counts: dict[int, int], at: datetime) -> None:
    """Count inputs that suppressions kept out."""
    keys = sorted(counts)
    if keys:
        await tx.run(
            "update suppression s set hits = s.hits + t.n, last_hit_at = $4 from unnest($2::bigint[], $3::bigint[]) as t (id, n) "
            "where s.workspace_id = $1 and s.id = t.id",
            tx.workspace_id, keys, [counts[k] for k in keys], at,
        )  # fmt: skip


async def lift(tx: Tx, suppression_id: int, actor: str, at: datetime) -> bool:
    """Lift one; False when there is none that holds."""
    return bool(
        await tx.run(
            "update suppression set lifted_at = $3, lifted_by = $4 where workspace_id = $1 and id = $2 and lifted_at is null",
            tx.workspace_id, suppression_id, at, actor,
        )
    )  # fmt: skip


async def one(tx: Tx, suppression_id: int) -> Row | None:
    """One suppression with the namespaces of its digests."""
    return await tx.row(
        f"select {_ROW}, (select array_agg(d.ns order by d.ns) from suppressed_digest d where d.workspace_id = $1 "
        "and d.suppression_id = s.id) as namespaces from suppression s where s.workspace_id = $1 and s.id = $2",
        tx.workspace_id, suppression_id,
    )  # fmt: skip


async def listed(tx: Tx, after: int | None, limit: int) -> list[Row]:
    """Suppressions, newest first, below the id `after`."""
    return await tx.rows(
        f"select {_ROW}, (select array_agg(d.ns order by d.ns) from suppressed_digest d where d.workspace_id = $1 "
        "and d.suppression_id = s.id) as namespaces from suppression s where s.workspace_id = $1 "
        "and ($2::bigint is null or s.id < $2) order by s.id desc limit $3",
        tx.workspace_id, after, limit,
    )  # fmt: skip


async def count(tx: Tx) -> int:
    """How many suppressions there are."""
    found: int = await tx.value("select count(*) from suppression where workspace_id = $1", tx.workspace_id)
    return found


async def redact(tx: Tx, events: Sequence[tuple[UUID, datetime]]) -> int:
    """Take the content out of rows of the log (id, time of receipt); they stay, so that nothing seems to be missing."""
    ids, times = [e for e, _ in events], [at for _, at in events]
    found: int = await tx.value("select redact_events($1::uuid[], $2::timestamptz[])", ids, times)
    return found


async def rewrite(tx: Tx, erasure: int, events: Sequence[tuple[UUID, datetime, bytes]]) -> int:
    """Give rows of the log another body: the same without what an erased person is named by."""
    ids, times, bodies = [e for e, _, _ in events], [at for _, at, _ in events], [body for _, _, body in events]
    found: int = await tx.value(
        "select rewrite_events($1, $2::uuid[], $3::timestamptz[], $4::bytea[])", erasure, ids, times, bodies
    )
    return found


async def scrub(tx: Tx, erasure: int, words: str) -> int:
    """Replace what a person is named by (a regular expression) in every text of the workspace but the log's."""
    found: int = await tx.value("select scrub_workspace($1, $2)", erasure, words)
    return found


async def forget_letters(tx: Tx, ids: Sequence[int]) -> int:
    """Remove dead letters."""
    return await tx.run(
        "delete from dead_letter where workspace_id = $1 and id = any($2::bigint[])", tx.workspace_id, ids
    )
