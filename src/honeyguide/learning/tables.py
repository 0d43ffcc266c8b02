"""The table of learning (evaluation), and what it counts in the tables below."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.learning.lift import METHOD, Lift

OWNED = ("evaluation", "experiment", "experiment_look", "referral_cluster")


class Evaluation(Struct, frozen=True):
    """A stored verdict."""

    id: int
    at: datetime
    metric: str
    method: str
    n_treated: int
    n_holdout: int
    estimate: float | None
    lower: float | None
    upper: float | None
    verdict: str
    detail: dict[str, Any]


class ArmCount(Struct, frozen=True):
    """One arm so far. Money in minor units of the workspace's currency; deals in other currencies count as wins only."""

    arm: str
    personas: int
    companies: int
    asks: int
    referrals: int
    wins: int
    value_minor: int


_EVALUATION = ", ".join(Evaluation.__struct_fields__)
# A cluster is named by the id its company or person had when it was decided about; ids that were merged since lead to
# the entity they belong to now. A referral belongs to the cluster of its advocate: the company they worked at when the
# friend signed up (a champion who changes jobs does not take past referrals along), else themselves; of somebody who was
# erased, where they were last known. Rejected referrals (fraud) never count.
WHOSE = """
whose as materialized (
  select f.id as referral_id, f.created_at, a.record_id, r.entity_id is not null as known,
    coalesce(r.entity_id, m.persona) as persona, coalesce(j.dst, r.entity_id, m.entity) as entity
  from referral f join advocate a on a.workspace_id = $1 and a.id = f.advocate_id
  left join record r on r.workspace_id = $1 and r.id = a.record_id
  left join referral_cluster m on m.workspace_id = $1 and m.referral_id = f.id
  left join lateral (select w.dst from edge_works_at w where w.workspace_id = $1 and w.src = r.entity_id
    order by (w.valid_from <= f.created_at and (w.valid_to is null or w.valid_to > f.created_at)
      or w.earlier @> f.created_at) is true desc, w.valid_to is null desc, w.valid_from desc, w.confidence desc, w.dst
    limit 1) j on true
  where f.workspace_id = $1 and f.stage <> 'rejected'
)
"""
NAMED = """
named as materialized (
  select d.id, d.arm, d.at, d.playbook_step, d.action,
    nullif(regexp_replace(d.arm_cluster, '^(company|persona):|^moment:.*$', ''), '')::bigint as named
  from decision d where d.workspace_id = $1
), placed as materialized (
  select n.id, n.arm, n.at, n.playbook_step, coalesce(c.entity_id, n.named) as entity
  from named n left join record c on c.workspace_id = $1 and c.id = n.named
  where n.named is not null and n.action <> 'wait'
)
"""
_REFERRALS = f"""
{NAMED}, entered as materialized (
  select distinct on (entity) arm, at, entity from placed order by entity, at, id
), {WHOSE}, spots as (
  select referral_id, created_at, entity as spot, 0 as rank from whose
  union all select referral_id, created_at, persona, 1 from whose
), brought as materialized (
  select distinct on (s.referral_id) e.entity, e.arm, e.at as entered_at, s.referral_id, s.created_at
  from spots s join entered e on e.entity = s.spot where s.created_at >= e.at order by s.referral_id, s.rank
)
"""


async def remember(tx: Tx) -> None:
    """Note where the person behind each referral is, while the graph knows; what it no longer knows stays as it was."""
    await tx.run(
        f"with {WHOSE} insert into referral_cluster (workspace_id, referral_id, persona, entity) "
        "select $1, w.referral_id, w.persona, w.entity from whose w where w.known "
        "on conflict (workspace_id, referral_id) do update set persona = excluded.persona, entity = excluded.entity "
        "where (referral_cluster.persona, referral_cluster.entity) is distinct from (excluded.persona, excluded.entity)",
        tx.workspace_id,
    )


async def outcomes(tx: Tx, now: datetime, days: int) -> Row:
    """Companies the policy would have asked, per arm: those whose days are over, those with a referral in time, the young."""
    row = await tx.row(
        f"with {_REFERRALS}, early as (select distinct entity from brought b where b.created_at < b.entered_at + make_interval(days => $3)), "
        "judged as (select e.arm, e.at + make_interval(days => $3) <= $2 as over, y.entity is not null as came "
        "from entered e left join early y on y.entity = e.entity where e.at <= $2) select "
        "count(*) filter (where arm = 'treated' and over) as treated, "
        "count(*) filter (where arm = 'treated' and over and came) as treated_came, "
        "count(*) filter (where arm = 'holdout' and over) as holdout, "
        "count(*) filter (where arm = 'holdout' and over and came) as holdout_came, "
        "count(*) filter (where not over) as young from judged",
        tx.workspace_id, now, days,
    )  # fmt: skip
    if row is None:
        raise RuntimeError("a count returned no row")
    return row


