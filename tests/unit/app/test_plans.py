"""Tracking plans: off looks at nothing, warn counts, quarantine keeps back; the same log and plan give the same (C8)."""

from typing import Any

import pytest

from honeyguide import funnel
from honeyguide.app import road
from honeyguide.app.replay import replay
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import Database
from honeyguide.funnel import PlanEvent, TrackingPlan
from honeyguide.funnel.letters import Filter
from honeyguide.funnel.plans import check
from tests.unit.funnel.carrying import count, product, send, track
from tests.unit.funnel.rows import read, row

ME = "ana@acme.example"
RULE = PlanEvent(name="Feature Used", required=["feature", "seats"], types={"seats": "integer", "at": "time"})


def _broken(rule: PlanEvent, payload: dict[str, Any]) -> list[tuple[str, str]]:
    return [(b.prop, b.problem) for b in check(TrackingPlan("warn", [rule]), row(payload)["body"], read(payload))]


def test_a_plan_names_each_property_that_breaks_it() -> None:
    assert _broken(RULE, track("m", feature="x", seats=3, at="2026-01-01T00:00:00Z")) == []
    assert _broken(RULE, track("m", feature="x")) == [("seats", "missing")]
    assert _broken(RULE, track("m", feature="", seats=None)) == [("feature", "missing"), ("seats", "missing")]
    assert _broken(RULE, track("m", feature="x", seats="3")) == [("seats", "not of type integer")]
    assert _broken(RULE, track("m", feature="x", seats=True)) == [("seats", "not of type integer")]
    assert _broken(RULE, track("m", feature="x", seats=0, at="soon")) == [("at", "not of type time")]
    assert _broken(RULE, track("m", "Something Else")) == []
    assert _broken(PlanEvent(kind="feature.used", required=["nope"]), track("m", feature="x")) == [("nope", "missing")]
    nested = track("m", feature="x", cart={"total": 3})
    assert _broken(PlanEvent(name="Feature Used", required=["cart.total", "cart.tax"]), nested) == [
        ("cart.tax", "missing")
    ]
    assert _broken(PlanEvent(name="Feature Used", types={"cart": "object", "feature": "list"}), nested) == [
        ("feature", "not of type list")
    ]


async def test_warn_counts_and_lets_go_on(db: Database, workspace: int) -> None:
    source = await product(db, workspace)
    async with db.tx(workspace) as tx:
        await funnel.set_plan(tx, source.id, "warn", [RULE], ME)
    await send(
        db, workspace, source, track("a", feature="x"), track("b", feature="x"), track("c", feature="x", seats=1)
    )
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        found = await funnel.violations(tx, source.id)
        assert await funnel.dead_letters(tx) == []
    assert [(v.rule, v.prop, v.problem, v.n) for v in found] == [("Feature Used", "seats", "missing", 2)]
    assert await count(db, workspace, "activity") == 1
    assert (await replay(db, workspace)).same
    async with db.tx(workspace) as tx:
        assert await funnel.violations(tx, source.id) == found


async def test_quarantine_keeps_back_and_a_changed_plan_lets_go(db: Database, workspace: int) -> None:
    source, other = await product(db, workspace), await product(db, workspace, "app")
    async with db.tx(workspace) as tx:
        await funnel.set_plan(tx, source.id, "quarantine", [RULE], ME)
    await send(db, workspace, source, track("bad", feature="kept-back"), track("good", feature="good", seats=2))
    await send(db, workspace, other, track("free", feature="free"))
    await road.catch_up(db, workspace)
    assert await count(db, workspace, "activity") == 2
    async with db.tx(workspace) as tx:
        (letter,) = await funnel.dead_letters(tx, Filter(stage="plan"))
        assert letter.reason == "missing: seats"
        assert "seats" in letter.detail
        assert (await funnel.retry(tx, letter.id, ME, road.carry_again)).outcome == "failed"  # the plan still holds
    before = (await replay(db, workspace)).after
    async with db.tx(workspace) as tx:
        (again,) = await funnel.dead_letters(tx, Filter(None))
        assert (again.id, again.state) == (letter.id, "open")
        await funnel.set_plan(tx, source.id, "quarantine", [PlanEvent(name="Feature Used", required=["feature"])], ME)
        assert (await funnel.retry(tx, letter.id, ME, road.carry_again)).outcome == "carried"
    assert await count(db, workspace, "activity") == 3
    after = await replay(db, workspace)
    assert after.same
    assert after.after != before


async def test_a_plan_that_is_no_plan_is_refused(db: Database, workspace: int) -> None:
    source = await product(db, workspace)
    async with db.tx(workspace) as tx:
        for events in ([PlanEvent()], [PlanEvent(name="x" * 201)], [PlanEvent(kind="a", required=["b\x00"])],
                       [PlanEvent(kind="a")] * 501):  # fmt: skip
            with pytest.raises(BadInput):
                await funnel.set_plan(tx, source.id, "warn", events, ME)
        with pytest.raises(NotFound):
            await funnel.set_plan(tx, source.id + 1_000, "warn", [RULE], ME)
        assert await funnel.plan_of(tx, source.id) == TrackingPlan("off", [])
    for raw in ("x", [{"kind": 1}], [{"kind": "a", "types": {"b": "colour"}}], [{"kind": "a", "more": 1}]):
        with pytest.raises(BadInput):
            funnel.parse_events(raw)


async def test_a_row_no_plan_can_read_goes_on(db: Database, workspace: int) -> None:
    """Rules look into whatever came: lists, text, numbers where an object was thought to be."""
    source = await product(db, workspace)
    rule = PlanEvent(name="X", required=["properties.a.b"], types={"traits": "object"})
    async with db.tx(workspace) as tx:
        await funnel.set_plan(tx, source.id, "warn", [rule], ME)
    values: tuple[Any, ...] = (1, [], "x", None)
    odd = [{"type": "track", "event": "X", "messageId": str(n), "properties": v} for n, v in enumerate(values)]
    await send(db, workspace, source, *odd)
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        assert sum(v.n for v in await funnel.violations(tx, source.id)) == 4
        assert await funnel.dead_letters(tx) == []
