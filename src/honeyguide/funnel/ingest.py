"""Write payloads into the log: each id once, in the caller's transaction or in one of their own.

Every payload is answered with exactly one verdict and counted. Same id with the same body is a duplicate; with
another body the first stays and the new body is kept as a dead letter (`id_reuse`), unless the event is `versioned`:
its id then says all, and it is a duplicate whatever its body.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.db import Line, Tx, uuid_of, workspace
from honeyguide.funnel import suppression, tables
from honeyguide.funnel.events import (
    Broken,
    NewEvent,
    Outcome,
    Verdict,
    body_hash,
    derived_message_id,
    event_digest,
    id_prefix,
    plain_message_id,
    plain_name,
)
from honeyguide.funnel.sources import Source

Input = NewEvent | Broken
DEDUP_MONTHS = 13


class _Keyed(Struct, frozen=True, gc=False):
    """An event with its ids."""

    source_id: int
    event: NewEvent
    message_id: str
    digest: bytes
    ident: UUID
    hash: bytes


class Batch:
    """Inputs of one workspace with their ids, on their way into the log.

    `plain` batches hold nothing broken and no id twice: they are one statement (`write_alone`). The others need a
    transaction (`write`) for what is left over.
    """

    def __init__(self, workspace_id: int, inputs: Sequence[tuple[int, Input]]) -> None:
        self._workspace_id = workspace_id
        self._inputs = inputs
        prefixes: dict[int, bytes] = {}
        keyed: list[_Keyed | None] = []
        digests: list[bytes] = []
        for source_id, given in inputs:
            if given.__class__ is not NewEvent:
                keyed.append(None)
                continue
            prefix = prefixes.get(source_id)
            if prefix is None:
                prefix = prefixes[source_id] = id_prefix(workspace_id, source_id)
            ident = given.message_id
            ident = plain_message_id(ident) if ident else derived_message_id(given)
            digest = event_digest(prefix, ident)
            digests.append(digest)
            keyed.append(_Keyed(source_id, given, ident, digest, uuid_of(digest), body_hash(given.body)))
        self._keyed = keyed
        self.plain = len(set(digests)) == len(inputs)
        self._first = {} if self.plain else {one.digest: one for one in reversed(keyed) if one is not None}

    async def write_alone(self, line: Line, timeout_s: float) -> list[Outcome]:
        """One statement, committed when this returns. Only for a `plain` batch that is not empty."""
        at = clock.now().astimezone(UTC)
        columns = _columns(self._keyed)  # type: ignore[arg-type]  # plain: none of them is None
        return self._outcomes(await tables.append_events_alone(line, self._workspace_id, columns, at, timeout_s))

    async def write(self, tx: Tx) -> list[Outcome]:
        """In the caller's transaction; takes any batch."""
        if not self._inputs:
            return []
        at = clock.now().astimezone(UTC)
        first = [one for one in self._keyed if one is not None and (self.plain or self._first[one.digest] is one)]
        done = tables.ALL_NEW if not first else await tables.append_events(tx, _columns(first), at)
        outcomes = self._outcomes(done)
        if self.plain:
            return outcomes
        await self._settle_repeats(tx, outcomes)
        await self._keep_letters(tx, outcomes)
        others = Counter(
            (source_id, outcome.verdict.value)
            for (source_id, _), one, outcome in zip(self._inputs, self._keyed, outcomes, strict=True)
            if one is None or self._first[one.digest] is not one  # the others the statement has counted
        )
        await tables.add_counts(tx, at.date(), at, others)
        return outcomes

    def _outcomes(self, done: tables.Appended) -> list[Outcome]:
        """What became of each; of an id that stands here twice every one after the first is a duplicate for now."""
        fresh, reused = done
        if fresh is None and self.plain:
            accepted = Verdict.ACCEPTED
            return [Outcome(accepted, one.ident, one.message_id) for one in self._keyed if one is not None]
        found = []
        for one, (_, given) in zip(self._keyed, self._inputs, strict=True):
            if one is None:
                found.append(Outcome(Verdict.DEAD_LETTER, reason=given.reason if isinstance(given, Broken) else ""))
            elif not self.plain and self._first[one.digest] is not one:
                found.append(Outcome(Verdict.DUPLICATE, one.ident, one.message_id))
            elif fresh is None or one.ident in fresh:
                found.append(Outcome(Verdict.ACCEPTED, one.ident, one.message_id))
            elif one.ident in reused:
                found.append(Outcome(Verdict.MISMATCH, one.ident, one.message_id, "id_reuse"))
            else:
                found.append(Outcome(Verdict.DUPLICATE, one.ident, one.message_id))
        return found

    async def _settle_repeats(self, tx: Tx, outcomes: list[Outcome]) -> None:
        """Hold what came twice in this batch against the body that is in the log."""
        again = [
            (n, one) for n, one in enumerate(self._keyed) if one is not None and self._first[one.digest] is not one
        ]
        hashes = await tables.known_hashes(tx, list({one.ident for _, one in again})) if again else {}
        for n, one in again:
            if hashes.get(one.ident) != one.hash and not one.event.versioned:
                outcomes[n] = Outcome(Verdict.MISMATCH, one.ident, one.message_id, "id_reuse")

    async def _keep_letters(self, tx: Tx, outcomes: list[Outcome]) -> None:
        reused: dict[tuple[UUID, bytes], tables.Letter] = {}
        broken: dict[str, list[tables.Letter]] = {}
        for (source_id, given), one, outcome in zip(self._inputs, self._keyed, outcomes, strict=True):
            if isinstance(given, Broken):
                row = (source_id, None, given.reason, given.detail, given.body, given.received_at, 1)
                broken.setdefault(given.stage, []).append(row)
            elif one is not None and outcome.verdict is Verdict.MISMATCH and self._first[one.digest] is not one:
                detail = f"The id {one.message_id} is already in the log with another body; the first one stays."
                times = reused[one.ident, one.hash][-1] + 1 if (one.ident, one.hash) in reused else 1
                reused[one.ident, one.hash] = (
                    source_id, one.ident, "id_reuse", detail, given.body, given.received_at, times,
                )  # fmt: skip
        await tables.insert_letters(tx, "ingest", list(reused.values()))
        for stage, rows in broken.items():
            await tables.insert_letters(tx, stage, rows)


