"""A reward's life: once per business key, held, approved by a second person, or void."""

import pytest

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict, Forbidden, NotFound
from honeyguide.core.ids import content_id, new_id
from honeyguide.core.money import Money
from honeyguide.db import Database, audit
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


async def test_an_issued_reward_is_held_and_drawn_on_expense(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        reward = await issued(tx)
        assert (reward.state, reward.amount_minor, reward.advocate_name) == ("held", 150_000, "Ana Ruiz")
        assert await balance(tx, "held", f"advocate:{advocate_id()}") == 150_000
        assert await balance(tx, "expense", f"program:{PROGRAM}") == -150_000
        await assert_sound(tx)


async def test_the_same_business_key_is_one_reward_for_ever(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        first = await issued(tx)
    async with db.tx(workspace) as tx:
        assert (await issued(tx)).id == first.id
        with pytest.raises(Conflict) as refused:
            await issued(tx, minor=150_001)
        assert refused.value.code == "key_reused"
        await ledger.void_reward(tx, first.id, FINN, "The deal was cancelled.", AT)
        assert (await issued(tx)).state == "reversed", "a void reward is not earned again"
        assert await balance(tx, "held") == 0
        await assert_sound(tx)


async def test_an_incentive_without_money_posts_nothing_and_is_granted_by_approval(
    db: Database, workspace: int
) -> None:
    async with db.tx(workspace) as tx:
        reward = await issued(tx, minor=0, incentive="beta_access")
        assert (await ledger.approve_reward(tx, reward.id, FINN, LATER)).state == "payable"
        assert await tx.value("select count(*) from transfer where workspace_id = $1", workspace) == 0
        with pytest.raises(BadInput, match="no money"):
            await ledger.request_payout(tx, [reward.id], "manual", FINN, LATER)
        await assert_sound(tx)


async def test_a_budget_is_reserved_and_refuses_what_goes_over_it(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        assert await ledger.fund_budget(tx, "2026", PROGRAM, Money(200_000, "EUR"), NOOR, AT) == 200_000
        assert await ledger.fund_budget(tx, "2026", PROGRAM, Money(200_000, "EUR"), NOOR, AT) == 200_000, (
            "same key, once"
        )
        first = await issued(tx, 1)
        with pytest.raises(ledger.OverFloor) as refused:
            await issued(tx, 2)
        assert (
            refused.value.sentence()
            == "The budget of program:1 has €500 left; €1,500 was asked for. Nothing was posted."
        )
    async with db.tx(workspace) as tx:  # the refusal left nothing behind, and the transaction could be committed
        assert len(await ledger.rewards(tx)) == 1
        await assert_sound(tx)
        await ledger.void_reward(tx, first.id, FINN, "The deal was cancelled.", AT)
        assert await balance(tx, "budget") == 200_000
        assert (await issued(tx, 2)).state == "held"
        await assert_sound(tx)


async def test_a_cap_is_an_account_counted_per_advocate(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await issued(tx, 1, cap_minor=200_000)
        with pytest.raises(ledger.OverFloor, match="leaves €500"):
            await issued(tx, 2, cap_minor=200_000)
        assert (await issued(tx, 3, advocate=1, cap_minor=200_000)).state == "held", "another advocate has an own cap"
        assert (await issued(tx, 2, cap_minor=300_000)).state == "held", "a raised cap leaves room"
        with pytest.raises(ledger.OverFloor):
            await issued(tx, 4, minor=1, cap_minor=100)
        await assert_sound(tx)


async def test_a_void_gives_the_cap_back(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        reward = await approved(tx, 1, cap_minor=150_000)
        await ledger.void_reward(tx, reward.id, NOOR, "Refunded.", LATER)
        assert (await issued(tx, 2, cap_minor=150_000)).state == "held"
        assert await balance(tx, "available") == 0
        await assert_sound(tx)


async def test_approval_moves_held_to_available_and_is_audited(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        reward = await approved(tx)
        assert (reward.state, reward.approved_by, reward.approved_at) == ("payable", FINN, LATER)
        assert (await balance(tx, "held"), await balance(tx, "available")) == (0, 150_000)
        assert (await ledger.approve_reward(tx, reward.id, FINN, LATER)).approved_at == LATER, "the same person, again"
        with pytest.raises(Conflict, match="cannot be approved") as refused:
            await ledger.approve_reward(tx, reward.id, NOOR, LATER)
        assert FINN in refused.value.detail
        trail = [e["action"] for e in await audit.about(tx, f"reward:{reward.id}")]
        assert trail == ["reward.issued", "reward.approved"]
        await assert_sound(tx)


async def test_a_hold_is_lifted_by_time_or_a_reason_only(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        reward = await issued(tx)
        with pytest.raises(Conflict) as refused:
            await ledger.approve_reward(tx, reward.id, FINN, AT)
        assert refused.value.detail.startswith("On hold until 1 April 2026")
        assert (await ledger.approve_reward(tx, reward.id, FINN, AT, reason="Paid upfront.")).state == "payable"
        assert (await ledger.approve_reward(tx, (await issued(tx, 2)).id, FINN, HELD_UNTIL)).state == "payable"


async def test_a_review_needs_a_reason_even_after_the_hold(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        reward = await issued(tx, review="The friend works at the advocate's company.")
        with pytest.raises(Conflict) as refused:
            await ledger.approve_reward(tx, reward.id, FINN, LATER)
        assert "advocate's company" in refused.value.detail
        await ledger.approve_reward(tx, reward.id, FINN, LATER, reason="Two separate subsidiaries.")
        late = await issued(tx, 2)
        await ledger.ask_for_review(tx, late.id, "The deal was cancelled.")
        assert (await ledger.reward(tx, late.id)).review == "The deal was cancelled."


@pytest.mark.parametrize("actor", [MARA, "Mara+money@HOST.example"])
async def test_who_approved_the_ask_never_approves_the_money(db: Database, workspace: int, actor: str) -> None:
    async with db.tx(workspace) as tx:
        reward = await issued(tx)
        with pytest.raises(Forbidden) as refused:
            await ledger.approve_reward(tx, reward.id, actor, LATER, reason="I insist.")
        assert "second person" in refused.value.detail
        other = await issued(tx, 2, asked_by=None)
        with pytest.raises(Forbidden):
            await ledger.approve_reward(tx, other.id, actor, LATER, asked_by=MARA)
        assert await balance(tx, "available") == 0


async def test_an_advocate_never_approves_an_own_reward(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx, email="finn@host.example")
        reward = await issued(tx)
        with pytest.raises(Forbidden, match="cannot approve"):
            await ledger.approve_reward(tx, reward.id, "Finn+1@host.example", LATER, reason="It is mine.")


async def test_void_needs_a_reason_and_a_reward_that_is_not_on_its_way(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        reward = await issued(tx)
        with pytest.raises(BadInput, match="needs a reason"):
            await ledger.void_reward(tx, reward.id, FINN, "  ", AT)
        await ledger.void_reward(tx, reward.id, FINN, "Refunded.", AT)
        assert (await ledger.void_reward(tx, reward.id, FINN, "Refunded.", AT)).state == "reversed"
        assert (
            await tx.value(
                "select count(*) from transfer where workspace_id = $1 and reversal_of is not null", workspace
            )
            == 1
        )
        on_its_way = await requested(tx, 2)
        inside = (await ledger.payout(tx, on_its_way.id)).rewards[0]
        with pytest.raises(Conflict) as refused:
            await ledger.void_reward(tx, inside.id, FINN, "Refunded.", LATER)
        assert refused.value.advice == "Cancel the payout first."
        gone = await paid(tx, 3)
        with pytest.raises(Conflict):
            await ledger.void_reward(tx, (await ledger.payout(tx, gone.id)).rewards[0].id, FINN, "Refunded.", LATER)
        await assert_sound(tx)


async def test_unknown_and_impossible_rewards_are_refused_in_words(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        with pytest.raises(NotFound):
            await ledger.approve_reward(tx, new_id(), FINN, AT)
        with pytest.raises(NotFound):
            await ledger.reward(tx, content_id("nothing"))
        with pytest.raises(BadInput):
            await issued(tx, minor=-1)


async def test_rewards_are_listed_newest_first_in_pages(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = {(await issued(tx, n)).id for n in range(5)}
        first = await ledger.rewards(tx, limit=3)
        rest = await ledger.rewards(tx, after=str(first[-1].id), limit=3)
        assert len(first) == 3
        assert {r.id for r in first} | {r.id for r in rest} == made
        assert await ledger.rewards(tx, state="paid") == []
        assert await ledger.sums_by_state(tx) == [{"state": "held", "currency": "EUR", "n": 5, "amount_minor": 750_000}]


async def test_another_workspace_sees_and_moves_nothing(db: Database, workspace: int, other_workspace: int) -> None:
    async with db.tx(workspace) as tx:
        reward = await issued(tx)
    async with db.tx(other_workspace) as tx:
        assert await ledger.rewards(tx) == []
        with pytest.raises(NotFound):
            await ledger.approve_reward(tx, reward.id, FINN, LATER)
        same_key = await ledger.issue_reward(tx, earned(), AT)
        assert same_key.id != reward.id
