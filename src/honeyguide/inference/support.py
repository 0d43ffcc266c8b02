"""Successful support resolution: `resolved_for`, from a ticket to the person it helped (or to their company).

Each ground stands as an assertion of its own, for or against, so belief is the sum of what speaks for it and
against it, and taking one ground away (a rating withdrawn, a merge undone) leaves the rest untouched.
"""

from honeyguide.inference import ticket as tickets
from honeyguide.inference.port import Fact, Proposal, Quote, Subject, Tier
from honeyguide.inference.ticket import Ticket

# Without a rating, an answer counts as fast within these hours of the opening.
FAST_HOURS = {"urgent": 8.0, "high": 24.0, "normal": 48.0, "low": 72.0}


class Support:
    """Rules over ticket states and ratings; no word of the text counts, only the quote of the comment is kept."""

    name = "support"
    version = "1"
    tier: Tier = "rule"
    kinds = frozenset({"resolved_for"})
    reads = "ticket"

    def infer(self, subject: Subject) -> list[Proposal]:
        """For: solved and rated 4 or 5, or solved fast and left alone. Against: rated 1 or 2, reopened, escalated."""
        ticket = tickets.read(subject)
        if ticket is None:
            return []
        whom = ticket.requester if ticket.requester is not None else ticket.company
        if whom is None:
            return []
        return [_proposal(ticket, whom, *ground) for ground in _grounds(ticket)]


def _grounds(t: Ticket) -> list[tuple[str, Fact, float, bool]]:
    """(ground, the fact that shows it, confidence, supports)."""
    out: list[tuple[str, Fact, float, bool]] = []
    if t.rated is not None and t.score is not None:
        if t.score >= 4 and t.solved is not None:
            out.append(("rated", t.rated, 0.95 if t.score == 5 else 0.88, True))
        elif t.score <= 2:
            out.append(("rated", t.rated, 0.93 if t.score == 1 else 0.88, False))
    if t.reopened is not None:
        out.append(("reopened", t.reopened, 0.75, False))
    if t.escalated is not None:
        out.append(("escalated", t.escalated, 0.7, False))
    if t.rated is None and t.reopened is None and t.escalated is None and t.solved is not None:
        hours = t.hours
        if hours is not None and hours <= FAST_HOURS[t.priority]:
            out.append(("fast", t.solved, 0.62, True))
    return out


def _proposal(t: Ticket, whom: int, ground: str, fact: Fact, confidence: float, supports: bool) -> Proposal:
    start = t.solved.at if t.solved is not None and supports else fact.at
    return Proposal(
        label="resolved_for",
        src=t.id,
        dst=whom,
        confidence=confidence,
        fact=fact,
        supports=supports,
        quote=_comment(fact) if ground == "rated" else None,
        valid_from=start,
        last_seen_at=fact.at,
        detail=_detail(t, ground),
        key=f"{fact.event_id}/{ground}",
    )


def _detail(t: Ticket, ground: str) -> dict[str, str | int | float]:
    """What a person needs to follow the ground: which event said solved, which rating, how long it took."""
    detail: dict[str, str | int | float] = {"ground": ground, "priority": t.priority}
    if t.score is not None and ground == "rated":
        detail["score"] = t.score
    if t.solved is not None:
        detail["solved_event"] = str(t.solved.event_id)
        detail["solved_at"] = t.solved.at.isoformat()
    if t.hours is not None:
        detail["hours"] = round(t.hours, 1)
    return detail


def _comment(fact: Fact) -> Quote | None:
    """The whole rating comment, with its place in the source (outer blanks left out)."""
    text = fact.texts.get("comment", "")
    words = text.strip()
    if not words:
        return None
    start = text.index(words)
    return Quote("comment", start, start + len(words), words)
