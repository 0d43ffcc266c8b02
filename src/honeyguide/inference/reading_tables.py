"""SQL of `reading`: the texts to be read, as a bounded queue that loses nothing.

At most `MOST_WAITING` texts of a workspace wait; later ones are parked, in order, and come up as places get free. A row
costs no word: texts stay in `signal`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx

MOST_WAITING = 20_000
LIVE, HISTORY, AGAIN = 0, 1, 2  # lanes: what happens now, what happened long ago, what is asked anew


class Reading(Struct, frozen=True):
    """A text in the queue, or one that has been read (`asked`: with which versions and tiers)."""

    id: UUID
    subject: int
    event: UUID
    field: str
    kind: str
    digest: UUID
    at: datetime
    author: int | None
    company: int | None
    lane: int
    value: float
    read: bool
    asked: str = ""
    tries: int = 0


async def sync(tx: Tx, subjects: Collection[int], texts: Sequence[Reading], now: datetime) -> None:
    """Make these the readings of the subjects. One that is known keeps its place unless its words have changed."""
    if not subjects:
        return
    await tx.run(
        "delete from reading where workspace_id = $1 and subject = any($2::bigint[]) and id <> all($3::uuid[])",
        tx.workspace_id, sorted(subjects), [t.id for t in texts],
    )  # fmt: skip
    if not texts:
        return
    rows = sorted(texts, key=lambda t: t.id)
    waits = "waiting" if await _room(tx) else "parked"
    await tx.run(
        """
        insert into reading as r (workspace_id, id, subject, event_id, field, kind, digest, at, record_id, company_record_id, lane,
          value, state, asked, due_at)
        select $1, t.id, t.subject, t.event_id, t.field, t.kind, t.digest, t.at, t.record_id, t.company_record_id, t.lane,
          t.value, t.state, t.asked, $15
        from unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::timestamptz[], $9::bigint[],
          $10::bigint[], $11::smallint[], $12::real[], $13::text[], $14::text[]) as t (id, subject, event_id, field, kind,
          digest, at, record_id, company_record_id, lane, value, state, asked)
        on conflict (workspace_id, id) do update set digest = excluded.digest, state = excluded.state, asked = excluded.asked,
          value = excluded.value, tries = 0, due_at = excluded.due_at
        where r.digest <> excluded.digest or (r.state <> 'read' and excluded.state = 'read')
        """,
        tx.workspace_id,
        [t.id for t in rows], [t.subject for t in rows], [t.event for t in rows], [t.field for t in rows],
        [t.kind for t in rows], [t.digest for t in rows], [t.at for t in rows], [t.author for t in rows],
        [t.company for t in rows], [t.lane for t in rows], [t.value for t in rows],
        ["read" if t.read else waits for t in rows], [t.asked for t in rows], now,
    )  # fmt: skip


async def _room(tx: Tx) -> bool:
    waiting: int = await tx.value(
        "select count(*) from (select 1 from reading where workspace_id = $1 and state = 'waiting' limit $2) w",
        tx.workspace_id, MOST_WAITING,
    )  # fmt: skip
    return waiting < MOST_WAITING


async def take(tx: Tx, limit: int, now: datetime, until: datetime) -> list[Reading]:
    """Claim the next texts, the most urgent lane first, then the most valuable, then the oldest.

    They come up again at `until`, should whoever took them vanish.
    """
    rows = await tx.rows(
        """
        with next as (select r.id from reading r where r.workspace_id = $1 and r.state = 'waiting' and r.due_at <= $3
          order by r.lane, r.value desc, r.at, r.id limit $2 for update skip locked)
        update reading r set due_at = $4 from next where r.workspace_id = $1 and r.id = next.id
        returning r.*
        """,
        tx.workspace_id, limit, now, until,
    )  # fmt: skip
    found = [_reading(r) for r in rows]
    return sorted(found, key=lambda r: (r.lane, -r.value, r.at, r.id))


async def unpark(tx: Tx, limit: int) -> int:
    """Let parked texts wait where there is room, the oldest first."""
    if not await _room(tx):
        return 0
    return await tx.run(
        """
        update reading set state = 'waiting' where workspace_id = $1 and id in (
          select p.id from reading p where p.workspace_id = $1 and p.state = 'parked' order by p.at, p.id limit $2)
        """,
        tx.workspace_id, limit,
    )  # fmt: skip


async def ask_anew(tx: Tx, kind: str, asked: str, limit: int) -> int:
    """Queue texts that were read with other versions or other tiers than now, in the last lane. Returns how many."""
    if not await _room(tx):
        return 0
    return await tx.run(
        """
        update reading set state = 'waiting', lane = $5, tries = 0 where workspace_id = $1 and id in (
          select s.id from reading s where s.workspace_id = $1 and s.state = 'read' and s.kind = $2 and s.asked <> $3
          order by s.at desc, s.id limit $4)
        """,
        tx.workspace_id, kind, asked, limit, AGAIN,
    )  # fmt: skip


async def settle(tx: Tx, ids: Collection[UUID], asked: str) -> None:
    """These are read."""
    await tx.run(
        "update reading set state = 'read', asked = $3, tries = 0 where workspace_id = $1 and id = any($2::uuid[])",
        tx.workspace_id, sorted(ids), asked,
    )  # fmt: skip


async def put_back(tx: Tx, due: Sequence[tuple[UUID, datetime, bool]]) -> None:
    """These wait on until then; `failed` counts as a try."""
    await tx.run(
        """
        update reading r set due_at = t.due, tries = r.tries + t.failed::integer
        from unnest($2::uuid[], $3::timestamptz[], $4::boolean[]) as t (id, due, failed)
        where r.workspace_id = $1 and r.id = t.id
        """,
        tx.workspace_id, [d[0] for d in due], [d[1] for d in due], [d[2] for d in due],
    )  # fmt: skip


async def subjects_of(tx: Tx, digests: Collection[UUID]) -> set[int]:
    """The subjects in which these texts stand."""
    rows = await tx.rows(
        "select distinct subject from reading where workspace_id = $1 and digest = any($2::uuid[])",
        tx.workspace_id, sorted(digests),
    )  # fmt: skip
    return {r["subject"] for r in rows}


async def due_more_than(tx: Tx, n: int, now: datetime) -> bool:
    """Whether more than `n` texts are due that were never read or have news (the last lane is in no hurry)."""
    found: bool = await tx.value(
        "select count(*) > $4 from (select 1 from reading where workspace_id = $1 and state = 'waiting' and lane < $3 "
        "and due_at <= $2 limit $4 + 1) as s",
        tx.workspace_id, now, AGAIN, n,
    )  # fmt: skip
    return found


async def any_text(tx: Tx) -> bool:
    """Whether this workspace has ever had a text to read."""
    found: bool = await tx.value("select exists(select 1 from reading where workspace_id = $1)", tx.workspace_id)
    return found


async def counts(tx: Tx) -> dict[str, int]:
    """How many texts wait, are parked, are read."""
    rows = await tx.rows(
        "select state, count(*) as n from reading where workspace_id = $1 group by state", tx.workspace_id
    )
    return {"waiting": 0, "parked": 0, "read": 0} | {r["state"]: r["n"] for r in rows}


def _reading(r: Row) -> Reading:
    return Reading(
        id=UUID(int=r["id"].int), subject=r["subject"], event=UUID(int=r["event_id"].int), field=r["field"],
        kind=r["kind"], digest=UUID(int=r["digest"].int), at=r["at"], author=r["record_id"],
        company=r["company_record_id"], lane=r["lane"], value=r["value"], read=r["state"] == "read", asked=r["asked"],
        tries=r["tries"],
    )  # fmt: skip


async def digests_of(tx: Tx, events: Collection[UUID], records: Collection[int]) -> set[UUID]:
    """The texts of these events, and those these records wrote or are kept with."""
    rows = await tx.rows(
        "select digest from reading where workspace_id = $1 and event_id = any($2::uuid[]) "
        "union select digest from reading where workspace_id = $1 and record_id = any($3::bigint[])",
        tx.workspace_id, list(events), sorted(records),
    )  # fmt: skip
    return {UUID(int=r["digest"].int) for r in rows}


async def forget(tx: Tx, digests: Collection[UUID]) -> None:
    """Remove these texts from the queue, with their answers, questions and names."""
    ids = sorted(digests)
    await tx.run(
        "delete from mention where workspace_id = $1 and subject in "
        "(select r.subject from reading r where r.workspace_id = $1 and r.digest = any($2::uuid[]))",
        tx.workspace_id, ids,
    )  # fmt: skip
    await tx.run(
        "delete from inference_review where workspace_id = $1 and digest = any($2::uuid[])", tx.workspace_id, ids
    )
    await tx.run("delete from answer where workspace_id = $1 and digest = any($2::uuid[])", tx.workspace_id, ids)
    await tx.run("delete from reading where workspace_id = $1 and digest = any($2::uuid[])", tx.workspace_id, ids)
