"""Faults planted on purpose: a harness that does not catch each of them proves nothing.

Each is an error that others have shipped. A fault wraps the operation, or replaces a part of the ledger, in the
child only.
"""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from honeyguide import ledger
from honeyguide.connectors import landing
from honeyguide.core.money import Money
from honeyguide.db import Tx, audit, cursors
from honeyguide.funnel import ingest
from honeyguide.ledger import payout_moves, proposal_rows, reward_rows, tables
from honeyguide.ledger.accounts import Account, Line, Transfer
from honeyguide.ledger.rewards import moves
from tests.crash import scenarios
from tests.crash.points import Run
from tests.crash.scenarios import Operation
from tests.unit.ledger.books import AT, FINN, LATER, PROGRAM


class Fault(Struct, frozen=True):
    """A planted fault, the scenario whose crash points must show it, and what the harness must say."""

    scenario: str
    plant: Callable[[Operation], Operation]
    shows: str


def answers_before_commit(_: Operation) -> Operation:
    async def faulty(run: Run) -> None:
        async with run.db.tx(run.workspace) as tx:
            (reward,) = await ledger.rewards(tx)
            await ledger.approve_reward(tx, reward.id, FINN, LATER)
            run.answer()

    return faulty


def no_idempotency_key(_: Operation) -> Operation:
    async def faulty(run: Run) -> None:
        async with run.db.tx(run.workspace) as tx:
            await ledger.post(tx, f"post:{uuid.uuid4()}", "test", "", scenarios.draw(30), AT)

    return faulty


def cursor_before_effects(_: Operation) -> Operation:
    async def faulty(run: Run) -> None:
        rows: list[Any] = []
        async with cursors.batch(run.db, run.workspace, scenarios.CONSUMER) as batch:
            rows = batch.rows if batch else []
        async with run.db.tx(run.workspace) as tx:
            await scenarios.take(tx, rows)

    return faulty


def effects_in_another_transaction(_: Operation) -> Operation:
    async def faulty(run: Run) -> None:
        async with cursors.batch(run.db, run.workspace, scenarios.CONSUMER) as batch:
            if batch is not None:
                async with run.db.tx(run.workspace) as other:
                    await scenarios.take(other, batch.rows)

    return faulty


def no_row_lock(operation: Operation) -> Operation:
    seen: dict[int, dict[int, int]] = {}

    async def read_only(tx: Tx, accounts: Sequence[Account]) -> dict[Account, tables.Standing]:
        rows = await tx.rows(
            "select id, kind, owner, currency, balance_minor, floor_minor from ledger_account where workspace_id = $1",
            tx.workspace_id,
        )
        await asyncio.sleep(0.1)
        seen[id(tx)] = {r["id"]: r["balance_minor"] for r in rows}
        found = {
            Account(r["kind"], r["owner"], r["currency"]): tables.Standing(
                r["id"], r["balance_minor"], r["floor_minor"]
            )
            for r in rows
        }
        return {a: found[a] for a in accounts}

    async def overwrite(tx: Tx, changes: dict[int, int]) -> None:
        for ident, change in changes.items():
            await tx.run(
                "update ledger_account set balance_minor = $3 where workspace_id = $1 and id = $2",
                tx.workspace_id, ident, seen[id(tx)][ident] + change,
            )  # fmt: skip

    tables.lock_accounts = read_only
    tables.add_to_balances = overwrite
    return operation


def reversal_not_unique(_: Operation) -> Operation:
    async def faulty(run: Run) -> None:
        async with run.db.tx(run.workspace) as tx:
            (reward,) = await ledger.rewards(tx)
            issue = (await tables.transfers_by_key(tx, [f"reward:{reward.id}:issue"]))[f"reward:{reward.id}:issue"]
            back = [Line(line.account, -line.amount_minor) for line in issue.lines]
            await ledger.post(tx, f"reward:{reward.id}:void:{uuid.uuid4()}", "reward.voided", "", back, LATER)
            await tx.run(
                "update reward set state = 'reversed', reversed_minor = issued_minor, amount_minor = 0 where workspace_id = $1",
                run.workspace,
            )

    return faulty


def unbalanced_line(operation: Operation) -> Operation:
    insert = tables.insert_postings

    async def short(tx: Tx, transfers: Sequence[Transfer], standings: dict[Account, tables.Standing]) -> None:
        cut = [Transfer(t.id, t.key, t.kind, t.memo, t.at, t.lines[:-1], t.reversal_of) for t in transfers]
        await insert(tx, cut, standings)

    tables.insert_postings = short
    return operation


def balance_not_updated(operation: Operation) -> Operation:
    async def forget(tx: Tx, changes: dict[int, int]) -> None:
        """The cache is left as it was."""

    tables.add_to_balances = forget
    return operation


def trail_in_another_transaction(operation: Operation) -> Operation:
    write = audit.write

    async def faulty(run: Run) -> None:
        async def elsewhere(
            tx: Tx, actor: str, action: str, subject: str, detail: dict[str, Any] | None = None
        ) -> None:
            async with run.db.tx(tx.workspace_id) as other:
                await write(other, actor, action, subject, detail)

        audit.write = elsewhere
        await operation(run)

    return faulty


