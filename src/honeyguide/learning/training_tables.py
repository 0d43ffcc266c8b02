"""SQL of training (brain_state, training) and what it reads of decisions, asks and outcomes."""

import zlib
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from honeyguide.db import Row, Tx

OWNED = ("brain_state", "training")


async def state(tx: Tx) -> bytes | None:
    """The state training goes on from."""
    packed: bytes | None = await tx.value("select packed from brain_state where workspace_id = $1", tx.workspace_id)
    return zlib.decompress(packed) if packed is not None else None


async def put_state(tx: Tx, packed: bytes, until: datetime, at: datetime) -> None:
    """Keep the state training goes on from."""
    await tx.run(
        "insert into brain_state (workspace_id, packed, trained_until, at) values ($1, $2, $3, $4) "
        "on conflict (workspace_id) do update set packed = excluded.packed, trained_until = excluded.trained_until, "
        "at = excluded.at",
        tx.workspace_id, zlib.compress(packed, 3), until, at,
    )  # fmt: skip


async def add_report(tx: Tx, policy_version: int, report: dict[str, Any], at: datetime) -> None:
    """Keep what a training found."""
    await tx.run(
        "insert into training (workspace_id, at, policy_version, report) values ($1, $2, $3, $4)",
        tx.workspace_id, at, policy_version, report,
    )  # fmt: skip


async def reports(tx: Tx, limit: int) -> list[Row]:
    """The newest trainings."""
    return await tx.rows(
        "select id, at, policy_version, report from training where workspace_id = $1 order by id desc limit $2",
        tx.workspace_id, limit,
    )  # fmt: skip


async def asks(tx: Tx, until: datetime) -> list[Row]:
    """Asks that were sent before `until`, as they were sent (a person may have changed offer and channel), oldest first."""
    return await tx.rows(
        "select a.id, coalesce(s.sent_at, a.decided_at) as at, r.entity_id as persona, g.slug as group_slug, "
        "o.slug as offer, a.channel, d.action, d.id as decision_id, a.not_now_reason, d.context ? 'words' as known, "
        "(d.context->'numbers'->>'worn')::float8 as worn from ask a "
        "join decision d on d.workspace_id = a.workspace_id and d.id = a.decision_id "
        "join offer o on o.workspace_id = a.workspace_id and o.id = a.offer_id "
        "join program_group g on g.workspace_id = o.workspace_id and g.id = o.group_id "
        "left join record r on r.workspace_id = a.workspace_id and r.id = a.record_id "
        "left join lateral (select min(m.sent_at) as sent_at from message m where m.workspace_id = a.workspace_id "
        "and m.ask_id = a.id) s on true "
        "where a.workspace_id = $1 and a.state = 'sent' and coalesce(s.sent_at, a.decided_at) < $2 order by 2, 1",
        tx.workspace_id, until,
    )  # fmt: skip


async def left_alone(tx: Tx, since: datetime, until: datetime, least: float) -> list[Row]:
    """Decisions after which nobody was asked, by the holdout or by a draw that had a chance of `least` to wait."""
    return await tx.rows(
        "select d.id, d.at, r.entity_id as persona, d.arm, d.weight, (d.distribution->>'wait')::float8 as waits, "
        "d.context ? 'words' as known from decision d join record r on r.workspace_id = d.workspace_id "
        "and r.id = d.record_id where d.workspace_id = $1 and d.at >= $2 and d.at < $3 and r.kind = 'persona' "
        "and (d.arm = 'holdout' or (d.action = 'wait' and not d.deferred and (d.distribution->>'wait')::float8 >= $4)) "
        "and jsonb_array_length(d.legal_actions) > 1 order by d.at, d.id",
        tx.workspace_id, since, until, least,
    )  # fmt: skip


async def contexts(tx: Tx, decisions: Collection[UUID]) -> dict[UUID, Row]:
    """Words, numbers and group of decisions; those that were erased are left out."""
    rows = await tx.rows(
        "select d.id, d.context->'words' as words, d.context->'numbers' as numbers, d.context->>'group' as group_slug "
        "from decision d where d.workspace_id = $1 and d.id = any($2::uuid[]) and d.context ? 'words'",
        tx.workspace_id, list(decisions),
    )  # fmt: skip
    return {r["id"]: r for r in rows}


