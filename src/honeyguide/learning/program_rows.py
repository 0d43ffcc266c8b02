"""SQL of simulations (program_simulation) and of the recorded facts they replay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.outcomes.credit_rows import KINDS
from honeyguide.programs import PAYMENT

OWNED = ("program_simulation",)
_RUN = "id, program_id, version, body, months, since, until, state, done, total, progress, result, failure, started_by, started_at"


class Run(Struct, frozen=True):
    """A simulation as stored."""

    id: UUID
    program_id: int
    version: int
    body: dict[str, Any]
    months: int
    since: datetime
    until: datetime
    state: str
    done: int
    total: int
    progress: dict[str, Any]
    result: dict[str, Any]
    failure: str
    started_by: str
    started_at: datetime


async def add(tx: Tx, run: Run) -> None:
    """Keep a simulation that is to be run."""
    await tx.run(
        f"insert into program_simulation (workspace_id, {_RUN}) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        tx.workspace_id, run.id, run.program_id, run.version, run.body, run.months, run.since, run.until, run.state, run.done,
        run.total, run.progress, run.result, run.failure, run.started_by, run.started_at,
    )  # fmt: skip


async def find(tx: Tx, run_id: UUID, *, lock: bool = False) -> Run | None:
    """A simulation; with `lock` its row is held, and None while another holds it."""
    row = await tx.row(
        f"select {_RUN} from program_simulation where workspace_id = $1 and id = $2{' for update skip locked' if lock else ''}",
        tx.workspace_id, run_id,
    )  # fmt: skip
    return Run(**dict(row)) if row else None


async def oldest_running(tx: Tx) -> UUID | None:
    """The simulation that waited longest."""
    found: UUID | None = await tx.value(
        "select id from program_simulation where workspace_id = $1 and state = 'running' order by started_at, id limit 1",
        tx.workspace_id,
    )
    return found


async def put(
    tx: Tx, run_id: UUID, state: str, done: int, progress: dict[str, Any], result: dict[str, Any], failure: str
) -> None:
    """How far a simulation is, and what it found."""
    await tx.run(
        "update program_simulation set state = $3, done = $4, progress = $5, result = $6, failure = $7 "
        "where workspace_id = $1 and id = $2",
        tx.workspace_id, run_id, state, done, progress, result, failure,
    )  # fmt: skip


async def forget_old(tx: Tx, program_id: int, keep: int) -> None:
    """Only the newest simulations of a program are kept."""
    await tx.run(
        "delete from program_simulation where workspace_id = $1 and program_id = $2 and state <> 'running' and id not in "
        "(select id from program_simulation where workspace_id = $1 and program_id = $2 order by started_at desc, id limit $3)",
        tx.workspace_id, program_id, keep,
    )  # fmt: skip


async def forget_all(tx: Tx) -> int:
    """No simulation is kept: they name people, and can be run again."""
    return await tx.run("delete from program_simulation where workspace_id = $1", tx.workspace_id)


# What happened, in the order it did: sign-ups, qualified leads, won deals and payments with each advocate's share, acts with
# their proof. A sale is a win and a payment; what was given for it then is told with the win.
_FACTS = (
    "with them as (select id, record_id, name, program_id, group_id from advocate where workspace_id = $1 "
    "and ($2::int is null or program_id = $2)), "
    "happened as ("
    "select r.created_at as at, r.id, 1 as rank, 'stage' as kind, 'signed_up' as stage, r.advocate_id, r.id as referral_id, 10000 as share_bp, "
    "null::bigint as amount_minor, null::text as currency, null::uuid as ask_id, null::uuid as conversion_id "
    "from referral r join them a on a.id = r.advocate_id where r.workspace_id = $1 and r.stage <> 'rejected' and r.created_at < $3 "
    "union all select r.stage_at, r.id, 2, 'stage', 'qualified', r.advocate_id, r.id, 10000, null, null, null, null "
    "from referral r join them a on a.id = r.advocate_id where r.workspace_id = $1 and r.stage = 'qualified' and r.stage_at < $3 "
    "union all select c.occurred_at, c.id, 3, 'stage', 'won', t.advocate_id, t.referral_id, t.share_bp, c.amount_minor, c.currency, "
    "t.ask_id, c.id from conversion c join attribution t on t.workspace_id = $1 and t.conversion_id = c.id "
    f"join them a on a.id = t.advocate_id where c.workspace_id = $1 and c.occurred_at < $3 and {KINDS['win']} "
    f"union all select c.occurred_at, c.id, 4, '{PAYMENT}', '', t.advocate_id, t.referral_id, t.share_bp, c.amount_minor, c.currency, "
    f"t.ask_id, case when {KINDS['win']} then null else c.id end from conversion c join attribution t on t.workspace_id = $1 "
    f"and t.conversion_id = c.id join them a on a.id = t.advocate_id where c.workspace_id = $1 and c.occurred_at < $3 and {KINDS['payment']} "
    "union all select s.submitted_at, s.id, 5, 'act', s.bounty, s.advocate_id, null, 10000, null, null, null, null "
    "from bounty_submission s join them a on a.id = s.advocate_id "
    "where s.workspace_id = $1 and s.state = 'approved' and s.submitted_at < $3) "
)


async def count(tx: Tx, program_id: int | None, until: datetime) -> int:
    """How many facts there are to replay."""
    found: int = await tx.value(f"{_FACTS}select count(*) from happened", tx.workspace_id, program_id, until)
    return found


async def facts(tx: Tx, program_id: int | None, until: datetime, after: Sequence[Any] | None, limit: int) -> list[Row]:
    """The next facts, oldest first, each with its advocate, friend and the offer they were asked with."""
    at, ident, rank, who = after or (None, None, 0, None)
    return await tx.rows(
        f"{_FACTS}, page as (select * from happened where $4::timestamptz is null or (at, id, rank, advocate_id) > ($4, $5::uuid, $6::int, $7::uuid) "
        "order by at, id, rank, advocate_id limit $8) "
        "select p.*, a.name, a.record_id, g.slug as group_slug, g.name as group_name, f.friend_record_id, f.friend_company_record_id, o.slug as offered "
        "from page p join them a on a.id = p.advocate_id join program_group g on g.workspace_id = $1 and g.id = a.group_id "
        "left join referral f on f.workspace_id = $1 and f.id = p.referral_id "
        "left join ask k on k.workspace_id = $1 and k.id = p.ask_id "
        "left join offer o on o.workspace_id = $1 and o.id = k.offer_id order by p.at, p.id, p.rank, p.advocate_id",
        tx.workspace_id, program_id, until, at, ident, rank, who, limit,
    )  # fmt: skip


async def paid(tx: Tx, conversions: Sequence[UUID], currency: str) -> dict[tuple[UUID, UUID], int]:
    """What was issued for these conversions then, per conversion and advocate, in one currency."""
    found = await tx.rows(
        "select conversion_id, advocate_id, sum(issued_minor)::bigint as minor from reward where workspace_id = $1 "
        "and conversion_id = any($2::uuid[]) and currency = $3 group by 1, 2",
        tx.workspace_id, list(conversions), currency,
    )  # fmt: skip
    return {(r["conversion_id"], r["advocate_id"]): r["minor"] for r in found}


async def findings(tx: Tx, referrals: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """What fraud rules found about referrals: what would have been held or blocked."""
    rows = await tx.rows(
        "select referral_id, rule, verdict, reason from fraud_finding where workspace_id = $1 and referral_id = any($2::uuid[]) "
        "and verdict in ('hold', 'block') order by referral_id, rule",
        tx.workspace_id, list(referrals),
    )  # fmt: skip
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(row["referral_id"], []).append(row)
    return found


async def properties(tx: Tx, kind: int, limit: int) -> list[Row]:
    """Which properties nodes of a kind have here, with how many and some values; the first nodes stand for all."""
    return await tx.rows(
        "select k.key, count(*) as n, (array_agg(distinct left(k.value #>> '{}', 60)))[1:5] as examples, "
        "bool_and(jsonb_typeof(k.value) in ('number', 'null')) as number from "
        "(select props from node where workspace_id = $1 and kind = $2::smallint order by id limit $3) n, jsonb_each(n.props) k "
        "where jsonb_typeof(k.value) <> 'null' group by k.key order by n desc, k.key",
        tx.workspace_id, kind, limit,
    )  # fmt: skip


async def edge_kinds(tx: Tx, limit: int, persona: int) -> list[Row]:
    """Which kinds of edges persons have here; the first edges stand for all."""
    return await tx.rows(
        "select kind, count(*) as n from (select e.kind from edge e join node p on p.workspace_id = $1 and p.id = e.src "
        "and p.kind = $2::smallint where e.workspace_id = $1 and e.valid_to is null limit $3) x group by kind order by n desc",
        tx.workspace_id, persona, limit,
    )  # fmt: skip