async def arms(tx: Tx) -> list[ArmCount]:
    """Both arms, the treated one first: everybody decided about, asks sent, referrals since, wins that stand and their value."""
    found = await tx.rows(
        f"with {_REFERRALS}, people as (select d.arm, count(distinct r.entity_id) filter (where r.kind = 'persona') "
        "as personas, count(distinct d.arm_cluster) filter (where d.arm_cluster like 'company:%') as companies "
        "from decision d left join record r on r.workspace_id = d.workspace_id and r.id = d.record_id "
        "where d.workspace_id = $1 group by d.arm), "
        "asked as (select d.arm, count(*) as asks from ask a join decision d on d.workspace_id = a.workspace_id "
        "and d.id = a.decision_id where a.workspace_id = $1 and a.state = 'sent' group by d.arm), "
        "came as (select arm, count(distinct referral_id) as referrals from brought group by arm), "
        "won as (select b.arm, count(*) as wins, coalesce(sum(v.amount_minor) filter (where v.currency = w.currency), 0)::bigint "
        "as value_minor from (select distinct arm, referral_id from brought) b join conversion v on v.workspace_id = $1 "
        "and v.referral_id = b.referral_id join workspace w on w.id = $1 where not exists (select 1 from deal_fact f "
        "where f.workspace_id = $1 and f.deal = v.deal and f.kind = 'lost' and f.at > v.occurred_at) group by b.arm) "
        "select t.arm, coalesce(p.personas, 0) as personas, coalesce(p.companies, 0) as companies, "
        "coalesce(k.asks, 0) as asks, coalesce(c.referrals, 0) as referrals, coalesce(o.wins, 0) as wins, "
        "coalesce(o.value_minor, 0) as value_minor from unnest(array['treated', 'holdout']) with ordinality as t (arm, ord) "
        "left join people p using (arm) left join asked k using (arm) left join came c using (arm) "
        "left join won o using (arm) order by t.ord",
        tx.workspace_id,
    )
    return [ArmCount(**dict(r)) for r in found]


async def latest(tx: Tx, metric: str) -> Evaluation | None:
    """The newest evaluation of a metric."""
    row = await tx.row(
        f"select {_EVALUATION} from evaluation where workspace_id = $1 and metric = $2 order by id desc limit 1",
        tx.workspace_id, metric,
    )  # fmt: skip
    return Evaluation(**dict(row)) if row else None


async def add(tx: Tx, lift: Lift, detail: dict[str, Any], at: datetime) -> Evaluation:
    """Store a verdict."""
    row = await tx.row(
        "insert into evaluation (workspace_id, at, metric, method, n_treated, n_holdout, estimate, lower, upper, verdict, detail) "
        f"values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning {_EVALUATION}",
        tx.workspace_id, at, lift.metric, METHOD, lift.n_treated, lift.n_holdout, lift.estimate, lift.lower, lift.upper,
        lift.verdict, detail,
    )  # fmt: skip
    if row is None:
        raise RuntimeError("an evaluation was not stored")
    return Evaluation(**dict(row))


async def share_held_out(tx: Tx) -> int | None:
    """The holdout's size in basis points under the policy in force; None before the first decision."""
    found: int | None = await tx.value(
        "select (params->>'holdout_bp')::int from policy_version where workspace_id = $1 and retired_at is null "
        "order by id desc limit 1",
        tx.workspace_id,
    )
    return found


async def would_asks(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """Every decision that would have asked somebody, asked or held out, by company and time."""
    rows = await tx.rows(
        f"with {NAMED} select p.entity, p.arm, p.at, p.playbook_step as step from placed p where p.at <= $2 "
        "order by p.entity, p.at, p.id",
        tx.workspace_id, now,
    )  # fmt: skip
    return [dict(r) for r in rows]


async def referrals(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """Referrals that were not rejected, with the company and the person they belong to."""
    rows = await tx.rows(
        f"with {WHOSE} select w.referral_id, w.entity, w.persona, w.created_at from whose w where w.created_at <= $2 "
        "order by w.created_at, w.referral_id",
        tx.workspace_id, now,
    )  # fmt: skip
    return [dict(r) for r in rows]


async def decided(tx: Tx, until: datetime, days: int, limit: int) -> list[dict[str, Any]]:
    """Treated decisions with a choice, made by `until`, the newest first, and whether the person brought a referral in time."""
    rows = await tx.rows(
        f"with {WHOSE}, chosen as (select d.id, d.at, d.record_id, p.entity_id as persona, d.playbook_step as step, d.action, "
        "d.propensity, d.distribution, d.context, d.legal_actions, d.arm_cluster, d.seed from decision d "
        "left join record p on p.workspace_id = $1 and p.id = d.record_id where d.workspace_id = $1 and d.arm = 'treated' "
        "and d.at <= $2 and jsonb_array_length(d.legal_actions) > 1 order by d.at desc, d.id limit $4), "
        "came as (select c.id from chosen c join whose w on w.persona = c.persona "
        "where w.created_at >= c.at and w.created_at < c.at + make_interval(days => $3) union "
        "select c.id from chosen c join whose w on w.record_id = c.record_id "
        "where w.created_at >= c.at and w.created_at < c.at + make_interval(days => $3)) "
        "select c.*, h.id is not null as came from chosen c left join came h on h.id = c.id order by c.at desc, c.id",
        tx.workspace_id, until, days, limit,
    )  # fmt: skip
    return [dict(r) for r in rows]


async def sent(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """Asks that went out, by the company they were counted for."""
    rows = await tx.rows(
        f"with {NAMED} select p.entity, a.decided_at as at from placed p join ask a on a.workspace_id = $1 "
        "and a.decision_id = p.id and a.state = 'sent' where a.decided_at <= $2 order by a.decided_at, a.id",
        tx.workspace_id, now,
    )  # fmt: skip
    return [dict(r) for r in rows]
