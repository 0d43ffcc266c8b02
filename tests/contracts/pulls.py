"""Reading recorded replies as a connector's sync would: the reply's records, their message ids, what they tell."""

from typing import Any

import msgspec

from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel import Source, decode
from honeyguide.funnel.definitions import library, message_id, path
from honeyguide.funnel.events import event_id
from tests.unit.funnel.rows import AT

NOW = AT.replace(year=2027)


def records_of(connector: str, stream: str, reply: Any) -> list[dict[str, Any]]:
    """The records of a reply."""
    found = path(library()[connector].streams[stream].records)(reply)
    return found if isinstance(found, list) else [found] if isinstance(found, dict) else []


def pull(connector: str, stream: str, reply: Any) -> dict[str, list[CanonicalEvent]]:
    """What a reply brings: message id -> events."""
    spec = library()[connector].streams[stream]
    return {
        (key := message_id(stream, spec, record)): tell(connector, stream, key, record)
        for record in records_of(connector, stream, reply)
    }


def tell(connector: str, stream: str, key: str, record: Any, form: str = "record") -> list[CanonicalEvent]:
    """The events of one row of the log."""
    row = {
        "event_id": event_id(1, 1, key), "source_id": 1, "format": form, "kind": stream, "message_id": key,
        "event_time": AT, "received_at": NOW, "body": msgspec.json.encode(record),
    }  # fmt: skip
    return decode(row, Source(1, 1, connector, connector, "", AT))
