"""Who is around people: neighbours and how they did, and prospects within two steps.

A neighbour is somebody with a personal tie (colleague, manager, introduced, referred, influenced) or who works at the same
company now. A neighbour counts as a hit who referred somebody or came by a referral, and one elsewhere who bought: that a
colleague signed the contract of their own company says nothing. A prospect is somebody who works at a company that never was a customer; within two steps are: a tie, a tie of
a tie, and whoever shared an employer at any time. Former colleagues who moved on are the best of these. A company of the same
name as one's own is taken for the same one that two systems have not been found to share yet.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

import numpy as np
from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.decisions import network_tables as tables
from honeyguide.graph.beliefs import EdgeKey
from honeyguide.graph.kinds import EDGE


class Around(Struct, frozen=True):
    """What is around one person: neighbours seen, those of them who referred or bought, prospects within two steps."""

    seen: frozenset[int]
    hits: dict[int, list[EdgeKey]]
    prospects: frozenset[int]


class Counts(Struct, frozen=True):
    """The same as numbers, per person in the order asked for."""

    seen: np.ndarray[Any, np.dtype[np.float64]]
    hits: np.ndarray[Any, np.dtype[np.float64]]
    prospects: np.ndarray[Any, np.dtype[np.float64]]


class _Known(Struct, frozen=True):
    ties: dict[int, set[int]]
    worked: dict[int, set[int]]  # companies a person works or worked at
    works: dict[int, set[int]]
    there: dict[int, set[int]]  # people who work or worked at a company
    now_there: dict[int, set[int]]
    prospects: set[int]
    outcomes: dict[int, list[EdgeKey]]  # of a referral
    bought: dict[int, list[EdgeKey]]
    called: dict[int, str]

    def hit(self, persona: int, near: int) -> list[EdgeKey]:
        """What makes a neighbour a hit, [] when nothing does."""
        found = self.outcomes.get(near, [])
        if not found and not self.works.get(near, set()) & self.works.get(persona, set()):
            found = self.bought.get(near, [])
        return found

    def elsewhere(self, persona: int, met: set[int]) -> set[int]:
        """Of people met those who are prospects, at a company that is not called as the persona's own."""
        found = (met & self.prospects) - {persona}
        own = {self.called[c] for c in self.worked.get(persona, ()) if c in self.called}
        if not found or not own:
            return found
        return {p for p in found if not own & {self.called.get(c) for c in self.works.get(p, ())}}


async def neighbours(tx: Tx, personas: Collection[int], now: datetime) -> dict[int, dict[str, float]]:
    """Per person how many neighbours are known (`seen`) and how many of them referred or bought (`hits`)."""
    ordered = sorted(set(personas))
    found = await counts(tx, ordered, now)
    return {p: {"hits": float(found.hits[i]), "seen": float(found.seen[i])} for i, p in enumerate(ordered)}


async def around(tx: Tx, personas: Collection[int], now: datetime) -> dict[int, Around]:
    """Neighbours and prospects of each person by name: for a few people at a time."""
    known = await _read(tx, personas, now)
    made = {}
    for p in personas:
        near = (known.ties.get(p, set()) | _of(known.now_there, known.works.get(p, set()))) - {p}
        hits = {n: found for n in sorted(near) if (found := known.hit(p, n))}
        made[p] = Around(frozenset(near), hits, frozenset(_reached(known, p)))
    return made


async def counts(tx: Tx, personas: Collection[int], now: datetime) -> Counts:
    """The numbers, for many people: colleagues are counted by company, so a large one costs no more than a small one."""
    known = await _read(tx, personas, now)
    at_work = {c: len(people) for c, people in known.now_there.items()}
    hits_at = {c: sum(1 for n in people if n in known.outcomes) for c, people in known.now_there.items()}
    moved = {c: people & known.prospects for c, people in known.there.items()}
    lines = [_counted(known, p, at_work, hits_at, moved) for p in personas]
    columns = np.array(lines, dtype=np.float64).reshape(len(lines), 3).T
    return Counts(columns[0], columns[1], columns[2])


async def employers_of(tx: Tx, personas: Collection[int], now: datetime) -> dict[int, int]:
    """One company each of these people works at now."""
    found: dict[int, int] = {}
    for r in await tables.jobs(tx, personas, now):
        if r["stands"]:
            found.setdefault(r["src"], r["dst"])
    return found


_OF_COMPANIES = frozenset(EDGE[k] for k in ("subscribed_to", "bought", "renewed"))


