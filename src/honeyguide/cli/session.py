"""What commands share: the store for one command, the chosen workspace, progress on a terminal."""

import asyncio
import contextlib
import getpass
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import click

from honeyguide.app import seed, store
from honeyguide.core.errors import NotFound
from honeyguide.db import Database, workspace_by_slug
from honeyguide.settings import Settings

T = TypeVar("T")

workspace_option = click.option(
    "--workspace", "-w", "slug", default="", help="Which workspace (its short name). Not needed when there is only one."
)


def operator_name() -> str:
    """Who types: for the audit."""
    return f"cli:{getpass.getuser()}"


def run(work: Awaitable[T]) -> T:
    """Run a command's coroutine."""

    async def whole() -> T:
        return await work

    return asyncio.run(whole())


@contextlib.asynccontextmanager
async def opened(slug: str, *, make_main: bool = False) -> AsyncIterator[tuple[Database, int]]:
    """The store and the workspace's id. Without a slug: the only one, or the demo's when several and it is there.

    Raises NotFound that lists what there is.
    """
    async with store.database(Settings.load()) as db:
        if not slug and make_main and not await db.workspaces():
            await seed.first_workspace(db)
        yield db, await _choose(db, slug)


async def _choose(db: Database, slug: str) -> int:
    if slug:
        return await workspace_by_slug(db, slug)
    known = await db.workspaces()
    if len(known) == 1:
        return known[0]
    if not known:
        raise NotFound("There is no workspace yet.", advice="Start with `honeyguide up --demo` or `honeyguide up`.")
    names = []
    for workspace_id in known:
        async with db.tx(workspace_id) as tx:
            names.append(await tx.value("select slug from workspace where id = $1", workspace_id))
    raise NotFound(
        "There are several workspaces.", f"They are: {', '.join(names)}.", advice="Choose one with --workspace."
    )


def counter(title: str) -> Callable[[int], None]:
    """A progress line that overwrites itself on a terminal and stays quiet elsewhere."""

    def show(done: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r  {title}: {done:,}", nl=False, err=True)

    return show


def end_counter() -> None:
    """Finish the progress line."""
    if sys.stderr.isatty():
        click.echo("", err=True)
