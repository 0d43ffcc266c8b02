"""When each trait of a record was said last, apart from what it says: the times change all the time, the values hardly.

`record.traits` holds `{name: {"v": value}}`, `record.said` the statements that hold: `{"time event": [names]}` as JSON text,
both in sorted order, so that the same statements are the same text. A statement repeats all its traits, so there are
one or two groups where every trait would carry its own time and event. Together they are `Stamped`.
"""

from typing import Any

import msgspec

Stamped = dict[str, dict[str, Any]]  # trait -> {v: value, t: event time, e: event id}
_groups = msgspec.json.Decoder(dict[str, list[str]])
_encode = msgspec.json.Encoder(order="sorted").encode


def stamped(traits: dict[str, dict[str, Any]], said: str) -> Stamped:
    """The traits of a stored record with their stamps."""
    found: Stamped = {}
    for stamp, names in _groups.decode(said).items():
        t, _, e = stamp.partition(" ")
        for name in names:
            found[name] = {"v": traits[name]["v"], "t": t, "e": e}
    return found


def said_of(traits: Stamped) -> str:
    """The stamps of traits, as they are stored."""
    groups: dict[str, list[str]] = {}
    for name in sorted(traits):
        one = traits[name]
        groups.setdefault(f"{one['t']} {one['e']}", []).append(name)
    return _encode(groups).decode()


def values_of(traits: Stamped) -> dict[str, dict[str, Any]]:
    """The values of traits, as they are stored."""
    return {name: {"v": one["v"]} for name, one in traits.items()}
