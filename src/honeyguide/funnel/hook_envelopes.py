"""Webhooks into payloads for the log: split, named and dated, by the sender's definition where there is one.

An item that a definition knows as a record of a stream is logged as that record, under the id a sync would give it:
so a webhook and a sync tell of one thing once.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from honeyguide.funnel.decode.fields import first_text, instant, mapping, text
from honeyguide.funnel.definitions import Definition, WebhookSpec, definition_of, message_id, path, truthy
from honeyguide.funnel.events import Broken, NewEvent, corrected_time
from honeyguide.funnel.sources import Source

HOOK_BYTES = 1_000_000
JSON_PROBLEMS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_anything = msgspec.json.Decoder()
_raw_items = msgspec.json.Decoder(list[msgspec.Raw])


class _Kind(msgspec.Struct, frozen=True):
    """A source of which only the kind is known."""

    kind: str
    settings: dict[str, Any] = {}

    @property
    def slug(self) -> str:
        return self.kind


def hook(
    source: Source | str, body: bytes, headers: Mapping[str, str], received_at: datetime
) -> list[NewEvent | Broken]:
    """The payloads of a webhook: one, or one per element of a list. What is no JSON is a dead letter.

    `source` may be only its kind: then it is read as a new source of that kind would be.
    """
    sender = _Kind(source) if isinstance(source, str) else source
    definition = definition_of(sender)
    spec = definition.webhook if definition else None
    try:
        items = _items(spec, body)
    except JSON_PROBLEMS as e:
        return [Broken("not_json", str(e), body, received_at, "hook")]
    reader = _Reader(sender, definition, spec, headers if len(items) == 1 else {}, received_at)
    return [reader.input(item, position) for position, item in enumerate(items)]


def _items(spec: WebhookSpec | None, body: bytes) -> list[bytes]:
    """Each item with its own bytes; those found by a path inside the body are written anew."""
    if spec is not None and spec.items not in ("", "@"):
        whole = _anything.decode(body)
        found = path(spec.items)(whole)
        if found is not None and found is not whole:
            return [msgspec.json.encode(one) for one in (found if isinstance(found, list) else [found])]
    if body.lstrip()[:1] == b"[":
        return [bytes(raw) for raw in _raw_items.decode(body)]
    return [body]


class _Reader(msgspec.Struct):
    """What is the same for every item of one request."""

    source: Source | _Kind
    definition: Definition | None
    spec: WebhookSpec | None
    headers: Mapping[str, str]
    received_at: datetime

    def input(self, body: bytes, position: int) -> NewEvent | Broken:
        try:
            payload = _anything.decode(body)
        except JSON_PROBLEMS as e:
            return Broken("not_json", str(e), body, self.received_at, "hook")
        if not isinstance(payload, dict):
            return Broken("not_an_object", f"Element {position} is no JSON object.", body, self.received_at, "hook")
        return self._record(payload, body, position) or self._item(payload, body, position)

    def _item(self, payload: dict[str, Any], body: bytes, position: int) -> NewEvent:
        spec, kind = self.spec, self.source.kind
        if spec is not None:
            form = "webhook"
        else:
            form = kind if kind in {"stripe", "zendesk"} else "segment" if kind == "segment-webhook" else "webhook"
        name = self._said(spec.kind if spec else "", payload) or _name(payload, self.headers)
        ident = self._said(spec.id if spec else "", payload) or _id(kind, payload, self.headers)
        return NewEvent(
            form, name, ident, body, self.received_at, corrected_time(self._time(payload), None, self.received_at),
            position=position,
        )  # fmt: skip

    def _record(self, payload: dict[str, Any], body: bytes, position: int) -> NewEvent | None:
        """The item as a record of a stream, when its route says that it is one."""
        if self.definition is None or self.spec is None:
            return None
        name = self._said(self.spec.kind, payload) or _name(payload, self.headers)
        root = {
            **payload,
            "_kind": name,
            "_source": self.source.slug,
            "_config": self.source.settings.get("config", {}),
        }
        route = next((r for r in self.spec.routes if not r.when or truthy(path(r.when)(root))), None)
        if route is None or not route.stream or route.map or route.refetch is not None:
            return None
        record = path(route.record)(payload)
        if not isinstance(record, dict) or not record:
            return None
        stream = self.definition.streams[route.stream]
        found = self.definition.map_of(route.stream)
        at = path(found.time)(record) if found is not None and isinstance(found.time, str) else None
        happened = instant(at) if at is not None else None
        return NewEvent(
            "record", route.stream, message_id(route.stream, stream, record),
            body if record == payload else msgspec.json.encode(record), self.received_at,
            corrected_time(happened or self._time(payload), None, self.received_at), position=position, versioned=True,
        )  # fmt: skip

    def _said(self, place: str, payload: dict[str, Any]) -> str:
        return text(path(place)(payload)) if place else ""

    def _time(self, payload: dict[str, Any]) -> datetime | None:
        if self.spec is not None and self.spec.time:
            found = instant(path(self.spec.time)(payload))
            if found is not None:
                return found
        return _time(payload)


def _name(payload: dict[str, Any], headers: Mapping[str, str]) -> str:
    said = headers.get("x-shopify-topic") or headers.get("x-github-event") or headers.get("ce-type") or ""
    names = ("type", "event", "event_type", "eventType", "topic", "subscriptionType", "action")
    return said or first_text(payload, names, 200) or "webhook"


_DELIVERIES = ("webhook-id", "svix-id", "x-github-delivery", "x-shopify-event-id", "x-shopify-webhook-id")
_HUBSPOT_ID = ("portalId", "eventId", "subscriptionId", "objectId", "occurredAt")


def _id(kind: str, payload: dict[str, Any], headers: Mapping[str, str]) -> str:
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


def _time(payload: dict[str, Any]) -> datetime | None:
    for name in ("time", "created", "created_at", "occurredAt", "timestamp", "updated_at"):
        value = payload.get(name)
        if value is not None and (found := instant(value)) is not None:
            return found
    inner = mapping(payload.get("detail")) or mapping(payload.get("data"))
    return instant(inner.get("updated_at")) if inner else None
