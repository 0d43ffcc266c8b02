"""Taking back, disputes, parts, caps and time: each in the smallest story that shows it."""

from datetime import timedelta

import asyncpg
import pytest

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict, Forbidden
from honeyguide.core.money import Money
from honeyguide.db import Database
from tests.unit.ledger.books import (
    AT,
    FINN,
    HELD_UNTIL,
    LATER,
    MARA,
    NOOR,
    PROGRAM,
    add_advocate,
    advocate_id,
    approved,
    assert_sound,
    balance,
    earned,
    issued,
    paid,
    requested,
)


async def test_a_refund_after_the_payout_is_kept_back_from_the_next_one(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        first = (await ledger.payout(tx, (await paid(tx, 1)).id)).rewards[0]
        done = await ledger.reverse_reward(tx, first.id, 60_000, "refund:1", "Half was refunded.", FINN, LATER)
        assert (done.taken_minor, done.clawed_minor, done.reward.state) == (60_000, 60_000, "paid")
        again = await ledger.reverse_reward(tx, first.id, 60_000, "refund:1", "Half was refunded.", FINN, LATER)
        assert again.repeated
        assert await ledger.owed(tx, advocate_id(), "EUR") == 60_000
        payout = await requested(tx, 2)
        assert payout.total_minor == 90_000
        assert (await balance(tx, "owed"), await balance(tx, "in_payout")) == (0, 90_000)
        await ledger.cancel_payout(tx, payout.id, FINN, "Wrong month.", LATER)
        assert await ledger.owed(tx, advocate_id(), "EUR") == 60_000, "what was not paid was not kept back either"
        await assert_sound(tx)


async def test_what_the_debt_eats_whole_is_set_off_without_a_payout(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        first = (await ledger.payout(tx, (await paid(tx, 1)).id)).rewards[0]
        await ledger.reverse_reward(tx, first.id, None, "refund:1", "Refunded.", FINN, LATER)
        small, large = await approved(tx, 2, 40_000), await approved(tx, 3, 120_000)
        with pytest.raises(Conflict, match="nothing to pay"):
            await ledger.request_payout(tx, [small.id], "manual", FINN, LATER)
        settled = await ledger.settle_owed(tx, advocate_id(), "EUR", FINN, LATER)
        assert {r.id for r in settled} in ({small.id}, {large.id})
        rest = large if settled[0].id == small.id else small
        assert (settled[0].state, settled[0].pay_minor, settled[0].payout_id) == ("paid", 0, None)
        assert await ledger.owed(tx, advocate_id(), "EUR") == 150_000 - settled[0].amount_minor
        assert (await ledger.reward(tx, rest.id)).state == "payable"
        await assert_sound(tx)


async def test_refunds_never_exceed_the_reward(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        reward = await issued(tx, 1, cap_minor=200_000)
        for n, (asked, taken) in enumerate([(100_000, 100_000), (100_000, 50_000), (100_000, 0), (None, 0)]):
            done = await ledger.reverse_reward(tx, reward.id, asked, f"r{n}", "Refunded.", FINN, AT)
            assert done.taken_minor == taken
        assert (await ledger.reward(tx, reward.id)).state == "reversed"
        assert await balance(tx, "allowance") == 0, "what was taken back counts against no cap"
        for key, minor in (("", 5), ("@void", 5), ("k" * 201, 5), ("k", 0), ("k", -5)):
            with pytest.raises(BadInput):
                await ledger.reverse_reward(tx, reward.id, minor, key, "Refunded.", FINN, AT)
        with pytest.raises(Conflict, match="took back something else"):
            await ledger.reverse_reward(tx, reward.id, 99, "r0", "Refunded.", FINN, AT)
        await assert_sound(tx)


async def test_a_disputed_reward_is_frozen_and_goes_on_or_back(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        stands, falls = await approved(tx, 1), await approved(tx, 2)
        for reward in (stands, falls):
            await ledger.open_dispute(tx, reward.id, "dp_1", "Charged back.", FINN, LATER)
            with pytest.raises(Conflict, match="cannot be paid out"):
                await ledger.request_payout(tx, [reward.id], "manual", FINN, LATER)
        assert (await ledger.close_dispute(tx, stands.id, "dp_1", "won", FINN, LATER)).state == "payable"
        assert (await ledger.close_dispute(tx, falls.id, "dp_1", "lost", FINN, LATER)).state == "reversed"
        with pytest.raises(Conflict, match="closed as won"):
            await ledger.close_dispute(tx, stands.id, "dp_1", "lost", FINN, LATER)
        await ledger.request_payout(tx, [stands.id], "manual", FINN, LATER)
        await assert_sound(tx)


async def test_parts_wait_for_their_years_and_nobody_claims_for_ever(db: Database, workspace: int) -> None:
    years = [AT, AT + timedelta(days=365), AT + timedelta(days=730)]
    parts = tuple(ledger.Part(n + 1, due, 50_000) for n, due in enumerate(years))
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        made = await ledger.issue_parts(tx, earned(1, parts=parts, expires_at=AT + timedelta(days=800)), AT)
        assert [r.state for r in made] == ["held", "pending", "pending"]
        assert [r.id for r in made] == [r.id for r in await ledger.issue_parts(tx, earned(1, parts=parts), LATER)]
        with pytest.raises(BadInput, match="do not add up"):
            await ledger.issue_reward(tx, earned(2, 1, parts=parts), AT)
        with pytest.raises(Conflict, match="cannot be approved"):
            await ledger.approve_reward(tx, made[1].id, FINN, LATER, reason="Now.")
        kept = await ledger.approve_reward(tx, made[0].id, FINN, AT, keep_hold=True)
        assert kept.state == "approved"
        assert await ledger.advance(tx, HELD_UNTIL) == ledger.Advanced(0, 1, 0)
        assert await ledger.advance(tx, years[1]) == ledger.Advanced(1, 0, 0)
        await ledger.claim_reward(tx, made[0].id, MARA, LATER)
        assert await ledger.advance(tx, AT + timedelta(days=801)) == ledger.Advanced(0, 0, 2)
        assert [(await ledger.reward(tx, r.id)).state for r in made] == ["payable", "expired", "expired"]
        seen = [(m["was"], m["became"]) for m in await ledger.history(tx, made[0].id)]
        assert seen == [("", "held"), ("held", "approved"), ("approved", "payable"), ("payable", "payable")]
        await assert_sound(tx)


async def test_what_no_budget_has_is_capped_and_periods_begin_anew(db: Database, workspace: int) -> None:
    monthly = (ledger.Cap(f"advocate:{advocate_id()}", 100, "month"),)
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        some = await ledger.issue_reward(tx, earned(1, 70, caps=monthly, capped_ok=True), AT)
        part = await ledger.issue_reward(tx, earned(2, 70, caps=monthly, capped_ok=True), AT)
        none = await ledger.issue_reward(tx, earned(3, 70, caps=monthly, capped_ok=True), AT)
        assert [(r.amount_minor, r.state) for r in (some, part, none)] == [(70, "held"), (30, "held"), (0, "capped")]
        assert "Of €0.70, nothing was left" in none.reason
        next_month = await ledger.issue_reward(tx, earned(4, 70, caps=monthly), AT + timedelta(days=31))
        assert next_month.amount_minor == 70
        money = Money(50, "EUR")
        await ledger.fund_budget(tx, "march", PROGRAM, money, NOOR, AT, group_id=3, period="month")
        with pytest.raises(ledger.OverFloor, match="budget"):
            await ledger.issue_reward(tx, earned(5, 60, group_id=3), AT)
        assert (await ledger.issue_reward(tx, earned(5, 60, group_id=3), AT + timedelta(days=31))).amount_minor == 60
        await assert_sound(tx)


async def test_a_second_person_confirms_and_never_who_gains(db: Database, workspace: int) -> None:
    budget = ledger.BudgetAsk(PROGRAM, 5_000, "EUR")
    async with db.tx(workspace) as tx:
        await add_advocate(tx, email=FINN)
        made = await ledger.propose(tx, budget, "k", "For the year.", NOOR, AT)
        assert (await ledger.propose(tx, budget, "k", "For the year.", NOOR, AT)).id == made.id
        with pytest.raises(Conflict, match="proposed something else"):
            await ledger.propose(tx, ledger.BudgetAsk(PROGRAM, 9, "EUR"), "k", "x", NOOR, AT)
        with pytest.raises(Forbidden, match="cannot confirm"):
            await ledger.confirm(tx, made.id, "Noor+two@host.example", AT)
        assert await balance(tx, "budget") == 0
        assert (await ledger.confirm(tx, made.id, FINN, AT)).state == "confirmed"
        await ledger.confirm(tx, made.id, FINN, AT)
        assert await balance(tx, "budget") == 5_000
        gift = ledger.RewardAsk(advocate_id(), PROGRAM, 7, "gift_card", "Thanks", 900, "EUR")
        thanks = await ledger.propose(tx, gift, "thanks", "Spoke at our event.", NOOR, AT)
        with pytest.raises(Forbidden, match="cannot confirm"):
            await ledger.confirm(tx, thanks.id, FINN, AT)
        await ledger.confirm(tx, thanks.id, MARA, AT)
        (reward,) = await ledger.rewards(tx)
        with pytest.raises(Forbidden, match="cannot approve"):
            await ledger.approve_reward(tx, reward.id, NOOR, AT)
        moved = ledger.AdjustmentAsk((ledger.LineAsk("held", "x", "EUR", -5), ledger.LineAsk("expense", "x", "EUR", 5)))
        with pytest.raises(BadInput, match="cannot touch 'held'"):
            await ledger.propose(tx, moved, "steal", "x", NOOR, AT)
        with pytest.raises(Conflict, match="was confirmed"):
            await ledger.reject(tx, made.id, MARA, "No.", AT)
        await assert_sound(tx)


async def test_money_changes_currency_at_the_rate_of_the_day(db: Database, workspace: int) -> None:
    euro, yen = (ledger.Account("budget", f"program:{PROGRAM}", c) for c in ("EUR", "JPY"))
    async with db.tx(workspace) as tx:
        await ledger.fund_budget(tx, "b", PROGRAM, Money(10_001, "EUR"), NOOR, AT)
        await ledger.store_rate(tx, "EUR", "JPY", 16_245, 100, "ECB", AT)
        await ledger.store_rate(tx, "EUR", "JPY", 999, 1, "ECB", LATER)
        with pytest.raises(Conflict, match="another rate"):
            await ledger.store_rate(tx, "EUR", "JPY", 16_246, 100, "ECB", AT)
        done = await ledger.exchange(tx, "x", euro, yen, 10_001, NOOR, AT + timedelta(days=1))
        assert await balance(tx, "budget", currency="JPY") == 16_246, "100.01 EUR at 162.45, rounded down"
        assert done.rate_id is not None
        await assert_sound(tx)


async def test_the_forecast_adds_up_with_the_books(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        await issued(tx, 1)
        await issued(tx, 2, review="Look.")
        await approved(tx, 3)
        await issued(tx, 4, pending_until=AT + timedelta(days=900))
        gone = (await ledger.payout(tx, (await paid(tx, 5)).id)).rewards[0]
        await ledger.reverse_reward(tx, gone.id, 70, "r", "Refunded.", FINN, LATER)
        found = await ledger.liability(tx, LATER, 365)
        assert found.total_minor == {"EUR": await balance(tx, "held") + await balance(tx, "available")}
        assert found.owed_minor == {"EUR": 70}
        assert [(m.month, m.due_minor, m.expected_minor, m.at_risk_minor, m.owed_minor) for m in found.months] == [
            ("2026-04", 150_000, 150_000, 150_000, 70), ("later", 0, 150_000, 0, 0),
        ]  # fmt: skip


@pytest.mark.parametrize("table", ["reward_move", "reward_reversal", "transfer_link", "fx_rate", "transfer", "posting"])
async def test_what_is_written_of_money_stays(db: Database, workspace: int, table: str) -> None:
    for sql in (
        f"delete from {table} where workspace_id = $1",
        f"update {table} set workspace_id = $1 where workspace_id = $1",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.tx(workspace) as tx:
                await tx.run(sql, workspace)
