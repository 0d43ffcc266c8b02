"""What another policy would have earned on our own decisions: estimates with intervals, or a refusal with its reason.

The log holds the legal actions, the whole distribution and the exact propensity of every decision (C13). The reward of a
decision is 1 when the person brought a referral within 28 days, else 0; decisions of one company depend on each other.
What people declined or let lapse stays in: the question is what the policy's choice leads to, with the people who run it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from math import isnan
from typing import Any
from uuid import UUID

import numpy as np
from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.learning import tables
from honeyguide.learning.experiment_tables import Setup
from honeyguide.learning.lift import WINDOW_DAYS
from honeyguide.learning.proof import METHODS, Estimate, Logged, difference, evaluate
from honeyguide.learning.proof.offpolicy import Floats, effective_sample
from honeyguide.learning.reward_model import expected_rewards

WAIT = "wait"
ILLEGAL = "(an action that was not legal)"
MOST_DECISIONS = 100_000
_CLOSE = 1e-6
_RUNS = "the policy that runs"


class LoggedDecision(Struct, frozen=True):
    """One decision of the log, as a candidate sees it: nothing here was known later than the decision, but `came`."""

    id: UUID
    step: str
    action: str
    propensity: float
    distribution: dict[str, float]
    context: dict[str, Any]
    cluster: str
    came: bool


Propose = Callable[[LoggedDecision], Mapping[str, float]]


class Report(Struct, frozen=True):
    """A candidate on our log: its value by every estimator, the incumbent's, and their difference at every look.

    Values are referrals per decision. `left_out`: decisions whose logged propensity is not that of their action.
    """

    candidate: str
    incumbent: str
    rows: int
    left_out: int
    values: dict[str, Estimate]
    incumbent_values: dict[str, Estimate]
    difference: Estimate | None
    sentence: str


async def decisions(tx: Tx, now: datetime) -> list[LoggedDecision]:
    """The treated decisions with a choice whose days are over, the oldest first."""
    until = now - timedelta(days=WINDOW_DAYS)
    found = [
        LoggedDecision(
            r["id"],
            r["step"],
            r["action"],
            r["propensity"],
            r["distribution"],
            r["context"],
            r["arm_cluster"],
            r["came"],
        )
        for r in await tables.decided(tx, until, WINDOW_DAYS, MOST_DECISIONS)
    ]
    return found[::-1]


async def report(
    tx: Tx, propose: Propose, now: datetime, *, candidate: str, against: Propose | None = None, incumbent: str = ""
) -> Report:
    """What `propose` (a decision -> a distribution over its legal actions) would have earned, against `against`, else
    against the policy that ran. It must not have been made on these decisions: fit it on others, or before them.
    """
    return judge_log(
        await decisions(tx, now), propose, candidate=candidate, against=against or logged_policy,
        incumbent=incumbent or "the policy that ran",
    )  # fmt: skip


def logged_policy(decision: LoggedDecision) -> Mapping[str, float]:
    """The policy that ran."""
    return decision.distribution


def silence(decision: LoggedDecision) -> Mapping[str, float]:
    """Ask nobody."""
    return {WAIT: 1.0}


def always(action: str) -> Propose:
    """The same ask for everybody to whom it may be made."""
    return lambda decision: {action if action in decision.distribution else WAIT: 1.0}


def judge_log(
    rows: Sequence[LoggedDecision], propose: Propose, *, candidate: str, against: Propose, incumbent: str
) -> Report:
    """The report over given decisions. Pure."""
    kept = [r for r in rows if abs(r.distribution.get(r.action, -1.0) - r.propensity) <= _CLOSE and r.propensity > 0]
    if not kept:
        said = "No estimate: there is no decision whose days are over."
        return Report(candidate, incumbent, 0, len(rows), {}, {}, None, said)
    keys = [*sorted({k for r in kept for k in r.distribution}), ILLEGAL]
    log = _log(kept, keys)
    one, zero = _target(kept, keys, propose), _target(kept, keys, against)
    model = expected_rewards([r.context for r in kept], keys, log)
    values = {m: evaluate(log, one, method=m, model=model, always=True) for m in METHODS}
    other = {m: evaluate(log, zero, method=m, model=model, always=True) for m in METHODS}
    found = difference(log, zero, one, model)
    return Report(
        candidate,
        incumbent,
        len(kept),
        len(rows) - len(kept),
        values,
        other,
        found,
        _sentence(candidate, incumbent, found),
    )


def _sentence(candidate: str, incumbent: str, found: Estimate) -> str:
    if found.refused:
        return f"No estimate of {candidate}: {found.refused}"
    between = f"between {100 * found.lower:+.2f} and {100 * found.upper:+.2f} referrals per 100 decisions"
    if found.lower > 0:
        return f"{candidate} instead of {incumbent} brings {between}, by {found.rows:,} decisions."
    if found.upper < 0:
        return f"{candidate} instead of {incumbent} loses: {between}, by {found.rows:,} decisions."
    return f"Not enough yet: {candidate} instead of {incumbent} may be anything {between}, by {found.rows:,} decisions."


def _log(rows: Sequence[LoggedDecision], keys: Sequence[str]) -> Logged:
    place = {key: n for n, key in enumerate(keys)}
    clusters = {c: n for n, c in enumerate(dict.fromkeys(r.cluster for r in rows))}
    chance = np.zeros((len(rows), len(keys)))
    for n, row in enumerate(rows):
        for key, p in row.distribution.items():
            chance[n, place[key]] = p
    return Logged(
        np.array([place[r.action] for r in rows], np.int64),
        np.array([r.propensity for r in rows]),
        np.array([float(r.came) for r in rows]),
        chance,
        np.array([clusters[r.cluster] for r in rows], np.int64),
    )


def _target(rows: Sequence[LoggedDecision], keys: Sequence[str], propose: Propose) -> Floats:
    place = {key: n for n, key in enumerate(keys)}
    out = np.zeros((len(rows), len(keys)))
    for n, row in enumerate(rows):
        said = propose(row)
        total = sum(said.values())
        if not said or abs(total - 1) > _CLOSE or min(said.values()) < 0:
            raise ValueError(f"the distribution proposed for decision {row.id} sums to {total}, not to 1")
        for key, p in said.items():
            out[n, place[key] if key in row.distribution else place[ILLEGAL]] += p
    return out


def best_constant(rows: Sequence[LoggedDecision]) -> str | None:
    """The ask that did best for everybody on these decisions (self-normalised); None when none has enough of the log."""
    kept = [r for r in rows if r.propensity > 0]
    best: tuple[float, str] | None = None
    for action in sorted({k for r in kept for k in r.distribution} - {WAIT}):
        propose = always(action)
        weight = np.array([propose(r).get(r.action, 0.0) / r.propensity for r in kept])
        if effective_sample(weight) < max(100.0, 0.05 * len(kept)):
            continue
        value = float((weight * np.array([r.came for r in kept])).sum() / weight.sum())
        best = max(best, (value, action)) if best else (value, action)
    return best[1] if best else None


def first_half(decision: LoggedDecision) -> bool:
    """Which half of the log a decision belongs to, by its company: candidates are made on one, judged on the other."""
    return blake2b(decision.cluster.encode(), digest_size=1).digest()[0] % 2 == 0


async def compared(tx: Tx, now: datetime) -> dict[str, tuple[Setup, dict[str, Any]]]:
    """The standing questions about the policy that runs: against silence, against the best constant, against the rules."""
    rows = await decisions(tx, now)
    if not rows:
        return {}
    made = {}
    for ident, incumbent, against, judged in _rivals(rows):
        if against is None:
            statistics = _refused(len(judged), "no single ask was made often enough to be compared with.")
        else:
            found = judge_log(judged, logged_policy, candidate=_RUNS, against=against, incumbent=incumbent)
            statistics = _statistics(found)
        made[ident] = (_setup(ident, incumbent, now), statistics)
    return made


def _rivals(rows: Sequence[LoggedDecision]) -> list[tuple[str, str, Propose | None, list[LoggedDecision]]]:
    constant = best_constant([r for r in rows if first_half(r)])
    found: list[tuple[str, str, Propose | None, list[LoggedDecision]]] = [
        ("policy-silence", "asking nobody", silence, list(rows)),
        (
            "policy-constant",
            "the same ask for everybody",
            always(constant) if constant else None,
            [r for r in rows if not first_half(r)],
        ),
    ]
    with_rules = [r for r in rows if opinion_of(r, "strategy")]
    if with_rules:
        found.append(("policy-rules", "the playbook's rules", lambda r: opinion_of(r, "strategy"), with_rules))
    return found


def opinion_of(decision: LoggedDecision, expert: str) -> dict[str, float]:
    """What an expert would have done, as it was logged with the decision; empty when it was not asked."""
    for said in decision.context.get("experts") or []:
        if isinstance(said, dict) and said.get("expert") == expert and isinstance(said.get("distribution"), dict):
            legal = {k: float(p) for k, p in said["distribution"].items() if k in decision.distribution}
            total = sum(legal.values())
            return {k: p / total for k, p in legal.items()} if total > 0 else {}
    return {}


def _setup(ident: str, incumbent: str, now: datetime) -> Setup:
    return Setup(
        id=ident, kind="policy", title=f"The policy that runs, against {incumbent}",
        question=f"Would {incumbent} have brought more referrals, by the log?", candidate=_RUNS,
        incumbent=incumbent, metric="referral", unit="per_decision", method="aipw-mixture-cs/1", setup={}, started_at=now,
    )  # fmt: skip


def _refused(rows: int, why: str) -> dict[str, Any]:
    return {
        "rows": rows,
        "left_out": 0,
        "refused": why,
        "effective": 0.0,
        "estimate": None,
        "lower": None,
        "upper": None,
    }


def _statistics(found: Report) -> dict[str, Any]:
    gap = found.difference
    if gap is None:
        return _refused(found.rows, "there is no decision whose days are over.")
    made = _refused(found.rows, gap.refused) | {"left_out": found.left_out, "effective": gap.effective}
    made |= {n: _number(v) for n, v in (("estimate", gap.value), ("lower", gap.lower), ("upper", gap.upper))}
    made["values"] = {
        side: {m: [_number(e.value), _number(e.lower), _number(e.upper)] for m, e in values.items()}
        for side, values in (("candidate", found.values), ("incumbent", found.incumbent_values))
    }
    return made


def _number(value: float) -> float | None:
    return None if isnan(value) else value
