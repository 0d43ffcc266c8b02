"""Referrals with what came of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from honeyguide.db import Row, Tx


async def referrals(tx: Tx, stage: str | None, after: tuple[datetime, UUID] | None, limit: int) -> list[Row]:
    """Referrals, newest first, with advocate, company of the friend, reward and attribution."""
    at, ident = after or (None, None)
    return await tx.rows(
        "select f.id, f.friend_email, f.friend_name, f.stage, f.stage_at, f.created_at, f.advocate_id, "
        "coalesce(a.name, '') as advocate_name, nullif(n.name, '') as friend_company, "
        "(select s.reason from referral_stage s where s.workspace_id = $1 and s.referral_id = f.id and s.stage = f.stage) "
        "as stage_reason, t.reason as attribution_reason, w.label as reward_label, w.state as reward_state "
        "from referral f left join advocate a on a.workspace_id = f.workspace_id and a.id = f.advocate_id "
        "left join record r on r.workspace_id = f.workspace_id and r.id = f.friend_company_record_id "
        "left join node n on n.workspace_id = f.workspace_id and n.id = coalesce(r.entity_id, f.friend_company_record_id) "
        "left join lateral (select x.reason, x.conversion_id from attribution x where x.workspace_id = f.workspace_id "
        "and x.referral_id = f.id order by x.at desc limit 1) t on true "
        "left join lateral (select y.label, y.state from reward y where y.workspace_id = f.workspace_id "
        "and y.conversion_id = t.conversion_id and y.advocate_id = f.advocate_id order by y.created_at limit 1) w on true "
        "where f.workspace_id = $1 and ($2::text is null or f.stage = $2) "
        "and ($3::timestamptz is null or (f.created_at, f.id) < ($3, $4)) "
        "order by f.created_at desc, f.id desc limit $5",
        tx.workspace_id, stage, at, ident, limit,
    )  # fmt: skip


async def count_referrals(tx: Tx, stage: str | None) -> int:
    """How many referrals there are (in a stage)."""
    found: int = await tx.value(
        "select count(*) from referral where workspace_id = $1 and ($2::text is null or stage = $2)",
        tx.workspace_id,
        stage,
    )
    return found


async def findings(tx: Tx, ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """What the abuse rules found, per referral."""
    rows = await tx.rows(
        "select referral_id, rule, verdict, reason from fraud_finding where workspace_id = $1 "
        "and referral_id = any($2::uuid[]) order by at, rule",
        tx.workspace_id,
        ids,
    )
    found: dict[UUID, list[dict[str, Any]]] = {}
    for r in rows:
        found.setdefault(r["referral_id"], []).append(
            {"rule": r["rule"], "verdict": r["verdict"], "reason": r["reason"]}
        )
    return found


async def advocate_by_portal(tx: Tx, digest: bytes) -> Row | None:
    """The advocate a portal token belongs to."""
    return await tx.row(
        "select id, name, email, record_id, program_id, group_id, terms_accepted_at from advocate "
        "where workspace_id = $1 and portal_digest = $2",
        tx.workspace_id,
        digest,
    )


async def of_advocate(tx: Tx, advocate_id: UUID) -> list[Row]:
    """The referrals an advocate sees."""
    return await tx.rows(
        "select f.id, f.friend_name, f.friend_email, f.stage, f.stage_at, f.created_at from referral f "
        "where f.workspace_id = $1 and f.advocate_id = $2 order by f.created_at desc, f.id limit 200",
        tx.workspace_id,
        advocate_id,
    )


async def rewards_of_advocate(tx: Tx, advocate_id: UUID) -> list[Row]:
    """The rewards an advocate sees (minor units)."""
    return await tx.rows(
        "select id, label, incentive, amount_minor, currency, state, reason, hold_until, created_at from reward "
        "where workspace_id = $1 and advocate_id = $2 order by created_at desc, id limit 200",
        tx.workspace_id,
        advocate_id,
    )


async def clicks(tx: Tx, advocate_id: UUID) -> int:
    """How often the advocate's links were followed by anybody who is not known to be a machine."""
    found: int = await tx.value(
        "select count(*) from touch t join link l on l.workspace_id = t.workspace_id and l.id = t.link_id "
        "where t.workspace_id = $1 and l.advocate_id = $2 and t.kind = 'click' and t.agent <> 'scanner'",
        tx.workspace_id,
        advocate_id,
    )
    return found


async def company_of_record(tx: Tx, record_id: int) -> str:
    """The name of the company the person of this record works for, empty when unknown."""
    found: str | None = await tx.value(
        "select c.name from record r join node n on n.workspace_id = r.workspace_id and n.id = r.entity_id "
        "join node c on c.workspace_id = r.workspace_id "
        "and c.id = case when n.props ->> 'company' ~ '^[0-9]{1,19}$' then (n.props ->> 'company')::numeric end "
        "where r.workspace_id = $1 and r.id = $2",
        tx.workspace_id,
        record_id,
    )
    return found or ""
