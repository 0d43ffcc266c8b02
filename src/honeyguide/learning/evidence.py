"""The evidence for a step of the playbook: does asking by it cause referrals, and do the guards hold? For promotions.

The candidate is the step as the policy runs it, the incumbent is to leave people alone: companies whose turn came by this
step, asked against held out. Episodes are 28 days apart and a company counts once a step. Bounds hold at every look, so
a review may run as often as it likes. Where nothing may be said yet, there is no number: `why` says what is missing.
Under `WHOLE` stands the program as a whole: every company that was asked by any step against every one held out.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import Any, NamedTuple

from msgspec import Struct, field

from honeyguide.core import clock
from honeyguide.db import Tx
from honeyguide.decisions.autonomy import WHOLE
from honeyguide.learning import proof_tables, tables
from honeyguide.learning.bounds import rate_bounds
from honeyguide.learning.followed import HOLDOUT, PERIOD, Entry, Event, by_step, entries, episodes, events_of
from honeyguide.learning.lift import PROGRAM, STEP, TOO_EARLY, WINDOW_DAYS, Rule, judge, may_speak
from honeyguide.learning.sequence import Counts

OPT_OUT_LIMIT, COMPLAINT_LIMIT = 0.03, 0.02  # per ask sent
_SPEND_SHARE = 0.5  # rewards may take half of what a qualified referral is expected to bring
_USUAL_WIN, _USUAL_OF = 0.25, 20  # what is expected of a qualified referral, and how many of our own outweigh it


class Guard(NamedTuple):
    """A guard: the rate (or minor units per qualified referral), its bound that holds at every look, and the limit.

    `estimate` None: nothing is known yet; the bound is then at its worst.
    """

    estimate: float | None
    upper: float
    limit: float

    @property
    def holds(self) -> bool:
        """Is it known to be within the limit?"""
        return self.upper <= self.limit


class Evidence(Struct, frozen=True):
    """What is known of a step. `estimate`, `lower`, `upper`: share of companies with a referral, asked minus left alone."""

    step: str
    n: int
    n_holdout: int
    estimate: float | None
    lower: float | None
    upper: float | None
    verdict: str
    why: str
    needed: int | None
    guards: dict[str, Guard] = field(default_factory=dict)


async def evidence_for(tx: Tx, step: str, now: datetime | None = None) -> Evidence:
    """The evidence for one step as of `now`; a step nobody was asked by has none, and says so."""
    found = await evidence(tx, now or clock.now())
    return found.get(step) or _none(step, await _guards(tx, now or clock.now()))


async def evidence(tx: Tx, now: datetime) -> dict[str, Evidence]:
    """The evidence for every step that would have asked somebody."""
    guards, share = await _guards(tx, now), await share_held_out(tx)
    found = {
        step: _evidence(step, one, zero, young, share, guards.get(step) or guards[""])
        for step, (one, zero, young) in (await step_counts(tx, now)).items()
    }
    row = await tables.outcomes(tx, now, WINDOW_DAYS)
    one, zero = Counts(row["treated"], row["treated_came"]), Counts(row["holdout"], row["holdout_came"])
    return found | {WHOLE: _evidence(WHOLE, one, zero, row["young"], share, guards[WHOLE], PROGRAM)}


def _evidence(
    step: str, one: Counts, zero: Counts, young: int, share: float, guards: dict[str, Guard], rule: Rule = STEP
) -> Evidence:
    lift = judge(one, zero, share_held_out=share, young=young, rule=rule)
    if not may_speak(one, zero, rule):
        return Evidence(step, one.units, zero.units, None, None, None, lift.verdict, lift.sentence, lift.needed, guards)
    return Evidence(
        step, one.units, zero.units, lift.estimate, lift.lower, lift.upper, lift.verdict, lift.sentence, lift.needed,
        guards,
    )  # fmt: skip


async def share_held_out(tx: Tx) -> float:
    """The share of companies held out under the policy in force."""
    held: int | None = await tables.share_held_out(tx)
    return (500 if held is None else held) / 10_000


async def step_counts(tx: Tx, now: datetime) -> dict[str, tuple[Counts, Counts, int]]:
    """Per step: treated and held-out companies whose days are over, and how many are young."""
    asks = await tables.would_asks(tx, now)
    known = entries(asks)
    referrals = list(events_of(await tables.referrals(tx, now)).values())
    return counts_of(by_step(episodes(asks)), known, referrals, now)


def counts_of(
    steps: Mapping[str, Sequence[Entry]], known: Mapping[int, Entry], referrals: Sequence[Event], now: datetime
) -> dict[str, tuple[Counts, Counts, int]]:
    """Count episodes with a referral within their days. Pure."""
    when: dict[int, list[datetime]] = {}
    for event in referrals:
        entity = event.entity if event.entity in known else event.persona
        if entity is not None:
            when.setdefault(entity, []).append(event.at)
    found = {}
    for step, rows in steps.items():
        over = [e for e in rows if e.at + PERIOD <= now]
        came = {e.entity for e in over if any(e.at <= at < e.at + PERIOD for at in when.get(e.entity, []))}
        arms = []
        for held in (False, True):
            of = [e for e in over if (e.arm == HOLDOUT) == held]
            arms.append(Counts(len(of), sum(e.entity in came for e in of)))
        found[step] = (arms[0], arms[1], len(rows) - len(over))
    return found


async def _guards(tx: Tx, now: datetime) -> dict[str, dict[str, Guard]]:
    """The guards per step and of the whole program; under the empty name those of a step without an ask."""
    asks = {r["step"]: r for r in await proof_tables.asks_sent(tx, now)}
    earned: dict[str, list[Mapping[str, Any]]] = {}
    for row in await proof_tables.earned_by_step(tx, now):
        earned.setdefault(row["step"], []).append(row)
    economics = await proof_tables.economics(tx)
    found = {step: guards_of(asks.get(step), earned.get(step, []), economics) for step in {"", *asks, *earned}}
    whole = {name: sum(int(r[name]) for r in asks.values()) for name in ("asks", "opted_out", "complained")}
    return found | {WHOLE: guards_of(whole, [row for rows in earned.values() for row in rows], economics)}


def guards_of(
    asks: Mapping[str, Any] | None, earned: Sequence[Mapping[str, Any]], economics: Mapping[str, Any]
) -> dict[str, Guard]:
    """Opt-outs and complaints per ask, reward money per qualified referral; `earned` per group of advocates. Pure."""
    sent = int(asks["asks"]) if asks else 0
    found = {}
    for name, column, most in (
        ("opt_out", "opted_out", OPT_OUT_LIMIT),
        ("complaint", "complained", COMPLAINT_LIMIT),
    ):
        rate = rate_bounds(min(sent, int(asks[column])) if asks else 0, sent)
        found[name] = Guard(rate.estimate, rate.upper, most)
    qualified = {str(r["group"]): 0 for r in earned}
    for r in earned:
        qualified[str(r["group"])] += int(r["qualified"])
    limit = spend_limit(economics, qualified, sum(int(r["won"]) for r in earned))
    found["spend"] = _spend(
        sum(qualified.values()), sum(int(r["referrals"]) for r in earned), sum(float(r["spent_minor"]) for r in earned),
        limit,
    )  # fmt: skip
    return found


def _spend(qualified: int, referrals: int, spent: float, limit: float) -> Guard:
    if spent == 0:
        return Guard(0.0, 0.0, limit)  # no money went out: nothing is spent, whatever qualified
    if qualified == 0:
        return Guard(None, float("inf"), limit)
    share = rate_bounds(qualified, max(qualified, referrals))
    fewest = max(share.lower * share.trials, 1.0)
    return Guard(spent / qualified, spent / fewest, limit)


def spend_limit(economics: Mapping[str, Any], qualified: Mapping[str, int] | None = None, won: int = 0) -> float:
    """The most reward money per qualified referral, in minor units: half of what one is expected to bring in margin.

    By the margins of the groups the qualified referrals came from (of the middle group while there are none) and the share
    of them that was won, drawn to a usual one (Beta prior; those still open count as not won). Zero before a policy is in
    force: then nothing may be spent.
    """
    margins = {str(k): float(v) for k, v in (economics.get("margin_minor") or {}).items()}
    if not margins:
        return 0.0
    middle = median(margins.values())
    counted = {g: n for g, n in (qualified or {}).items() if n > 0}
    usual = sum(n * margins.get(g, middle) for g, n in counted.items()) / sum(counted.values()) if counted else middle
    wins = (_USUAL_WIN * _USUAL_OF + won) / (_USUAL_OF + sum(counted.values()))
    return _SPEND_SHARE * wins * usual


def _none(step: str, guards: Mapping[str, dict[str, Guard]]) -> Evidence:
    said = "Nobody would have been asked by this step yet, so there is nothing to compare."
    return Evidence(step, 0, 0, None, None, None, TOO_EARLY, said, None, guards.get(step) or guards[""])
