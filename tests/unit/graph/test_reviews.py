"""What people say about edges, over the log and the road: it counts, it can be taken back, nobody else can say it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from honeyguide import funnel, graph, identity
from honeyguide.app import road
from honeyguide.app.erasure import erase
from honeyguide.app.replay import replay
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import Database, Tx
from honeyguide.graph.kinds import EDGE
from tests.properties.worlds import START, company, email, event, persona
from tests.unit.funnel.carrying import product, send, track

ANA, BOB = persona("crm", "1", email("ana@acme.io"), name="Ana"), persona("crm", "2", name="Bob")
ACME, BETA = company("crm", "7", name="Acme"), company("crm", "8", name="Beta")
WORKS = EDGE["works_at"]


async def _read(tx: Tx, made: UUID) -> None:
    row = await tx.row("select * from event_log where workspace_id = $1 and event_id = $2", tx.workspace_id, made)
    assert row is not None
    events = funnel.decode(row, (await funnel.load_sources(tx))[row["source_id"]])
    await graph.step(tx, events, await identity.step(tx, events))


async def _furnished(tx: Tx) -> None:
    events = [
        event(1, "persona.identified", START, ANA, ACME), event(2, "persona.identified", START, BOB, BETA),
        event(3, "feature.used", START, ANA, ACME, product="desk"),
    ]  # fmt: skip
    await graph.step(tx, events, await identity.step(tx, events))


async def _edge(tx: Tx, kind: int, src: int, dst: int) -> tuple[float, bool] | None:
    found = [v for v in await graph.history(tx, kind, src, dst) if v.retired_at is None]
    return (found[0].confidence, found[0].valid_to is None) if found else None


async def test_refuting_outweighs_the_records_and_undoing_gives_them_back(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _furnished(tx)
        before = await _edge(tx, WORKS, ANA.id, ACME.id)
        assert before == (0.98, True)
        await _read(tx, await graph.testify(tx, WORKS, ANA.id, ACME.id, "refute", "mara", "she left"))
        refuted = await _edge(tx, WORKS, ANA.id, ACME.id)
        assert refuted is not None
        assert refuted[0] < 0.5
        said = await graph.evidence(tx, WORKS, ANA.id, ACME.id)
        mine = next(t for t in said if t.inferrer == "person:review")
        assert (mine.quote, mine.supports, mine.record, mine.counts) == ("she left", False, "Review of mara", True)
        assert mine.detail == {"verdict": "refuted", "actor": "mara"}
        await _read(tx, await graph.testify(tx, WORKS, ANA.id, ACME.id, "withdraw", "mara"))
        assert await _edge(tx, WORKS, ANA.id, ACME.id) == before
        assert not any(t.counts for t in await graph.evidence(tx, WORKS, ANA.id, ACME.id) if t.quote == "she left")
        with pytest.raises(NotFound):
            await graph.testify(tx, WORKS, ANA.id, ACME.id, "withdraw", "mara")


async def test_a_correction_moves_the_edge_and_its_undo_moves_it_back(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _furnished(tx)
        made = await graph.testify(tx, WORKS, ANA.id, ACME.id, "correct", "mara", corrected_dst=BETA.id)
        await _read(tx, made)
        old, new = await _edge(tx, WORKS, ANA.id, ACME.id), await _edge(tx, WORKS, ANA.id, BETA.id)
        assert old is not None
        assert old[0] < 0.5
        assert new == (0.98, True)
        await _read(tx, await graph.testify(tx, WORKS, ANA.id, ACME.id, "withdraw", "mara", of=made))
        assert await _edge(tx, WORKS, ANA.id, ACME.id) == (0.98, True)
        assert await _edge(tx, WORKS, ANA.id, BETA.id) is None


async def test_a_verdict_can_be_taken_back_before_the_road_has_read_it(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _furnished(tx)
        made = await graph.testify(tx, WORKS, ANA.id, ACME.id, "correct", "mara", corrected_dst=BETA.id)
        undone = await graph.testify(
            tx, WORKS, ANA.id, ACME.id, "withdraw", "mara", of=made, corrected_dst=BETA.id
        )  # fmt: skip
        await _read(tx, undone)
        await _read(tx, made)
        assert await _edge(tx, WORKS, ANA.id, ACME.id) == (0.98, True)
        assert await _edge(tx, WORKS, ANA.id, BETA.id) is None


async def test_an_undo_within_the_same_tick_undoes(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _furnished(tx)
        with clock.frozen(START + timedelta(days=3)):
            for verdict in ("refute", "confirm", "refute", "confirm"):
                await _read(tx, await graph.testify(tx, WORKS, ANA.id, ACME.id, verdict, "mara"))
        found = await _edge(tx, WORKS, ANA.id, ACME.id)
        assert found is not None
        assert found[0] > 0.5


async def test_what_cannot_be_said_is_refused(db: Database, workspace: int, other_workspace: int) -> None:
    desk = graph.node_of("product", "desk")
    async with db.tx(workspace) as tx:
        await _furnished(tx)
        bad: list[tuple[type[Exception], dict[str, Any]]] = [
            (BadInput, {"verdict": "maybe"}), (BadInput, {"verdict": "correct"}),
            (BadInput, {"verdict": "correct", "corrected_dst": ACME.id}),
            (BadInput, {"verdict": "correct", "corrected_dst": desk}),
            (BadInput, {"verdict": "confirm", "corrected_dst": BETA.id}),
            (NotFound, {"verdict": "correct", "corrected_dst": 12345}), (NotFound, {"kind": 77}),
            (NotFound, {"dst": BETA.id}), (NotFound, {"kind": 1_000}), (NotFound, {"verdict": "withdraw"}),
        ]  # fmt: skip
        for error, change in bad:
            call: dict[str, Any] = {
                "kind": WORKS,
                "src": ANA.id,
                "dst": ACME.id,
                "verdict": "confirm",
                "actor": "mara",
            } | change
            with pytest.raises(error):
                await graph.testify(tx, **call)
    async with db.tx(other_workspace) as tx:
        with pytest.raises(NotFound):
            await graph.testify(tx, WORKS, ANA.id, ACME.id, "confirm", "mara")


_NONSENSE: list[dict[str, Any]] = [
    {"code": "x"}, {"code": 500}, {"code": 40_000}, {"src": "-1"}, {"dst": "9" * 30}, {"src": None}, {"dst": ["1"]},
    {"src": "²"},
]  # fmt: skip


async def test_nobody_elses_event_and_no_nonsense_says_anything(db: Database, workspace: int) -> None:
    good: dict[str, Any] = {"code": WORKS, "src": str(ANA.id), "dst": str(ACME.id), "actor": "x", "note": ""}
    events = [event(50, "edge.refuted", START, source="product", **good)] + [
        event(51 + n, "edge.refuted", START, source="honeyguide", **(good | wrong))
        for n, wrong in enumerate(_NONSENSE)
    ]  # fmt: skip
    async with db.tx(workspace) as tx:
        await _furnished(tx)
        before = await graph.digest(tx)
        await graph.step(tx, events, await identity.step(tx, events))
        assert (await graph.digest(tx))["edge"] == before["edge"]
        assert (await graph.digest(tx))["assertion"] == before["assertion"]


async def test_a_source_cannot_name_its_event_like_ours(db: Database, workspace: int) -> None:
    app = await product(db, workspace, "App")
    await send(db, workspace, app, {
        "type": "track", "messageId": "1", "userId": "u", "event": "edge.refuted",
        "properties": {"code": 1, "src": str(ANA.id), "dst": str(ACME.id)}})  # fmt: skip
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        assert await tx.value("select count(*) from assertion where workspace_id = $1 and inferrer = 'person:review'", workspace) == 0  # fmt: skip


async def test_a_replay_says_the_same_and_an_erasure_takes_what_rests_on_the_person(
    db: Database, workspace: int
) -> None:
    app = await product(db, workspace, "App")
    who = {
        "type": "identify",
        "messageId": "a",
        "userId": "u-ana",
        "traits": {"email": "ana.canary@acme.io", "name": "Ana Canary"},
    }
    await send(
        db, workspace, app, who, track("b", who="u-ana", feature="export"), track("c", who="tom", feature="export")
    )
    await road.catch_up(db, workspace)
    ana, tom = persona("app", "u-ana").id, persona("app", "tom").id
    async with db.tx(workspace) as tx:
        uses = await tx.rows(
            "select kind, src, dst from edge where workspace_id = $1 and src = any($2::bigint[])", workspace, [ana, tom]
        )
        assert {r["src"] for r in uses} == {ana, tom}
        for r in uses:
            await graph.testify(tx, r["kind"], r["src"], r["dst"], "confirm", "mara", "Ana Canary told me")
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        assert await tx.value("select count(*) from assertion where workspace_id = $1 and inferrer = 'person:review'", workspace) == len(uses)  # fmt: skip
    assert (await replay(db, workspace)).same
    await erase(db, workspace, [("email", "ana.canary@acme.io")], "dpo", "asked")
    await replay(db, workspace)
    async with db.tx(workspace) as tx:
        left = await tx.rows("select src from edge where workspace_id = $1 and (src = $2 or dst = $2)", workspace, ana)
        said = await tx.rows(
            "select src, quote from assertion where workspace_id = $1 and inferrer = 'person:review'", workspace
        )
        with pytest.raises(NotFound):
            await graph.testify(tx, uses[0]["kind"], ana, uses[0]["dst"], "confirm", "mara")
    assert left == []
    assert {r["src"] for r in said} == {tom}
    assert all("Canary" not in r["quote"] for r in said)
