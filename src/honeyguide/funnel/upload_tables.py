"""The tables upload and upload_piece."""

from datetime import datetime
from typing import Any
from uuid import UUID

from honeyguide.db import Row, Tx

OWNED = ("upload", "upload_piece")
_UPLOAD = (
    "id, source_id, file_name, size, sha256, mapping, received, state, failure, rows_done, rows_accepted, "
    "rows_duplicate, rows_dead, created_at, updated_at"
)


async def start(
    tx: Tx, ident: UUID, source_id: int, name: str, size: int, sha256: bytes, mapping: Any, digest: bytes, at: datetime
) -> Row:
    """The upload of this file with this mapping: a new one, or the one there is. A failed one starts again."""
    row = await tx.row(
        "insert into upload as u (workspace_id, id, source_id, file_name, size, sha256, mapping, mapping_digest, "
        "created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) "
        "on conflict (workspace_id, source_id, sha256, mapping_digest) do update set updated_at = excluded.updated_at, "
        "state = case when u.state = 'failed' then 'receiving' else u.state end, "
        "received = case when u.state = 'failed' then 0 else u.received end, failure = '' "
        f"returning {_UPLOAD}",
        tx.workspace_id, ident, source_id, name, size, sha256, mapping, digest, at,
    )  # fmt: skip
    if row is None:
        raise RuntimeError("an upsert returned no row")
    return row


async def upload(tx: Tx, source_id: int, ident: UUID) -> Row | None:
    """One upload of a source."""
    return await tx.row(
        f"select {_UPLOAD} from upload where workspace_id = $1 and source_id = $2 and id = $3",
        tx.workspace_id, source_id, ident,
    )  # fmt: skip


async def held_bytes(tx: Tx) -> int:
    """How many bytes of files that are not imported yet are promised to this workspace."""
    return int(
        await tx.value(
            "select coalesce(sum(size), 0) from upload where workspace_id = $1 "
            "and state in ('receiving', 'waiting', 'importing')",
            tx.workspace_id,
        )
    )


async def advance(tx: Tx, ident: UUID, starts_at: int, length: int, at: datetime) -> Row | None:
    """Count a piece in; None when the upload does not wait for a piece that starts there."""
    return await tx.row(
        "update upload set received = received + $4, updated_at = $5 where workspace_id = $1 and id = $2 "
        f"and received = $3 and state = 'receiving' and received + $4 <= size returning {_UPLOAD}",
        tx.workspace_id, ident, starts_at, length, at,
    )  # fmt: skip


async def add_piece(tx: Tx, ident: UUID, starts_at: int, sha256: bytes, body: bytes) -> None:
    """Keep a piece."""
    await tx.run(
        "insert into upload_piece (workspace_id, upload_id, starts_at, sha256, body) values ($1, $2, $3, $4, $5)",
        tx.workspace_id, ident, starts_at, sha256, body,
    )  # fmt: skip


async def piece_digest(tx: Tx, ident: UUID, starts_at: int) -> bytes | None:
    """The digest of a piece that is here already."""
    found: bytes | None = await tx.value(
        "select sha256 from upload_piece where workspace_id = $1 and upload_id = $2 and starts_at = $3",
        tx.workspace_id, ident, starts_at,
    )  # fmt: skip
    return found


async def next_piece(tx: Tx, ident: UUID, starts_at: int) -> bytes | None:
    """The piece that starts at a byte."""
    found: bytes | None = await tx.value(
        "select body from upload_piece where workspace_id = $1 and upload_id = $2 and starts_at = $3",
        tx.workspace_id, ident, starts_at,
    )  # fmt: skip
    return found


async def drop_pieces(tx: Tx, ident: UUID) -> None:
    """Give the room of a file back."""
    await tx.run("delete from upload_piece where workspace_id = $1 and upload_id = $2", tx.workspace_id, ident)


async def set_state(tx: Tx, ident: UUID, state: str, failure: str, at: datetime) -> Row | None:
    """Move an upload on."""
    return await tx.row(
        "update upload set state = $3, failure = $4, updated_at = $5, claimed_until = null "
        f"where workspace_id = $1 and id = $2 returning {_UPLOAD}",
        tx.workspace_id, ident, state, failure, at,
    )  # fmt: skip


async def claim(tx: Tx, now: datetime, until: datetime) -> Row | None:
    """Take the oldest complete upload nobody works on, until a time."""
    return await tx.row(
        "update upload set state = 'importing', claimed_until = $3, updated_at = $2 where workspace_id = $1 and id = ("
        "select u.id from upload u where u.workspace_id = $1 and (u.state = 'waiting' "
        "or (u.state = 'importing' and u.claimed_until < $2)) order by u.created_at limit 1 for update skip locked) "
        f"returning {_UPLOAD}",
        tx.workspace_id, now, until,
    )  # fmt: skip


async def report(tx: Tx, ident: UUID, done: int, accepted: int, duplicate: int, dead: int, until: datetime) -> None:
    """How far the import is; it goes on being ours until a time."""
    await tx.run(
        "update upload set rows_done = $3, rows_accepted = $4, rows_duplicate = $5, rows_dead = $6, claimed_until = $7 "
        "where workspace_id = $1 and id = $2",
        tx.workspace_id, ident, done, accepted, duplicate, dead, until,
    )  # fmt: skip


async def abandoned(tx: Tx, before: datetime, limit: int) -> list[UUID]:
    """Uploads nobody has sent a piece of since a time."""
    rows = await tx.rows(
        "select id from upload where workspace_id = $1 and state = 'receiving' and updated_at < $2 limit $3",
        tx.workspace_id, before, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]
