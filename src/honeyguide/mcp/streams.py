"""The server on this process's standard streams: for an agent that starts `honeyguide mcp` itself."""

import importlib

from honeyguide.db import Database


async def stdio(db: Database, workspace_id: int) -> None:
    """Serve one workspace until the other side closes. Standard output carries the protocol and nothing else."""
    server = importlib.import_module("honeyguide.mcp.server")
    await server.serve_streams(db, workspace_id)
