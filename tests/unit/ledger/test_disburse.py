"""Payments over rails that call: real HTTP to providers that misbehave; money leaves once and the books say so."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from honeyguide import ledger, rails
from honeyguide.app import disbursing
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Conflict, Unauthenticated
from honeyguide.core.ids import content_id
from honeyguide.db import Database
from honeyguide.funnel.vault import Vault
from honeyguide.ledger import disbursement_rows as lines
from honeyguide.ledger import payee_rows
from honeyguide.ledger.rails_set_up import set_rail
from honeyguide.settings import Settings
from tests import provider as fake
from tests.unit.ledger.books import FINN, LATER, NOOR, add_advocate, advocate_id, approved, assert_sound, balance

ACCOUNTS: dict[str, tuple[str, dict[str, str]]] = {
    "stripe_transfer": ("stripe", {"id": "acct_1"}), "stripe_credit": ("stripe", {"id": "cus_1"}), "stripe_coupon": ("", {}),
    "paypal": ("paypal", {"email": "ana@paypal.example"}), "tremendous": ("", {}), "tango": ("", {}),
}  # fmt: skip
INCENTIVE = {
    "stripe_credit": "renewal_credit",
    "stripe_coupon": "renewal_credit",
    "tremendous": "gift_card",
    "tango": "gift_card",
}
FAKES: dict[str, type[fake.Provider]] = {
    "stripe_transfer": fake.FakeStripe, "stripe_credit": fake.FakeStripe, "stripe_coupon": fake.FakeStripe,
    "paypal": fake.FakePayPal, "tremendous": fake.FakeTremendous, "tango": fake.FakeTango,
}  # fmt: skip


class Desk:
    """A rail set up against a fake, and a worker one moves by hand."""

    def __init__(self, db: Database, workspace: int, settings: Settings, rail: str, server: fake.Provider) -> None:
        self.db, self.workspace, self.rail, self.server = db, workspace, rail, server
        self.settings = Settings.load({
            "HONEYGUIDE_DATA": str(settings.data), "HONEYGUIDE_ALLOW_PRIVATE_HOSTS": server.url.removeprefix("http://"),
        })  # fmt: skip
        self.now = LATER

    async def set_up(self) -> None:
        vault, kind = Vault.of(self.settings), ACCOUNTS[self.rail][0]
        secrets = dict.fromkeys(rails.CALLING[self.rail][2], "whs-tremendous")
        async with self.db.tx(self.workspace) as tx:
            await add_advocate(tx)
            await set_rail(
                tx, self.rail, FINN, self.now, sends=True, payee_kind=kind, config={"base_url": self.server.url},
                sealed=vault.seal(secrets), hook_token="hook-1" if self.rail == "tremendous" else "",
            )  # fmt: skip
            if kind:
                await self.account(tx, vault.seal(dict(ACCOUNTS[self.rail][1])), self.now)

    async def account(self, tx: Any, sealed: bytes, usable_from: datetime) -> None:
        await tx.run(
            "insert into payee (workspace_id, id, advocate_id, kind, sealed, masked, fingerprint, state, proposed_by, proposed_at, "
            "confirmed_at, usable_from) values ($1, $2, $3, $4, $5, '...', $6, 'confirmed', 'ana', $7, $7, $7)",
            tx.workspace_id, content_id("payee", self.rail), advocate_id(), ACCOUNTS[self.rail][0], sealed, b"f", usable_from,
        )  # fmt: skip

    async def order(self, n: int = 0, minor: int = 150_000) -> ledger.Payout:
        async with self.db.tx(self.workspace) as tx:
            reward = await approved(tx, n, minor, incentive=INCENTIVE.get(self.rail, "commission"))
            made = await ledger.request_payout(tx, [reward.id], self.rail, FINN, self.now)
            return await ledger.approve_payout(tx, made.id, NOOR, self.now)

    async def work(self, hours: float = 30) -> None:
        """The worker's step whenever something is due, until nothing is within these hours."""
        until = self.now + timedelta(hours=hours)
        while self.now < until:
            if await self.once():
                self.now += timedelta(seconds=2)
                continue
            async with self.db.tx(self.workspace) as tx:
                due = await tx.value(
                    "select min(at) from (select min(due_at) as at from outbox where workspace_id = $1 and state = 'pending' "
                    "and topic = $2 union all select min(look_at) from disbursement where workspace_id = $1) t",
                    tx.workspace_id, f"payout.{self.rail}",
                )  # fmt: skip
            self.now = min(until, max(due or until, self.now + timedelta(seconds=1)))

    async def once(self) -> int:
        with clock.frozen(self.now):
            return await disbursing.disburse_due(self.db, self.workspace, self.settings, self.now)

    async def line(self) -> ledger.Disbursement:
        async with self.db.tx(self.workspace) as tx:
            await assert_sound(tx)
            return (await lines.page(tx, None, None, None, 10))[0]

    async def paid_minor(self) -> int:
        async with self.db.tx(self.workspace) as tx:
            return await balance(tx, "paid")


