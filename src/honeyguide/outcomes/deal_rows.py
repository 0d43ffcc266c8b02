"""SQL for deal facts, what links them to referrals, conversions and attributions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct, structs

from honeyguide.db import Tx
from honeyguide.outcomes.sale_names import one_of
from honeyguide.outcomes.terms import DealFact

# Every record that is the same person or company as one of these, by today's identity (a record identity has
# not seen yet stands for itself).
_SAME = (
    "select x.id from record y join record x on x.workspace_id = y.workspace_id and x.entity_id = y.entity_id "
    "where y.workspace_id = $1 and y.id = any($2::bigint[]) union select unnest($2::bigint[])"
)


class Conversion(Struct, frozen=True):
    """A won deal, credited once."""

    id: UUID
    referral_id: UUID
    deal: str
    amount_minor: int
    currency: str
    occurred_at: datetime
    event_id: UUID


class Candidate(Struct, frozen=True):
    """A referral that a deal may be credited to: through the friend, or only through the friend's company."""

    deal: str
    referral_id: UUID
    by_person: bool


class AskOfAdvocate(Struct, frozen=True):
    """The ask that led to a referral."""

    id: UUID
    offer_id: int
    decided_by: str | None


async def insert_facts(tx: Tx, facts: Sequence[DealFact], records: Mapping[UUID, Sequence[int]]) -> None:
    """Keep deal events, each once, with the records they speak of."""
    await tx.run(
        "insert into deal_fact (workspace_id, event_id, deal, kind, at, amount_minor, currency, name, stage, ref) "
        "select $1, t.* from unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[], $7::text[], $8::text[], "
        "$9::text[], $10::text[]) as t(event_id, deal, kind, at, amount_minor, currency, name, stage, ref) on conflict do nothing",
        tx.workspace_id,
        [f.event_id for f in facts],
        [f.deal for f in facts],
        [f.kind for f in facts],
        [f.at for f in facts],
        [f.amount_minor for f in facts],
        [f.currency for f in facts],
        [f.name for f in facts],
        [f.stage for f in facts],
        [f.ref for f in facts],
    )
    pairs = sorted({(r, event) for event, found in records.items() for r in found})
    await tx.run(
        "insert into deal_fact_record (workspace_id, record_id, event_id) "
        "select $1, t.* from unnest($2::bigint[], $3::uuid[]) as t(record_id, event_id) on conflict do nothing",
        tx.workspace_id,
        [r for r, _ in pairs],
        [e for _, e in pairs],
    )


async def records_of_deals(tx: Tx, deals: Sequence[str]) -> list[int]:
    """Every record the facts of these deals speak of, by whatever name the deal goes there."""
    rows = await tx.rows(
        "select distinct d.record_id from deal_fact f join deal_fact_record d on d.workspace_id = f.workspace_id "
        "and d.event_id = f.event_id where f.workspace_id = $1 and f.deal = any($2::text[])",
        tx.workspace_id,
        sorted(await one_of(tx, deals)),
    )
    return [r["record_id"] for r in rows]


async def referrals_of_records(tx: Tx, records: Sequence[int]) -> list[UUID]:
    """The referrals whose friend, or friend's company, is one of these records or the same entity as one."""
    rows = await tx.rows(
        f"with same as materialized ({_SAME}) "
        "select r.id from same join referral r on r.workspace_id = $1 and r.friend_record_id = same.id "
        "union select r.id from same join referral r on r.workspace_id = $1 and r.friend_company_record_id = same.id",
        tx.workspace_id,
        list(records),
    )
    return sorted(r["id"] for r in rows)


async def deals_of_records(tx: Tx, records: Sequence[int]) -> list[str]:
    """The deals that speak of one of these records or the same entity as one."""
    rows = await tx.rows(
        f"with same as materialized ({_SAME}) select distinct f.deal from same "
        "join deal_fact_record d on d.workspace_id = $1 and d.record_id = same.id "
        "join deal_fact f on f.workspace_id = $1 and f.event_id = d.event_id",
        tx.workspace_id,
        list(records),
    )
    return sorted(r["deal"] for r in rows)


