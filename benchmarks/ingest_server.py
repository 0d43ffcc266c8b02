"""The servers that are compared.

`bare PORT` parses and answers; `door PORT DSN` makes it durable first, many requests to a commit; `each PORT DSN` is the
same door with a commit of its own for every request.
"""

import asyncio
import sys
from typing import Any

import asyncpg
import msgspec
import uvicorn
import uvloop

from honeyguide.app.serve import calm_collector
from honeyguide.db import Database
from honeyguide.db.engine import APP_ROLE
from honeyguide.funnel import Broken, Committer, NewEvent, Outcome, Source, Verdict
from honeyguide.funnel.events import body_hash, event_id
from honeyguide.web.doors import Doors

EACH_POOL = 16


class _Event(msgspec.Struct):
    messageId: str  # noqa: N815
    type: str = ""
    properties: msgspec.Raw = msgspec.Raw(b"{}")


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]


# What an insert per request costs at its best: no counter, on which all of them would wait for each other.
_INSERT = """
with fresh as (
  insert into ingest_dedup (workspace_id, event_id, body_hash, at) values ($1, $2, $3, $4)
  on conflict (workspace_id, event_id) do nothing returning event_id
)
insert into event_log (workspace_id, event_id, source_id, format, kind, message_id, event_time, received_at, sent_at,
                       lane, derived_id, body)
select $1, event_id, $5, $6, $7, $8, $9, $4, $10, 0, false, $11 from fresh
"""


class Each:
    """In the committer's place: one statement and one commit per request, as many at once as the pool is wide."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    @classmethod
    async def open(cls, dsn: str) -> "Each":
        """Connections that belong to the workspace of the benchmark for good."""

        async def prepare(connection: Any) -> None:
            await connection.execute("select set_config('app.workspace', '1', false)")

        settings = {"role": APP_ROLE, "synchronous_commit": "on", "jit": "off"}
        return cls(
            await asyncpg.create_pool(
                dsn, min_size=EACH_POOL, max_size=EACH_POOL, init=prepare, reset=_nothing, server_settings=settings
            )
        )

    async def submit(self, source: Source, inputs: list[NewEvent | Broken]) -> list[Outcome]:
        """Durable when it returns."""
        for e in inputs:
            if isinstance(e, NewEvent):
                ident = event_id(source.workspace_id, source.id, e.message_id)
                await self._pool.execute(
                    _INSERT, source.workspace_id, ident, body_hash(e.body), e.received_at, source.id, e.format, e.kind,
                    e.message_id, e.event_time, e.sent_at, e.body,
                )  # fmt: skip
        return [Outcome(Verdict.ACCEPTED)] * len(inputs)


async def _nothing(_: Any) -> None:
    """A connection goes back as it is."""


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
        db = await Database.open(sys.argv[3], size=4)
        app = Doors(db, Committer(db) if which == "door" else await Each.open(sys.argv[3]))  # type: ignore[arg-type]

    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_level="error",
        lifespan="off",
        server_header=False,
        interface="asgi3",
        access_log=False,
        loop="uvloop",
        http="httptools",
    )
    calm_collector()
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    # uvloop, httptools and the calmer collector in all, as `honeyguide serve` runs them.

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
