"""The landing page as a hot door: rendered once per link and some seconds, the touch kept as a redirect's is.

Only a plain GET is answered here; forms, thanks and whatever is not found go on to the application.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from honeyguide.core import clock
from honeyguide.core.errors import HoneyguideError
from honeyguide.core.ids import new_id
from honeyguide.db import Database
from honeyguide.web.landing import render
from honeyguide.web.redirect import Followed, Redirects, Target, headers_of

_TTL_S = 10.0
_PAGES_MAX = 5_000
_PLACE = "00000000-0000-4000-8000-00000000f00d"  # stands where the visitor's number goes
Application = Callable[[Any, Any, Any], Awaitable[None]]


class Landings:
    """The door of landing pages; `application` answers what is no plain page."""

    def __init__(self, db: Database, redirects: Redirects, application: Application, base_url: str) -> None:
        self._db, self._redirects, self._application, self._base_url = db, redirects, application, base_url
        self._pages: dict[str, tuple[float, bytes, bytes]] = {}

    def handles(self, path: str) -> bool:
        """Is this a landing page?"""
        return path.startswith("/l/")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        query: bytes = scope.get("query_string", b"")
        if scope["method"] != "GET" or b"done" in query:
            await self._application(scope, receive, send)
            return
        agent, referrer, host = headers_of(scope)
        try:
            target = await self._redirects.target(scope["path"][3:], host)
            found = await self._page(target) if target is not None else None
        except HoneyguideError:
            target = found = None
        if target is None or found is None:
            await self._application(scope, receive, send)
            return
        visitor, utm = _visitor(query), query if b"utm_" in query else b""
        touch = Followed(target, "landing", agent[:400], "GET", visitor, referrer[:400], clock.now(), utm)
        await self._redirects.keep(touch)
        body = str(visitor).encode().join(found)
        headers = [
            (b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"), (b"x-robots-tag", b"noindex"),
        ]  # fmt: skip
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _page(self, target: Target) -> tuple[bytes, bytes] | None:
        known = self._pages.get(target.link.code)
        if known is not None and known[0] > time.monotonic():
            return known[1], known[2]
        async with self._db.tx(target.workspace_id) as tx:
            page = await render(tx, target.link, UUID(_PLACE), self._base_url)
        before, place, after = bytes(page.body).partition(_PLACE.encode())
        if not place:
            return None
        if len(self._pages) >= _PAGES_MAX:
            self._pages.clear()
        self._pages[target.link.code] = (time.monotonic() + _TTL_S, before, after)
        return before, after


def _visitor(query: bytes) -> UUID:
    """The visitor the address carries, or a new one."""
    if b"v=" in query:
        for name, value in parse_qsl(query[:4_000].decode("latin-1")):
            if name == "v":
                try:
                    return UUID(value)
                except ValueError:
                    break
    return new_id()
