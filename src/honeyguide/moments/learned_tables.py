"""SQL of what people said of moments and what was learned. Owns: moment_label, moment_half_life, moment_rate."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.moments.learned import HalfLife


class Label(Struct, frozen=True):
    """What somebody said of a moment. `true_moment`: it was one, it was none, or (None) that is not what they spoke about."""

    moment_id: UUID
    kind: str
    segment: str
    reason: str
    true_moment: bool | None
    actor: str
    note: str
    at: datetime


async def put_label(tx: Tx, label: Label) -> bool:
    """Keep the last word on a moment. Returns whether anything changed; an older word than what is known changes nothing."""
    return bool(
        await tx.run(
            """
            insert into moment_label as l (workspace_id, moment_id, kind, segment, reason, true_moment, actor, note, at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict (workspace_id, moment_id) do update set kind = excluded.kind, segment = excluded.segment,
              reason = excluded.reason, true_moment = excluded.true_moment, actor = excluded.actor, note = excluded.note,
              at = excluded.at
            where (excluded.at, excluded.reason) > (l.at, l.reason)
            """,
            tx.workspace_id,
            label.moment_id,
            label.kind,
            label.segment,
            label.reason,
            label.true_moment,
            label.actor,
            label.note,
            label.at,
        )
    )


async def labels_of(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Row]:
    """What was said of these moments."""
    rows = await tx.rows(
        "select moment_id, reason, true_moment, actor, note, at from moment_label "
        "where workspace_id = $1 and moment_id = any($2::uuid[])",
        tx.workspace_id,
        sorted(ids),
    )
    return {UUID(int=r["moment_id"].int): r for r in rows}


async def tallies(tx: Tx) -> list[Row]:
    """How many moments of each kind and segment were found real and false, and how many were spoken of."""
    return await tx.rows(
        """
        select kind, segment, count(*) filter (where true_moment) as right_ones,
               count(*) filter (where not true_moment) as wrong_ones, count(*) as said
        from moment_label where workspace_id = $1 group by kind, segment order by kind, segment
        """,
        tx.workspace_id,
    )


async def half_lives(tx: Tx) -> list[Row]:
    """The newest version: kind, segment, hours, low, high, n, shared, version, digest, at."""
    return await tx.rows(
        """
        select kind, segment, hours, low, high, n, shared, version, digest, at from moment_half_life
        where workspace_id = $1 and version = (select max(version) from moment_half_life where workspace_id = $1)
        order by kind, segment
        """,
        tx.workspace_id,
    )


async def put_half_lives(
    tx: Tx, version: int, found: Mapping[tuple[str, str], HalfLife], digest: str, at: datetime
) -> None:
    """Keep a version. Versions are never changed."""
    keys = sorted(found)
    await tx.run(
        """
        insert into moment_half_life (workspace_id, version, kind, segment, hours, low, high, n, shared, digest, at)
        select $1, $2, h.kind, h.segment, h.hours, h.low, h.high, h.n, h.shared, $3, $4
        from unnest($5::text[], $6::text[], $7::float8[], $8::float8[], $9::float8[], $10::int[], $11::int[])
          as h(kind, segment, hours, low, high, n, shared)
        """,
        tx.workspace_id,
        version,
        digest,
        at,
        [k for k, _ in keys],
        [s for _, s in keys],
        [found[k].hours for k in keys],
        [found[k].low for k in keys],
        [found[k].high for k in keys],
        [found[k].n for k in keys],
        [found[k].shared for k in keys],
    )


async def people(tx: Tx) -> list[Row]:
    """Every persona with when it was first seen and the facts of its company that tell the segment."""
    return await tx.rows(
        """
        select p.id, p.first_seen_at, c.props from node p
        left join node c on c.workspace_id = p.workspace_id and c.kind = 2
          and c.id = case when p.props ->> 'company' ~ '^-?[0-9]+$' then (p.props ->> 'company')::bigint end
        where p.workspace_id = $1 and p.kind = 1
        """,
        tx.workspace_id,
    )


async def counts(tx: Tx, since: datetime, until: datetime, personas: Collection[int] | None = None) -> list[Row]:
    """How many moments of each kind came to each persona in (since, until]; those of companies are nobody's."""
    return await tx.rows(
        """
        select r.entity_id as persona, m.kind, count(*) as n from moment m
        join record r on r.workspace_id = m.workspace_id and r.id = m.record_id and r.kind = 'persona'
        where m.workspace_id = $1 and m.occurred_at > $2 and m.occurred_at <= $3
          and ($4::bigint[] is null or m.record_id in (
            select k.id from record k where k.workspace_id = $1 and k.entity_id = any($4)))
        group by r.entity_id, m.kind
        """,
        tx.workspace_id,
        since,
        until,
        None if personas is None else sorted(personas),
    )


async def company_counts(tx: Tx, since: datetime, until: datetime, companies: Collection[int]) -> list[Row]:
    """How many moments of each kind came to each of these companies as a whole in (since, until]."""
    return await tx.rows(
        """
        select r.entity_id as company, m.kind, count(*) as n from record r
        join moment m on m.workspace_id = r.workspace_id and m.record_id = r.id
        where r.workspace_id = $1 and r.entity_id = any($4::bigint[]) and m.occurred_at > $2 and m.occurred_at <= $3
        group by r.entity_id, m.kind
        """,
        tx.workspace_id,
        since,
        until,
        sorted(companies),
    )


async def put_rates(tx: Tx, found: Mapping[tuple[str, str], tuple[float, float]], at: datetime) -> None:
    """The counts of (segment, kind) are exactly these: moments, and the days in which they came."""
    keys = sorted(found)
    await tx.run("delete from moment_rate where workspace_id = $1", tx.workspace_id)
    await tx.run(
        """
        insert into moment_rate (workspace_id, segment, kind, n, days, at)
        select $1, r.segment, r.kind, r.n, r.days, $2 from unnest($3::text[], $4::text[], $5::int[], $6::float8[])
          as r(segment, kind, n, days)
        """,
        tx.workspace_id,
        at,
        [s for s, _ in keys],
        [k for _, k in keys],
        [int(found[k][0]) for k in keys],
        [found[k][1] for k in keys],
    )


async def rates(tx: Tx) -> dict[tuple[str, str], tuple[float, float]]:
    """(segment, kind) -> moments counted, days they came in."""
    rows = await tx.rows("select segment, kind, n, days from moment_rate where workspace_id = $1", tx.workspace_id)
    return {(r["segment"], r["kind"]): (float(r["n"]), r["days"]) for r in rows}
