"""Commands about experts: who sits on the panel, and the conformance tests for one of your own."""

import importlib
import importlib.util
import sys
from pathlib import Path

import click

from honeyguide.core.errors import BadInput
from honeyguide.decisions import conformance, seats


@click.group()
def expert() -> None:
    """The panel of experts, and tests for an expert of your own."""


@expert.command(name="list")
def list_all() -> None:
    """Who sits on the panel, and who was left out and why."""
    for seat in (*seats.BUILT_IN, *seats.guests()[1]):
        click.echo(f"{seat.name:<24} {seat.package:<24} {seat.problem or seat.what}")


@expert.command()
@click.argument("where", metavar="MODULE:NAME|FILE.py:NAME")
@click.option("--seed", default=1, show_default=True, help="Other made-up situations.")
def check(where: str, seed: int) -> None:
    """Run the conformance tests on an expert; exit 1 when it may not sit on the panel."""
    module, _, name = where.rpartition(":")
    if not module or not name:
        raise BadInput("An expert is written MODULE:NAME.", advice="For example expert.py:ThankYouFirst.")
    found = conformance.problems(getattr(_module(module), name)(), seed)
    for problem in found:
        click.echo(f"  {problem}")
    if found:
        click.echo(f"{name} does not conform.")
        sys.exit(1)
    click.echo(f"{name} conforms: {conformance.SITUATIONS} situations.")


def _module(name: str) -> object:
    if not name.endswith(".py"):
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(Path(name).stem, name)
    if spec is None or spec.loader is None or not Path(name).is_file():
        raise BadInput(f"There is no file {name}.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
