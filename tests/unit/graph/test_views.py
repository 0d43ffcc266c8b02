"""SQL of others: what it may read, and everything it must not get away with, through the door and as the bare role."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from honeyguide.core.errors import BadInput, Unavailable
from honeyguide.db import Database, create_workspace, logins
from honeyguide.graph import views
from honeyguide.graph.views import Limits, Table
from honeyguide.graph.views_text import checked
from tests.unit.graph.ask_world import furnish


class Two:
    """Two workspaces with the same world; ids are equal in both, so only the workspace tells rows apart."""

    def __init__(self, db: Database, ours: int, theirs: int, ids: dict[str, int]) -> None:
        self.db, self.ours, self.theirs, self.ids = db, ours, theirs, ids

    async def sql(self, text: str, limits: Limits | None = None) -> Table:
        return await views.query(self.db, self.ours, text, limits)


@pytest.fixture(scope="module")
async def two(dsn: str) -> AsyncIterator[Two]:
    db = await Database.open(dsn, size=4)
    number = time.monotonic_ns()
    ours = await create_workspace(db, f"sql-{number}", "Ours")
    theirs = await create_workspace(db, f"sql-other-{number}", "Theirs")
    ids = await furnish(db, ours)
    await furnish(db, theirs)
    async with db.tx(theirs) as tx:
        await tx.run("update node set name = 'WOMBAT ' || name where workspace_id = $1", theirs)
    yield Two(db, ours, theirs, ids)
    await db.close()


async def test_the_views_show_the_workspace_and_its_columns(two: Two) -> None:
    shown = await views.open_role(two.db, two.ours)
    assert {"graph_node", "graph_edge", "graph_evidence", "graph_history"} <= set(shown)
    found = await two.sql("select kind, count(*) as n from graph_node group by kind order by kind;")
    async with two.db.tx(two.ours) as tx:
        nodes = await tx.value("select count(*) from node where workspace_id = $1", tx.workspace_id)
        edges = await tx.value("select count(*) from edge where workspace_id = $1", tx.workspace_id)
    assert found.columns == ["kind", "n"]
    assert sum(n for _, n in found.rows) == nodes
    assert (await two.sql("select count(*) from graph_edge")).rows == [[edges]]
    joined = await two.sql(
        "with u as (select src, dst, confidence from graph_edge where kind = 'champion_of') "
        'select p.name as "who", t.name, round(u.confidence::numeric, 2) as sure, p.id from u '
        "join graph_node p on p.id = u.src join graph_node t on t.id = u.dst -- a comment; with a semicolon"
    )
    assert joined.columns == ["who", "name", "sure", "id"]
    assert joined.rows == [["Ana Silva", "dispatch", 0.9, str(two.ids["Ana Silva"])]]
    quotes = await two.sql("select quote from graph_evidence where kind = 'champion_of' /* why? /* nested */ */")
    assert quotes.rows == [["I tell everybody to use dispatch."]]


async def test_a_kind_by_its_name_reads_its_partition_only(two: Two) -> None:
    async with logins.guest(two.db, two.ours, 5) as session:
        rows = await session.rows("explain (costs off) select src from graph_edge where kind = 'uses'")
    plan = "\n".join(r[0] for r in rows)
    assert "edge_uses" in plan
    assert "edge_praised" not in plan


_OTHERS = (
    "select * from graph_node where name like 'WOMBAT%'",
    "select count(*) from graph_node where name like 'WOMBAT%' having count(*) > 0",
    "select n.name from graph_node n where 1 / (case when n.name like 'WOMBAT%' then 0 else 1 end) > 5",
    "select e.kind from graph_edge e join graph_node n on n.id = e.dst where n.name like 'WOMBAT%'",
)


@pytest.mark.parametrize("sql", _OTHERS)
async def test_rows_of_another_workspace_are_not_there(two: Two, sql: str) -> None:
    assert (await two.sql(sql)).rows == []


async def test_an_error_cannot_carry_a_value_of_another_workspace_out(two: Two) -> None:
    """A condition that fails on a value shows it; the workspace is checked before any condition of theirs."""
    with pytest.raises(BadInput) as caught:
        await two.sql("select name::int from graph_node where kind = 'company'")
    assert "WOMBAT" not in caught.value.sentence()
    async with two.db.tx(two.theirs) as tx:
        assert (
            await tx.value("select count(*) from node where workspace_id = $1 and name like 'WOMBAT%'", two.theirs) > 5
        )


# What is tried, and a word of the refusal.
_ATTEMPTS: dict[str, tuple[str, str]] = {
    "setting of the workspace": ("select set_config('app.workspace', '{theirs}', false)", "set_config"),
    "setting before a read": (
        "with s as (select set_config('app.workspace', '{theirs}', true)) select n.name from s, graph_node n", "set_config"),
    "quoted function": ("select \"set_config\"('app.workspace', '1', false)", "set_config"),
    "qualified function": ("select pg_catalog.set_config('app.workspace', '1', false)", "set_config"),
    "comment before the parenthesis": ("select pg_sleep/**/(1)", "pg_sleep"),
    "set": ("set app.workspace = '{theirs}'", "Only one SELECT"),
    "set role": ("set role honeyguide_app", "Only one SELECT"),
    "reset role": ("reset session authorization", "Only one SELECT"),
    "time-out off": ("set statement_timeout = 0", "Only one SELECT"),
    "create": ("create table mine (a int)", "Only one SELECT"),
    "create temporary": ("create temp table mine as select 1", "Only one SELECT"),
    "select into": ("select 1 as a into mine", "SELECT INTO"),
    "drop": ("drop view graph_node", "Only one SELECT"),
    "insert": ("insert into graph_node values (1)", "Only one SELECT"),
    "insert in with": ("with x as (insert into graph_node values (1) returning 1) select * from x", "INTO"),
    "delete in with": ("with x as (delete from graph_node returning id) select * from x", "view"),
    "copy out": ("copy graph_node to '/tmp/x'", "Only one SELECT"),
    "copy program": ("copy (select 1) to program 'id'", "Only one SELECT"),
    "file": ("select pg_read_file('/etc/passwd')", "pg_read_file"),
    "folder": ("select * from pg_ls_dir('.')", "pg_ls_dir"),
    "large object": ("select lo_import('/etc/passwd')", "lo_import"),
    "dblink": ("select * from dblink('host=/tmp', 'select 1') as t(a int)", "dblink"),
    "text as SQL": ("select query_to_xml('select 1', true, true, '')", "query_to_xml"),
    "base table": ("select * from node", "does not exist"),
    "base table, qualified": ("select * from public.node", "views"),
    "partition": ("select * from public.edge_uses", "views"),
    "log": ("select * from public.event_log", "views"),
    "api keys": ("select * from public.api_key", "views"),
    "directory": ("select * from public.directory", "views"),
    "catalogue": ("select * from pg_catalog.pg_roles", "views"),
    "settings": ("select * from pg_settings", "not offered"),
    "sleep": ("select pg_sleep(60)", "pg_sleep"),
    "lock": ("select pg_advisory_lock(7046023118)", "pg_advisory_lock"),
    "signal": ("select pg_terminate_backend(1)", "pg_terminate_backend"),
    "notify": ("select pg_notify('x', 'y')", "pg_notify"),
    "big series": ("select count(*) from generate_series(1, 100000000000)", "cost"),
    "cross joins": (
        "select count(*) from generate_series(1,100000) a, generate_series(1,100000) b, generate_series(1,100000) c", "cost"),
    "two statements": ("select 1; select 2", "more than one"),
    "two statements, one hidden": ("select 1; set role honeyguide_app; --", "more than one"),
    "closing the parenthesis": ("select 1) as q(c0); drop table node; --", "more than one"),
    "closing without a semicolon": ("select 1) as x union (select 2", "syntax"),
    "recursive": ("with recursive r(n) as (select 1 union all select n + 1 from r) select * from r", "Recursive"),
    "doubling text": (
        "with a as (select repeat('x', 1000000) as t) select t from a", "repeat"),
    "joined texts": ("select " + "||".join(["quote"] * 14) + " from graph_evidence", "joins texts"),
    "doubling numbers": (
        "select a from (select a+a+a+a+a+a+a+a as a from (select a+a+a+a+a+a+a+a as a from (select a+a+a+a+a+a+a+a as a from "
        "(select a+a+a+a+a+a+a+a as a from (select a+a+a+a+a+a+a+a as a from (select 1 as a) t) t) t) t) t) t", "repeats"),
    "row locks": ("select * from graph_node for update", "locked"),
    "dollar quotes": ("select $$x$$", "dollar"),
    "unicode names": ("select U&\"pg\\005fsleep\"(1)", "escapes"),
    "parameters": ("select $1", "parameters"),
    "explain": ("explain analyze select 1", "Only one SELECT"),
    "do": ("do $$ begin end $$", "dollar"),
    "no columns": ("select from graph_node", "columns"),
    "nothing": ("", "Only one SELECT"),
    "a comment without end": ("select 1 /* ", "comment"),
    "nul": ("select 1\x00", "character"),
    "long": ("select '" + "x" * 5_000 + "'", "longer"),
}  # fmt: skip


@pytest.mark.parametrize("name", _ATTEMPTS)
async def test_every_escape_is_refused_and_told_what_answers_instead(two: Two, name: str) -> None:
    sql, word = _ATTEMPTS[name]
    with pytest.raises(BadInput) as caught:
        await two.sql(sql.replace("{theirs}", str(two.theirs)))
    assert word.lower() in caught.value.detail.lower(), caught.value.sentence()
    assert caught.value.advice
    assert "WOMBAT" not in caught.value.sentence()


async def test_it_is_stopped_from_outside_when_its_time_is_up(two: Two) -> None:
    slow = (
        "select count(*) from graph_edge a, graph_edge b, graph_edge c, graph_edge d, graph_edge e, graph_edge f "
        "where ln(2 + a.confidence) + ln(2 + b.confidence) + ln(3 + c.confidence) * d.confidence + e.confidence * f.confidence > 99"
    )
    began = time.monotonic()
    with pytest.raises(BadInput, match="not run") as caught:
        await two.sql(slow, Limits(cost=1e18, seconds=0.5))
    assert time.monotonic() - began < 4
    assert "0.5 seconds" in caught.value.detail
    await asyncio.sleep(0.3)
    async with two.db.admin() as owner:  # nothing of it goes on
        left = await owner.fetchval(
            "select count(*) from pg_stat_activity where application_name = 'honeyguide expert'"
        )
    assert left == 0


async def test_rows_are_capped_and_it_says_so(two: Two) -> None:
    found = await two.sql("select g from generate_series(1, 5000) as g order by g", Limits(rows=10))
    assert found.capped
    assert found.rows == [[n] for n in range(1, 11)]
    assert not (await two.sql("values (1), (2)")).capped


async def test_many_at_once_each_get_their_answer_or_are_told_to_wait(two: Two) -> None:
    found = await asyncio.gather(*(two.sql("select count(*) from graph_node") for _ in range(4)))
    assert len({tuple(t.rows[0]) for t in found}) == 1


# The bare role, without our fences in front: what the server itself refuses.
_BARE = (
    "select * from public.node", "select * from public.edge", "select * from public.edge_uses", "select * from public.assertion",
    "select * from public.api_key", "select * from public.directory", "select pg_read_file('/etc/passwd')",
    "copy (select 1) to '/tmp/x'", "copy (select 1) to program 'id'", "create table public.mine (a int)",
    "create table expert.mine (a int)", "create schema mine", "create role mine", "insert into expert.graph_node (id) values (1)",
    "delete from expert.graph_node", "set role honeyguide_app", "set role honeyguide_graph",
    "set session authorization honeyguide", "alter role honeyguide_graph superuser",
    "drop view expert.graph_node", "grant select on expert.graph_node to public", "create extension dblink",
    "select make_graph_views()", "select guard_with_workspace('public.node')", "alter view expert.graph_node owner to current_user",
    "select lo_import('/etc/passwd')", "set transaction read write", "create temp table mine (a int)",
)  # fmt: skip


@pytest.mark.parametrize("sql", _BARE)
async def test_the_bare_role_may_do_none_of_this(two: Two, sql: str) -> None:
    async with logins.guest(two.db, two.ours, 5) as session:
        with pytest.raises(logins.Refused):
            await session.rows("select count(*) from graph_node") and await session.rows(sql)


async def _wombats(session: logins.Guest) -> int:
    """How many rows of theirs the session sees; none when the server refuses."""
    try:
        return len(await session.rows("select name from expert.graph_node where name like 'WOMBAT%'"))
    except logins.Refused:
        return 0


async def test_no_setting_opens_another_workspace_to_the_bare_role(two: Two) -> None:
    for setting in (f"set_config('app.workspace', '{two.theirs}', true)", "set_config('search_path', 'public', true)",
                    "set_config('row_security', 'off', true)", f"set_config('app.workspace', '{two.theirs}', false)"):  # fmt: skip
        async with logins.guest(two.db, two.ours, 5) as session:
            await session.rows(f"select {setting}")
            assert await _wombats(session) == 0
    async with logins.guest(two.db, two.theirs, 5) as session:
        assert await _wombats(session) > 5


async def test_a_role_of_another_database_of_the_server_sees_nothing(two: Two, fresh_dsn: str) -> None:
    """Roles are the server's, workspaces the database's: workspace 1 here is not workspace 1 there."""
    async with two.db.admin() as owner:
        there = f"honeyguide_graph_d{await owner.fetchval('select 1')}_w{two.ours}"
        await owner.execute(f"create role {there} login")
        await owner.execute(f"grant usage on schema expert to {there}")
        await owner.execute(f"grant select on all tables in schema expert to {there}")
    session = await two.db.login(there, "", {"app.workspace": str(two.ours)})
    try:
        assert await session.fetch("select id from expert.graph_node") == []
    finally:
        await session.close()
        async with two.db.admin() as owner:
            await owner.execute(f"drop owned by {there}")
            await owner.execute(f"drop role {there}")


async def test_a_server_where_no_roles_can_be_made_says_so_in_a_sentence(two: Two, dsn: str) -> None:
    async with two.db.admin() as owner:
        if await owner.fetchval("select 1 from pg_roles where rolname = 'plain_owner'") is None:
            await owner.execute("create role plain_owner login")
            await owner.execute("grant usage, create on schema public to plain_owner")
    plain = await Database.open(dsn, size=2)
    plain._owner_dsn = dsn.replace("honeyguide@", "plain_owner@")
    try:
        with pytest.raises(Unavailable) as caught:
            await views.query(plain, 9_999_999, "select 1")
        assert "make roles" in caught.value.sentence()
        assert "honeyguide graph ask" in caught.value.advice
    finally:
        await plain.close()


def test_what_is_plain_sql_passes_the_first_fence() -> None:
    for sql in (
        "select 'it''s -- not a comment; really' as \"a b\" from graph_node",
        "SELECT count(*) FILTER (WHERE kind IN ('uses')) FROM graph_edge",
        "with a (n) as (select 1), b as (select n from a) select * from b as x(y) where y in (1, 2) and not (y = 3)",
        "select e'it\\'s' as t, cast(1.5 as numeric(10, 2)), date_trunc('month', valid_from) from graph_edge",
        "select row_number() over (partition by kind order by confidence desc) from graph_edge",
        "select props ->> 'title', props #>> '{a,b}' from graph_node where props @> '{}' limit 5;\n",
    ):
        assert checked(sql) == sql.rstrip().rstrip(";")


async def test_the_password_is_in_no_statement(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    original = asyncpg.Connection.execute

    async def listening(self: "asyncpg.Connection[asyncpg.Record]", query: str, *args: object, **more: object) -> str:
        said.append(query)
        return str(await original(self, query, *args, **more))  # type: ignore[arg-type]

    monkeypatch.setattr(asyncpg.Connection, "execute", listening)
    monkeypatch.setattr(secrets, "token_urlsafe", lambda _: "correct-horse-battery")
    await two.sql("select 1")
    assert any("SCRAM-SHA-256$4096" in s for s in said)
    assert not any("correct-horse" in s for s in said)
