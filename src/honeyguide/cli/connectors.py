"""Commands about what can be connected: connectors and definitions of one's own. They need no store."""

import asyncio
import sys
from pathlib import Path

import click

from honeyguide.connectors import recorded, registry
from honeyguide.connectors.probe import Shown
from honeyguide.core.errors import BadInput
from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.funnel import connections
from honeyguide.funnel.definitions import Definition, parse_definition


@click.group()
def connector() -> None:
    """Systems that can be connected, and definitions of your own."""


@connector.command(name="list")
def connector_list() -> None:
    """Every connector: what it is called and what it brings."""
    for name, found in registry.definitions().items():
        streams = ", ".join(found.streams) or "webhooks only"
        click.echo(f"{name:<16} {found.label:<16} {streams}{' + webhooks' if found.streams and found.webhook else ''}")


@connector.command(name="show")
@click.argument("name")
def connectorshow(name: str) -> None:
    """What a connector asks for, and what it syncs."""
    found = registry.definitions().get(name)
    if found is None:
        raise BadInput(f"There is no connector {name!r}.", f"There are: {', '.join(registry.definitions())}.")
    _describe(found)


def _describe(found: Definition) -> None:
    click.echo(f"{found.label} ({found.connector}), version {found.version}\n{found.about}\n")
    click.echo(f"Signs in by {found.auth.get('kind', 'none')}. Asks for:")
    for q in connections.questions(found):
        kind = "secret" if q.secret else "required" if q.required else "optional"
        click.echo(
            f"  {q.name:<18} {q.label} ({kind}{', default ' + q.default if q.default else ''}) {q.help}".rstrip()
        )
    if found.streams:
        click.echo("\nStreams:")
    for name, spec in found.streams.items():
        notes = [
            spec.hook or spec.transport,
            f"every {spec.every_s} s",
            "incremental" if spec.cursor else "whole each time",
        ]
        notes += ["optional"] if spec.optional else []
        notes += ["tells what is gone"] if spec.tombstones or spec.deleted else []
        notes += [f"with {', '.join(spec.children)}"] if spec.children else []
        click.echo(f"  {name:<18} {', '.join(notes)}")
    if found.webhook:
        click.echo(f"\nWebhooks: {found.webhook.verify or 'unsigned, by a secret address'}")


@connector.command(name="check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--replies", type=click.Path(path_type=Path, exists=True, file_okay=False), help="A folder of recorded replies."
)
def connector_check(file: Path, replies: Path | None) -> None:
    """Check a definition, and show what it makes of recorded replies. Exit 1 when anything is wrong.

    How replies are named: docs/how-to/write-a-connector.md. No network and no store are needed.
    """
    found = parse_definition(file.read_text(encoding="utf-8"), file.name)
    click.echo(f"{file.name}: {found.label}, {len(found.streams)} streams, {len(found.maps)} maps. It can be read.")
    if replies is None:
        return
    problems = 0
    for played in asyncio.run(recorded.play(found, recorded.Recording.read(replies))):
        unit = "delivery" if played.name == "webhook" else "page"
        click.echo(f"\n{played.name}: {many(played.pages, unit)}, {many(len(played.rows), 'record')}")
        for row in played.rows:
            show(row)
        for problem in played.problems:
            click.echo(f"  ! {problem}")
        problems += len(played.problems) + sum(1 for row in played.rows if row.problem)
    if problems:
        click.echo(f"\n{many(problems, 'problem')}.")
        sys.exit(1)
    click.echo("\nNothing is wrong.")


def many(count: int, unit: str) -> str:
    """`1 page`, `2 pages`."""
    plural = f"{unit[:-1]}ies" if unit.endswith("y") else f"{unit}s"
    return f"{count:,} {unit if count == 1 else plural}"


def show(row: Shown) -> None:
    """A record, and the events it becomes."""
    click.echo(f"  {row.message_id or 'no record'}")
    for event in row.events:
        click.echo(f"    {event.kind:<22} {event.at:%Y-%m-%d %H:%M}  {event.ref}")
        for line in _lines(event):
            click.echo(f"      {line}")
    if row.problem:
        click.echo(f"    ! {row.problem}")
    elif not row.events:
        click.echo("    no event")


def _lines(event: CanonicalEvent) -> list[str]:
    lines = [f"{word}: {_who(ref)}" for word, ref in (("person", event.person), ("company", event.company)) if ref]
    if props := {k: v for k, v in event.props.items() if k != "name"}:
        lines.append("props: " + ", ".join(f"{k}={v}" for k, v in props.items()))
    if event.text:
        lines.append(f"text: {event.text[:100]!r}")
    return lines


def _who(ref: RecordRef) -> str:
    known = ", ".join(f"{i.ns} {i.value}" for i in ref.identifiers)
    traits = ", ".join(f"{k}={v}" for k, v in ref.traits.items() if k not in ("email", "domain"))
    return " | ".join(part for part in (ref.ext_id, known, traits) if part)