async def touched(tx: Tx, nodes: Collection[int], edges: Collection[EdgeKey], now: datetime) -> set[int]:
    """Whose readiness these changes of the graph may have moved: the ends themselves, the people of a company whose contract
    changed, and the ties and colleagues of somebody who referred or was referred. What reaches further waits for the day's pass.
    """
    found = {*nodes, *(i for _, src, dst in edges for i in (src, dst))}
    firms = {src for kind, src, _ in edges if kind in _OF_COMPANIES}
    told = {i for kind, src, dst in edges if kind == EDGE["referred"] for i in (src, dst)}
    if told:
        found |= {there for _, there in await tables.ties(tx, told, now)}
        firms |= {r["dst"] for r in await tables.jobs(tx, told, now) if r["stands"]}
    if firms:
        found |= {r["src"] for r in await tables.staff(tx, firms, now) if r["stands"]}
    return found


def _counted(
    known: _Known, p: int, at_work: dict[int, int], hits_at: dict[int, int], moved: dict[int, set[int]]
) -> tuple[int, int, int]:
    firms = known.works.get(p, set())
    if len(firms) > 1:  # colleagues of two firms may be the same people
        near = (known.ties.get(p, set()) | _of(known.now_there, firms)) - {p}
        seen, hits = len(near), sum(1 for n in near if known.hit(p, n))
    else:
        beside = {n for n in known.ties.get(p, set()) if not known.works.get(n, set()) & firms} - {p}
        seen = len(beside) + sum(at_work.get(c, 0) - 1 for c in firms)
        hits = sum(1 for n in beside if known.hit(p, n))
        hits += sum(hits_at.get(c, 0) for c in firms) - (1 if firms and p in known.outcomes else 0)
    own = known.ties.get(p, set())
    met = own | _of(known.ties, own) | _of(moved, known.worked.get(p, set()))
    return max(seen, 0), max(hits, 0), len(known.elsewhere(p, met))


def _reached(known: _Known, p: int) -> set[int]:
    own = known.ties.get(p, set())
    met = own | _of(known.ties, own) | _of(known.there, known.worked.get(p, set()))
    return known.elsewhere(p, met)


def _of(sets: dict[int, set[int]], keys: set[int]) -> set[int]:
    found: set[int] = set()
    for key in keys:
        found |= sets.get(key, set())
    return found


async def _read(tx: Tx, personas: Collection[int], now: datetime) -> _Known:
    """Everything within two steps of these people: a fixed number of queries."""
    tied = _grouped(await tables.ties(tx, personas, now))
    first = _of(tied, set(personas))
    for here, there in _grouped(await tables.ties(tx, first - set(personas), now)).items():
        tied.setdefault(here, set()).update(there)
    own = await tables.jobs(tx, personas, now)
    colleagues = await tables.staff(tx, {r["dst"] for r in own}, now)
    everybody = set(personas) | first | _of(tied, first) | {r["src"] for r in colleagues}
    elsewhere = await tables.jobs(tx, everybody - set(personas), now)
    worked, works = _grouped((r["src"], r["dst"]) for r in own), defaultdict(set)
    for r in (*own, *elsewhere):
        if r["stands"]:
            works[r["src"]].add(r["dst"])
    employers = {c for firms in works.values() for c in firms}
    customers = await tables.customers(tx, everybody | employers, now)
    prospects = {p for p, firms in works.items() if p not in customers and not firms & customers}
    near = first | {r["src"] for r in colleagues if r["stands"]}
    told = await tables.outcomes(tx, near | set(personas), now)
    named = {c for p in prospects for c in works[p]} | {c for p in personas for c in worked.get(p, ())}
    return _Known(
        ties=tied,
        worked=worked,
        works=dict(works),
        there=_grouped((r["dst"], r["src"]) for r in colleagues),
        now_there=_grouped((r["dst"], r["src"]) for r in (*colleagues, *own) if r["stands"]),
        prospects=prospects,
        outcomes=_of_kind(told, EDGE["referred"]),
        bought=_of_kind(told, EDGE["bought"]),
        called=await tables.names(tx, named),
    )


def _of_kind(told: dict[int, list[EdgeKey]], kind: int) -> dict[int, list[EdgeKey]]:
    found = {p: [edge for edge in edges if edge[0] == kind] for p, edges in told.items()}
    return {p: edges for p, edges in found.items() if edges}


def _grouped(pairs: Any) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return found
