"""The second adapter: one table and SKIP LOCKED. It proves the port, and needs nothing but PostgreSQL."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from honeyguide.core import clock
from honeyguide.db import Database, Tx
from honeyguide.db.engine import APP_ROLE
from honeyguide.jobs.queue import Handler, Job

_log = logging.getLogger(__name__)
_RETRY_AFTER_S = (2, 10, 60, 600, 3_600)
_TABLE = f"""
create table if not exists plain_job (
  id bigint generated always as identity primary key, name text not null, key text not null, workspace bigint not null,
  payload jsonb not null, attempt integer not null default 0, due_at timestamptz not null,
  unique (workspace, name, key)
);
grant select, insert, update, delete on plain_job to {APP_ROLE};
"""


class SkipLockedQueue:
    """Jobs in one table; a worker holds a job by its row lock, so a dead worker's job is free at once."""

    def __init__(self, db: Database, *, pause_s: float = 0.2) -> None:
        self._db = db
        self._pause_s = pause_s

    async def install(self, owner: Any) -> None:
        """Make the table."""
        await owner.execute(_TABLE)

    async def enqueue(self, tx: Tx, job: Job, *, delay_s: float = 0) -> None:
        """Promise a job in the caller's transaction."""
        await tx.run(
            "insert into plain_job (name, key, workspace, payload, due_at) values ($1, $2, $3, $4, $5) "
            "on conflict (workspace, name, key) do nothing",
            job.name, job.key, job.workspace_id, job.payload, clock.now() + timedelta(seconds=delay_s),
        )  # fmt: skip

    async def work(self, handlers: Mapping[str, Handler], stop: asyncio.Event) -> None:
        """Run due jobs one after another until `stop` is set."""
        while not stop.is_set():
            if not await self._one(handlers):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self._pause_s)

    async def _one(self, handlers: Mapping[str, Handler]) -> bool:
        async with self._db.tx(None) as tx:
            row = await tx.row(
                "select id, name, key, workspace, payload, attempt from plain_job "
                "where name = any($1::text[]) and due_at <= $2 order by due_at limit 1 for update skip locked",
                list(handlers),
                clock.now(),
            )
            if row is None:
                return False
            job = Job(row["name"], row["key"], row["workspace"], row["payload"])
            try:
                await handlers[job.name](job)
            except Exception:  # noqa: BLE001  # whatever a handler raises, the job is kept
                if row["attempt"] < len(_RETRY_AFTER_S):
                    _log.warning("job %s %s failed, trying again", job.name, job.key, exc_info=True)
                    due = clock.now() + timedelta(seconds=_RETRY_AFTER_S[row["attempt"]])
                    await tx.run(
                        "update plain_job set attempt = attempt + 1, due_at = $2 where id = $1", row["id"], due
                    )
                    return True
                _log.exception("job %s %s failed for good", job.name, job.key)
            await tx.run("delete from plain_job where id = $1", row["id"])
            return True

    async def waiting(self, tx: Tx) -> int:
        """How many jobs wait or run."""
        found: int = await tx.value("select count(*) from plain_job")
        return found
