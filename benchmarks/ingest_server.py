"""The servers that are compared.

`bare PORT` parses and answers; `door PORT DSN` makes it durable first, many requests to a commit; `each PORT DSN` is the
same door with a commit of its own for every request.
"""

import asyncio
import sys
from typing import Any

import msgspec
import uvicorn
import uvloop

from honeyguide.db import Database
from honeyguide.funnel import Broken, Committer, NewEvent, Outcome, Source
from honeyguide.funnel.ingest import Batch
from honeyguide.web.doors import Doors

EACH_POOL = 16


class _Event(msgspec.Struct):
    messageId: str  # noqa: N815
    type: str = ""
    properties: msgspec.Raw = msgspec.Raw(b"{}")


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]


class Each:
    """In the committer's place: one statement and one commit per request, as many at once as the pool is wide."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def submit(self, source: Source, inputs: list[NewEvent | Broken]) -> list[Outcome]:
        """Durable when it returns, by the cheapest statement there is for it."""
        async with self._db.line(60.0) as line:
            return await Batch(source.workspace_id, [(source.id, i) for i in inputs]).write_alone(line, 60.0)


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
    if which != "bare":
        db = await Database.open(sys.argv[3], size=4 if which == "door" else EACH_POOL)
        door = Doors(db, Committer(db) if which == "door" else Each(db))  # type: ignore[arg-type]

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
