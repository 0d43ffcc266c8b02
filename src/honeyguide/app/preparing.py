"""Bringing the store to this release's schema: the migrations and the job queue's own tables."""

from honeyguide.db import Database
from honeyguide.db.migrate import migrate
from honeyguide.jobs import PgQueuerQueue


async def prepare(dsn: str) -> None:
    """Migrate, and make the job queue's tables. Raises Unavailable."""
    await migrate(dsn)
    db = await Database.open(dsn, size=2)
    try:
        async with db.admin() as owner:
            await PgQueuerQueue(db).install(owner)
    finally:
        await db.close()
