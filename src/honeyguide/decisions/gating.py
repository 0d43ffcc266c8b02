"""The gate: how much each expert counts per segment and journey stage.

Science carries; what the other experts believe reaches it as priors and features, because standing shares for experts as
arms cost 7 to 18 % of what there is to gain. An expert gets a share of the decisions only where somebody has named it a
challenger: then at least .02, so that its value can be measured, and what Hedge makes of it (Freund & Schapire 1997;
with shared credit as in EXP4, Auer et al. 2002) up to a half. Everybody else counts 0.
"""

import math
from collections.abc import Mapping
from datetime import datetime

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from honeyguide.core.errors import BadInput
from honeyguide.db import Tx, audit
from honeyguide.decisions import expert_tables
from honeyguide.decisions.expert_tables import Challenger
from honeyguide.decisions.panel import SCIENCE
from honeyguide.programs.journey import SEGMENTS, STAGES

LEAST, MOST_TOGETHER = 0.02, 0.5
MOST_CHALLENGERS = 5
Floats = NDArray[np.float64]


class Weights(Struct, frozen=True):
    """Who counts how much, by (segment, stage). Where nobody is named science counts alone."""

    table: Mapping[tuple[str, str], Mapping[str, float]] = {}

    def of(self, segment: str, stage: str) -> dict[str, float]:
        """Weights that sum to 1."""
        return dict(self.table.get((segment, stage), {SCIENCE: 1.0}))


async def weights(tx: Tx) -> Weights:
    """The weights in force."""
    named: dict[tuple[str, str], dict[str, float]] = {}
    for one in await expert_tables.challengers(tx):
        named.setdefault((one.segment, one.stage), {})[one.expert] = LEAST
    for row in await expert_tables.weights(tx):
        named[row["segment"], row["stage"]][row["expert"]] = row["weight"]
    return Weights({key: bounded(given) for key, given in named.items()})


async def challengers(tx: Tx) -> list[Challenger]:
    """Everybody who is named somewhere."""
    return await expert_tables.challengers(tx)


def bounded(challengers: Mapping[str, float]) -> dict[str, float]:
    """The challengers' weights, each at least `LEAST`, together at most a half; science has the rest."""
    wanted = {n: w if math.isfinite(w) and w > LEAST else LEAST for n, w in challengers.items() if n != SCIENCE}
    above = sum(w - LEAST for w in wanted.values())
    room = MOST_TOGETHER - LEAST * len(wanted)
    scale = min(1.0, room / above) if above > 0 else 1.0
    held = {n: LEAST + (w - LEAST) * scale for n, w in sorted(wanted.items())}
    return {SCIENCE: 1.0 - math.fsum(held.values())} | held


def hedge(scores: Mapping[str, Floats]) -> dict[str, float]:
    """Hedge over doubly robust scores, one array per expert and one score per decision (of the same decisions).

    The rate is `sqrt(8 ln k / n)` over scores cut at four of their deviations and brought to a range of 1, so that units of
    money do not matter; a score
    counts for every expert at once (shared credit), because each is weighed by `p_e(a) / p(a)` before it comes here.
    """
    names = sorted(scores)
    if len(names) < 2 or not len(scores[names[0]]):
        return {n: 1.0 / len(names) for n in names} if names else {}
    table = np.stack([np.nan_to_num(scores[n], nan=0.0, posinf=0.0, neginf=0.0) for n in names])
    spread = float(table.std())
    if spread == 0:
        return dict.fromkeys(names, 1.0 / len(names))
    n = table.shape[1]
    total = np.clip(table / (8 * spread), -0.5, 0.5).sum(axis=1)  # rare heavy weights must not decide alone
    exponent = math.sqrt(8 * math.log(len(names)) / n) * total
    share = np.exp(exponent - exponent.max())
    share /= share.sum()
    return {name: float(w) for name, w in zip(names, share, strict=True)}


async def learn(
    tx: Tx, scores: Mapping[tuple[str, str], Mapping[str, Floats]], now: datetime
) -> dict[tuple[str, str], dict[str, float]]:
    """Set the challengers' weights from scores per (segment, stage); returns what was set. Others stay at 0."""
    named: dict[tuple[str, str], set[str]] = {}
    for one in await expert_tables.challengers(tx):
        named.setdefault((one.segment, one.stage), set()).add(one.expert)
    learned = {}
    for key, challengers in sorted(named.items()):
        known = {n: s for n, s in scores.get(key, {}).items() if n in challengers or n == SCIENCE}
        if SCIENCE not in known or len(known) < 2:
            continue
        shares = hedge(known)
        made = bounded({n: shares.get(n, LEAST) for n in challengers})
        learned[key] = made
        kept = {n: w for n, w in made.items() if n != SCIENCE}
        await expert_tables.save_weights(tx, *key, kept, len(known[SCIENCE]), now)
    return learned


async def name_challenger(tx: Tx, expert: str, segment: str, stage: str, actor: str, now: datetime) -> None:
    """Let an expert decide a share of one segment and stage, so that its value can be measured. Raises BadInput."""
    _known(segment, stage)
    if expert == SCIENCE:
        raise BadInput("Science is what challengers are measured against.", "It carries the decisions already.")
    there = [c for c in await expert_tables.challengers(tx) if (c.segment, c.stage) == (segment, stage)]
    if len(there) >= MOST_CHALLENGERS and expert not in {c.expert for c in there}:
        raise BadInput(
            f"There are already {MOST_CHALLENGERS} challengers here.", "Each takes decisions away from the models.",
            advice="Withdraw one first.",
        )  # fmt: skip
    if await expert_tables.name(tx, Challenger(segment, stage, expert, actor, now)):
        await audit.write(tx, actor, "expert.named", f"expert:{expert}", {"segment": segment, "stage": stage})


async def withdraw_challenger(tx: Tx, expert: str, segment: str, stage: str, actor: str) -> None:
    """From now on the expert counts 0 there. Nothing happens when it was not named."""
    _known(segment, stage)
    if await expert_tables.unname(tx, segment, stage, expert):
        await audit.write(tx, actor, "expert.withdrawn", f"expert:{expert}", {"segment": segment, "stage": stage})


def _known(segment: str, stage: str) -> None:
    if segment not in SEGMENTS or stage not in STAGES:
        raise BadInput(
            f"There is no segment {segment!r} with a stage {stage!r}.",
            f"Segments: {', '.join(SEGMENTS)}. Stages: {', '.join(STAGES)}.",
        )
