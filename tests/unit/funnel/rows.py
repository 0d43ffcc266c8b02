"""Rows of the log as consumers read them, made without a database."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel import Source, decode
from honeyguide.funnel.events import event_id

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def source(name: str = "product", kind: str = "segment", **settings: Any) -> Source:
    return Source(1, 1, kind, name, "hgw_x", AT, settings=settings)


def row(body: Any, *, form: str = "segment", kind: str = "track", message_id: str = "m1") -> dict[str, Any]:
    """`body` as bytes, or anything JSON."""
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return {
        "event_id": event_id(1, 1, message_id), "source_id": 1, "format": form, "kind": kind, "message_id": message_id,
        "event_time": AT, "received_at": AT, "sent_at": None, "lane": 0, "body": raw,
    }  # fmt: skip


def read(body: Any, *, form: str = "segment", kind: str = "", name: str = "") -> list[CanonicalEvent]:
    """Decode one payload."""
    kind = kind or (body.get("type", "track") if isinstance(body, dict) else "track")
    return decode(row(body, form=form, kind=kind), source(name or ("product" if form == "segment" else form)))
