"""Influence kept up to date by steps equals a rebuild, and both equal the formula computed densely in plain Python."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from honeyguide import graph
from honeyguide.core import clock
from honeyguide.core.ids import new_id
from honeyguide.db import Database, Tx, create_workspace
from honeyguide.graph import influence_steps, influence_tables
from honeyguide.graph.beliefs import Belief, EdgeKey, decayed
from honeyguide.graph.influence import PASSES, SENIORITY, THETA, TOLERANCE
from honeyguide.graph.influence_steps import exact_scores
from honeyguide.graph.kinds import EDGE, EDGE_NAME, NODE
from honeyguide.graph.tables import NodeRow, delete_edges, write_edges, write_nodes
from tests.house.sql_lint import Statement, lint

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
AS_OF = datetime(2026, 6, 2, tzinfo=UTC)
PEOPLE, COMPANIES, PRODUCTS = 12, (101, 102), (201, 202)
ROLES = {301: "executive/any", 302: "manager/sales", 303: "individual/any", 304: "owner:crm:olga"}
Said = tuple[float, int, int | None]  # confidence, days since it was last seen, days until it ends
World = dict[EdgeKey, Said]


def _key(kind: str, src: int, dst: int) -> EdgeKey:
    return EDGE[kind], src, dst


_PERSON = st.integers(1, PEOPLE)
_KEYS = st.one_of(
    st.builds(_key, st.sampled_from(list(PASSES)), _PERSON, _PERSON),
    st.builds(_key, st.just("works_at"), _PERSON, st.sampled_from(COMPANIES)),
    st.builds(_key, st.just("holds_role"), _PERSON, st.sampled_from(list(ROLES))),
    st.builds(_key, st.just("champion_of"), _PERSON, st.sampled_from(PRODUCTS)),
    st.builds(_key, st.just("uses"), _PERSON, st.sampled_from(PRODUCTS)),  # counts for nothing
).filter(lambda key: key[1] != key[2])
_SAID = st.one_of(
    st.none(),  # the edge goes away
    st.tuples(st.sampled_from([0.3, 0.55, 0.8, 0.98]), st.sampled_from([0, 30, 400, 4_000]), st.sampled_from([None, None, -5, 90])),
)  # fmt: skip
_BATCH = st.lists(st.tuples(_KEYS, _SAID), min_size=1, max_size=15)


def _belief(said: Said) -> Belief:
    confidence, seen, end = said
    last = NOW - timedelta(days=seen)
    start = last - timedelta(days=10)
    return Belief(confidence, start, None if end is None else NOW + timedelta(days=end), (), last, 1, "test", {})


def expected(world: World) -> dict[int, float]:
    """The formula, densely: an inverse of a matrix over all persons."""
    n = PEOPLE
    current = {k: s for k, s in world.items() if s[2] is None or s[2] > 0}
    strong = {
        k: max(0.0, 2 * decayed(np.float32(s[0]).item(), k[0], NOW - timedelta(days=s[1]), AS_OF) - 1)
        for k, s in current.items()
    }
    lean = np.zeros((n + 1, n + 1))  # from who leans to whom they lean on
    for (kind, src, dst), w in strong.items():
        name = EDGE_NAME[kind]
        if name in ("reports_to", "colleague_of"):
            lean[src, dst] += PASSES[name] * w
        if name in ("influences", "referred", "introduced", "colleague_of"):
            lean[dst, src] += PASSES[name] * w

    def best(kind: str, person: int, value: Any) -> float:
        return max((value(k[2]) * w for k, w in strong.items() if k[:2] == (EDGE[kind], person)), default=0.0)

    def total(kind: str, person: int) -> float:
        return sum(w for k, w in strong.items() if k[:2] == (EDGE[kind], person))

    seniority = [0.0] * (n + 1)
    for person in range(1, n + 1):
        level = best("holds_role", person, lambda role: SENIORITY.get(ROLES[role].split("/")[0], 0) / 5)
        seniority[person] = level * max(0.5, best("works_at", person, lambda _: 1.0))
    champion = [t / (t + 1) for t in (total("champion_of", p) for p in range(n + 1))]
    base = np.array([0.5 + 0.3 * s + 0.2 * c for s, c in zip(seniority, champion, strict=True)])
    shares = lean / np.maximum(1.0, lean.sum(1, keepdims=True))
    value = np.linalg.solve(np.eye(n + 1) - 0.5 * shares.T, base)
    found = {}
    for p in range(1, n + 1):
        flowing, reach, referrals = value[p] - base[p], lean[:, p].sum(), total("referred", p)
        found[p] = (
            0.4 * flowing / (flowing + 2) + 0.2 * seniority[p] + 0.15 * reach / (reach + 6)
            + 0.15 * referrals / (referrals + 3) + 0.1 * champion[p]
        )  # fmt: skip
    return {p: float(score) for p, score in found.items() if score > 0}


async def prepare(tx: Tx) -> None:
    """The role nodes, and the people with names."""
    await write_nodes(tx, [NodeRow(i, NODE["role"], key, key, {}, {}, NOW, NOW) for i, key in ROLES.items()])
    await write_nodes(
        tx,
        [
            NodeRow(i, NODE["persona"], f"t:{i}", f"Person {i}", {"name": f"Person {i}"}, {}, NOW, NOW)
            for i in range(1, PEOPLE + 1)
        ],
    )


async def apply(tx: Tx, batch: list[tuple[EdgeKey, Said | None]], world: World) -> set[int]:
    """Change edges; returns the ids at both ends."""
    last = dict(batch)
    await delete_edges(tx, [k for k, said in last.items() if said is None and k in world])
    await write_edges(tx, {k: (_belief(said), NOW) for k, said in last.items() if said is not None})
    for key, said in last.items():
        if said is None:
            world.pop(key, None)
        else:
            world[key] = said
    return graph.influence_touched(last)


async def stored(tx: Tx) -> dict[int, float]:
    exact = await exact_scores(tx)
    shown = await influence_tables.all_published(tx)
    assert {i: r for i, s in exact.items() if (r := float(np.round(s, 4))) > 0} == {i: s for i, (s, _) in shown.items()}
    standing = np.bincount([round(s * 10_000) for s, _ in shown.values()], minlength=10_001)
    assert np.array_equal(standing, await influence_tables.standing(tx))
    ranks = {i: f.rank for i, f in (await graph.influence_of(tx, shown)).items()}
    assert ranks == {i: 1 + sum(o > s for o, _ in shown.values()) for i, (s, _) in shown.items()}
    return exact


async def shown(tx: Tx) -> dict[int, float]:
    return {i: s for i, (s, _) in (await influence_tables.all_published(tx)).items()}


def assert_close(found: dict[int, float], wanted: dict[int, float], tolerance: float = TOLERANCE) -> None:
    for i in found.keys() | wanted.keys():
        assert abs(found.get(i, 0.0) - wanted.get(i, 0.0)) <= tolerance * 1.000_001, (i, found.get(i), wanted.get(i))


async def _play(dsn: str, batches: list[list[tuple[EdgeKey, Said | None]]], told: list[bool]) -> None:
    db = await Database.open(dsn, size=2)
    try:
        workspace = await create_workspace(db, f"inf-{new_id().hex[:20]}", "Influence")
        world: World = {}
        waiting: list[set[int]] = []
        async with db.tx(workspace) as tx:
            await prepare(tx)
            await graph.influence_rebuild(tx)
        for n, batch in enumerate(batches):
            async with db.tx(workspace) as tx:
                before = await shown(tx)
                waiting.append(await apply(tx, batch, world))
                if told[n % len(told)]:  # otherwise a later transaction tells, the newest first
                    changed: set[int] = set()
                    while waiting:
                        changed |= await graph.influence_step(tx, waiting.pop())
                    after = await shown(tx)
                    moved = {i for i in before.keys() | after.keys() if before.get(i) != after.get(i)}
                    assert moved == changed
        async with db.tx(workspace) as tx:
            for touched in waiting:
                await graph.influence_step(tx, touched)
            kept = await stored(tx)
            assert_close(kept, expected(world))
            await graph.influence_rebuild(tx)
            rebuilt = await stored(tx)
            assert_close(kept, rebuilt)
            assert_close(rebuilt, expected(world), 1e-12)
            assert await graph.influence_rebuild(tx) == set()
            assert await stored(tx) == rebuilt
    finally:
        await db.close()


@settings(max_examples=30)
@given(batches=st.lists(_BATCH, min_size=1, max_size=6), told=st.lists(st.booleans(), min_size=1, max_size=4))
def test_steps_equal_a_rebuild_equals_the_formula(
    dsn: str, batches: list[list[tuple[EdgeKey, Said | None]]], told: list[bool]
) -> None:
    with clock.frozen(NOW):
        asyncio.run(_play(dsn, batches, told))


async def test_many_steps_do_not_drift(db: Database, workspace: int, other_workspace: int) -> None:
    """Residuals are kept, not dropped: after hundreds of steps the bound still holds. In another order it is the same."""
    rng = random.Random(5)
    changes = []
    for _ in range(250):
        kind = rng.choice([*PASSES, "holds_role", "champion_of", "works_at"])
        ends = {"holds_role": [*ROLES], "champion_of": [*PRODUCTS], "works_at": [*COMPANIES]}
        src, dst = rng.randint(1, PEOPLE), rng.choice(ends.get(kind, list(range(1, PEOPLE + 1))))
        if src != dst:
            said = None if rng.random() < 0.3 else (rng.choice([0.6, 0.9]), rng.choice([0, 100]), None)
            changes.append((_key(kind, src, dst), said))
    last = list(dict(changes).items())
    rng.shuffle(last)
    found = []
    for place, order in ((workspace, changes), (other_workspace, last)):
        world: World = {}
        with clock.frozen(NOW):
            async with db.tx(place) as tx:
                await prepare(tx)
            for change in order:
                async with db.tx(place) as tx:
                    await graph.influence_step(tx, await apply(tx, [change], world))
            async with db.tx(place) as tx:
                found.append(await stored(tx))
                held = await influence_tables.read_all(tx)
                assert np.all(np.abs(held.residual) <= THETA * held.base)
        assert_close(found[-1], expected(world))
    assert_close(found[0], found[1])
    assert len(found[0]) >= 10


async def test_reasons_add_up_and_rest_on_edges(db: Database, workspace: int) -> None:
    world: World = {}
    sure: Said = (0.98, 0, None)
    keys = [("reports_to", 2, 1), ("reports_to", 3, 1), ("influences", 1, 4), ("referred", 1, 5), ("champion_of", 1, 201),
            ("holds_role", 1, 301), ("works_at", 1, 101), ("influences", 2, 6)]  # fmt: skip
    with clock.frozen(NOW):
        async with db.tx(workspace) as tx:
            await prepare(tx)
            await write_nodes(tx, [NodeRow(101, NODE["company"], "t:101", "Northwind", {"name": "Northwind"}, {}, NOW, NOW),
                                   NodeRow(201, NODE["product"], "dispatch", "Dispatch", {}, {}, NOW, NOW)])  # fmt: skip
            await graph.influence_step(tx, await apply(tx, [(_key(*k), sure) for k in keys], world))
            found = await graph.influence_of(tx, [1, 2, 6, 12])
            everybody = await graph.influential(tx)
            top = await graph.influential(tx, limit=3)
            at_company = await graph.influential(tx, company=101)
            page = await graph.influential(tx, after=(top[0][1], top[0][0]), limit=2)
    one = found[1]
    assert (one.rank, one.of) == (1, len(everybody))
    assert sum(r.weight for r in one.reasons) == pytest.approx(one.score, abs=1e-9)
    assert {r.kind for r in one.reasons} == {"network", "seniority", "reach", "referrals", "champions"}
    texts = {r.kind: r.text for r in one.reasons}
    assert texts["reach"] == "Person 2 and Person 3 report to them, influences Person 4, referred Person 5."
    assert texts["champions"] == "Champions Dispatch."
    assert texts["seniority"] == "Is executive/any at Northwind."
    assert "Person 2 is the most influential" not in texts["reach"]
    assert "of these Person 2 is the most influential" in texts["network"]
    assert {e for r in one.reasons for e in r.edges} == {k for k in world if 1 in k[1:]}
    assert found[6] == graph.Influence(0.0, 0, len(everybody), [], None)
    assert found[12].score == 0
    assert top[0][0] == 1
    assert [i for i, _ in at_company] == [1]
    assert page == top[1:3]


async def test_who_left_no_edge_leaves_no_row(db: Database, workspace: int) -> None:
    world: World = {}
    sure: Said = (0.98, 0, None)
    with clock.frozen(NOW):
        async with db.tx(workspace) as tx:
            await prepare(tx)
            key = _key("influences", 1, 2)
            await graph.influence_step(tx, await apply(tx, [(key, sure), (_key("reports_to", 3, 2), sure)], world))
            assert set(await stored(tx)) == {1, 2, 3}
            await graph.influence_step(tx, await apply(tx, [(key, None)], world))
            assert set(await stored(tx)) == {2, 3}
            await graph.influence_step(tx, await apply(tx, [(_key("reports_to", 3, 2), None)], world))
            for table in ("influence", "influence_block", "influence_value"):
                assert await tx.value(f"select count(*) from {table} where workspace_id = $1", workspace) == 0


async def test_what_flows_to_somebody_who_is_told_of_later_is_kept(db: Database, workspace: int) -> None:
    """2 leans on 1 and on 3; of the second edge a later transaction tells, when 2 has its row already."""
    world: World = {}
    sure: Said = (0.98, 0, None)
    with clock.frozen(NOW):
        async with db.tx(workspace) as tx:
            await prepare(tx)
            await graph.influence_rebuild(tx)
            early = await apply(tx, [(_key("reports_to", 2, 1), sure)], world)
            late = await apply(tx, [(_key("influences", 3, 2), sure), (_key("reports_to", 3, 4), sure)], world)
            await graph.influence_step(tx, early)
        async with db.tx(workspace) as tx:
            await graph.influence_step(tx, late)
            assert_close(await stored(tx), expected(world))


async def test_fading_waits_for_the_rebuild_and_then_counts(db: Database, workspace: int) -> None:
    world: World = {}
    later = NOW + timedelta(days=180)
    with clock.frozen(NOW):
        async with db.tx(workspace) as tx:
            await prepare(tx)
            await graph.influence_step(tx, await apply(tx, [(_key("influences", 1, 2), (0.98, 0, None))], world))
            assert not await graph.influence_due(tx)
    with clock.frozen(later):
        async with db.tx(workspace) as tx:
            assert await graph.influence_due(tx)
            before = await stored(tx)
            assert await graph.influence_step(tx, {1, 2}) == set()
            assert await graph.influence_rebuild(tx) == {1}
            after = await stored(tx)
    assert after[1] < before[1] * 0.9


async def test_a_large_import_is_a_rebuild_of_the_same_day(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world: World = {}
    with clock.frozen(NOW):
        async with db.tx(workspace) as tx:
            await prepare(tx)
            await graph.influence_rebuild(tx)
    monkeypatch.setattr(influence_steps, "_MANY", 1)
    with clock.frozen(NOW + timedelta(days=40)):
        async with db.tx(workspace) as tx:
            await graph.influence_step(tx, await apply(tx, [(_key("influences", 1, 2), (0.98, 0, None))], world))
            assert_close(await stored(tx), expected(world), 1e-12)
            assert await graph.influence_due(tx)


def test_statements_keep_the_rules() -> None:
    for sql in (influence_tables.AROUND, *influence_tables.ALL.values()):
        assert lint(Statement("influence", sql), frozenset({"edge", "influence"})) == []
        assert len(sql) < 15_000