@pytest.fixture
def desk(db: Database, workspace: int, settings: Settings) -> Iterator[Callable[[str], Desk]]:
    """`desk("paypal")`: the rail and its fake."""
    with contextlib.ExitStack() as stack:

        def make(rail: str) -> Desk:
            return Desk(db, workspace, settings, rail, stack.enter_context(fake.providing(FAKES[rail]())))

        yield make


@pytest.mark.parametrize("rail", FAKES)
@pytest.mark.parametrize("faults", [[], ["lost"], ["broken", "lost", "busy"]])
async def test_money_leaves_once_whatever_the_provider_does(
    desk: Callable[[str], Desk], rail: str, faults: list[str]
) -> None:
    d = desk(rail)
    await d.set_up()
    await d.order()
    d.server.faults.extend(faults)
    await d.once()
    line = await d.line()
    if faults:
        assert line.state == "unknown"  # a time-out and a 500 are not failures
        assert await d.paid_minor() == 0
    if isinstance(d.server, fake.FakeTremendous):
        d.server.deliver()
    for found in d.server.orders.values():
        if isinstance(d.server, fake.FakePayPal):
            found["state"] = "SUCCESS"
    await d.work(2)
    if isinstance(d.server, fake.FakeTremendous):
        d.server.deliver()
    for found in d.server.orders.values():
        if isinstance(d.server, fake.FakePayPal):
            found["state"] = "SUCCESS"
    await d.work(8)
    line = await d.line()
    assert (line.state, line.reported_minor, line.problem) == ("paid", 150_000, "")
    assert len(d.server.orders) == 1
    assert await d.paid_minor() == 150_000
    async with d.db.tx(d.workspace) as tx:
        assert (await ledger.payout(tx, line.payout_id)).payout.reference == line.provider_id


async def test_refused_for_certain_gives_the_money_back_and_another_payout_may_pay(desk: Callable[[str], Desk]) -> None:
    d = desk("stripe_transfer")
    await d.set_up()
    made = await d.order()
    d.server.faults.append("refuse")
    await d.once()
    line = await d.line()
    assert (line.state, line.problem) == ("refused", "The account is closed. (400)")
    async with d.db.tx(d.workspace) as tx:
        view = await ledger.payout(tx, made.id)
        assert view.payout.state == "cancelled"
        rewards = await ledger.rewards(tx, advocate_id=advocate_id())
        d.now += timedelta(seconds=1)
        assert [r.state for r in rewards] == ["payable"]
        again = await ledger.request_payout(tx, [rewards[0].id], d.rail, FINN, d.now)
        await ledger.approve_payout(tx, again.id, NOOR, d.now)
    await d.work(1)
    assert (await d.line()).state == "paid"
    assert await d.paid_minor() == 150_000
    assert len(d.server.orders) == 1


async def test_a_refusal_of_a_repeat_is_checked_by_a_look(desk: Callable[[str], Desk]) -> None:
    """The first try paid and its answer was lost; the second is refused (an empty balance, say)."""
    d = desk("stripe_transfer")
    await d.set_up()
    await d.order()
    d.server.faults.extend(["lost", "refuse"])
    await d.work(1)
    assert ((await d.line()).state, len(d.server.orders), await d.paid_minor()) == ("paid", 1, 150_000)


async def test_a_key_stripe_has_forgotten_is_looked_up_before_it_is_sent(desk: Callable[[str], Desk]) -> None:
    d = desk("stripe_transfer")
    await d.set_up()
    await d.order()
    d.server.faults.append("lost")
    await d.once()
    assert isinstance(d.server, fake.FakeStripe)
    d.server.forget_keys()
    d.now += timedelta(hours=25)
    await d.work(1)
    assert ((await d.line()).state, len(d.server.orders)) == ("paid", 1)


async def test_another_amount_than_ordered_settles_nothing_and_is_told(desk: Callable[[str], Desk]) -> None:
    d = desk("tremendous")
    await d.set_up()
    await d.order()
    await d.once()
    next(iter(d.server.orders.values()))["rewards"][0]["value"]["denomination"] = 1499.99
    assert isinstance(d.server, fake.FakeTremendous)
    d.server.deliver()
    await d.work(2)
    line = await d.line()
    assert (line.state, line.reported_minor) == ("sent", 149_999)
    assert "€1,499.99" in line.problem
    assert await d.paid_minor() == 0


