"""What changed between two dates, and the story of an edge: by when things happened, whenever we were told."""

import asyncio
import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from honeyguide import graph, identity
from honeyguide.core.errors import BadInput
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Tx
from honeyguide.graph.kinds import EDGE
from tests.properties.worlds import START, batches, company, event, persona, random_world

ANA, BOB, EVE = (persona("crm", str(n), name=name) for n, name in enumerate(("Ana", "Bob", "Eve")))
ACME = company("crm", "7", name="Acme")
DESK = graph.node_of("product", "desk")


def day(n: float) -> datetime:
    return START + timedelta(days=n)


async def take(tx: Tx, *events: CanonicalEvent) -> None:
    await graph.step(tx, events, await identity.step(tx, events))


def says(kind: str, dst: int, at: float, last: float | None = None, **more: Any) -> graph.Assertion:
    base: dict[str, Any] = {
        "confidence": 0.9, "src": ANA.id, "subject": ANA.id, "quote": f"{kind} {at:g}", "inferrer": "notes", "source": "crm",
    }  # fmt: skip
    return graph.Assertion(
        kind=EDGE[kind], dst=dst, valid_from=day(at), last_seen_at=day(at if last is None else last),
        inferrer_version="1", source_ref="note 1", key=f"{at}", **(base | more),
    )  # fmt: skip


async def _career(tx: Tx) -> None:
    await take(
        tx, event(1, "persona.identified", day(0), ANA, ACME), event(2, "persona.departed", day(40), ANA, ACME),
        event(3, "persona.identified", day(100), ANA, ACME), event(4, "feature.used", day(45), BOB, ACME, product="desk"),
    )  # fmt: skip
    await graph.assert_facts(tx, [
        says("reports_to", BOB.id, 10), says("reports_to", EVE.id, 60), says("champion_of", DESK, 20),
        says("interested_in", DESK, 5, 90),
    ])  # fmt: skip


async def _sorted(tx: Tx, before: float, after: float) -> dict[str, set[tuple[str, int]]]:
    found = await graph.difference(tx, ANA.id, day(before), day(after))
    assert not found.truncated
    return {
        name: {(c.kind, c.dst) for c in getattr(found, name)} for name in ("appeared", "ended", "stronger", "weaker")
    }