async def append(tx: Tx, source: Source, payloads: Sequence[NewEvent]) -> list[Outcome]:
    """Write payloads of one source into the log; returns what became of each, in order."""
    return await append_mixed(tx, [(source.id, p) for p in payloads])


async def append_mixed(tx: Tx, inputs: Sequence[tuple[int, Input]]) -> list[Outcome]:
    """Write (source id, payload) pairs of any sources of the workspace; what is Broken goes to the dead letters."""
    kept_out = await suppression.screen(tx, inputs)
    if not kept_out:
        return await Batch(tx.workspace_id, inputs).write(tx) if inputs else []
    rest = [given for n, given in enumerate(inputs) if n not in kept_out]
    outcomes = iter(await Batch(tx.workspace_id, rest).write(tx) if rest else [])
    await count_refused(tx, Counter(inputs[n][0] for n in kept_out))
    return [suppression.REFUSED if n in kept_out else next(outcomes) for n in range(len(inputs))]


async def count_refused(tx: Tx, refused: dict[int, int]) -> None:
    """Count payloads answered with 4xx: source id -> how many."""
    now = clock.now()
    counted = {(source_id, Verdict.REFUSED.value): n for source_id, n in refused.items() if n}
    await tables.add_counts(tx, now.date(), now, counted)


async def forget_old_ids(tx: Tx, at: datetime, limit: int = 10_000) -> int:
    """Forget ids older than the workspace's window, at most `limit`; returns how many. An id so old may be used again.

    The window is the workspace setting `dedup_months` (13 unless set; 0 keeps every id for ever).
    """
    months = (await workspace(tx)).settings.get("dedup_months", DEDUP_MONTHS)
    if not isinstance(months, int) or months <= 0:
        return 0
    return await tables.forget_ids(tx, at - timedelta(days=30.5 * months), limit)


def _columns(batch: Sequence[_Keyed]) -> tables.Columns:
    events = [k.event for k in batch]
    return [
        [k.ident for k in batch],
        [k.hash for k in batch],
        [k.message_id for k in batch],
        [e.event_time for e in events],
        [e.body for e in events],
        _shared([k.source_id for k in batch]),
        _shared([e.format for e in events]),
        _shared([plain_name(e.kind) for e in events]),
        _shared([e.received_at for e in events]),
        _shared([e.sent_at for e in events]),
        [lane.code for lane in _shared([e.lane for e in events])],
        _shared([not e.message_id for e in events]),
        _shared([e.versioned for e in events]),
    ]


def _shared(column: list[Any]) -> list[Any]:
    """One element when all are the same: encoding and decoding an array costs more than all the rest of a row."""
    return column[:1] if column[0] == column[-1] and column.count(column[0]) == len(column) else column
