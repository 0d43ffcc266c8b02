"""What arrives (NewEvent), what became of it (Outcome), and how our own stages write to the log (own_event)."""

import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide.core.ids import content_id
from honeyguide.core.terms import RecordRef
from honeyguide.db import uuid_of

MESSAGE_ID_MAX = 256
NAME_MAX = 200
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_encoder = msgspec.json.Encoder()
_blake = hashlib.blake2b


class Lane(StrEnum):
    """Live events come first, then what a flooding subject overflows with, then what a file or a back-fill brings."""

    LIVE = "live"
    HISTORICAL = "historical"
    OVERFLOW = "overflow"

    @property
    def code(self) -> int:
        """The lane as the log stores it."""
        return _LANE_CODES[self]


_LANE_CODES = {Lane.LIVE: 0, Lane.HISTORICAL: 1, Lane.OVERFLOW: 2}


class Verdict(StrEnum):
    """Where an input ended. Every input ends in exactly one; the counters of a source add up to its inputs."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    MISMATCH = "mismatch"
    DEAD_LETTER = "dead_letter"
    REFUSED = "refused"


class Undecodable(Exception):
    """A row of the log that cannot be read as an event: `reason` is a short code, `detail` a sentence."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


class NewEvent(Struct, frozen=True, gc=False):
    """One payload on its way into the log. `body` is kept byte for byte; the rest is what the log is ordered by.

    `format` names the decoder (segment, stripe, zendesk, import, canonical, webhook), `kind` the payload's own
    type. `message_id` empty: an id is derived from the body, the second of arrival and `position` in its request.
    `versioned`: the id names one version of a record, which every way of asking writes a little differently (a page
    of a list, a webhook), so another body under it is the same event again and no misuse of the id.
    `subject`: whom the sender calls it by, as it stands there; only to see who sends too much, it is not stored.
    """

    format: str
    kind: str
    message_id: str
    body: bytes
    received_at: datetime
    event_time: datetime
    sent_at: datetime | None = None
    lane: Lane = Lane.LIVE
    position: int = 0
    versioned: bool = False
    subject: str = ""


class Broken(Struct, frozen=True, gc=False):
    """A payload that cannot enter the log: it goes to the dead letters with its reason and its bytes."""

    reason: str
    detail: str
    body: bytes
    received_at: datetime
    stage: str = "ingest"


class Outcome(Struct, frozen=True, gc=False):
    """What became of one NewEvent (or Broken): the verdict, and its id in the log where it has one."""

    verdict: Verdict
    event_id: UUID | None = None
    message_id: str = ""
    reason: str = ""


def body_hash(body: bytes) -> bytes:
    """The 16-byte digest that tells a repeated payload from another one under the same id."""
    return _blake(body, digest_size=16).digest()


def derived_message_id(event: NewEvent) -> str:
    """An id for a payload that brought none: the same bytes again within the same second are the same event."""
    second = str(int(event.received_at.timestamp()))
    return f"derived:{content_id(event.body, second, str(event.position)).hex}"


def plain_message_id(value: str) -> str:
    """The id as given, or its digest when it is longer than 256 characters or cannot be stored as text."""
    if len(value) <= MESSAGE_ID_MAX and "\x00" not in value:
        return value
    return f"digest:{content_id(value).hex}"


def plain_name(value: str) -> str:
    """A kind or name short enough to index and free of NUL, which PostgreSQL's text cannot hold."""
    return value if len(value) <= NAME_MAX and "\x00" not in value else value.replace("\x00", "")[:NAME_MAX]


def event_id(workspace_id: int, source_id: int, message_id: str) -> UUID:
    """The id of an event: a digest of who sent it and how they call it, so a retry has the same id.

    The same value as `content_id` of the three.
    """
    return uuid_of(event_digest(id_prefix(workspace_id, source_id), message_id))


def id_prefix(workspace_id: int, source_id: int) -> bytes:
    """What the ids of one source's events are made of before their message id."""
    return f"{workspace_id}\x1f{source_id}\x1f".encode()


def event_digest(prefix: bytes, message_id: str) -> bytes:
    """The 16 bytes of an `event_id`, for a source whose `id_prefix` is at hand."""
    known = message_id.encode() if message_id.isascii() else message_id.encode("utf-8", "surrogatepass")
    return _blake(prefix + known, digest_size=16).digest()


def corrected_time(timestamp: datetime | None, sent_at: datetime | None, received_at: datetime) -> datetime:
    """When it happened on our clock: `timestamp - (sent_at - received_at)`, never in the future.

    The difference between sending and receiving is taken for the sender's clock error (Segment's rule).
    Times without a zone are UTC; before 1970 counts as a broken clock and becomes the time of receipt.
    """
    if timestamp is None:
        return received_at
    try:
        at = _aware(timestamp)
        if sent_at is not None:
            at -= _aware(sent_at) - received_at
    except OverflowError:
        return received_at
    return at if _EARLIEST <= at <= received_at else received_at


def _aware(at: datetime) -> datetime:
    zone = at.tzinfo
    return at if zone is UTC else at.replace(tzinfo=UTC) if zone is None else at.astimezone(UTC)


def own_event(
    message_id: str,
    kind: str,
    at: datetime,
    *,
    received_at: datetime | None = None,
    name: str = "",
    ref: str = "",
    person: RecordRef | None = None,
    company: RecordRef | None = None,
    others: tuple[RecordRef, ...] = (),
    props: dict[str, Any] | None = None,
    text: str = "",
) -> NewEvent:
    """An event in our own vocabulary, for stages that write to the log (sign-up) and for tests.

    `message_id` is its business key, e.g. `signup:<referral id>`: the same key twice is one event.
    """
    body = {
        "kind": kind, "at": at, "name": name or kind, "ref": ref, "person": person, "company": company,
        "others": others, "props": props or {}, "text": text,
    }  # fmt: skip
    return NewEvent(
        format="canonical", kind=kind, message_id=message_id, body=_encoder.encode(body),
        received_at=received_at or at, event_time=at,
    )  # fmt: skip
