"""SQL for rails, payments (disbursements) and the notices of providers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx

TABLES = ("payout_rail", "disbursement", "rail_notice")


class RailRow(Struct, frozen=True):
    """A rail as a workspace has set it up."""

    rail: str
    sends: bool
    payee_kind: str
    config: dict[str, Any]
    sealed: bytes | None
    enabled: bool
    changed_by: str
    changed_at: datetime
    next_call_at: datetime


class Disbursement(Struct, frozen=True):
    """What one advocate gets of one payout, and what became of it. Amounts in minor units; `amount` = `gross` - `netted`."""

    id: UUID
    payout_id: UUID
    advocate_id: UUID
    advocate_name: str
    advocate_email: str
    rail: str
    incentive: str
    label: str
    currency: str
    gross_minor: int
    netted_minor: int
    amount_minor: int
    payee_id: UUID | None
    state: str
    provider_id: str
    reported_minor: int | None
    problem: str
    attempts: int
    looks: int
    promised_at: datetime
    asked_at: datetime | None
    settled_at: datetime | None
    look_at: datetime | None


_SELECT = """
select d.id, d.payout_id, d.advocate_id, coalesce(a.name, '') as advocate_name, coalesce(a.email, '') as advocate_email, d.rail,
  d.incentive, d.label, d.currency, d.gross_minor, d.netted_minor, d.amount_minor, d.payee_id, d.state, d.provider_id,
  d.reported_minor, d.problem, d.attempts, d.looks, d.promised_at, d.asked_at, d.settled_at, d.look_at
from disbursement d left join advocate a on a.workspace_id = d.workspace_id and a.id = d.advocate_id
where d.workspace_id = $1
"""
_RAIL = "rail, sends, payee_kind, config, sealed, enabled, changed_by, changed_at, next_call_at"


async def put_rail(tx: Tx, row: RailRow, hook_digest: bytes | None) -> None:
    """Set a rail up, or change it; secrets and the webhook's address stay when None is given."""
    await tx.run(
        "insert into payout_rail (workspace_id, rail, sends, payee_kind, config, sealed, enabled, changed_by, changed_at, "
        "next_call_at, hook_digest) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (workspace_id, rail) "
        "do update set sends = excluded.sends, payee_kind = excluded.payee_kind, config = excluded.config, "
        "sealed = coalesce(excluded.sealed, payout_rail.sealed), enabled = excluded.enabled, changed_by = excluded.changed_by, "
        "changed_at = excluded.changed_at, hook_digest = coalesce(excluded.hook_digest, payout_rail.hook_digest)",
        tx.workspace_id, row.rail, row.sends, row.payee_kind, row.config, row.sealed, row.enabled, row.changed_by,
        row.changed_at, row.next_call_at, hook_digest,
    )  # fmt: skip


async def rails(tx: Tx, rail: str | None = None, *, lock: bool = False) -> list[RailRow]:
    """The rails of the workspace, or one of them."""
    found = await tx.rows(
        f"select {_RAIL} from payout_rail where workspace_id = $1 and ($2::text is null or rail = $2) order by rail"
        + (" for update" if lock else ""),
        tx.workspace_id, rail,
    )  # fmt: skip
    return [RailRow(**dict(r)) for r in found]


async def rail_of_hook(tx: Tx, digest: bytes) -> str | None:
    """The rail whose webhook's address has this digest."""
    found: str | None = await tx.value(
        "select rail from payout_rail where workspace_id = $1 and hook_digest = $2", tx.workspace_id, digest
    )
    return found


async def put_off_calls(tx: Tx, rail: str, until: datetime) -> None:
    """No call before `until`."""
    await tx.run(
        "update payout_rail set next_call_at = greatest(next_call_at, $3) where workspace_id = $1 and rail = $2",
        tx.workspace_id, rail, until,
    )  # fmt: skip


async def insert(tx: Tx, one: Disbursement) -> None:
    """A promise to pay; known ones stay as they are."""
    await tx.run(
        "insert into disbursement (workspace_id, id, payout_id, advocate_id, rail, incentive, label, currency, gross_minor, "
        "netted_minor, amount_minor, state, promised_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
        "on conflict do nothing",
        tx.workspace_id, one.id, one.payout_id, one.advocate_id, one.rail, one.incentive, one.label, one.currency,
        one.gross_minor, one.netted_minor, one.amount_minor, one.state, one.promised_at,
    )  # fmt: skip


async def by_id(tx: Tx, ident: UUID, *, lock: bool = False) -> Disbursement | None:
    """One payment, its row locked when asked."""
    row = await tx.row(_SELECT + "and d.id = $2" + (" for update of d" if lock else ""), tx.workspace_id, ident)
    return Disbursement(**dict(row)) if row else None


async def of_payout(tx: Tx, payout_id: UUID, *, lock: bool = False) -> list[Disbursement]:
    """The payments of a payout, in the order of their ids."""
    found = await tx.rows(
        _SELECT + "and d.payout_id = $2 order by d.id" + (" for update of d" if lock else ""),
        tx.workspace_id, payout_id,
    )  # fmt: skip
    return [Disbursement(**dict(r)) for r in found]


async def page(
    tx: Tx, state: str | None, rail: str | None, after: UUID | None, limit: int, problem: bool = False
) -> list[Disbursement]:
    """Newest first, from behind `after`; `problem`: only those a person should look at."""
    found = await tx.rows(
        _SELECT + "and ($2::text is null or d.state = $2) and ($3::text is null or d.rail = $3) "
        "and (not $6 or d.problem <> '') and ($4::uuid is null or (d.promised_at, d.id) < "
        "(select c.promised_at, c.id from disbursement c where c.workspace_id = $1 and c.id = $4)) "
        "order by d.promised_at desc, d.id desc limit $5",
        tx.workspace_id, state, rail, after, limit, problem,
    )  # fmt: skip
    return [Disbursement(**dict(r)) for r in found]


