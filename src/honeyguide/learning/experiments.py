"""Experiments: stored comparisons with their looks over time, never a bare uplift.

A look is taken once a day (UTC) and stored when its statistics have changed. Intervals are always valid, so looking every
day costs nothing. A look is a function of its statistics: `again` computes it anew.
"""

import builtins
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.core.errors import NotFound
from honeyguide.db import Tx
from honeyguide.learning import evidence, experiment_tables, offpolicy_report, proof_tables, tables
from honeyguide.learning.experiment_tables import Look, Setup
from honeyguide.learning.followed import WITHIN, Entry, Event, arms, by_step, entries, episodes, events_of, where
from honeyguide.learning.lift import METHOD, NEGATIVE, POSITIVE, WINDOW_DAYS
from honeyguide.learning.revenue import cap_of
from honeyguide.learning.totals import PERIOD_DAYS, Arm
from honeyguide.learning.verdicts import READ, Finding
from honeyguide.programs import playbooks

REFERRALS, REVENUE = "referrals", "revenue"
_WEEK = timedelta(days=7)
_NOBODY = "leaving people alone"


class Experiment(Struct, frozen=True):
    """An experiment with its newest look. `estimate`, `lower` and `upper` are there together or not at all.

    `unit`: `share` (of companies), `minor` (minor units of `currency` per company and 28 days), `per_decision`.
    `proven_at`: the first look whose interval did not hold zero.
    """

    id: str
    kind: str
    title: str
    question: str
    candidate: str
    incumbent: str
    metric: str
    unit: str
    currency: str | None
    method: str
    started_at: datetime
    proven_at: datetime | None
    looks: int
    at: datetime | None
    n_candidate: int
    n_incumbent: int
    estimate: float | None
    lower: float | None
    upper: float | None
    verdict: str
    sentence: str
    needed: int | None


async def list(tx: Tx) -> builtins.list[Experiment]:  # learning.experiments.list reads as what it is
    """All experiments: the program's two, policies on the log, then every step of the playbook."""
    last = await experiment_tables.last_looks(tx)
    return [_joined(setup, last.get(setup.id)) for setup in await experiment_tables.setups(tx)]


async def get(tx: Tx, experiment_id: str) -> tuple[Experiment, builtins.list[Look]]:
    """One experiment with every look at it, the first one first. Raises NotFound."""
    found = next((s for s in await experiment_tables.setups(tx) if s.id == experiment_id), None)
    if found is None:
        raise NotFound("There is no such experiment.", f"None is called {experiment_id!r} here.")
    seen = await experiment_tables.looks(tx, experiment_id)
    return _joined(found, seen[-1] if seen else None), seen


def again(setup: Setup, look: Look) -> Finding:
    """A look computed anew from its statistics; equal to the stored one. Pure."""
    return READ[setup.kind](look.statistics, setup.setup | _names(setup))


async def doubted(tx: Tx, experiment_id: str) -> builtins.list[int]:
    """The looks that do not come out again from their statistics: none, unless somebody changed a row or the code."""
    setup = next((s for s in await experiment_tables.setups(tx) if s.id == experiment_id), None)
    if setup is None:
        raise NotFound("There is no such experiment.", f"None is called {experiment_id!r} here.")
    names = Finding.__struct_fields__
    return [
        look.look
        for look in await experiment_tables.looks(tx, experiment_id)
        if any(getattr(look, n) != getattr(again(setup, look), n) for n in names)
    ]


async def look(tx: Tx, now: datetime) -> int:
    """Look at every experiment once a day, at policies on the log once a week; returns how many looks said something new."""
    await experiment_tables.lock(tx)
    before = await experiment_tables.looked_at(tx)
    if before is not None and before.astimezone(UTC).date() >= now.astimezone(UTC).date():
        return 0
    asks = await tables.would_asks(tx, now)
    if not asks:
        return 0
    await tables.remember(tx)
    referrals = events_of(await tables.referrals(tx, now))
    last = await experiment_tables.last_looks(tx)
    known = {s.id: s for s in await experiment_tables.setups(tx)}
    gathered = {**await _program(tx, now, asks, referrals), **await _steps(tx, now, asks, referrals)}
    seen = await experiment_tables.policies_looked_at(tx)
    if seen is None or now - seen >= _WEEK:  # the whole log is read for them
        gathered |= await offpolicy_report.compared(tx, now)
    stored = 0
    for ident, (setup, statistics) in gathered.items():
        stored += await _take(tx, known.get(ident), setup, statistics, last.get(ident), now)
    await experiment_tables.mark_looked(tx, sorted(gathered), now)
    return stored


async def _take(
    tx: Tx, known: Setup | None, fresh: Setup, statistics: dict[str, Any], before: Look | None, now: datetime
) -> int:
    if known is None:
        await experiment_tables.open_experiment(tx, fresh)
        known = fresh
    if fresh.setup != known.setup and known.setup.get("cap_minor", 0) is None:
        await experiment_tables.fix(tx, known.id, fresh.setup)
        known = fresh
    if before is not None and before.statistics == statistics:
        return 0
    found = READ[known.kind](statistics, known.setup | _names(known))
    await experiment_tables.add_look(tx, known.id, before.look + 1 if before else 1, now, found, statistics)
    if found.verdict in (POSITIVE, NEGATIVE):
        await experiment_tables.proven(tx, known.id, now)
    return 1


def _names(setup: Setup) -> dict[str, Any]:
    return {"candidate": setup.candidate, "incumbent": setup.incumbent}


