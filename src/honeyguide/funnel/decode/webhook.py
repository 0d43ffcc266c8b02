"""Any other system: one `custom` event, with the acting person as a candidate where the payload names one.

The person is looked for in the usual places only: at the top, in the object the payload is about, and in parts named
for a person (`user`, `customer`, `sender` ...), a few levels deep. Nobody is made of a stray address in a text.
"""

from collections.abc import Iterator
from typing import Any

from honeyguide.core import normalise
from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.funnel.decode import records, tracked
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.fields import first_text, key_of, mapping, sequence, text

_NAMES = ("type", "event", "event_type", "eventType", "topic", "action", "subscriptionType", "kind")
_ACTORS = frozenset({
    "user", "actor", "author", "customer", "contact", "person", "sender", "requester", "member", "visitor", "voter",
    "profile", "subscriber", "lead", "client", "buyer", "payer", "submitter", "respondent", "account_holder", "by",
    "created_by", "createdBy", "attendee", "participant", "recipient", "from", "invitee", "enduser", "end_user",
    "contacts", "users", "customers", "people", "visitors", "members",
    "customer_details", "billing_details", "owner_details", "cardholder",
})  # fmt: skip
_INNER = frozenset({
    "data", "item", "payload", "object", "detail", "details", "event", "resource", "record", "attributes", "body", "message",
    "properties", "traits", "body_json", "order", "ticket", "conversation", "response", "submission", "entity", "context",
    "triggerData", "value", "values", "events", "items", "records", "results",
})  # fmt: skip
_ADDRESSES = frozenset({
    "email", "emailaddress", "mail", "useremail", "customeremail", "contactemail", "requesteremail", "workemail",
    "primaryemail", "recipientemail", "emailid", "authoremail", "senderemail", "fromemail", "submitteremail", "address",
})  # fmt: skip
_IDS = frozenset({
    "userid", "customerid", "contactid", "personid", "distinctid", "externaluserid", "externalid", "visitorid", "memberid",
    "subscriberid", "profileid", "remoteid", "requesterid", "customeruserid", "responderuuid", "leadid", "clientuserid",
})  # fmt: skip
_OWN_IDS = ("id", "user_id", "userId", "uuid", "external_id", "externalId", "_id")
_FULL_NAMES = ("name", "full_name", "fullName", "display_name", "displayName")
_DEPTH, _HOLDERS_MAX, _LIST_MAX = 4, 200, 3


def decode(arrived: Arrived) -> list[CanonicalEvent]:
    """One `custom` event; its scalar fields become props, everything else stays in the log."""
    payload = arrived.json()
    name = arrived.kind or first_text(payload, _NAMES, 200) or "webhook"
    person = _actor(arrived, payload)
    props = tracked.props_of("custom", name, payload, "")
    ref = f"{arrived.label} {first_text(payload, ('id', 'event_id', 'uuid')) or arrived.message_id}"
    company = records.company_of_person(arrived.slug, person)
    return [
        arrived.event("custom", name, ref, person=person, company=company, props=props, text=tracked.text_of(payload))
    ]


def _actor(arrived: Arrived, payload: dict[str, Any]) -> RecordRef | None:
    """The first that has an address; failing that, the first that has an id."""
    holders = list(_holders(payload))
    for holder, is_person in holders:
        address = _address(holder)
        if address:
            traits = {"email": address, "name": _name(holder, is_person), **_more(holder)}
            return records.person(
                arrived.slug, _ident(holder, is_person), {k: v for k, v in traits.items() if v not in (None, "")}
            )
    for holder, is_person in holders:
        ident = _ident(holder, is_person)
        if ident and not normalise.is_blocked(ident):
            name = _name(holder, is_person)
            return records.person(arrived.slug, ident, {"name": name} if name else {})
    return None


def _holders(payload: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bool]]:
    """The objects a person may be named in, nearest first, and whether each is a person's own."""
    level: list[tuple[dict[str, Any], bool]] = [(payload, False)]
    seen = 0
    for _ in range(_DEPTH):
        below: list[tuple[dict[str, Any], bool]] = []
        for holder, is_person in level:
            if seen == _HOLDERS_MAX:
                return
            seen += 1
            yield holder, is_person
            alone = len(holder) == 1  # {"order": {...}}: whatever it is called, it is what the payload is about
            for key, value in holder.items():
                if alone or key in _ACTORS or key in _INNER:
                    parts = sequence(value)[:_LIST_MAX] or [value]
                    below += [(found, key in _ACTORS) for part in parts if (found := mapping(part))]
        level = below


def _address(holder: dict[str, Any]) -> str:
    for key, value in holder.items():
        if isinstance(value, str) and "@" in value and key_of(key) in _ADDRESSES and normalise.email(value):
            return value
    return ""


def _ident(holder: dict[str, Any], is_person: bool) -> str:
    if is_person and (own := first_text(holder, _OWN_IDS, 256)):
        return own
    return next((i for k, v in holder.items() if key_of(k) in _IDS and (i := text(v, 256))), "")


def _name(holder: dict[str, Any], is_person: bool) -> str:
    """Only a person's own name: at the top of a payload, `name` may be anything's."""
    has_address = any(key_of(k) in _ADDRESSES for k in holder)
    return first_text(holder, _FULL_NAMES) if is_person or has_address else ""


def _more(holder: dict[str, Any]) -> dict[str, Any]:
    names = ("first_name", "last_name", "firstName", "lastName", "phone", "title", "job_title")
    return {n: holder[n] for n in names if isinstance(holder.get(n), str)}
