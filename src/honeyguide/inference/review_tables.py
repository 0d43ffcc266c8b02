"""SQL of `inference_review`: what a person should look at, the most valuable first."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx


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
          evidence, flags, disagreement, value, state, label, actor, at)
        select $1, t.id, t.reading_id, t.subject, t.digest, t.task, t.question, t.tier, t.answers, t.evidence,
          string_to_array(t.flags, ' '), t.disagreement, t.value, 'open', '', '', t.at
        from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::jsonb[],
          $10::jsonb[], $11::text[], $12::boolean[], $13::float8[], $14::timestamptz[]) as t (id, reading_id, subject, digest,
          task, question, tier, answers, evidence, flags, disagreement, value, at)
        on conflict (workspace_id, id) do update set digest = excluded.digest, task = excluded.task, tier = excluded.tier,
          answers = excluded.answers, evidence = excluded.evidence, flags = excluded.flags,
          disagreement = excluded.disagreement, value = excluded.value, state = 'open', label = '', actor = '',
          decided_at = null
        """,
        tx.workspace_id,
        [w.id for w in rows], [w.reading for w in rows], [w.subject for w in rows], [w.digest for w in rows],
        [w.task for w in rows], [w.question for w in rows], [w.tier for w in rows], [w.probs for w in rows],
        [{"spans": w.evidence} for w in rows], [" ".join(w.flags) for w in rows], [w.disagreement for w in rows],
        [w.value for w in rows], [w.at for w in rows],
    )  # fmt: skip


async def decided(tx: Tx, digest: UUID, task: str, question: str, label: str, actor: str, at: datetime) -> None:
    """Close the open questions about this text that a person has answered."""
    await tx.run(
        "update inference_review set state = 'decided', label = $5, actor = $6, decided_at = $7 where workspace_id = $1 "
        "and digest = $2 and task = $3 and question = $4 and (decided_at is null or decided_at <= $7)",
        tx.workspace_id, digest, task, question, label, actor, at,
    )  # fmt: skip


_SHOWN = """
select v.id, v.task, v.question, v.tier, v.answers, v.evidence, v.flags, v.disagreement, v.value, v.state, v.label, v.actor,
  v.decided_at, v.at, v.digest, v.subject, r.kind, r.field, r.record_id, s.ref, s.source, s.event_id,
  s.texts ->> r.field as text, s.record_id as about, p.entity_id as persona,
  coalesce(nullif(n.name, ''), n.key, '') as persona_name
from inference_review v
join reading r on r.workspace_id = v.workspace_id and r.id = v.reading_id
join signal s on s.workspace_id = r.workspace_id and s.subject = r.subject and s.event_id = r.event_id and s.at = r.at
  and s.texts ? r.field
left join record p on p.workspace_id = s.workspace_id and p.id = s.record_id
left join node n on n.workspace_id = p.workspace_id and n.id = p.entity_id
"""


async def listed(tx: Tx, state: str, task: str, after: tuple[float, UUID] | None, limit: int) -> list[Row]:
    """Questions with the texts they are about, the most valuable first, below `after`."""
    value, ident = after or (None, None)
    return await tx.rows(
        f"{_SHOWN} where v.workspace_id = $1 and v.state = $2 and ($3 = '' or split_part(v.task, '@', 1) = $3) "
        "and ($4::float8 is null or (v.value, v.id) < ($4::float8, $5::uuid)) order by v.value desc, v.id desc limit $6",
        tx.workspace_id, state, task, value, ident, limit,
    )  # fmt: skip


async def one(tx: Tx, ident: UUID) -> Row | None:
    """One question with its text."""
    return await tx.row(f"{_SHOWN} where v.workspace_id = $1 and v.id = $2", tx.workspace_id, ident)


async def count(tx: Tx, state: str, task: str) -> int:
    """How many there are."""
    found: int = await tx.value(
        "select count(*) from inference_review v join reading r on r.workspace_id = v.workspace_id and r.id = v.reading_id "
        "where v.workspace_id = $1 and v.state = $2 and ($3 = '' or split_part(v.task, '@', 1) = $3)",
        tx.workspace_id, state, task,
    )  # fmt: skip
    return found
