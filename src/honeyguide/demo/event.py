"""What the demo sends: an event at a time, through one of the product's doors."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide.core.ids import content_id

HUBSPOT, PRODUCT, ZENDESK, STRIPE = "segment:hubspot", "segment:product", "zendesk", "stripe"
DOORS = (HUBSPOT, PRODUCT, ZENDESK, STRIPE)


class DemoEvent(Struct, frozen=True):
    """One payload for one door, as the sender's system would write it."""

    at: datetime
    door: str
    payload: dict[str, Any]

    @property
    def message_id(self) -> str:
        """The sender's id of this payload: a retry carries the same one."""
        return str(self.payload.get("messageId") or self.payload["id"])


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return f"{at.strftime('%Y-%m-%dT%H:%M:%S')}.{at.microsecond // 1000:03d}Z"


def unix(at: datetime) -> int:
    """Whole seconds since 1970."""
    return int(at.timestamp())


def ident(seed: int, *parts: object) -> str:
    """A stable id of a payload: the same story gives the same ids, so loading it twice stores it once."""
    return content_id("honeyguide-demo", str(seed), *(str(p) for p in parts)).hex


def restamped(event: DemoEvent, at: datetime) -> DemoEvent:
    """The same event as if it happened at `at` (the live story runs faster than the one it continues)."""
    payload = dict(event.payload)
    if event.door in (HUBSPOT, PRODUCT):
        payload["timestamp"] = stamp(at)
    elif event.door == STRIPE:
        payload["created"] = unix(at)
    else:
        payload["time"] = stamp(at)
        detail = dict(payload["detail"])
        detail["updated_at"] = stamp(at)
        if payload["type"].endswith("ticket.created"):
            detail["created_at"] = stamp(at)
        payload["detail"] = detail
    return DemoEvent(at, event.door, payload)
