"""Runs the SQL files of a revision: one file per part in `sql/NNNN`, each with the file that undoes it in `down`."""

from pathlib import Path
from typing import Any

from alembic import op
from sqlalchemy.util import await_only

_SQL = Path(__file__).parent / "sql"
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


def apply(revision: str) -> None:
    """Run the files of a revision in the order of their names; new tables get the guard of the house."""
    _run(sorted((_SQL / revision).glob("*.sql")))
    _execute(_GUARD_NEW)


def undo(revision: str) -> None:
    """Run what undoes the files of a revision, the last one first."""
    _run(sorted((_SQL / revision / "down").glob("*.sql"), reverse=True))
