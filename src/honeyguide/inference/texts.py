"""The texts of a subject, each as an item to be asked about. What is put into an item depends on its own event only, so
that its answers are found again whatever was known when it was read.
"""

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct

from honeyguide.core.ids import content_id
from honeyguide.inference.contract import Item
from honeyguide.inference.port import Fact, Subject
from honeyguide.inference.ticket import read as read_ticket
from honeyguide.inference.ticket import score_of

# Kind of ticket event -> (kind of text, where the words stand, step).
_TICKET = {
    "ticket.opened": ("ticket", ("text", "subject"), "opened"),
    "ticket.commented": ("ticket", ("text",), "commented"),
    "ticket.rated": ("rating", ("comment", "text"), "rated"),
}
_STAFF = frozenset({"account_note.added", "meeting.held", "meeting.booked", "call.made"})
READ = frozenset({"ticket", "survey", "mail", "note"})


class Text(Struct, frozen=True):
    """One text: where it stands (`fact.texts[field]`), the item to be asked about, and whose words they are.

    `author`: the record of who wrote it, None for our own people. `about`: the record it is kept with.
    """

    subject: int
    fact: Fact
    field: str
    item: Item
    author: int | None
    about: int | None

    @property
    def id(self) -> UUID:
        """The same for the same words of the same event about the same subject."""
        return content_id(
            "reading", str(self.subject), str(self.fact.event_id), self.fact.kind, self.fact.at.isoformat(), self.field
        )

    @property
    def digest(self) -> UUID:
        """The key under which its answers are remembered. Names it may mean play no part: they are settled by code."""
        return UUID(bytes=self.item.digest())

    @property
    def others(self) -> tuple[int, ...]:
        """Further people the event names, a mail's receivers for example."""
        return tuple(int(i) for i in str(self.fact.props.get("others", "")).split(",") if i.isdigit())


def texts_of(subject: Subject) -> list[Text]:
    """Every text of the subject, in the order of its facts. Equal words of one person are one text."""
    if subject.kind not in READ:
        return []
    found = list(_of_ticket(subject) if subject.kind == "ticket" else _written(subject))
    return list({text.id: text for text in found}.values())


def _of_ticket(subject: Subject) -> Iterator[Text]:
    ticket = read_ticket(subject)
    if ticket is None:
        return
    for fact in subject.facts:
        kind, places, step = _TICKET.get(fact.kind, ("", (), ""))
        field = next((p for p in places if fact.texts.get(p, "").strip()), "")
        author = fact.person if fact.person is not None or step != "rated" else ticket.requester
        if not field or author is None:
            continue
        facts: dict[str, str | int] = {"step": step}
        if step == "rated" and (score := score_of(fact.props)) is not None:
            facts["score"] = score
        if field == "text" and fact.texts.get("subject", "").strip():
            facts["subject"] = fact.texts["subject"][:300]
        item = Item(text=fact.texts[field], kind=kind, author="customer", facts=facts)
        yield Text(subject.id, fact, field, item, author, ticket.requester)


def _written(subject: Subject) -> Iterator[Text]:
    for fact in subject.facts:
        field = next(iter(sorted(fact.texts)), "") if "subject" not in fact.texts else next(
            (f for f in sorted(fact.texts) if f != "subject"), ""
        )  # fmt: skip
        if not field or fact.person is None:
            continue
        staff = fact.kind in _STAFF
        facts: dict[str, str | int | float] = {}
        for name in ("score", "scale_max"):
            value = fact.props.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                facts[name] = value
        if isinstance(title := fact.props.get("title"), str) and title.strip():
            facts["subject"] = title[:300]
        item = Item(text=fact.texts[field], kind=subject.kind, author="staff" if staff else "customer", facts=facts)
        yield Text(subject.id, fact, field, item, None if staff else fact.person, fact.person)
