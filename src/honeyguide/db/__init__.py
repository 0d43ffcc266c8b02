"""The one door to PostgreSQL.

A transaction belongs to one workspace, set inside BEGIN; forced row-level security binds the application role,
which owns nothing. Consumers commit their effects with their cursor (`cursors`); effects outside go through the
`outbox`; every act of a person is in `audit`. Nothing outside this package commits.
"""

from honeyguide.db import audit, cursors, outbox
from honeyguide.db.engine import Database, Line, Row, Tx, uuid_of
from honeyguide.db.tenancy import Workspace, change_settings, create_workspace, workspace, workspace_by_slug

__all__ = [
    "Database", "Line", "Row", "Tx", "Workspace", "audit", "change_settings", "create_workspace", "cursors", "outbox", "uuid_of",
    "workspace", "workspace_by_slug",
]  # fmt: skip
