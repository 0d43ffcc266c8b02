"""Personal links, as raw ASGI: /r/<code> answers 302 to the landing page and keeps the touch on the server.

Touches are committed in groups a moment after the answer: a clean stop loses none, and a full queue makes callers
wait instead of dropping any. The destination is made from the link's own code, never from the request, so there
is nothing to redirect elsewhere. No cookie: the visitor travels in the address. Under a branded domain only the links
of the workspace that proved it are found.
"""

import asyncio
import itertools
import logging
import time
from collections import deque
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide import outcomes, programs
from honeyguide.core import clock
from honeyguide.core.errors import HoneyguideError
from honeyguide.core.ids import digest, new_id
from honeyguide.db import Database
from honeyguide.web.pages import failure, notice
from honeyguide.web.rate import Rate

log = logging.getLogger("honeyguide.web")
_TTL_S = 10.0
_KNOWN_MAX = 20_000
_QUEUE = 20_000
_PAUSE_S = 0.05
_PER_COMMIT = 500


class Target(Struct, frozen=True):
    """A link that may be followed."""

    workspace_id: int
    link: programs.Link


class Followed(Struct, frozen=True):
    """A link that was followed, on its way to the database."""

    target: Target
    kind: outcomes.TouchKind
    agent: str
    method: str
    visitor: UUID
    referrer: str
    at: datetime
    query: bytes


class Redirects:
    """The door of personal links. `stop()` writes what is still in the queue."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[str, tuple[float, Target | None]] = {}
        self._hosts: dict[bytes, tuple[float, int | None]] = {}
        self._waiting: dict[int, deque[Followed]] = {}
        self._held = 0
        self._stopping = False
        self._writer: asyncio.Task[None] | None = None
        # Only misses count: a popular link may be followed by a whole office behind one address.
        self._misses = Rate(30, 60)

    def handles(self, path: str) -> bool:
        """Is this a personal link?"""
        return path.startswith("/r/")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        method: str = scope["method"]
        if method not in ("GET", "HEAD"):
            await _plain(send, 405, [(b"allow", b"GET, HEAD")])
            return
        code: str = scope["path"][3:]
        try:
            agent, referrer, host = headers_of(scope)
            target = await self.target(code, host)
            if target is None:
                self._misses.take(scope["client"][0] if scope.get("client") else "unknown")
                response = notice(
                    scope, 404, "This link is not valid", "It was switched off, or the code has a typing error.",
                    advice="Ask the person who gave it to you for a new one.", tone="bad",
                )  # fmt: skip
                await response(scope, receive, send)
                return
        except HoneyguideError as error:
            await failure(scope, error)(scope, receive, send)
            return
        visitor = new_id()
        query: bytes = scope.get("query_string", b"")
        utm = query if b"utm_" in query else b""
        await self.keep(Followed(target, "click", agent[:400], method, visitor, referrer[:400], clock.now(), utm))
        location = f"/l/{target.link.code}?v={visitor}"
        await _plain(send, 302, [(b"location", location.encode()), (b"cache-control", b"no-store"),
                                 (b"x-robots-tag", b"noindex")])  # fmt: skip

    async def target(self, code: str, host: bytes) -> Target | None:
        """The link of a code that may be followed under this host."""
        known = self._known.get(code)
        found = known[1] if known and known[0] > time.monotonic() else await self._find(code)
        owner = await self._owner(host)
        return found if owner is None or found is None or owner == found.workspace_id else None

    async def _find(self, code: str) -> Target | None:
        target = None
        for name in outcomes.spellings(code):
            workspace_id = await self._db.find("link", digest(name))
            if workspace_id is not None:
                async with self._db.tx(workspace_id) as tx:
                    link = await outcomes.link_of_code(tx, name)
                target = Target(workspace_id, link) if link else None
                break
        if target:  # misses are not remembered here: they are rare, and rated
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            self._known[code] = (time.monotonic() + _TTL_S, target)
        return target

    async def _owner(self, host: bytes) -> int | None:
        """The workspace that proved this host; None for any other, our own among them."""
        known = self._hosts.get(host)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        name = outcomes.host_text(host.decode("latin-1"))
        found = await self._db.find("host", digest(name)) if name else None
        if len(self._hosts) >= _KNOWN_MAX:
            self._hosts.clear()
        self._hosts[host] = (time.monotonic() + _TTL_S, found)
        return found

    async def keep(self, touch: Followed) -> None:
        """Queue a touch; waits while the queue is full."""
        while self._held >= _QUEUE:  # callers wait; nothing is dropped
            await asyncio.sleep(_PAUSE_S)
        self._waiting.setdefault(touch.target.workspace_id, deque()).append(touch)
        self._held += 1
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._held:
            if not self._stopping:
                await asyncio.sleep(_PAUSE_S)
            for workspace_id in list(self._waiting):
                await self._drain(workspace_id)

    async def _drain(self, workspace_id: int) -> None:
        """Commit the first touches of a workspace; they leave the queue only then."""
        waiting = self._waiting[workspace_id]
        batch = list(itertools.islice(waiting, _PER_COMMIT))
        try:
            await self._commit(workspace_id, batch)
        except Exception as problem:  # noqa: BLE001  # whatever it was, the touches stay and are tried again
            log.warning("touches wait for the database: %s", type(problem).__name__)
            await asyncio.sleep(1)
            return
        for _ in batch:
            waiting.popleft()
        self._held -= len(batch)
        if not waiting:
            del self._waiting[workspace_id]

    async def _commit(self, workspace_id: int, touches: list[Followed]) -> None:
        async with self._db.tx(workspace_id) as tx:
            for t in touches:
                await outcomes.record_touch(
                    tx, t.target.link, t.kind, agent=t.agent, method=t.method, visitor=t.visitor, referrer=t.referrer,
                    at=t.at, utm=outcomes.utm_of(t.query.decode("latin-1")) if t.query else None,
                )  # fmt: skip

    async def stop(self) -> None:
        """Write everything that waits; gives up after ten seconds without a database."""
        self._stopping = True
        if self._writer:
            await asyncio.wait([self._writer], timeout=10)
            self._writer.cancel()
        if self._held:
            log.error("%s touches could not be written", self._held)


def headers_of(scope: Any) -> tuple[str, str, bytes]:
    """The agent, where it came from, and the host it asked."""
    agent = referrer = ""
    host = b""
    for name, value in scope["headers"]:
        if name == b"user-agent":
            agent = value.decode("latin-1")
        elif name == b"referer":
            referrer = value.decode("latin-1")
        elif name == b"host":
            host = value
    return agent, referrer, host


async def _plain(send: Any, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
