"""Payments over rails that call, to be crashed: the worker's own loop against a real server that pays, and what must hold after.

A payment takes several transactions and a call between them, so a crash may leave it half way; what a restart makes of
that is judged. Before it, too: money the provider has paid must never look as if it had not been asked for.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from msgspec import Struct

from honeyguide import ledger
from honeyguide.app import disbursing
from honeyguide.core import clock
from honeyguide.core.ids import content_id
from honeyguide.db import Database, Tx
from honeyguide.funnel.vault import Vault
from honeyguide.ledger import disbursement_rows as lines
from honeyguide.ledger.rails_set_up import set_rail
from honeyguide.ledger.tie_out import tie_out
from tests import provider as fake
from tests.crash.points import Run
from tests.crash.settings import WORKER_SETTINGS
from tests.unit.ledger.books import FINN, LATER, NOOR, add_advocate, advocate_id, approved, balance, earned

MINOR, HOOK = 150_000, "hook-1"


class Lagging(fake.FakeStripe):
    """Its lists show what was paid only from the second time on."""

    hidden = 1

    def read(self, path: str, query: dict[str, str]) -> fake.Said:
        """Nothing at first, whatever was paid."""
        if self.hidden:
            self.hidden -= 1
            return 200, {}, {"data": [], "has_more": False}
        return super().read(path, query)


class Delivering(fake.FakeTremendous):
    """Takes an order, and has delivered it (or failed to) when it is asked for the second time."""

    ends, hidden = "SUCCEEDED", 1

    def read(self, path: str, query: dict[str, str]) -> fake.Said:
        """As it stands; from the second time on it is final."""
        if self.hidden:
            self.hidden -= 1
        elif self.ends == "CANCELED":
            for found in self.orders.values():
                found["status"] = self.ends
        else:
            self.deliver(self.ends)
        return super().read(path, query)


class Scenario(Struct, frozen=True):
    """A payment's story: over which rail, what the provider does, how it must end, and how many hours it is worked for."""

    rail: str
    ends: str
    provider: Callable[[], fake.Provider]
    faults: tuple[str, ...] = ()
    hours: float = 1
    begins: str = "requested"  # requested, promised, sent, paid
    heard: bool = False
    owed_minor: int = 0


def _failing() -> Delivering:
    made = Delivering()
    made.ends = "CANCELED"
    return made


SCENARIOS: dict[str, Scenario] = {
    # From a second person's approval to a look a day after it was paid.
    "rail paid": Scenario("stripe_transfer", "paid", fake.FakeStripe, hours=26),
    "rail lost": Scenario("stripe_transfer", "paid", Lagging, ("lost",) * 4, begins="promised"),
    "rail lost then refused": Scenario("stripe_transfer", "paid", fake.FakeStripe, ("lost",) + ("refuse",) * 20, begins="promised"),
    "rail refused": Scenario("stripe_transfer", "refused", fake.FakeStripe, ("refuse",) * 20, begins="promised", owed_minor=40_000),
    "rail looked": Scenario("tremendous", "paid", Delivering, hours=8, begins="promised"),
    "rail heard": Scenario("tremendous", "paid", Delivering, hours=3, begins="sent", heard=True),
    "rail told wrong": Scenario("tremendous", "refused", _failing, hours=3, begins="sent", heard=True),
    "rail returned": Scenario("stripe_transfer", "returned", fake.FakeStripe, hours=26, begins="paid"),
}  # fmt: skip


async def line_of(tx: Tx, scenario: Scenario) -> lines.Disbursement:
    """The payment. Raises LookupError where an approval left none."""
    found = await lines.page(tx, None, scenario.rail, None, 1)
    if not found:
        raise LookupError("no payment was promised")
    return found[0]


async def work(db: Database, workspace: int, scenario: Scenario, start: datetime = LATER) -> None:
    """The worker's step whenever something is due, as a worker does that was started at `start`."""
    now, until = start, start + timedelta(hours=scenario.hours)
    while now < until:
        with clock.frozen(now):
            moved = await disbursing.disburse_due(db, workspace, WORKER_SETTINGS, now)
        if moved:
            now += timedelta(seconds=2)
            continue
        async with db.tx(workspace) as tx:
            due = await tx.value(
                "select case when t.at is not null then greatest(t.at, r.next_call_at) end from (select min(at) as at from (select min(due_at) as at from outbox where workspace_id = $1 and state = 'pending' "
                "and topic = $2 union all select min(look_at) from disbursement where workspace_id = $1) s) t, payout_rail r "
                "where r.workspace_id = $1 and r.rail = $3",
                tx.workspace_id, f"payout.{scenario.rail}", scenario.rail,
            )  # fmt: skip
        now = min(until, max(due or until, now + timedelta(seconds=1)))


