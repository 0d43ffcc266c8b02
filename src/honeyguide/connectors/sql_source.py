"""Databases opened for reading only. Imported when a query is run: SQLAlchemy is not carried by those who have none."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Protocol

import asyncpg
from sqlalchemy import DateTime, bindparam, create_engine, event, text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from honeyguide.connectors.problems import VendorProblem
from honeyguide.core.errors import BadInput

Row = dict[str, Any]


class SqlSource(Protocol):
    """A database that answers a query."""

    async def fetch(self, sql: str, params: dict[str, Any], n: int, skip: int) -> list[Row]:
        """At most `n` rows behind the first `skip`."""


class _Async:
    """PostgreSQL by asyncpg."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def fetch(self, sql: str, params: dict[str, Any], n: int, skip: int) -> list[Row]:
        async with self._engine.connect() as connection:
            result = await connection.stream(_statement(sql, params), params)
            left = skip
            while left > 0 and (dropped := await result.fetchmany(min(left, 5_000))):
                left -= len(dropped)
            return [dict(row) for row in await result.mappings().fetchmany(n)] if left <= 0 else []


class _Threaded:
    """A database whose driver blocks: in a thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def fetch(self, sql: str, params: dict[str, Any], n: int, skip: int) -> list[Row]:
        return await asyncio.to_thread(self._fetch, sql, params, n, skip)

    def _fetch(self, sql: str, params: dict[str, Any], n: int, skip: int) -> list[Row]:
        with self._engine.connect() as connection:
            result = connection.execution_options(stream_results=True).execute(_statement(sql, params), params)
            left = skip
            while left > 0 and (dropped := result.fetchmany(min(left, 5_000))):
                left -= len(dropped)
            return [dict(row) for row in result.mappings().fetchmany(n)] if left <= 0 else []


@contextlib.asynccontextmanager
async def opened(dsn: str, timeout_s: int) -> AsyncIterator[SqlSource]:
    """A database for reading. Raises BadInput when the address or driver is wrong, VendorProblem when it refuses."""
    try:
        if dsn.startswith(("postgresql:", "postgres:", "postgresql+asyncpg:")):
            engine = _postgresql(dsn, timeout_s)
            try:
                yield _Async(engine)
            finally:
                await engine.dispose()
            return
        blocking = _blocking(dsn, timeout_s)
        try:
            yield _Threaded(blocking)
        finally:
            blocking.dispose()
    except (NoSuchModuleError, ModuleNotFoundError, ArgumentError) as e:
        raise BadInput(
            "This kind of database cannot be opened.", str(e), advice="Install its driver for Python."
        ) from e
    except (DBAPIError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as e:
        raise _problem(e) from e


def _postgresql(dsn: str, timeout_s: int) -> AsyncEngine:
    url = make_url("postgresql+asyncpg:" + dsn.partition(":")[2])
    settings = {
        "default_transaction_read_only": "on",
        "statement_timeout": str(timeout_s * 1000),
        "application_name": "honeyguide",
    }
    return create_async_engine(
        url,
        poolclass=NullPool,
        connect_args={"server_settings": settings, "timeout": 15, "command_timeout": timeout_s + 5},
    )


def _blocking(dsn: str, timeout_s: int) -> Engine:
    if not dsn.startswith("sqlite:"):
        engine = create_engine(dsn, poolclass=NullPool)
        if engine.dialect.name in ("mysql", "mariadb"):
            event.listen(engine, "connect", _read_only_session)
        return engine
    path = dsn.removeprefix("sqlite:")
    engine = create_engine(
        f"sqlite:///file:{path}?mode=ro&uri=true", poolclass=NullPool, connect_args={"timeout": timeout_s}
    )
    event.listen(engine, "connect", _query_only)
    return engine


def _query_only(connection: Any, _: Any) -> None:
    connection.execute("pragma query_only = on")


def _read_only_session(connection: Any, _: Any) -> None:
    with contextlib.closing(connection.cursor()) as cursor:
        cursor.execute("set session transaction read only")


def _statement(sql: str, params: dict[str, Any]) -> Any:
    """The statement; a time is bound with or without a zone as it has one, which asyncpg insists on."""
    times = [
        bindparam(name, type_=DateTime(timezone=value.tzinfo is not None))
        for name, value in params.items()
        if isinstance(value, datetime)
    ]
    return text(sql).bindparams(*times)


def _problem(e: BaseException) -> VendorProblem:
    cause = getattr(e, "orig", None) or e
    words = str(cause).splitlines()[0][:300] if str(cause) else type(cause).__name__
    low = words.lower()
    auth = "password" in low or "authentication" in low
    return VendorProblem(
        "The database refused the password." if auth else "The database did not answer the query.", words, needs_auth=auth,
        code="refused" if auth else "database", advice="Check the address and the account; it needs to read, nothing else."
        if auth else "Try the query by hand with the same account.",
    )  # fmt: skip
