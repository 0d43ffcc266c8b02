"""A question the grammar does not understand goes to a hosted model, which picks a call: with consent, within the budget."""

import json
from typing import Any

import msgspec
import pytest

from honeyguide.app.choosing import Choosing
from honeyguide.core.errors import BadInput
from honeyguide.db import Database
from honeyguide.graph.ask_calls import CALLS, chosen
from honeyguide.inference import spend_tables
from honeyguide.inference.budget import set_budget, today
from honeyguide.inference.consent import allow_hosted
from honeyguide.settings import Settings
from tests.contracts.conftest import House
from tests.contracts.model_vendors import VendorServer, vendor

QUESTION = "could you find me the folks who are really into dispatch"


def settings_of(server: VendorServer) -> Settings:
    return msgspec.structs.replace(
        Settings.load({}), hosted_model="openai:gpt-5-mini", hosted_base_url=f"{server.url}/v1", hosted_key="k",
        hosted_price="0.25/2.00",
    )  # fmt: skip


def said(call: str, **arguments: str) -> str:
    return json.dumps({"call": call, "arguments": [{"name": k, "value": v} for k, v in arguments.items()]})


async def _spent(db: Database, workspace: int) -> Any:
    async with db.tx(workspace) as tx:
        return await spend_tables.spent(tx, today(), ("hosted_model",))


async def test_it_picks_a_call_with_consent_only_and_what_it_took_is_in_the_ledger(
    db: Database, workspace: int
) -> None:
    with vendor() as server:
        server.said = said("who", relation="interested_in", target="dispatch")
        choose = Choosing(db, settings_of(server))
        assert await choose(workspace, QUESTION, CALLS) is None
        assert server.seen == []
        async with db.tx(workspace) as tx:
            await allow_hosted(tx, ["ticket"], "mara")
        picked = await choose(workspace, QUESTION, CALLS)
        assert picked == ("who", {"relation": "interested_in", "target": "dispatch"})
        assert chosen(*picked).call == "who"
        assert len(server.seen) == 1
        assert QUESTION in json.dumps(server.seen[0])
    spent = await _spent(db, workspace)
    assert spent.tokens_in > 100
    assert spent.cost_micros > 0


async def test_a_spent_budget_asks_nobody(db: Database, workspace: int) -> None:
    with vendor() as server:
        async with db.tx(workspace) as tx:
            await allow_hosted(tx, ["ticket"], "mara")
            await set_budget(tx, "mara", tokens=10)
        assert await Choosing(db, settings_of(server))(workspace, QUESTION, CALLS) is None
        assert server.seen == []


@pytest.mark.parametrize(
    "answer",
    [
        said("none"), "no JSON at all", said("drop_table"), json.dumps({"call": "who"}), "[]", "null",
        json.dumps({"call": "who", "arguments": [{"name": "x" * 99, "value": "y"}]}),
    ],
)  # fmt: skip
async def test_an_answer_that_is_none_counts_as_nothing_said(db: Database, workspace: int, answer: str) -> None:
    with vendor() as server:
        server.said = answer
        async with db.tx(workspace) as tx:
            await allow_hosted(tx, ["ticket"], "mara")
        assert await Choosing(db, settings_of(server))(workspace, QUESTION, CALLS) is None


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_a_model_that_does_not_answer_is_no_error_of_ours(db: Database, workspace: int, status: int) -> None:
    with vendor() as server:
        server.status = status
        async with db.tx(workspace) as tx:
            await allow_hosted(tx, ["ticket"], "mara")
        assert await Choosing(db, settings_of(server))(workspace, QUESTION, CALLS) is None


@pytest.mark.parametrize(
    ("call", "arguments"),
    [("who", {"relation": "owns'; drop table node; --", "target": "x"}), ("who", {"sql": "select 1"}),
     ("count", {"relation": "uses", "since": "whenever"}), ("top", {"score": "secrets"})],
)  # fmt: skip
def test_arguments_outside_the_list_are_refused(call: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        chosen(call, arguments)


async def test_without_a_hosted_model_nobody_is_asked(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await allow_hosted(tx, ["ticket"], "mara")
    assert await Choosing(db, Settings.load({}))(workspace, QUESTION, CALLS) is None


async def test_an_owner_says_over_http_which_texts_may_leave(house: House) -> None:
    owner = house.roles["owner"]
    done = await owner.put("/api/inference/consent", json={"kinds": ["ticket", "note"]})
    assert done.status_code == 200, done.text
    assert done.json()["allowed"] == ["note", "ticket"]
    assert (await owner.get("/api/inference/models")).json()["hosted"]["allowed"] == ["note", "ticket"]
    assert (await owner.put("/api/inference/consent", json={"kinds": ["passwords"]})).status_code == 400
    assert (await house.roles["marketer"].put("/api/inference/consent", json={"kinds": []})).status_code == 403
    assert (await owner.put("/api/inference/consent", json={"kinds": []})).json()["allowed"] == []
    rows = (await owner.get("/api/audit", params={"limit": 10})).json()["rows"]
    assert [r["action"] for r in rows].count("inference.consent") >= 2
