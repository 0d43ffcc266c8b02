"""A workspace's own kinds: taken once, kept apart, stored in the default partition, faded and shown as any other."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from honeyguide import graph, identity
from honeyguide.core.errors import BadInput, Conflict
from honeyguide.db import Database
from honeyguide.graph import EdgeKind, NodeKind
from honeyguide.graph.facts import NodeFact
from honeyguide.graph.kinds import EDGE
from honeyguide.graph.state import state_nodes
from tests.properties.worlds import START, event, persona

MENTORS = EdgeKind(
    name="x_mentors", source=("persona",), target=("persona",), about="Teaches.", half_life_days=10, rule="functional"
)
GUILD = NodeKind(name="x_guild", about="A community of practice.")
ANA, BOB, EVE = (persona("crm", str(n), name=name) for n, name in enumerate(("Ana", "Bob", "Eve")))


def _said(code: int, src: int, dst: int, day: int = 0, **more: Any) -> graph.Assertion:
    return graph.Assertion(
        kind=code, src=src, dst=dst, confidence=0.9, valid_from=START + timedelta(days=day), inferrer="program",
        inferrer_version="1", subject=src, source="crm", key=str(day), quote="her mentor", **more,
    )  # fmt: skip


async def test_a_kind_is_taken_once_with_a_code_of_its_own(db: Database, workspace: int, other_workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await graph.extend(tx, MENTORS, "mara")
        assert (made.name, made.code) == ("x_mentors", 1_000)
        assert await graph.extend(tx, MENTORS) == made
        assert (await graph.extend(tx, structs.replace(MENTORS, name="x_next"))).code == 1_001
        assert (await graph.extend(tx, GUILD)).code == 1_000  # nodes count for themselves
        with pytest.raises(Conflict):
            await graph.extend(tx, structs.replace(MENTORS, half_life_days=11))
        known = await graph.vocabulary(tx)
        assert known.edges["x_mentors"] == made
        assert known.nodes["x_guild"].about == GUILD.about
        assert known.edges["works_at"].code == 1
    async with db.tx(other_workspace) as tx:
        assert "x_mentors" not in (await graph.vocabulary(tx)).edges


async def test_two_at_once_take_two_codes(db: Database, workspace: int) -> None:
    async def one(n: int) -> int:
        async with db.tx(workspace) as tx:
            return (await graph.extend(tx, structs.replace(MENTORS, name="x_" + "abcdef"[n]))).code

    assert sorted(await asyncio.gather(*(one(n) for n in range(6)))) == list(range(1_000, 1_006))


@pytest.mark.parametrize(
    "kind",
    [
        structs.replace(MENTORS, name="mentors"), structs.replace(MENTORS, name="x_"), structs.replace(MENTORS, name="x_A"),
        structs.replace(MENTORS, name="x_" + "a" * 19), structs.replace(MENTORS, name="x_'; drop table edge"),
        structs.replace(MENTORS, about=" "), structs.replace(MENTORS, about="a" * 301), structs.replace(MENTORS, source=("ghost",)),
        structs.replace(MENTORS, rule="exclusive", excludes=("blocks",)), structs.replace(MENTORS, half_life_days=0.0),
        structs.replace(MENTORS, endable=True), structs.replace(MENTORS, inferable=0.7), structs.replace(GUILD, name="works_at"),
    ],
)  # fmt: skip
async def test_what_cannot_stand_is_refused(db: Database, workspace: int, kind: Any) -> None:
    async with db.tx(workspace) as tx:
        with pytest.raises(BadInput):
            await graph.extend(tx, kind)


async def test_too_many_are_refused(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        for n in range(100):
            await graph.extend(tx, structs.replace(MENTORS, name=f"x_{chr(97 + n // 26)}{chr(97 + n % 26)}"))
        with pytest.raises(Conflict):
            await graph.extend(tx, structs.replace(MENTORS, name="x_one_more"))


async def test_its_edges_are_stored_ruled_faded_and_shown(db: Database, workspace: int) -> None:
    events = [event(n, "persona.identified", START, who) for n, who in enumerate((ANA, BOB, EVE))]
    async with db.tx(workspace) as tx:
        await graph.step(tx, events, await identity.step(tx, events))
        code = (await graph.extend(tx, MENTORS)).code
        guild = (await graph.extend(tx, GUILD)).code
        belongs = (
            await graph.extend(tx, EdgeKind(name="x_in", source=("persona",), target=("x_guild",), about="In it."))
        ).code
        makers = graph.node_of("x_guild", "makers")
        at = events[0].event_id
        await state_nodes(tx, [NodeFact(makers, guild, "makers", START, at, {"name": "Makers"})])
        await graph.assert_facts(
            tx, [_said(code, ANA.id, BOB.id), _said(code, ANA.id, EVE.id, 5), _said(belongs, ANA.id, makers)]
        )
        assert await tx.value("select count(*) from edge_other where workspace_id = $1", workspace) == 3
        counted = await graph.counts(tx)
        assert (counted["edges"]["x_mentors"], counted["nodes"]["x_guild"]) == (2, 1)
        assert [t.quote for t in await graph.evidence(tx, code, ANA.id, EVE.id)] == ["her mentor"]
    later = START + timedelta(days=15)
    async with db.tx(workspace, pool="traverse") as tx:
        found = await graph.neighbourhood(tx, ANA.id, valid_at=later)
        assert {(e.kind, e.dst) for e in found.edges} == {
            ("x_mentors", EVE.id),
            ("x_in", makers),
        }  # one mentor at a time
        assert next(e.confidence for e in found.edges if e.kind == "x_mentors") == pytest.approx(0.75, abs=1e-3)
        assert next(e.confidence for e in found.edges if e.kind == "x_in") == pytest.approx(0.9, abs=1e-3)
        assert found.nodes[makers].kind == "x_guild"
        assert (await graph.nodes(tx, [makers]))[makers].kind == "x_guild"
        hub = await graph.neighbourhood(tx, ANA.id, valid_at=later, limit=1)  # a hub's statement, per kind
        assert {e.kind for e in hub.edges} <= {"x_mentors", "x_in"}
        assert hub.truncated
        known = await graph.neighbourhood(tx, ANA.id, valid_at=later, recorded_at=later + timedelta(days=3_000))
        assert {e.kind for e in known.edges} == {"x_mentors", "x_in"}


async def test_a_code_nobody_knows_is_refused(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        for code in (26, 500, 1_000):
            with pytest.raises(ValueError, match="no such edge kind"):
                await graph.assert_facts(tx, [_said(code, ANA.id, BOB.id)])
            with pytest.raises(ValueError, match="no such edge kind"):
                await graph.replace(tx, "program", {ANA.id: [_said(code, ANA.id, BOB.id)]})
        await graph.assert_facts(tx, [_said(EDGE["other"], ANA.id, BOB.id)])
