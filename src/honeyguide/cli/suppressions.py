"""Commands about suppressions: add, list, lift, erase."""

import click

from honeyguide import funnel
from honeyguide.app import erasure as erasing
from honeyguide.cli.session import opened, operator_name, run, workspace_option
from honeyguide.core.errors import BadInput


@click.group(name="suppression")
def suppressions() -> None:
    """People about whom nothing new is kept."""


@suppressions.command(name="add")
@click.argument("identifiers", nargs=-1, required=True, metavar="NS=VALUE...")
@click.option("--reason", required=True, help="Why: kept with the suppression and in the audit.")
@workspace_option
def add(identifiers: tuple[str, ...], reason: str, slug: str) -> None:
    """Suppress a person by what identifies them: email=ana@acme.example phone=+49... record:hubspot=42."""
    named = [(ns, value) for ns, _, value in (one.partition("=") for one in identifiers)]

    async def act() -> funnel.Suppression:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await funnel.suppress(tx, named, operator_name(), reason)

    if any(not value for _, value in named):
        raise BadInput("An identifier is written NS=VALUE.", advice="For example email=ana@acme.example.")
    made = run(act())
    click.echo(f"Suppression {made.id} holds: {', '.join(made.namespaces)}. Running doors notice within a second.")


@suppressions.command(name="list")
@click.option("--limit", "-n", default=50, show_default=True, type=click.IntRange(1, 1000))
@workspace_option
def list_all(limit: int, slug: str) -> None:
    """Every suppression: who asked, why, how often it kept something out."""

    async def read() -> list[funnel.Suppression]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await funnel.suppressions(tx, limit=limit)

    for one in run(read()):
        state = f"lifted by {one.lifted_by}" if one.lifted_at else "holds"
        click.echo(
            f"{one.id:>6}  {one.at:%Y-%m-%d %H:%M}  {state:<20} {one.hits:>7,} kept out  {one.actor}: {one.reason}"
        )


@suppressions.command(name="lift")
@click.argument("suppression_id", type=int)
@workspace_option
def lift(suppression_id: int, slug: str) -> None:
    """Take new events of this person again."""

    async def act() -> None:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            await funnel.lift(tx, suppression_id, operator_name())

    run(act())
    click.echo(f"Suppression {suppression_id} is lifted.")


@suppressions.command(name="erase")
@click.argument("identifiers", nargs=-1, required=True, metavar="NS=VALUE...")
@click.option("--reason", required=True, help="Why: kept with the suppression and in the audit.")
@click.confirmation_option(prompt="What is erased cannot be brought back. Erase?")
@workspace_option
def erase(identifiers: tuple[str, ...], reason: str, slug: str) -> None:
    """Erase a person: out of the log, the dead letters and every other text; nothing new is kept, the books stay."""
    named = [(ns, value) for ns, _, value in (one.partition("=") for one in identifiers)]

    async def act() -> erasing.Erased:
        async with opened(slug) as (db, workspace_id):
            return await erasing.erase(db, workspace_id, named, operator_name(), reason)

    done = run(act())
    click.echo(
        f"Emptied {done.emptied:,} rows of the log, took mentions out of {done.rewritten:,}, removed {done.letters:,} dead "
        f"letters, scrubbed {done.scrubbed:,} other texts. Replay {done.replay_id} rebuilds what is derived."
    )
