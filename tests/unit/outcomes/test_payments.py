"""What billing systems say was paid earns like a sale told at our own door: once per invoice, by its number in time."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec import structs

from honeyguide import ledger, outcomes
from honeyguide.core.ids import content_id
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Tx
from honeyguide.funnel import Source, decode
from honeyguide.outcomes import Buyer, Sale
from honeyguide.outcomes.tables import findings_of
from tests.unit.outcomes.paying import (
    EACH,
    PER_INVOICE,
    TOM,
    invoice,
    nets,
    payer,
    per_invoice,
    refund,
    under,
)
from tests.unit.outcomes.town import AT, days, event, joins, logged, person, settle, tell, won
from tests.unit.programs.files import commission, program, rule


async def test_every_invoice_of_a_referred_customer_earns(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await joins(tx, await under(tx, per_invoice()))
        await tell(tx, [invoice("in_0", -3), invoice("in_1", 5), invoice("in_2", 35, 50_000), invoice("in_3", 400)])
        # Before the sign-up is outside; so is what comes later than twelve months after the first payment.
        assert await nets(tx) == {"sale:in_1": 20_000, "sale:in_2": 10_000}


async def test_one_invoice_told_by_webhook_poll_and_shop_is_one_payment(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await joins(tx, await under(tx, per_invoice()))
        names: dict[str, Any] = {"invoice_id": "in_1", "order": "pi_1", "charge": "ch_1"}
        await tell(tx, [invoice("A-1", 5, **names)])
        await tell(tx, [invoice("A-1", 5.01, message="poll", **names)])
        buyer = Buyer(external_id="u_1", email=TOM)
        await outcomes.track_sale(tx, Sale(buyer=buyer, amount_minor=100_000, currency="EUR", key="in_1"), days(5))
        await tell(tx, await logged(tx))
        charge = event("purchase.completed", days(5), firm=payer(), source="stripe", message="c", order="pi_1", amount_minor=100_000, currency="EUR")  # fmt: skip
        await tell(tx, [charge])
        assert await nets(tx) == {"sale:A-1": 20_000}


async def test_two_numbers_that_turn_out_to_be_one_payment_earn_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await joins(tx, await under(tx, per_invoice()))
        for n, order in enumerate(("pi_1", "ch_1")):
            charge = event("purchase.completed", days(5), firm=payer(), source="stripe", message=f"c{n}", order=order, amount_minor=100_000, currency="EUR")  # fmt: skip
            await tell(tx, [charge])
        assert sum((await nets(tx)).values()) == 40_000
        await tell(tx, [invoice("A-1", 5, order="pi_1", charge="ch_1")])
        assert sum((await nets(tx)).values()) == 20_000


@pytest.mark.parametrize("first", ["refund", "invoice"])
async def test_a_refund_takes_its_part_by_whatever_name_it_knows_the_invoice(
    db: Database, workspace: int, first: str
) -> None:
    async with db.tx(workspace) as tx:
        await joins(tx, await under(tx, per_invoice()))
        told = [invoice("A-1", 5, invoice_id="in_1", order="pi_1"), refund("", 9, 25_000, order="pi_1")]
        for one in told if first == "invoice" else told[::-1]:
            await tell(tx, [one])
        assert await nets(tx) == {"sale:A-1": 15_000}
        closed: dict[str, Any] = {"order": "pi_1", "dispute": "dp_1", "amount_minor": 75_000, "currency": "EUR"}
        await tell(tx, [event("dispute.opened", days(12), source="stripe", message="o", **closed)])
        await tell(tx, [event("dispute.closed", days(20), source="stripe", message="l", status="lost", **closed)])
        assert await nets(tx) == {}


async def test_a_win_and_a_payment_are_two_facts(db: Database, workspace: int) -> None:
    rules = [rule("fixed", slug="w"), {**EACH, "slug": "i"}]
    fixed = {"slug": "fixed", "label": "A credit", "incentive": "account_credit", "amount_minor": 7_000}
    async with db.tx(workspace) as tx:
        await joins(tx, await under(tx, program(rules, [commission(2000), fixed])))
        await tell(tx, [invoice("in_1", 5), won(6, 900_000), won(40, 900_000, "78"), invoice("in_2", 50)])
        assert await nets(tx) == {"sale:in_1": 20_000, "hubspot:77": 7_000, "sale:in_2": 20_000}


async def test_the_plain_rule_never_pays_for_a_billing_systems_invoice(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await joins(tx, await settle(tx))
        await tell(tx, [invoice("in_1", 5), won(6, 900_000), invoice("in_2", 50)])
        assert await nets(tx) == {"hubspot:77": 135_000}
        assert await tx.value("select count(*) from conversion where workspace_id = $1", workspace) == 1


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_which_payment_it_is_goes_by_time_not_by_arrival(
    db: Database, workspace: int, order: tuple[int, ...]
) -> None:
    async with db.tx(workspace) as tx:
        await joins(tx, await under(tx, per_invoice(PER_INVOICE)))  # once per customer
        told = [invoice("in_1", 5, 30_000), invoice("in_2", 35), invoice("in_3", 65)]
        for n in order:
            await tell(tx, [told[n]])
        assert await nets(tx) == {"sale:in_1": 6_000}


@pytest.mark.parametrize("late", [False, True])
async def test_revenue_steps_follow_the_order_of_payments(db: Database, workspace: int, late: bool) -> None:
    steps = {**EACH, "tier_by": "revenue", "tiers": [{"from": 100_000, "rate_bp": 1000}]}
    async with db.tx(workspace) as tx:
        await joins(tx, await under(tx, per_invoice(steps)))
        told = [invoice("in_1", 5, 80_000), invoice("in_2", 35, 80_000)]
        for one in told[::-1] if late else told:
            await tell(tx, [one])
        assert await nets(tx) == {"sale:in_1": 16_000, "sale:in_2": 4_000 + 6_000}


async def test_whoever_holds_no_secret_tells_of_nothing(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await joins(tx, await under(tx, per_invoice()))
        await tell(tx, [structs.replace(invoice("in_1", 5), moves_money=False), invoice("in_2", 6)])
        await tell(tx, [structs.replace(refund("in_2", 9, 100_000), moves_money=False)])
        assert await nets(tx) == {"sale:in_2": 20_000}


async def test_a_merge_of_people_brings_earlier_invoices(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await joins(tx, await under(tx, per_invoice()))
        stranger = person("", source="stripe", ext_id="cus_9")
        paid = structs.replace(
            invoice("in_1", 5), person=structs.replace(stranger, identifiers=(), traits={}), company=None
        )
        await tell(tx, [paid])
        assert await nets(tx) == {}
        known = person(TOM, source="stripe", ext_id="cus_9")
        await tell(tx, [event("persona.identified", days(9), who=known, source="stripe")])
        assert await nets(tx) == {"sale:in_1": 20_000}


async def test_the_explanation_says_paid(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await joins(tx, await under(tx, per_invoice()), at=AT)
        await tell(tx, [invoice("in_1", 5)])
        conversion = await tx.value("select id from conversion where workspace_id = $1", workspace)
        said = await outcomes.explain_credit(tx, conversion)
        assert "was paid on 7 March 2026" in said.for_advocate
        assert said.facts[1].label == "Paid"


def of_stripe(kind: str, thing: dict[str, Any], day: float) -> list[CanonicalEvent]:
    """What the shipped definition makes of one of Stripe's webhooks, signed and decoded."""
    body = {"id": f"evt_{kind}", "type": kind, "created": int(days(day).timestamp()), "data": {"object": thing}}
    row: dict[str, Any] = {
        "event_id": content_id("stripe", kind), "kind": kind, "message_id": f"evt_{kind}", "event_time": days(day),
        "received_at": days(day), "format": "stripe", "body": msgspec.json.encode(body),
    }  # fmt: skip
    return decode(row, Source(1, 1, "stripe", "Stripe", "hgw_", AT, "whsec"))


