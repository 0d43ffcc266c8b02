"""What edges say about each other: at most one of a functional kind at a time, exclusive kinds set off against each other.

Pure. Each edge is weighed alone first, and what another edge does to it follows from that weight, never from the other's
own outcome: there is no order in which to apply the rules, so there is none to depend on.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from honeyguide.graph.beliefs import Assertion, Belief, EdgeKey, Weighed, believed, periods, weigh
from honeyguide.graph.vocabulary import Rules

_FARTHEST = 40.0  # half-lives; beyond, nothing is left of one side


def beliefs_of(
    grouped: Mapping[EdgeKey, Sequence[Assertion]], keys: Iterable[EdgeKey], rules: Rules
) -> dict[EdgeKey, Belief | None]:
    """The beliefs of these edges. `grouped` must hold the assertions of their `siblings` too."""
    weighed = {key: w for key, found in grouped.items() if key[1] != key[2] and (w := weigh(found)) is not None}
    around: dict[tuple[int, int], list[EdgeKey]] = defaultdict(list)
    for key in weighed:
        if key[0] in rules.functional:
            around[key[0], key[1]].append(key)
    found: dict[EdgeKey, Belief | None] = {}
    for key in keys:
        w = weighed.get(key)
        if w is None:
            found[key] = None
        elif key[0] in rules.functional:
            rivals = {k: weighed[k] for k in around[key[0], key[1]] if k != key}
            found[key] = believed(w, w.odds, _ended_by(key, w, rivals))
        elif key[0] in rules.excludes:
            found[key] = believed(w, w.odds - _opposed(key, w, weighed, rules))
        else:
            found[key] = believed(w, w.odds)
    return found


def partners(key: EdgeKey, rules: Rules) -> list[EdgeKey]:
    """The edges between the same two nodes that an edge of an exclusive kind is set off against."""
    return [(other, key[1], key[2]) for other in rules.excludes.get(key[0], ())]


def _ended_by(key: EdgeKey, w: Weighed, rivals: Mapping[EdgeKey, Weighed]) -> list[datetime]:
    """When rivals were seen: whoever was seen last holds, so every sight of one ends the others.

    Rivals nobody believes end nothing. Of two seen at the same moment the surer one holds, then the one with the lesser id.
    """
    own = _sights(w)
    found: set[datetime] = set()
    for other, rival in rivals.items():
        if not rival.is_believed:
            continue
        seen = _sights(rival)
        if (w.is_believed, w.odds, -key[2]) > (True, rival.odds, -other[2]):
            seen -= own
        found |= seen
    return sorted(found)


def _sights(w: Weighed) -> set[datetime]:
    found: set[datetime] = set()
    for a in w.supporting:
        found.add(a.valid_from)
        if a.valid_to is None:
            found.add(a.last)
    return found


def _opposed(key: EdgeKey, w: Weighed, weighed: Mapping[EdgeKey, Weighed], rules: Rules) -> float:
    """The log-odds other edges take from this one, as of when this one was last seen.

    Readers fade what is stored by `2^-(t - last)/h`. Both fade with the same half-life h, so the difference of the faded
    odds, `o1 2^-(t - last1)/h - o2 2^-(t - last2)/h`, is the stored difference `o1 - o2 2^((last2 - last1)/h)`, faded: the
    balance stored is right at every moment. Edges that ended are about another time and take nothing.
    """
    taken = []
    for other in partners(key, rules):
        rival = weighed.get(other)
        if rival is None or rival.odds <= 0 or not (_open(w) and _open(rival)):
            continue
        half_life = rules.half_life.get(key[0])
        apart = (rival.last - w.last).total_seconds() / 86_400 / half_life if half_life else 0.0
        taken.append(rival.odds * 2.0 ** max(-_FARTHEST, min(_FARTHEST, apart)))
    return math.fsum(taken)


def _open(w: Weighed) -> bool:
    found = periods(w.supporting, w.ends)
    return bool(found) and found[-1][1] is None
