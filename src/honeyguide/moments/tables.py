"""SQL of moments. Owns: moment, incident."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from honeyguide.db import Row, Tx
from honeyguide.graph.kinds import EDGE
from honeyguide.moments.incident import Incident
from honeyguide.moments.moment import VERSION, Moment, plain
from honeyguide.moments.product_milestone import DayOfUse


async def replace_moments(
    tx: Tx, subjects: Collection[int], kinds: Sequence[str], moments: Sequence[Moment]
) -> list[UUID]:
    """The moments of these subjects are exactly these. Returns the ids of those that are new or changed."""
    if not subjects:
        return []
    await tx.run(
        """
        delete from moment where workspace_id = $1 and subject = any($2::bigint[]) and kind = any($3::text[])
          and id <> all($4::uuid[])
        """,
        tx.workspace_id,
        sorted(subjects),
        list(kinds),
        [m.id for m in moments],
    )
    return await _write(tx, moments) if moments else []


async def _write(tx: Tx, moments: Sequence[Moment]) -> list[UUID]:
    ordered = sorted(moments, key=lambda m: m.id)
    rows = await tx.rows(
        """
        insert into moment (workspace_id, id, kind, subject, record_id, company_record_id, strength, title, occurred_at,
                            window_ends_at, half_life_hours, detector_version, event_id, evidence)
        select $1, m.id, m.kind, m.subject, m.record_id, m.company_id, m.strength, m.title, m.occurred_at, m.window_ends_at,
               m.half_life, $13, m.event_id, m.evidence -> 'list'
        from unnest($2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::real[], $8::text[],
                    $9::timestamptz[], $10::timestamptz[], $11::real[], $12::uuid[], $14::jsonb[])
          as m(id, kind, subject, record_id, company_id, strength, title, occurred_at, window_ends_at, half_life, event_id,
               evidence)
        on conflict (workspace_id, id) do update set
          subject = excluded.subject, record_id = excluded.record_id, company_record_id = excluded.company_record_id,
          strength = excluded.strength, title = excluded.title, occurred_at = excluded.occurred_at,
          window_ends_at = excluded.window_ends_at, half_life_hours = excluded.half_life_hours,
          detector_version = excluded.detector_version, event_id = excluded.event_id, evidence = excluded.evidence
        where (moment.subject, moment.company_record_id, moment.strength, moment.title, moment.occurred_at,
               moment.window_ends_at, moment.event_id, moment.evidence, moment.detector_version)
          is distinct from (excluded.subject, excluded.company_record_id, excluded.strength, excluded.title,
               excluded.occurred_at, excluded.window_ends_at, excluded.event_id, excluded.evidence, excluded.detector_version)
        returning id
        """,
        tx.workspace_id,
        [m.id for m in ordered],
        [m.kind for m in ordered],
        [m.subject for m in ordered],
        [m.record for m in ordered],
        [m.company for m in ordered],
        [m.strength for m in ordered],
        [m.title for m in ordered],
        [m.occurred_at for m in ordered],
        [m.window_ends_at for m in ordered],
        [m.half_life_hours for m in ordered],
        [m.event_id for m in ordered],
        VERSION,
        [{"list": plain(m.evidence)} for m in ordered],  # the driver takes no array of arrays
    )
    return [row["id"] for row in rows]


async def replace_incidents(tx: Tx, subjects: Collection[int], incidents: Sequence[Incident]) -> None:
    """The incidents of these subjects are exactly these."""
    if not subjects:
        return
    await tx.run(
        "delete from incident where workspace_id = $1 and subject = any($2::bigint[]) and subject <> all($3::bigint[])",
        tx.workspace_id,
        sorted(subjects),
        [i.subject for i in incidents],
    )
    if not incidents:
        return
    ordered = sorted(incidents, key=lambda i: i.subject)
    await tx.run(
        """
        insert into incident (workspace_id, subject, kind, record_id, company_record_id, reason, source, ref, event_id,
                              since, ends_at)
        select $1, * from unnest($2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[],
                                 $9::uuid[], $10::timestamptz[], $11::timestamptz[])
        on conflict (workspace_id, subject) do update set
          kind = excluded.kind, record_id = excluded.record_id, company_record_id = excluded.company_record_id,
          reason = excluded.reason, source = excluded.source, ref = excluded.ref, event_id = excluded.event_id,
          since = excluded.since, ends_at = excluded.ends_at
        """,
        tx.workspace_id,
        [i.subject for i in ordered],
        [i.kind for i in ordered],
        [i.record for i in ordered],
        [i.company for i in ordered],
        [i.reason for i in ordered],
        [i.source for i in ordered],
        [i.ref for i in ordered],
        [i.event_id for i in ordered],
        [i.since for i in ordered],
        [i.ends_at for i in ordered],
    )


async def load_incidents(tx: Tx, companies: Collection[int], now: datetime) -> list[Row]:
    """Incidents standing at `now` of these company entities: their own, and those of the people who work there."""
    return await tx.rows(
        """
        select c.entity_id as company, i.kind, i.reason, i.since, i.source, i.ref, i.event_id
        from record c join incident i on i.workspace_id = c.workspace_id and i.company_record_id = c.id
        where c.workspace_id = $1 and c.entity_id = any($2::bigint[]) and i.since <= $3 and i.ends_at > $3
        union
        select e.dst, i.kind, i.reason, i.since, i.source, i.ref, i.event_id
        from edge e
        join record p on p.workspace_id = e.workspace_id and p.entity_id = e.src
        join incident i on i.workspace_id = p.workspace_id and i.record_id = p.id
        where e.workspace_id = $1 and e.kind = $4 and e.dst = any($2::bigint[]) and i.since <= $3 and i.ends_at > $3
          and (e.valid_to is null or e.valid_to > $3)
        """,
        tx.workspace_id,
        sorted(companies),
        now,
        EDGE["works_at"],
    )


async def last_crossings(tx: Tx, subjects: Collection[int]) -> dict[int, datetime]:
    """Subject -> when the latest of its standing moments occurred."""
    rows = await tx.rows(
        """
        select subject, max(occurred_at) as last from moment
        where workspace_id = $1 and subject = any($2::bigint[]) group by subject
        """,
        tx.workspace_id,
        sorted(subjects),
    )
    return {r["subject"]: r["last"] for r in rows}


async def totals_of_use(tx: Tx, records: Collection[int]) -> dict[tuple[int, int], int]:
    """(record, product) -> all its uses."""
    rows = await tx.rows(
        "select record_id, product, n from usage_total where workspace_id = $1 and record_id = any($2::bigint[])",
        tx.workspace_id,
        sorted(records),
    )
    return {(r["record_id"], r["product"]): r["n"] for r in rows}


async def siblings(tx: Tx, entities: Collection[int]) -> dict[int, list[int]]:
    """The records of these entities, in ascending order."""
    rows = await tx.rows(
        "select entity_id, id from record where workspace_id = $1 and entity_id = any($2::bigint[]) order by id",
        tx.workspace_id,
        sorted(entities),
    )
    found: dict[int, list[int]] = {}
    for r in rows:
        found.setdefault(r["entity_id"], []).append(r["id"])
    return found


async def days_of_use(tx: Tx, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], list[tuple[int, DayOfUse]]]:
    """(entity, product) -> (a record active that day, the day), over all records of the entity."""
    ordered = sorted(pairs)
    rows = await tx.rows(
        """
        select p.entity_id, p.product, a.day, min(a.record_id) as record, sum(a.n)::bigint as n, max(a.last_at) as last_at,
               (array_agg(a.last_event_id order by a.last_at desc, a.last_event_id desc))[1] as last_event
        from unnest($2::bigint[], $3::bigint[]) as p(entity_id, product)
        cross join lateral (select id from record where workspace_id = $1 and entity_id = p.entity_id offset 0) r
        cross join lateral (
          select record_id, day, n, last_at, last_event_id from activity
          where workspace_id = $1 and record_id = r.id and product = p.product offset 0) a
        group by p.entity_id, p.product, a.day
        order by p.entity_id, p.product, a.day
        """,
        tx.workspace_id,
        [entity for entity, _ in ordered],
        [product for _, product in ordered],
    )
    found: dict[tuple[int, int], list[tuple[int, DayOfUse]]] = {}
    for r in rows:
        day = DayOfUse(r["day"], r["n"], r["last_at"], r["last_event"])
        found.setdefault((r["entity_id"], r["product"]), []).append((r["record"], day))
    return found


async def names_of(tx: Tx, nodes: Collection[int]) -> dict[int, str]:
    """The natural keys of nodes (a product's slug): they never change, so titles made of them do not either."""
    rows = await tx.rows(
        "select id, key from node where workspace_id = $1 and id = any($2::bigint[])", tx.workspace_id, sorted(nodes)
    )
    return {r["id"]: r["key"] for r in rows}


async def power_months(tx: Tx, records: Collection[int], inferrer: str) -> list[dict[str, Any]]:
    """The standing assertions that these records are power users, whole."""
    rows = await tx.rows(
        """
        select a.src, a.dst, a.confidence, a.source_ref, a.event_id, a.detail, a.inferrer, a.inferrer_version
        from assertion a
        where a.workspace_id = $1 and a.src = any($2::bigint[]) and a.kind = $3 and a.inferrer = $4
          and a.retracted_at is null and a.supports
        """,
        tx.workspace_id,
        sorted(records),
        EDGE["power_user_of"],
        inferrer,
    )
    return [dict(r) for r in rows]
