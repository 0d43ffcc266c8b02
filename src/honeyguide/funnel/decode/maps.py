"""Applying a definition's map to a record: foreign JSON in, canonical events out. Pure; never fails on data
unless its definition says so.

What a value cannot give is absent; a kind that needs a person or company and has none becomes `custom`.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from honeyguide.core import normalise
from honeyguide.core.terms import CanonicalEvent, Identifier, RecordRef
from honeyguide.funnel.decode import fields, records, tracked
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.values import Reader, compiled, kept
from honeyguide.funnel.decode.vocabulary import KINDS, kind_of
from honeyguide.funnel.definitions.paths import path, template, truthy
from honeyguide.funnel.definitions.spec import (
    CompanySpec,
    Definition,
    EventSpec,
    KindSpec,
    MapSpec,
    OtherSpec,
    PersonSpec,
    RefuseSpec,
)
from honeyguide.funnel.events import Undecodable

Root = dict[str, Any]
_ELEMENTS_MAX = 1_000
_KEEP_BYTES, _KEEP_KEYS = 32_000, 300
_OTHERS_MAX = 50
_compiled: dict[int, tuple[MapSpec, "MapReader"]] = {}


class _Who(Struct):
    """A compiled PersonSpec or CompanySpec."""

    is_person: bool
    id: Reader
    anonymous_id: Reader
    external: dict[str, Reader]
    traits: dict[str, Reader]
    keep: list[Reader]
    further: Reader

    def ref(self, slug: str, root: Root) -> RecordRef | None:
        """The record, or None when nothing names it."""
        given = {name: value for name, read in self.traits.items() if (value := read(root)) is not None}
        lists = {name: given.pop(name) for name, value in list(given.items()) if isinstance(value, list)}
        for one in self.keep:
            given = given | {k: v for k, v in fields.mapping(one(root)).items() if k not in given}
        ext_id = fields.text(self.id(root), 256)
        more = tuple(
            Identifier(f"external:{ns}", value)
            for ns, read in self.external.items()
            if (value := fields.text(read(root), 256)) and not normalise.is_blocked(value)
        )
        more += tuple(self._further(root))
        if self.is_person:
            anonymous = fields.text(self.anonymous_id(root), 256)
            found = records.person(slug, ext_id, given, anonymous_id=anonymous, more=more)
        else:
            found = records.company(slug, ext_id, given)
            if found is not None and more:
                found = msgspec.structs.replace(found, identifiers=(*found.identifiers, *more))
        if found is not None:
            found.traits.update({fields.snake(name): value for name, value in lists.items()})
        return found

    def _further(self, root: Root) -> Iterator[Identifier]:
        """Further addresses of a person, further domains of a company."""
        given = self.further(root)
        ns, spell = ("email", normalise.email) if self.is_person else ("domain", normalise.registrable_domain)
        for one in given if isinstance(given, list) else [given]:
            value = spell(fields.text(one))
            if value is not None and not (ns == "domain" and normalise.is_free_mail(value)):
                yield Identifier(ns, value)


def _who(spec: PersonSpec | CompanySpec | None) -> _Who | None:
    if spec is None:
        return None
    keep = [path(p) for p in ([spec.keep] if isinstance(spec.keep, str) else spec.keep) if p]
    traits = {name: compiled(value) for name, value in spec.traits.items()}
    external = {ns: compiled(value) for ns, value in spec.external.items()}
    if isinstance(spec, PersonSpec):
        if spec.email is not None:
            traits = {"email": compiled(spec.email)} | traits
        return _Who(True, compiled(spec.id), compiled(spec.anonymous_id), external, traits, keep, compiled(spec.emails))
    for name in ("domain", "name", "parent"):
        if (value := getattr(spec, name)) is not None:
            traits = {name: compiled(value)} | traits
    return _Who(False, compiled(spec.id), compiled(None), external, traits, keep, compiled(spec.domains))


class _Event(Struct):
    """A compiled EventSpec."""

    spec: EventSpec
    name: Reader
    holds: Reader
    each: Reader | None
    at: Reader
    props: dict[str, Reader]
    properties: Reader | None
    keep: list[Reader]
    person: _Who | None
    company: _Who | None
    others: "list[tuple[OtherSpec, Reader]] | None"
    ref: Reader | None
    text: Reader | None

    def kind(self, root: Root, name: str, given: Root) -> str:
        """The canonical kind, or "" when the record's own kind is none this event stands for."""
        kind = self.spec.kind
        if isinstance(kind, KindSpec):
            return kind.map.get(fields.text(path(kind.path)(root)), kind.default)
        return kind_of(name, tracked.stage_of(given)) if kind == "auto" else kind


