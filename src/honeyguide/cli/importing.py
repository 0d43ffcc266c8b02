"""The command that imports files."""

from pathlib import Path

import click

from honeyguide import funnel
from honeyguide.app import road
from honeyguide.cli.session import counter, end_counter, opened, run, workspace_option
from honeyguide.core.errors import BadInput


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
