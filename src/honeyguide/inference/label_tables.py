"""SQL of labels and heads. Owns: inference_label, inference_head."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from honeyguide.db import Row, Tx
from honeyguide.inference.label import Label


async def keep(tx: Tx, labels: Sequence[Label]) -> int:
    """Add labels; of one source's labels of one text the newest stands. Returns how many changed something."""
    found = {(x.task, x.question, x.digest, x.source): x for x in sorted(labels, key=lambda x: (x.at, x.label))}
    if not found:
        return 0
    rows = [found[key] for key in sorted(found)]
    return await tx.run(
        """
        insert into inference_label as l (workspace_id, task, question, digest, source, label, denied, text_ref, actor,
                                          weight, at)
        select $1, * from unnest($2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::boolean[], $8::text[],
                                 $9::text[], $10::real[], $11::timestamptz[])
        on conflict (workspace_id, task, question, digest, source) do update set
          label = excluded.label, denied = excluded.denied, text_ref = excluded.text_ref, actor = excluded.actor,
          weight = excluded.weight, at = excluded.at
        where (excluded.at, excluded.label) >= (l.at, l.label)
          and (excluded.at, excluded.label, excluded.weight, excluded.denied) is distinct from (l.at, l.label, l.weight, l.denied)
        """,
        tx.workspace_id,
        [x.task for x in rows], [x.question for x in rows], [x.digest for x in rows], [x.source for x in rows],
        [x.label for x in rows], [x.denied for x in rows], [x.text_ref for x in rows], [x.actor[:200] for x in rows],
        [x.weight for x in rows], [x.at for x in rows],
    )  # fmt: skip


async def withdraw(tx: Tx, digests: Collection[UUID], kept: Sequence[Label]) -> int:
    """Remove what outcomes (csat, status) once said of these texts and say no longer: all but `kept`."""
    return await tx.run(
        """
        delete from inference_label l
        where l.workspace_id = $1 and l.digest = any($2::uuid[]) and l.source in ('csat', 'status')
          and not exists (
            select 1 from unnest($3::text[], $4::text[], $5::uuid[], $6::text[]) as k (task, question, digest, source)
            where k.task = l.task and k.question = l.question and k.digest = l.digest and k.source = l.source)
        """,
        tx.workspace_id, sorted(set(digests)),
        [x.task for x in kept], [x.question for x in kept], [x.digest for x in kept], [x.source for x in kept],
    )  # fmt: skip


async def load(tx: Tx, task: str, question: str) -> list[Label]:
    """Every label of a question, in an order that depends on nothing but the labels."""
    rows = await tx.rows(
        """
        select task, question, digest, source, label, denied, text_ref, actor, weight, at from inference_label
        where workspace_id = $1 and task = $2 and question = $3 order by at, digest, source
        """,
        tx.workspace_id, task, question,
    )  # fmt: skip
    return [
        Label(
            r["task"], r["question"], UUID(int=r["digest"].int), r["label"], r["source"], text_ref=r["text_ref"],
            actor=r["actor"], weight=r["weight"], at=r["at"], denied=r["denied"],
        )
        for r in rows
    ]  # fmt: skip


async def gather(tx: Tx, at: datetime) -> int:
    """Turn people's answers (tier `person`) into labels: accepted when the surest tier had said the same, else corrected."""
    gained = await tx.run(
        """
        insert into inference_label as l (workspace_id, task, question, digest, source, label, denied, text_ref, actor,
                                          weight, at)
        select $1, split_part(p.task, '@', 1), p.question, p.digest,
               case when said.label = m.label then 'accept' else 'correct' end, m.label, false, '', p.provider, 1, p.at
        from answer p
        cross join lateral (select e.key as label from jsonb_each_text(p.probs) e
                            order by e.value::float8 desc, e.key limit 1) m
        left join lateral (
          select e.key as label from answer a cross join lateral jsonb_each_text(a.probs) e
          where a.workspace_id = p.workspace_id and a.workspace_id = $1 and a.digest = p.digest and a.task = p.task
            and a.question = p.question and a.tier <> 'person' and a.current
          order by e.value::float8 desc, e.key limit 1) said on true
        where p.workspace_id = $1 and p.tier = 'person' and p.current and p.at <= $2
        on conflict (workspace_id, task, question, digest, source) do update set
          label = excluded.label, actor = excluded.actor, at = excluded.at
        where excluded.at > l.at
        """,
        tx.workspace_id, at,
    )  # fmt: skip
    # A person who changed their mind said one thing, not two.
    await tx.run(
        """
        delete from inference_label l using inference_label n
        where l.workspace_id = $1 and n.workspace_id = l.workspace_id and n.task = l.task and n.question = l.question
          and n.digest = l.digest and n.at > l.at
          and l.source in ('accept', 'reject', 'correct') and n.source in ('accept', 'reject', 'correct')
        """,
        tx.workspace_id,
    )
    return gained


async def forget(tx: Tx, digests: Collection[UUID]) -> int:
    """Remove every label of these texts (their author is erased)."""
    return await tx.run(
        "delete from inference_label where workspace_id = $1 and digest = any($2::uuid[])",
        tx.workspace_id, sorted(set(digests)),
    )  # fmt: skip


