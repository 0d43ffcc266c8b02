"""Opening the store, and bringing it to this release's schema."""

import contextlib
import importlib
from collections.abc import AsyncIterator

import asyncpg

from honeyguide.app.where import cluster_of
from honeyguide.db import Database
from honeyguide.db.schema import ensure_partitions, head, revision_of
from honeyguide.settings import Settings


async def prepare(dsn: str) -> None:
    """Migrate, and make the job queue's tables. Raises Unavailable."""
    # What migrates weighs a second of imports, which a command on a prepared store need not pay.
    await importlib.import_module("honeyguide.app.preparing").prepare(dsn)


async def prepared(dsn: str) -> bool:
    """Whether the database has this release's schema and the job queue's tables. An unreachable one has not."""
    try:
        connection = await asyncpg.connect(dsn)
    except (OSError, asyncpg.PostgresError):
        return False
    try:
        queue = await connection.fetchval("select to_regclass('pgqueuer')")
        return queue is not None and await revision_of(connection) == head()
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def database(settings: Settings, *, size: int = 6, migrated: bool = True) -> AsyncIterator[Database]:
    """The store for one command: the running one, else the embedded server is started for it and stopped after.

    Raises Unavailable when it cannot be reached.
    """
    cluster = cluster_of(settings)
    with cluster.borrowed() if cluster else contextlib.nullcontext(settings.database_url) as dsn:
        if migrated and await prepared(dsn):
            await ensure_partitions(dsn)
        elif migrated:
            await prepare(dsn)
        db = await Database.open(dsn, app_dsn=settings.database_app_url, size=size)
        try:
            yield db
        finally:
            await db.close()
