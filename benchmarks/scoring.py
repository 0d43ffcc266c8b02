"""How many personas one core scores in a second, and how long a single decision takes.

Both through the product's own path and the brain every workspace starts with. Claims: at least 100,000 personas a second
per core in a batch; a single decision in at most 5 ms (median; the first of a day draws its worlds and is told apart).
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
from honeyguide.decisions.candidates import action_of, candidates_of
from honeyguide.decisions.hearing import Panel
from honeyguide.decisions.judge import judge
from honeyguide.decisions.policy import Policy, brain_prior, code_hash
from honeyguide.decisions.science import NUMBERS, catalogue_of
from honeyguide.decisions.science_choice import ready
from honeyguide.decisions.situation import CHANNELS, SENIORITIES, Action, Firm, Happening, Person, Situation
from honeyguide.programs.journey import STAGES, VERTICALS
from honeyguide.programs.playbooks import LIBRARY, steps_for

PERSONAS, ROUNDS, SINGLES = 200_000, 5, 400
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
FILE = programs.load("customer-referrals")
GROUP = next(n for n, g in enumerate(FILE.groups) if g.slug == "enterprise")
CATALOGUE = catalogue_of({
    g.slug: [
        programs.Offer(100 * n + m, n, o.slug, o.label, o.incentive, o.amount_minor, o.rate_bp, "EUR", o.cap_minor, m)
        for m, o in enumerate(g.offers)
    ]
    for n, g in enumerate(FILE.groups)
})  # fmt: skip
OFFERS = tuple(o for g, o in CATALOGUE.offers if g == "enterprise")


def policy() -> Policy:
    """The policy everybody starts with."""
    new = brain_prior("customer-referrals", CATALOGUE)
    return Policy(1, new.kind, code_hash(), new.params, None, 0, "benchmark", NOW, None, new.snapshot)


def candidates() -> list[Action]:
    """What an enterprise customer may be offered: all its offers, in two tones, over both channels, at most 32."""
    return [action_of(o, c, t) for o in OFFERS for c in CHANNELS for t in ("warm", "brief")][:32]


def batch_per_second(made: Policy) -> list[float]:
    """Personas scored in a second of CPU time, every candidate of the group valued, per round."""
    rng = np.random.default_rng(1)
    words = {"moment": CATALOGUE.kinds, "seniority": SENIORITIES, "vertical": VERTICALS, "stage": STAGES,
             "segment": ("enterprise", "mid_market")}  # fmt: skip
    columns = Columns(
        "enterprise",
        words,
        {d: rng.integers(0, len(w), PERSONAS) for d, w in words.items()},
        {name: rng.random(PERSONAS) for name in NUMBERS},
    )
    rates = []
    for _ in range(ROUNDS):
        started = time.process_time()
        score(columns, candidates(), made)
        rates.append(PERSONAS / (time.process_time() - started))
    return rates


def situation(n: int) -> Situation:
    """Somebody who may be asked, with moments to come."""
    entry = FILE.groups[GROUP]
    happening = Happening(
        content_id("m", str(n)), CATALOGUE.kinds[n % len(CATALOGUE.kinds)], "Rated 5/5", 0.8,
        NOW - timedelta(hours=n % 90), NOW + timedelta(days=2), 30.0, [],
    )  # fmt: skip
    person = Person(n, n, "Ana Lima", "ana@x.example", "VP", SENIORITIES[n % 5], consent_email=True)
    group = programs.Group(GROUP, 1, entry.slug, entry.name, entry.conditions, GROUP, "Enterprise.")
    steps = tuple(steps_for(LIBRARY, "value", "enterprise", "saas", happening.kind, {}))
    return Situation(
        1, "Tidewater", NOW, happening, person, Firm(n, n, "Firm"), group, OFFERS, segment="enterprise", vertical="saas",
        stage="value", rates=tuple((k, 0.004) for k in CATALOGUE.kinds),
        steps=steps,
    )  # fmt: skip


def single_ms(made: Policy, convened: Panel | None = None) -> list[float]:
    """Milliseconds of CPU time of one whole decision: guardrails, drafts, drawn worlds, stopping rule, reasons."""
    times = []
    for n in range(SINGLES):
        one = situation(n)
        started = time.process_time()
        judge(one, made, FILE.playbook, convened)
        times.append(1000 * (time.process_time() - started))
    return times


def first_ms(made: Policy) -> float:
    """Milliseconds of the first decision of a day by a policy version: its worlds are drawn."""
    ready.cache_clear()
    started = time.process_time()
    judge(situation(0), made, FILE.playbook)
    return 1000 * (time.process_time() - started)


def main() -> None:
    """Measure, print and store."""
    made = policy()
    first = first_ms(made)
    rates, times = batch_per_second(made), single_ms(made)
    schema = ready(made.snapshot)
    found: dict[str, Any] = {
        "claims": {"batch_personas_per_s": 100_000, "single_decision_ms": 5},
        "batch_personas_per_s": {
            "best": round(max(rates)), "worst": round(min(rates)), "personas": PERSONAS, "actions": len(candidates()),
        },
        "single_decision_ms": {
            "median": round(statistics.median(times), 2), "p95": round(sorted(times)[int(0.95 * SINGLES)], 2),
            "first_of_a_day": round(first, 1), "n": SINGLES, "candidates": statistics.median(len(candidates_of(situation(n), FILE.playbook)) for n in range(SINGLES)),
            "with_the_panel_median": round(statistics.median(single_ms(made, Panel())), 2),
        },
        "brain": {"coefficients": schema.chooser.design.size, "actions": schema.chooser.design.n_actions},
        "machine": facts(),
    }  # fmt: skip
    found["holds"] = min(rates) >= 100_000 and statistics.median(times) <= 5
    target = Path(__file__).parent / "results" / "scoring.json"
    target.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps({k: v for k, v in found.items() if k != "machine"}, indent=2))


if __name__ == "__main__":
    main()
