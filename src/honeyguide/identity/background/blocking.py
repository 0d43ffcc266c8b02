"""Which pairs are looked at at all: a key column per block, oversized blocks refined, then left out.

A true pair that shares no key is lost before any weight is computed, so `ceiling` measures that loss first.
"""

from typing import Any

from honeyguide.identity.background import lessons
from honeyguide.identity.background.model import Model


def keyed(con: Any, model: Model, prepared: str, made: str) -> dict[str, int]:
    """Make `made`: the prepared columns and `key_0`, `key_1` ... (`lesson_0` ... for training). Returns how many pairs each block proposes."""
    con.execute(f"create or replace temp table plain_keys as select unique_id, {_keys(model)} from {prepared}")
    columns, joins = [], []
    for i, block in enumerate(model.blocks):
        con.execute(f"create or replace temp table wide_{i} as {_wide('k', i, block.cap)}")
        if block.refine:
            con.execute(f"create or replace temp table wider_{i} as {_wide('f', i, block.cap, f'wide_{i}')}")
            joins.append(f"left join wide_{i} on wide_{i}.v = s.k{i} left join wider_{i} on wider_{i}.v = s.f{i}")
            columns.append(
                f"case when wide_{i}.v is null then s.k{i} when wider_{i}.v is null then s.f{i} end as key_{i}"
            )
        else:
            joins.append(f"left join wide_{i} on wide_{i}.v = s.k{i}")
            columns.append(f"case when wide_{i}.v is null then s.k{i} end as key_{i}")
    columns += [f"s.{lessons.key(i)}" for i in range(len(model.lessons))]
    con.execute(
        f"create or replace table {made} as select t.*, {', '.join(columns)} from {prepared} t "
        f"join plain_keys s on s.unique_id = t.unique_id {' '.join(joins)}"
    )
    con.execute("drop table plain_keys")
    proposed = {}
    for i, block in enumerate(model.blocks):
        con.execute(f"drop table if exists wide_{i}")
        con.execute(f"drop table if exists wider_{i}")
        proposed[" + ".join(block.on)] = int(_one(
            con, f"select coalesce(sum(n * (n - 1) / 2), 0) from (select count(*) as n from {made} where key_{i} is not null group by key_{i})"
        ))  # fmt: skip
    return proposed


def ceiling(con: Any, model: Model, made: str, truth: str) -> float:
    """The share of true pairs (`truth`: unique_id, person) that some block proposes: no recall can be above it."""
    same = " or ".join(f"a.key_{i} = b.key_{i}" for i in range(len(model.blocks)))
    total, found = con.execute(
        f"select count(*), count(*) filter ({same}) from {truth} x join {truth} y on x.person = y.person "
        f"and x.unique_id < y.unique_id join {made} a on a.unique_id = x.unique_id join {made} b on b.unique_id = y.unique_id"
    ).fetchall()[0]
    return found / total if total else 1.0


def _keys(model: Model) -> str:
    """k: the key; f: the finer key of an oversized block; as hashes, which join and store faster than text. Null where a part is."""
    columns = []
    for i, block in enumerate(model.blocks):
        columns.append(f"{_hashed(block.on)} as k{i}")
        if block.refine:
            columns.append(f"{_hashed((*block.on, *block.refine), 'finer')} as f{i}")
    for i, lesson in enumerate(model.lessons):
        columns.append(f"{_hashed(lesson.on)} as {lessons.key(i)}")
    return ", ".join(columns)


def _hashed(parts: tuple[str, ...], salt: str = "") -> str:
    """One number of 64 bits for several parts; null where one is (|| passes null on)."""
    text = " || chr(31) || ".join(f"({part})::varchar" for part in parts)
    return f"case when ({text}) is not null then hash('{salt}' || ({text})) end"


def _wide(letter: str, i: int, cap: int, only: str = "") -> str:
    column = f"{letter}{i}"
    within = f"join {only} w on w.v = p.k{i} " if only else ""
    return (
        f"select p.{column} as v from plain_keys p {within}where p.{column} is not null "
        f"group by p.{column} having count(*) > {cap}"
    )


def _one(con: Any, sql: str) -> Any:
    return con.execute(sql).fetchall()[0][0]
