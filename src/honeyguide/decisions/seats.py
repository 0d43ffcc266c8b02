"""Who sits on the panel besides science and strategy: the vertical table, and experts of other packages.

Another package's expert is found by the entry-point group `honeyguide.experts`: a class (or function) that is called
without arguments and gives an expert. What cannot be loaded, has no proper name or takes a name that is taken is told once
and left out; it never stops a decision.
"""

import logging
import re
from functools import cache
from importlib.metadata import entry_points

from msgspec import Struct

from honeyguide.decisions.expert import Expert
from honeyguide.decisions.experts.vertical import Vertical

GROUP = "honeyguide.experts"
NAME = re.compile(r"[a-z][a-z0-9_-]{1,39}")
TAKEN = frozenset({"science", "strategy", "vertical", "language", "panel", "honeyguide"})
_log = logging.getLogger(__name__)


class Seat(Struct, frozen=True):
    """A seat on the panel, taken or not: `problem` says why an expert was left out."""

    name: str
    what: str
    version: str
    package: str
    problem: str = ""


BUILT_IN = (
    Seat("science", "The learned models: one per factor of the value, by Thompson sampling.", "", "honeyguide"),
    Seat("strategy", "The playbook's beliefs, played by Thompson sampling.", "", "honeyguide"),
    Seat("vertical", "A table of what works in which vertical.", "", "honeyguide"),
    Seat("language", "A hosted language model, bound to legal actions and cited evidence; absent without a key.", "", "honeyguide"),
)  # fmt: skip


@cache
def guests() -> tuple[tuple[Expert, ...], tuple[Seat, ...]]:
    """Experts of other packages, in the order of their names, and their seats with what went wrong."""
    experts: dict[str, Expert] = {}
    seats = []
    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        package = point.dist.name if point.dist else ""
        try:
            made = point.load()()
            problem = unfit(made, experts)
        except Exception as failure:  # noqa: BLE001  # somebody else's code
            made, problem = None, f"It cannot be loaded: {type(failure).__name__}: {failure}"
        if problem or made is None:
            _log.warning("expert %s of %s is left out: %s", point.name, package, problem)
            seats.append(Seat(point.name[:40], "", "", package, problem[:300]))
            continue
        experts[made.name] = made
        what = next(iter((made.__doc__ or "").strip().splitlines()), "")[:300]
        seats.append(Seat(made.name, what, str(made.version)[:80], package))
    return tuple(experts[n] for n in sorted(experts)), tuple(seats)


def unfit(expert: object, taken: "dict[str, Expert]") -> str:
    """Why an expert may not sit; empty when it may."""
    if not isinstance(expert, Expert):
        return "It has no name, version and propose(context, legal)."
    name = expert.name
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return "Its name must be 2 to 40 small letters, digits, - and _, and begin with a letter."
    if name in TAKEN or name in taken:
        return f"The name {name} is taken."
    return "" if isinstance(expert.version, str) and expert.version.strip() else "It has no version."


def seated() -> tuple[Expert, ...]:
    """Everybody who sits here whatever the policy: the vertical table and the guests."""
    return (Vertical(), *guests()[0])
