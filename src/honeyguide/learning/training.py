"""Training: what came of asks, and of leaving people alone, becomes the next version of the policy. Once a day.

Deterministic: the same log, plans and time give the same snapshot to the bit, in one training or in many. Each factor
learns at its own delay; wins by the cure model, the worth of a deal from the deals. What is learned reaches decisions by
`decisions.adopt` and in no other way.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct, structs, to_builtins

from honeyguide import decisions, ledger, moments
from honeyguide.db import Tx
from honeyguide.decisions import policy_budget, reading
from honeyguide.decisions.brain import Brain, Snapshot, dump
from honeyguide.decisions.policy import BRAIN, TRAINED, NewPolicy, Policy
from honeyguide.decisions.reading import Terms
from honeyguide.decisions.science import Catalogue
from honeyguide.decisions.science_prior import brain_of, prices_of
from honeyguide.graph.kinds import NODE
from honeyguide.learning import challenger, pacing, training_state, training_tables
from honeyguide.learning.training_log import WINDOW_DAYS, Log, log_of
from honeyguide.learning.training_state import Contexts, Day, State

LEAST_WAITING = 0.2  # who waited by a draw counts as left alone only where waiting was not a rarity
_KEPT = timedelta(days=2)  # an explanation just opened may still want its snapshot
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
LOOK_BACK_DAYS = 75  # late events change what was learned of the last so many days; older days stand as learned


class Trained(Struct, frozen=True):
    """What a training did. `days` is how many days of the log were new; `anew` whether the past had changed."""

    policy_version: int
    asks: int
    shares: int
    qualified: int
    wins: int
    alone: int
    days: int
    anew: bool
    contradicted: list[tuple[str, str]]
    contact_price: float
    money_price: float
    challenger: str

    @property
    def sentence(self) -> str:
        """For a log or a person."""
        return (
            f"Learned from {self.asks} asks ({self.shares} shared, {self.qualified} qualified, {self.wins} won) and "
            f"{self.alone} people left alone; policy version {self.policy_version}."
        )


async def train(tx: Tx, now: datetime) -> Trained | None:
    """Train the policy in force from the log up to `now` and put the result in force; None when it does not learn.

    Days whose windows are over are learned for good; of open asks counts what has come so far, so the hour matters little.
    """
    policy = await decisions.ensure_policy(tx)
    if policy.kind != BRAIN:
        return None
    terms = await reading.terms_in_force(tx)
    catalogue = reading.catalogue(terms)
    brain = _fresh(policy, catalogue)
    state, days, log, fresh = await _news(tx, brain, now)
    contexts = await _contexts(tx, fresh)
    found: list[tuple[str, str]] = []
    learned = await asyncio.to_thread(
        training_state.learn, brain, state, fresh, contexts, lambda day, block: found.append((day, block))
    )
    training_state.count(brain, log, now, _margins_of(policy))
    open_now = await _contexts_of(tx, [s.decision_id for s in training_state.open_asks(log, now) if s.known])
    await asyncio.to_thread(training_state.watch, brain, log, now, open_now)
    await moments.learn(tx, await _samples(tx, log, now), now)
    await _price(tx, brain, terms, now)
    model = await challenger.nightly(tx, days, policy.challenger, now)
    snapshot = _snapshot(brain, catalogue, policy)
    adopted = await decisions.adopt(
        tx, NewPolicy(BRAIN, policy.params, TRAINED, policy.level, dump(snapshot), model.packed)
    )
    made = _report(adopted, log, learned, found, fresh, snapshot, now, anew=state is None, said=model.sentence)
    if fresh or state is None:
        await training_tables.put_state(tx, training_state.pack(learned), _until(now), now)
    await training_tables.add_report(tx, adopted.id, to_builtins(made), now)
    await decisions.forget_unused(tx, now - _KEPT)
    return made


def _fresh(policy: Policy, catalogue: Catalogue) -> Brain:
    p = policy.params
    return brain_of(catalogue, p.factors, p.economics, floor=p.floor, draws=p.draws)


def _until(now: datetime) -> datetime:
    return now - timedelta(days=WINDOW_DAYS)


async def _news(tx: Tx, brain: Brain, now: datetime) -> tuple[State | None, list[Day], Log, list[Day]]:
    """The state to go on from, the ripe days that were read, the log they are of, and the days to learn."""
    stored = await training_tables.state(tx)
    state = training_state.unpack(stored) if stored else None
    if state is not None and not training_state.fits(state, brain):
        state = None
    since = _since(now)
    log = await _read(tx, since if state else _FIRST, now)
    days = training_state.ripe_days(log, now)
    going_on, fresh = training_state.news(state, days, f"{since:%Y-%m-%d}")
    if going_on is None and state is not None:
        log = await _read(tx, _FIRST, now)
        days = training_state.ripe_days(log, now)
        fresh = days
    return going_on, days, log, fresh


def _since(now: datetime) -> datetime:
    """The start of the fortnight `LOOK_BACK_DAYS` ago."""
    back = now.astimezone(UTC) - timedelta(days=LOOK_BACK_DAYS)
    days = (back.date().toordinal() - 1) % WINDOW_DAYS
    return (back - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)


async def _read(tx: Tx, since: datetime, now: datetime) -> Log:
    return log_of(
        await training_tables.asks(tx, now),
        await training_tables.left_alone(tx, since, now, LEAST_WAITING),
        await training_tables.referrals(tx, now),
    )


async def _contexts(tx: Tx, days: Sequence[Day]) -> Contexts:
    wanted = [s.decision_id for d in days for s in d.sent if s.known] + [a.id for d in days for a in d.alone if a.known]
    return await _contexts_of(tx, wanted)


async def _contexts_of(tx: Tx, wanted: Sequence[UUID]) -> Contexts:
    rows = await training_tables.contexts(tx, wanted)
    return {i: (r["words"], r["numbers"]) for i, r in rows.items()}


async def _samples(tx: Tx, log: Log, now: datetime) -> list[moments.Sample]:
    """How old each moment was when its ask was made, and whether it was shared: what half-lives are learned from."""
    over = {s.decision_id: s for s in log.sent if now >= s.at + timedelta(days=WINDOW_DAYS)}
    found = await training_tables.moments_of(tx, list(over))
    return [
        moments.Sample(r["kind"], r["segment"] or "", max(r["hours"], 0.0), bool(over[r["id"]].referrals))
        for r in found
        if r["kind"] in moments.KINDS
    ]


def _margins_of(policy: Policy) -> dict[str, float]:
    """What part of a deal's amount is margin, by group, as the playbook has it."""
    e = policy.params.economics
    return {g: e.margin_minor[g] / max(e.first_year_minor.get(g, e.margin_minor[g]), 1) for g in e.margin_minor}


