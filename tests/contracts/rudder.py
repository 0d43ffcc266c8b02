"""How a canonical event is compared with what another event pipeline made of the same webhook: field by field.

A canonical event is turned back into that pipeline's call: `persona.identified` is identify, `company.identified` is
group, everything else is track. Then type, event name, user and anonymous ids, group id, e-mail, time and properties
are compared. What is allowed for, and nothing else:

- Names of properties are compared without case and punctuation, because ours may be spelled `delivery_id` where
  theirs is `deliveryId`; nested ones by their whole path, because some of theirs are flattened.
- A property that is null or empty there counts as absent. We may keep more than they do.
- Ids may stand in any identifier of the event's records: a system's own id is `external:<system>` here.
- An anonymous id that does not stand in the payload is either random (nothing to compare) or the digest of the
  e-mail, which is compared itself.
- Times are compared to the second where theirs are cut to it.
- An e-mail that is none (a phone number, a channel) is kept as `email_as_given`.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from honeyguide.core import normalise
from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel.decode.fields import instant, key_of

_CALLS = {"persona.identified": "identify", "company.identified": "group"}
# Ids the other pipeline makes up where the payload names nobody.
_INVENTED = frozenset({"shopify-admin"})


@dataclass(frozen=True)
class Case:
    """One input with what came out: calls, or an error. `calls` is empty where it was taken and told nothing."""

    source: str
    about: str
    body: Any
    calls: list[dict[str, Any]]
    error: str = ""


def cases(source: str, raw_inputs: list[Any], raw_outputs: list[Any], abouts: list[str]) -> Iterator[Case]:
    """Inputs with their outputs, whatever the files call an error."""
    for n, (body, out) in enumerate(zip(raw_inputs, raw_outputs, strict=True)):
        found = out if isinstance(out, list) else [out]
        calls = [c for c in found if "type" in c]
        error = next((str(c.get("error") or c.get("message")) for c in found if "error" in c or "message" in c), "")
        yield Case(source, abouts[n] or f"case {n}", body, calls, error if not calls else "")


def matched(
    calls: list[dict[str, Any]], events: list[CanonicalEvent]
) -> Iterator[tuple[dict[str, Any], CanonicalEvent | None]]:
    """Each call with the first event of its type and name that no earlier call took."""
    left = list(events)
    for call in calls:
        found = next(
            (e for e in left if _CALLS.get(e.kind, "track") == call["type"] and e.name == call.get("event", e.name)),
            None,
        )
        if found is not None:
            left.remove(found)
        yield call, found


def differences(case: Case, call: dict[str, Any], event: CanonicalEvent | None) -> list[str]:
    """The fields in which the event does not say what the call says."""
    if event is None:
        return ["type or event name"]
    known = {r.ext_id for r in event.records()} | {i.value for r in event.records() for i in r.identifiers}
    found = []
    if (user := str(call.get("userId", ""))) and user not in known | _INVENTED:
        found.append(f"userId {user}")
    address = _email(call)
    anonymous = str(call.get("anonymousId", ""))
    derivable = anonymous in json.dumps(case.body, ensure_ascii=False)
    if anonymous and derivable and anonymous not in known:
        found.append(f"anonymousId {anonymous}")
    if (
        anonymous
        and address
        and anonymous == hashlib.sha256(address.encode()).hexdigest()
        and not _says(event, address)
    ):
        found.append("anonymousId, the digest of the e-mail")
    external = call.get("context", {}).get("externalId", [])
    found += [f"external id {one}" for one in external if str(one.get("id", one.get("value"))) not in known]
    if address and not _says(event, address):
        found.append(f"email {address}")
    if (group := str(call.get("groupId", ""))) and (event.company is None or event.company.ext_id != group):
        found.append(f"groupId {group}")
    return found + _time(call, event) + _properties(call, event)


def _email(call: dict[str, Any]) -> str:
    holders = (call.get("traits", {}), call.get("context", {}).get("traits", {}))
    return next((str(h["email"]) for h in holders if h.get("email")), "")


def _says(event: CanonicalEvent, address: str) -> bool:
    traits = event.person.traits if event.person else {}
    plain = normalise.email(address)
    return traits.get("email") == plain if plain else traits.get("email_as_given") == address


def _time(call: dict[str, Any], event: CanonicalEvent) -> list[str]:
    said = call.get("originalTimestamp") or call.get("timestamp")
    at = instant(said) if said else None
    if at is None:
        return []
    ours = event.at if at.microsecond else event.at.replace(microsecond=0)
    return [] if ours == at else [f"time {said}, ours {event.at.isoformat()}"]


def _properties(call: dict[str, Any], event: CanonicalEvent) -> list[str]:
    ours = dict(_leaves("", event.props))
    return [
        f"property {place} = {value!r}"
        for place, value in _leaves("", call.get("properties", {}))
        if ours.get(place) != value and not (place == "name" and value in (event.name, None))
    ]


def _leaves(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(f"{place}{key_of(str(key))}", one)
    elif isinstance(value, list):
        for n, one in enumerate(value):
            yield from _leaves(f"{place}{n}", one)
    elif value is not None and value != "":
        yield place, str(value).lower() if isinstance(value, bool) else str(value)
