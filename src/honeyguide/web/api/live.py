"""The live pulse: server-sent events every two seconds."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from honeyguide.core.errors import Unavailable
from honeyguide.web.api.overview import remembered
from honeyguide.web.auth import Principal, needs

router = APIRouter()
_EVERY_S = 2.0
# A browser reconnects by itself; ending now and then lets a server that shuts down finish, and re-checks the session.
_BEATS = 150


async def _beats(request: Request, who: Principal) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n\n"
    for _ in range(_BEATS):
        if await request.is_disconnected():
            return
        try:
            now = await remembered.of(who)
        except Unavailable:
            yield b": the database is not there\n\n"
        else:
            beat = {"events": now.events, "edges": now.edges, "queue": now.queue, "at": now.as_of.isoformat()}
            yield b"event: pulse\ndata: " + msgspec.json.encode(beat) + b"\n\n"
        await asyncio.sleep(_EVERY_S)


@router.get("/api/live", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
async def live(request: Request, who: Annotated[Principal, needs("measures.read")]) -> StreamingResponse:
    """Event `pulse` {events, edges, queue, at} every two seconds."""
    return StreamingResponse(
        _beats(request, who),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )
