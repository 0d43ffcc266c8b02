"""Reading definitions: from YAML, checked as a whole, so that a record can only fail for its own values."""

from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Any, Protocol

import msgspec
import yaml

from honeyguide.core.errors import BadInput
from honeyguide.funnel.definitions.paths import path, template
from honeyguide.funnel.definitions.spec import (
    CompanySpec,
    Definition,
    EventSpec,
    KindSpec,
    MapSpec,
    PersonSpec,
    StreamSpec,
    Value,
    ValueSpec,
)

# libyaml reads ten times faster where the wheel of PyYAML carries it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FOLDER = "library"
_VALUE_FIELDS = frozenset(ValueSpec.__struct_fields__)


class HasDefinition(Protocol):
    """A source, as far as its definition goes."""

    @property
    def kind(self) -> str: ...
    @property
    def settings(self) -> dict[str, Any]: ...


def parse_definition(text: str, name: str = "definition") -> Definition:
    """Read a definition from YAML. Raises BadInput that names the place and what is wrong there."""
    try:
        raw = yaml.load(text, Loader=_LOADER)  # noqa: S506  # both loaders are the safe ones
    except yaml.YAMLError as e:
        raise BadInput(f"{name} is not YAML.", str(e).replace("\n", " ")) from e
    return convert_definition(raw, name)


def convert_definition(raw: Any, name: str = "definition") -> Definition:
    """A definition out of plain values (parsed YAML or JSON). Raises BadInput."""
    try:
        found = msgspec.convert(raw, Definition)
    except msgspec.ValidationError as e:
        raise BadInput(f"{name} is no definition.", f"{e}.", advice="See docs/reference/connectors.md.") from e
    for place, problem in _problems(found):
        raise BadInput(f"{name}, {place}: {problem}", advice="See docs/reference/connectors.md.")
    return found


@lru_cache(maxsize=1)
def library() -> dict[str, Definition]:
    """The definitions this release ships, by connector, in alphabetical order."""
    folder = resources.files("honeyguide.funnel.definitions") / _FOLDER
    found = {}
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            made = parse_definition(file.read_text(encoding="utf-8"), file.name)
            found[made.connector] = made
    return found


@lru_cache(maxsize=1)
def library_names() -> frozenset[str]:
    """The connectors of the library, without reading the files."""
    folder = resources.files("honeyguide.funnel.definitions") / _FOLDER
    return frozenset(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml"))


def definition_of(source: HasDefinition) -> Definition | None:
    """The definition a source is read by: its own (settings `definition`), else the library's of its kind.

    `overrides` in its settings are laid over the definition's maps: `{maps: {contacts: {person: {traits: ...}}}}`.
    """
    own, overrides = source.settings.get("definition"), source.settings.get("overrides")
    if own is None and source.kind not in library_names():
        return None
    if own is None and not overrides:
        return library().get(source.kind)
    return _laid_over(source.kind, msgspec.json.encode(own), msgspec.json.encode(overrides))


@lru_cache(maxsize=256)
def _laid_over(kind: str, own: bytes, overrides: bytes) -> Definition:
    given = msgspec.json.decode(own)
    base = msgspec.to_builtins(convert_definition(given) if given else library()[kind])
    extra = msgspec.json.decode(overrides)
    return convert_definition(_merged(base, extra) if extra else base, f"the definition of {kind}")


def _merged(base: Any, extra: Any) -> Any:
    """Objects are laid over each other name by name; a list, a text or a value as a whole takes the other's place."""
    if not isinstance(base, dict) or not isinstance(extra, dict) or base.keys() == _VALUE_FIELDS:
        return extra
    return base | {k: _merged(base.get(k), v) for k, v in extra.items()}


def _problems(found: Definition) -> Iterator[tuple[str, str]]:
    """Everything a parser of types cannot see: unknown maps, paths that are none."""
    if not found.streams and found.webhook is None:
        yield "connector", "it has neither streams nor a webhook."
    for name, stream in found.streams.items():
        if (stream.map or name) not in found.maps:
            yield f"streams.{name}", f"there is no map {stream.map or name!r}."
        yield from _checked(f"streams.{name}", _stream_paths(stream), ())
    hook = found.webhook
    for n, route in enumerate(hook.routes if hook else []):
        if route.map and route.map not in found.maps:
            yield f"webhook.routes[{n}]", f"there is no map {route.map!r}."
        if route.stream and route.stream not in found.streams:
            yield f"webhook.routes[{n}]", f"there is no stream {route.stream!r}."
        if not route.map and not route.stream and not route.format:
            yield f"webhook.routes[{n}]", "it names no map, no stream and no format."
        yield from _checked(f"webhook.routes[{n}]", [route.when, route.record], [])
    if hook:
        yield from _checked("webhook", [hook.items, hook.id, hook.time, hook.kind], [])
    for name, one in found.maps.items():
        yield from _map_problems(f"maps.{name}", one)


def _map_problems(place: str, found: MapSpec) -> Iterator[tuple[str, str]]:
    yield from _checked(place, [found.each, found.text, *(r.when for r in found.refuse)], [found.ref])
    yield from _value_problems(f"{place}.time", found.time)
    yield from _record_problems(f"{place}.person", found.person)
    yield from _record_problems(f"{place}.company", found.company)
    for other in found.others:
        yield from _checked(f"{place}.others", [other.each], [])
        yield from _value_problems(f"{place}.others", other.id)
    if not found.events:
        yield place, "it makes no event."
    for n, event in enumerate(found.events):
        yield from _event_problems(f"{place}.events[{n}]", event)


def _event_problems(place: str, event: EventSpec) -> Iterator[tuple[str, str]]:
    keep = [event.keep] if isinstance(event.keep, str) else event.keep
    yield from _checked(place, [event.when, event.each, event.text, event.properties, *keep], [event.ref])
    if isinstance(event.kind, KindSpec):
        yield from _checked(place, [event.kind.path], [])
    for key, value in {"name": event.name, "at": event.at, **event.props}.items():
        yield from _value_problems(f"{place}.{key}", value)
    yield from _record_problems(f"{place}.person", event.person)
    yield from _record_problems(f"{place}.company", event.company)


def _record_problems(place: str, found: PersonSpec | CompanySpec | None) -> Iterator[tuple[str, str]]:
    if found is None:
        return
    yield from _checked(place, [found.keep] if isinstance(found.keep, str) else found.keep, [])
    for name in found.__struct_fields__:
        value = getattr(found, name)
        if isinstance(value, dict):
            for key, one in value.items():
                yield from _value_problems(f"{place}.{name}.{key}", one)
        elif name != "keep":
            yield from _value_problems(f"{place}.{name}", value)


def _value_problems(place: str, value: Value) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield from _checked(place, [value], [])
    elif isinstance(value, ValueSpec):
        yield from _checked(place, [value.path], [value.template])
        for one in value.first:
            yield from _value_problems(place, one)


def _stream_paths(stream: StreamSpec) -> list[str]:
    own = [
        stream.records,
        stream.id,
        stream.version,
        stream.deleted,
        stream.paging.next,
        stream.paging.more,
        stream.paging.capped,
    ]
    for child in stream.children.values():
        own += [child.records, child.when]
    return own + ([stream.cursor.field] if stream.cursor else [])


def _checked(place: str, paths: list[str], templates: "list[str] | tuple[()]") -> Iterator[tuple[str, str]]:
    for one in paths:
        try:
            path(one)
        except BadInput as e:
            yield place, e.sentence()
    for one in templates:
        try:
            template(one)
        except BadInput as e:
            yield place, e.sentence()
