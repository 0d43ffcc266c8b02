"""Group commit: one writer takes whatever arrived while the previous commit was flushed. No waiting for more.

A caller is answered only after its events are on disk. Memory is bounded by bytes: over the limit callers are
told to come back. When PostgreSQL is gone every waiting caller hears 503; none hears 200.
"""

import asyncio
import logging
from collections import Counter, OrderedDict, deque
from collections.abc import Sequence

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import TooMuch, Unavailable
from honeyguide.db import Database, Line
from honeyguide.funnel import suppression
from honeyguide.funnel.events import Broken, NewEvent, Outcome
from honeyguide.funnel.ingest import Batch, count_refused
from honeyguide.funnel.sources import Source

EVENTS_PER_COMMIT = 2_000
BYTES_PER_COMMIT = 4_000_000
QUEUE_BYTES = 32_000_000
COMMIT_TIMEOUT_S = 20.0
_OVERHEAD = 400  # of one event beside its body, roughly: so that many tiny events are bounded too
_REFUSED_EVERY_S = 1.0
_log = logging.getLogger(__name__)
Input = NewEvent | Broken


class _Waiting(Struct):
    """A submission and the caller who waits for it; `refused` more inputs of the source are only counted."""

    source: Source
    inputs: Sequence[Input]
    size: int
    answer: "asyncio.Future[list[Outcome]]"
    refused: int = 0


