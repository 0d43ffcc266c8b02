"""The federated funnel and identity at full strength: one file of SQL per stage, each with the file that undoes it."""

from honeyguide.db.migrations import sql_files

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql_files.apply(revision)


def downgrade() -> None:
    sql_files.undo(revision)
