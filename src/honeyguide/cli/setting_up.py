"""Commands that set things up: import, operator, key, workspace."""

import sys
from pathlib import Path

import click

from honeyguide import funnel
from honeyguide.app import road, store
from honeyguide.cli.session import counter, end_counter, opened, run, workspace_option
from honeyguide.core.errors import BadInput
from honeyguide.db import create_workspace
from honeyguide.settings import Settings
from honeyguide.web import auth
from honeyguide.web.operators import ROLES, ensure_operator, operator_by_email


@click.command(name="import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--mapping", "-m", "mapping_path", required=True, type=click.Path(path_type=Path), help="The mapping (YAML)."
)
@click.option("--later", is_flag=True, help="Only write to the log; a running worker carries the rows on.")
@workspace_option
def import_files(paths: tuple[Path, ...], mapping_path: Path, later: bool, slug: str) -> None:
    """Import CSV, JSONL or Parquet files (or folders of them) through a mapping file.

    A file imported twice is read once; a broken-off import goes on where it was; bad rows become dead letters.
    How a mapping is written: docs/how-to/import-files.md.
    """
    run(_import(paths, mapping_path, later, slug))


async def _import(paths: tuple[Path, ...], mapping_path: Path, later: bool, slug: str) -> None:
    mapping = funnel.read_mapping(mapping_path)
    files = _files(paths, mapping)
    async with opened(slug, make_main=True) as (db, workspace_id):
        dead = 0
        for file in files:
            show = counter(f"{file.name}: rows")
            done = await funnel.import_file(db, workspace_id, file, mapping, lambda r, s=show: s(r.rows_done))  # type: ignore[misc]
            end_counter()
            dead += done.rows_dead
            click.echo(
                f"{file.name}: {done.rows_done:,} rows, {done.rows_accepted:,} new, {done.rows_duplicate:,} known, "
                f"{done.rows_dead:,} put aside"
            )
        if dead:
            click.echo(f"{dead:,} rows were put aside with their reasons: see Sources in the console.")
        if not later:
            moved = await road.catch_up(db, workspace_id, counter("carried along the road"))
            end_counter()
            click.echo(f"Carried {moved:,} rows along the road. Ask `honeyguide who`.")


def _files(paths: tuple[Path, ...], mapping: funnel.ImportMapping) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += [f for pattern in mapping.files for f in sorted(path.glob(pattern))]
        elif path.exists():
            found.append(path)
        else:
            raise BadInput(f"There is no file {path}.")
    if not found:
        raise BadInput("None of the files the mapping names is there.", f"It names: {', '.join(mapping.files)}.")
    return found


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
