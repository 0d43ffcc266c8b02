"""Syncing: due connections, one worker each, a slice at a time.

A worker leases a connection (a row, claimed with skip-locked), asks the vendor outside any transaction, and commits each
page under the lease: one that has lost it commits nothing. A slice ends after some seconds, so that a large backfill and
a hundred small connections share the workers; whoever comes next goes on at the position.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import timedelta

from msgspec import Struct

from honeyguide.connectors.landing import Cost, Landing, Lease
from honeyguide.connectors.port import Ask
from honeyguide.connectors.problems import VendorProblem
from honeyguide.connectors.registry import transport_of
from honeyguide.connectors.rest import fetch_one
from honeyguide.connectors.session import Session, session_of
from honeyguide.core import clock
from honeyguide.core.errors import Conflict, HoneyguideError, NotFound, Unavailable
from honeyguide.core.ids import new_id
from honeyguide.db import Database
from honeyguide.funnel import connection_tables as tables
from honeyguide.funnel import connections
from honeyguide.funnel.connections import Connection, StreamState
from honeyguide.funnel.sources import load_sources
from honeyguide.settings import Settings

SLICE_S, TURN_S, LEASE_S = 20.0, 5.0, 60.0
RETRY_S, RETRY_MAX_S = 30.0, 3_600.0
REFETCH_A_TURN = 100
_PATIENT = frozenset({"throttled", "breaker_open", "request_cap"})
_log = logging.getLogger(__name__)
Progress = Callable[[str, StreamState], None]


class Slice(Struct):
    """How long and how far one turn may go. `deadline` is of the monotonic clock."""

    deadline: float
    pages: int = 1_000_000
    progress: Progress | None = None

    @property
    def over(self) -> bool:
        """Is it time to let others in?"""
        return self.pages <= 0 or time.monotonic() >= self.deadline


async def sync_due(
    db: Database, workspace_id: int, settings: Settings | None = None, *, slice_s: float = SLICE_S, pages: int = 1_000_000,
    lease_s: float = LEASE_S,
) -> int:  # fmt: skip
    """Serve the connection that waited longest, for one slice. Returns how many records were read, at least 1 if any was served.

    Problems of a vendor are written to its stream with what to do; only a problem of our own database is raised.
    """
    token, now = new_id(), clock.now()
    async with db.tx(workspace_id) as tx:
        source_id = await tables.claim(tx, now, token, now + timedelta(seconds=lease_s))
    if source_id is None:
        return 0
    turn = Slice(time.monotonic() + slice_s, pages)
    return max(1, await _serve(db, workspace_id, Lease(source_id, token, lease_s), settings or Settings.load(), turn))


async def sync_now(
    db: Database, workspace_id: int, source_id: int, settings: Settings | None = None, *, progress: Progress | None = None,
    limit_s: float = 86_400.0,
) -> int:  # fmt: skip
    """Serve one connection until nothing of it is due. Returns how many records were read.

    Raises Conflict when a worker is at it.
    """
    token, now = new_id(), clock.now()
    async with db.tx(workspace_id) as tx:
        if not await tables.claim_one(tx, source_id, now, token, now + timedelta(seconds=LEASE_S)):
            raise Conflict(
                "A worker is syncing this connection right now.", advice="See `honeyguide connection state`."
            )
    turn = Slice(time.monotonic() + limit_s, progress=progress)
    return await _serve(db, workspace_id, Lease(source_id, token, LEASE_S), settings or Settings.load(), turn)


async def _serve(db: Database, workspace_id: int, lease: Lease, settings: Settings, turn: Slice) -> int:
    try:
        async with _kept_alive(db, workspace_id, lease):
            return await _with_session(db, workspace_id, lease, settings, turn)
    except Conflict as e:
        if e.code != "lease_lost":
            raise
        return 0
    finally:
        with contextlib.suppress(Unavailable):
            async with db.tx(workspace_id) as tx:
                await tables.release(tx, lease.source_id, lease.token)


@contextlib.asynccontextmanager
async def _kept_alive(db: Database, workspace_id: int, lease: Lease) -> AsyncIterator[None]:
    """Renew the lease while a vendor takes its time. A worker that dies stops doing so."""
    pause = max(lease.seconds / 3, 0.1) if lease.seconds > 0 else LEASE_S

    async def beat() -> None:
        while True:
            await asyncio.sleep(pause)
            async with db.tx(workspace_id) as tx:
                await lease.hold(tx)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError, HoneyguideError):
            await beating


async def _with_session(db: Database, workspace_id: int, lease: Lease, settings: Settings, turn: Slice) -> int:
    async with db.tx(workspace_id) as tx:
        connection = await connections.connection(tx, lease.source_id)
        source = (await load_sources(tx))[lease.source_id]
        due = await _due(db, workspace_id, lease.source_id)
    try:
        definition = connections.definition_with(source)
        async with session_of(db, connection, definition, settings) as session:
            return await _streams(db, session, lease, turn)
    except HoneyguideError as e:
        if isinstance(e, Conflict) or (isinstance(e, Unavailable) and e.code == Unavailable.code):
            raise
        for state in due:
            await _failed(db, connection, lease, state, e)
        return 0


async def _streams(db: Database, session: Session, lease: Lease, turn: Slice) -> int:
    """Each due stream for some seconds, until none is due or the slice is over."""
    moved = 0
    while not turn.over:
        due = await _due(db, session.connection.workspace_id, lease.source_id)
        if not due:
            break
        for state in due:
            moved += await _turn(db, session, lease, state, turn)
            if turn.over:
                break
    return moved


async def _due(db: Database, workspace_id: int, source_id: int) -> list[StreamState]:
    async with db.tx(workspace_id) as tx:
        now = clock.now()
        return [s for s in await connections.stream_states(tx, source_id) if s.enabled and s.next_due_at <= now]


async def _turn(db: Database, session: Session, lease: Lease, state: StreamState, turn: Slice) -> int:
    spec = session.definition.streams.get(state.stream)
    try:
        if spec is None:
            raise NotFound(f"The definition no longer has a stream {state.stream}.", advice="Choose the streams again.")
        landing = Landing(lease, state.stream, spec, state)
        moved = await _refetch(db, session, landing, lease)
        return moved + await _pages(db, session, landing, turn)
    except HoneyguideError as e:
        if isinstance(e, Conflict) or (isinstance(e, Unavailable) and e.code == Unavailable.code):
            raise
        await _failed(db, session.connection, lease, state, e)
    except Exception as e:  # noqa: BLE001  # a transport's defect must not end the other streams
        _log.exception("the stream %s of connection %s failed", state.stream, lease.source_id)
        problem = VendorProblem("The sync failed on our side.", type(e).__name__, advice="See the worker's messages.")
        await _failed(db, session.connection, lease, state, problem)
    return 0


async def _pages(db: Database, session: Session, landing: Landing, turn: Slice) -> int:
    landing.begin()
    state, moved, workspace_id = landing.state, 0, session.connection.workspace_id
    until = time.monotonic() + TURN_S
    spec = session.definition.streams[state.stream]
    if not landing.looking_for_gone:
        ask = Ask(state.stream, spec, None if state.full_pass else state.since, state.position)
        seen = Cost(session.web.requests, session.web.received)
        async with aclosing(transport_of(spec).pages(session, ask)) as pages:  # type: ignore[type-var]
            async for page in pages:
                now = Cost(session.web.requests, session.web.received)
                cost = Cost(now.requests - seen.requests, now.received - seen.received)
                async with db.tx(workspace_id) as tx:
                    moved += await landing.land(tx, page, cost)
                seen, turn.pages = now, turn.pages - 1
                if turn.progress:
                    turn.progress(state.stream, landing.state)
                if turn.over or time.monotonic() >= until:
                    break
    while landing.looking_for_gone and not turn.over:
        async with db.tx(workspace_id) as tx:
            moved += await landing.land_gone(tx)
        turn.pages -= 1
    return moved


async def _refetch(db: Database, session: Session, landing: Landing, lease: Lease) -> int:
    """Fetch single records that something said have changed."""
    connection, name = session.connection, landing.state.stream
    async with db.tx(connection.workspace_id) as tx:
        asked = await tables.refetches(tx, lease.source_id, name, REFETCH_A_TURN)
    spec = session.definition.streams[name]
    for row in asked:
        body = await fetch_one(session, spec, row["ext_id"]) if spec.one else None
        async with db.tx(connection.workspace_id) as tx:
            if spec.one is None:  # the stream's own next pass brings it
                await tables.end_refetch(tx, lease.source_id, name, row["ext_id"], row["asked_at"])
            else:
                await landing.land_one(tx, row["ext_id"], row["asked_at"], body, Cost())
    return len(asked) if spec.one else 0


async def _failed(db: Database, connection: Connection, lease: Lease, state: StreamState, e: HoneyguideError) -> None:
    """Write what is wrong to the stream, and when it is tried again: later each time, sooner when the vendor says when."""
    wait = getattr(e, "wait_s", 0.0)
    patient = e.code in _PATIENT
    needs_auth = bool(getattr(e, "needs_auth", False))
    async with db.tx(connection.workspace_id) as tx:
        now = clock.now()
        # The stream has moved since it was loaded: only what failing changes is changed.
        current = next(
            (s for s in await connections.stream_states(tx, lease.source_id) if s.stream == state.stream), state
        )
        stale = getattr(e, "stale", False) and current.position is not None
        failures = current.failures + (0 if patient else 1)
        pause = max(wait, 0.0 if patient or stale else _backoff(failures))
        values = {f: getattr(current, f) for f in current.__struct_fields__} | {
            "failures": failures, "next_due_at": now + timedelta(seconds=max(pause, 1.0)),
            "position": None if stale and failures <= 2 else current.position,
            "problem": "" if patient else f"{e.title} {e.detail}".strip()[:1_000], "advice": "" if patient else e.advice[:500],
        }  # fmt: skip
        await tables.save_stream(tx, lease.source_id, state.stream, values, now, full_begun=False)
        if current.run_id is not None:
            none = dict.fromkeys(("pages", "rows", "new", "duplicates", "dead", "requests", "bytes"), 0)
            await tables.add_to_run(tx, current.run_id, none, None, e.title[:300])
        if needs_auth:
            await tables.set_state(tx, lease.source_id, "needs_auth", f"{e.title} {e.detail}".strip()[:1_000], e.advice)
        elif not patient and connection.state != "paused":
            await tables.set_state(tx, lease.source_id, "failing", f"{e.title} {e.detail}".strip()[:1_000], e.advice)
    if needs_auth:
        raise Conflict("The connection needs new credentials.", code="lease_lost")


def _backoff(failures: int) -> float:
    bound: float = min(RETRY_MAX_S, RETRY_S * 2 ** max(0, min(failures - 1, 10)))
    return bound * random.uniform(0.5, 1.0)  # noqa: S311  # spreads load, protects nothing


__all__ = ["Progress", "Slice", "sync_due", "sync_now"]
