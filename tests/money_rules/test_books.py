"""The books: double entry that cannot be unbalanced, repeated or changed."""

import asyncpg
import pytest

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict
from honeyguide.db import Database, Tx
from honeyguide.ledger import Account, Line
from tests.money_rules import rule
from tests.unit.ledger.books import AT, add_advocate, assert_sound, balance, issued, paid

A, B = Account("expense", "program:1", "EUR"), Account("held", "advocate:1", "EUR")
DOLLARS = Account("held", "advocate:1", "USD")


class _NotKept(Exception):
    """What was damaged to see whether it shows."""


async def count(tx: Tx, table: str) -> int:
    found: int = await tx.value(f"select count(*) from {table} where workspace_id = $1", tx.workspace_id)
    return found


@rule("MR-001", "A transfer whose lines do not sum to zero is refused, and nothing of it stays.")
async def test_unbalanced_is_refused(tx: Tx) -> None:
    with pytest.raises(BadInput, match="does not sum to zero"):
        await ledger.post(tx, "k", "t", "", [Line(A, -100), Line(B, 99)], AT)
    assert await count(tx, "posting") == await count(tx, "transfer") == 0


@rule("MR-002", "A transfer balances in every currency by itself: euros never make up for dollars.")
async def test_every_currency_balances(tx: Tx) -> None:
    with pytest.raises(BadInput, match="does not sum to zero"):
        await ledger.post(tx, "k", "t", "", [Line(A, -100), Line(DOLLARS, 100)], AT)


@rule("MR-003", "Money comes from somewhere and goes somewhere: one line is no transfer.")
async def test_one_line_is_no_transfer(tx: Tx) -> None:
    for lines in ([], [Line(A, 5)]):
        with pytest.raises(BadInput):
            await ledger.post(tx, "k", "t", "", lines, AT)


@rule("MR-004", "Amounts are whole minor units; a fraction of a cent is refused, however small.")
@pytest.mark.parametrize("amount", [1.0, 0.1 + 0.2, True, "5"])
async def test_fractions_are_refused(tx: Tx, amount: object) -> None:
    lines = [Line(A, amount), Line(B, amount)]  # type: ignore[arg-type]  # what a careless caller would hand in
    with pytest.raises(BadInput):
        await ledger.post(tx, "k", "t", "", lines, AT)


@rule("MR-005", "A line of nothing, and one beyond every sensible amount, is refused.")
@pytest.mark.parametrize("minor", [0, 10**18])
async def test_senseless_amounts_are_refused(tx: Tx, minor: int) -> None:
    with pytest.raises(BadInput):
        await ledger.post(tx, "k", "t", "", [Line(A, -minor), Line(B, minor)], AT)


@rule("MR-006", "The same transfer asked for again under its key is the one that stands, not a second one.")
async def test_a_key_posts_once(tx: Tx) -> None:
    lines = [Line(A, -100), Line(B, 100)]
    first = await ledger.post(tx, "order 7", "t", "", lines, AT)
    again = await ledger.post(tx, "order 7", "t", "", lines[::-1], AT)
    assert (again.id, await balance(tx, "held")) == (first.id, 100)


@rule("MR-007", "A key that stands for some money never comes to stand for other money.")
async def test_a_key_keeps_its_money(tx: Tx) -> None:
    await ledger.post(tx, "order 7", "t", "", [Line(A, -100), Line(B, 100)], AT)
    for other in ([Line(A, -101), Line(B, 101)], [Line(A, -100), Line(Account("held", "advocate:2", "EUR"), 100)]):
        with pytest.raises(Conflict):
            await ledger.post(tx, "order 7", "t", "", other, AT)
    assert await balance(tx, "held") == 100


@rule("MR-008", "What was posted is never changed: the database refuses, whoever asks.")
@pytest.mark.parametrize("column", ["amount_minor = amount_minor + 1", "currency = 'USD'"])
async def test_postings_are_never_changed(db: Database, workspace: int, column: str) -> None:
    async with db.tx(workspace) as tx:
        await issued(tx)
    with pytest.raises(asyncpg.PostgresError):
        async with db.tx(workspace) as tx:
            await tx.run(f"update posting set {column} where workspace_id = $1", workspace)


