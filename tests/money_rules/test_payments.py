"""Payments that other systems tell of: whose word counts, once per invoice, in any order"""

import httpx
import pytest
from msgspec import structs

from honeyguide import funnel, ledger, outcomes
from honeyguide.app import road
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Tx
from tests.money_rules import rule
from tests.money_rules.conftest import Desk
from tests.unit.outcomes.paying import PER_INVOICE, TOM, invoice, nets, payer, per_invoice, refund, under
from tests.unit.outcomes.town import days, deal, joins, logged, settle, tell, won

DEAL = {"deal": "D-1", "amount": 48_000, "currency": "EUR"}


async def told_with_a_write_key(desk: Desk, event: str, *, server_only: bool, **properties: object) -> None:
    """A track call at the door that browsers use, about Tom, whom Maya brought."""
    async with desk.db.tx(desk.workspace) as tx:
        source = await funnel.ensure_source(tx, "segment", "app")
        await funnel.trust_source(tx, source, server_only, "owner@host.example")
        key = await funnel.renew_key(tx, source)
    call = {
        "type": "track", "userId": "tom", "messageId": event, "event": event, "timestamp": days(9).isoformat(),
        "context": {"traits": {"email": "tom@prospect.example"}}, "properties": properties,
    }  # fmt: skip
    async with desk.visitor() as browser:
        said: httpx.Response = await browser.post("/v1/track", json=call, auth=(key, ""))
    assert said.status_code == 200, said.text
    await road.catch_up(desk.db, desk.workspace)


async def standing(desk: Desk) -> list[int]:
    async with desk.db.tx(desk.workspace) as tx:
        return sorted(r.net_minor for r in await ledger.rewards(tx) if r.net_minor)


@rule("MR-430", "A write key that stands in a page cannot tell of a deal that earns; one that lives on servers can.")
@pytest.mark.parametrize("server_only", [False, True])
async def test_a_pages_key_earns_nothing(desk: Desk, server_only: bool) -> None:
    async with desk.db.tx(desk.workspace) as tx:
        await joins(tx, await settle(tx))
    await told_with_a_write_key(desk, "Deal Won", server_only=server_only, **DEAL)
    assert await standing(desk) == ([500_000] if server_only else [])


@rule(
    "MR-431",
    "A write key that stands in a page cannot take a reward back: no lost deal and no refund it tells of counts.",
)
async def test_a_pages_key_takes_nothing_back(desk: Desk) -> None:
    async with desk.db.tx(desk.workspace) as tx:
        await joins(tx, await settle(tx))
    await told_with_a_write_key(desk, "Deal Won", server_only=True, **DEAL)
    await told_with_a_write_key(desk, "Deal Lost", server_only=False, **DEAL)
    assert await standing(desk) == [500_000]


@rule("MR-432", "One invoice told by a webhook, by a poll and by the shop's own server is one payment and earns once.")
async def test_an_invoice_is_one_payment(tx: Tx) -> None:
    await joins(tx, await under(tx, per_invoice()))
    await tell(tx, [invoice("A-1", 5, invoice_id="in_1"), invoice("A-1", 6, message="polled", invoice_id="in_1")])
    sale = outcomes.Sale(
        buyer=outcomes.Buyer(external_id="u", email=TOM), amount_minor=100_000, currency="EUR", key="in_1"
    )
    await outcomes.track_sale(tx, sale, days(5))
    await tell(tx, await logged(tx))
    assert await nets(tx) == {"sale:A-1": 20_000}


@rule(
    "MR-433",
    "Which payment of a customer it is goes by its time: told late, it earns what it would have earned in time.",
)
async def test_a_late_first_payment(tx: Tx) -> None:
    await joins(tx, await under(tx, per_invoice(PER_INVOICE)))
    for one in (invoice("in_2", 35), invoice("in_1", 5, 30_000)):
        await tell(tx, [one])
    assert await nets(tx) == {"sale:in_1": 6_000}


@rule("MR-434", "A payment before the friend came, or after the months a rule names, earns nothing.")
async def test_payments_outside(tx: Tx) -> None:
    await joins(tx, await under(tx, per_invoice()))
    await tell(tx, [invoice("in_0", -1), invoice("in_1", 5), invoice("in_2", 400)])
    assert await nets(tx) == {"sale:in_1": 20_000}


@rule(
    "MR-435",
    "A deal won in the CRM and its invoices are not paid for twice: without a rule on invoices only the deal earns.",
)
async def test_a_deal_and_its_invoices(tx: Tx) -> None:
    await joins(tx, await settle(tx))
    await tell(tx, [invoice("in_1", 5), won(6, 900_000), invoice("in_2", 36)])
    assert await nets(tx) == {"hubspot:77": 135_000}


@rule("MR-436", "A refund that names the payment by another of its numbers, before or after it, takes its part back.")
@pytest.mark.parametrize("early", [False, True])
async def test_a_refund_by_another_number(tx: Tx, early: bool) -> None:
    await joins(tx, await under(tx, per_invoice()))
    told = [invoice("A-1", 5, order="pi_1"), refund("", 9, 25_000, order="pi_1")]
    for one in told[::-1] if early else told:
        await tell(tx, [one])
    assert await nets(tx) == {"sale:A-1": 15_000}


@rule("MR-437", "A deal that grows after it was won earns the difference, each sum once however often it is told.")
async def test_a_growing_deal(tx: Tx) -> None:
    await joins(tx, await settle(tx))
    for one in (won(5, 100_000), grown(8, 250_000), grown(9, 250_000), grown(10, 50_000), grown(11, 250_000)):
        await tell(tx, [one])
    assert await nets(tx) == {"hubspot:77": 37_500}


@rule("MR-438", "What a person took back of a reward is not given again because its deal grew.")
async def test_growth_does_not_undo_a_person(tx: Tx) -> None:
    await joins(tx, await settle(tx))
    await tell(tx, [won(5, 100_000)])
    (reward,) = await ledger.rewards(tx)
    await ledger.void_reward(tx, reward.id, "finn@host.example", "A mistake.", days(6))
    await tell(tx, [grown(8, 200_000)])
    assert await nets(tx) == {"hubspot:77": 15_000}


def grown(day: float, minor: int) -> CanonicalEvent:
    return deal("stage_changed", day, props={"amount_minor": minor, "currency": "EUR", "stage": "signed"})


@rule(
    "MR-439",
    "A refund that names no payment we know is no licence to pay: what its customer earned waits for a person.",
)
async def test_an_unmatched_refund(tx: Tx) -> None:
    await joins(tx, await under(tx, per_invoice()))
    await tell(tx, [invoice("in_1", 5)])
    await tell(tx, [structs.replace(refund("", 9, 25_000, order="pi_9"), company=payer())])
    (reward,) = await ledger.rewards(tx)
    assert reward.state == "review"


@rule("MR-440", "What is earned in another currency than the program's budget is not paid before a person has looked.")
async def test_another_currency_than_the_budgets(tx: Tx) -> None:
    file = per_invoice()
    await joins(tx, await under(tx, structs.replace(file, terms=structs.replace(file.terms, budget_minor=1_000_000))))
    await tell(tx, [invoice("in_1", 5), invoice("in_2", 6, currency="USD")])
    told = {r.currency: (r.state, r.review) for r in await ledger.rewards(tx)}
    assert told["EUR"] == ("held", "")
    assert told["USD"] == ("review", "The program's budget is in EUR: it does not count what is earned in USD.")
