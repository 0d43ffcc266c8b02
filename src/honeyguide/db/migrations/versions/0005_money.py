"""Money: the ledger's whole life of a reward, rails, versioned programs, attribution and fraud; one file of SQL per part, each with the file that undoes it."""

from honeyguide.db.migrations import sql_files

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql_files.apply(revision)


def downgrade() -> None:
    sql_files.undo(revision)
