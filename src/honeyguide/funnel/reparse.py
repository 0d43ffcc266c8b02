"""The doors' parsing, once more: bytes of a dead letter that never entered the log, as their door would read them now."""

import csv
import io
from datetime import datetime
from typing import Any

import msgspec

from honeyguide.core import clock
from honeyguide.funnel import envelopes, hooks
from honeyguide.funnel.decode import rows
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.mapping import FileMapping
from honeyguide.funnel.events import Broken, Lane, NewEvent, Undecodable, event_id
from honeyguide.funnel.sources import Source

_object = msgspec.json.Decoder(dict[str, Any])


def again(source: Source, stage: str, body: bytes, received_at: datetime) -> list[NewEvent | Broken]:
    """Parse bytes as the door of this stage and source would; what cannot be taken comes back as Broken."""
    if stage == "import":
        return [_imported(source, body)]
    if stage == "hook" or source.kind not in ("segment", "internal", "import"):
        return hooks.heard(source, body, {}, received_at).inputs
    if source.kind == "import":
        return [_imported(source, body)]
    return _segment(body, received_at)


def _segment(body: bytes, received_at: datetime) -> list[NewEvent | Broken]:
    """One item of a batch, through the batch door: the same limits and the same reasons."""
    try:
        _object.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as e:
        return [Broken("not_an_object", str(e), body, received_at)]
    return envelopes.segment_batch(b'{"batch":[' + body + b"]}", received_at).inputs


def _imported(source: Source, body: bytes) -> NewEvent | Broken:
    """A row of a file: a JSON object, or a line of CSV whose columns the source remembers."""
    now, problem = clock.now(), "The source has no mapping that can read this row."
    kept: dict[str, Any] = source.settings.get("mappings", {})
    for name, stored in sorted(kept.items()):
        mapping = msgspec.convert(stored, FileMapping)
        row = _row(body, source.settings.get("columns", {}).get(name))
        if row is None:
            problem = "It is neither a JSON object nor a line of a file whose columns are known: mend it as an object."
            continue
        if mapping.lookups:
            problem = f"{name} looks values up in other files: import the mended file again."
            continue
        if not mapping.columns() <= set(row):
            problem = f"{name} needs the columns {', '.join(sorted(mapping.columns() - set(row)))}."
            continue
        try:
            return _event(source, name, mapping, row, now)
        except Undecodable as e:
            problem = str(e)
    return Broken("bad_row", problem, body, now, "import")


def _row(body: bytes, columns: list[str] | None) -> dict[str, Any] | None:
    try:
        return _object.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        values = next(csv.reader(io.StringIO(body.decode()), strict=True), [])
    except (csv.Error, UnicodeDecodeError):
        return None
    return dict(zip(columns, values, strict=True)) if columns and len(columns) == len(values) else None


def _event(source: Source, name: str, mapping: FileMapping, row: dict[str, Any], now: datetime) -> NewEvent:
    ident = "/".join(str(row.get(c) or "") for c in mapping.id_columns)
    if not ident.strip("/"):
        raise Undecodable("no_id", f"{' and '.join(mapping.id_columns)} is empty.")
    message_id, at = f"{name}:{ident}", min(rows.row_time(mapping, row), now)
    body = msgspec.json.encode(rows.ImportedRow(name, row, {}))
    arrived = Arrived(
        event_id(source.workspace_id, source.id, message_id), source, source.slug, source.name, name, message_id, at, now,
        body,
    )  # fmt: skip
    rows.decode(arrived)  # a row that cannot be read must not enter the log
    return NewEvent("import", name, message_id, body, now, at, lane=Lane.HISTORICAL)
