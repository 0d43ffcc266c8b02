"""Payouts: requested by one, approved by another, paid once, and proven by the bank."""

import csv
import io

import pytest

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict, Forbidden
from honeyguide.core.ids import new_id
from honeyguide.db import Database, Tx, audit
from honeyguide.rails import ManualRail
from tests.money_rules import rule
from tests.money_rules.ground import READY, at_once
from tests.unit.ledger.books import FINN, LATER, MARA, NOOR, add_advocate, approved, balance, issued, paid, requested


async def ask(tx: Tx, *rewards: ledger.Reward, actor: str = FINN) -> ledger.Payout:
    return await ledger.request_payout(tx, [r.id for r in rewards], "manual", actor, LATER)


def table(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


@rule("MR-080", "Only what a second person approved is paid out.")
async def test_only_the_approved(tx: Tx) -> None:
    good, waiting = await approved(tx, 0), await issued(tx, 1)
    with pytest.raises(Conflict):
        await ask(tx, good, waiting)
    assert (await ledger.payouts(tx), await balance(tx, "in_payout")) == ([], 0)


@rule("MR-081", "Nobody is paid before they have accepted the program's terms; the refusal names them.")
async def test_terms_first(tx: Tx) -> None:
    await add_advocate(tx, name="Ana Ruiz", accepted=False)
    made = await approved(tx)
    with pytest.raises(Conflict) as refused:
        await ask(tx, made)
    assert "Ana Ruiz" in refused.value.sentence()


@rule("MR-082", "A reward is in one payout at most, whoever asks at the same moment.")
async def test_one_payout_per_reward(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        made = await approved(tx)
    done, refused = await at_once(db, workspace, lambda tx, n: ask(tx, made, actor=f"p{n}@host.example"))
    assert (len(done), len(refused)) == (1, 4)
    async with db.tx(workspace) as tx:
        assert await balance(tx, "in_payout") == 150_000
        assert (await ledger.verify(tx)).ok


@rule("MR-083", "A payout has one currency; euros and dollars are never added up.")
async def test_one_currency(tx: Tx) -> None:
    with pytest.raises(BadInput, match="EUR, USD"):
        await ask(tx, await approved(tx, 0), await approved(tx, 1, currency="USD"))


@rule("MR-084", "Who requested a payout does not approve it, under no spelling of their name.")
@pytest.mark.parametrize("actor", [FINN, FINN.upper(), "finn+2@host.example"])
async def test_a_second_person_approves(tx: Tx, actor: str) -> None:
    made = await requested(tx)
    with pytest.raises(Forbidden):
        await ledger.approve_payout(tx, made.id, actor, LATER)
    assert (await ledger.payout(tx, made.id)).payout.state == "requested"


@rule("MR-085", "Who is paid by a payout does not approve it.")
async def test_not_who_is_paid(tx: Tx) -> None:
    await add_advocate(tx, email=NOOR)
    made = await requested(tx)
    with pytest.raises(Forbidden):
        await ledger.approve_payout(tx, made.id, NOOR, LATER)


@rule("MR-086", "Nothing leaves the house before the second approval: no file, no mark as paid.")
async def test_nothing_before_approval(tx: Tx) -> None:
    made = await requested(tx)
    with pytest.raises(Conflict):
        await ledger.export_payout(tx, made.id)
    with pytest.raises(Conflict):
        await ledger.hand_over(tx, made.id, ManualRail(), FINN)
    with pytest.raises(Conflict):
        await ledger.mark_paid(tx, made.id, FINN, "SEPA 1", LATER)
    assert await balance(tx, "paid") == 0


@rule("MR-087", "A payout counts as paid only with the proof of whoever carried the money.")
@pytest.mark.parametrize("reference", ["", "  ", "x" * 201])
async def test_paid_needs_proof(tx: Tx, reference: str) -> None:
    made = await requested(tx)
    await ledger.approve_payout(tx, made.id, NOOR, LATER)
    with pytest.raises(BadInput):
        await ledger.mark_paid(tx, made.id, FINN, reference, LATER)
    assert await balance(tx, "in_payout") == 150_000


@rule("MR-088", "Telling a payment again under the same reference pays once; another reference is refused.")
async def test_paid_once(tx: Tx) -> None:
    made = await paid(tx)
    before = (await ledger.payout(tx, made.id)).payout
    assert await ledger.mark_paid(tx, made.id, NOOR, f" {before.reference} ", LATER) == before
    with pytest.raises(Conflict) as refused:
        await ledger.mark_paid(tx, made.id, FINN, "SEPA other", LATER)
    assert before.reference in refused.value.detail
    assert await balance(tx, "paid") == 150_000


@rule("MR-089", "Two who tell of the payment at the same moment pay once.")
async def test_payment_is_not_raced(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        made = await requested(tx)
        await ledger.approve_payout(tx, made.id, NOOR, LATER)
    done, refused = await at_once(
        db, workspace, lambda tx, n: ledger.mark_paid(tx, made.id, FINN, f"SEPA {n % 2}", LATER), 6
    )
    assert (len(done), len(refused)) == (3, 3)
    async with db.tx(workspace) as tx:
        assert await balance(tx, "paid") == 150_000
        assert (await ledger.verify(tx)).ok


@rule("MR-090", "The file of a payout is the same to the byte, however often it is made.")
async def test_the_file_is_the_same(tx: Tx) -> None:
    made = await requested(tx)
    await ledger.approve_payout(tx, made.id, NOOR, LATER)
    assert await ledger.export_payout(tx, made.id) == await ledger.export_payout(tx, made.id)


@rule("MR-091", "The lines of a payout's file add up to its last line, and that to what the books say.")
async def test_the_file_adds_up(tx: Tx) -> None:
    rewards = [await approved(tx, n, 1_001 + n) for n in range(4)]
    made = await ask(tx, *rewards)
    await ledger.approve_payout(tx, made.id, NOOR, LATER)
    _, *lines, total = table(await ledger.export_payout(tx, made.id))
    cents = [round(float(line[-1]) * 100) for line in lines]
    assert sum(cents) == round(float(total[-1]) * 100) == made.total_minor == await balance(tx, "in_payout")


@rule("MR-092", "No text in a payout's file is taken for a formula by a spreadsheet.")
@pytest.mark.parametrize("name", ["=1+1", "+49", "@SUM(A1)", "\t=cmd", "-2+3"])
async def test_no_formula(tx: Tx, name: str) -> None:
    await add_advocate(tx, name=name)
    made = await requested(tx)
    await ledger.approve_payout(tx, made.id, NOOR, LATER)
    assert table(await ledger.export_payout(tx, made.id))[1][1].startswith("'")


@rule("MR-093", "A cancelled payout gives every reward back, ready for another one.")
async def test_cancelled_gives_back(tx: Tx) -> None:
    made = await requested(tx)
    await ledger.approve_payout(tx, made.id, NOOR, LATER)
    await ledger.cancel_payout(tx, made.id, FINN, "Wrong month.", LATER)
    await ledger.cancel_payout(tx, made.id, FINN, "Wrong month.", LATER)
    (back,) = await ledger.rewards(tx)
    assert (back.state in READY, await balance(tx, "available")) == (True, 150_000)
    assert (await ask(tx, back)).id != made.id


@rule("MR-094", "What was paid is not cancelled.")
async def test_paid_is_not_cancelled(tx: Tx) -> None:
    made = await paid(tx)
    with pytest.raises(Conflict):
        await ledger.cancel_payout(tx, made.id, FINN, "Too late.", LATER)
    assert await balance(tx, "paid") == 150_000


@rule("MR-095", "A payout that nobody is told the reason for is not cancelled.")
async def test_cancelling_needs_a_reason(tx: Tx) -> None:
    made = await requested(tx)
    with pytest.raises(BadInput):
        await ledger.cancel_payout(tx, made.id, FINN, " ", LATER)


@rule("MR-096", "A request whose answer got lost can be repeated: it returns the payout that waits.")
async def test_a_lost_answer(tx: Tx) -> None:
    made = await approved(tx)
    assert (await ask(tx, made)).id == (await ask(tx, made, made)).id
    assert len(await ledger.payouts(tx)) == 1


@rule("MR-097", "Rewards without money are granted, not paid out.")
async def test_no_money_no_payout(tx: Tx) -> None:
    with pytest.raises(BadInput):
        await ask(tx, await approved(tx, 0, 0, incentive="beta_access"))


@rule("MR-098", "A payout leaves over the rail it was requested for, and over no other.")
async def test_its_own_rail(tx: Tx) -> None:
    class Other(ManualRail):
        name = "other"

    made = await requested(tx)
    await ledger.approve_payout(tx, made.id, NOOR, LATER)
    with pytest.raises(Conflict):
        await ledger.hand_over(tx, made.id, Other(), FINN)


@rule("MR-099", "An empty payout, and one of rewards that do not exist, is refused whole.")
async def test_no_empty_payout(tx: Tx) -> None:
    made = await approved(tx)
    with pytest.raises(BadInput):
        await ask(tx)
    with pytest.raises(Exception, match="does not exist"):
        await ledger.request_payout(tx, [made.id, new_id()], "manual", FINN, LATER)
    assert await balance(tx, "available") == 150_000


@rule("MR-100", "Every step of a payout is in the audit trail with the person who took it.")
async def test_every_step_is_kept(tx: Tx) -> None:
    made = await requested(tx)
    await ledger.approve_payout(tx, made.id, NOOR, LATER)
    await ledger.export_payout(tx, made.id, MARA)
    await ledger.mark_paid(tx, made.id, FINN, "SEPA 1", LATER)
    trail = [(e["action"], e["actor"]) for e in await audit.about(tx, f"payout:{made.id}")]
    wanted = [("payout.requested", FINN), ("payout.approved", NOOR), ("payout.exported", MARA), ("payout.paid", FINN)]
    assert [step for step in trail if step in wanted] == wanted


@rule("MR-101", "A payout is gone from the books' open side exactly when it is paid.")
async def test_paid_moves_all(tx: Tx) -> None:
    made = await requested(tx, 0, 777)
    await ledger.approve_payout(tx, made.id, NOOR, LATER)
    assert (await balance(tx, "in_payout"), await balance(tx, "paid")) == (777, 0)
    await ledger.mark_paid(tx, made.id, FINN, "SEPA 1", LATER)
    assert (await balance(tx, "in_payout"), await balance(tx, "paid")) == (0, 777)
