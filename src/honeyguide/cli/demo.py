"""demo: the demo company's driver and its pace."""

import asyncio

import click

from honeyguide.app import demo_driver
from honeyguide.app.demo_control import PACE_MAX, DemoControl
from honeyguide.core.errors import NotFound
from honeyguide.settings import Settings


@click.group()
def demo() -> None:
    """The demo company: its driver and its pace."""


@demo.command(name="run")
def demo_run() -> None:
    """Load the year of history, play the opening week, then go on live. `up --demo` starts this by itself."""
    settings = Settings.load()
    asyncio.run(demo_driver.drive(settings))


@demo.command(name="pace")
@click.argument("events_per_minute", type=click.IntRange(0, PACE_MAX))
def demo_pace(events_per_minute: int) -> None:
    """Set how many live events arrive per minute (0 pauses)."""
    state = DemoControl(Settings.load()).set_pace(events_per_minute)
    if state is None:
        raise NotFound("No demo company lives in this data folder.", advice="Start it with `honeyguide up --demo`.")
    click.echo(f"The demo company now sends {events_per_minute} events per minute.")


@demo.command(name="status")
def demo_status() -> None:
    """How far the demo company is."""
    state = DemoControl(Settings.load()).read()
    if state is None:
        raise NotFound("No demo company lives in this data folder.", advice="Start it with `honeyguide up --demo`.")
    click.echo(f"history {state.loaded:,} of {state.total:,} events; pace {state.pace} a minute")
