"""Bring a database to the newest schema: one linear head, a lock time-out, one runner at a time."""

from datetime import UTC, datetime
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

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 7_046_023_118  # any constant: one migration at a time per database


def config() -> Config:
    """Alembic's configuration, without a file."""
    made = Config()
    made.set_main_option("script_location", str(_FOLDER))
    return made


def head() -> str:
    """The newest revision this release knows."""
    found = ScriptDirectory.from_config(config()).get_current_head()
    if found is None:
        raise RuntimeError("no migrations are packaged")
    return found


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


async def ensure_partitions(dsn: str, at: datetime | None = None, months: int = 3) -> list[str]:
    """Make the log's partitions for this and the coming months, under the same row-level security. Returns new names."""
    start = at or datetime.now(UTC)
    connection = await asyncpg.connect(dsn)
    made = []
    try:
        for ahead in range(months):
            first = _month(start, ahead)
            name = f"event_log_{first:%Y_%m}"
            if await connection.fetchval("select to_regclass($1)", name):
                continue
            async with connection.transaction():
                await connection.execute("set local lock_timeout = '2s'")
                await connection.execute(
                    f"create table {name} partition of event_log for values "
                    f"from ('{first:%Y-%m-%d}') to ('{_month(start, ahead + 1):%Y-%m-%d}')"
                )
                await connection.execute(f"select guard_with_workspace('{name}')")
            made.append(name)
    finally:
        await connection.close()
    return made


def _month(at: datetime, ahead: int) -> datetime:
    years, month = divmod(at.month - 1 + ahead, 12)
    return datetime(at.year + years, month + 1, 1, tzinfo=UTC)
