"""Segment's request bodies into payloads for the log: only what the log is ordered by is read, items stay as they came.

Other formats: `hook_envelopes`, `posthog_envelopes`, `cloudevent_envelopes`.
"""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, field

from honeyguide.core.errors import BadInput
from honeyguide.funnel.decode.fields import instant, mapping, text
from honeyguide.funnel.events import Broken, Lane, NewEvent, corrected_time
from honeyguide.funnel.hook_envelopes import HOOK_BYTES, JSON_PROBLEMS, hook

__all__ = [
    "BATCHES", "BATCH_BYTES", "CALLS", "HOOK_BYTES", "ITEM_BYTES", "Parsed", "hook", "segment_batch", "segment_call",
]  # fmt: skip

ITEM_BYTES = 32_000
BATCH_BYTES = 500_000
CALLS = {
    "identify": "identify", "track": "track", "page": "page", "screen": "screen", "group": "group", "alias": "alias",
    "i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias",
}  # fmt: skip
BATCHES = frozenset({"batch", "b", "import"})


class _Head(Struct, rename="camel"):
    """The part of a Segment item the log needs. Everything may be of any type: it came from outside."""

    type: Any = None
    action: Any = None
    message_id: Any = None
    timestamp: Any = None
    original_timestamp: Any = None
    sent_at: Any = None
    write_key: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    snake_message_id: Any = field(default=None, name="message_id")
    snake_sent_at: Any = field(default=None, name="sent_at")
    snake_user_id: Any = field(default=None, name="user_id")
    snake_anonymous_id: Any = field(default=None, name="anonymous_id")


class _Batch(Struct, rename="camel"):
    batch: list[msgspec.Raw]
    sent_at: Any = None
    write_key: Any = None
    context: Any = None
    integrations: Any = None


_heads = msgspec.json.Decoder(_Head)
_batches = msgspec.json.Decoder(_Batch)
_parts = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Parsed(Struct):
    """What a request holds, and the write key when it stands in the body."""

    inputs: list[NewEvent | Broken]
    write_key: str = ""


def segment_call(call: str, body: bytes, received_at: datetime) -> Parsed:
    """One Segment call (`/v1/track` ...). Raises BadInput when the body is no JSON object."""
    try:
        head = _heads.decode(body)
    except JSON_PROBLEMS as e:
        raise BadInput("The body is not a JSON object.", str(e), code="not_an_object") from e
    return Parsed(
        [_segment_event(head, body, received_at, CALLS[call])], text(head.write_key) if head.write_key else ""
    )


def segment_batch(body: bytes, received_at: datetime, *, historical: bool = False) -> Parsed:
    """A Segment batch. Items that cannot be taken become dead letters; raises BadInput when it is no batch at all."""
    try:
        found = _batches.decode(body)
    except JSON_PROBLEMS as e:
        raise BadInput('The body is not a batch: a JSON object with a list "batch".', str(e), code="not_a_batch") from e
    lane = Lane.HISTORICAL if historical else Lane.LIVE
    sent_at = instant(found.sent_at)
    shared = {"context": mapping(found.context), "integrations": mapping(found.integrations)}
    shared = {name: given for name, given in shared.items() if given}
    inputs = [
        _segment_item(bytes(raw), position, received_at, sent_at, lane, shared)
        for position, raw in enumerate(found.batch)
    ]
    return Parsed(inputs, text(found.write_key))


def _segment_item(
    body: bytes,
    position: int,
    received_at: datetime,
    sent_at: datetime | None,
    lane: Lane,
    shared: dict[str, dict[str, Any]],
) -> NewEvent | Broken:
    if len(body) > ITEM_BYTES:
        return Broken(
            "too_large", f"Item {position} has {len(body)} bytes; {ITEM_BYTES} are allowed.", body, received_at
        )
    try:
        head = _heads.decode(body)
        if shared:
            body = _with_shared(body, shared)
    except JSON_PROBLEMS as e:
        return Broken("not_an_object", f"Item {position}: {e}", body, received_at)
    return _segment_event(head, body, received_at, "", position, sent_at, lane)


def _with_shared(body: bytes, shared: dict[str, dict[str, Any]]) -> bytes:
    """An item with what its batch says for all of them; its own word counts. The item's other bytes stay as they came."""
    item = _parts.decode(body)
    for name, given in shared.items():
        own = msgspec.json.decode(item[name]) if name in item else None
        if own is None or isinstance(own, dict):
            item[name] = msgspec.Raw(msgspec.json.encode(given | (own or {})))
    return msgspec.json.encode(item)


def _segment_event(
    head: _Head,
    body: bytes,
    received_at: datetime,
    call: str,
    position: int = 0,
    batch_sent_at: datetime | None = None,
    lane: Lane = Lane.LIVE,
) -> NewEvent:
    given = head.sent_at if head.sent_at is not None else head.snake_sent_at
    sent_at = batch_sent_at if given is None else instant(given) or batch_sent_at
    happened = instant(head.timestamp)
    if happened is None and head.original_timestamp is not None:
        happened = instant(head.original_timestamp)
    return NewEvent(
        "segment",
        call or (_said(head.type) or _said(head.action) or "unknown").lower(),
        _said(head.message_id if head.message_id is not None else head.snake_message_id),
        body,
        received_at,
        corrected_time(happened, sent_at if lane is Lane.LIVE else None, received_at),  # an archive's clock was right
        sent_at,
        lane,
        position,
        False,
        _said(head.user_id) or _said(head.snake_user_id) or _said(head.anonymous_id) or _said(head.snake_anonymous_id),
    )


def _said(value: Any) -> str:
    """`text`, without its work for what is short and plain already."""
    if value.__class__ is not str:
        return "" if value is None else text(value)
    found: str = value.strip()
    return found if len(found) <= 1_000 and "\x00" not in found else text(value)
