"""Personas and companies as lists and pages show them."""

from datetime import datetime

from honeyguide.db import Row, Tx
from honeyguide.graph.kinds import EDGE, NODE

_PERSONA, _COMPANY, _TICKET = NODE["persona"], NODE["company"], NODE["ticket"]
# A persona's node stands under the id of its senior record; a node whose record moved on is not shown twice.
_LIVING = (
    "from node n join record r on r.workspace_id = n.workspace_id and r.id = n.id and r.entity_id = n.id "
    f"left join node c on c.workspace_id = n.workspace_id and c.kind = {_COMPANY} "
    "and c.id = case when n.props ->> 'company' ~ '^[0-9]{1,19}$' then (n.props ->> 'company')::numeric end "
    f"where n.workspace_id = $1 and n.kind = {_PERSONA}"
)
# The role the graph believes in most: a title is text, a role is what it means.
_ROLE = (
    "(select e.dst from edge e where e.workspace_id = $1 and e.src = n.id and e.valid_to is null "
    f"and e.kind = {EDGE['holds_role']} order by e.confidence desc, e.dst limit 1) as role"
)
_MATCHES = (
    " and ($2 = '' or n.name ilike $3 or n.props ->> 'email' ilike $3 or n.props ->> 'title' ilike $3 or c.name ilike $3)"
    " and ($4::bigint is null or c.id = $4)"
)


def like(text: str) -> str:
    """A search word as a pattern that matches it anywhere, its own % and _ taken literally."""
    escaped = text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


async def personas(tx: Tx, q: str, company: int | None, after: tuple[datetime, int] | None, limit: int) -> list[Row]:
    """Personas, those with the newest news first."""
    at, ident = after or (None, None)
    return await tx.rows(
        f"select n.id, n.name, n.props, {_ROLE}, n.updated_at, c.id as company_id, c.name as company_name, "
        "(select max(s.last_seen_at) from record s where s.workspace_id = $1 and s.entity_id = n.id) as last_seen_at, "
        "(select count(*) from edge e where e.workspace_id = $1 and e.src = n.id) + "
        "(select count(*) from edge e where e.workspace_id = $1 and e.dst = n.id) as edges "
        f"{_LIVING}{_MATCHES} and ($5::timestamptz is null or (n.updated_at, n.id) < ($5, $6)) "
        "order by n.updated_at desc, n.id desc limit $7",
        tx.workspace_id, q, like(q), company, at, ident, limit,
    )  # fmt: skip


async def count_personas(tx: Tx, q: str, company: int | None) -> int:
    """How many personas match."""
    found: int = await tx.value(f"select count(*) {_LIVING}{_MATCHES}", tx.workspace_id, q, like(q), company)
    return found


async def persona(tx: Tx, entity_id: int) -> Row | None:
    """One persona's node and company."""
    return await tx.row(
        f"select n.id, n.name, n.props, {_ROLE}, c.id as company_id, c.name as company_name, c.props as company_props "
        f"{_LIVING} and n.id = $2",
        tx.workspace_id,
        entity_id,
    )


async def survivor(tx: Tx, entity_id: int) -> int | None:
    """The entity a record belongs to now (links to a merged persona keep working)."""
    found: int | None = await tx.value(
        "select entity_id from record where workspace_id = $1 and id = $2", tx.workspace_id, entity_id
    )
    return found


async def record_ids(tx: Tx, entity_id: int) -> list[int]:
    """The ids of the records that are this entity."""
    found = await tx.rows(
        "select id from record where workspace_id = $1 and entity_id = $2 order by id", tx.workspace_id, entity_id
    )
    return [r["id"] for r in found] or [entity_id]


async def timeline(tx: Tx, ids: list[int], after: tuple[datetime, str] | None, limit: int) -> list[Row]:
    """What happened around a persona, newest first: one line per source record and kind of fact."""
    at, ref = after or (None, None)
    return await tx.rows(
        "with lines as (select distinct on (a.kind, a.source, a.source_ref, a.event_id) "
        "a.id::text as key, a.kind, a.last_seen_at as at, a.source, a.source_ref, a.event_id, a.quote, a.inferrer, "
        "case when a.src = any($2::bigint[]) then a.dst else a.src end as other from assertion a "
        "where a.workspace_id = $1 and a.retracted_at is null and (a.src = any($2::bigint[]) or a.dst = any($2::bigint[])) "
        "order by a.kind, a.source, a.source_ref, a.event_id, a.last_seen_at desc) "
        "select l.*, coalesce(n.name, '') as other_name from lines l "
        "left join record r on r.workspace_id = $1 and r.id = l.other "
        "left join node n on n.workspace_id = $1 and n.id = coalesce(r.entity_id, l.other) "
        "where $3::timestamptz is null or (l.at, l.key) < ($3, $4) order by l.at desc, l.key desc limit $5",
        tx.workspace_id, ids, at, ref, limit,
    )  # fmt: skip