def _event(spec: EventSpec, currency: str) -> _Event:
    keep = [spec.keep] if isinstance(spec.keep, str) else spec.keep
    return _Event(
        spec=spec,
        name=compiled(spec.name),
        holds=path(spec.when) if spec.when else (lambda _: True),
        each=path(spec.each) if spec.each else None,
        at=compiled(spec.at),
        props={name: compiled(value, currency) for name, value in spec.props.items()},
        properties=path(spec.properties) if spec.properties else None,
        keep=[path(p) for p in keep if p],
        person=_who(spec.person),
        company=_who(spec.company),
        others=None if spec.others is None else [(o, compiled(o.id)) for o in spec.others],
        ref=template(spec.ref) if spec.ref else None,
        text=path(spec.text) if spec.text else None,
    )


class MapReader(Struct):
    """A compiled map."""

    refuse: list[tuple[Reader, RefuseSpec]]
    time: Reader
    each: Reader | None
    person: _Who | None
    company: _Who | None
    others: list[tuple[OtherSpec, Reader]]
    ref: Reader | None
    text: Reader | None
    events: list[_Event]

    def time_of(self, root: Root) -> datetime | None:
        """When the record says it happened, or None."""
        return fields.instant(self.time(root))


def reader_of(found: MapSpec, currency: str) -> MapReader:
    """The compiled map, remembered for as long as its definition is."""
    known = _compiled.get(id(found))
    if known is not None and known[0] is found:
        return known[1]
    made = MapReader(
        refuse=[(path(r.when), r) for r in found.refuse],
        time=compiled(found.time),
        each=path(found.each) if found.each else None,
        person=_who(found.person),
        company=_who(found.company),
        others=[(o, compiled(o.id)) for o in found.others],
        ref=template(found.ref) if found.ref else None,
        text=path(found.text) if found.text else None,
        events=[_event(e, currency) for e in found.events],
    )
    if len(_compiled) > 1_024:
        _compiled.clear()
    _compiled[id(found)] = (found, made)
    return made


def unknown_kinds(definition: Definition) -> list[str]:
    """Kinds a definition names that are none of the vocabulary's: a mistake in the definition."""
    named: set[str] = set()
    for one in definition.maps.values():
        for event in one.events:
            if isinstance(event.kind, KindSpec):
                named |= {*event.kind.map.values(), event.kind.default}
            else:
                named.add(event.kind)
    return sorted(named - {*KINDS, "auto", ""})


def root_of(arrived: Arrived, record: dict[str, Any]) -> Root:
    """What paths start from: the record's own keys, and `_kind`, `_config`, `_source`, `_label`."""
    return {
        **record, "_kind": arrived.kind, "_config": arrived.source.settings.get("config", {}), "_source": arrived.slug,
        "_label": arrived.label,
    }  # fmt: skip


def evaluate(
    arrived: Arrived, definition: Definition, found: MapSpec, record: dict[str, Any], *, deleted: bool | None = None
) -> list[CanonicalEvent]:
    """The events a record tells. With `deleted`, what is said is that it is gone (or, False, that it is there).

    Raises Undecodable only where the definition says that such a record tells nothing.
    """
    reader = reader_of(found, definition.currency)
    root = root_of(arrived, record)
    for holds, refused in reader.refuse:
        if truthy(holds(root)):
            raise Undecodable(refused.reason, refused.say)
    if deleted:
        return [_tombstone(arrived, reader, one) for one in _elements(reader.each, root)]
    return [event for one in _elements(reader.each, root) for event in _told(arrived, reader, one, deleted=deleted)]


def _told(arrived: Arrived, reader: MapReader, root: Root, *, deleted: bool | None) -> list[CanonicalEvent]:
    """What one element tells: every event that holds, and those that are there for want of any."""
    person, company = _ref(reader.person, arrived, root), _ref(reader.company, arrived, root)
    if deleted is False:
        for ref in (person, company):
            if ref is not None and not ref.ext_id.startswith(("email:", "domain:", "name:", "anon:")):
                ref.traits.setdefault("deleted", False)
    made: list[CanonicalEvent] = []
    for event in reader.events:
        if event.spec.otherwise and made:
            continue
        for inner in _elements(event.each, root):
            if truthy(event.holds(inner)):
                made += _made(arrived, reader, event, inner, person, company)
    return made


def _elements(each: Reader | None, root: Root) -> Iterable[Root]:
    if each is None:
        return (root,)
    found = each(root)
    items = found if isinstance(found, list) else [] if found is None else [found]
    return ({**root, "_item": item, "_parent": root.get("_item")} for item in items[:_ELEMENTS_MAX])


