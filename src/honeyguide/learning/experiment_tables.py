"""The tables experiment and experiment_look."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.learning.verdicts import Finding

_EXPERIMENT = "e.id, e.kind, e.title, e.question, e.candidate, e.incumbent, e.metric, e.unit, e.method, e.setup, e.started_at, e.proven_at"
_LOOK = "l.look, l.at, l.n_candidate, l.n_incumbent, l.estimate, l.lower, l.upper, l.verdict, l.sentence, l.needed, l.statistics"


class Setup(Struct, frozen=True, kw_only=True):
    """What is compared, and how: fixed before the first look."""

    id: str
    kind: str
    title: str
    question: str
    candidate: str
    incumbent: str
    metric: str
    unit: str
    method: str
    setup: dict[str, Any]
    started_at: datetime
    proven_at: datetime | None = None


class Look(Struct, frozen=True):
    """One look: what was seen, and what it was made of."""

    look: int
    at: datetime
    n_candidate: int
    n_incumbent: int
    estimate: float | None
    lower: float | None
    upper: float | None
    verdict: str
    sentence: str
    needed: int | None
    statistics: dict[str, Any]


async def lock(tx: Tx) -> None:
    """One transaction at a time looks: two would give a day two looks."""
    await tx.run("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"experiments:{tx.workspace_id}")


async def open_experiment(tx: Tx, made: Setup) -> None:
    """Store an experiment; what stands stays as it was set up."""
    await tx.run(
        "insert into experiment (workspace_id, id, kind, title, question, candidate, incumbent, metric, unit, method, setup, "
        "started_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing",
        tx.workspace_id, made.id, made.kind, made.title, made.question, made.candidate, made.incumbent, made.metric,
        made.unit, made.method, made.setup, made.started_at,
    )  # fmt: skip


async def fix(tx: Tx, experiment_id: str, setup: dict[str, Any]) -> None:
    """Fix what was still open in the setup."""
    await tx.run(
        "update experiment set setup = $3 where workspace_id = $1 and id = $2", tx.workspace_id, experiment_id, setup
    )


async def looked_at(tx: Tx) -> datetime | None:
    """When the experiments were looked at last, whether or not that said something new."""
    found: datetime | None = await tx.value(
        "select max(looked_at) from experiment where workspace_id = $1", tx.workspace_id
    )
    return found


async def policies_looked_at(tx: Tx) -> datetime | None:
    """When policies were compared on the log last."""
    found: datetime | None = await tx.value(
        "select max(looked_at) from experiment where workspace_id = $1 and kind = 'policy'", tx.workspace_id
    )
    return found


async def mark_looked(tx: Tx, ids: Sequence[str], at: datetime) -> None:
    """These experiments were looked at."""
    await tx.run(
        "update experiment set looked_at = $3 where workspace_id = $1 and id = any($2::text[])",
        tx.workspace_id, list(ids), at,
    )  # fmt: skip


async def proven(tx: Tx, experiment_id: str, at: datetime) -> None:
    """Note the first look whose interval did not hold zero."""
    await tx.run(
        "update experiment set proven_at = $3 where workspace_id = $1 and id = $2 and proven_at is null",
        tx.workspace_id, experiment_id, at,
    )  # fmt: skip


async def setups(tx: Tx) -> list[Setup]:
    """All experiments: the program first, then policies, then steps by their names."""
    rows = await tx.rows(
        f"select {_EXPERIMENT} from experiment e where e.workspace_id = $1 "
        "order by array_position(array['referrals', 'revenue', 'policy', 'step'], e.kind), e.id",
        tx.workspace_id,
    )
    return [Setup(**dict(r)) for r in rows]


async def last_looks(tx: Tx) -> dict[str, Look]:
    """The newest look at each experiment."""
    rows = await tx.rows(
        f"select distinct on (l.experiment_id) l.experiment_id, {_LOOK} from experiment_look l where l.workspace_id = $1 "
        "order by l.experiment_id, l.look desc",
        tx.workspace_id,
    )
    return {r["experiment_id"]: Look(**{k: v for k, v in dict(r).items() if k != "experiment_id"}) for r in rows}


async def looks(tx: Tx, experiment_id: str) -> list[Look]:
    """Every look at an experiment, the first one first."""
    rows = await tx.rows(
        f"select {_LOOK} from experiment_look l where l.workspace_id = $1 and l.experiment_id = $2 order by l.look",
        tx.workspace_id, experiment_id,
    )  # fmt: skip
    return [Look(**dict(r)) for r in rows]


async def add_look(
    tx: Tx, experiment_id: str, look: int, at: datetime, found: Finding, statistics: dict[str, Any]
) -> None:
    """Store a look."""
    await tx.run(
        "insert into experiment_look (workspace_id, experiment_id, look, at, n_candidate, n_incumbent, estimate, lower, upper, "
        "verdict, sentence, needed, statistics) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        tx.workspace_id, experiment_id, look, at, found.n_candidate, found.n_incumbent, found.estimate, found.lower,
        found.upper, found.verdict, found.sentence, found.needed, statistics,
    )  # fmt: skip
