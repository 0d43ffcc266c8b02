"""What was looked up about people: the role and the manager an enricher told, each with its source and licence.

An answer of an enricher is an event of the source `enrichment`. It is one subject of its own, so a later answer does not
silence an earlier one: beliefs fuse and fade like any other. Nobody is surer of it than the enricher said it was.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import structs

from honeyguide.core import normalise
from honeyguide.core.ids import entity_id
from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.inference.guard import THRESHOLD
from honeyguide.inference.port import Fact, Proposal, Tier
from honeyguide.inference.title_seen import subject_of, titles_seen
from honeyguide.inference.titles import Titles

SOURCE = "enrichment"  # the name of enrichment's source in the log
MANAGER = "manager_email"


class LookedUp:
    """Signs what an enricher told of a person."""

    name = "looked_up"
    version = "1"
    tier: Tier = "rule"
    kinds = frozenset({"holds_role", "reports_to"})


LOOKED_UP = LookedUp()
_TITLES = Titles()


def subject_id(event: CanonicalEvent) -> int:
    """What the beliefs of one answer are kept under."""
    return entity_id("looked_up", str(event.event_id))


def answers(events: Iterable[CanonicalEvent]) -> list[CanonicalEvent]:
    """The events among these that are an enricher's answer about a person."""
    return [e for e in events if e.source == SOURCE and e.person is not None and e.props.get("findings")]


def proposals(event: CanonicalEvent) -> list[Proposal]:
    """The role and the manager an answer tells; nothing from findings that are none."""
    found = {f["field"]: f for f in _findings(event)}
    return [*_role(event, found.get("title")), *_manager(event, found.get(MANAGER))]


def _findings(event: CanonicalEvent) -> list[dict[str, Any]]:
    said = event.props.get("findings")
    return (
        [f for f in said if isinstance(f, dict) and isinstance(f.get("field"), str)] if isinstance(said, list) else []
    )


def _sure(finding: dict[str, Any]) -> float:
    said = finding.get("confidence")
    return float(said) if isinstance(said, int | float) and 0 < said < 1 else 0.0


def _about(finding: dict[str, Any]) -> dict[str, str]:
    return {"told_by": str(finding.get("source", ""))[:200], "licence": str(finding.get("licence", ""))[:200]}


def _role(event: CanonicalEvent, finding: dict[str, Any] | None) -> Sequence[Proposal]:
    if finding is None or event.person is None:
        return ()
    told = structs.replace(event, others=(), company=None)
    seen = [s for s in titles_seen([told]) if s.record == event.person.id]
    made = _TITLES.infer(subject_of(event.person.id, seen))
    return [
        structs.replace(p, confidence=min(p.confidence, _sure(finding)), detail=p.detail | _about(finding))
        for p in made
        if min(p.confidence, _sure(finding)) >= THRESHOLD["holds_role"]
    ]


def _manager(event: CanonicalEvent, finding: dict[str, Any] | None) -> Sequence[Proposal]:
    chief = manager_of(event)
    if finding is None or event.person is None or chief is None or chief.id == event.person.id:
        return ()
    if _sure(finding) < THRESHOLD["reports_to"]:
        return ()
    fact = Fact(event.event_id, event.kind, event.at, event.source, event.ref, person=event.person.id)
    return [Proposal("reports_to", event.person.id, chief.id, _sure(finding), fact, detail=_about(finding))]


def manager_of(event: CanonicalEvent) -> RecordRef | None:
    """The record of the manager an answer names, if it names one."""
    for finding in _findings(event):
        address = normalise.email(str(finding.get("value", ""))) if finding["field"] == MANAGER else None
        if address is not None:
            return next((r for r in event.others if any(i.value == address for i in r.identifiers)), None)
    return None
