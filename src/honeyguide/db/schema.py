"""Which schema this release knows and which one a database has; the log's partitions. Light: every command asks."""

from datetime import UTC, datetime
from pathlib import Path

import asyncpg

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


def head() -> str:
    """The newest revision this release knows: the versions' files begin with their number."""
    found = sorted(file.name.partition("_")[0] for file in _VERSIONS.glob("[0-9]*_*.py"))
    if not found:
        raise RuntimeError("no migrations are packaged")
    return found[-1]


async def revision_of(connection: asyncpg.Connection) -> str | None:
    """The revision a database is at; None for one without a schema."""
    if await connection.fetchval("select to_regclass('alembic_version')") is None:
        return None
    found: str | None = await connection.fetchval("select version_num from alembic_version")
    return found


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