def operation(name: str) -> Callable[[Run], Awaitable[None]]:
    """What the child runs, and runs again after the crash: approve or hear what was not, then work."""
    scenario = SCENARIOS[name]

    async def run(run: Run) -> None:
        if scenario.begins == "requested":
            async with run.db.tx(run.workspace) as tx:
                (payout,) = [p for p in await ledger.payouts(tx) if p.rail == scenario.rail]
                if payout.state == "requested":
                    await ledger.approve_payout(tx, payout.id, NOOR, LATER)
        if scenario.heard:
            async with run.db.tx(run.workspace) as tx:
                line = await line_of(tx, scenario)
            teller = fake.FakeTremendous()
            teller.orders[f"hg-{line.id}"] = {"id": line.provider_id}
            headers, body = teller.notice(f"hg-{line.id}")
            hooks = disbursing.Paying(WORKER_SETTINGS)
            await hooks.hear(run.db, run.workspace, HOOK, headers, body, LATER + timedelta(minutes=1))
        await work(run.db, run.workspace, scenario)

    return run


OPERATIONS = {name: operation(name) for name in SCENARIOS}


async def prepare(db: Database, workspace: int, scenario: Scenario, server: fake.Provider) -> None:
    """An advocate with an account, and one payout as far as the scenario begins."""
    vault, kind = Vault.of(WORKER_SETTINGS), "stripe" if scenario.rail.startswith("stripe") else ""
    async with db.tx(workspace) as tx:
        await add_advocate(tx)
        await set_rail(
            tx, scenario.rail, FINN, LATER, sends=True, payee_kind=kind, config={"base_url": server.url},
            sealed=vault.seal({"api_key": "k", "webhook_secret": fake.FakeTremendous.secret}),
            hook_token=HOOK,
        )  # fmt: skip
        if kind:
            await tx.run(
                "insert into payee (workspace_id, id, advocate_id, kind, sealed, masked, fingerprint, state, proposed_by, "
                "proposed_at, confirmed_at, usable_from) values ($1, $2, $3, $4, $5, '...', $6, 'confirmed', 'ana', $7, $7, $7)",
                workspace, content_id("payee", scenario.rail), advocate_id(), kind, vault.seal({"id": "acct_1"}), b"f", LATER,
            )  # fmt: skip
        if scenario.owed_minor:
            await _debt(tx, scenario.owed_minor)
        incentive = "commission" if kind else "gift_card"
        made = await ledger.request_payout(
            tx, [(await approved(tx, 0, MINOR, incentive=incentive)).id], scenario.rail, FINN, LATER
        )
        if scenario.begins != "requested":
            await ledger.approve_payout(tx, made.id, NOOR, LATER)
    if scenario.begins in ("sent", "paid"):
        with clock.frozen(LATER):
            await disbursing.disburse_due(db, workspace, WORKER_SETTINGS, LATER)
    if scenario.begins == "paid":
        for found in server.orders.values():
            found["reversed"] = True


async def _debt(tx: Tx, minor: int) -> None:
    """What the advocate owes: a reward that was paid by hand and taken back afterwards."""
    reward = await ledger.issue_reward(tx, earned(9, minor), LATER - timedelta(days=40))
    await ledger.approve_reward(tx, reward.id, FINN, LATER)
    payout = await ledger.request_payout(tx, [reward.id], "manual", FINN, LATER)
    await ledger.approve_payout(tx, payout.id, NOOR, LATER)
    await ledger.mark_paid(tx, payout.id, FINN, "SEPA 9", LATER)
    await ledger.reverse_reward(tx, reward.id, None, "refund:9", "Refunded.", FINN, LATER)


async def snapshot(db: Database, workspace: int, server: fake.Provider) -> str:
    """Everything from which a restart goes on: what is written down, and what the provider has done and will do."""
    async with db.tx(workspace) as tx:
        found = [[str(dict(r)) for r in await tx.rows(sql, workspace)] for sql in _SNAPSHOT]
    paid = [sorted(str(v) for k, v in o.items() if k not in _OF_A_RUN) for o in server.orders.values()]
    return _IDS.sub("*", str((found, paid, list(server.faults), vars(server).get("hidden"))))


