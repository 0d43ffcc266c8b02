"""What bears on somebody's stage of the journey, as values."""

from datetime import datetime

from msgspec import Struct

from honeyguide.core.terms import Evidence
from honeyguide.graph.beliefs import EdgeKey


class Seen(Struct, frozen=True):
    """Something that happened: when, what it was (in words), and what shows it: a record, or an edge of the graph."""

    at: datetime
    what: str = ""
    evidence: Evidence | None = None
    edge: EdgeKey | None = None


class Facts(Struct, frozen=True):
    """What bears on the stage of one person at `now`; None where nothing says so.

    `since`: the first sign of being a customer. `contract`: when the standing contract began. `active`: the latest use or
    word of theirs; `uses`: use of the product was ever seen at all (without it silence says nothing).
    """

    now: datetime
    since: Seen | None = None
    contract: Seen | None = None
    cancelled: Seen | None = None
    renewed: Seen | None = None
    expanded: Seen | None = None
    referred: Seen | None = None
    value: Seen | None = None
    active: Seen | None = None
    uses: bool = False
