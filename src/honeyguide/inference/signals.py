"""From events to the facts judgements stand on: which subject an event speaks of, and what is kept of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide.core.ids import entity_id
from honeyguide.core.terms import CanonicalEvent
from honeyguide.inference.port import Fact

# Kind of event -> (kind of subject, the property that names it).
_SUBJECT = {
    "ticket.opened": ("ticket", "ticket"),
    "ticket.commented": ("ticket", "ticket"),
    "ticket.escalated": ("ticket", "ticket"),
    "ticket.solved": ("ticket", "ticket"),
    "ticket.rated": ("ticket", "ticket"),
    "ticket.reopened": ("ticket", "ticket"),
    "deal.won": ("deal", "deal"),
    "deal.lost": ("deal", "deal"),
    "subscription.started": ("subscription", "subscription"),
    "subscription.renewed": ("subscription", "subscription"),
    "subscription.expanded": ("subscription", "subscription"),
    "subscription.cancelled": ("subscription", "subscription"),
    "purchase.completed": ("order", "order"),
    "invoice.paid": ("invoice", "invoice"),
    "invoice.payment_failed": ("invoice", "invoice"),
}
# Text is kept up to here: enough for every quote, bounded for the database (offsets count from the beginning).
_LONGEST_TEXT = 8_000

# Words have a place of their own, and what an agent wrote is no evidence about the customer.
_NOT_KEPT = frozenset({"comment", "subject", "agent_text"})


class Signal(Struct, frozen=True):
    """A fact and the subject it belongs to."""

    subject: int
    subject_kind: str
    subject_key: str
    fact: Fact


def signals_of(events: Iterable[CanonicalEvent]) -> list[Signal]:
    """Every signal in the events, one per subject, event, kind and time (a record may tell its whole history at once);
    events that show nothing to judge give none.
    """
    found: dict[tuple[int, str, str, datetime], Signal] = {}
    for event in events:
        for signal in _of_event(event):
            found.setdefault((signal.subject, str(signal.fact.event_id), signal.fact.kind, signal.fact.at), signal)
    return list(found.values())


def _of_event(event: CanonicalEvent) -> list[Signal]:
    out: list[Signal] = []
    if event.kind in _SUBJECT:
        kind, name = _SUBJECT[event.kind]
        natural = event.props.get(name)
        if natural not in (None, ""):
            key = f"{event.source}:{natural}"
            out.append(Signal(entity_id(kind, key), kind, key, _fact(event, event.kind)))
    elif event.kind == "custom" and event.props.get("status") and event.props.get("ticket") not in (None, ""):
        # Whatever else a help desk tells of a ticket, its status then shows whether a solution held.
        key = f"{event.source}:{event.props['ticket']}"
        out.append(Signal(entity_id("ticket", key), "ticket", key, _fact(event, "ticket.status")))
    elif event.kind == "usage.milestone":
        milestone = _milestone(event)
        if milestone is not None:
            out.append(milestone)
    return out


def _milestone(event: CanonicalEvent) -> Signal | None:
    """A milestone belongs to whoever reached it: the person, else the company."""
    who = event.person or event.company
    product, milestone = str(event.props.get("product") or ""), str(event.props.get("milestone") or "")
    if who is None or not milestone:
        return None
    key = f"{who.id}/{product}/{milestone}"
    return Signal(entity_id("milestone", key), "milestone", key, _fact(event, event.kind))


def _fact(event: CanonicalEvent, kind: str) -> Fact:
    texts = {"text": event.text, "comment": event.props.get("comment"), "subject": event.props.get("subject")}
    props = {
        clean(k): clean(v) if isinstance(v, str) else v
        for k, v in event.props.items()
        if k not in _NOT_KEPT and _plain(v)
    }
    return Fact(
        event_id=event.event_id,
        kind=kind,
        at=event.at,
        source=event.source,
        ref=clean(event.ref),
        person=event.person.id if event.person else None,
        company=event.company.id if event.company else None,
        props=props,
        texts={name: clean(text) for name, text in texts.items() if isinstance(text, str) and text.strip()},
    )


def clean(text: str) -> str:
    """What the database can hold, of bounded length: no NUL, nothing but that changed."""
    return text[:_LONGEST_TEXT].replace("\x00", "\ufffd")


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) and len(str(value)) <= 500
