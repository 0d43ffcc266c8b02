"""Commands that run things: up, serve, work, demo, doctor."""

import asyncio
import sys

import click
import uvloop

from honeyguide.app import demo_driver, doctor, serve, store
from honeyguide.app.demo_control import PACE_MAX, DemoControl
from honeyguide.app.report import Report
from honeyguide.app.supervise import Supervisor
from honeyguide.cli.session import run
from honeyguide.core.errors import HoneyguideError, NotFound
from honeyguide.settings import Settings


@click.command()
@click.option(
    "--demo", is_flag=True, help="Bring Tidewater, a demo company, whose year of events arrives by the same doors."
)
def up(demo: bool) -> None:
    """Start everything in one process tree: PostgreSQL, web, worker. Ctrl-C stops it cleanly."""
    report = Report()
    report.say("Honeyguide")
    try:
        sys.exit(Supervisor(Settings.load(), demo=demo, report=report).run())
    except HoneyguideError:
        report.say("")
        raise


def _dsn(settings: Settings) -> str:
    cluster = store.cluster_of(settings)
    return cluster.dsn if cluster else settings.database_url


@click.command(name="serve")
def serve_command() -> None:
    """Run only the web process (the store must be running and migrated). For several machines."""
    settings = Settings.load()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve.serve(settings, _dsn(settings)))


@click.command(name="work")
def work_command() -> None:
    """Run only a worker (the store must be running and migrated). As many as you like."""
    settings = Settings.load()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve.work(settings, _dsn(settings)))


@click.group()
def demo() -> None:
    """The demo company: its driver and its pace."""


@demo.command(name="run")
def demo_run() -> None:
    """Load the year of history, play the opening week, then go on live. `up --demo` starts this by itself."""
    settings = Settings.load()
    run(demo_driver.drive(settings))


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


@click.command(name="doctor")
def doctor_command() -> None:
    """Check the installation: store, schema, safety settings, cursors, dead letters, ledger. Exit 1 when something is wrong."""
    findings = run(doctor.examine(Settings.load()))
    for finding in findings:
        mark = {"good": "ok ", "warn": "!  ", "bad": "BAD"}[finding.verdict]
        click.echo(f"  {mark} {finding.title:<22} {finding.detail}")
        if finding.advice:
            click.echo(f"      {finding.advice}")
    if any(f.verdict == "bad" for f in findings):
        sys.exit(1)


COMMANDS: tuple[click.Command, ...] = (up, serve_command, work_command, demo, doctor_command)
