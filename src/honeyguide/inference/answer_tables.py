"""SQL of `answer`: the log of every decision about a text, and the cache that makes asking again free."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.inference.contract import Answer, Span, Usage


class Given(Struct, frozen=True):
    """An answer as it is kept: of which text, to which question of which version of a set, when, asked how."""

    digest: UUID
    task: str
    answer: Answer
    at: datetime
    asked: str
    before: float = 0.0
    event: UUID | None = None


async def keep(tx: Tx, given: Iterable[Given]) -> None:
    """Add to the log. Of one tier's answers to a question the newest is current, whatever the order in which they come."""
    found = {(g.digest, g.task, g.answer.question, g.answer.tier, g.at): g for g in given}
    if not found:
        return
    rows = [found[key] for key in sorted(found)]
    await tx.run(
        """
        insert into answer (workspace_id, digest, task, question, tier, at, provider, model, prompt, probs, logits,
          evidence, flags, tokens_in, tokens_out, cpu_ms, cost_micros, before, asked, event_id, current)
        select $1, t.digest, t.task, t.question, t.tier, t.at, t.provider, t.model, t.prompt, t.probs, t.logits,
          t.evidence, string_to_array(t.flags, ' '), t.tokens_in, t.tokens_out, t.cpu_ms, t.cost_micros, t.before, t.asked,
          t.event_id, false
        from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::text[], $9::text[],
          $10::jsonb[], $11::jsonb[], $12::jsonb[], $13::text[], $14::bigint[], $15::bigint[], $16::real[], $17::bigint[],
          $18::real[], $19::text[], $20::uuid[]) as t (digest, task, question, tier, at, provider, model, prompt, probs,
          logits, evidence, flags, tokens_in, tokens_out, cpu_ms, cost_micros, before, asked, event_id)
        on conflict (workspace_id, digest, task, question, tier, at) do nothing
        """,
        tx.workspace_id,
        [g.digest for g in rows], [g.task for g in rows], [g.answer.question for g in rows],
        [g.answer.tier for g in rows], [g.at for g in rows], [g.answer.provider for g in rows],
        [g.answer.model for g in rows], [g.answer.prompt for g in rows], [g.answer.probs for g in rows],
        [g.answer.logits for g in rows], [{"spans": [[s.start, s.end] for s in g.answer.evidence]} for g in rows],
        [" ".join(g.answer.flags) for g in rows], [g.answer.usage.tokens_in for g in rows],
        [g.answer.usage.tokens_out for g in rows], [g.answer.usage.cpu_ms for g in rows],
        [g.answer.usage.cost_micros for g in rows], [g.before for g in rows], [g.asked for g in rows],
        [g.event for g in rows],
    )  # fmt: skip
    await _settle(tx, {g.digest for g in rows})


async def _settle(tx: Tx, digests: Collection[UUID]) -> None:
    """Mark the newest of each tier's answers to each question of these texts as the current one."""
    await tx.run(
        """
        update answer a set current = not a.current
        from (select b.digest, b.task, b.question, b.tier, b.at,
                row_number() over (partition by b.digest, b.task, b.question, b.tier order by b.at desc) = 1 as newest
              from answer b where b.workspace_id = $1 and b.digest = any($2::uuid[])) n
        where a.workspace_id = $1 and a.digest = n.digest and a.task = n.task and a.question = n.question
          and a.tier = n.tier and a.at = n.at and a.current <> n.newest
        """,
        tx.workspace_id, sorted(digests),
    )  # fmt: skip


class Kept(Struct, frozen=True):
    """What is known of one text: (task, question) -> the current answers of all tiers; how it was last asked."""

    answers: Mapping[tuple[str, str], tuple[Answer, ...]]
    asked: str

    @property
    def tasks(self) -> frozenset[str]:
        """The sets (with their versions) that are done with: their rules are logged last."""
        return frozenset(task for (task, _), given in self.answers.items() if any(a.tier == "rule" for a in given))


async def load(tx: Tx, texts: Mapping[UUID, str]) -> dict[UUID, Kept]:
    """The current answers about these texts (digest -> the text, from which quotes are cut again)."""
    if not texts:
        return {}
    rows = await tx.rows(
        """
        select digest, task, question, tier, provider, model, prompt, probs, logits, evidence, flags, tokens_in, tokens_out,
               cpu_ms, cost_micros, asked
        from answer where workspace_id = $1 and digest = any($2::uuid[]) and current
        order by digest, task, question, tier
        """,
        tx.workspace_id, sorted(texts),
    )  # fmt: skip
    answers: dict[UUID, dict[tuple[str, str], list[Answer]]] = {}
    asked: dict[UUID, str] = {}
    for r in rows:
        digest = UUID(int=r["digest"].int)
        answers.setdefault(digest, {}).setdefault((r["task"], r["question"]), []).append(_answer(r, texts[digest]))
        if r["tier"] == "rule":
            asked[digest] = max(asked.get(digest, ""), r["asked"])
    return {d: Kept({k: tuple(v) for k, v in found.items()}, asked.get(d, "")) for d, found in answers.items()}


def _answer(r: Row, text: str) -> Answer:
    spans = tuple(Span(s, e, text[s:e]) for s, e in r["evidence"]["spans"])
    return Answer(
        question=r["question"], probs=r["probs"], provider=r["provider"], tier=r["tier"], model=r["model"],
        evidence=spans, logits=r["logits"], prompt=r["prompt"], flags=tuple(f for f in r["flags"] if f),
        usage=Usage(r["tokens_in"], r["tokens_out"], r["cpu_ms"], r["cost_micros"]),
    )  # fmt: skip


async def tallies(tx: Tx) -> list[Row]:
    """How tiers fared where a person has the last word: tier, how sure we were before, right or not, how often."""
    return await tx.rows(
        """
        select a.tier, width_bucket(a.before::float8, array[0.5, 0.65, 0.8, 0.9]) as bucket,
               coalesce((a.probs ->> l.label)::float8, 0) >= all (
                 select v.value::float8 from jsonb_each_text(a.probs) v) as right_one, count(*) as n
        from answer p
        cross join lateral (select e.key as label from jsonb_each_text(p.probs) e order by e.value::float8 desc, e.key limit 1) l
        join answer a on a.workspace_id = p.workspace_id and a.digest = p.digest and a.task = p.task
          and a.question = p.question and a.tier <> 'person' and a.current
        where p.workspace_id = $1 and p.tier = 'person' and p.current
        group by 1, 2, 3
        """,
        tx.workspace_id,
    )  # fmt: skip
