"""The streamable HTTP door: started when the first agent comes, because the SDK takes a second and 55 MB.

Every request stands alone (no session is kept), so any web process answers any request. The caller has been checked before:
the workspace stands in the scope's state under WORKSPACE, and without it nothing is answered.
"""

import asyncio
import contextlib
import importlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from honeyguide.core.errors import Unavailable
from honeyguide.db import Database

WORKSPACE = "mcp_workspace"
_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[Any]]
_Send = Callable[[Any], Awaitable[None]]


class App:
    """An ASGI application for one address. `close` ends what it started."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._starting = asyncio.Lock()
        self._manager: Any = None
        self._holder: asyncio.Task[None] | None = None
        self._over = asyncio.Event()

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """One request. Raises Unavailable when the server has ended."""
        if WORKSPACE not in scope.get("state", {}):
            raise PermissionError("nobody has checked this caller")
        await self._started()
        await self._manager.handle_request(scope, receive, send)

    async def close(self) -> None:
        """End the server; open requests are cut."""
        self._over.set()
        if self._holder is not None:
            await asyncio.wait([self._holder], timeout=5)
            self._holder.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._holder

    async def _started(self) -> None:
        async with self._starting:
            if self._over.is_set():
                raise Unavailable("The server is shutting down.", advice="Try again in a moment.")
            if self._holder is None:
                up: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
                self._holder = asyncio.create_task(self._hold(up))
                self._manager = await up

    async def _hold(self, up: "asyncio.Future[Any]") -> None:
        """The SDK's task group must be left by the task that entered it: this one."""
        try:
            server = await asyncio.to_thread(importlib.import_module, "honeyguide.mcp.server")
            manager = server.manager(self._db)
            async with manager.run():
                up.set_result(manager)
                await self._over.wait()
        except BaseException as e:
            if not up.done():
                up.set_exception(e)
            raise


def app(db: Database) -> App:
    """The door of these workspaces; the SDK is loaded with the first request."""
    return App(db)
