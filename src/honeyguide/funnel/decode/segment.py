"""Segment's wire format: identify, track, page, screen, group, alias; semantic event names become our kinds.

HubSpot's and the product's own events arrive here too, as sources with their own slug.
"""

from typing import Any

from honeyguide.core import normalise
from honeyguide.core.terms import CanonicalEvent, Identifier, RecordRef
from honeyguide.funnel.decode import records, tracked
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.fields import first_text, mapping, sequence, text
from honeyguide.funnel.decode.vocabulary import kind_of

CALLS = ("identify", "track", "page", "screen", "group", "alias")
_NOUNS = {
    "deal": "deal", "ticket": "#", "subscription": "subscription", "invoice": "invoice", "purchase": "order",
}  # fmt: skip
_MERGED_TRAITS = ("hs_merged_object_ids", "hs_calculated_merged_vids", "merged_ids")


class _Call:
    """One payload, its parts under either spelling (userId, user_id)."""

    def __init__(self, arrived: Arrived) -> None:
        p = arrived.json()
        self.arrived = arrived
        self.payload = p
        self.call = arrived.kind if arrived.kind in CALLS else first_text(p, ("type", "action")).lower()
        self.context = mapping(p.get("context"))
        self.traits = mapping(p.get("traits"))
        self.properties = mapping(p.get("properties"))
        self.user_id = first_text(p, ("userId", "user_id"), 256)
        self.anonymous_id = first_text(p, ("anonymousId", "anonymous_id"), 256)
        self.group_id = first_text(p, ("groupId", "group_id"), 256)

    def person(self, extra: dict[str, Any] | None = None) -> RecordRef | None:
        given = mapping(self.context.get("traits"))
        traits = {**given, **(extra or {})}
        if self.call == "identify":
            traits = {**given, **self.traits}
        if not traits and self.user_id and "@" not in self.user_id and not self.context.get("externalIds"):
            return self._bare_person()
        traits.pop("company", None)
        if "@" in self.user_id and "email" not in traits and normalise.email(self.user_id):
            traits["email"] = self.user_id
        return records.person(
            self.arrived.slug, self.user_id, traits, anonymous_id=self.anonymous_id, more=self._external_ids()
        )

    def _bare_person(self) -> RecordRef:
        known: tuple[Identifier, ...] = ()
        if self.anonymous_id:
            known = (Identifier(f"anonymous:{self.arrived.slug}", self.anonymous_id, strong=False),)
        return RecordRef("persona", self.arrived.slug, self.user_id, known)

    def _external_ids(self) -> tuple[Identifier, ...]:
        found = []
        for one in sequence(self.context.get("externalIds"))[:10]:
            namespace, value = text(mapping(one).get("type"), 60), text(mapping(one).get("id"), 256)
            if namespace and value and not normalise.is_blocked(value):
                found.append(Identifier(f"external:{namespace}", value))
        return tuple(found)

    def company(self, person: RecordRef | None) -> RecordRef | None:
        slug = self.arrived.slug
        if self.call == "group":
            return records.company(slug, self.group_id, self.traits)
        named = self.group_id or first_text(self.context, ("groupId", "group_id"), 256)
        traits = _company_traits(self.traits.get("company") or mapping(self.context.get("traits")).get("company"))
        if not traits:
            traits = _company_traits(self.properties.get("company"))
        ext_id = named or first_text(traits, ("id", "company_id"), 256) or _company_id(self.properties)
        about = {k: v for k, v in traits.items() if k != "id"} or _company_properties(self.properties)
        if ext_id or about:
            found = records.company(slug, ext_id, about)
            if found is not None:
                return found
        return records.company_of_person(slug, person)


def _company_traits(value: Any) -> dict[str, Any]:
    return {"name": value} if isinstance(value, str) and value else mapping(value)


def _company_id(properties: dict[str, Any]) -> str:
    return first_text(properties, ("company_id", "companyId", "account_id", "accountId"), 256)


def _company_properties(properties: dict[str, Any]) -> dict[str, Any]:
    name = first_text(properties, ("company_name", "companyName", "account_name", "accountName"))
    domain = first_text(properties, ("company_domain", "companyDomain"))
    return {k: v for k, v in (("name", name), ("domain", domain)) if v}


def decode(arrived: Arrived) -> list[CanonicalEvent]:
    """The events of one Segment payload. What we have no name for becomes `custom`."""
    call = _Call(arrived)
    if call.call == "identify":
        return _identify(call)
    if call.call == "group":
        return [_event(call, "company.identified", "group", call.person())]
    if call.call == "alias":
        return _alias(call)
    if call.call == "track" or call.payload.get("event"):
        return _track(call)
    name = first_text(call.payload, ("name",)) or first_text(call.properties, ("title", "path")) or call.call or "event"
    return [_event(call, "custom", f"{call.call} {name}".strip(), call.person(), tracked.props_of("custom", name, call.properties, ""))]  # fmt: skip


