"""The brain against its rivals in simulated companies: capture, gain over trigger rules, asks, harm where nothing is to gain.

Capture is (policy - static) / (oracle - static), net value in twelve months, 5,000 customers. Claims, on seeds never used
for tuning: mixed world capture at least .72 and at least .85 in the last quarter; at least 40 k$ per 1,000 customers over
trigger rules with the lower bound above zero; textbook world at least the rules' result by the end of the year and never
under .70 in a block of 61 days; null world at most 2 k$ lost per 1,000; at most 35 asks per incremental qualified referral;
gaming world at least .82. The worlds and the measures are the referee's: `docs/reference/referee.md`.
Run: python -m benchmarks.brain [--worlds mixed,null] [--seeds 301-308] [--size 5000] [--tuning]
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # after the thread limits

from benchmarks.machine import facts
from benchmarks.referee import book, prior
from benchmarks.referee.__main__ import seeds_of
from benchmarks.referee.contest import rows_of, summary
from benchmarks.referee.nature import EXTRA, WORLDS
from benchmarks.referee.player import Player
from honeyguide.decisions.brain import Ahead, Chooser, dump, load

TUNING = "1-4"
FRESH = {"mixed": "301-308"}
OTHERS = "301-303"
POLICIES = ["segment", "trigger", "brain", "oracle"]


def speed() -> dict[str, float]:
    """Personas ranked a second of one core (48 actions each), and milliseconds of one decision."""
    n = 100_000
    chooser = Chooser(load(dump(Player(book.SETTING, 1).brain.snapshot())))
    batch = prior.random_people(book.SETTING, np.random.default_rng(1), n)
    started = time.process_time()
    chooser.score(batch)
    per_second = n / (time.process_time() - started)
    one = batch.take(np.arange(1))
    ahead = Ahead(np.full((1, 6), 0.004), np.full(1, 200.0), np.full(1, 5.0))
    chooser.decide(one, ahead, 7, np.array([7], np.uint64))
    times = []
    for k in range(60):
        started = time.process_time()
        chooser.decide(one, ahead, 7, np.array([k], np.uint64))
        times.append(1000 * (time.process_time() - started))
    return {"personas_per_s": round(per_second), "decision_ms_median": round(sorted(times)[30], 2)}


def main() -> None:
    """Play, print, store."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--worlds", default=",".join((*WORLDS, *EXTRA)))
    asked.add_argument("--seeds", default="")
    asked.add_argument("--size", type=int, default=5_000)
    asked.add_argument("--jobs", type=int, default=1, help="seeds played at a time")
    asked.add_argument("--tuning", action="store_true", help="the seeds the policy was tuned on: never to be quoted")
    said = asked.parse_args()
    target = Path(__file__).parent / "results" / "brain.json"
    before = json.loads(target.read_text())["worlds"] if target.exists() and not said.tuning else {}
    found: dict[str, Any] = {"size": said.size, "machine": facts(), "speed": speed(), "worlds": before}
    print(json.dumps(found["speed"]), flush=True)
    for world in said.worlds.split(","):
        seeds = seeds_of(said.seeds or (TUNING if said.tuning else FRESH.get(world, OTHERS)))
        rows = rows_of(world, seeds, said.size, POLICIES, jobs=said.jobs)
        for seed, row in zip(seeds, rows, strict=True):
            print(f"{world:9s} {seed} {json.dumps(row['brain'])}", flush=True)
        means = {name: summary(rows, name) for name in rows[0]}
        found["worlds"][world] = {"seeds": seeds, "summary": means, "runs": rows}
        print(f"{world:9s} == {json.dumps(means['brain'])}", flush=True)
        if not said.tuning:
            target.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
