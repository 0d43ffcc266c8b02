"""Payloads nobody sent: each place of one that somebody did send, missing, null, empty, of another type, or with more."""

import copy
from collections.abc import Iterator
from typing import Any

_INSTEAD: tuple[Any, ...] = (None, "", "x", 0, -1.5, True, [], {}, [None], [{}], {"value": None}, "\x00", "9" * 400)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place within a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*at, key)
        yield from places(inner, (*at, key))


def mutations(payload: dict[str, Any], most: int = 120) -> Iterator[dict[str, Any]]:
    """Mutations of a payload, evenly spread over its places when there are more than `most`."""
    found = [(place, n) for place in places(payload) for n in range(-2, len(_INSTEAD))]
    step = max(1, len(found) // most)
    for place, n in found[:: step if step % 2 or step == 1 else step + 1]:
        made = copy.deepcopy(payload)
        holder: Any = made
        for key in place[:-1]:
            holder = holder[key]
        if n == -2:
            del holder[place[-1]]
        elif n == -1 and isinstance(holder, dict):
            holder["unheard_of"] = {"deep": [holder[place[-1]]]}
        else:
            holder[place[-1]] = _INSTEAD[n]
        yield made
