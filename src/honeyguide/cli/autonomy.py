"""Commands about earned autonomy: where steps stand, stop, resume, lower, history, and the check of it."""

import sys

import click

from honeyguide.cli.session import opened, operator_name, run, workspace_option
from honeyguide.core import clock
from honeyguide.decisions import autonomy, autonomy_history
from honeyguide.decisions.autonomy_history import HistoryRow, Seal, Verified
from honeyguide.learning import promotion
from honeyguide.learning.earned import proofs
from honeyguide.learning.promotion import Step

_SHOWN = 3


@click.group(name="autonomy")
def autonomy_group() -> None:
    """Which playbook steps ask without a person, and how that is stopped."""


@autonomy_group.command(name="list")
@workspace_option
def list_all(slug: str) -> None:
    """Every step: its level, how far it may go now, and what is missing for more."""

    async def read() -> tuple[list[Step], autonomy.State]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await promotion.standings(tx, clock.now(), proofs), await autonomy.state(tx)

    steps, holds = run(read())
    if holds.stopped:
        click.echo("Everything is stopped: nothing is asked without a person.")
    for one in steps:
        share = f"{100 * autonomy.SHARES[one.level]:.0f} % alone"
        halted = ", stopped" if one.stopped else ""
        click.echo(f"{one.step:<32} level {one.level} ({share}{halted}), may go to {one.max_level_now}")
        for lacking in one.missing[:_SHOWN]:
            click.echo(f"    {lacking.text}")
    if not steps:
        click.echo("Nobody was decided about yet.")


@autonomy_group.command()
@click.argument("step", required=False, default="")
@click.option("--note", default="", help="Why: kept in the history.")
@workspace_option
def stop(step: str, note: str, slug: str) -> None:
    """Stop a step, or everything: nothing of it is sent any more, not even what was approved."""

    async def act() -> bool:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await autonomy.stop(tx, operator_name(), clock.now(), step=step, note=note)

    done = run(act())
    click.echo(
        f"{step or 'Everything'} {'is' if done else 'was already'} stopped. What was approved and not sent waits for a person."
    )


@autonomy_group.command()
@click.argument("step", required=False, default="")
@click.option("--note", default="", help="Why: kept in the history.")
@workspace_option
def resume(step: str, note: str, slug: str) -> None:
    """Lift a stop: levels hold again."""

    async def act() -> bool:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await autonomy.resume(tx, operator_name(), clock.now(), step=step, note=note)

    done = run(act())
    click.echo(f"{step or 'Everything'} {'goes on' if done else 'was not stopped'}.")


@autonomy_group.command(name="set")
@click.argument("step")
@click.argument("level", type=click.IntRange(0, 4))
@click.option("--note", default="", help="Why: kept in the history.")
@workspace_option
def set_level(step: str, level: int, note: str, slug: str) -> None:
    """Move a step: down always, up by one level and only when nothing is missing."""

    async def act() -> Step:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await promotion.set_level(tx, step, level, operator_name(), clock.now(), proofs, note=note)

    found = run(act())
    click.echo(f"{step} is at level {found.kept}{' and stopped' if found.stopped else ''}.")


@autonomy_group.command()
@click.option("--limit", "-n", default=50, show_default=True, type=click.IntRange(1, 1000))
@workspace_option
def history(limit: int, slug: str) -> None:
    """Who changed what, the newest first."""

    async def read() -> list[HistoryRow]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await autonomy_history.acts(tx, None, None, limit)

    for one in run(read()):
        what = f"{one.kind} {one.from_level} -> {one.to_level}" if one.kind in ("up", "down", "ceiling") else one.kind
        click.echo(
            f"{one.seq:>6}  {one.at:%Y-%m-%d %H:%M}  {one.step or 'everything':<32} {what:<14} {one.actor}  {one.note}"
        )


@autonomy_group.command()
@click.option("--head", default="", help="A head that was kept elsewhere and must be part of the history.")
@workspace_option
def verify(head: str, slug: str) -> None:
    """Check the signed history: exit 1 when anything was changed, left out or cut off."""

    async def read() -> Verified:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await autonomy_history.verify(tx, Seal.of(), head=head)

    found = run(read())
    click.echo(found.sentence)
    for problem in found.problems[1:]:
        click.echo(f"  {problem}")
    if found.erased:
        click.echo(f"  In {found.erased} acts words were emptied by an erasure.")
    if not found.ok:
        sys.exit(1)
