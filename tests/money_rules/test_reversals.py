"""Refunds and disputes: money goes back in part or whole, before the payout and after it, and never twice"""

import pytest

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict, HoneyguideError
from honeyguide.core.money import Money
from honeyguide.db import Database, Tx
from tests.money_rules import rule
from tests.money_rules.ground import at_once, state
from tests.unit.ledger.books import (
    AT,
    FINN,
    LATER,
    NOOR,
    PROGRAM,
    add_advocate,
    advocate_id,
    approved,
    balance,
    issued,
    paid,
    requested,
)


async def back(tx: Tx, reward: ledger.Reward, minor: int | None, key: str = "re_1") -> ledger.Reversal:
    return await ledger.reverse_reward(tx, reward.id, minor, key, "The order was refunded.", FINN, LATER)


async def the_paid(tx: Tx, n: int = 0, minor: int = 1_000) -> ledger.Reward:
    await add_advocate(tx)
    payout = await paid(tx, n, minor)
    (made,) = (await ledger.payout(tx, payout.id)).rewards
    return made


@rule("MR-250", "A refund of a part takes back that part; what is left goes on.")
async def test_a_part(tx: Tx) -> None:
    made = await issued(tx, 0, 1_000)
    await back(tx, made, 300)
    left = await ledger.reward(tx, made.id)
    assert (left.state, left.amount_minor, await balance(tx, "held")) == ("held", 700, 700)


@rule("MR-251", "A refund has a key for ever: told again it takes nothing more, with another amount it is refused.")
async def test_a_refund_is_one(tx: Tx) -> None:
    made = await issued(tx, 0, 1_000)
    for _ in range(3):
        await back(tx, made, 300)
    with pytest.raises(Conflict):
        await back(tx, made, 301)
    assert await balance(tx, "held") == 700


@rule("MR-252", "However many refunds there are, they never take back more than was earned.")
async def test_never_more_than_earned(tx: Tx) -> None:
    made = await issued(tx, 0, 1_000)
    taken = [(await back(tx, made, 400, f"re_{n}")).taken_minor for n in range(4)]
    assert taken == [400, 400, 200, 0]
    assert (await balance(tx, "held"), await balance(tx, "expense")) == (0, 0)


