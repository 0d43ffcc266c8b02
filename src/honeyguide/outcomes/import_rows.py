"""SQL for rows of other vendors' exports: each once, for ever."""

from datetime import datetime

from honeyguide.db import Row, Tx


async def known(tx: Tx, vendor: str, kind: str, external_id: str) -> Row | None:
    """What became of a row before."""
    return await tx.row(
        "select digest, target from imported_row where workspace_id = $1 and vendor = $2 and kind = $3 and external_id = $4",
        tx.workspace_id, vendor, kind, external_id,
    )  # fmt: skip


async def keep(tx: Tx, vendor: str, kind: str, external_id: str, digest: bytes, target: str, at: datetime) -> None:
    """A row was imported as `target`."""
    await tx.run(
        "insert into imported_row (workspace_id, vendor, kind, external_id, digest, target, at) values ($1, $2, $3, $4, $5, $6, $7) "
        "on conflict do nothing",
        tx.workspace_id, vendor, kind, external_id, digest, target, at,
    )  # fmt: skip


async def advocate_by_email(tx: Tx, program_id: int, email: str) -> Row | None:
    """An advocate of a program by address."""
    return await tx.row(
        "select id, group_id from advocate where workspace_id = $1 and program_id = $2 and email = $3 order by created_at, id limit 1",
        tx.workspace_id, program_id, email,
    )  # fmt: skip


async def referral_by_email(tx: Tx, program_id: int, email: str) -> Row | None:
    """A referral of a program by the friend's address."""
    return await tx.row(
        "select id, advocate_id, link_id, created_at from referral where workspace_id = $1 and program_id = $2 and friend_email = $3 "
        "order by created_at, id limit 1",
        tx.workspace_id, program_id, email,
    )  # fmt: skip