async def moments_of(tx: Tx, decisions: Collection[UUID]) -> list[Row]:
    """Kind, segment and age in hours of the moments these decisions were about, oldest first."""
    return await tx.rows(
        "select d.id, d.context->'words'->>'kind' as kind, d.context->'words'->>'segment' as segment, "
        "extract(epoch from d.at - (d.context->'moment'->>'occurred_at')::timestamptz)::float8 / 3600 as hours "
        "from decision d where d.workspace_id = $1 and d.id = any($2::uuid[]) and d.context ? 'words' order by d.at, d.id",
        tx.workspace_id, list(decisions),
    )  # fmt: skip


async def referrals(tx: Tx, until: datetime) -> list[Row]:
    """Referrals that came before `until`: by whom, when, how far they got by then and what their deals were worth."""
    return await tx.rows(
        "select f.id, r.entity_id as persona, f.created_at as at, f.stage, q.at as qualified_at, v.won_at, "
        "case when f.stage = 'lost' and f.stage_at < $2 then f.stage_at end as lost_at, "
        "f.stage = 'rejected' as rejected, v.amount_minor from referral f "
        "join advocate a on a.workspace_id = f.workspace_id and a.id = f.advocate_id "
        "join record r on r.workspace_id = a.workspace_id and r.id = a.record_id "
        "join workspace w on w.id = f.workspace_id "
        "left join referral_stage q on q.workspace_id = f.workspace_id and q.referral_id = f.id "
        "and q.stage = 'qualified' and q.at < $2 "
        "left join lateral (select min(c.occurred_at) as won_at, "
        "sum(c.amount_minor) filter (where c.currency = w.currency) as amount_minor from conversion c "
        "where c.workspace_id = f.workspace_id and c.referral_id = f.id and c.occurred_at < $2) v on true "
        "where f.workspace_id = $1 and f.created_at < $2 order by f.created_at, f.id",
        tx.workspace_id, until,
    )  # fmt: skip


async def contacts_by_day(tx: Tx, since: datetime, until: datetime) -> dict[str, float]:
    """How many asks and reminders went out a day (UTC)."""
    rows = await tx.rows(
        "select ((c.at at time zone 'UTC')::date)::text as day, count(*)::float8 as n from ("
        "select coalesce(s.sent_at, a.decided_at) as at from ask a left join lateral (select min(m.sent_at) as sent_at from message m "
        "where m.workspace_id = a.workspace_id and m.ask_id = a.id) s on true where a.workspace_id = $1 and a.state = 'sent' "
        "union all select m.sent_at from message m where m.workspace_id = $1 and m.follow_up > 0 and m.state = 'sent') c "
        "where c.at >= $2 and c.at < $3 group by 1 order by 1",
        tx.workspace_id, since, until,
    )  # fmt: skip
    return {r["day"]: r["n"] for r in rows}


async def rewards_by_day(tx: Tx, since: datetime, until: datetime) -> dict[str, float]:
    """Minor units of rewards issued a day (UTC), what was taken back left out."""
    rows = await tx.rows(
        "select ((created_at at time zone 'UTC')::date)::text as day, sum(issued_minor - reversed_minor)::float8 as minor from reward "
        "where workspace_id = $1 and created_at >= $2 and created_at < $3 group by 1 order by 1",
        tx.workspace_id, since, until,
    )  # fmt: skip
    return {r["day"]: r["minor"] for r in rows}


async def reachable(tx: Tx, kind: int) -> int:
    """How many people may be written to: an address and consent."""
    found: int = await tx.value(
        "select count(*) from node where workspace_id = $1 and kind = $2 and props->>'email' is not null "
        "and props->>'consent_email' = 'true'",
        tx.workspace_id, kind,
    )  # fmt: skip
    return found
