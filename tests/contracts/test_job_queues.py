"""Every adapter of the job queue keeps the port's promises."""

import asyncio
import sys

import pytest

from honeyguide.core import clock
from honeyguide.db import Database
from honeyguide.jobs import Job, JobQueue, PgQueuerQueue, SkipLockedQueue

ADAPTERS = ("PgQueuerQueue", "SkipLockedQueue")


@pytest.fixture(params=ADAPTERS)
async def queue(request: pytest.FixtureRequest, db: Database) -> JobQueue:
    made: JobQueue = PgQueuerQueue(db, takeover_s=1.0) if request.param == "PgQueuerQueue" else SkipLockedQueue(db)
    for _ in range(2):  # installing twice is harmless
        async with db.admin() as owner:
            await made.install(owner)
    return made


async def _work_until(queue: JobQueue, name: str, seen: list[str], count: int, fail_first: int = 0) -> None:
    stop = asyncio.Event()
    failures = [0]

    async def handle(job: Job) -> None:
        if failures[0] < fail_first:
            failures[0] += 1
            raise ConnectionError("not now")
        seen.append(job.key)
        if len(seen) >= count:
            stop.set()

    await asyncio.wait_for(queue.work({name: handle}, stop), 20)


async def test_a_committed_job_runs_and_a_rolled_back_one_never_does(
    queue: JobQueue, db: Database, workspace: int
) -> None:
    async def roll_back() -> None:
        async with db.tx(workspace) as tx:
            await queue.enqueue(tx, Job("greet", "rolled-back", workspace))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await roll_back()
    async with db.tx(workspace) as tx:
        await queue.enqueue(tx, Job("greet", "committed", workspace))
    seen: list[str] = []
    await _work_until(queue, "greet", seen, 1)
    assert seen == ["committed"]
    async with db.tx(workspace) as tx:
        assert await queue.waiting(tx) == 0


async def test_the_same_key_while_waiting_is_one_promise(queue: JobQueue, db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        for key in ("a", "a", "b"):
            await queue.enqueue(tx, Job("once", key, workspace))
        assert await queue.waiting(tx) == 2
    seen: list[str] = []
    await _work_until(queue, "once", seen, 2)
    assert sorted(seen) == ["a", "b"]


async def test_a_delayed_job_waits(queue: JobQueue, db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await queue.enqueue(tx, Job("later", "late", workspace), delay_s=1.0)
    started = clock.now()
    seen: list[str] = []
    await _work_until(queue, "later", seen, 1)
    assert (clock.now() - started).total_seconds() >= 0.7


async def test_a_failing_job_is_tried_again(queue: JobQueue, db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await queue.enqueue(tx, Job("flaky", "x", workspace))
    seen: list[str] = []
    await _work_until(queue, "flaky", seen, 1, fail_first=1)
    assert seen == ["x"]


_WORKER = """
import asyncio, sys
from honeyguide.db import Database
from honeyguide import jobs

async def main():
    db = await Database.open(sys.argv[1])
    queue = getattr(jobs, sys.argv[2])(db)
    async def hang(job):
        print("took", flush=True)
        await asyncio.sleep(600)
    await queue.work({"hang": hang}, asyncio.Event())

asyncio.run(main())
"""


async def test_the_job_of_a_killed_worker_is_taken_over(
    queue: JobQueue, db: Database, dsn: str, workspace: int
) -> None:
    async with db.tx(workspace) as tx:
        await queue.enqueue(tx, Job("hang", "orphan", workspace))
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WORKER, dsn, type(queue).__name__, stdout=asyncio.subprocess.PIPE
    )
    assert worker.stdout is not None
    assert await asyncio.wait_for(worker.stdout.readline(), 20) == b"took\n"
    worker.kill()
    await worker.wait()
    seen: list[str] = []
    await _work_until(queue, "hang", seen, 1)
    assert seen == ["orphan"]
