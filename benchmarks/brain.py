"""The brain against its rivals in simulated companies: capture, gain over trigger rules, asks, harm where nothing is to gain.

Capture is (policy - static) / (oracle - static), net value in twelve months, 5,000 customers. Claims, on seeds never used
for tuning: mixed world capture at least .72 and at least .85 in the last quarter; at least 40 k$ per 1,000 customers over
trigger rules with the lower bound above zero; textbook world at least the rules' result by the end of the year and never
under .70 in a block of 61 days; null world at most 2 k$ lost per 1,000; at most 35 asks per incremental qualified referral.
Run: python -m benchmarks.brain [--worlds mixed,null] [--seeds 101,102] [--size 5000] [--tuning]
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
from scipy.stats import t as student

from benchmarks.machine import facts
from benchmarks.sim import prior
from benchmarks.sim.nature import DAYS, EXTRA, WORLDS
from benchmarks.sim.player import Player
from benchmarks.sim.rivals import BySegment, Nobody, Oracle, Static, Trigger
from benchmarks.sim.season import Score, season
from honeyguide.decisions.brain import Ahead, Chooser, dump, load

TUNING = (1, 2)
FRESH = {"mixed": tuple(range(101, 109))} | {w: (101, 102) for w in (*WORLDS, *EXTRA) if w != "mixed"}
BLOCK, LAST = 61, 274
KAPPAS = (1.0, 1.25)


def play(world: str, seed: int, size: int) -> dict[str, Score]:
    """A year of every policy in one world; the oracle is the best of its thresholds."""
    made: dict[str, Score] = {}
    rivals = (("nobody", Nobody), ("static", Static), ("segment", BySegment), ("trigger", Trigger))
    for name, rival in rivals:
        made[name] = season(world, seed, size).play(rival())
    oracles = []
    for kappa in KAPPAS:
        there = season(world, seed, size)
        oracles.append(there.play(Oracle(there, kappa)))
    made["oracle"] = max(oracles, key=lambda s: float(s.value.sum()))
    made["brain"] = season(world, seed, size).play(Player(seed))
    return made


def capture(made: dict[str, Score], name: str, start: int = 0, end: int = DAYS) -> float:
    """The share of the oracle's gain over static in some days."""
    value = {k: float(s.value[start:end].sum()) for k, s in made.items()}
    return (value[name] - value["static"]) / (value["oracle"] - value["static"])


def figures(made: dict[str, Score], size: int) -> dict[str, Any]:
    """What is reported of one world and seed, per 1,000 customers."""
    base = float(made["nobody"].value.sum())
    thousand = {k: (float(s.value.sum()) - base) / size for k, s in made.items()}
    qualified = {k: float(s.qualified.sum() - made["nobody"].qualified.sum()) * 1000 / size for k, s in made.items()}
    asks = {k: float(s.asks.sum()) * 1000 / size for k, s in made.items()}
    blocks = [(a, min(a + BLOCK, DAYS)) for a in range(0, DAYS, BLOCK)]
    return {
        "k$": {k: round(v, 2) for k, v in thousand.items()},
        "capture": {k: round(capture(made, k), 4) for k in ("segment", "trigger", "brain")},
        "last_quarter": {k: round(capture(made, k, LAST), 4) for k in ("trigger", "brain")},
        "blocks": [round(capture(made, "brain", a, b), 3) for a, b in blocks],
        "trigger_blocks": [round(capture(made, "trigger", a, b), 3) for a, b in blocks],
        "over_trigger": round(thousand["brain"] - thousand["trigger"], 2),
        "qualified": {k: round(v, 1) for k, v in qualified.items()},
        "asks": {k: round(v) for k, v in asks.items()},
        "asks_per_qualified": {k: round(asks[k] / max(qualified[k], 1e-9), 1) for k in ("static", "trigger", "brain", "oracle")},
        "opt_outs": {k: round(s.opt_outs * 1000 / size, 1) for k, s in made.items()},
    }  # fmt: skip


def interval(values: list[float]) -> list[float]:
    """Mean and its 95 % interval over seeds."""
    x = np.array(values)
    half = float(student.ppf(0.975, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x))) if len(x) > 1 else float("inf")
    return [round(float(x.mean()), 3), round(float(x.mean()) - half, 3), round(float(x.mean()) + half, 3)]


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Means over the seeds of a world."""
    return {
        "capture": interval([r["capture"]["brain"] for r in rows]),
        "capture_trigger": interval([r["capture"]["trigger"] for r in rows]),
        "last_quarter": interval([r["last_quarter"]["brain"] for r in rows]),
        "over_trigger_k$": interval([r["over_trigger"] for r in rows]),
        "net_k$": interval([r["k$"]["brain"] for r in rows]),
        "asks_per_qualified": interval([r["asks_per_qualified"]["brain"] for r in rows]),
        "opt_outs": interval([r["opt_outs"]["brain"] for r in rows]),
        "blocks": [round(float(np.mean([r["blocks"][k] for r in rows])), 3) for k in range(6)],
    }


def speed() -> dict[str, float]:
    """Personas ranked a second of one core (48 actions each), and milliseconds of one decision."""
    rng = np.random.default_rng(1)
    n = 100_000
    chooser = Chooser(load(dump(Player(1).brain.snapshot())))
    batch = prior.random_people(rng, n)
    started = time.process_time()
    chooser.score(batch)
    per_second = n / (time.process_time() - started)
    one = batch.take(np.arange(1))
    ahead = Ahead(np.full((1, 6), 0.004), np.full(1, 200.0), np.full(1, 5.0))
    times = []
    for k in range(60):
        started = time.process_time()
        chooser.decide(one, ahead, k, np.array([k], np.uint64))
        times.append(1000 * (time.process_time() - started))
    return {"personas_per_s": round(per_second), "decision_ms_median": round(sorted(times)[30], 2)}


def main() -> None:
    """Play, print, store."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--worlds", default=",".join((*WORLDS, *EXTRA)))
    asked.add_argument("--seeds", default="")
    asked.add_argument("--size", type=int, default=5_000)
    asked.add_argument("--tuning", action="store_true", help="the seeds the policy was tuned on: never to be quoted")
    said = asked.parse_args()
    target = Path(__file__).parent / "results" / "brain.json"
    before = json.loads(target.read_text())["worlds"] if target.exists() and not said.tuning else {}
    found: dict[str, Any] = {
        "seeds": "tuning" if said.tuning else "fresh",
        "size": said.size,
        "machine": facts(),
        "worlds": before,
    }
    found["speed"] = speed()
    print(json.dumps(found["speed"]), flush=True)
    for world in said.worlds.split(","):
        seeds = TUNING if said.tuning else FRESH[world]
        seeds = tuple(map(int, said.seeds.split(","))) if said.seeds else seeds
        rows = []
        for seed in seeds:
            started = time.process_time()
            rows.append({"seed": seed} | figures(play(world, seed, said.size), said.size))
            r = rows[-1]
            print(
                f"{world:9s} {seed} k$ {r['k$']} capture {r['capture']} last quarter {r['last_quarter']} blocks {r['blocks']} "
                f"asks/qualified {r['asks_per_qualified']['brain']} opt-outs {r['opt_outs']['brain']} "
                f"{time.process_time() - started:.0f} s CPU",
                flush=True,
            )
        found["worlds"][world] = {"summary": summary(rows), "runs": rows}
        print(f"{world:9s} == {json.dumps(summary(rows))}", flush=True)
        if not said.tuning:
            target.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
