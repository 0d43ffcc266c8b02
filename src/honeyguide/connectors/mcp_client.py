"""Talking to an MCP server. Imported when one is asked: the SDK takes a second and 55 MB."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import mcp
import msgspec
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from honeyguide.connectors.guard import Pinned
from honeyguide.connectors.http import Call
from honeyguide.connectors.mcp import Server
from honeyguide.connectors.problems import VendorProblem
from honeyguide.connectors.session import Session
from honeyguide.settings import Settings

START_S = 30.0
TEXT_MAX = 32_000_000
Errand = Callable[[mcp.Client], Awaitable[Any]]


class Talking:
    """An open MCP server.

    The SDK's task groups must be left by the task that entered them, and a generator of pages may be closed from
    anywhere; so one task of ours holds the connection, and others hand it their calls.
    """

    def __init__(self) -> None:
        self._calls: asyncio.Queue[tuple[Errand, asyncio.Future[Any]] | None] = asyncio.Queue()
        self._holder: asyncio.Task[None] | None = None

    async def open(self, server: Server, headers: dict[str, str], settings: Settings, timeout_s: float) -> None:
        """Start a program or call an address. Raises VendorProblem when it does not come up."""
        up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._holder = asyncio.create_task(self._hold(server, headers, settings, timeout_s, up))
        await up

    async def close(self) -> None:
        """End the connection, and the program with it."""
        if self._holder is not None:
            self._calls.put_nowait(None)
            await asyncio.wait([self._holder], timeout=15)
            self._holder.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._holder

    async def _hold(
        self, server: Server, headers: dict[str, str], settings: Settings, timeout_s: float, up: "asyncio.Future[None]"
    ) -> None:
        current: asyncio.Future[Any] = up
        try:
            async with contextlib.AsyncExitStack() as stack:
                client = mcp.Client(
                    await _transport(server, headers, settings, stack), read_timeout_seconds=timeout_s, cache=None
                )
                async with asyncio.timeout(START_S):
                    await stack.enter_async_context(client)
                up.set_result(None)
                while (asked := await self._calls.get()) is not None:
                    call, current = asked
                    try:
                        found = await call(client)
                    except (MCPError, VendorProblem) as e:  # an answer, and the server is still there
                        _settle(current, problem=_problem(e))
                    else:
                        _settle(current, found)
        except BaseException as e:
            _settle(current, problem=_problem(e))
            if isinstance(e, asyncio.CancelledError):
                raise
        finally:
            while not self._calls.empty():
                if (left := self._calls.get_nowait()) is not None:
                    _settle(left[1], problem=_problem(ConnectionError("the server has ended")))

    async def _ask(self, call: Errand) -> Any:
        if self._holder is None or self._holder.done():
            raise _problem(ConnectionError("the server has ended"))
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._calls.put_nowait((call, answer))
        await asyncio.wait([answer, self._holder], return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise _problem(ConnectionError("the server has ended"))
        return answer.result()

    async def title(self) -> str:
        """What the server calls itself, and how many tools it has."""

        async def call(client: mcp.Client) -> str:
            tools = await client.list_tools()
            info = client.server_info
            name = f"{info.name} {info.version}" if info else "an MCP server"
            return f"{name} ({len(tools.tools)} tools)"

        return str(await self._ask(call))

    async def tool(self, name: str, arguments: dict[str, Any]) -> Any:
        """The answer of a tool as JSON: its structured content, else its text. Raises VendorProblem."""

        async def call(client: mcp.Client) -> Any:
            result = await client.call_tool(name, arguments)
            texts = [part.text for part in result.content if part.type == "text"]
            if result.is_error:
                words = " ".join(texts)[:300]
                raise VendorProblem(
                    f"The tool {name} failed.", words, code="tool_failed", advice="Check its arguments."
                )
            return _from_texts(texts) if result.structured_content is None else result.structured_content

        return await self._ask(call)

    async def resource(self, uri: str) -> Any:
        """The content of a resource as JSON. Raises VendorProblem."""

        async def call(client: mcp.Client) -> Any:
            result = await client.read_resource(uri)
            return _from_texts([text for part in result.contents if (text := getattr(part, "text", None)) is not None])

        return await self._ask(call)


def _settle(answer: "asyncio.Future[Any]", found: Any = None, problem: BaseException | None = None) -> None:
    """Answer a caller who may have gone."""
    if answer.done():
        return
    if problem is None:
        answer.set_result(found)
    elif isinstance(problem, asyncio.CancelledError):
        answer.cancel()
    else:
        answer.set_exception(problem)


def _from_texts(texts: list[str]) -> Any:
    """JSON where the text is JSON (several texts are a list), else an object with the text."""
    if sum(len(t) for t in texts) > TEXT_MAX:
        raise VendorProblem("The server's answer is too large.", advice="Ask for fewer records at once.")
    found = []
    for text in texts:
        try:
            found.append(msgspec.json.decode(text))
        except (msgspec.MsgspecError, RecursionError):
            found.append({"text": text})
    return found[0] if len(found) == 1 else found


@contextlib.asynccontextmanager
async def opened(server: Server, session: Session, timeout_s: float) -> AsyncIterator[Talking]:
    """An open server for the block."""
    headers = (await session.auth.sign(Call(server.url))).headers if server.url else {}
    talking = Talking()
    try:
        await talking.open(server, headers, session.settings, timeout_s)
        yield talking
    finally:
        await talking.close()


async def _transport(
    server: Server, headers: dict[str, str], settings: Settings, stack: contextlib.AsyncExitStack
) -> Any:
    if server.url:
        client = httpx2.AsyncClient(
            transport=Pinned(settings.private_hosts), headers=headers, timeout=60.0, trust_env=False
        )
        await stack.enter_async_context(client)
        return streamable_http_client(server.url, http_client=client)
    # What the program says on its standard error is for its authors, not for our log.
    silence = stack.enter_context(contextlib.closing(Path(os.devnull).open("w", encoding="utf-8")))  # noqa: SIM115
    return stdio_client(StdioServerParameters(command=server.command, args=server.args, env=server.env), errlog=silence)


def _problem(e: BaseException) -> BaseException:
    """What went wrong, told plainly; a cancellation stays one."""
    if isinstance(e, BaseExceptionGroup):
        inner = [one for one in e.exceptions if isinstance(one, Exception)]
        return _problem(inner[0]) if len(inner) == len(e.exceptions) and inner else e
    if not isinstance(e, Exception) or isinstance(e, VendorProblem):
        return e
    return VendorProblem(
        "The MCP server does not answer.", f"{type(e).__name__}: {e}"[:300], code="unreachable",
        advice="Check that its program runs, or that its address is right.",
    )  # fmt: skip
