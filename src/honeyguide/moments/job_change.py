"""job_change: somebody who stood up for us has moved to another company.

People are entered twice, firms are renamed, and one system is slow to hear: a change counts only when the old job is over
(somebody said so, or it was never seen again), the new one lasted for more than one mention, and the two firms are not one.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from msgspec import Struct

from honeyguide.core.ids import entity_id
from honeyguide.core.terms import Evidence
from honeyguide.inference import Fact
from honeyguide.moments.moment import Moment, make

KIND = "job_change"
INFERRER = "rule:job_change@1"
HOURS = 1440.0
# What makes somebody a champion, and how strong the moment then is, times the belief.
GROUNDS = {"champion_of": 0.85, "referred": 0.8, "power_user_of": 0.65, "praised": 0.6}
_WORDS = {
    "champion_of": "champion", "referred": "advocate", "power_user_of": "power user", "praised": "somebody who praised us",
}  # fmt: skip
_LATE = timedelta(days=60)  # how late a source may tell that the old job is over
_LASTING = timedelta(days=14)
_BACK = timedelta(days=90)  # back at the old firm within this: it was never left
_FORMS = re.compile(
    r"\b(gmbh|ag|se|kg|inc|incorporated|llc|ltd|limited|plc|sa|sas|sarl|bv|nv|spa|srl|oy|ab|as|aps|co|corp|corporation|company|group|gruppe|holding|the)\b"
)


class Sighting(Struct, frozen=True):
    """One statement that a person works (`ends`: no longer works) at a company; `company` is the entity it is now.

    `related`: companies of the same house (its parent and its daughters).
    """

    record: int
    company: int
    company_record: int
    name: str
    domain: str
    first: datetime
    last: datetime
    seen: int
    ends: bool
    source: str
    ref: str
    event_id: UUID
    related: frozenset[int] = frozenset()


class Ground(Struct, frozen=True):
    """An edge that shows a champion, since when, and how sure we are of it."""

    kind: str
    since: datetime
    confidence: float
    source: str
    ref: str
    quote: str
    inferrer: str
    event_id: UUID


class _Job(Struct, frozen=True):
    company: int
    sightings: tuple[Sighting, ...]
    first: datetime
    last: datetime
    ended: Sighting | None


def subject_of(record: int) -> int:
    """What the moments of one record's changes of job hang on."""
    return entity_id("career", str(record))


def of_career(sightings: Iterable[Sighting], grounds: Sequence[Ground]) -> list[Moment]:
    """The changes of job of one person, from everything said about where they work and what they did for us."""
    jobs = _jobs(sightings)
    found = []
    for old, new in pairwise(jobs):
        ground = _best([g for g in grounds if g.since < new.first])
        if ground is not None and _left(old, new) and _lasts(old, new, jobs) and not _one_firm(old, new):
            found.append(_moment(old, new, ground))
    return found


def _jobs(sightings: Iterable[Sighting]) -> list[_Job]:
    by_firm: dict[int, list[Sighting]] = {}
    for one in sorted(sightings, key=lambda s: (s.first, s.event_id, s.company_record)):
        by_firm.setdefault(one.company, []).append(one)
    jobs = []
    for firm, seen in by_firm.items():
        there = [s for s in seen if not s.ends]
        if there:
            ends = max((s for s in seen if s.ends), key=lambda s: (s.first, s.event_id), default=None)
            jobs.append(_Job(firm, tuple(there), min(s.first for s in there), max(s.last for s in there), ends))
    return sorted(jobs, key=lambda j: (j.first, j.company))


def _left(old: _Job, new: _Job) -> bool:
    """Whether the old job was over when the new one was there: told, or never seen again."""
    if old.ended is not None and old.ended.first >= old.last:
        return old.ended.first <= new.first + _LATE
    return old.last <= new.first


def _lasts(old: _Job, new: _Job, jobs: Sequence[_Job]) -> bool:
    """Whether the new job is more than one mention, not over at once, and not one of several at the same time."""
    told = old.ended is not None and old.ended.first >= old.last
    again = new.last - new.first >= _LASTING or len({s.source for s in new.sightings}) > 1
    if new.ended is not None and new.ended.first - new.first < _BACK:
        return False
    if old.last > new.first and old.ended is None:
        return False
    meanwhile = any(j.company not in (old.company, new.company) and j.first <= new.first < j.last for j in jobs)
    return (told or again) and not meanwhile


def _one_firm(old: _Job, new: _Job) -> bool:
    """Whether the two companies are one: of one house, or alike in name or domain."""
    a, b = old.sightings[-1], new.sightings[-1]
    if new.company in a.related or old.company in b.related or a.related & b.related:
        return True
    one, two = _bare(a.name), _bare(b.name)
    if one and two and (one == two or _begins(one, two) or _begins(two, one)):
        return True
    stems = {_stem(a.domain), _stem(b.domain)} - {""}
    return len(stems) == 1 and bool(a.domain) and bool(b.domain)


def _bare(name: str) -> str:
    """A firm's name without legal form, punctuation and case."""
    return " ".join(_FORMS.sub(" ", re.sub(r"[^\w\s]", " ", name.casefold())).split())


def _begins(short: str, long: str) -> bool:
    return len(short) >= 4 and long.startswith(short + " ")


def _stem(domain: str) -> str:
    """The part of a domain that names the firm: `acme` of `mail.acme.co.uk`."""
    parts = [p for p in domain.casefold().split(".") if p]
    if len(parts) >= 3 and len(parts[-1]) == 2 and parts[-2] in {"co", "com", "org", "ac", "gov", "net"}:
        return parts[-3]
    return parts[-2] if len(parts) >= 2 else ""


def _best(grounds: Sequence[Ground]) -> Ground | None:
    known = [g for g in grounds if g.kind in GROUNDS]
    return max(known, key=lambda g: (GROUNDS[g.kind] * g.confidence, g.since, g.event_id), default=None)


def _moment(old: _Job, new: _Job, ground: Ground) -> Moment:
    first = min(new.sightings, key=lambda s: (s.first, s.event_id))
    told = old.ended if old.ended is not None and old.ended.first >= old.last else None
    record = first.record
    shown = [_evidence(first), *([_evidence(told)] if told else [])]
    return make(
        KIND, f"joined:{first.company_record}:{first.first:%Y-%m-%d}", subject=subject_of(record), record=record,
        company=first.company_record, strength=GROUNDS[ground.kind] * ground.confidence, hours=HOURS,
        title=f"Moved from {old.sightings[-1].name[:60] or 'a customer'} to {first.name[:60] or 'another company'}, "
        f"{_WORDS[ground.kind]} before",
        fact=Fact(first.event_id, "job_change", first.first, first.source, first.ref),
        evidence=[
            *shown,
            Evidence(
                ground.source, ground.ref, ground.quote, ground.inferrer, round(ground.confidence, 3),
                str(ground.event_id), ground.since.isoformat(),
            ),
        ],
    )  # fmt: skip


def _evidence(s: Sighting) -> Evidence:
    return Evidence(s.source, s.ref, "", INFERRER, 0.85, str(s.event_id), s.first.isoformat())