async def _program(
    tx: Tx, now: datetime, asks: builtins.list[dict[str, Any]], referrals: dict[UUID, Event]
) -> dict[str, tuple[Setup, dict[str, Any]]]:
    row = await tables.outcomes(tx, now, WINDOW_DAYS)
    share = await evidence.share_held_out(tx)
    counts = {
        "candidate": [row["treated"], row["treated_came"]],
        "incumbent": [row["holdout"], row["holdout_came"]],
        "young": row["young"],
        "share_held_out": share,
    }
    currency = await proof_tables.currency_of(tx)
    cap = await cap_in_force(tx, currency, now)
    return {
        REFERRALS: (_referrals_setup(now), counts),
        REVENUE: (_revenue_setup(now, cap, currency), await _money(tx, now, cap, currency, entries(asks), referrals)),
    }


async def cap_in_force(tx: Tx, currency: str, now: datetime) -> int | None:
    """The most one win counts: as it was fixed at the first look that could, else as it would be fixed now."""
    for setup in await experiment_tables.setups(tx):
        if setup.id == REVENUE and setup.setup.get("cap_minor") is not None:
            return int(setup.setup["cap_minor"])
    return cap_of(await proof_tables.won_amounts(tx, currency, now), currency)


async def money_statistics(tx: Tx, now: datetime, cap: int | None, currency: str) -> dict[str, Any]:
    """Both arms' won money within whole periods, each win up to the cap; what lies above it, and how many wins."""
    found = entries(await tables.would_asks(tx, now))
    return await _money(tx, now, cap, currency, found, events_of(await tables.referrals(tx, now)))


async def _money(
    tx: Tx, now: datetime, cap: int | None, currency: str, found: dict[int, Entry], referrals: dict[UUID, Event]
) -> dict[str, Any]:
    events, above = [], 0
    for win in await proof_tables.wins(tx, now):
        origin = referrals.get(win["referral_id"])
        if origin is None or win["currency"] != currency:
            continue
        counted = min(win["amount_minor"], cap) if cap is not None else win["amount_minor"]
        event = Event(origin.entity, origin.persona, win["occurred_at"], counted)
        if where(event, found, now) == WITHIN:
            events.append(event)
            above += win["amount_minor"] - counted
    one, zero = arms(found, events, now)
    return {
        "candidate": _arm(one),
        "incumbent": _arm(zero),
        "wins": len(events),
        "above_cap_minor": above,
        "cap_minor": cap,
    }


def _arm(arm: Arm) -> builtins.list[float]:
    return [arm.companies, arm.periods, arm.total, arm.squares]


async def _steps(
    tx: Tx, now: datetime, asks: builtins.list[dict[str, Any]], referrals: dict[UUID, Event]
) -> dict[str, tuple[Setup, dict[str, Any]]]:
    share = await evidence.share_held_out(tx)
    counts = evidence.counts_of(by_step(episodes(asks)), entries(asks), builtins.list(referrals.values()), now)
    titles, found = await playbooks.step_titles(tx), {}
    for step, (one, zero, young) in counts.items():
        setup = _step_setup(step, titles.get(step, step), now)
        found[setup.id] = (
            setup,
            {
                "candidate": [one.units, one.successes],
                "incumbent": [zero.units, zero.successes],
                "young": young,
                "share_held_out": share,
            },
        )
    return found


def _referrals_setup(now: datetime) -> Setup:
    return Setup(
        id=REFERRALS, kind="referrals", title="Asking, against leaving people alone: referrals",
        question=f"Do more companies bring a referral within {WINDOW_DAYS} days because we ask?",
        candidate="asking", incumbent=_NOBODY, metric="referral", unit="share", method=METHOD, setup={}, started_at=now,
    )  # fmt: skip


def _revenue_setup(now: datetime, cap: int | None, currency: str) -> Setup:
    return Setup(
        id=REVENUE, kind="revenue", title="Asking, against leaving people alone: money won",
        question=f"Do referrals bring more won deals, per company and {PERIOD_DAYS} days, because we ask?",
        candidate="asking", incumbent=_NOBODY, metric="won_minor", unit="minor", method="capped-cluster-mixture-cs/1",
        setup={"cap_minor": cap, "currency": currency}, started_at=now,
    )  # fmt: skip


def step_id(step: str) -> str:
    """The experiment of a step."""
    return f"step-{re.sub(r'[^a-z0-9]+', '-', step.lower()).strip('-')}"


def _step_setup(step: str, title: str, now: datetime) -> Setup:
    return Setup(
        id=step_id(step), kind="step", title=f"“{title}”, against leaving people alone",
        question=f"Do more companies bring a referral within {WINDOW_DAYS} days when this step asks them?",
        candidate=step, incumbent=_NOBODY, metric="referral", unit="share", method=METHOD, setup={"rule": "step"},
        started_at=now,
    )  # fmt: skip


def _joined(setup: Setup, seen: Look | None) -> Experiment:
    shown: Mapping[str, Any] = {
        n: getattr(seen, n)
        for n in ("at", "n_candidate", "n_incumbent", "estimate", "lower", "upper", "verdict", "sentence", "needed")
    } if seen else {
        "at": None, "n_candidate": 0, "n_incumbent": 0, "estimate": None, "lower": None, "upper": None,
        "verdict": "not_enough_yet", "sentence": "Nothing has been looked at yet.", "needed": None,
    }  # fmt: skip
    return Experiment(
        id=setup.id, kind=setup.kind, title=setup.title, question=setup.question, candidate=setup.candidate,
        incumbent=setup.incumbent, metric=setup.metric, unit=setup.unit, currency=setup.setup.get("currency"),
        method=setup.method, started_at=setup.started_at, proven_at=setup.proven_at, looks=seen.look if seen else 0, **shown,
    )  # fmt: skip
