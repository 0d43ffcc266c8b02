"""How many personas one core scores in a second, and how long a single decision takes.

Claims: at least 100,000 personas a second per core in a batch; a single decision in at most 5 ms (median).
Run: python -m benchmarks.scoring
"""

import json
import os
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # after the thread limits

from benchmarks.machine import facts
from honeyguide import programs
from honeyguide.core.ids import content_id
from honeyguide.decisions.batch import Columns, score
from honeyguide.decisions.candidates import action_of
from honeyguide.decisions.judge import judge
from honeyguide.decisions.policy import Policy, code_hash, playbook_prior
from honeyguide.decisions.situation import CHANNELS, SENIORITIES, Happening, Person, Situation

PERSONAS, ROUNDS, SINGLES = 200_000, 5, 400
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
MOMENTS = ["support_success", "purchase_euphoria", "product_milestone"]
NUMBERS = ("strength", "staleness", "past_asks", "praised", "complained", "power_user", "referred", "tenure")
FILE = programs.load("customer-referrals")
GROUP = next(n for n, g in enumerate(FILE.groups) if g.slug == "enterprise")


def policy() -> Policy:
    """The policy everybody starts with."""
    prior = playbook_prior("customer-referrals")
    return Policy(1, prior.kind, code_hash(), prior.params, None, 0, "benchmark", NOW, None)


def offers() -> tuple[programs.Offer, ...]:
    """The enterprise offers: the group with the most actions."""
    return tuple(
        programs.Offer(n, GROUP, o.slug, o.label, o.incentive, o.amount_minor, o.rate_bp, "EUR", o.cap_minor, n)
        for n, o in enumerate(FILE.groups[GROUP].offers)
    )


def batch_per_second() -> list[float]:
    """Personas scored in a second of CPU time, every action of the group valued, per round."""
    rng = np.random.default_rng(1)
    columns = Columns(
        "enterprise",
        {"moment": MOMENTS, "seniority": list(SENIORITIES)},
        {"moment": rng.integers(0, 3, PERSONAS), "seniority": rng.integers(0, 5, PERSONAS)},
        {name: rng.random(PERSONAS) for name in NUMBERS},
    )
    actions = [action_of(o, c, "warm") for o in offers() for c in CHANNELS]
    params = policy().params
    rates = []
    for _ in range(ROUNDS):
        started = time.process_time()
        score(columns, actions, params)
        rates.append(PERSONAS / (time.process_time() - started))
    return rates


def single_ms() -> list[float]:
    """Milliseconds of CPU time of one whole decision: guardrails, drafts, 64 drawn worlds, scores, reasons."""
    entry, made = FILE.groups[GROUP], policy()
    group = programs.Group(GROUP, 1, entry.slug, entry.name, entry.conditions, GROUP, "Enterprise.")
    times = []
    for n in range(SINGLES):
        happening = Happening(
            content_id("m", str(n)), MOMENTS[n % 3], "Rated 5/5", 0.8, NOW - timedelta(hours=n % 90),
            NOW + timedelta(days=2), 30.0, [],
        )  # fmt: skip
        person = Person(n, n, "Ana Lima", "ana@x.example", "VP", SENIORITIES[n % 5], consent_email=True)
        situation = Situation(1, "Tidewater", NOW, happening, person, None, group, offers())
        started = time.process_time()
        judge(situation, made, FILE.playbook)
        times.append(1000 * (time.process_time() - started))
    return times


def main() -> None:
    """Measure, print and store."""
    rates, times = batch_per_second(), single_ms()
    found: dict[str, Any] = {
        "claims": {"batch_personas_per_s": 100_000, "single_decision_ms": 5},
        "batch_personas_per_s": {"best": round(max(rates)), "worst": round(min(rates)), "personas": PERSONAS, "actions": 4},
        "single_decision_ms": {
            "median": round(statistics.median(times), 2), "p95": round(sorted(times)[int(0.95 * SINGLES)], 2), "n": SINGLES,
        },
        "machine": facts(),
    }  # fmt: skip
    found["holds"] = min(rates) >= 100_000 and statistics.median(times) <= 5
    target = Path(__file__).parent / "results" / "scoring.json"
    target.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps({k: v for k, v in found.items() if k != "machine"}, indent=2))


if __name__ == "__main__":
    main()
