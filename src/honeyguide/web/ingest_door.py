"""The door events come through: raw ASGI, no framework, answers only after the commit.

`POST /v1/{identify,track,page,screen,group,alias,batch,import}` in Segment's format (write key as basic-auth
name or `writeKey` in the body) and `POST /hooks/{token}` for signed webhooks. A 2xx means durable.
"""

import base64
import binascii
import re
import time
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime
from typing import Any

import msgspec

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Forbidden, HoneyguideError, NotFound, TooLarge, Unauthenticated
from honeyguide.core.ids import new_id
from honeyguide.db import Database
from honeyguide.funnel import (
    Broken,
    Committer,
    NewEvent,
    Outcome,
    Source,
    connections,
    envelopes,
    hooks,
    signatures,
    source_of_key,
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

KEY_TTL_S = 10.0
_KEYS_MAX = 10_000
_PATH = re.compile(r"/v1/(identify|track|page|screen|group|alias|batch|import|[itpsgab])/?")
_HOOK = re.compile(r"/hooks/([^/]+)/?")
_CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-type, content-encoding"),
    (b"access-control-max-age", b"86400"),
]
_NEEDED = frozenset({b"authorization", b"content-length", b"content-encoding"})
_OK_BODY = b'{"success":true}'
_OK_START: Message = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(_OK_BODY)).encode()),
        (b"access-control-allow-origin", b"*"),
    ],
}
_OK_END: Message = {"type": "http.response.body", "body": _OK_BODY}


class _Gone(Exception):
    """The caller closed the connection before the body was complete."""


