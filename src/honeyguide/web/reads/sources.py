"""Counts of audit entries."""

from honeyguide.db import Tx


async def count_audit(tx: Tx) -> int:
    """How many audit entries there are."""
    found: int = await tx.value("select count(*) from audit_entry where workspace_id = $1", tx.workspace_id)
    return found
