"""Time: parts that fall due, conditions that are not met yet, claims that come too late"""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict
from honeyguide.core.money import Money
from honeyguide.db import Tx
from honeyguide.ledger import Cap, Part
from tests.money_rules import rule
from tests.money_rules.ground import state
from tests.unit.ledger.books import AT, FINN, LATER, NOOR, PROGRAM, add_advocate, balance, earned

YEARS = tuple(Part(n + 1, AT + timedelta(days=365 * n), 1_000 + n) for n in range(3))


def on(day: float) -> datetime:
    return AT + timedelta(days=day)


async def three_years(tx: Tx) -> list[ledger.Reward]:
    await add_advocate(tx)
    return await ledger.issue_parts(tx, replace(earned(0, 3_003), parts=YEARS), AT)


@rule("MR-270", "A deal over several years earns in parts, each of them once, and together exactly the whole.")
async def test_parts_are_the_whole(tx: Tx) -> None:
    made = await three_years(tx)
    again = await ledger.issue_parts(tx, replace(earned(0, 3_003), parts=YEARS), on(400))
    assert [r.id for r in again] == [r.id for r in made]
    assert (sum(r.amount_minor for r in made), len({r.business_key for r in made}), await balance(tx, "held")) == (
        3_003,
        3,
        3_003,
    )


@rule("MR-271", "Parts that do not add up to the whole are refused.")
@pytest.mark.parametrize("parts", [YEARS[:2], (*YEARS, Part(4, AT, 1)), (YEARS[0], YEARS[0], YEARS[2])])
async def test_parts_add_up(tx: Tx, parts: tuple[Part, ...]) -> None:
    with pytest.raises(BadInput):
        await ledger.issue_parts(tx, replace(earned(0, 3_003), parts=parts), AT)
    assert await ledger.rewards(tx) == []


@rule("MR-272", "A part is not approved before it is due, for no reason; then its hold begins as for any other.")
async def test_parts_fall_due(tx: Tx) -> None:
    first, second, _ = await three_years(tx)
    assert (first.state, second.state) == ("held", "pending")
    with pytest.raises(Conflict):
        await ledger.approve_reward(tx, second.id, FINN, on(300), reason="They are good customers.")
    await ledger.advance(tx, on(365))
    assert await state(tx, second.id) == "held"


@rule(
    "MR-273", "When a customer leaves, the parts that are not due are taken back, and those that were paid stay paid."
)
async def test_parts_end_with_the_customer(tx: Tx) -> None:
    first, *rest = await three_years(tx)
    await ledger.approve_reward(tx, first.id, FINN, LATER)
    payout = await ledger.request_payout(tx, [first.id], "manual", FINN, LATER)
    await ledger.approve_payout(tx, payout.id, NOOR, LATER)
    await ledger.mark_paid(tx, payout.id, FINN, "SEPA 1", LATER)
    for part in rest:
        await ledger.reverse_reward(tx, part.id, None, "churn", "The customer left.", FINN, on(200))
    assert (await balance(tx, "paid"), await balance(tx, "held")) == (1_000, 0)


@rule("MR-274", "A reward that waits for a condition waits however long it takes, and says what for.")
async def test_conditions_wait(tx: Tx) -> None:
    made = await ledger.issue_reward(tx, replace(earned(), pending_for="The deal is signed, not paid."), AT)
    await ledger.advance(tx, on(900))
    assert await state(tx, made.id) == "pending"
    with pytest.raises(Conflict) as refused:
        await ledger.approve_reward(tx, made.id, FINN, on(900), reason="Please.")
    assert "not paid" in refused.value.detail
    await ledger.condition_met(tx, made.id, FINN, "Paid.", on(901))
    assert await state(tx, made.id) == "held"


@rule("MR-275", "What nobody claims in time expires, and its money goes back to where it came from.")
async def test_unclaimed_expires(tx: Tx) -> None:
    await ledger.fund_budget(tx, "b", PROGRAM, Money(150_000, "EUR"), NOOR, AT)
    made = await ledger.issue_reward(tx, replace(earned(), expires_at=on(90)), AT)
    await ledger.advance(tx, on(89))
    assert await state(tx, made.id) == "held"
    await ledger.advance(tx, on(91))
    assert (await state(tx, made.id), await balance(tx, "budget")) == ("expired", 150_000)


@rule("MR-276", "What was claimed in time does not expire; a claim that comes too late revives nothing.")
async def test_claims(tx: Tx) -> None:
    claimed = await ledger.issue_reward(tx, replace(earned(0), expires_at=on(90)), AT)
    late = await ledger.issue_reward(tx, replace(earned(1), expires_at=on(90)), AT)
    await ledger.claim_reward(tx, claimed.id, "ana@customer.example", on(10))
    await ledger.advance(tx, on(200))
    with pytest.raises(Conflict):
        await ledger.claim_reward(tx, late.id, "ana@customer.example", on(201))
    assert (await state(tx, claimed.id), await state(tx, late.id)) == ("held", "expired")


