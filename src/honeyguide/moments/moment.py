"""A moment: somebody is delighted, for a known reason and for a limited time."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide.core.ids import content_id
from honeyguide.core.terms import Evidence
from honeyguide.inference import Fact

VERSION = "2"  # of the detectors; a change here is a change of what they notice


class Moment(Struct, frozen=True):
    """`record` is the person's record, or the company's when no person is known. `strength` is in (0, 1].

    `subject` is what the moment was read from: when the subject no longer shows it, the moment goes.
    """

    id: UUID
    kind: str
    subject: int
    record: int
    company: int | None
    strength: float
    title: str
    occurred_at: datetime
    window_ends_at: datetime
    half_life_hours: float
    event_id: UUID
    evidence: tuple[Evidence, ...]


def make(
    kind: str, trigger: str, *, subject: int, record: int, company: int | None, strength: float, title: str,
    fact: Fact, hours: float, evidence: list[Evidence], occurred_at: datetime | None = None,
) -> Moment:  # fmt: skip
    """Build a moment. `trigger` names what set it off, so deriving it again gives the same id.

    `hours` is the window at full strength: half of it is certain, the rest grows with the strength. Delight halves
    four times within the window.
    """
    strength = round(min(1.0, max(0.05, strength)), 3)
    window = hours * (0.5 + strength / 2)
    at = occurred_at or fact.at
    return Moment(
        id=content_id("moment", kind, str(record), trigger),
        kind=kind,
        subject=subject,
        record=record,
        company=company,
        strength=strength,
        title=title,
        occurred_at=at,
        window_ends_at=at + timedelta(hours=window),
        half_life_hours=round(window / 4, 2),
        event_id=fact.event_id,
        evidence=tuple(evidence),
    )


def evidence_of(fact: Fact, inferrer: str, confidence: float, quote: str = "") -> Evidence:
    """A fact as evidence: the source's own name of the record, and its words when it has any."""
    return Evidence(
        fact.source, fact.ref, quote, inferrer, round(confidence, 3), str(fact.event_id), fact.at.isoformat()
    )


def spoken(slug: str) -> str:
    """A product or plan for people: a bare slug gets its capitals (`route-planning` -> `Route Planning`)."""
    if slug != slug.lower():
        return slug
    return " ".join(word[:1].upper() + word[1:] for word in slug.replace("-", " ").replace("_", " ").split())


def plain(evidence: tuple[Evidence, ...]) -> list[dict[str, Any]]:
    """Evidence as the database and the web carry it."""
    built: list[dict[str, Any]] = msgspec.to_builtins(list(evidence))
    return built


def fade(strength: float, half_life_hours: float, since: datetime, now: datetime) -> float:
    """What is left of the strength at `now`: strength x 2^(-hours / half-life), and all of it before `since`."""
    hours = max(0.0, (now - since).total_seconds() / 3600)
    return float(strength * 0.5 ** (hours / half_life_hours))
