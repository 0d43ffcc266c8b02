"""The gate: heads retrain in the background, and one answers only after it has shown that it is not worse.

Every trial is kept with its figures and its reason, passed or not, and a head that answered can be put back. Texts are
embedded and heads fitted outside any transaction.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import Database, Row, Tx
from honeyguide.inference import label_tables, labels, seeding
from honeyguide.inference.calibration import Calibration
from honeyguide.inference.contract import Item
from honeyguide.inference.heads import Head
from honeyguide.inference.label import REVIEWED, Label
from honeyguide.inference.question_sets import shipped
from honeyguide.inference.seeding import Embedder
from honeyguide.inference.trial import Example, Outcome, Rows, trial

# A question is tried again when this many labels, and this share of those it had, are new.
NEW_LABELS, NEW_SHARE = 10, 0.1
MOST = 5_000  # the newest labels are learnt from; fitting stays within seconds
_RANK = {"correct": 0, "accept": 0, "reject": 1, "csat": 2, "status": 3}


class Tried(Struct, frozen=True):
    """A training that was kept: which version, whether it answers now, why."""

    task: str
    question: str
    version: int
    current: bool
    reason: str
    metrics: dict[str, Any]


async def due(tx: Tx, at: datetime | None = None) -> list[tuple[str, str]]:
    """The questions (set, id) with enough new labels for a trial."""
    await labels.gather(tx, at or clock.now())
    return [
        (r["task"], r["question"])
        for r in await label_tables.counts(tx)
        if r["labels"] - r["tried"] >= max(NEW_LABELS, NEW_SHARE * r["tried"]) and _asked(r["task"], r["question"])
    ]


async def retrain_due(db: Database, workspace_id: int, embedder: Embedder, limit: int = 1) -> int:
    """Try a new head for up to `limit` questions that are due. Returns how many were tried (0: nothing is due).

    Raises Unavailable when the embedding is not installed; nothing is lost, labels wait.
    """
    async with db.tx(workspace_id) as tx:
        waiting = await due(tx)
    for task, question in waiting[:limit]:
        await retrain(db, workspace_id, task, question, embedder)
    return len(waiting[:limit])


async def retrain(db: Database, workspace_id: int, task: str, question: str, embedder: Embedder) -> Tried:
    """Fit a head for a question on all its labels and hold it against the one that answers. It is kept either way."""
    async with db.tx(workspace_id) as tx:
        given = (await labels.of(tx, task, question))[-MOST:]
        items = await labels.items_of(tx, {x.digest for x in given})
        incumbent = _usable(await label_tables.current(tx, task, question), embedder.model, task, question)
        parent = incumbent["version"] if incumbent else 0
        attempt = await label_tables.tries(tx, task, question, parent) + 1
        seen = await label_tables.counts(tx)
    total = next((r["labels"] for r in seen if (r["task"], r["question"]) == (task, question)), 0)
    found = _examples(given, items, incumbent["trained_at"] if incumbent else None)
    at = clock.now()
    outcome = await asyncio.to_thread(_tried, task, question, found, items, incumbent, attempt, embedder)
    async with db.tx(workspace_id) as tx:
        return await _keep(tx, task, question, outcome, parent, attempt, total, embedder.model, at)


def _tried(
    task: str, question: str, found: Sequence[tuple[UUID, Example]], items: Mapping[UUID, Item], incumbent: Row | None,
    attempt: int, embedder: Embedder,
) -> Outcome:  # fmt: skip
    questions = shipped()[task]
    asked = questions.question(question)
    seeds = seeding.seeds_of(questions, asked)
    classes = tuple(asked.options)
    seed_x = np.asarray(embedder.embed([t for t, _ in seeds]), np.float64)
    x = np.asarray(embedder.embed([items[d].text for d, _ in found]), np.float64).reshape(len(found), seed_x.shape[1])
    rows = Rows(classes, seed_x, tuple(label for _, label in seeds), x, tuple(e for _, e in found))
    return trial(rows, _calibration(rows, incumbent), attempt)


def _calibration(rows: Rows, incumbent: Row | None) -> Calibration:
    if incumbent is not None:
        return Head.load(incumbent["head"]).calibration
    return seeding.shipped_head(rows.seed_x, rows.seed_labels, rows.classes).calibration


def _examples(
    given: Sequence[Label], items: Mapping[UUID, Item], trained_at: datetime | None
) -> list[tuple[UUID, Example]]:
    """One example per text: what a person said before what an outcome suggests, the newer before the older."""
    best: dict[UUID, Label] = {}
    for label in sorted(given, key=lambda x: (_RANK[x.source], -x.at.timestamp(), x.label)):
        if label.digest in items:
            best.setdefault(label.digest, label)
    return [
        (
            x.digest,
            Example(
                x.label, x.weight, x.source in REVIEWED, x.denied, known=trained_at is not None and x.at <= trained_at
            ),
        )
        for x in sorted(best.values(), key=lambda x: (x.at, x.digest))
    ]


async def _keep(
    tx: Tx, task: str, question: str, outcome: Outcome, parent: int, attempt: int, labels_now: int, features: str,
    at: datetime,
) -> Tried:  # fmt: skip
    version = await label_tables.next_version(tx, task, question)
    seeds = len(seeding.seeds_of(shipped()[task], shipped()[task].question(question)))
    await label_tables.insert(
        tx,
        {
            "task": task, "question": question, "version": version, "parent": parent, "tries": attempt,
            "head": outcome.head.dump(), "features": features, "labels": labels_now, "reviewed": outcome.reviewed,
            "seeds": seeds, "metrics": outcome.metrics, "reason": outcome.reason, "trained_at": at, "actor": "gate",
        },
    )  # fmt: skip
    passed, reason = outcome.passed, outcome.reason
    now = await label_tables.current(tx, task, question)
    if passed and (now["version"] if now else 0) != parent and _usable(now, features, task, question):
        passed, reason = False, "Kept back: another head came to answer while it was tried."
    if passed and now:
        await label_tables.state(
            tx, task, question, now["version"], "retired", f"Version {version} is better.", "gate", at
        )
    await label_tables.state(tx, task, question, version, "current" if passed else "retired", reason, "gate", at)
    return Tried(task, question, version, passed, reason, outcome.metrics)


async def roll_back(tx: Tx, task: str, question: str, actor: str, at: datetime | None = None) -> int:
    """Put the head back that answered before this one; the version that answers now (0: the shipped one).

    Raises NotFound when the workspace has no head of its own in use.
    """
    now = await label_tables.current(tx, task, question)
    if now is None:
        raise NotFound(
            "This question is answered by the shipped head.", advice="There is no earlier one to go back to."
        )
    when = at or clock.now()
    await label_tables.state(tx, task, question, now["version"], "retired", "Taken back.", actor, when)
    before = await label_tables.version(tx, task, question, now["parent"])
    if before is None:
        return 0
    await label_tables.state(tx, task, question, before["version"], "current", "Put back.", actor, when)
    return int(before["version"])


async def current_heads(tx: Tx, features: str) -> dict[tuple[str, str], tuple[int, Head]]:
    """The workspace's own heads: (task with its version, question) -> version and head.

    Only those that fit the embedding `features` and the labels of the question as it is now; others are answered by
    the shipped heads until they are retrained.
    """
    found = {}
    for r in await label_tables.all_current(tx):
        if _usable(r, features, r["task"], r["question"]):
            found[shipped()[r["task"]].task, r["question"]] = (int(r["version"]), Head.load(r["head"]))
    return found


async def heads_for(tx: Tx, embedder: Embedder) -> tuple[dict[tuple[str, str], Head], str]:
    """What `EmbeddingHead` answers a workspace with: its own heads over the shipped ones, and their version.

    The shipped ones are fitted once per process. Raises Unavailable when the embedding is not installed.
    """
    own = await current_heads(tx, embedder.model)
    if embedder.model not in _shipped:
        _shipped[embedder.model] = await asyncio.to_thread(seeding.shipped_heads, shipped().values(), embedder)
    found = _shipped[embedder.model] | {key: head for key, (_, head) in own.items()}
    return found, seeding.version_of(found)


_shipped: dict[str, dict[tuple[str, str], Head]] = {}


def _asked(task: str, question: str) -> bool:
    return task in shipped() and any(q.id == question for q in shipped()[task].questions)


def _usable(row: Row | None, features: str, task: str, question: str) -> Row | None:
    if row is None or row["features"] != features or not _asked(task, question):
        return None
    try:
        fits = Head.load(row["head"]).classes == tuple(shipped()[task].question(question).options)
    except BadInput:  # a format of a later version
        return None
    return row if fits else None
