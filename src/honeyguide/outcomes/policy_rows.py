"""SQL for versions of attribution policies; a row is never changed."""

from collections.abc import Mapping
from typing import Any

from honeyguide.db import Row, Tx

_COLUMNS = (
    "program_id, version, valid_from, model, window_days, company_match, priority, first_bp, last_bp, reason, created_by, "
    "created_at"
)


async def lock(tx: Tx) -> None:
    """One new version at a time in the workspace."""
    await tx.row("select pg_advisory_xact_lock($1, hashtext('attribution_policy'))", tx.workspace_id)


async def insert(tx: Tx, values: Mapping[str, Any]) -> None:
    """Write a version."""
    await tx.run(
        f"insert into attribution_policy (workspace_id, {_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        tx.workspace_id, values["program_id"], values["version"], values["valid_from"], values["model"], values["window_days"],
        values["company_match"], values["priority"], values["first_bp"], values["last_bp"], values["reason"],
        values["created_by"], values["created_at"],
    )  # fmt: skip


async def versions(tx: Tx, program_id: int | None = None) -> list[Row]:
    """Every version, of one program or of all, newest first."""
    return await tx.rows(
        f"select {_COLUMNS} from attribution_policy where workspace_id = $1 and ($2::int is null or program_id = $2) "
        "order by program_id, version desc",
        tx.workspace_id, program_id,
    )  # fmt: skip


async def newest(tx: Tx, program_id: int) -> int:
    """The number of a program's last version; 0 when it has none."""
    found: int = await tx.value(
        "select coalesce(max(version), 0) from attribution_policy where workspace_id = $1 and program_id = $2",
        tx.workspace_id, program_id,
    )  # fmt: skip
    return found
