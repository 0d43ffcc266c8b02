"""The command replay: read the log again, or see what that would change."""

import sys
from datetime import UTC, datetime

import click

from honeyguide import funnel
from honeyguide.app import replay as replaying
from honeyguide.app import replay_runs, road
from honeyguide.cli.session import counter, end_counter, opened, operator_name, run, workspace_option
from honeyguide.core.errors import Unavailable
from honeyguide.db import Tx

_TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would change; touches nothing.")
@click.option("--source", default="", help="With --dry-run: only this source's rows by today's mapping.")
@click.option("--from", "start", type=_TIME, default=None, help="With --dry-run: rows that arrived since (UTC).")
@click.option("--to", "end", type=_TIME, default=None, help="With --dry-run: rows that arrived until (UTC).")
@workspace_option
def replay(dry_run: bool, source: str, start: datetime | None, end: datetime | None, slug: str) -> None:
    """Rebuild everything derived from the log and compare. Exit 1 when anything differs.

    With --dry-run the log is read into a scratch copy and compared with what there is; broken off, it goes on where it
    was. It takes about the road's own time for the whole log, and the derived tables once more on disk.
    """
    if dry_run:
        run(_dry(source, _utc(start), _utc(end), slug))
    elif source or start or end:
        raise click.UsageError("A replay reads the whole log: --source, --from and --to go with --dry-run.")
    else:
        _rebuild(slug)


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None else None


def _rebuild(slug: str) -> None:
    async def rebuild() -> replaying.Replayed:
        async with opened(slug) as (db, workspace_id):
            return await replaying.replay(db, workspace_id, counter("rows read again"))

    found = run(rebuild())
    end_counter()
    for table, before in found.before.items():
        rows, _, digest = before.partition(":")
        same = found.after[table] == before
        click.echo(f"  {'same     ' if same else 'DIFFERENT'} {table:<12} {int(rows):>9,} rows  {digest}")
    click.echo(
        f"Read {found.events:,} rows of the log again: "
        + ("everything is the same." if found.same else "NOT the same.")
    )
    if not found.same:
        sys.exit(1)


async def _dry(source: str, start: datetime | None, end: datetime | None, slug: str) -> None:
    async with opened(slug) as (db, workspace_id):
        await road.catch_up(db, workspace_id)
        async with db.tx(workspace_id) as tx:
            begun = await _asked(tx, source, start, end)
        show = counter("rows read")
        while not begun.finished:
            if not await replay_runs.step(db, workspace_id, begun.id):
                raise Unavailable(f"Dry run {begun.id} has gone.")
            async with db.tx(workspace_id) as tx:
                begun = await funnel.replay_run(tx, begun.id)
            show(begun.n)
        end_counter()
    _tell(begun)


async def _asked(tx: Tx, source: str, start: datetime | None, end: datetime | None) -> funnel.ReplayRun:
    """The same dry run when it was broken off, else a new one."""
    source_id = (await funnel.source_named(tx, source)).id if source else None
    known = await funnel.unfinished_replay(tx)
    if known and known.dry and (known.source_id, known.received_from, known.received_to) == (source_id, start, end):
        return known
    return await funnel.start_replay(tx, operator_name(), dry=True, source_id=source_id, start=start, end=end)


def _tell(found: funnel.ReplayRun) -> None:
    for table, n in found.changes.items():
        moved = ", ".join(f"{n[k]:,} {k}" for k in ("changed", "added", "removed") if n[k])
        click.echo(f"  {table:<12} {n['same']:>9,} same" + (f", {moved}" if moved else ""))
    for one in found.sample[:10]:
        click.echo(f"    {one['table']} {one['change']}: {one['before']} -> {one['after']}")
    click.echo(f"Read {found.n:,} rows; {found.differently:,} of them would be read differently. Nothing was touched.")
    if found.state == "failed":
        click.echo(found.failure, err=True)
        sys.exit(1)
