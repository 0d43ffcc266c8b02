"""Commands about connected systems."""

import sys
from pathlib import Path
from typing import Any

import click

from honeyguide.app import demo_systems, road
from honeyguide.cli.connectors import show
from honeyguide.cli.session import counter, end_counter, opened, run, workspace_option
from honeyguide.connectors import registry
from honeyguide.connectors.probe import Preview, Prober, Tested
from honeyguide.connectors.sync import sync_now
from honeyguide.core.errors import BadInput
from honeyguide.funnel import connections
from honeyguide.funnel.connections import Connection, StreamState, SyncRun
from honeyguide.funnel.definitions import library, parse_definition
from honeyguide.settings import Settings

_NAME = click.argument("name")


@click.group()
def connection() -> None:
    """Connected systems: add, test, preview, sync, pause, look."""


@connection.command(name="add")
@click.argument("connector_name", metavar="CONNECTOR")
@_NAME
@click.option("--set", "answers", multiple=True, metavar="NAME=VALUE", help="An answer; `connector show` lists them.")
@click.option(
    "--secret", "secrets", multiple=True, metavar="NAME[=@FILE]", help="A secret: asked for, or read from a file."
)
@click.option("--stream", "streams", multiple=True, help="Only these streams.")
@click.option(
    "--definition",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A definition of your own (YAML).",
)
@workspace_option
def connection_add(
    connector_name: str, name: str, answers: tuple[str, ...], secrets: tuple[str, ...], streams: tuple[str, ...],
    definition: Path | None, slug: str,
) -> None:  # fmt: skip
    """Connect a system. Secrets that are needed and not given are asked for, unseen."""
    own = parse_definition(definition.read_text(encoding="utf-8"), definition.name) if definition else None
    found = own or registry.definitions().get(connector_name)
    if found is None:
        raise BadInput(f"There is no connector {connector_name!r}.", f"There are: {', '.join(registry.definitions())}.")
    plain = dict(_pair(a) for a in answers)
    hidden = dict(_secret(s) for s in secrets)
    for q in connections.questions(found):
        if q.required and not q.default and q.name not in plain | hidden and sys.stdin.isatty():
            into = hidden if q.secret else plain
            into[q.name] = click.prompt(q.label, hide_input=q.secret)

    async def make() -> tuple[Connection, str]:
        async with opened(slug, make_main=True) as (db, workspace_id), db.tx(workspace_id) as tx:
            shipped = own is None and connector_name in library()
            made = await connections.create_connection(
                tx, found.connector, name, plain, hidden, list(streams) or None, definition=None if shipped else found
            )
            return made, await connections.hook_key(tx, made.source_id)

    made, key = run(make())
    click.echo(f"{found.label} is connected as {made.name!r} ({', '.join(made.streams) or 'webhooks only'}).")
    base = Settings.load().base_url
    if found.auth.get("kind") == "oauth2":
        click.echo(f"Authorise it, signed in to the console:\n\n  {base}/oauth/start/{made.source_id}\n")
    if found.webhook:
        click.echo(f"Let it send its webhooks to:\n\n  {base}/hooks/{key}\n")
    click.echo(f"Try it: honeyguide connection test {made.name!r}")


def _settings() -> Settings:
    """What may be called: the demo's own vendors too, where a demo lives."""
    return demo_systems.reachable(Settings.load())


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise BadInput(f"{text!r} is no answer.", "It is written NAME=VALUE.")
    return name, value


