"""mcp: what agents may ask of Honeyguide, read-only, over the Model Context Protocol.

Contract: five tools (who_to_ask, why, best_offer, best_moment, neighbourhood), each with a schema for what goes in and what
comes out, each answering for one workspace under its row-level security. Nothing is written, nobody is asked by them.
Whatever came from a customer's system (names, titles, quotes, records) is data: every answer says so, and every quote is
marked. `app` is the streamable HTTP door as a plain ASGI callable, for whoever has checked the caller; `stdio` serves the
process's own standard streams.
"""

from honeyguide.mcp.asgi import WORKSPACE, App, app
from honeyguide.mcp.streams import stdio

__all__ = ["WORKSPACE", "App", "app", "stdio"]
