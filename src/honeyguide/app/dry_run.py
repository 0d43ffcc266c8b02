"""What would change if the log were read again with today's decoders and mappings: told without touching anything.

The log is carried along the real road into a scratch copy: the same tables under a negative workspace number, which no
directory lists, no session opens and no worker visits. Then each derived table is compared with the real one, of one
moment, row by row. Steps are short transactions with the place they reached, so a run can be killed and goes on.

Cost: the road's own time for every row of the log (some thousand rows a second and core), the derived tables once more
on disk until the end, and one ordered pass over both copies. Nothing waits for it: no lock of the road is taken.
"""

import logging
from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec

from honeyguide import funnel
from honeyguide.app import differences, replay, road
from honeyguide.core.errors import Unavailable
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database, Row, Tx, cursors
from honeyguide.funnel import ReplayRun, mappings, replay_tables

_log = logging.getLogger(__name__)
BATCH = 500
# What steps read and no event says: copied into the scratch as it is.
GIVEN = ("identity_protection", "identity_settled", "moment_day")
_NOWHERE = {"last_xid": "0", "last_seq": 0}
_SAMPLED = 3  # rows a batch that are shown as decoding differently


async def step(db: Database, workspace_id: int, run: ReplayRun) -> bool:
    """Read the next rows of a dry run into its scratch. False when it has come to where the road is."""
    held = await _held(db, run)
    async with db.tx(workspace_id) as tx:
        rows = await cursors.read(tx, held, BATCH, road.ROAD)
        today, before = await _readers(tx, run, rows)
    if not rows:
        return False
    await _carry(db, run, rows, today, before)
    return True


async def begin(db: Database, workspace_id: int, run: ReplayRun) -> int:
    """Empty the scratch and copy what steps are given into it. Returns about how many rows there are to read."""
    await clear(db, run)
    async with db.tx(workspace_id) as tx:
        place = await cursors.position(tx, road.ROAD)
        total: int = await tx.value("select coalesce(sum(consumed), 0)::bigint from consumer_cursor "
                                    "where workspace_id = $1 and consumer = $2", workspace_id, road.ROAD)  # fmt: skip
        copies = {table: await _copy(tx, table) for table in GIVEN if await tx.value("select to_regclass($1)", table)}
    async with db.tx(run.scratch) as tx:
        for table, rows in copies.items():
            for row in rows:
                names = list(row)
                marks = ", ".join(f"${n}" for n in range(2, len(names) + 2))
                await tx.run(
                    f"insert into {table} (workspace_id, {', '.join(names)}) values ($1, {marks})",
                    run.scratch, *row.values(),
                )  # fmt: skip
    return total if place else 0


async def _copy(tx: Tx, table: str) -> list[dict[str, Any]]:
    rows = await tx.rows(f"select * from {table} where workspace_id = $1", tx.workspace_id)
    return [{k: v for k, v in row.items() if k != "workspace_id"} for row in rows]


async def compare(db: Database, workspace_id: int, run: ReplayRun) -> tuple[dict[str, Any], list[Any]]:
    """Bring the scratch to exactly where the road is and say how each derived table would change, with a sample."""
    while await road.statistics(db, workspace_id):
        pass
    changes: dict[str, Any] = {}
    shown: list[Any] = []
    async with db.tx(workspace_id, snapshot=True) as real:
        while rows := await cursors.read(real, await _held(db, run), BATCH, road.ROAD):
            await _carry(db, run, rows, *(await _readers(real, run, rows)))
        while await road.statistics(db, run.scratch):
            await real.value("select 1")  # a transaction that idles for a minute is cut off
        async with db.tx(run.scratch, snapshot=True) as scratch:
            for table, history in replay.DERIVED.items():
                where = replay.active(table)
                found = await differences.compare(real, scratch, table, history, where)
                changes[table] = {
                    "same": found.same, "changed": found.changed, "added": found.added, "removed": found.removed,
                }  # fmt: skip
                shown += await differences.sample(real, scratch, table, history, where, found)
    return changes, shown


async def progress(db: Database, run: ReplayRun) -> tuple[int, int, list[Any]]:
    """Rows read, how many of them decode differently, and some of those."""
    async with db.tx(run.scratch) as tx:
        places = await replay_tables.place(tx)
    sample = [one for place in places for one in place["sample"]]
    return sum(p["n"] for p in places), sum(p["differently"] for p in places), sample


