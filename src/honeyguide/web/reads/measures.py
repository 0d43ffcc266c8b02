"""Figures for the overview, the lift page and the live pulse. Counts are cheap; the overview remembers them."""

from datetime import datetime, timedelta

from honeyguide.db import Row, Tx, cursors
from honeyguide.graph.kinds import NODE


async def counts(tx: Tx) -> Row | None:
    """What the overview shows in one statement (money in minor units of the workspace's currency)."""
    return await tx.row(
        "select w.currency, "
        f"(select count(*) from node where workspace_id = $1 and kind = {NODE['persona']}) as personas, "
        f"(select count(*) from node where workspace_id = $1 and kind = {NODE['company']}) as companies, "
        "(select count(*) from edge where workspace_id = $1) as edges, "
        "(select coalesce(sum(n), 0)::bigint from ingest_count where workspace_id = $1 and outcome = 'accepted') as events, "
        "(select max(last_at) from ingest_count where workspace_id = $1 and outcome = 'accepted') as last_event_at, "
        "(select count(*) from ask where workspace_id = $1 and state = 'suggested') as queue, "
        "(select count(*) from ask where workspace_id = $1 and state = 'sent') as asks_sent, "
        "(select count(*) from referral where workspace_id = $1 and stage <> 'rejected') as referrals, "
        "(select count(*) from conversion where workspace_id = $1) as won, "
        "(select coalesce(sum(amount_minor), 0)::bigint from conversion where workspace_id = $1 and currency = w.currency) "
        "as won_minor from workspace w where w.id = $1",
        tx.workspace_id,
    )


async def rewards_by_state(tx: Tx, currency: str) -> dict[str, int]:
    """Rewards in minor units of one currency, per state."""
    rows = await tx.rows(
        "select state, sum(amount_minor)::bigint as total from reward where workspace_id = $1 and currency = $2 group by state",
        tx.workspace_id,
        currency,
    )
    return {r["state"]: r["total"] for r in rows}


async def per_minute(tx: Tx, now: datetime) -> list[int]:
    """Events received in each of the last sixty minutes, oldest first."""
    start = now - timedelta(minutes=60)
    rows = await tx.rows(
        "select floor(extract(epoch from (received_at - $2)) / 60)::int as minute, count(*) as n from event_log "
        "where workspace_id = $1 and received_at >= $2 and received_at <= $3 group by 1",
        tx.workspace_id,
        start,
        now,
    )
    found = {r["minute"]: r["n"] for r in rows}
    return [found.get(minute, 0) for minute in range(60)]


async def evaluations(tx: Tx, before: int | None, limit: int) -> list[Row]:
    """Evaluations, newest first."""
    return await tx.rows(
        "select id, at, metric, method, n_treated, n_holdout, estimate, lower, upper, verdict, detail from evaluation "
        "where workspace_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3",
        tx.workspace_id,
        before,
        limit,
    )


async def count_evaluations(tx: Tx) -> int:
    """How many evaluations there are."""
    found: int = await tx.value("select count(*) from evaluation where workspace_id = $1", tx.workspace_id)
    return found


async def waiting(tx: Tx) -> dict[int, int]:
    """Per source, how many rows of the log the slowest consumer has not read yet (counted up to 10,000)."""
    rows = await tx.rows(
        "with behind as (select distinct on (lane) lane, last_xid, last_seq from consumer_cursor where workspace_id = $1 "
        "order by lane, last_xid, last_seq) "
        "select source_id, count(*) as n from (select l.source_id from unnest($2::smallint[]) as w (lane) "
        "left join behind b on b.lane = w.lane join event_log l on l.workspace_id = $1 and l.lane = w.lane "
        "where b.last_xid is null or (l.xid, l.seq) > (b.last_xid, b.last_seq) limit 10000) as late group by source_id",
        tx.workspace_id, sorted(cursors.LANES),
    )  # fmt: skip
    return {r["source_id"]: r["n"] for r in rows}
