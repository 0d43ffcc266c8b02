"""Every traversal equals a computation in plain Python over the raw rows, with ended and re-opened edges present."""

import random
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from honeyguide import graph
from honeyguide.core import clock
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database
from honeyguide.graph.beliefs import Belief
from honeyguide.graph.kinds import EDGE, EDGE_NAME
from honeyguide.graph.tables import write_edges
from tests.properties.test_graph_order import expected_edges, stored_edges, take_in
from tests.properties.worlds import START, batches, company, email, event, persona, random_world

At = Callable[[str], datetime]
LATER = datetime(2026, 12, 31, tzinfo=UTC)


def _valid(row: Any, at: datetime) -> bool:
    now = row["valid_from"] <= at and (row["valid_to"] is None or row["valid_to"] > at)
    return now or any(p.lower <= at < p.upper for p in row["earlier"] or ())


async def _rows(db: Database, workspace: int) -> list[Any]:
    async with db.tx(workspace) as tx:
        return await tx.rows("select * from edge where workspace_id = $1", workspace)


def _careers(first: int) -> list[CanonicalEvent]:
    """People who left a company and came back, and some who left again: whether the random people do is chance.

    They share no identifier with anybody, so no rule of identity changes what is ended and re-opened here.
    """
    made = []
    for k in range(6):
        who, firm = persona("hubspot", f"back-{k}"), company("hubspot", f"left-{k % 3}")
        steps = ["persona.identified", "persona.departed", "persona.identified", "persona.departed"][: 3 + k % 2]
        for n, kind in enumerate(steps):
            made.append(event(first + 10 * k + n, kind, START + timedelta(days=10 + 25 * n + k), who, firm))
    return made


@pytest.mark.parametrize("seed", [21, 22])
async def test_neighbourhood_equals_brute_force(db: Database, workspace: int, other_workspace: int, seed: int) -> None:
    world = random_world(seed, 200) + _careers(200)
    await take_in(db, workspace, batches(world, random.Random(seed)))
    await take_in(db, other_workspace, [random_world(seed + 100, 50)])  # same ids, another workspace: must not leak
    rows = await _rows(db, workspace)
    entities = {r["src"] for r in rows} | {r["dst"] for r in rows}
    assert sum(bool(r["valid_to"]) for r in rows) >= 4
    assert sum(bool(r["earlier"]) for r in rows) >= 4
    assert await stored_edges(db, workspace) == expected_edges(world)  # no earlier validity was lost on the way
    for at in (START + timedelta(days=30), START + timedelta(days=80), LATER):
        for entity in entities:
            async with db.tx(workspace, pool="traverse") as tx:
                found = await graph.neighbourhood(tx, entity, valid_at=at)
            expected = {
                (EDGE_NAME[r["kind"]], r["src"], r["dst"])
                for r in rows
                if entity in (r["src"], r["dst"]) and _valid(r, at)
            }
            assert {(e.kind, e.src, e.dst) for e in found.edges} == expected
            assert len(found.edges) == len(expected)
            assert {i for _, s, d in expected for i in (s, d)} <= found.nodes.keys() | {entity}
            assert not found.truncated


async def test_a_hub_is_cut_per_kind_and_says_so(db: Database, workspace: int) -> None:
    firm = company("hubspot", "1", name="Hub")
    events = [event(n, "persona.identified", START, persona("hubspot", str(n)), firm) for n in range(30)]
    await take_in(db, workspace, [events])
    async with db.tx(workspace, pool="traverse") as tx:
        cut = await graph.neighbourhood(tx, firm.id, limit=10)
        whole = await graph.neighbourhood(tx, firm.id, limit=30)
    assert len(cut.edges) == 10
    assert cut.truncated
    assert len(whole.edges) == 30
    assert {e.kind for e in cut.edges} == {"works_at"}
    assert not whole.truncated