async def places(tx: Tx, digests: Collection[UUID]) -> set[int]:
    """The subjects whose texts these are."""
    rows = await tx.rows(
        "select distinct subject from reading where workspace_id = $1 and digest = any($2::uuid[])",
        tx.workspace_id, sorted(set(digests)),
    )  # fmt: skip
    return {r["subject"] for r in rows}


async def counts(tx: Tx) -> list[Row]:
    """Labels per question, and how many stood when a head was last tried."""
    return await tx.rows(
        """
        select l.task, l.question, count(*) as labels,
               coalesce((select h.labels from inference_head h
                         where h.workspace_id = $1 and h.workspace_id = l.workspace_id and h.task = l.task
                           and h.question = l.question order by h.version desc limit 1), 0) as tried
        from inference_label l where l.workspace_id = $1
        group by l.workspace_id, l.task, l.question order by l.task, l.question
        """,
        tx.workspace_id,
    )  # fmt: skip


async def judged(tx: Tx) -> list[Row]:
    """Where a person has spoken: how sure the answer was that stood before, and whether it was right, by question."""
    return await tx.rows(
        """
        select split_part(p.task, '@', 1) as task, p.question, said.confidence, said.label = m.label as was_right
        from answer p
        cross join lateral (select e.key as label from jsonb_each_text(p.probs) e
                            order by e.value::float8 desc, e.key limit 1) m
        join lateral (
          select e.key as label, e.value::float8 as confidence
          from answer a cross join lateral jsonb_each_text(a.probs) e
          where a.workspace_id = p.workspace_id and a.workspace_id = $1 and a.digest = p.digest and a.task = p.task
            and a.question = p.question and a.tier <> 'person' and a.at <= p.at
          order by a.tier = 'embedding' desc, a.at desc, e.value::float8 desc, e.key limit 1) said on true
        where p.workspace_id = $1 and p.tier = 'person' and p.current
        order by task, p.question, p.digest
        """,
        tx.workspace_id,
    )  # fmt: skip


async def next_version(tx: Tx, task: str, question: str) -> int:
    """The number of the next head of a question; two trainings at a time get different ones or one of them fails."""
    last = await tx.value(
        "select coalesce(max(version), 0) from inference_head where workspace_id = $1 and task = $2 and question = $3",
        tx.workspace_id, task, question,
    )  # fmt: skip
    return int(last) + 1


async def tries(tx: Tx, task: str, question: str, parent: int) -> int:
    """How many heads were tried against this version."""
    return int(
        await tx.value(
            "select count(*) from inference_head where workspace_id = $1 and task = $2 and question = $3 and parent = $4",
            tx.workspace_id, task, question, parent,
        )
    )  # fmt: skip


async def current(tx: Tx, task: str, question: str) -> Row | None:
    """The head of the workspace's own that answers a question, locked; None while it is the shipped one."""
    return await tx.row(
        "select * from inference_head where workspace_id = $1 and task = $2 and question = $3 and state = 'current' for update",
        tx.workspace_id, task, question,
    )  # fmt: skip


async def all_current(tx: Tx) -> list[Row]:
    """Every head that answers."""
    return await tx.rows(
        "select * from inference_head where workspace_id = $1 and state = 'current' order by task, question",
        tx.workspace_id,
    )


async def histories(tx: Tx, limit: int) -> list[Row]:
    """The newest heads of every question, newest first, without their files."""
    return await tx.rows(
        """
        select * from (
          select h.task, h.question, h.version, h.state, h.labels, h.reviewed, h.seeds, h.metrics, h.reason, h.trained_at,
                 row_number() over (partition by h.task, h.question order by h.version desc) as place
          from inference_head h where h.workspace_id = $1) n
        where n.place <= $2 order by n.task, n.question, n.version desc
        """,
        tx.workspace_id, limit,
    )  # fmt: skip


async def insert(tx: Tx, row: dict[str, object]) -> None:
    """A new head, as a candidate."""
    names = [
        "task", "question", "version", "parent", "tries", "head", "features", "labels", "reviewed", "seeds", "metrics",
        "reason", "trained_at", "actor",
    ]  # fmt: skip
    await tx.run(
        """
        insert into inference_head (workspace_id, state, task, question, version, parent, tries, head, features, labels,
                                    reviewed, seeds, metrics, reason, trained_at, actor)
        values ($1, 'candidate', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        """,
        tx.workspace_id, *(row[n] for n in names),
    )  # fmt: skip


async def state(tx: Tx, task: str, question: str, version: int, to: str, reason: str, actor: str, at: datetime) -> int:
    """Move a head to another state, saying why."""
    return await tx.run(
        """
        update inference_head set state = $5, reason = $6, actor = $7, decided_at = $8
        where workspace_id = $1 and task = $2 and question = $3 and version = $4
        """,
        tx.workspace_id, task, question, version, to, reason, actor, at,
    )  # fmt: skip


async def version(tx: Tx, task: str, question: str, number: int) -> Row | None:
    """One head of a question."""
    return await tx.row(
        "select * from inference_head where workspace_id = $1 and task = $2 and question = $3 and version = $4",
        tx.workspace_id, task, question, number,
    )  # fmt: skip
