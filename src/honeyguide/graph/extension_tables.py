"""The table of kinds a workspace added to the vocabulary: vocabulary_extension."""

from datetime import datetime
from typing import Any

from honeyguide.db import Row, Tx

TABLES = ("vocabulary_extension",)
# Two who extend one workspace's vocabulary at once take different codes.
_LOCK_CLASS = 7_041_004


async def lock(tx: Tx) -> None:
    """Be the only one who extends this workspace's vocabulary until the transaction ends."""
    await tx.run("select pg_advisory_xact_lock($1::int, $2::int)", _LOCK_CLASS, tx.workspace_id)


async def load(tx: Tx) -> list[Row]:
    """Every kind of the workspace: side, name, code, definition."""
    return await tx.rows(
        "select side, name, code, definition from vocabulary_extension where workspace_id = $1 order by side, code",
        tx.workspace_id,
    )


async def insert(tx: Tx, side: str, name: str, code: int, definition: dict[str, Any], actor: str, at: datetime) -> None:
    """Add a kind."""
    await tx.run(
        "insert into vocabulary_extension (workspace_id, side, name, code, definition, added_by, added_at) "
        "values ($1, $2, $3, $4, $5, $6, $7)",
        tx.workspace_id, side, name, code, definition, actor, at,
    )  # fmt: skip