def state_and_money_apart(_: Operation) -> Operation:
    async def faulty(run: Run) -> None:
        async with run.db.tx(run.workspace) as tx:
            (reward,) = await ledger.rewards(tx)
            await tx.run(
                "update reward set state = 'approved', approved_by = $2, approved_at = $3 where workspace_id = $1",
                run.workspace, FINN, LATER,
            )  # fmt: skip
            await audit.write(tx, FINN, "reward.approved", f"reward:{reward.id}")
        async with run.db.tx(run.workspace) as tx:
            (line,) = moves([reward], "approve", "reward.approved", "held", "available")
            await ledger.post(tx, line.key, line.kind, line.memo, line.lines, LATER)

    return faulty


def records_in_another_transaction(operation: Operation) -> Operation:
    append = ingest.append_mixed

    async def faulty(run: Run) -> None:
        async def elsewhere(tx: Tx, inputs: Any) -> Any:
            async with run.db.tx(tx.workspace_id) as other:
                return await append(other, inputs)

        vars(landing)["append_mixed"] = elsewhere
        await operation(run)

    return faulty


def refund_under_a_new_key(_: Operation) -> Operation:
    async def faulty(run: Run) -> None:
        async with run.db.tx(run.workspace) as tx:
            (reward,) = await ledger.rewards(tx)
            await ledger.reverse_reward(tx, reward.id, 40_000, f"refund:{uuid.uuid4()}", "Refunded.", FINN, LATER)

    return faulty


def history_in_another_transaction(operation: Operation) -> Operation:
    insert = reward_rows.insert_moves

    async def faulty(run: Run) -> None:
        async def elsewhere(tx: Tx, steps: Sequence[reward_rows.Step]) -> None:
            async with run.db.tx(tx.workspace_id) as other:
                await insert(other, steps)

        reward_rows.insert_moves = elsewhere
        await operation(run)

    return faulty


def refund_noted_after_the_money(_: Operation) -> Operation:
    async def faulty(run: Run) -> None:
        async with run.db.tx(run.workspace) as tx:
            (reward,) = await ledger.rewards(tx)
            issue = (await tables.transfers_by_key(tx, [f"reward:{reward.id}:issue"]))[f"reward:{reward.id}:issue"]
            owed = Account("owed", f"advocate:{reward.advocate_id}", "EUR")
            lines = [Line(owed, -40_000), Line(issue.lines[0].account, 40_000)]
            await ledger.post(tx, f"reward:{reward.id}:back:refund:1", "reward.owed", "", lines, LATER)
        async with run.db.tx(run.workspace) as tx:
            await ledger.reverse_reward(tx, reward.id, 40_000, "refund:1", "Refunded in part.", FINN, LATER)

    return faulty


def payout_marked_before_its_rewards(_: Operation) -> Operation:
    async def faulty(run: Run) -> None:
        async with run.db.tx(run.workspace) as tx:
            (payout,) = await ledger.payouts(tx)
            await reward_rows.set_payout_paid(tx, payout.id, FINN, "SEPA 1", LATER)
            await audit.write(tx, FINN, "payout.paid", f"payout:{payout.id}")
        async with run.db.tx(run.workspace) as tx:
            inside = await reward_rows.rewards_of_payout(tx, payout.id, lock=True)
            await ledger.pay_out(tx, inside, payout.id, FINN, "SEPA 1", LATER)

    return faulty


def debt_forgotten_on_leaving(operation: Operation) -> Operation:
    async def none(tx: Tx, found: Sequence[ledger.Reward]) -> dict[Any, int]:
        return {}

    vars(payout_moves)["_debts"] = none
    return operation


def confirmed_before_it_is_carried_out(_: Operation) -> Operation:
    async def faulty(run: Run) -> None:
        async with run.db.tx(run.workspace) as tx:
            (made,) = await ledger.proposals(tx)
            await proposal_rows.decide(tx, made.id, "confirmed", FINN, "", LATER)
            await audit.write(tx, FINN, "ledger.confirmed", f"proposal:{made.id}")
        async with run.db.tx(run.workspace) as tx:
            await ledger.fund_budget(
                tx, f"proposal:{made.id}", PROGRAM, Money(90_000, "EUR"), FINN, LATER, period="quarter"
            )

    return faulty


FAULTS: dict[str, Fault] = {
    "answers before commit": Fault("approve", answers_before_commit, "answered, and is not there"),
    "no idempotency key": Fault("post", no_idempotency_key, "second try left another state"),
    "cursor before effects": Fault("consume", cursor_before_effects, "half done"),
    "effects in another transaction": Fault("consume", effects_in_another_transaction, "half done"),
    "no row lock": Fault("race", no_row_lock, ""),
    "reversal not unique": Fault("void", reversal_not_unique, "half done"),
    "unbalanced line": Fault("post", unbalanced_line, "the operation failed"),
    "balance not updated": Fault("post", balance_not_updated, "its postings sum to"),
    "trail in another transaction": Fault("approve", trail_in_another_transaction, "half done"),
    "records in another transaction": Fault("sync", records_in_another_transaction, "half done"),
    "state and money apart": Fault("approve", state_and_money_apart, "half done"),
    "refund under a new key": Fault("refund", refund_under_a_new_key, "half done"),
    "refund noted after the money": Fault("refund", refund_noted_after_the_money, "half done"),
    "history in another transaction": Fault("refund", history_in_another_transaction, "half done"),
    "payout marked before its rewards": Fault("pay", payout_marked_before_its_rewards, "half done"),
    "debt forgotten on leaving": Fault("cancel", debt_forgotten_on_leaving, "half done"),
    "confirmed before it is carried out": Fault("confirm", confirmed_before_it_is_carried_out, "half done"),
}
