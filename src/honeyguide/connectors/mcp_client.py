"""Talking to an MCP server. Imported when one is asked: the SDK takes a second and 55 MB."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
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

START_S = 30.0
TEXT_MAX = 32_000_000


class Talking:
    """An open MCP server."""

    def __init__(self, client: mcp.Client) -> None:
        self._client = client

    async def title(self) -> str:
        """What the server calls itself, and how many tools it has."""
        tools = await self._client.list_tools()
        info = self._client.server_info
        name = f"{info.name} {info.version}" if info else "an MCP server"
        return f"{name} ({len(tools.tools)} tools)"

    async def tool(self, name: str, arguments: dict[str, Any]) -> Any:
        """The answer of a tool as JSON: its structured content, else its text. Raises VendorProblem."""
        result = await self._client.call_tool(name, arguments)
        texts = [part.text for part in result.content if part.type == "text"]
        if result.is_error:
            words = " ".join(texts)[:300]
            raise VendorProblem(f"The tool {name} failed.", words, code="tool_failed", advice="Check its arguments.")
        if result.structured_content is not None:
            return result.structured_content
        return _from_texts(texts)

    async def resource(self, uri: str) -> Any:
        """The content of a resource as JSON. Raises VendorProblem."""
        result = await self._client.read_resource(uri)
        return _from_texts([text for part in result.contents if (text := getattr(part, "text", None)) is not None])


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
    """Start a program or call an address. Raises VendorProblem when it does not come up or breaks the protocol."""
    async with contextlib.AsyncExitStack() as stack:
        try:
            transport = await _transport(server, session, stack)
            client = mcp.Client(transport, read_timeout_seconds=timeout_s, cache=None)
            async with asyncio.timeout(START_S):
                await stack.enter_async_context(client)
        except BaseException as e:
            raise _problem(e) from e
        try:
            yield Talking(client)
        except (MCPError, OSError) as e:
            raise _problem(e) from e


async def _transport(server: Server, session: Session, stack: contextlib.AsyncExitStack) -> Any:
    if server.url:
        call = await session.auth.sign(Call(server.url))
        client = httpx2.AsyncClient(
            transport=Pinned(session.settings.private_hosts), headers=call.headers, timeout=60.0, trust_env=False
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
