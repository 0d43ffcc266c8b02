"""Experiments and growth over HTTP: numbers with their intervals, pages, CSV, problems."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from honeyguide.app import replay_runs
from honeyguide.app.erasure import erase
from honeyguide.core import clock
from honeyguide.db import Tx, create_workspace
from honeyguide.learning import cohorts, experiments, tables
from tests.contracts.conftest import House
from tests.contracts.stage import signed_in
from tests.unit.learning import books
from tests.unit.learning.books import day

ARMS = ["holdout" if n % 10 == 0 else "treated" for n in range(400)]


@pytest.fixture(scope="module")
async def owner(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A workspace where asking works, looked at three times; its owner's browser."""
    workspace = await create_workspace(house.db, f"proof-{house.ours.workspace}", "Proof Ltd")
    async with house.db.tx(workspace) as tx:
        firms = await books.firms(tx, ARMS)
        for n in range(20):
            await books.deal(tx, f"usual {n}", day(-40), 100_000, record=firms[n][0])
        came = [p for n, (_, p) in enumerate(firms) if (ARMS[n] == "treated" and n % 2) or n == 50]
        referrals = await books.refer_many(tx, [(person, day(3)) for person in came])
        await books.win(tx, referrals[0], day(9), 100_000, reward=5_000)
        await books.win_many(tx, [(r, day(20), 100_000) for r in referrals[1:]])
        for n in (10, 29, 57):
            await experiments.look(tx, day(n))
    browser = await signed_in(house.app, house.db, workspace, "owner", "proof")
    yield browser
    await browser.aclose()


async def _get(client: httpx.AsyncClient, path: str, expect: int = 200) -> Any:
    answer = await client.get(path)
    assert answer.status_code == expect, answer.text
    return answer.json()


async def test_experiments_are_listed_with_intervals_or_without_a_number(owner: httpx.AsyncClient) -> None:
    found = await _get(owner, "/api/experiments")
    assert found["total"] == len(found["rows"]) >= 5
    for row in found["rows"]:
        assert (row["estimate"] is None) == (row["lower"] is None) == (row["upper"] is None), row["id"]
        assert row["sentence"].endswith("."), row["id"]
    by_id = {row["id"]: row for row in found["rows"]}
    assert by_id["referrals"]["verdict"] == by_id["revenue"]["verdict"] == "positive"
    assert by_id["revenue"]["currency"] == "EUR"
    assert by_id["referrals"]["proven_at"].startswith(day(29).date().isoformat())


async def test_experiments_page_filter_and_export(owner: httpx.AsyncClient) -> None:
    whole = await _get(owner, "/api/experiments")
    seen, after = [], ""
    while True:
        page = await _get(owner, f"/api/experiments?limit=2&after={after}")
        seen += [row["id"] for row in page["rows"]]
        after = page["next"]
        if after is None:
            break
    assert seen == [row["id"] for row in whole["rows"]]
    steps = await _get(owner, "/api/experiments?kind=step")
    assert {row["kind"] for row in steps["rows"]} == {"step"}
    assert (await _get(owner, "/api/experiments?verdict=negative"))["total"] == 0
    sheet = await owner.get("/api/experiments?format=csv")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert len(sheet.text.splitlines()) == whole["total"] + 1
    await _get(owner, "/api/experiments?after=nonsense", 400)


async def test_an_experiment_is_a_series_that_can_be_charted_and_holds_up(owner: httpx.AsyncClient) -> None:
    found = await _get(owner, "/api/experiments/referrals")
    assert [look["look"] for look in found["series"]] == [1, 2]
    assert found["doubted"] == []
    last = found["series"][-1]
    assert last["lower"] < last["estimate"] < last["upper"]
    assert last["statistics"]["incumbent"] == [40, 1]
    for word in ("no-such", "step-nothing"):
        problem = await _get(owner, f"/api/experiments/{word}", 404)
        assert problem["title"] == "There is no such experiment."
    assert (await owner.get("/api/experiments/%00")).status_code in (400, 404, 422)


async def test_growth_has_figures_with_intervals_and_lines_that_add_up(owner: httpx.AsyncClient) -> None:
    found = await _get(owner, "/api/growth")
    assert found["adds_up"] is True
    assert sum(line["amount_minor"] for line in found["lines"]) == 5_000
    for name in ("k_factor", "caused_referrals", "caused", "given_away", "cost_per_incremental", "ltv_difference"):
        figure = found[name]
        assert figure["sentence"].endswith("."), name
        assert (figure["estimate"] is None) == (figure["lower"] is None), name
    assert found["caused_referrals"]["lower"] > 0
    cohorts = await _get(owner, "/api/growth/cohorts?limit=1")
    assert cohorts["total"] == len(found["cohorts"]) >= 1
    sheet = await owner.get("/api/growth/cohorts?format=csv")
    assert "value.sentence" in sheet.text.splitlines()[0]


async def test_erasing_the_advocate_leaves_every_count_as_it_was(house: House) -> None:
    """The real erasure and its replay: who brought the referral is gone, what was counted is not."""
    db, workspace = house.db, house.ours.workspace
    later = clock.now() + timedelta(days=60)
    async with db.tx(workspace) as tx:
        await experiments.look(tx, later)
        before = await _counts(tx, later)
        advocate = await tx.value(
            "select a.email from referral f join advocate a on a.workspace_id = $1 and a.id = f.advocate_id "
            "where f.workspace_id = $1 limit 1",
            workspace,
        )
        assert before[0] is not None
        assert before[0]["treated_came"] + before[0]["holdout_came"] == 1
    done = await erase(db, workspace, [("email", advocate)], "dpo@acme.example", "asked by letter")
    for _ in range(1_000):
        if not await replay_runs.step(db, workspace, done.replay_id):
            break
    async with db.tx(workspace) as tx:
        gone = await tx.value(
            "select count(*) from referral f join advocate a on a.workspace_id = $1 and a.id = f.advocate_id "
            "join record r on r.workspace_id = $1 and r.id = a.record_id where f.workspace_id = $1",
            workspace,
        )
        assert gone == 0, "the advocate must be gone from identity, or this test shows nothing"
        assert await _counts(tx, later) == before


async def _counts(tx: Tx, now: datetime) -> tuple[dict[str, Any], dict[str, Any], list[tuple[str, int]], bool]:
    found = await cohorts.growth(tx, now)
    return (
        dict(await tables.outcomes(tx, now, 28)),
        await experiments.money_statistics(tx, now, None, "EUR"),
        [(line.kind, line.amount_minor) for line in found.lines],
        found.adds_up,
    )


async def test_an_empty_workspace_says_so_in_words(house: House) -> None:
    workspace = await create_workspace(house.db, f"unproven-{house.ours.workspace}", "Unproven Ltd")
    browser = await signed_in(house.app, house.db, workspace, "owner", "unproven")
    assert await _get(browser, "/api/experiments") == {"rows": [], "next": None, "total": 0}
    assert (await _get(browser, "/api/growth"))["caused"]["estimate"] is None
    await _get(browser, "/api/experiments/referrals", 404)
    await browser.aclose()
    assert clock.now() > day(0)
