"""Rows out of files that are odd, broken, or larger than they should be."""

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from honeyguide.core.errors import BadInput
from honeyguide.funnel.file_rows import LINE_BYTES, Line, lines_of


def _written(folder: Path, columns: dict[str, pa.Array], **how: object) -> Path:
    path = folder / "rows.parquet"
    pq.write_table(pa.table(columns), path, **how)
    return path


@pytest.mark.parametrize("compression", ["snappy", "zstd", "gzip", "none"])
def test_a_broken_parquet_file_is_bad_input_wherever_it_is_broken(tmp_path: Path, compression: str) -> None:
    """Arrow says so in many ways: as its own errors, as an OSError without a number, as text that is none."""
    numbers = [str(n) for n in range(900)]
    path = _written(tmp_path, {"a": pa.array(numbers)}, compression=compression, row_group_size=300)
    whole = path.read_bytes()
    chance = random.Random(3)
    refused = 0
    for n in range(120):
        content = bytearray(whole)
        if n % 3 == 0:
            del content[chance.randrange(len(content)) :]
        for _ in range(0 if n % 3 == 0 else n % 20 + 1):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        try:
            list(lines_of(path))
        except BadInput as e:
            refused += 1
            assert "rows.parquet is no Parquet file, or a broken one" in e.title
    assert refused >= 60
    path.unlink()
    with pytest.raises(FileNotFoundError):
        list(lines_of(path))


def test_a_parquet_file_broken_in_the_middle_gives_what_stands_before(tmp_path: Path) -> None:
    numbers = pa.array([f"{n * n} of {n}" for n in range(3_000)])
    path = _written(tmp_path, {"a": numbers}, row_group_size=1_000, use_dictionary=False)
    content = bytearray(path.read_bytes())
    second = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    content[second + 40 : second + 400] = bytes(360)
    path.write_bytes(content)
    found: list[Line] = []
    with pytest.raises(BadInput, match="breaks after row 1000"):
        found.extend(lines_of(path))
    assert [line.number for line in found] == list(range(1, 1_001))


def test_a_cell_python_does_not_know_spoils_its_row_only(tmp_path: Path) -> None:
    far = pa.array([0, 10**15, 86_400], pa.timestamp("s"))
    path = _written(tmp_path, {"id": pa.array([1, 2, 3]), "at": far})
    first, second, third = lines_of(path)
    assert (first.row, third.row) == (
        {"id": 1, "at": "1970-01-01T00:00:00"},
        {"id": 3, "at": "1970-01-02T00:00:00"},
    )
    assert (second.row, second.raw) == (None, b'{"id":2,"at":null}')
    assert second.problem.startswith("at cannot be read")


def test_nanoseconds_need_no_further_library(tmp_path: Path) -> None:
    at = pa.array([1_700_000_000_123_456_789], pa.timestamp("ns", "UTC"))
    spent = pa.array([1_500_000_001], pa.duration("ns"))
    (line,) = lines_of(_written(tmp_path, {"at": at, "spent": spent}))
    assert line.row == {"at": "2023-11-14T22:13:20.123456+00:00", "spent": "0:00:01.500000"}


def test_a_line_without_an_end_is_not_held_in_memory(tmp_path: Path) -> None:
    long = tmp_path / "long.jsonl"
    long.write_bytes(b'{"a":1}\n{"a":"' + b"x" * (3 * LINE_BYTES) + b'"}\n{"a":3}')
    first, second, third = lines_of(long)
    assert (first.row, second.row, third.row) == ({"a": 1}, None, {"a": 3})
    assert len(second.raw) <= 1_000
    wide = tmp_path / "wide.csv"
    wide.write_bytes(b"a,b\n1,2\n" + b"x" * (2 * LINE_BYTES))
    with pytest.raises(BadInput, match="line of more than"):
        list(lines_of(wide))
