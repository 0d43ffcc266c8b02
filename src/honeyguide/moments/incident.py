"""What forbids asking anybody of a company: an open escalation, an urgent ticket, a bad rating, an unpaid invoice; signs
of leaving are in `churn`.
"""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from honeyguide.inference import Fact, Subject, Ticket, read_ticket
from honeyguide.moments.voice import survey_score

# A bad rating hurts this long; an open case nobody has spoken of for longer is taken for forgotten by the source.
_RATING_DAYS = 30
_OPEN_DAYS = 120
_INVOICE_DAYS = 90
_BITTER = 0.3  # a survey's score up to here, as a share of its scale, is no mood but a grievance


class Incident(Struct, frozen=True):
    """One reason not to ask. `reason` is a sentence for people and names the record that shows it."""

    subject: int
    kind: str
    record: int | None
    company: int | None
    reason: str
    source: str
    ref: str
    event_id: UUID
    since: datetime
    ends_at: datetime


def of_ticket(subject: Subject) -> Incident | None:
    """The gravest thing about a ticket: escalated and open, urgent and open, or rated 1 or 2 of late."""
    ticket = read_ticket(subject)
    if ticket is None:
        return None
    if ticket.is_open:
        ends = ticket.last.at + timedelta(days=_OPEN_DAYS)
        if ticket.escalated is not None:
            return _about(ticket, "escalated", "is escalated and still open", ticket.escalated, ends)
        if ticket.priority == "urgent":
            return _about(ticket, "urgent", "is urgent and still open", ticket.opened or ticket.last, ends)
    if ticket.rated is not None and ticket.score is not None and ticket.score <= 2:
        ends = ticket.rated.at + timedelta(days=_RATING_DAYS)
        return _about(ticket, "low_rating", f"was rated {ticket.score}/5", ticket.rated, ends)
    return None


def _about(ticket: Ticket, kind: str, what: str, fact: Fact, ends_at: datetime) -> Incident:
    return Incident(
        subject=ticket.id,
        kind=kind,
        record=ticket.requester,
        company=ticket.company,
        reason=f"{fact.ref} {what} (since {fact.at:%Y-%m-%d}).",
        source=fact.source,
        ref=fact.ref,
        event_id=fact.event_id,
        since=fact.at,
        ends_at=ends_at,
    )


def of_invoice(subject: Subject) -> Incident | None:
    """A payment that failed and was not made good since."""
    facts = [f for f in subject.facts if f.kind.startswith("invoice.")]
    if not facts or facts[-1].kind != "invoice.payment_failed":
        return None
    last = facts[-1]
    paid = [i for i, f in enumerate(facts) if f.kind == "invoice.paid"]
    first = facts[paid[-1] + 1] if paid else facts[0]
    return Incident(
        subject=subject.id,
        kind="unpaid_invoice",
        record=last.person,
        company=next((f.company for f in facts if f.company is not None), None),
        reason=f"{last.ref}: the payment failed and the invoice is unpaid (since {first.at:%Y-%m-%d}).",
        source=last.source,
        ref=last.ref,
        event_id=last.event_id,
        since=first.at,
        ends_at=last.at + timedelta(days=_INVOICE_DAYS),
    )


def of_survey(subject: Subject) -> Incident | None:
    """The answer of somebody who is bitterly unhappy."""
    last = subject.facts[-1]
    score = survey_score(last)
    if score is None or score.share > _BITTER:
        return None
    return Incident(
        subject=subject.id,
        kind="low_score",
        record=last.person,
        company=last.company,
        reason=f"{last.ref}: scored {score.score:g}/{score.top:g} (on {last.at:%Y-%m-%d}).",
        source=last.source,
        ref=last.ref,
        event_id=last.event_id,
        since=last.at,
        ends_at=last.at + timedelta(days=_RATING_DAYS),
    )
