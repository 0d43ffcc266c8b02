"""SQL for the court: conversions as people look for them, and disputes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from honeyguide.db import Row, Tx
from honeyguide.outcomes.deal_rows import Conversion

_CONVERSION = "id, referral_id, deal, amount_minor, currency, occurred_at, event_id"
_DISPUTE = "id, conversion_id, side, raised_by, advocate_id, claim, state, opened_at, closed_at, answer"
_LIST = (
    "select c.id, c.deal, c.amount_minor, c.currency, c.occurred_at, c.referral_id, f.friend_email, f.friend_name, f.program_id, "
    "coalesce(nullif(n.name, ''), nullif(split_part(f.friend_email, '@', 2), ''), '') as company, "
    "(select count(*) from credit_dispute d where d.workspace_id = $1 and d.conversion_id = c.id and d.state = 'open') as open_disputes, "
    "(select count(*) from credit_decision x where x.workspace_id = $1 and x.conversion_id = c.id and x.kind <> 'rerun') as decisions "
    "from conversion c join referral f on f.workspace_id = c.workspace_id and f.id = c.referral_id "
    "left join record r on r.workspace_id = f.workspace_id and r.id = f.friend_company_record_id "
    "left join node n on n.workspace_id = f.workspace_id and n.id = coalesce(r.entity_id, f.friend_company_record_id) "
    "where c.workspace_id = $1 "
)
_WANTED = (
    "and ($2::int is null or f.program_id = $2) and ($3::uuid is null or exists (select 1 from attribution a "
    "where a.workspace_id = $1 and a.conversion_id = c.id and a.advocate_id = $3)) "
    "and ($4::text is null or ($4 = 'disputed' and exists (select 1 from credit_dispute d where d.workspace_id = $1 "
    "and d.conversion_id = c.id and d.state = 'open')) or ($4 = 'decided' and exists (select 1 from credit_decision x "
    "where x.workspace_id = $1 and x.conversion_id = c.id and x.kind <> 'rerun')) or ($4 = 'shared' and (select count(*) "
    "from attribution a where a.workspace_id = $1 and a.conversion_id = c.id) > 1) or ($4 in ('none', 'credited') and ($4 = 'credited') "
    "= exists (select 1 from attribution a where a.workspace_id = $1 and a.conversion_id = c.id))) "
    "and ($5::text is null or f.friend_email ilike $5 or f.friend_name ilike $5 or n.name ilike $5 or c.deal ilike $5) "
)


async def conversions(
    tx: Tx, program_id: int | None, advocate_id: UUID | None, state: str | None, words: str | None,
    after: tuple[datetime, UUID] | None, limit: int,
) -> list[Row]:  # fmt: skip
    """Conversions, newest first."""
    at, ident = after or (None, None)
    return await tx.rows(
        f"{_LIST}{_WANTED}and ($6::timestamptz is null or (c.occurred_at, c.id) < ($6, $7)) "
        "order by c.occurred_at desc, c.id desc limit $8",
        tx.workspace_id, program_id, advocate_id, state, words, at, ident, limit,
    )  # fmt: skip


async def count_conversions(
    tx: Tx, program_id: int | None, advocate_id: UUID | None, state: str | None, words: str | None
) -> int:
    """How many there are."""
    found: int = await tx.value(
        "select count(*) from conversion c join referral f on f.workspace_id = c.workspace_id and f.id = c.referral_id "
        "left join record r on r.workspace_id = f.workspace_id and r.id = f.friend_company_record_id "
        "left join node n on n.workspace_id = f.workspace_id and n.id = coalesce(r.entity_id, f.friend_company_record_id) "
        f"where c.workspace_id = $1 {_WANTED}",
        tx.workspace_id, program_id, advocate_id, state, words,
    )  # fmt: skip
    return found


async def listed(tx: Tx, conversion_id: UUID) -> Row | None:
    """One conversion as lists show it."""
    return await tx.row(f"{_LIST}and c.id = $2", tx.workspace_id, conversion_id)


async def conversion(tx: Tx, conversion_id: UUID, *, lock: bool = False) -> Conversion | None:
    """A conversion by id."""
    row = await tx.row(
        f"select {_CONVERSION} from conversion where workspace_id = $1 and id = $2" + (" for update" if lock else ""),
        tx.workspace_id, conversion_id,
    )  # fmt: skip
    return Conversion(**dict(row)) if row else None


async def conversions_since(tx: Tx, program_id: int | None, since: datetime) -> list[Conversion]:
    """Conversions from a time on, oldest first, of one program or all."""
    rows = await tx.rows(
        "select c.id, c.referral_id, c.deal, c.amount_minor, c.currency, c.occurred_at, c.event_id from conversion c "
        "join referral f on f.workspace_id = c.workspace_id and f.id = c.referral_id "
        "where c.workspace_id = $1 and c.occurred_at >= $2 and ($3::int is null or f.program_id = $3) order by c.occurred_at, c.id",
        tx.workspace_id, since, program_id,
    )  # fmt: skip
    return [Conversion(**dict(r)) for r in rows]


async def conversions_of_referrals(tx: Tx, referral_ids: Sequence[UUID]) -> list[UUID]:
    """The conversions counted for these referrals, oldest first."""
    rows = await tx.rows(
        "select id from conversion where workspace_id = $1 and referral_id = any($2::uuid[]) order by occurred_at, id",
        tx.workspace_id, list(referral_ids),
    )  # fmt: skip
    return [r["id"] for r in rows]


async def insert_dispute(tx: Tx, values: Mapping[str, Any]) -> bool:
    """Open a dispute; False when this one is there."""
    made = await tx.run(
        "insert into credit_dispute (workspace_id, id, conversion_id, side, raised_by, advocate_id, claim, state, opened_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, 'open', $8) on conflict do nothing",
        tx.workspace_id, values["id"], values["conversion_id"], values["side"], values["raised_by"], values["advocate_id"],
        values["claim"], values["opened_at"],
    )  # fmt: skip
    return made > 0


async def disputes_of(tx: Tx, conversion_id: UUID) -> list[Row]:
    """The disputes about a conversion, oldest first."""
    return await tx.rows(
        f"select {_DISPUTE} from credit_dispute where workspace_id = $1 and conversion_id = $2 order by opened_at, id",
        tx.workspace_id, conversion_id,
    )  # fmt: skip


async def disputes(tx: Tx, state: str | None, after: tuple[datetime, UUID] | None, limit: int) -> list[Row]:
    """Disputes, newest first."""
    at, ident = after or (None, None)
    return await tx.rows(
        f"select {_DISPUTE} from credit_dispute where workspace_id = $1 and ($2::text is null or state = $2) "
        "and ($3::timestamptz is null or (opened_at, id) < ($3, $4)) order by opened_at desc, id desc limit $5",
        tx.workspace_id, state, at, ident, limit,
    )  # fmt: skip


async def count_disputes(tx: Tx, state: str | None) -> int:
    """How many there are."""
    found: int = await tx.value(
        "select count(*) from credit_dispute where workspace_id = $1 and ($2::text is null or state = $2)",
        tx.workspace_id, state,
    )  # fmt: skip
    return found


async def close_disputes(tx: Tx, conversion_id: UUID, state: str, answer: str, at: datetime) -> int:
    """Answer every open dispute about a conversion."""
    return await tx.run(
        "update credit_dispute set state = $3, answer = $4, closed_at = $5 where workspace_id = $1 and conversion_id = $2 "
        "and state = 'open'",
        tx.workspace_id, conversion_id, state, answer, at,
    )  # fmt: skip


async def link_of_advocate(tx: Tx, advocate_id: UUID) -> Row | None:
    """The advocate's newest link, also one that was switched off."""
    return await tx.row(
        "select id, code, program_id from link where workspace_id = $1 and advocate_id = $2 "
        "order by disabled_at is null desc, created_at desc, id limit 1",
        tx.workspace_id, advocate_id,
    )  # fmt: skip


async def advocate_names(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Names and addresses of advocates."""
    rows = await tx.rows(
        "select id, name, email from advocate where workspace_id = $1 and id = any($2::uuid[])",
        tx.workspace_id,
        list(ids),
    )
    return {r["id"]: r for r in rows}
