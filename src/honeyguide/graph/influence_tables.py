"""The tables of influence: reading the edges it rests on, and storing values, residuals and rows."""

import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.graph.influence import OWN, PERSONAL, Floats, Ids, Rows
from honeyguide.graph.kinds import EDGE, NODE, partition

TABLES = ("influence", "influence_state")
_CHUNK = 20_000
_COLUMNS = "kind, src, dst, confidence, extract(epoch from last_seen_at)::float8 as seen"


class Stored(Struct):
    """Persons as they are stored, in the order of their ids."""

    rows: Rows
    value: Floats
    residual: Floats
    base: Floats
    own: Floats
    score: Floats


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
ALL = " union all ".join(
    f"select {_COLUMNS} from {partition(kind)} where workspace_id = $1 and (valid_to is null or valid_to > $2)"
    for kind in (*PERSONAL, *OWN)
)
CODES = frozenset(EDGE[kind] for kind in (*PERSONAL, *OWN))


async def edges_around(tx: Tx, ids: Sequence[int], as_of: datetime) -> list[Row]:
    """The current edges that count, around these ids (one between two of them comes twice)."""
    return await tx.rows(AROUND, tx.workspace_id, ids, as_of)


async def all_edges(tx: Tx, as_of: datetime) -> list[Row]:
    """The current edges that count, of the whole workspace."""
    return await tx.rows(ALL, tx.workspace_id, as_of)


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


async def stored(tx: Tx, ids: Sequence[int]) -> Stored:
    """Those of these persons that are stored."""
    rows = await tx.rows(
        "select i.* from unnest($2::bigint[]) as k(id) cross join lateral (select i.persona, i.value, i.residual, i.base, "
        "i.own, i.score, i.targets, i.weights from influence i where i.workspace_id = $1 and i.persona = k.id offset 0) i",
        tx.workspace_id, ids,
    )  # fmt: skip
    rows.sort(key=lambda r: int(r["persona"]))
    persons, value, residual, base, own, score, targets, weights = zip(*rows, strict=True) if rows else ((),) * 8
    start = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(t) // 8 for t in targets], out=start[1:])
    return Stored(
        Rows(np.array(persons, np.int64), start, np.frombuffer(b"".join(targets), "<i8").astype(np.int64),
             np.frombuffer(b"".join(weights), "<f8").astype(np.float64)),
        np.array(value, np.float64), np.array(residual, np.float64), np.array(base, np.float64),
        np.array(own, np.float64), np.array(score, np.float64),
    )  # fmt: skip


async def write(
    tx: Tx, rows: Rows, parts: Sequence[dict[str, float]], own: Floats, base: Floats, value: Floats, residual: Floats,
    score: Floats, now: datetime,
) -> None:  # fmt: skip
    """Store persons whole, in chunks, in the order of their ids."""
    targets, weights = rows.targets.astype("<i8").tobytes(), rows.weights.astype("<f8").tobytes()
    bounds = (rows.start * 8).tolist()
    cut = list(itertools.pairwise(bounds))
    for n in range(0, len(rows.ids), _CHUNK):
        part = slice(n, n + _CHUNK)
        await tx.run(
            "insert into influence (workspace_id, persona, score, components, own, base, value, residual, targets, weights, at) "
            "select $1::int, n.*, $11::timestamptz from unnest($2::bigint[], $3::float8[], $4::jsonb[], $5::float8[], "
            "$6::float8[], $7::float8[], $8::float8[], $9::bytea[], $10::bytea[]) as n "
            "on conflict (workspace_id, persona) do update set score = excluded.score, components = excluded.components, "
            "own = excluded.own, base = excluded.base, value = excluded.value, residual = excluded.residual, "
            "targets = excluded.targets, weights = excluded.weights, at = excluded.at",
            tx.workspace_id, rows.ids[part].tolist(), score[part].tolist(), list(parts[part]), own[part].tolist(),
            base[part].tolist(), value[part].tolist(), residual[part].tolist(), [targets[a:b] for a, b in cut[part]],
            [weights[a:b] for a, b in cut[part]], now,
        )  # fmt: skip


async def move(tx: Tx, ids: Ids, value: Floats, residual: Floats, score: Floats, base: Floats, now: datetime) -> None:
    """Store what a push changed at persons whose own edges did not change (`base` is for those not stored yet)."""
    for n in range(0, len(ids), _CHUNK):
        part = slice(n, n + _CHUNK)
        await tx.run(
            "insert into influence (workspace_id, persona, value, residual, score, own, base, at) "
            "select $1::int, n.id, n.value, n.residual, n.score, 0, n.base, $7::timestamptz from unnest($2::bigint[], $3::float8[], "
            "$4::float8[], $5::float8[], $6::float8[]) as n(id, value, residual, score, base) "
            "on conflict (workspace_id, persona) do update set value = excluded.value, residual = excluded.residual, "
            "score = excluded.score, at = case when influence.score = excluded.score then influence.at else excluded.at end",
            tx.workspace_id, ids[part].tolist(), value[part].tolist(), residual[part].tolist(), score[part].tolist(),
            base[part].tolist(), now,
        )  # fmt: skip


async def remove(tx: Tx, ids: Sequence[int]) -> None:
    """Forget persons no edge that counts is left of."""
    if ids:
        await tx.run(
            "delete from influence where workspace_id = $1 and persona = any($2::bigint[])", tx.workspace_id, ids
        )


async def all_scores(tx: Tx) -> dict[int, float]:
    """Every stored score."""
    rows = await tx.rows("select persona, score from influence where workspace_id = $1", tx.workspace_id)
    return {r["persona"]: r["score"] for r in rows}


async def clear(tx: Tx) -> None:
    """Forget everything, before a rebuild writes it anew."""
    await tx.run("delete from influence where workspace_id = $1", tx.workspace_id)


async def ranked(tx: Tx, personas: Sequence[int]) -> list[Row]:
    """Score and components of persons, and how many are ranked before them."""
    return await tx.rows(
        "select i.persona, i.score, i.components, i.base, i.value, i.at, (select count(*) from influence o "
        "where o.workspace_id = $1 and o.score > i.score) as before from influence i "
        "where i.workspace_id = $1 and i.persona = any($2::bigint[])",
        tx.workspace_id, personas,
    )  # fmt: skip


async def scores_of(tx: Tx, personas: Sequence[int]) -> list[Row]:
    """Scores of those that have one."""
    return await tx.rows(
        "select persona, score from influence where workspace_id = $1 and persona = any($2::bigint[])",
        tx.workspace_id, personas,
    )  # fmt: skip


async def how_many(tx: Tx) -> int:
    """How many personas the workspace has."""
    found: int = await tx.value(
        "select count(*) from node where workspace_id = $1 and kind = $2", tx.workspace_id, NODE["persona"]
    )
    return found


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
