"""The tables dead_letter (what consumers put aside, and what became of letters) and letter_run."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from honeyguide.db import Row, Tx

_LETTER = "id, source_id, event_id, stage, reason, detail, body, at, state, attempts, closed_at, closed_by, mended_as"
_RUN = "id, actor, filter, state, upto, last_id, total, done, succeeded, failed, started_at, updated_at"
# $2 state, $3 source, $4 stage, $5 reason: each null when it is not asked for
_WANTED = (
    "workspace_id = $1 and ($2::text is null or state = $2) and ($3::int is null or source_id = $3) "
    "and ($4::text is null or stage = $4) and ($5::text is null or reason = $5)"
)
Wanted = tuple[str | None, int | None, str | None, str | None]


async def put_aside(
    tx: Tx, source_id: int, event_id: UUID | None, stage: str, reason: str, detail: str, body: bytes, at: datetime
) -> None:
    """Insert a letter; one that is known has one attempt more, and is open again unless it was dropped or mended.

    Dropped and mended stay: the log is read again from its beginning at every replay, and still holds the row.
    """
    await tx.run(
        "insert into dead_letter (workspace_id, source_id, event_id, stage, reason, detail, body, at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8) "
        "on conflict (workspace_id, event_id, stage, reason, sha256(body)) where event_id is not null "
        "do update set attempts = dead_letter.attempts + 1, detail = excluded.detail, state = case "
        "when dead_letter.state = 'dropped' or dead_letter.mended_as is not null then dead_letter.state else 'open' end",
        tx.workspace_id, source_id, event_id, stage, reason, detail, body, at,
    )  # fmt: skip


async def found(tx: Tx, wanted: Wanted, after: int | None, limit: int) -> list[Row]:
    """Letters, newest first, below the id `after`."""
    return await tx.rows(
        f"select {_LETTER} from dead_letter where {_WANTED} and ($6::bigint is null or id < $6) order by id desc limit $7",
        tx.workspace_id, *wanted, after, limit,
    )  # fmt: skip


async def count(tx: Tx, wanted: Wanted) -> int:
    """How many letters there are of these."""
    n: int = await tx.value(f"select count(*) from dead_letter where {_WANTED}", tx.workspace_id, *wanted)
    return n


async def reasons(tx: Tx, wanted: Wanted) -> list[Row]:
    """How many letters per stage and reason, the most frequent first."""
    return await tx.rows(
        f"select stage, reason, count(*) as n from dead_letter where {_WANTED} group by stage, reason "
        "order by count(*) desc, stage, reason limit 100",
        tx.workspace_id, *wanted,
    )  # fmt: skip


async def one(tx: Tx, letter_id: int) -> Row | None:
    """One letter, without holding it."""
    return await tx.row(
        f"select {_LETTER} from dead_letter where workspace_id = $1 and id = $2", tx.workspace_id, letter_id
    )


async def held(tx: Tx, letter_id: int) -> Row | None:
    """One letter, held until the transaction ends."""
    return await tx.row(
        f"select {_LETTER} from dead_letter where workspace_id = $1 and id = $2 for update", tx.workspace_id, letter_id
    )


async def close(tx: Tx, letter_id: int, state: str, actor: str, at: datetime, mended_as: UUID | None = None) -> None:
    """Close a letter: retried or dropped, by whom, and as which event its mended body went on."""
    await tx.run(
        "update dead_letter set state = $3, closed_by = $4, closed_at = $5, mended_as = coalesce($6, mended_as) "
        "where workspace_id = $1 and id = $2",
        tx.workspace_id, letter_id, state, actor, at, mended_as,
    )  # fmt: skip


async def failed_again(tx: Tx, letter_id: int, detail: str) -> None:
    """One attempt more, and what it failed with."""
    await tx.run(
        "update dead_letter set attempts = attempts + 1, detail = $3 where workspace_id = $1 and id = $2",
        tx.workspace_id, letter_id, detail,
    )  # fmt: skip


async def waiting_at(tx: Tx, stage: str, events: Sequence[UUID]) -> set[UUID]:
    """Which of these events wait in an open letter of a stage."""
    rows = await tx.rows(
        "select event_id from dead_letter where workspace_id = $1 and event_id = any($2::uuid[]) and stage = $3 "
        "and state = 'open'",
        tx.workspace_id, events, stage,
    )  # fmt: skip
    return {row["event_id"] for row in rows}


async def start_run(tx: Tx, actor: str, wanted: Wanted, upto: int, total: int, at: datetime) -> Row:
    """A bulk retry over the letters of a filter that are there now."""
    row = await tx.row(
        "insert into letter_run (workspace_id, actor, filter, upto, total, started_at, updated_at) "
        f"values ($1, $2, $3, $4, $5, $6, $6) returning {_RUN}",
        tx.workspace_id, actor, list(wanted), upto, total, at,
    )  # fmt: skip
    if row is None:
        raise RuntimeError("an insert returned no row")
    return row


async def newest(tx: Tx) -> int:
    """The highest id of a letter, 0 without any."""
    found: int = await tx.value("select coalesce(max(id), 0) from dead_letter where workspace_id = $1", tx.workspace_id)
    return found


async def run(tx: Tx, run_id: int) -> Row | None:
    """One bulk retry."""
    return await tx.row(f"select {_RUN} from letter_run where workspace_id = $1 and id = $2", tx.workspace_id, run_id)


async def take_run(tx: Tx, run_id: int | None) -> Row | None:
    """A bulk retry that is not done (this one, or the oldest), held; None when there is none or another has it."""
    return await tx.row(
        f"select {_RUN} from letter_run where workspace_id = $1 and state = 'running' and ($2::bigint is null or id = $2) "
        "order by id limit 1 for update skip locked",
        tx.workspace_id, run_id,
    )  # fmt: skip


async def next_of(tx: Tx, wanted: Wanted, after: int, upto: int) -> int | None:
    """The next letter of a bulk retry."""
    found: int | None = await tx.value(
        f"select id from dead_letter where {_WANTED} and id > $6 and id <= $7 order by id limit 1",
        tx.workspace_id, *wanted, after, upto,
    )  # fmt: skip
    return found


async def move_run(tx: Tx, run_id: int, values: dict[str, Any], at: datetime) -> None:
    """Move a bulk retry on: its last letter, how many more succeeded and failed, its state."""
    await tx.run(
        "update letter_run set last_id = $3, done = done + $4 + $5, succeeded = succeeded + $4, failed = failed + $5, "
        "state = $6, updated_at = $7 where workspace_id = $1 and id = $2",
        tx.workspace_id, run_id, values["last_id"], values["succeeded"], values["failed"], values["state"], at,
    )  # fmt: skip
