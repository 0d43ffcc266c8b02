"""A second person: whoever gives money away by hand does not do it alone"""

import pytest

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict, Forbidden
from honeyguide.db import Database, Tx
from honeyguide.ledger import AdjustmentAsk, BudgetAsk, LineAsk, RewardAsk, WriteOffAsk
from tests.money_rules import rule
from tests.money_rules.ground import at_once
from tests.unit.ledger.books import (
    AT,
    FINN,
    LATER,
    MARA,
    NOOR,
    OFFER,
    PROGRAM,
    add_advocate,
    advocate_id,
    balance,
    paid,
)

BUDGET = BudgetAsk(PROGRAM, 5_000, "EUR")
BONUS = RewardAsk(advocate_id(), PROGRAM, OFFER, "commission", "Thank you", 700, "EUR")


@rule("MR-290", "Money for a budget is proposed by one person and confirmed by another; until then nothing moves.")
async def test_budgets_need_two(tx: Tx) -> None:
    made = await ledger.propose(tx, BUDGET, "b-2026", "Spring.", FINN, AT)
    assert await balance(tx, "budget") == 0
    with pytest.raises(Forbidden):
        await ledger.confirm(tx, made.id, FINN, AT)
    await ledger.confirm(tx, made.id, NOOR, AT)
    await ledger.confirm(tx, made.id, NOOR, AT)
    assert await balance(tx, "budget") == 5_000


@rule("MR-291", "A proposal is confirmed once, whoever confirms at the same moment.")
async def test_confirmed_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await ledger.propose(tx, BUDGET, "b-2026", "Spring.", FINN, AT)
    await at_once(db, workspace, lambda tx, n: ledger.confirm(tx, made.id, f"p{n}@host.example", AT))
    async with db.tx(workspace) as tx:
        assert await balance(tx, "budget") == 5_000


@rule("MR-292", "The same proposal sent again is one; another one under its key is refused.")
async def test_a_proposal_is_one(tx: Tx) -> None:
    first = await ledger.propose(tx, BUDGET, "k", "Spring.", FINN, AT)
    assert (await ledger.propose(tx, BUDGET, "k", "Spring.", FINN, AT)).id == first.id
    with pytest.raises(Conflict):
        await ledger.propose(tx, BudgetAsk(PROGRAM, 5_001, "EUR"), "k", "Spring.", FINN, AT)


@rule("MR-293", "A reward that no conversion earned needs the same two people and waits like every other.")
async def test_manual_rewards(tx: Tx) -> None:
    await add_advocate(tx)
    made = await ledger.propose(tx, BONUS, "thanks", "For the talk.", FINN, AT)
    assert await ledger.rewards(tx) == []
    await ledger.confirm(tx, made.id, NOOR, AT)
    (reward,) = await ledger.rewards(tx)
    assert (reward.state, reward.reason) == ("held", "For the talk.")
    with pytest.raises(Forbidden):
        await ledger.approve_reward(tx, reward.id, FINN, LATER)


@rule("MR-294", "Nobody confirms a proposal that pays them.")
async def test_not_ones_own_bonus(tx: Tx) -> None:
    await add_advocate(tx, email=NOOR)
    made = await ledger.propose(tx, BONUS, "thanks", "For the talk.", FINN, AT)
    with pytest.raises(Forbidden):
        await ledger.confirm(tx, made.id, NOOR, AT)
    assert await ledger.rewards(tx) == []


@rule("MR-295", "What was turned down is not confirmed afterwards, and both need a reason.")
async def test_turned_down(tx: Tx) -> None:
    with pytest.raises(BadInput):
        await ledger.propose(tx, BUDGET, "k", "  ", FINN, AT)
    made = await ledger.propose(tx, BUDGET, "k", "Spring.", FINN, AT)
    with pytest.raises(BadInput):
        await ledger.reject(tx, made.id, NOOR, " ", AT)
    await ledger.reject(tx, made.id, NOOR, "Not this year.", AT)
    with pytest.raises(Conflict):
        await ledger.confirm(tx, made.id, MARA, AT)
    assert await balance(tx, "budget") == 0


@rule("MR-296", "Giving up what an advocate owes takes two people and never more than is owed.")
async def test_write_offs(tx: Tx) -> None:
    await add_advocate(tx)
    payout = await paid(tx, 0, 1_000)
    (reward,) = (await ledger.payout(tx, payout.id)).rewards
    await ledger.reverse_reward(tx, reward.id, None, "re_1", "Refunded.", FINN, LATER)
    much = await ledger.propose(tx, WriteOffAsk(advocate_id(), PROGRAM, 1_001, "EUR"), "w1", "Let it go.", FINN, LATER)
    with pytest.raises(Conflict):
        await ledger.confirm(tx, much.id, NOOR, LATER)
    made = await ledger.propose(tx, WriteOffAsk(advocate_id(), PROGRAM, 1_000, "EUR"), "w2", "Let it go.", FINN, LATER)
    await ledger.confirm(tx, made.id, NOOR, LATER)
    assert await ledger.owed(tx, advocate_id(), "EUR") == 0


@rule("MR-297", "A correction by hand touches no advocate's earned or paid money, and sums to zero.")
@pytest.mark.parametrize("kind", ["held", "available", "in_payout", "paid"])
async def test_corrections_touch_no_rewards(tx: Tx, kind: str) -> None:
    lines = (LineAsk("expense", "program:1", "EUR", -5), LineAsk(kind, f"advocate:{advocate_id()}", "EUR", 5))
    with pytest.raises(BadInput):
        await ledger.propose(tx, AdjustmentAsk(lines), "a", "A correction.", FINN, AT)
    uneven = (LineAsk("expense", "program:1", "EUR", -5), LineAsk("budget", "program:1", "EUR", 6))
    with pytest.raises(BadInput):
        await ledger.propose(tx, AdjustmentAsk(uneven), "b", "A correction.", FINN, AT)
