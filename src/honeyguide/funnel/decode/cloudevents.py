"""CloudEvents: what is in the envelope, said in Segment's words, then read as those.

The type names what happened (`com.acme.order.completed` is `Order Completed`); the data is the properties, or a whole
Segment call; the subject is whom it is about where it looks like somebody (`users/42`, an e-mail address, `company:7`).
"""

import base64
import binascii
import re
from typing import Any

import msgspec
from msgspec.structs import replace

from honeyguide.core import normalise
from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel.decode import segment
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.fields import first_text, mapping, text
from honeyguide.funnel.decode.vocabulary import kind_of

_PART = re.compile(r"[./:]")
_VERSION = re.compile(r"(?:[./:-]v\d+)+$", re.IGNORECASE)
_PEOPLE = frozenset({"user", "users", "person", "people", "customer", "customers", "contact", "contacts", "member", "members", "persona", "profile"})  # fmt: skip
_COMPANIES = frozenset({"company", "companies", "organization", "organizations", "account", "accounts", "tenant", "group"})  # fmt: skip
_CALLS = frozenset({"identify", "group", "alias", "track", "page", "screen"})
_USER = ("userId", "user_id", "customerId", "customer_id", "contactId", "contact_id", "personId", "person_id")
_ANONYMOUS = ("anonymousId", "anonymous_id")


def decode(arrived: Arrived) -> list[CanonicalEvent]:
    """The events of one CloudEvent. What we have no name for becomes `custom`."""
    envelope = arrived.json()
    data = _data(envelope)
    call = _call(text(envelope.get("type"), 200) or arrived.kind, text(envelope.get("subject"), 256), data)
    return segment.decode(replace(arrived, kind=str(call["type"]), body=msgspec.json.encode(call)))


def _data(envelope: dict[str, Any]) -> dict[str, Any]:
    """The data as an object; text is kept as `text`, bytes that are no JSON object are left in the log."""
    data = envelope.get("data")
    if data is None and isinstance(envelope.get("data_base64"), str):
        try:
            data = msgspec.json.decode(base64.b64decode(envelope["data_base64"], validate=True))
        except (binascii.Error, ValueError, msgspec.MsgspecError, RecursionError):
            return {}
    if isinstance(data, str):
        try:
            data = msgspec.json.decode(data.encode())
        except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
            return {"text": data}
    return mapping(data)


def _call(name: str, subject: str, data: dict[str, Any]) -> dict[str, Any]:
    """The Segment call that says the same; data that is a call already stays one."""
    kind = text(data.get("type")).lower()
    about = _about(subject)
    if kind in _CALLS and (kind != "track" or data.get("event")):
        return {**about, **data, "type": kind}
    whom = {
        "userId": first_text(data, _USER, 256) or about.get("userId", ""),
        "anonymousId": first_text(data, _ANONYMOUS, 256),
    }
    whom = {k: v for k, v in whom.items() if v}
    context: dict[str, Any] = {}
    traits = {**about.get("context", {}).get("traits", {}), **_traits(data)}
    if traits:
        context["traits"] = traits
    if company := about.get("groupId"):
        context["groupId"] = company
    return {"type": "track", "event": named(name), **whom, "properties": data, "context": context}


def named(name: str) -> str:
    """The part of a type that says what happened: the longest tail that is a name of ours, else all of it."""
    plain = _VERSION.sub("", name)
    parts = _PART.split(plain)
    for start in range(len(parts)):
        tail = " ".join(parts[start:])
        if tail and kind_of(tail) != "custom":
            return tail
    return name


def _about(subject: str) -> dict[str, Any]:
    """Whom a subject names, as members of a call."""
    if "@" in subject and normalise.email(subject):
        return {"context": {"traits": {"email": subject}}}
    collection, _, ident = subject.strip("/").replace(":", "/").rpartition("/")
    collection = collection.rpartition("/")[2].lower()
    if not ident or not collection:
        return {}
    if collection in _PEOPLE:
        return {"context": {"traits": {"email": ident}}} if "@" in ident else {"userId": ident}
    return {"groupId": ident} if collection in _COMPANIES else {}


def _traits(data: dict[str, Any]) -> dict[str, Any]:
    """The person in the data: a `user`, `customer` or `contact` object with an address, or an address beside the rest."""
    for name in ("user", "customer", "contact", "person", "actor"):
        inner = mapping(data.get(name))
        if first_text(inner, ("email", "email_address")):
            return {k: v for k, v in inner.items() if k != "id" and isinstance(v, str | int | float | bool)}
    return {}