async def test_stripes_own_words_pay_and_take_back(db: Database, workspace: int) -> None:
    payer_ = {"customer": "cus_1", "customer_email": TOM, "currency": "eur"}
    paid = {
        "object": "invoice",
        "id": "in_1",
        "number": "A-1",
        "amount_paid": 100_000,
        "payment_intent": "pi_1",
        **payer_,
    }
    back = {
        "object": "charge", "id": "ch_1", "payment_intent": "pi_1", "invoice": "in_1", "amount": 100_000, "amount_refunded": 40_000,
        "refunds": {"data": [{"id": "re_1"}]}, **payer_,
    }  # fmt: skip
    async with db.tx(workspace) as tx:
        await joins(tx, await under(tx, per_invoice()))
        await tell(tx, of_stripe("invoice.paid", paid, 5))
        assert await nets(tx) == {"sale:A-1": 20_000}
        await tell(tx, of_stripe("charge.refunded", back, 9))
        assert await nets(tx) == {"sale:A-1": 12_000}


async def test_a_payment_that_earns_is_a_won_referral(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await joins(tx, await under(tx, per_invoice()))
        await tell(tx, [invoice("in_1", 5)])
        stages = await tx.rows(
            "select stage, reason from referral_stage where workspace_id = $1 order by at", workspace
        )
        assert [r["stage"] for r in stages] == ["signed_up", "won"]
        assert stages[1]["reason"].endswith("was paid.")


async def test_a_refund_of_no_payment_we_know_holds_what_the_customer_earned(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await joins(tx, await under(tx, per_invoice()))
        back = structs.replace(refund("", 9, 25_000, order="pi_1"), company=payer())
        await tell(tx, [invoice("in_1", 5)])
        await tell(tx, [back])
        (reward,) = await ledger.rewards(tx)
        assert (reward.state, reward.net_minor) == ("review", 20_000)
        assert "names no payment we know" in reward.review
        await tell(tx, [invoice("in_2", 8, order="pi_1")])  # its payment turns up: nothing is unmatched any more
        assert await nets(tx) == {"sale:in_1": 20_000, "sale:in_2": 15_000}
        assert (
            await tx.value(
                "select count(*) from fraud_finding where workspace_id = $1 and rule = 'refund_unmatched'", workspace
            )
            == 0
        )


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_one_amount_told_in_two_ways_waits_for_a_person(
    db: Database, workspace: int, order: tuple[int, ...]
) -> None:
    charge = event("purchase.completed", days(6), firm=payer(), source="stripe", message="c", order="pi_1", amount_minor=100_000, currency="EUR")  # fmt: skip
    told = [invoice("in_1", 5), charge]
    async with db.tx(workspace) as tx:
        await joins(tx, await under(tx, per_invoice()))
        for n in order:
            await tell(tx, [told[n]])
        assert all("perhaps they are one payment" in r.review for r in await ledger.rewards(tx))
        assert len(await ledger.rewards(tx)) == 2
        await tell(tx, [invoice("in_2", 6), invoice("in_3", 6.5, 7_000)])  # two invoices of one system are two payments
        assert [f.rule for f in next(iter((await outcomes_findings(tx)).values()))] == ["payment_told_twice"]


async def outcomes_findings(tx: Tx) -> dict[UUID, list[outcomes.Finding]]:
    ids = [r["id"] for r in await tx.rows("select id from referral where workspace_id = $1", tx.workspace_id)]
    return await findings_of(tx, ids)
