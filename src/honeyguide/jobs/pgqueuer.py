"""The default adapter: pgqueuer (transactional enqueue, dead-worker takeover, batched completion)."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
from pgqueuer import AsyncpgDriver, Queries, QueueManager
from pgqueuer import Job as QueuedJob

from honeyguide.db import Database, Tx
from honeyguide.db.engine import APP_ROLE
from honeyguide.jobs.queue import Handler, Job

_log = logging.getLogger(__name__)
_TABLES = ("pgqueuer", "pgqueuer_log", "pgqueuer_statistics", "pgqueuer_schedules")
_RETRY_AFTER_S = (2, 10, 60, 600, 3_600)


class PgQueuerQueue:
    """Jobs in pgqueuer's tables of the same database."""

    def __init__(self, db: Database, *, takeover_s: float = 10.0) -> None:
        self._db = db
        self._takeover = timedelta(seconds=takeover_s)

    async def install(self, owner: Any) -> None:
        """Make pgqueuer's tables and let the application role use them."""
        queries = Queries(AsyncpgDriver(owner))
        if await queries.schema_is_installed():
            await queries.upgrade()
        else:
            await queries.install()
        for table in _TABLES:
            if await owner.fetchval("select to_regclass($1)", table):
                await owner.execute(f"grant select, insert, update, delete, truncate on {table} to {APP_ROLE}")
        await owner.execute(f"grant usage, select on all sequences in schema public to {APP_ROLE}")

    async def enqueue(self, tx: Tx, job: Job, *, delay_s: float = 0) -> None:
        """Promise a job in the caller's transaction."""
        await _put(Queries(AsyncpgDriver(tx.connection)), job, 0, delay_s)

    async def work(self, handlers: Mapping[str, Handler], stop: asyncio.Event) -> None:
        """Run jobs on a connection of their own until `stop` is set."""
        async with self._db.dedicated() as connection:
            queries = Queries(AsyncpgDriver(connection))
            runner = QueueManager(queries)
            for name, handler in handlers.items():
                runner.entrypoint(name, accepts_context=False)(_entrypoint(queries, handler))
            running = asyncio.create_task(
                runner.run(dequeue_timeout=timedelta(seconds=1), batch_size=5, heartbeat_timeout=self._takeover)
            )
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
            runner.shutdown.set()
            stopping.cancel()
            await running

    async def waiting(self, tx: Tx) -> int:
        """How many jobs wait or run."""
        found = await Queries(AsyncpgDriver(tx.connection)).queue_size()
        return sum(s.count for s in found)


async def _put(queries: Queries, job: Job, attempt: int, delay_s: float) -> None:
    await queries.enqueue(
        job.name,
        msgspec.json.encode({"job": job, "attempt": attempt}),
        execute_after=timedelta(seconds=delay_s) if delay_s else None,
        dedupe_key=f"{job.workspace_id}/{job.name}/{job.key}/{attempt}",
        on_conflict="skip",
    )


def _entrypoint(queries: Queries, handler: Handler) -> Any:
    async def run(queued: QueuedJob) -> None:
        held = msgspec.json.decode(queued.payload or b"{}")
        job, attempt = msgspec.convert(held["job"], Job), int(held["attempt"])
        try:
            await handler(job)
        except Exception:  # noqa: BLE001  # whatever a handler raises, the job is kept
            if attempt >= len(_RETRY_AFTER_S):
                _log.exception("job %s %s failed for good", job.name, job.key)
                return
            _log.warning("job %s %s failed, trying again", job.name, job.key, exc_info=True)
            await _put(queries, job, attempt + 1, _RETRY_AFTER_S[attempt])

    return run
