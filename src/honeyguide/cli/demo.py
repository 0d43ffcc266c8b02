"""demo: the demo company's driver and its pace."""

import asyncio
from datetime import datetime

import click

from honeyguide.app import demo_driver
from honeyguide.app.demo_control import PACE_MAX, DemoControl
from honeyguide.app.year.tell import play_year
from honeyguide.core.errors import NotFound
from honeyguide.settings import Settings


@click.group(invoke_without_command=True)
@click.option("--months", type=click.IntRange(0, 12), default=0, help="Play so many months with --fast (12 is a year).")
@click.option("--fast", is_flag=True, help="Play the whole product through simulated months, under a virtual clock.")
@click.option("--seed", default=20_26, show_default=True, help="The same seed and end tell the same year.")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), default=None, help="The last day (today unless given).")
@click.option("--scale", type=click.FloatRange(0.1, 5), default=1.0, show_default=True, help="1 is 400 customers.")
@click.pass_context
def demo(context: click.Context, months: int, fast: bool, seed: int, end: datetime | None, scale: float) -> None:
    """The demo company: its driver, its pace, and a whole year in minutes (`--months 12 --fast`)."""
    if context.invoked_subcommand is not None:
        return
    if not fast:
        click.echo(context.get_help())
        return
    asyncio.run(play_year(months or 12, seed, end, scale))


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
