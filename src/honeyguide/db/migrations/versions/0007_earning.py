"""Earning: payments that billing systems tell of, and every name one sale goes by."""

from honeyguide.db.migrations import sql_files

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql_files.apply(revision)


def downgrade() -> None:
    sql_files.undo(revision)
