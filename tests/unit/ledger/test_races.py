"""Barrier-started races on the real server: one effect, whoever comes first."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from honeyguide import ledger
from honeyguide.core.errors import Conflict, HoneyguideError
from honeyguide.core.money import Money
from honeyguide.db import Database, Tx
from honeyguide.ledger import Account, Line
from tests.unit.ledger.books import (
    AT,
    FINN,
    LATER,
    NOOR,
    PROGRAM,
    add_advocate,
    approved,
    assert_sound,
    balance,
    earned,
    issued,
    requested,
)

_AT_ONCE = 6


async def at_once(
    db: Database, workspace: int, act: Callable[[Tx, int], Awaitable[Any]], n: int = _AT_ONCE
) -> list[Any]:
    """Run `act` in n transactions started together; returns results and refusals."""
    start = asyncio.Barrier(n)

    async def one(number: int) -> Any:
        try:
            async with db.tx(workspace) as tx:
                await start.wait()
                return await act(tx, number)
        except HoneyguideError as e:
            return e

    return list(await asyncio.gather(*(one(i) for i in range(n))))


def good(results: list[Any]) -> list[Any]:
    return [r for r in results if not isinstance(r, HoneyguideError)]


async def test_one_key_posts_once(db: Database, workspace: int) -> None:
    lines = [Line(Account("expense", "p", "EUR"), -5), Line(Account("held", "a", "EUR"), 5)]
    for n in range(8):
        results = await at_once(db, workspace, lambda tx, _, n=n: ledger.post(tx, f"k{n}", "t", "", lines, AT))  # type: ignore[misc]
        assert len({r.id for r in results}) == 1
    async with db.tx(workspace) as tx:
        assert await balance(tx, "held") == 40
        await assert_sound(tx)


async def test_one_key_with_different_money_has_one_winner(db: Database, workspace: int) -> None:
    def lines(n: int) -> list[Line]:
        return [Line(Account("expense", f"p{n}", "EUR"), -n - 1), Line(Account("held", f"a{n}", "EUR"), n + 1)]

    for k in range(8):
        results = await at_once(db, workspace, lambda tx, n, k=k: ledger.post(tx, f"k{k}", "t", "", lines(n), AT))  # type: ignore[misc]
        assert len(good(results)) == 1
        assert all(isinstance(r, Conflict) for r in results if r not in good(results))
    async with db.tx(workspace) as tx:
        await assert_sound(tx)


async def test_one_business_key_is_issued_once(db: Database, workspace: int) -> None:
    results = await at_once(db, workspace, lambda tx, _: issued(tx, cap_minor=500_000))
    assert {r.id for r in results} == {results[0].id}
    async with db.tx(workspace) as tx:
        assert await balance(tx, "held") == 150_000
        await assert_sound(tx)


@pytest.mark.parametrize("limit", ["budget", "cap"])
async def test_a_budget_and_a_cap_are_never_overdrawn(db: Database, workspace: int, limit: str) -> None:
    async with db.tx(workspace) as tx:
        if limit == "budget":
            await ledger.fund_budget(tx, "b", PROGRAM, Money(300_000, "EUR"), NOOR, AT)
    cap = 300_000 if limit == "cap" else None
    results = await at_once(db, workspace, lambda tx, n: ledger.issue_reward(tx, earned(n, cap_minor=cap), AT))
    assert len(good(results)) == 2, "two of 1,500 fit in 3,000"
    async with db.tx(workspace) as tx:
        assert await balance(tx, "held") == 300_000
        await assert_sound(tx)


async def test_one_approval_counts(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        reward = await issued(tx)
    results = await at_once(
        db, workspace, lambda tx, n: ledger.approve_reward(tx, reward.id, f"op{n}@host.example", LATER)
    )
    assert len(good(results)) == 1
    async with db.tx(workspace) as tx:
        assert await balance(tx, "available") == 150_000
        await assert_sound(tx)


async def test_a_void_and_an_approval_exclude_each_other_in_any_order(db: Database, workspace: int) -> None:
    async def act(tx: Tx, n: int) -> Any:
        if n % 2:
            return await ledger.void_reward(tx, reward.id, FINN, "Refunded.", LATER)
        return await ledger.approve_reward(tx, reward.id, NOOR, LATER)

    for n in range(4):
        async with db.tx(workspace) as tx:
            reward = await issued(tx, n)
        await at_once(db, workspace, act)
        async with db.tx(workspace) as tx:
            assert (await ledger.reward(tx, reward.id)).state == "reversed"
            assert (await balance(tx, "held"), await balance(tx, "available")) == (0, 0)
            await assert_sound(tx)


async def test_a_reward_goes_into_one_payout(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        rewards = [await approved(tx, n) for n in range(3)]
    results = await at_once(
        db,
        workspace,
        lambda tx, n: ledger.request_payout(
            tx, [r.id for r in (rewards if n % 2 else reversed(rewards))], "manual", f"op{n}@host.example", LATER
        ),
    )
    assert len(good(results)) == 1
    async with db.tx(workspace) as tx:
        assert await balance(tx, "in_payout") == 450_000
        await assert_sound(tx)


async def test_a_payout_is_paid_once_and_not_also_cancelled(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        payout = await requested(tx)
        await ledger.approve_payout(tx, payout.id, NOOR, LATER)

    async def act(tx: Tx, n: int) -> Any:
        if n % 2:
            return await ledger.cancel_payout(tx, payout.id, FINN, "Wrong month.", LATER)
        return await ledger.mark_paid(tx, payout.id, FINN, f"SEPA {n}", LATER)

    await at_once(db, workspace, act)
    async with db.tx(workspace) as tx:
        assert sorted([await balance(tx, "available"), await balance(tx, "paid")]) == [0, 150_000]
        await assert_sound(tx)
