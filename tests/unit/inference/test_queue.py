"""The queue of texts: budgets that stop, providers that are away for a day, replays that cost nothing, erasure, new versions."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from msgspec import structs

from honeyguide.app import reading
from honeyguide.app.reading import Reader, cascade_of, read_due
from honeyguide.core import clock
from honeyguide.db import Database, Tx, create_workspace
from honeyguide.inference import reading_tables
from honeyguide.inference.budget import DailyPurse, budget, set_budget
from honeyguide.inference.cascade import Outages
from honeyguide.inference.contract import Provider, Usage
from honeyguide.inference.port import Tier
from honeyguide.inference.question_sets import asked_of, shipped
from tests.unit.inference.reading import Told, answers, cast, edges, note, picks
from tests.unit.inference.story import hour, shuffled, walk

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
VAGUE = "Had a coffee with Ana Silva, number {}. Without her Dispatch would be gone."


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """A clock that stands until it is moved."""
    held = [START]
    monkeypatch.setattr(clock, "now", lambda: held[0])
    return held


def model(tier: str = "hosted_model", cost: int = 1_000) -> Told:
    found = Told(tier, picks({"relation": "champion_of"}))  # type: ignore[arg-type]
    found.estimate = lambda questions, items: Usage(1_000 * len(items), 100 * len(items), 0.0, cost * len(items))  # type: ignore[attr-defined]
    return found


async def drain(db: Database, workspace: int, cascade: object, most: int = 60) -> int:
    for n in range(most):
        if not await read_due(db, workspace, cascade, 8):  # type: ignore[arg-type]
            return n
    raise AssertionError("the queue does not come to rest")


async def counts(db: Database, workspace: int) -> dict[str, int]:
    async with db.tx(workspace) as tx:
        return await reading_tables.counts(tx)


async def test_a_provider_away_for_a_day_loses_nothing_and_drains_in_order(
    db: Database, workspace: int, now: list[datetime]
) -> None:
    texts = [VAGUE.format(n) for n in range(20)]
    await walk(db, workspace, [*cast(), *(note(t, number=str(n), at=hour(20 + n)) for n, t in enumerate(texts))])
    away = model()
    away.down, outages = True, Outages()
    for _ in range(24 * 4):
        cascade = await cascade_of(db, workspace, {"hosted_model": away}, outages=outages)
        before = await counts(db, workspace)
        await drain(db, workspace, cascade)
        assert sum((await counts(db, workspace)).values()) == sum(before.values()) == 20, "bounded, and nothing lost"
        now[0] += timedelta(minutes=15)
    assert (await counts(db, workspace))["waiting"] == 20
    assert away.calls == []
    away.down = False
    now[0] += timedelta(hours=1)
    await drain(db, workspace, await cascade_of(db, workspace, {"hosted_model": away}, outages=outages))
    assert (await counts(db, workspace)) == {"waiting": 0, "parked": 0, "read": 20}
    assert [t for _, some in away.calls for t in some] == texts, "the oldest first, each once"
    assert not await edges(db, workspace, by="relation")
    async with db.tx(workspace) as tx:  # a language model alone moves no edge: people are asked
        asked = await tx.value(
            "select count(*) from inference_review where workspace_id = $1 and state = 'open' and task like 'relation%'", workspace
        )  # fmt: skip
    assert asked == 20


async def test_the_budget_is_a_hard_stop_and_the_rest_is_read_tomorrow(
    db: Database, workspace: int, now: list[datetime]
) -> None:
    await walk(db, workspace, [*cast(), *(note(VAGUE.format(n), number=str(n), at=hour(20 + n)) for n in range(10))])
    async with db.tx(workspace) as tx:
        await set_budget(tx, "operator:1", cost_micros=3_500)
    hosted, head = model(cost=1_000), Told("embedding", picks({"risk": "none"}))
    cascade = await cascade_of(db, workspace, {"hosted_model": hosted, "embedding": head})
    await drain(db, workspace, cascade)
    assert len(hosted.put()) == 3
    assert len(head.put()) == 10, "the cheap tiers go on"
    async with db.tx(workspace) as tx:
        known = await budget(tx)
        rows = await tx.rows(
            "select * from inference_spend where workspace_id = $1 and provider = $2", workspace, hosted.name
        )
    assert known.spent.cost_micros <= 3_500
    assert [(r["calls"], r["items"], r["refused"] > 0) for r in rows] == [(1, 3, True)]
    assert (await counts(db, workspace))["waiting"] == 7
    now[0] += timedelta(days=1)
    await drain(db, workspace, cascade)
    assert len(hosted.put()) == 6
    assert all(n == 1 for n in hosted.put().values())


async def test_readers_beside_each_other_share_one_purse(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await set_budget(tx, "operator:1", tokens=1_000)
    one, two = DailyPurse(db, workspace), DailyPurse(db, workspace)
    wanted = [Usage(90, 10, 0.0, 0)] * 8
    assert await one.reserve("m", "local_model", wanted) == 8
    assert await two.reserve("m", "local_model", wanted) == 2
    await one.settle("m", "local_model", wanted, [Usage(40, 10, 0.0, 0)] * 8)
    assert await two.reserve("m", "local_model", wanted) == 4
    async with db.tx(workspace) as tx:
        await set_budget(tx, "operator:1", tokens=0)
    assert await two.reserve("m", "local_model", wanted) == 0


async def test_a_replay_calls_no_model_and_gives_the_same_edges(db: Database, workspace: int) -> None:
    story = [*cast(), *(note(VAGUE.format(n), number=str(n), at=hour(20 + n)) for n in range(6))]
    await walk(db, workspace, story)
    asked = [model("local_model"), Told("embedding", picks({"relation": "champion_of"}))]
    cascade = await cascade_of(db, workspace, {t.tier: t for t in asked})
    await drain(db, workspace, cascade)
    expected, calls = await edges(db, workspace), [len(t.calls) for t in asked]
    assert any(e[3] in ("embedding:relation", "local_model:relation") for e in expected)
    again = await create_workspace(db, f"replay-{workspace}", "Again")
    logged = await answers(db, workspace)
    async with db.tx(again) as tx:
        for a in logged:
            names = [k for k in a if k != "workspace_id"]
            await tx.run(
                f"insert into answer (workspace_id, {', '.join(names)}) values ($1, {', '.join(f'${n + 2}' for n in range(len(names)))})",
                again, *(a[k] for k in names),
            )  # fmt: skip
    await walk(db, again, shuffled(story, 5), batch=2)
    assert await edges(db, again) == expected, "the answers of the log alone make them"
    await drain(db, again, await cascade_of(db, again, {t.tier: t for t in asked}))
    assert [len(t.calls) for t in asked] == calls
    assert await edges(db, again) == expected


async def test_a_new_version_is_asked_anew_in_the_last_lane_and_only_where_the_answers_are_old(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await walk(db, workspace, [*cast(), *(note(VAGUE.format(n), number=str(n), at=hour(20 + n)) for n in range(3))])
    head = Told("embedding", picks({"relation": "champion_of", "risk": "none"}))
    await drain(db, workspace, await cascade_of(db, workspace, {"embedding": head}))
    before = len(head.calls)
    newer = structs.replace(shipped()["churn"], version=99)
    sets = shipped() | {"churn": newer}
    monkeypatch.setattr("honeyguide.inference.question_sets.shipped", lambda: sets)
    assert newer in asked_of("note")
    cascade = await cascade_of(db, workspace, {"embedding": head})
    assert await read_due(db, workspace, cascade) == 3, "they are queued"
    async with db.tx(workspace) as tx:
        lanes = await tx.rows(
            "select distinct lane from reading where workspace_id = $1 and state = 'waiting'", workspace
        )
    assert [r["lane"] for r in lanes] == [reading_tables.AGAIN]
    await walk(db, workspace, [note("Fresh news of Ana Silva about Dispatch.", number="new", at=hour(90))])
    assert await read_due(db, workspace, cascade, 1) == 1
    assert head.calls[-1][1] == ["Fresh news of Ana Silva about Dispatch."], "what happens now comes first"
    monkeypatch.undo()
    assert len(head.calls) > before


async def test_more_texts_than_may_wait_are_parked_and_come_up(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_tables, "MOST_WAITING", 4)
    story = [note(VAGUE.format(n), number=str(n), at=hour(20 + n)) for n in range(12)]
    await walk(db, workspace, [*cast(), *story], batch=2)
    found = await counts(db, workspace)
    assert found["waiting"] <= 5
    assert found["waiting"] + found["parked"] == 12
    await drain(db, workspace, await cascade_of(db, workspace, {}))
    assert (await counts(db, workspace)) == {"waiting": 0, "parked": 0, "read": 12}


async def test_a_reader_that_vanishes_loses_nothing(db: Database, workspace: int, now: list[datetime]) -> None:
    await walk(db, workspace, [*cast(), note(VAGUE.format(1))])
    async with db.tx(workspace) as tx:
        (taken,) = await reading_tables.take(tx, 5, now[0], now[0] + timedelta(minutes=15))
        assert isinstance(taken.id, UUID)
    cascade = await cascade_of(db, workspace, {})
    assert await read_due(db, workspace, cascade) == 0
    now[0] += timedelta(minutes=16)
    assert await read_due(db, workspace, cascade) == 1


class Both:
    """An embedding that is unsure, and a local model."""

    embedder = None

    def __init__(self) -> None:
        unsure = {"champion_of": 0.5, "none": 0.5}
        self.quick = Told("embedding", lambda q, _: unsure if set(unsure) <= set(q.options) else None)
        self.slow = model("local_model")
        self.loaded = self.rested = 0

    async def of(self, tx: Tx) -> dict[Tier, Provider]:
        self.loaded += 1
        return {"embedding": self.quick, "local_model": self.slow}

    def rest(self) -> None:
        self.rested += 1


async def test_many_texts_are_read_without_the_local_model_first_and_again_with_it(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch, now: list[datetime]
) -> None:
    monkeypatch.setattr(reading, "_HURRY", 12)
    texts = [VAGUE.format(n) for n in range(20)]
    await walk(db, workspace, [*cast(), *(note(t, number=str(n), at=hour(20 + n)) for n, t in enumerate(texts))])
    tiers = Both()
    reader = Reader(db, tiers)
    for _ in range(20):
        if (await counts(db, workspace))["waiting"] <= 12:
            break
        await reader._once(workspace)
    assert len(tiers.quick.put()) >= 8
    assert tiers.slow.calls == []
    for _ in range(60):
        if not await reader._once(workspace):
            break
    assert (await counts(db, workspace))["waiting"] == 0
    assert set(tiers.slow.put()) == set(texts), "nobody is forgotten"
    assert set(tiers.slow.put().values()) == {1}, "and nobody is asked about twice"


async def test_without_a_text_nothing_is_loaded_and_after_a_while_without_one_it_is_given_back(
    db: Database, workspace: int, monkeypatch: pytest.MonkeyPatch, now: list[datetime]
) -> None:
    monkeypatch.setattr(reading, "_RESTS_AFTER_S", 0.05)
    monkeypatch.setattr(reading, "_IDLE_S", 0.02)

    async def workspaces() -> list[int]:
        return [workspace]

    monkeypatch.setattr(db, "workspaces", workspaces)
    tiers = Both()
    assert await Reader(db, tiers)._once(workspace) == 0
    assert tiers.loaded == 0
    await walk(db, workspace, [*cast(), note(VAGUE.format(1), number="1", at=hour(20))])
    reader = Reader(db, tiers)
    running = asyncio.create_task(reader.run())
    async with asyncio.timeout(20):
        while not tiers.rested:
            await asyncio.sleep(0.02)
    reader.stop()
    await running
    assert tiers.loaded >= 1
    assert (await counts(db, workspace))["waiting"] == 0
