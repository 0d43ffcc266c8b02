"""What a test looks at after a sync: the log, and how far a stream is."""

from typing import Any

from honeyguide.connectors.sync import sync_now
from honeyguide.db import Database
from honeyguide.funnel import connections
from honeyguide.funnel.connections import Connection
from honeyguide.settings import Settings


async def log_of(db: Database, workspace: int) -> list[Any]:
    async with db.tx(workspace) as tx:
        return await tx.rows(
            "select seq, event_id, source_id, format, kind, message_id, event_time, received_at, lane, body from event_log "
            "where workspace_id = $1 order by seq", workspace)  # fmt: skip


async def state_of(db: Database, found: Connection, stream: str = "contacts") -> connections.StreamState:
    async with db.tx(found.workspace_id) as tx:
        return next(s for s in await connections.stream_states(tx, found.source_id) if s.stream == stream)


async def again(db: Database, found: Connection, settings: Settings, **how: Any) -> int:
    async with db.tx(found.workspace_id) as tx:
        await connections.request_sync(tx, found.source_id, **how)
    return await sync_now(db, found.workspace_id, found.source_id, settings)
