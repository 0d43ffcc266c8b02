"""What near-certain pairs teach: how often records of one person agree on a field.

Expectation maximisation over such pairs goes wrong: nearly all are matches, so it splits them by whatever varies (people who
changed jobs become "strangers"). Where a block is certain enough, the plain shares are the better estimate of m.
"""

from collections.abc import Iterator
from typing import Any

from honeyguide.identity.background.dialects import condition
from honeyguide.identity.background.model import Comparison, Lesson, Model, Test

_PAIRS = 200_000
_FEWEST = 300  # pairs under which a share is noise
_CROWD = 8  # more records than this under one certain key are no lesson


def key(i: int) -> str:
    """The column that holds the key of the i-th lesson."""
    return f"lesson_{i}"


def shares(con: Any, model: Model, lesson: Lesson, column: str, table: str) -> dict[tuple[str, int], float]:
    """M by (field, level) as the pairs with equal `column` show it; empty when there are too few."""
    fields = [c for c in model.comparisons if c.field in lesson.fields]
    used = sorted({name for c in fields for name in _columns(c)})
    sides = ", ".join(f'{side}."{name}" as "{name}_{side}"' for name in used for side in ("l", "r"))
    con.execute(
        f"create or replace temp table lesson as with few as (select {column} as k from {table} where {column} is not null "
        f"group by {column} having count(*) between 2 and {_CROWD}) select {sides} from few f join {table} l on l.{column} = f.k "
        f"join {table} r on r.{column} = f.k and l.unique_id < r.unique_id order by hash(l.unique_id, r.unique_id) limit {_PAIRS}"
    )
    found: dict[tuple[str, int], float] = {}
    for comparison in fields:
        counts = dict(con.execute(f"select {_level(comparison)} as g, count(*) from lesson group by g").fetchall())
        told = sum(n for level, n in counts.items() if level >= 0)
        if told < _FEWEST:
            continue
        for i, level in enumerate(comparison.levels):
            if not level.fixed:
                found[comparison.field, i] = (counts.get(i, 0) + 0.5) / (told + 1)
    con.execute("drop table lesson")
    return found


def _level(comparison: Comparison) -> str:
    missing = " or ".join(f'"{c}_{side}" is null' for c in comparison.needs for side in ("l", "r"))
    tests = " ".join(
        f"when {condition(level.test, 'duckdb')} then {i}" for i, level in enumerate(comparison.levels[:-1])
    )
    return f"case when {missing} then -1 {tests} else {len(comparison.levels) - 1} end"


def _columns(comparison: Comparison) -> Iterator[str]:
    yield from comparison.needs
    for level in comparison.levels:
        yield from _named(level.test)


def _named(test: Test) -> Iterator[str]:
    if test.column:
        yield test.column
    if test.other:
        yield test.other
    for inner in test.tests:
        yield from _named(inner)
