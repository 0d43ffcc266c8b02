"""Trying a connection: does it answer, are we let in, what would its records become. Nothing is written.

`preview` reads records the way a sync does and decodes them the way the log's readers do.
"""

from contextlib import aclosing
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from honeyguide.connectors.port import Ask
from honeyguide.connectors.problems import VendorProblem
from honeyguide.connectors.registry import transport_of
from honeyguide.connectors.session import Session, session_of
from honeyguide.core import clock
from honeyguide.core.errors import HoneyguideError, NotFound
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database
from honeyguide.funnel import connections
from honeyguide.funnel.connections import Connection
from honeyguide.funnel.decode import decode
from honeyguide.funnel.definitions import StreamSpec
from honeyguide.funnel.events import Broken, Undecodable, event_id
from honeyguide.funnel.records import record_event
from honeyguide.funnel.sources import Source, load_sources
from honeyguide.settings import Settings

PAGES_TRIED = 5


class StreamTest(Struct, frozen=True):
    """Whether one stream can be read."""

    name: str
    ok: bool
    problem: str = ""
    advice: str = ""
    records: int = 0


class Tested(Struct, frozen=True):
    """What a test found. `account` is what answered."""

    ok: bool
    problem: str = ""
    advice: str = ""
    account: str = ""
    streams: list[StreamTest] = msgspec.field(default_factory=list)


class Shown(Struct, frozen=True):
    """A record and the events the definition makes of it."""

    record: Any
    message_id: str
    events: list[CanonicalEvent]
    problem: str = ""


class Preview(Struct, frozen=True):
    """Some records of a stream."""

    rows: list[Shown]
    problem: str = ""
    advice: str = ""


class Prober:
    """Tests and previews of connections, for the web and the command line."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db, self._settings = db, settings

    async def test(self, connection: Connection) -> Tested:
        """Reach it, sign in, and read one record of each stream that is chosen."""
        source = await self._source(connection)
        try:
            definition = connections.definition_with(source)
            async with session_of(self._db, connection, definition, self._settings) as session:
                return await tested(session, connection.streams)
        except HoneyguideError as e:
            return Tested(False, _sentence(e), e.advice)

    async def preview(self, connection: Connection, stream: str = "", n: int = 5) -> Preview:
        """The first records of a stream (of the first chosen one), with the events they would make. Raises NotFound."""
        source = await self._source(connection)
        definition = connections.definition_with(source)
        name = stream or next(
            (s for s in definition.streams if s in connection.streams), next(iter(definition.streams), "")
        )
        if name not in definition.streams:
            raise NotFound(f"{definition.label} has no stream {name!r}.", f"It has: {', '.join(definition.streams)}.")
        try:
            async with session_of(self._db, connection, definition, self._settings) as session:
                return Preview(shown(source, name, definition.streams[name], await some(session, name, n), clock.now()))
        except HoneyguideError as e:
            return Preview([], _sentence(e), e.advice)

    async def _source(self, connection: Connection) -> Source:
        async with self._db.tx(connection.workspace_id) as tx:
            found = (await load_sources(tx)).get(connection.source_id)
        if found is None:
            raise NotFound(f"The source of {connection.name} has just been removed.")
        return found


async def tested(session: Session, streams: list[str]) -> Tested:
    """The test of a session: stops at the first problem that concerns every stream."""
    chosen = {name: spec for name, spec in session.definition.streams.items() if name in streams}
    account, results = "", list[StreamTest]()
    for kind in {id(t): t for t in map(transport_of, chosen.values())}.values():
        try:
            account = await kind.reach(session)
        except HoneyguideError as e:
            return Tested(False, _sentence(e), e.advice)
    for name in chosen:
        try:
            records = await some(session, name, 1)
            results.append(StreamTest(name, True, records=len(records)))
        except HoneyguideError as e:
            if isinstance(e, VendorProblem) and (e.needs_auth or e.code in ("unreachable", "no_such_host", "not_json")):
                return Tested(False, _sentence(e), e.advice, account, results)
            if (
                isinstance(e, VendorProblem)
                and e.code == "breaker_open"
                and (failed := [r for r in results if not r.ok])
            ):
                # It fails whatever is asked: the first failure tells why, the same pause for every further stream nothing.
                return Tested(False, failed[0].problem, failed[0].advice, account, results)
            results.append(StreamTest(name, False, _sentence(e), e.advice))
    bad = [r for r in results if not r.ok]
    return Tested(not bad, bad[0].problem if bad else "", bad[0].advice if bad else "", account, results)


async def some(session: Session, name: str, n: int) -> list[bytes]:
    """The first `n` records of a stream; a few pages are tried, since the first may be empty."""
    spec, found = session.definition.streams[name], list[bytes]()
    async with aclosing(transport_of(spec).pages(session, Ask(name, spec, limit=n))) as pages:  # type: ignore[type-var]
        tried = 0
        async for page in pages:
            found += page.records
            tried += 1
            if len(found) >= n or tried >= PAGES_TRIED:
                break
    return found[:n]


def shown(source: Source, name: str, spec: StreamSpec, records: list[bytes], now: datetime) -> list[Shown]:
    """What each record becomes, exactly as it would be logged and read."""
    rows = []
    for body in records:
        event = record_event(name, spec, body, now)
        record = _json(body)
        if isinstance(event, Broken):
            rows.append(Shown(record, "", [], f"{event.reason}: {event.detail}"))
            continue
        row = {
            "event_id": event_id(source.workspace_id, source.id, event.message_id), "format": event.format,
            "kind": event.kind, "message_id": event.message_id, "event_time": event.event_time,
            "received_at": event.received_at, "body": event.body,
        }  # fmt: skip
        try:
            rows.append(Shown(record, event.message_id, decode(row, source)))
        except Undecodable as e:
            rows.append(Shown(record, event.message_id, [], f"{e.reason}: {e.detail}"))
    return rows


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return body[:2_000].decode(errors="replace")


def _sentence(e: HoneyguideError) -> str:
    return f"{e.title} {e.detail}".strip()
