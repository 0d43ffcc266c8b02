"""doctor: what is wrong with this installation; prepare: what `up` does before it starts anything."""

import asyncio
import sys

import click
import msgspec

from honeyguide.app import doctor, seed, store
from honeyguide.app.where import dsn_of
from honeyguide.db import Database, workspace_by_slug
from honeyguide.settings import Settings


@click.command(name="doctor")
def doctor_command() -> None:
    """Check the installation: store, schema, safety settings, cursors, dead letters, ledger. Exit 1 when something is wrong."""
    findings = asyncio.run(doctor.examine(Settings.load()))
    for finding in findings:
        mark = {"good": "ok ", "warn": "!  ", "bad": "BAD"}[finding.verdict]
        click.echo(f"  {mark} {finding.title:<22} {finding.detail}")
        if finding.advice:
            click.echo(f"      {finding.advice}")
    if any(f.verdict == "bad" for f in findings):
        sys.exit(1)


@click.command(name="prepare", hidden=True)
@click.option("--demo", is_flag=True)
@click.option("--only-links", is_flag=True)
def prepare_command(demo: bool, only_links: bool) -> None:
    """Bring the schema up to date, open the first workspace or the demo company, print sign-in links as JSON."""
    links = asyncio.run(_prepare(Settings.load(), demo=demo, only_links=only_links))
    sys.stdout.write(msgspec.json.encode(links).decode())


async def _prepare(settings: Settings, *, demo: bool, only_links: bool) -> list[tuple[str, str]]:
    dsn = dsn_of(settings)
    if not only_links:
        await store.prepare(dsn)
    db = await Database.open(dsn, size=2)
    try:
        if not demo:
            opened = await seed.first_workspace(db)
        elif only_links:
            opened = await workspace_by_slug(db, seed.DEMO)
        else:
            opened = await seed.demo_company(db, settings)
        return await seed.sign_in_links(db, settings, opened)
    finally:
        await db.close()
