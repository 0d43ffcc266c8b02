"""What proof reads in the tables below: would-be asks, referrals, money won, rewards, and what asks led to."""

from datetime import datetime
from typing import Any

from honeyguide.db import Tx
from honeyguide.graph.kinds import EDGE


async def wins(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """Won deals credited to referrals, without those that were reported lost later: a win that is taken back is none."""
    rows = await tx.rows(
        "select c.referral_id, c.occurred_at, c.amount_minor, c.currency from conversion c "
        "where c.workspace_id = $1 and c.occurred_at <= $2 and not exists (select 1 from deal_fact f "
        "where f.workspace_id = $1 and f.deal = c.deal and f.kind = 'lost' and f.at > c.occurred_at and f.at <= $2) "
        "order by c.occurred_at, c.id",
        tx.workspace_id, now,
    )  # fmt: skip
    return [dict(r) for r in rows]


async def rewards(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """Rewards that stand, with their referral: what was taken back by then is gone, to the cent."""
    rows = await tx.rows(
        "select r.id, c.referral_id, r.issued_minor - coalesce(b.minor, 0) as amount_minor, r.currency, r.created_at from reward r "
        "left join conversion c on c.workspace_id = $1 and c.id = r.conversion_id "
        "left join lateral (select sum(v.taken_minor)::bigint as minor from reward_reversal v where v.workspace_id = $1 "
        "and v.reward_id = r.id and v.at <= $2) b on true "
        "where r.workspace_id = $1 and r.created_at <= $2 and r.state <> 'capped' and (r.issued_minor > coalesce(b.minor, 0) "
        "or (r.issued_minor = 0 and r.state not in ('reversed', 'expired'))) "
        "order by r.created_at, r.id",
        tx.workspace_id, now,
    )  # fmt: skip
    return [dict(r) for r in rows]


async def won_amounts(tx: Tx, currency: str, now: datetime) -> list[int]:
    """The amounts of all deals won by then, of whatever origin, the smallest first."""
    rows = await tx.rows(
        "select distinct on (f.deal) f.amount_minor from deal_fact f where f.workspace_id = $1 and f.kind = 'won' "
        "and f.amount_minor > 0 and f.currency = $2 and f.at <= $3 order by f.deal, f.at, f.event_id",
        tx.workspace_id, currency, now,
    )  # fmt: skip
    return sorted(r["amount_minor"] for r in rows)


async def asks_sent(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """How many asks went out by each step, and how many of these people opted out from them or complained within 14 days."""
    rows = await tx.rows(
        "select d.playbook_step as step, count(*) as asks, "
        "count(*) filter (where a.not_now_reason = 'opted_out') as opted_out, "
        "count(*) filter (where exists (select 1 from record p join edge e on e.workspace_id = $1 and e.src = p.entity_id "
        "where p.workspace_id = $1 and p.id = a.record_id and e.kind = $3 and e.last_seen_at >= a.decided_at "
        "and e.last_seen_at < a.decided_at + make_interval(days => 14))) as complained "
        "from ask a join decision d on d.workspace_id = $1 and d.id = a.decision_id "
        "where a.workspace_id = $1 and a.state = 'sent' and a.decided_at <= $2 group by d.playbook_step order by 1",
        tx.workspace_id, now, EDGE["complained_of"],
    )  # fmt: skip
    return [dict(r) for r in rows]


async def earned_by_step(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """Per step and group of the advocate: referrals that came of its asks, how many qualified, how many won, and the rewards that stand on
    them (one currency).
    """
    rows = await tx.rows(
        "with same as (select v.id, v.record_id from advocate v where v.workspace_id = $1 union "
        "select v.id, s.id from advocate v join record r on r.workspace_id = $1 and r.id = v.record_id "
        "join record s on s.workspace_id = $1 and s.entity_id = r.entity_id where v.workspace_id = $1), "
        "led as (select distinct on (f.id) f.id, f.stage, d.playbook_step as step, g.slug as group_slug from referral f "
        "join same v on v.id = f.advocate_id join advocate w on w.workspace_id = $1 and w.id = f.advocate_id "
        "join program_group g on g.workspace_id = $1 and g.id = w.group_id "
        "join ask a on a.workspace_id = $1 and a.record_id = v.record_id and a.state = 'sent' and a.decided_at <= f.created_at "
        "join decision d on d.workspace_id = $1 and d.id = a.decision_id "
        "where f.workspace_id = $1 and f.stage <> 'rejected' and f.created_at <= $2 order by f.id, a.decided_at desc, a.id), "
        "paid as (select c.referral_id, sum(w.issued_minor - w.reversed_minor) as amount_minor from reward w join conversion c "
        "on c.workspace_id = $1 and c.id = w.conversion_id join workspace k on k.id = $1 and k.currency = w.currency "
        "where w.workspace_id = $1 and w.created_at <= $2 group by c.referral_id) "
        "select l.step, l.group_slug as \"group\", count(*) as referrals, count(*) filter (where l.stage in ('qualified', 'won')) as qualified, "
        "count(*) filter (where l.stage = 'won') as won, "
        "coalesce(sum(p.amount_minor), 0)::bigint as spent_minor from led l left join paid p on p.referral_id = l.id "
        "group by l.step, l.group_slug order by l.step, l.group_slug",
        tx.workspace_id, now,
    )  # fmt: skip
    return [dict(r) for r in rows]


async def currency_of(tx: Tx) -> str:
    """The workspace's currency."""
    found: str = await tx.value("select currency from workspace where id = $1", tx.workspace_id)
    return found


async def economics(tx: Tx) -> dict[str, Any]:
    """The money of the policy in force, as it was adopted; empty before the first decision."""
    found: dict[str, Any] | None = await tx.value(
        "select params->'economics' from policy_version where workspace_id = $1 and retired_at is null order by id desc limit 1",
        tx.workspace_id,
    )
    return found or {}