@rule("MR-253", "Refunds that come at the same moment take back their sum, and no more than was earned.")
async def test_refunds_are_not_raced(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await issued(tx, 0, 1_000)
    await at_once(db, workspace, lambda tx, n: back(tx, made, 300, f"re_{n}"), 6)
    async with db.tx(workspace) as tx:
        assert (await state(tx, made.id), await balance(tx, "held")) == ("reversed", 0)


@rule("MR-254", "A refund after the payout is not forgotten: the advocate owes it from then on.")
async def test_owed_after_payout(tx: Tx) -> None:
    made = await the_paid(tx)
    said = await back(tx, made, None)
    assert (said.clawed_minor, await ledger.owed(tx, advocate_id(), "EUR")) == (1_000, 1_000)
    assert (await ledger.reward(tx, made.id)).state == "reversed"


@rule("MR-255", "What an advocate owes is kept back from the next payout, once and to the cent.")
async def test_the_next_payout_keeps_it_back(tx: Tx) -> None:
    await back(tx, await the_paid(tx), 400)
    following = await approved(tx, 1, 1_000)
    payout = await ledger.request_payout(tx, [following.id], "manual", FINN, LATER)
    assert (payout.total_minor, await ledger.owed(tx, advocate_id(), "EUR")) == (600, 0)
    third = await approved(tx, 2, 500)
    assert (await ledger.request_payout(tx, [third.id], "manual", FINN, LATER)).total_minor == 500


@rule(
    "MR-256",
    "A debt is carried over as many rewards as it takes: what is earned meanwhile is set off, and nobody is paid a negative sum.",
)
async def test_a_debt_is_carried(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await back(tx, await the_paid(tx), None)
    for n, left in ((1, 600), (2, 200)):
        async with db.tx(workspace) as tx:
            small = await approved(tx, n, 400)
        with pytest.raises(HoneyguideError):
            async with db.tx(workspace) as tx:
                await ledger.request_payout(tx, [small.id], "manual", FINN, LATER)
        async with db.tx(workspace) as tx:
            await ledger.settle_owed(tx, advocate_id(), "EUR", FINN, LATER)
            assert (await ledger.owed(tx, advocate_id(), "EUR"), await balance(tx, "available")) == (left, 0)
    async with db.tx(workspace) as tx:
        big = await approved(tx, 3, 1_000)
        assert (await ledger.request_payout(tx, [big.id], "manual", FINN, LATER)).total_minor == 800


@rule("MR-257", "A debt in one currency takes nothing from what is earned in another.")
async def test_debts_keep_their_currency(tx: Tx) -> None:
    await back(tx, await the_paid(tx), None)
    dollars = await approved(tx, 1, 700, currency="USD")
    payout = await ledger.request_payout(tx, [dollars.id], "manual", FINN, LATER)
    assert (payout.total_minor, await ledger.owed(tx, advocate_id(), "EUR")) == (700, 1_000)


@rule("MR-258", "One advocate's debt is never taken from another's reward.")
async def test_debts_are_personal(tx: Tx) -> None:
    await back(tx, await the_paid(tx), None)
    await add_advocate(tx, 1, email="bo@customer.example")
    other = await approved(tx, 1, 700, advocate=1)
    assert (await ledger.request_payout(tx, [other.id], "manual", FINN, LATER)).total_minor == 700


@rule(
    "MR-259", "A refund while the money is under way does not call it back: it is owed, and the books say where it is."
)
async def test_refund_in_payout(tx: Tx) -> None:
    await add_advocate(tx)
    payout = await requested(tx, 0, 1_000)
    (made,) = (await ledger.payout(tx, payout.id)).rewards
    said = await back(tx, made, 400)
    assert (said.taken_minor, said.clawed_minor) == (400, 400)
    assert await ledger.owed(tx, advocate_id(), "EUR") == 400


@rule("MR-260", "Nothing is taken back without a reason and a key, and never a negative amount.")
@pytest.mark.parametrize(("minor", "key", "reason"), [(0, "k", "r"), (-5, "k", "r"), (5, "", "r"), (5, "k", " ")])
async def test_no_nameless_reversal(tx: Tx, minor: int, key: str, reason: str) -> None:
    made = await issued(tx, 0, 1_000)
    with pytest.raises(BadInput):
        await ledger.reverse_reward(tx, made.id, minor, key, reason, FINN, LATER)


@rule("MR-261", "While a bank or customer disputes a sale, its reward is neither approved nor paid.")
async def test_a_dispute_freezes(tx: Tx) -> None:
    await add_advocate(tx)
    held, ready = await issued(tx, 0, 1_000), await approved(tx, 1, 1_000)
    for made in (held, ready):
        await ledger.open_dispute(tx, made.id, "dp_1", "The card's owner says no.", FINN, LATER)
    with pytest.raises(Conflict):
        await ledger.approve_reward(tx, held.id, FINN, LATER, reason="Please.")
    with pytest.raises(Conflict):
        await ledger.request_payout(tx, [ready.id], "manual", FINN, LATER)


@rule("MR-262", "A dispute that is won lets the reward go on as it was; one that is lost takes all of it back.")
@pytest.mark.parametrize(("outcome", "left"), [("won", 1_000), ("lost", 0)])
async def test_a_dispute_ends(tx: Tx, outcome: str, left: int) -> None:
    made = await issued(tx, 0, 1_000)
    await ledger.open_dispute(tx, made.id, "dp_1", "The card's owner says no.", FINN, LATER)
    for _ in range(2):
        await ledger.close_dispute(tx, made.id, "dp_1", outcome, FINN, LATER)
    assert (await balance(tx, "held"), (await ledger.reward(tx, made.id)).disputed) == (left, False)


@rule("MR-263", "A dispute that was lost is not won afterwards.")
async def test_a_dispute_has_one_end(tx: Tx) -> None:
    made = await issued(tx, 0, 1_000)
    await ledger.open_dispute(tx, made.id, "dp_1", "No.", FINN, LATER)
    await ledger.close_dispute(tx, made.id, "dp_1", "lost", FINN, LATER)
    with pytest.raises(Conflict):
        await ledger.close_dispute(tx, made.id, "dp_1", "won", FINN, LATER)


@rule("MR-264", "A refund and a lost dispute of the same sale together take back the reward once.")
async def test_refund_and_dispute(tx: Tx) -> None:
    made = await the_paid(tx)
    await back(tx, made, 1_000)
    await ledger.open_dispute(tx, made.id, "dp_1", "No.", FINN, LATER)
    await ledger.close_dispute(tx, made.id, "dp_1", "lost", FINN, LATER)
    assert await ledger.owed(tx, advocate_id(), "EUR") == 1_000


@rule("MR-265", "A partial refund gives that part back to the budget and the cap it came from.")
async def test_limits_get_their_part(tx: Tx) -> None:
    await ledger.fund_budget(tx, "2026", PROGRAM, Money(1_000, "EUR"), NOOR, AT)
    made = await issued(tx, 0, 1_000, cap_minor=1_000)
    await back(tx, made, 250)
    assert await balance(tx, "budget") == 250
    await issued(tx, 1, 250, cap_minor=1_000)


@rule("MR-266", "Every move of a reward is kept with who made it, when and why.")
async def test_the_history(tx: Tx) -> None:
    made = await approved(tx, 0, 1_000)
    await back(tx, made, None)
    moves = await ledger.history(tx, made.id)
    assert moves[0]["became"] == "held"
    assert moves[-1]["became"] == "reversed"
    assert all(m["actor"] for m in moves)
    assert any("refunded" in str(m["reason"]) for m in moves)


@rule("MR-267", "Whatever happens to a reward, every move is one of the legal ones.")
async def test_moves_are_legal(tx: Tx) -> None:
    for made in (await the_paid(tx), await approved(tx, 1, 1_000), await issued(tx, 2, 1_000, review="Look.")):
        await back(tx, made, None, f"re {made.id}")
        for move in await ledger.history(tx, made.id):
            assert move["was"] == move["became"] or ledger.may_move(move["was"], move["became"]), dict(move)
