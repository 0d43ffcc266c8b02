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
