"""What ledger tests build on: an advocate, something earned, and the shortest way to each state."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from honeyguide import ledger
from honeyguide.core.ids import content_id
from honeyguide.core.money import Money
from honeyguide.db import Tx

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELD_UNTIL = AT + timedelta(days=30)
LATER = HELD_UNTIL + timedelta(days=1)
PROGRAM, OFFER = 1, 7
MARA, FINN, NOOR = "mara@host.example", "finn@host.example", "noor@host.example"


def advocate_id(n: int = 0) -> UUID:
    return content_id("test-advocate", str(n))


async def add_advocate(
    tx: Tx, n: int = 0, *, name: str = "Ana Ruiz", email: str = "ana@customer.example", accepted: bool = True
) -> UUID:
    await tx.run(
        "insert into advocate (workspace_id, id, record_id, name, email, program_id, group_id, portal_digest, created_at, "
        "terms_accepted_at) values ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9) on conflict do nothing",
        tx.workspace_id, advocate_id(n), 1000 + n, name, email, PROGRAM, b"digest", AT, AT if accepted else None,
    )  # fmt: skip
    return advocate_id(n)


def earned(
    n: int = 0,
    minor: int = 150_000,
    *,
    advocate: int = 0,
    currency: str = "EUR",
    incentive: str = "commission",
    asked_by: str | None = MARA,
    review: str = "",
    cap_minor: int | None = None,
    hold_until: datetime = HELD_UNTIL,
    **more: Any,
) -> ledger.Earned:
    return ledger.Earned(
        rule="win", role="advocate", conversion_id=content_id("test-conversion", str(n)), advocate_id=advocate_id(advocate),
        program_id=PROGRAM, offer_id=OFFER, incentive=incentive, label=f"Referral {n}", money=Money(minor, currency),
        reason="The deal was won.", hold_until=hold_until, asked_by=asked_by, review=review, cap_minor=cap_minor,
        **more,
    )  # fmt: skip


async def issued(tx: Tx, n: int = 0, minor: int = 150_000, **more: Any) -> ledger.Reward:
    return await ledger.issue_reward(tx, earned(n, minor, **more), AT)


async def approved(tx: Tx, n: int = 0, minor: int = 150_000, **more: Any) -> ledger.Reward:
    reward = await issued(tx, n, minor, **more)
    return await ledger.approve_reward(tx, reward.id, FINN, LATER)


async def requested(tx: Tx, n: int = 0, minor: int = 150_000) -> ledger.Payout:
    reward = await approved(tx, n, minor)
    return await ledger.request_payout(tx, [reward.id], "manual", FINN, LATER)


async def paid(tx: Tx, n: int = 0, minor: int = 150_000) -> ledger.Payout:
    payout = await requested(tx, n, minor)
    await ledger.approve_payout(tx, payout.id, NOOR, LATER)
    return await ledger.mark_paid(tx, payout.id, FINN, "SEPA 2026-04-02/1", LATER)


async def balance(tx: Tx, kind: str, owner: str | None = None, currency: str = "EUR") -> int:
    found: int = await tx.value(
        "select coalesce(sum(balance_minor), 0)::bigint from ledger_account "
        "where workspace_id = $1 and kind = $2 and ($3::text is null or owner = $3) and currency = $4",
        tx.workspace_id, kind, owner, currency,
    )  # fmt: skip
    return found


async def assert_sound(tx: Tx) -> None:
    report = await ledger.verify(tx)
    assert report.ok, report.problems
