"""Commands that set things up: operator, key, workspace."""

import sys

import click

from honeyguide.app import store
from honeyguide.cli.session import opened, run, workspace_option
from honeyguide.db import create_workspace
from honeyguide.settings import Settings
from honeyguide.web import auth
from honeyguide.web.operators import ROLES, ensure_operator, operator_by_email


@click.group()
def operator() -> None:
    """People who run the program: add one, give a sign-in link."""


@operator.command(name="add")
@click.argument("email")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="marketer", show_default=True)
@workspace_option
def operator_add(email: str, name: str, role: str, slug: str) -> None:
    """Add an operator and print a one-time sign-in link."""

    async def add() -> str:
        async with opened(slug, make_main=True) as (db, workspace_id), db.tx(workspace_id) as tx:
            made = await ensure_operator(tx, email, name, role)
            return await auth.issue_link(tx, made.id, 60, base_url=Settings.load().base_url)

    click.echo(f"{name} ({role}) can sign in within the hour with:\n\n  {run(add())}")


@operator.command(name="link")
@click.argument("email")
@workspace_option
def operator_link(email: str, slug: str) -> None:
    """A one-time sign-in link for an operator, good for an hour."""

    async def make() -> str:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            found = await operator_by_email(tx, email)
            return await auth.issue_link(tx, found.id, 60, base_url=Settings.load().base_url)

    click.echo(run(make()))


@click.group()
def key() -> None:
    """API keys."""


@key.command(name="create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, default=("read",), show_default=True, help="read, write or payouts.")
@workspace_option
def key_create(name: str, scopes: tuple[str, ...], slug: str) -> None:
    """Make an API key and print it, once."""

    async def make() -> str:
        async with opened(slug, make_main=True) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await auth.create_api_key(tx, name, list(scopes))

    click.echo(run(make()))


@click.group(name="workspace")
def workspaces() -> None:
    """Workspaces: one a company."""


@workspaces.command(name="create")
@click.argument("slug")
@click.argument("name")
@click.option("--currency", default="EUR", show_default=True)
@click.option("--timezone", default="UTC", show_default=True)
def workspace_create(slug: str, name: str, currency: str, timezone: str) -> None:
    """Make a workspace."""

    async def make() -> int:
        async with store.database(Settings.load()) as db:
            return await create_workspace(db, slug, name, currency=currency.upper(), timezone=timezone)

    run(make())
    sys.stdout.write(f"Workspace {slug} is ready.\n")