async def test_webhooks_late_doubled_and_out_of_order_settle_once(desk: Callable[[str], Desk]) -> None:
    d = desk("tremendous")
    assert isinstance(d.server, fake.FakeTremendous)
    await d.set_up()
    await d.order()
    await d.once()
    line = await d.line()
    key = f"hg-{line.id}"
    hooks = disbursing.Paying(d.settings)

    async def hear(ident: str, event: str = "REWARDS.DELIVERY.SUCCEEDED") -> int:
        headers, body = d.server.notice(key, ident, event)  # type: ignore[attr-defined]  # it is Tremendous
        return await hooks.hear(d.db, d.workspace, "hook-1", headers, body, d.now)

    assert await hear("e-2") == 1  # told as delivered before it is: nothing is believed
    await d.once()
    assert (await d.line()).state == "sent"
    d.server.deliver()
    for ident in ("e-2", "e-2", "e-1", "e-3"):
        assert await hear(ident) == 1
        d.now += timedelta(seconds=1)
        await d.once()
    assert (await d.line()).state == "paid"
    assert await hear("e-0", "ORDERS.FAILED") == 1  # an old one, very late
    d.now += timedelta(seconds=1)
    await d.once()
    assert ((await d.line()).state, await d.paid_minor()) == ("paid", 150_000)
    async with d.db.tx(d.workspace) as tx:
        assert (
            await tx.value("select times from rail_notice where workspace_id = $1 and notice_id = 'e-2'", d.workspace)
            == 3
        )
    headers, body = d.server.notice(key)
    for bad in ({}, {**headers, "tremendous-webhook-signature": "sha256=00"}):
        with pytest.raises(Unauthenticated):
            await hooks.hear(d.db, d.workspace, "hook-1", bad, body, d.now)
    with pytest.raises(Unauthenticated):
        await hooks.hear(d.db, d.workspace, "hook-1", headers, body + b" ", d.now)


async def test_a_payment_that_comes_back_is_booked_back_and_can_be_paid_again(desk: Callable[[str], Desk]) -> None:
    d = desk("stripe_transfer")
    await d.set_up()
    await d.order()
    await d.once()
    assert await d.paid_minor() == 150_000
    for found in d.server.orders.values():
        found["reversed"] = True
    await d.work(30)
    line = await d.line()
    assert (line.state, await d.paid_minor()) == ("returned", 0)
    async with d.db.tx(d.workspace) as tx:
        reward = (await ledger.rewards(tx, advocate_id=advocate_id()))[0]
        again = await ledger.request_payout(tx, [reward.id], d.rail, FINN, d.now)
        await ledger.approve_payout(tx, again.id, NOOR, d.now)
    await d.work(1)
    assert ((await d.line()).state, await d.paid_minor()) == ("paid", 150_000)


async def test_a_payment_in_flight_cannot_be_cancelled_and_a_promised_one_is_not_sent_after(
    desk: Callable[[str], Desk],
) -> None:
    d = desk("stripe_transfer")
    await d.set_up()
    made = await d.order()
    async with d.db.tx(d.workspace) as tx:
        await ledger.cancel_payout(tx, made.id, NOOR, "too early", d.now)
    await d.work(1)
    assert (d.server.writes, (await d.line()).state) == ([], "cancelled")
    second = await d.order(1)
    d.server.faults.append("broken")
    await d.once()
    async with d.db.tx(d.workspace) as tx:
        with pytest.raises(Conflict) as refused:
            await ledger.cancel_payout(tx, second.id, NOOR, "too late", d.now)
    assert refused.value.code == "in_flight"


async def test_paid_by_hand_is_not_sent_afterwards(desk: Callable[[str], Desk]) -> None:
    d = desk("paypal")
    await d.set_up()
    made = await d.order()
    async with d.db.tx(d.workspace) as tx:
        await ledger.mark_paid(tx, made.id, NOOR, "by hand 1", d.now)
    await d.work(1)
    assert (d.server.writes, (await d.line()).state) == ([], "paid")


async def test_tango_is_asked_once_a_second_however_many_workers(desk: Callable[[str], Desk]) -> None:
    d = desk("tango")
    await d.set_up()
    for n in range(3):
        await d.order(n)
    assert [await d.once() for _ in range(4)] == [1, 0, 0, 0]
    d.now += timedelta(seconds=0.9)
    assert await d.once() == 0
    d.now += timedelta(seconds=0.2)
    assert await d.once() == 1
    await d.work(1)
    assert len(d.server.orders) == 3
    assert all(len(body["externalRefID"]) <= 100 for body in d.server.writes)


async def test_retry_after_stops_every_call_of_the_rail(desk: Callable[[str], Desk]) -> None:
    d = desk("paypal")
    await d.set_up()
    await d.order()
    await d.order(1)
    d.server.faults.append("busy")
    await d.once()
    asked = len(d.server.calls)
    d.now += timedelta(seconds=6)
    assert (await d.once(), len(d.server.calls)) == (0, asked)
    d.now += timedelta(seconds=2)
    assert await d.once() > 0


