"""What the worker and the process of a pass hand each other: files in one folder. Light: neither side imports the other.

In:  `job.json`, `records.csv` (COLUMNS of the kind), `signs.csv` (id, kind, value), `apart.csv` (a, b), `money.csv` (id),
     `changed.csv` (id), `model.json`; all but the first two may be absent.
Out: `found.json` (Found).
"""

from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from honeyguide.identity.background.model import Model

Kind = Literal["persona", "company"]
COLUMNS = {
    "persona": ("id", "entity", "source", "own", "name", "email", "phone", "title", "company", "domain", "country", "city"),
    "company": ("id", "entity", "source", "own", "name", "domain", "phone", "country", "city"),
}  # fmt: skip


class Job(Struct, frozen=True):
    """One pass. `accept` and `review`: probabilities from which the pass decides alone, and from which it asks.

    `keep`: also leave `clusters.npy` (record id, cluster) and `pairs.npz` for a dry run or a measurement.
    """

    kind: Kind
    accept: float
    review: float = 0.5
    memory_mb: int = 1_500
    threads: int = 2
    train: bool = True
    auto_most: int = 20_000
    open_most: int = 2_000
    keep: bool = False


class Line(Struct, frozen=True):
    """One field of a pair: what both say, how they agree, and what that adds to the weight (bits)."""

    field: str
    a: str
    b: str
    verdict: Literal["agree", "close", "differ", "missing"]
    weight: float
    sentence: str


class Decision(Struct, frozen=True):
    """A pair of records with what was decided: `auto` (join) or `open` (ask), why, and `guard`: what held it back."""

    a: int
    b: int
    state: Literal["auto", "open"]
    weight: float
    probability: float
    because: tuple[Line, ...]
    sentence: str
    guard: str = ""
    money: bool = False


class Report(Struct, frozen=True):
    """How a pass went: sizes, what the guard refused and why, seconds per step, memory."""

    records: int
    entities: int
    proposed: dict[str, int]
    pairs: int
    joined: int
    refused: dict[str, int]
    limits: dict[str, int]
    largest: int
    seconds: dict[str, float]
    peak_mb: int
    left_out: int = 0


class Found(Struct, frozen=True):
    """What a pass brings back. `model` is the one it used, re-estimated where the records were enough."""

    model: Model
    decisions: tuple[Decision, ...]
    report: Report


def write(folder: Path, name: str, value: Struct) -> None:
    """Put a value where the other side reads it."""
    (folder / name).write_bytes(msgspec.json.encode(value))


def read_job(folder: Path) -> Job:
    """The job of a folder."""
    return msgspec.json.decode((folder / "job.json").read_bytes(), type=Job)


def read_found(folder: Path) -> Found:
    """The result a pass left in its folder."""
    return msgspec.json.decode((folder / "found.json").read_bytes(), type=Found)
