"""Commands about identity: show, separate, link, conflicts."""

import getpass
import sys

import click
import msgspec

from honeyguide import identity
from honeyguide.app import road
from honeyguide.cli.session import opened, run, workspace_option
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import audit

_reason = click.option("--reason", "-r", default="", help="Why; it is kept with the decision.")


@click.group(name="identity")
def identity_group() -> None:
    """Who is who: look at it, join and separate."""


@identity_group.command()
@click.argument("entity", type=int)
@click.option("--json", "as_json", is_flag=True)
@workspace_option
def show(entity: int, as_json: bool, slug: str) -> None:
    """Show the source records that are one persona or company; ENTITY is its id or that of any of its records."""

    async def read() -> list[identity.Record]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await identity.records_of(tx, entity)

    found = run(read())
    if not found:
        raise NotFound(f"There is no record {entity}.")
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
        return
    click.echo(f"{found[0].kind} {found[0].entity_id}: {len(found)} record(s)")
    for r in found:
        name = r.traits.get("name") or r.traits.get("email") or r.traits.get("domain") or ""
        click.echo(f"  {r.id:<20} {r.source}:{r.ext_id}  {name}")
        for tie in r.ties:
            click.echo(f"  {'':<20}   {tie.ns} {tie.value} ({tie.klass}) with {', '.join(map(str, tie.others))}")


@identity_group.command()
@click.argument("entity", type=int)
@click.argument("records", type=int, nargs=-1, required=True)
@_reason
@workspace_option
def separate(entity: int, records: tuple[int, ...], reason: str, slug: str) -> None:
    """Say that RECORDS of ENTITY are somebody else than the rest of it."""

    async def decide() -> list[int]:
        async with opened(slug) as (db, workspace_id):
            async with db.tx(workspace_id) as tx:
                ids = {r.id for r in await identity.records_of(tx, entity)}
                if not set(records) < ids:
                    raise BadInput(
                        "These are not some, but not all, of its records.", "See `honeyguide identity show`."
                    )
                await identity.separate(tx, records, ids - set(records), _actor(), reason)
                await audit.write(
                    tx, _actor(), "identity.separated", f"entity:{entity}", {"records": list(map(str, records))}
                )
            await road.catch_up(db, workspace_id)
            async with db.tx(workspace_id) as tx:
                return sorted(set((await identity.resolve(tx, ids)).values()))

    click.echo(f"They are now: {', '.join(map(str, run(decide())))}")


@identity_group.command()
@click.argument("entity", type=int)
@click.argument("other", type=int)
@_reason
@workspace_option
def link(entity: int, other: int, reason: str, slug: str) -> None:
    """Say that ENTITY and OTHER (any record's id) are one."""

    async def decide() -> list[int]:
        async with opened(slug) as (db, workspace_id):
            async with db.tx(workspace_id) as tx:
                await identity.link(tx, [entity, other], _actor(), reason)
                await audit.write(tx, _actor(), "identity.linked", f"entity:{entity}", {"records": [str(other)]})
            await road.catch_up(db, workspace_id)
            async with db.tx(workspace_id) as tx:
                return sorted(set((await identity.resolve(tx, [entity, other])).values()))

    click.echo(f"They are now: {', '.join(map(str, run(decide())))}")


@identity_group.command()
@click.option("--kind", default="", help="Only of this kind: shared, limit, money, duplicate ...")
@click.option("--closed", is_flag=True, help="Those that no longer hold.")
@click.option("--limit", "-n", default=50, show_default=True, type=click.IntRange(1, 1000))
@workspace_option
def conflicts(kind: str, closed: bool, limit: int, slug: str) -> None:
    """List what was refused to be joined, and why, the newest first."""

    async def read() -> list[identity.Conflict]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await identity.conflicts(tx, kind or None, "closed" if closed else "open", None, limit)

    found = run(read())
    for c in found:
        click.echo(f"{c.opened_at:%Y-%m-%d %H:%M}  {'MONEY ' if c.money else ''}{c.kind:<10} {c.sentence}")
        if c.entities:
            click.echo(f"{'':<18}{', '.join(map(str, c.entities))}")
    if not found:
        click.echo("Nothing was refused.")


def _actor() -> str:
    return f"command line ({getpass.getuser()})"
