"""What is read about sources: their newest rows, their days, the age of what they sent."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from honeyguide.db import Row, Tx

_ROW = (
    "seq, xid::text as xid, event_id, source_id, format, kind, message_id, event_time, received_at, sent_at, lane, body"
)


async def newest(tx: Tx, source_id: int, after: int, lanes: Sequence[int], limit: int, look_at: int) -> list[Row]:
    """The newest rows of a source beyond `after`, among the newest `look_at` of each lane; readers' horizon holds."""
    return await tx.rows(
        f"select t.* from unnest($4::smallint[]) as l (wanted) cross join lateral (select {_ROW} from event_log e "
        "where e.workspace_id = $1 and e.lane = l.wanted and e.xid < pg_snapshot_xmin(pg_current_snapshot()) "
        "order by e.xid desc, e.seq desc limit $6) as t where t.source_id = $2 and t.seq > $3 order by t.seq desc limit $5",
        tx.workspace_id, source_id, after, lanes, limit, look_at,
    )  # fmt: skip


async def received_between(tx: Tx, source_id: int, start: datetime, end: datetime, limit: int) -> list[Row]:
    """The newest rows of a source in a window of arrival."""
    return await tx.rows(
        f"select {_ROW} from event_log where workspace_id = $1 and source_id = $2 and received_at between $3 and $4 "
        "order by received_at desc, seq desc limit $5",
        tx.workspace_id, source_id, start, end, limit,
    )  # fmt: skip


async def problems(tx: Tx, events: Sequence[UUID]) -> list[Row]:
    """Open letters of these events."""
    return await tx.rows(
        "select event_id, stage, reason, detail from dead_letter where workspace_id = $1 and event_id = any($2::uuid[]) "
        "and state = 'open' order by id",
        tx.workspace_id, events,
    )  # fmt: skip


async def last_accepted(tx: Tx, source_id: int) -> datetime | None:
    """When the last event of a source was written."""
    found: datetime | None = await tx.value(
        "select max(last_at) from ingest_count where workspace_id = $1 and source_id = $2 and outcome = 'accepted'",
        tx.workspace_id, source_id,
    )  # fmt: skip
    return found


async def days(tx: Tx, source_id: int, since: date) -> list[Row]:
    """Inputs of a source per day and outcome since a day."""
    return await tx.rows(
        "select day, outcome, n from ingest_count where workspace_id = $1 and source_id = $2 and day >= $3 order by day",
        tx.workspace_id, source_id, since,
    )  # fmt: skip


async def recent(tx: Tx, since: date, letters_since: datetime) -> list[Row]:
    """Per source: inputs and days with any since a day, the last event, and open letters younger than a time."""
    return await tx.rows(
        "with counted as (select c.source_id, sum(c.n) filter (where c.outcome = 'accepted')::bigint as accepted, "
        "count(distinct c.day) filter (where c.outcome = 'accepted') as days, "
        "max(c.last_at) filter (where c.outcome in ('accepted', 'duplicate')) as last_at from ingest_count c "
        "where c.workspace_id = $1 and c.day >= $2 group by c.source_id), "
        "broken as (select d.source_id, count(*) as n from dead_letter d where d.workspace_id = $1 and d.state = 'open' "
        "and d.at >= $3 group by d.source_id) "
        "select s.id, s.paused_at, c.accepted, c.days, c.last_at, b.n as letters, "
        "(select max(x.last_at) from ingest_count x where x.workspace_id = $1 and x.source_id = s.id "
        "and x.outcome <> 'refused') as ever "
        "from source s left join counted c on c.source_id = s.id left join broken b on b.source_id = s.id "
        "where s.workspace_id = $1",
        tx.workspace_id, since, letters_since,
    )  # fmt: skip


async def set_paused(tx: Tx, source_id: int, at: datetime | None) -> bool:
    """Pause (or with None, resume) a source; False when there is none."""
    return bool(
        await tx.run(
            "update source set paused_at = $3 where workspace_id = $1 and id = $2", tx.workspace_id, source_id, at
        )
    )
