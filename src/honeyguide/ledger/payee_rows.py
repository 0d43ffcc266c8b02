"""SQL for payees: where advocates are paid. Accounts come sealed and leave sealed; what is shown is `masked`."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Tx

TABLES = ("payee",)


class Payee(Struct, frozen=True):
    """An account of an advocate. `usable_from` is when it may first be paid to."""

    id: UUID
    advocate_id: UUID
    kind: str
    sealed: bytes
    masked: str
    country: str
    state: str
    proposed_by: str
    proposed_at: datetime
    confirmed_at: datetime | None
    usable_from: datetime | None


_COLUMNS = "id, advocate_id, kind, sealed, masked, country, state, proposed_by, proposed_at, confirmed_at, usable_from"


async def one(tx: Tx, ident: UUID, *, lock: bool = False) -> Payee | None:
    """One account."""
    row = await tx.row(
        f"select {_COLUMNS} from payee where workspace_id = $1 and id = $2" + (" for update" if lock else ""),
        tx.workspace_id, ident,
    )  # fmt: skip
    return Payee(**dict(row)) if row else None


async def fingerprint(tx: Tx, ident: UUID) -> bytes:
    """The keyed digest of an account."""
    found: bytes | None = await tx.value(
        "select fingerprint from payee where workspace_id = $1 and id = $2", tx.workspace_id, ident
    )
    return found or b""


async def of_advocate(tx: Tx, advocate_id: UUID) -> list[Payee]:
    """The advocate's accounts, newest first."""
    found = await tx.rows(
        f"select {_COLUMNS} from payee where workspace_id = $1 and advocate_id = $2 order by proposed_at desc, id",
        tx.workspace_id, advocate_id,
    )  # fmt: skip
    return [Payee(**dict(r)) for r in found]


async def usable(tx: Tx, advocate_id: UUID, kind: str, chosen: UUID | None, now: datetime) -> tuple[Payee | None, str]:
    """The account to pay to now, or why there is none. Once a payment has gone to an account, its repeats go there."""
    if chosen is not None:
        found = await one(tx, chosen)
        return found, "" if found else "The account it was sent to is gone."
    current = await tx.row(
        f"select {_COLUMNS} from payee where workspace_id = $1 and advocate_id = $2 and kind = $3 and state = 'confirmed'",
        tx.workspace_id, advocate_id, kind,
    )  # fmt: skip
    if current is None:
        return None, "The advocate has not confirmed an account to be paid to."
    found = Payee(**dict(current))
    if found.usable_from is None or found.usable_from > now:
        until = f"{found.usable_from:%d %B %Y}" if found.usable_from else "it is confirmed"
        return None, f"The account was changed; payments to it wait until {until}."
    return found, ""


async def insert(
    tx: Tx, ident: UUID, advocate_id: UUID, kind: str, sealed: bytes, masked: str, country: str, fingerprint: bytes,
    token_digest: bytes, actor: str, now: datetime,
) -> None:  # fmt: skip
    """A proposed account."""
    await tx.run(
        "insert into payee (workspace_id, id, advocate_id, kind, sealed, masked, country, fingerprint, token_digest, state, "
        "proposed_by, proposed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'proposed', $10, $11)",
        tx.workspace_id, ident, advocate_id, kind, sealed, masked, country, fingerprint, token_digest, actor, now,
    )  # fmt: skip


async def advocate_exists(tx: Tx, advocate_id: UUID) -> bool:
    """Is there such an advocate?"""
    found: bool = await tx.value(
        "select exists (select 1 from advocate where workspace_id = $1 and id = $2)", tx.workspace_id, advocate_id
    )
    return found


async def withdraw_proposed(tx: Tx, advocate_id: UUID, kind: str) -> None:
    """What waits for a confirmation waits no longer."""
    await tx.run(
        "update payee set state = 'withdrawn' where workspace_id = $1 and advocate_id = $2 and kind = $3 and state = 'proposed'",
        tx.workspace_id, advocate_id, kind,
    )  # fmt: skip


async def by_token(tx: Tx, token_digest: bytes) -> Payee | None:
    """The account a mail's link confirms, its row locked."""
    row = await tx.row(
        f"select {_COLUMNS} from payee where workspace_id = $1 and token_digest = $2 for update",
        tx.workspace_id,
        token_digest,
    )
    return Payee(**dict(row)) if row else None


async def ever_confirmed(tx: Tx, advocate_id: UUID) -> bool:
    """Has the advocate confirmed any account before, of whatever kind?"""
    found: bool = await tx.value(
        "select exists (select 1 from payee where workspace_id = $1 and advocate_id = $2 and confirmed_at is not null)",
        tx.workspace_id, advocate_id,
    )  # fmt: skip
    return found


async def replace_confirmed(tx: Tx, advocate_id: UUID, kind: str) -> None:
    """The account so far is replaced."""
    await tx.run(
        "update payee set state = 'replaced' where workspace_id = $1 and advocate_id = $2 and kind = $3 and state = 'confirmed'",
        tx.workspace_id, advocate_id, kind,
    )  # fmt: skip


async def confirm(tx: Tx, ident: UUID, at: datetime, usable_from: datetime) -> None:
    """Proposed -> confirmed."""
    await tx.run(
        "update payee set state = 'confirmed', confirmed_at = $3, usable_from = $4 where workspace_id = $1 and id = $2",
        tx.workspace_id, ident, at, usable_from,
    )  # fmt: skip


async def withdraw(tx: Tx, ident: UUID) -> None:
    """-> withdrawn."""
    await tx.run("update payee set state = 'withdrawn' where workspace_id = $1 and id = $2", tx.workspace_id, ident)


async def forget(tx: Tx, record_ids: list[int]) -> None:
    """Empty accounts and delete tax profiles of the advocates with these records."""
    await tx.run(
        "update payee p set sealed = ''::bytea, masked = '', country = '', fingerprint = ''::bytea, token_digest = null, "
        "state = 'withdrawn', proposed_by = '' from advocate a where p.workspace_id = $1 and a.workspace_id = p.workspace_id "
        "and a.id = p.advocate_id and a.record_id = any($2::bigint[])",
        tx.workspace_id, record_ids,
    )  # fmt: skip
    await tx.run(
        "delete from tax_profile p using advocate a where p.workspace_id = $1 and a.workspace_id = p.workspace_id "
        "and a.id = p.advocate_id and a.record_id = any($2::bigint[])",
        tx.workspace_id, record_ids,
    )  # fmt: skip


async def email_of(tx: Tx, advocate_id: UUID) -> str:
    """An advocate's mail address, empty when there is none."""
    found: str | None = await tx.value(
        "select email from advocate where workspace_id = $1 and id = $2", tx.workspace_id, advocate_id
    )
    return found or ""
