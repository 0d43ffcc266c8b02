"""Any webhook into payloads for the log: split, named and dated by what senders usually say (`hooks` knows definitions)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from honeyguide.funnel.decode.fields import first_text, instant, mapping, text
from honeyguide.funnel.events import Broken, NewEvent, corrected_time

HOOK_BYTES = 1_000_000
JSON_PROBLEMS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_anything = msgspec.json.Decoder()
_raw_items = msgspec.json.Decoder(list[msgspec.Raw])


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
