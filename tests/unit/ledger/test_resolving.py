"""A payment nobody knows the end of: asked again under its key, given up by two persons, never paid twice unseen."""

from collections import deque
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict, Forbidden, NotFound
from honeyguide.db import Tx
from honeyguide.ledger import disbursement_rows as lines
from honeyguide.ledger import resolving
from honeyguide.ledger.disbursement_rows import Disbursement
from tests.unit.ledger.books import FINN, NOOR, assert_sound, balance
from tests.unit.ledger.test_disburse import Desk
from tests.unit.ledger.test_disburse import desk as desk  # a fixture


@pytest.fixture
def silent(desk: Callable[[str], Desk]) -> Desk:
    """A desk whose provider pays and never says so, nor shows it when it is looked up."""
    made = desk("stripe_transfer")
    made.server.faults = deque(["lost"] * 40)
    made.server.read = lambda *_: (500, {}, {"error": "down"})  # type: ignore[method-assign]
    return made


async def exhausted(desk: Desk) -> Disbursement:
    """The payment once every try is used up: a day and more later."""
    await desk.set_up()
    await desk.order()
    await desk.work(60)
    line = await desk.line()
    assert line.state == "unknown"
    assert "Look it up" in line.problem
    return line


async def line_of(tx: Tx) -> Disbursement:
    return (await lines.page(tx, None, None, None, 10))[0]


def ask_of(line: Disbursement, minor: int = 0) -> ledger.GiveUpAsk:
    return ledger.GiveUpAsk(line.id, line.advocate_id, minor or line.amount_minor, line.currency)


async def test_asked_again_under_its_key_it_is_found_paid(silent: Desk) -> None:
    line = await exhausted(silent)
    silent.server.faults.clear()
    del silent.server.read  # the provider is up again
    async with silent.db.tx(silent.workspace) as tx:
        await resolving.ask_again(tx, line.id, FINN, silent.now)
        await resolving.ask_again(tx, line.id, FINN, silent.now)
    await silent.work(2)
    assert (await silent.line()).state == "paid"
    assert len(silent.server.orders) == 1
    async with silent.db.tx(silent.workspace) as tx:
        assert await balance(tx, "paid") == line.amount_minor
        await assert_sound(tx)
        with pytest.raises(Conflict, match="not asked for again"):
            await resolving.ask_again(tx, line.id, FINN, silent.now)


async def test_two_persons_give_it_up_and_what_the_provider_did_is_told(silent: Desk) -> None:
    line = await exhausted(silent)
    async with silent.db.tx(silent.workspace) as tx:
        made = await ledger.propose(tx, ask_of(line), "stuck 1", "Stripe support says no.", FINN, silent.now)
        with pytest.raises(Forbidden):
            await ledger.confirm(tx, made.id, FINN, silent.now)
        assert await balance(tx, "paid") == 0
        await ledger.confirm(tx, made.id, NOOR, silent.now)
        await ledger.confirm(tx, made.id, NOOR, silent.now)
        assert (await line_of(tx)).state == "cancelled"
        (reward,) = await ledger.rewards(tx)
        assert (reward.state, await balance(tx, "available")) == ("payable", line.amount_minor)
        await assert_sound(tx)
    before = len(silent.server.orders)
    silent.server.faults.clear()
    del silent.server.read
    await silent.work(30)  # it had paid after all
    told = await silent.line()
    assert told.state == "cancelled"
    assert "Do not pay it again" in told.problem
    assert len(silent.server.orders) == before == 1


async def test_no_one_gives_up_what_may_still_be_paid(silent: Desk) -> None:
    await silent.set_up()
    await silent.order()
    await silent.work(2)
    line = await silent.line()
    assert line.state == "unknown"
    async with silent.db.tx(silent.workspace) as tx:
        with pytest.raises(Conflict, match="too early"):
            await ledger.propose(tx, ask_of(line), "early", "Impatient.", FINN, silent.now)
        later = silent.now + timedelta(days=2)
        with pytest.raises(BadInput, match="not this payment"):
            await ledger.propose(tx, ask_of(line, line.amount_minor - 1), "other", "Less.", FINN, later)
        with pytest.raises(NotFound):
            await resolving.ask_again(tx, UUID(int=9), FINN, later)


async def test_a_payment_that_is_settled_meanwhile_is_not_given_up(silent: Desk) -> None:
    line = await exhausted(silent)
    async with silent.db.tx(silent.workspace) as tx:
        made = await ledger.propose(tx, ask_of(line), "stuck 2", "Nobody knows.", FINN, silent.now)
    silent.server.faults.clear()
    del silent.server.read
    await silent.work(40)
    async with silent.db.tx(silent.workspace) as tx:
        assert (await line_of(tx)).state == "paid"
        with pytest.raises(Conflict, match="cannot be given up"):
            await ledger.confirm(tx, made.id, NOOR, silent.now)
        await assert_sound(tx)
