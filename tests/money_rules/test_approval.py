"""Approval: money moves by two people, after the hold, and for a reason that is kept."""

from datetime import timedelta

import pytest

from honeyguide import ledger
from honeyguide.core.errors import Conflict, Forbidden
from honeyguide.db import Database, Tx, audit
from tests.money_rules import rule
from tests.money_rules.ground import READY, at_once, state
from tests.unit.ledger.books import FINN, HELD_UNTIL, LATER, MARA, NOOR, add_advocate, balance, issued


@rule("MR-060", "Nobody approves money that is theirs.")
async def test_not_ones_own(tx: Tx) -> None:
    await add_advocate(tx, email="ana@customer.example")
    made = await issued(tx)
    with pytest.raises(Forbidden):
        await ledger.approve_reward(tx, made.id, "ana@customer.example", LATER, reason="It is fine.")
    assert await state(tx, made.id) == "held"


@rule("MR-061", "Another spelling of one mailbox is not a second person.")
@pytest.mark.parametrize("alias", ["ANA@customer.example", "ana+finance@customer.example", "Ana+x@Customer.Example"])
async def test_an_alias_is_the_same_person(tx: Tx, alias: str) -> None:
    await add_advocate(tx, email="ana@customer.example")
    made = await issued(tx)
    with pytest.raises(Forbidden):
        await ledger.approve_reward(tx, made.id, alias, LATER)


@rule("MR-062", "Who approved the ask that led to a reward does not approve the reward.")
async def test_not_who_asked(tx: Tx) -> None:
    made = await issued(tx, asked_by=MARA)
    for who in (MARA, "Mara+two@host.example"):
        with pytest.raises(Forbidden, match="cannot approve"):
            await ledger.approve_reward(tx, made.id, who, LATER)
    assert await state(tx, (await ledger.approve_reward(tx, made.id, FINN, LATER)).id) in READY


@rule("MR-063", "A written reason may end a hold early; it never replaces the second person.")
async def test_a_reason_is_no_person(tx: Tx) -> None:
    made = await issued(tx, asked_by=MARA)
    with pytest.raises(Forbidden):
        await ledger.approve_reward(tx, made.id, MARA, LATER, reason="We know them.")
    early = HELD_UNTIL - timedelta(days=10)
    assert (await ledger.approve_reward(tx, made.id, FINN, early, reason="Paid up front.")).state in READY


@rule("MR-064", "While the hold runs, a reward is not approved without a reason; the refusal names the day it ends.")
async def test_the_hold_runs(tx: Tx) -> None:
    made = await issued(tx)
    with pytest.raises(Conflict) as refused:
        await ledger.approve_reward(tx, made.id, FINN, HELD_UNTIL - timedelta(seconds=1))
    assert "1 April 2026" in refused.value.detail
    assert (await ledger.approve_reward(tx, made.id, FINN, HELD_UNTIL)).state in READY


@rule("MR-065", "A reward somebody has to look at waits for a reason in words, also after its hold.")
async def test_a_review_needs_words(tx: Tx) -> None:
    made = await issued(tx, review="Both work for one company.")
    with pytest.raises(Conflict) as refused:
        await ledger.approve_reward(tx, made.id, FINN, LATER)
    assert "Both work for one company." in refused.value.detail
    assert (await ledger.approve_reward(tx, made.id, FINN, LATER, reason="Two subsidiaries.")).state in READY


@rule("MR-066", "The reason somebody gave for an early approval is kept with their name.")
async def test_the_reason_is_kept(tx: Tx) -> None:
    made = await issued(tx)
    await ledger.approve_reward(tx, made.id, FINN, HELD_UNTIL - timedelta(days=3), reason="Paid up front.")
    trail = await audit.about(tx, f"reward:{made.id}")
    assert any(e["actor"] == FINN and "Paid up front." in str(e["detail"]) for e in trail)


@rule("MR-067", "Approving again what one approved changes nothing; somebody else is told who did.")
async def test_approved_once(tx: Tx) -> None:
    made = await issued(tx)
    await ledger.approve_reward(tx, made.id, FINN, LATER)
    await ledger.approve_reward(tx, made.id, FINN, LATER)
    with pytest.raises(Conflict) as refused:
        await ledger.approve_reward(tx, made.id, NOOR, LATER)
    assert FINN in refused.value.detail
    assert await balance(tx, "available") == 150_000


@rule("MR-068", "Two people who approve at the same moment approve once.")
async def test_approval_is_not_raced(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await issued(tx)
    done, refused = await at_once(
        db, workspace, lambda tx, n: ledger.approve_reward(tx, made.id, f"p{n}@host.example", LATER)
    )
    assert (len(done), len(refused)) == (1, 4)
    async with db.tx(workspace) as tx:
        assert await balance(tx, "available") == 150_000
        assert (await ledger.verify(tx)).ok


@rule("MR-069", "What was taken back is not approved any more.")
async def test_taken_back_is_not_approved(tx: Tx) -> None:
    made = await issued(tx)
    await ledger.void_reward(tx, made.id, FINN, "Refunded.", LATER)
    with pytest.raises(Conflict):
        await ledger.approve_reward(tx, made.id, NOOR, LATER, reason="Please.")
    assert await balance(tx, "available") == 0


@rule("MR-070", "A finding that comes while a reward waits stops it, with its words.")
async def test_a_late_finding_stops(tx: Tx) -> None:
    made = await issued(tx)
    await ledger.ask_for_review(tx, made.id, "The friend is paid on the same account.")
    with pytest.raises(Conflict) as refused:
        await ledger.approve_reward(tx, made.id, FINN, LATER)
    assert "same account" in refused.value.detail
