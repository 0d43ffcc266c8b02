"""The tables of decisions (policy_version, decision, ask) and the SQL that reads and writes them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, structs, to_builtins

from honeyguide.db import Row, Tx
from honeyguide.decisions import policy_tables
from honeyguide.decisions.policy import BRAIN, NewPolicy, Policy, code_hash, params_of

OWNED = ("policy_version", "decision", "ask")
OPTED_OUT = "opted_out"  # a reason only the person themselves can give
_POLICY = "id, kind, code_hash, params, parent, level, adopted_by, created_at, retired_at"
_DECISION = (
    "id", "at", "moment_id", "look", "record_id", "company_record_id", "playbook_step", "stage", "arm", "arm_cluster",
    "context", "legal_actions", "blocked", "distribution", "action", "propensity", "policy_version", "seed", "expected",
    "score", "score_low", "score_high", "reason", "weight", "deferred",
)  # fmt: skip
_ASK = (
    "id", "decision_id", "moment_id", "record_id", "company_record_id", "offer_id", "channel", "subject", "body",
    "state", "score", "score_low", "score_high", "window_ends_at", "created_at", "decided_by", "decided_at",
    "not_now_reason", "note",
)  # fmt: skip


class DecisionRow(Struct, frozen=True):
    """A decision as logged; nothing of it ever changes.

    `weight`: how many such decisions it stands for (looks that wait are logged one time in twenty). `deferred`: put off
    until tomorrow by chance.
    """

    id: UUID
    at: datetime
    moment_id: UUID
    look: int
    record_id: int
    company_record_id: int | None
    playbook_step: str
    stage: str
    arm: str
    arm_cluster: str
    context: dict[str, Any]
    legal_actions: list[dict[str, Any]]
    blocked: list[dict[str, str]]
    distribution: dict[str, float]
    action: str
    propensity: float
    policy_version: int
    seed: int
    expected: dict[str, Any]
    score: float
    score_low: float
    score_high: float
    reason: str
    weight: float = 1.0
    deferred: bool = False


class AskRow(Struct, frozen=True):
    """An ask as stored. `record_id` is the source's record of the person; times are aware UTC."""

    id: UUID
    decision_id: UUID
    moment_id: UUID
    record_id: int
    company_record_id: int | None
    offer_id: int
    channel: str
    subject: str
    body: str
    state: str
    score: float
    score_low: float
    score_high: float
    window_ends_at: datetime
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    not_now_reason: str | None
    note: str | None


