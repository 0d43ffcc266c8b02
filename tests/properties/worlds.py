"""Random worlds of canonical events: few people, companies and values, so that everything collides."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from honeyguide.core.ids import content_id
from honeyguide.core.terms import CanonicalEvent, Identifier, RecordRef

START = datetime(2026, 1, 1, tzinfo=UTC)
SOURCES = ("hubspot", "zendesk", "stripe", "product")
_KINDS = (
    "persona.identified", "company.identified", "persona.departed", "feature.used", "usage.milestone", "trial.started",
    "deal.created", "deal.stage_changed", "deal.won", "deal.lost", "subscription.started", "subscription.renewed",
    "subscription.cancelled", "invoice.paid", "purchase.completed", "ticket.opened", "ticket.escalated",
    "ticket.solved", "ticket.rated", "survey.answered", "signup.completed", "records.merged", "custom",
)  # fmt: skip


def event(
    n: int, kind: str, at: datetime, person: RecordRef | None = None, company: RecordRef | None = None, **more: Any
) -> CanonicalEvent:
    """The n-th event of a test, with ids that depend on n only."""
    source = more.pop("source", person.source if person else company.source if company else "product")
    others = more.pop("others", ())
    return CanonicalEvent(
        event_id=content_id("test", str(n)), workspace_id=1, source_id=1, source=source, message_id=f"m{n}", kind=kind,
        name=kind, at=at, received_at=at, ref=f"{source} #{n}", person=person, company=company, others=others,
        props=more,
    )  # fmt: skip


def persona(source: str, ext_id: str, *identifiers: Identifier, **traits: Any) -> RecordRef:
    return RecordRef("persona", source, ext_id, identifiers, traits)


def company(source: str, ext_id: str, *identifiers: Identifier, **traits: Any) -> RecordRef:
    return RecordRef("company", source, ext_id, identifiers, traits)


def email(address: str) -> Identifier:
    return Identifier("email", address)


def phone(number: str) -> Identifier:
    return Identifier("phone", number, strong=False)


def device(value: str) -> Identifier:
    return Identifier("anonymous:product", value, strong=False)


def domain(value: str) -> Identifier:
    return Identifier("domain", value)


def random_world(seed: int, size: int = 60) -> list[CanonicalEvent]:
    """A small world in which records of several sources share addresses, phones, devices and companies."""
    rng = random.Random(seed)
    return [_random_event(rng, n) for n in range(size)]


def _random_person(rng: random.Random) -> RecordRef:
    source, number = rng.choice(SOURCES), rng.randrange(6)
    identifiers = []
    if rng.random() < 0.6:
        identifiers.append(email(rng.choice([f"p{number}@acme.io", f"p{rng.randrange(6)}@beta.io", "info@acme.io"])))
    if rng.random() < 0.4:
        identifiers.append(phone(f"+4930123450{rng.randrange(3)}"))
    if rng.random() < 0.3:
        identifiers.append(device(f"d{rng.randrange(4)}"))
    ext_id = f"anon:d{rng.randrange(4)}" if rng.random() < 0.2 else str(number)
    traits = {k: f"{k}{rng.randrange(4)}" for k in ("name", "title", "phone") if rng.random() < 0.4}
    return RecordRef("persona", source, ext_id, tuple(identifiers), traits)


def _random_company(rng: random.Random) -> RecordRef:
    number = rng.randrange(4)
    identifiers = [domain(f"c{number}.io")] if rng.random() < 0.6 else []
    if rng.random() < 0.5:
        identifiers.append(Identifier("company_name", f"company {rng.randrange(3)}", strong=False))
    return RecordRef("company", rng.choice(SOURCES), str(number), tuple(identifiers), {"name": f"Company {number}"})


def _random_event(rng: random.Random, n: int) -> CanonicalEvent:
    kind = rng.choice(_KINDS)
    person = _random_person(rng) if rng.random() < 0.8 else None
    firm = _random_company(rng) if rng.random() < 0.6 else None
    others: tuple[RecordRef, ...] = ()
    if kind in {"records.merged", "signup.completed"}:
        person = person or _random_person(rng)
        others = (_random_person(rng),)
    at = START + timedelta(days=rng.randrange(120), hours=rng.randrange(3))
    props: dict[str, Any] = {
        "product": rng.choice(["crm", "desk"]), "feature": rng.choice(["reports", "api"]), "milestone": "100 seats",
        "value": 100, "deal": f"D{rng.randrange(3)}", "name": "Deal", "stage": rng.choice(["new", "demo"]),
        "amount_minor": rng.randrange(5) * 1000, "currency": "EUR", "ticket": f"T{rng.randrange(3)}",
        "subject": "Help", "priority": "high", "score": rng.randrange(1, 6), "scale_max": 10, "survey": "nps",
        "subscription": f"S{rng.randrange(2)}", "plan": "pro", "seats": 10, "invoice": f"I{rng.randrange(2)}",
        "order": f"O{rng.randrange(2)}", "owner": rng.choice(["olga", None]), "reason": "price",
    }  # fmt: skip
    if kind.startswith("subscription") and rng.random() < 0.3:
        del props["product"]
    return event(n, kind, at, person, firm, others=others, source=rng.choice(SOURCES), **props)


def batches(events: Sequence[CanonicalEvent], rng: random.Random) -> list[list[CanonicalEvent]]:
    """The events in random order, cut into random batches."""
    order = list(events)
    rng.shuffle(order)
    cut: list[list[CanonicalEvent]] = []
    while order:
        n = rng.choice([1, 2, 5, 20, 60])
        cut.append(order[:n])
        order = order[n:]
    return cut