async def count(tx: Tx, state: str | None, rail: str | None, problem: bool = False) -> int:
    """How many there are."""
    found: int = await tx.value(
        "select count(*) from disbursement where workspace_id = $1 and ($2::text is null or state = $2) "
        "and ($3::text is null or rail = $3) and (not $4 or problem <> '')",
        tx.workspace_id, state, rail, problem,
    )  # fmt: skip
    return found


async def to_look_at(tx: Tx, rail: str, now: datetime) -> UUID | None:
    """The payment whose look is due longest."""
    found: UUID | None = await tx.value(
        "select id from disbursement where workspace_id = $1 and rail = $2 and look_at <= $3 order by look_at, id limit 1 "
        "for update skip locked",
        tx.workspace_id, rail, now,
    )  # fmt: skip
    return found


async def look_at(tx: Tx, ident: UUID, at: datetime | None, *, counted: bool = True) -> None:
    """Look again at this time (never when None)."""
    await tx.run(
        "update disbursement set look_at = $3, looks = looks + $4 where workspace_id = $1 and id = $2",
        tx.workspace_id, ident, at, int(counted),
    )  # fmt: skip


async def asking(tx: Tx, ident: UUID, payee_id: UUID | None, now: datetime, look: datetime) -> None:
    """About to call: from here on nobody knows, until an answer is written down."""
    await tx.run(
        "update disbursement set state = 'unknown', payee_id = coalesce(payee_id, $3), attempts = attempts + 1, "
        "asked_at = coalesce(asked_at, $4), look_at = $5, problem = '' where workspace_id = $1 and id = $2",
        tx.workspace_id, ident, payee_id, now, look,
    )  # fmt: skip


async def set_state(
    tx: Tx, ident: UUID, state: str, provider_id: str, reported: int | None, settled: datetime | None,
    look: datetime | None, problem: str = "",
) -> None:  # fmt: skip
    """What became of it; a provider's id and amount are kept when the new answer has none."""
    await tx.run(
        "update disbursement set state = $3, provider_id = case when $4 = '' then provider_id else $4 end, "
        "reported_minor = coalesce($5, reported_minor), settled_at = coalesce($6, settled_at), look_at = $7, problem = $8 "
        "where workspace_id = $1 and id = $2",
        tx.workspace_id, ident, state, provider_id, reported, settled, look, problem,
    )  # fmt: skip


async def set_payee(tx: Tx, ident: UUID, payee_id: UUID) -> None:
    """The account it goes to."""
    await tx.run(
        "update disbursement set payee_id = coalesce(payee_id, $3) where workspace_id = $1 and id = $2",
        tx.workspace_id, ident, payee_id,
    )  # fmt: skip


async def set_problem(tx: Tx, ident: UUID, problem: str, reported: int | None = None) -> None:
    """What a person should know."""
    await tx.run(
        "update disbursement set problem = $3, reported_minor = coalesce($4, reported_minor) where workspace_id = $1 and id = $2",
        tx.workspace_id, ident, problem, reported,
    )  # fmt: skip


async def notice(
    tx: Tx, rail: str, ident: str, kind: str, key: UUID | None, provider_id: str, at: datetime
) -> UUID | None:
    """Keep a provider's notice once; the payment it is about, if it is one of this rail's."""
    about: UUID | None = await tx.value(
        "select id from disbursement where workspace_id = $1 and rail = $2 and (id = $3 or ($4 <> '' and provider_id = $4)) limit 1",
        tx.workspace_id, rail, key, provider_id,
    )  # fmt: skip
    await tx.run(
        "insert into rail_notice (workspace_id, rail, notice_id, kind, disbursement_id, received_at) "
        "values ($1, $2, $3, $4, $5, $6) on conflict (workspace_id, rail, notice_id) do update set times = rail_notice.times + 1",
        tx.workspace_id, rail, ident, kind, about, at,
    )  # fmt: skip
    return about


async def tie_out(tx: Tx, start: datetime, end: datetime) -> list[Row]:
    """Per rail and currency: what our books say was paid in a time, what providers say of it, and what is open.

    `theirs` counts what providers say of payments asked for in that time which our books do not call paid, too.
    """
    return await tx.rows(
        "with day as (select d.*, d.state = 'paid' as ours_paid from disbursement d where d.workspace_id = $1 "
        "and ((d.state = 'paid' and d.settled_at >= $2 and d.settled_at < $3) or (d.state in ('unknown', 'sent', 'refused', 'returned', "
        "'cancelled') and d.asked_at >= $2 and d.asked_at < $3))) "
        "select day.rail, day.currency, count(*) as payments, "
        "coalesce(sum(day.amount_minor) filter (where day.ours_paid), 0)::bigint as ours_minor, "
        "coalesce(sum(day.amount_minor) filter (where day.ours_paid and day.reported_minor is not null), 0)::bigint as told_minor, "
        "coalesce(sum(day.reported_minor) filter (where day.ours_paid or (day.state = 'sent' and day.problem <> '') "
        "or (day.state in ('refused', 'cancelled') and day.reported_minor is not null and day.look_at is not null)), 0)::bigint as theirs_minor, "
        "count(*) filter (where day.ours_paid and day.reported_minor is null) as unconfirmed, "
        "count(*) filter (where day.state in ('unknown', 'sent')) as open, "
        "count(*) filter (where day.problem <> '' and day.state not in ('refused', 'returned')) as problems "
        "from day where day.workspace_id = $1 group by day.rail, day.currency order by day.rail, day.currency",
        tx.workspace_id, start, end,
    )  # fmt: skip
