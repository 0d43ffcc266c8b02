"""program: the rules of programs as files in a repository; compared, tried on the past, published, taken back."""

import getpass
import sys
from pathlib import Path

import click
import msgspec
from msgspec import structs

from honeyguide.cli.session import opened, run, workspace_option
from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.core.money import money_text
from honeyguide.db import Tx
from honeyguide.learning import attributes, publishing, simulation
from honeyguide.learning.simulating import Simulation
from honeyguide.programs import Program, ProgramFile, Version, programs, versions
from honeyguide.programs.catalogue import from_yaml, parse, plain, to_yaml
from honeyguide.programs.telling import changes_money, diff, sentences_of


@click.group(name="program")
def program_group() -> None:
    """The rules of programs: what is earned, by whom, for what. A second person confirms what changes money."""


def _actor() -> str:
    return f"command line ({getpass.getuser()})"


@program_group.command(name="list")
@workspace_option
def list_all(slug: str) -> None:
    """The programs, one line each."""

    async def read() -> list[tuple[Program, Version | None, list[Version]]]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return [(p, await versions.draft(tx, p), await versions.all_versions(tx, p)) for p in await programs(tx)]

    for found, draft, every in run(read()):
        waits = next((f"version {v.version} waits for a second person" for v in every if v.state == "waiting"), "")
        more = ", ".join(w for w in (waits, f"draft {draft.version}" if draft else "") if w)
        click.echo(
            f"{found.slug:<32} {found.state:<7} version {found.version:<4} {found.name}{f'  ({more})' if more else ''}"
        )


@program_group.command(name="show")
@click.argument("name")
@click.option("--version", type=click.IntRange(1), help="Another version than the one in force (else the draft).")
@click.option("--yaml", "as_yaml", is_flag=True, help="As a file for a repository.")
@workspace_option
def show(name: str, version: int | None, as_yaml: bool, slug: str) -> None:
    """A program in sentences, or as a file."""

    async def read() -> Version:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await _wanted(tx, await versions.find(tx, name), version)

    found = run(read())
    if as_yaml:
        sys.stdout.write(to_yaml(found.file))
        return
    click.echo(f"{found.file.name}, version {found.version} ({found.state})\n")
    for sentence in sentences_of(found.file):
        click.echo(sentence)


async def _wanted(tx: Tx, program: Program, number: int | None) -> Version:
    if number:
        return await versions.version(tx, program, number)
    found = await versions.live_version(tx, program) or await versions.draft(tx, program)
    return found or (await versions.all_versions(tx, program))[0]


@program_group.command(name="diff")
@click.argument("name")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "before", type=click.IntRange(1), help="The one in force unless told.")
@click.option("--to", "after", type=click.IntRange(1), help="The draft unless told, or FILE.")
@workspace_option
def difference(name: str, file: Path | None, before: int | None, after: int | None, slug: str) -> None:
    """What differs between two versions, or between what is in force and a FILE, in sentences."""

    async def read() -> tuple[list[str], bool]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            found = await versions.find(tx, name)
            first = await _wanted(tx, found, before)
            second = _file(file, found) if file else (await _later(tx, found, after)).file
            return diff(first.file, second), changes_money(first.file, second)

    told, money = run(read())
    click.echo("\n".join(told) if told else "Both say the same.")
    if money:
        click.echo("It changes money: a second person has to confirm it.")


def _file(path: Path, program: Program) -> ProgramFile:
    return structs.replace(from_yaml(path.read_text(encoding="utf-8")), slug=program.slug)


async def _later(tx: Tx, program: Program, number: int | None) -> Version:
    if number:
        return await versions.version(tx, program, number)
    found = await versions.draft(tx, program)
    if found is None:
        raise NotFound(f"There is no draft of {program.slug!r}.", advice="Name a file, or a version with --to.")
    return found


