"""Events of a product on their way through the real road: what tests of letters, plans, shapes and replays share."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from honeyguide import funnel
from honeyguide.db import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def product(db: Database, workspace: int, name: str = "product", kind: str = "segment") -> funnel.Source:
    """A source."""
    async with db.tx(workspace) as tx:
        return (await funnel.create_source(tx, kind, name))[0]


def track(message_id: str, event: str = "Feature Used", who: str = "ana", **properties: Any) -> dict[str, Any]:
    """A track call."""
    return {"type": "track", "messageId": message_id, "userId": who, "event": event, "properties": properties}


async def send(
    db: Database, workspace: int, source: funnel.Source, *payloads: dict[str, Any] | bytes,
    lane: funnel.Lane = funnel.Lane.LIVE, after_s: float = 0, form: str = "segment",
) -> list[funnel.Outcome]:  # fmt: skip
    """Write payloads into the log, received `after_s` seconds after noon."""
    at = NOW + timedelta(seconds=after_s)
    events = []
    for n, payload in enumerate(payloads):
        body = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
        ident = payload.get("messageId", "") if isinstance(payload, dict) else f"raw-{after_s}-{n}"
        kind = payload.get("type", "track") if isinstance(payload, dict) else "track"
        events.append(funnel.NewEvent(form, kind, ident, body, at, at, None, lane))
    async with db.tx(workspace) as tx:
        return await funnel.append(tx, source, events)


async def count(db: Database, workspace: int, table: str, where: str = "true") -> int:
    """Rows of a table."""
    async with db.tx(workspace) as tx:
        found: int = await tx.value(f"select count(*) from {table} where workspace_id = $1 and {where}", workspace)
        return found
