"""What the routes about sources answer and take."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from honeyguide import funnel
from honeyguide.web.shapes import In, Out

_PLAIN = r"^[^\x00]*$"


class Cost(Out):
    """What the last 30 days of a source weighed."""

    events: int
    bytes: int


class ConnectionBrief(Out):
    """What of a source's connection a glance needs; the whole of it is under /api/connections."""

    state: str
    problem: str
    advice: str
    last_sync_at: datetime | None


class SourceRow(Out):
    """A source. `lag`: rows of the log not yet read by the slowest consumer (counted up to 10,000 in all).

    `dead_letter` were set aside at the door, ever; `open_letters` wait now, wherever they stopped.
    `state` with its `reason`: waiting, ok, late, failing or paused. `connector`: the definition it is read by, or null. `connection`: of those we fetch.
    `money`: what its word about deals, payments, refunds and disputes is worth; `server_only`: its key stands in no page.
    """

    id: str
    kind: str
    name: str
    key_prefix: str
    created_at: datetime
    last_event_at: datetime | None
    state: str
    reason: str
    connector: str | None
    connection: ConnectionBrief | None
    accepted: int
    duplicate: int
    mismatch: int
    dead_letter: int
    refused: int
    open_letters: int
    lag: int
    cost: Cost
    server_only: bool
    money: str


class SourcesOut(Out):
    """Every source."""

    rows: list[SourceRow]


class DayOut(Out):
    """What came of a source's inputs on one day."""

    day: date
    accepted: int
    duplicate: int
    mismatch: int
    dead_letter: int
    refused: int


class VersionOut(Out):
    """A mapping version: since when, and how many rows of the log it has read."""

    version: int
    digest: str
    at: datetime
    rows: int


class RuleOut(Out):
    """What events of a kind or name must bring."""

    kind: str
    name: str
    required: list[str]
    types: dict[str, str]


class ViolationOut(Out):
    """How often the plan was broken in one way."""

    rule: str
    property: str
    problem: str
    n: int
    first_seen_at: datetime
    last_seen_at: datetime
    sample_event_id: str


class PlanOut(Out):
    """A tracking plan; `violations`: how often events broke it since it was set."""

    mode: str
    events: list[RuleOut]
    violations: int
    broken: list[ViolationOut]
    updated_at: datetime | None
    updated_by: str


class SourceDetail(SourceRow):
    """A source with its last 30 days, its plan, and its mapping versions."""

    days: list[DayOut]
    plan: PlanOut
    mapping_versions: list[VersionOut]


class SourceMade(Out):
    """A new source. The key is shown this once."""

    id: str
    key: str
    hook_url: str
    snippet: str


class KeyOut(Out):
    """A new key, shown this once."""

    key: str
    hook_url: str
    snippet: str


class SourceIn(In):
    """A source to make. `secret`: the sender's signing secret, for webhooks. `server_only`: its key stands in no page, so
    what it tells of deals, payments, refunds and disputes is believed.
    """

    kind: Annotated[str, Field(max_length=40, pattern=_PLAIN)]
    name: Annotated[str, Field(max_length=80, pattern=_PLAIN)]
    secret: Annotated[str, Field(max_length=500, pattern=_PLAIN)] | None = None
    server_only: bool = False


class TrustIn(In):
    """Whether a source's key lives on servers only, so that what it tells of money is believed."""

    server_only: bool


class RuleIn(In):
    """What events of a kind (ours) or a name (the sender's) must bring."""

    kind: Annotated[str, Field(max_length=200, pattern=_PLAIN)] = ""
    name: Annotated[str, Field(max_length=200, pattern=_PLAIN)] = ""
    required: Annotated[list[str], Field(default_factory=list, max_length=200)]
    types: Annotated[dict[str, funnel.PropertyType], Field(default_factory=dict)]


class PlanIn(In):
    """A tracking plan."""

    mode: Literal["off", "warn", "quarantine"]
    events: Annotated[list[RuleIn], Field(default_factory=list, max_length=500)]


class PreviewIn(In):
    """Rows to read: JSON values in `rows`, or text in `body` (one JSON value, or one a line).

    `definition` reads them instead of the source's own; with `stream` they are records of that stream.
    """

    rows: Annotated[list[Any], Field(max_length=50)] | None = None
    body: Annotated[str, Field(max_length=500_000)] | None = None
    definition: dict[str, Any] | None = None
    stream: Annotated[str, Field(max_length=100, pattern=_PLAIN)] = ""


class EventOut(Out):
    """An event as we read it: `person` and `company` with their source, id, identifiers and traits."""

    kind: str
    name: str
    at: datetime
    ref: str
    person: dict[str, Any] | None
    company: dict[str, Any] | None
    props: dict[str, Any]
    text: str


class PreviewOut(Out):
    """What the rows become, and the first problem."""

    events: list[EventOut]
    problem: str


class LiveOut(Out):
    """A row of the log as it came (the first 4,000 characters), and as we read it."""

    seq: int
    event_id: str
    at: datetime
    received_at: datetime
    format: str
    kind: str
    message_id: str
    lane: str
    body: str
    events: list[EventOut]
    version: int | None
    problem: str


class LiveRows(Out):
    """The newest rows, newest first; `next` is the `after` of the following poll."""

    rows: list[LiveOut]
    next: int


class PathOut(Out):
    """A key path and the JSON types seen at it."""

    path: str
    types: list[str]


class ShapeOut(Out):
    """One shape of what a source sends."""

    kind: str
    fingerprint: str
    paths: list[PathOut]
    first_seen_at: datetime
    last_seen_at: datetime
    n: int
    sample_event_id: str
    new: bool


class CatalogueOut(Out):
    """The shapes of a source by kind, the newest first."""

    rows: list[ShapeOut]
