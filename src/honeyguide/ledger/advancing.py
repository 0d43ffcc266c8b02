"""What time does to rewards: parts become due, holds end, claims come too late."""

from datetime import datetime

from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.ledger import reward_rows as rows
from honeyguide.ledger.issuing import SYSTEM
from honeyguide.ledger.reversing import expire
from honeyguide.ledger.rewards import due, ripen


class Advanced(Struct, frozen=True):
    """What time did: how many rewards are no longer pending, became payable, and expired."""

    due: int
    payable: int
    expired: int


async def advance(tx: Tx, now: datetime, limit: int = 1_000) -> Advanced:
    """Do what time has brought, at most `limit` of each kind; the same at the same time again changes nothing.

    What is too late expires before it could become payable.
    """
    late = await rows.too_late(tx, now, limit)
    for found in late:
        await expire(tx, found, now)
    waiting = await rows.waiting(tx, "pending", now, limit)
    if waiting:
        await due(tx, waiting, SYSTEM, now)
    ripe = await rows.waiting(tx, "approved", now, limit)
    await ripen(tx, ripe, now)
    return Advanced(len(waiting), len(ripe), len(late))
