"""The product's judge of referrals in a world with known truth: how much fraud it holds, and how many honest people it bothers.

Bars: precision at least .95, recall at least .90, at most .5 % of honest colleagues held, at most 100 ms of CPU a referral.
Seeds 1 to 9 are for whoever tunes rules; figures are quoted on others, which nobody has tuned on. What makes the world hard or easy stands in `world`.
Run: python -m benchmarks.fraud [--seeds 21 22 23] [--size 1.0]
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from benchmarks.fraud import scoring
from benchmarks.fraud.world import make
from benchmarks.machine import facts
from honeyguide.outcomes.fraud import judge_batch

RESULT = Path(__file__).parents[1] / "results" / "fraud.json"


def _told(label: str, row: dict[str, Any]) -> str:
    shown = ("precision", "recall", "false_holds_on_colleagues", "false_holds_on_honest", "ms_per_referral")
    return f"{label:>6}  " + "  ".join(f"{name} {row[name]}" for name in shown)


def main() -> None:
    """Judge the worlds, print, store."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.fraud", description=__doc__)
    asked.add_argument("--seeds", type=int, nargs="+", default=[21, 22, 23, 24, 25])
    asked.add_argument("--size", type=float, default=1.0)
    asked.add_argument("--dry", action="store_true", help="print only, for whoever tunes")
    said = asked.parse_args()
    every, runs, spent, count = scoring.empty(), [], 0.0, 0
    for seed in said.seeds:
        world, truth = make(seed, said.size)
        started = time.process_time()
        judged = judge_batch(world)
        took = time.process_time() - started
        one = scoring.empty()
        scoring.add(one, truth, judged)
        scoring.add(every, truth, judged)
        runs.append({"seed": seed} | scoring.result(one, 1_000 * took / len(world)))
        spent, count = spent + took, count + len(world)
        print(_told(str(seed), runs[-1]), flush=True)
    whole = scoring.result(every, 1_000 * spent / count)
    print(
        _told("all", whole),
        json.dumps({name: whole[name] for name in ("recall_by_kind", "false_holds_by_kind", "holds")}, indent=1),
        sep="\n",
    )
    if not said.dry:
        RESULT.write_text(
            json.dumps(
                {"machine": facts(), "bars": scoring.BARS, "size": said.size, "all": whole, "runs": runs}, indent=1
            )
            + "\n"
        )


if __name__ == "__main__":
    main()
