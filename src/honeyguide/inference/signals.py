"""From events to the facts judgements stand on: which subject an event speaks of, and what is kept of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct, structs

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
    "subscription.contracted": ("subscription", "subscription"),
    "subscription.paused": ("subscription", "subscription"),
    "subscription.resumed": ("subscription", "subscription"),
    "subscription.cancelled": ("subscription", "subscription"),
    "purchase.completed": ("order", "order"),
    "invoice.paid": ("invoice", "invoice"),
    "invoice.payment_failed": ("invoice", "invoice"),
    "dispute.opened": ("dispute", "dispute"),
    "dispute.closed": ("dispute", "dispute"),
}
# Kind of event whose words are read -> (kind of subject, the properties that may name it, where the words stand).
_WORDS = {
    "survey.answered": ("survey", ("survey",), ("comment", "text")),
    "sales_email.received": ("mail", ("email",), ("text",)),
    "form.submitted": ("mail", ("form",), ("text",)),
    "account_note.added": ("note", ("note",), ("agent_text", "text")),
    "meeting.held": ("note", ("meeting",), ("agent_text", "text")),
    "meeting.booked": ("note", ("meeting",), ("agent_text", "text")),
    "call.made": ("note", ("call",), ("agent_text", "text")),
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
    elif event.kind in _WORDS:
        return _written(event)
    elif event.kind == "custom" and event.props.get("status") and event.props.get("ticket") not in (None, ""):
        # Whatever else a help desk tells of a ticket, its status then shows whether a solution held.
        key = f"{event.source}:{event.props['ticket']}"
        out.append(Signal(entity_id("ticket", key), "ticket", key, _fact(event, "ticket.status")))
    elif event.kind == "churn.risk_raised" and (event.company or event.person):
        # A warning has no name of its own: it is about whoever may leave, and the last one stands.
        who = event.company or event.person
        key = f"{event.source}:{who.id if who else ''}"
        out.append(Signal(entity_id("risk", key), "risk", key, _fact(event, event.kind)))
    elif event.kind == "usage.milestone":
        milestone = _milestone(event)
        if milestone is not None:
            out.append(milestone)
    return out


def _written(event: CanonicalEvent) -> list[Signal]:
    """Words that are read: of a survey (whose score is kept without words, too), a mail, a note. Without a person they
    are about nobody, and nothing follows.

    One note about several people is read once per person: "she" is whoever it is kept with.
    """
    kind, names, places = _WORDS[event.kind]
    if event.person is None:
        return []
    given = {"text": event.text, **{p: event.props.get(p) for p in places if p != "text"}}
    place, words = next(((p, t) for p in places if isinstance(t := given[p], str) and t.strip()), ("", ""))
    if not place and (kind != "survey" or event.props.get("score") is None):
        return []
    natural = next((str(v) for n in names if (v := event.props.get(n)) not in (None, "")), "")
    key = f"{event.source}:{natural}/{event.person.id}/{event.message_id if kind in ('survey', 'mail') or not natural else ''}"
    others = sorted({str(o.id) for o in event.others if o.kind == "persona"})[:20]
    found = _fact(event, event.kind)
    props = found.props | ({"others": ",".join(others)} if others else {})
    fact = structs.replace(found, props=props, texts={place: clean(words)} if place else {})
    return [Signal(entity_id(kind, key), kind, key, fact)]


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
