"""SQL for conversions' shares, decisions about them and the rewards they earned."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.outcomes.deal_rows import Conversion


class Held(Struct, frozen=True):
    """An advocate's share of a conversion as it stands."""

    conversion_id: UUID
    referral_id: UUID
    link_id: UUID
    advocate_id: UUID
    ask_id: UUID | None
    rule: str
    share_bp: int
    reason: str
    at: datetime
    policy_version: int


_HELD = "conversion_id, referral_id, link_id, advocate_id, ask_id, rule, share_bp, reason, at, policy_version"


async def insert_share(tx: Tx, held: Held) -> None:
    """Why a part of the credit went where it went."""
    await tx.run(
        f"insert into attribution (workspace_id, {_HELD}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing",
        tx.workspace_id, held.conversion_id, held.referral_id, held.link_id, held.advocate_id, held.ask_id, held.rule,
        held.share_bp, held.reason, held.at, held.policy_version,
    )  # fmt: skip


async def drop_shares(tx: Tx, conversion_id: UUID) -> None:
    """Take the shares of a conversion away: the decision that does it keeps them as they were."""
    await tx.run(
        "delete from attribution where workspace_id = $1 and conversion_id = $2", tx.workspace_id, conversion_id
    )


async def shares_of(tx: Tx, conversion_ids: Sequence[UUID]) -> dict[UUID, list[Held]]:
    """The shares of conversions, the largest first."""
    rows = await tx.rows(
        f"select {_HELD} from attribution where workspace_id = $1 and conversion_id = any($2::uuid[]) "
        "order by conversion_id, share_bp desc, advocate_id, referral_id",
        tx.workspace_id, list(conversion_ids),
    )  # fmt: skip
    found: dict[UUID, list[Held]] = {}
    for r in rows:
        found.setdefault(r["conversion_id"], []).append(Held(**dict(r)))
    return found


async def set_referral(tx: Tx, conversion_id: UUID, referral_id: UUID) -> None:
    """Whose referral a conversion is counted for."""
    await tx.run(
        "update conversion set referral_id = $3 where workspace_id = $1 and id = $2 and referral_id <> $3",
        tx.workspace_id, conversion_id, referral_id,
    )  # fmt: skip


async def rewards_of(tx: Tx, conversion_id: UUID, *, lock: bool = False) -> list[Row]:
    """The rewards a conversion earned, oldest first."""
    return await tx.rows(
        "select id, business_key, advocate_id, offer_id, role, incentive, issued_minor, reversed_minor, "
        "issued_minor - reversed_minor as net_minor, currency, state, review, label, "
        "(select coalesce(sum(v.taken_minor), 0)::bigint from reward_reversal v where v.workspace_id = r.workspace_id "
        "and v.reward_id = r.id and v.key like 'given back:%' and v.actor = 'honeyguide') as back_minor from reward r "
        "where workspace_id = $1 and conversion_id = $2 order by created_at, id" + (" for update of r" if lock else ""),
        tx.workspace_id, conversion_id,
    )  # fmt: skip


async def insert_decision(tx: Tx, values: Mapping[str, Any]) -> None:
    """Append what was decided."""
    await tx.run(
        "insert into credit_decision (workspace_id, id, conversion_id, round, kind, before, after, reason, actor, decided_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tx.workspace_id, values["id"], values["conversion_id"], values["round"], values["kind"], values["before"],
        values["after"], values["reason"], values["actor"], values["decided_at"],
    )  # fmt: skip


