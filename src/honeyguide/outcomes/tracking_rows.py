"""SQL for customers known by their own system's id, and for what calls were answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row, Tx


class Customer(Struct, frozen=True):
    """A customer by the id its own system gives."""

    external_id: str
    person_record_id: int
    company_record_id: int | None
    email: str
    referral_id: UUID | None
    created_at: datetime


_CUSTOMER = "external_id, person_record_id, company_record_id, email, referral_id, created_at"


async def take(tx: Tx, kind: str, key: str, digest: bytes, at: datetime) -> bool:
    """Take a call's key for ever; False when it was taken. Waits for a transaction that is taking it."""
    made = await tx.run(
        "insert into tracked_call (workspace_id, kind, key, digest, answer, at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        tx.workspace_id, kind, key, digest, {}, at,
    )  # fmt: skip
    return made > 0


async def call(tx: Tx, kind: str, key: str) -> Row | None:
    """What a call was answered."""
    return await tx.row(
        "select digest, answer from tracked_call where workspace_id = $1 and kind = $2 and key = $3",
        tx.workspace_id,
        kind,
        key,
    )


async def answer(tx: Tx, kind: str, key: str, said: dict[str, Any]) -> None:
    """Keep what a call was answered."""
    await tx.run(
        "update tracked_call set answer = $4 where workspace_id = $1 and kind = $2 and key = $3",
        tx.workspace_id,
        kind,
        key,
        said,
    )


async def customer(tx: Tx, external_id: str) -> Customer | None:
    """A customer, locked until the transaction ends."""
    row = await tx.row(
        f"select {_CUSTOMER} from tracked_customer where workspace_id = $1 and external_id = $2 for update",
        tx.workspace_id, external_id,
    )  # fmt: skip
    return Customer(**dict(row)) if row else None


async def put_customer(tx: Tx, one: Customer) -> None:
    """Write a customer; what is known stays where the new word says nothing."""
    await tx.run(
        f"insert into tracked_customer (workspace_id, {_CUSTOMER}) values ($1, $2, $3, $4, $5, $6, $7) "
        "on conflict (workspace_id, external_id) do update set email = case when excluded.email = '' then tracked_customer.email "
        "else excluded.email end, company_record_id = coalesce(excluded.company_record_id, tracked_customer.company_record_id), "
        "referral_id = coalesce(tracked_customer.referral_id, excluded.referral_id)",
        tx.workspace_id, one.external_id, one.person_record_id, one.company_record_id, one.email, one.referral_id, one.created_at,
    )  # fmt: skip


async def click(tx: Tx, visitor: UUID, before: datetime) -> Row | None:
    """The newest link a visitor touched who is no machine."""
    return await tx.row(
        "select t.id, t.link_id, l.code from touch t join link l on l.workspace_id = t.workspace_id and l.id = t.link_id "
        "where t.workspace_id = $1 and t.visitor = $2 and t.at <= $3 and t.agent <> 'scanner' order by t.at desc, t.id limit 1",
        tx.workspace_id, visitor, before,
    )  # fmt: skip


async def code_of_link(tx: Tx, link_id: UUID) -> str | None:
    """The code of a working link."""
    found: str | None = await tx.value(
        "select code from link where workspace_id = $1 and id = $2 and disabled_at is null", tx.workspace_id, link_id
    )
    return found


async def credited(tx: Tx, deal: str) -> bool:
    """Is this sale credited already?"""
    found: bool = await tx.value(
        "select exists (select 1 from conversion where workspace_id = $1 and deal = $2)", tx.workspace_id, deal
    )
    return found
