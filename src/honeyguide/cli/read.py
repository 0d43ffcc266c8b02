"""read: the reader of texts, in a process of its own."""

import asyncio
import os

import click
import uvloop

from honeyguide.app import read
from honeyguide.app.where import dsn_of
from honeyguide.settings import Settings

_NICE = 10  # reading is never more urgent than events, decisions or the console


@click.command(name="read")
def read_command() -> None:
    """Run only a reader: texts by the embedding model and language models at hand. The store must be running."""
    os.nice(_NICE)
    settings = Settings.load()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(read.read(settings, dsn_of(settings)))
