"""playbook: what to do at which moment, read, compared and tried on the last days."""

import sys

import click
import msgspec

from honeyguide import decisions
from honeyguide.cli.session import opened, run, workspace_option
from honeyguide.core.money import money_text
from honeyguide.decisions.dry_run import DryRun
from honeyguide.decisions.dry_run_beliefs import Range
from honeyguide.programs import playbooks
from honeyguide.programs.journey import SEGMENTS, STAGES, VERTICALS
from honeyguide.programs.playbooks import Playbook


@click.group(name="playbook")
def playbook_group() -> None:
    """What to do at which moment, for whom, with what, and what is expected of it."""


@playbook_group.command(name="list")
@click.option("--stage", type=click.Choice(STAGES))
@click.option("--segment", type=click.Choice(SEGMENTS))
@click.option("--vertical", type=click.Choice(VERTICALS))
@workspace_option
def list_all(stage: str | None, segment: str | None, vertical: str | None, slug: str) -> None:
    """The playbooks, one line each; those this workspace has edited are marked with their version."""

    async def read() -> playbooks.Playbooks:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await playbooks.in_force(tx)

    known = run(read())
    for cell in playbooks.cells():
        if all(asked in (None, is_) for asked, is_ in zip((stage, segment, vertical), cell, strict=True)):
            found = known.of(*cell)
            mark = f"version {found.version}" if found.slug in known.own else "library"
            click.echo(f"{found.slug:<40} {mark:<11} {len(found.steps):>2} steps  {found.goal}")


@playbook_group.command(name="show")
@click.argument("name")
@click.option("--version", type=click.IntRange(0), help="An older version; 0 is the library's.")
@click.option("--json", "as_json", is_flag=True)
@workspace_option
def show(name: str, version: int | None, as_json: bool, slug: str) -> None:
    """A playbook in sentences, with where each step comes from."""

    async def read() -> Playbook:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await (playbooks.current(tx, name) if version is None else playbooks.at_version(tx, name, version))

    found = run(read())
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
        return
    click.echo(f"{found.slug}, {'the library' if not found.version else f'version {found.version}'}\n{found.goal}\n")
    for step in found.steps:
        click.echo(f"{step.title}  ({step.slug}, {step.layer})")
        for sentence in playbooks.sentences(step):
            click.echo(f"    {sentence}")
        for origin in found.provenance.get(step.slug, [])[1:]:
            click.echo(f"    <- {origin.where}: {origin.because or ', '.join(origin.fields)}")
        click.echo("")


@playbook_group.command(name="diff")
@click.argument("name")
@click.option("--from", "before", type=click.IntRange(0), default=0, show_default=True, help="0 is the library's.")
@click.option("--to", "after", type=click.IntRange(0), help="The one in force unless told.")
@workspace_option
def diff(name: str, before: int, after: int | None, slug: str) -> None:
    """What differs between two versions, in sentences."""

    async def read() -> list[str]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            first = await playbooks.at_version(tx, name, before)
            second = await (playbooks.current(tx, name) if after is None else playbooks.at_version(tx, name, after))
            return playbooks.diff(first, second)

    found = run(read())
    click.echo("\n".join(found) if found else "Both say the same.")


@playbook_group.command(name="dry-run")
@click.argument("name")
@click.option("--days", type=click.IntRange(1, 365), default=90, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@workspace_option
def dry_run(name: str, days: int, as_json: bool, slug: str) -> None:
    """What the playbook would have done in the last days; sends and keeps nothing."""

    async def read() -> DryRun:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await decisions.dry_run(tx, await playbooks.current(tx, name), days)

    found = run(read())
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
        return
    _show(found)


def _show(found: DryRun) -> None:
    click.echo(
        f"{found.slug}, {found.since:%Y-%m-%d} to {found.until:%Y-%m-%d}: {found.candidates:,} moments in this cell, "
        f"{found.asks:,} asks to {found.people:,} people."
    )
    cost, high = money_text(found.cost_minor, found.currency), money_text(found.cost_high_minor, found.currency)
    click.echo(f"Expected shares: {_range(found.shares)}. Expected cost: {cost}, 95 % of the time below {high}.")
    for step in found.by_step:
        click.echo(
            f"  {step.asks:>5} asks, {_range(step.shares)} shares (the step itself expects {_range(step.believed)})  {step.title}"
        )
    if found.held_out:
        click.echo(f"  {found.held_out:>5} held out for good, to measure against")
    if found.not_worth_it:
        click.echo(f"  {found.not_worth_it:>5} left alone: an ask was worth less than silence")
    for veto in found.vetoes:
        click.echo(f"  {veto.times:>5} not asked: {veto.what}. For example: {veto.example}")
    for note in found.notes:
        click.echo(note)


def _range(found: Range) -> str:
    return f"{found.mean:.1f} ({found.low:.0f} to {found.high:.0f})"
