"""A model of the ledger against the real one: whatever is done in whatever order, both agree after every step.

The model is a few dictionaries and knows nothing of postings. Every example has a workspace of its own on the real
server; keys are drawn from few values, so replays are frequent.
"""

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec import Struct

from honeyguide import ledger
from honeyguide.core.errors import Conflict, Forbidden, HoneyguideError
from honeyguide.core.money import Money
from honeyguide.db import Database, Tx, create_workspace
from tests.unit.ledger.books import AT, FINN, LATER, MARA, NOOR, PROGRAM, add_advocate, advocate_id, earned

_numbers = itertools.count(1)
_BUDGET, _CAP = 2_000, 900
_PEOPLE = (FINN, NOOR, MARA)
_keys = st.integers(0, 5)
_people = st.sampled_from(_PEOPLE)


class Known(Struct):
    """What the model knows of a reward."""

    reward: ledger.Reward
    advocate: int
    minor: int
    state: str = "held"
    approved_by: str = ""
    payout: Any = None


class Paying(Struct):
    """What the model knows of a payout."""

    payout: ledger.Payout
    keys: list[int]
    requested_by: str
    state: str = "requested"
    approved_by: str = ""
    reference: str = ""


class Bench:
    """One event loop and one database for all examples of a test."""

    def __init__(self, dsn: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.db = self.run(Database.open(dsn, size=2))

    def run(self, work: Awaitable[Any]) -> Any:
        async def whole() -> Any:
            return await work

        return self.loop.run_until_complete(whole())

    def close(self) -> None:
        self.run(self.db.close())
        self.loop.close()


class LedgerMachine(RuleBasedStateMachine):
    bench: Bench

    @initialize()
    def begin(self) -> None:
        self.workspace: int = self.bench.run(
            create_workspace(self.bench.db, f"machine-{os.getpid()}-{next(_numbers)}", "Machine")
        )
        self.rewards: dict[int, Known] = {}
        self.payouts: list[Paying] = []
        self.funded: set[int] = set()
        for advocate in range(2):
            self.act(lambda tx, n=advocate: add_advocate(tx, n, email=f"advocate{n}@customer.example"))  # type: ignore[misc]
        self.act(lambda tx: ledger.fund_budget(tx, "0", PROGRAM, Money(_BUDGET, "EUR"), NOOR, AT))
        self.funded.add(0)

    def act(self, work: Callable[[Tx], Awaitable[Any]]) -> Any:
        """Do it in a transaction; a refusal is returned, and its transaction rolled back."""

        async def whole() -> Any:
            async with self.bench.db.tx(self.workspace) as tx:
                return await work(tx)

        try:
            return self.bench.run(whole())
        except HoneyguideError as e:
            return e

    def spent(self, advocate: int | None = None) -> int:
        """What counts against the budget (or one advocate's cap)."""
        return sum(k.minor for k in self.rewards.values() if k.state != "reversed" and advocate in (None, k.advocate))

    @rule(key=st.integers(0, 2))
    def fund(self, key: int) -> None:
        left = self.act(lambda tx: ledger.fund_budget(tx, str(key), PROGRAM, Money(_BUDGET, "EUR"), NOOR, AT))
        self.funded.add(key)
        assert left == _BUDGET * len(self.funded) - self.spent()

    @rule(key=_keys, minor=st.sampled_from([300, 500, 700]), advocate=st.integers(0, 1))
    def earn(self, key: int, minor: int, advocate: int) -> None:
        got = self.act(lambda tx: ledger.issue_reward(tx, earned(key, minor, advocate=advocate, cap_minor=_CAP), AT))
        known = self.rewards.get(key)
        if known:
            if (known.minor, known.advocate) == (minor, advocate):
                assert (got.id, got.state) == (known.reward.id, known.state)
            else:
                assert isinstance(got, Conflict)
                assert got.code == "key_reused"
            return
        over = self.spent() + minor > _BUDGET * len(self.funded) or self.spent(advocate) + minor > _CAP
        if over:
            assert isinstance(got, ledger.OverFloor)
        else:
            assert got.state == "held"
            self.rewards[key] = Known(got, advocate, minor)

    @precondition(lambda self: self.rewards)
    @rule(key=_keys, who=_people, late=st.booleans(), reason=st.sampled_from(["", "Paid upfront."]))
    def approve(self, key: int, who: str, late: bool, reason: str) -> None:
        known = self.rewards.get(key)
        if known is None:
            return
        now = LATER if late else AT
        got = self.act(lambda tx: ledger.approve_reward(tx, known.reward.id, who, now, reason=reason))
        if known.state == "payable" and known.approved_by == who:
            assert got.state == "payable"
        elif known.state != "held":
            assert isinstance(got, Conflict)
        elif who == MARA:
            assert isinstance(got, Forbidden)
        elif not late and not reason:
            assert isinstance(got, Conflict)
        else:
            assert got.state == "payable"
            known.state, known.approved_by = "payable", who

    @precondition(lambda self: self.rewards)
    @rule(key=_keys)
    def void(self, key: int) -> None:
        known = self.rewards.get(key)
        if known is None:
            return
        got = self.act(lambda tx: ledger.void_reward(tx, known.reward.id, FINN, "Refunded.", LATER))
        if known.state in ("in_payout", "paid"):
            assert isinstance(got, Conflict)
        else:
            assert got.state == "reversed"
            known.state = "reversed"

    @precondition(lambda self: any(k.state == "payable" for k in self.rewards.values()))
    @rule(keys=st.sets(_keys, min_size=1), who=_people)
    def request(self, keys: set[int], who: str) -> None:
        chosen = sorted(k for k in keys if k in self.rewards)
        ids = [self.rewards[k].reward.id for k in chosen]
        if not ids:
            return
        got = self.act(lambda tx: ledger.request_payout(tx, ids, "manual", who, LATER))
        repeated = next(
            (p for p in self.payouts if p.state == "requested" and p.keys == chosen and p.requested_by == who), None
        )
        if repeated:
            assert got.id == repeated.payout.id
        elif all(self.rewards[k].state == "payable" for k in chosen):
            assert got.total_minor == sum(self.rewards[k].minor for k in chosen)
            self.payouts.append(Paying(got, chosen, who))
            for k in chosen:
                self.rewards[k].state = "in_payout"
        else:
            assert isinstance(got, Conflict)

    @precondition(lambda self: self.payouts)
    @rule(n=st.integers(0, 9), who=_people)
    def second_person(self, n: int, who: str) -> None:
        paying = self.payouts[n % len(self.payouts)]
        got = self.act(lambda tx: ledger.approve_payout(tx, paying.payout.id, who, LATER))
        if paying.state == "approved" and paying.approved_by == who:
            assert got.state == "approved"
        elif paying.state != "requested":
            assert isinstance(got, Conflict)
        elif paying.requested_by == who:
            assert isinstance(got, Forbidden)
        else:
            assert got.state == "approved"
            paying.state, paying.approved_by = "approved", who

    @precondition(lambda self: self.payouts)
    @rule(n=st.integers(0, 9), reference=st.sampled_from(["SEPA 1", "SEPA 2"]))
    def pay(self, n: int, reference: str) -> None:
        paying = self.payouts[n % len(self.payouts)]
        got = self.act(lambda tx: ledger.mark_paid(tx, paying.payout.id, FINN, reference, LATER))
        if paying.state == "paid" and paying.reference == reference:
            assert got.state == "paid"
        elif paying.state != "approved":
            assert isinstance(got, Conflict)
        else:
            assert got.state == "paid"
            paying.state, paying.reference = "paid", reference
            for k in paying.keys:
                self.rewards[k].state = "paid"

    @precondition(lambda self: self.payouts)
    @rule(n=st.integers(0, 9))
    def cancel(self, n: int) -> None:
        paying = self.payouts[n % len(self.payouts)]
        got = self.act(lambda tx: ledger.cancel_payout(tx, paying.payout.id, FINN, "Wrong month.", LATER))
        if paying.state == "paid":
            assert isinstance(got, Conflict)
            return
        assert got.state == "cancelled"
        if paying.state != "cancelled":
            paying.state = "cancelled"
            for k in paying.keys:
                self.rewards[k].state = "payable"

    @invariant()
    def the_books_are_those_of_the_model(self) -> None:
        if not hasattr(self, "workspace"):
            return

        async def look(tx: Tx) -> tuple[ledger.VerifyReport, dict[tuple[str, str], int]]:
            found = {(a.kind, a.owner): a.balance_minor for a in await ledger.accounts(tx)}
            return await ledger.verify(tx), found

        report, books = self.act(look)
        assert report.ok, report.problems
        assert books.get(("budget", f"program:{PROGRAM}"), 0) == _BUDGET * len(self.funded) - self.spent()
        for advocate in range(2):
            for state, kind in (
                ("held", "held"),
                ("payable", "available"),
                ("in_payout", "in_payout"),
                ("paid", "paid"),
            ):
                owned = sum(k.minor for k in self.rewards.values() if k.state == state and k.advocate == advocate)
                assert books.get((kind, f"advocate:{advocate_id(advocate)}"), 0) == owned, kind


def test_the_ledger_agrees_with_its_model(dsn: str) -> None:
    bench = Bench(dsn)
    machine = type("Machine", (LedgerMachine,), {"bench": bench})
    try:
        run_state_machine_as_test(machine, settings=settings(max_examples=25, stateful_step_count=20))
    finally:
        bench.close()
