"""A page lands: its records, the stream's place, the counters and the lease, all in one transaction.

So a crash loses nothing and doubles nothing: either the page is in the log and the position is behind it, or neither.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide.connectors.marks import mark_of, newer
from honeyguide.connectors.port import Page
from honeyguide.core import clock
from honeyguide.core.errors import Conflict
from honeyguide.core.ids import content_id
from honeyguide.db import Tx
from honeyguide.funnel import connection_tables as tables
from honeyguide.funnel.connections import StreamState
from honeyguide.funnel.definitions import StreamSpec, is_deleted, record_id
from honeyguide.funnel.events import Broken, Lane, NewEvent, Verdict
from honeyguide.funnel.ingest import append_mixed
from honeyguide.funnel.records import record_event, tombstone

GONE_AT_ONCE = 500
LOOKING = "_looking_for_gone"


class Lease(Struct, frozen=True):
    """The right to commit pages of a connection, for `seconds` at a time."""

    source_id: int
    token: UUID
    seconds: float = 60.0

    async def hold(self, tx: Tx) -> None:
        """Renew it inside the transaction that needs it. Raises Conflict when another worker has it by now."""
        until = clock.now() + timedelta(seconds=self.seconds)
        if not await tables.hold(tx, self.source_id, self.token, until):
            raise Conflict("The connection was paused, or another worker has taken it over.", code="lease_lost")


class Cost(Struct, frozen=True):
    """Requests and bytes a page took."""

    requests: int = 0
    received: int = 0


class Landing:
    """Commits the pages of one stream."""

    def __init__(self, lease: Lease, stream: str, spec: StreamSpec, state: StreamState) -> None:
        self._lease, self._stream, self._spec = lease, stream, spec
        self.state = state
        self._full_begun = False

    @property
    def complete(self) -> bool:
        """Does the running pass show everything there is (so that what it does not show is gone)?"""
        return self.state.full_pass or self._spec.cursor is None or self.state.since is None

    @property
    def looking_for_gone(self) -> bool:
        """Has everything been shown, and is only left to tell what was not?"""
        return isinstance(self.state.position, dict) and LOOKING in self.state.position

    def begin(self) -> None:
        """Start a pass where none is under way (it is written with its first page)."""
        if self.state.run_id is None and self.state.position is None:
            full = self.state.full_wanted
            self._full_begun = full
            self.state = _with(
                self.state,
                full_pass=full,
                high=None,
                pass_rows=0,
                pass_total=None,
                pass_number=self.state.pass_number + 1,
            )

    async def land(self, tx: Tx, page: Page, cost: Cost) -> int:
        """Write a page. Returns how many records it held."""
        await self._lease.hold(tx)
        now = clock.now()
        run_id = await self._run(tx, now)
        read = [record_event(self._stream, self._spec, body, now, self._lane()) for body in page.records]
        high = self.state.high
        for one in read:
            if isinstance(one, NewEvent) and self._spec.cursor:
                high = newer(high, mark_of(self._spec.cursor, msgspec.json.decode(one.body)))
        counts = await self._append(tx, read)
        ended = page.position is None
        looking = ended and self._spec.tombstones and self.complete
        self.state = _with(
            self.state, run_id=run_id, rows=self.state.rows + counts["rows"], pass_rows=self.state.pass_rows + counts["rows"],
            pass_total=page.total or self.state.pass_total, failures=0, problem="", advice="", next_due_at=now,
            high=high if page.mark is None else page.mark, position={LOOKING: True} if looking else page.position,
        )  # fmt: skip
        done = ended and not looking
        if done:
            self._finish(now)
        await self._save(tx, run_id, counts, cost, now, done=done)
        return counts["rows"]

    async def land_gone(self, tx: Tx) -> int:
        """Tell of records that were here before this pass and were not shown by it; a few hundred at a time."""
        await self._lease.hold(tx)
        now = clock.now()
        run_id = await self._run(tx, now)
        found = await tables.vanished(tx, self._lease.source_id, self._stream, self.state.pass_number, GONE_AT_ONCE)
        events = [self.gone(row["ext_id"], str(self.state.pass_number), now) for row in found]
        counts = await self._append(tx, events, note=False)
        done = len(found) < GONE_AT_ONCE
        if done:
            self._finish(now)
        await self._save(tx, run_id, counts, Cost(), now, done=done)
        return len(found)

    def gone(self, ext_id: str, when: str, now: datetime) -> NewEvent:
        """The row of the log that says that a record is gone."""
        body = tombstone(self._spec, ext_id)
        ident = f"{self._stream}:{ext_id}:gone:{when}"
        return NewEvent("record", self._stream, ident, body, now, now, lane=self._lane(), versioned=True)

    async def land_one(self, tx: Tx, ext_id: str, asked_at: datetime, body: bytes | None, cost: Cost) -> int:
        """A record that was fetched on its own: as it is now, or gone."""
        await self._lease.hold(tx)
        now = clock.now()
        event = (
            self.gone(ext_id, str(int(asked_at.timestamp())), now)
            if body is None
            else record_event(self._stream, self._spec, body, now)
        )
        await self._append(tx, [event], note=False)
        await tables.end_refetch(tx, self._lease.source_id, self._stream, ext_id, asked_at)
        return 1

    def _lane(self) -> Lane:
        return Lane.HISTORICAL if self.state.lane == "historical" or self.state.full_pass else Lane.LIVE

    async def _run(self, tx: Tx, now: datetime) -> int:
        if self.state.run_id is not None:
            return self.state.run_id
        return await tables.start_run(tx, self._lease.source_id, self._stream, self._lane().value, now)

    async def _append(
        self, tx: Tx, read: list[NewEvent | Broken] | list[NewEvent], *, note: bool = True
    ) -> Counter[str]:
        """Write what was read; a broken record that was put aside before is not put aside again."""
        wanted: list[NewEvent | Broken] = list(read)
        if note:
            wanted = await self._noted(tx, wanted)
        outcomes = await append_mixed(tx, [(self._lease.source_id, one) for one in wanted]) if wanted else []
        by = Counter(o.verdict for o in outcomes)
        return Counter({
            "rows": len(read), "new": by[Verdict.ACCEPTED], "dead": by[Verdict.DEAD_LETTER] + by[Verdict.MISMATCH],
            "duplicates": len(read) - by[Verdict.ACCEPTED] - by[Verdict.DEAD_LETTER] - by[Verdict.MISMATCH],
        })  # fmt: skip

    async def _noted(self, tx: Tx, read: list[NewEvent | Broken]) -> list[NewEvent | Broken]:
        known: dict[UUID, tuple[str, str, int]] = {}
        for place, one in enumerate(read):
            if isinstance(one, Broken):
                known.setdefault(content_id("broken", one.body), ("", "broken", place))
            elif self._spec.tombstones:
                record = msgspec.json.decode(one.body)
                ext_id = record_id(self._spec, record)
                if ext_id:
                    state = "gone" if is_deleted(self._spec, record) else "here"
                    known[content_id("record", ext_id)] = (ext_id, state, place)
        if not known:
            return read
        where = (tx, self._lease.source_id, self._stream)
        back = await tables.gone_among(*where, list(known))
        ext_ids, states = [v[0] for v in known.values()], [v[1] for v in known.values()]
        fresh = await tables.see_records(*where, list(known), ext_ids, states, self.state.pass_number)
        first = {place for key, (_, state, place) in known.items() if state == "broken" and key in fresh}
        returned = {place for key, (_, state, place) in known.items() if state == "here" and key in back}
        return [
            self._returned(one) if place in returned and isinstance(one, NewEvent) else one
            for place, one in enumerate(read)
            if isinstance(one, NewEvent) or place in first
        ]

    def _returned(self, one: NewEvent) -> NewEvent:
        """A record that was gone is there again: a word of its own, since this version of it may be in the log."""
        return msgspec.structs.replace(one, message_id=f"{one.message_id}:back:{self.state.pass_number}")

    def _finish(self, now: datetime) -> None:
        state = self.state
        since = state.high if state.high is not None else state.since
        if self._spec.cursor is not None and state.since is not None and not isinstance(since, dict):
            since = newer(state.since, since)
        self.state = _with(
            state, since=since, high=None, position=None, lane="live", full_pass=False, last_sync_at=now, run_id=None,
            next_due_at=now + timedelta(seconds=max(self._spec.every_s, 1)),
        )  # fmt: skip

    async def _save(self, tx: Tx, run_id: int, counts: Counter[str], cost: Cost, now: datetime, *, done: bool) -> None:
        values = {f: getattr(self.state, f) for f in self.state.__struct_fields__}
        await tables.save_stream(tx, self._lease.source_id, self._stream, values, now, full_begun=self._full_begun)
        self._full_begun = False
        whole = {"pages": 1, "requests": cost.requests, "bytes": cost.received}
        await tables.add_to_run(
            tx, run_id, whole | {k: counts[k] for k in ("rows", "new", "duplicates", "dead")}, now if done else None
        )
        if done:
            await tables.synced(tx, self._lease.source_id, now)


def _with(state: StreamState, **changes: Any) -> StreamState:
    return msgspec.structs.replace(state, **changes)
