"""The table import_run, and the lock on a source whose settings are being changed."""

from datetime import datetime
from typing import Any

from honeyguide.db import Row, Tx

_RUN = "id, source_id, file_name, rows_done, rows_accepted, rows_duplicate, rows_dead, state, failure, started_at, updated_at"


async def start(
    tx: Tx, source_id: int, name: str, file_digest: bytes, mapping_digest: bytes, size: int, at: datetime
) -> Row:
    """The run of this file with this mapping: a new one, or the one there is."""
    row = await tx.row(
        "insert into import_run (workspace_id, source_id, file_name, file_digest, mapping_digest, bytes_total, "
        "started_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $7) "
        "on conflict (workspace_id, source_id, file_digest, mapping_digest) do update set updated_at = excluded.updated_at "
        f"returning {_RUN}",
        tx.workspace_id, source_id, name, file_digest, mapping_digest, size, at,
    )  # fmt: skip
    if row is None:
        raise RuntimeError("an upsert returned no row")
    return row


async def advance(
    tx: Tx, run_id: int, done_before: int, done: int, accepted: int, duplicate: int, dead: int, at: datetime
) -> Row | None:
    """Move a run on; None when another process has moved it meanwhile."""
    return await tx.row(
        "update import_run set rows_done = rows_done + $4, rows_accepted = rows_accepted + $5, "
        "rows_duplicate = rows_duplicate + $6, rows_dead = rows_dead + $7, updated_at = $8 "
        f"where workspace_id = $1 and id = $2 and rows_done = $3 returning {_RUN}",
        tx.workspace_id, run_id, done_before, done, accepted, duplicate, dead, at,
    )  # fmt: skip


async def finish(tx: Tx, run_id: int, at: datetime) -> Row:
    """The run is done."""
    row = await tx.row(
        f"update import_run set state = 'done', updated_at = $3 where workspace_id = $1 and id = $2 returning {_RUN}",
        tx.workspace_id, run_id, at,
    )  # fmt: skip
    if row is None:
        raise RuntimeError(f"import run {run_id} is gone")
    return row


async def lock_source(tx: Tx, source_id: int) -> dict[str, Any]:
    """The settings of a source, held until the transaction ends."""
    found: dict[str, Any] = await tx.value(
        "select settings from source where workspace_id = $1 and id = $2 for update", tx.workspace_id, source_id
    )
    return found
