"""A record of a stream on its way into the log: the same bytes, id and time whether it was pulled or came by webhook."""

import re
from datetime import datetime
from typing import Any

import msgspec

from honeyguide.funnel.decode.fields import instant
from honeyguide.funnel.definitions import StreamSpec, message_id, path
from honeyguide.funnel.events import Broken, Lane, NewEvent, corrected_time

RECORD_BYTES = 1_000_000
STAGE = "sync"
_PLAIN = re.compile(r"@|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_JSON_PROBLEMS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_anything = msgspec.json.Decoder()
_raw_objects = msgspec.json.Decoder(dict[str, msgspec.Raw])
_raw_lists = msgspec.json.Decoder(list[msgspec.Raw])


def record_event(
    name: str, stream: StreamSpec, body: bytes, received_at: datetime, lane: Lane = Lane.LIVE
) -> NewEvent | Broken:
    """One record as a row of the log (format `record`); Broken, with the reason, when it cannot be one."""
    if len(body) > RECORD_BYTES:
        detail = f"A record of {name} has {len(body):,} bytes; {RECORD_BYTES:,} are allowed."
        return Broken("too_large", detail, body[:RECORD_BYTES], received_at, STAGE)
    try:
        record = _anything.decode(body)
    except _JSON_PROBLEMS as e:
        return Broken("not_json", f"A record of {name}: {e}", body, received_at, STAGE)
    if not isinstance(record, dict):
        kind = type(record).__name__
        return Broken("not_an_object", f"A record of {name} is a JSON {kind}, not an object.", body, received_at, STAGE)
    ident = message_id(name, stream, record)
    at = corrected_time(_time_of(stream, record), None, received_at)
    return NewEvent("record", name, ident, body, received_at, at, lane=lane, versioned=True)


def _time_of(stream: StreamSpec, record: dict[str, Any]) -> datetime | None:
    for where in (stream.version, stream.cursor.field if stream.cursor else ""):
        value = path(where)(record) if where else None
        if not isinstance(value, dict | list) and (found := instant(value)) is not None:
            return found
    return None


def pieces(body: bytes, where: str) -> list[bytes] | None:
    """The records at a path of a JSON body: a list's elements, or the one thing there. None when nothing is there.

    Behind a plain path the bytes are those of the sender; behind any other they are written anew. Raises ValueError
    when the body is no JSON.
    """
    try:
        if _PLAIN.fullmatch(where or "@"):
            return _split(_walk(body, where))
        found = path(where)(_anything.decode(body))
    except _JSON_PROBLEMS as e:
        raise ValueError(str(e)) from e
    if found is None:
        return None
    return [msgspec.json.encode(one) for one in found] if isinstance(found, list) else [msgspec.json.encode(found)]


def _walk(body: bytes, where: str) -> bytes | None:
    for name in where.split(".") if where not in ("", "@") else ():
        if body.lstrip()[:1] != b"{":
            return None
        raw = _raw_objects.decode(body).get(name)
        if raw is None:
            return None
        body = bytes(raw)
    return body


def _split(body: bytes | None) -> list[bytes] | None:
    if body is None or body.strip() == b"null":
        return None
    if body.lstrip()[:1] == b"[":
        return [bytes(raw) for raw in _raw_lists.decode(body)]
    _anything.decode(body)  # a lone value must at least be JSON
    return [body]


def with_children(body: bytes, children: dict[str, list[bytes]]) -> bytes:
    """A record with the answers of its sub-requests under their names; all else stays byte for byte."""
    own = _raw_objects.decode(body)
    for name, found in children.items():
        own[name] = msgspec.Raw(b"[" + b",".join(found) + b"]")
    return msgspec.json.encode(own)


def tombstone(stream: StreamSpec, ext_id: str) -> bytes:
    """The record of one that is no longer listed: its id, and what the stream says of deleted ones."""
    made: dict[str, Any] = {"_gone": True}
    for where, value in ((stream.id, ext_id), (stream.deleted, True)):
        if not where or not _PLAIN.fullmatch(where) or where == "@":
            continue
        inner = made
        *outer, last = where.split(".")
        for name in outer:
            inner = inner.setdefault(name, {})
        inner[last] = value
    return msgspec.json.encode(made)
