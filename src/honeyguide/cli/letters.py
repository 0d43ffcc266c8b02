"""Commands about dead letters: list, show, retry, edit, drop."""

import sys
from pathlib import Path

import click
import msgspec

from honeyguide import funnel
from honeyguide.app import road
from honeyguide.cli.session import counter, end_counter, opened, operator_name, run, workspace_option
from honeyguide.db import Tx

_STATES = click.Choice(["open", "retried", "dropped", "all"])
Chosen = tuple[str, str, str, str]


@click.group(name="dead-letters")
def dead_letters() -> None:
    """What could not go on: list it, try it again, mend it, drop it."""


@dead_letters.command(name="list")
@click.option("--state", type=_STATES, default="open", show_default=True)
@click.option("--source", default="", help="The name of a source.")
@click.option("--stage", default="", help="ingest, import, hook, decode, plan, road or outcomes.")
@click.option("--reason", default="")
@click.option("--limit", "-n", default=20, show_default=True, type=click.IntRange(1, 1000))
@workspace_option
def list_letters(state: str, source: str, stage: str, reason: str, limit: int, slug: str) -> None:
    """Count dead letters per reason and list the newest."""

    async def read() -> tuple[list[funnel.DeadLetter], list[tuple[str, str, int]], dict[int, str]]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            wanted = await _filter(tx, (state, source, stage, reason))
            names = {ident: found.name for ident, found in (await funnel.load_sources(tx)).items()}
            return await funnel.dead_letters(tx, wanted, limit=limit), await funnel.letter_reasons(tx, wanted), names

    letters, reasons, names = run(read())
    for at, why, n in reasons:
        click.echo(f"{n:>9,}  {at}: {why}")
    for one in letters:
        name = names.get(one.source_id, "")
        click.echo(
            f"{one.id:>9}  {one.at:%Y-%m-%d %H:%M}  {one.state:<8} {name:<16} {one.stage}: {one.detail or one.reason}"
        )
    if not letters:
        click.echo("There are none.")


async def _filter(tx: Tx, chosen: Chosen) -> funnel.Filter:
    state, source, stage, reason = chosen
    source_id = (await funnel.source_named(tx, source)).id if source else None
    return funnel.Filter(None if state == "all" else state, source_id, stage or None, reason or None)


@dead_letters.command(name="show")
@click.argument("letter_id", type=int)
@workspace_option
def show_letter(letter_id: int, slug: str) -> None:
    """Show one dead letter with its whole body."""

    async def read() -> funnel.DeadLetter:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await funnel.letter(tx, letter_id)

    found = run(read())
    click.echo(
        f"{found.state}, {found.stage}: {found.reason}, {found.attempts} attempts, first on {found.at:%Y-%m-%d %H:%M}"
    )
    click.echo(f"{found.detail}\n")
    click.echo(found.body.decode(errors="replace"))


@dead_letters.command(name="retry")
@click.argument("ids", nargs=-1, type=int)
@click.option("--all", "everything", is_flag=True, help="Every open letter, or every one the options below choose.")
@click.option("--source", default="", help="The name of a source.")
@click.option("--stage", default="")
@click.option("--reason", default="")
@workspace_option
def retry_letters(ids: tuple[int, ...], everything: bool, source: str, stage: str, reason: str, slug: str) -> None:
    """Try dead letters again: these, or with --all every open one. Exit 1 when any failed again.

    A broken-off --all goes on where it was when a worker runs.
    """
    if bool(ids) == everything:
        raise click.UsageError("Name letters, or say --all.")
    failed = run(_retry_all(("open", source, stage, reason), slug) if everything else _retry(ids, slug))
    if failed:
        sys.exit(1)


async def _retry(ids: tuple[int, ...], slug: str) -> int:
    failed = 0
    async with opened(slug) as (db, workspace_id):
        for ident in ids:
            async with db.tx(workspace_id) as tx:
                tried = await funnel.retry(tx, ident, operator_name(), road.carry_again)
            click.echo(f"{ident}: {tried.outcome}" + (f": {tried.problem}" if tried.problem else ""))
            failed += not tried.ok
    return failed


async def _retry_all(chosen: Chosen, slug: str) -> int:
    async with opened(slug) as (db, workspace_id):
        async with db.tx(workspace_id) as tx:
            begun = await funnel.start_retry(tx, await _filter(tx, chosen), operator_name())
        show, done = counter("letters tried"), 0
        while moved := await funnel.step_retry(db, workspace_id, road.carry_again, begun.id):
            done += moved
            show(done)
        end_counter()
        async with db.tx(workspace_id) as tx:
            found = await funnel.letter_run(tx, begun.id)
    click.echo(f"{found.done:,} tried, {found.succeeded:,} went on, {found.failed:,} failed again.")
    return found.failed


@dead_letters.command(name="edit")
@click.argument("letter_id", type=int)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True))
@workspace_option
def edit_letter(letter_id: int, file: Path, slug: str) -> None:
    """Send a mended body (FILE, or - for standard input) into the log as a new event; the letter keeps the original."""
    body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()

    async def mend() -> funnel.Retried:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await funnel.edit_and_retry(tx, letter_id, body, operator_name())

    tried = run(mend())
    click.echo(f"{letter_id}: {tried.outcome}" + (f": {tried.problem}" if tried.problem else ""))
    if not tried.ok:
        sys.exit(1)


@dead_letters.command(name="drop")
@click.argument("ids", nargs=-1, required=True, type=int)
@workspace_option
def drop_letters(ids: tuple[int, ...], slug: str) -> None:
    """Close dead letters without doing anything with them."""

    async def close() -> None:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            for ident in ids:
                await funnel.drop(tx, ident, operator_name())

    run(close())
    click.echo(msgspec.json.encode({"dropped": list(ids)}).decode())