async def _price(tx: Tx, brain: Brain, terms: Terms, now: datetime) -> None:
    """The prices of scarce budgets."""
    plans = await policy_budget.plans(tx)
    asks = await training_tables.contacts_by_day(tx, now - timedelta(days=pacing.DAYS + 1), now)
    contacts = plans.get("contacts")
    reachable = await training_tables.reachable(tx, NODE["persona"])
    plan = pacing.contact_plan(reachable, contacts.per_day if contacts else None)
    brain.contact_price = pacing.contact_price(asks, plan, _worth(brain), now)
    money = plans.get("money")
    left = await budget_left(tx, terms)
    daily = pacing.money_plan(left, money.per_day if money else None)
    if daily is not None:
        spent = await training_tables.rewards_by_day(tx, now - timedelta(days=pacing.DAYS + 1), now)
        brain.money_price = pacing.money_price(spent, daily, now)


def _worth(brain: Brain) -> float:
    """What a usual ask is worth: the scale of the contact price's steps."""
    margin = float(brain.prices.margin.mean())
    return 0.05 * float(brain.beliefs.qualify.mean()) * float(brain.beliefs.win.mean()) * margin


async def budget_left(tx: Tx, terms: Terms) -> int | None:
    """What is left of the program's funded budget, in minor units; None when none was funded."""
    owner = f"program:{terms.program.id}"
    found = [a for a in await ledger.accounts(tx) if a.kind == "budget" and a.owner == owner]
    return sum(a.balance_minor - (a.floor_minor or 0) for a in found) if found else None


def _snapshot(brain: Brain, catalogue: Catalogue, policy: Policy) -> Snapshot:
    """What was learned, frozen; what is due on a win is weighed by the learned worth of deals and the price of money."""
    made = brain.snapshot()
    prices = prices_of(catalogue, brain.schema, policy.params.economics, [float(m) for m in made.prices.margin])
    return structs.replace(made, prices=structs.replace(prices, commission=prices.commission * (1 + brain.money_price)))


def _report(
    adopted: Policy, log: Log, learned: State, found: list[tuple[str, str]], fresh: Sequence[Day], snapshot: Snapshot,
    now: datetime, *, anew: bool, said: str,
) -> Trained:  # fmt: skip
    came = [r for s in log.sent for r in s.referrals]
    return Trained(
        policy_version=adopted.id,
        asks=len(log.sent),
        shares=sum(1 for s in log.sent if s.referrals),
        qualified=sum(1 for r in came if r.judged(now)),
        wins=sum(1 for r in came if r.won_at is not None),
        alone=len(log.alone),
        days=len(fresh),
        anew=anew and bool(learned.days),
        contradicted=found,
        contact_price=round(snapshot.contact_price, 2),
        money_price=round(snapshot.money_price, 4),
        challenger=said,
    )


async def trainings(tx: Tx, limit: int = 30) -> list[dict[str, Any]]:
    """What the newest trainings found, the newest first."""
    return [dict(r) for r in await training_tables.reports(tx, limit)]
