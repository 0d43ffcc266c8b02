"""Budgets and caps: limits are accounts, so that no two requests can both take the last euro."""

import pytest

from honeyguide import ledger
from honeyguide.core.money import Money
from honeyguide.db import Database, Tx
from tests.money_rules import rule
from tests.money_rules.ground import at_once
from tests.unit.ledger.books import AT, FINN, LATER, NOOR, PROGRAM, balance, issued


async def fund(tx: Tx, minor: int, key: str = "2026", program: int = PROGRAM) -> None:
    await ledger.fund_budget(tx, key, program, Money(minor, "EUR"), NOOR, AT)


@rule("MR-040", "A budget is never spent below zero; the reward that does not fit is refused in words.")
async def test_a_budget_ends(tx: Tx) -> None:
    await fund(tx, 1_000)
    await issued(tx, 0, 800)
    with pytest.raises(ledger.OverFloor) as refused:
        await issued(tx, 1, 300)
    assert "€2" in refused.value.sentence()
    assert (await balance(tx, "budget"), await balance(tx, "held")) == (200, 800)


@rule("MR-041", "A refused reward leaves nothing behind: no row, no line, no draw on any limit.")
async def test_refused_leaves_nothing(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await fund(tx, 1_000)
        with pytest.raises(ledger.OverFloor):
            await issued(tx, 0, 1_001, cap_minor=5_000)
        assert await ledger.rewards(tx) == []
        assert await balance(tx, "allowed") == 0
        await issued(tx, 0, 1_000, cap_minor=5_000)
        assert (await ledger.verify(tx)).ok


@rule("MR-042", "Two rewards racing for the last of a budget: one gets it, the other is refused.")
async def test_a_budget_is_not_raced(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await fund(tx, 1_000)
    made, refused = await at_once(db, workspace, lambda tx, n: issued(tx, n, 400), 6)
    assert (len(made), len(refused)) == (2, 4)
    async with db.tx(workspace) as tx:
        assert (await balance(tx, "budget"), await balance(tx, "held")) == (200, 800)
        assert (await ledger.verify(tx)).ok


@rule("MR-043", "What is taken back returns to the budget and can be earned by the next.")
async def test_a_budget_gets_back(tx: Tx) -> None:
    await fund(tx, 1_000)
    made = await issued(tx, 0, 1_000)
    await ledger.void_reward(tx, made.id, FINN, "Refunded.", LATER)
    assert await balance(tx, "budget") == 1_000
    await issued(tx, 1, 1_000)


@rule("MR-044", "A cap limits what one advocate earns on an offer in all, however many conversions there are.")
async def test_a_cap_holds(tx: Tx) -> None:
    await issued(tx, 0, 600, cap_minor=1_000)
    with pytest.raises(ledger.OverFloor):
        await issued(tx, 1, 600, cap_minor=1_000)
    await issued(tx, 2, 400, cap_minor=1_000)
    assert await balance(tx, "held") == 1_000


@rule("MR-045", "A cap holds against requests that come at the same moment.")
async def test_a_cap_is_not_raced(db: Database, workspace: int) -> None:
    made, refused = await at_once(db, workspace, lambda tx, n: issued(tx, n, 300, cap_minor=1_000), 8)
    assert (len(made), len(refused)) == (3, 5)
    async with db.tx(workspace) as tx:
        assert await balance(tx, "held") == 900
        assert (await ledger.verify(tx)).ok


@rule("MR-046", "What is taken back counts no longer against the cap.")
async def test_a_cap_is_given_back(tx: Tx) -> None:
    made = await issued(tx, 0, 1_000, cap_minor=1_000)
    await ledger.void_reward(tx, made.id, FINN, "Refunded.", LATER)
    await issued(tx, 1, 1_000, cap_minor=1_000)


@rule("MR-047", "One advocate's cap takes nothing from another's.")
async def test_caps_are_personal(tx: Tx) -> None:
    await issued(tx, 0, 1_000, cap_minor=1_000)
    await issued(tx, 1, 1_000, cap_minor=1_000, advocate=1)
    assert await balance(tx, "held") == 2_000


@rule("MR-048", "Telling the same conversion again draws on budget and cap once.")
async def test_duplicates_draw_once(tx: Tx) -> None:
    await fund(tx, 2_000)
    for _ in range(3):
        await issued(tx, 0, 900, cap_minor=1_000)
    assert (await balance(tx, "budget"), await balance(tx, "allowed")) == (1_100, 900)
    await issued(tx, 1, 100, cap_minor=1_000)


@rule("MR-049", "A reward that fits the cap and not the budget uses up neither.")
async def test_limits_are_taken_together(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await fund(tx, 100)
    _, refused = await at_once(db, workspace, lambda tx, n: issued(tx, n, 101, cap_minor=1_000), 3)
    assert len(refused) == 3
    async with db.tx(workspace) as tx:
        await fund(tx, 1_000, "more")
        await issued(tx, 5, 1_000, cap_minor=1_000)
        assert await balance(tx, "budget") == 100
