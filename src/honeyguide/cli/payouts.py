"""Payouts: make the run that is due now, ask again about a payment, tie a day out."""

import sys
from datetime import datetime
from uuid import UUID

import click

from honeyguide import ledger
from honeyguide.cli.session import opened, operator_name, run, workspace_option
from honeyguide.core import clock
from honeyguide.core.money import money_text
from honeyguide.ledger import resolving, schedules
from honeyguide.ledger.tie_out import TieOut, tie_out


@click.group(name="payouts")
def payouts() -> None:
    """Payouts of rewards."""


@payouts.command(name="run")
@workspace_option
@click.option(
    "--key", default="", help="The run's own name: the same again makes no second run. Today's date when left out."
)
@click.option("--rail", default=None, help="Another rail than the policy's.")
@click.option("--dry-run", is_flag=True, help="Say who is due and who waits; request nothing.")
def run_now(slug: str, key: str, rail: str | None, dry_run: bool) -> None:
    """Request a payout for everybody who is due. A second person approves each."""

    async def make() -> schedules.Run | list[schedules.Due] | None:
        now = clock.now()
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            if dry_run:
                return await schedules.due(tx, now, rail)
            return await schedules.run(tx, f"by-hand:{key or f'{now:%Y-%m-%d}'}", now, actor="command line", rail=rail)

    made = run(make())
    if made is None:
        click.echo("This run was made before; nothing was requested.")
        return
    waiting = made if isinstance(made, list) else made.withheld
    for one in made.payouts if isinstance(made, schedules.Run) else []:
        click.echo(f"requested {one.id}  {money_text(one.total_minor, one.currency)} over {one.rail}")
    for due in waiting:
        amount = money_text(due.gross_minor - min(due.owed_minor, due.gross_minor), due.currency)
        click.echo(f"{'waits' if due.why_not else 'due  '}  {due.name}  {amount}  {due.why_not or ''}".rstrip())
    if not waiting and not (isinstance(made, schedules.Run) and made.payouts):
        click.echo("Nobody is due.")


@payouts.command(name="ask-again")
@click.argument("payment", type=click.UUID)
@workspace_option
def ask_again(payment: UUID, slug: str) -> None:
    """Ask a provider now about a payment nobody knows the end of, under its own key: it is never paid twice."""

    async def ask() -> ledger.Disbursement:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await resolving.ask_again(tx, payment, operator_name(), clock.now())

    line = run(ask())
    click.echo(f"{money_text(line.amount_minor, line.currency)} for {line.advocate_name}: {line.rail} is asked again.")


@payouts.command(name="tie-out")
@workspace_option
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Which day (UTC); today when left out.")
def tie_out_day(slug: str, day: datetime | None) -> None:
    """Ours, theirs and the difference, per rail. Exit 1 when something does not tie out."""

    async def look() -> list[TieOut]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await tie_out(tx, (day or clock.now()).date())

    found = run(look())
    for one in found:
        ours, theirs, apart = (
            money_text(m, one.currency) for m in (one.ours_minor, one.theirs_minor, one.difference_minor)
        )
        click.echo(f"{one.day}  {one.rail:<16} ours {ours}  theirs {theirs}  difference {apart}  {one.sentence}")
    if not found:
        click.echo("Nothing was paid or asked for on this day.")
    if any(one.difference_minor or one.problems for one in found):
        sys.exit(1)
