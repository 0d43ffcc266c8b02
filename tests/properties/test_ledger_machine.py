"""The whole money machine against its model: whatever is done in whatever order, both agree after every step.

The model (ledger_model.py) is dictionaries and knows nothing of postings. Every example is one transaction on the real
server that is rolled back at its end; each step is a savepoint, so that a refusal leaves nothing, and is followed by one
query that compares every account and every reward. At the end of an example all deferred constraints are checked and the
outside checker reads the books. Keys are drawn from few values, so that replays are frequent.
"""

import contextlib
import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from honeyguide import ledger
from honeyguide.core.errors import BadInput, Conflict, Forbidden
from honeyguide.core.money import Money
from honeyguide.db import Tx
from honeyguide.ledger import Account
from tests.properties.ledger_bench import BALANCES, Bench, Step, Undone, step
from tests.properties.ledger_model import CAP, HAPPENS, UNPAID, Known, Model, Paying
from tests.unit.ledger.books import AT, FINN, MARA, NOOR, PROGRAM, add_advocate, advocate_id, earned

_HOLD = 30
_PEOPLE = (FINN, NOOR, MARA)
_keys, _people, _ns = st.integers(0, 7), st.sampled_from(_PEOPLE), st.integers(0, 9)


class LedgerMachine(RuleBasedStateMachine):
    bench: Bench

    @initialize()
    def begin(self) -> None:
        self.model = Model()
        self.context = self.bench.db.tx(self.bench.workspace)
        self.tx: Tx = self.bench.run(self.context.__aenter__())
        self.ids: dict[int, Any] = {}
        self.names = {f"advocate:{advocate_id(n)}": str(n) for n in range(2)}
        self.bench.examples += 1

        async def opening() -> None:
            for n in range(2):
                await add_advocate(self.tx, n, email=f"advocate{n}@customer.example")
            await ledger.store_rate(self.tx, "EUR", "USD", 11, 10, "test", AT)

        self.bench.run(opening())
        self.fund("0")

    def teardown(self) -> None:
        if not hasattr(self, "tx"):
            return

        async def end() -> ledger.VerifyReport:
            await self.tx.run("set constraints all immediate")
            await self.tx.run("set constraints all deferred")
            return await ledger.verify(self.tx)

        try:
            report = self.bench.run(end())
            assert report.ok, report.problems
        finally:
            with contextlib.suppress(Undone):
                self.bench.run(self.context.__aexit__(Undone, Undone(), None))

    @property
    def now(self) -> datetime:
        return AT + timedelta(days=self.model.day)

    def act(self, work: Callable[[Tx], Awaitable[Any]]) -> Any:
        """Do it in a savepoint; a refusal is returned, and its savepoint rolled back."""
        return self.bench.attempt(self.tx, work)

    # -- budgets, rates, debts

    @step(key=st.sampled_from("012"))
    def fund(self, key: str) -> None:
        left = self.act(lambda tx: ledger.fund_budget(tx, key, PROGRAM, Money(2_500, "EUR"), NOOR, self.now))
        self.model.funded[key] = 2_500
        assert left == self.model.left()

    @step(key=st.sampled_from("ab"), minor=st.sampled_from([55, 2_300]))
    def change_money(self, key: str, minor: int) -> None:
        one, other = (Account("budget", f"program:{PROGRAM}", c) for c in ("EUR", "USD"))
        got = self.act(lambda tx: ledger.exchange(tx, key, one, other, minor, NOOR, self.now))
        if key in self.model.changed:
            assert isinstance(got, Conflict) == (self.model.changed[key] != minor)
        elif minor > self.model.left():
            assert isinstance(got, ledger.OverFloor)
        else:
            assert len(got.lines) == 4
            self.model.changed[key] = minor

    @step(
        when=lambda self: any(self.model.debts.values()),
        key=st.sampled_from("xy"),
        advocate=st.integers(0, 1),
        minor=st.sampled_from([50, 400]),
        who=st.sampled_from([FINN, NOOR]),
    )
    def write_off(self, key: str, advocate: int, minor: int, who: str) -> None:
        ask = ledger.WriteOffAsk(advocate_id(advocate), PROGRAM, minor, "EUR")

        async def both(tx: Tx) -> Any:
            made = await ledger.propose(tx, ask, key, "Not worth the letter.", NOOR, self.now)
            return await ledger.confirm(tx, made.id, who, self.now)

        got, known = self.act(both), self.model.written_off.get(key)
        if known:
            assert (
                (got.state == "confirmed")
                if (known == (advocate, minor) and who == FINN)
                else isinstance(got, Conflict)
            )
        elif who == NOOR:
            assert isinstance(got, Forbidden)
        elif minor > self.model.debts[advocate]:
            assert isinstance(got, Conflict)
        else:
            assert got.state == "confirmed"
            self.model.written_off[key] = (advocate, minor)
            self.model.debts[advocate] -= minor

    @step(weight=2, when=lambda self: any(self.model.debts.values()), advocate=st.integers(0, 1))
    def settle(self, advocate: int) -> None:
        for n, key in enumerate(sorted(self.model.rewards)):
            known = self.model.rewards[key]
            if known.advocate == advocate and known.state in ("held", "review"):
                self.approve(n, FINN, "Paid upfront.", False)
        got = self.act(lambda tx: ledger.settle_owed(tx, advocate_id(advocate), "EUR", FINN, self.now))
        assert len(got) == len(self.model.settle(advocate))

    # -- earning and time

    @step(
        weight=4, key=_keys, minor=st.sampled_from([80, 300, 500, 700]), advocate=st.integers(0, 1), review=st.sampled_from(["", "", "Look."]),
        due=st.sampled_from([None, None, 20]), expires=st.sampled_from([None, None, 50]),
        policy=st.sampled_from(["", "partial", "all_or_nothing"]),
    )  # fmt: skip
    def earn(
        self, key: int, minor: int, advocate: int, review: str, due: int | None, expires: int | None, policy: str
    ) -> None:
        m, day = self.model, self.model.day
        what = earned(
            key, minor, advocate=advocate, cap_minor=CAP, review=review, capped_ok=bool(policy), cap_policy=policy or "partial",
            hold_until=self.now + timedelta(days=_HOLD), pending_until=self.now + timedelta(days=due) if due else None,
            expires_at=self.now + timedelta(days=expires) if expires else None,
        )  # fmt: skip
        got = self.act(lambda tx: ledger.issue_reward(tx, what, self.now))
        if key in m.rewards:
            known = m.rewards[key]
            same = (known.wanted, known.advocate) == (minor, advocate)
            assert got.state == known.state if same else got.code == "key_reused"
            return
        room = m.room(advocate)
        if minor > room and not policy:
            assert isinstance(got, ledger.OverFloor)
            return
        fits = minor if minor <= room else room if policy == "partial" else 0
        state = "capped" if not fits else "pending" if due else "review" if review else "held"
        assert (got.state, got.amount_minor) == (state, fits)
        m.rewards[key] = Known(
            str(got.id), day, advocate, minor, fits, state, day + _HOLD, day + due if due and fits else None,
            day + expires if expires else None, review,
        )  # fmt: skip
        self.ids[key] = got.id

    @step(days=st.sampled_from([0, 5, 25, 40]))
    def time_passes(self, days: int) -> None:
        self.model.day += days
        self.act(lambda tx: ledger.advance(tx, self.now))
        self.model.advance()

    @step(
        when=lambda self: self.model.rewards,
        key=_keys,
        claim=st.booleans(),
        review=st.sampled_from(["", "Look again."]),
    )
    def look(self, key: int, claim: bool, review: str) -> None:
        key, known = self._some(key)
        if claim:
            got = self.act(lambda tx: ledger.claim_reward(tx, self.ids[key], MARA, self.now))
            gone = known.state in ("reversed", "expired", "capped") and not known.claimed
            assert isinstance(got, Conflict) == gone
            known.claimed = known.claimed or not gone
            return
        self.act(lambda tx: ledger.ask_for_review(tx, self.ids[key], review, self.now))
        if known.state in ("pending", "held", "review"):
            known.review = review
            known.state = "pending" if known.state == "pending" else "review" if review else "held"

    @step(
        when=lambda self: self.model.rewards,
        key=_keys,
        who=_people,
        reason=st.sampled_from(["", "Paid upfront."]),
        keep=st.booleans(),
    )
    def approve(self, key: int, who: str, reason: str, keep: bool) -> None:
        key, known = self._some(key)
        got = self.act(
            lambda tx: ledger.approve_reward(tx, self.ids[key], who, self.now, reason=reason, keep_hold=keep)
        )
        if known.state in ("approved", "payable") and known.approved_by == who:
            assert got.state == known.state
        elif known.state in ("held", "review") and who == MARA:
            assert isinstance(got, Forbidden)
        elif self.model.why_not_approve(known, reason, keep=keep):
            assert isinstance(got, Conflict)
        else:
            known.state = "approved" if keep and self.model.day < known.hold else "payable"
            known.approved_by = who
            assert got.state == known.state

    # -- back

    @step(
        when=lambda self: self.model.rewards,
        key=_keys,
        minor=st.sampled_from([None, 100, 100, 250]),
        refund=st.sampled_from(["r1", "r2", "r3"]),
    )
    def reverse(self, key: int, minor: int | None, refund: str) -> None:
        key, known = self._some(key)
        got = self.act(lambda tx: ledger.reverse_reward(tx, self.ids[key], minor, refund, "Refunded.", FINN, self.now))
        if refund in known.keys:
            assert got.repeated if known.keys[refund] == minor else got.code == "key_reused"
        else:
            assert (got.taken_minor, got.clawed_minor) == self.model.take(known, refund, minor)

    @step(when=lambda self: self.model.rewards, key=_keys)
    def void(self, key: int) -> None:
        key, known = self._some(key)
        got = self.act(lambda tx: ledger.void_reward(tx, self.ids[key], FINN, "Refunded.", self.now))
        if known.state in ("in_payout", "paid") and "@void" not in known.keys:
            assert isinstance(got, Conflict)
        elif known.state in UNPAID and "@void" not in known.keys:
            self.model.take(known, "@void", None)

    @step(
        when=lambda self: self.model.rewards,
        weight=2,
        key=st.integers(0, 1),
        dispute=st.sampled_from(["d1", "d2"]),
        outcome=st.sampled_from(["", "won", "lost"]),
    )
    def dispute(self, key: int, dispute: str, outcome: str) -> None:
        key, known = self._some(key)
        if not outcome:
            self.act(lambda tx: ledger.open_dispute(tx, self.ids[key], dispute, "Charged back.", FINN, self.now))
            known.disputes.setdefault(dispute, "")
            return
        got = self.act(lambda tx: ledger.close_dispute(tx, self.ids[key], dispute, outcome, FINN, self.now))
        before = known.disputes.get(dispute)
        if before is None:
            assert isinstance(got, BadInput)
        elif before:
            assert isinstance(got, Conflict) == (before != outcome)
        else:
            known.disputes[dispute] = outcome
            if outcome == "lost":
                self.model.take(known, f"@dispute:{dispute}", None)

    # -- payouts

    @step(
        when=lambda self: any(self.model.ripe(k) for k in self.model.rewards.values()),
        keys=st.sets(_keys, min_size=1),
        who=_people,
    )
    def request(self, keys: set[int], who: str) -> None:
        m = self.model
        chosen = sorted(k for k in keys if k in m.rewards)
        if not chosen:
            return
        got = self.act(lambda tx: ledger.request_payout(tx, [self.ids[k] for k in chosen], "manual", who, self.now))
        known = m.in_order(chosen)
        repeated = [
            p for p in m.payouts if p.state == "requested" and sorted(p.keys) == chosen and p.requested_by == who
            and all(m.rewards[k].payout == m.payouts.index(p) for k in chosen)
        ]  # fmt: skip
        if repeated:
            assert got.id == repeated[0].ident
        elif not all(m.ripe(k) for k in known) or not m.would_pay(known):
            assert isinstance(got, Conflict)
        else:
            assert got.total_minor == m.request(known, len(m.payouts))
            m.payouts.append(Paying(got.id, chosen, who))

    @step(when=lambda self: self.model.payouts, n=_ns, who=_people)
    def second_person(self, n: int, who: str) -> None:
        paying = self.model.payouts[n % len(self.model.payouts)]
        got = self.act(lambda tx: ledger.approve_payout(tx, paying.ident, who, self.now))
        if paying.state == "approved" and paying.approved_by == who:
            assert got.state == "approved"
        elif paying.state != "requested":
            assert isinstance(got, Conflict)
        elif paying.requested_by == who or any(self.model.rewards[k].disputed for k in paying.keys):
            assert isinstance(got, Forbidden)
        else:
            paying.state, paying.approved_by = "approved", who
            assert got.state == "approved"

    @step(when=lambda self: self.model.payouts, n=_ns, reference=st.sampled_from(["SEPA 1", "SEPA 2"]))
    def pay(self, n: int, reference: str) -> None:
        number = n % len(self.model.payouts)
        paying = self.model.payouts[number]
        got = self.act(lambda tx: ledger.mark_paid(tx, paying.ident, FINN, reference, self.now))
        if paying.state == "paid" and paying.reference == reference:
            assert got.state == "paid"
        elif paying.state != "approved":
            assert isinstance(got, Conflict)
        else:
            paying.state, paying.reference = "paid", reference
            self.model.paid(number)

    @step(when=lambda self: self.model.payouts, n=_ns)
    def cancel(self, n: int) -> None:
        number = n % len(self.model.payouts)
        paying = self.model.payouts[number]
        got = self.act(lambda tx: ledger.cancel_payout(tx, paying.ident, FINN, "Wrong month.", self.now))
        if paying.state == "paid":
            assert isinstance(got, Conflict)
        elif paying.state != "cancelled":
            paying.state = "cancelled"
            self.model.cancelled(number)

    @step(when=lambda self: self.model.rewards, keys=st.sets(_keys, min_size=1), pays=st.booleans())
    def whole_road(self, keys: set[int], pays: bool) -> None:
        """Left to chance alone, few rewards would ever be paid: take what can be taken all the way."""
        there = sorted(self.model.rewards)
        for n, key in enumerate(there):
            if n in keys and self.model.rewards[key].state in ("held", "review"):
                self.approve(n, FINN, "Paid upfront.", False)
        ready = {k for n, k in enumerate(there) if n in keys and self.model.ripe(self.model.rewards[k])}
        before = len(self.model.payouts)
        if ready:
            self.request(ready, FINN)
        if len(self.model.payouts) > before and pays:
            self.second_person(before, NOOR)
            self.pay(before, "SEPA 1")

    @invariant()
    def the_books_are_those_of_the_model(self) -> None:
        if not hasattr(self, "tx"):
            return
        row = self.bench.run(self.tx.row(BALANCES, self.bench.workspace))
        books = {self._named(name): minor for name, minor in (row["books"] or {}).items()}
        assert books == self.model.balances()
        expected = {
            str(self.ids[n]): [k.state, k.amount, k.reversed, k.clawed, k.netted, k.disputed]
            for n, k in self.model.rewards.items()
        }
        assert (row["rewards"] or {}) == expected
        self.bench.seen |= self.model.happened()

    @rule(data=st.data())
    def one_step(self, data: st.DataObject) -> None:
        """Whatever is possible now, by weight: rules of their own would be switched off for whole examples."""
        possible = [name for name, one in STEPS.items() if one.when(self) for _ in range(one.weight)]
        name = data.draw(st.sampled_from(possible))
        getattr(self, name)(**data.draw(st.fixed_dictionaries(STEPS[name].arguments)))

    def _some(self, n: int) -> tuple[int, Known]:
        keys = sorted(self.model.rewards)
        return keys[n % len(keys)], self.model.rewards[keys[n % len(keys)]]

    def _named(self, account: str) -> str:
        """`held advocate:<id> EUR` as `held 0`; accounts of programs and offers by kind and currency."""
        kind, *owner, currency = account.split(" ")
        return f"{kind} {self.names[owner[-1]]}" if owner[-1] in self.names else f"{kind} {currency}"


STEPS: dict[str, Step] = {name: f.step for name, f in vars(LedgerMachine).items() if hasattr(f, "step")}


def test_the_ledger_agrees_with_its_model(dsn: str) -> None:
    nightly = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
    bench = Bench(dsn)
    machine = type("Machine", (LedgerMachine,), {"bench": bench})
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(max_examples=3_000 if nightly else 300, stateful_step_count=100 if nightly else 50),
        )
    finally:
        bench.close()
    assert bench.examples >= 300
    assert {*ledger.REWARD_STATES, *HAPPENS} - bench.seen == set()
    assert bench.steps >= 300 * 30, "most steps do something"
