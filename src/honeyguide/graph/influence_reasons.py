"""Reading influence: score, rank and the reasons, each a sentence with the edges it rests on."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from honeyguide import identity
from honeyguide.core import clock
from honeyguide.db import Tx
from honeyguide.graph import influence_tables as tables
from honeyguide.graph.beliefs import BELIEVED, EdgeKey, decayed
from honeyguide.graph.influence import DIGITS, SHARES
from honeyguide.graph.influence_steps import exact_scores
from honeyguide.graph.kinds import EDGE_NAME
from honeyguide.graph.nodes import Node, nodes

_SHOWN = 20  # edges of one kind that a reason names at most
_NAMED = 3


class Reason(Struct, frozen=True):
    """One ground of a score. `kind` is a part of `influence.SHARES`; the weights of all reasons add up to the score."""

    kind: str
    text: str
    weight: float
    edges: list[EdgeKey]


class Influence(Struct, frozen=True):
    """How much others lean on a persona: 0 to 1, its rank among the `of` personas that have a score, and why.

    Rank 1 is the highest, scores that are equal in four digits share one, and 0 is the rank of who has no score. `at` is when
    the score last changed.
    """

    score: float
    rank: int
    of: int
    reasons: list[Reason]
    at: datetime | None


class _Around(Struct):
    """The current edges of one persona that count, surest first, per kind and side."""

    out: dict[str, list[tuple[EdgeKey, float]]]
    into: dict[str, list[tuple[EdgeKey, float]]]

    def keys(self, *kinds: str) -> list[EdgeKey]:
        return [key for kind in kinds for key, _ in self.out.get(kind, [])[:_SHOWN]]


async def influence_of(tx: Tx, personas: Collection[int]) -> dict[int, Influence]:
    """Influence by persona id (a retired id leads to the persona it belongs to now). Who has none has score 0 and no reasons."""
    if not personas:
        return {}
    entity = await identity.resolve(tx, personas)
    wanted = sorted(set(entity.values()))
    found = {r["persona"]: r for r in await tables.shown(tx, wanted)}
    exact = await exact_scores(tx, list(found))
    standing = await tables.standing(tx)
    many = int(standing.sum())
    around = await _around(tx, list(found))
    others = {i for near in around.values() for keys in (near.out, near.into) for own in keys.values() for key, _ in own[:_SHOWN] for i in key[1:]}  # fmt: skip
    named = await nodes(tx, others)
    heard = {r["persona"]: r["score"] for r in await tables.shown(tx, sorted(others))}
    made: dict[int, Influence] = {}
    for persona in wanted:
        row = found.get(persona)
        if row is None or row["score"] <= 0:
            made[persona] = Influence(0.0, 0, many, [], None)
            continue
        weights = {kind: SHARES[kind] * row["components"].get(kind, 0.0) for kind in SHARES}
        weights["network"] = exact.get(persona, row["score"]) - math.fsum(weights.values())
        place = round(row["score"] * 10**DIGITS)
        near = around.get(persona, _Around({}, {}))
        made[persona] = Influence(
            exact.get(persona, row["score"]),
            1 + int(standing[place + 1 :].sum()),
            many,
            _reasons(persona, weights, near, named, heard),
            row["at"],
        )
    return {i: made[entity[i]] for i in personas}


async def influential(
    tx: Tx, *, company: int | None = None, after: tuple[float, int] | None = None, limit: int = 50
) -> list[tuple[int, float]]:
    """Personas by influence, highest first, as (persona, score); of one company's people when given.

    `after`: the last one of the page before, as (score, persona).
    """
    return [(r["persona"], r["score"]) for r in await tables.top(tx, company, after, limit)]


async def _around(tx: Tx, personas: Sequence[int]) -> dict[int, _Around]:
    now = clock.now()
    wanted, found = set(personas), {i: _Around(defaultdict(list), defaultdict(list)) for i in personas}
    seen: set[EdgeKey] = set()
    async with identity.by_index(tx):
        rows = await tables.edges_around(tx, list(personas), now)
    for r in rows:
        key = (r["kind"], r["src"], r["dst"])
        if key in seen:
            continue
        seen.add(key)
        sure = decayed(r["confidence"], r["kind"], datetime.fromtimestamp(r["seen"], now.tzinfo), now)
        kind = EDGE_NAME[r["kind"]]
        if sure <= BELIEVED:
            continue
        if r["src"] in wanted:
            found[r["src"]].out[kind].append((key, sure))
        if r["dst"] in wanted:
            found[r["dst"]].into[kind].append((key, sure))
    for near in found.values():
        for side in (near.out, near.into):
            for keys in side.values():
                keys.sort(key=lambda one: (-one[1], one[0]))
    return found


def _reasons(
    persona: int, weights: dict[str, float], near: _Around, named: dict[int, Node], heard: dict[int, float]
) -> list[Reason]:
    """The parts of a score in words, the weightiest first."""
    texts = {
        "network": _network(persona, near, named, heard),
        "seniority": _seniority(near, named),
        "reach": _reach(near, named),
        "referrals": _listed("Referred", near.out.get("referred", []), named),
        "champions": _listed("Champions", near.out.get("champion_of", []), named),
    }
    made = [Reason(kind, *_placed(texts[kind], weight)) for kind, weight in weights.items() if weight > 1e-9]
    return sorted(made, key=lambda r: (-r.weight, r.kind))


def _placed(said: tuple[str, list[EdgeKey]], weight: float) -> tuple[str, float, list[EdgeKey]]:
    return said[0], weight, said[1]


def _leaning(near: _Around) -> list[tuple[EdgeKey, float, int]]:
    """Edges that say somebody leans on the persona, with that somebody."""
    found = [(key, sure, key[1]) for kind in ("reports_to", "colleague_of") for key, sure in near.into.get(kind, [])]
    for kind in ("influences", "referred", "introduced", "colleague_of"):
        found += [(key, sure, key[2]) for key, sure in near.out.get(kind, [])]
    return found


def _network(persona: int, near: _Around, named: dict[int, Node], heard: dict[int, float]) -> tuple[str, list[EdgeKey]]:
    """Whose own weight comes to the persona: the most influential of those who lean on them."""
    weighty = sorted(_leaning(near), key=lambda one: (-heard.get(one[2], 0.0), -one[1], one[0]))
    people = list(dict.fromkeys(i for _, _, i in weighty if i != persona))
    if not people:
        return "Others lean on them.", []
    best = people[0]
    if len(people) > 1 and heard.get(best, 0.0) > 0:
        text = f"{_names(people, named)} {_verb(people, 'leans', 'lean')} on them; of these {_name(best, named)} is the most influential."
    else:
        text = f"{_names(people, named)} {_verb(people, 'leans', 'lean')} on them."
    return text, [key for key, _, _ in weighty[:_SHOWN]]


def _seniority(near: _Around, named: dict[int, Node]) -> tuple[str, list[EdgeKey]]:
    roles, jobs = near.out.get("holds_role", []), near.out.get("works_at", [])
    edges = [key for key, _ in (*roles[:1], *jobs[:1])]
    role = _name(roles[0][0][2], named) if roles else "a role"
    return (f"Is {role} at {_name(jobs[0][0][2], named)}." if jobs else f"Is {role}."), edges


def _reach(near: _Around, named: dict[int, Node]) -> tuple[str, list[EdgeKey]]:
    """How many people the persona reaches directly, by what ties them."""
    told: list[str] = []
    edges: list[EdgeKey] = []
    reporting = near.into.get("reports_to", [])
    if reporting:
        people = [key[1] for key, _ in reporting]
        told.append(f"{_names(people, named)} {_verb(people, 'reports', 'report')} to them")
        edges += [key for key, _ in reporting[:_SHOWN]]
    for kind, verb in (("influences", "influences"), ("introduced", "introduced"), ("referred", "referred")):
        if near.out.get(kind):
            told.append(f"{verb} {_names([key[2] for key, _ in near.out[kind]], named)}")
    beside = [(key, key[2]) for key, _ in near.out.get("colleague_of", [])]
    beside += [(key, key[1]) for key, _ in near.into.get("colleague_of", [])]
    if beside:
        told.append(f"works with {_names([i for _, i in beside], named)}")
    edges += near.keys("influences", "introduced", "referred") + [key for key, _ in beside[:_SHOWN]]
    text = ", ".join(told) or "reaches others"
    return text[0].upper() + text[1:] + ".", edges


def _listed(verb: str, found: Sequence[tuple[EdgeKey, float]], named: dict[int, Node]) -> tuple[str, list[EdgeKey]]:
    return f"{verb} {_names([key[2] for key, _ in found], named)}.", [key for key, _ in found[:_SHOWN]]


def _names(ids: Iterable[int], named: dict[int, Node]) -> str:
    """`Ana, Ben, Carla and 4 more`."""
    distinct = list(dict.fromkeys(ids))
    shown = [_name(i, named) for i in distinct[:_NAMED]]
    if len(distinct) > _NAMED:
        return f"{', '.join(shown)} and {len(distinct) - _NAMED} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown) or "somebody"


def _name(i: int, named: dict[int, Node]) -> str:
    node = named.get(i)
    if node is None or (node.kind in ("persona", "company") and not node.props.get("name")):
        return "somebody"  # the key of a record is no name
    return node.name or "somebody"


def _verb(people: Collection[int], one: str, many: str) -> str:
    return one if len(set(people)) == 1 else many
