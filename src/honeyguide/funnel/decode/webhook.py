"""Any other system: one `custom` event, with the acting person as a candidate where the payload names one."""

from typing import Any

from honeyguide.core import normalise
from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.funnel.decode import records, tracked
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.fields import first_text, mapping

_NAMES = ("type", "event", "event_type", "eventType", "topic", "action", "subscriptionType", "kind")
_ACTORS = ("user", "actor", "author", "customer", "contact", "person", "sender", "requester", "member", "visitor")
_INNER = ("data", "item", "payload", "object", "detail", "event")
_ADDRESSES = ("email", "email_address", "emailAddress")


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
    holders = [payload, *(mapping(payload.get(n)) for n in _INNER)]
    for holder in list(holders):
        holders.extend(mapping(holder.get(n)) for n in _ACTORS)
    for holder in holders:
        address = first_text(holder, _ADDRESSES)
        if address and normalise.email(address):
            traits = {"email": address, "name": first_text(holder, ("name", "full_name", "display_name"))}
            return records.person(arrived.slug, "", {k: v for k, v in traits.items() if v})
    return None
