"""Rows out of files: CSV, JSON lines and Parquet, one at a time, each with its number and its bytes."""

import csv
import importlib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import msgspec
from msgspec import Struct

from honeyguide.core.errors import BadInput

KINDS = (".csv", ".jsonl", ".ndjson", ".parquet")
LINE_BYTES = 1_000_000
_PARQUET_ROWS = 1_000  # held at once


class Line(Struct, frozen=True):
    """One row of a file: its number (1 is the first after the header), its values or what is wrong with it."""

    number: int
    raw: bytes
    row: dict[str, Any] | None
    problem: str = ""


def lines_of(path: Path) -> Iterator[Line]:
    """The rows of a file by the end of its name. Raises BadInput for any other end, OSError when it cannot be read."""
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return _csv_lines(path)
    if suffix in {".jsonl", ".ndjson"}:
        return _json_lines(path)
    if suffix == ".parquet":
        return _parquet_lines(path)
    raise BadInput(f"{path.name} is of no kind we import.", f"Files end in {', '.join(KINDS)}.")


def _json_lines(path: Path) -> Iterator[Line]:
    decoder = msgspec.json.Decoder(dict[str, Any])
    number = 0
    with path.open("rb") as file:
        while raw := file.readline(LINE_BYTES + 1):
            number += 1
            if len(raw) > LINE_BYTES and not raw.endswith(b"\n"):
                while (rest := file.readline(LINE_BYTES)) and not rest.endswith(b"\n"):
                    pass  # a file without line ends must not become one row in memory
                yield Line(number, raw[:1_000], None, f"It is longer than {LINE_BYTES:,} bytes.")
                continue
            raw = raw.rstrip(b"\r\n")
            try:
                yield Line(number, raw, decoder.decode(raw))
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as e:
                yield Line(number, raw, None, f"It is no JSON object: {e}.")


def _csv_lines(path: Path) -> Iterator[Line]:
    taken: list[str] = []

    def recorded(file: TextIO) -> Iterator[str]:
        while line := file.readline(LINE_BYTES):
            if len(line) == LINE_BYTES and not line.endswith("\n"):
                raise BadInput(f"{path.name} has a line of more than {LINE_BYTES:,} characters.", "It may be no CSV.")
            taken.append(line)
            yield line

    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(recorded(file), strict=True)
        header = next(reader, [])
        number = 0
        while True:
            taken.clear()
            problem = ""
            values: list[str] = []
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as e:
                problem = f"It is no CSV: {e}."
            if not values and not problem:
                continue  # an empty line is no row
            number += 1
            raw = "".join(taken).encode("utf-8", "surrogateescape").rstrip(b"\r\n")
            yield _csv_line(number, raw, header, values, problem)


def _csv_line(number: int, raw: bytes, header: list[str], values: list[str], problem: str) -> Line:
    if not problem and len(values) != len(header):
        problem = f"It has {len(values)} values, the header names {len(header)}."
    try:
        raw.decode()
    except UnicodeDecodeError as e:
        problem = f"It is not UTF-8: {e.reason} at byte {e.start}."
    return Line(number, raw, None if problem else dict(zip(header, values, strict=True)), problem)


def _parquet_lines(path: Path) -> Iterator[Line]:
    """Rows in small batches, so that a file larger than memory is read too. Arrow is loaded only here.

    Whatever is wrong with the file is a BadInput: Arrow tells of it by its own exceptions and by OSError (a torn page).
    A cell that cannot be read (text that is not UTF-8, a date nobody has) is its row's problem only.
    """
    parquet = importlib.import_module("pyarrow.parquet")
    arrow = importlib.import_module("pyarrow")
    number = 0
    with path.open("rb") as opened:  # a file that is not there stays an OSError
        try:
            with parquet.ParquetFile(opened) as file:
                for batch in file.iter_batches(batch_size=_PARQUET_ROWS):
                    for line in _batch_lines(_micro(arrow, batch), number):
                        number = line.number
                        yield line
        except (arrow.ArrowException, OSError, ValueError, OverflowError) as e:
            where = f"Reading stopped after row {number}: " if number else ""
            raise BadInput(
                f"{path.name} is no Parquet file, or a broken one.", f"{where}{str(e).strip()[:300]}",
                advice="Write the file anew, or check that all of it was copied.", code="broken_file",
            ) from e  # fmt: skip


def _batch_lines(batch: Any, before: int) -> Iterator[Line]:
    try:
        rows = batch.to_pylist()
    except (ValueError, OverflowError):  # one cell spoils the batch: look at each
        yield from (_cell_by_cell(batch, n, before + n + 1) for n in range(batch.num_rows))
        return
    for number, values in enumerate(rows, start=before + 1):
        row = {name: _plain(value) for name, value in values.items()}
        yield Line(number, msgspec.json.encode(row), row)


def _cell_by_cell(batch: Any, n: int, number: int) -> Line:
    """A row some of whose cells Python may not know; they are empty in the bytes that are kept."""
    row: dict[str, Any] = {}
    problem = ""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            row[name] = _plain(column[n].as_py())
        except (ValueError, OverflowError) as e:
            row[name], problem = None, f"{name} cannot be read: {e}."
    return Line(number, msgspec.json.encode(row), None if problem else row, problem)


def _micro(arrow: Any, batch: Any) -> Any:
    """A batch whose times have microseconds at most: Python's have no more, and some of Arrow's do."""
    for n, field in enumerate(batch.schema):
        if arrow.types.is_timestamp(field.type) and field.type.unit == "ns":
            exact = arrow.timestamp("us", field.type.tz)
        elif arrow.types.is_time64(field.type) and field.type.unit == "ns":
            exact = arrow.time64("us")
        else:
            continue
        batch = batch.set_column(n, field.name, batch.column(n).cast(exact, safe=False))
    return batch


def _plain(value: Any) -> Any:
    """A cell as JSON knows it: times as RFC 3339, exact numbers as text, bytes as text where they are."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and value != value:  # not a number: an empty cell in a table
        return None
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