def _secret(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        return name, click.prompt(name, hide_input=True)
    return name, Path(value[1:]).read_text(encoding="utf-8").strip() if value.startswith("@") else value


@connection.command(name="list")
@workspace_option
def connection_list(slug: str) -> None:
    """Every connection and its state."""

    async def read() -> list[Connection]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await connections.connections(tx)

    found = run(read())
    for one in found:
        last = f"{one.last_sync_at:%Y-%m-%d %H:%M}" if one.last_sync_at else "never"
        click.echo(
            f"{one.source_id:>4}  {one.name:<20} {one.connector:<14} {one.state:<11} last sync {last}  {one.problem}".rstrip()
        )
    if not found:
        click.echo("Nothing is connected. See `honeyguide connector list`.")


@connection.command(name="test")
@_NAME
@workspace_option
def connection_test(name: str, slug: str) -> None:
    """Does it answer, are we let in, can each stream be read? Exit 1 when not."""

    async def attempt() -> Tested:
        async with opened(slug) as (db, workspace_id):
            async with db.tx(workspace_id) as tx:
                found = await connections.connection_named(tx, name)
            return await Prober(db, _settings()).test(found)

    result = run(attempt())
    if result.account:
        click.echo(f"Reached {result.account}.")
    for stream in result.streams:
        click.echo(
            f"  {'ok ' if stream.ok else 'NOT'} {stream.name:<20} {stream.problem or f'{stream.records} record read'}"
        )
        if stream.advice:
            click.echo(f"      {stream.advice}")
    if not result.ok:
        click.echo(f"{result.problem} {result.advice}".strip())
        sys.exit(1)
    click.echo("Everything can be read.")


@connection.command(name="preview")
@_NAME
@click.option("--stream", default="", help="Which stream; the first unless told.")
@click.option("-n", "count", default=5, show_default=True, type=click.IntRange(1, 50))
@workspace_option
def connection_preview(name: str, stream: str, count: int, slug: str) -> None:
    """Some records and the events they would become. Nothing is written."""

    async def look() -> Preview:
        async with opened(slug) as (db, workspace_id):
            async with db.tx(workspace_id) as tx:
                found = await connections.connection_named(tx, name)
            return await Prober(db, _settings()).preview(found, stream, count)

    result = run(look())
    for row in result.rows:
        show(row)
    if result.problem:
        click.echo(f"{result.problem} {result.advice}".strip())
        sys.exit(1)
    if not result.rows:
        click.echo("The stream holds no record.")


@connection.command(name="sync")
@_NAME
@click.option("--stream", default=None, help="Only this stream.")
@click.option("--full", is_flag=True, help="From the beginning; tells what is gone.")
@click.option("--later", is_flag=True, help="Only ask for it; a running worker does it.")
@workspace_option
def connection_sync(name: str, stream: str | None, full: bool, later: bool, slug: str) -> None:
    """Sync now. It can be broken off at any time and goes on where it was."""
    run(_sync(name, stream, full, later, slug))


async def _sync(name: str, stream: str | None, full: bool, later: bool, slug: str) -> None:
    async with opened(slug) as (db, workspace_id):
        async with db.tx(workspace_id) as tx:
            found = await connections.connection_named(tx, name)
            newest = max((r.id for r in await connections.runs(tx, found.source_id, 1)), default=0)
            await connections.request_sync(tx, found.source_id, stream, full)
        if later:
            click.echo("It is due now; a running worker syncs it.")
            return
        show = counter(found.name)
        await sync_now(db, workspace_id, found.source_id, _settings(), progress=lambda _, state: show(state.pass_rows))
        end_counter()
        async with db.tx(workspace_id) as tx:
            runs = [r for r in await connections.runs(tx, found.source_id, 100) if r.id > newest or r.ended_at is None]
            now = await connections.connection(tx, found.source_id)
        for one in reversed(runs):
            click.echo(_run_line(one))
        moved = await road.catch_up(db, workspace_id, counter("carried along the road"))
        end_counter()
        if now.problem:
            click.echo(f"{now.problem} {now.advice}".strip())
            sys.exit(1)
        click.echo(f"Carried {moved:,} rows along the road.")


def _run_line(one: SyncRun) -> str:
    took = f" in {(one.ended_at - one.started_at).total_seconds():.0f} s" if one.ended_at else ", not finished"
    return (
        f"{one.stream}: {one.rows:,} records, {one.new:,} new, {one.duplicates:,} known, {one.dead:,} put aside; "
        f"{one.requests:,} requests{took}" + (f"; {one.problem}" if one.problem else "")
    )


@connection.command(name="pause")
@_NAME
@workspace_option
def connection_pause(name: str, slug: str) -> None:
    """Fetch nothing until it is resumed."""
    run(_move(name, slug, "pause"))


@connection.command(name="resume")
@_NAME
@workspace_option
def connection_resume(name: str, slug: str) -> None:
    """Go on where it was."""
    run(_move(name, slug, "resume"))


async def _move(name: str, slug: str, act: str) -> None:
    async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
        found = await connections.connection_named(tx, name)
        moved = await (connections.pause if act == "pause" else connections.resume)(tx, found.source_id)
    click.echo(f"{moved.name} is {'paused' if moved.state == 'paused' else 'due for a sync'}.")


@connection.command(name="state")
@_NAME
@workspace_option
def connection_state(name: str, slug: str) -> None:
    """How far each stream is, what is wrong with it, and the latest runs."""

    async def read() -> tuple[Connection, list[StreamState], list[SyncRun]]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            found = await connections.connection_named(tx, name)
            return (
                found,
                await connections.stream_states(tx, found.source_id),
                await connections.runs(tx, found.source_id, 10),
            )

    found, streams, runs = run(read())
    click.echo(f"{found.name} ({found.connector}): {found.state}")
    if found.problem:
        click.echo(f"  {found.problem} {found.advice}".rstrip())
    for s in streams:
        click.echo(_stream_line(s))
        if s.problem and s.problem != found.problem:
            click.echo(f"    {s.problem} {s.advice}".rstrip())
    if runs:
        click.echo("\nLatest runs:")
    for one in runs:
        click.echo(f"  {one.started_at:%Y-%m-%d %H:%M}  {_run_line(one)}")


def _stream_line(s: StreamState) -> str:
    if not s.enabled:
        return f"  {s.stream:<20} off"
    known = (
        f"known up to {s.since}"
        if isinstance(s.since, str | int)
        else "read whole"
        if s.last_sync_at
        else "not read yet"
    )
    total: Any = f" of {s.pass_total:,}" if s.pass_total else ""
    under_way = f"; a pass is at record {s.pass_rows:,}{total}" if s.run_id is not None else ""
    return f"  {s.stream:<20} {s.rows:,} records, {known}{under_way}; due {s.next_due_at:%Y-%m-%d %H:%M}"