async def moments(tx: Tx, ids: list[int]) -> list[Row]:
    """Moments of these records, newest first."""
    return await tx.rows(
        "select id, kind, title, strength, occurred_at, window_ends_at, evidence from moment "
        "where workspace_id = $1 and record_id = any($2::bigint[]) order by occurred_at desc, id limit 50",
        tx.workspace_id,
        ids,
    )


async def decisions(tx: Tx, ids: list[int]) -> list[Row]:
    """Decisions about these records, newest first, with the state of the ask each led to."""
    return await tx.rows(
        "select d.id, d.at, d.arm, d.action, d.propensity, d.reason, d.score, d.legal_actions, a.state as ask_state "
        "from decision d left join ask a on a.workspace_id = d.workspace_id and a.decision_id = d.id "
        "where d.workspace_id = $1 and d.record_id = any($2::bigint[]) order by d.at desc, d.id limit 50",
        tx.workspace_id,
        ids,
    )


async def advocacy(tx: Tx, ids: list[int]) -> Row | None:
    """The advocate account of these records: link, referrals, rewards that stand (minor units)."""
    return await tx.row(
        "select a.id, l.code, a.terms_accepted_at, "
        "(select count(*) from referral f where f.workspace_id = $1 and f.advocate_id = a.id) as referrals, "
        "(select coalesce(sum(w.amount_minor), 0)::bigint from reward w where w.workspace_id = $1 and w.advocate_id = a.id "
        "and w.state <> 'reversed') as rewards_minor "
        "from advocate a left join link l on l.workspace_id = a.workspace_id and l.advocate_id = a.id "
        "and l.disabled_at is null where a.workspace_id = $1 and a.record_id = any($2::bigint[]) "
        "order by a.created_at limit 1",
        tx.workspace_id,
        ids,
    )


async def company(tx: Tx, entity_id: int) -> Row | None:
    """One company's node."""
    return await tx.row(
        f"select id, name, key, props from node where workspace_id = $1 and id = $2 and kind = {_COMPANY}",
        tx.workspace_id,
        entity_id,
    )


async def colleagues(tx: Tx, company_id: int) -> list[Row]:
    """The personas that work at a company now."""
    return await tx.rows(
        "select n.id, n.name, n.props ->> 'title' as title from edge e "
        "join node n on n.workspace_id = e.workspace_id and n.id = e.src "
        f"where e.workspace_id = $1 and e.dst = $2 and e.kind = {EDGE['works_at']} and e.valid_to is null "
        f"and n.kind = {_PERSONA} order by n.name, n.id limit 500",
        tx.workspace_id,
        company_id,
    )


async def open_incidents(tx: Tx, company_id: int) -> int:
    """Tickets opened by people of a company that are neither solved nor closed and were escalated or are urgent."""
    found: int = await tx.value(
        "select count(distinct t.id) from edge w "
        "join edge o on o.workspace_id = w.workspace_id and o.src = w.src "
        f"and o.kind = {EDGE['opened']} "
        f"join node t on t.workspace_id = o.workspace_id and t.id = o.dst and t.kind = {_TICKET} "
        f"where w.workspace_id = $1 and w.dst = $2 and w.kind = {EDGE['works_at']} "
        "and coalesce(t.props ->> 'status', 'open') not in ('solved', 'closed') "
        "and (t.props ->> 'escalated' = 'true' or t.props ->> 'priority' = 'urgent')",
        tx.workspace_id,
        company_id,
    )
    return found


async def count_timeline(tx: Tx, ids: list[int]) -> int:
    """How many lines the timeline has."""
    found: int = await tx.value(
        "select count(*) from (select distinct a.kind, a.source, a.source_ref, a.event_id from assertion a "
        "where a.workspace_id = $1 and a.retracted_at is null "
        "and (a.src = any($2::bigint[]) or a.dst = any($2::bigint[]))) as lines",
        tx.workspace_id,
        ids,
    )
    return found
