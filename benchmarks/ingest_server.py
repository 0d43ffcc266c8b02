"""The two servers that are compared: `bare PORT` parses and answers, `door PORT DSN` makes it durable first."""

import asyncio
import sys
from typing import Any

import msgspec
import uvicorn
import uvloop

from honeyguide.db import Database
from honeyguide.funnel import Committer
from honeyguide.web.ingest_door import IngestDoor


class _Event(msgspec.Struct):
    messageId: str  # noqa: N815
    type: str = ""
    properties: msgspec.Raw = msgspec.Raw(b"{}")


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """The least a server can do with an event: read it, parse it, say 200."""
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    msgspec.json.decode(body, type=_Batch if scope["path"] == "/v1/batch" else _Event)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"16")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"success":true}'})


async def main() -> None:
    """Serve until stopped."""
    which, port = sys.argv[1], int(sys.argv[2])
    app: Any = bare
    if which == "door":
        db = await Database.open(sys.argv[3], size=4)
        door = IngestDoor(db, Committer(db))

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await door(scope, receive, send)

    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_level="error",
        lifespan="off",
        access_log=False,
        loop="uvloop",
        http="httptools",
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    # uvloop and httptools in both, as `honeyguide serve` runs them.

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
