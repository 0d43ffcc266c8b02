"""Dead letters: what could not go on, with its reason and its bytes, until a person retries or drops it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import Conflict, NotFound
from honeyguide.db import Row, Tx
from honeyguide.funnel import tables
from honeyguide.funnel.events import NewEvent, Outcome, Verdict
from honeyguide.funnel.ingest import append
from honeyguide.funnel.sources import Source

# Stages before the log: an input that ends here is counted, since it is in no other place.
BEFORE_THE_LOG = frozenset({"ingest", "import", "hook"})


class DeadLetter(Struct, frozen=True):
    """A kept failure. `stage` is where it failed (ingest, import, hook, or a consumer's stage such as decode)."""

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


async def dead_letter(
    tx: Tx, source_id: int, stage: str, reason: str, detail: str, body: bytes, *, event_id: UUID | None = None
) -> None:
    """Keep a failure. The same event failing again at the same stage for the same reason is one more attempt."""
    now = clock.now()
    await tables.insert_letters(tx, stage, [(source_id, event_id, reason, detail[:2_000], body, now, 1)])
    if stage in BEFORE_THE_LOG:
        await tables.add_counts(tx, now.astimezone(UTC).date(), now, {(source_id, Verdict.DEAD_LETTER.value): 1})


async def dead_letters(
    tx: Tx, *, state: str | None = "open", after: int | None = None, limit: int = 50
) -> list[DeadLetter]:
    """Dead letters, newest first; `after` is the id of the last one seen. `state=None` lists all."""
    return [_letter(row) for row in await tables.letters(tx, state, after, limit)]


async def retry(tx: Tx, letter_id: int, source: Source, payloads: Sequence[NewEvent]) -> list[Outcome]:
    """Send (mended) payloads of a letter into the log again and close it. Raises NotFound, Conflict when closed."""
    letter = await _open(tx, letter_id)
    if letter.source_id != source.id:
        raise Conflict(f"Dead letter {letter_id} belongs to another source.")
    outcomes = await append(tx, source, payloads)
    await tables.set_letter_state(tx, letter_id, "retried")
    return outcomes


async def drop(tx: Tx, letter_id: int) -> None:
    """Close a letter without doing anything with it. Raises NotFound, Conflict when it is closed already."""
    await _open(tx, letter_id)
    await tables.set_letter_state(tx, letter_id, "dropped")


async def mark_retried(tx: Tx, letter_id: int) -> None:
    """Close a letter whose event has now gone through (a consumer ran it again)."""
    await _open(tx, letter_id)
    await tables.set_letter_state(tx, letter_id, "retried")


async def logged_row(tx: Tx, event_id: UUID) -> Row | None:
    """The row of the log a consumer's dead letter is about, in the shape consumers read; None when erased."""
    return await tables.logged_event(tx, event_id)


async def _open(tx: Tx, letter_id: int) -> DeadLetter:
    row = await tables.letter(tx, letter_id)
    if row is None:
        raise NotFound(f"There is no dead letter {letter_id}.")
    letter = _letter(row)
    if letter.state != "open":
        raise Conflict(f"Dead letter {letter_id} is already {letter.state}.")
    return letter


def _letter(row: Row) -> DeadLetter:
    return DeadLetter(**{f: row[f] for f in DeadLetter.__struct_fields__})