async def test_an_alias_leads_to_the_entity(db: Database, workspace: int) -> None:
    old = persona("hubspot", "1", email("ana@acme.io"), name="Ana")
    new = persona("zendesk", "9", email("ana@acme.io"))
    firm = company("zendesk", "1", name="Acme")
    await take_in(db, workspace, [[event(1, "persona.identified", START, old)]])
    await take_in(db, workspace, [[event(2, "ticket.opened", START + timedelta(days=1), new, firm, ticket="T1")]])
    async with db.tx(workspace, pool="traverse") as tx:
        found = await graph.neighbourhood(tx, new.id)
    assert found.centre == old.id
    assert {e.kind for e in found.edges} == {"works_at", "opened"}
    assert found.nodes[old.id].name == "Ana"


async def _job(db: Database, workspace: int, days: list[tuple[str, int]], seen: At) -> tuple[int, int]:
    """Events "works"/"left" on given days, each taken in on its own, recorded on 1, 2, 3 ... June."""
    ana, acme = persona("hubspot", "1", name="Ana"), company("hubspot", "7", name="Acme")
    for n, (what, day) in enumerate(days):
        kind = "persona.departed" if what == "left" else "persona.identified"
        with clock.frozen(seen(f"2026-06-{n + 1:02d}")):
            await take_in(db, workspace, [[event(n, kind, START + timedelta(days=day), ana, acme)]])
    return ana.id, acme.id


def _day(n: int) -> datetime:
    return START + timedelta(days=n)


async def _employed(db: Database, workspace: int, ana: int, valid: datetime, recorded: datetime | None = None) -> bool:
    async with db.tx(workspace, pool="traverse") as tx:
        found = await graph.neighbourhood(tx, ana, valid_at=valid, recorded_at=recorded)
    return any(e.kind == "works_at" for e in found.edges)


async def test_as_of_in_the_gap_of_a_reopened_edge(db: Database, workspace: int, at: At) -> None:
    ana, _ = await _job(db, workspace, [("works", 0), ("left", 40), ("works", 100)], at)
    assert [await _employed(db, workspace, ana, _day(n)) for n in (-1, 0, 39, 40, 70, 99, 100, 300)] == [
        False, True, True, False, False, False, True, True,
    ]  # fmt: skip
    # What we believed on 1 June noon: still employed in what later turned out to be a gap.
    noon = timedelta(hours=12)
    assert await _employed(db, workspace, ana, _day(70), at("2026-06-01") + noon)
    assert not await _employed(db, workspace, ana, _day(70), at("2026-06-02") + noon)
    assert await _employed(db, workspace, ana, _day(39), at("2026-06-02") + noon)
    assert not await _employed(db, workspace, ana, _day(120), at("2026-06-02") + noon)
    assert not await _employed(db, workspace, ana, _day(70), at("2026-06-03") + noon)
    assert await _employed(db, workspace, ana, _day(120), at("2026-06-03") + noon)
    assert not await _employed(db, workspace, ana, _day(39), at("2026-05-31"))


async def test_a_late_end_opens_the_gap_afterwards(db: Database, workspace: int, at: At) -> None:
    ana, acme = await _job(db, workspace, [("works", 0), ("works", 100), ("left", 40)], at)
    assert [await _employed(db, workspace, ana, _day(n)) for n in (0, 39, 40, 99, 100)] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert await _employed(db, workspace, ana, _day(70), at("2026-06-02T12:00"))
    assert not await _employed(db, workspace, ana, _day(70), at("2026-06-03T12:00"))
    async with db.tx(workspace) as tx:
        versions = await graph.history(tx, EDGE["works_at"], ana, acme)
    assert [v.retired_at is None for v in versions] == [True, False]


async def _random_edges(db: Database, workspace: int, seed: int) -> None:
    """Edges of the path's three kinds among few nodes, a third of them ended, some not begun yet."""
    rng = random.Random(seed)
    made = {}
    for _ in range(260):
        kind = rng.choice(["referred", "works_at", "works_at", "uses"])
        src = rng.randrange(1, 40)
        dst = {
            "referred": rng.randrange(1, 40),
            "works_at": 100 + rng.randrange(6),
            "uses": graph.node_of("product", "crm"),
        }[kind]
        start = START + timedelta(days=rng.choice([0, 50, 150]))
        end = start + timedelta(days=rng.choice([20, 90])) if rng.random() < 0.3 else None
        made[EDGE[kind], src, dst] = (Belief(0.9, start, end, (), start, 1, "record", {}), START)
    async with db.tx(workspace) as tx:
        await write_edges(tx, made)


