"""Commands about sources: create, list, show, tail, shapes, plan, pause, resume, key."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from honeyguide import funnel
from honeyguide.cli.session import opened, operator_name, run, workspace_option
from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.settings import Settings

_POLL_S = 2.0
_COUNTS = ("accepted", "duplicate", "mismatch", "dead_letter", "refused")


@click.group()
def source() -> None:
    """Systems that send events: make one, look at one, pause it."""


@source.command(name="create")
@click.argument("kind")
@click.argument("name")
@click.option("--secret", default=None, help="The sender's signing secret (webhooks).")
@click.option(
    "--server-only", is_flag=True, help="Its key stands in no page: what it tells of deals and payments is believed."
)
@workspace_option
def source_create(kind: str, name: str, secret: str | None, server_only: bool, slug: str) -> None:
    """Make a source (segment, webhook, or a system we know) and print its write key, once."""

    async def make() -> tuple[funnel.Source, str]:
        async with opened(slug, make_main=True) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await funnel.add_source(tx, kind, name, secret, operator_name(), server_only=server_only)

    made, key = run(make())
    _show_key(made, key)


@source.command(name="trust")
@click.argument("name")
@click.option("--no", "no", is_flag=True, help="Its key does stand in pages: believe nothing it tells of money.")
@workspace_option
def source_trust(name: str, no: bool, slug: str) -> None:
    """Say that a source's key lives on servers only: what it tells of deals, payments and refunds counts from now on."""

    async def change() -> str:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return (await funnel.trust_source(tx, await funnel.source_named(tx, name), not no, operator_name())).name

    said = "is not believed about money" if no else "is believed about deals, payments, refunds and disputes"
    click.echo(f"{run(change())} {said}, from its next event on.")


def _show_key(made: funnel.Source, key: str) -> None:
    url, command = funnel.snippet(made, key, Settings.load().base_url)
    click.echo(f"Source {made.name} ({made.kind}) is ready. Its key is shown this once:\n\n  {key}\n")
    if made.kind != "segment":
        click.echo(f"Let {made.kind} send its webhooks to:\n\n  {url}\n")
    click.echo(f"Send a first event:\n\n  {command}")


@source.command(name="list")
@workspace_option
def source_list(slug: str) -> None:
    """Every source: how it is, and its counters."""

    async def read() -> tuple[list[dict[str, Any]], dict[int, funnel.Health]]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await funnel.source_totals(tx), await funnel.source_health(tx, clock.now())

    totals, health = run(read())
    for row in totals:
        counts = ", ".join(f"{row.get(k, 0) or 0:,} {k}" for k in _COUNTS)
        click.echo(f"{row['name']:<20} {row['kind']:<10} {health[row['id']].state:<8} {counts}")


@source.command(name="show")
@click.argument("name")
@workspace_option
def source_show(name: str, slug: str) -> None:
    """One source: its state in words, its cost, its plan, its mapping versions and its last days."""

    async def read() -> list[str]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            found, now = await funnel.source_named(tx, name), clock.now()
            health = (await funnel.source_health(tx, now))[found.id]
            events, size = (await funnel.cost(tx, now)).get(found.id, (0, 0))
            plan, broken = await funnel.plan_of(tx, found.id), await funnel.violations(tx, found.id)
            lines = [
                f"{found.name} ({found.kind}): {health.state}. {health.reason}",
                f"  30 days: {events:,} events, {size:,} bytes",
                f"  of deals, payments, refunds and disputes: {funnel.money_words(found)}",
                f"  plan: {plan.mode}, {len(plan.events)} rules, broken {sum(b.n for b in broken):,} times",
                *(f"    {b.n:>9,}  {b.rule}: {b.prop} is {b.problem}" for b in broken),
                *(f"  mapping {v.version} since {v.at:%Y-%m-%d %H:%M}: {v.n:,} rows ({v.digest[:12]})"
                  for v in await funnel.versions(tx, found.id)),
            ]  # fmt: skip
            for day in await funnel.source_days(tx, found.id, now):
                counts = {k: getattr(day, k) for k in _COUNTS if getattr(day, k)}
                lines += [f"  {day.day}  {', '.join(f'{n:,} {k}' for k, n in counts.items())}"] if counts else []
            return lines

    for line in run(read()):
        click.echo(line)


