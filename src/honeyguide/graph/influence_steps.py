"""Keeping influence up to date: a step for what changed, a rebuild for everything. Both give the same, see `influence`.

A step reads the edges around the persons concerned, turns changed rows into residuals, and pushes them on until they are
within their bound. What a step leaves depends on the order of the steps only below the tolerance; a rebuild's result on
nothing but the graph and its day, to the bit.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from honeyguide import identity
from honeyguide.core import clock
from honeyguide.db import Tx
from honeyguide.graph import influence_tables as tables
from honeyguide.graph.beliefs import EdgeKey
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
    chosen,
    columns_of,
    edges_of,
    gathered,
    measure,
    places,
    published,
    scores,
    solve,
)
from honeyguide.graph.kinds import EDGE

_NOTHING = 1e-9
_MANY = 20_000


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
    if len(touched) > _MANY:  # a large import: less work than asking for the edges of each, and the same day as before
        return await influence_rebuild(tx, as_of - timedelta(days=1))
    async with identity.by_index(tx):
        return await _step(tx, np.unique(np.array(list(touched), np.int64)), as_of)


async def _step(tx: Tx, touched: Ids, as_of: datetime) -> set[int]:
    found = await tables.edges_around(tx, touched.tolist(), as_of)
    new = measure(touched, await _edges(tx, [columns_of(found)]), as_of.timestamp())
    reach = _Reach(touched)
    before = await reach.read(tx, touched)
    if not new.present.any() and not len(before.rows.ids):
        return set()
    wave: tuple[Ids, Floats] | None = reach.enter(new, before)
    while wave is not None:
        unknown = reach.tide.missing(wave[0])
        if len(unknown):
            await reach.read(tx, unknown)
            reach.add_strangers(reach.tide.missing(wave[0]))
        reach.tide.shift(*wave)
        wave = reach.tide.spread()
    return await _store(tx, reach, new)


class _Reach:
    """The blocks a step has read: the tide over their persons, and what they were before it."""

    def __init__(self, touched: Ids) -> None:
        self.tide, self.touched = Tide(), touched
        self.own, self.was, self.score = np.empty(0), np.empty((2, 0)), np.empty(0)
        self.blocks = np.empty(0, np.int64)
        self.strangers = np.empty(0, np.int64)

    async def read(self, tx: Tx, ids: Ids) -> tables.Held:
        """Hold the blocks of these ids. Returns those of the touched persons that were stored, who enter by themselves."""
        fresh = np.setdiff1d(tables.block_of(ids), self.blocks)
        self.blocks = np.concatenate((self.blocks, fresh))
        held = await tables.read_blocks(tx, fresh.tolist())
        mine = np.isin(held.rows.ids, self.touched)
        self._hold(_chosen(held, ~mine))
        return _chosen(held, mine)

    def enter(self, new: Measures, before: tables.Held) -> tuple[Ids, Floats]:
        """Everybody touched enters with the row that holds from now on; who is new starts at the base, at rest.

        Returns what the changed rows bring their targets more or less, by the weight these persons have now.
        """
        value, residual, score = new.base.copy(), np.zeros(len(self.touched)), np.zeros(len(self.touched))
        place = np.searchsorted(self.touched, before.rows.ids)
        value[place] = before.value
        residual[place] = before.residual + new.base[place] - before.base
        score[place] = published(before.own, before.base, before.value)
        self._hold(tables.Held(new.rows, new.own, new.base, value, residual), score)
        less = carried(before.rows, np.arange(len(before.rows.ids)), -before.value)
        more = carried(new.rows, np.arange(len(self.touched)), value)
        ids, amounts = gathered(np.concatenate((less[0], more[0])), np.concatenate((less[1], more[1])))
        return ids[amounts != 0], amounts[amounts != 0]

    def add_strangers(self, ids: Ids) -> None:
        """Persons whose edges are told of later: what flows to them is kept until then."""
        nothing, lowest = np.zeros(len(ids)), np.full(len(ids), LOWEST_BASE)
        empty = Rows(ids, np.zeros(len(ids) + 1, np.int64), np.empty(0, np.int64), np.empty(0))
        self.strangers = np.concatenate((self.strangers, ids))
        self._hold(tables.Held(empty, nothing, lowest, lowest, nothing))

    def _hold(self, held: tables.Held, score: Floats | None = None) -> None:
        self.tide.add(held.rows, held.value, held.residual, held.base)
        self.own = np.concatenate((self.own, held.own))
        self.was = np.concatenate((self.was, np.stack((held.value, held.residual))), axis=1)
        before = published(held.own, held.base, held.value) if score is None else score
        self.score = np.concatenate((self.score, before))

    def held(self) -> tables.Held:
        """Everybody as the tide left them."""
        tide = self.tide
        return tables.Held(tide.rows, self.own, tide.base, tide.value, tide.residual)


async def _store(tx: Tx, reach: _Reach, new: Measures) -> set[int]:
    """Write the blocks that changed, whole where persons or rows did, and publish the scores that changed."""
    now, held, ids = clock.now(), reach.held(), reach.tide.rows.ids
    touched = np.isin(ids, reach.touched)
    # Who has no edge left and no inflow either is gone; inflow is left where the other end is told of later.
    idle = np.isin(ids, reach.touched[~new.present])
    gone = idle & (np.abs(held.value + held.residual - held.base) <= _NOTHING)
    whole = touched | np.isin(ids, reach.strangers)
    moved = whole | (held.value != reach.was[0]) | (held.residual != reach.was[1])
    block = tables.block_of(ids)
    stay = ~gone & np.isin(block, block[moved])
    order = np.lexsort((ids, block))
    order = order[stay[order]]
    await tables.write_blocks(tx, _chosen(held, order), (whole | np.isin(block, block[gone]))[order])
    await tables.remove_blocks(tx, np.setdiff1d(block[gone], block[stay]).tolist())
    score = published(held.own, held.base, held.value)
    score[gone] = 0.0
    changed = score != reach.score
    await tables.remove(tx, ids[(changed | touched) & (score == 0)].tolist())
    flowing = changed & ~touched & (score > 0)
    await tables.publish(tx, ids[flowing].tolist(), score[flowing].tolist(), None, now)
    place = np.searchsorted(reach.touched, ids[touched])
    parts, shown = tables.components_of(new.parts), np.flatnonzero(score[touched] > 0)
    components = [parts[i] for i in place[shown].tolist()]
    await tables.publish(tx, ids[touched][shown].tolist(), score[touched][shown].tolist(), components, now)
    await tables.recount(tx, places(reach.score[changed]), places(score[changed]))
    return set(ids[changed].tolist())


def _chosen(held: tables.Held, which: np.ndarray[Any, Any]) -> tables.Held:
    """Some of the persons: a mask, or positions in the order wanted."""
    order = np.flatnonzero(which) if which.dtype == np.bool_ else which
    return tables.Held(chosen(held.rows, order), *(column[order] for column in held[1:]))


async def _edges(tx: Tx, parts: Sequence[Edges]) -> Edges:
    roles = {i for part in parts for i in np.unique(part.dst[part.kind == EDGE["holds_role"]]).tolist()}
    levels = {i: SENIORITY.get(key.split("/")[0], 0) for i, key in (await tables.role_keys(tx, sorted(roles))).items()}
    return edges_of(parts, levels)


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
    new = measure(np.unique(np.concatenate((edges.src, edges.dst[personal]))), edges, as_of.timestamp())
    stay = np.flatnonzero(new.present)
    rows, base, own = chosen(new.rows, stay), new.base[stay], new.own[stay]
    value = solve(rows, base)
    before = await tables.read_all(tx)
    held = tables.Held(rows, own, base, value, np.zeros(len(value)))
    order = np.lexsort((rows.ids, tables.block_of(rows.ids)))
    await tables.write_blocks(tx, _chosen(held, order), np.ones(len(order), np.bool_))
    await tables.remove_blocks(tx, np.setdiff1d(tables.block_of(before.rows.ids), tables.block_of(rows.ids)).tolist())
    return await _publish_all(tx, held, new, stay, now)


async def _publish_all(tx: Tx, held: tables.Held, new: Measures, stay: Ids, now: datetime) -> set[int]:
    score = published(held.own, held.base, held.value)
    parts = tables.components_of({name: part[stay] for name, part in new.parts.items()})
    after = {i: (s, p) for i, s, p in zip(held.rows.ids.tolist(), score.tolist(), parts, strict=True) if s > 0}
    before = await tables.all_published(tx)
    news = [i for i, said in after.items() if before.get(i) != said]
    await tables.remove(tx, [i for i in before if i not in after])
    await tables.publish(tx, news, [after[i][0] for i in news], [after[i][1] for i in news], now)
    await tables.recount(tx, None, places(score))
    nothing: tuple[float, dict[str, float]] = (0.0, {})
    return {i for i in {*before, *news} if before.get(i, nothing)[0] != after.get(i, nothing)[0]}


async def exact_scores(tx: Tx, personas: Sequence[int] | None = None) -> dict[int, float]:
    """Scores in full precision, of these personas or of all that have one."""
    if personas is None:
        held = await tables.read_all(tx)
    else:
        wanted = np.array(personas, np.int64)
        held = await tables.read_blocks(tx, np.unique(tables.block_of(wanted)).tolist())
        held = _chosen(held, np.isin(held.rows.ids, wanted))
    return dict(zip(held.rows.ids.tolist(), scores(held.own, held.base, held.value).tolist(), strict=True))


async def influence_due(tx: Tx) -> bool:
    """Is it another day than the one beliefs are faded to (or was there no rebuild yet)?"""
    state = await tables.state(tx)
    return state is None or state["as_of"] <= clock.now()
