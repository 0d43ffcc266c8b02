"""Workspaces: making one, finding one by its slug."""

import re
from typing import Any

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.ids import digest
from honeyguide.db.engine import Database, Tx

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


class Workspace(Struct, frozen=True):
    """A tenant: everything belongs to exactly one."""

    id: int
    slug: str
    name: str
    currency: str
    timezone: str
    settings: dict[str, Any] = {}


async def create_workspace(db: Database, slug: str, name: str, *, currency: str = "EUR", timezone: str = "UTC") -> int:
    """Make a workspace (or return the id of the one with this slug). Raises BadInput on a slug of another form."""
    if not _SLUG.fullmatch(slug):
        raise BadInput(f"The workspace name {slug!r} cannot be used.", "It takes 2 to 40 of a-z, 0-9 and '-'.")
    known = await db.find("workspace", digest(slug), ttl_s=0)
    if known is not None:
        return known
    async with db.admin() as owner, owner.transaction():
        # Forced row-level security binds an owner that is no superuser, too: the id comes first, then the row.
        found: int = await owner.fetchval("select nextval(pg_get_serial_sequence('workspace', 'id'))")
        await owner.execute("select set_config('app.workspace', $1, true)", str(found))
        await owner.execute(
            "insert into workspace (id, slug, name, currency, timezone, created_at) overriding system value "
            "values ($1, $2, $3, $4, $5, $6)",
            found, slug, name, currency, timezone, clock.now(),
        )  # fmt: skip
        await owner.execute(
            "insert into directory (kind, digest, workspace_id) values ('workspace', $1, $2)", digest(slug), found
        )
    db.forget("workspace", digest(slug))
    return found


async def workspace_by_slug(db: Database, slug: str) -> int:
    """The id of a workspace. Raises NotFound."""
    found = await db.find("workspace", digest(slug), ttl_s=0)
    if found is None:
        raise NotFound(f"There is no workspace {slug!r}.", advice="`honeyguide doctor` lists the workspaces.")
    return found


async def change_settings(tx: Tx, values: dict[str, Any]) -> None:
    """Set these settings of the workspace and leave the others as they are."""
    await tx.run("update workspace set settings = settings || $2 where id = $1", tx.workspace_id, values)


async def workspace(tx: Tx) -> Workspace:
    """The workspace of this transaction."""
    row = await tx.row(
        "select id, slug, name, currency, timezone, settings from workspace where id = $1", tx.workspace_id
    )
    if row is None:
        raise NotFound(f"There is no workspace {tx.workspace_id}.")
    return Workspace(**dict(row))
