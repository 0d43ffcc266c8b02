"""Sales from a shop's own server: once for ever, in any order, whatever became of a cookie"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from honeyguide import ledger, outcomes
from honeyguide.app import road
from honeyguide.core import clock
from honeyguide.web.auth import create_api_key
from tests.money_rules import rule
from tests.money_rules.conftest import Desk
from tests.money_rules.ground import TAKEN_BACK
from tests.unit.outcomes.town import Town, settle


class Shop:
    """A shop's server with a key of the scope `track`, and the advocate whose customers it tells of."""

    def __init__(self, desk: Desk, client: httpx.AsyncClient, town: Town) -> None:
        self.desk, self.client, self.town = desk, client, town

    async def lead(self, who: str = "u1", **more: Any) -> Any:
        body = {
            "eventName": "Sign up",
            "customerExternalId": who,
            "customerName": "Ida",
            "clickId": self.town.link.code,
        }
        answer = await self.client.post(
            "/v1/track/lead", json={**body, "customerEmail": f"{who}@nordic.example", **more}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sale(self, invoice: str = "in_1", amount: int = 100_000, who: str = "u1", **more: Any) -> httpx.Response:
        body = {"customerExternalId": who, "amount": amount, "currency": "eur", "invoiceId": invoice}
        return await self.client.post("/v1/track/sale", json={**body, **more})

    async def refund(self, invoice: str = "in_1", key: str = "re_1", **more: Any) -> httpx.Response:
        return await self.client.post("/v1/track/refund", json={"invoiceId": invoice, "refundId": key, **more})

    async def rewards(self) -> list[ledger.Reward]:
        """What stands after everything that was told has gone its way."""
        await road.catch_up(self.desk.db, self.desk.workspace)
        async with self.desk.db.tx(self.desk.workspace) as tx:
            return [r for r in await ledger.rewards(tx) if r.state not in TAKEN_BACK]


@pytest.fixture
async def shop(desk: Desk) -> AsyncIterator[Shop]:
    async with desk.db.tx(desk.workspace) as tx:
        town = await settle(tx)
        key = await create_api_key(tx, "shop", ["track"])
    async with desk.visitor() as client:
        client.headers["authorization"] = f"Bearer {key}"
        yield Shop(desk, client, town)


@rule("MR-220", "A sale told again is answered the same and earns once.")
async def test_a_sale_is_one(shop: Shop) -> None:
    await shop.lead()
    answers = [await shop.sale() for _ in range(3)]
    assert len({a.text for a in answers}) == 1
    assert [r.amount_minor for r in await shop.rewards()] == [15_000]


@rule("MR-221", "An invoice's number stands for one sale for ever: another amount under it is refused.")
async def test_an_invoice_is_one(shop: Shop) -> None:
    await shop.lead()
    await shop.sale()
    other = await shop.sale(amount=100_001)
    assert (other.status_code, other.headers["content-type"]) == (409, "application/problem+json")
    assert [r.amount_minor for r in await shop.rewards()] == [15_000]


@rule("MR-222", "A storm of retries of one sale is one sale.")
async def test_a_storm_is_one(shop: Shop) -> None:
    await shop.lead()
    answers = await asyncio.gather(*(shop.sale() for _ in range(20)))
    assert {a.status_code for a in answers} == {200}
    assert len(await shop.rewards()) == 1


@rule("MR-223", "A sale without an invoice's number is one under the request's Idempotency-Key.")
async def test_the_header_is_a_key(shop: Shop) -> None:
    await shop.lead()
    body = {"customerExternalId": "u1", "amount": 100_000, "currency": "eur"}
    for _ in range(3):
        await shop.client.post("/v1/track/sale", json=body, headers={"idempotency-key": "k-1"})
    assert len(await shop.rewards()) == 1


@rule("MR-224", "A refund of the whole takes the whole reward back, and once.")
async def test_a_refund(shop: Shop) -> None:
    await shop.lead()
    await shop.sale()
    assert len(await shop.rewards()) == 1
    for _ in range(2):
        assert (await shop.refund()).status_code == 200
    assert await shop.rewards() == []


@rule("MR-225", "A refund that comes before its sale still finds it: nothing stands in the end.")
async def test_refund_first(shop: Shop) -> None:
    await shop.lead()
    await shop.refund()
    await road.catch_up(shop.desk.db, shop.desk.workspace)
    await shop.sale()
    assert await shop.rewards() == []


@rule("MR-226", "The refund of one sale leaves the reward of another untouched.")
async def test_refunds_are_apart(shop: Shop) -> None:
    await shop.lead()
    await shop.sale("in_1")
    await shop.sale("in_2", 200_000)
    await shop.refund("in_1")
    assert [r.amount_minor for r in await shop.rewards()] == [30_000]


@rule("MR-227", "No sale has a negative amount, half a cent or an invented currency.")
@pytest.mark.parametrize(
    "bad", [{"amount": -1}, {"amount": 0.5}, {"amount": 2**60}, {"currency": "euro"}, {"amount": None}]
)
async def test_bad_sales(shop: Shop, bad: dict[str, Any]) -> None:
    await shop.lead()
    assert (await shop.sale(**bad)).status_code in (400, 422)
    assert await shop.rewards() == []


@rule("MR-228", "Whoever was invited by e-mail is the advocate's without any cookie, and no address is kept for that.")
async def test_without_a_cookie(shop: Shop) -> None:
    async with shop.desk.db.tx(shop.desk.workspace) as tx:
        touch = await outcomes.invite(tx, shop.town.link, "U1@nordic.example", clock.now())
        assert "nordic" not in touch.mailbox
    assert (await shop.lead(clickId=""))["attributed"]
    await shop.sale()
    assert len(await shop.rewards()) == 1


@rule("MR-229", "A code that was spoken and typed in carries the credit like a click.")
async def test_a_spoken_code(shop: Shop) -> None:
    assert (await shop.lead(clickId="", couponCode=shop.town.link.code.upper()))["attributed"]
    await shop.sale()
    assert len(await shop.rewards()) == 1


@rule("MR-230", "Customers of nobody's earn nobody anything, and the answer says so.")
async def test_nobodys_customer(shop: Shop) -> None:
    assert not (await shop.lead(clickId=""))["attributed"]
    assert not (await shop.sale()).json()["attributed"]
    assert await shop.rewards() == []


@rule("MR-231", "A lead told twice is one referral; a later click through somebody else does not move it.")
async def test_a_lead_is_one(shop: Shop) -> None:
    await shop.lead()
    async with shop.desk.db.tx(shop.desk.workspace) as tx:
        rita = await settle(tx, email="rita@other.example", name="Rita Val")
    await shop.lead(clickId=rita.link.code)
    await shop.lead(clickId=rita.link.code, eventName="Signed up again")
    async with shop.desk.db.tx(shop.desk.workspace) as tx:
        (row,) = await outcomes.list_referrals(tx)
        assert len(await outcomes.referrals_of(tx, shop.town.advocate.id)) == 1
        assert row.advocate_name == "Maya Ortiz"


@rule("MR-232", "A shop's key tells of sales and sees nothing.")
async def test_a_shops_key_is_blind(shop: Shop) -> None:
    for path in ("/api/rewards", "/api/referrals", "/api/payouts", "/api/ledger"):
        assert (await shop.client.get(path)).status_code == 403


@rule("MR-233", "Without a key nothing is taken in.")
async def test_no_key_no_sale(shop: Shop) -> None:
    await shop.lead()
    async with shop.desk.visitor() as stranger:
        body = {"customerExternalId": "u1", "amount": 100_000, "currency": "eur", "invoiceId": "in_1"}
        assert (await stranger.post("/v1/track/sale", json=body)).status_code == 401
        assert (await stranger.post("/v1/track/refund", json={"invoiceId": "in_1", "refundId": "r"})).status_code == 401
    assert await shop.rewards() == []


@rule("MR-234", "An advocate who buys through their own link earns nothing without a person's word.")
async def test_buying_from_oneself(shop: Shop) -> None:
    await shop.lead("self", customerEmail="maya+shop@customer.example")
    await shop.sale(who="self")
    for reward in await shop.rewards():
        assert reward.review
        async with shop.desk.db.tx(shop.desk.workspace) as tx:
            with pytest.raises(Exception, match="cannot be approved"):
                await ledger.approve_reward(tx, reward.id, "finn@host.example", reward.hold_until)


@rule("MR-235", "A refund of a part of a sale takes the same part of its reward back, however often it is told.")
async def test_a_partial_refund(shop: Shop) -> None:
    await shop.lead()
    await shop.sale()
    for _ in range(3):
        await shop.refund(amount=25_000, currency="eur")
    assert [r.amount_minor for r in await shop.rewards()] == [11_250]
    await shop.refund(key="re_2", amount=75_000, currency="eur")
    assert await shop.rewards() == []


@rule("MR-236", "A refund's number stands for one refund for ever: another amount under it is refused.")
async def test_a_refunds_number(shop: Shop) -> None:
    await shop.lead()
    await shop.sale()
    await shop.refund(amount=25_000, currency="eur")
    assert (await shop.refund(amount=25_001, currency="eur")).status_code == 409
    assert [r.amount_minor for r in await shop.rewards()] == [11_250]


@rule("MR-237", "What was refunded in another currency than the sale's is looked at by a person.")
async def test_a_foreign_refund(shop: Shop) -> None:
    await shop.lead()
    await shop.sale()
    await shop.refund(amount=25_000, currency="usd")
    (reward,) = await shop.rewards()
    assert "USD" in reward.review


@rule("MR-238", "A commission that was paid does not survive the refund of its sale: the advocate owes it.")
async def test_refund_after_payout(shop: Shop) -> None:
    await shop.lead()
    await shop.sale()
    (made,) = await shop.rewards()
    async with shop.desk.db.tx(shop.desk.workspace) as tx:
        await tx.run("update advocate set terms_accepted_at = $2 where workspace_id = $1", tx.workspace_id, clock.now())
        late = made.hold_until
        await ledger.approve_reward(tx, made.id, "finn@host.example", late)
        payout = await ledger.request_payout(tx, [made.id], "manual", "finn@host.example", late)
        await ledger.approve_payout(tx, payout.id, "noor@host.example", late)
        await ledger.mark_paid(tx, payout.id, "finn@host.example", "SEPA 1", late)
    await shop.refund()
    await shop.rewards()
    async with shop.desk.db.tx(shop.desk.workspace) as tx:
        assert await ledger.owed(tx, shop.town.advocate.id, "EUR") == 15_000
