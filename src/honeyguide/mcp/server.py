"""The protocol around the tools: their list, calls, and failures told so that an agent can do better. Imports the SDK."""

import json
import logging
from collections.abc import Callable
from typing import Any

import mcp.types as types
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from pydantic import ValidationError

from honeyguide import __version__
from honeyguide.core.errors import HoneyguideError
from honeyguide.db import Database
from honeyguide.mcp.asgi import WORKSPACE
from honeyguide.mcp.questions import TOOLS, Tool
from honeyguide.mcp.shapes import NOTICE

_log = logging.getLogger(__name__)
_BODY_MAX = 256 * 1024
INSTRUCTIONS = (
    "Honeyguide knows which of a company's customers would refer it: who, why, with what offer and when. The tools only read. "
    "Nobody is asked by them: an ask is approved by a person in Honeyguide. " + NOTICE
)
_Context = ServerRequestContext[Any, Any]
Find = Callable[[_Context], int]


def manager(db: Database) -> StreamableHTTPSessionManager:
    """The streamable HTTP server, one request at a time; the workspace stands in each request's scope."""

    def of_request(context: _Context) -> int:
        request = context.request
        if request is None:
            raise PermissionError("a request without its scope")
        return int(request.scope["state"][WORKSPACE])

    return StreamableHTTPSessionManager(
        server(db, of_request), json_response=True, stateless=True, max_request_body_size=_BODY_MAX
    )


async def serve_streams(db: Database, workspace_id: int) -> None:
    """Serve one workspace over standard input and output until the other side closes."""
    made = server(db, lambda _: workspace_id)
    async with stdio_server() as (read, write):
        await made.run(read, write, made.create_initialization_options())


def server(db: Database, find: Find) -> Server[Any]:
    """The server; `find` tells the workspace of a request."""

    async def tools(context: _Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_listed(name, tool) for name, tool in TOOLS.items()])

    async def call(context: _Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        return await _called(db, find(context), params.name, params.arguments or {})

    return Server(
        "honeyguide",
        version=__version__,
        title="Honeyguide",
        instructions=INSTRUCTIONS,
        on_list_tools=tools,
        on_call_tool=call,
    )


def _listed(name: str, tool: Tool) -> types.Tool:
    return types.Tool(
        name=name, title=tool.title, description=f"{tool.about} {NOTICE}", input_schema=tool.takes.model_json_schema(),
        output_schema=tool.gives.model_json_schema(mode="serialization"),
        annotations=types.ToolAnnotations(
            title=tool.title, read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )  # fmt: skip


async def _called(db: Database, workspace_id: int, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
    """Run a tool. What goes wrong is an answer of its own, in words: the agent may do better."""
    tool = TOOLS.get(name)
    if tool is None:
        return _failed(f"There is no tool {name[:60]!r}. There are: {', '.join(TOOLS)}.")
    try:
        asked = tool.takes.model_validate(arguments)
        answer = await tool.run(db, workspace_id, asked)
    except ValidationError as e:
        return _failed("The arguments do not fit. " + "; ".join(_told(one) for one in e.errors()[:5]))
    except HoneyguideError as e:
        return _failed(e.sentence())
    except Exception:  # noqa: BLE001  # the agent gets words, the log the defect
        _log.exception("the tool %s failed", name)
        return _failed("Something failed on our side. Nothing was changed. Try again.")
    plain = answer.model_dump(mode="json")
    return types.CallToolResult(content=[types.TextContent(text=_fenced(plain))], structured_content=plain)


def _told(problem: Any) -> str:
    return f"{'.'.join(str(p) for p in problem['loc']) or 'arguments'}: {problem['msg']}"


def _fenced(plain: dict[str, Any]) -> str:
    """The answer as text between marks that nothing inside can close: `<` never stands in it."""
    said = json.dumps(plain, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<untrusted-data>\n{said}\n</untrusted-data>"


def _failed(words: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=words)], is_error=True)
