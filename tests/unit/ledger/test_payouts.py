"""Payouts: one asks, another approves, the sheet is safe, the bank's reference closes it."""

import csv
import io

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict, Forbidden, NotFound
from honeyguide.core.ids import new_id
from honeyguide.db import Database, audit
from honeyguide.ledger.sheets import Sheet, SheetLine
from honeyguide.rails import ManualRail
from tests.unit.ledger.books import (
    AT,
    FINN,
    LATER,
    NOOR,
    add_advocate,
    approved,
    assert_sound,
    balance,
    issued,
    paid,
    requested,
)


def parse(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


async def test_money_goes_from_available_over_the_payout_to_paid(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        rewards = [await approved(tx, n, 1_000 + n) for n in range(3)]
        payout = await ledger.request_payout(tx, [r.id for r in rewards], "manual", FINN, LATER)
        assert (payout.total_minor, payout.lines, payout.state) == (3_003, 3, "requested")
        assert (await balance(tx, "available"), await balance(tx, "in_payout")) == (0, 3_003)
        await assert_sound(tx)
        assert (await ledger.approve_payout(tx, payout.id, NOOR, LATER)).approved_by == NOOR
        await ledger.export_payout(tx, payout.id, NOOR)
        done = await ledger.mark_paid(tx, payout.id, FINN, "  SEPA  42 ", LATER)
        assert (done.state, done.reference, done.paid_by) == ("paid", "SEPA 42", FINN)
        assert (await balance(tx, "in_payout"), await balance(tx, "paid")) == (0, 3_003)
        assert {r.state for r in (await ledger.payout(tx, payout.id)).rewards} == {"paid"}
        trail = [e["action"] for e in await audit.about(tx, f"payout:{payout.id}")]
        assert trail == ["payout.requested", "payout.approved", "payout.exported", "payout.paid"]
        await assert_sound(tx)


async def test_nobody_is_paid_before_accepting_the_terms(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx, name="Ana Ruiz", accepted=False)
        reward = await approved(tx)
        with pytest.raises(Conflict) as refused:
            await ledger.request_payout(tx, [reward.id], "manual", FINN, LATER)
        assert refused.value.code == "terms_not_accepted"
        assert "Ana Ruiz" in refused.value.sentence()
        assert (await balance(tx, "available"), await balance(tx, "in_payout")) == (reward.amount_minor, 0)
        await tx.run("update advocate set terms_accepted_at = $2 where workspace_id = $1", tx.workspace_id, AT)
        assert (await ledger.request_payout(tx, [reward.id], "manual", FINN, LATER)).state == "requested"
        await assert_sound(tx)


async def test_every_step_can_be_repeated_after_a_lost_answer(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        reward = await approved(tx)
        first = await ledger.request_payout(tx, [reward.id], "manual", FINN, LATER)
        assert (await ledger.request_payout(tx, [reward.id, reward.id], "manual", FINN, LATER)).id == first.id
        with pytest.raises(Conflict, match="cannot be paid out"):
            await ledger.request_payout(tx, [reward.id], "manual", NOOR, LATER)
        await ledger.approve_payout(tx, first.id, NOOR, LATER)
        await ledger.approve_payout(tx, first.id, NOOR, LATER)
        assert await ledger.export_payout(tx, first.id) == await ledger.export_payout(tx, first.id)
        await ledger.mark_paid(tx, first.id, FINN, "SEPA 1", LATER)
        await ledger.mark_paid(tx, first.id, FINN, "SEPA 1", LATER)
        with pytest.raises(Conflict) as refused:
            await ledger.mark_paid(tx, first.id, FINN, "SEPA 2", LATER)
        assert "SEPA 1" in refused.value.detail
        assert await balance(tx, "paid") == 150_000


async def test_the_requester_never_approves(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        payout = await requested(tx)
        for actor in (FINN, "Finn+x@host.example"):
            with pytest.raises(Forbidden) as refused:
                await ledger.approve_payout(tx, payout.id, actor, LATER)
            assert "second person" in refused.value.detail
        view = await ledger.payout(tx, payout.id, FINN)
        assert (view.can_approve, view.why_not) == (False, "You requested this payout: a second person approves it.")
        assert (await ledger.payout(tx, payout.id, NOOR)).can_approve
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.tx(workspace) as tx:
            await tx.run("update payout set approved_by = requested_by where workspace_id = $1", workspace)


async def test_who_is_paid_never_approves_the_payout(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx, email=NOOR)
        payout = await requested(tx)
        with pytest.raises(Forbidden, match="cannot approve"):
            await ledger.approve_payout(tx, payout.id, NOOR, LATER)


async def test_nothing_is_exported_or_paid_before_approval(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        payout = await requested(tx)
        with pytest.raises(Conflict, match="cannot be exported"):
            await ledger.export_payout(tx, payout.id)
        with pytest.raises(Conflict, match="cannot be marked"):
            await ledger.mark_paid(tx, payout.id, FINN, "SEPA 1", LATER)
        with pytest.raises(BadInput, match="reference"):
            await ledger.mark_paid(tx, payout.id, FINN, " \t ", LATER)
        with pytest.raises(NotFound):
            await ledger.export_payout(tx, new_id())


async def test_a_payout_takes_approved_rewards_of_one_currency_only(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        euro, dollar = await approved(tx, 1), await approved(tx, 2, currency="USD")
        with pytest.raises(BadInput, match="EUR, USD"):
            await ledger.request_payout(tx, [euro.id, dollar.id], "manual", FINN, LATER)
        held = await issued(tx, 3)
        with pytest.raises(Conflict) as refused:
            await ledger.request_payout(tx, [euro.id, held.id], "manual", FINN, LATER)
        assert refused.value.detail == "It is not approved yet."
        with pytest.raises(BadInput):
            await ledger.request_payout(tx, [], "manual", FINN, LATER)
        with pytest.raises(NotFound):
            await ledger.request_payout(tx, [euro.id, new_id()], "manual", FINN, LATER)
        assert await ledger.payouts(tx) == []
        await assert_sound(tx)


async def test_a_cancelled_payout_gives_its_rewards_back(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        payout = await requested(tx)
        await ledger.approve_payout(tx, payout.id, NOOR, LATER)
        assert (await ledger.cancel_payout(tx, payout.id, FINN, "Wrong month.", LATER)).state == "cancelled"
        assert (await ledger.cancel_payout(tx, payout.id, FINN, "Wrong month.", LATER)).state == "cancelled"
        reward = (await ledger.rewards(tx))[0]
        assert (reward.state, reward.payout_id) == ("payable", None)
        again = await ledger.request_payout(tx, [reward.id], "manual", FINN, LATER)
        assert again.id != payout.id
        await assert_sound(tx)
        done = await paid(tx, 2)
        with pytest.raises(Conflict, match="was paid"):
            await ledger.cancel_payout(tx, done.id, FINN, "Too late.", LATER)


async def test_the_export_has_one_safe_line_a_reward_and_the_total(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx, name='=HYPERLINK("http://evil.example")', email="ana@customer.example")
        payout = await requested(tx)
        await ledger.approve_payout(tx, payout.id, NOOR, LATER)
        head, line, total = parse(await ledger.export_payout(tx, payout.id))
        assert head[0] == "reward"
        assert line[1] == '\'=HYPERLINK("http://evil.example")'
        assert (line[2], line[-2], line[-1]) == ("ana@customer.example", "EUR", "1500.00")
        assert (total[0], total[-1]) == ("total", "1500.00")


async def test_a_rail_gets_only_its_own_payouts(db: Database, workspace: int) -> None:
    class Elsewhere(ManualRail):
        name = "elsewhere"

    class Picky(ManualRail):
        def accepts(self, incentive: str, currency: str = "", country: str = "") -> bool:
            return incentive == "gift_card"

    async with db.tx(workspace) as tx:
        payout = await requested(tx)
        await ledger.approve_payout(tx, payout.id, NOOR, LATER)
        with pytest.raises(Conflict, match="goes over 'manual'"):
            await ledger.hand_over(tx, payout.id, Elsewhere(), FINN)
        with pytest.raises(BadInput, match="cannot pay a commission"):
            await ledger.hand_over(tx, payout.id, Picky(), FINN)
        handed = await ledger.hand_over(tx, payout.id, ManualRail(), FINN)
        assert handed.body == await ledger.export_payout(tx, payout.id)
        assert (await ledger.payouts(tx))[0].state == "exported"


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_risky = st.builds(str.__add__, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "＝", " =", "\ufeff="]), _text)


@given(st.lists(st.tuples(_text | _risky, st.integers(1, 10**9)), min_size=1, max_size=4))
def test_no_cell_of_a_sheet_starts_a_formula_and_amounts_stay_numbers(drawn: list[tuple[str, int]]) -> None:
    lines = tuple(SheetLine(new_id(), t, t, "commission", t, t, minor) for t, minor in drawn)
    total = sum(minor for _, minor in drawn)
    body = ledger.to_csv(Sheet(new_id(), "EUR", total, FINN, AT, lines))
    table = parse(body)
    assert len(table) == len(drawn) + 2, "one line a reward, whatever the text holds"
    for row in table:
        for cell in row:
            assert not cell.lstrip(" \u00a0\ufeff").startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
    assert [int(row[-1].replace(".", "")) for row in table[1:]] == [*(minor for _, minor in drawn), total]


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (150_000, "EUR", "1500.00"),
        (5, "EUR", "0.05"),
        (-105, "USD", "-1.05"),
        (1500, "JPY", "1500"),
        (1234, "KWD", "1.234"),
    ],
)
def test_decimal_text_is_exact(minor: int, currency: str, text: str) -> None:
    assert ledger.decimal_text(minor, currency) == text
