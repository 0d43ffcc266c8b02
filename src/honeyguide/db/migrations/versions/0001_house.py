"""The house: every table of the main road, under forced row-level security."""

from pathlib import Path
from typing import Any

from alembic import op
from sqlalchemy.util import await_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQL = Path(__file__).parent.parent / "sql" / "0001"
# Core kinds of edges have partitions of their own, so that statistics exist per kind.
_EDGE_KINDS = (
    "works_at", "holds_role", "reports_to", "colleague_of", "influences", "champion_of", "blocks", "uses",
    "power_user_of", "adopted", "bought", "subscribed_to", "renewed", "opened", "resolved_for", "praised",
    "complained_of", "evaluated", "interested_in", "referred", "introduced", "attended", "member_of", "similar_to",
    "owns_account",
)  # fmt: skip
_ROLE = """
do $$ begin
  if not exists (select 1 from pg_roles where rolname = 'honeyguide_app') then
    create role honeyguide_app nologin;
  end if;
  execute format('grant honeyguide_app to %I', current_user);
end $$;
grant usage on schema public to honeyguide_app;
"""
_GUARD = """
create function guard_with_workspace(target regclass) returns void language plpgsql as $$
declare key text := case when target = 'workspace'::regclass then 'id' else 'workspace_id' end;
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy own_workspace on %s to public using (%s = (select current_setting(''app.workspace'')::int)) '
                 'with check (%s = (select current_setting(''app.workspace'')::int))', target, key, key);
  execute format('grant select, insert, update, delete on %s to honeyguide_app', target);
end $$;
revoke execute on function guard_with_workspace(regclass) from public;
"""
_APPEND_ONLY = ("transfer", "posting", "audit_entry", "decision", "event_log")


def _execute(sql: str) -> None:
    """Run a file of statements in one message (the bound connection is asyncpg's, under a greenlet)."""
    driver: Any = op.get_bind().connection.driver_connection
    await_only(driver.execute(sql))


def upgrade() -> None:
    _execute(_ROLE)
    for file in sorted(_SQL.glob("*.sql")):
        _execute(file.read_text())
    for code, kind in enumerate(_EDGE_KINDS, start=1):
        _execute(
            f"create table edge_{kind} partition of edge for values in ({code}) with (fillfactor = 85, "
            "autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)"
        )
    _execute("create table edge_other partition of edge default with (fillfactor = 85)")
    _execute("create statistics edge_kinds (dependencies, ndistinct) on workspace_id, kind from edge")
    _execute("create statistics node_kinds (dependencies, ndistinct) on workspace_id, kind from node")
    _execute(_GUARD)
    _execute(
        "select guard_with_workspace(c.oid::regclass) from pg_class c join pg_attribute a on a.attrelid = c.oid "
        "where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not a.attisdropped "
        "and (a.attname = 'workspace_id' or (c.relname = 'workspace' and a.attname = 'id')) and c.relname <> 'directory'"
    )
    _execute("grant select, insert, delete on directory to honeyguide_app")
    for table in _APPEND_ONLY:
        _execute(f"revoke update, delete, truncate on {table} from honeyguide_app")


def downgrade() -> None:
    """Drop what `upgrade` made; the job queue's own tables are not ours to drop."""
    _execute(
        "do $$ declare t text; begin "
        "for t in select c.relname from pg_class c where c.relkind in ('r', 'p') and not c.relispartition "
        "and c.relnamespace = 'public'::regnamespace and c.relname <> 'alembic_version' "
        "and c.relname not like 'pgqueuer%' and c.relname <> 'plain_job' loop "
        "execute format('drop table if exists %I cascade', t); end loop; "
        "for t in select p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'public'::regnamespace "
        "and p.proname not like '%pgqueuer%' and not exists "
        "(select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e') loop "
        "execute 'drop function if exists ' || t || ' cascade'; end loop; end $$"
    )
