"""The port: what an enricher is given, and what it may say."""

from typing import Any, Literal, Protocol

from msgspec import Struct, field

Kind = Literal["persona", "company"]


class Known(Struct, frozen=True):
    """What a record says about itself: the input of an enricher. Empty where it says nothing."""

    email: str = ""
    domain: str = ""
    phone: str = ""
    title: str = ""
    name: str = ""
    traits: dict[str, Any] = field(default_factory=dict)


class Finding(Struct, frozen=True):
    """One field somebody knows: its value, how sure they are (0 to 1), who says so, and under which licence."""

    field: str
    value: str | int | float | bool
    confidence: float
    source: str
    licence: str


class Enricher(Protocol):
    """The port. `name` names it for ever: it is part of the ids of the events its answers become."""

    @property
    def name(self) -> str: ...

    async def enrich(self, kind: Kind, known: Known) -> list[Finding]:
        """What is known about a record; empty for nothing. The same input gives the same answer while it is fresh.

        Raises Unavailable when a later try may succeed: the record is then tried again. Never raises for odd input.
        """
        ...
