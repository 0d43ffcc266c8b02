"""Rows of the log for tests of definitions: a payload as it stands there, decoded by the product's own door."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from honeyguide.core.ids import content_id
from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel import Source
from honeyguide.funnel.decode import decode
from honeyguide.funnel.decode.fields import instant

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def row_of(fmt: str, kind: str, message: str, body: Any, at: Any = None) -> dict[str, Any]:
    """A row received in November 2026."""
    return {
        "event_id": content_id("row", fmt, kind, message), "kind": kind, "message_id": message,
        "event_time": instant(at) or NOW, "received_at": NOW, "format": fmt, "body": msgspec.json.encode(body),
    }  # fmt: skip


def source_of(connector: str, **settings: Any) -> Source:
    """A source of a connector, named like it."""
    return Source(1, 1, connector, connector, "", NOW, settings=settings)


def read(rows: list[dict[str, Any]], source: Source) -> list[CanonicalEvent]:
    """The events of the rows."""
    return [event for row in rows for event in decode(row, source)]
