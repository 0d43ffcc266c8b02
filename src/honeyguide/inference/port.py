"""The port of everything that infers an edge: rules and statistics now, models later, one shape for all.

An inferrer looks at one subject (a ticket, a person's titles) with everything that is known about it and answers
with its whole belief: every proposal, each with a closed label, known nodes, a probability and evidence. It never
writes. What it no longer proposes is retracted, so the result depends on the set of facts alone and never on the
order in which they came.

A model fits the same port: its probabilities become `confidence`, the spans it points at become `Quote`s, its price
goes into `cost_micros`, and abstaining is an empty list.
"""

from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec
from msgspec import Struct, field

Tier = Literal["rule", "statistic", "embedding", "local_model", "hosted_model", "person"]

# When two facts of one subject carry the same time, the life of a ticket or deal gives their order.
_RANK = {
    "ticket.opened": 0, "ticket.reopened": 0, "ticket.status": 0, "ticket.commented": 1, "ticket.escalated": 2,
    "ticket.solved": 3, "ticket.rated": 4,
    "deal.created": 0, "deal.stage_changed": 1, "deal.lost": 2, "deal.won": 3,
    "invoice.payment_failed": 0, "invoice.paid": 1,
    "subscription.cancelled": 1, "dispute.closed": 1,
}  # fmt: skip

_alike = msgspec.json.Encoder(order="deterministic")


class Fact(Struct, frozen=True):
    """What one event says about one subject. `texts` holds the untrusted words, by field name."""

    event_id: UUID
    kind: str
    at: datetime
    source: str
    ref: str
    person: int | None = None
    company: int | None = None
    props: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def order(self) -> tuple[datetime, int, UUID]:
        """Event time, then the place in the life of the subject, then the event id: total, and arrival plays no part."""
        return (self.at, _RANK.get(self.kind, 0), self.event_id)


class Subject(Struct, frozen=True):
    """Something an inferrer can judge: `id` is its node or record id, `facts` all that is known, in `Fact.order`."""

    id: int
    kind: str
    key: str
    facts: tuple[Fact, ...]

    @staticmethod
    def of(ident: int, kind: str, key: str, facts: list[Fact]) -> "Subject":
        """Build a subject from facts in any order; a fact that is there twice counts once.

        A source tells its history again with every version of a record: facts alike in all but their event are one.
        """
        once: dict[bytes, Fact] = {}
        for fact in sorted(facts, key=lambda f: f.event_id):
            once.setdefault(
                _alike.encode((fact.kind, fact.at, fact.source, fact.person, fact.company, fact.props, fact.texts)),
                fact,
            )
        return Subject(ident, kind, key, tuple(sorted(once.values(), key=Fact.order)))

    def text(self, event_id: UUID, name: str) -> str:
        """The source text a quote must be found in; empty when there is no such event or field."""
        return next((f.texts[name] for f in self.facts if f.event_id == event_id and name in f.texts), "")


class Quote(Struct, frozen=True):
    """Words of the source, verbatim: `texts[name][start:end] == words` in the fact of the proposal's event."""

    name: str
    start: int
    end: int
    words: str


class Proposal(Struct, frozen=True):
    """One edge somebody believes in (or disputes, `supports=False`), with the fact that shows it.

    `key` tells several statements about one edge apart and stays the same when one is made again; the event, unless
    given.
    """

    label: str
    src: int
    dst: int
    confidence: float
    fact: Fact
    supports: bool = True
    quote: Quote | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    last_seen_at: datetime | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    cost_micros: int = 0


class Author(Protocol):
    """Who signs a proposal. `kinds` are the labels it may use: a closed set."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def tier(self) -> Tier: ...
    @property
    def kinds(self) -> frozenset[str]: ...


class Inferrer(Author, Protocol):
    """What reads a subject and proposes edges."""

    @property
    def reads(self) -> str:
        """The kind of subject it judges: `ticket` or `title`."""
        ...

    def infer(self, subject: Subject) -> list[Proposal]:
        """Everything this inferrer believes about the subject; an empty list when it abstains."""
        ...


def signature(author: Author) -> str:
    """How assertions name their inferrer: `rule:titles`."""
    return f"{author.tier}:{author.name}"
