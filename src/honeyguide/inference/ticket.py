"""The state of a support ticket, from the set of its events."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide.inference.port import Fact, Subject

# Who asked for help: the opening event knows best, then the rating (only the requester rates), then the rest.
_REQUESTER_ORDER = ("ticket.opened", "ticket.rated", "ticket.solved", "ticket.escalated", "ticket.commented")
URGENT = frozenset({"urgent", "critical", "blocker", "p0", "p1", "sev0", "sev1", "highest", "emergency"})
HIGH = frozenset({"high", "p2", "sev2", "major"})


class Ticket(Struct, frozen=True):
    """What the events of one ticket add up to. `opened` is the first opening; `solved` the solution that
    stands (or stood last).
    """

    id: int
    key: str
    requester: int | None
    company: int | None
    opened: Fact | None
    solved: Fact | None
    reopened: Fact | None
    escalated: Fact | None
    rated: Fact | None
    score: int | None
    priority: str
    last: Fact

    @property
    def is_open(self) -> bool:
        """Whether somebody still waits: never solved, or something brought it back after the last solution."""
        if self.solved is None:
            return self.rated is None
        return self.reopened is not None and self.reopened.order() > self.solved.order()

    @property
    def hours(self) -> float | None:
        """Hours from the opening to the solution; None when one of them is unknown."""
        if self.opened is None or self.solved is None:
            return None
        return max(0.0, (self.solved.at - self.opened.at).total_seconds() / 3600)

    @property
    def since(self) -> datetime:
        """When it was opened, or first heard of."""
        return (self.opened or self.last).at

    @property
    def source_ref(self) -> str:
        """How a person names the ticket, e.g. `Zendesk #48211`."""
        return self.last.ref


def score_of(props: dict[str, Any]) -> int | None:
    """The rating from 1 to 5, or None when there is none or it is not on that scale."""
    raw = props.get("score")
    if raw is None or isinstance(raw, bool):
        return None
    try:
        score = float(raw)
    except (TypeError, ValueError):
        return None
    return round(score) if 1 <= score <= 5 else None


def read(subject: Subject) -> Ticket | None:
    """Fold the events of a ticket in their order; None when the subject has none."""
    facts = [f for f in subject.facts if f.kind.startswith("ticket.")]
    if not facts:
        return None
    opened = next((f for f in facts if f.kind == "ticket.opened"), None)
    solved = reopened = escalated = rated = None
    for fact in facts:
        if fact.kind == "ticket.solved":
            # Sources close what is solved days later; the solution is the first since it was last open.
            if solved is None or (reopened is not None and reopened.order() > solved.order()):
                solved = fact
        elif solved is not None and _reopens(fact):
            reopened = fact
        if fact.kind == "ticket.escalated":
            escalated = fact
        elif fact.kind == "ticket.rated" and score_of(fact.props) is not None:
            rated = fact
    return Ticket(
        id=subject.id,
        key=subject.key,
        requester=_requester(facts),
        company=next((f.company for f in facts if f.company is not None), None),
        opened=opened,
        solved=solved,
        reopened=reopened,
        escalated=escalated,
        rated=rated,
        score=score_of(rated.props) if rated else None,
        priority=_priority(facts),
        last=facts[-1],
    )


def _reopens(fact: Fact) -> bool:
    """Opened or escalated again, or shown as open by its source: the solution did not hold."""
    if fact.kind == "ticket.status":
        return str(fact.props.get("status", "")).casefold() in {"open", "new", "reopened"}
    return fact.kind in {"ticket.opened", "ticket.reopened", "ticket.escalated"}


def _requester(facts: list[Fact]) -> int | None:
    for kind in _REQUESTER_ORDER:
        for fact in facts:
            if fact.kind == kind and fact.person is not None:
                return fact.person
    return None


def _priority(facts: list[Fact]) -> str:
    """The last word on the priority, as urgent, high, normal or low; `normal` when nobody said."""
    raw = ""
    for fact in facts:
        raw = str(fact.props.get("priority") or raw).strip().lower()
    if raw in URGENT:
        return "urgent"
    if raw in HIGH:
        return "high"
    return "low" if raw in {"low", "p4", "minor", "lowest"} else "normal"
