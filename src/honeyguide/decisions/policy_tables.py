"""SQL of what decides and of looks: policy_snapshot, moment_look, budget_plan."""

import hashlib
import zlib
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Tx

OWNED = ("policy_snapshot", "moment_look", "budget_plan")
_FAST = 3
_AT_HAND: dict[str, tuple[bytes, bytes]] = {}  # by digest: what a digest names never changes
_MOST_AT_HAND = 32


class Look(Struct, frozen=True):
    """Where a moment stands between two looks."""

    moment_id: UUID
    looks: int
    at: datetime
    outcome: str


class Plan(Struct, frozen=True):
    """What may be spent a day of one kind: `contacts` or `money`."""

    kind: str
    per_day: float
    set_by: str
    at: datetime


async def add_snapshot(tx: Tx, policy_version: int, snapshot: bytes, challenger: bytes) -> None:
    """Keep what a policy version decides from."""
    digest = hashlib.blake2b(snapshot + b"\0" + challenger, digest_size=16).hexdigest()
    await tx.run(
        "insert into policy_snapshot (workspace_id, policy_version, digest, packed, challenger) values ($1, $2, $3, $4, $5)",
        tx.workspace_id, policy_version, digest, zlib.compress(snapshot, _FAST),
        zlib.compress(challenger, _FAST) if challenger else None,
    )  # fmt: skip


async def snapshot(tx: Tx, policy_version: int) -> tuple[bytes, bytes]:
    """What a policy version decides from and its nightly model; empty when it has none. The last ones are kept at hand."""
    digest: str | None = await tx.value(
        "select digest from policy_snapshot where workspace_id = $1 and policy_version = $2",
        tx.workspace_id, policy_version,
    )  # fmt: skip
    if digest is None:
        return b"", b""
    if digest not in _AT_HAND:
        row = await tx.row(
            "select packed, challenger from policy_snapshot where workspace_id = $1 and policy_version = $2",
            tx.workspace_id, policy_version,
        )  # fmt: skip
        while len(_AT_HAND) >= _MOST_AT_HAND:
            del _AT_HAND[next(iter(_AT_HAND))]
        model = zlib.decompress(row["challenger"]) if row and row["challenger"] else b""
        _AT_HAND[digest] = (zlib.decompress(row["packed"]) if row else b"", model)
    return _AT_HAND[digest]


async def drop_unused_snapshots(tx: Tx, before: datetime) -> int:
    """Forget snapshots of versions retired before then from which nothing was ever decided: no decision needs them."""
    return await tx.run(
        "delete from policy_snapshot s using policy_version p where s.workspace_id = $1 and p.workspace_id = $1 "
        "and p.id = s.policy_version and p.retired_at is not null and p.retired_at < $2 and not exists "
        "(select 1 from decision d where d.workspace_id = $1 and d.policy_version = s.policy_version)",
        tx.workspace_id, before,
    )  # fmt: skip


async def looks(tx: Tx, moments: Collection[UUID]) -> dict[UUID, Look]:
    """Where these moments stand."""
    rows = await tx.rows(
        "select moment_id, looks, at, outcome from moment_look where workspace_id = $1 and moment_id = any($2::uuid[])",
        tx.workspace_id, list(moments),
    )  # fmt: skip
    return {r["moment_id"]: Look(**dict(r)) for r in rows}


async def put_looks(tx: Tx, found: Sequence[Look]) -> None:
    """Note looks."""
    await tx.run(
        "insert into moment_look (workspace_id, moment_id, looks, at, outcome) "
        "select $1, t.* from unnest($2::uuid[], $3::smallint[], $4::timestamptz[], $5::text[]) as t (m, n, at, o) "
        "on conflict (workspace_id, moment_id) do update set looks = excluded.looks, at = excluded.at, "
        "outcome = excluded.outcome",
        tx.workspace_id, [k.moment_id for k in found], [k.looks for k in found], [k.at for k in found],
        [k.outcome for k in found],
    )  # fmt: skip


async def waiting(tx: Tx, now: datetime, since: datetime, before: datetime, limit: int) -> list[UUID]:
    """Open moments whose last look waited at or before `before`, the one that waits longest first."""
    rows = await tx.rows(
        "select m.id from moment_look l join moment m on m.workspace_id = l.workspace_id and m.id = l.moment_id "
        "where l.workspace_id = $1 and l.outcome = 'waited' and l.at <= $4 and m.window_ends_at > $2 "
        "and m.occurred_at <= $2 and m.occurred_at >= $3 order by l.at, m.id limit $5",
        tx.workspace_id, now, since, before, limit,
    )  # fmt: skip
    return [r["id"] for r in rows]


async def plans(tx: Tx) -> dict[str, Plan]:
    """The budgets somebody set, by kind."""
    rows = await tx.rows("select kind, per_day, set_by, at from budget_plan where workspace_id = $1", tx.workspace_id)
    return {r["kind"]: Plan(**dict(r)) for r in rows}


async def put_plan(tx: Tx, plan: Plan) -> None:
    """Set a budget."""
    await tx.run(
        "insert into budget_plan (workspace_id, kind, per_day, set_by, at) values ($1, $2, $3, $4, $5) "
        "on conflict (workspace_id, kind) do update set per_day = excluded.per_day, set_by = excluded.set_by, "
        "at = excluded.at",
        tx.workspace_id, plan.kind, plan.per_day, plan.set_by, plan.at,
    )  # fmt: skip


async def drop_plan(tx: Tx, kind: str) -> int:
    """Forget a budget; returns 1 when there was one."""
    return await tx.run("delete from budget_plan where workspace_id = $1 and kind = $2", tx.workspace_id, kind)


async def forget_decisions(tx: Tx, erasure: int, records: Sequence[int]) -> int:
    """Empty the contexts of decisions about these records."""
    found: int = await tx.value("select forget_decisions($1, $2::bigint[])", erasure, list(records))
    return found
