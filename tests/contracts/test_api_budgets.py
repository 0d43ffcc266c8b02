"""The budgets of asking over the API: who may set one, what is refused, what comes back; and the same by the command line."""

from typing import Any

import pytest
from click.testing import CliRunner

from honeyguide.cli import budgets as commands
from honeyguide.learning.budgets import Standing
from tests.contracts.conftest import House


async def _kept(house: House, kind: str, role: str = "owner") -> dict[str, Any]:
    answer = (await house.roles[role].get("/api/budgets")).json()
    assert [b["kind"] for b in answer["budgets"]] == ["contacts", "money"]
    return dict(next(b for b in answer["budgets"] if b["kind"] == kind))


async def test_a_budget_is_set_told_and_taken_away(house: House) -> None:
    before = await _kept(house, "contacts")
    assert (before["set_by"], before["set_at"]) == (None, None)
    assert before["per_day"] == before["usual"] >= 5
    assert before["spent_today"] == before["spent_30_days"] >= 1  # the stage sent an ask today
    marketer = house.roles["marketer"]
    made = (await marketer.put("/api/budgets/contacts", json={"per_day": 2.5})).json()
    me = (await marketer.get("/api/session")).json()["operator"]["email"]
    assert (made["per_day"], made["set_by"]) == (2.5, me)
    assert made["usual"] == before["usual"]
    used = round(100 * before["spent_30_days"] / (2.5 * 30))
    assert made["sentence"].startswith(f"The last 30 days used {used}% of what is planned.")
    assert await _kept(house, "contacts", "analyst") == made
    gone = (await marketer.delete("/api/budgets/contacts")).json()
    assert gone == before
    assert (await marketer.delete("/api/budgets/contacts")).json() == before  # twice is once
    rows = (await house.roles["owner"].get("/api/audit?action=budget.planned&limit=50")).json()["rows"]
    acts = [r for r in rows if r["action"] == "budget.planned"]
    assert [a["detail"] for a in acts] == [{"per_day": None}, {"per_day": 2.5}]


async def test_money_is_whole_minor_units(house: House) -> None:
    owner = house.roles["owner"]
    made = (await owner.put("/api/budgets/money", json={"per_day": 5000})).json()
    assert made["per_day"] == 5000
    assert made["currency"] == "EUR"
    refused = await owner.put("/api/budgets/money", json={"per_day": 10.5})
    assert refused.status_code == 400
    assert refused.headers["content-type"] == "application/problem+json"
    assert "whole minor units" in refused.json()["title"]
    assert (await owner.delete("/api/budgets/money")).json()["set_by"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"per_day": 0},
        {"per_day": -1},
        {"per_day": 1e12},
        {"per_day": "many"},
        {"per_day": None},
        {},
        {"per_day": 1, "x": 2},
    ],
)
async def test_what_is_no_budget_is_refused(house: House, body: dict[str, Any]) -> None:
    answer = await house.roles["owner"].put("/api/budgets/contacts", json=body)
    assert answer.status_code == 422, answer.text
    assert (await _kept(house, "contacts"))["set_by"] is None


async def test_an_unknown_budget_is_refused(house: House) -> None:
    assert (await house.roles["owner"].put("/api/budgets/time", json={"per_day": 1})).status_code == 422
    assert (await house.roles["owner"].delete("/api/budgets/time")).status_code == 422


@pytest.mark.parametrize("role", ["finance", "analyst"])
async def test_who_measures_or_pays_reads_and_sets_nothing(house: House, role: str) -> None:
    client = house.roles[role]
    assert (await client.get("/api/budgets")).status_code == 200
    assert (await client.put("/api/budgets/contacts", json={"per_day": 3})).status_code == 403
    assert (await client.delete("/api/budgets/contacts")).status_code == 403


def test_the_command_refuses_what_is_no_budget() -> None:
    assert CliRunner().invoke(commands.budget_group, ["set", "time", "5"]).exit_code == 2
    assert CliRunner().invoke(commands.budget_group, ["set", "contacts", "many"]).exit_code == 2


def test_the_command_tells_both(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        Standing("contacts", 5.0, 5.0, None, None, 1.0, 3.0, None, None, "EUR", "Planned are 5."),
        Standing("money", None, None, None, None, 0.0, 0.0, None, None, "EUR", "Nothing limits it."),
    ]

    def run(work: Any) -> list[Standing]:
        work.close()
        return rows

    monkeypatch.setattr(commands, "run", run)
    told = CliRunner().invoke(commands.budget_group, ["list"]).output
    assert "contacts   5.00 a day (nobody set it); today 1, 30 days 3" in told
    assert "money      no limit" in told
