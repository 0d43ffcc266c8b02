"""The tables of the experts (expert_challenger, expert_weight, expert_answer, expert_question) and their SQL.

How good each was is learning's to say (expert_track).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx

OWNED = ("expert_challenger", "expert_weight", "expert_answer", "expert_question")


class Challenger(Struct, frozen=True):
    """An expert somebody named for a segment and stage."""

    segment: str
    stage: str
    expert: str
    named_by: str
    named_at: datetime


class StoredAnswer(Struct, frozen=True):
    """What a language model answered to a question, checked; kept, so that no replay asks again."""

    question: UUID
    model: str
    distribution: dict[str, float]
    reason: str
    evidence: list[dict[str, Any]]
    dropped: list[str]
    cost_micros: int
    at: datetime


async def challengers(tx: Tx) -> list[Challenger]:
    """Everybody who is named, in a fixed order."""
    found = await tx.rows(
        "select segment, stage, expert, named_by, named_at from expert_challenger where workspace_id = $1 "
        "order by segment, stage, expert",
        tx.workspace_id,
    )
    return [Challenger(**dict(r)) for r in found]


async def name(tx: Tx, one: Challenger) -> bool:
    """Name a challenger; False when it was named already."""
    return bool(
        await tx.run(
            "insert into expert_challenger (workspace_id, segment, stage, expert, named_by, named_at) "
            "values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
            tx.workspace_id, one.segment, one.stage, one.expert, one.named_by, one.named_at,
        )
    )  # fmt: skip


async def unname(tx: Tx, segment: str, stage: str, expert: str) -> bool:
    """Withdraw a challenger and what was learned about its weight."""
    keys = (tx.workspace_id, segment, stage, expert)
    await tx.run(
        "delete from expert_weight where workspace_id = $1 and segment = $2 and stage = $3 and expert = $4", *keys
    )
    return bool(
        await tx.run(
            "delete from expert_challenger where workspace_id = $1 and segment = $2 and stage = $3 and expert = $4",
            *keys,
        )
    )


async def weights(tx: Tx) -> list[Row]:
    """Learned weights of challengers that are still named."""
    return await tx.rows(
        "select w.segment, w.stage, w.expert, w.weight from expert_weight w join expert_challenger c "
        "on c.workspace_id = w.workspace_id and c.segment = w.segment and c.stage = w.stage and c.expert = w.expert "
        "where w.workspace_id = $1 order by w.segment, w.stage, w.expert",
        tx.workspace_id,
    )


async def save_weights(
    tx: Tx, segment: str, stage: str, learned: Mapping[str, float], decisions: int, at: datetime
) -> None:
    """Replace what was learned about one segment and stage."""
    names = sorted(learned)
    await tx.run(
        "insert into expert_weight (workspace_id, segment, stage, expert, weight, decisions, at) "
        "select $1, $2, $3, t.expert, t.weight, $6, $7 from unnest($4::text[], $5::float8[]) as t (expert, weight) "
        "on conflict (workspace_id, segment, stage, expert) do update set weight = excluded.weight, "
        "decisions = excluded.decisions, at = excluded.at",
        tx.workspace_id, segment, stage, names, [learned[n] for n in names], decisions, at,
    )  # fmt: skip


async def answers(tx: Tx, questions: Collection[UUID]) -> dict[UUID, StoredAnswer]:
    """Answers that are known to these questions."""
    found = await tx.rows(
        "select question, model, distribution, reason, evidence, dropped, cost_micros, at from expert_answer "
        "where workspace_id = $1 and question = any($2::uuid[])",
        tx.workspace_id, list(questions),
    )  # fmt: skip
    return {r["question"]: StoredAnswer(**dict(r)) for r in found}


async def latest_answers(tx: Tx, limit: int) -> dict[UUID, StoredAnswer]:
    """The newest answers by question."""
    found = await tx.rows(
        "select question, model, distribution, reason, evidence, dropped, cost_micros, at from expert_answer "
        "where workspace_id = $1 order by at desc, question limit $2",
        tx.workspace_id, limit,
    )  # fmt: skip
    return {r["question"]: StoredAnswer(**dict(r)) for r in found}


async def keep_answer(tx: Tx, answer: StoredAnswer) -> bool:
    """Keep an answer; the first one to a question stays. Its question is answered."""
    await tx.run(
        "delete from expert_question where workspace_id = $1 and question = $2", tx.workspace_id, answer.question
    )
    return bool(
        await tx.run(
            "insert into expert_answer (workspace_id, question, model, distribution, reason, evidence, dropped, cost_micros, at) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
            tx.workspace_id, answer.question, answer.model, answer.distribution, answer.reason, answer.evidence,
            answer.dropped, answer.cost_micros, answer.at,
        )
    )  # fmt: skip


async def wonder(tx: Tx, briefings: Mapping[UUID, dict[str, Any]], at: datetime) -> None:
    """Note questions without an answer, to be asked when a model is there; asked again, they count once more."""
    await tx.many(
        "insert into expert_question as q (workspace_id, question, briefing, first_at, next_at) values ($1, $2, $3, $4, $4) "
        "on conflict (workspace_id, question) do update set asked = q.asked + 1",
        [[tx.workspace_id, q, briefings[q], at] for q in sorted(briefings)],
    )


async def take_questions(tx: Tx, at: datetime, limit: int, again_at: datetime) -> list[Row]:
    """Questions that are due, those that came up most often first; nobody else takes them before `again_at`."""
    return await tx.rows(
        "update expert_question q set next_at = $4 from (select question from expert_question where workspace_id = $1 "
        "and next_at <= $2 order by asked desc, question limit $3 for update skip locked) as t "
        "where q.workspace_id = $1 and q.question = t.question returning q.question, q.briefing, q.asked, q.failed",
        tx.workspace_id, at, limit, again_at,
    )  # fmt: skip


async def failed(tx: Tx, questions: Sequence[UUID], most: int) -> None:
    """Nothing usable came back; after `most` times a question is given up."""
    await tx.run(
        "update expert_question set failed = failed + 1 where workspace_id = $1 and question = any($2::uuid[])",
        tx.workspace_id, list(questions),
    )  # fmt: skip
    await tx.run("delete from expert_question where workspace_id = $1 and failed >= $2", tx.workspace_id, most)


async def decision_of_ask(tx: Tx, ask_id: UUID) -> Row | None:
    """What was logged with the decision an ask came from."""
    return await tx.row(
        "select d.context, d.legal_actions, d.distribution, d.action from ask a join decision d "
        "on d.workspace_id = a.workspace_id and d.id = a.decision_id where a.workspace_id = $1 and a.id = $2",
        tx.workspace_id, ask_id,
    )  # fmt: skip
