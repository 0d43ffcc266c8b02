"""work: a worker."""

import asyncio

import click
import uvloop

from honeyguide.app import work
from honeyguide.app.where import dsn_of
from honeyguide.settings import Settings


@click.command(name="work")
def work_command() -> None:
    """Run only a worker (the store must be running and migrated). As many as you like."""
    settings = Settings.load()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work.work(settings, dsn_of(settings)))
