"""Keeping influence up to date: a step for what changed, a rebuild for everything. Both give the same, see `influence`.

A step reads the edges around the persons concerned, turns changed rows into residuals, and pushes them on until they are
within their bound. What a step leaves depends on the order of the steps only below the tolerance; a rebuild's result on
nothing but the graph and its day, to the bit.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

import numpy as np

from honeyguide import identity
from honeyguide.core import clock
from honeyguide.db import Row, Tx
from honeyguide.graph import influence_tables as tables
from honeyguide.graph.influence import (
    LOWEST_BASE,
    OWN,
    SENIORITY,
    Edges,
    Floats,
    Ids,
    Measures,
    Rows,
    Tide,
    carried,
    edges_of,
    gathered,
    measure,
    scores,
    solve,
)
from honeyguide.graph.kinds import EDGE
from honeyguide.graph.tables import EdgeKey

_NOTHING = 1e-9


def influence_touched(edges: Iterable[EdgeKey]) -> set[int]:
    """Both ends of those of the changed edges (kind, src, dst) that influence rests on."""
    return {i for kind, src, dst in edges if kind in tables.CODES for i in (src, dst)}


async def influence_step(tx: Tx, touched: Collection[int]) -> set[int]:
    """Take changed edges into account: `touched` are the ids at BOTH ends of each (`influence_touched`).

    Returns the personas whose score changed. Before the first rebuild it is one. In the transaction that changed the edges,
    or in any later one: what counts is the graph as it is now.
    """
    if not touched:
        return set()
    as_of = await tables.lock_state(tx)
    if as_of is None:
        return await influence_rebuild(tx)
    async with identity.by_index(tx):
        return await _step(tx, np.unique(np.array(list(touched), np.int64)), as_of)


async def _step(tx: Tx, touched: Ids, as_of: datetime) -> set[int]:
    before = await tables.stored(tx, touched.tolist())
    found = await tables.edges_around(tx, touched.tolist(), as_of)
    new = measure(touched, await _edges(tx, found), as_of.timestamp())
    if not new.present.any() and not len(before.rows.ids):
        return set()
    tide = Tide()
    # Everybody touched enters with the row that holds from now on; who is new starts at the base, at rest.
    was = np.full(len(touched), -1, np.int64)
    place = np.searchsorted(touched, before.rows.ids)
    was[place] = np.arange(len(place))
    known = was >= 0
    value, residual, base, score = new.base.copy(), np.zeros(len(touched)), new.base.copy(), np.zeros(len(touched))
    value[known], score[known] = before.value[was[known]], before.score[was[known]]
    residual[known] = before.residual[was[known]] + new.base[known] - before.base[was[known]]
    tide.add(new.rows, value, residual, base)
    own = [new.own]
    old_score = [score]
    await _run(tx, tide, _differences(before, new.rows, value), own, old_score)
    return await _store(tx, tide, new, np.concatenate(own), np.concatenate(old_score), clock.now())


def _differences(before: tables.Stored, rows: Rows, value: Floats) -> tuple[Ids, Floats]:
    """What the changed rows bring their targets more or less, by the weight these persons have now."""
    less = carried(before.rows, np.arange(len(before.rows.ids)), -before.value)
    more = carried(rows, np.arange(len(rows.ids)), value)
    ids, amounts = gathered(np.concatenate((less[0], more[0])), np.concatenate((less[1], more[1])))
    return ids[amounts != 0], amounts[amounts != 0]


async def _run(tx: Tx, tide: Tide, wave: tuple[Ids, Floats] | None, own: list[Floats], old_score: list[Floats]) -> None:
    """Let the wave run on until it rests, reading persons as it reaches them."""
    while wave is not None:
        unknown = tide.missing(wave[0])
        if len(unknown):
            reached = await tables.stored(tx, unknown.tolist())
            tide.add(reached.rows, reached.value, reached.residual, reached.base)
            strangers = np.setdiff1d(unknown, reached.rows.ids)  # persons whose edges are told of later
            nothing, lowest = np.zeros(len(strangers)), np.full(len(strangers), LOWEST_BASE)
            tide.add(_empty(strangers), lowest, nothing, lowest)
            own += [reached.own, nothing]
            old_score += [reached.score, nothing]
        tide.shift(*wave)
        wave = tide.spread()


async def _store(tx: Tx, tide: Tide, new: Measures, own: Floats, old: Floats, now: datetime) -> set[int]:
    n = len(new.rows.ids)
    score = scores(own, tide.base, tide.value)
    score[:n][~new.present] = 0.0
    # Who has no edge left and no inflow either is gone; inflow is left where the other end is told of later.
    stay = new.present | (np.abs(tide.value[:n] + tide.residual[:n] - tide.base[:n]) > _NOTHING)
    kept = _only(new.rows, stay)
    await tables.remove(tx, new.rows.ids[~stay].tolist())
    await tables.write(
        tx, kept, [p for p, s in zip(tables.components_of(new.parts), stay, strict=True) if s], own[:n][stay],
        tide.base[:n][stay], tide.value[:n][stay], tide.residual[:n][stay], score[:n][stay], now,
    )  # fmt: skip
    order = n + np.argsort(tide.rows.ids[n:])
    await tables.move(
        tx, tide.rows.ids[order], tide.value[order], tide.residual[order], score[order], tide.base[order], now
    )
    changed: list[int] = tide.rows.ids[score != old].tolist()
    return set(changed)


def _empty(ids: Ids) -> Rows:
    return Rows(ids, np.zeros(len(ids) + 1, np.int64), np.empty(0, np.int64), np.empty(0))


def _only(rows: Rows, which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Rows:
    counts = np.diff(rows.start)
    entries = np.repeat(which, counts)
    return Rows(
        rows.ids[which],
        np.r_[0, np.cumsum(counts[which])].astype(np.int64),
        rows.targets[entries],
        rows.weights[entries],
    )


async def _edges(tx: Tx, found: list[Row]) -> Edges:
    roles = {r["dst"] for r in found if r["kind"] == EDGE["holds_role"]}
    levels = {i: SENIORITY.get(key.split("/")[0], 0) for i, key in (await tables.role_keys(tx, sorted(roles))).items()}
    return edges_of(found, levels)


async def influence_rebuild(tx: Tx, at: datetime | None = None) -> set[int]:
    """Compute everything anew, with beliefs faded to the end of the day of `at` (default: today, UTC). For every night.

    Returns the personas whose score changed.
    """
    now = clock.now()
    day = (at or now).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    as_of = day + timedelta(days=1)
    await tables.set_state(tx, as_of, now)
    edges = await _edges(tx, await tables.all_edges(tx, as_of))
    personal = ~np.isin(edges.kind, [EDGE[kind] for kind in OWN])
    everybody = np.unique(np.concatenate((edges.src, edges.dst[personal])))
    new = measure(everybody, edges, as_of.timestamp())
    stay = new.present
    rows, base, own = _only(new.rows, stay), new.base[stay], new.own[stay]
    value = solve(rows, base)
    score = scores(own, base, value)
    parts = [p for p, s in zip(tables.components_of(new.parts), stay, strict=True) if s]
    before = await tables.all_scores(tx)
    await tables.clear(tx)
    await tables.write(tx, rows, parts, own, base, value, np.zeros(len(value)), score, now)
    after = dict(zip(rows.ids.tolist(), score.tolist(), strict=True))
    return {i for i in before.keys() | after.keys() if before.get(i, 0.0) != after.get(i, 0.0)}


async def influence_due(tx: Tx) -> bool:
    """Is it another day than the one beliefs are faded to (or was there no rebuild yet)?"""
    state = await tables.state(tx)
    return state is None or state["as_of"] <= clock.now()
