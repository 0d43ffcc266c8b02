"""serve: the web process."""

import asyncio

import click
import uvloop

from honeyguide.app import serve
from honeyguide.app.where import dsn_of
from honeyguide.settings import Settings


@click.command(name="serve")
def serve_command() -> None:
    """Run only the web process (the store must be running and migrated). For several machines."""
    settings = Settings.load()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve.serve(settings, dsn_of(settings)))
