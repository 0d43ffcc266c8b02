"""The titles a person was seen with, from the traits of their records: first and last sight per title and month."""

from collections.abc import Iterable
from datetime import UTC, date
from uuid import UUID

from msgspec import Struct

from honeyguide.core.ids import content_id
from honeyguide.core.terms import CanonicalEvent
from honeyguide.inference.port import Fact, Subject
from honeyguide.inference.signals import clean


class TitleSeen(Struct, frozen=True):
    """One title of one record in one calendar month (UTC): the facts that saw it first and last."""

    record: int
    title: str
    month: date
    first: Fact
    last: Fact

    @property
    def title_id(self) -> UUID:
        """The title as a key of fixed size."""
        return content_id(self.title)


def titles_seen(events: Iterable[CanonicalEvent]) -> list[TitleSeen]:
    """Every title in the traits of the events' persons, sorted by key."""
    found: dict[tuple[int, str, date], TitleSeen] = {}
    for event in events:
        for record in event.records():
            title = record.traits.get("title") if record.kind == "persona" else None
            if not isinstance(title, str) or not title.strip():
                continue
            text = clean(title)
            fact = title_fact(record.id, text, event)
            month = event.at.astimezone(UTC).date().replace(day=1)
            key = (record.id, text, month)
            seen = found.get(key)
            first, last = (fact, fact) if seen is None else (seen.first, seen.last)
            found[key] = TitleSeen(
                record.id, text, month, min(first, fact, key=Fact.order), max(last, fact, key=Fact.order)
            )
    return [found[key] for key in sorted(found)]


def title_fact(record: int, title: str, event: CanonicalEvent) -> Fact:
    """The fact that a person was seen with a title."""
    return Fact(event.event_id, "title", event.at, event.source, event.ref, person=record, texts={"title": title})


def subject_of(record: int, seen: Iterable[TitleSeen]) -> Subject:
    """A person's titles as a subject to judge."""
    return Subject.of(record, "title", str(record), [fact for one in seen for fact in (one.first, one.last)])