@rule("MR-277", "Time does what it does once: letting the same day pass again changes nothing.")
async def test_time_is_idempotent(tx: Tx) -> None:
    await three_years(tx)
    await ledger.issue_reward(tx, replace(earned(7), expires_at=on(90)), AT)
    await ledger.advance(tx, on(400))
    before = [(r.id, r.state) for r in await ledger.rewards(tx)]
    said = await ledger.advance(tx, on(400))
    assert (said.due, said.payable, said.expired) == (0, 0, 0)
    assert [(r.id, r.state) for r in await ledger.rewards(tx)] == before


@rule("MR-278", "A cap for a month is full when the month's money is gone, and open again in the next one.")
async def test_monthly_caps(tx: Tx) -> None:
    monthly = (Cap("program:1", 1_000, "month"),)
    await ledger.issue_reward(tx, replace(earned(0, 800), caps=monthly), AT)
    with pytest.raises(ledger.OverFloor):
        await ledger.issue_reward(tx, replace(earned(1, 300), caps=monthly), on(20))
    await ledger.issue_reward(tx, replace(earned(2, 300), caps=monthly), on(31))
    assert await balance(tx, "held") == 1_100


@rule(
    "MR-279", "Where a program says so, the part of a reward that still fits is earned, and the reason tells both sums."
)
async def test_the_part_that_fits(tx: Tx) -> None:
    part = replace(earned(0, 1_000), caps=(Cap("program:1", 600),), capped_ok=True)
    made = await ledger.issue_reward(tx, part, AT)
    assert (made.amount_minor, made.wanted_minor, "€6" in made.reason, "€10" in made.reason) == (600, 1_000, True, True)
    nothing = await ledger.issue_reward(tx, replace(earned(1, 500), caps=(Cap("program:1", 600),), capped_ok=True), AT)
    assert (nothing.state, nothing.amount_minor, await balance(tx, "held")) == ("capped", 0, 600)


@rule("MR-280", "Where a program pays all or nothing, a reward that does not fit whole is capped and draws nothing.")
async def test_all_or_nothing(tx: Tx) -> None:
    whole = replace(earned(0, 1_000), caps=(Cap("program:1", 999),), capped_ok=True, cap_policy="all_or_nothing")
    made = await ledger.issue_reward(tx, whole, AT)
    assert (made.state, made.amount_minor, await balance(tx, "held")) == ("capped", 0, 0)
    await ledger.issue_reward(tx, replace(earned(1, 999), caps=(Cap("program:1", 999),)), AT)


@rule("MR-281", "What is capped is final: it is not approved, paid or revived when money comes in.")
async def test_capped_is_final(tx: Tx) -> None:
    no = replace(earned(0, 1_000), caps=(Cap("program:1", 10),), capped_ok=True, cap_policy="all_or_nothing")
    made = await ledger.issue_reward(tx, no, AT)
    with pytest.raises(Conflict):
        await ledger.approve_reward(tx, made.id, FINN, LATER, reason="Please.")
    assert (await ledger.issue_reward(tx, no, LATER)).state == "capped"


@rule("MR-282", "What will have to be paid is forecast by month from what stands in the books, and adds up to it.")
async def test_liability(tx: Tx) -> None:
    await three_years(tx)
    await ledger.issue_reward(tx, earned(7, 500, review="Look."), AT)
    seen = await ledger.liability(tx, AT, 2_000)
    assert seen.total_minor == {"EUR": await balance(tx, "held")} == {"EUR": 3_503}
    assert sum(m.at_risk_minor for m in seen.months) == 500
    assert [m.month for m in seen.months] == sorted({m.month for m in seen.months})


@rule("MR-283", "Forecasting changes nothing.")
async def test_liability_reads(tx: Tx) -> None:
    await three_years(tx)
    before = (await ledger.verify(tx)).transfers
    for day in (0, 400, 4_000):
        await ledger.liability(tx, on(day))
    assert ((await ledger.verify(tx)).transfers, {r.state for r in await ledger.rewards(tx)}) == (
        before,
        {"held", "pending"},
    )


@rule("MR-284", "Approved is not payable while the hold runs: a payout takes it when the hold is over, by itself.")
async def test_payable_after_the_hold(tx: Tx) -> None:
    await add_advocate(tx)
    made = await ledger.issue_reward(tx, earned(), AT)
    early = await ledger.approve_reward(tx, made.id, FINN, on(5), keep_hold=True)
    assert early.state == "approved"
    with pytest.raises(Conflict):
        await ledger.request_payout(tx, [made.id], "manual", FINN, on(29))
    await ledger.advance(tx, on(31))
    assert await state(tx, made.id) == "payable"
