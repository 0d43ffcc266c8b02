"""SQL of the counts of use: activity and the months that wait to be judged again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.inference.power import MonthOfUse
from honeyguide.inference.usage import Activity


async def add_activity(tx: Tx, counts: Sequence[Activity]) -> None:
    """Add to the counts (once per event: the cursor and this commit together)."""
    if not counts:
        return
    await tx.run(
        """
        insert into activity (workspace_id, record_id, product, feature, day, n, last_event_id, last_at)
        select $1, * from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::date[], $6::bigint[], $7::uuid[],
                                 $8::timestamptz[])
        on conflict (workspace_id, record_id, product, feature, day) do update set
          n = activity.n + excluded.n,
          last_event_id = case when (excluded.last_at, excluded.last_event_id) > (activity.last_at, activity.last_event_id)
                               then excluded.last_event_id else activity.last_event_id end,
          last_at = greatest(activity.last_at, excluded.last_at)
        """,
        tx.workspace_id,
        [c.record for c in counts],
        [c.product for c in counts],
        [c.feature for c in counts],
        [c.day for c in counts],
        [c.n for c in counts],
        [c.last_event for c in counts],
        [c.last_at for c in counts],
    )
    sums: dict[tuple[int, int], int] = {}
    for c in counts:
        sums[c.record, c.product] = sums.get((c.record, c.product), 0) + c.n
    ordered = sorted(sums)
    await tx.run(
        """
        insert into usage_total (workspace_id, record_id, product, n)
        select $1, * from unnest($2::bigint[], $3::bigint[], $4::bigint[])
        on conflict (workspace_id, record_id, product) do update set n = usage_total.n + excluded.n
        """,
        tx.workspace_id,
        [record for record, _ in ordered],
        [product for _, product in ordered],
        [sums[key] for key in ordered],
    )


async def mark_months(tx: Tx, months: Collection[tuple[int, date]]) -> None:
    """These (product, first of the month) must be judged again."""
    if not months:
        return
    ordered = sorted(months)  # one order for everybody, so that no two batches wait for each other
    await tx.run(
        """
        insert into usage_month (workspace_id, product, month)
        select $1, * from unnest($2::bigint[], $3::date[])
        on conflict (workspace_id, product, month) do update set marks = usage_month.marks + 1
        """,
        tx.workspace_id,
        [product for product, _ in ordered],
        [month for _, month in ordered],
    )


async def mark_months_of(tx: Tx, entities: Collection[int]) -> None:
    """Every month these entities were active in: their records have been joined or parted."""
    rows = await tx.rows(
        """
        select distinct a.product, date_trunc('month', a.day::timestamp)::date as month
        from record r join activity a on a.workspace_id = r.workspace_id and a.record_id = r.id
        where r.workspace_id = $1 and r.entity_id = any($2::bigint[])
        """,
        tx.workspace_id,
        sorted(entities),
    )
    await mark_months(tx, {(r["product"], r["month"]) for r in rows})


async def take_months(tx: Tx, limit: int) -> list[tuple[int, date]]:
    """Claim months to judge; waits for a batch that is marking one, so its counts are seen."""
    rows = await tx.rows(
        """
        delete from usage_month where workspace_id = $1 and (product, month) in (
          select product, month from usage_month where workspace_id = $1 order by month, product limit $2)
        returning product, month
        """,
        tx.workspace_id,
        limit,
    )
    return sorted((r["product"], r["month"]) for r in rows)


class Months(Struct, frozen=True):
    """Use by product and month, with the names of the products for the evidence."""

    use: Mapping[tuple[int, date], list[MonthOfUse]]
    names: Mapping[int, str]


async def load_months(tx: Tx, months: Sequence[tuple[int, date]]) -> Months:
    """Everybody's use in these months: one row per entity, whose least active record stands for it."""
    rows = await tx.rows(
        """
        select m.product, m.month, r.entity_id, r.kind, min(a.record_id) as record, sum(a.n)::bigint as uses,
               array_agg(distinct a.day order by a.day) as days, count(distinct a.feature) as features,
               max((to_char(a.last_at at time zone 'UTC', 'YYYYMMDDHH24MISSUS') || a.last_event_id::text)
                   collate "C") as last
        from unnest($2::bigint[], $3::date[]) as m(product, month)
        join activity a on a.workspace_id = $1 and a.product = m.product and a.day >= m.month
                       and a.day < (m.month + interval '1 month')::date
        join record r on r.workspace_id = $1 and r.id = a.record_id
        group by m.product, m.month, r.entity_id, r.kind
        """,
        tx.workspace_id,
        [product for product, _ in months],
        [month for _, month in months],
    )
    use: dict[tuple[int, date], list[MonthOfUse]] = {key: [] for key in months}
    for r in rows:
        stamp, event = r["last"][:20], r["last"][20:]
        use[r["product"], r["month"]].append(
            MonthOfUse(
                entity=r["entity_id"],
                record=r["record"],
                kind=r["kind"],
                uses=r["uses"],
                features=r["features"],
                days_active=tuple(r["days"]),
                last_at=datetime.strptime(f"{stamp}+0000", "%Y%m%d%H%M%S%f%z"),
                last_event=UUID(event),
            )
        )
    named = await tx.rows(
        "select id, coalesce(nullif(name, ''), key) as name from node where workspace_id = $1 and id = any($2::bigint[])",
        tx.workspace_id,
        sorted({product for product, _ in months}),
    )
    return Months(use, {r["id"]: r["name"] for r in named})


async def last_of_day(
    tx: Tx, wanted: Sequence[tuple[int, int, date]]
) -> dict[tuple[int, int, date], tuple[datetime, UUID]]:
    """(entity, product, day) -> the time and id of the last event counted that day."""
    rows = await tx.rows(
        """
        select distinct on (w.entity_id, w.product, w.day) w.entity_id, w.product, w.day, a.last_at, a.last_event_id
        from unnest($2::bigint[], $3::bigint[], $4::date[]) as w(entity_id, product, day)
        join record r on r.workspace_id = $1 and r.entity_id = w.entity_id
        join activity a on a.workspace_id = $1 and a.record_id = r.id and a.product = w.product and a.day = w.day
        order by w.entity_id, w.product, w.day, a.last_at desc, a.last_event_id desc
        """,
        tx.workspace_id,
        [entity for entity, _, _ in wanted],
        [product for _, product, _ in wanted],
        [day for _, _, day in wanted],
    )
    return {(r["entity_id"], r["product"], r["day"]): (r["last_at"], r["last_event_id"]) for r in rows}


async def standing(tx: Tx, subjects: Collection[int], inferrer: str) -> set[int]:
    """The records that assertions of this inferrer about these subjects speak of now."""
    rows = await tx.rows(
        """
        select distinct src from assertion
        where workspace_id = $1 and subject = any($2::bigint[]) and inferrer = $3 and retracted_at is null
        """,
        tx.workspace_id,
        sorted(subjects),
        inferrer,
    )
    return {r["src"] for r in rows}
