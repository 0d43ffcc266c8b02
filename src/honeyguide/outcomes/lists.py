"""Referrals for people to read: each with its stage, its reward and what was found, in plain words."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.core.money import money_text
from honeyguide.db import Tx
from honeyguide.outcomes import tables
from honeyguide.outcomes.deals import day
from honeyguide.outcomes.terms import Finding

STAGE_TEXT = {
    "signed_up": "Signed up; sales has not met them yet.",
    "qualified": "Sales is talking to them.",
    "won": "Became a customer.",
    "lost": "Did not become a customer.",
    "rejected": "Not accepted as a referral.",
}
# The names of the company in the sources, newest statement first, by the friend's company record today.
_ROWS = """
select r.id, r.friend_email, r.friend_name, r.stage, r.created_at, r.stage_at, r.advocate_id,
  coalesce(a.name, '') as advocate_name,
  (select coalesce(n.name, '') from record c join node n on n.workspace_id = c.workspace_id and n.id = c.entity_id
   where c.workspace_id = r.workspace_id and c.id = r.friend_company_record_id and n.name <> '') as friend_company,
  split_part(r.friend_email, '@', 2) as friend_domain,
  w.id as reward_id, w.label, w.currency,
  case when w.state in ('reversed', 'expired') then w.issued_minor else w.amount_minor end as amount_minor, w.state as reward_state, w.hold_until, w.review,
  t.reason as attribution_reason,
  (select s.reason from referral_stage s where s.workspace_id = r.workspace_id and s.referral_id = r.id and s.stage = r.stage) as stage_reason
from referral r
left join advocate a on a.workspace_id = r.workspace_id and a.id = r.advocate_id
left join lateral (
  select t.reason, t.conversion_id from attribution t where t.workspace_id = r.workspace_id and t.referral_id = r.id
  order by t.at desc, t.conversion_id limit 1) t on true
left join lateral (
  select w.* from reward w where w.workspace_id = r.workspace_id and w.conversion_id = t.conversion_id limit 1) w on true
where r.workspace_id = $1
"""


class ReferralRow(Struct, frozen=True):
    """One line of a list of referrals. `reward` and `stage_text` are sentences for people; amounts in minor units."""

    id: UUID
    friend_email: str
    friend_name: str
    friend_company: str
    advocate_id: UUID
    advocate_name: str
    stage: str
    stage_text: str
    stage_reason: str
    created_at: datetime
    stage_at: datetime
    reward_id: UUID | None
    reward: str | None
    reward_state: str | None
    reward_minor: int
    currency: str | None
    attribution_reason: str | None
    findings: list[Finding]


def reward_text(amount_minor: int, currency: str, label: str, state: str, hold_until: datetime, review: str) -> str:
    """`€1,500, on hold until 17 May 2026`."""
    what = money_text(amount_minor, currency) if amount_minor else label
    return (
        f"{what}, "
        + {
            "pending": "not due yet",
            "held": f"on hold until {day(hold_until)}",
            "review": "held for review",
            "approved": f"approved, on hold until {day(hold_until)}",
            "payable": "approved" if amount_minor else "granted",
            "in_payout": "in a payout",
            "paid": "paid",
            "reversed": "cancelled",
            "expired": "not claimed in time",
            "capped": "nothing was left of the budget or cap",
        }[state]
    )


def masked(email: str) -> str:
    """`t•••@acme.example`: enough for the one who invited them, too little to write to them."""
    local, _, host = email.partition("@")
    return f"{local[:1]}•••@{host}"


def _row(r: Any, findings: list[Finding], *, for_advocate: bool) -> ReferralRow:
    text, held = STAGE_TEXT[r["stage"]], [f for f in findings if f.verdict != "note"]
    if held and r["stage"] in ("signed_up", "qualified", "won"):
        text = f"{text} Held for review: {held[0].reason}"
    email = masked(r["friend_email"]) if for_advocate else r["friend_email"]
    if for_advocate:
        text = text.replace(r["friend_email"], email)
    reward = None
    if r["reward_id"]:
        reward = reward_text(
            r["amount_minor"], r["currency"], r["label"], r["reward_state"], r["hold_until"], r["review"]
        )
    return ReferralRow(
        r["id"], email, r["friend_name"], r["friend_company"] or r["friend_domain"], r["advocate_id"], r["advocate_name"],
        r["stage"], text, r["stage_reason"] or "", r["created_at"], r["stage_at"], r["reward_id"], reward, r["reward_state"],
        r["amount_minor"] or 0, r["currency"], r["attribution_reason"], findings,
    )  # fmt: skip


async def _rows(tx: Tx, sql: str, *args: Any, for_advocate: bool = False) -> list[ReferralRow]:
    rows = await tx.rows(_ROWS + sql, tx.workspace_id, *args)
    findings = await tables.findings_of(tx, [r["id"] for r in rows])
    return [_row(r, findings.get(r["id"], []), for_advocate=for_advocate) for r in rows]


async def referrals_of(tx: Tx, advocate_id: UUID, limit: int = 200) -> list[ReferralRow]:
    """An advocate's own referrals, newest first, in words for the advocate; the friends' addresses are masked."""
    tail = "and r.advocate_id = $2 order by r.created_at desc, r.id desc limit $3"
    return await _rows(tx, tail, advocate_id, limit, for_advocate=True)


async def list_referrals(
    tx: Tx, stage: str | None = None, after: str | None = None, limit: int = 50
) -> list[ReferralRow]:
    """All referrals for operators, newest first; `after` is the last one's id."""
    return await _rows(
        tx,
        "and ($2::text is null or r.stage = $2) and ($3::uuid is null or (r.created_at, r.id) < "
        "(select c.created_at, c.id from referral c where c.workspace_id = $1 and c.id = $3)) "
        "order by r.created_at desc, r.id desc limit $4",
        stage, UUID(after) if after else None, limit,
    )  # fmt: skip


async def count_referrals(tx: Tx, stage: str | None = None) -> int:
    """How many there are."""
    found: int = await tx.value(
        "select count(*) from referral where workspace_id = $1 and ($2::text is null or stage = $2)",
        tx.workspace_id,
        stage,
    )
    return found
