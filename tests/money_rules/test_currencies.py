"""Currencies: money stays what it was earned in, and is changed at a rate that is kept"""

import pytest

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.db import Database, Tx
from honeyguide.ledger import Account, Line
from tests.money_rules import rule
from tests.unit.ledger.books import AT, FINN, LATER, balance

EURO, DOLLAR = Account("expense", "program:1", "EUR"), Account("expense", "program:1", "USD")


async def a_rate(tx: Tx, over: int = 11, under: int = 10) -> ledger.Rate:
    return await ledger.store_rate(tx, "EUR", "USD", over, under, "central bank", AT)


@rule("MR-300", "Money changes its currency only at a stored rate; without one it does not.")
async def test_no_rate_no_change(tx: Tx) -> None:
    with pytest.raises(NotFound):
        await ledger.exchange(tx, "x", EURO, DOLLAR, 1_000, FINN, LATER)


@rule("MR-301", "A change of currency balances in both currencies and names the rate it used.")
async def test_a_change_balances(tx: Tx) -> None:
    kept = await a_rate(tx)
    done = await ledger.exchange(tx, "x", EURO, DOLLAR, 1_000, FINN, LATER)
    assert done.rate_id == kept.id
    for currency in ("EUR", "USD"):
        assert sum(line.amount_minor for line in done.lines if line.account.currency == currency) == 0
    assert await balance(tx, "exchange", currency="USD") == -1_100


@rule("MR-302", "A change of currency under its key happens once.")
async def test_a_change_is_one(tx: Tx) -> None:
    await a_rate(tx)
    first = await ledger.exchange(tx, "x", EURO, DOLLAR, 1_000, FINN, LATER)
    assert (await ledger.exchange(tx, "x", EURO, DOLLAR, 1_000, FINN, LATER)).id == first.id
    with pytest.raises(Conflict):
        await ledger.exchange(tx, "x", EURO, DOLLAR, 1_001, FINN, LATER)
    assert await balance(tx, "exchange", currency="EUR") == 1_000


@rule("MR-303", "A rate that was stored is never another one: the past is not revalued.")
async def test_rates_stay(tx: Tx) -> None:
    first = await a_rate(tx)
    assert (await a_rate(tx)).id == first.id
    with pytest.raises(Conflict):
        await a_rate(tx, 12)


@rule("MR-304", "Changing money to and fro makes no cent out of nothing.")
@pytest.mark.parametrize("minor", [1, 7, 99, 101, 3_333])
async def test_no_cent_from_nothing(tx: Tx, minor: int) -> None:
    there = await a_rate(tx, 10_000, 9_137)
    here = await ledger.store_rate(tx, "USD", "EUR", 9_137, 10_000, "central bank", AT)
    assert here.convert(there.convert(minor)) <= minor


@rule("MR-305", "A rate counts from its own moment on, and the newest one before a payment counts for it.")
async def test_the_newest_before(tx: Tx) -> None:
    await a_rate(tx)
    await ledger.store_rate(tx, "EUR", "USD", 2, 1, "central bank", LATER)
    assert (
        (await ledger.rate(tx, "EUR", "USD", AT)).numerator,
        (await ledger.rate(tx, "EUR", "USD", LATER)).numerator,
    ) == (11, 2)


@rule("MR-306", "Places of currencies are minded: a yen has no cents.")
async def test_places(tx: Tx) -> None:
    yen = await ledger.store_rate(tx, "EUR", "JPY", 160, 1, "central bank", AT)
    assert (yen.convert(100), yen.convert(1)) == (160, 1)


@rule("MR-307", "A rate is a fraction of whole numbers over nothing, and has a source.")
@pytest.mark.parametrize(("over", "under", "source"), [(0, 1, "x"), (1, 0, "x"), (-1, 1, "x"), (1, 1, " ")])
async def test_bad_rates(tx: Tx, over: int, under: int, source: str) -> None:
    with pytest.raises(BadInput):
        await ledger.store_rate(tx, "EUR", "USD", over, under, source, AT)


@rule(
    "MR-308",
    "What was posted is chained: a consistent lie told to every table past our own code is found by the checker.",
)
async def test_the_chain(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        for n in range(3):
            await ledger.post(tx, f"k{n}", "t", "", [Line(EURO, -6), Line(Account("held", "advocate:1", "EUR"), 6)], AT)
        assert (await ledger.verify(tx)).ok
    async with db.admin() as owner:
        await owner.execute("set session_replication_role = 'replica'")
        for times in ("* 2", "/ 2"):  # and back: the books must be sound when the rule is done
            for column in (
                "posting set amount_minor = amount_minor",
                "ledger_account set balance_minor = balance_minor",
            ):
                await owner.execute(f"update {column} {times} where workspace_id = $1", workspace)
            async with db.tx(workspace) as tx:
                report = await ledger.verify(tx)
            assert report.ok is (times == "/ 2"), report.problems
