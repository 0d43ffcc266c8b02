"""Rows of imported files, read by the mapping their source keeps for them."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct, field

from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.funnel.decode import fields, records
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.mapping import Column, EventMapping, FileMapping, RecordMapping, column_of
from honeyguide.funnel.decode.tracked import rating, slug
from honeyguide.funnel.events import Undecodable

Row = dict[str, Any]


class ImportedRow(Struct, frozen=True):
    """The body of an imported row: as it stood in the file, what was looked up, and the name of its mapping.

    Neither the file's name nor the mapping's content is in it, so the same row out of another export, or imported
    again under a mended mapping, is a duplicate; a mended mapping reads the rows anew on the next replay.
    """

    mapping: str
    row: Row
    joined: dict[str, str] = field(default_factory=dict)


_decoder = msgspec.json.Decoder(ImportedRow)


def decode(arrived: Arrived) -> list[CanonicalEvent]:
    """The events a row tells. Raises Undecodable naming the column and the value that cannot be read."""
    try:
        body = _decoder.decode(arrived.body)
    except msgspec.MsgspecError as e:
        raise Undecodable("not_an_imported_row", str(e)) from e
    stored = arrived.source.settings.get("mappings", {}).get(body.mapping)
    if stored is None:
        raise Undecodable("unknown_mapping", f"The source has no mapping {body.mapping}.")
    return events_of(arrived, _parsed(msgspec.json.encode(stored)), {**body.row, **body.joined})


@lru_cache(maxsize=256)
def _parsed(stored: bytes) -> FileMapping:
    return msgspec.json.decode(stored, type=FileMapping)


def events_of(arrived: Arrived, mapping: FileMapping, row: Row) -> list[CanonicalEvent]:
    """Apply a mapping to a row."""
    person = _record(arrived, mapping.person, row, mapping.currency, is_person=True)
    company = _record(arrived, mapping.company, row, mapping.currency, is_person=False)
    found = []
    for event in mapping.events:
        at = _when(event, mapping, row)
        if at is not None:
            found.append(_event(arrived, mapping, event, row, at, person, company))
    return found


def row_time(mapping: FileMapping, row: Row) -> datetime:
    """When the row happened. Raises Undecodable."""
    at = fields.instant(row.get(mapping.time))
    if at is None:
        raise Undecodable("bad_time", f"Column {mapping.time} is {row.get(mapping.time)!r}, which is no time.")
    return at


def _when(event: EventMapping, mapping: FileMapping, row: Row) -> datetime | None:
    for column, wanted in event.when.items():
        said = fields.text(row.get(column)) if not isinstance(row.get(column), bool) else str(row[column])
        allowed = [wanted] if isinstance(wanted, str) else wanted
        if said.lower() not in [w.lower() for w in allowed]:
            return None
    if any(row.get(column) in (None, "") for column in event.present):
        return None
    if not event.at:
        return row_time(mapping, row)
    if row.get(event.at) in (None, ""):
        return None
    at = fields.instant(row.get(event.at))
    if at is None:
        raise Undecodable("bad_time", f"Column {event.at} is {row.get(event.at)!r}, which is no time.")
    return at


def _event(
    arrived: Arrived, mapping: FileMapping, event: EventMapping, row: Row, at: datetime,
    person: RecordRef | None, company: RecordRef | None,
) -> CanonicalEvent:  # fmt: skip
    props = {
        name: value
        for name, c in event.props.items()
        if (value := _value(column_of(c), row, mapping.currency)) is not None
    }
    if event.kind == "custom":
        props.setdefault("name", event.name or mapping.name)
    ident = "/".join(fields.text(row.get(c)) for c in mapping.id_columns)
    ref = event.ref.replace("{id}", ident) if event.ref else f"{arrived.label} {mapping.name} {ident}"
    body = fields.text(row.get(event.text), fields.TEXT_MAX) if event.text else ""
    if (event.kind == "persona.identified" and person is None) or (
        event.kind == "company.identified" and company is None
    ):
        raise Undecodable("no_record", f"{event.kind} needs a record, and this row names none.")
    return arrived.event(
        event.kind, event.name or mapping.name, ref, at=min(at, arrived.received_at), person=person, company=company,
        props=props, text=body,
    )  # fmt: skip


def _record(
    arrived: Arrived, mapping: RecordMapping | None, row: Row, currency: str, *, is_person: bool
) -> RecordRef | None:
    if mapping is None:
        return None
    ext_id = fields.text(row.get(mapping.id), 256) if mapping.id else ""
    if mapping.id and not ext_id:
        raise Undecodable("no_record", f"Column {mapping.id} is empty, so the row belongs to nobody.")
    traits = {name: v for name, c in mapping.traits.items() if (v := _value(column_of(c), row, currency)) is not None}
    make = records.person if is_person else records.company
    return make(arrived.slug, ext_id, traits)


def _value(column: Column, row: Row, currency: str) -> Any:
    if not column.column:
        return column.value
    raw = row.get(column.column)
    if raw is None or raw == "":
        return column.value
    found = _typed(column, raw, currency)
    if found is None:
        raise Undecodable(f"bad_{column.type}", f"Column {column.column} is {raw!r}, which is no {column.type}.")
    return found


def _typed(column: Column, raw: Any, currency: str) -> Any:
    if column.type == "money":
        return fields.minor_units(raw, currency)
    return _READERS[column.type](raw)


def _plain_text(raw: Any) -> str:
    return str(raw).lower() if isinstance(raw, bool) else fields.text(raw)


def _iso(raw: Any) -> str | None:
    at = fields.instant(raw)
    return at.isoformat() if at else None


_READERS: dict[str, Callable[[Any], Any]] = {
    "text": _plain_text,
    "integer": fields.whole,
    "minor": fields.whole,
    "number": fields.number,
    "boolean": fields.truth,
    "time": _iso,
    "rating": rating,
    "slug": lambda raw: slug(fields.text(raw)) or None,
}
