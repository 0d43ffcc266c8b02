"""Rewards: earned once per rule, role and conversion, and never twice for one win."""

import pytest
from msgspec.structs import replace

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict
from honeyguide.core.money import Money
from honeyguide.db import Database, Tx, audit
from tests.money_rules import rule
from tests.money_rules.ground import TAKEN_BACK, at_once, state, transfers
from tests.unit.ledger.books import AT, FINN, LATER, add_advocate, advocate_id, balance, earned, issued


@rule("MR-020", "One conversion earns one reward per rule and role, however often it is told.")
async def test_one_reward_per_conversion(tx: Tx) -> None:
    first = await issued(tx)
    for _ in range(3):
        assert (await issued(tx)).id == first.id
    assert (len(await ledger.rewards(tx)), await balance(tx, "held")) == (1, 150_000)


@rule("MR-021", "The two sides of a referral are two rewards: each role is paid once, neither stands for the other.")
async def test_each_role_once(tx: Tx) -> None:
    for role in ("advocate", "friend", "advocate", "friend"):
        await ledger.issue_reward(tx, replace(earned(0, 1_000), role=role), AT)
    assert sorted(r.role for r in await ledger.rewards(tx)) == ["advocate", "friend"]
    assert await balance(tx, "held") == 2_000


@rule("MR-022", "Two rules may reward the same conversion; each of them does so once.")
async def test_each_rule_once(tx: Tx) -> None:
    for name in ("win", "first-of-the-year", "win"):
        await ledger.issue_reward(tx, replace(earned(0, 1_000), rule=name), AT)
    assert await balance(tx, "held") == 2_000


@rule("MR-023", "A reward that stands is not issued again with another amount; the refusal says what stands.")
async def test_the_amount_stays(tx: Tx) -> None:
    await issued(tx, 0, 150_000)
    with pytest.raises(Conflict) as refused:
        await issued(tx, 0, 150_001)
    assert "1,500" in refused.value.detail
    assert await balance(tx, "held") == 150_000


@rule(
    "MR-024", "A reward that stands is not issued again to somebody else: moving credit is a decision, never an edit."
)
async def test_the_advocate_stays(tx: Tx) -> None:
    first = await issued(tx)
    with pytest.raises(Conflict):
        await issued(tx, advocate=1)
    assert (await ledger.reward(tx, first.id)).advocate_id == advocate_id(0)


@rule("MR-025", "Told by several processes at once, a conversion earns once.")
async def test_concurrent_duplicates_are_one(db: Database, workspace: int) -> None:
    made, refused = await at_once(db, workspace, lambda tx, _: issued(tx), 8)
    assert ({r.id for r in made} | set(), refused) == ({made[0].id}, [])
    async with db.tx(workspace) as tx:
        assert await balance(tx, "held") == 150_000
        assert await transfers(tx) == 1


@rule("MR-026", "Nobody earns less than nothing.")
async def test_no_negative_reward(tx: Tx) -> None:
    with pytest.raises(BadInput):
        await issued(tx, 0, -1)
    assert await ledger.rewards(tx) == []


@rule("MR-027", "A reward without money, such as access to a beta, moves none.")
async def test_no_money_no_transfer(tx: Tx) -> None:
    made = await issued(tx, 0, 0, incentive="beta_access")
    await ledger.approve_reward(tx, made.id, FINN, LATER)
    assert await transfers(tx) == 0


@rule("MR-028", "What was earned waits first: no reward is born payable.")
async def test_a_reward_waits(tx: Tx) -> None:
    made = await issued(tx)
    assert made.state == "held"
    with pytest.raises(Conflict):
        await ledger.request_payout(tx, [made.id], "manual", FINN, LATER)


@rule("MR-029", "Every reward says in words what it is for, and its issue is in the audit trail.")
async def test_a_reward_says_why(tx: Tx) -> None:
    made = await issued(tx)
    assert made.reason == "The deal was won."
    assert [e["action"] for e in await audit.about(tx, f"reward:{made.id}")][:1] == ["reward.issued"]


@rule("MR-030", "A reward that was taken back stays taken back when its conversion is told again.")
async def test_taken_back_is_not_revived(tx: Tx) -> None:
    made = await issued(tx)
    await ledger.void_reward(tx, made.id, FINN, "The order was cancelled.", LATER)
    again = await issued(tx)
    assert (again.id, again.state in TAKEN_BACK, await balance(tx, "held")) == (made.id, True, 0)


@rule("MR-031", "Taking a reward back gives its money back to where it came from, to the cent.")
async def test_taken_back_goes_home(tx: Tx) -> None:
    made = await issued(tx)
    await ledger.void_reward(tx, made.id, FINN, "Refunded.", LATER)
    assert (await balance(tx, "held"), await balance(tx, "expense")) == (0, 0)


@rule("MR-032", "Taking a reward back twice takes it back once.")
async def test_taken_back_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await issued(tx)
        await issued(tx, 1)
    await at_once(db, workspace, lambda tx, _: ledger.void_reward(tx, made.id, FINN, "Refunded.", LATER))
    async with db.tx(workspace) as tx:
        assert (await state(tx, made.id) in TAKEN_BACK, await balance(tx, "held")) == (True, 150_000)
        assert (await ledger.verify(tx)).ok


@rule("MR-033", "Nobody takes a reward back without saying why: the advocate will read it.")
@pytest.mark.parametrize("reason", ["", "  \t"])
async def test_taking_back_needs_a_reason(tx: Tx, reason: str) -> None:
    made = await issued(tx)
    with pytest.raises(BadInput):
        await ledger.void_reward(tx, made.id, FINN, reason, LATER)
    assert await state(tx, made.id) == "held"


@rule("MR-034", "A reward in an approved state can still be taken back before it is paid.")
async def test_approved_is_taken_back(tx: Tx) -> None:
    made = await issued(tx)
    await ledger.approve_reward(tx, made.id, FINN, LATER)
    await ledger.void_reward(tx, made.id, FINN, "Refunded.", LATER)
    assert (await balance(tx, "available"), await balance(tx, "expense")) == (0, 0)


@rule("MR-035", "A reward keeps the currency it was earned in.")
async def test_the_currency_stays(tx: Tx) -> None:
    dollars = await issued(tx, 0, 100, currency="USD")
    with pytest.raises(Conflict):
        await ledger.issue_reward(tx, replace(earned(0, 100), money=Money(100, "EUR")), AT)
    assert ((await ledger.reward(tx, dollars.id)).currency, await balance(tx, "held", currency="EUR")) == ("USD", 0)


@rule("MR-036", "One advocate's rewards never stand in another's account.")
async def test_accounts_are_personal(tx: Tx) -> None:
    await add_advocate(tx, 0)
    await add_advocate(tx, 1, email="bo@customer.example")
    await issued(tx, 0, 300)
    await issued(tx, 1, 500, advocate=1)
    assert await balance(tx, "held", f"advocate:{advocate_id(0)}") == 300
    assert await balance(tx, "held", f"advocate:{advocate_id(1)}") == 500
