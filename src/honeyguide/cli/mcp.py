"""`honeyguide mcp`: the tools for an agent, over standard input and output."""

import logging
import sys

import click

from honeyguide import mcp
from honeyguide.cli.session import opened, run, workspace_option


@click.command(name="mcp")
@workspace_option
def mcp_command(slug: str) -> None:
    """Serve agents over standard input and output (Model Context Protocol): read-only, one workspace.

    An agent starts this command itself. Over HTTP the same tools stand at /mcp for API keys with the scope read.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)  # standard output is the protocol's

    async def serve() -> None:
        async with opened(slug) as (db, workspace_id):
            await mcp.stdio(db, workspace_id)

    run(serve())
