"""How a payout ends in the books: paid, given up, or come back after it was paid. What its advocates owed moves with it.

The keys carry the payout's id, so that a reward whose payment came back can be paid by another payout, and no step happens
twice.
"""

from datetime import datetime

from honeyguide.core.errors import Conflict
from honeyguide.db import Tx
from honeyguide.ledger import reward_rows as rows
from honeyguide.ledger.payout_moves import leave_payout, pay_out
from honeyguide.ledger.states import Payout


async def pay(tx: Tx, found: Payout, actor: str, reference: str, now: datetime) -> None:
    """In the payout -> paid, all of it. The caller holds the payout's row and has checked its state."""
    inside = await rows.rewards_of_payout(tx, found.id, lock=True)
    await pay_out(tx, inside, found.id, actor, reference, now)
    await rows.set_payout_paid(tx, found.id, actor, reference, now)


async def release(tx: Tx, found: Payout, kind: str, actor: str, reason: str, now: datetime) -> None:
    """In the payout -> available, all of it: the payout is given up, or its payment was refused."""
    inside = await rows.rewards_of_payout(tx, found.id, lock=True)
    await leave_payout(tx, inside, found.id, kind, actor, reason, now)
    await rows.set_payout_state(tx, found.id, "cancelled")


async def take_back(tx: Tx, found: Payout, actor: str, reason: str, now: datetime) -> None:
    """Paid -> available: the money was paid and came back. Raises Conflict when the payout is not paid."""
    if found.state != "paid":
        raise Conflict("Only a payment that was made can come back.", f"The payout is {found.state}.")
    inside = await rows.rewards_of_payout(tx, found.id, lock=True)
    await leave_payout(tx, inside, found.id, "payout.returned", actor, reason, now)
    await rows.set_payout_state(tx, found.id, "cancelled")
