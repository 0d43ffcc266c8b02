"""Policies in one world and seed, and what is reported of them: capture, money, asks, with intervals over seeds.

Capture is (policy - static) / (oracle - static) of net value. Money is per 1,000 customers over asking nobody.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
from scipy.stats import t as student

from benchmarks.referee.adapter import Score, play
from benchmarks.referee.entrants import ORACLE, policy_maker, world_maker

BLOCK = 61


def contest(world: str, seed: int, size: int, policies: list[str], holdout: float = 0.0) -> dict[str, Score]:
    """A fresh world of the same seed for every policy; asking nobody and the calendar always play."""
    make = world_maker(world)
    made: dict[str, Score] = {}
    for name in dict.fromkeys(["nobody", "static", *policies]):
        if name == ORACLE:
            made[name] = _oracle(world, seed, size, holdout)
        else:
            here = make(seed, size)
            made[name] = play(here, policy_maker(name)(here.setting, seed), holdout=holdout, seed=seed)
    return made


def _oracle(world: str, seed: int, size: int, holdout: float) -> Score:
    make, best = world_maker(world), None
    for k in range(len(make(seed, size).oracles())):
        here = make(seed, size)
        score = play(here, here.oracles()[k], holdout=holdout, seed=seed)
        if best is None or score.value.sum() > best.value.sum():
            best = score
    if best is None:
        raise SystemExit(f"The world '{world}' has no oracle: leave it out; capture is then not reported.")
    return best


def capture(made: dict[str, Score], name: str, start: int = 0, end: int | None = None) -> float:
    """The share of the oracle's gain over the calendar in some days."""
    value = {k: float(s.value[start:end].sum()) for k, s in made.items()}
    return (value[name] - value["static"]) / (value[ORACLE] - value["static"])


def figures(made: dict[str, Score], size: int) -> dict[str, dict[str, Any]]:
    """What is reported of one world and seed, by policy."""
    nobody, days = made["nobody"], len(made["nobody"].value)
    starts = list(range(0, days, BLOCK))
    out: dict[str, dict[str, Any]] = {}
    for name, score in made.items():
        qualified = float((score.qualified - nobody.qualified).sum()) * 1000 / size
        asks = float(score.asks.sum()) * 1000 / size
        row: dict[str, Any] = {
            "k$": round(float((score.value - nobody.value).sum()) / size, 2),
            "qualified": round(qualified, 1),
            "asks": round(asks),
            "asks_per_qualified": round(asks / qualified, 1) if qualified > 0 else None,
            "opt_outs": round(score.opt_outs * 1000 / size, 1),
        }
        if "trigger" in made:
            row["over_trigger_k$"] = round(float((score.value - made["trigger"].value).sum()) / size, 2)
        if ORACLE in made:
            row["capture"] = round(capture(made, name), 4)
            row["last_quarter"] = round(capture(made, name, days * 3 // 4), 4)
            row["blocks"] = [round(capture(made, name, a, min(a + BLOCK, days)), 3) for a in starts]
            oracle = [float(made[ORACLE].value[a : a + BLOCK].sum()) for a in starts]
            own = [float(score.value[a : a + BLOCK].sum()) for a in starts]
            row["of_oracle"] = [round(x / y, 3) for x, y in zip(own, oracle, strict=True)]
        out[name] = row
    return out


def rows_of(
    world: str, seeds: list[int], size: int, policies: list[str], holdout: float = 0.0, jobs: int = 1
) -> list[dict[str, dict[str, Any]]]:
    """The figures of every seed, some of them at a time: the result does not depend on how many."""
    if jobs == 1:
        return [_row(world, seed, size, policies, holdout) for seed in seeds]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(_row, world, seed, size, policies, holdout) for seed in seeds]
        return [one.result() for one in waiting]


def _row(world: str, seed: int, size: int, policies: list[str], holdout: float) -> dict[str, dict[str, Any]]:
    return figures(contest(world, seed, size, policies, holdout), size)


def interval(values: list[float]) -> list[float]:
    """Mean and its 95 % interval over seeds (Student)."""
    x = np.array(values)
    if len(x) < 2:  # one seed has no interval
        return [round(float(x.mean()), 3)]
    half = float(student.ppf(0.975, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x)))
    return [round(float(x.mean()), 3), round(float(x.mean()) - half, 3), round(float(x.mean()) + half, 3)]


def summary(rows: list[dict[str, dict[str, Any]]], name: str) -> dict[str, Any]:
    """Means and intervals of a policy over the seeds of a world."""
    mine = [row[name] for row in rows]
    out: dict[str, Any] = {}
    for key, first in mine[0].items():
        values = [m[key] for m in mine if m[key] is not None]
        if isinstance(first, list):
            out[key] = [round(float(v), 3) for v in np.mean(values, axis=0)]
        elif values:
            out[key] = interval(values)
    return out
