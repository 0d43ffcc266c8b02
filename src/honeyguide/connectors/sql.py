"""The transport `sql`: one read-only SELECT with a cursor, page by page.

PostgreSQL (asyncpg) and SQLite (the standard library) are there; any other database SQLAlchemy knows works once its driver
is installed. The query must order by its cursor column; `:cursor` stands for the last value seen.
"""

import importlib
import itertools
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from honeyguide.connectors.guard import address_of, checked_path
from honeyguide.connectors.marks import since_of
from honeyguide.connectors.port import Ask, Page
from honeyguide.connectors.problems import VendorProblem
from honeyguide.connectors.session import Session
from honeyguide.core.errors import BadInput, Forbidden
from honeyguide.funnel.decode.fields import instant

PAGE, PAGE_MAX = 1_000, 64_000
TIMEOUT_S = 60
Row = dict[str, Any]
_BEGINS = re.compile(r"\s*(?:--[^\n]*\n\s*)*(select|with|table|values)\b", re.IGNORECASE)
_CURSOR = re.compile(r"(?<![:\w]):cursor\b")


class Sql:
    """Pages out of a query."""

    name = "sql"

    async def pages(self, session: Session, ask: Ask, /) -> AsyncIterator[Page]:
        """The rows of a query as records, from a position on."""
        sql = checked_sql(ask.spec.request.sql)
        size = min(ask.limit or ask.spec.paging.size or PAGE, PAGE_MAX)
        open_source = importlib.import_module("honeyguide.connectors.sql_source").opened
        async with open_source(await checked_dsn(session), TIMEOUT_S) as source:
            walk = _by_cursor if ask.spec.cursor and _CURSOR.search(sql) else _by_offset
            async for page in walk(source, sql, ask, size):
                yield page

    async def reach(self, session: Session, /) -> str:
        """Open and ask for one."""
        open_source = importlib.import_module("honeyguide.connectors.sql_source").opened
        dsn = await checked_dsn(session)
        async with open_source(dsn, TIMEOUT_S) as source:
            await source.fetch("select 1 as one", {}, 1, 0)
        return urlsplit(dsn).hostname or urlsplit(dsn).path


def checked_sql(sql: str) -> str:
    """One statement that reads. Raises BadInput. (The database is told to refuse anything else, too.)"""
    found = sql.strip().rstrip(";").rstrip()
    if not _BEGINS.match(found):
        raise BadInput("The query of this stream does not begin with SELECT.", "Only one reading statement is run.")
    return found


async def checked_dsn(session: Session) -> str:
    """The address of the database. Raises BadInput, Forbidden outside the allowed hosts and folders."""
    dsn = str(session.root["config"].get("dsn", "")).strip()
    scheme, separator, rest = dsn.partition("://")
    if dsn.startswith("sqlite"):
        path = checked_path(dsn.partition(":")[2].removeprefix("///"), session.settings.folders)
        return f"sqlite:{path}"
    if not separator or not scheme:
        raise BadInput(
            "The address of the database is not known.",
            "It is asked for as `dsn`: postgresql://user:password@host/name",
        )
    parts = urlsplit(f"x://{rest}")
    if parts.hostname:
        await address_of(unquote(parts.hostname), parts.port or 5432, session.settings.private_hosts)
    elif "localhost" not in session.settings.private_hosts:
        raise Forbidden(
            "The database is on this very machine.", "It is addressed by a local socket.", code="private_host",
            advice="Whoever runs this machine can allow it: HONEYGUIDE_ALLOW_PRIVATE_HOSTS=localhost",
        )  # fmt: skip
    return dsn


async def _by_cursor(source: Any, sql: str, ask: Ask, size: int) -> AsyncIterator[Page]:
    cursor = ask.spec.cursor
    assert cursor is not None  # noqa: S101  # chosen by the caller
    after = _value(ask.position["after"]) if ask.position else _typed(cursor.format, since_of(cursor, ask.since))
    while True:
        rows: list[Row] = await source.fetch(sql, {"cursor": after}, size + 1, 0)
        more = len(rows) > size
        kept = _whole_values(rows[:size], rows[-1].get(cursor.field), cursor.field) if more else rows
        _in_order(kept, cursor.field)
        last = kept[-1].get(cursor.field) if kept else None
        if more and (not kept or last == after):
            size *= 4  # more rows than a page share one cursor value
            if size > PAGE_MAX:
                raise VendorProblem(
                    f"More than {PAGE_MAX:,} rows have the same {cursor.field}.", f"It is {last}.", code="cursor_stands_still",
                    advice="Choose a finer cursor column, or leave the cursor out.",
                )  # fmt: skip
            continue
        yield Page([encoded(row) for row in kept], {"after": _kept(last)} if more else None)
        if not more:
            return
        after = last


async def _by_offset(source: Any, sql: str, ask: Ask, size: int) -> AsyncIterator[Page]:
    start = int((ask.position or {}).get("offset", 0))
    params = {"cursor": None} if _CURSOR.search(sql) else {}
    while True:
        rows: list[Row] = await source.fetch(sql, params, size + 1, start)
        more = len(rows) > size
        start += size
        yield Page([encoded(row) for row in rows[:size]], {"offset": start} if more else None)
        if not more:
            return


def _whole_values(rows: list[Row], following: Any, field: str) -> list[Row]:
    """Without the rows at the end whose cursor value goes on behind the page: `>` would skip the others of it."""
    if rows and rows[-1].get(field) != following:
        return rows
    return [row for row in rows if row.get(field) != following]


def _in_order(rows: list[Row], field: str) -> None:
    values = [row.get(field) for row in rows]
    if rows and field not in rows[0]:
        raise BadInput(f"The query gives no column {field}.", f"Its columns are: {', '.join(rows[0])}.")
    known = [v for v in values if v is not None]
    try:
        sorted_so = all(a <= b for a, b in itertools.pairwise(known))
    except TypeError:
        sorted_so = False
    if not sorted_so:
        raise BadInput(
            f"The query does not order its rows by {field}.", "Rows would be lost.", advice=f"Add: order by {field}"
        )


def _typed(form: str, since: Any) -> Any:
    """The first `:cursor` as the database's own type."""
    if form == "iso" and isinstance(since, str):
        return instant(since) or since
    if form == "text" and isinstance(since, str) and re.fullmatch(r"-?\d{1,18}", since):
        return int(since)  # a running number
    return since


def _kept(value: Any) -> Any:
    """A cursor value as JSON that keeps its type."""
    for kind, name in ((datetime, "time"), (date, "date"), (Decimal, "decimal")):
        if isinstance(value, kind):
            return {name: str(value) if isinstance(value, Decimal) else value.isoformat()}
    return value if isinstance(value, int | float | str) or value is None else str(value)


def _value(kept: Any) -> Any:
    if not isinstance(kept, dict):
        return kept
    ((name, text),) = kept.items()
    if name == "decimal":
        return Decimal(text)
    return date.fromisoformat(text) if name == "date" else datetime.fromisoformat(text)


def encoded(row: Row) -> bytes:
    """A row as a JSON object. Times without a zone are UTC; amounts stay exact, as text."""
    plain = {k: v.replace(tzinfo=UTC) if isinstance(v, datetime) and v.tzinfo is None else v for k, v in row.items()}
    return msgspec.json.encode(plain, enc_hook=str)


SQL = Sql()
__all__ = ["SQL", "Sql", "checked_dsn", "checked_sql", "encoded"]
