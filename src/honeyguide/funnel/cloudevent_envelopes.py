"""CloudEvents 1.0 into payloads for the log: one in headers and body (binary), one as JSON (structured), or a batch.

An event in binary mode is written in the structured form, its data byte for byte, so that the log knows one form. Source
and id name the event, as the specification says.
"""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from honeyguide.core.errors import BadInput
from honeyguide.funnel.decode.fields import instant, text
from honeyguide.funnel.events import Broken, NewEvent, corrected_time
from honeyguide.funnel.hook_envelopes import JSON_PROBLEMS

ITEM_BYTES = 256_000
REQUEST_BYTES = 2_000_000
_REQUIRED = ("id", "source", "specversion", "type")


class _Event(Struct):
    """The context attributes the log needs. Everything may be of any type: it came from outside."""

    id: Any = None
    source: Any = None
    specversion: Any = None
    type: Any = None
    subject: Any = None
    time: Any = None


_events = msgspec.json.Decoder(_Event)
_raw_items = msgspec.json.Decoder(list[msgspec.Raw])
_raw = msgspec.json.Decoder(msgspec.Raw)


def structured(body: bytes, received_at: datetime) -> list[NewEvent | Broken]:
    """One event as `application/cloudevents+json`. Raises BadInput when it is none."""
    return [_refused_unless_whole(_input(body, 0, received_at))]


def batch(body: bytes, received_at: datetime) -> list[NewEvent | Broken]:
    """A list of events as `application/cloudevents-batch+json`; what is none becomes a dead letter. Raises BadInput."""
    try:
        items = _raw_items.decode(body)
    except JSON_PROBLEMS as e:
        raise BadInput("The body is not a JSON list of CloudEvents.", str(e), code="not_a_batch") from e
    return [_input(bytes(item), position, received_at) for position, item in enumerate(items)]


def binary(headers: Mapping[str, str], body: bytes, received_at: datetime) -> list[NewEvent | Broken]:
    """One event whose attributes are the headers `ce-*` and whose data is the body. Raises BadInput when it is none."""
    attributes: dict[str, Any] = {n[3:]: unquote(v) for n, v in headers.items() if n.startswith("ce-") and n[3:]}
    media = headers.get("content-type", "")
    if media:
        attributes["datacontenttype"] = media
    if body:
        attributes |= _data(body, media)
    return [_refused_unless_whole(_input(msgspec.json.encode(attributes), 0, received_at))]


def _data(body: bytes, media: str) -> dict[str, Any]:
    kind = media.partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json") or not kind:
        try:
            return {"data": _raw.decode(body)}
        except JSON_PROBLEMS as e:
            raise BadInput("The data of this event is not JSON.", str(e), code="not_json") from e
    if kind.startswith("text/") or kind.endswith(("+xml", "/xml")):
        try:
            return {"data": body.decode()}
        except UnicodeDecodeError:
            pass
    return {"data_base64": base64.b64encode(body).decode()}


def _refused_unless_whole(found: NewEvent | Broken) -> NewEvent:
    if isinstance(found, Broken):
        raise BadInput("This is not a CloudEvent.", found.detail, code=found.reason)
    return found


def _input(body: bytes, position: int, received_at: datetime) -> NewEvent | Broken:
    if len(body) > ITEM_BYTES:
        detail = f"Event {position} has {len(body)} bytes; {ITEM_BYTES} are allowed."
        return Broken("too_large", detail, body, received_at)
    try:
        event = _events.decode(body)
    except JSON_PROBLEMS as e:
        return Broken("not_an_object", f"Event {position}: {e}", body, received_at)
    missing = [name for name in _REQUIRED if not text(getattr(event, name))]
    if missing:
        return Broken("not_a_cloudevent", f"Event {position} has no {', '.join(missing)}.", body, received_at)
    if not text(event.specversion).startswith("1."):
        detail = f"Event {position} is of version {text(event.specversion)}; this reads 1.x."
        return Broken("unknown_version", detail, body, received_at)
    at = corrected_time(instant(event.time), None, received_at)
    source, ident = text(event.source), text(event.id)  # a URI holds no space: the pair cannot be read two ways
    return NewEvent(
        "cloudevents", text(event.type, 200), f"{source} {ident}", body, received_at, at, position=position,
        subject=text(event.subject, 256),
    )  # fmt: skip
