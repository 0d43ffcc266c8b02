"""Commands of the background pass: run it, and answer its questions in the terminal."""

import getpass
from uuid import UUID

import click

from honeyguide.app import road
from honeyguide.cli.identity import identity_group
from honeyguide.cli.session import opened, run, workspace_option
from honeyguide.db import audit
from honeyguide.identity import background


@identity_group.command(name="pass")
@click.option("--dry-run", is_flag=True, help="Decide, and write nothing.")
@click.option("--all", "complete", is_flag=True, help="Look at every record again, not only at those that changed.")
@workspace_option
def run_pass(dry_run: bool, complete: bool, slug: str) -> None:
    """Look for records that are one without sharing an identifier; join the sure ones, ask about the others."""

    async def think() -> list[background.Passed]:
        async with opened(slug) as (db, workspace_id):
            await road.catch_up(db, workspace_id)
            done = await background.identify(db, workspace_id, dry_run=dry_run, complete=complete)
            await road.catch_up(db, workspace_id)
            return done

    done = run(think())
    if not done:
        click.echo("Another pass is running.")
    for one in done:
        if one.report is None:
            click.echo(f"{one.kind}: nothing changed.")
            continue
        r = one.report
        would = "would be " if dry_run else ""
        click.echo(
            f"{one.kind}: {r.records:,} records, {r.pairs:,} likely pairs; {one.joined:,} {would}joined, {one.asked:,} {would}asked "
            f"({sum(r.seconds.values()):.1f} s, {r.peak_mb} MB)"
        )
        for reason, n in sorted(r.refused.items()):
            click.echo(f"  {n:,} kept apart by the limit {reason} ({r.limits.get(reason, '-')})")


@identity_group.command()
@click.option(
    "--kind", default="", type=click.Choice(["", "persona", "company"]), help="Only persons, or only companies."
)
@click.option("--accept", "accepted", default="", help="The id of a proposal: the two are one.")
@click.option("--reject", "rejected", default="", help="The id of a proposal: they are not.")
@click.option("--list", "only_list", is_flag=True, help="List, and ask nothing.")
@click.option("--limit", "-n", default=20, show_default=True, type=click.IntRange(1, 200))
@workspace_option
def review(kind: str, accepted: str, rejected: str, only_list: bool, limit: int, slug: str) -> None:
    """Review what the pass proposes: y accepts, n rejects, s skips, q ends."""
    if accepted or rejected:
        click.echo(run(_answer(slug, UUID(accepted or rejected), bool(accepted))))
        return
    found = run(_open(slug, kind, limit))
    if not found:
        click.echo("Nothing is to be reviewed.")
    for p in found:
        _show(p)
        if only_list:
            continue
        key = click.prompt("  One? [y/n/s/q]", type=click.Choice(["y", "n", "s", "q"]), show_choices=False)
        if key == "q":
            return
        if key in "yn":
            click.echo(f"  {run(_answer(slug, p.id, key == 'y'))}")


async def _open(slug: str, kind: str, limit: int) -> list[background.Proposal]:
    async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
        return await background.proposals(tx, "open", kind or None, None, limit)


async def _answer(slug: str, ident: UUID, same: bool) -> str:
    actor = f"command line ({getpass.getuser()})"
    async with opened(slug) as (db, workspace_id):
        async with db.tx(workspace_id) as tx:
            answer = background.accept if same else background.reject
            found, event = await answer(tx, ident, actor)
            action = "proposal.accepted" if same else "proposal.rejected"
            await audit.write(tx, actor, action, f"proposal:{ident}", {"event": str(event)})
        await road.catch_up(db, workspace_id)
    return f"{found.state}: {found.a.ext_id} and {found.b.ext_id}"


def _show(p: background.Proposal) -> None:
    click.echo(f"\n{p.id}  {p.probability:.1%}  {p.kind}{'  MONEY' if p.money else ''}")
    for side in (p.a, p.b):
        said = [
            str(side.traits[n])
            for n in ("name", "title", "email", "phone", "company", "domain", "city", "country")
            if side.traits.get(n)
        ]
        click.echo(f"  {side.source}:{side.ext_id}  {', '.join(said)}")
    click.echo(f"  {p.sentence}")
    if p.guard:
        click.echo(f"  Not joined by itself: {p.guard}")
