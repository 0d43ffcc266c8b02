"""Run the referee: python -m benchmarks.referee --world mixed --seeds 101-108 --policy brain,trigger,static,oracle."""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks.machine import facts  # after the thread limits
from benchmarks.referee.contest import rows_of, summary


def seeds_of(text: str) -> list[int]:
    """`101-104,7` -> 101, 102, 103, 104, 7."""
    out: list[int] = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        out += range(int(low), int(high or low) + 1)
    return out


def _line(world: str, seed: str, name: str, row: dict[str, Any]) -> str:
    shown = ("k$", "capture", "last_quarter", "over_trigger_k$", "asks_per_qualified", "opt_outs", "blocks")
    return f"{world:10s} {seed:>5s} {name:10s} " + "  ".join(f"{k} {row[k]}" for k in shown if k in row)


def main() -> None:
    """Play, print, store."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.referee", description=__doc__)
    asked.add_argument("--world", default="mixed", help="names or module:maker, separated by commas")
    asked.add_argument("--seeds", default="101-108")
    asked.add_argument("--policy", default="brain,trigger,static,oracle", help="names or module:maker")
    asked.add_argument("--size", type=int, default=5_000)
    asked.add_argument("--holdout", type=float, default=0.0, help="companies kept from every policy, the oracle too")
    asked.add_argument("--jobs", type=int, default=1, help="seeds played at a time")
    asked.add_argument("--out", type=Path, help="write the results here as JSON")
    said = asked.parse_args()
    found: dict[str, Any] = {"machine": facts(), "size": said.size, "holdout": said.holdout, "worlds": {}}
    policies = said.policy.split(",")
    for world in said.world.split(","):
        seeds, started = seeds_of(said.seeds), time.monotonic()
        rows = rows_of(world, seeds, said.size, policies, said.holdout, said.jobs)
        for seed, row in zip(seeds, rows, strict=True):
            for name in policies:
                print(_line(world, str(seed), name, row[name]), flush=True)
        print(f"{world:10s} {time.monotonic() - started:.0f} s", flush=True)
        means = {name: summary(rows, name) for name in rows[0]}
        for name in policies:
            print(_line(world, "all", name, means[name]), flush=True)
        found["worlds"][world] = {"seeds": seeds, "summary": means, "runs": rows}
        if said.out:
            said.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
