"""What a batch of events says about records: when they were seen, their traits, what identifies them. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from msgspec import Struct, field

from honeyguide.core import normalise
from honeyguide.core.ids import entity_id
from honeyguide.core.terms import CanonicalEvent, Identifier, RecordRef
from honeyguide.funnel.sources import INTERNAL
from honeyguide.identity.assembly import Pair, Subject, pair
from honeyguide.identity.classes import MERGE as MERGE
from honeyguide.identity.classes import class_of, names_a_company
from honeyguide.identity.showings import Showing, digest_of, is_known, raw_of, remembered
from honeyguide.identity.stamps import Stamped

LINKED, SEPARATED = "identity.linked", "identity.separated"
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
    shown: dict[bytes, Showing] = field(default_factory=dict)
    known: bytes = b""


class Sign(Struct, frozen=True):
    """An identifier's first showing on a record."""

    strong: bool
    at: datetime
    event_id: UUID


class Decision(Struct, frozen=True):
    """What a person decided about two records, or rather one of their decisions: the latest about a pair counts."""

    a: int
    b: int
    verdict: str
    at: datetime
    event_id: UUID
    actor: str = ""
    reason: str = ""


class Observed(Struct):
    """Everything a batch says. `merges` are the identifiers by which sources say that records are one."""

    records: dict[int, Seen]
    merges: dict[Key, Sign]
    decisions: list[Decision] = field(default_factory=list)

    @property
    def signs(self) -> dict[Key, Sign]:
        """Every identifier the batch shows."""
        found = dict(self.merges)
        for record in self.records.values():
            for showing in record.shown.values():
                _show(found, record, showing)
        return found

    def news(self, known: Mapping[int, bytes]) -> dict[Key, Sign]:
        """The identifiers the batch shows, without those of showings that are `known` on their records.

        The rest will be stored, so the records remember it from here on.
        """
        found = dict(self.merges)
        for record in self.records.values():
            before = record.known = known.get(record.id, b"")
            fresh = []
            for raw, showing in record.shown.items():
                digest = digest_of(raw)
                if not is_known(before, digest, showing.at):
                    _show(found, record, showing)
                    fresh.append((digest, showing.at))
            if fresh:
                record.known = remembered(before, sorted(fresh))
        return found


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


def named_by(kind: str, ext_id: str) -> tuple[str, str] | None:
    """The identifier an id is made of, or None for an id a source gave."""
    scheme, _, value = ext_id.partition(":")
    if (kind, scheme) not in {("persona", "email"), ("company", "domain")}:
        return None
    key = _key(scheme, value)
    return None if key is None else (scheme, key)


@lru_cache(maxsize=65_536)
def plain_name(kind: str, name: str) -> str:
    """A name for comparing: without case, accents and punctuation, a company's without its legal form."""
    if kind == "company":
        return normalise.company_name(name) or ""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", plain))


def subject(kind: str, source: str, ext_id: str, first: datetime, name: object) -> Subject:
    """A record as clustering sees it."""
    own = own_source(source, ext_id)
    plain = plain_name(kind, name[:200]) if isinstance(name, str) else ""
    return Subject(own, first, plain, None if own else named_by(kind, ext_id))


def observe(events: Iterable[CanonicalEvent]) -> Observed:
    """Fold a batch: the same result for any order of its events."""
    seen = Observed({}, {})
    for event in events:
        at, when, who = event.at, "", ""
        for ref in _refs(event):
            known_as = record_id(ref)
            record = seen.records.get(known_as)
            if record is None:
                record = Seen(known_as, ref.kind, ref.source, ref.ext_id, at, at, {})
                seen.records[known_as] = record
            else:
                record.first, record.last = min(record.first, at), max(record.last, at)
            if ref.traits:
                when = when or stamp(at)
                who = who or str(event.event_id)
                newest(record.traits, ref.traits, when, who)
            if ref.identifiers or ref.ext_id.startswith(("email:", "domain:")):
                raw = raw_of(ref.identifiers)
                showing = record.shown.get(raw)
                if showing is None or (at, event.event_id) < (showing.at, showing.event_id):
                    record.shown[raw] = Showing(at, event.event_id, ref.identifiers)
        if event.kind == "records.merged":
            _merge(seen.merges, event)
        elif event.kind in (LINKED, SEPARATED):
            seen.decisions += _decisions(event)
    return seen


def _decisions(event: CanonicalEvent) -> Iterator[Decision]:
    """The pairs a person decided about, from our own source only. They are ids: a decision is no sighting of anybody."""
    pairs = event.props.get("pairs")
    if event.source != INTERNAL or not isinstance(pairs, list):
        return
    verdict = "linked" if event.kind == LINKED else "separated"
    actor, reason = (str(event.props.get(k) or "") for k in ("actor", "reason"))
    for one in sorted(filter(None, map(_pair, pairs))):
        yield Decision(*one, verdict, event.at, event.event_id, actor, reason)


