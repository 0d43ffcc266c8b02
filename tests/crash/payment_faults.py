"""Faults planted in the road of a payment over a rail that calls; each is one a payment system has been shipped with."""

import uuid
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from honeyguide import ledger
from honeyguide.app import disbursing
from honeyguide.db import Database, Tx, outbox
from honeyguide.funnel.vault import Vault
from honeyguide.ledger import Notice, Order, Status, disburse, reward_rows, settling
from honeyguide.ledger import disbursement_rows as lines
from honeyguide.ledger.disbursement_rows import Disbursement
from honeyguide.ledger.payout_moves import leave_payout
from tests.crash import payments
from tests.crash.points import Run
from tests.crash.scenarios import Operation
from tests.crash.seeded import Fault
from tests.unit.ledger.books import LATER, NOOR


def claimed_without_a_mark(operation: Operation) -> Operation:
    """The call is made while the payment still stands as promised."""
    asking = lines.asking

    async def unmarked(tx: Tx, ident: uuid.UUID, payee: uuid.UUID | None, now: datetime, look: datetime) -> None:
        await asking(tx, ident, payee, now, look)
        await tx.run(
            "update disbursement set state = 'promised' where workspace_id = $1 and id = $2", tx.workspace_id, ident
        )

    vars(lines)["asking"] = unmarked
    return operation


def a_new_key_per_try(operation: Operation) -> Operation:
    order_of = disburse.order_of

    def fresh(line: Disbursement, account: dict[str, object]) -> Order:
        return replace(order_of(line, account), id=uuid.uuid4())

    disburse.order_of = fresh
    return operation


def settled_before_it_is_answered(operation: Operation) -> Operation:
    """The books move in a transaction of their own, under a key of this try; the answer is written down in the next."""

    async def faulty(run: Run) -> None:
        answered, pay = disburse.answered, settling.pay

        async def twice(
            tx: Tx, entry: outbox.Entry, line_id: uuid.UUID, answer: ledger.Answer, now: datetime
        ) -> Disbursement:
            async with run.db.tx(run.workspace) as first:
                line = await lines.by_id(first, line_id)
                if line is not None and line.state != "paid" and isinstance(answer, ledger.Sent):
                    inside = await reward_rows.rewards_of_payout(first, line.payout_id, lock=True)
                    for one in inside:
                        owner = f"advocate:{one.advocate_id}"
                        moved = [ledger.Line(ledger.Account(kind, owner, one.currency), minor)
                                 for kind, minor in (("in_payout", -one.pay_minor), ("paid", one.pay_minor))]  # fmt: skip
                        await ledger.post(first, f"reward:{one.id}:paid:{uuid.uuid4()}", "payout.paid", "", moved, now)
                    await reward_rows.save(first, [replace(r, state="paid") for r in inside])
            return await answered(tx, entry, line_id, answer, now)

        async def no_more(tx: Tx, found: ledger.Payout, actor: str, reference: str, now: datetime) -> None:
            await reward_rows.set_payout_paid(tx, found.id, actor, reference, now)

        disburse.answered, settling.pay = twice, no_more
        try:
            await operation(run)
        finally:
            disburse.answered, settling.pay = answered, pay

    return faulty


def absent_taken_for_refused(operation: Operation) -> Operation:
    hears = disburse._open_hears  # the fault sits inside

    async def hasty(tx: Tx, line: Disbursement, status: Status, now: datetime) -> None:
        if status.standing == "absent":
            status = Status("refused", reason="It does not know it.")
        await hears(tx, line, status, now)

    vars(disburse)["_open_hears"] = hasty
    return operation


def believed_without_a_look(operation: Operation) -> Operation:
    async def gullible(tx: Tx, rail: str, notices: list[Notice], now: datetime) -> int:
        for one in notices:
            about = uuid.UUID(one.key.removeprefix("hg-"))
            await disburse.looked(tx, about, Status("paid", one.provider_id, payments.MINOR), now)
        return len(notices)

    disburse.heard = gullible
    return operation


def a_repeats_refusal_believed(operation: Operation) -> Operation:
    claim = disburse.claim

    async def forgetful(tx: Tx, rail: str, interval_ms: int, now: datetime) -> disburse.Claim | None:
        made = await claim(tx, rail, interval_ms, now)
        return replace(made, again=False) if made else None

    disburse.claim = forgetful
    return operation


def called_inside_the_claim(operation: Operation) -> Operation:
    """The provider pays while the transaction that says so is still open."""

    async def send_one(db: Database, workspace_id: int, rail: ledger.CallRail, vault: Vault, now: datetime) -> int:
        async with db.tx(workspace_id) as tx:
            claim = await disburse.claim(tx, rail.name, rail.interval_ms, now)
            if claim is None:
                return 0
            answer = await rail.send(disburse.order_of(claim.line, vault.open(claim.sealed)))
            await disburse.answered(tx, claim.entry, claim.line.id, answer, now)
        return 1

    disbursing.send_one = send_one
    return operation


def promised_after_the_approval(operation: Operation) -> Operation:
    """Approved in one transaction; what is to be paid is written down in the next."""

    async def faulty(run: Run) -> None:
        promise = disburse.promise

        async def later(*_: Any) -> list[Disbursement]:
            return []

        vars(disburse)["promise"] = later
        async with run.db.tx(run.workspace) as tx:
            (payout,) = await ledger.payouts(tx)
            fresh = payout.state == "requested"
            if fresh:
                await ledger.approve_payout(tx, payout.id, NOOR, LATER)
        vars(disburse)["promise"] = promise
        if fresh:
            async with run.db.tx(run.workspace) as tx:
                await promise(tx, payout, await reward_rows.rewards_of_payout(tx, payout.id), LATER)
        await operation(run)

    return faulty


def came_back_in_two_steps(operation: Operation) -> Operation:
    """The money is booked back first, the payment is noted as returned in the next transaction."""

    async def faulty(run: Run) -> None:
        async def apart(tx: Tx, found: ledger.Payout, actor: str, reason: str, now: datetime) -> None:
            async with run.db.tx(run.workspace) as other:
                inside = await reward_rows.rewards_of_payout(other, found.id, lock=True)
                if inside:
                    await leave_payout(other, inside, found.id, "payout.returned", actor, reason, now)

        settling.take_back = apart
        await operation(run)

    return faulty


FAULTS: dict[str, Fault] = {
    "claimed without a mark": Fault("rail paid", claimed_without_a_mark, "it stands as promised"),
    "a new key per try": Fault("rail lost", a_new_key_per_try, "times for 1 payment"),
    "settled before it is answered": Fault("rail paid", settled_before_it_is_answered, "The history of the reward"),
    "absent taken for refused": Fault("rail lost", absent_taken_for_refused, "it stands as refused"),
    "believed without a look": Fault("rail told wrong", believed_without_a_look, "It ended as paid"),
    "a repeat's refusal believed": Fault("rail lost then refused", a_repeats_refusal_believed, "it stands as refused"),
    "called inside the claim": Fault("rail paid", called_inside_the_claim, "it stands as promised"),
    "promised after the approval": Fault("rail paid", promised_after_the_approval, "ended"),
    "came back in two steps": Fault("rail returned", came_back_in_two_steps, "ended"),
}
