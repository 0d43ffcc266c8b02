"""What a source sends now, as it came and as we read it; and what a mapping would make of pasted rows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Row, Tx, cursors
from honeyguide.funnel import envelopes, hooks, live_tables, mappings
from honeyguide.funnel.decode import decode
from honeyguide.funnel.definitions import convert_definition
from honeyguide.funnel.events import Broken, NewEvent, Undecodable, event_id
from honeyguide.funnel.reading import PutAside, open_reader
from honeyguide.funnel.sources import Source

SHOWN = 50
LOOK_AT = 5_000
PREVIEW_ROWS = 50
_QUIET = timedelta(hours=1)


class LiveRow(Struct, frozen=True):
    """A row of the log, the events we read in it now, the mapping version that read it, and what was wrong with it."""

    seq: int
    event_id: UUID
    at: datetime
    received_at: datetime
    format: str
    kind: str
    message_id: str
    lane: str
    body: bytes
    events: list[CanonicalEvent]
    version: int | None
    problem: str


class Preview(Struct, frozen=True):
    """What pasted rows would become, and the first problem."""

    events: list[CanonicalEvent]
    problem: str = ""


async def live_rows(tx: Tx, source: Source, after: int = 0, limit: int = SHOWN) -> list[LiveRow]:
    """The newest rows of a source, newest first, beyond the sequence number `after`.

    Looks at the newest 5,000 rows of each lane, and for a source too quiet for that, at the hour of its last event.
    """
    rows = await live_tables.newest(tx, source.id, after, sorted(cursors.LANES), limit, LOOK_AT)
    if not rows and not after:
        last = await live_tables.last_accepted(tx, source.id)
        if last is not None:
            rows = await live_tables.received_between(tx, source.id, last - _QUIET, last + _QUIET, limit)
    if not rows:
        return []
    reader = await open_reader(tx)
    known = await mappings.readers(tx, source.id)
    kept = {r["event_id"]: f"{r['stage']}: {r['detail'] or r['reason']}" for r in await _problems(tx, rows)}
    found = []
    for row in rows:
        events, problem = _read(reader.events, row)
        version = known.version_of(row["lane"], int(row["xid"]), row["seq"])
        found.append(
            LiveRow(
                row["seq"], row["event_id"], row["event_time"], row["received_at"], row["format"], row["kind"],
                row["message_id"], cursors.LANES[row["lane"]], row["body"], events, version,
                kept.get(row["event_id"], problem),
            )
        )  # fmt: skip
    return found


async def _problems(tx: Tx, rows: Sequence[Row]) -> list[Row]:
    return await live_tables.problems(tx, [row["event_id"] for row in rows])


def _read(read: Any, row: Any) -> tuple[list[CanonicalEvent], str]:
    try:
        return read(row), ""
    except PutAside as e:
        return [], f"{e.stage}: {e.detail}"


def preview(source: Source, rows: Sequence[Any], definition: Any = None, stream: str = "") -> Preview:
    """The events of pasted rows (JSON values), by the source's own mapping or by `definition`. Writes nothing.

    With `stream`, the rows are records of that stream; else they are read as the source's door would. Raises BadInput
    on a definition that is none and on more than 50 rows.
    """
    if len(rows) > PREVIEW_ROWS:
        raise BadInput(f"A preview takes at most {PREVIEW_ROWS} rows.")
    if definition is not None:
        settings = {**source.settings, "definition": msgspec.to_builtins(convert_definition(definition))}
        source = msgspec.structs.replace(source, settings=settings)
    events: list[CanonicalEvent] = []
    problem = ""
    for row in rows:
        for one in _inputs(source, msgspec.json.encode(row), stream):
            try:
                events += _events(source, one)
            except Undecodable as e:
                problem = problem or str(e)
    return Preview(events, problem)


def _inputs(source: Source, body: bytes, stream: str) -> list[NewEvent | Broken]:
    now = clock.now()
    if stream:
        return [NewEvent("record", stream, "preview", body, now, now)]
    if source.kind in ("segment", "internal"):
        return envelopes.segment_batch(b'{"batch":[' + body + b"]}", now).inputs
    return hooks.heard(source, body, {}, now).inputs


def _events(source: Source, one: NewEvent | Broken) -> list[CanonicalEvent]:
    if isinstance(one, Broken):
        raise Undecodable(one.reason, one.detail)
    ident = event_id(source.workspace_id, source.id, one.message_id or "preview")
    return decode(
        {"event_id": ident, "kind": one.kind, "message_id": one.message_id, "event_time": one.event_time,
         "received_at": one.received_at, "body": one.body, "format": one.format}, source,
    )  # fmt: skip
