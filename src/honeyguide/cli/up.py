"""up: everything in one process tree."""

import sys

import click

from honeyguide.app.report import Report
from honeyguide.app.supervise import Supervisor
from honeyguide.core.errors import HoneyguideError
from honeyguide.settings import Settings


@click.command()
@click.option(
    "--demo", is_flag=True, help="Bring Tidewater, a demo company, whose systems are connected as yours would be."
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
