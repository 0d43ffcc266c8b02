"""Request bodies into payloads for the log: only what the log is ordered by is read, every item stays as it came.

Segment's format and webhooks of any kind; other formats have files of their own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, field

from honeyguide.core.errors import BadInput
from honeyguide.funnel.decode.fields import first_text, instant, mapping, text
from honeyguide.funnel.events import Broken, Lane, NewEvent, corrected_time

ITEM_BYTES = 32_000
BATCH_BYTES = 500_000
HOOK_BYTES = 1_000_000
CALLS = {
    "identify": "identify", "track": "track", "page": "page", "screen": "screen", "group": "group", "alias": "alias",
    "i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias",
}  # fmt: skip
BATCHES = frozenset({"batch", "b", "import"})
JSON_PROBLEMS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


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
_anything = msgspec.json.Decoder()
_raw_items = msgspec.json.Decoder(list[msgspec.Raw])


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
    return Parsed([_segment_event(head, body, received_at, CALLS[call])], text(head.write_key))


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


def hook(kind: str, body: bytes, headers: Mapping[str, str], received_at: datetime) -> list[NewEvent | Broken]:
    """The payloads of a webhook: one, or one per element of a list. What is no JSON is a dead letter."""
    try:
        if body.lstrip()[:1] == b"[":
            items = [bytes(raw) for raw in _raw_items.decode(body)]
            return [hook_item(kind, item, {}, received_at, n) for n, item in enumerate(items)]
        return [hook_item(kind, body, headers, received_at, 0)]
    except JSON_PROBLEMS as e:
        return [Broken("not_json", str(e), body, received_at, "hook")]


def hook_item(
    kind: str, body: bytes, headers: Mapping[str, str], received_at: datetime, position: int
) -> NewEvent | Broken:
    """One element of a webhook."""
    try:
        payload = _anything.decode(body)
    except JSON_PROBLEMS as e:
        return Broken("not_json", str(e), body, received_at, "hook")
    if not isinstance(payload, dict):
        return Broken("not_an_object", f"Element {position} is no JSON object.", body, received_at, "hook")
    form = kind if kind in {"stripe", "zendesk"} else "segment" if kind == "segment-webhook" else "webhook"
    at = _hook_time(payload)
    return NewEvent(
        form, _hook_name(payload, headers), _hook_id(kind, payload, headers), body, received_at,
        corrected_time(at, None, received_at), position=position,
    )  # fmt: skip


def _hook_name(payload: dict[str, Any], headers: Mapping[str, str]) -> str:
    said = headers.get("x-shopify-topic") or headers.get("x-github-event") or headers.get("ce-type") or ""
    names = ("type", "event", "event_type", "eventType", "topic", "subscriptionType", "action")
    return said or first_text(payload, names, 200) or "webhook"


# Shopify gives one event id to webhooks of several topics; the webhook id is the delivery's own.
_DELIVERIES = ("webhook-id", "svix-id", "x-github-delivery", "x-shopify-webhook-id", "x-shopify-event-id")
_HUBSPOT_ID = ("portalId", "eventId", "subscriptionId", "objectId", "occurredAt")


def _hook_id(kind: str, payload: dict[str, Any], headers: Mapping[str, str]) -> str:
    """The sender's own id of this delivery; empty when it has none (an id is then derived from the body)."""
    if kind in {"segment", "segment-webhook"}:
        return first_text(payload, ("messageId", "message_id"))
    if kind == "hubspot" and all(payload.get(n) is not None for n in _HUBSPOT_ID):
        return ":".join(text(payload[n]) for n in _HUBSPOT_ID)
    if "ce-id" in headers:
        return f"{headers.get('ce-source', '')}:{headers['ce-id']}"
    if "specversion" in payload and payload.get("id"):
        return f"{text(payload.get('source'))}:{text(payload.get('id'))}"
    delivery = next((headers[h] for h in _DELIVERIES if headers.get(h)), "")
    return delivery or first_text(payload, ("id", "event_id", "eventId", "uuid"))


def _hook_time(payload: dict[str, Any]) -> datetime | None:
    for name in ("time", "created", "created_at", "occurredAt", "timestamp", "updated_at"):
        value = payload.get(name)
        if value is not None and (found := instant(value)) is not None:
            return found
    inner = mapping(payload.get("detail")) or mapping(payload.get("data"))
    return instant(inner.get("updated_at")) if inner else None
