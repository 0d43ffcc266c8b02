"""Databases: PostgreSQL and SQLite, read only, by a cursor, without losing rows that share its value."""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from honeyguide.connectors.sync import sync_now
from honeyguide.db import Database
from honeyguide.funnel import connections
from honeyguide.funnel.connections import Connection, create_connection
from honeyguide.funnel.definitions import parse_definition
from honeyguide.funnel.vault import Vault
from honeyguide.settings import Settings
from tests.unit.connectors.seen import again, log_of, state_of

ACCOUNTS = """
connector: warehouse
label: Warehouse
config:
  dsn: {{label: Address of the database, required: true, secret: true}}
streams:
  accounts:
    transport: sql
    request: {{sql: "{sql}"}}
    paging: {{size: 10}}
    id: id
    version: changed
    cursor: {{field: changed, as: {form}, initial: "{initial}", overlap_s: 0}}
maps:
  accounts:
    time: changed
    company: {{id: id, name: name, domain: domain}}
    events: [{{kind: company.identified}}]
"""
QUERY = "select id, name, domain, mrr, changed from accounts where changed > :cursor order by changed, id"
Warehouse = Callable[..., Awaitable[Connection]]


@pytest.fixture
def warehouse(db: Database, workspace: int, settings: Settings) -> Warehouse:
    async def make(dsn: str, sql: str = QUERY, form: str = "iso", initial: str = "1970-01-01T00:00:00Z") -> Connection:
        definition = parse_definition(ACCOUNTS.format(sql=sql, form=form, initial=initial))
        async with db.tx(workspace) as tx:
            return await create_connection(
                tx, "warehouse", "Warehouse", {}, {"dsn": dsn}, definition=definition, vault=Vault.of(settings)
            )

    return make


@pytest.fixture
async def postgres(fresh_dsn: str) -> str:
    connection = await asyncpg.connect(fresh_dsn)
    await connection.execute(
        "create table accounts (id int primary key, name text, domain text, mrr numeric(12,2), changed timestamptz);"
        # 25 rows of one instant lie across the end of a page of 10
        "insert into accounts select n, 'Firm ' || n, 'firm' || n || '.example', n * 10.50, "
        "'2026-01-01T00:00:00Z'::timestamptz + (case when n between 8 and 32 then 8 else n end) * interval '1 minute' "
        "from generate_series(1, 45) n"
    )
    await connection.close()
    return fresh_dsn