class Committer:
    """One per process. `submit` returns when the events are durable; `close` before the pools close."""

    def __init__(self, db: Database, *, queue_bytes: int = QUEUE_BYTES, timeout_s: float = COMMIT_TIMEOUT_S) -> None:
        self._db = db
        self._guard = suppression.Guard(db)
        self._queue_bytes = queue_bytes
        self._timeout_s = timeout_s
        self._queues: OrderedDict[int, deque[_Waiting]] = OrderedDict()
        self._refused: dict[int, Counter[int]] = {}
        self._held = 0
        self._writer: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._refused_due = False

    @property
    def held_bytes(self) -> int:
        """Bytes accepted into the queue and not answered yet."""
        return self._held

    async def submit(self, source: Source, inputs: Sequence[Input]) -> list[Outcome]:
        """Write inputs of one source; returns what became of each once it is committed.

        Raises TooMuch when the queue is full and Unavailable when PostgreSQL is not there: nothing is then
        promised, and the same call with the same message ids is safe to repeat.
        """
        if not inputs:
            return []
        if self._guard.lets_all(source):
            return await self._enqueue(source, inputs)
        kept_out = await self._guard.refused(source, inputs)
        if not kept_out:
            return await self._enqueue(source, inputs)
        let_in = [i for n, i in enumerate(inputs) if n not in kept_out]
        rest = iter(await self._enqueue(source, let_in, len(kept_out)))
        return [suppression.REFUSED if n in kept_out else next(rest) for n in range(len(inputs))]

    def _enqueue(self, source: Source, inputs: Sequence[Input], refused: int = 0) -> "asyncio.Future[list[Outcome]]":
        """What resolves once they are committed; a plain future, for every coroutine on the way is woken again."""
        if self._closed:
            raise Unavailable("Honeyguide is shutting down.", advice="Send it again in a moment.")
        size = _OVERHEAD * (len(inputs) or 1)
        for one in inputs:
            size += len(one.body)
        if self._held and self._held + size > self._queue_bytes:
            raise TooMuch("Too many events are waiting to be written.", advice="Send it again in a second.")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(source, inputs, size, loop.create_future(), refused)
        self._held += size
        queue = self._queues.get(source.workspace_id)
        if queue is None:
            queue = self._queues[source.workspace_id] = deque()
        queue.append(waiting)
        self._wake(loop)
        return waiting.answer

    async def refuse(self, source: Source, n: int = 1) -> None:
        """Count inputs that are answered with 4xx: on disk when this returns, like what is accepted.

        Where that cannot be, the answer does not wait for it: the count is kept here and written when it can be.
        """
        try:
            await self._enqueue(source, (), n)
        except (TooMuch, Unavailable):
            self._refused.setdefault(source.workspace_id, Counter())[source.id] += n
            self._count_later(asyncio.get_running_loop())

    def _count_later(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is None and not self._closed:
            self._timer = loop.call_later(_REFUSED_EVERY_S, self._on_timer, loop)

    def _on_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        self._refused_due = True
        self._wake(loop)

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._writer is None or self._writer.done():
            self._writer = loop.create_task(self._write(), name="committer")

    async def close(self) -> None:
        """Write what waits, then refuse everything else."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        while self._writer is not None and not self._writer.done():
            await asyncio.wait([self._writer])
        if self._refused:
            await self._write()

    async def _write(self) -> None:
        while self._queues or self._refused:
            try:
                async with self._db.line(self._timeout_s) as line:
                    while self._queues and not line.broken:
                        workspace_id, group = self._take()
                        await self._commit(line, workspace_id, group)
                        if self._refused_due:
                            await self._write_refused(line)
                    if not line.broken:
                        await self._write_refused(line)
            except Unavailable as e:  # no connection at all: whoever waits is told so, and may come again
                self._answer_everybody(e)
                return
            except Exception as e:  # a defect, but nobody may be left waiting for an answer
                self._answer_everybody(Unavailable("The events could not be stored.", str(e)))
                raise

    def _answer_everybody(self, problem: Unavailable) -> None:
        if self._refused:
            self._count_later(asyncio.get_running_loop())
        while self._queues:
            _, group = self._take()
            _answer_all(group, problem)
            self._held -= sum(w.size for w in group)

    def _take(self) -> tuple[int, list[_Waiting]]:
        workspace_id, queue = self._queues.popitem(last=False)
        group: list[_Waiting] = []
        events = size = 0
        while queue and (
            not group or (events + len(queue[0].inputs) <= EVENTS_PER_COMMIT and size <= BYTES_PER_COMMIT)
        ):
            one = queue.popleft()
            group.append(one)
            events += len(one.inputs)
            size += one.size
        if queue:
            self._queues[workspace_id] = queue  # at the end: other workspaces come first
        return workspace_id, group

    async def _commit(self, line: Line, workspace_id: int, group: list[_Waiting]) -> None:
        wanted = [w for w in group if not w.answer.cancelled()]
        try:
            await self._commit_together(line, workspace_id, wanted)
        except Unavailable as e:
            _answer_all(wanted, e)
        except Exception:  # noqa: BLE001  # one bad submission must not take the others with it
            _log.exception("a group of %d submissions could not be committed; trying them one by one", len(wanted))
            for one in wanted:
                await self._commit_alone(line, workspace_id, one)
        finally:
            self._held -= sum(w.size for w in group)

    async def _commit_together(self, line: Line, workspace_id: int, group: list[_Waiting]) -> None:
        if not group:
            return
        batch = Batch(workspace_id, [(w.source.id, i) for w in group for i in w.inputs])
        refused = Counter({w.source.id: 0 for w in group if w.refused})
        if batch.plain and not refused:
            outcomes = await batch.write_alone(line, self._timeout_s)
        else:
            for w in group:
                refused[w.source.id] += w.refused
            async with line.tx(workspace_id, self._timeout_s) as tx:
                outcomes = await batch.write(tx)
                await count_refused(tx, refused)
        start = 0
        for w in group:
            end = start + len(w.inputs)
            if not w.answer.done():
                w.answer.set_result(outcomes[start:end])
            start = end

    async def _commit_alone(self, line: Line, workspace_id: int, one: _Waiting) -> None:
        try:
            await self._commit_together(line, workspace_id, [one])
        except Unavailable as e:
            _answer_all([one], e)
        except Exception as e:  # noqa: BLE001  # told apart below
            if not _is_about_the_data(e):  # it would be the same for every event: a full disk, a missing migration
                _log.exception("events cannot be stored")
                _answer_all([one], Unavailable("The events could not be stored.", str(e)))
                return
            _log.exception("a submission cannot be stored; it goes to the dead letters")
            now = clock.now()
            letters = [Broken("cannot_be_stored", type(e).__name__, i.body, now) for i in one.inputs]
            try:
                await self._commit_together(
                    line, workspace_id, [_Waiting(one.source, letters, one.size, one.answer, one.refused)]
                )
            except Exception as again:  # noqa: BLE001  # the caller must hear that nothing was accepted, whatever the cause
                _answer_all([one], Unavailable("The events could not be stored.", str(again)))

    async def _write_refused(self, line: Line) -> None:
        """Count what was refused; what cannot be counted now is kept for the next time."""
        self._refused_due = False
        for workspace_id in list(self._refused):
            refused = self._refused.pop(workspace_id)
            try:
                async with line.tx(workspace_id, self._timeout_s) as tx:
                    await count_refused(tx, refused)
            except Unavailable:
                _log.warning("refused inputs of workspace %d could not be counted yet", workspace_id)
                self._refused.setdefault(workspace_id, Counter()).update(refused)
                raise


def _answer_all(group: list[_Waiting], problem: Unavailable) -> None:
    for w in group:
        if not w.answer.done():
            w.answer.set_exception(problem)


def _is_about_the_data(e: Exception) -> bool:
    """Whether a failure is that of these values (PostgreSQL's classes 22 and 23, or they could not even be sent)."""
    state = getattr(e, "sqlstate", None)
    return (
        state[:2] in {"22", "23"} if isinstance(state, str) else isinstance(e, TypeError | ValueError | OverflowError)
    )
