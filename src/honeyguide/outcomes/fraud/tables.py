"""The tables of fraud: marks, cases, labels, weights and policy."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from honeyguide.db import Row, Tx

OWNED = ("fraud_key", "fraud_mark", "fraud_case", "fraud_label", "fraud_weights", "fraud_policy")
_CASE = (
    "c.referral_id, c.state, c.held, c.probability, c.threshold, c.stake_minor, c.expected_loss_minor, c.currency, c.shape, c.reasons, "
    "c.amounts, c.subgraph, c.seen, c.opened_at, c.updated_at, c.decided_by, c.decided_at, c.reason, r.friend_email, r.friend_name, "
    "r.stage, r.created_at, r.advocate_id, coalesce(a.name, '') as advocate_name, coalesce(a.email, '') as advocate_email"
)
_FROM = (
    "from fraud_case c join referral r on r.workspace_id = c.workspace_id and r.id = c.referral_id "
    "left join advocate a on a.workspace_id = r.workspace_id and a.id = r.advocate_id "
)
_WHICH = (
    "c.workspace_id = $1 and ($2::text is null or c.state = $2) and ($3::text is null or c.shape = $3) "
    "and ($4::uuid is null or r.advocate_id = $4) and c.probability >= $5 "
)


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it is kept, with the people it is about. Amounts in minor units."""

    referral_id: UUID
    state: str
    held: bool
    probability: float
    threshold: float
    stake_minor: int
    expected_loss_minor: int
    currency: str
    shape: str
    reasons: list[str]
    amounts: dict[str, float]
    subgraph: dict[str, Any]
    seen: list[str]
    opened_at: datetime
    updated_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    friend_email: str
    friend_name: str
    stage: str
    created_at: datetime
    advocate_id: UUID
    advocate_name: str
    advocate_email: str


class Filter(msgspec.Struct, frozen=True):
    """Which cases: None = all."""

    state: str | None = None
    shape: str | None = None
    advocate_id: UUID | None = None
    least_probability: float = 0.0


async def key(tx: Tx, fresh: bytes) -> bytes:
    """The workspace's key for marks, made when there is none."""
    await tx.run(
        "insert into fraud_key (workspace_id, key) values ($1, $2) on conflict (workspace_id) do nothing",
        tx.workspace_id, fresh,
    )  # fmt: skip
    found: bytes = await tx.value("select key from fraud_key where workspace_id = $1", tx.workspace_id)
    return found


async def insert_mark(tx: Tx, side: str, owner: UUID, kind: str, digest: str, at: datetime) -> bool:
    """Keep a mark; False when it was known."""
    made = await tx.run(
        "insert into fraud_mark (workspace_id, side, owner, kind, digest, at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        tx.workspace_id, side, owner, kind, digest, at,
    )  # fmt: skip
    return made == 1


async def forget_marks(tx: Tx, records: Sequence[int]) -> int:
    """Remove the marks of the people with these records."""
    return await tx.run(
        "delete from fraud_mark m where m.workspace_id = $1 and ((m.side = 'advocate' and m.owner in (select a.id from advocate a "
        "where a.workspace_id = $1 and a.record_id = any($2::bigint[]))) or (m.side = 'friend' and m.owner in (select r.id "
        "from referral r where r.workspace_id = $1 and r.friend_record_id = any($2::bigint[]))))",
        tx.workspace_id, list(records),
    )  # fmt: skip


async def fade_marks(tx: Tx, kinds: Sequence[str], before: datetime) -> int:
    """Remove marks of these kinds that were kept before then."""
    return await tx.run(
        "delete from fraud_mark where workspace_id = $1 and kind = any($2::text[]) and at < $3",
        tx.workspace_id, list(kinds), before,
    )  # fmt: skip


async def case(tx: Tx, referral_id: UUID, *, lock: bool = False) -> Stored | None:
    """One case."""
    row = await tx.row(
        f"select {_CASE} {_FROM} where c.workspace_id = $1 and c.referral_id = $2"
        + (" for update of c" if lock else ""),
        tx.workspace_id,
        referral_id,
    )
    return Stored(**dict(row)) if row else None


async def cases(tx: Tx, which: Filter, after: tuple[int, UUID] | None, limit: int) -> list[Stored]:
    """Cases, those first that could cost most."""
    loss, ident = after or (None, None)
    rows = await tx.rows(
        f"select {_CASE} {_FROM} where {_WHICH} and ($6::bigint is null or c.expected_loss_minor < $6 "
        "or (c.expected_loss_minor = $6 and c.referral_id > $7)) order by c.expected_loss_minor desc, c.referral_id limit $8",
        tx.workspace_id, which.state, which.shape, which.advocate_id, which.least_probability, loss, ident, limit,
    )  # fmt: skip
    return [Stored(**dict(r)) for r in rows]


