"""Bring a database to the newest schema: one linear head, a lock time-out, one runner at a time."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from honeyguide.core.errors import Unavailable
from honeyguide.db.schema import ensure_partitions

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 7_046_023_118  # any constant: one migration at a time per database


def config() -> Config:
    """Alembic's configuration, without a file."""
    made = Config()
    made.set_main_option("script_location", str(_FOLDER))
    return made


async def migrate(dsn: str, target: str = "head") -> None:
    """Upgrade (or, with an older revision or `base`, downgrade) the database. Raises Unavailable with the cause."""

    async def connect() -> Any:
        connection = await asyncpg.connect(dsn, server_settings={"lock_timeout": "5000", "application_name": "migrate"})
        await connection.execute(f"select pg_advisory_lock({_LOCK})")
        return connection

    await _ensure_database(dsn)
    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_run, target)
    except (OSError, asyncpg.PostgresError, DBAPIError) as e:
        raise Unavailable("The database could not be brought to this release's schema.", str(e)) from e
    finally:
        await engine.dispose()
    if target == "head":
        await ensure_partitions(dsn)


async def _ensure_database(dsn: str) -> None:
    """Create the database of the DSN when the server has none of that name."""
    try:
        await (await asyncpg.connect(dsn)).close()
    except asyncpg.InvalidCatalogNameError:
        name = urlsplit(dsn).path.lstrip("/")
        server = await asyncpg.connect(dsn, database="postgres")
        try:
            await server.execute(f'create database "{name}"')
        except asyncpg.DuplicateDatabaseError:
            pass  # another process was faster
        finally:
            await server.close()
    except (OSError, asyncpg.PostgresError) as e:
        raise Unavailable("PostgreSQL cannot be reached.", str(e), advice="Check DATABASE_URL.") from e


def _run(connection: Connection, target: str) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    if target == "head" or ScriptDirectory.from_config(settings).get_current_head() == target:
        command.upgrade(settings, target)
    else:
        command.downgrade(settings, target)
