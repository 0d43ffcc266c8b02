"""Commands about enrichment: what the workspace allows."""

import sys
from pathlib import Path

import click
import msgspec

from honeyguide import enrichment
from honeyguide.cli.session import opened, operator_name, run, workspace_option
from honeyguide.core.errors import BadInput


@click.group(name="enrichment")
def enriching() -> None:
    """What may be added about companies and persons, and whom to ask: nothing until you say so."""


@enriching.command(name="show")
@workspace_option
def show(slug: str) -> None:
    """What the workspace allows, as JSON."""

    async def read() -> enrichment.Consent:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await enrichment.consent_of(tx)

    sys.stdout.write(msgspec.json.format(msgspec.json.encode(run(read())), indent=2).decode() + "\n")


@enriching.command(name="allow")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@workspace_option
def allow(file: Path, slug: str) -> None:
    """Set what the workspace allows from a JSON file of the form `enrichment show` prints; an empty object withdraws all."""
    try:
        consent = msgspec.json.decode(file.read_bytes(), type=enrichment.Consent)
    except (msgspec.MsgspecError, UnicodeDecodeError) as e:
        raise BadInput(f"{file} is no consent.", f"{e}.", advice="See `honeyguide enrichment show`.") from e

    async def act() -> None:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            await enrichment.set_consent(tx, consent, operator_name())

    run(act())
    click.echo(f"Companies: {consent.companies}. Persons: {consent.persons}. Providers: {len(consent.providers)}.")
