"""The living graph and its inference: one file of SQL per part, each with the file that undoes it."""

from pathlib import Path
from typing import Any

from alembic import op
from sqlalchemy.util import await_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parent.parent / "sql" / "0003"
# Tables and partitions that are new get the same guard as those of the house.
_GUARD_NEW = (
    "select guard_with_workspace(c.oid::regclass) from pg_class c join pg_attribute a on a.attrelid = c.oid "
    "where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not a.attisdropped "
    "and a.attname = 'workspace_id' and c.relname <> 'directory' and not c.relrowsecurity"
)
# The owner's own policy hides every workspace's rows from an owner who is no superuser, and a migration moves rows of all of
# them: it is lifted for this transaction only.
_FORCE = """
do $$ declare t text; begin
  for t in select c.oid::regclass::text from pg_class c
           where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and c.relrowsecurity loop
    execute 'alter table ' || t || ' {word} row level security';
  end loop;
end $$"""


def _execute(sql: str) -> None:
    """Run a file of statements in one message (the bound connection is asyncpg's, under a greenlet)."""
    driver: Any = op.get_bind().connection.driver_connection
    await_only(driver.execute(sql))


def _run(files: list[Path]) -> None:
    _execute(_FORCE.format(word="no force"))
    for file in files:
        _execute(file.read_text())
    _execute(_FORCE.format(word="force"))


def upgrade() -> None:
    _run(sorted(_SQL.glob("*.sql")))
    _execute(_GUARD_NEW)


def downgrade() -> None:
    _run(sorted((_SQL / "down").glob("*.sql"), reverse=True))
