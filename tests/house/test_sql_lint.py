"""Every statement we send keeps the rules of a database sharded by workspace; and the lint sees what breaks them."""

from pathlib import Path

import pytest

from tests.house.sql_lint import Statement, lint, lint_schema, statements_in, statements_of, tables_of

_SOURCE = Path(__file__).resolve().parents[2] / "src" / "honeyguide"
_SCHEMA = "\n".join(p.read_text() for p in sorted((_SOURCE / "db" / "migrations" / "sql").rglob("*.sql")))
_TABLES = tables_of(_SCHEMA)
# Statements that look at all workspaces on purpose, by file and beginning, with the reason.
_EXCEPTIONS = {
    ("app/doctor.py", "select coalesce(max(xid)::text::bigint, 0) from event_log"): "the owner checks the whole server",
}


def _excepted(statement: Statement) -> bool:
    return any(statement.where.startswith(f"{file}:") and statement.sql.startswith(sql) for file, sql in _EXCEPTIONS)


def test_the_schema_is_led_by_the_workspace() -> None:
    assert len(_TABLES) > 30
    assert lint_schema(_SCHEMA) == []


def test_every_statement_keeps_the_rules() -> None:
    statements = [s for s in statements_in(_SOURCE) if not _excepted(s)]
    assert len(statements) > 100
    assert len({s.where.split("/")[0] for s in statements}) >= 5
    findings = [f for s in statements for f in lint(s, _TABLES)]
    assert not findings, "\n".join(f"{f.where}: {f.rule}: {f.detail}" for f in findings)


BAD = {
    "no where": "select name from node",
    "where without workspace": "select name from node where id = $1",
    "a partition without workspace": "select src from edge_uses where dst = $1",
    "join that does not equate": "select 1 from node n join record r on r.id = n.id where n.workspace_id = $1",
    "workspace only under or": "select name from node where workspace_id = $1 or id = $2",
    "nested select without": "select 1 from node n where n.workspace_id = $1 and exists (select 1 from record where id = $2)",
    "lateral without": "select * from unnest($1::bigint[]) as k(id) cross join lateral (select * from node n where n.id = k.id) n",
    "cte without": "with e as (select src from edge where src = $1) select * from e",
    "second branch of a union": "select id from node where workspace_id = $1 union all select id from record",
    "update without": "update node set name = $1 where id = $2",
    "delete without": "delete from edge e using unnest($1::bigint[]) as k(src) where e.src = k.src",
    "insert without": "insert into node (id, kind, key) values ($1, $2, $3)",
    "now() in update": "update node set updated_at = now() where workspace_id = $1 and id = $2",
    "current_timestamp in update": "update node set updated_at = current_timestamp where workspace_id = $1",
    "json patch in update": "update node set props = props || jsonb_build_object('a', $2::text) where workspace_id = $1",
    "to_jsonb in update": "update node set props = to_jsonb($2::text) where workspace_id = $1",
    "random in do update": (
        "insert into node (workspace_id, id) values ($1, $2) on conflict (workspace_id, id) do update set props = random()"
    ),
    "clock in do update": (
        "insert into node (workspace_id, id) values ($1, $2) on conflict (workspace_id, id) "
        "do update set updated_at = clock_timestamp()"
    ),
    "not sql at all": "select from where",
}
GOOD = [
    "select name from node where workspace_id = $1 and id = $2",
    "select 1 from node n join record r on r.workspace_id = n.workspace_id and r.id = n.id where n.workspace_id = $1",
    "select 1 from node n join record r on r.workspace_id = $1 and r.id = n.id where n.workspace_id = $1",
    "with e as materialized (select dst from edge where workspace_id = $1) select * from e",
    "insert into node (workspace_id, id, updated_at) values ($1, $2, now())",
    "update node set updated_at = $2 where workspace_id = $1",
    "select digest from directory where kind = $1",
    "select i.id from unnest($2::bigint[]) with ordinality as k(id, n) cross join lateral "
    "(select * from node n where n.workspace_id = $1 and n.id = k.id offset 0 for update) i",
]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_statement_is_found(name: str) -> None:
    assert lint(Statement(name, BAD[name]), _TABLES)


@pytest.mark.parametrize("sql", GOOD)
def test_a_good_statement_passes(sql: str) -> None:
    assert lint(Statement("good", sql), _TABLES) == []


@pytest.mark.parametrize(
    "ddl",
    [
        "create table t (\n  workspace_id integer not null,\n  id bigint not null,\n  primary key (id)\n);",
        "create table t (\n  workspace_id integer not null,\n  id bigint primary key\n);",
        "create table t (\n  id bigint not null\n);",
        "create table t (\n  workspace_id integer not null,\n  slug text not null unique\n);",
        "create table t (\n  workspace_id integer not null,\n  unique (slug, workspace_id)\n);",
        "create table t (\n  workspace_id integer not null,\n  n bigint references node (id)\n);",
        "create unique index i on node (kind, key);",
    ],
)
def test_a_bad_key_is_found(ddl: str) -> None:
    assert lint_schema(ddl)


def test_statements_are_collected_through_names_concatenation_and_f_strings() -> None:
    source = """
_A = "select 1 from node"
_COLUMNS = "id, name"
async def f(tx, wide):
    await tx.rows(_A)
    await tx.value("select " "2 from node")
    await tx.run(f"select {_COLUMNS} from node")
    tail = " limit 1" if wide else ""
    await tx.row("select 3 from node" + tail)
    await tx.rows(f"select {unknown(wide)} from node")
"""
    found = [s.sql for s in statements_of(source, "x.py")]
    assert found == [
        "select 1 from node", "select 2 from node", "select id, name from node", "select 3 from node limit 1",
        "select 3 from node", "select $99 from node",
    ]  # fmt: skip
