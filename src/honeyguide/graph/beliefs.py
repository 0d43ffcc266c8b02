"""From assertions to belief: pure arithmetic, the same for any order of the assertions."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from msgspec import Struct, field, structs

from honeyguide.core.ids import content_id
from honeyguide.db import uuid_of
from honeyguide.graph.kinds import ENDABLE, HALF_LIFE_DAYS

# No number of agreeing sources makes us surer than this: records can be wrong together.
_CAP = math.log(0.995 / 0.005)
# What people say weighs more than all machines together: those are then held to be no surer than 90 %.
_OUTVOTED = math.log(0.9 / 0.1)
# An edge is believed when more speaks for it than against it. Fading never changes that, so the stored value decides.
BELIEVED = 0.5
PERSON, WITHDRAWN = "person:review", "withdrawn"
NO_ID = UUID(int=0)
Period = tuple[datetime, datetime | None]
EdgeKey = tuple[int, int, int]  # kind, src, dst


class Assertion(Struct, frozen=True):
    """One inferrer's statement about one edge, with its evidence.

    `src` and `dst` are record ids for personas and companies (never entity ids that may change) and node ids for
    everything else; `kind` is a code of `kinds.EDGE`. `subject` is what the inferrer read to come to it, and what
    `replace` diffs by. `supports=False` contradicts. `ends=True` says that the edge ended at `valid_from`: for its
    `stream` only (one subscription of several), or for all when the stream is empty. `key` tells statements of one
    inferrer and source on one edge apart (an event id, a month); equal ones are the same assertion, seen again.
    """

    kind: int
    src: int
    dst: int
    confidence: float
    valid_from: datetime
    inferrer: str
    inferrer_version: str
    subject: int
    source: str
    supports: bool = True
    ends: bool = False
    valid_to: datetime | None = None
    last_seen_at: datetime | None = None
    seen: int = 1
    stream: str = ""
    event_id: UUID | None = None
    source_ref: str = ""
    quote: str = ""
    span_start: int | None = None
    span_end: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    id: UUID = NO_ID
    key: str = ""

    @property
    def last(self) -> datetime:
        """When it was last seen (its start, when it was seen once)."""
        return self.last_seen_at or self.valid_from


def identified(a: Assertion) -> Assertion:
    """The assertion with its id: a digest of what it states and who states it, not of when or how surely."""
    if a.id is not NO_ID:
        return a
    made = assertion_id(a.kind, a.src, a.dst, a.inferrer, a.source, a.stream, a.key, supports=a.supports, ends=a.ends)
    return structs.replace(a, id=made)


@lru_cache(maxsize=65_536)
def assertion_id(
    kind: int, src: int, dst: int, inferrer: str, source: str, stream: str, key: str, *,
    supports: bool = True, ends: bool = False,
) -> UUID:  # fmt: skip
    """The content key of an assertion, remembered: most of what events state was stated before."""
    made = content_id("assertion", f"{kind}:{src}:{dst}:{supports:d}{ends:d}", inferrer, source, stream, key)
    return uuid_of(made.bytes)


def month_key(kind: int, at: datetime) -> str:
    """The part of the content key that keeps the evidence of endable kinds per month."""
    return f"{at.year:04d}-{at.month:02d}" if kind in ENDABLE else ""


def merged(a: Assertion, b: Assertion) -> Assertion:
    """Two showings of the same assertion as one: least start, greatest last sight, the later one's evidence."""
    later, sooner = (a, b) if (a.last, _order(a)) >= (b.last, _order(b)) else (b, a)
    return structs.replace(
        later,
        confidence=max(a.confidence, b.confidence),
        valid_from=min(a.valid_from, b.valid_from),
        last_seen_at=max(a.last, b.last),
        seen=later.seen + sooner.seen,
    )


def _order(a: Assertion) -> str:
    return str(a.event_id or "")


class Belief(Struct, frozen=True):
    """The current row of an edge: what its assertions say together."""

    confidence: float
    valid_from: datetime
    valid_to: datetime | None
    earlier: tuple[Period, ...]
    last_seen_at: datetime
    support: int
    inferrer: str
    props: dict[str, Any]


@lru_cache(maxsize=4_096)
def log_odds(confidence: float) -> float:
    """ln(p / (1 - p))."""
    return math.log(confidence / (1.0 - confidence))


def probability(odds: float) -> float:
    """The inverse of `log_odds`."""
    return 1.0 / (1.0 + math.exp(-odds))


class Weighed(Struct, frozen=True):
    """What the assertions about one edge say, before edges beside it are looked at. `odds` are log-odds, capped."""

    supporting: list[Assertion]
    ends: list[Assertion]
    witnesses: dict[tuple[str, str], float]
    odds: float

    @property
    def is_believed(self) -> bool:
        """Does as much speak for the edge as against it, to the digits that are stored?"""
        return round(probability(self.odds), 4) >= BELIEVED

    @property
    def last(self) -> datetime:
        """When the edge was last seen."""
        return max([a.last for a in self.supporting])


