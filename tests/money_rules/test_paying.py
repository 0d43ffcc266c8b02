"""Paying over providers: money leaves once, and nothing is taken for failed that may have been paid"""

from datetime import timedelta
from uuid import UUID

import pytest

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict, Forbidden
from honeyguide.db import Database, Tx
from honeyguide.ledger import Notice, Refused, Sent, Status, Unknown, disburse, resolving
from honeyguide.ledger import disbursement_rows as payments
from honeyguide.ledger.rails_set_up import set_rail
from honeyguide.ledger.tie_out import tie_out
from tests.money_rules import rule
from tests.money_rules.ground import at_once
from tests.unit.ledger.books import FINN, LATER, NOOR, add_advocate, advocate_id, approved, balance

RAIL = "tremendous"


async def ordered(tx: Tx, n: int = 0, minor: int = 1_000) -> ledger.Payout:
    """An approved payout over a rail that calls."""
    await add_advocate(tx)
    await set_rail(tx, RAIL, FINN, LATER, sends=True, payee_kind="", config={})
    made = await approved(tx, n, minor, incentive="gift_card")
    payout = await ledger.request_payout(tx, [made.id], RAIL, FINN, LATER)
    return await ledger.approve_payout(tx, payout.id, NOOR, LATER)


async def claimed(tx: Tx, seconds: float = 0) -> disburse.Claim:
    """The payment the worker is about to ask for."""
    found = await disburse.claim(tx, RAIL, 0, LATER + timedelta(seconds=seconds))
    assert found is not None
    return found


async def line(tx: Tx, payment: UUID) -> payments.Disbursement:
    found = await payments.by_id(tx, payment)
    assert found is not None
    return found


@rule(
    "MR-350",
    "Before a provider is asked for the first time the payment is written down as unknown, under a key that never changes.",
)
async def test_unknown_before_the_call(tx: Tx) -> None:
    await ordered(tx)
    first = await claimed(tx)
    assert first.line.state == "unknown"
    await disburse.answered(tx, first.entry, first.line.id, Unknown("A time-out."), LATER)
    again = await claimed(tx, 86_400)
    assert (again.line.id, again.again) == (first.line.id, True)


@rule("MR-351", "A time-out is not a failure: the money stays under way until the provider says what became of it.")
async def test_a_time_out_is_unknown(tx: Tx) -> None:
    await ordered(tx)
    first = await claimed(tx)
    await disburse.answered(tx, first.entry, first.line.id, Unknown("A time-out."), LATER)
    assert (await line(tx, first.line.id)).state == "unknown"
    assert (await balance(tx, "in_payout"), await balance(tx, "paid")) == (1_000, 0)
    await disburse.looked(tx, first.line.id, Status("paid", "o1", 1_000), LATER)
    assert (await balance(tx, "in_payout"), await balance(tx, "paid")) == (0, 1_000)


@rule("MR-352", "The provider's success told twice, by answer and by look, pays once.")
async def test_success_is_one(tx: Tx) -> None:
    await ordered(tx)
    first = await claimed(tx)
    await disburse.answered(tx, first.entry, first.line.id, Sent("o1", True, 1_000), LATER)
    for _ in range(3):
        await disburse.looked(tx, first.line.id, Status("paid", "o1", 1_000), LATER)
    assert await balance(tx, "paid") == 1_000


@rule("MR-353", "News that comes late or in the wrong order changes nothing that is settled.")
@pytest.mark.parametrize("late", [Status("sent", "o1"), Status("unknown"), Status("refused", reason="no")])
async def test_late_news(tx: Tx, late: Status) -> None:
    await ordered(tx)
    first = await claimed(tx)
    await disburse.answered(tx, first.entry, first.line.id, Sent("o1", True, 1_000), LATER)
    await disburse.looked(tx, first.line.id, late, LATER + timedelta(days=1))
    assert ((await line(tx, first.line.id)).state, await balance(tx, "paid")) == ("paid", 1_000)


@rule("MR-354", "A refusal for certain gives the rewards back, and another payout may pay them.")
async def test_a_refusal_gives_back(tx: Tx) -> None:
    await ordered(tx)
    first = await claimed(tx)
    await disburse.answered(tx, first.entry, first.line.id, Refused("The account is closed."), LATER)
    (back,) = await ledger.rewards(tx)
    assert (back.state, await balance(tx, "in_payout")) == ("payable", 0)
    assert "closed" in (await line(tx, first.line.id)).problem
    again = await ledger.request_payout(tx, [back.id], RAIL, FINN, LATER)
    assert again.total_minor == 1_000


