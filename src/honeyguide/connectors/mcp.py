"""The transport `mcp`: records out of a tool's or a resource's answer of an MCP server.

A server that is a program is one the operator of this machine has named in the file of HONEYGUIDE_MCP_SERVERS: a connection
only says its name (config `server`), so nobody can make this machine run anything by the API. A server on the network is
given by config `url`.
"""

import importlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from honeyguide.connectors import paging
from honeyguide.connectors.http import Reply
from honeyguide.connectors.marks import since_of
from honeyguide.connectors.port import Ask, Page
from honeyguide.connectors.problems import VendorProblem
from honeyguide.connectors.session import Session
from honeyguide.connectors.templates import filled, text_of
from honeyguide.core.errors import BadInput
from honeyguide.funnel.records import pieces

TIMEOUT_S = 60.0


class Server(Struct, frozen=True, rename="camel"):
    """How a server is started or reached."""

    command: str = ""
    args: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    url: str = ""


class _Servers(Struct, frozen=True, rename="camel"):
    mcp_servers: dict[str, Server]


class Mcp:
    """Pages out of a tool."""

    name = "mcp"

    async def pages(self, session: Session, ask: Ask, /) -> AsyncIterator[Page]:
        """One call a page."""
        spec, position = ask.spec, ask.position
        since = since_of(spec.cursor, ask.since)
        client = importlib.import_module("honeyguide.connectors.mcp_client")
        async with client.opened(await server_of(session), session, TIMEOUT_S) as server:
            while True:
                request, more, _ = paging.placed(spec.paging, position, spec.request)
                root = {**more, "since": since, **session.root}
                if request.resource:
                    found = await server.resource(text_of(request.resource, root))
                else:
                    arguments = {**request.arguments, **request.params}
                    if spec.cursor and spec.cursor.param and since is not None:
                        arguments[spec.cursor.param] = since
                    found = await server.tool(request.tool, filled(arguments, root))
                records = _records(found, spec.records)
                position = paging.following(spec.paging, position, Reply(200, {}, b"", ""), found, len(records))
                yield Page(records, position, paging.total_of(found))
                if position is None:
                    return

    async def reach(self, session: Session, /) -> str:
        """Start or call the server and let it say what it is."""
        client = importlib.import_module("honeyguide.connectors.mcp_client")
        async with client.opened(await server_of(session), session, TIMEOUT_S) as server:
            return str(await server.title())


def _records(found: Any, where: str) -> list[bytes]:
    try:
        return pieces(msgspec.json.encode(found), where) or []
    except ValueError as e:
        raise VendorProblem("The server's answer cannot be read.", str(e), code="not_json") from e


async def server_of(session: Session) -> Server:
    """The server of a connection. Raises BadInput when this machine knows none of that name."""
    config = session.root["config"]
    if config.get("url"):
        return Server(url=str(config["url"]))
    name = str(config.get("server", ""))
    known = servers_in(session.settings.mcp_servers)
    if name not in known:
        raise BadInput(
            f"This machine knows no MCP server {name!r}.", f"It knows: {', '.join(sorted(known)) or 'none'}.",
            advice=f"Whoever runs this machine can name it in {session.settings.mcp_servers}.", code="unknown_server",
        )  # fmt: skip
    return known[name]


def servers_in(file: Path) -> dict[str, Server]:
    """The servers a file names (`{"mcpServers": {...}}`, as other MCP clients write it). Raises BadInput."""
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        return msgspec.json.decode(text, type=_Servers).mcp_servers
    except msgspec.MsgspecError as e:
        raise BadInput(f"{file} is no list of MCP servers.", str(e)) from e


MCP = Mcp()
