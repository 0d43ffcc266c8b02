"""Replays that were asked for, carried out in short steps by whoever comes: a worker, or the command line."""

from honeyguide import funnel
from honeyguide.app import dry_run, replay, road
from honeyguide.core import clock
from honeyguide.core.errors import HoneyguideError, Unavailable
from honeyguide.db import Database, Tx
from honeyguide.funnel import ReplayRun, replay_tables


async def step(db: Database, workspace_id: int, run_id: int | None = None) -> int:
    """Carry an unfinished replay (this one, or the oldest) one step on. Returns 0 when there is none.

    Two that step the same run do some work twice and nothing wrong: a dry run's place moves with what it derives, and
    a replay's tables are emptied in the transaction that keeps their digests.
    """
    async with db.tx(workspace_id) as tx:
        run = await funnel.unfinished_replay(tx, run_id)
    if run is None:
        return 0
    try:
        await (_dry(db, workspace_id, run) if run.dry else _earnest(db, workspace_id, run))
    except Unavailable:
        raise
    except HoneyguideError as e:
        await _put(db, workspace_id, run, state="failed", failure=e.sentence())
    return 1


async def _dry(db: Database, workspace_id: int, run: ReplayRun) -> None:
    if run.state == "waiting":
        total = await dry_run.begin(db, workspace_id, run)
        await _put(db, workspace_id, run, state="running", total=total)
    elif run.state == "running":
        more = await dry_run.step(db, workspace_id, run)
        n, differently, sample = await dry_run.progress(db, run)
        await _put(
            db, workspace_id, run, state="running" if more else "comparing", n=n, differently=differently, sample=sample
        )
    else:
        changes, shown = await dry_run.compare(db, workspace_id, run)
        n, differently, sample = await dry_run.progress(db, run)
        await _put(
            db, workspace_id, run, state="done", n=n, differently=differently, changes=changes, sample=sample + shown
        )
        await dry_run.clear(db, run)


async def _earnest(db: Database, workspace_id: int, run: ReplayRun) -> None:
    if run.state == "waiting":
        await road.catch_up(db, workspace_id)
        async with db.tx(workspace_id) as tx:
            total = await tx.value(
                "select coalesce(sum(consumed), 0)::bigint from consumer_cursor where workspace_id = $1 and consumer = $2",
                workspace_id, road.ROAD,
            )  # fmt: skip
            before = await replay.empty(tx)
            values = {"state": "running", "total": total, "changes": {"before": before}}
            await replay_tables.put(tx, run.id, values, clock.now())
        return
    await road.catch_up(db, workspace_id)
    async with db.tx(workspace_id) as tx:
        after = await replay.digests(tx)
        await _finish(tx, run, after)


async def _finish(tx: Tx, run: ReplayRun, after: dict[str, str]) -> None:
    before: dict[str, str] = run.changes.get("before", {})
    changes = {table: _counts(before.get(table, "0:"), said) for table, said in after.items()}
    values = {"state": "done", "n": run.total, "changes": changes}
    await replay_tables.put(tx, run.id, values, clock.now())


def _counts(before: str, after: str) -> dict[str, object]:
    """A digest tells whether a table came out the same, not which of its rows did not."""
    n, rows = int(after.partition(":")[0]), int(before.partition(":")[0])
    if before == after:
        return {"same": n, "changed": 0, "added": 0, "removed": 0}
    return {"same": 0, "changed": min(n, rows), "added": max(n - rows, 0), "removed": max(rows - n, 0)}


async def _put(db: Database, workspace_id: int, run: ReplayRun, **values: object) -> None:
    async with db.tx(workspace_id) as tx:
        await replay_tables.put(tx, run.id, values, clock.now())
