"""What growth reads in the tables below: customers with their won deals, and the asks that went out."""

from datetime import datetime
from typing import Any

from honeyguide.db import Tx

# A deal belongs to the company its facts name, else to the employer of the person they name, else to that person.
_DEALS = """
won as (
  select distinct on (f.deal) f.deal, f.at, f.amount_minor, f.currency, f.event_id from deal_fact f
  where f.workspace_id = $1 and f.kind = 'won' and f.at <= $2 order by f.deal, f.at, f.event_id
), standing as (
  select w.deal, w.at, coalesce(w.amount_minor, p.amount_minor) as amount_minor, coalesce(w.currency, p.currency) as currency
  from won w left join lateral (select f.amount_minor, f.currency from deal_fact f where f.workspace_id = $1
    and f.deal = w.deal and f.amount_minor is not null and f.at <= $2 order by f.at desc, f.event_id desc limit 1) p on true
  where not exists (select 1 from deal_fact l where l.workspace_id = $1 and l.deal = w.deal and l.kind = 'lost'
    and l.at > w.at and l.at <= $2)
), owner as (
  select distinct on (s.deal) s.deal, coalesce(j.dst, r.entity_id, x.record_id) as entity
  from standing s join deal_fact f on f.workspace_id = $1 and f.deal = s.deal
  join deal_fact_record x on x.workspace_id = $1 and x.event_id = f.event_id
  left join record r on r.workspace_id = $1 and r.id = x.record_id
  left join lateral (select e.dst from edge_works_at e where e.workspace_id = $1 and e.src = r.entity_id
    and r.kind = 'persona' order by e.valid_to is null desc, e.valid_from desc, e.dst limit 1) j on true
  order by s.deal, (r.kind = 'company') is true desc, coalesce(j.dst, r.entity_id, x.record_id)
)
"""


async def customer_deals(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """Won deals that stand, by customer and time, and whether each was credited to a referral."""
    rows = await tx.rows(
        f"with {_DEALS} select o.entity, s.deal, s.at, s.amount_minor, s.currency, f.id is not null as referred "
        "from standing s join owner o on o.deal = s.deal "
        "left join conversion c on c.workspace_id = $1 and c.deal = s.deal "
        "left join referral f on f.workspace_id = $1 and f.id = c.referral_id and f.stage <> 'rejected' "
        "order by o.entity, s.at, s.deal",
        tx.workspace_id, now,
    )  # fmt: skip
    return [dict(r) for r in rows]


async def rewards_in_the_books(tx: Tx) -> dict[str, int]:
    """What stands in advocates' accounts per currency: held, available, in a payout, paid, less what is owed (minor units)."""
    rows = await tx.rows(
        "select a.currency, coalesce(sum(p.amount_minor), 0)::bigint as total from ledger_account a join posting p "
        "on p.workspace_id = $1 and p.account_id = a.id where a.workspace_id = $1 "
        "and a.kind in ('held', 'available', 'in_payout', 'paid', 'owed') group by a.currency",
        tx.workspace_id,
    )
    return {r["currency"]: r["total"] for r in rows}
