"""Persons and companies out of foreign traits: typed, normalised, with the identifiers they carry.

Reserved traits (Segment's list and the spellings of HubSpot, Stripe and Zendesk) land in our fields; any other
scalar trait is kept under its own name in snake case. Nested ones stay in the log only.
"""

from collections.abc import Mapping
from typing import Any

from honeyguide.core import normalise
from honeyguide.core.terms import Identifier, RecordRef
from honeyguide.funnel.decode import fields

_PERSON_FIELDS = {
    "name": "name", "fullname": "name", "displayname": "name", "email": "email", "emailaddress": "email",
    "title": "title", "jobtitle": "title", "phone": "phone", "phonenumber": "phone", "mobilephone": "phone",
    "timezone": "timezone", "hstimezone": "timezone", "department": "department", "seniority": "seniority",
    "hubspotownerid": "owner",
}  # fmt: skip
_COMPANY_FIELDS = {
    "name": "name", "companyname": "name", "accountname": "name", "domain": "domain", "website": "domain",
    "companydomain": "domain", "industry": "industry", "plan": "plan", "plantier": "plan", "employees": "employees",
    "employeecount": "employees", "numberofemployees": "employees", "segment": "segment", "phone": "phone",
    "country": "country", "currency": "currency", "mrrminor": "mrr_minor",
}  # fmt: skip
_GIVEN = ("firstName", "first_name", "firstname", "givenName", "given_name")
_FAMILY = ("lastName", "last_name", "lastname", "familyName", "family_name")
_CONSENT = frozenset({"consentemail", "emailconsent", "marketingconsent", "emailoptin", "optin", "marketingoptin"})
_REFUSAL = frozenset({"hsemailoptout", "emailoptout", "unsubscribed", "hasoptedoutofemail", "optout"})
_DISPLAY = frozenset({"Mr", "Mrs", "Ms", "Miss", "Mx", "Dr", "Prof", "Mr.", "Mrs.", "Ms.", "Dr.", "Prof."})
_TRAITS_MAX = 60


def person(
    source: str, ext_id: str, traits: Mapping[str, Any], *, anonymous_id: str = "", more: tuple[Identifier, ...] = ()
) -> RecordRef | None:
    """A persona record. Without an id of the source it is named by its e-mail, then by its anonymous id."""
    typed = person_traits(traits)
    address = typed.get("email")
    known = ext_id or (f"email:{address}" if address else "") or (f"anon:{anonymous_id}" if anonymous_id else "")
    if not known:
        return None
    identifiers = list(more)
    if address:
        identifiers.append(Identifier("email", address))
    if anonymous_id:
        # Several people sign in on one browser, so an anonymous id alone never joins two of them.
        identifiers.append(Identifier(f"anonymous:{source}", anonymous_id, strong=False))
    if number := typed.get("phone"):
        identifiers.append(Identifier("phone", number, strong=False))
    return RecordRef("persona", source, known, tuple(identifiers), typed)


def person_traits(traits: Mapping[str, Any]) -> dict[str, Any]:
    """The typed fields of a persona: name, email, title, phone, timezone, consent_email, and the rest as it came."""
    typed: dict[str, Any] = {}
    for name, value in traits.items():
        key = fields.key_of(name)
        if key in _CONSENT or key in _REFUSAL:
            _consent(typed, value, granted=key in _CONSENT)
        elif key in _PERSON_FIELDS:
            _put(typed, _PERSON_FIELDS[key], fields.text(value))
        else:
            _keep(typed, name, value)
    if "name" not in typed:
        joined = f"{fields.first_text(traits, _GIVEN)} {fields.first_text(traits, _FAMILY)}".strip()
        _put(typed, "name", joined)
    if typed.get("title") in _DISPLAY:  # Segment's `title` may be a form of address, which is no job
        typed["salutation"] = typed.pop("title")
    return _spelled(typed, {"email": normalise.email, "phone": normalise.phone})


def company(source: str, ext_id: str, traits: Mapping[str, Any]) -> RecordRef | None:
    """A company record. Without an id of the source it is named by its domain, then by its name."""
    typed = company_traits(traits)
    domain, name = typed.get("domain"), typed.get("name")
    plain = normalise.company_name(name) if name else None
    known = ext_id or (f"domain:{domain}" if domain else "") or (f"name:{plain}" if plain else "")
    if not known:
        return None
    identifiers = [Identifier("domain", domain)] if domain and not normalise.is_free_mail(domain) else []
    if plain:
        identifiers.append(Identifier("company_name", plain, strong=False))
    return RecordRef("company", source, known, tuple(identifiers), typed)


def company_traits(traits: Mapping[str, Any]) -> dict[str, Any]:
    """The typed fields of a company: name, domain, industry, plan, employees, segment, mrr_minor, currency, the rest."""
    typed: dict[str, Any] = {}
    for name, value in traits.items():
        field = _COMPANY_FIELDS.get(fields.key_of(name))
        if field is None:
            _keep(typed, name, value)
        elif field in {"employees", "mrr_minor"}:
            _put(typed, field, fields.whole(value))
        elif field == "currency":
            _put(typed, field, fields.currency(value))
        else:
            _put(typed, field, fields.text(value))
    mrr = fields.mapping(traits).get("mrr")
    if mrr is not None and "mrr_minor" not in typed:
        typed.pop("mrr", None)
        _put(typed, "mrr_minor", fields.minor_units(mrr, typed.get("currency", "USD")))
    return _spelled(typed, {"domain": normalise.registrable_domain})


def company_of_person(source: str, ref: RecordRef | None) -> RecordRef | None:
    """The company a work e-mail speaks for, when the source named none. Personal mailboxes name no company."""
    address = ref.traits.get("email") if ref is not None else None
    domain = normalise.work_domain(address) if address else None
    if domain is None:
        return None
    return RecordRef("company", source, f"domain:{domain}", (Identifier("domain", domain),), {"domain": domain})


def _consent(typed: dict[str, Any], value: Any, *, granted: bool) -> None:
    said = fields.truth(value)
    if said is not None:
        typed["consent_email"] = said is granted


def _put(typed: dict[str, Any], name: str, value: Any) -> None:
    if value not in (None, "") and name not in typed:
        typed[name] = value


def _keep(typed: dict[str, Any], name: str, value: Any) -> None:
    kept = fields.scalar(value)
    own = fields.snake(name)
    if kept is not None and own and own not in typed and len(typed) < _TRAITS_MAX:
        typed[own] = kept


def _spelled(typed: dict[str, Any], spellings: Mapping[str, Any]) -> dict[str, Any]:
    for name, spell in spellings.items():
        raw = typed.get(name)
        if raw is None:
            continue
        plain = spell(raw)
        if plain is None:
            typed[f"{name}_as_given"] = typed.pop(name)
        else:
            typed[name] = plain
    return typed
