"""What a batch of events says about records: when they were seen, their traits, what identifies them. Pure."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.core import normalise
from honeyguide.core.ids import entity_id
from honeyguide.core.terms import CanonicalEvent, RecordRef

MERGE = "merge"
Stamped = dict[str, dict[str, Any]]  # trait -> {v: value, t: event time, e: event id}
Key = tuple[str, str, str, int]  # kind, ns, value, record
# An id made of an identifier says nothing a source could contradict.
_DERIVED = ("email:", "anon:", "domain:", "name:")


class Seen(Struct):
    """One record as a batch shows it."""

    id: int
    kind: str
    source: str
    ext_id: str
    first: datetime
    last: datetime
    traits: Stamped


class Sign(Struct, frozen=True):
    """An identifier's first showing on a record."""

    strong: bool
    at: datetime
    event_id: UUID


class Observed(Struct):
    """Everything a batch says."""

    records: dict[int, Seen]
    signs: dict[Key, Sign]


@lru_cache(maxsize=65_536)
def _record_id(kind: str, source: str, ext_id: str) -> int:
    return entity_id(kind, source, ext_id)


def record_id(ref: RecordRef) -> int:
    """The record's id, remembered: a batch asks for the same few hundred again and again."""
    return _record_id(ref.kind, ref.source, ref.ext_id)


def own_source(source: str, ext_id: str) -> str | None:
    """The source, when the record's id is one that source gave; None for ids made of an identifier."""
    return None if ext_id.startswith(_DERIVED) else source


def stamp(at: datetime) -> str:
    """A time as text that sorts as time does (UTC, microseconds)."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def observe(events: Iterable[CanonicalEvent]) -> Observed:
    """Fold a batch: the same result for any order of its events."""
    seen = Observed({}, {})
    for event in events:
        when, who = stamp(event.at), str(event.event_id)
        for ref in _refs(event):
            known_as = record_id(ref)
            record = seen.records.get(known_as)
            if record is None:
                record = Seen(known_as, ref.kind, ref.source, ref.ext_id, event.at, event.at, {})
                seen.records[known_as] = record
            record.first, record.last = min(record.first, event.at), max(record.last, event.at)
            newest(record.traits, ref.traits, when, who)
            for ns, value, strong in identifiers_of(ref):
                _sign(seen.signs, (ref.kind, ns, value, known_as), Sign(strong, event.at, event.event_id))
        if event.kind == "records.merged":
            _merge(seen.signs, event)
    return seen


def newest(known: Stamped, traits: dict[str, Any], when: str, who: str) -> bool:
    """Let later events win per trait, by (time, event id). Returns whether anything changed."""
    changed = False
    for name, value in traits.items():
        old = known.get(name)
        if value is not None and (old is None or (old["t"], old["e"]) < (when, who)):
            known[name] = {"v": value, "t": when, "e": who}
            changed = True
    return changed


def overlay(known: Stamped, more: Stamped) -> bool:
    """Merge stamped traits into `known`, later stamps winning. Returns whether anything changed."""
    changed = False
    for name, one in more.items():
        old = known.get(name)
        if old is None or (old["t"], old["e"]) < (one["t"], one["e"]):
            known[name] = one
            changed = True
    return changed


def identifiers_of(ref: RecordRef) -> Iterator[tuple[str, str, bool]]:
    """The identifiers of a record that may be keys: (ns, value, strong).

    Placeholders, role inboxes and the domains of mailbox providers name nobody and are left out.
    """
    for one in ref.identifiers:
        value = _key(one.ns, one.value)
        if value is not None:
            yield one.ns, value, one.strong
    scheme, _, value = ref.ext_id.partition(":")
    if scheme in {"email", "domain"}:
        key = _key(scheme, value)
        if key is not None:
            yield scheme, key, True


def _key(ns: str, value: str) -> str | None:
    if normalise.is_blocked(value):
        return None
    if ns == "email":
        address = normalise.email(value)
        return None if address is None or normalise.is_role_inbox(address) else address
    if ns == "domain":
        return None if normalise.is_free_mail(value) else normalise.registrable_domain(value)
    return value


def _refs(event: CanonicalEvent) -> tuple[RecordRef, ...]:
    """The records an event speaks of; a merge also speaks of the record that was kept, perhaps by its id only."""
    refs = event.records()
    kept = event.props.get("kept") if event.kind == "records.merged" else None
    if not kept or not refs or any(r.ext_id == str(kept) for r in refs):
        return refs
    return (*refs, RecordRef(refs[0].kind, refs[0].source, str(kept)))


def _merge(signs: dict[Key, Sign], event: CanonicalEvent) -> None:
    """A source told us that records are one: an identifier of its own joins them."""
    refs = _refs(event)
    for kind in sorted({r.kind for r in refs}):
        joined = sorted({record_id(r) for r in refs if r.kind == kind})
        if len(joined) > 1:
            for one in joined:
                _sign(signs, (kind, MERGE, f"{event.event_id}", one), Sign(True, event.at, event.event_id))


def _sign(signs: dict[Key, Sign], key: Key, sign: Sign) -> None:
    old = signs.get(key)
    signs[key] = sign if old is None else earliest(old, sign)


def earliest(a: Sign, b: Sign) -> Sign:
    """Both showings as one: strong if either is, dated by the earlier."""
    first = min(a, b, key=lambda s: (s.at, s.event_id))
    return Sign(a.strong or b.strong, first.at, first.event_id)
