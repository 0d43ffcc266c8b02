"""The command that takes a program over from another vendor."""

from pathlib import Path

import click

from honeyguide.app.program_import import Report, import_program
from honeyguide.app.program_vendors import VENDORS
from honeyguide.cli.session import opened, run, workspace_option
from honeyguide.core import clock


class _Dry(Exception):
    """Takes a dry run back."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


@click.command(name="import-program")
@click.argument("vendor", type=click.Choice(sorted(VENDORS)))
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would become of every row, and change nothing.")
@click.option("--program", "program_slug", default="", help="The program to take them into; the live one without it.")
@click.option("--currency", default="", help="For rows that name none; the program's without it.")
@click.option("--all", "every", is_flag=True, help="Print imported rows too, not only those that were not.")
@workspace_option
def import_program_command(
    vendor: str, files: tuple[Path, ...], dry_run: bool, program_slug: str, currency: str, every: bool, slug: str
) -> None:
    """Take partners, customers and commissions over from another vendor's exports (JSON or CSV).

    Every row ends as imported, duplicate or refused, with the reason. What was paid there is not paid again; what is
    still owed there becomes a reward that is held until somebody has checked it. Doing it twice changes nothing.
    """

    async def act() -> Report:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            report = await import_program(tx, vendor, files, clock.now(), program_slug=program_slug, currency=currency)
            if dry_run:
                raise _Dry(report)
            return report

    try:
        report = run(act())
    except _Dry as dry:
        report = dry.report
    for row in report.ended:
        if every or row.verdict != "imported":
            click.echo(f"{row.verdict:<9} {row.kind:<10} {row.id}: {row.reason}")
    counts = report.counts()
    said = ", ".join(f"{counts[v]:,} {v}" for v in ("imported", "duplicate", "refused"))
    click.echo(f"{'Would be' if dry_run else 'Done'}: {said} of {len(report.ended):,} rows, into {report.program}.")