async def clear(db: Database, run: ReplayRun) -> None:
    """Remove everything of the scratch."""
    async with db.tx(run.scratch) as tx:
        tables = await tx.rows(
            "select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' "
            "where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace "
            "and has_table_privilege(c.oid, 'delete') and c.relname <> 'directory' order by c.relname"
        )
        for table in tables:
            await tx.run(f'delete from "{table["name"]}" where workspace_id = $1', run.scratch)


async def _held(db: Database, run: ReplayRun) -> dict[int, Any]:
    async with db.tx(run.scratch) as tx:
        places = {row["lane"]: row for row in await replay_tables.place(tx)}
    return {lane: places.get(lane, _NOWHERE) for lane in cursors.READ_ORDER}


class _Before(msgspec.Struct):
    """How rows were read before: by source, who read which row."""

    readers: dict[int, mappings.Readers]
    differs: dict[tuple[int, int], funnel.Source]

    def source(self, row: Row) -> funnel.Source | None:
        """The source as the version that read the row had it; None when that is today's."""
        known = self.readers.get(row["source_id"])
        version = known.version_of(row["lane"], int(row["at_xid"]), row["seq"]) if known else None
        return self.differs.get((row["source_id"], version)) if version is not None else None


async def _readers(tx: Tx, run: ReplayRun, rows: Sequence[Row]) -> tuple[funnel.Reader, _Before]:
    today = await funnel.open_reader(tx)
    before = _Before({}, {})
    for source_id in {row["source_id"] for row in rows}:
        source = today.sources[source_id]
        known = before.readers[source_id] = await mappings.readers(tx, source_id)
        now = mappings.mapping_of(source)[1]
        for version, definition in known.definitions.items():
            if mappings.content(definition) != mappings.content(now):
                old = mappings.as_of(source, definition)
                before.differs[source_id, version] = msgspec.structs.replace(old, workspace_id=run.scratch)
    today.sources = {i: msgspec.structs.replace(s, workspace_id=run.scratch) for i, s in today.sources.items()}
    return today, before


def _chosen(run: ReplayRun, row: Row) -> bool:
    return (
        run.source_id in (None, row["source_id"])
        and (run.received_from is None or row["received_at"] >= run.received_from)
        and (run.received_to is None or row["received_at"] <= run.received_to)
    )


async def _carry(db: Database, run: ReplayRun, rows: Sequence[Row], today: funnel.Reader, before: _Before) -> None:
    read = [(row, *_read(run, row, today, before)) for row in rows]
    try:
        async with db.tx(run.scratch) as tx:
            events = [event for _, found, _ in read for event in found]
            if events:
                await road.travel(tx, events)
            await _move(tx, run, read)
        return
    except (Unavailable, asyncpg.PostgresConnectionError, asyncpg.TransactionRollbackError):
        raise
    except Exception:  # noqa: BLE001  # as on the road: the row at fault is found and left out
        _log.warning("dry run %s: a batch failed; carrying its rows one by one", run.id, exc_info=True)
    for one in read:
        async with db.tx(run.scratch) as tx:
            await tx.run("savepoint one")
            try:
                await road.travel(tx, one[1])
            except Exception:  # noqa: BLE001  # the real row is in dead letters for the same reason
                await tx.run("rollback to savepoint one")
            await _move(tx, run, [one])


async def _move(tx: Tx, run: ReplayRun, read: Sequence[tuple[Row, list[CanonicalEvent], Any]]) -> None:
    last = read[-1][0]
    differing = [other for _, _, other in read if other is not None]
    chosen = sum(_chosen(run, row) for row, _, _ in read)
    await replay_tables.move(
        tx, last["lane"], last["at_xid"], last["seq"], chosen, len(differing), differing[:_SAMPLED]
    )


def _read(run: ReplayRun, row: Row, today: funnel.Reader, before: _Before) -> tuple[list[CanonicalEvent], Any]:
    """The events the scratch is given for a row, and how they differ from what they were (None: not at all)."""
    old = before.source(row)
    if old is None:
        return _events(today, row), None
    as_it_was = _events(funnel.Reader({old.id: old}, today.plans), row)
    if not _chosen(run, row):
        return as_it_was, None
    now = _events(today, row)
    if now == as_it_was:
        return now, None
    shown = {"event_id": str(row["event_id"]), "before": _shown(as_it_was), "after": _shown(now)}
    return now, {"table": "event", "change": "changed", **shown}


def _events(reader: funnel.Reader, row: Row) -> list[CanonicalEvent]:
    try:
        return reader.events(row)
    except funnel.PutAside:
        return []


def _shown(events: Sequence[CanonicalEvent]) -> list[Any]:
    plain = msgspec.to_builtins(list(events[:5]))
    return [{k: v for k, v in event.items() if k not in ("workspace_id", "event_id")} for event in plain]
