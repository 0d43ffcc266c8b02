"""A file without line ends never becomes one row in memory, and what is around it is read."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from honeyguide.core.errors import BadInput
from honeyguide.funnel.file_rows import LINE_BYTES, lines_of


def test_an_endless_line_of_json_is_put_aside_and_the_next_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"a": 1}\n' + b"x" * (3 * LINE_BYTES) + b'\n{"a": 2}\n' + b"y" * (LINE_BYTES + 5))
    found = list(lines_of(path))
    assert [(line.number, line.row) for line in found] == [(1, {"a": 1}), (2, None), (3, {"a": 2}), (4, None)]
    assert all(len(line.raw) <= 1_000 and "longer than" in line.problem for line in found if line.row is None)


def test_a_line_of_exactly_the_limit_is_a_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    body = b'{"a": "' + b"x" * (LINE_BYTES - 9) + b'"}'
    assert len(body) == LINE_BYTES
    path.write_bytes(body + b"\n" + body)
    assert all(line.row for line in lines_of(path))


def test_an_endless_line_of_csv_is_said(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("id,name\n1," + "x" * (2 * LINE_BYTES))
    with pytest.raises(BadInput, match=r"rows\.csv has a line of more than"):
        list(lines_of(path))


def test_a_cell_python_does_not_know_spoils_its_row_only(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    far = pa.array([0, 10**15, 86_400], pa.timestamp("s"))
    pq.write_table(pa.table({"id": [1, 2, 3], "at": far}), path)
    first, second, third = lines_of(path)
    assert (first.row, third.row) == ({"id": 1, "at": "1970-01-01T00:00:00"}, {"id": 3, "at": "1970-01-02T00:00:00"})
    assert (second.number, second.row, second.raw) == (2, None, b'{"id":2,"at":null}')
    assert second.problem.startswith("at cannot be read")


def test_text_that_is_not_utf8_spoils_its_row_only(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    offsets = pa.py_buffer(b"\0\0\0\0\2\0\0\0\4\0\0\0")
    pq.write_table(pa.table({"name": pa.StringArray.from_buffers(2, offsets, pa.py_buffer(b"\xff\xfeok"))}), path)
    first, second = lines_of(path)
    assert (first.row, second.row) == (None, {"name": "ok"})