def weigh(assertions: Iterable[Assertion]) -> Weighed | None:
    """Weigh live assertions, or None when none supports the edge.

    Log-odds of the surest assertion of each independent pair (inferrer, source) add up, those of contradictions
    subtract, and the sum is capped: naive Bayes with an even prior over conditionally independent witnesses. Of what
    people said the latest counts, and all others together are then taken for no surer than `_OUTVOTED`.
    """
    supporting: list[Assertion] = []
    ends: list[Assertion] = []
    reviews: list[Assertion] = []
    witnesses: dict[tuple[str, str], float] = {}
    against: dict[tuple[str, str], float] = {}
    for a in assertions:
        if a.inferrer == PERSON:
            reviews.append(a)
            continue
        if a.ends:
            ends.append(a)
            continue
        who, said = (a.inferrer, a.source), witnesses if a.supports else against
        if a.confidence > said.get(who, 0.0):
            said[who] = a.confidence
        if a.supports:
            supporting.append(a)
    odds = math.fsum(map(log_odds, witnesses.values())) - math.fsum(map(log_odds, against.values()))
    verdict = standing(reviews) if reviews else None
    if verdict is not None:
        odds = max(-_OUTVOTED, min(_OUTVOTED, odds))
        odds += log_odds(verdict.confidence) * (1 if verdict.supports else -1)
        if verdict.supports:
            supporting.append(verdict)
            witnesses[verdict.inferrer, verdict.source] = verdict.confidence
    if not supporting:
        return None
    return Weighed(supporting, ends, witnesses, max(-_CAP, min(_CAP, odds)))


def standing(reviews: Iterable[Assertion]) -> Assertion | None:
    """What people say about an edge now: the latest verdict nobody has taken back."""
    said = list(reviews)
    withdrawn = {str(a.detail.get("of")) for a in said if a.detail.get("verdict") == WITHDRAWN}
    held = [a for a in said if a.detail.get("verdict") != WITHDRAWN and str(a.event_id) not in withdrawn]
    return max(held, key=lambda a: (a.valid_from, _order(a), a.supports), default=None)


def fuse(assertions: Iterable[Assertion]) -> Belief | None:
    """Belief from live assertions about one edge alone, or None when none supports it or every period is empty."""
    weighed = weigh(assertions)
    return None if weighed is None else believed(weighed, weighed.odds)


def believed(w: Weighed, odds: float, rivals: Sequence[datetime] = ()) -> Belief | None:
    """The belief of a weighed edge: with the odds that are left to it, and ended wherever a rival was seen."""
    found = periods(w.supporting, w.ends, rivals)
    if not found:
        return None
    (inferrer, _), _ = min(w.witnesses.items(), key=lambda one: (-one[1], one[0]))
    start, end = found[-1]
    return Belief(
        confidence=round(probability(max(-_CAP, min(_CAP, odds))), 4),
        valid_from=start,
        valid_to=end,
        earlier=tuple(found[:-1]),
        last_seen_at=w.last,
        support=min(len(w.witnesses), 32_767),
        inferrer=inferrer,
        props={"seen": sum([a.seen for a in w.supporting])},
    )


def periods(
    supporting: Sequence[Assertion], ends: Sequence[Assertion], rivals: Sequence[datetime] = ()
) -> list[Period]:  # fmt: skip
    """The disjoint periods in which the edge was valid, oldest first.

    Evidence opens a period; the next end of its stream closes it, and so does the next sight of a rival (for all
    streams); evidence after that opens the next one. An assertion with an end of its own (`valid_to`) is valid as long
    as it says, if no rival comes first.
    """
    bounded = [(a.valid_from, a.valid_to) for a in supporting if a.valid_to is not None]
    if not ends and not bounded and not rivals:
        return [(min([a.valid_from for a in supporting]), None)]
    found: list[Period] = list(bounded)
    if rivals:
        found = [p for start, end in bounded for p in _cut([start], sorted({end, *rivals}))]
    streams: dict[str, list[datetime]] = defaultdict(list)
    for a in supporting:
        if a.valid_to is None:
            streams[a.stream] += [a.valid_from, a.last]
    for stream, points in streams.items():
        stops = {e.valid_from for e in ends if e.stream in ("", stream)}
        stops |= {e.last for e in ends if e.stream in ("", stream)}
        found += _cut(sorted(points), sorted(stops.union(rivals)))
    return _united(sorted(found, key=lambda p: p[0]))


def _cut(points: list[datetime], stops: list[datetime]) -> list[Period]:
    found: list[Period] = []
    at = 0
    for stop in stops:
        if at < len(points) and points[at] < stop:
            found.append((points[at], stop))
        while at < len(points) and points[at] <= stop:
            at += 1
    if at < len(points):
        found.append((points[at], None))
    return found


def _united(ordered: list[Period]) -> list[Period]:
    found: list[Period] = []
    for start, end in ordered:
        if end is not None and end <= start:
            continue
        if found and (found[-1][1] is None or start <= found[-1][1]):
            before = found[-1]
            found[-1] = (before[0], None if before[1] is None or end is None else max(before[1], end))
        else:
            found.append((start, end))
    return found


def decayed(confidence: float, kind: int, last_seen_at: datetime, at: datetime) -> float:
    """The confidence at a moment: log-odds halve with every half-life of the (core) kind that nothing renewed the edge."""
    return faded(confidence, HALF_LIFE_DAYS.get(kind), last_seen_at, at)


def faded(confidence: float, half_life: float | None, last_seen_at: datetime, at: datetime) -> float:
    """As `decayed`, with the half-life in days at hand (None: it does not fade)."""
    age = (at - last_seen_at).total_seconds() / 86_400
    if half_life is None or age <= 0:
        return confidence
    return probability(log_odds(confidence) * 0.5 ** (age / half_life))
