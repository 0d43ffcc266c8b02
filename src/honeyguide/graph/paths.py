"""Paths between people and companies, over who knows whom, with the evidence of every hop."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, structs

from honeyguide import identity
from honeyguide.core import clock
from honeyguide.db import Tx
from honeyguide.graph.beliefs import decayed
from honeyguide.graph.ground import grounds
from honeyguide.graph.kinds import EDGE, EDGE_NAME
from honeyguide.graph.shapes import SIDES, branches


class Hop(Struct, frozen=True):
    """One step of a path, with the surest statement it rests on. `confidence` is what is left of the belief."""

    kind: str
    src: int
    dst: int
    confidence: float
    quote: str = ""
    source: str = ""
    source_ref: str = ""
    inferrer: str = ""
    event_id: str = ""


class _Way(Struct, frozen=True):
    """How a node was reached: after how many steps, how surely, over which edge from which node."""

    depth: int
    sure: float
    hop: Hop | None
    before: int


_PERSONAL = ("referred", "introduced", "influences", "reports_to", "colleague_of", "works_at")
_CONNECTING = (*_PERSONAL, "member_of")


def _step(kinds: Iterable[str]) -> str:
    found = branches("k.id", [(kind, side) for kind in kinds for side in SIDES], "$3", "$4")
    return f"select s.* from unnest($2::bigint[]) as k(id) cross join lateral ({found} offset 0) s"


WARM_STEP = _step(_PERSONAL)
BETWEEN_STEP = _step(_CONNECTING)


async def warm_path(
    tx: Tx, persona: int, company: int, *, hops: int = 3, at: datetime | None = None, fan_out: int = 200
) -> list[Hop]:
    """The shortest chain from a persona to somebody at the target company, over who knows whom; [] when there is none.

    Over people, and over the companies they work at, at most `hops` hops, the last of which is the job at the target. Of
    equally short chains the one with the surest edges. `fan_out` bounds each node's edges per kind and direction.
    """
    return await _between(tx, persona, company, WARM_STEP, hops, at, fan_out)


async def path_between(
    tx: Tx, a: int, b: int, *, hops: int = 3, at: datetime | None = None, fan_out: int = 200
) -> list[Hop]:
    """The shortest chain between two people or companies, as `warm_path`, over parent companies too; [] when there is none."""
    return await _between(tx, a, b, BETWEEN_STEP, hops, at, fan_out)


async def _between(
    tx: Tx, a: int, b: int, sql: str, hops: int, at: datetime | None, fan_out: int
) -> list[Hop]:  # fmt: skip
    """Breadth first from both ends, the smaller front at each step: hubs in the middle are never walked through twice."""
    entity = await identity.resolve(tx, (a, b))
    start, goal = entity[a], entity[b]
    if start == goal:
        return []
    when = at or clock.now()
    ways: tuple[dict[int, _Way], dict[int, _Way]] = ({start: _START}, {goal: _START})
    fronts: list[list[int]] = [[start], [goal]]
    for _ in range(hops):
        side = 0 if len(fronts[0]) <= len(fronts[1]) else 1
        rows = await tx.rows(sql, tx.workspace_id, fronts[side], when, fan_out)
        reached = _reached(rows, ways[side], when)
        ways[side].update(reached)
        fronts[side] = sorted(reached)
        met = [i for i in reached if i in ways[1 - side]]
        if met:
            return await _told(tx, _chain(ways, _best(ways, met)))
        if not reached:
            break
    return []


_START = _Way(0, 1.0, None, 0)


def _reached(rows: Iterable[Any], known: Mapping[int, _Way], when: datetime) -> dict[int, _Way]:
    """The nodes one step further out, each over its surest chain."""
    found: dict[int, _Way] = {}
    for r in sorted(rows, key=lambda one: (one["here"], one["there"], one["kind"], one["dir"])):
        here, there = r["here"], r["there"]
        if there in known:
            continue
        left = decayed(r["confidence"], r["kind"], r["last_seen_at"], when)
        sure = known[here].sure * left
        if there not in found or sure > found[there].sure:
            src, dst = (here, there) if r["dir"] == "out" else (there, here)
            hop = Hop(EDGE_NAME[r["kind"]], src, dst, round(left, 4))
            found[there] = _Way(known[here].depth + 1, sure, hop, here)
    return found


def _best(ways: tuple[dict[int, _Way], dict[int, _Way]], met: list[int]) -> int:
    def rank(i: int) -> tuple[int, float, int]:
        one, two = ways[0][i], ways[1][i]
        return (one.depth + two.depth, -one.sure * two.sure, i)

    return min(met, key=rank)


def _chain(ways: tuple[dict[int, _Way], dict[int, _Way]], middle: int) -> list[Hop]:
    there, back = _walked(ways[0], middle), _walked(ways[1], middle)
    return [*reversed(there), *back]


def _walked(ways: Mapping[int, _Way], node: int) -> list[Hop]:
    """The hops from a node back to where its side began."""
    found: list[Hop] = []
    way = ways[node]
    while way.hop is not None:
        found.append(way.hop)
        way = ways[way.before]
    return found


async def _told(tx: Tx, hops: list[Hop]) -> list[Hop]:
    """The hops with the words they rest on."""
    said = await grounds(tx, [(EDGE[h.kind], h.src, h.dst) for h in hops])
    return [
        h if (g := said.get((EDGE[h.kind], h.src, h.dst))) is None
        else structs.replace(
            h, quote=g.quote, source=g.source, source_ref=g.source_ref, inferrer=g.inferrer, event_id=g.event_id
        )
        for h in hops
    ]  # fmt: skip
