"""What outcomes owns, and its SQL for touches, referrals, stages and findings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from honeyguide.db import Tx
from honeyguide.outcomes.terms import Finding, Referral, Touch

TABLES = (
    "touch", "referral", "referral_stage", "deal_fact", "deal_fact_record", "sale_name", "conversion", "attribution", "fraud_finding",
    "attribution_policy", "credit_dispute", "credit_decision", "customer_decision", "tracked_customer", "tracked_call",
    "link_alias", "link_domain", "imported_row",
)  # fmt: skip
_REFERRAL = (
    "r.id, r.link_id, r.advocate_id, r.program_id, r.touch_id, r.friend_email, r.friend_name, r.friend_record_id, "
    "r.friend_company_record_id, r.stage, r.stage_at, r.created_at"
)


async def insert_touch(tx: Tx, touch: Touch) -> None:
    """Append a touch."""
    await tx.run(
        "insert into touch (workspace_id, id, link_id, kind, at, agent, visitor, referrer_host, mailbox, domain, utm) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing",
        tx.workspace_id, touch.id, touch.link_id, touch.kind, touch.at, touch.agent, touch.visitor, touch.referrer_host,
        touch.mailbox, touch.domain, touch.utm,
    )  # fmt: skip


async def last_touch(tx: Tx, link_id: UUID, visitor: UUID, before: datetime) -> Touch | None:
    """The visitor's newest touch of the link that was not a machine's."""
    row = await tx.row(
        "select id, link_id, kind, at, agent, visitor, referrer_host from touch where workspace_id = $1 and link_id = $2 "
        "and visitor = $3 and at <= $4 and agent <> 'scanner' order by at desc, id limit 1",
        tx.workspace_id, link_id, visitor, before,
    )  # fmt: skip
    return Touch(**dict(row)) if row else None


async def touches_of(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Touch]:
    """Touches by id."""
    rows = await tx.rows(
        "select id, link_id, kind, at, agent, visitor, referrer_host from touch where workspace_id = $1 and id = any($2::uuid[])",
        tx.workspace_id,
        list(ids),
    )
    return {r["id"]: Touch(**dict(r)) for r in rows}


async def prove_person(tx: Tx, visitor: UUID, mailbox: str = "", domain: str = "") -> None:
    """The visitor signed up: their unknown touches were a person's, and this person's if nobody's before."""
    await tx.run(
        "update touch set agent = 'person', mailbox = case when mailbox = '' then $3 else mailbox end, "
        "domain = case when mailbox = '' then $4 else domain end "
        "where workspace_id = $1 and visitor = $2 and agent in ('unknown', 'person')",
        tx.workspace_id,
        visitor,
        mailbox,
        domain,
    )


async def sign_ups_of_visitor(tx: Tx, visitor: UUID, since: datetime) -> int:
    """How many referrals this visitor has made since then."""
    found: int = await tx.value(
        "select count(*) from referral r join touch t on t.workspace_id = r.workspace_id and t.id = r.touch_id "
        "where r.workspace_id = $1 and t.visitor = $2 and r.created_at >= $3",
        tx.workspace_id, visitor, since,
    )  # fmt: skip
    return found


async def sign_ups_of_advocate(tx: Tx, advocate_id: UUID, since: datetime) -> int:
    """How many referrals this advocate has had since then."""
    found: int = await tx.value(
        "select count(*) from referral where workspace_id = $1 and advocate_id = $2 and created_at >= $3",
        tx.workspace_id, advocate_id, since,
    )  # fmt: skip
    return found


async def insert_referral(tx: Tx, referral: Referral) -> bool:
    """Insert unless the friend has a referral in this program. Waits for a concurrent sign-up of the same friend."""
    made = await tx.run(
        "insert into referral (workspace_id, id, link_id, advocate_id, program_id, touch_id, friend_email, friend_name, "
        "friend_record_id, friend_company_record_id, stage, stage_at, created_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing",
        tx.workspace_id, referral.id, referral.link_id, referral.advocate_id, referral.program_id, referral.touch_id,
        referral.friend_email, referral.friend_name, referral.friend_record_id, referral.friend_company_record_id,
        referral.stage, referral.stage_at, referral.created_at,
    )  # fmt: skip
    return made == 1


async def referral_of_friend(tx: Tx, program_id: int, friend_record_id: int) -> Referral | None:
    """The friend's referral in a program."""
    row = await tx.row(
        f"select {_REFERRAL} from referral r where r.workspace_id = $1 and r.program_id = $2 and r.friend_record_id = $3",
        tx.workspace_id, program_id, friend_record_id,
    )  # fmt: skip
    return Referral(**dict(row)) if row else None


async def referrals_by_id(tx: Tx, ids: Sequence[UUID], *, lock: bool = False) -> dict[UUID, Referral]:
    """Referrals by id, locked in the order of their ids when asked."""
    rows = await tx.rows(
        f"select {_REFERRAL} from referral r where r.workspace_id = $1 and r.id = any($2::uuid[]) order by r.id"
        + (" for update" if lock else ""),
        tx.workspace_id,
        list(ids),
    )
    return {r["id"]: Referral(**dict(r)) for r in rows}