class IngestDoor:
    """An ASGI application for the paths it `handles`; the rest of the web goes elsewhere.

    `base_url` is the public address (for schemes that sign the URL); empty takes it from the request.
    """

    def __init__(self, db: Database, committer: Committer, base_url: str = "") -> None:
        self._db = db
        self._committer = committer
        self._base_url = base_url.rstrip("/")
        self._known: dict[str, tuple[float, Source]] = {}

    def handles(self, path: str) -> bool:
        """Whether a path belongs to this door."""
        return _PATH.fullmatch(path) is not None or _HOOK.fullmatch(path) is not None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        try:
            if scope["method"] == "OPTIONS":
                await _answer(send, 204, b"", _CORS)
            elif scope["method"] != "POST":
                await _answer(send, 405, b"", [(b"allow", b"POST, OPTIONS")])
            else:
                await self._post(scope, receive, send)
        except HoneyguideError as e:
            await _answer_problem(send, e)
        except _Gone:
            return

    async def _post(self, scope: Message, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        found = _PATH.fullmatch(path)
        if found is not None:
            headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"] if k in _NEEDED}
            source, inputs = await self._segment(found[1], headers, receive)
        elif (hook := _HOOK.fullmatch(path)) is not None:
            headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
            source, inputs = await self._hook(hook[1], scope, headers, receive)
        else:
            raise NotFound("There is nothing at this address.")
        outcomes = await self._write(source, inputs)
        query: bytes = scope.get("query_string", b"")
        if b"verbose=1" in query:
            await _answer(send, 200, _verbose(outcomes), [(b"content-type", b"application/json"), _CORS[0]])
        else:
            await send(_OK_START)
            await send(_OK_END)

    async def _write(self, source: Source, inputs: list[NewEvent | Broken]) -> list[Outcome]:
        return await self._committer.submit(source, inputs) if inputs else []

    async def _segment(
        self, call: str, headers: dict[str, str], receive: Receive
    ) -> tuple[Source, list[NewEvent | Broken]]:
        batch = call in envelopes.BATCHES
        given = headers.get("authorization", "")
        source = await self._signed_in(given) if given else None
        try:
            body = await _body(receive, headers, envelopes.BATCH_BYTES if batch else envelopes.ITEM_BYTES)
            parsed = _parse(call, body, clock.now())
        except HoneyguideError:
            if source is not None:
                self._committer.refuse(source)
            raise
        if source is None:
            source = await self._source(parsed.write_key)
        self._refuse_paused(source)
        return source, parsed.inputs

    async def _hook(
        self, token: str, scope: Message, headers: dict[str, str], receive: Receive
    ) -> tuple[Source, list[NewEvent | Broken]]:
        try:
            source = await self._source(token)
        except Unauthenticated as e:
            raise NotFound("There is no webhook at this address.", advice="Copy it again from the source.") from e
        try:
            body = await _body(receive, headers, envelopes.HOOK_BYTES)
            if source.secret:
                request = signatures.SignedRequest(headers, body, scope["method"], self._url(scope, headers))
                hooks.verified(source, request, clock.now())
        except HoneyguideError:
            self._committer.refuse(source)
            raise
        self._refuse_paused(source)
        heard = hooks.heard(source, body, headers, clock.now())
        if heard.refetch:
            async with self._db.tx(source.workspace_id) as tx:
                await connections.ask_refetch(tx, source.id, heard.refetch)
        return source, heard.inputs

    def _refuse_paused(self, source: Source) -> None:
        if source.paused_at is not None:
            self._committer.refuse(source)
            raise Forbidden(f"The source {source.name} is paused.", advice="Resume it in the console.", code="paused")

    async def _signed_in(self, header: str) -> Source:
        """The source of an authorization header, remembered under the header itself."""
        known = self._known.get(header)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        source = await self._source(_basic_name(header))
        self._remember(header, source)
        return source

    def _remember(self, name: str, source: Source) -> None:
        if len(self._known) >= _KEYS_MAX:
            self._known.clear()
        self._known[name] = (time.monotonic() + KEY_TTL_S, source)

    async def _source(self, key: str) -> Source:
        known = self._known.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        source = await source_of_key(self._db, key) if key else None
        if source is None:
            raise Unauthenticated(
                "The write key is not known." if key else "The write key is missing.",
                advice="Send it as the basic-auth name, or as `writeKey` in the body.",
                code="unknown_write_key",
            )
        self._remember(key, source)
        return source

    def _url(self, scope: Message, headers: dict[str, str]) -> str:
        base = self._base_url or f"{scope.get('scheme', 'http')}://{headers.get('host', '')}"
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        query: bytes = scope.get("query_string", b"")
        path = raw.split(b"?", 1)[0].decode("latin-1")
        return f"{base}{path}" + (f"?{query.decode('latin-1')}" if query else "")


def _parse(call: str, body: bytes, received_at: datetime) -> envelopes.Parsed:
    if call in envelopes.BATCHES:
        return envelopes.segment_batch(body, received_at, historical=call == "import")
    return envelopes.segment_call(call, body, received_at)


def _basic_name(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode("utf-8", "replace").partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


async def _body(receive: Receive, headers: dict[str, str], limit: int) -> bytes:
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        parts, size = [body], len(body)
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _Gone
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise _too_large(limit)
        body = b"".join(parts)
    if message["type"] == "http.disconnect":
        raise _Gone
    if len(body) > limit:
        raise _too_large(limit)
    encoding = headers.get("content-encoding", "identity").lower()
    return body if encoding in {"", "identity"} else _unzipped(body, encoding, limit)


def _unzipped(body: bytes, encoding: str, limit: int) -> bytes:
    """Never more than `limit` bytes are unpacked, whatever the archive claims."""
    if encoding not in {"gzip", "x-gzip"}:
        raise BadInput(
            f"The content encoding {encoding!r} is not known.", "It takes gzip, or none.", code="bad_encoding"
        )
    unpacker = zlib.decompressobj(wbits=31)
    try:
        found = unpacker.decompress(body, limit + 1)
    except zlib.error as e:
        raise BadInput("The body is not gzip.", str(e), code="bad_encoding") from e
    if len(found) > limit:
        raise _too_large(limit)
    if not unpacker.eof:
        raise BadInput("The gzip body is not complete.", code="bad_encoding")
    return found


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"The body is larger than {limit // 1000} KB.",
        advice="Send events of at most 32 KB in batches of at most 500 KB.",
    )


def _verbose(outcomes: list[Outcome]) -> bytes:
    results = [
        {"messageId": o.message_id, "outcome": o.verdict.value, "event_id": o.event_id, "reason": o.reason}
        for o in outcomes
    ]
    return msgspec.json.encode({"success": True, "results": results})


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    every = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": every})
    await send({"type": "http.response.body", "body": body})


async def _answer_problem(send: Send, e: HoneyguideError) -> None:
    request_id = new_id().hex
    body = msgspec.json.encode({
        "type": f"urn:honeyguide:problem:{e.code}", "title": e.title, "status": e.status, "detail": e.detail,
        "advice": e.advice, "request_id": request_id,
    })  # fmt: skip
    headers = [(b"content-type", b"application/problem+json"), (b"x-request-id", request_id.encode()), _CORS[0]]
    wait = getattr(e, "retry_after", None)
    if wait is not None:
        headers.append((b"retry-after", str(wait).encode()))
    if e.status == TooLarge.status:
        headers.append((b"connection", b"close"))  # the rest of the body is not read
    await _answer(send, e.status, body, headers)
