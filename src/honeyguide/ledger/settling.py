"""How the books move when a payout is approved, paid, given up, or comes back after it was paid; netting included.

What an advocate owes (money already paid for a reward that was reversed) stands as a negative balance of `owed`. A payout
nets it: so much of the payout's money goes there instead of out. The keys carry the payout's id, so that a reward whose
payment came back can be paid by another payout, and no step happens twice.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from honeyguide.core.errors import Conflict
from honeyguide.db import Tx
from honeyguide.ledger import disbursement_rows as lines
from honeyguide.ledger import reward_rows as rows
from honeyguide.ledger import tables
from honeyguide.ledger.accounts import FLOORS, Account, Draft, Line
from honeyguide.ledger.disbursement_rows import Disbursement
from honeyguide.ledger.post import post_all
from honeyguide.ledger.rewards import moves
from honeyguide.ledger.states import STANDS_IN, Payout

_AVAILABLE, _IN_PAYOUT, _PAID = STANDS_IN["approved"], STANDS_IN["in_payout"], STANDS_IN["paid"]
_OWED = "owed"


async def owed_minor(tx: Tx, advocate_id: UUID, currency: str) -> int:
    """What the advocate owes, in minor units, the account locked; 0 when nothing."""
    if _OWED not in FLOORS:
        return 0
    account = Account(_OWED, f"advocate:{advocate_id}", currency)
    found = await tables.lock_accounts(tx, [account])
    return max(0, -found[account].balance_minor) if account in found else 0


def net(gross_minor: int, owes_minor: int) -> tuple[int, int]:
    """How a payment divides into what is netted and what goes out."""
    netted = min(max(owes_minor, 0), gross_minor)
    return netted, gross_minor - netted


def _netting(made: Sequence[Disbursement], step: str, kind: str, source: str, target: str) -> list[Draft]:
    return [
        Draft(
            f"payout:{one.payout_id}:{step}:{one.advocate_id}", kind, "What the advocate owed",
            (Line(Account(source, f"advocate:{one.advocate_id}", one.currency), -one.netted_minor),
             Line(Account(target, f"advocate:{one.advocate_id}", one.currency), one.netted_minor)),
        )
        for one in made if one.netted_minor
    ]  # fmt: skip


async def reserve_netting(tx: Tx, made: Sequence[Disbursement], now: datetime) -> None:
    """At approval: what is netted pays the debt at once, so that no other payout nets it again."""
    await post_all(tx, _netting(made, "net", "payout.netted", _IN_PAYOUT, _OWED), now)


async def pay(tx: Tx, found: Payout, actor: str, reference: str, now: datetime) -> None:
    """In the payout -> paid, all of it. The caller holds the payout's row and has checked its state."""
    inside = await rows.rewards_of_payout(tx, found.id, lock=True)
    made = await lines.of_payout(tx, found.id, lock=True)
    drafts = moves(inside, f"paid:{found.id}", "payout.paid", _IN_PAYOUT, _PAID)
    await post_all(tx, drafts + _netting(made, "net-paid", "payout.netted", _PAID, _IN_PAYOUT), now)
    await rows.set_state(tx, [r.id for r in inside], "paid", found.id)
    await rows.set_payout_paid(tx, found.id, actor, reference, now)


async def release(tx: Tx, found: Payout, now: datetime) -> None:
    """In the payout -> available, all of it: the payout is given up, or its payment was refused."""
    inside = await rows.rewards_of_payout(tx, found.id, lock=True)
    made = await lines.of_payout(tx, found.id, lock=True)
    drafts = moves(inside, f"cancel:{found.id}", "payout.cancelled", _IN_PAYOUT, _AVAILABLE)
    await post_all(tx, drafts + _netting(made, "net-back", "payout.netted", _OWED, _IN_PAYOUT), now)
    await rows.set_state(tx, [r.id for r in inside], "approved", None)
    await rows.set_payout_state(tx, found.id, "cancelled")


async def take_back(tx: Tx, found: Payout, now: datetime) -> None:
    """Paid -> available: the money was paid and came back. Raises Conflict when the payout is not paid."""
    if found.state != "paid":
        raise Conflict("Only a payment that was made can come back.", f"The payout is {found.state}.")
    inside = await rows.rewards_of_payout(tx, found.id, lock=True)
    made = await lines.of_payout(tx, found.id, lock=True)
    drafts = moves(inside, f"returned:{found.id}", "payout.returned", _PAID, _AVAILABLE)
    await post_all(tx, drafts + _netting(made, "net-back", "payout.netted", _OWED, _PAID), now)
    await rows.set_state(tx, [r.id for r in inside], "approved", None)
    await rows.set_payout_state(tx, found.id, "cancelled")
