"""The tables of autonomy (autonomy_event, append-only; autonomy_release) and the SQL that reads and writes them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx

OWNED = ("autonomy_event", "autonomy_release")
RELEASED, REFUSED, RETURNED = "released", "refused", "returned"


class HistoryRow(Struct, frozen=True):
    """One act of the history as stored."""

    seq: int
    at: datetime
    kind: str
    step: str
    from_level: int
    to_level: int
    evidence: dict[str, Any]
    actor: str
    actor_digest: bytes
    note: str
    note_digest: bytes
    previous: bytes
    hash: bytes
    signature: bytes


class Suggested(Struct, frozen=True):
    """A suggested ask of a step that may run alone."""

    ask_id: UUID
    step: str


_EVENT = ", ".join(HistoryRow.__struct_fields__)
# Levels, stops and budgets are each decided by their newest act.
_TOPIC = "case when kind in ('up', 'down') then 'level' when kind in ('stop', 'resume') then 'stop' " \
    "when kind in ('bounds', 'budget') then 'budget:' || coalesce(evidence->>'budget', '') else kind end"  # fmt: skip


async def lock(tx: Tx, *, alone: bool) -> None:
    """Hold autonomy still until the transaction ends: shared by whoever releases or sends, alone for whoever changes it.

    So a stop waits for what is being sent at that moment, and nothing is sent after it has returned.
    """
    how = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    await tx.run(f"select {how}(hashtextextended($1, 0))", f"autonomy:{tx.workspace_id}")


async def newest(tx: Tx) -> list[HistoryRow]:
    """The newest act per step and topic."""
    found = await tx.rows(
        f"select distinct on (step, {_TOPIC}) {_EVENT} from autonomy_event where workspace_id = $1 "
        f"order by step, {_TOPIC}, seq desc",
        tx.workspace_id,
    )
    return [HistoryRow(**dict(r)) for r in found]


async def last(tx: Tx) -> HistoryRow | None:
    """The newest act of all."""
    row = await tx.row(
        f"select {_EVENT} from autonomy_event where workspace_id = $1 order by seq desc limit 1", tx.workspace_id
    )
    return HistoryRow(**dict(row)) if row else None


async def add(tx: Tx, row: HistoryRow) -> None:
    """Append an act."""
    places = ", ".join(f"${n}" for n in range(2, 2 + len(HistoryRow.__struct_fields__)))
    await tx.run(
        f"insert into autonomy_event (workspace_id, {_EVENT}) values ($1, {places})",
        tx.workspace_id, *(getattr(row, name) for name in HistoryRow.__struct_fields__),
    )  # fmt: skip


async def history(tx: Tx, after: int, limit: int) -> list[HistoryRow]:
    """Acts in order, from the one after `after`."""
    found = await tx.rows(
        f"select {_EVENT} from autonomy_event where workspace_id = $1 and seq > $2 order by seq limit $3",
        tx.workspace_id, after, limit,
    )  # fmt: skip
    return [HistoryRow(**dict(r)) for r in found]


async def page(tx: Tx, step: str | None, before: int | None, limit: int) -> list[HistoryRow]:
    """Acts, the newest first; of one step when given."""
    found = await tx.rows(
        f"select {_EVENT} from autonomy_event where workspace_id = $1 and ($2::text is null or step = $2) "
        "and ($3::bigint is null or seq < $3) order by seq desc limit $4",
        tx.workspace_id, step, before, limit,
    )  # fmt: skip
    return [HistoryRow(**dict(r)) for r in found]


async def count(tx: Tx, step: str | None) -> int:
    """How many acts there are; of one step when given."""
    found: int = await tx.value(
        "select count(*) from autonomy_event where workspace_id = $1 and ($2::text is null or step = $2)",
        tx.workspace_id, step,
    )  # fmt: skip
    return found


async def audited(tx: Tx) -> list[Row]:
    """What the audit says about the history: a second witness, in a table of its own."""
    return await tx.rows(
        "select detail->>'seq' as seq, detail->>'hash' as hash from audit_entry where workspace_id = $1 "
        "and action = 'autonomy.change' order by id",
        tx.workspace_id,
    )


async def steps(tx: Tx) -> list[str]:
    """Every step somebody was ever decided about, or whose autonomy was changed."""
    found = await tx.rows(
        "with recursive seen (step) as ((select playbook_step from decision where workspace_id = $1 order by playbook_step "
        "limit 1) union all select (select d.playbook_step from decision d where d.workspace_id = $1 "
        "and d.playbook_step > seen.step order by d.playbook_step limit 1) from seen where seen.step is not null), "
        "acted as (select distinct step from autonomy_event where workspace_id = $1 and step <> '') "
        "select step from seen where step is not null union select step from acted order by 1",
        tx.workspace_id,
    )
    return [r["step"] for r in found]


async def trusted(tx: Tx, least: int, share: float) -> frozenset[str]:
    """The steps of which people have decided about so many suggestions and approved such a share."""
    found = await tx.rows(
        "select step from ask_label where workspace_id = $1 group by step having count(*) >= $2 "
        "and count(*) filter (where verdict in ('approve', 'edit')) >= $3::double precision * count(*)",
        tx.workspace_id, least, share,
    )  # fmt: skip
    return frozenset(r["step"] for r in found)


async def suggested(tx: Tx, levels: Sequence[str], now: datetime, limit: int) -> list[Suggested]:
    """Suggested asks of these steps that were not released before and whose refusal, if any, is over; best first."""
    found = await tx.rows(
        "select a.id as ask_id, d.playbook_step as step from ask a join decision d on d.workspace_id = a.workspace_id "
        "and d.id = a.decision_id left join autonomy_release r on r.workspace_id = a.workspace_id and r.ask_id = a.id "
        "where a.workspace_id = $1 and a.state = 'suggested' and a.window_ends_at > $3 and d.arm = 'treated' "
        "and d.playbook_step = any($2::text[]) and (r.ask_id is null or (r.outcome = 'refused' and r.again_at <= $3)) "
        "order by a.score desc, a.id limit $4",
        tx.workspace_id, list(levels), now, limit,
    )  # fmt: skip
    return [Suggested(**dict(r)) for r in found]


async def claim(tx: Tx, one: Suggested, level: int, head: int, at: datetime) -> bool:
    """Write down that an ask runs alone; False when another worker or an earlier try has done so."""
    return bool(
        await tx.run(
            "insert into autonomy_release as r (workspace_id, ask_id, step, level, head, outcome, at) "
            "values ($1, $2, $3, $4, $5, 'released', $6) on conflict (workspace_id, ask_id) do update set "
            "level = excluded.level, head = excluded.head, outcome = 'released', reason = '', at = excluded.at, "
            "again_at = null where r.outcome = 'refused'",
            tx.workspace_id, one.ask_id, one.step, level, head, at,
        )
    )  # fmt: skip


async def refuse(tx: Tx, one: Suggested, level: int, head: int, reason: str, at: datetime, again_at: datetime) -> None:
    """Write down that the checks did not let an ask through, and when it is tried again."""
    await tx.run(
        "insert into autonomy_release as r (workspace_id, ask_id, step, level, head, outcome, reason, at, again_at) "
        "values ($1, $2, $3, $4, $5, 'refused', $6, $7, $8) on conflict (workspace_id, ask_id) do update set "
        "reason = excluded.reason, at = excluded.at, again_at = excluded.again_at where r.outcome = 'refused'",
        tx.workspace_id, one.ask_id, one.step, level, head, reason, at, again_at,
    )  # fmt: skip


async def released_since(tx: Tx, since: datetime) -> dict[str, int]:
    """How many asks each step has released since then; those given back count, too."""
    found = await tx.rows(
        "select step, count(*) as n from autonomy_release where workspace_id = $1 and at >= $2 and outcome <> 'refused' "
        "group by step",
        tx.workspace_id, since,
    )  # fmt: skip
    return {r["step"]: r["n"] for r in found}


async def called_back(tx: Tx, ask_id: UUID) -> HistoryRow | None:
    """The stop or fall to level 0 that came after an ask had been released, if any."""
    row = await tx.row(
        f"select {', '.join(f'e.{name}' for name in HistoryRow.__struct_fields__)} from autonomy_release r "
        "join autonomy_event e on e.workspace_id = r.workspace_id and e.seq > r.head and e.step in ('', '*', r.step) "
        "and (e.kind = 'stop' or (e.kind = 'down' and e.to_level = 0)) where r.workspace_id = $1 and r.ask_id = $2 "
        "and r.outcome = 'released' order by e.seq limit 1",
        tx.workspace_id, ask_id,
    )  # fmt: skip
    return HistoryRow(**dict(row)) if row else None


async def give_back(tx: Tx, ask_id: UUID, reason: str) -> bool:
    """An approved ask of autonomy waits for a person again. False when it was not one any more."""
    await tx.run(
        "update autonomy_release set outcome = 'returned', reason = $3 where workspace_id = $1 and ask_id = $2 "
        "and outcome = 'released'",
        tx.workspace_id, ask_id, reason,
    )  # fmt: skip
    return bool(
        await tx.run(
            "update ask set state = 'suggested', decided_by = null, decided_at = null, note = $3 "
            "where workspace_id = $1 and id = $2 and state = 'approved' and decided_by like 'autonomy:%'",
            tx.workspace_id, ask_id, reason,
        )
    )  # fmt: skip


async def releases(tx: Tx, outcomes: Collection[str]) -> list[Row]:
    """Every release with these outcomes: step, level and the head of the history it was made under."""
    return await tx.rows(
        "select ask_id, step, level, head from autonomy_release where workspace_id = $1 and outcome = any($2::text[]) "
        "order by at, ask_id",
        tx.workspace_id, list(outcomes),
    )  # fmt: skip
