"""The schema keeps the house's promises: forced row-level security, one migration head, up and down and up again."""

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from honeyguide.app import store
from honeyguide.db import Database, create_workspace
from honeyguide.db.migrate import config, migrate
from honeyguide.db.schema import ensure_partitions, head

_WITH_WORKSPACE = """
select c.oid::regclass::text as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
  exists (select 1 from pg_policy p where p.polrelid = c.oid) as policy
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped
where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
"""
# The directory is read before the workspace is known: digests and ids only (see 01_db.sql).
_WITHOUT_POLICY = {"directory"}


async def _unguarded(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    rows = await connection.fetch(_WITH_WORKSPACE)
    assert len(rows) > 60  # tables and partitions
    return [
        r["name"]
        for r in rows
        if r["name"] not in _WITHOUT_POLICY and not (r["enabled"] and r["forced"] and r["policy"])
    ]


async def test_every_table_with_a_workspace_has_forced_row_level_security(db: Database) -> None:
    async with db.admin() as owner:
        assert await _unguarded(owner) == []


def test_the_newest_revision_is_read_from_the_files_names() -> None:
    assert head() == ScriptDirectory.from_config(config()).get_current_head()


async def test_a_store_is_prepared_only_with_this_releases_schema_and_queue(fresh_dsn: str) -> None:
    assert not await store.prepared(fresh_dsn.replace("fresh_", "missing_"))
    assert not await store.prepared(fresh_dsn)
    await migrate(fresh_dsn)
    assert not await store.prepared(fresh_dsn)  # no job queue yet
    await store.prepare(fresh_dsn)
    assert await store.prepared(fresh_dsn)
    await migrate(fresh_dsn, "0004")
    assert not await store.prepared(fresh_dsn)


async def test_the_check_sees_an_unguarded_table(fresh_dsn: str) -> None:
    await migrate(fresh_dsn)
    connection = await asyncpg.connect(fresh_dsn)
    await connection.execute("create table forgotten (workspace_id integer not null, secret text)")
    assert await _unguarded(connection) == ["forgotten"]
    await connection.close()


async def test_the_application_role_owns_nothing_and_cannot_bypass(db: Database) -> None:
    async with db.admin() as owner:
        role = await owner.fetchrow(
            "select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = 'honeyguide_app'"
        )
        assert role is not None
        assert not role["rolsuper"]
        assert not role["rolbypassrls"]
        owned = await owner.fetchval(
            "select count(*) from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = 'honeyguide_app'"
        )
        assert owned == 0


async def test_a_workspace_sees_only_its_rows_and_nobody_sees_any_without_one(
    db: Database, workspace: int, other_workspace: int
) -> None:
    async with db.tx(workspace) as tx:
        assert [r["id"] for r in await tx.rows("select id from workspace")] == [workspace]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tx.run(
                "insert into audit_entry (workspace_id, at, actor, action, subject) values ($1, now(), 'x', 'x', 'x')",
                other_workspace,
            )

    async def without() -> None:
        async with db.tx(None) as tx:
            await tx.rows("select id from workspace")

    with pytest.raises(asyncpg.PostgresError):
        await without()


async def test_one_linear_head() -> None:
    script = ScriptDirectory.from_config(config())
    assert len(script.get_heads()) == 1
    revisions = list(script.walk_revisions())
    assert [r.revision for r in revisions if r.is_branch_point or r.is_merge_point] == []
    assert script.get_current_head() == head()


async def test_up_down_up(fresh_dsn: str) -> None:
    await migrate(fresh_dsn)
    await migrate(fresh_dsn, "base")
    connection = await asyncpg.connect(fresh_dsn)
    left = await connection.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'S') "
        "and relname <> 'alembic_version'"
    )
    assert left == []
    await migrate(fresh_dsn)
    await migrate(fresh_dsn)  # twice is harmless
    assert await connection.fetchval("select count(*) from pg_class where relname like 'event_log_2%'") >= 3
    assert await ensure_partitions(fresh_dsn) == []
    await connection.close()


async def test_append_only_tables_refuse_changes(db: Database) -> None:
    slug = "append-only"
    workspace = await create_workspace(db, slug, "Append only")

    async def attempt(sql: str) -> None:
        async with db.tx(workspace) as tx:
            await tx.run(sql, workspace)

    for table in ("posting", "transfer", "decision", "audit_entry", "event_log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await attempt(f"delete from {table} where workspace_id = $1")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await attempt(f"update {table} set workspace_id = $1 where workspace_id = $1")


async def test_a_partition_is_written_only_through_its_table(db: Database) -> None:
    async with db.admin() as owner:
        open_to_the_application = await owner.fetch(
            "select c.oid::regclass::text as name from pg_class c where c.relispartition and c.relkind = 'r' "
            "and c.relnamespace = 'public'::regnamespace and has_table_privilege('honeyguide_app', c.oid, "
            "'insert, update, delete, truncate')"
        )
    assert [r["name"] for r in open_to_the_application] == []
