"""The table replay_run: replays that were asked for, and what they found."""

from datetime import datetime
from typing import Any

from honeyguide.db import Row, Tx

_RUN = (
    "id, actor, dry, source_id, received_from, received_to, state, n, total, differently, changes, sample, failure, "
    "started_at, updated_at"
)


async def start(
    tx: Tx, actor: str, dry: bool, source_id: int | None, window: tuple[datetime | None, datetime | None], at: datetime
) -> Row:
    """Insert a run."""
    row = await tx.row(
        "insert into replay_run (workspace_id, actor, dry, source_id, received_from, received_to, started_at, updated_at) "
        f"values ($1, $2, $3, $4, $5, $6, $7, $7) returning {_RUN}",
        tx.workspace_id, actor, dry, source_id, *window, at,
    )  # fmt: skip
    if row is None:
        raise RuntimeError("an insert returned no row")
    return row


async def run(tx: Tx, run_id: int) -> Row | None:
    """One run."""
    return await tx.row(f"select {_RUN} from replay_run where workspace_id = $1 and id = $2", tx.workspace_id, run_id)


async def runs(tx: Tx, after: int | None, limit: int) -> list[Row]:
    """The runs, newest first, below the id `after`."""
    return await tx.rows(
        f"select {_RUN} from replay_run where workspace_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3",
        tx.workspace_id, after, limit,
    )  # fmt: skip


async def count(tx: Tx) -> int:
    """How many runs there are."""
    found: int = await tx.value("select count(*) from replay_run where workspace_id = $1", tx.workspace_id)
    return found


async def unfinished(tx: Tx, run_id: int | None) -> Row | None:
    """A run that is not finished: this one, or the oldest."""
    return await tx.row(
        f"select {_RUN} from replay_run where workspace_id = $1 and state not in ('done', 'failed') "
        "and ($2::bigint is null or id = $2) order by id limit 1",
        tx.workspace_id, run_id,
    )  # fmt: skip


async def put(tx: Tx, run_id: int, values: dict[str, Any], at: datetime) -> None:
    """Set what a run has found so far; what is not given stays."""
    await tx.run(
        "update replay_run set state = coalesce($3, state), n = coalesce($4, n), total = coalesce($5, total), "
        "differently = coalesce($6, differently), changes = coalesce($7, changes), sample = coalesce($8, sample), "
        "failure = coalesce($9, failure), updated_at = $10 where workspace_id = $1 and id = $2",
        tx.workspace_id, run_id, values.get("state"), values.get("n"), values.get("total"), values.get("differently"),
        values.get("changes"), values.get("sample"), values.get("failure"), at,
    )  # fmt: skip


async def place(tx: Tx) -> list[Row]:
    """How far a dry run has read, by lane; the transaction is its scratch's."""
    return await tx.rows(
        "select lane, last_xid::text as last_xid, last_seq, n, differently, sample from replay_place where workspace_id = $1",
        tx.workspace_id,
    )


async def move(tx: Tx, lane: int, xid: str, seq: int, n: int, differently: int, sample: list[Any]) -> None:
    """Move a dry run on in one lane, in the transaction of what it derives."""
    await tx.run(
        "insert into replay_place (workspace_id, lane, last_xid, last_seq, n, differently, sample) "
        "values ($1, $2, $3::text::xid8, $4, $5, $6, $7) on conflict (workspace_id, lane) do update "
        "set last_xid = excluded.last_xid, last_seq = excluded.last_seq, n = replay_place.n + excluded.n, "
        "differently = replay_place.differently + excluded.differently, "
        "sample = case when jsonb_array_length(replay_place.sample) < 20 then replay_place.sample || excluded.sample "
        "else replay_place.sample end",
        tx.workspace_id, lane, xid, seq, n, differently, sample,
    )  # fmt: skip
