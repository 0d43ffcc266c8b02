"""SQL of what moments stand on, read from the stages below: words and scores of people, contracts, jobs, days of use."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from honeyguide.db import Row, Tx
from honeyguide.graph.kinds import EDGE
from honeyguide.moments.usage_spike import FeatureDay

_JUDGING = ("praised", "complained_of")
_TELLING = (*_JUDGING, "champion_of")


async def authors_of(tx: Tx, subjects: Collection[int]) -> set[int]:
    """The records about whose praise, complaint or championship these subjects say or said something."""
    rows = await tx.rows(
        """
        select distinct src from assertion
        where workspace_id = $1 and subject = any($2::bigint[]) and kind = any($3::smallint[])
        """,
        tx.workspace_id,
        sorted(subjects),
        [EDGE[k] for k in _TELLING],
    )
    return {r["src"] for r in rows}


async def judged(tx: Tx, records: Collection[int]) -> list[Row]:
    """What is stated and believed of praise and complaints by these records, each with the belief in its edge."""
    return await tx.rows(
        """
        select a.src as record, a.kind, a.dst, a.subject, a.confidence, a.valid_from as at, a.quote, a.source, a.source_ref,
               a.inferrer, a.inferrer_version, a.event_id, a.detail ->> 'author' as author, e.confidence as belief,
               n.kind as about_kind, n.name as about
        from assertion a
        join record r on r.workspace_id = a.workspace_id and r.id = a.src
        join edge e on e.workspace_id = a.workspace_id and e.src = r.entity_id and e.dst = a.dst and e.kind = a.kind
        left join node n on n.workspace_id = a.workspace_id and n.id = a.dst
        where a.workspace_id = $1 and a.src = any($2::bigint[]) and a.kind = any($3::smallint[])
          and a.supports and not a.ends and a.retracted_at is null and a.event_id is not null and a.quote <> ''
        """,
        tx.workspace_id,
        sorted(records),
        [EDGE[k] for k in _JUDGING],
    )


async def scored(tx: Tx, records: Collection[int]) -> set[int]:
    """The subjects in which these records gave a score."""
    rows = await tx.rows(
        """
        select distinct subject from signal
        where workspace_id = $1 and record_id = any($2::bigint[]) and kind in ('survey.answered', 'ticket.rated')
        """,
        tx.workspace_id,
        sorted(records),
    )
    return {r["subject"] for r in rows}


async def contracts_of(tx: Tx, records: Collection[int]) -> dict[int, set[int]]:
    """Record -> the subscriptions and deals it is named in: a company's, and a person's without a company."""
    rows = await tx.rows(
        """
        select company_record_id as record, subject from signal
        where workspace_id = $1 and company_record_id = any($2::bigint[]) and subject_kind in ('subscription', 'deal')
        union
        select record_id, subject from signal
        where workspace_id = $1 and record_id = any($2::bigint[]) and subject_kind in ('subscription', 'deal')
          and company_record_id is null
        """,
        tx.workspace_id,
        sorted(records),
    )
    found: dict[int, set[int]] = {}
    for r in rows:
        found.setdefault(r["record"], set()).add(r["subject"])
    return found


async def movers(tx: Tx, personas: Collection[int], companies: Collection[int]) -> set[int]:
    """Of these personas, and of the people of these companies, those who were seen at more than one company."""
    rows = await tx.rows(
        """
        with who as (
          select p.id from unnest($2::bigint[]) as p(id)
          union
          select w.src from edge w where w.workspace_id = $1 and w.kind = $4 and w.dst = any($3::bigint[]))
        select e.src from who join edge e on e.src = who.id
        where e.workspace_id = $1 and e.kind = $4
        group by e.src having count(*) > 1
        """,
        tx.workspace_id,
        sorted(personas),
        sorted(companies),
        EDGE["works_at"],
    )
    return {r["src"] for r in rows}


async def people_of(tx: Tx, companies: Collection[int]) -> set[int]:
    """Everybody who was ever seen at these companies."""
    rows = await tx.rows(
        "select distinct src from edge where workspace_id = $1 and kind = $3 and dst = any($2::bigint[])",
        tx.workspace_id,
        sorted(companies),
        EDGE["works_at"],
    )
    return {r["src"] for r in rows}


async def sightings(tx: Tx, records: Collection[int]) -> list[Row]:
    """Every statement about where these records work, with the company as it is known now and the firms of its house."""
    return await tx.rows(
        """
        select a.src as record, c.entity_id as company, a.dst as company_record, n.name, n.props ->> 'domain' as domain,
               a.valid_from, a.last_seen_at, a.seen, a.ends, a.source, a.source_ref, a.event_id,
               array(select h.dst from edge h where h.workspace_id = $1 and h.kind = $4 and h.src = c.entity_id
                     union select d.src from edge d where d.workspace_id = $1 and d.kind = $4 and d.dst = c.entity_id) as house
        from assertion a
        join record c on c.workspace_id = a.workspace_id and c.id = a.dst
        left join node n on n.workspace_id = c.workspace_id and n.id = c.entity_id
        where a.workspace_id = $1 and a.src = any($2::bigint[]) and a.kind = $3 and a.supports and a.retracted_at is null
          and a.event_id is not null
        """,
        tx.workspace_id,
        sorted(records),
        EDGE["works_at"],
        EDGE["member_of"],
    )


async def grounds(tx: Tx, records: Collection[int], kinds: dict[int, str]) -> list[Row]:
    """The believed statements of these kinds (codes) about these records."""
    return await tx.rows(
        """
        select a.src as record, a.kind, least(a.confidence, e.confidence) as confidence, a.valid_from as since, a.quote,
               a.source, a.source_ref, a.inferrer, a.inferrer_version, a.event_id
        from assertion a
        join record r on r.workspace_id = a.workspace_id and r.id = a.src
        join edge e on e.workspace_id = a.workspace_id and e.src = r.entity_id and e.kind = a.kind
          and e.dst = coalesce((select d.entity_id from record d where d.workspace_id = a.workspace_id and d.id = a.dst), a.dst)
        where a.workspace_id = $1 and a.src = any($2::bigint[]) and a.kind = any($3::smallint[])
          and a.supports and not a.ends and a.retracted_at is null and a.event_id is not null
        """,
        tx.workspace_id,
        sorted(records),
        sorted(kinds),
    )


async def features_of_use(
    tx: Tx, pairs: Collection[tuple[int, int]]
) -> dict[tuple[int, int], list[tuple[int, FeatureDay]]]:
    """(entity, product) -> (a record active that day, the day of one feature), over all records of the entity."""
    ordered = sorted(pairs)
    rows = await tx.rows(
        """
        select p.entity_id, p.product, a.day, a.feature, min(a.record_id) as record, sum(a.n)::bigint as n,
               max(a.last_at) as last_at, (array_agg(a.last_event_id order by a.last_at desc, a.last_event_id desc))[1] as last_event
        from unnest($2::bigint[], $3::bigint[]) as p(entity_id, product)
        cross join lateral (select id from record where workspace_id = $1 and entity_id = p.entity_id offset 0) r
        cross join lateral (
          select record_id, day, feature, n, last_at, last_event_id from activity
          where workspace_id = $1 and record_id = r.id and product = p.product offset 0) a
        group by p.entity_id, p.product, a.day, a.feature
        order by p.entity_id, p.product, a.day, a.feature
        """,
        tx.workspace_id,
        [entity for entity, _ in ordered],
        [product for _, product in ordered],
    )
    found: dict[tuple[int, int], list[tuple[int, FeatureDay]]] = {}
    for r in rows:
        day = FeatureDay(r["day"], r["feature"], r["n"], r["last_at"], UUID(int=r["last_event"].int))
        found.setdefault((r["entity_id"], r["product"]), []).append((r["record"], day))
    return found


async def products_of_use(tx: Tx, records: Collection[int]) -> set[tuple[int, int]]:
    """(record, product) these records have used."""
    rows = await tx.rows(
        "select record_id, product from usage_total where workspace_id = $1 and record_id = any($2::bigint[])",
        tx.workspace_id,
        sorted(records),
    )
    return {(r["record_id"], r["product"]) for r in rows}


def said_by(row: Row) -> str:
    """Who inferred it, with the version."""
    return f"{row['inferrer']}@{row['inferrer_version']}"


def plain_uuid(value: Any) -> UUID:
    """The driver's id as Python's own, so that equal ids sort and print alike."""
    return UUID(int=value.int)
