"""Calling the ingest door as a server would, without a socket."""

import base64
from typing import Any

import msgspec

from honeyguide.web.doors import Doors


class Answer(msgspec.Struct):
    """What the door said."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


def basic(key: str) -> dict[str, str]:
    """The header of a Segment client."""
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


async def call(
    door: Doors,
    path: str,
    body: bytes | list[bytes] = b"",
    headers: dict[str, str] | None = None,
    method: str = "POST",
) -> Answer:
    """One request; a list of bytes is sent in chunks."""
    path, _, query = path.partition("?")
    chunks = [body] if isinstance(body, bytes) else list(body)
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "scheme": "http", "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in (headers or {}).items()],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        if chunks:
            part = chunks.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(chunks)}
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    assert door.handles(path)
    await door(scope, receive, send)
    found = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
    return Answer(sent[0]["status"], found, b"".join(m.get("body", b"") for m in sent[1:]))