async def test_a_difference_tells_what_appeared_ended_and_faded(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _career(tx)
        job, bob, eve = ("works_at", ACME.id), ("reports_to", BOB.id), ("reports_to", EVE.id)
        first = await _sorted(tx, -1, 30)
        assert first["appeared"] == {job, bob, ("champion_of", DESK), ("interested_in", DESK)}
        assert (first["ended"], first["stronger"], first["weaker"]) == (set(), set(), set())
        gap = await _sorted(tx, 30, 90)
        assert gap["ended"] == {job, bob}
        assert gap["appeared"] == {eve}
        assert ("champion_of", DESK) in gap["weaker"]
        assert (await _sorted(tx, 90, 110))["appeared"] == {job}
        assert (await _sorted(tx, 39, 39.5)) == {"appeared": set(), "ended": set(), "stronger": set(), "weaker": set()}
        found = await graph.difference(tx, ANA.id, day(-1), day(30))
        champion = next(c for c in found.appeared if c.kind == "champion_of")
        assert champion.before is None
        assert champion.after == pytest.approx(0.889, abs=2e-3)
        assert champion.ground is not None
        assert champion.ground.quote == "champion_of 20"
        with pytest.raises(BadInput):
            await graph.difference(tx, ANA.id, day(5), day(5))


async def test_renewed_evidence_makes_an_edge_stronger_and_a_refutation_ends_it(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _career(tx)
        more = says("champion_of", DESK, 200, source="desk")
        await graph.assert_facts(
            tx, [says("champion_of", DESK, 150, supports=False, inferrer="b", confidence=0.95), more]
        )
        assert ("champion_of", DESK) in (await _sorted(tx, 149, 160))["ended"]
        assert ("champion_of", DESK) in (await _sorted(tx, 160, 201))["appeared"]
        await graph.assert_facts(tx, [says("interested_in", DESK, 300, inferrer="c")])
        assert ("interested_in", DESK) in (await _sorted(tx, 250, 301))["stronger"]


async def test_the_properties_said_between(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await take(
            tx, event(1, "deal.created", day(0), ANA, ACME, deal="D", stage="new", amount_minor=500),
            event(2, "deal.stage_changed", day(20), ANA, ACME, deal="D", stage="demo"),
        )  # fmt: skip
        deal = graph.node_of("deal", "crm:D")
        found = await graph.difference(tx, deal, day(10), day(30))
        assert ("stage", "demo", day(20)) in {(p.name, p.value, p.said_at) for p in found.properties}
        assert "amount_minor" not in {p.name for p in found.properties}
        ana = await graph.difference(tx, ANA.id, day(-1), day(5))
        assert ana.properties == []  # her name was said again on day 20
        assert [p.name for p in (await graph.difference(tx, ANA.id, day(10), day(30))).properties] == ["name"]


async def test_the_story_tells_it_newest_first(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _career(tx)
        found = await graph.story(tx, ANA.id)
        job = [(c.what, c.at) for c in found if c.kind == "works_at"]
        assert job == [("began again", day(100)), ("ended", day(40)), ("began", day(0))]
        led = {(c.what, c.dst, c.at) for c in found if c.kind == "reports_to"}
        assert led == {("began", BOB.id, day(10)), ("ended", BOB.id, day(60)), ("began", EVE.id, day(60))}
        assert next(c for c in found if c.dst == EVE.id).words == "reports_to 60"
        assert [c.at for c in found] == sorted((c.at for c in found), reverse=True)
        assert len(await graph.story(tx, ANA.id, limit=2)) == 2
        assert await graph.story(tx, 12345) == []


@pytest.mark.parametrize("seed", [3, 4])
async def test_a_difference_agrees_with_the_graph_at_either_date(db: Database, workspace: int, seed: int) -> None:
    """In worlds whose news came in any order: what holds at the end is what the graph says, and before is a part of the past."""
    world = random_world(seed, 150)
    for batch in batches(world, random.Random(seed)):
        async with db.tx(workspace) as tx:
            await take(tx, *batch)
    end = max(e.at for e in world) + timedelta(days=1)
    async with db.tx(workspace) as tx:
        entities = [
            r["entity_id"]
            for r in await tx.rows("select distinct entity_id from record where workspace_id = $1", workspace)
        ]
        for entity in entities:
            whole = await graph.difference(tx, entity, START - timedelta(days=1), end)
            around = await graph.neighbourhood(tx, entity, valid_at=end)
            shown = {(e.kind, e.src, e.dst): e.confidence for e in around.edges}
            assert {(c.kind, c.src, c.dst): c.after for c in whole.appeared} == pytest.approx(shown, abs=2e-4)
            assert (whole.ended, whole.stronger, whole.weaker) == ([], [], [])
            middle = START + timedelta(days=60)
            first = await graph.difference(tx, entity, START - timedelta(days=1), middle)
            second = await graph.difference(tx, entity, middle, end)
            keys = [{(c.kind, c.src, c.dst) for c in some} for some in (first.appeared, second.appeared, second.ended)]
            assert (keys[0] | keys[1]) - keys[2] == {(c.kind, c.src, c.dst) for c in whole.appeared}
            assert keys[2] <= keys[0]


async def test_two_who_write_at_once_weigh_each_others_word(db: Database, workspace: int) -> None:
    """One adds a leader, another a second one, a third doubts the first: whoever comes last sees them all."""
    async with db.tx(workspace) as tx:
        await take(tx, *(event(n, "persona.identified", START, who) for n, who in enumerate((ANA, BOB, EVE))))

    async def write(n: int) -> None:
        async with db.tx(workspace) as tx:
            one = says("reports_to", (BOB, EVE)[n % 2].id, n, inferrer=f"i{n}")
            await graph.replace(tx, f"i{n}", {ANA.id: [one]})
            await asyncio.sleep(0.01)

    await asyncio.gather(*(write(n) for n in range(5)))
    async with db.tx(workspace) as tx:
        rows = {r["dst"]: r for r in await tx.rows("select * from edge where workspace_id = $1 and kind = $2", workspace, EDGE["reports_to"])}  # fmt: skip
    assert (rows[BOB.id]["support"], rows[EVE.id]["support"]) == (3, 2)
    assert rows[BOB.id]["valid_from"] == day(4)
    assert rows[BOB.id]["valid_to"] is None
    assert rows[EVE.id]["valid_to"] == day(4)