async def candidates(tx: Tx, deals: Sequence[str]) -> list[Candidate]:
    """Which referrals each deal may belong to, by today's identity. A payment with several names is told by one of them."""
    main = await one_of(tx, deals)
    rows = await tx.rows(
        "with spoken as (select distinct f.deal, d.record_id from deal_fact f join deal_fact_record d "
        "on d.workspace_id = f.workspace_id and d.event_id = f.event_id where f.workspace_id = $1 and f.deal = any($2::text[])), "
        "same as materialized (select s.deal, x.id from spoken s join record y on y.workspace_id = $1 and y.id = s.record_id "
        "join record x on x.workspace_id = $1 and x.entity_id = y.entity_id union select deal, record_id from spoken), "
        "pairs as (select same.deal, r.id, true as by_person from same join referral r on r.workspace_id = $1 and r.friend_record_id = same.id "
        "union all select same.deal, r.id, false from same join referral r on r.workspace_id = $1 and r.friend_company_record_id = same.id) "
        "select deal, id as referral_id, bool_or(by_person) as by_person from pairs group by deal, id order by deal, id",
        tx.workspace_id,
        sorted(main),
    )
    found: dict[tuple[str, UUID], bool] = {}
    for r in rows:
        key = (main[r["deal"]], r["referral_id"])
        found[key] = found.get(key, False) or r["by_person"]
    return [Candidate(deal, referral, by) for (deal, referral), by in sorted(found.items())]


async def facts_of_deals(tx: Tx, deals: Sequence[str]) -> dict[str, list[DealFact]]:
    """Every fact of these deals, in the order of their event times. A payment with several names is told by one of them."""
    main = await one_of(tx, deals)
    rows = await tx.rows(
        "select event_id, deal, kind, at, amount_minor, currency, name, stage, ref from deal_fact "
        "where workspace_id = $1 and deal = any($2::text[]) order by at, event_id",
        tx.workspace_id,
        sorted(main),
    )
    found: dict[str, list[DealFact]] = {}
    for r in rows:
        fact = DealFact(**dict(r))
        found.setdefault(main[fact.deal], []).append(structs.replace(fact, deal=main[fact.deal]))
    return found


async def insert_conversion(tx: Tx, conversion: Conversion, recorded_at: datetime) -> bool:
    """Credit a deal unless it was credited before."""
    made = await tx.run(
        "insert into conversion (workspace_id, id, referral_id, deal, amount_minor, currency, occurred_at, event_id, recorded_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
        tx.workspace_id, conversion.id, conversion.referral_id, conversion.deal, conversion.amount_minor,
        conversion.currency, conversion.occurred_at, conversion.event_id, recorded_at,
    )  # fmt: skip
    return made == 1


async def change_conversion(tx: Tx, conversion: Conversion) -> None:
    """Bring a conversion to what its facts say now: amount, time, and the event that says so."""
    await tx.run(
        "update conversion set amount_minor = $3, currency = $4, occurred_at = $5, event_id = $6 where workspace_id = $1 and id = $2 "
        "and (amount_minor, currency, occurred_at, event_id) is distinct from ($3, $4::char(3), $5, $6)",
        tx.workspace_id, conversion.id, conversion.amount_minor, conversion.currency, conversion.occurred_at, conversion.event_id,
    )  # fmt: skip


async def conversions_of_deals(tx: Tx, deals: Sequence[str]) -> dict[str, Conversion]:
    """The conversion of each deal that has one."""
    rows = await tx.rows(
        "select id, referral_id, deal, amount_minor, currency, occurred_at, event_id from conversion "
        "where workspace_id = $1 and deal = any($2::text[])",
        tx.workspace_id,
        list(deals),
    )
    return {r["deal"]: Conversion(**dict(r)) for r in rows}


async def ask_before(tx: Tx, advocate_record_id: int, at: datetime) -> AskOfAdvocate | None:
    """The newest ask that reached the advocate (any record of the same person) before `at`."""
    row = await tx.row(
        f"with same as materialized ({_SAME}) select a.id, a.offer_id, a.decided_by from same join ask a on a.workspace_id = $1 "
        "and a.record_id = same.id where a.state in ('approved', 'sent') and a.created_at <= $3 order by a.created_at desc, a.id limit 1",
        tx.workspace_id,
        [advocate_record_id],
        at,
    )
    return AskOfAdvocate(**dict(row)) if row else None
