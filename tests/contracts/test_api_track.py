"""/v1/track/*: the bodies Dub's libraries send, once for ever, in any order, with errors they can read."""

import asyncio
from typing import Any

import httpx
import pytest

from honeyguide import ledger
from honeyguide.app import road
from honeyguide.web.auth import create_api_key
from tests.contracts.conftest import House

LEAD = {
    "eventName": "Sign up",
    "customerExternalId": "u_1",
    "customerName": "Ida Lund",
    "customerEmail": "ida@nordic.example",
}


async def caller(house: House) -> httpx.AsyncClient:
    async with house.db.tx(house.ours.workspace) as tx:
        key = await create_api_key(tx, "shop", ["track"])
    client = house.visitor()
    client.headers["authorization"] = f"Bearer {key}"
    return client


async def clicked(house: House) -> str:
    async with house.visitor() as friend:
        answer = await friend.get(f"/r/{house.ours.code}")
    await asyncio.sleep(0.2)  # touches are committed in groups
    return str(httpx.URL(answer.headers["location"]).params["v"])


async def sold(house: House, deal: str) -> list[Any]:
    async with house.db.tx(house.ours.workspace) as tx:
        return list(
            await tx.rows("select id, referral_id, amount_minor from conversion where workspace_id = $1 and deal = $2",
                          house.ours.workspace, deal)
        )  # fmt: skip


async def test_a_lead_by_its_click_a_sale_and_a_refund(house: House) -> None:
    async with await caller(house) as shop:
        lead = await shop.post(
            "/v1/track/lead", json={**LEAD, "clickId": await clicked(house), "metadata": {"plan": "pro"}}
        )
        assert lead.status_code == 200, lead.text
        said = lead.json()
        assert said["attributed"]
        assert said["link"]["key"] == house.ours.code
        assert said["customer"] | {"id": ""} == {
            "id": "", "name": "Ida Lund", "email": "ida@nordic.example", "avatar": None, "externalId": "u_1",
        }  # fmt: skip
        body = {
            "customerExternalId": "u_1",
            "amount": 250_000,
            "currency": "eur",
            "invoiceId": "in_1",
            "paymentProcessor": "stripe",
        }
        answers = [await shop.post("/v1/track/sale", json=body) for _ in range(3)]
        assert {a.status_code for a in answers} == {200}
        assert len({a.text for a in answers}) == 1
        assert answers[0].json()["sale"] == {
            "amount": 250_000, "currency": "eur", "paymentProcessor": "stripe", "invoiceId": "in_1", "metadata": None,
        }  # fmt: skip
        assert answers[0].json()["attributed"]
        await road.catch_up(house.db, house.ours.workspace)
        (one,) = await sold(house, "sale:in_1")
        assert one["amount_minor"] == 250_000
        other = await shop.post("/v1/track/sale", json=body | {"amount": 1})
        assert other.status_code == 409
        assert other.json()["error"]["code"] == "conflict"
        assert other.headers["content-type"] == "application/problem+json"
        back = {"invoiceId": "in_1", "refundId": "re_1"}
        assert (await shop.post("/v1/track/refund", json=back)).json()["credited"]
        assert (await shop.post("/v1/track/refund", json=back)).status_code == 200
        await road.catch_up(house.db, house.ours.workspace)
        async with house.db.tx(house.ours.workspace) as tx:
            states = await tx.rows(
                "select state from reward where workspace_id = $1 and conversion_id = $2", tx.workspace_id, one["id"]
            )
            assert {r["state"] for r in states} <= {"void", "reversed"}
            assert (await ledger.verify(tx)).ok


async def test_refund_and_sale_before_the_lead_are_credited_when_it_comes(house: House) -> None:
    async with await caller(house) as shop:
        who = {"customerExternalId": "u_2", "customerEmail": "olav@fjord.example", "customerName": "Olav Fjord"}
        sale = {"customerExternalId": "u_2", "amount": 90_000, "currency": "EUR", "invoiceId": "in_2"}
        assert not (await shop.post("/v1/track/sale", json=sale)).json()["attributed"]
        await road.catch_up(house.db, house.ours.workspace)
        assert await sold(house, "sale:in_2") == []
        lead = await shop.post("/v1/track/lead", json={**who, "eventName": "Sign up", "clickId": house.ours.code})
        assert lead.json()["attributed"]  # but the sale was before the sign-up: it does not count
        await road.catch_up(house.db, house.ours.workspace)
        assert await sold(house, "sale:in_2") == []
        assert (await shop.post("/v1/track/sale", json=sale | {"invoiceId": "in_3"})).json()["attributed"]
        await road.catch_up(house.db, house.ours.workspace)
        assert len(await sold(house, "sale:in_3")) == 1


async def test_a_hundred_at_once_are_one(house: House) -> None:
    async with await caller(house) as shop:
        body = {"customerExternalId": "u_9", "amount": 1_000, "currency": "EUR", "invoiceId": "in_9",
                "customerEmail": "eva@many.example", "couponCode": house.ours.code}  # fmt: skip
        answers = await asyncio.gather(*(shop.post("/v1/track/sale", json=body) for _ in range(100)))
        assert {a.status_code for a in answers} == {200}
        await road.catch_up(house.db, house.ours.workspace)
        assert len(await sold(house, "sale:in_9")) == 1


async def test_a_lead_without_anything_is_taken_and_says_so(house: House) -> None:
    async with await caller(house) as shop:
        answer = await shop.post(
            "/v1/track/lead", json={"clickId": "", "eventName": "Sign up", "customerExternalId": "u_7"}
        )
        assert (answer.status_code, answer.json()["attributed"], answer.json()["link"]) == (200, False, None)
        later = {
            **LEAD,
            "customerExternalId": "u_8",
            "customerEmail": "una@later.example",
            "clickId": await clicked(house),
        }
        deferred = await shop.post("/v1/track/lead", json=later | {"mode": "deferred"})
        assert not deferred.json()["attributed"]
        again = await shop.post("/v1/track/lead", json=later | {"clickId": ""})
        assert again.json()["attributed"]  # its mailbox had clicked


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("lead", {"eventName": "x"}, 422, "unprocessable_entity"),
        ("lead", {"eventName": "x", "customerExternalId": "a", "customerEmail": "no address"}, 400, "bad_request"),
        ("lead", {"eventName": "x", "customerExternalId": "a", "metadata": {"a": "b" * 10_001}}, 400, "bad_request"),
        ("sale", {"customerExternalId": "a", "amount": -1}, 422, "unprocessable_entity"),
        ("sale", {"customerExternalId": "a", "amount": 1.5}, 422, "unprocessable_entity"),
        ("sale", {"customerExternalId": "a", "amount": 1, "currency": "€€€"}, 422, "unprocessable_entity"),
        ("refund", {"invoiceId": "", "refundId": "x"}, 422, "unprocessable_entity"),
        ("refund", {"invoiceId": "a", "refundId": "x", "amount": 5}, 400, "bad_request"),
    ],
)
async def test_errors_are_problems_that_dubs_libraries_can_read(
    house: House, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    async with await caller(house) as shop:
        answer = await shop.post(f"/v1/track/{path}", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert answer.json()["title"] == answer.json()["error"]["message"]


async def test_only_a_key_that_may(house: House) -> None:
    async with house.visitor() as nobody:
        answer = await nobody.post("/v1/track/lead", json=LEAD)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
        reading = {"authorization": f"Bearer {house.ours.key}"}
        assert (await nobody.post("/v1/track/lead", json=LEAD, headers=reading)).status_code == 403
    async with await caller(house) as shop:
        assert (await shop.get("/api/referrals")).status_code == 403
