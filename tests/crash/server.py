"""The ingest door alone on a port, as a process that can be killed: `python -m tests.crash.server PORT DSN SYNC [QUEUE_BYTES]`."""

import asyncio
import sys
from typing import Any

import uvicorn

from honeyguide.db import Database
from honeyguide.funnel import Committer
from honeyguide.funnel.committer import QUEUE_BYTES
from honeyguide.web.doors import Doors


async def serve(port: int, dsn: str, synchronous_commit: str, queue_bytes: int = QUEUE_BYTES) -> None:
    """Serve until killed."""
    db = await Database.open(dsn, size=4, synchronous_commit=synchronous_commit)
    committer = Committer(db, queue_bytes=queue_bytes)
    door = Doors(db, committer)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await door(scope, receive, send)

    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="error", lifespan="off", access_log=False, backlog=256
    )
    try:
        await uvicorn.Server(config).serve()
    finally:
        await committer.close()
        await db.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], sys.argv[3], *(int(n) for n in sys.argv[4:])))
