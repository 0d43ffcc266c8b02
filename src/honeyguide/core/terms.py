"""The values stages hand to each other. Frozen, no behaviour beyond their own identity."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, field

from honeyguide.core.ids import entity_id


class Identifier(Struct, frozen=True):
    """A normalised value that points at a person or company, e.g. `email` / `ana@example.com`.

    `strong` identifiers join records on their own; weak ones (device, phone) only where nothing speaks against it.
    """

    ns: str
    value: str
    strong: bool = True


class RecordRef(Struct, frozen=True):
    """A person or company as one source knows it."""

    kind: str
    source: str
    ext_id: str
    identifiers: tuple[Identifier, ...] = ()
    traits: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The record's id: the same for the same (kind, source, ext_id) everywhere and always."""
        return entity_id(self.kind, self.source, self.ext_id)


class CanonicalEvent(Struct, frozen=True):
    """One event in our vocabulary (docs/reference/events.md), decoded from one row of the log.

    `moves_money`: whoever told it holds a secret, so what it says of deals and payments counts as money.
    """

    event_id: UUID
    workspace_id: int
    source_id: int
    source: str
    message_id: str
    kind: str
    name: str
    at: datetime
    received_at: datetime
    ref: str
    person: RecordRef | None = None
    company: RecordRef | None = None
    others: tuple[RecordRef, ...] = ()
    props: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    moves_money: bool = True

    def records(self) -> tuple[RecordRef, ...]:
        """Every record the event speaks of."""
        person, company = self.person, self.company
        if person is None:
            return self.others if company is None else (company, *self.others)
        return (person, *self.others) if company is None else (person, company, *self.others)


class Evidence(Struct, frozen=True):
    """Why we believe something: the source's own record, and who inferred what from it."""

    source: str
    record: str
    quote: str
    inferrer: str
    confidence: float
    event_id: str = ""
    at: str = ""