async def change(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(sql)
    await connection.close()


async def test_postgresql_by_a_cursor_of_time(
    db: Database, workspace: int, settings: Settings, warehouse: Warehouse, postgres: str
) -> None:
    found = await warehouse(postgres)
    await sync_now(db, workspace, found.source_id, settings)
    rows = await log_of(db, workspace)
    assert sorted(json.loads(r["body"])["id"] for r in rows) == list(range(1, 46)), "rows of one instant are not lost"
    first = json.loads(rows[0]["body"])
    assert first == {
        "id": 1,
        "name": "Firm 1",
        "domain": "firm1.example",
        "mrr": "10.50",
        "changed": "2026-01-01T00:01:00Z",
    }
    await again(db, found, settings)
    assert len(await log_of(db, workspace)) == 45
    await change(postgres, "update accounts set name = 'Renamed', changed = '2026-02-01T00:00:00Z' where id = 3")
    await again(db, found, settings)
    (news,) = (await log_of(db, workspace))[45:]
    assert json.loads(news["body"])["name"] == "Renamed"


async def test_a_query_with_at_least_and_a_running_number(
    db: Database, workspace: int, settings: Settings, warehouse: Warehouse, postgres: str
) -> None:
    query = "select id, name, domain, changed from accounts where id >= :cursor order by id"
    found = await warehouse(postgres, query, "text", "0")
    found = await _with_field(db, found, "id")
    await sync_now(db, workspace, found.source_id, settings)
    assert len(await log_of(db, workspace)) == 45
    assert (await state_of(db, found, "accounts")).since == 45
    await change(postgres, "insert into accounts values (46, 'New', 'new.example', 1, '2020-01-01')")
    await again(db, found, settings)
    assert len(await log_of(db, workspace)) == 46


async def _with_field(db: Database, found: Connection, name: str) -> Connection:
    async with db.tx(found.workspace_id) as tx:
        await tx.run(
            "update source set settings = jsonb_set(settings, '{definition,streams,accounts,cursor,field}', $3) "
            "where workspace_id = $1 and id = $2", found.workspace_id, found.source_id, name)  # fmt: skip
    return found


async def test_a_naive_time_column(
    db: Database, workspace: int, settings: Settings, warehouse: Warehouse, postgres: str
) -> None:
    await change(postgres, "alter table accounts alter column changed type timestamp using changed at time zone 'UTC'")
    found = await warehouse(postgres)
    await sync_now(db, workspace, found.source_id, settings)
    assert (await state_of(db, found, "accounts")).problem == ""
    assert len(await log_of(db, workspace)) == 45
    await again(db, found, settings)
    assert len(await log_of(db, workspace)) == 45


async def test_without_a_cursor_everything_is_read_each_time(
    db: Database, workspace: int, settings: Settings, warehouse: Warehouse, postgres: str
) -> None:
    found = await warehouse(postgres, "select id, name, domain, changed from accounts order by id")
    await sync_now(db, workspace, found.source_id, settings)
    await again(db, found, settings)
    assert len(await log_of(db, workspace)) == 45


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select id, changed from accounts order by id desc", ""),
        (
            "select id, name, changed from accounts where changed > :cursor order by id desc",
            "does not order its rows by changed",
        ),
        ("select id, name from accounts where changed > :cursor order by id", "gives no column changed"),
        ("select no_such from accounts where changed > :cursor", "did not answer the query"),
        ("delete from accounts where changed > :cursor returning id", "does not begin with SELECT"),
        (
            "with gone as (delete from accounts where changed > :cursor returning id, changed) select * from gone",
            "did not answer",
        ),
        ("select 1 as id, changed from accounts where changed > :cursor; delete from accounts", "did not answer"),
        ("select id, changed from accounts, pg_sleep(0) where changed > :cursor order by changed", ""),
    ],
)
async def test_what_a_query_may_not_do_is_said_and_not_done(
    db: Database, workspace: int, settings: Settings, warehouse: Warehouse, postgres: str, sql: str, says: str
) -> None:
    found = await warehouse(postgres, sql)
    await sync_now(db, workspace, found.source_id, settings)
    problem = (await state_of(db, found, "accounts")).problem
    assert says in problem if says else problem == "", problem
    connection = await asyncpg.connect(postgres)
    assert await connection.fetchval("select count(*) from accounts") == 45
    await connection.close()


async def test_a_local_socket_needs_permission(
    db: Database, workspace: int, warehouse: Warehouse, postgres: str, tmp_path: Any
) -> None:
    strict = Settings.load({"HONEYGUIDE_DATA": str(tmp_path)})
    found = await warehouse(postgres)
    await sync_now(db, workspace, found.source_id, strict)
    assert "local socket" in (await state_of(db, found, "accounts")).problem
    assert await log_of(db, workspace) == []


def _fill(path: Path, n: int) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(
            "create table accounts (id integer primary key, name text, domain text, mrr real, changed text)"
        )
        connection.executemany(
            "insert into accounts values (?, ?, ?, ?, ?)",
            [
                (i, f"Firm {i}", f"firm{i}.example", i * 1.5, f"2026-01-{1 + i % 28:02}T00:00:00Z")
                for i in range(1, n + 1)
            ],
        )


async def test_sqlite_in_an_allowed_folder(
    db: Database, workspace: int, settings: Settings, warehouse: Warehouse
) -> None:
    folder = settings.folders[0]
    folder.mkdir()
    await asyncio.to_thread(_fill, folder / "crm.db", 60)
    found = await warehouse("sqlite:crm.db", form="text", initial="1970")
    await sync_now(db, workspace, found.source_id, settings)
    assert (await state_of(db, found, "accounts")).problem == ""
    assert len(await log_of(db, workspace)) == 60
    await again(db, found, settings)
    assert len(await log_of(db, workspace)) == 60


@pytest.mark.parametrize(
    "address", ["sqlite:../secret.key", "sqlite:////etc/passwd", "oracle+none://h/x", "nonsense", "mysql://10.0.0.1/x"]
)
async def test_databases_that_may_not_or_cannot_be_opened(
    db: Database, workspace: int, settings: Settings, warehouse: Warehouse, address: str
) -> None:
    found = await warehouse(address)
    await sync_now(db, workspace, found.source_id, settings)
    state = await state_of(db, found, "accounts")
    assert state.problem
    assert "failed on our side" not in state.problem
    async with db.tx(workspace) as tx:
        assert (await connections.connection(tx, found.source_id)).state == "failing"
