"""The tables of influence: reading the edges it rests on, and storing values, residuals and rows."""

import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from honeyguide.db import Row, Tx
from honeyguide.graph.influence import DIGITS, OWN, PERSONAL, Edges, Floats, Ids, Rows, columns_of
from honeyguide.graph.kinds import EDGE, NODE, partition

TABLES = ("influence", "influence_block", "influence_value", "influence_state")
_CHUNK = 20_000
PLACES = 10**DIGITS + 1  # scores as whole numbers
_BITS = 12  # 4,096 blocks: small enough to read few of them for one edge, large enough for millions of persons
_COLUMNS = "kind, src, dst, confidence, extract(epoch from last_seen_at)::float8 as seen"


class Held(NamedTuple):
    """Persons as they are held in blocks."""

    rows: Rows
    own: Floats
    base: Floats
    value: Floats
    residual: Floats


def _around_sql() -> str:
    """Every edge that counts on either side of the given ids: index scans on the named partitions."""
    sides = [("src", kind) for kind in (*PERSONAL, *OWN)] + [("dst", kind) for kind in PERSONAL]
    branches = " union all ".join(
        f"(select {_COLUMNS} from {partition(kind)} where workspace_id = $1 and {side} = k.id "
        "and (valid_to is null or valid_to > $3))"
        for side, kind in sides
    )
    return f"select e.* from unnest($2::bigint[]) as k(id) cross join lateral ({branches} offset 0) e"


AROUND = _around_sql()
ALL = {
    kind: f"select {_COLUMNS} from {partition(kind)} where workspace_id = $1 and (valid_to is null or valid_to > $2)"
    for kind in (*PERSONAL, *OWN)
}
CODES = frozenset(EDGE[kind] for kind in (*PERSONAL, *OWN))


async def edges_around(tx: Tx, ids: Sequence[int], as_of: datetime) -> list[Row]:
    """The current edges that count, around these ids (one between two of them comes twice)."""
    return await tx.rows(AROUND, tx.workspace_id, ids, as_of)


async def all_edges(tx: Tx, as_of: datetime) -> list[Edges]:
    """The current edges that count, of the whole workspace. Kind by kind: rows take many times the memory of columns."""
    return [columns_of(await tx.rows(sql, tx.workspace_id, as_of)) for sql in ALL.values()]


async def role_keys(tx: Tx, roles: Sequence[int]) -> dict[int, str]:
    """The natural keys of role nodes."""
    rows = await tx.rows(
        "select id, key from node where workspace_id = $1 and id = any($2::bigint[]) and kind = $3",
        tx.workspace_id, roles, NODE["role"],
    )  # fmt: skip
    return {r["id"]: r["key"] for r in rows}


async def lock_state(tx: Tx) -> datetime | None:
    """The moment beliefs are faded to, held until the transaction ends; None before the first rebuild."""
    found: datetime | None = await tx.value(
        "select as_of from influence_state where workspace_id = $1 for update", tx.workspace_id
    )
    return found


async def set_state(tx: Tx, as_of: datetime, now: datetime) -> None:
    """Remember that everything was computed for this moment."""
    await tx.run(
        "insert into influence_state (workspace_id, as_of, rebuilt_at) values ($1, $2, $3) "
        "on conflict (workspace_id) do update set as_of = excluded.as_of, rebuilt_at = excluded.rebuilt_at",
        tx.workspace_id, as_of, now,
    )  # fmt: skip


async def state(tx: Tx) -> Row | None:
    """as_of and rebuilt_at, or None before the first rebuild."""
    return await tx.row("select as_of, rebuilt_at from influence_state where workspace_id = $1", tx.workspace_id)


def block_of(ids: Ids) -> Ids:
    """The block each persona lies in: Fibonacci hashing of its id (Knuth, The Art of Computer Programming 3, 6.4)."""
    found: Ids = (ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(64 - _BITS)).astype(np.int64)
    return found


async def read_blocks(tx: Tx, blocks: Sequence[int]) -> Held:
    """Everybody in these blocks."""
    return _held(
        await tx.rows(
            "select b.* from unnest($2::int[]) as k(block) cross join lateral (select b.persons, b.own, b.base, b.counts, "
            "b.targets, b.weights, v.value, v.residual from influence_block b join influence_value v "
            "on v.workspace_id = b.workspace_id and v.block = b.block where b.workspace_id = $1 and b.block = k.block offset 0) b",
            tx.workspace_id, blocks,
        )
    )  # fmt: skip


