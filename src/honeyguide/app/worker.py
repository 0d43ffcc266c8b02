"""The worker: the road, outcomes, decisions, sending, and the clockwork that runs by jobs.

Every loop works in small committed steps, so it can be killed at any moment and any number of workers can run
beside each other: cursors and outbox rows are held by row locks.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from honeyguide import decisions, delivery, funnel, learning, ledger, programs
from honeyguide.app import (
    collector,
    consulting,
    disbursing,
    enriching,
    following,
    keeping,
    releasing,
    replay_runs,
    road,
)
from honeyguide.channels import email, inapp, sink
from honeyguide.connectors.sync import sync_due
from honeyguide.core import clock
from honeyguide.core.errors import Unavailable
from honeyguide.db import Database
from honeyguide.db.schema import ensure_partitions
from honeyguide.funnel.uploads import import_due
from honeyguide.identity import background
from honeyguide.jobs import Job, PgQueuerQueue
from honeyguide.learning import track
from honeyguide.outcomes import fraud
from honeyguide.settings import Settings

_log = logging.getLogger(__name__)
_IDLE_S, _TICK_S, _MINUTE_S = 0.3, 1.0, 60.0
_FETCHERS = 3
_IDENTIFY_MIN = 5
_REVIEW_MIN = 5
Pass = Callable[[int], Awaitable[int]]


class Worker:
    """Loops over every workspace until told to stop."""

    def __init__(self, db: Database, settings: Settings, owner_dsn: str) -> None:
        self._db, self._settings, self._owner_dsn = db, settings, owner_dsn
        self._queue = PgQueuerQueue(db)
        self._stop = asyncio.Event()
        self._channels: dict[str, delivery.Channel] = {
            "email": email.EmailChannel(settings),
            "inapp": inapp.InAppChannel(),
        }

    def stop(self) -> None:
        """Let every loop finish its current step and end."""
        self._stop.set()

    async def run(self) -> None:
        """Work until `stop`."""
        collector.settle()
        loops = [
            self._every(_IDLE_S, self._road),
            self._every(_TICK_S, self._decide),
            self._every(_TICK_S, self._release),
            self._every(_MINUTE_S, self._remind),
            self._every(_TICK_S, self._send),
            self._every(_TICK_S, self._disburse),
            self._every(_MINUTE_S, self._consult),
            self._every(_TICK_S, self._import_uploads),
            self._every(_TICK_S, self._letters),
            self._every(_TICK_S, self._replays),
            self._every(_TICK_S, self._simulate),
            self._every(_MINUTE_S, self._lapse),
            self._every(_TICK_S, self._enrich),
            self._every(_TICK_S, self._keep),
            *(self._every(_TICK_S, self._fetch) for _ in range(_FETCHERS)),  # vendors are slow: several at a time
            self._every(_MINUTE_S, self._run_payouts),
            self._every(_MINUTE_S, self._wind_the_clock),
            self._queue.work(
                {
                    "measure": self._measure,
                    "verify": self._verify,
                    "partitions": self._partitions,
                    "forget": self._forget,
                    "identify": self._identify,
                    "day": self._day,
                    "train": self._train,
                    "review": self._review,
                    "experts": self._experts,
                },
                self._stop,
            ),
        ]
        async with contextlib.AsyncExitStack() as stack:
            if not self._settings.smtp_url:
                mails = sink.MailSink(self._db, self._settings.sink_port)
                await mails.start()
                stack.push_async_callback(mails.stop)
            await asyncio.gather(*loops)

    async def _every(self, pause_s: float, once: Pass) -> None:
        """Run a pass over the workspaces; pause only when nothing moved. A failure is logged and tried again."""
        while not self._stop.is_set():
            moved = 0
            try:
                for workspace_id in await self._db.workspaces():
                    moved += await once(workspace_id)
            except Unavailable as e:
                _log.warning("%s", e.sentence())
                moved = 0
            except Exception:  # noqa: BLE001  # one workspace's defect must not end the loop for the others
                _log.exception("%s failed", getattr(once, "__name__", "a pass"))
            if not moved:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), pause_s)

    async def _road(self, workspace_id: int) -> int:
        moved = await road.advance(self._db, workspace_id)
        return moved or await road.statistics(self._db, workspace_id)

    async def _letters(self, workspace_id: int) -> int:
        return await funnel.step_retry(self._db, workspace_id, road.carry_again)

    async def _replays(self, workspace_id: int) -> int:
        return await replay_runs.step(self._db, workspace_id)

    async def _simulate(self, workspace_id: int) -> int:
        return await learning.simulation.step(self._db, workspace_id)

    async def _lapse(self, workspace_id: int) -> int:
        async with self._db.tx(workspace_id) as tx:
            return await programs.registrations.expire_deals(tx, clock.now())

    async def _enrich(self, workspace_id: int) -> int:
        return await enriching.enrich(self._db, workspace_id)

    async def _keep(self, workspace_id: int) -> int:
        return await keeping.keep(self._db, workspace_id)

    async def _decide(self, workspace_id: int) -> int:
        async with self._db.tx(workspace_id) as tx:
            await decisions.expire(tx, clock.now())
            return await decisions.decide(tx, clock.now(), 50)

    async def _release(self, workspace_id: int) -> int:
        return await releasing.release(self._db, workspace_id, self._settings)

    async def _remind(self, workspace_id: int) -> int:
        return await following.remind(self._db, workspace_id, self._settings, clock.now())

    async def _consult(self, workspace_id: int) -> int:
        """A few questions to the language model, where there is one and the workspace agreed."""
        model = consulting.model_of(self._db, workspace_id, self._settings)
        return await consulting.consult_once(self._db, workspace_id, model)

    async def _send(self, workspace_id: int) -> int:
        sent = 0
        for channel in self._channels.values():
            sent += await delivery.send_due(self._db, workspace_id, channel, clock.now(), overtaken=following.overtaken)
        return sent

    async def _disburse(self, workspace_id: int) -> int:
        """Payments over rails that call, and what became of them."""
        mailed = await disbursing.mail_confirmations(self._db, workspace_id, self._channels["email"], clock.now())
        return mailed + await disbursing.disburse_due(self._db, workspace_id, self._settings, clock.now())

    async def _run_payouts(self, workspace_id: int) -> int:
        await disbursing.run_schedule(self._db, workspace_id, clock.now())
        return 0

    async def _fetch(self, workspace_id: int) -> int:
        """One slice of the connection that waited longest, so that every workspace gets its turn."""
        return await sync_due(self._db, workspace_id, self._settings)

    async def _import_uploads(self, workspace_id: int) -> int:
        return await import_due(self._db, workspace_id, self._settings.data if self._settings.data.is_dir() else None)

    async def _wind_the_clock(self, workspace_id: int) -> int:
        """Promise this minute's, hour's and day's jobs; the key makes it one promise however many workers run."""
        now = clock.now()
        async with self._db.tx(workspace_id) as tx:
            await self._queue.enqueue(tx, Job("measure", f"{now:%Y%m%d%H%M}", workspace_id))
            await self._queue.enqueue(tx, Job("identify", f"{now:%Y%m%d%H}{now.minute // _IDENTIFY_MIN}", workspace_id))
            await self._queue.enqueue(tx, Job("review", f"{now:%Y%m%d%H}{now.minute // _REVIEW_MIN}", workspace_id))
            await self._queue.enqueue(tx, Job("experts", f"{now:%Y%m%d}", workspace_id))
            await self._queue.enqueue(tx, Job("verify", f"{now:%Y%m%d%H}", workspace_id))
            await self._queue.enqueue(tx, Job("day", f"{now:%Y%m%d}", workspace_id))
            await self._queue.enqueue(tx, Job("train", f"{now:%Y%m%d}", workspace_id))
            await self._queue.enqueue(tx, Job("partitions", f"{now:%Y%m%d}", workspace_id))
            await self._queue.enqueue(tx, Job("forget", f"{now:%Y%m%d}", workspace_id))
        return 0

    async def _measure(self, job: Job) -> None:
        async with self._db.tx(job.workspace_id) as tx:
            await learning.measure(tx, clock.now())

    async def _train(self, job: Job) -> None:
        async with self._db.tx(job.workspace_id) as tx:
            made = await learning.train(tx, clock.now())
        if made is not None:
            _log.info("workspace %s: %s", job.workspace_id, made.sentence)

    async def _review(self, job: Job) -> None:
        for change in await releasing.review(self._db, job.workspace_id, self._settings):
            _log.info("autonomy of workspace %s: a step went from %s to %s", job.workspace_id, change.was, change.now)

    async def _experts(self, job: Job) -> None:
        async with self._db.tx(job.workspace_id) as tx:
            await track.judge(tx, clock.now())

    async def _verify(self, job: Job) -> None:
        moved = True
        while moved and not self._stop.is_set():
            async with self._db.tx(job.workspace_id) as tx:
                done = await ledger.advance(tx, clock.now())
            moved = bool(done.due or done.payable or done.expired)
        async with self._db.tx(job.workspace_id) as tx:
            report = await ledger.verify(tx)
        if not report.ok:
            _log.error("ledger of workspace %s: %s", job.workspace_id, report.sentence)
        history = await releasing.verify(self._db, job.workspace_id, self._settings)
        if not history.ok:
            _log.error("autonomy of workspace %s: %s", job.workspace_id, history.sentence)

    async def _identify(self, job: Job) -> None:
        """Look for records that are one without sharing an identifier, if any changed; thinks in its own process."""
        for done in await background.identify(self._db, job.workspace_id):
            if done.report is not None:
                _log.info("identity of workspace %s: %s joined, %s asked", job.workspace_id, done.joined, done.asked)

    async def _day(self, job: Job) -> None:
        await keeping.keep_day(self._db, job.workspace_id)
        async with self._db.tx(job.workspace_id) as tx:
            await fraud.settle(tx, clock.now())
            await fraud.fade(tx, clock.now())

    async def _forget(self, job: Job) -> None:
        """Ids older than the workspace's window, some thousands a transaction."""
        moved = 1
        while moved and not self._stop.is_set():
            async with self._db.tx(job.workspace_id) as tx:
                moved = await funnel.forget_old_ids(tx, clock.now())

    async def _partitions(self, job: Job) -> None:
        made = await ensure_partitions(self._owner_dsn, clock.now() + timedelta(days=1))
        if made:
            _log.info("made the log's partitions %s", ", ".join(made))
