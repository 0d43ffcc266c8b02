"""The record of each expert: were its forecasts right, what would following it have earned, how often did it dissent?

Judged from the log alone: every decision holds each expert's whole distribution and the exact propensity of what was done,
so each expert is credited for every decision, not only for those it was followed in. The reward of a decision is 1 when the
person brought a referral within 28 days. Estimates are doubly robust around the mean reward, by company, always valid at
.05 over the number of experts, and refused where the log cannot carry them (`learning.proof`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from msgspec import Struct, structs

from honeyguide.db import Row, Tx
from honeyguide.decisions import gating
from honeyguide.learning import track_tables
from honeyguide.learning.lift import WINDOW_DAYS
from honeyguide.learning.proof import Logged, Running, dr_scores
from honeyguide.learning.proof.offpolicy import Floats, Ints, by_cluster, effective_sample, refusal
from honeyguide.learning.sequence import Interval
from honeyguide.learning.track_tables import Track as Track

MOST_DECISIONS = 20_000
EVERYWHERE = ("", "")
WAIT = "wait"
_CLOSE = 1e-6
Cell = tuple[str, str]


class Judgement(Struct, frozen=True):
    """What a pass has found: the records, and the weights of challengers it set."""

    tracks: list[Track]
    weights: dict[Cell, dict[str, float]]


class _Compared(Struct, frozen=True):
    bound: Interval | None
    value: float
    effective: float
    refused: str


class _Case(Struct, frozen=True):
    """A decision whose days are over."""

    cell: Cell
    cluster: str
    action: str
    propensity: float
    distribution: dict[str, float]
    experts: dict[str, dict[str, Any]]
    came: bool
    weight: float = 1.0


async def judge(tx: Tx, now: datetime) -> Judgement:
    """Judge every expert on the decisions whose 28 days are over, keep the records, and let the gate learn from them."""
    rows = await track_tables.decided(tx, now - timedelta(days=WINDOW_DAYS), WINDOW_DAYS, MOST_DECISIONS)
    cases = [c for r in rows if (c := _case(r)) is not None]
    tracks = tracks_of(cases, now)
    for track in tracks:
        await track_tables.save(tx, track)
    return Judgement(tracks, await gating.learn(tx, scores_of(cases), now))


async def newest(tx: Tx, expert: str | None = None) -> list[Track]:
    """The newest record per expert, segment and stage."""
    return await track_tables.newest(tx, expert)


async def series(tx: Tx, expert: str, after: tuple[date, str, str] | None, limit: int) -> list[Track]:
    """Every record of an expert, the newest first."""
    return await track_tables.series(tx, expert, after, limit)


async def count(tx: Tx, expert: str) -> int:
    """How many records an expert has."""
    return await track_tables.count(tx, expert)


async def trail(tx: Tx, expert: str) -> int:
    """On how many days an expert was judged off-policy, everywhere together, without being refused."""
    return await track_tables.trail(tx, expert)


def _case(row: Row) -> _Case | None:
    """A row as a case; None when what was logged does not hold together."""
    experts = {
        e["expert"]: e for e in row["experts"] if isinstance(e, dict) and isinstance(e.get("distribution"), dict)
    }
    distribution, propensity = row["distribution"], row["propensity"]
    if not experts or propensity <= 0 or abs(distribution.get(row["action"], -1.0) - propensity) > _CLOSE:
        return None
    words = row["words"] or {}
    cell = (str(words.get("segment") or ""), str(words.get("stage") or ""))
    return _Case(cell, row["arm_cluster"], row["action"], propensity, distribution, experts, row["came"], row["weight"])


def tracks_of(cases: Sequence[_Case], now: datetime) -> list[Track]:
    """The records over given decisions: everywhere, and per segment and stage. Pure."""
    found = []
    for cell in sorted({EVERYWHERE, *(c.cell for c in cases)}):
        here = [c for c in cases if cell in (EVERYWHERE, c.cell)]
        names = sorted({name for c in here for name in c.experts})
        made = [_track(name, cell, [c for c in here if name in c.experts], len(names), now) for name in names]
        found += _with_regret(made)
    return found


def _track(name: str, cell: Cell, cases: Sequence[_Case], experts: int, now: datetime) -> tuple[Track, float | None]:
    """One record without its regret, and the value of following the expert."""
    errors = [
        (float(said["chance"]) - c.came) ** 2
        for c in cases
        if (said := c.experts[name]).get("chance") is not None and said.get("favourite") == c.action != WAIT
    ]
    dissents = sum(
        c.experts[name].get("favourite") != max(c.distribution, key=lambda k: c.distribution[k]) for c in cases
    )
    keys = sorted({k for c in cases for k in c.distribution})
    log = _log(cases, keys)
    target = _matrix([c.experts[name]["distribution"] for c in cases], keys)
    found = _compared(log, target, _weights(cases), 0.05 / max(1, experts))
    spoken = found.bound
    track = Track(
        expert=name, segment=cell[0], stage=cell[1], day=now.date(), at=now, opinions=len(cases), forecasts=len(errors),
        brier=float(np.mean(errors)) if errors else None, dissents=dissents, regret=None,
        lift=spoken.estimate if spoken else None, lower=spoken.lower if spoken else None,
        upper=spoken.upper if spoken else None, effective=found.effective, refused=found.refused,
    )  # fmt: skip
    return track, None if found.refused else found.value


def _compared(log: Logged, target: Floats, weight: Floats, alpha: float) -> _Compared:
    """The value of following an expert, and its difference to what ran, always valid; by company."""
    if log.distribution is None:
        raise RuntimeError("the log has its distributions")
    rows = np.arange(log.rows)
    moved = target[rows, log.action] / log.propensity
    effective = effective_sample(moved * weight)
    model = np.full(target.shape, float((log.reward * weight).mean()))
    scores = dr_scores(log, target, model) * weight
    ran = dr_scores(log, log.distribution, model) * weight
    so_far = Running(bound=float((np.abs(moved - 1) * weight).max() * np.ptp(log.reward)) if log.rows else 0.0)
    so_far.add(by_cluster(scores - ran, log.cluster))
    counted = structs.replace(log, propensity=log.propensity / weight)  # as if each stood there as often as it counts
    refused, bound = refusal(counted, target, effective), so_far.interval(alpha)
    if refused or bound is None:
        return _Compared(None, 0.0, effective, refused or "Too few companies to judge.")
    return _Compared(bound, float(scores.mean()), effective, "")


def _weights(cases: Sequence[_Case]) -> Floats:
    """How many decisions each stands for, with a mean of one: looks that only waited again were logged one in twenty."""
    weight = np.array([c.weight for c in cases])
    return np.asarray(weight / weight.mean())


def _with_regret(made: Sequence[tuple[Track, float | None]]) -> list[Track]:
    values = [v for _, v in made if v is not None]
    best = max(values, default=None)
    return [
        Track(**{f: getattr(t, f) for f in Track.__struct_fields__ if f != "regret"},
              regret=best - v if best is not None and v is not None else None)
        for t, v in made
    ]  # fmt: skip


def scores_of(cases: Sequence[_Case]) -> dict[Cell, dict[str, Floats]]:
    """Doubly robust scores per cell and expert, over the decisions all of them spoke about: what Hedge learns from."""
    found: dict[Cell, dict[str, Floats]] = {}
    for cell in sorted({c.cell for c in cases}):
        here = [c for c in cases if c.cell == cell]
        names = sorted({name for c in here for name in c.experts})
        shared = [c for c in here if all(name in c.experts for name in names)]
        if not shared:
            continue
        keys = sorted({k for c in shared for k in c.distribution})
        log = _log(shared, keys)
        weight = _weights(shared)
        model = np.full((len(shared), len(keys)), float((log.reward * weight).mean()))
        found[cell] = {
            name: weight * dr_scores(log, _matrix([c.experts[name]["distribution"] for c in shared], keys), model)
            for name in names
        }
    return found


def _log(cases: Sequence[_Case], keys: Sequence[str]) -> Logged:
    place = {key: n for n, key in enumerate(keys)}
    clusters = {name: n for n, name in enumerate(sorted({c.cluster for c in cases}))}
    return Logged(
        action=np.array([place[c.action] for c in cases], dtype=np.int64),
        propensity=np.array([c.propensity for c in cases]),
        reward=np.array([float(c.came) for c in cases]),
        distribution=_matrix([c.distribution for c in cases], keys),
        cluster=np.array([clusters[c.cluster] for c in cases], dtype=np.int64),
    )


def _matrix(rows: Sequence[Mapping[str, float]], keys: Sequence[str]) -> Floats:
    place: dict[str, int] = {key: n for n, key in enumerate(keys)}
    out = np.zeros((len(rows), len(keys)))
    lines: Ints = np.arange(len(rows), dtype=np.int64)
    for line, row in zip(lines, rows, strict=True):
        for key, p in row.items():
            if key in place:
                out[line, place[key]] = p
    return out
