"""What the doors share: reading a body within its limit, and answering. Raw ASGI, no framework."""

import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import msgspec

from honeyguide.core.errors import BadInput, HoneyguideError, TooLarge
from honeyguide.core.ids import new_id
from honeyguide.funnel import Outcome

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

ANYWHERE = (b"access-control-allow-origin", b"*")
CORS: Headers = [
    ANYWHERE,
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-type, content-encoding"),
    (b"access-control-max-age", b"86400"),
]
JSON = (b"content-type", b"application/json")


class Gone(Exception):
    """The caller closed the connection before the body was complete."""


class Said:
    """An answer that is always the same, made once."""

    def __init__(self, body: bytes) -> None:
        headers = [JSON, (b"content-length", str(len(body)).encode())]
        self.start: Message = {"type": "http.response.start", "status": 200, "headers": headers}
        self.start_anywhere: Message = {**self.start, "headers": [*headers, ANYWHERE]}  # a browser asked
        self.end: Message = {"type": "http.response.body", "body": body}

    async def __call__(self, scope: Message, send: Send) -> None:
        """Say it."""
        await self.say(send, header(scope, b"origin"))

    async def say(self, send: Send, origin: bytes) -> None:
        """Say it to whoever has looked at the headers already."""
        await send(self.start_anywhere if origin else self.start)
        await send(self.end)


def header(scope: Message, name: bytes) -> bytes:
    """A header of a request by its lower-case name, empty when there is none."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""


def texts(scope: Message) -> dict[str, str]:
    """All headers as text."""
    return {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}


async def body_of(scope: Message, receive: Receive, limit: int, encoding: bytes | None = None) -> bytes:
    """The whole body, unpacked. Raises TooLarge beyond `limit` bytes (counted after unpacking too), Gone.

    `encoding` is that header, where the caller has looked at it.
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        declared = header(scope, b"content-length")
        if declared.isdigit() and int(declared) > limit:
            raise too_large(limit)
        parts, size = [body], len(body)
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise too_large(limit)
        body = b"".join(parts)
    if message["type"] == "http.disconnect":
        raise Gone
    if len(body) > limit:
        raise too_large(limit)
    if encoding is None:
        encoding = header(scope, b"content-encoding")
    return body if not encoding else unpacked(body, encoding.decode("latin-1").lower(), limit)


def unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """Never more than `limit` bytes are unpacked, whatever the archive claims. Raises BadInput, TooLarge."""
    if encoding == "identity":
        return body
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
        raise too_large(limit)
    if not unpacker.eof:
        raise BadInput("The gzip body is not complete.", code="bad_encoding")
    return found


def too_large(limit: int) -> TooLarge:
    """The error for a body over its limit."""
    return TooLarge(
        f"The body is larger than {limit // 1000} KB.",
        advice="Send events of at most 32 KB in batches of at most 500 KB.",
    )


def each_outcome(outcomes: list[Outcome]) -> bytes:
    """The answer to `?verbose=1`: what became of each input, in order."""
    results = [
        {"messageId": o.message_id, "outcome": o.verdict.value, "event_id": o.event_id, "reason": o.reason}
        for o in outcomes
    ]
    return msgspec.json.encode({"success": True, "results": results})


async def answer(send: Send, status: int, body: bytes, headers: Headers) -> None:
    """One answer with its length."""
    every = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": every})
    await send({"type": "http.response.body", "body": body})


async def answer_json(send: Send, status: int, value: Any) -> None:
    """One answer as JSON, readable from anywhere."""
    await answer(send, status, msgspec.json.encode(value), [JSON, ANYWHERE])


async def answer_problem(send: Send, e: HoneyguideError, more: Mapping[str, Any] | None = None) -> None:
    """An error as problem+json; `more` are further members of it."""
    request_id = new_id().hex
    body = msgspec.json.encode({
        "type": f"urn:honeyguide:problem:{e.code}", "title": e.title, "status": e.status, "detail": e.detail,
        "advice": e.advice, "request_id": request_id, **(more or {}),
    })  # fmt: skip
    headers = [(b"content-type", b"application/problem+json"), (b"x-request-id", request_id.encode()), ANYWHERE]
    wait = getattr(e, "retry_after", None)
    if wait is not None:
        headers.append((b"retry-after", str(wait).encode()))
    if e.status == TooLarge.status:
        headers.append((b"connection", b"close"))  # the rest of the body is not read
    await answer(send, e.status, body, headers)
