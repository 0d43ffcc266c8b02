"""Giving up: what two persons may do about a payment nobody knows the end of."""

from honeyguide.db.migrations import sql_files

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql_files.apply(revision)


def downgrade() -> None:
    sql_files.undo(revision)
