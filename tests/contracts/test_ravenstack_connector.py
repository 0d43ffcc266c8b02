"""Another company's database, five tables, by a connector that is one file: the same events as its files imported."""

import asyncio
import csv
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from honeyguide import decisions
from honeyguide.app import road
from honeyguide.connectors.sync import sync_now
from honeyguide.db import Database
from honeyguide.funnel import connections, decode, import_file, load_sources, read_mapping
from honeyguide.funnel.connections import Connection, create_connection
from honeyguide.funnel.definitions import parse_definition
from honeyguide.funnel.vault import Vault
from honeyguide.settings import Settings

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TABLES = ("accounts", "subscriptions", "feature_usage", "support_tickets", "churn_events")
ROWS = 33_100
# As a product's own database has them; SQLite gets them all as text, as a quick load of CSV does.
TYPES = {
    "seats": "int", "usage_count": "int", "mrr_amount": "numeric(12,2)", "refund_amount_usd": "numeric(12,2)",
    "is_trial": "boolean", "churn_flag": "boolean", "escalation_flag": "boolean", "is_reactivation": "boolean",
    "signup_date": "date", "start_date": "date", "end_date": "date", "usage_date": "date", "churn_date": "date",
    "submitted_at": "timestamp", "closed_at": "timestamp", "satisfaction_score": "numeric(3,1)",
}  # fmt: skip


