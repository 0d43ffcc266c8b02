"""SQL of the payout policy, its runs, tax profiles, and the sums they rest on."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx

TABLES = ("payout_policy", "payout_run", "tax_profile")


class TaxProfile(Struct, frozen=True):
    """A tax form as it may be shown."""

    advocate_id: UUID
    form: str
    country: str
    masked: str
    given_by: str
    given_at: datetime
    valid_until: date | None


class Policy(Struct, frozen=True):
    """When payouts are made and from which sum on. `day`: of the week (1 is Monday) or of the month. Minor units by currency."""

    schedule: str = "manual"
    day: int = 1
    rail: str = "manual"
    minimums: dict[str, int] = {}
    cooling_days: int = 3
    payer_country: str = ""
    tax_threshold_minor: int = 60_000


async def policy(tx: Tx) -> Policy:
    """The workspace's policy, the default when it has none."""
    row = await tx.row(
        "select schedule, day, rail, minimums, cooling_days, payer_country, tax_threshold_minor from payout_policy "
        "where workspace_id = $1",
        tx.workspace_id,
    )
    return Policy(**dict(row)) if row else Policy()


async def put_policy(tx: Tx, p: Policy, actor: str, at: datetime) -> None:
    """Replace the policy."""
    await tx.run(
        "insert into payout_policy (workspace_id, schedule, day, rail, minimums, cooling_days, payer_country, tax_threshold_minor, "
        "changed_by, changed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (workspace_id) do update set "
        "schedule = excluded.schedule, day = excluded.day, rail = excluded.rail, minimums = excluded.minimums, "
        "cooling_days = excluded.cooling_days, payer_country = excluded.payer_country, "
        "tax_threshold_minor = excluded.tax_threshold_minor, changed_by = excluded.changed_by, changed_at = excluded.changed_at",
        tx.workspace_id, p.schedule, p.day, p.rail, p.minimums, p.cooling_days, p.payer_country, p.tax_threshold_minor, actor, at,
    )  # fmt: skip


async def begin_run(tx: Tx, key: str, at: datetime) -> bool:
    """Take a run; False when it was made before. Waits for one of the same key that is being made."""
    made = await tx.run(
        "insert into payout_run (workspace_id, key, at, payouts, withheld) values ($1, $2, $3, 0, 0) on conflict do nothing",
        tx.workspace_id, key, at,
    )  # fmt: skip
    return made == 1


async def end_run(tx: Tx, key: str, payouts: int, withheld: int) -> None:
    """What a run made."""
    await tx.run(
        "update payout_run set payouts = $3, withheld = $4 where workspace_id = $1 and key = $2",
        tx.workspace_id, key, payouts, withheld,
    )  # fmt: skip


async def profile(tx: Tx, advocate_id: UUID) -> TaxProfile | None:
    """The advocate's tax form, as it may be shown."""
    row = await tx.row(
        "select advocate_id, form, country, masked, given_by, given_at, valid_until from tax_profile "
        "where workspace_id = $1 and advocate_id = $2",
        tx.workspace_id, advocate_id,
    )  # fmt: skip
    return TaxProfile(**dict(row)) if row else None


async def put_profile(tx: Tx, one: TaxProfile, sealed: bytes) -> None:
    """Keep a tax form."""
    await tx.run(
        "insert into tax_profile (workspace_id, advocate_id, form, country, sealed, masked, given_by, given_at, valid_until) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (workspace_id, advocate_id) do update set form = excluded.form, "
        "country = excluded.country, sealed = excluded.sealed, masked = excluded.masked, given_by = excluded.given_by, "
        "given_at = excluded.given_at, valid_until = excluded.valid_until",
        tx.workspace_id, one.advocate_id, one.form, one.country, sealed, one.masked, one.given_by, one.given_at, one.valid_until,
    )  # fmt: skip


async def paid_between(tx: Tx, advocate_id: UUID, currency: str, start: datetime, end: datetime) -> int:
    """What was paid out to an advocate in a time, minor units; what is on its way counts, what came back does not."""
    found: int = await tx.value(
        "select coalesce(sum(amount_minor), 0)::bigint from disbursement where workspace_id = $1 and advocate_id = $2 "
        "and currency = $3 and state in ('promised', 'unknown', 'sent', 'paid') "
        "and coalesce(settled_at, promised_at) >= $4 and coalesce(settled_at, promised_at) < $5",
        tx.workspace_id, advocate_id, currency, start, end,
    )  # fmt: skip
    return found


async def waiting(tx: Tx, now: datetime) -> list[Row]:
    """Rewards with money that may be paid now, oldest first, with whether their advocate accepted the terms."""
    return await tx.rows(
        "select r.id, r.advocate_id, a.name, r.currency, r.incentive, r.amount_minor, a.terms_accepted_at is not null as accepted "
        "from reward r join advocate a on a.workspace_id = r.workspace_id and a.id = r.advocate_id "
        "where r.workspace_id = $1 and (r.state = 'payable' or (r.state = 'approved' and r.hold_until <= $2)) "
        "and not r.disputed and r.amount_minor > 0 order by r.created_at, r.id limit 20000",
        tx.workspace_id, now,
    )  # fmt: skip


async def statement_lines(tx: Tx, advocate_id: UUID, start: datetime, end: datetime) -> list[Row]:
    """What was earned, taken back and paid to an advocate in a time, by their transfers, in the order it happened."""
    return await tx.rows(
        "select t.at, t.key, t.kind, t.memo, a.kind as account, p.currency, p.amount_minor from ledger_account a "
        "join posting p on p.workspace_id = a.workspace_id and p.account_id = a.id "
        "join transfer t on t.workspace_id = p.workspace_id and t.id = p.transfer_id "
        "where a.workspace_id = $1 and a.owner = 'advocate:' || $2::text "
        "and a.kind in ('held', 'available', 'in_payout', 'paid', 'owed') and t.at >= $3 and t.at < $4 "
        "order by t.at, t.key, p.line",
        tx.workspace_id, str(advocate_id), start, end,
    )  # fmt: skip


async def balances_at(tx: Tx, advocate_id: UUID, at: datetime) -> list[Row]:
    """What stood in an advocate's accounts before a time."""
    return await tx.rows(
        "select a.kind, p.currency, sum(p.amount_minor)::bigint as minor from ledger_account a "
        "join posting p on p.workspace_id = a.workspace_id and p.account_id = a.id "
        "where a.workspace_id = $1 and a.owner = 'advocate:' || $2::text "
        "and a.kind in ('held', 'available', 'in_payout', 'paid', 'owed') and p.at < $3 group by a.kind, p.currency",
        tx.workspace_id, str(advocate_id), at,
    )  # fmt: skip