_OF_A_RUN = ("id", "external_id", "metadata", "transfer_group")
_IDS = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SNAPSHOT = (
    "select state, provider_id <> '' as known, reported_minor, problem, attempts, looks, asked_at, settled_at, look_at from disbursement "
    "where workspace_id = $1 order by rail",
    "select topic, state, attempts, due_at from outbox where workspace_id = $1 order by id",
    "select state, rail from payout where workspace_id = $1 order by rail",
    "select state, amount_minor, netted_minor, payout_id is null as loose from reward where workspace_id = $1 order by label",
    "select kind, balance_minor from ledger_account where workspace_id = $1 order by kind, balance_minor",
    "select kind, count(*) as n from transfer where workspace_id = $1 group by kind order by kind",
    "select number, was, became from reward_move where workspace_id = $1 order by number, was, became",
    "select action, actor, count(*) as n from audit_entry where workspace_id = $1 group by action, actor order by action, actor",
    "select kind, times from rail_notice where workspace_id = $1",
    "select rail, next_call_at from payout_rail where workspace_id = $1",
)


def really_paid(server: fake.Provider) -> list[int]:
    """The amounts that have left and stayed away, whatever was answered."""
    return [_left(o) for o in server.orders.values() if _left(o)]


def _left(order: dict[str, object]) -> int:
    if "rewards" in order:
        reward = order["rewards"][0]  # type: ignore[index]
        return 0 if order["status"] == "CANCELED" else round(float(reward["value"]["denomination"]) * 100)
    return 0 if order.get("reversed") else int(order["amount"])  # type: ignore[call-overload]


async def wrong_at_any_time(db: Database, workspace: int, server: fake.Provider) -> list[str]:
    """What may never be, not even while nobody works."""
    async with db.tx(workspace) as tx:
        found, problems = await lines.page(tx, None, None, None, 5), (await ledger.verify(tx)).problems
    calling = [one for one in found if one.rail != "manual"]
    if len(server.orders) > len(calling):
        problems.append(f"The provider was made to pay {len(server.orders)} times for {len(calling)} payment(s).")
    for one in calling:
        if really_paid(server) and one.state in ("promised", "refused", "cancelled"):
            problems.append(f"The provider has it, and it stands as {one.state}: another payment could be made.")
    return problems


async def wrong_at_the_end(db: Database, workspace: int, scenario: Scenario, server: fake.Provider) -> list[str]:
    """What a payment's books, its reward, its payout, the provider and the tie-out must say when the worker is done."""
    wrong = await wrong_at_any_time(db, workspace, server)
    left = sum(really_paid(server))
    async with db.tx(workspace) as tx:
        if not await lines.page(tx, None, scenario.rail, None, 1):
            return [*wrong, "It ended without a payment: the approval promised none."]
        line = await line_of(tx, scenario)
        payout = (await ledger.payout(tx, line.payout_id)).payout
        (reward,) = [r for r in await ledger.rewards(tx) if r.label == "Referral 0"]
        days = await tie_out(tx, LATER.date())
        booked = await balance(tx, "paid") - scenario.owed_minor
        telling = await tx.rows(
            "select action, count(*) as n from audit_entry where workspace_id = $1 and actor like 'rail:%' group by action",
            workspace,
        )
    states = ("paid", "paid") if scenario.ends == "paid" else ("cancelled", "payable")
    if (line.state, payout.state, reward.state) != (scenario.ends, *states):
        wrong.append(f"It ended as {line.state}, its payout {payout.state}, its reward {reward.state}.")
    expected = MINOR - scenario.owed_minor if scenario.ends == "paid" else 0
    if (booked, left) != (expected, expected):
        wrong.append(f"The books say {booked} was paid, the provider has paid {left}; {expected} was to be paid.")
    if scenario.ends == "paid" and (payout.reference != line.provider_id or line.problem):
        wrong.append(f"Paid under {payout.reference!r}, at the provider {line.provider_id!r}. {line.problem}")
    wrong += [f"{d.rail}: {d.sentence}" for d in days if d.difference_minor or d.problems or d.open]
    wrong += [f"The trail says {t['n']} times {t['action']}." for t in telling if t["n"] != 1]
    return wrong