async def set_stage(tx: Tx, referral_id: UUID, stage: str, at: datetime) -> None:
    """Where the referral stands now."""
    await tx.run(
        "update referral set stage = $3, stage_at = $4 where workspace_id = $1 and id = $2 "
        "and (stage, stage_at) is distinct from ($3, $4)",
        tx.workspace_id, referral_id, stage, at,
    )  # fmt: skip


async def put_stage(tx: Tx, referral_id: UUID, stage: str, at: datetime, event_id: UUID | None, reason: str) -> None:
    """What is known about a stage the referral reached."""
    await tx.run(
        "insert into referral_stage (workspace_id, referral_id, stage, at, event_id, reason) values ($1, $2, $3, $4, $5, $6) "
        "on conflict (workspace_id, referral_id, stage) do update set at = excluded.at, event_id = excluded.event_id, "
        "reason = excluded.reason where (referral_stage.at, referral_stage.event_id, referral_stage.reason) "
        "is distinct from (excluded.at, excluded.event_id, excluded.reason)",
        tx.workspace_id, referral_id, stage, at, event_id, reason,
    )  # fmt: skip


async def drop_stages(tx: Tx, referral_id: UUID, keep: Sequence[str]) -> None:
    """Forget stages that the events no longer support."""
    await tx.run(
        "delete from referral_stage where workspace_id = $1 and referral_id = $2 and stage <> all($3::text[])",
        tx.workspace_id,
        referral_id,
        list(keep),
    )


async def put_findings(tx: Tx, referral_id: UUID, findings: Sequence[Finding], at: datetime) -> None:
    """Write findings; the same rule again replaces what it said."""
    for finding in findings:
        await tx.run(
            "insert into fraud_finding (workspace_id, referral_id, rule, verdict, reason, evidence, at) "
            "values ($1, $2, $3, $4, $5, $6, $7) on conflict (workspace_id, referral_id, rule) do update set "
            "verdict = excluded.verdict, reason = excluded.reason, evidence = excluded.evidence, at = excluded.at "
            "where (fraud_finding.verdict, fraud_finding.reason) is distinct from (excluded.verdict, excluded.reason)",
            tx.workspace_id, referral_id, finding.rule, finding.verdict, finding.reason, finding.evidence, at,
        )  # fmt: skip


async def drop_findings(tx: Tx, referral_id: UUID, rules: Sequence[str]) -> None:
    """Take back findings of these rules."""
    await tx.run(
        "delete from fraud_finding where workspace_id = $1 and referral_id = $2 and rule = any($3::text[])",
        tx.workspace_id,
        referral_id,
        list(rules),
    )


async def findings_of(tx: Tx, referral_ids: Sequence[UUID]) -> dict[UUID, list[Finding]]:
    """The findings of each referral, the gravest first. A hold that a reviewer saw and called honest is a note."""
    rows = await tx.rows(
        "select * from (select f.referral_id, f.rule, case when f.verdict = 'hold' and c.state = 'honest' and f.rule = any(c.seen) "
        "then 'note' else f.verdict end as verdict, f.reason, f.evidence from fraud_finding f left join fraud_case c "
        "on c.workspace_id = f.workspace_id and c.referral_id = f.referral_id where f.workspace_id = $1 "
        "and f.referral_id = any($2::uuid[])) x order by referral_id, array_position(array['block', 'hold', 'note'], verdict), rule",
        tx.workspace_id,
        list(referral_ids),
    )
    found: dict[UUID, list[Finding]] = {}
    for r in rows:
        found.setdefault(r["referral_id"], []).append(Finding(r["rule"], r["verdict"], r["reason"], r["evidence"]))
    return found


async def record_name(tx: Tx, record_id: int) -> tuple[str, str, str] | None:
    """(kind, source, id there) of a record."""
    row = await tx.row(
        "select kind, source, ext_id from record where workspace_id = $1 and id = $2", tx.workspace_id, record_id
    )
    return (row["kind"], row["source"], row["ext_id"]) if row else None


async def edges_from(tx: Tx, nodes: Sequence[int], kinds: Sequence[int]) -> list[dict[str, Any]]:
    """Present edges of these kinds out of these nodes, with the name of what they point at."""
    rows = await tx.rows(
        "select e.kind, e.src, e.dst, e.valid_from, e.inferrer, coalesce(n.name, '') as name from edge e "
        "left join node n on n.workspace_id = e.workspace_id and n.id = e.dst "
        "where e.workspace_id = $1 and e.src = any($2::bigint[]) and e.kind = any($3::int[]) and e.valid_to is null "
        "order by e.valid_from, e.kind, e.src, e.dst",
        tx.workspace_id,
        list(nodes),
        list(kinds),
    )
    return [dict(r) for r in rows]


async def link_code(tx: Tx, link_id: UUID) -> str:
    """The code of a link, also of one that is switched off."""
    found: str | None = await tx.value(
        "select code from link where workspace_id = $1 and id = $2", tx.workspace_id, link_id
    )
    return found or ""