async def lock_deciding(tx: Tx) -> None:
    """One transaction at a time decides in a workspace: two would both think a person has no open ask."""
    await tx.run("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"decide:{tx.workspace_id}")


def _policy(row: Row) -> Policy:
    return Policy(**{**dict(row), "params": params_of(row["params"])})


async def current_policy(tx: Tx) -> Policy | None:
    """The policy in force, without its snapshot."""
    row = await tx.row(
        f"select {_POLICY} from policy_version where workspace_id = $1 and retired_at is null order by id desc limit 1",
        tx.workspace_id,
    )
    return _policy(row) if row else None


async def with_snapshot(tx: Tx, policy: Policy) -> Policy:
    """The policy with what it decides from."""
    if policy.kind != BRAIN:
        return policy
    packed, challenger = await policy_tables.snapshot(tx, policy.id)
    return structs.replace(policy, snapshot=packed, challenger=challenger)


async def policies(tx: Tx, ids: Collection[int]) -> dict[int, Policy]:
    """Policy versions by id."""
    found = await tx.rows(
        f"select {_POLICY} from policy_version where workspace_id = $1 and id = any($2::int[])",
        tx.workspace_id,
        list(ids),
    )
    return {r["id"]: _policy(r) for r in found}


async def add_policy(tx: Tx, policy: NewPolicy, parent: int | None, at: datetime) -> Policy:
    """Put a policy in force and retire the ones before it."""
    await tx.run(
        "update policy_version set retired_at = $2 where workspace_id = $1 and retired_at is null", tx.workspace_id, at
    )
    row = await tx.row(
        "insert into policy_version (workspace_id, kind, code_hash, params, parent, level, adopted_by, created_at) "
        f"values ($1, $2, $3, $4, $5, $6, $7, $8) returning {_POLICY}",
        tx.workspace_id, policy.kind, code_hash(), to_builtins(policy.params), parent, policy.level, policy.adopted_by, at,
    )  # fmt: skip
    if row is None:
        raise RuntimeError("a policy was not stored")
    if policy.snapshot:
        await policy_tables.add_snapshot(tx, row["id"], policy.snapshot, policy.challenger)
    return structs.replace(_policy(row), snapshot=policy.snapshot, challenger=policy.challenger)


async def undecided(tx: Tx, now: datetime, since: datetime, limit: int) -> list[UUID]:
    """Open moments nobody decided about yet, those that end soonest first."""
    found = await tx.rows(
        "select m.id from moment m where m.workspace_id = $1 and m.window_ends_at > $2 and m.occurred_at <= $2 "
        "and m.occurred_at >= $3 and not exists "
        "(select 1 from decision d where d.workspace_id = m.workspace_id and d.moment_id = m.id) "
        "order by m.window_ends_at, m.id limit $4",
        tx.workspace_id, now, since, limit,
    )  # fmt: skip
    return [r["id"] for r in found]


async def stuck(tx: Tx, now: datetime, since: datetime, before: datetime, limit: int) -> list[UUID]:
    """Open moments whose last decision had nothing but waiting to choose from and was made before `before`.

    In an order that turns every hour, so that with more of them than `limit` each gets its look.
    """
    found = await tx.rows(
        "select m.id from moment m join lateral (select d.at, d.legal_actions from decision d "
        "where d.workspace_id = m.workspace_id and d.moment_id = m.id order by d.look desc limit 1) last on true "
        "where m.workspace_id = $1 and m.window_ends_at > $2 and m.occurred_at <= $2 and m.occurred_at >= $3 "
        "and last.at <= $4 and jsonb_array_length(last.legal_actions) = 1 order by md5(m.id::text || $6) limit $5",
        tx.workspace_id, now, since, before, limit, f"{now:%Y%m%d%H}",
    )  # fmt: skip
    return [r["id"] for r in found]


async def last_looks(tx: Tx, moments: Collection[UUID]) -> dict[UUID, DecisionRow]:
    """The newest decision about each of these moments."""
    found = await tx.rows(
        f"select distinct on (moment_id) {', '.join(_DECISION)} from decision "
        "where workspace_id = $1 and moment_id = any($2::uuid[]) order by moment_id, look desc",
        tx.workspace_id, list(moments),
    )  # fmt: skip
    return {r["moment_id"]: DecisionRow(**dict(r)) for r in found}


async def decisions(tx: Tx, ids: Collection[UUID]) -> dict[UUID, DecisionRow]:
    """Decisions by id."""
    found = await tx.rows(
        f"select {', '.join(_DECISION)} from decision where workspace_id = $1 and id = any($2::uuid[])",
        tx.workspace_id, list(ids),
    )  # fmt: skip
    return {r["id"]: DecisionRow(**dict(r)) for r in found}


async def add_decisions(tx: Tx, rows: Sequence[DecisionRow]) -> set[UUID]:
    """Log decisions; returns the ids that were new (a moment's look is decided once)."""
    places = ", ".join(f"${n}" for n in range(2, 2 + len(_DECISION)))
    added = set()
    for row in rows:
        values = [getattr(row, name) for name in _DECISION]
        if await tx.run(
            f"insert into decision (workspace_id, {', '.join(_DECISION)}) values ($1, {places}) on conflict do nothing",
            tx.workspace_id, *values,
        ):  # fmt: skip
            added.add(row.id)
    return added


async def add_asks(tx: Tx, rows: Sequence[AskRow]) -> None:
    """Insert suggested asks; one per decision."""
    places = ", ".join(f"${n}" for n in range(2, 2 + len(_ASK)))
    await tx.many(
        f"insert into ask (workspace_id, {', '.join(_ASK)}) values ($1, {places}) on conflict do nothing",
        [[tx.workspace_id, *(getattr(row, name) for name in _ASK)] for row in rows],
    )


async def ask(tx: Tx, ask_id: UUID, *, lock: bool = False) -> AskRow | None:
    """An ask by id; with `lock`, held until the transaction ends."""
    row = await tx.row(
        f"select {', '.join(_ASK)} from ask where workspace_id = $1 and id = $2{' for update' if lock else ''}",
        tx.workspace_id, ask_id,
    )  # fmt: skip
    return AskRow(**dict(row)) if row else None


async def asks_of_moments(tx: Tx, moments: Collection[UUID]) -> dict[UUID, AskRow]:
    """The newest ask about each of these moments."""
    found = await tx.rows(
        f"select distinct on (moment_id) {', '.join(_ASK)} from ask "
        "where workspace_id = $1 and moment_id = any($2::uuid[]) order by moment_id, created_at desc, id",
        tx.workspace_id, list(moments),
    )  # fmt: skip
    return {r["moment_id"]: AskRow(**dict(r)) for r in found}


async def suggested(tx: Tx, limit: int) -> list[AskRow]:
    """Asks nobody decided yet, those that end soonest first."""
    found = await tx.rows(
        f"select {', '.join(_ASK)} from ask where workspace_id = $1 and state = 'suggested' order by window_ends_at, id limit $2",
        tx.workspace_id, limit,
    )  # fmt: skip
    return [AskRow(**dict(r)) for r in found]


async def close_asks(tx: Tx, closing: Sequence[tuple[UUID, str, str]], at: datetime) -> int:
    """Close suggested asks: (id, new state, note). Returns how many were still open."""
    return await tx.run(
        "update ask set state = t.state, note = t.note, decided_at = $2, decided_by = 'honeyguide' from "
        "unnest($3::uuid[], $4::text[], $5::text[]) as t (id, state, note) "
        "where ask.workspace_id = $1 and ask.id = t.id and ask.state = 'suggested'",
        tx.workspace_id, at, [c[0] for c in closing], [c[1] for c in closing], [c[2] for c in closing],
    )  # fmt: skip


async def save_ask(tx: Tx, row: AskRow) -> None:
    """Write what a person decided about an ask."""
    await tx.run(
        "update ask set state = $3, offer_id = $4, channel = $5, subject = $6, body = $7, decided_by = $8, decided_at = $9, "
        "not_now_reason = $10, note = $11 where workspace_id = $1 and id = $2",
        tx.workspace_id, row.id, row.state, row.offer_id, row.channel, row.subject, row.body, row.decided_by,
        row.decided_at, row.not_now_reason, row.note,
    )  # fmt: skip
