"""PostHog's capture format: said in Segment's words, then read as those.

`$identify`, `$set`, `$create_alias`, `$merge_dangerously` and `$groupidentify` mean what they mean there; any other
event is a track. A group whose type is a company names the person's company.
"""

from typing import Any

import msgspec
from msgspec.structs import replace

from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel.decode import segment
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.fields import first_text, mapping, text, truth

_COMPANY_GROUPS = ("company", "organization", "organisation", "account", "customer", "workspace", "team")
_MERGES = frozenset({"$create_alias", "$merge_dangerously"})
_UPDATES = frozenset({"$identify", "$set"})
# What the library says about the machine and about itself, not about what happened.
_MACHINERY = ("$set", "$set_once", "$unset", "$groups", "token", "api_key", "distinct_id")


def decode(arrived: Arrived) -> list[CanonicalEvent]:
    """The events of one captured event. What we have no name for becomes `custom`."""
    said = arrived.json()
    given = mapping(said.get("properties"))
    call = _call(arrived.kind, said, given)
    return segment.decode(replace(arrived, kind=str(call["type"]), body=msgspec.json.encode(call)))


def _call(name: str, said: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The Segment call that says the same."""
    whom = _who(name, said, given)
    groups = mapping(given.get("$groups"))
    company = first_text(groups, _COMPANY_GROUPS, 256)
    # What may be overwritten comes last and counts, as there.
    traits = {**_set(said, given, "$set_once"), **_set(said, given, "$set")}
    context: dict[str, Any] = {"traits": traits} if traits else {}
    if company:
        context["groupId"] = company
    if name == "$groupidentify":
        return _group(whom, given)
    if name in _MERGES:
        return {"type": "alias", **whom, "previousId": text(given.get("alias"), 256), "context": context}
    if name in _UPDATES and (whom.get("userId") or traits.get("email")):
        return {"type": "identify", **whom, "traits": traits, "context": {k: v for k, v in context.items() if k != "traits"}}  # fmt: skip
    properties = {k: v for k, v in given.items() if k not in _MACHINERY}
    return {"type": "track", "event": name, **whom, "properties": properties, "context": context}


def _who(name: str, said: dict[str, Any], given: dict[str, Any]) -> dict[str, str]:
    ident = first_text(said, ("distinct_id", "$distinct_id"), 256) or first_text(
        given, ("distinct_id", "$distinct_id"), 256
    )
    anonymous = text(given.get("$anon_distinct_id"), 256) if name == "$identify" else ""
    if ident and name not in _UPDATES and _is_anonymous(ident, given):
        return {"anonymousId": ident}
    found = {"userId": ident, "anonymousId": anonymous}
    return {k: v for k, v in found.items() if v}


def _is_anonymous(ident: str, given: dict[str, Any]) -> bool:
    """Whether the id is the browser's own, not one the product knows."""
    if truth(given.get("$is_identified")) is False or given.get("$user_state") == "anonymous":
        return True
    return ident == text(given.get("$device_id"), 256) and not given.get("$user_id")


def _set(said: dict[str, Any], given: dict[str, Any], name: str) -> dict[str, Any]:
    return {**mapping(given.get(name)), **mapping(said.get(name))}


def _group(whom: dict[str, str], given: dict[str, Any]) -> dict[str, Any]:
    kind, key = text(given.get("$group_type"), 60).lower(), text(given.get("$group_key"), 256)
    traits = mapping(given.get("$group_set"))
    if kind in _COMPANY_GROUPS and key:
        made_up = whom.get("userId", "").startswith("$")  # the library's own id for the group: nobody
        return {"type": "group", **({} if made_up else whom), "groupId": key, "traits": traits}
    return {
        "type": "track",
        "event": "Group Identified",
        "properties": {"group_type": kind, "group_key": key, **traits},
    }