@rule("MR-355", "A payment the provider took in and has not made is not paid.")
async def test_taken_is_not_paid(tx: Tx) -> None:
    await ordered(tx)
    first = await claimed(tx)
    await disburse.answered(tx, first.entry, first.line.id, Sent("o1"), LATER)
    assert ((await line(tx, first.line.id)).state, await balance(tx, "paid")) == ("sent", 0)


@rule("MR-356", "A provider that reports another amount than was ordered settles nothing; the difference is told.")
async def test_another_amount(tx: Tx) -> None:
    await ordered(tx)
    first = await claimed(tx)
    await disburse.answered(tx, first.entry, first.line.id, Sent("o1", True, 999), LATER)
    assert (await balance(tx, "paid"), bool((await line(tx, first.line.id)).problem)) == (0, True)


@rule("MR-357", "Money that comes back after it was paid is booked back, and may be paid again once.")
async def test_returned(tx: Tx) -> None:
    await ordered(tx)
    first = await claimed(tx)
    await disburse.answered(tx, first.entry, first.line.id, Sent("o1", True, 1_000), LATER)
    for _ in range(2):
        await disburse.looked(tx, first.line.id, Status("returned", "o1", 1_000), LATER + timedelta(days=2))
    assert (await balance(tx, "paid"), (await line(tx, first.line.id)).state) == (0, "returned")
    (back,) = await ledger.rewards(tx)
    assert back.state == "payable"


@rule("MR-358", "A payment that may be under way is not cancelled.")
async def test_no_cancel_under_way(tx: Tx) -> None:
    payout = await ordered(tx)
    first = await claimed(tx)
    await disburse.answered(tx, first.entry, first.line.id, Unknown("A time-out."), LATER)
    with pytest.raises(Conflict):
        await ledger.cancel_payout(tx, payout.id, NOOR, "Too late.", LATER)
    assert await balance(tx, "in_payout") == 1_000


@rule("MR-359", "A payout that was cancelled before it was asked for is not asked for.")
async def test_cancelled_is_not_sent(tx: Tx) -> None:
    payout = await ordered(tx)
    await ledger.cancel_payout(tx, payout.id, NOOR, "Too early.", LATER)
    assert await disburse.claim(tx, RAIL, 0, LATER + timedelta(hours=1)) is None


@rule("MR-360", "What a person has paid by hand is not sent afterwards.")
async def test_by_hand_is_not_sent(tx: Tx) -> None:
    payout = await ordered(tx)
    await ledger.mark_paid(tx, payout.id, NOOR, "by hand 1", LATER)
    assert await disburse.claim(tx, RAIL, 0, LATER + timedelta(hours=1)) is None
    assert await balance(tx, "paid") == 1_000


@rule("MR-361", "Several workers ask for a payment once.")
async def test_workers_ask_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await ordered(tx)
    done, _ = await at_once(db, workspace, lambda tx, _: disburse.claim(tx, RAIL, 1_000, LATER), 5)
    assert len([d for d in done if d is not None]) == 1


@rule("MR-362", "A rail is asked no faster than it allows, however many payments wait.")
async def test_the_rails_pace(tx: Tx) -> None:
    await ordered(tx, 0)
    await ordered(tx, 1)
    asked = [await disburse.claim(tx, RAIL, 1_000, LATER + timedelta(seconds=s)) for s in (0, 0.5, 0.9, 1.1)]
    assert [a is not None for a in asked] == [True, False, False, True]


@rule("MR-363", "A debt is kept back before the provider is asked: what is sent is what is owed to the advocate.")
async def test_sent_net_of_debt(tx: Tx) -> None:
    await ordered(tx, 0, 1_000)
    first = await claimed(tx)
    await disburse.answered(tx, first.entry, first.line.id, Sent("o1", True, 1_000), LATER)
    (paid_one,) = await ledger.rewards(tx)
    await ledger.reverse_reward(tx, paid_one.id, 400, "re_1", "Refunded.", FINN, LATER)
    await ordered(tx, 1, 1_000)
    second = await claimed(tx, 10)
    assert (second.line.gross_minor, second.line.netted_minor, second.line.amount_minor) == (1_000, 400, 600)
    assert await ledger.owed(tx, advocate_id(), "EUR") == 0


@rule("MR-364", "Every day ties out by rail: ours, theirs and the difference, which is nothing when all is well.")
async def test_the_day_ties_out(tx: Tx) -> None:
    await ordered(tx, 0, 1_000)
    first = await claimed(tx)
    await disburse.answered(tx, first.entry, first.line.id, Sent("o1", True, 1_000), LATER)
    (day,) = await tie_out(tx, LATER.date())
    assert (day.ours_minor, day.theirs_minor, day.difference_minor, day.problems) == (1_000, 1_000, 0, 0)