@source.command(name="shapes")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True)
@workspace_option
def source_shapes(name: str, as_json: bool, slug: str) -> None:
    """Which shapes of payload a source sends: since when, how many, which are new."""

    async def read() -> list[funnel.Shape]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await funnel.shapes(tx, (await funnel.source_named(tx, name)).id, clock.now())

    found = run(read())
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
        return
    for shape in found:
        mark = "NEW" if shape.new else ""
        click.echo(
            f"{shape.kind:<24} {shape.fingerprint[:12]} {shape.n:>9,}  since {shape.first_seen_at:%Y-%m-%d}  {mark}"
        )
        paths = [f"{p.path} ({'/'.join(p.types)})" for p in shape.paths]
        click.echo(f"    {', '.join(paths)}")


@source.command(name="plan")
@click.argument("name")
@click.option("--mode", type=click.Choice(["off", "warn", "quarantine"]), default=None)
@click.option(
    "--file", "-f", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None,
    help='Rules as JSON: [{"name": "Order Completed", "required": ["total"], "types": {"total": "number"}}].',
)  # fmt: skip
@workspace_option
def source_plan(name: str, mode: str | None, file: Path | None, slug: str) -> None:
    """Show the tracking plan of a source as JSON, or set its mode, its rules or both."""

    async def act() -> funnel.TrackingPlan:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            found = await funnel.source_named(tx, name)
            plan = await funnel.plan_of(tx, found.id)
            if mode is None and file is None:
                return plan
            events = plan.events if file is None else funnel.parse_events(_json(file))
            return await funnel.set_plan(tx, found.id, mode or plan.mode, events, operator_name())  # type: ignore[arg-type]

    plan = run(act())
    shown = {"mode": plan.mode, "events": msgspec.to_builtins(plan.events)}
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(shown), indent=2).decode() + "\n")


def _json(file: Path) -> Any:
    try:
        return msgspec.json.decode(file.read_bytes())
    except msgspec.DecodeError as e:
        raise BadInput(f"{file} is not JSON.", str(e)) from e


@source.command(name="tail")
@click.argument("name")
@click.option("--once", is_flag=True, help="Show what is there and stop.")
@workspace_option
def source_tail(name: str, once: bool, slug: str) -> None:
    """Watch what a source sends, as it came and as we read it, until Ctrl-C."""
    run(_tail(name, once, slug))


async def _tail(name: str, once: bool, slug: str) -> None:
    after = 0
    async with opened(slug) as (db, workspace_id):
        while True:
            async with db.tx(workspace_id) as tx:
                rows = await funnel.live_rows(tx, await funnel.source_named(tx, name), after)
            for row in reversed(rows):
                after = max(after, row.seq)
                kinds = ", ".join(event.kind for event in row.events) or row.problem
                version = f"v{row.version}" if row.version else "not read yet"
                click.echo(
                    f"{row.received_at:%H:%M:%S} {row.kind:<20} {row.message_id:<24} -> {kinds}  [{row.lane}, {version}]"
                )
            if once:
                return
            await asyncio.sleep(_POLL_S)


@source.command(name="pause")
@click.argument("name")
@workspace_option
def source_pause(name: str, slug: str) -> None:
    """Refuse what a source sends, until it is resumed."""

    async def act() -> None:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            await funnel.pause(tx, (await funnel.source_named(tx, name)).id, operator_name())

    run(act())
    click.echo(f"{name} is paused: what it sends is refused.")


@source.command(name="resume")
@click.argument("name")
@workspace_option
def source_resume(name: str, slug: str) -> None:
    """Take what a paused source sends again."""

    async def act() -> None:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            await funnel.resume(tx, (await funnel.source_named(tx, name)).id, operator_name())

    run(act())
    click.echo(f"{name} is open again.")


@source.command(name="key")
@click.argument("name")
@click.option("--secret", default=None, help="A new signing secret of the sender, too.")
@workspace_option
def source_key(name: str, secret: str | None, slug: str) -> None:
    """Make another write key for a source and print it, once; the old one stops working."""

    async def act() -> tuple[funnel.Source, str]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            found = await funnel.source_named(tx, name)
            return found, await funnel.new_key(tx, found.id, operator_name(), secret)

    found, key = run(act())
    _show_key(found, key)