def _identify(call: _Call) -> list[CanonicalEvent]:
    person = call.person()
    found = [_event(call, "persona.identified", "identify", person)]
    merged = first_text(call.traits, _MERGED_TRAITS).replace(";", ",").split(",")
    ids = [m.strip() for m in merged if m.strip() and m.strip() != call.user_id]
    if ids and person is not None:
        found.append(_merge(call, "identify", person, "persona", ids))
    return found


def _alias(call: _Call) -> list[CanonicalEvent]:
    person = call.person()
    previous = first_text(call.payload, ("previousId", "previous_id"), 256)
    if person is None or not previous or previous == person.ext_id:
        return [_event(call, "custom", "alias", person, {"name": "alias"})]
    if previous == call.anonymous_id:
        return [_event(call, "persona.identified", "alias", person)]
    return [_merge(call, "alias", person, "persona", [previous])]


def _merge(call: _Call, name: str, kept: RecordRef, kind: str, ids: list[str]) -> CanonicalEvent:
    slug = call.arrived.slug
    others = []
    for ext_id in ids[:50]:
        weak = (Identifier(f"anonymous:{slug}", ext_id, strong=False),) if name == "alias" else ()
        others.append(RecordRef(kind, slug, ext_id[:256], weak))
    props = {"kept": kept.ext_id, "merged": [o.ext_id for o in others]}
    is_person = kind == "persona"
    return call.arrived.event(
        "records.merged", name, f"{call.arrived.label} {kept.ext_id}", person=kept if is_person else None,
        company=None if is_person else kept, others=tuple(others), props=props,
    )  # fmt: skip


def _track(call: _Call) -> list[CanonicalEvent]:
    name = first_text(call.payload, ("event", "name"), 200) or "event"
    given = call.properties
    kind = kind_of(name, tracked.stage_of(given))
    if kind == "records.merged":
        return [_merged_event(call, name)]
    if kind == "company.identified":
        return [_company_event(call, name)]
    person = call.person(_person_properties(call, kind))
    product = text(mapping(call.context.get("app")).get("name")) or call.arrived.slug
    props = tracked.props_of(kind, name, given, product)
    return [_event(call, kind, name, person, props, tracked.text_of(given))]


def _person_properties(call: _Call, kind: str) -> dict[str, Any]:
    """Who the event is about, where only its properties say so: a sign-up, or a call without any id."""
    given = call.properties
    if kind == "signup.completed":
        names = ("email", "name", "first_name", "firstName", "last_name", "lastName", "phone", "title")
        return {n: given[n] for n in names if given.get(n)}
    if call.user_id or call.anonymous_id:
        return {}
    address = first_text(given, ("email", "contact_email", "requester_email", "user_email"))
    return {"email": address} if address else {}


def _merged_event(call: _Call, name: str) -> CanonicalEvent:
    given = call.properties
    kind = "company" if "compan" in name.lower() else "persona"
    kept_id = first_text(given, ("kept", "kept_id", "keptId", "primary_id", "primaryId", "canonical_id"), 256)
    kept_id = kept_id or (call.group_id if kind == "company" else call.user_id)
    raw = next(
        (given[n] for n in ("merged", "merged_ids", "merged_id", "mergedId", "secondary_id") if given.get(n)), None
    )
    ids = [text(v, 256) for v in (raw if isinstance(raw, list) else [raw])]
    ids = [i for i in ids if i and i != kept_id]
    if not kept_id or not ids:
        return _event(call, "custom", name, call.person(), tracked.props_of("custom", name, given, ""))
    kept = (
        call.person() if kind == "persona" and kept_id == call.user_id else RecordRef(kind, call.arrived.slug, kept_id)
    )
    return _merge(call, name, kept or RecordRef(kind, call.arrived.slug, kept_id), kind, ids)


def _company_event(call: _Call, name: str) -> CanonicalEvent:
    person = call.person()
    named = first_text(call.context, ("groupId", "group_id"), 256) or call.group_id or _company_id(call.properties)
    company = records.company(call.arrived.slug, named, call.properties)
    kind = "company.identified" if company is not None else "custom"
    props = {} if company is not None else {"name": name}
    return call.arrived.event(kind, name, _ref(call, kind, name, {}), person=person, company=company, props=props)


def _event(
    call: _Call, kind: str, name: str, person: RecordRef | None, props: dict[str, Any] | None = None, body: str = ""
) -> CanonicalEvent:
    company = call.company(person)
    if (kind == "persona.identified" and person is None) or (kind == "company.identified" and company is None):
        kind, props = "custom", {"name": name}
    ref = _ref(call, kind, name, props or {})
    return call.arrived.event(kind, name, ref, person=person, company=company, props=props, text=body)


def _ref(call: _Call, kind: str, name: str, props: dict[str, Any]) -> str:
    family = kind.split(".", 1)[0]
    noun = _NOUNS.get(family)
    ident = props.get("order" if family == "purchase" else family)
    if noun and ident:
        return f"{call.arrived.label} #{ident}" if noun == "#" else f"{call.arrived.label} {noun} {ident}"
    return f"{call.arrived.label} “{name}”"
