"""Posting: what can be booked, once per key, whoever asks at the same time."""

from datetime import datetime

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict
from honeyguide.db import Database
from honeyguide.ledger import Account, Line
from honeyguide.ledger.accounts import Draft, check_draft, net_changes, same_lines
from tests.unit.ledger.books import AT, assert_sound, balance

BOOK = Account("expense", "program:1", "EUR")
HELD = Account("held", "advocate:a", "EUR")
PAID = Account("paid", "advocate:a", "EUR")


def lines(minor: int, source: Account = BOOK, target: Account = HELD) -> list[Line]:
    return [Line(source, -minor), Line(target, minor)]


async def test_the_same_key_moves_money_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        first = await ledger.post(tx, "k1", "test", "first", lines(100), AT)
        again = await ledger.post(tx, "k1", "test", "said otherwise", list(reversed(lines(100))), AT)
        assert (again.id, again.memo) == (first.id, "first")
        with pytest.raises(Conflict) as refused:
            await ledger.post(tx, "k1", "test", "first", lines(101), AT)
        assert refused.value.code == "key_reused"
        assert await balance(tx, "held") == 100
        await assert_sound(tx)


async def test_a_floor_refuses_and_leaves_nothing(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await ledger.post(tx, "in", "test", "", lines(100), AT)
        with pytest.raises(ledger.OverFloor, match=r"holds €1; €1\.01 was asked for"):
            await ledger.post(tx, "out", "test", "", lines(101, HELD, PAID), AT)
        await ledger.post(tx, "out", "test", "", lines(100, HELD, PAID), AT)
        assert (await balance(tx, "held"), await balance(tx, "paid")) == (0, 100)
    async with db.tx(workspace) as tx:
        await assert_sound(tx)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ([Line(BOOK, 1)], "fewer than two"),
        ([Line(BOOK, -1), Line(HELD, 2)], "does not sum to zero"),
        ([Line(BOOK, 0), Line(HELD, 0)], "not zero"),
        ([Line(BOOK, -1), Line(BOOK, 1)], "twice"),
        ([Line(BOOK, 1.0), Line(HELD, -1.0)], "whole minor units"),  # type: ignore[arg-type]  # the fault under test
        ([Line(BOOK, True), Line(HELD, -1)], "whole minor units"),
        ([Line(BOOK, -(10**16)), Line(HELD, 10**16)], "at most"),
        ([Line(BOOK, -5), Line(Account("held", "advocate:a", "USD"), 5)], "does not sum to zero"),
        ([Line(Account("cash", "x", "EUR"), -5), Line(HELD, 5)], "no kind of account"),
        ([Line(Account("held", "x", "eur"), -5), Line(Account("paid", "x", "eur"), 5)], "not a currency"),
    ],
)
async def test_what_can_never_be_posted_is_refused_in_words(
    db: Database, workspace: int, bad: list[Line], said: str
) -> None:
    async with db.tx(workspace) as tx:
        with pytest.raises(BadInput) as refused:
            await ledger.post(tx, "bad", "test", "", bad, AT)
        assert said in refused.value.sentence()
        assert await tx.value("select count(*) from transfer where workspace_id = $1", workspace) == 0


async def test_a_time_without_a_zone_is_refused(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        with pytest.raises(BadInput, match="time zone"):
            await ledger.post(tx, "k", "test", "", lines(1), datetime(2026, 1, 1))  # noqa: DTZ001  # the fault under test


async def test_the_database_itself_refuses_unbalanced_and_changed_postings(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await ledger.post(tx, "k", "test", "", lines(100), AT)
    for sql in (
        "insert into posting select workspace_id, transfer_id, 3, account_id, currency, 1, at from posting where workspace_id = $1 and line = 1",
        "insert into transfer values ($1, gen_random_uuid(), 'empty', 'test', '', '2026-01-01', null)",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            async with db.tx(workspace) as tx:
                await tx.run(sql, workspace)
    for sql in (
        "update posting set amount_minor = 7 where workspace_id = $1",
        "delete from posting where workspace_id = $1",
        "update transfer set memo = 'x' where workspace_id = $1",
        "delete from transfer where workspace_id = $1",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.tx(workspace) as tx:
                await tx.run(sql, workspace)
        async with db.admin() as owner:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
                await owner.execute(sql, workspace)
    async with db.tx(workspace) as tx:
        assert [t.id for t in await ledger.postings(tx)] == [made.id]


async def test_accounts_and_postings_are_listed(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        for n in range(4):
            await ledger.post(tx, f"k{n}", "test", "", lines(10 + n), AT)
        await ledger.post(tx, "out", "test", "", lines(5, HELD, PAID), AT)
        by_kind = {a.kind: a for a in await ledger.accounts(tx)}
        assert {k: a.balance_minor for k, a in by_kind.items()} == {"expense": -46, "held": 41, "paid": 5}
        assert [t.key for t in await ledger.postings(tx, by_kind["paid"].id)] == ["out"]
        page = await ledger.postings(tx, limit=3)
        rest = await ledger.postings(tx, after=str(page[-1].id), limit=3)
        assert sorted(t.key for t in [*page, *rest]) == ["k0", "k1", "k2", "k3", "out"]
        assert all(sum(line.amount_minor for line in t.lines) == 0 for t in page)


_accounts = st.builds(
    Account, st.sampled_from(["expense", "held", "paid"]), st.sampled_from("abc"), st.sampled_from(["EUR", "USD"])
)
_lines = st.lists(st.builds(Line, _accounts, st.integers(-3, 3)), max_size=5)


@given(_lines)
def test_a_draft_passes_exactly_when_it_balances(drawn: list[Line]) -> None:
    draft = Draft("k", "test", "", tuple(drawn))
    currencies = {line.account.currency for line in drawn}
    good = (
        len(drawn) >= 2
        and all(line.amount_minor for line in drawn)
        and len({line.account for line in drawn}) == len(drawn)
        and all(sum(x.amount_minor for x in drawn if x.account.currency == c) == 0 for c in currencies)
    )
    if good:
        check_draft(draft)
        assert sum(net_changes([draft, draft]).values()) == 0
        assert same_lines(draft.lines, tuple(reversed(draft.lines)))
    else:
        with pytest.raises(BadInput):
            check_draft(draft)
