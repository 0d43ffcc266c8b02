"""Import files (CSV, JSONL, Parquet) through the same door as everything else, in the historical lane.

A run is a row: it knows how many rows are done, and commits that with the rows. Started again after a crash
it goes on where it was; a finished file is not read twice. Bad rows become dead letters with their number.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Conflict
from honeyguide.db import Database, Tx
from honeyguide.funnel import run_tables
from honeyguide.funnel.decode import rows as decode_rows
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.mapping import FileMapping, ImportMapping, digest_of
from honeyguide.funnel.events import Broken, Lane, NewEvent, Outcome, Undecodable, Verdict, event_id
from honeyguide.funnel.file_rows import Line, lines_of
from honeyguide.funnel.ingest import append_mixed
from honeyguide.funnel.sources import Source, change_settings, ensure_source, load_sources

CHUNK = 500
LOOKUP_MAX = 2_000_000
Progress = Callable[["ImportRun"], None]


class ImportRun(Struct, frozen=True):
    """How far an import is."""

    id: int
    source_id: int
    file_name: str
    rows_done: int
    rows_accepted: int
    rows_duplicate: int
    rows_dead: int
    state: str
    failure: str | None
    started_at: datetime
    updated_at: datetime


async def import_file(
    db: Database, workspace_id: int, path: Path, mapping: ImportMapping, progress: Progress | None = None
) -> ImportRun:
    """Import one file; returns the finished run. `progress` is called after every committed chunk.

    Raises BadInput when the file or a column the mapping names is missing, Conflict when another process is
    importing the same file. Rows that cannot be read are dead letters, not errors.
    """
    spec = mapping.of(path.name)
    _check_columns(path, spec)
    joins = {column: _lookup(path.parent / one.file, one.by, one.take) for column, one in spec.lookups.items()}
    async with db.tx(workspace_id) as tx:
        source = await _source_with(tx, mapping.source, spec, _header(path))
        run = await _start(tx, source, path, spec)
    if run.state == "done":
        return run
    rows = islice(lines_of(path), run.rows_done, None)
    while chunk := list(islice(rows, CHUNK)):
        async with db.tx(workspace_id) as tx:
            outcomes = await append_mixed(tx, [(source.id, _input(source, spec, path, joins, one)) for one in chunk])
            run = await _advance(tx, run, outcomes)
        if progress is not None:
            progress(run)
    async with db.tx(workspace_id) as tx:
        return _run(await run_tables.finish(tx, run.id, clock.now()))


async def _source_with(tx: Tx, name: str, spec: FileMapping, columns: list[str]) -> Source:
    source = await ensure_source(tx, "import", name)
    held = await run_tables.lock_source(tx, source.id)
    mappings = dict(held.get("mappings", {}))
    known = dict(held.get("columns", {}))  # what a line of CSV in the dead letters is read by
    given = msgspec.to_builtins(spec)
    if mappings.get(spec.name) != given or known.get(spec.name, columns) != columns or (columns and not known):
        mappings[spec.name], known[spec.name] = given, columns
        await change_settings(tx, source, {**held, "mappings": mappings, "columns": known})
    return (await load_sources(tx))[source.id]


async def _start(tx: Tx, source: Source, path: Path, spec: FileMapping) -> ImportRun:
    with path.open("rb") as file:
        file_digest = hashlib.file_digest(file, "sha256").digest()
    row = await run_tables.start(
        tx, source.id, path.name, file_digest, digest_of(spec), path.stat().st_size, clock.now()
    )
    return _run(row)


async def _advance(tx: Tx, run: ImportRun, outcomes: list[Outcome]) -> ImportRun:
    count = {v: sum(1 for o in outcomes if o.verdict is v) for v in Verdict}
    row = await run_tables.advance(
        tx, run.id, run.rows_done, len(outcomes), count[Verdict.ACCEPTED], count[Verdict.DUPLICATE],
        count[Verdict.DEAD_LETTER] + count[Verdict.MISMATCH], clock.now(),
    )  # fmt: skip
    if row is None:
        raise Conflict(f"{run.file_name} is being imported by another process.", advice="Wait until that one is done.")
    return _run(row)


def _input(
    source: Source, spec: FileMapping, path: Path, joins: dict[str, dict[str, str]], line: Line
) -> NewEvent | Broken:
    now = clock.now()
    try:
        if line.row is None:
            raise Undecodable("bad_row", line.problem)
        return _new_event(source, spec, joins, line.row, now)
    except Undecodable as e:
        return Broken(e.reason, f"Row {line.number} of {path.name}: {e.detail}", line.raw, now, "import")


def _new_event(
    source: Source, spec: FileMapping, joins: dict[str, dict[str, str]], row: dict[str, Any],
    now: datetime,
) -> NewEvent:  # fmt: skip
    ident = "/".join(str(row.get(c) or "") for c in spec.id_columns)
    if not ident.strip("/"):
        raise Undecodable("no_id", f"{' and '.join(spec.id_columns)} is empty.")
    joined = {}
    for column, known in joins.items():
        lookup = spec.lookups[column]
        value = known.get(str(row.get(lookup.by) or ""))
        if value is None:
            raise Undecodable("not_found", f"{lookup.file} has no row with {lookup.by} {row.get(lookup.by)!r}.")
        joined[column] = value
    message_id = f"{spec.name}:{ident}"
    body = msgspec.json.encode(decode_rows.ImportedRow(spec.name, row, joined))
    at = min(decode_rows.row_time(spec, row), now)
    arrived = Arrived(
        event_id(source.workspace_id, source.id, message_id), source, source.slug, source.name, spec.name, message_id,
        at, now, body,
    )  # fmt: skip
    decode_rows.decode(arrived)  # a row that cannot be read must not enter the log
    return NewEvent("import", spec.name, message_id, body, now, at, lane=Lane.HISTORICAL)


def _header(path: Path) -> list[str]:
    head = next(iter(lines_of(path)), None) if path.suffix.lower() == ".csv" else None
    return list(head.row) if head is not None and head.row is not None else []


def _check_columns(path: Path, spec: FileMapping) -> None:
    try:
        head = next(iter(lines_of(path)), None)
    except OSError as e:
        raise BadInput(f"The file {path} cannot be read.", str(e)) from e
    if head is None or head.row is None or path.suffix.lower() not in {".csv", ".parquet"}:
        return
    missing = sorted(spec.columns() - set(head.row))
    if missing:
        raise BadInput(
            f"{path.name} has no column {', '.join(missing)}.", f"Its columns are: {', '.join(head.row)}.",
            advice="Correct the mapping, or the file's first line.",
        )  # fmt: skip


def _lookup(path: Path, by: str, take: str) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        for line in lines_of(path):
            if line.row is not None and (value := line.row.get(take)) not in (None, ""):
                found[str(line.row.get(by) or "")] = str(value)
            if len(found) > LOOKUP_MAX:
                raise BadInput(f"{path.name} has more than {LOOKUP_MAX} rows, too many to look up.")
    except OSError as e:
        raise BadInput(f"The file {path.name} is needed for a lookup and cannot be read.", str(e)) from e
    return found


def _run(row: Any) -> ImportRun:
    return ImportRun(**{f: row[f] for f in ImportRun.__struct_fields__})