@rule("MR-365", "Another sum at the provider than in our books is told by the tie-out, to the cent.")
async def test_a_difference_is_told(tx: Tx) -> None:
    await ordered(tx, 0, 1_000)
    first = await claimed(tx)
    await disburse.answered(tx, first.entry, first.line.id, Sent("o1", True, 1_007), LATER)
    (day,) = await tie_out(tx, LATER.date())
    assert (day.difference_minor, day.problems) == (-1_007, 1)
    assert "does not tie out" in day.sentence


@rule("MR-366", "Credentials do not follow when somebody changes where a provider is reached.")
async def test_credentials_stay(tx: Tx) -> None:
    config = {"base_url": "https://good.example"}
    await set_rail(tx, RAIL, FINN, LATER, sends=True, payee_kind="", config=config, sealed=b"secret")
    with pytest.raises(BadInput):
        await set_rail(tx, RAIL, FINN, LATER, sends=True, payee_kind="", config={"base_url": "https://evil.example"})


@rule("MR-367", "A provider's message settles nothing: forged, doubled or early, it only makes us ask the provider.")
async def test_messages_settle_nothing(tx: Tx) -> None:
    await ordered(tx)
    first = await claimed(tx)
    await disburse.answered(tx, first.entry, first.line.id, Sent("o1"), LATER)
    told = Notice("e-1", "delivered", key=f"hg-{first.line.id}")
    for one in (told, told, Notice("e-0", "failed", provider_id="o1"), Notice("e-9", "delivered", key="hg-of nobody")):
        await disburse.heard(tx, RAIL, [one], LATER)
    assert ((await line(tx, first.line.id)).state, await balance(tx, "paid")) == ("sent", 0)
    looked = await disburse.next_look(tx, RAIL, 0, LATER)
    assert looked is not None
    assert looked[0].id == first.line.id


@rule("MR-368", "A payment nobody knows the end of is given up by two persons, and not within a day of its last word.")
async def test_given_up_by_two(tx: Tx) -> None:
    await ordered(tx)
    first = await claimed(tx)
    await disburse.answered(tx, first.entry, first.line.id, Unknown("no answer"), LATER)
    ask = ledger.GiveUpAsk(first.line.id, first.line.advocate_id, first.line.amount_minor, "EUR")
    with pytest.raises(Conflict, match="too early"):
        await ledger.propose(tx, ask, "p1", "It never came.", FINN, LATER + timedelta(hours=23))
    after = LATER + timedelta(hours=25)
    made = await ledger.propose(tx, ask, "p1", "It never came.", FINN, after)
    with pytest.raises(Forbidden):
        await ledger.confirm(tx, made.id, FINN, after)
    await ledger.confirm(tx, made.id, NOOR, after)
    assert ((await line(tx, first.line.id)).state, await balance(tx, "available")) == ("cancelled", 1_000)
    assert await disburse.claim(tx, RAIL, 0, after + timedelta(days=9)) is None


@rule("MR-369", "A provider that paid what people gave up is told at the payment, and nothing is paid again by itself.")
async def test_paid_after_all(tx: Tx) -> None:
    await ordered(tx)
    first = await claimed(tx)
    after = LATER + timedelta(hours=25)
    await resolving.give_up(tx, first.line.id, NOOR, "It never came.", after)
    await disburse.looked(tx, first.line.id, Status("paid", "o1", 1_000), after + timedelta(days=1))
    told = await line(tx, first.line.id)
    assert (told.state, "Do not pay it again" in told.problem) == ("cancelled", True)
    assert await balance(tx, "paid") == 0


@rule("MR-370", "Asking again about a payment keeps its key, and asks nothing once its end is known.")
async def test_asked_again(tx: Tx) -> None:
    await ordered(tx)
    first = await claimed(tx)
    await disburse.answered(tx, first.entry, first.line.id, Unknown("no answer", 3_600), LATER)
    await resolving.ask_again(tx, first.line.id, FINN, LATER + timedelta(hours=2))
    again = await claimed(tx, 7_300)
    assert (again.entry.key, again.again) == (first.entry.key, True)
    await disburse.answered(tx, again.entry, again.line.id, Sent("o1", True, 1_000), LATER)
    with pytest.raises(Conflict):
        await resolving.ask_again(tx, first.line.id, FINN, LATER + timedelta(hours=3))
