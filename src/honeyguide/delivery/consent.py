"""Who said what about being written to: pure rules over consent rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.core.ids import content_id
from honeyguide.core.terms import CanonicalEvent, RecordRef

CHANNELS = ("email", "inapp")
GRANTED, WITHDRAWN = "granted", "withdrawn"
_TRAIT = "trait:"


class ConsentRow(Struct, frozen=True):
    """One statement. `address` is an e-mail address, or `record:<id>` when the source knew none.

    `source` tells how it was said: `trait:<source>` for a field copied from a system of record, `event:<source>`
    for an act of the person reported by a source, `unsubscribe` for our own unsubscribe page.
    """

    id: UUID
    address: str
    channel: str
    state: str
    source: str
    event_id: UUID | None
    at: datetime

    @property
    def explicit(self) -> bool:
        """Said by the person, rather than copied from a field."""
        return not self.source.startswith(_TRAIT)


def record_address(record_id: int) -> str:
    """The address a record's consent is kept under while no e-mail address is known."""
    return f"record:{record_id}"


def consents_in(event: CanonicalEvent) -> list[ConsentRow]:
    """The consent statements an event carries: the trait `consent_email`, or a `consent.changed` event."""
    person = event.person
    if person is None:
        return []
    if event.kind == "consent.changed":
        channel, state = event.props.get("channel"), event.props.get("state")
        if channel not in CHANNELS or state not in (GRANTED, WITHDRAWN):
            return []
        source = f"event:{event.source}"
    else:
        said = person.traits.get("consent_email")
        if not isinstance(said, bool):
            return []
        channel, state, source = "email", GRANTED if said else WITHDRAWN, f"{_TRAIT}{event.source}"
    return [
        ConsentRow(
            id=content_id("consent", event.event_id.bytes, address, channel, source),
            address=address,
            channel=channel,
            state=state,
            source=source,
            event_id=event.event_id,
            at=event.at,
        )
        for address in _addresses(person)
    ]


def _addresses(person: RecordRef) -> list[str]:
    found = {i.value for i in person.identifiers if i.ns == "email"}
    email = person.traits.get("email")
    if not found and isinstance(email, str) and "@" in email:
        found.add(email.strip().lower())
    return sorted(found) or [record_address(person.id)]


def current_state(rows: Iterable[ConsentRow]) -> str | None:
    """What holds now for one channel of one person: granted, withdrawn, or None when nobody ever said.

    The latest statement by time wins, and at the same instant the withdrawal. One exception keeps people safe from
    nightly synchronisation: a withdrawal the person made themselves yields only to a later grant the person made
    themselves, never to a field that still says yes.
    """
    ordered = sorted(rows, key=_rank)
    if not ordered:
        return None
    spoken = [row for row in ordered if row.explicit]
    if spoken and spoken[-1].state == WITHDRAWN:
        return WITHDRAWN
    return ordered[-1].state


def _rank(row: ConsentRow) -> tuple[datetime, bool, bool, bytes]:
    return row.at, row.state == WITHDRAWN, row.explicit, row.id.bytes


def may_write(rows: Sequence[ConsentRow], channel: str) -> str | None:
    """None when the person may be written to on this channel, else the reason in plain words.

    An in-app message needs less than an e-mail: consent to e-mail covers it unless in-app was refused.
    """
    state = current_state(row for row in rows if row.channel == channel)
    if state is None and channel == "inapp":
        state = current_state(row for row in rows if row.channel == "email")
    if state == GRANTED:
        return None
    word = "e-mail" if channel == "email" else "in-app messages"
    if state == WITHDRAWN:
        return f"This person has withdrawn consent to {word}."
    return f"No consent to {word} is on record for this person."
