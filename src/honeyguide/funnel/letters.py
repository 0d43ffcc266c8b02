"""Dead letters: what could not go on, with its reason and its bytes, until a person retries, mends or drops it.

A letter of a stage before the log (ingest, import, hook) goes through its door's parsing again. A letter of a
consumer (decode, plan, road, outcomes) has its row in the log; `carry`, which the road provides, runs it again. Both
happen in one transaction with the letter's new state, under a savepoint: a try that fails leaves only its attempt.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Conflict, HoneyguideError, NotFound
from honeyguide.db import Row, Tx, audit
from honeyguide.funnel import letter_tables, reparse, suppression, tables
from honeyguide.funnel.decode import decode
from honeyguide.funnel.events import Broken, Lane, NewEvent, Outcome, Undecodable, Verdict
from honeyguide.funnel.ingest import append
from honeyguide.funnel.letter_tables import Wanted
from honeyguide.funnel.sources import Source, load_sources

# Stages before the log: an input that ends here is counted, since it is in no other place.
BEFORE_THE_LOG = frozenset({"ingest", "import", "hook"})
PLAN = "plan"
DETAIL_MAX = 2_000
BODY_MAX = 1_000_000
_PREFIX = "letter"
# Runs one row of the log again from where the letter's stage left it; raises what keeps it from going on.
Carry = Callable[[Tx, Row, str], Awaitable[None]]


class DeadLetter(Struct, frozen=True):
    """A kept failure. `stage` is where it failed (ingest, import, hook, or a consumer's: decode, plan, road, outcomes).

    `mended_as` is the event that carries the mended body, when somebody edited it.
    """

    id: int
    source_id: int
    event_id: UUID | None
    stage: str
    reason: str
    detail: str
    body: bytes
    at: datetime
    state: str
    attempts: int
    closed_at: datetime | None = None
    closed_by: str | None = None
    mended_as: UUID | None = None


class Retried(Struct, frozen=True):
    """What a try led to: `accepted`, `duplicate`, `carried`, `failed` or `dropped`, and the problem when it failed."""

    outcome: str
    problem: str = ""
    event_ids: tuple[UUID, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the letter is closed now."""
        return self.outcome != "failed"


class Filter(Struct, frozen=True):
    """Which letters: None means any."""

    state: str | None = "open"
    source_id: int | None = None
    stage: str | None = None
    reason: str | None = None

    @property
    def wanted(self) -> Wanted:
        """As the statements take it."""
        return self.state, self.source_id, self.stage, self.reason


async def dead_letter(
    tx: Tx, source_id: int, stage: str, reason: str, detail: str, body: bytes, *, event_id: UUID | None = None
) -> None:
    """Keep a failure. The same event failing again at the same stage for the same reason is one more attempt.

    Of somebody who is suppressed nothing is kept; an input that ends here is then counted as refused.
    """
    now = clock.now()
    verdict = Verdict.DEAD_LETTER
    if await suppression.screen(tx, [(source_id, Broken(reason, detail, body, now, stage))]):
        verdict = Verdict.REFUSED
    else:
        await letter_tables.put_aside(tx, source_id, event_id, stage, reason, _plain(detail), body, now)
    if stage in BEFORE_THE_LOG:
        await tables.add_counts(tx, now.astimezone(UTC).date(), now, {(source_id, verdict.value): 1})


async def dead_letters(
    tx: Tx, wanted: Filter | None = None, *, after: int | None = None, limit: int = 50
) -> list[DeadLetter]:
    """Dead letters, newest first (the open ones unless told); `after` is the id of the last one seen."""
    rows = await letter_tables.found(tx, (wanted or Filter()).wanted, after, limit)
    return [_letter(row) for row in rows]


async def count_letters(tx: Tx, wanted: Filter) -> int:
    """How many dead letters a filter finds."""
    return await letter_tables.count(tx, wanted.wanted)


async def letter_reasons(tx: Tx, wanted: Filter) -> list[tuple[str, str, int]]:
    """(stage, reason, how many) of the letters a filter finds, the most frequent first."""
    return [(r["stage"], r["reason"], r["n"]) for r in await letter_tables.reasons(tx, wanted.wanted)]


async def letter(tx: Tx, letter_id: int) -> DeadLetter:
    """One dead letter. Raises NotFound."""
    row = await letter_tables.one(tx, letter_id)
    if row is None:
        raise NotFound(f"There is no dead letter {letter_id}.")
    return _letter(row)


async def retry(tx: Tx, letter_id: int, actor: str, carry: Carry) -> Retried:
    """Try an open letter again as it is. Raises NotFound, and Conflict when it is closed."""
    found = await _open(tx, letter_id)
    tried = await _try(tx, found, carry)
    await _note(tx, found, tried, actor, "retry")
    return tried


async def edit_and_retry(tx: Tx, letter_id: int, body: bytes, actor: str) -> Retried:
    """Send a mended body into the log as a new event; the letter keeps the original and names that event.

    Raises NotFound, Conflict when the letter is closed, and BadInput on a body over 1 MB.
    """
    if len(body) > BODY_MAX:
        raise BadInput(f"The mended body is larger than {BODY_MAX // 1000} KB.")
    found = await _open(tx, letter_id)
    source = await _source(tx, found)
    parsed = await _mended(tx, found, source, body)
    tried = await _append(tx, source, [_renamed(p, found, n) for n, p in enumerate(parsed)])
    if tried.ok:
        await letter_tables.close(tx, found.id, "retried", actor, clock.now(), tried.event_ids[0])
        await audit.write(tx, actor, "dead_letter.edit", f"dead_letter:{found.id}", _said(found, tried))
    else:
        await letter_tables.failed_again(tx, found.id, _plain(tried.problem))
    return tried


async def drop(tx: Tx, letter_id: int, actor: str) -> None:
    """Close a letter without doing anything with it. Raises NotFound, Conflict when it is closed already."""
    found = await _open(tx, letter_id)
    await letter_tables.close(tx, letter_id, "dropped", actor, clock.now())
    await audit.write(tx, actor, "dead_letter.drop", f"dead_letter:{letter_id}", _said(found, Retried("dropped")))


async def logged_row(tx: Tx, event_id: UUID) -> Row | None:
    """The row of the log a consumer's dead letter is about, in the shape consumers read; None when erased."""
    return await tables.logged_event(tx, event_id)


async def quarantined(tx: Tx, events: list[UUID]) -> set[UUID]:
    """Which of these events wait in quarantine: consumers behind the road pass them by."""
    return await letter_tables.waiting_at(tx, PLAN, events)


async def _try(tx: Tx, found: DeadLetter, carry: Carry) -> Retried:
    await tx.run("savepoint retrying")
    try:
        if found.stage in BEFORE_THE_LOG:
            source = await _source(tx, found)
            tried = await _append(tx, source, reparse.again(source, found.stage, found.body, found.at))
        else:
            tried = await _carried(tx, found, carry)
    except HoneyguideError as e:
        tried = Retried("failed", e.sentence())
    except Undecodable as e:
        tried = Retried("failed", str(e))
    except Exception as e:  # noqa: BLE001  # a defect of a step is the usual reason for a letter: it stays one
        tried = Retried("failed", f"{type(e).__name__}: {e}")
    await tx.run("rollback to savepoint retrying" if not tried.ok else "release savepoint retrying")
    return tried


async def _carried(tx: Tx, found: DeadLetter, carry: Carry) -> Retried:
    row = await logged_row(tx, found.event_id) if found.event_id else None
    if row is None:
        return Retried("failed", "The row is no longer in the log.")
    await carry(tx, row, found.stage)
    return Retried("carried", event_ids=(row["event_id"],))


async def _append(tx: Tx, source: Source, parsed: list[NewEvent | Broken]) -> Retried:
    broken = next((p for p in parsed if isinstance(p, Broken)), None)
    if broken is not None or not parsed:
        return Retried("failed", broken.detail or broken.reason if broken else "There is nothing in it.")
    outcomes = await append(tx, source, [p for p in parsed if isinstance(p, NewEvent)])
    return _summed(outcomes)


def _summed(outcomes: list[Outcome]) -> Retried:
    ids = tuple(o.event_id for o in outcomes if o.event_id is not None)
    bad = next((o for o in outcomes if o.verdict not in (Verdict.ACCEPTED, Verdict.DUPLICATE)), None)
    if bad is not None:
        words = {"id_reuse": f"The id {bad.message_id} is in the log with another body: mend it, or drop the letter.",
                 "suppressed": "It speaks of somebody whose data is suppressed."}  # fmt: skip
        return Retried("failed", words.get(bad.reason, bad.reason or bad.verdict.value))
    fresh = any(o.verdict is Verdict.ACCEPTED for o in outcomes)
    return Retried("accepted" if fresh else "duplicate", event_ids=ids)


async def _mended(tx: Tx, found: DeadLetter, source: Source, body: bytes) -> list[NewEvent | Broken]:
    if found.stage in BEFORE_THE_LOG:
        return reparse.again(source, found.stage, body, clock.now())
    row = await logged_row(tx, found.event_id) if found.event_id else None
    if row is None:
        raise Conflict("The row of this letter is no longer in the log.", advice="Drop the letter.")
    now = clock.now()
    try:
        decode({**dict(row), "body": body}, source)
    except Undecodable as e:
        return [Broken(e.reason, str(e), body, now)]
    at = min(row["event_time"], now)
    return [NewEvent(row["format"], row["kind"], "", body, now, at, row["sent_at"], _lane(row["lane"]))]


def _lane(code: int) -> Lane:
    return next((lane for lane in Lane if lane.code == code), Lane.LIVE)


def _renamed(parsed: NewEvent | Broken, found: DeadLetter, position: int) -> NewEvent | Broken:
    """A mended body has an id of its own that names its letter; a payload that never entered the log keeps its own."""
    if isinstance(parsed, Broken):
        return parsed
    own = parsed.message_id if found.stage in BEFORE_THE_LOG and found.reason != "id_reuse" else ""
    ident = own or f"{_PREFIX}:{found.id}" + (f":{position}" if position else "")
    return NewEvent(
        parsed.format, parsed.kind, ident, parsed.body, parsed.received_at, parsed.event_time, parsed.sent_at,
        parsed.lane, parsed.position,
    )  # fmt: skip


async def _note(tx: Tx, found: DeadLetter, tried: Retried, actor: str, act: str) -> None:
    if tried.ok:
        await letter_tables.close(tx, found.id, "retried", actor, clock.now())
    else:
        await letter_tables.failed_again(tx, found.id, _plain(tried.problem))
    await audit.write(tx, actor, f"dead_letter.{act}", f"dead_letter:{found.id}", _said(found, tried))


def _said(found: DeadLetter, tried: Retried) -> dict[str, object]:
    """What the audit keeps: never the body, which may quote a person."""
    return {
        "stage": found.stage, "reason": found.reason, "outcome": tried.outcome, "events": [str(e) for e in tried.event_ids],
    }  # fmt: skip


async def _source(tx: Tx, found: DeadLetter) -> Source:
    source = (await load_sources(tx)).get(found.source_id)
    if source is None:
        raise NotFound(f"The source of dead letter {found.id} is gone.", advice="Drop the letter.")
    return source


async def _open(tx: Tx, letter_id: int) -> DeadLetter:
    row = await letter_tables.held(tx, letter_id)
    if row is None:
        raise NotFound(f"There is no dead letter {letter_id}.")
    found = _letter(row)
    if found.state != "open":
        raise Conflict(f"Dead letter {letter_id} is already {found.state}.")
    return found


def _plain(text: str) -> str:
    """As PostgreSQL's text can hold it."""
    return text.replace("\x00", "")[:DETAIL_MAX].encode("utf-8", "replace").decode()


def _letter(row: Row) -> DeadLetter:
    return DeadLetter(**{f: row[f] for f in DeadLetter.__struct_fields__})
