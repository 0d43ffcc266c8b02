"""/mcp: the Model Context Protocol over streamable HTTP, for API keys with the scope `read`.

The door checks who calls and what they may see, as every route does, and hands the request on with its workspace; what
answers is composed by the app layer and knows nothing of keys.
"""

from collections.abc import Awaitable
from typing import Any, Protocol

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from honeyguide.core.errors import Forbidden, HoneyguideError, Unauthenticated
from honeyguide.db import Database
from honeyguide.web import problems
from honeyguide.web.auth import Principal, by_key
from honeyguide.web.rate import Rates

PATH = "/mcp"
NEEDS = ("queue.read", "people.read", "graph.read")
WORKSPACE = "mcp_workspace"


class Agents(Protocol):
    """What answers; the workspace of a request stands in its scope's state."""

    def __call__(self, scope: Any, receive: Any, send: Any, /) -> Awaitable[None]: ...
    async def close(self) -> None: ...


class McpDoor:
    """An ASGI application for one path."""

    def __init__(self, db: Database, agents: Agents, rates: Rates) -> None:
        self._db, self._agents, self._rates = db, agents, rates

    def handles(self, path: str) -> bool:
        """Whether the path is ours."""
        return path in (PATH, f"{PATH}/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; errors are problems, as everywhere."""
        try:
            who = await self._caller(scope)
        except HoneyguideError as e:
            await problems.from_error(scope, e)(scope, receive, send)
            return
        if scope["method"] != "POST":  # no stream is kept open, no session is to be ended
            answer = problems.problem(
                scope,
                405,
                "This address takes POST only.",
                "Each request stands alone; there is no stream to listen to.",
            )
            answer.headers["allow"] = "POST"
            await answer(scope, receive, send)
            return
        scope.setdefault("state", {})[WORKSPACE] = who.workspace_id
        await self._agents(scope, receive, send)

    async def _caller(self, scope: Scope) -> Principal:
        """Who calls. Raises Unauthenticated, Forbidden, TooMuch. A browser's session does not count: agents have keys."""
        given = Headers(scope=scope).get("authorization", "")
        address = (scope.get("client") or ("", 0))[0]
        if not given:
            raise Unauthenticated(
                "An API key is needed.",
                advice="Make one with `honeyguide key create` (scope read); send it as a bearer token.",
            )
        try:
            who = await by_key(self._db, given)
        except Unauthenticated:
            self._rates.miss.take(f"mcp:{address}")
            raise
        missing = [p for p in NEEDS if not who.may(p)]
        if missing:
            raise Forbidden(
                "This key may not see it.", f"It lacks {', '.join(missing)}.", advice="Make a key with the scope read."
            )
        self._rates.agent.take(f"{who.workspace_id}:{who.actor}")
        return who