@program_group.command(name="apply")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--publish", "at_once", is_flag=True, help="Publish it, too: words at once, money once somebody confirmed."
)
@click.option("--note", default="", help="Why; kept with the version.")
@workspace_option
def apply(file: Path, at_once: bool, note: str, slug: str) -> None:
    """Make FILE the draft of its program; a program there is not yet is made. The same file again changes nothing."""
    wanted = parse(plain(from_yaml(file.read_text(encoding="utf-8"))))

    async def write() -> tuple[str, list[str]]:
        async with opened(slug, make_main=True) as (db, workspace_id), db.tx(workspace_id) as tx:
            known = attributes.unknown_in(await attributes.attributes(tx), wanted)
            return await _applied(tx, wanted, at_once, note), known

    told, unknown = run(write())
    click.echo(told)
    for sentence in unknown:
        click.echo(f"Note: {sentence}")


async def _applied(tx: Tx, wanted: ProgramFile, at_once: bool, note: str) -> str:
    now, there = clock.now(), {p.slug: p for p in await programs(tx)}
    found = there.get(wanted.slug)
    if found is None:
        found = await versions.create_program(tx, wanted, _actor(), now)
    else:
        live = await versions.live_version(tx, found)
        if live is not None and not diff(live.file, wanted):
            return f"{found.slug} says the same already (version {found.version})."
        await versions.save_draft(tx, found, wanted, _actor(), now)
    draft = await _later(tx, found, None)
    if not at_once:
        return (
            f"{found.slug}: kept as draft {draft.version}. `honeyguide program publish {found.slug}` puts it in force."
        )
    return _said(await publishing.publish(tx, found, draft.version, _actor(), now, note))


@program_group.command(name="publish")
@click.argument("name")
@click.option("--version", type=click.IntRange(1), help="The draft unless told.")
@click.option("--note", default="", help="Why; kept with the version.")
@workspace_option
def publish(name: str, version: int | None, note: str, slug: str) -> None:
    """Put a draft in force; where money changes, it waits until somebody else confirms it in the console."""

    async def write() -> Version:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            found = await versions.find(tx, name)
            number = version or (await _later(tx, found, None)).version
            return await publishing.publish(tx, found, number, _actor(), clock.now(), note)

    click.echo(_said(run(write())))


@program_group.command()
@click.argument("name")
@click.argument("version", type=click.IntRange(1))
@workspace_option
def rollback(name: str, version: int, slug: str) -> None:
    """Put an older VERSION in force again, as a new version; where money changes, somebody else confirms it."""

    async def write() -> Version:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await publishing.roll_back(tx, await versions.find(tx, name), version, _actor(), clock.now())

    click.echo(_said(run(write())))


def _said(found: Version) -> str:
    if found.state == "live":
        return f"{found.file.slug}: version {found.version} is in force."
    return (
        f"{found.file.slug}: version {found.version} changes money and waits for a second person (console, Programs)."
    )


@program_group.command(name="simulate")
@click.argument("name")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--version", type=click.IntRange(1), help="The draft (else the one in force) unless told, or FILE.")
@click.option("--months", type=click.IntRange(1, 60), default=12, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@workspace_option
def simulate(name: str, file: Path | None, version: int | None, months: int, as_json: bool, slug: str) -> None:
    """What a version, or a FILE, would have cost over the last months, and for whom. Nothing is posted or kept."""

    async def read() -> Simulation:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            found = await versions.find(tx, name)
            tried = await versions.draft(tx, found) if version is None else None
            wanted = parse(plain(_file(file, found))) if file else (tried or await _wanted(tx, found, version)).file
            return await simulation.simulate(tx, found, wanted, months, clock.now())

    found = run(read())
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
        return
    _show(found)


def _show(found: Simulation) -> None:
    if not found.facts:
        click.echo("Nothing to replay: no friend came through a link in that time.")
        return
    click.echo(found.sentence)
    for month, minor in found.liability.items():
        click.echo(f"  {month}  {money_text(minor, found.currency):>14} due")
    for title, rows in (("More", found.winners), ("Less", found.losers)):
        for one in rows[:10]:
            before, after = money_text(one.before_minor, found.currency), money_text(one.after_minor, found.currency)
            click.echo(f"  {title}: {one.name} ({one.group}), {before} then, {after} now. {one.why}")
    for what, held in found.holds.items():
        click.echo(f"  Held {held.times} times, {money_text(held.minor, found.currency)}: {what}")
    for what, refused in found.refused.items():
        click.echo(f"  Refused {refused.times} times: {what}")
    for currency, minor in found.others.items():
        click.echo(f"  Besides: {money_text(minor, currency)}")