@pytest.mark.parametrize("seed", [31, 32, 33])
async def test_colleagues_of_referred_using_equals_brute_force(db: Database, workspace: int, seed: int) -> None:
    await _random_edges(db, workspace, seed)
    rows = await _rows(db, workspace)
    at = START + timedelta(days=100)

    def pairs(kind: str) -> set[tuple[int, int]]:
        return {
            (r["src"], r["dst"]) for r in rows
            if r["kind"] == EDGE[kind] and r["valid_from"] <= at and (r["valid_to"] is None or r["valid_to"] > at)
        }  # fmt: skip

    referred, works, uses = pairs("referred"), pairs("works_at"), pairs("uses")
    product = graph.node_of("product", "crm")
    some = 0
    for persona_id in {s for s, _ in referred}:
        expected = {
            c for x, r in referred if x == persona_id for w, firm in works if w == r
            for c, other in works if other == firm and c != r and (c, product) in uses
        }  # fmt: skip
        async with db.tx(workspace, pool="traverse") as tx:
            found = await graph.colleagues_of_referred_using(tx, persona_id, product, at=at)
        assert sorted(found) == sorted(expected)
        some += len(expected)
    assert some > 0


@pytest.mark.parametrize("seed", [41, 42])
async def test_warm_path_is_a_shortest_real_path(db: Database, workspace: int, seed: int) -> None:
    await take_in(db, workspace, [random_world(seed, 120)])
    rows = [r for r in await _rows(db, workspace) if r["valid_to"] is None]
    personal = ("referred", "introduced", "influences", "reports_to", "colleague_of", "works_at")
    links: dict[int, set[int]] = {}
    for r in rows:
        if EDGE_NAME[r["kind"]] in personal:
            links.setdefault(r["src"], set()).add(r["dst"])
            links.setdefault(r["dst"], set()).add(r["src"])
    firms = {r["dst"] for r in rows if r["kind"] == EDGE["works_at"]}
    people = {r["src"] for r in rows if r["kind"] == EDGE["works_at"]}
    for start in people:
        distance = {start: 0}
        queue = deque([start])
        while queue:
            here = queue.popleft()
            for there in links.get(here, ()):
                if there not in distance:
                    distance[there] = distance[here] + 1
                    queue.append(there)
        for firm in firms:
            async with db.tx(workspace, pool="traverse") as tx:
                path = await graph.warm_path(tx, start, firm, at=LATER)
            expected = distance.get(firm, 99)
            assert len(path) == (expected if expected <= 3 else 0)
            here = start
            for hop in path:
                assert here in (hop.src, hop.dst)
                here = hop.dst if here == hop.src else hop.src
            assert here == (firm if path else start)


async def test_evidence_search_and_counts(db: Database, workspace: int) -> None:
    ana, acme = (
        persona("hubspot", "1", email("ana@acme.io"), name="Ana Stone", email="ana@acme.io"),
        company("hubspot", "7", name="Acme"),
    )
    again = persona("zendesk", "3", email("ana@acme.io"))
    await take_in(db, workspace, [[
        event(1, "persona.identified", START, ana, acme),
        event(2, "ticket.opened", START, again, company("zendesk", "x", name="Acme Zendesk"), ticket="T1", subject="100% broken_"),
        event(3, "persona.identified", START + timedelta(days=50), ana, acme),
    ]])  # fmt: skip
    async with db.tx(workspace) as tx:
        entity = min((ana.id, again.id))
        said = await graph.evidence(tx, EDGE["works_at"], entity, acme.id)
        assert {(t.source, t.record, t.supports) for t in said} == {
            ("hubspot", "hubspot #1", True),
            ("hubspot", "hubspot #3", True),
        }
        assert [f.name for f in await graph.search(tx, "stone")] == ["Ana Stone"]
        assert [f.name for f in await graph.search(tx, "acme")][:1] == ["Acme"]
        assert await graph.search(tx, "%") == []
        assert await graph.search(tx, " ") == []
        counted = await graph.counts(tx)
    assert counted["nodes"] == {"persona": 1, "company": 2, "ticket": 1}
    assert counted["edges"] == {"works_at": 2, "opened": 2}
