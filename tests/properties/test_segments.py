"""Members of a segment are those a plain-Python evaluation finds, after every step, and a rebuild changes nothing."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, field

from honeyguide import graph
from honeyguide.core import clock
from honeyguide.core.ids import new_id
from honeyguide.db import Database, Tx, create_workspace
from honeyguide.graph import segments
from honeyguide.graph.beliefs import Belief, EdgeKey, decayed
from honeyguide.graph.kinds import EDGE, NODE
from honeyguide.graph.segment_conditions import (
    All,
    AnyOf,
    Company,
    Condition,
    Edges,
    Not,
    Property,
    Published,
    Score,
    dump,
    parse,
)
from honeyguide.graph.tables import NodeRow, delete_edges, delete_nodes, write_edges, write_nodes

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PEOPLE, COMPANIES, PRODUCTS, TICKETS = (1, 2, 3, 4, 5, 6), (101, 102), (201, 202), (301, 302)
KIND_OF = {
    **dict.fromkeys(PEOPLE, "persona"), **dict.fromkeys(COMPANIES, "company"), **dict.fromkeys(PRODUCTS, "product"),
    **dict.fromkeys(TICKETS, "ticket"),
}  # fmt: skip
ENDS = {
    "works_at": (PEOPLE, COMPANIES), "uses": ((*PEOPLE, *COMPANIES), PRODUCTS), "opened": (PEOPLE, TICKETS),
    "influences": (PEOPLE, PEOPLE), "champion_of": (PEOPLE, PRODUCTS), "other": (PEOPLE, TICKETS),
}  # fmt: skip
Said = tuple[float, int, int | None]  # confidence, days since it began and was last seen, days until it ends


class World(Struct):
    """Everything there is, as plain data."""

    props: dict[int, dict[str, Any]] = field(default_factory=dict)
    edges: dict[EdgeKey, Said] = field(default_factory=dict)
    scores: dict[int, float] = field(default_factory=dict)
    published: dict[int, tuple[float, str]] = field(default_factory=dict)


# --- the evaluation in plain Python


def holds(c: Condition, node: int, world: World) -> bool:
    if isinstance(c, All):
        return all(holds(one, node, world) for one in c.of)
    if isinstance(c, AnyOf):
        return any(holds(one, node, world) for one in c.of)
    if isinstance(c, Not):
        return not holds(c.of, node, world)
    if isinstance(c, Property):
        return compares(c, world.props.get(node, {}))
    if isinstance(c, Score):
        return c.at_least <= world.scores.get(node, 0.0) <= c.at_most
    if isinstance(c, Published):
        value, word = world.published.get(node, (-1.0, ""))
        return c.at_least <= value <= c.at_most and (not c.words or word in c.words)
    if isinstance(c, Company):
        firm = employer(node, world)
        return firm is not None and holds(c.of, firm, world)
    here, there = (1, 2) if c.direction == "out" else (2, 1)
    n = sum(
        k[0] == EDGE[c.kind] and k[here] == node and counts(c, said, k, k[there], world)
        for k, said in world.edges.items()
    )
    return n >= c.at_least and (c.at_most is None or n <= c.at_most)


def employer(person: int, world: World) -> int | None:
    jobs = [
        (-said[1], said[0], -k[2])
        for k, said in world.edges.items()
        if k[:2] == (EDGE["works_at"], person) and said[2] is None
    ]
    return -max(jobs)[2] if jobs else None


def counts(c: Edges, said: Said, key: EdgeKey, other: int, world: World) -> bool:
    confidence, days, end = said
    ended = end is not None and end <= 0
    if c.state != "any" and ended != (c.state == "ended"):
        return False
    began, seen = NOW - timedelta(days=days + 1), NOW - timedelta(days=days)
    when = seen if c.by == "seen" else began
    since = NOW - timedelta(days=c.within_days) if c.within_days is not None else c.since
    if (since is not None and when < since) or (c.until is not None and when >= c.until):
        return False
    if confidence < 0.5:
        return False
    if c.confidence > 0 and decayed(confidence, key[0], seen, NOW) < c.confidence:
        return False
    if (c.nodes or c.keys) and str(other) not in c.nodes and f"{KIND_OF[other]}:k{other}" not in c.keys:
        return False
    if c.where and other not in world.props:
        return False
    return all(compares(p, world.props[other]) for p in c.where)


def compares(p: Property, props: dict[str, Any]) -> bool:
    held = props.get(p.name)
    if p.op == "exists":
        return held is not None
    if held is None:
        return False
    if p.op == "in":
        return any(same(held, v) for v in p.value)  # type: ignore[union-attr]
    if p.op in ("eq", "ne"):
        return same(held, p.value) == (p.op == "eq")
    if isinstance(p.value, str):
        return isinstance(held, str) and texts(p.op, held, p.value)
    if isinstance(held, bool) or not isinstance(held, int | float):
        return False
    a, b = Decimal(repr(held)), Decimal(repr(p.value))
    return {"lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}[p.op]


def same(a: Any, b: Any) -> bool:
    return isinstance(a, bool) == isinstance(b, bool) and isinstance(a, str) == isinstance(b, str) and a == b


def texts(op: str, held: str, value: str) -> bool:
    if op == "contains":
        return value.lower() in held.lower()
    if op == "starts_with":
        return held.lower().startswith(value.lower())
    a, b = held.encode(), value.encode()
    return {"lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}[op]


# --- random conditions and changes

_NAMES = st.sampled_from(["title", "seats", "vip", 'it\'s "odd"; --', "$1"])
_TEXTS = st.sampled_from(["", "VP Sales", "vp", "sales", "Zoé", "' or true --", "%", "_", "a\\b", "10"])
_NUMBERS = st.sampled_from([0, 1, 10, 10.0, 0.1, -3, 12.5, 10**12])
_SCALARS = st.one_of(_TEXTS, _NUMBERS, st.booleans())


def _property(name: str, op: str, value: Any, several: list[Any]) -> Property:
    if op == "exists":
        return Property(name)
    if op == "in":
        return Property(name, "in", tuple(several))
    if op in ("contains", "starts_with"):
        value = value if isinstance(value, str) else "sales"
    if op in ("lt", "le", "gt", "ge") and isinstance(value, bool):
        value = 10
    return Property(name, op, value)  # type: ignore[arg-type]


_PROPERTIES = st.builds(
    _property, _NAMES, st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge", "in", "contains", "starts_with", "exists"]), _SCALARS,
    st.lists(_SCALARS, min_size=1, max_size=3),
)  # fmt: skip


@st.composite
def _edges(draw: Any) -> Edges:
    kind = draw(st.sampled_from(list(ENDS)))
    direction = draw(st.sampled_from(["out", "out", "in"]))
    others = ENDS[kind][1 if direction == "out" else 0]
    named = draw(st.sampled_from(["none", "none", "ids", "keys", "both"]))
    some = draw(st.lists(st.sampled_from(others), min_size=1, max_size=2))
    window = draw(st.sampled_from(["none", "none", "days", "dates"]))
    at_least = draw(st.sampled_from([1, 1, 0, 2]))
    return Edges(
        kind, direction,
        nodes=tuple(str(i) for i in some) if named in ("ids", "both") else (),
        keys=tuple(f"{KIND_OF[i]}:k{i}" for i in some[:1]) if named in ("keys", "both") else (),
        where=tuple(draw(st.lists(_PROPERTIES, max_size=2))),
        state=draw(st.sampled_from(["current", "current", "ended", "any"])),
        by=draw(st.sampled_from(["seen", "began"])),
        within_days=30.5 if window == "days" else None,
        since=NOW - timedelta(days=100) if window == "dates" else None,
        until=NOW - timedelta(days=10) if window == "dates" else None,
        confidence=draw(st.sampled_from([0.0, 0.0, 0.7, 0.97])),
        at_least=at_least,
        at_most=draw(st.sampled_from([at_least, at_least + 1] if at_least == 0 else [None, None, at_least, at_least + 1])),
    )  # fmt: skip


def _tree(leaves: Any, company: bool) -> Any:
    def more(inner: Any) -> Any:
        lists = st.lists(inner, max_size=3).map(tuple)
        kinds = [st.builds(All, lists), st.builds(AnyOf, lists), st.builds(Not, inner)]
        return st.one_of(*kinds)

    return st.recursive(leaves, more, max_leaves=4 if company else 6)


_OF_COMPANY = _tree(st.one_of(_PROPERTIES, _edges()), True).map(Company)
_SCORES = st.sampled_from([Score(), Score(0.2), Score(0.0, 0.4), Score(0.2, 0.6)])
_PUBLISHED = st.sampled_from([
    Published("readiness"), Published("readiness", 60.0), Published("readiness", 0.0, 59.9), Published("readiness", words=("value", "it's")),
])  # fmt: skip
_CONDITIONS = _tree(st.one_of(_PROPERTIES, _edges(), _edges(), _OF_COMPANY, _SCORES, _PUBLISHED), False)

_CHANGES = st.one_of(
    st.sampled_from(list(ENDS)).flatmap(
        lambda kind: st.tuples(
            st.just("edge"), st.tuples(st.just(EDGE[kind]), st.sampled_from(ENDS[kind][0]), st.sampled_from(ENDS[kind][1])),
            st.one_of(st.none(), st.tuples(st.sampled_from([0.2, 0.6, 0.9, 0.98]), st.sampled_from([0, 5, 20, 60, 300]),
                                           st.sampled_from([None, None, -3, 5]))),
        )
    ).filter(lambda c: c[1][1] != c[1][2]),
    st.tuples(st.just("props"), st.sampled_from(list(KIND_OF)), st.dictionaries(_NAMES, st.one_of(_SCALARS, st.none(), st.just([1])), max_size=3)),
    st.tuples(st.just("score"), st.sampled_from(PEOPLE), st.sampled_from([0.0, 0.2, 0.3, 0.6])),
    st.tuples(st.just("published"), st.sampled_from(PEOPLE),
              st.one_of(st.none(), st.tuples(st.sampled_from([0.0, 59.9, 60.0, 100.0]), st.sampled_from(["value", "dormant", "it's"])))),
    st.tuples(st.just("gone"), st.sampled_from((*PEOPLE, 302)), st.none()),
)  # fmt: skip


async def _change(tx: Tx, changes: list[Any], world: World) -> tuple[set[int], set[EdgeKey]]:
    touched: set[int] = set()
    edges: set[EdgeKey] = set()
    for what, which, value in changes:
        if what == "edge":
            edges.add(which)
            await _edge(tx, which, value, world)
            continue
        touched.add(which)
        if what == "props":
            world.props[which] = value
            await write_nodes(tx, [NodeRow(which, NODE[KIND_OF[which]], f"k{which}", "n", value, {}, NOW, NOW)])
        elif what == "gone":
            world.props.pop(which, None)
            await delete_nodes(tx, [which])
        elif what == "published":
            world.published.pop(which, None)
            await graph.withdraw_scores(tx, "readiness", [which])
            if value is not None:
                world.published[which] = value
                await graph.publish_scores(tx, "readiness", {which: value}, NOW)
        else:
            world.scores[which] = value
            await tx.run(
                "insert into influence (workspace_id, persona, score, at) values ($1, $2, $3, $4) "
                "on conflict (workspace_id, persona) do update set score = excluded.score",
                tx.workspace_id, which, value, NOW,
            )  # fmt: skip
    return touched, edges


async def _edge(tx: Tx, key: EdgeKey, said: Said | None, world: World) -> None:
    if said is None:
        world.edges.pop(key, None)
        await delete_edges(tx, [key])
        return
    world.edges[key] = (Decimal(said[0]).quantize(Decimal("0.0001")).__float__(), said[1], said[2])
    seen = NOW - timedelta(days=said[1])
    end = None if said[2] is None else NOW + timedelta(days=said[2])
    belief = Belief(said[0], seen - timedelta(days=1), end, (), seen, 1, "test", {})
    await write_edges(tx, {key: (belief, NOW)})


def expected(condition: Condition, world: World) -> set[int]:
    return {i for i in PEOPLE if i in world.props and holds(condition, i, world)}


async def _members(tx: Tx, segment: int) -> set[int]:
    return {m.persona for m in await segments.members(tx, segment, limit=1_000)}


async def _play(dsn: str, conditions: list[Condition], batches: list[Any], as_keys: bool) -> None:
    db = await Database.open(dsn, size=2)
    try:
        workspace = await create_workspace(db, f"seg-{new_id().hex[:20]}", "Segments")
        world = World()
        async with db.tx(workspace) as tx:
            await _change(tx, [("props", i, {}) for i in KIND_OF], world)
            await _change(tx, batches[0], world)
            made = [(await segments.create(tx, f"s{n}", dump(c), "test")).id for n, c in enumerate(conditions)]
        for batch in batches[1:]:
            async with db.tx(workspace) as tx:
                touched, edges = await _change(tx, batch, world)
                if not as_keys:
                    touched, edges = touched | {i for _, src, dst in edges for i in (src, dst)}, set()
                before = {s: await _members(tx, s) for s in made}
                moved = await graph.segments_step(tx, touched, edges)
                for segment, condition in zip(made, conditions, strict=True):
                    now = await _members(tx, segment)
                    assert now == expected(condition, world), (dump(condition), world)
                    entered, left = moved.get(segment, (set(), set()))
                    assert (entered, left - (before[segment] - world.props.keys())) == (
                        now - before[segment],
                        (before[segment] - now) & world.props.keys(),
                    )
        async with db.tx(workspace) as tx:
            assert all(m == (set(), set()) for m in (await graph.segments_rebuild(tx)).values())
            for segment, condition in zip(made, conditions, strict=True):
                assert (await segments.preview(tx, condition)).count == len(await _members(tx, segment))
                assert parse(dump(condition)) == condition
    finally:
        await db.close()


@settings(max_examples=60)
@given(
    conditions=st.lists(_CONDITIONS, min_size=1, max_size=4), batches=st.lists(st.lists(_CHANGES, min_size=1, max_size=12), min_size=2, max_size=4),
    as_keys=st.booleans(),
)  # fmt: skip
def test_members_are_those_of_a_plain_evaluation(
    dsn: str, conditions: list[Condition], batches: list[Any], as_keys: bool
) -> None:
    with clock.frozen(NOW):
        asyncio.run(_play(dsn, conditions, batches, as_keys))
