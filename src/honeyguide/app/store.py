"""Opening the store, and bringing it to this release's schema."""

import contextlib
from collections.abc import AsyncIterator

from honeyguide.app.where import cluster_of
from honeyguide.db import Database
from honeyguide.db.migrate import migrate
from honeyguide.jobs import JobQueue, PgQueuerQueue
from honeyguide.settings import Settings


async def prepare(dsn: str) -> None:
    """Migrate, and make the job queue's tables."""
    await migrate(dsn)
    db = await Database.open(dsn, size=2)
    try:
        async with db.admin() as owner:
            await queue_of(db).install(owner)
    finally:
        await db.close()


def queue_of(db: Database) -> JobQueue:
    """The job queue this release uses."""
    return PgQueuerQueue(db)


@contextlib.asynccontextmanager
async def database(settings: Settings, *, size: int = 6, migrated: bool = True) -> AsyncIterator[Database]:
    """The store for one command: the running one, else the embedded server is started for it and stopped after.

    Raises Unavailable when it cannot be reached.
    """
    cluster = cluster_of(settings)
    with cluster.borrowed() if cluster else contextlib.nullcontext(settings.database_url) as dsn:
        if migrated:
            await prepare(dsn)
        db = await Database.open(dsn, app_dsn=settings.database_app_url, size=size)
        try:
            yield db
        finally:
            await db.close()