async def read_all(tx: Tx) -> Held:
    """Everybody."""
    return _held(
        await tx.rows(
            "select b.persons, b.own, b.base, b.counts, b.targets, b.weights, v.value, v.residual from influence_block b "
            "join influence_value v on v.workspace_id = b.workspace_id and v.block = b.block where b.workspace_id = $1",
            tx.workspace_id,
        )
    )  # fmt: skip


def _held(rows: list[Row]) -> Held:
    columns = zip(*rows, strict=True) if rows else [()] * 8
    persons, own, base, counts, targets, weights, value, residual = (b"".join(column) for column in columns)
    start = np.r_[0, np.cumsum(np.frombuffer(counts, "<i4"))].astype(np.int64)
    floats = [np.frombuffer(column, "<f8").astype(np.float64) for column in (own, base, value, residual)]
    matrix = Rows(
        np.frombuffer(persons, "<i8").astype(np.int64), start, np.frombuffer(targets, "<i8").astype(np.int64),
        np.frombuffer(weights, "<f8").astype(np.float64),
    )  # fmt: skip
    return Held(matrix, *floats)


async def write_blocks(tx: Tx, held: Held, whole: "np.ndarray[Any, np.dtype[np.bool_]]") -> None:
    """Store persons, sorted by block and id, all of each block; the matrix of a block only where `whole` says so of a person."""
    blocks = block_of(held.rows.ids)
    numbers, first = np.unique(blocks, return_index=True)
    bounds = np.r_[first, len(blocks)]
    if not len(numbers):
        return
    again = np.logical_or.reduceat(whole, first)
    await tx.run(
        "insert into influence_value (workspace_id, block, value, residual) select $1::int, n.* "
        "from unnest($2::int[], $3::bytea[], $4::bytea[]) as n on conflict (workspace_id, block) do update set "
        "value = excluded.value, residual = excluded.residual",
        tx.workspace_id, numbers.tolist(), _cut(held.value, bounds, "<f8"), _cut(held.residual, bounds, "<f8"),
    )  # fmt: skip
    entries = held.rows.start[bounds]
    columns = [
        _cut(held.rows.ids, bounds, "<i8"), _cut(held.own, bounds, "<f8"), _cut(held.base, bounds, "<f8"),
        _cut(np.diff(held.rows.start), bounds, "<i4"), _cut(held.rows.targets, entries, "<i8"),
        _cut(held.rows.weights, entries, "<f8"),
    ]  # fmt: skip
    await tx.run(
        "insert into influence_block (workspace_id, block, persons, own, base, counts, targets, weights) select $1::int, n.* "
        "from unnest($2::int[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[]) as n "
        "on conflict (workspace_id, block) do update set persons = excluded.persons, own = excluded.own, "
        "base = excluded.base, counts = excluded.counts, targets = excluded.targets, weights = excluded.weights",
        tx.workspace_id, numbers[again].tolist(), *([part for part, a in zip(c, again, strict=True) if a] for c in columns),
    )  # fmt: skip


def _cut(column: Ids | Floats, bounds: Ids, form: str) -> list[bytes]:
    raw, size = column.astype(form).tobytes(), np.dtype(form).itemsize
    return [raw[a:b] for a, b in itertools.pairwise((bounds * size).tolist())]


async def remove_blocks(tx: Tx, blocks: Sequence[int]) -> None:
    """Forget blocks nobody is left in."""
    if blocks:
        await tx.run(
            "delete from influence_value where workspace_id = $1 and block = any($2::int[])", tx.workspace_id, blocks
        )
        await tx.run(
            "delete from influence_block where workspace_id = $1 and block = any($2::int[])", tx.workspace_id, blocks
        )