async def test_no_account_or_a_fresh_one_holds_the_payment_and_says_why(desk: Callable[[str], Desk]) -> None:
    d = desk("stripe_transfer")
    await d.set_up()
    async with d.db.tx(d.workspace) as tx:
        await tx.run("delete from payee where workspace_id = $1", d.workspace)
    await d.order()
    await d.work(20)
    assert ((await d.line()).state, d.server.writes) == ("promised", [])
    assert "has not confirmed an account" in (await d.line()).problem
    async with d.db.tx(d.workspace) as tx:
        await d.account(tx, Vault.of(d.settings).seal({"id": "acct_9"}), d.now + timedelta(days=2))
    await d.work(30)
    assert "wait until" in (await d.line()).problem
    await d.work(30)
    assert ((await d.line()).state, len(d.server.orders)) == ("paid", 1)


async def test_several_advocates_take_a_payout_each(desk: Callable[[str], Desk]) -> None:
    d = desk("stripe_transfer")
    await d.set_up()
    async with d.db.tx(d.workspace) as tx:
        await add_advocate(tx, 1, name="Bo Li", email="bo@customer.example")
        both = [await approved(tx, 0), await approved(tx, 1, advocate=1)]
        with pytest.raises(BadInput):
            await ledger.request_payout(tx, [r.id for r in both], d.rail, FINN, d.now)


async def test_secrets_do_not_follow_to_another_address(desk: Callable[[str], Desk]) -> None:
    d = desk("paypal")
    await d.set_up()
    async with d.db.tx(d.workspace) as tx:
        with pytest.raises(BadInput, match="do not follow"):
            await set_rail(
                tx, "paypal", FINN, d.now, sends=True, payee_kind="paypal", config={"base_url": "https://evil.example"}
            )
        assert payee_rows.TABLES == ("payee",)


@pytest.mark.parametrize("minor", [None, 50_000])
async def test_what_is_taken_back_after_the_payment_is_kept_back_from_the_next_one(
    desk: Callable[[str], Desk], minor: int | None
) -> None:
    d = desk("stripe_transfer")
    await d.set_up()
    await d.order(0, 150_000)
    await d.once()
    async with d.db.tx(d.workspace) as tx:
        reward = (await ledger.rewards(tx, advocate_id=advocate_id()))[0]
        await ledger.reverse_reward(tx, reward.id, minor, "refund:1", "The invoice was refunded.", "honeyguide", d.now)
        taken = minor or 150_000
        assert await ledger.owed(tx, advocate_id(), "EUR") == taken
    d.now += timedelta(seconds=1)
    await d.order(1, 200_000)
    await d.once()
    line = await d.line()
    assert (line.state, line.gross_minor, line.netted_minor, line.amount_minor) == (
        "paid",
        200_000,
        taken,
        200_000 - taken,
    )
    assert sorted(o["amount"] for o in d.server.orders.values()) == sorted([150_000, 200_000 - taken])
    async with d.db.tx(d.workspace) as tx:
        assert await ledger.owed(tx, advocate_id(), "EUR") == 0


async def test_a_payment_that_comes_back_after_its_reward_was_taken_back_leaves_nothing_owed(
    desk: Callable[[str], Desk],
) -> None:
    d = desk("stripe_transfer")
    await d.set_up()
    await d.order()
    await d.once()
    async with d.db.tx(d.workspace) as tx:
        reward = (await ledger.rewards(tx, advocate_id=advocate_id()))[0]
        await ledger.reverse_reward(tx, reward.id, None, "refund:1", "The invoice was refunded.", "honeyguide", d.now)
    for found in d.server.orders.values():
        found["reversed"] = True
    await d.work(30)
    assert (await d.line()).state == "returned"
    async with d.db.tx(d.workspace) as tx:
        assert (
            await ledger.owed(tx, advocate_id(), "EUR"),
            await balance(tx, "paid"),
            await balance(tx, "available"),
        ) == (0, 0, 0)


async def test_a_refused_payment_gives_back_what_was_kept_back(desk: Callable[[str], Desk]) -> None:
    d = desk("stripe_transfer")
    await d.set_up()
    await d.order(0, 150_000)
    await d.once()
    async with d.db.tx(d.workspace) as tx:
        reward = (await ledger.rewards(tx, advocate_id=advocate_id()))[0]
        await ledger.reverse_reward(tx, reward.id, 50_000, "refund:1", "Refunded in part.", "honeyguide", d.now)
    d.now += timedelta(seconds=1)
    await d.order(1, 200_000)
    d.server.faults.append("refuse")
    await d.once()
    assert (await d.line()).state == "refused"
    async with d.db.tx(d.workspace) as tx:
        assert (await ledger.owed(tx, advocate_id(), "EUR"), await balance(tx, "available")) == (50_000, 200_000)
