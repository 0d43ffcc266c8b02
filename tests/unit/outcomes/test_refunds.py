"""Refunds and disputes of sales reach the money: in proportion, in any order, after the payout too, never twice."""

import itertools
from typing import Any

from honeyguide import ledger, outcomes, programs
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Tx
from honeyguide.outcomes import Buyer, Refund, Sale
from tests.unit.outcomes.town import AT, Town, days, event, logged, settle, tell

BUYER = Buyer(external_id="u_1", email="tom@prospect.example", name="Tom Berg")


async def bought(tx: Tx, minor: int = 1_000_000, key: str = "in_1") -> Town:
    """A lead by code, then a sale of €10,000: a reward of €1,500."""
    town = await settle(tx)
    lead = Buyer(external_id="u_1", email=BUYER.email, name=BUYER.name, code=town.link.code)
    await outcomes.track_lead(tx, lead, "Sign up", AT)
    await tell(tx, await logged(tx))
    await outcomes.track_sale(tx, Sale(buyer=BUYER, amount_minor=minor, currency="EUR", key=key), days(3))
    await tell(tx, await logged(tx))
    return town


async def only(tx: Tx) -> ledger.Reward:
    (reward,) = await ledger.rewards(tx)
    return reward


def refund(number: str, minor: int | None, day: float, **more: Any) -> CanonicalEvent:
    money: dict[str, Any] = {} if minor is None else {"amount_minor": minor, "currency": "EUR"}
    return event(
        "refund.issued",
        days(day),
        source="stripe",
        message=f"m{number}{day}",
        refund=number,
        invoice="in_1",
        **money,
        **more,
    )


async def test_partial_refunds_take_their_part_and_the_rest_takes_the_rest(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await bought(tx)
        assert (await only(tx)).net_minor == 150_000
        await tell(tx, [refund("re_1", 333_333, 10)])
        assert (await only(tx)).net_minor == 150_000 - 49_999
        await tell(tx, [refund("re_1", 333_333, 11)])  # the same one, told by a list
        assert (await only(tx)).net_minor == 150_000 - 49_999
        await tell(tx, [refund("re_2", 666_667, 12)])
        reward = await only(tx)
        assert (reward.net_minor, reward.state) == (0, "reversed")
        await tell(tx, [refund("re_3", 500_000, 13)])
        assert (await only(tx)).net_minor == 0
        assert (await ledger.verify(tx)).ok


async def test_any_order_of_refunds_leaves_the_same(db: Database, workspace: int, other_workspace: int) -> None:
    told = [refund("re_1", 111_111, 10), refund("re_2", 222_222, 11), refund("re_3", 77_777, 12)]
    left = set()
    for order in itertools.islice(itertools.permutations(told), 3):
        async with db.tx(workspace) as tx:
            await tx.run("savepoint before")
            await bought(tx)
            for one in order:
                await tell(tx, [one])
            left.add((await only(tx)).net_minor)
            assert (await ledger.verify(tx)).ok
            await tx.run("rollback to savepoint before")
    assert left == {150_000 - 150_000 * 411_110 // 1_000_000}


async def test_a_refund_before_its_sale_counts_when_the_sale_comes(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await settle(tx)
        lead = Buyer(external_id="u_1", email=BUYER.email, name=BUYER.name, code=town.link.code)
        await outcomes.track_lead(tx, lead, "Sign up", AT)
        await outcomes.track_refund(
            tx, Refund(invoice="in_1", key="re_1", amount_minor=500_000, currency="eur"), days(2)
        )
        await tell(tx, await logged(tx))
        await outcomes.track_sale(tx, Sale(buyer=BUYER, amount_minor=1_000_000, currency="EUR", key="in_1"), days(3))
        await tell(tx, await logged(tx))
        assert (await only(tx)).net_minor == 75_000


async def paid(tx: Tx) -> None:
    reward = await only(tx)
    later = days(60)
    await programs.accept_terms(tx, reward.advocate_id, later)
    await ledger.approve_reward(tx, reward.id, "mara@host.example", later, reason="checked")
    found = await ledger.request_payout(tx, [reward.id], "csv", "mara@host.example", later)
    await ledger.approve_payout(tx, found.id, "boss@host.example", later)
    await ledger.export_payout(tx, found.id, "mara@host.example")
    await ledger.mark_paid(tx, found.id, "mara@host.example", "bank 1", later)


async def test_after_the_payout_the_advocate_owes_it(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        town = await bought(tx)
        await paid(tx)
        await tell(tx, [refund("re_1", 400_000, 70)])
        assert await ledger.owed(tx, town.advocate.id, "EUR") == 60_000
        await tell(tx, [refund("re_2", None, 71)])
        assert await ledger.owed(tx, town.advocate.id, "EUR") == 150_000
        assert (await ledger.verify(tx)).ok


async def test_a_dispute_freezes_and_ends(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await bought(tx)
        about: dict[str, Any] = {"source": "stripe", "invoice": "in_1", "dispute": "dp_1"}
        await tell(tx, [event("dispute.opened", days(10), message="o", amount_minor=250_000, currency="EUR", **about)])
        assert (await only(tx)).disputed
        assert ledger.why_not_approve(await only(tx), "mara@host.example", days(400), "please") is not None
        await tell(tx, [event("dispute.closed", days(20), message="c", status="lost", **about)])
        reward = await only(tx)
        assert (reward.disputed, reward.net_minor) == (False, 150_000 - 37_500)
        assert (await ledger.verify(tx)).ok


async def sold_twice(tx: Tx, group: str) -> list[tuple[int, str]]:
    town = await settle(tx, group=group)
    lead = Buyer(external_id="u_1", email=BUYER.email, name=BUYER.name, code=town.link.code)
    await outcomes.track_lead(tx, lead, "Sign up", AT)
    await tell(tx, await logged(tx))
    for key, day in (("in_1", 3), ("in_2", 33)):
        await outcomes.track_sale(tx, Sale(buyer=BUYER, amount_minor=100_000, currency="EUR", key=key), days(day))
        await tell(tx, await logged(tx))
    return sorted((r.issued_minor, r.incentive) for r in await ledger.rewards(tx))


async def test_a_share_is_earned_with_every_payment_a_fixed_amount_with_the_first(
    db: Database, workspace: int, other_workspace: int
) -> None:
    async with db.tx(workspace) as tx:
        assert await sold_twice(tx, "partner") == [(15_000, "commission"), (15_000, "commission")]
    async with db.tx(other_workspace) as tx:
        assert await sold_twice(tx, "enterprise") == [(150_000, "renewal_credit")]
        said = await tx.rows("select reason from attribution where workspace_id = $1 order by at", tx.workspace_id)
        assert sum("earned it with an earlier payment" in r["reason"] for r in said) == 1