async def count_cases(tx: Tx, which: Filter) -> int:
    """How many there are."""
    found: int = await tx.value(
        f"select count(*) {_FROM} where {_WHICH}",
        tx.workspace_id, which.state, which.shape, which.advocate_id, which.least_probability,
    )  # fmt: skip
    return found


async def put_case(tx: Tx, values: dict[str, Any], state: str, at: datetime) -> None:
    """Write a case with its state; who decided it is kept only while it stays decided."""
    await tx.run(
        "insert into fraud_case (workspace_id, referral_id, state, held, probability, threshold, stake_minor, expected_loss_minor, "
        "currency, shape, reasons, amounts, subgraph, opened_at, updated_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14) on conflict (workspace_id, referral_id) do update set "
        "state = excluded.state, held = excluded.held, probability = excluded.probability, threshold = excluded.threshold, "
        "stake_minor = excluded.stake_minor, expected_loss_minor = excluded.expected_loss_minor, currency = excluded.currency, "
        "shape = excluded.shape, reasons = excluded.reasons, amounts = excluded.amounts, subgraph = excluded.subgraph, "
        "updated_at = excluded.updated_at",
        tx.workspace_id, values["referral_id"], state, values["held"], values["probability"], values["threshold"],
        values["stake_minor"], values["expected_loss_minor"], values["currency"], values["shape"], values["reasons"],
        values["amounts"], values["subgraph"], at,
    )  # fmt: skip


async def decide_case(tx: Tx, referral_id: UUID, state: str, seen: Sequence[str], actor: str, reason: str, at: datetime) -> None:  # fmt: skip
    """A reviewer's word on a case."""
    await tx.run(
        "update fraud_case set state = $3, seen = $4::text[], decided_by = $5, decided_at = $7, reason = $6, updated_at = $7 "
        "where workspace_id = $1 and referral_id = $2",
        tx.workspace_id, referral_id, state, list(seen), actor, reason, at,
    )  # fmt: skip


async def put_label(
    tx: Tx, referral_id: UUID, source: str, verdict: str, weight: float, amounts: dict[str, float], actor: str, at: datetime
) -> None:  # fmt: skip
    """What a referral turned out to be, the last word of each source."""
    await tx.run(
        "insert into fraud_label (workspace_id, referral_id, source, verdict, weight, amounts, actor, at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (workspace_id, referral_id, source) do update set "
        "verdict = excluded.verdict, weight = excluded.weight, amounts = excluded.amounts, actor = excluded.actor, at = excluded.at",
        tx.workspace_id, referral_id, source, verdict, weight, amounts, actor, at,
    )  # fmt: skip


async def labels(tx: Tx, most: int) -> list[Row]:
    """The newest labels that teach something; where both spoke, the reviewer counts."""
    return await tx.rows(
        "select l.referral_id, l.verdict, l.weight, l.amounts from fraud_label l where l.workspace_id = $1 and l.verdict <> 'unsure' "
        "and (l.source = 'reviewer' or not exists (select 1 from fraud_label x where x.workspace_id = l.workspace_id "
        "and x.referral_id = l.referral_id and x.source = 'reviewer' and x.verdict <> 'unsure')) order by l.at desc, l.referral_id limit $2",
        tx.workspace_id, most,
    )  # fmt: skip


async def newest(tx: Tx, table: str) -> tuple[int, dict[str, Any]] | None:
    """Version and body of the newest row of fraud_weights or fraud_policy."""
    row = await tx.row(
        "select version, body from fraud_weights where workspace_id = $1 order by version desc limit 1"
        if table == "fraud_weights"
        else "select version, body from fraud_policy where workspace_id = $1 order by version desc limit 1",
        tx.workspace_id,
    )
    return (row["version"], row["body"]) if row else None


async def insert_weights(tx: Tx, version: int, body: dict[str, Any], labels_used: int, at: datetime) -> None:
    """Keep weights as the newest version."""
    await tx.run(
        "insert into fraud_weights (workspace_id, version, body, labels, at) values ($1, $2, $3, $4, $5) on conflict do nothing",
        tx.workspace_id, version, body, labels_used, at,
    )  # fmt: skip


async def insert_policy(tx: Tx, version: int, body: dict[str, Any], actor: str, at: datetime) -> bool:
    """Keep a policy as the newest version; False when somebody was faster."""
    made = await tx.run(
        "insert into fraud_policy (workspace_id, version, body, actor, at) values ($1, $2, $3, $4, $5) on conflict do nothing",
        tx.workspace_id, version, body, actor, at,
    )  # fmt: skip
    return made == 1
