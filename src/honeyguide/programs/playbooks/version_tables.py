"""The table of a workspace's own playbooks (playbook_version) and the SQL that reads and writes it."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide.db import Row, Tx

OWNED = ("playbook_version",)
_COLUMNS = "slug, version, body, based_on, note, created_by, created_at"


class Version(Struct, frozen=True):
    """A version as stored. `body` is empty when it goes back to the library's."""

    slug: str
    version: int
    body: dict[str, Any]
    based_on: int
    note: str
    created_by: str
    created_at: datetime


def _version(row: Row) -> Version:
    return Version(**dict(row))


async def lock(tx: Tx, slug: str) -> None:
    """One transaction at a time writes versions of a playbook."""
    await tx.run("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"playbook:{tx.workspace_id}:{slug}")


async def latest(tx: Tx) -> list[Version]:
    """The newest version of every playbook this workspace has edited."""
    found = await tx.rows(
        f"select distinct on (slug) {_COLUMNS} from playbook_version where workspace_id = $1 order by slug, version desc",
        tx.workspace_id,
    )
    return [_version(r) for r in found]


async def versions(tx: Tx, slug: str) -> list[Version]:
    """Every version of a playbook, the newest first."""
    found = await tx.rows(
        f"select {_COLUMNS} from playbook_version where workspace_id = $1 and slug = $2 order by version desc",
        tx.workspace_id, slug,
    )  # fmt: skip
    return [_version(r) for r in found]


async def add(tx: Tx, row: Version) -> None:
    """Write a version; nothing of it ever changes."""
    await tx.run(
        f"insert into playbook_version (workspace_id, {_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tx.workspace_id, row.slug, row.version, row.body, row.based_on, row.note, row.created_by, row.created_at,
    )  # fmt: skip
