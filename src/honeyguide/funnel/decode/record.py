"""Records of a connector's streams, and webhooks whose definition knows what their items mean."""

from typing import Any

from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel.decode import webhook
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.fields import mapping
from honeyguide.funnel.decode.maps import evaluate, root_of
from honeyguide.funnel.definitions import Definition, definition_of, is_deleted, path, truthy
from honeyguide.funnel.definitions.spec import RouteSpec
from honeyguide.funnel.events import Undecodable


def decode(arrived: Arrived) -> list[CanonicalEvent]:
    """The events of a stream's record. Raises Undecodable when its definition is gone or the body is no object."""
    definition = definition_of(arrived.source)
    stream = definition.streams.get(arrived.kind) if definition else None
    found = definition.map_of(arrived.kind) if definition else None
    if definition is None or stream is None or found is None:
        raise Undecodable("unknown_stream", f"The source {arrived.source.name} has no stream {arrived.kind!r}.")
    record = arrived.json()
    deleted = is_deleted(stream, record) if stream.deleted and path(stream.deleted)(record) is not None else None
    return evaluate(arrived, definition, found, record, deleted=deleted)


def decode_webhook(arrived: Arrived) -> list[CanonicalEvent]:
    """The events of a webhook's item: by its definition's routes, else as the generic webhook it is."""
    definition = definition_of(arrived.source)
    if definition is not None and definition.webhook is not None:
        item = arrived.json()
        route = route_of(definition, root_of(arrived, item))
        if route is not None:
            return _routed(arrived, definition, route, item)
    return webhook.decode(arrived)


def route_of(definition: Definition, root: dict[str, Any]) -> RouteSpec | None:
    """The first route whose condition holds."""
    routes = definition.webhook.routes if definition.webhook else []
    return next((r for r in routes if not r.when or truthy(path(r.when)(root))), None)


def _routed(arrived: Arrived, definition: Definition, route: RouteSpec, item: dict[str, Any]) -> list[CanonicalEvent]:
    if route.map:
        return evaluate(arrived, definition, definition.maps[route.map], item)
    found, stream = definition.map_of(route.stream), definition.streams[route.stream]
    record = mapping(path(route.record)(item))
    if found is None or not record:
        return webhook.decode(arrived)
    return evaluate(arrived, definition, found, record, deleted=is_deleted(stream, record))
