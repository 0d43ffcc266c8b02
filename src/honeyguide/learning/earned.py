"""What promotions look at: the evidence of every step, in one read."""

from collections.abc import Callable
from datetime import datetime

from honeyguide.db import Tx
from honeyguide.learning.evidence import evidence, evidence_for
from honeyguide.learning.promotion_rules import Proof


async def proofs(tx: Tx, now: datetime) -> Callable[[str], Proof]:
    """The proof of each step as of `now`; of a step nobody was asked by, that there is none."""
    known = await evidence(tx, now)
    nothing = await evidence_for(tx, "", now)

    def look(step: str) -> Proof:
        return known.get(step, nothing)

    return look