async def decisions_of(tx: Tx, conversion_ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """What was decided about conversions, in the order of the rounds."""
    rows = await tx.rows(
        "select id, conversion_id, round, kind, before, after, reason, actor, decided_at from credit_decision "
        "where workspace_id = $1 and conversion_id = any($2::uuid[]) order by conversion_id, round",
        tx.workspace_id, list(conversion_ids),
    )  # fmt: skip
    found: dict[UUID, list[Row]] = {}
    for r in rows:
        found.setdefault(r["conversion_id"], []).append(r)
    return found


async def insert_customer_decision(
    tx: Tx, referral_id: UUID, decision_id: UUID, shares: Sequence[Mapping[str, Any]], at: datetime
) -> None:
    """From now on what this customer buys follows the decision."""
    await tx.run(
        "insert into customer_decision (workspace_id, referral_id, decision_id, shares, decided_at) values ($1, $2, $3, $4, $5) "
        "on conflict do nothing",
        tx.workspace_id, referral_id, decision_id, list(shares), at,
    )  # fmt: skip


async def customer_decisions(tx: Tx, referral_ids: Sequence[UUID]) -> list[Row]:
    """Decisions that hold for whole customers, the newest last."""
    return await tx.rows(
        "select referral_id, decision_id, shares, decided_at from customer_decision where workspace_id = $1 "
        "and referral_id = any($2::uuid[]) order by decided_at, decision_id",
        tx.workspace_id, list(referral_ids),
    )  # fmt: skip


Kind = Literal["win", "payment"]


class Before(Struct, frozen=True):
    """What came before a conversion: this customer's wins or payments and when the first was, the advocate's customers that
    came before this one (when each first did) and what all of them paid, in the program's currency.
    """

    number: int
    since: datetime | None
    won: tuple[datetime, ...]
    revenue_minor: int

    @property
    def customers(self) -> int:
        """How many other customers the advocate had brought."""
        return len(self.won)


# A sale is a win and a payment; what a billing system tells is a payment only, what a CRM tells a win only.
_WON = (
    "exists (select 1 from deal_fact f where f.workspace_id = $1 and f.kind = 'won' and (f.deal = c.deal "
    "or f.deal in (select n.name from sale_name n where n.workspace_id = $1 and n.deal = c.deal) "
    "or f.deal in (select n.deal from sale_name n where n.workspace_id = $1 and n.name = c.deal)))"
)
KINDS: dict[Kind, str] = {
    "payment": "c.deal like 'sale:%'", "win": f"(c.deal not like 'sale:%' or {_WON})",
}  # fmt: skip


async def before(tx: Tx, conversion: Conversion, advocate_id: UUID, currency: str, kind: Kind) -> Before:
    """The history a win or payment is weighed with: what happened before it, whenever we came to know.

    A customer keeps the number it had when it came, so others that came since do not change what it earns.
    """
    rows = await tx.rows(
        "select c.referral_id, min(c.occurred_at) as first, count(*) as n, "
        "coalesce(sum(c.amount_minor) filter (where c.currency = $5), 0)::bigint as paid from conversion c "
        f"where c.workspace_id = $1 and c.id <> $2 and (c.occurred_at, c.id) < ($3, $2) and {KINDS[kind]} "
        "and (c.referral_id = $6 or exists (select 1 "
        "from attribution a where a.workspace_id = $1 and a.conversion_id = c.id and a.advocate_id = $4)) group by c.referral_id",
        tx.workspace_id, conversion.id, conversion.occurred_at, advocate_id, currency, conversion.referral_id,
    )  # fmt: skip
    own = next((r for r in rows if r["referral_id"] == conversion.referral_id), None)
    came = own["first"] if own else conversion.occurred_at
    others = sorted(r["first"] for r in rows if r["referral_id"] != conversion.referral_id and r["first"] <= came)
    revenue = sum(r["paid"] for r in rows)
    return Before(own["n"] if own else 0, own["first"] if own else None, tuple(others), revenue)


async def later(tx: Tx, conversion_ids: Sequence[UUID], since: datetime) -> list[Conversion]:
    """What the advocates of these conversions have of other customers' since a time, oldest first."""
    rows = await tx.rows(
        "select distinct c.id, c.referral_id, c.deal, c.amount_minor, c.currency, c.occurred_at, c.event_id from attribution m "
        "join attribution a on a.workspace_id = $1 and a.advocate_id = m.advocate_id "
        "join conversion c on c.workspace_id = $1 and c.id = a.conversion_id "
        "where m.workspace_id = $1 and m.conversion_id = any($2::uuid[]) and c.occurred_at >= $3 "
        "and not c.id = any($2::uuid[]) order by c.occurred_at, c.id",
        tx.workspace_id, list(conversion_ids), since,
    )  # fmt: skip
    return [Conversion(**dict(r)) for r in rows]


async def was_imported(tx: Tx, conversion_id: UUID) -> bool:
    """Did another vendor's export bring this conversion, with what was earned there?"""
    found: bool = await tx.value(
        "select exists (select 1 from imported_row where workspace_id = $1 and kind = 'commission' and target = $2)",
        tx.workspace_id, str(conversion_id),
    )  # fmt: skip
    return found