def read(folder: Path, table: str, accounts: int = 0) -> tuple[list[str], list[list[str | None]]]:
    """The header and rows of a table; an empty cell is nothing. `accounts`: only those of the first so many."""
    with (folder / f"ravenstack_{table}.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    if accounts:
        chosen = {r[0] for r in read(folder, "accounts")[1][:accounts]}
        subscribed = {r[0] for r in read(folder, "subscriptions")[1] if r[1] in chosen}
        rows = [r for r in rows if chosen & set(r[:2]) or r[1] in subscribed]
    return header, [[cell or None for cell in row] for row in rows]


def in_sqlite(folder: Path, path: Path, accounts: int = 0) -> str:
    """The tables in a file of SQLite. Returns its address."""
    with sqlite3.connect(path) as base:
        for table in TABLES:
            header, rows = read(folder, table, accounts)
            base.execute(f"create table ravenstack_{table} ({', '.join(f'{c} text' for c in header)})")
            base.executemany(f"insert into ravenstack_{table} values ({', '.join('?' * len(header))})", rows)
    base.close()
    return f"sqlite:///{path}"


async def in_postgresql(folder: Path, dsn: str) -> str:
    """The tables in a PostgreSQL of typed columns. Returns its address."""
    base = await asyncpg.connect(dsn)
    for table in TABLES:
        header, rows = read(folder, table)
        kinds = [TYPES.get(column, "text") for column in header]
        columns = ", ".join(f"{column} {kind}" for column, kind in zip(header, kinds, strict=True))
        await base.execute(f"create table ravenstack_{table} ({columns})")
        casts = ", ".join(f"${n}::text::{kind}" for n, kind in enumerate(kinds, 1))
        await base.executemany(f"insert into ravenstack_{table} values ({casts})", rows)
    await base.close()
    return dsn


async def connected(db: Database, workspace: int, dsn: str, settings: Settings) -> Connection:
    definition = parse_definition((EXAMPLES / "ravenstack.connector.yaml").read_text())
    async with db.tx(workspace) as tx:
        return await create_connection(
            tx, "ravenstack", "RavenStack", {}, {"dsn": dsn}, definition=definition, vault=Vault.of(settings)
        )


async def told(db: Database, workspace: int, source_id: int) -> Counter[bytes]:
    """Every event of a source: what it says, without how it came."""
    async with db.tx(workspace) as tx:
        source = (await load_sources(tx))[source_id]
        rows = await tx.rows("select * from event_log where workspace_id = $1 and source_id = $2", workspace, source_id)
    return Counter(
        msgspec.json.encode(
            [e.kind, e.at, e.ref, e.person, e.company and [e.company.ext_id, e.company.identifiers, e.company.traits],
             e.props, e.text or ""],
            order="sorted",
        )
        for row in rows for e in decode(row, source)
    )  # fmt: skip


async def logged(db: Database, workspace: int, source_id: int) -> tuple[int, int]:
    async with db.tx(workspace) as tx:
        row: Any = await tx.row(
            "select (select count(*) from event_log where workspace_id = $1 and source_id = $2) as n, "
            "(select count(*) from dead_letter where workspace_id = $1) as dead", workspace, source_id)  # fmt: skip
    return row["n"], row["dead"]


@pytest.fixture
def raven(shared_path: Callable[[str], Path]) -> Path:
    """The data set."""
    return shared_path("data/ravenstack")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings under which these databases may be read."""
    return Settings.load({
        "HONEYGUIDE_DATA": str(tmp_path), "HONEYGUIDE_ALLOW_PRIVATE_HOSTS": "127.0.0.1,localhost",
        "HONEYGUIDE_ALLOW_FOLDERS": str(tmp_path),
    })  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_database_tells_what_its_files_tell(
    db: Database, workspace: int, settings: Settings, tmp_path: Path, raven: Path, fresh_dsn: str, kind: str
) -> None:
    if kind == "sqlite":
        dsn = await asyncio.to_thread(in_sqlite, raven, tmp_path / "raven.db")
    else:
        dsn = await in_postgresql(raven, fresh_dsn)
    found = await connected(db, workspace, dsn, settings)
    assert await sync_now(db, workspace, found.source_id, settings) == ROWS
    assert await logged(db, workspace, found.source_id) == (ROWS, 0)

    async with db.tx(workspace) as tx:
        await connections.request_sync(tx, found.source_id)
    assert await sync_now(db, workspace, found.source_id, settings) == ROWS
    assert await logged(db, workspace, found.source_id) == (ROWS, 0), "a second sync brings nothing new"
    async with db.tx(workspace) as tx:
        assert {s.problem for s in await connections.stream_states(tx, found.source_id)} == {""}
        assert [r.new for r in await connections.runs(tx, found.source_id, len(TABLES))] == [0] * len(TABLES)

    mapping = read_mapping(EXAMPLES / "ravenstack.mapping.yaml")
    for name in mapping.files:
        await import_file(db, workspace, raven / name, mapping)
    async with db.tx(workspace) as tx:
        (imported,) = [s for s in (await load_sources(tx)).values() if s.name == "ravenstack"]
    by_files = await told(db, workspace, imported.id)
    by_connector = await told(db, workspace, found.source_id)
    assert by_connector.total() == by_files.total() > ROWS
    assert by_connector == by_files, list((by_connector - by_files).items())[:3]


@pytest.mark.slow
async def test_the_companies_of_a_database_can_be_asked(
    db: Database, workspace: int, settings: Settings, tmp_path: Path, raven: Path
) -> None:
    """Tickets, usage and subscriptions are enough for moments of companies, with the evidence that stands in the tables."""
    dsn = await asyncio.to_thread(in_sqlite, raven, tmp_path / "raven.db", 40)
    found = await connected(db, workspace, dsn, settings)
    await sync_now(db, workspace, found.source_id, settings)
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        newest = await tx.value("select max(event_time) from event_log where workspace_id = $1", workspace)
        best = await decisions.who(tx, newest, 10, as_of="data")
        people = await tx.value("select count(*) from record where workspace_id = $1 and kind = 'persona'", workspace)
    assert people == 0
    assert best
    names = {r[1] for r in read(raven, "accounts", 40)[1]}
    for row in best:
        assert row["persona"] is None
        assert row["company"]["name"] in names
        assert any("ravenstack" in e["record"].casefold() for e in row["evidence"])
