"""How far each question's answers can be taken at their word, measured where people have judged them.

People look at what is doubtful first, so these figures are rather worse than those of all answers; they never flatter.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.inference import label_tables
from honeyguide.inference.calibration import equal_mass
from honeyguide.inference.question_sets import shipped
from honeyguide.inference.reliability import Bin, bins_of
from honeyguide.inference.seeding import seeds_of

_HISTORY = 20


class HeadKept(Struct, frozen=True):
    """A head and what became of it. Version 0 is the shipped one. `accepted`: it came to answer (for a time at least)."""

    version: int
    state: str
    trained_at: datetime | None
    seeds: int
    reviewed: int
    labels: int
    accepted: bool
    reason: str
    metrics: dict[str, Any]


class Quality(Struct, frozen=True):
    """One question. `labels`: answers that people judged; `learnt_from`: all labels, outcomes included.

    `accuracy` and `ece` are of the answer that stood before a person spoke; None while nobody has.
    """

    task: str
    question: str
    labels: int
    learnt_from: int
    accuracy: float | None
    ece: float | None
    bins: list[Bin]
    head: HeadKept
    history: list[HeadKept]


async def quality(tx: Tx) -> list[Quality]:
    """Every shipped question, by set and id."""
    judged: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in await label_tables.judged(tx):
        judged[row["task"], row["question"]].append(row)
    counted = {(r["task"], r["question"]): int(r["labels"]) for r in await label_tables.counts(tx)}
    heads: dict[tuple[str, str], list[HeadKept]] = defaultdict(list)
    for row in await label_tables.histories(tx, _HISTORY):
        heads[row["task"], row["question"]].append(_kept(row))
    return [
        _of(name, question.id, judged, counted, [*heads[name, question.id], _shipped(name, question.id)])
        for name, questions in sorted(shipped().items())
        for question in questions.questions
    ]


def _of(
    task: str, question: str, judged: Mapping[tuple[str, str], list[Row]], counted: Mapping[tuple[str, str], int],
    heads: list[HeadKept],
) -> Quality:  # fmt: skip
    rows = judged.get((task, question), [])
    confidence = np.array([r["confidence"] for r in rows], np.float64)
    right = np.array([r["was_right"] for r in rows], bool)
    error = sum(
        len(part) * abs(float(confidence[part].mean()) - float(right[part].mean()))
        for part in (equal_mass(confidence, 10) if rows else [])
    )
    return Quality(
        task=task,
        question=question,
        labels=len(rows),
        learnt_from=counted.get((task, question), 0),
        accuracy=round(float(right.mean()), 4) if rows else None,
        ece=round(error / len(rows), 4) if rows else None,
        bins=bins_of(confidence, right) if rows else [],
        head=next((h for h in heads if h.state == "current"), heads[-1]),
        history=heads,
    )


def _kept(r: Row) -> HeadKept:
    return HeadKept(
        version=r["version"], state=r["state"], trained_at=r["trained_at"], seeds=r["seeds"], reviewed=r["reviewed"],
        labels=r["labels"], accepted=r["state"] == "current" or not str(r["reason"]).startswith("Kept back"),
        reason=r["reason"], metrics=r["metrics"],
    )  # fmt: skip


def _shipped(task: str, question: str) -> HeadKept:
    seeds = len(seeds_of(shipped()[task], shipped()[task].question(question)))
    return HeadKept(0, "shipped", None, seeds, 0, 0, True, "Shipped with the question set, fitted from its seeds.", {})
