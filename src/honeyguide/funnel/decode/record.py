"""Records of a connector's streams, and webhooks whose definition knows what their items mean."""

from collections.abc import Callable
from typing import Any

import msgspec

from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel.decode import segment, webhook
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.fields import mapping
from honeyguide.funnel.decode.maps import evaluate, root_of
from honeyguide.funnel.definitions import Definition, definition_of, is_deleted, library, path, truthy
from honeyguide.funnel.definitions.spec import RouteSpec, StreamSpec
from honeyguide.funnel.events import Undecodable

_ITEMS_MAX = 1_000


def decode(arrived: Arrived) -> list[CanonicalEvent]:
    """The events of a stream's record. Raises Undecodable when its definition is gone or the body is no object."""
    definition = definition_of(arrived.source)
    stream = definition.streams.get(arrived.kind) if definition else None
    found = definition.map_of(arrived.kind) if definition else None
    if definition is None or stream is None or found is None:
        raise Undecodable("unknown_stream", f"The source {arrived.source.name} has no stream {arrived.kind!r}.")
    record = arrived.json()
    # A record of a shape its map knows nothing of is kept all the same, as what it is.
    return evaluate(arrived, definition, found, record, deleted=_gone(stream, record)) or webhook.decode(arrived)


def _gone(stream: StreamSpec, record: dict[str, Any]) -> bool | None:
    """Is the record gone? None where neither its system nor a full sync says so."""
    says = (stream.deleted and path(stream.deleted)(record) is not None) or "_gone" in record
    return is_deleted(stream, record) if says else None


def decode_webhook(arrived: Arrived) -> list[CanonicalEvent]:
    """The events of a webhook's item: by its definition's routes, else as the generic webhook it is."""
    return _by(definition_of(arrived.source), arrived)


def decode_as(connector: str) -> Callable[[Arrived], list[CanonicalEvent]]:
    """A decoder of webhooks whose format is a system of the library, whatever kind their source is of."""

    def decoded(arrived: Arrived) -> list[CanonicalEvent]:
        own = definition_of(arrived.source) if arrived.source.kind == connector else None
        return _by(own or library()[connector], arrived)

    return decoded


def _by(definition: Definition | None, arrived: Arrived) -> list[CanonicalEvent]:
    if definition is None or definition.webhook is None:
        return webhook.decode(arrived)
    body = arrived.json()
    items = _items(definition, body)
    if items == [body]:
        return _told(arrived, definition, body) or webhook.decode(arrived)  # what has no word there is kept as it is
    made: list[CanonicalEvent] = []
    for item in items:
        one = msgspec.structs.replace(arrived, body=msgspec.json.encode(item))
        try:
            told = _told(one, definition, item)
        except Undecodable:
            told = []  # one item that tells nothing must not take the others of its row with it
        made += told or webhook.decode(one)
    return made


def _told(arrived: Arrived, definition: Definition, item: dict[str, Any]) -> list[CanonicalEvent]:
    route = route_of(definition, root_of(arrived, item))
    return [] if route is None else _routed(arrived, definition, route, item)


def _items(definition: Definition, body: dict[str, Any]) -> list[dict[str, Any]]:
    """What one row holds: usually one item, several where it was logged before its definition knew how to split it."""
    split = definition.webhook.items if definition.webhook else ""
    found = path(split)(body) if split else None
    items = [i for i in found[:_ITEMS_MAX] if isinstance(i, dict)] if isinstance(found, list) else []
    return items or [body]


def route_of(definition: Definition, root: dict[str, Any]) -> RouteSpec | None:
    """The first route whose condition holds."""
    routes = definition.webhook.routes if definition.webhook else []
    return next((r for r in routes if not r.when or truthy(path(r.when)(root))), None)


def _routed(arrived: Arrived, definition: Definition, route: RouteSpec, item: dict[str, Any]) -> list[CanonicalEvent]:
    if route.format:
        return segment.decode(arrived)
    if route.map:
        return evaluate(arrived, definition, definition.maps[route.map], item) or webhook.decode(arrived)
    found, stream = definition.map_of(route.stream), definition.streams[route.stream]
    record = mapping(path(route.record)(item))
    if found is None or not record:
        return webhook.decode(arrived)
    return evaluate(arrived, definition, found, record, deleted=_gone(stream, record)) or webhook.decode(arrived)