async def publish(
    tx: Tx, ids: Sequence[int], score: Sequence[float], components: Sequence[dict[str, float]] | None, now: datetime
) -> None:
    """Store scores; `components` are None where only what flows in has changed."""
    order = sorted(range(len(ids)), key=ids.__getitem__)
    for n in range(0, len(ids), _CHUNK):
        part = order[n : n + _CHUNK]
        if components is None:
            await tx.run(
                "insert into influence (workspace_id, persona, score, at) select $1::int, n.*, $4::timestamptz "
                "from unnest($2::bigint[], $3::float8[]) as n on conflict (workspace_id, persona) do update set "
                "score = excluded.score, at = excluded.at",
                tx.workspace_id, [ids[i] for i in part], [score[i] for i in part], now,
            )  # fmt: skip
        else:
            await tx.run(
                "insert into influence (workspace_id, persona, score, components, at) select $1::int, n.*, $5::timestamptz "
                "from unnest($2::bigint[], $3::float8[], $4::jsonb[]) as n on conflict (workspace_id, persona) do update set "
                "score = excluded.score, components = excluded.components, at = excluded.at",
                tx.workspace_id, [ids[i] for i in part], [score[i] for i in part], [components[i] for i in part], now,
            )  # fmt: skip


async def remove(tx: Tx, ids: Sequence[int]) -> None:
    """Publish no score of these persons any more."""
    if ids:
        await tx.run(
            "delete from influence where workspace_id = $1 and persona = any($2::bigint[])", tx.workspace_id, ids
        )


async def all_published(tx: Tx) -> dict[int, tuple[float, dict[str, float]]]:
    """Every published score with its components."""
    rows = await tx.rows("select persona, score, components from influence where workspace_id = $1", tx.workspace_id)
    return {r["persona"]: (r["score"], r["components"]) for r in rows}


async def recount(tx: Tx, left: Ids | None, entered: Ids) -> None:
    """Keep count of how many persons have which score (as whole numbers); `left` None: of all there are."""
    n = np.zeros(PLACES, np.int64) if left is None else await standing(tx)
    if left is not None:
        np.subtract.at(n, left, 1)
    np.add.at(n, entered, 1)
    n[0] = 0  # who has no score is not counted
    await tx.run(
        "update influence_state set standing = $2 where workspace_id = $1", tx.workspace_id, n.astype("<i4").tobytes()
    )


async def standing(tx: Tx) -> Ids:
    """How many persons have which score, by its whole number."""
    kept = await tx.value("select standing from influence_state where workspace_id = $1", tx.workspace_id)
    return np.frombuffer(kept, "<i4").astype(np.int64) if kept else np.zeros(PLACES, np.int64)


async def shown(tx: Tx, personas: Sequence[int]) -> list[Row]:
    """Published scores of those of these persons that have one, with their components."""
    return await tx.rows(
        "select i.* from unnest($2::bigint[]) as k(id) cross join lateral (select i.persona, i.score, i.components, i.at "
        "from influence i where i.workspace_id = $1 and i.persona = k.id offset 0) i",
        tx.workspace_id, personas,
    )  # fmt: skip


async def top(tx: Tx, company: int | None, after: tuple[float, int] | None, limit: int) -> list[Row]:
    """Persons by score, highest first; of one company only when given. `after`: the last (score, persona) of the page before."""
    score, persona = after or (2.0, -1)
    if company is None:
        return await tx.rows(
            "select i.persona, i.score from influence i where i.workspace_id = $1 and i.score > 0 and i.score <= $2 "
            "and (i.score < $2 or i.persona > $3) order by i.score desc, i.persona limit $4",
            tx.workspace_id, score, persona, limit,
        )  # fmt: skip
    return await tx.rows(
        "with staff as materialized (select w.src from edge_works_at w where w.workspace_id = $1 and w.dst = $5 "
        "and w.valid_to is null) select i.persona, i.score from staff s cross join lateral "
        "(select i.persona, i.score from influence i where i.workspace_id = $1 and i.persona = s.src offset 0) i "
        "where i.score > 0 and (i.score < $2 or (i.score = $2 and i.persona > $3)) order by i.score desc, i.persona limit $4",
        tx.workspace_id, score, persona, limit, company,
    )  # fmt: skip


def components_of(parts: dict[str, Floats]) -> list[dict[str, Any]]:
    """Local measures as they are stored."""
    names = list(parts)
    columns = [np.round(parts[name], 9).tolist() for name in names]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
