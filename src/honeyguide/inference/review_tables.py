"""SQL of `inference_review`: what a person should look at, the most valuable first.

An answer is worth less as its text ages: half as much every `HALF_LIFE_DAYS`. In logarithms that is a `rank` that never
changes, `log2(value) + age of the world in half-lives`, so the order holds without anything being written again.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from math import log2
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx

HALF_LIFE_DAYS = 30
LEAST_MINUTES = 0.5  # what an answer must be worth today to be asked for


def rank_of(value: float, at: datetime) -> float:
    """Where a question worth `value` minutes when its text was written stands in the queue."""
    return log2(max(value, 0.001)) + at.timestamp() / (86_400 * HALF_LIFE_DAYS)


class Wanted(Struct, frozen=True):
    """A question about a text that a person's answer is worth more than their minute."""

    id: UUID
    reading: UUID
    subject: int
    digest: UUID
    task: str
    question: str
    tier: str
    probs: dict[str, float]
    evidence: list[list[int]]
    flags: list[str]
    disagreement: bool
    value: float
    at: datetime


async def sync(tx: Tx, subjects: Collection[int], wanted: Sequence[Wanted]) -> None:
    """Make these the open questions of the subjects; those a person has decided stay as they are."""
    if not subjects:
        return
    await tx.run(
        "delete from inference_review where workspace_id = $1 and subject = any($2::bigint[]) and state = 'open' "
        "and id <> all($3::uuid[])",
        tx.workspace_id, sorted(subjects), [w.id for w in wanted],
    )  # fmt: skip
    if not wanted:
        return
    rows = sorted(wanted, key=lambda w: w.id)
    await tx.run(
        """
        insert into inference_review as r (workspace_id, id, reading_id, subject, digest, task, question, tier, answers,
          evidence, flags, disagreement, value, rank, state, label, actor, at)
        select $1, t.id, t.reading_id, t.subject, t.digest, t.task, t.question, t.tier, t.answers, t.evidence,
          string_to_array(t.flags, ' '), t.disagreement, t.value, t.rank, 'open', '', '', t.at
        from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::jsonb[],
          $10::jsonb[], $11::text[], $12::boolean[], $13::float8[], $14::timestamptz[], $15::float8[]) as t (id, reading_id, subject,
          digest, task, question, tier, answers, evidence, flags, disagreement, value, at, rank)
        on conflict (workspace_id, id) do update set digest = excluded.digest, task = excluded.task, tier = excluded.tier,
          answers = excluded.answers, evidence = excluded.evidence, flags = excluded.flags,
          disagreement = excluded.disagreement, value = excluded.value, rank = excluded.rank, state = 'open', label = '', actor = '',
          decided_at = null
        """,
        tx.workspace_id,
        [w.id for w in rows], [w.reading for w in rows], [w.subject for w in rows], [w.digest for w in rows],
        [w.task for w in rows], [w.question for w in rows], [w.tier for w in rows], [w.probs for w in rows],
        [{"spans": w.evidence} for w in rows], [" ".join(w.flags) for w in rows], [w.disagreement for w in rows],
        [w.value for w in rows], [w.at for w in rows], [rank_of(w.value, w.at) for w in rows],
    )  # fmt: skip


async def decided(tx: Tx, digest: UUID, task: str, question: str, label: str, actor: str, at: datetime) -> None:
    """Close the open questions about this text that a person has answered."""
    await tx.run(
        "update inference_review set state = 'decided', label = $5, actor = $6, decided_at = $7 where workspace_id = $1 "
        "and digest = $2 and task = $3 and question = $4 and (decided_at is null or decided_at <= $7)",
        tx.workspace_id, digest, task, question, label, actor, at,
    )  # fmt: skip


# Of questions about the same words one stands for all: its answer settles them.
_COLUMNS = """
select v.id, v.task, v.question, v.tier, v.answers, v.evidence, v.flags, v.disagreement, v.value, v.rank, v.state, v.label,
  v.actor, v.decided_at, v.at, v.digest, v.subject, r.kind, r.field, r.record_id, s.ref, s.source, s.event_id,
  s.texts ->> r.field as text, s.record_id as about, p.entity_id as persona,
  coalesce(nullif(n.name, ''), n.key, '') as persona_name,
  (select count(*) from inference_review o where o.workspace_id = v.workspace_id and o.digest = v.digest
    and o.task = v.task and o.question = v.question and o.state = v.state) as alike
from inference_review v
join reading r on r.workspace_id = v.workspace_id and r.id = v.reading_id
join signal s on s.workspace_id = r.workspace_id and s.subject = r.subject and s.event_id = r.event_id and s.at = r.at
  and s.texts ? r.field
left join record p on p.workspace_id = s.workspace_id and p.id = s.record_id
left join node n on n.workspace_id = p.workspace_id and n.id = p.entity_id
"""
_QUEUED = (
    "v.workspace_id = $1 and v.state = $2 and ($3 = '' or split_part(v.task, '@', 1) = $3) "
    "and ($4::float8 is null or v.rank >= $4::float8) "
    "and not exists (select 1 from inference_review o where o.workspace_id = v.workspace_id and o.digest = v.digest "
    "and o.task = v.task and o.question = v.question and o.state = v.state and (o.rank, o.id) > (v.rank, v.id))"
)


def least_rank(now: datetime) -> float:
    """The rank of a question whose answer is worth `LEAST_MINUTES` at `now`."""
    return rank_of(LEAST_MINUTES, now)


async def listed(
    tx: Tx, state: str, task: str, after: tuple[float, UUID] | None, limit: int, least: float | None = None
) -> list[Row]:
    """Questions with the texts they are about, the most valuable first, below `after`; none ranked below `least`.

    `alike` says how many questions about the same words the answer settles.
    """
    rank, ident = after or (None, None)
    return await tx.rows(
        f"{_COLUMNS} where {_QUEUED} "
        "and ($5::float8 is null or (v.rank, v.id) < ($5::float8, $6::uuid)) order by v.rank desc, v.id desc limit $7",
        tx.workspace_id, state, task, least, rank, ident, limit,
    )  # fmt: skip


async def one(tx: Tx, ident: UUID) -> Row | None:
    """One question with its text."""
    return await tx.row(f"{_COLUMNS} where v.workspace_id = $1 and v.id = $2", tx.workspace_id, ident)


async def count(tx: Tx, state: str, task: str, least: float | None = None) -> int:
    """How many `listed` would give."""
    found: int = await tx.value(
        "select count(*) from inference_review v join reading r on r.workspace_id = v.workspace_id and r.id = v.reading_id "
        f"where {_QUEUED}",
        tx.workspace_id, state, task, least,
    )  # fmt: skip
    return found
