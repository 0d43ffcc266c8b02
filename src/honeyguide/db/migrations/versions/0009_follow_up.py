"""Reminders: what an approval of an ask covers besides its first message, and what became of each."""

from honeyguide.db.migrations import sql_files

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql_files.apply(revision)


def downgrade() -> None:
    sql_files.undo(revision)
