"""Webhooks read with a definition: their items, ids and times, and which of them are records of a stream.

An item that is a record is logged as that record, under the id a sync would give it: so what came by webhook and what is
pulled later are one. Without a definition (or where it says nothing) `hook_envelopes` decides, as for any webhook.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, field

from honeyguide.funnel import hook_envelopes, signatures
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.fields import instant, text
from honeyguide.funnel.decode.maps import root_of
from honeyguide.funnel.decode.record import route_of
from honeyguide.funnel.decode.values import compiled
from honeyguide.funnel.definitions import Definition, WebhookSpec, definition_of, path
from honeyguide.funnel.definitions.spec import RouteSpec
from honeyguide.funnel.events import Broken, NewEvent, corrected_time, event_id
from honeyguide.funnel.records import pieces, record_event
from honeyguide.funnel.sources import Source


class Heard(Struct):
    """What a webhook said: rows for the log, and records (stream, id) to be fetched because it did not say enough."""

    inputs: list[NewEvent | Broken]
    refetch: list[tuple[str, str]] = field(default_factory=list)


def heard(source: Source, body: bytes, headers: Mapping[str, str], received_at: datetime) -> Heard:
    """The payloads of a webhook. Never raises on data: what cannot be read is Broken."""
    definition = definition_of(source)
    if definition is None or definition.webhook is None:
        return Heard(hook_envelopes.hook(source.kind, body, headers, received_at))
    hook = definition.webhook
    try:
        items = pieces(body, hook.items or "@")
    except ValueError as e:
        return Heard([Broken("not_json", str(e), body, received_at, "hook")])
    found = Heard([])
    alone = len(items) == 1 if items is not None else True
    for place, item in enumerate(items if items is not None else [body]):
        _item(found, source, definition, hook, item, headers if alone else {}, received_at, place)
    return found


def verified(source: Source, request: signatures.SignedRequest, now: datetime) -> None:
    """Check a signed webhook: by the schemes of its kind, or by the one its own definition names. Raises Unauthenticated."""
    if not source.secret:
        return
    definition = definition_of(source) if source.kind not in signatures.OF_KIND or source.kind == "webhook" else None
    scheme = definition.webhook.verify if definition and definition.webhook else ""
    if scheme in signatures.SCHEMES:
        signatures.verify(scheme, source.secret, request, now)
    else:
        signatures.verify_for(source.kind, source.secret, request, now)


def _item(
    found: Heard, source: Source, definition: Definition, hook: WebhookSpec, body: bytes, headers: Mapping[str, str],
    received_at: datetime, place: int,
) -> None:  # fmt: skip
    plain = hook_envelopes.hook_item(source.kind, body, headers, received_at, place)
    if isinstance(plain, Broken):
        found.inputs.append(plain)
        return
    item = msgspec.json.decode(body)
    named = _named(hook, item, plain)
    root = root_of(_arrived(source, named), item)
    route = route_of(definition, root)
    if route is not None:
        if route.refetch is not None and route.stream:
            asked = compiled(route.refetch)(root)
            ids = (text(one, 256) for one in (asked if isinstance(asked, list) else [asked]))
            found.refetch += [(route.stream, one) for one in ids if one]
        record = _record(definition, route, body, item, received_at)
        if record is not None:
            found.inputs.append(record)
            return
    found.inputs.append(msgspec.structs.replace(named, format="webhook"))


def _named(hook: WebhookSpec, item: dict[str, Any], plain: NewEvent) -> NewEvent:
    """The row with the kind, id and time the definition's paths give, where they give any."""
    kind = text(path(hook.kind)(item), 200) if hook.kind else ""
    ident = text(path(hook.id)(item)) if hook.id else ""
    at = path(hook.time)(item) if hook.time else None
    happened = None if isinstance(at, dict | list) or at is None else instant(at)
    return msgspec.structs.replace(
        plain, kind=kind or plain.kind, message_id=ident or plain.message_id,
        event_time=corrected_time(happened, None, plain.received_at) if happened else plain.event_time,
    )  # fmt: skip


def _record(
    definition: Definition, route: RouteSpec, body: bytes, item: dict[str, Any], received_at: datetime
) -> NewEvent | None:
    """The item as a record of its stream; None when it is none, or when the stream's records hold more than webhooks say."""
    if not route.stream or route.map:
        return None
    stream = definition.streams[route.stream]
    if stream.children:
        return None
    if not isinstance(path(route.record)(item), dict):
        return None
    inner = pieces(body, route.record or "@")
    made = record_event(route.stream, stream, inner[0], received_at) if inner else None
    return made if isinstance(made, NewEvent) else None


def _arrived(source: Source, event: NewEvent) -> Arrived:
    ident = event_id(source.workspace_id, source.id, event.message_id)
    return Arrived(
        ident,
        source,
        source.slug,
        source.name,
        event.kind,
        event.message_id,
        event.event_time,
        event.received_at,
        event.body,
    )