def _ref(who: _Who | None, arrived: Arrived, root: Root) -> RecordRef | None:
    return None if who is None else who.ref(arrived.slug, root)


def _tombstone(arrived: Arrived, reader: MapReader, root: Root) -> CanonicalEvent:
    at = reader.time_of(root) or arrived.at
    ref = (reader.ref and reader.ref(root)) or f"{arrived.label} {arrived.message_id}"
    person = _ref(reader.person, arrived, root)
    company = _ref(reader.company, arrived, root) if person is None else None
    gone = person or company
    at = min(at, arrived.received_at)
    props: dict[str, Any] = {"name": f"{arrived.kind} deleted"}
    if gone is not None:
        bare = RecordRef(gone.kind, gone.source, gone.ext_id, (), {"deleted": True, "deleted_at": at.isoformat()})
        person, company = (bare, None) if gone.kind == "persona" else (None, bare)
    return arrived.event("record.deleted", "record.deleted", ref, at=at, person=person, company=company, props=props)


def _made(
    arrived: Arrived, reader: MapReader, event: _Event, root: Root, person: RecordRef | None, company: RecordRef | None
) -> Iterator[CanonicalEvent]:
    given = fields.mapping(event.properties(root)) if event.properties else {}
    name = fields.text(event.name(root), 200)
    kind = event.kind(root, name, given)
    if not kind:
        return
    if event.person is not None:
        person = _ref(event.person, arrived, root)
    if event.company is not None:
        company = _ref(event.company, arrived, root)
    elif company is None:
        company = records.company_of_person(arrived.slug, person)
    name = name or kind
    props = _props(event, kind, name, given, root, arrived.slug)
    others: tuple[RecordRef, ...] = ()
    if event.others is not None or reader.others:
        others = _others(arrived, event.others if event.others is not None else reader.others, root)
    if kind == "records.merged":
        retired = _retired(person, company, others)
        if retired is None:
            return
        kept_ref, others = retired
        props = props | {"kept": kept_ref.ext_id, "merged": [o.ext_id for o in others]}
    if (kind == "persona.identified" and person is None) or (kind == "company.identified" and company is None):
        kind, props = "custom", props | {"name": name}
    at = fields.instant(event.at(root)) or reader.time_of(root) or arrived.at
    filled = event.ref or reader.ref
    ref = (filled and filled(root)) or f"{arrived.label} {arrived.message_id}"
    said = event.text or reader.text
    text = fields.text(said(root), fields.TEXT_MAX) if said else ""
    yield arrived.event(
        kind, name, ref, at=min(at, arrived.received_at), person=person, company=company, others=others, props=props,
        text=text,
    )  # fmt: skip


def _props(event: _Event, kind: str, name: str, given: Root, root: Root, slug: str) -> dict[str, Any]:
    documented = event.properties and not (kind == "custom" and event.keep)  # what is kept whole needs no copy
    props = tracked.props_of(kind, name, given, slug) if documented else {}
    for one in event.keep:
        props = _whole(one(root)) | props
    props |= {key: value for key, read in event.props.items() if (value := read(root)) is not None}
    if kind == "custom":
        props.setdefault("name", name)
    return props


def _whole(value: Any) -> dict[str, Any]:
    """An object as it came, nested parts too, bounded; NUL is dropped (PostgreSQL cannot hold it)."""
    found = dict(list(fields.mapping(value).items())[:_KEEP_KEYS])
    encoded = msgspec.json.encode(found)
    if len(encoded) > _KEEP_BYTES:
        return {k: v for k, one in found.items() if (v := kept(one)) is not None}
    if b"\\u0000" in encoded:
        cleaned: dict[str, Any] = msgspec.json.decode(encoded.replace(b"\\u0000", b""))
        return cleaned
    return found


def _others(arrived: Arrived, specs: list[tuple[OtherSpec, Reader]], root: Root) -> tuple[RecordRef, ...]:
    found = []
    for spec, read in specs:
        for one in _elements(path(spec.each) if spec.each else None, root):
            value = read(one)
            for ident in value if isinstance(value, list) else [value]:
                ext_id = fields.text(ident, 256)
                if ext_id:
                    found.append(RecordRef(spec.kind, arrived.slug, ext_id))
    return tuple(found[:_OTHERS_MAX])


def _retired(
    person: RecordRef | None, company: RecordRef | None, others: tuple[RecordRef, ...]
) -> tuple[RecordRef, tuple[RecordRef, ...]] | None:
    """The record that stays and those it took in; None when nothing was merged."""
    kept_ref = person if person is not None else company
    if kept_ref is None:
        return None
    gone = tuple(o for o in others if o.kind == kept_ref.kind and o.ext_id != kept_ref.ext_id)
    return (kept_ref, gone) if gone else None