@rule("MR-009", "What was posted is never deleted: the database refuses, whoever asks.")
@pytest.mark.parametrize("table", ["posting", "transfer"])
async def test_postings_are_never_deleted(db: Database, workspace: int, table: str) -> None:
    async with db.tx(workspace) as tx:
        await issued(tx)
    with pytest.raises(asyncpg.PostgresError):
        async with db.tx(workspace) as tx:
            await tx.run(f"delete from {table} where workspace_id = $1", workspace)


@rule("MR-010", "An unbalanced transfer cannot be committed even past our own code.")
async def test_the_database_adds_up_too(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await issued(tx)
    with pytest.raises(asyncpg.PostgresError):
        async with db.tx(workspace) as tx:
            await tx.run(
                "insert into posting select workspace_id, transfer_id, line + 100, account_id, currency, amount_minor from posting "
                "where workspace_id = $1 and amount_minor > 0", workspace,
            )  # fmt: skip


@rule("MR-011", "The books can be checked from outside: a balance that is not the sum of its postings is told by name.")
async def test_a_wrong_balance_is_told(db: Database, workspace: int) -> None:
    found = []
    try:
        async with db.tx(workspace) as tx:
            await issued(tx)
            await tx.run(
                "update ledger_account set balance_minor = balance_minor + 1 where workspace_id = $1 and kind = 'held'",
                workspace,
            )
            found.append(await ledger.verify(tx))
            raise _NotKept
    except _NotKept:
        (report,) = found
    assert not report.ok
    assert any("150001" in problem for problem in report.problems)


@rule("MR-012", "Checking the books changes nothing in them.")
async def test_checking_changes_nothing(tx: Tx) -> None:
    await add_advocate(tx)
    await paid(tx)
    before = [
        await count(tx, table) for table in ("posting", "transfer", "reward", "payout", "ledger_account", "audit_entry")
    ]
    assert (await ledger.verify(tx)).ok
    assert [
        await count(tx, table) for table in ("posting", "transfer", "reward", "payout", "ledger_account", "audit_entry")
    ] == before


@rule("MR-013", "An account exists only under a known kind and a currency by its three letters.")
@pytest.mark.parametrize(
    "account", [Account("pocket", "me", "EUR"), Account("held", "me", "eur"), Account("held", "me", "EURO")]
)
async def test_accounts_are_known_kinds(tx: Tx, account: Account) -> None:
    with pytest.raises(BadInput):
        await ledger.post(tx, "k", "t", "", [Line(Account("expense", "p", account.currency), -5), Line(account, 5)], AT)


@rule("MR-014", "What an advocate has is never below zero: money that is not there cannot be moved on.")
@pytest.mark.parametrize("kind", ["held", "available", "in_payout"])
async def test_what_is_not_there_cannot_move(tx: Tx, kind: str) -> None:
    lines = [Line(Account(kind, "advocate:1", "EUR"), -1), Line(Account("expense", "p", "EUR"), 1)]
    with pytest.raises(ledger.OverFloor):
        await ledger.post(tx, "k", "t", "", lines, AT)


@rule("MR-015", "Two companies on one installation share no key, no account and no balance.")
async def test_companies_share_nothing(db: Database, workspace: int, other_workspace: int) -> None:
    for place, minor in ((workspace, 100), (other_workspace, 900)):
        async with db.tx(place) as tx:
            await ledger.post(tx, "order 7", "t", "", [Line(A, -minor), Line(B, minor)], AT)
    for place, minor in ((workspace, 100), (other_workspace, 900)):
        async with db.tx(place) as tx:
            assert await balance(tx, "held") == minor
            await assert_sound(tx)


@rule("MR-016", "Amounts are shown exactly, with the places their currency has.")
@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1, "EUR", "0.01"),
        (-250, "USD", "-2.50"),
        (9_007_199_254_740_993, "EUR", "90071992547409.93"),
        (7, "JPY", "7"),
        (1, "KWD", "0.001"),
    ],
)
def test_amounts_are_exact(minor: int, currency: str, text: str) -> None:
    assert ledger.decimal_text(minor, currency) == text
