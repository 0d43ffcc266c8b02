"""Commands about the budgets of asking: how they stand, set one, take one away."""

import click

from honeyguide.cli.session import opened, operator_name, run, workspace_option
from honeyguide.core import clock
from honeyguide.decisions import policy_budget
from honeyguide.learning import budgets
from honeyguide.learning.budgets import Standing

_KIND = click.argument("kind", type=click.Choice(policy_budget.KINDS))


@click.group(name="budget")
def budget_group() -> None:
    """How many messages that ask, and how much reward, a day."""


@budget_group.command(name="list")
@workspace_option
def list_all(slug: str) -> None:
    """Both budgets: what holds, who set it, what was spent, what it costs."""

    async def read() -> list[Standing]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await budgets.standings(tx, clock.now())

    for one in run(read()):
        by = f"set by {one.set_by} on {one.set_at:%Y-%m-%d}" if one.set_by and one.set_at else "nobody set it"
        click.echo(f"{one.kind:<10} {_plan(one)} ({by}); today {one.today:,.0f}, 30 days {one.month:,.0f}")
        click.echo(f"    {one.sentence}")


@budget_group.command(name="set")
@_KIND
@click.argument("per_day", type=float)
@workspace_option
def set_budget(kind: str, per_day: float, slug: str) -> None:
    """Set what may be spent a day: messages, or minor units of reward (5000 is 50.00)."""
    _change(kind, per_day, slug)


@budget_group.command()
@_KIND
@workspace_option
def clear(kind: str, slug: str) -> None:
    """Take a budget away: the usual pace holds again."""
    _change(kind, None, slug)


def _change(kind: str, per_day: float | None, slug: str) -> None:
    async def act() -> Standing:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            await policy_budget.set_plan(tx, kind, per_day, operator_name(), clock.now())
            return next(s for s in await budgets.standings(tx, clock.now()) if s.kind == kind)

    made = run(act())
    click.echo(f"{kind}: {_plan(made)}. {made.sentence}")


def _plan(one: Standing) -> str:
    return "no limit" if one.per_day is None else f"{one.per_day:,.2f} a day"
