"""Bulk retries of dead letters: resumable, each letter in one transaction with the run's progress."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import Conflict, NotFound
from honeyguide.db import Database, Tx
from honeyguide.funnel import letter_tables
from honeyguide.funnel.letters import Carry, Filter, Retried, retry

IDS_MAX = 500


class LetterRun(Struct, frozen=True):
    """How far a bulk retry is."""

    id: int
    actor: str
    filter: list[Any]
    state: str
    upto: int
    last_id: int
    total: int
    done: int
    succeeded: int
    failed: int
    started_at: datetime
    updated_at: datetime


async def retry_many(tx: Tx, ids: Sequence[int], actor: str, carry: Carry) -> list[Retried]:
    """Try these letters again in one transaction, each on its own; what is closed or unknown comes back as failed."""
    tried = []
    for letter_id in list(dict.fromkeys(ids))[:IDS_MAX]:
        try:
            tried.append(await retry(tx, letter_id, actor, carry))
        except (NotFound, Conflict) as e:
            tried.append(Retried("failed", e.title))
    return tried


async def start_retry(tx: Tx, wanted: Filter, actor: str) -> LetterRun:
    """Begin a bulk retry of every open letter a filter finds now. `step_retry` carries it on."""
    open_ones = Filter("open", wanted.source_id, wanted.stage, wanted.reason)
    upto, total = await letter_tables.newest(tx), await letter_tables.count(tx, open_ones.wanted)
    return _run(await letter_tables.start_run(tx, actor, open_ones.wanted, upto, total, clock.now()))


async def letter_run(tx: Tx, run_id: int) -> LetterRun:
    """One bulk retry. Raises NotFound."""
    row = await letter_tables.run(tx, run_id)
    if row is None:
        raise NotFound(f"There is no retry {run_id}.")
    return _run(row)


async def step_retry(
    db: Database, workspace_id: int, carry: Carry, run_id: int | None = None, *, limit: int = 50
) -> int:
    """Try the next letters of a bulk retry (this one, or the oldest unfinished). Returns how many were tried.

    Each letter commits with the run's position, so a run that is killed goes on with the next one.
    """
    tried = 0
    while tried < limit:
        moved = await _next(db, workspace_id, carry, run_id)
        if moved is None:
            break
        tried += moved
    return tried


async def _next(db: Database, workspace_id: int, carry: Carry, run_id: int | None) -> int | None:
    """1 for a letter that was tried, 0 for a run that has come to its end, None when there is no run."""
    async with db.tx(workspace_id) as tx:
        row = await letter_tables.take_run(tx, run_id)
        if row is None:
            return None
        run, now = _run(row), clock.now()
        state, source_id, stage, reason = run.filter
        letter_id = await letter_tables.next_of(tx, (state, source_id, stage, reason), run.last_id, run.upto)
        moved = {"last_id": run.last_id, "succeeded": 0, "failed": 0, "state": "done"}
        if letter_id is not None:
            (tried,) = await retry_many(tx, [letter_id], run.actor, carry)
            moved = {"last_id": letter_id, "succeeded": int(tried.ok), "failed": int(not tried.ok), "state": "running"}
        await letter_tables.move_run(tx, run.id, moved, now)
        return int(letter_id is not None)


def _run(row: Any) -> LetterRun:
    return LetterRun(**{f: row[f] for f in LetterRun.__struct_fields__})