def _pair(given: object) -> Pair | None:
    if isinstance(given, list | tuple) and len(given) == 2 and all(str(i).isdigit() for i in given):
        a, b = (int(str(i)) for i in given)
        if a != b and max(a, b) < 2**63:
            return pair(a, b)
    return None


def newest(known: Stamped, traits: dict[str, Any], when: str, who: str) -> bool:
    """Let later events win per trait, by (time, event id). Returns whether anything changed."""
    changed = False
    for name, value in traits.items():
        old = known.get(name)
        if value is not None and (old is None or (old["t"], old["e"]) < (when, who)):
            known[name] = {"v": value, "t": when, "e": who}
            changed = True
    return changed


def overlay(known: Stamped, more: Stamped) -> list[tuple[str, dict[str, Any] | None]]:
    """Merge stamped traits into `known`, later stamps winning. The traits that were set, each with what was there."""
    changed: list[tuple[str, dict[str, Any] | None]] = []
    for name, one in more.items():
        old = known.get(name)
        if old is None or (old["t"], old["e"]) < (one["t"], one["e"]):
            known[name] = one
            changed.append((name, old))
    return changed


def identifiers_of(ref: RecordRef) -> Iterator[tuple[str, str, bool]]:
    """The identifiers of a record that may be keys: (ns, value, strong).

    Placeholders, role inboxes and the domains of mailbox providers name nobody and are left out.
    """
    return _identifiers(ref.ext_id, ref.identifiers)


def _identifiers(ext_id: str, given: Iterable[Identifier]) -> Iterator[tuple[str, str, bool]]:
    for one in given:
        known = _identifier(one.ns, one.value, one.strong)
        if known is not None:
            yield known
    if ext_id.startswith(("email:", "domain:")):
        known = _identifier(*ext_id.split(":", 1), True)
        if known is not None:
            yield known


def _show(signs: dict[Key, Sign], record: Seen, showing: Showing) -> None:
    for ns, value, strong in _identifiers(record.ext_id, showing.identifiers):
        _sign(signs, (record.kind, ns, value, record.id), strong, showing.at, showing.event_id)


@lru_cache(maxsize=131_072)
def _identifier(ns: str, value: str, strong: bool) -> tuple[str, str, bool] | None:
    """One identifier as evidence, remembered: the same ones are said again and again."""
    key = _key(ns, value)
    return None if key is None else (ns, key, class_of(ns, key, strong) == "strong")


def _key(ns: str, value: str) -> str | None:
    if normalise.is_blocked(value):
        return None
    if ns == "email":
        address = normalise.email(value)
        return None if address is None or normalise.is_role_inbox(address) else address
    if ns == "domain":
        return normalise.registrable_domain(value) if names_a_company(value) else None
    return value


def _refs(event: CanonicalEvent) -> tuple[RecordRef, ...]:
    """The records an event speaks of; a merge also speaks of the record that was kept, perhaps by its id only, and a
    company of its parent.
    """
    refs = event.records()
    if event.company is not None and "parent" in event.company.traits:
        parent = parent_ref(event.company)
        refs = refs if parent is None else (*refs, parent)
    kept = event.props.get("kept") if event.kind == "records.merged" else None
    if not kept or not refs or any(r.ext_id == str(kept) for r in refs):
        return refs
    return (*refs, RecordRef(refs[0].kind, refs[0].source, str(kept)))


def parent_ref(company: RecordRef) -> RecordRef | None:
    """The company its source calls the parent of this one (trait `parent`: an id of the same source), or None."""
    parent = str(company.traits.get("parent") or "").strip()[:256]
    if not parent or parent == company.ext_id or normalise.is_blocked(parent):
        return None
    return RecordRef("company", company.source, parent)


def _merge(signs: dict[Key, Sign], event: CanonicalEvent) -> None:
    """A source told us that records are one: an identifier of its own joins them."""
    refs = _refs(event)
    for kind in sorted({r.kind for r in refs}):
        joined = sorted({record_id(r) for r in refs if r.kind == kind})
        if len(joined) > 1:
            for one in joined:
                _sign(signs, (kind, MERGE, f"{event.event_id}", one), True, event.at, event.event_id)


def _sign(signs: dict[Key, Sign], key: Key, strong: bool, at: datetime, event_id: UUID) -> None:
    old = signs.get(key)
    if old is None:
        signs[key] = Sign(strong, at, event_id)
    elif at <= old.at or strong is not old.strong:
        signs[key] = earliest(old, Sign(strong, at, event_id))


def earliest(a: Sign, b: Sign) -> Sign:
    """Both showings as one: strong if either is, dated by the earlier."""
    first = min(a, b, key=lambda s: (s.at, s.event_id))
    return Sign(a.strong or b.strong, first.at, first.event_id)
