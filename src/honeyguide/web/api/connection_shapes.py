"""What the routes of connections take and answer."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from honeyguide.web.shapes import In, Out

Name = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00]*$")]
Answer = Annotated[str, StringConstraints(max_length=8_000, pattern=r"^[^\x00]*$")]
# Of the size of our own: HubSpot's has 43,000 characters.
Yaml = Annotated[str, StringConstraints(max_length=400_000, pattern=r"^[^\x00]*$")]
Answers = Annotated[dict[Annotated[str, StringConstraints(max_length=80)], Answer], Field(max_length=40)]
StreamName = Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\x00]*$")]


class QuestionOut(Out):
    """What the operator is asked when connecting."""

    name: str
    label: str
    required: bool
    secret: bool
    help: str
    default: str


class StreamChoice(Out):
    """A kind of record that can be synced; optional ones are not unless chosen."""

    name: str
    optional: bool


class ConnectorRow(Out):
    """A system that can be connected. `auth` oauth2 is authorised in the browser."""

    connector: str
    label: str
    about: str
    group: str
    config: list[QuestionOut]
    auth: str
    streams: list[StreamChoice]
    webhook: bool


class ConnectorsOut(Out):
    """Every system that can be connected."""

    rows: list[ConnectorRow]


class ProgressOut(Out):
    """How far the running (or last) pass is; the total where the vendor tells it."""

    done: int
    total: int | None


class StreamOut(Out):
    """A stream. `cursor`: everything up to there is known."""

    name: str
    state: Literal["off", "waiting", "syncing", "ok", "failing"]
    cursor: Any
    rows: int
    lane: str
    progress: ProgressOut
    problem: str
    advice: str
    last_sync_at: datetime | None
    next_due_at: datetime


class RunOut(Out):
    """One pass over a stream, and what it cost."""

    id: str
    stream: str
    lane: str
    started_at: datetime
    ended_at: datetime | None
    pages: int
    rows: int
    new: int
    duplicates: int
    dead: int
    requests: int
    bytes: int
    problem: str


class ConnectionOut(Out):
    """A connection. `secrets` names what is set. `hook_url` is for those who may change sources, where there are webhooks."""

    id: str
    connector: str
    label: str
    name: str
    config: dict[str, str]
    secrets: list[str]
    questions: list[QuestionOut]
    auth: str
    state: Literal["new", "ok", "failing", "paused", "needs_auth"]
    problem: str
    advice: str
    created_at: datetime
    last_sync_at: datetime | None
    streams: list[StreamOut]
    runs: list[RunOut]
    hook_url: str | None
    authorize_url: str | None


class NewConnection(In):
    """What to connect. `definition`: YAML of a connector that is not in the list. Without `start` it waits, paused, to be resumed."""

    connector: Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\x00]*$")] = ""
    name: Name
    config: Answers = Field(default_factory=dict)
    secrets: Answers = Field(default_factory=dict)
    streams: Annotated[list[StreamName], Field(max_length=100)] | None = None
    definition: Yaml | None = None
    start: bool = True


class ConnectionChange(In):
    """What to change; absent fields stay. Of the secrets only those given are replaced."""

    config: Answers | None = None
    secrets: Answers | None = None
    streams: Annotated[list[StreamName], Field(max_length=100)] | None = None


class SyncWanted(In):
    """Which stream (all when absent), and whether from its beginning."""

    stream: StreamName | None = None
    full: bool = False


class StreamTestOut(Out):
    """Whether a stream can be read."""

    name: str
    ok: bool
    problem: str
    advice: str
    records: int


class TestOut(Out):
    """What a test found."""

    ok: bool
    problem: str
    advice: str
    account: str
    streams: list[StreamTestOut]


class EventShown(Out):
    """An event a record would make."""

    kind: str
    name: str
    at: datetime
    ref: str
    person: Any
    company: Any
    props: dict[str, Any]
    text: str


class RecordShown(Out):
    """A record as the vendor gives it, and its events."""

    record: Any
    message_id: str
    events: list[EventShown]
    problem: str


class PreviewOut(Out):
    """Some records of a stream; nothing was written."""

    rows: list[RecordShown]
    problem: str
    advice: str
