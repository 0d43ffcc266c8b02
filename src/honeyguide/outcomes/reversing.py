"""What came back of a conversion comes out of its rewards, in the same proportion and never twice, also after the payout."""

from collections.abc import Sequence
from datetime import datetime

from honeyguide import ledger
from honeyguide.db import Row, Tx
from honeyguide.outcomes import credit_rows
from honeyguide.outcomes.deal_rows import Conversion
from honeyguide.outcomes.giveback import GivenBack, given_back
from honeyguide.outcomes.terms import DealFact

_WAITS = ("pending", "held", "review")
_GONE = ("reversed", "expired", "capped")


async def bring_back(tx: Tx, conversion: Conversion, facts: Sequence[DealFact], now: datetime) -> None:
    """Bring every reward of the conversion to what is left of it by all facts. The same facts again change nothing."""
    back = given_back(facts, conversion.amount_minor, conversion.currency)
    if back.nothing:
        return
    for reward in await credit_rows.rewards_of(tx, conversion.id):
        await _bring_back(tx, reward, back, now)


async def _bring_back(tx: Tx, reward: Row, back: GivenBack, now: datetime) -> None:
    """Disputes freeze first; then what is missing up to the proportion is taken; last, what was decided is closed."""
    for number in (*back.disputes, *back.won, *back.lost):
        key = f"dispute:{number}"
        await ledger.open_dispute(
            tx, reward["id"], key, "The customer's bank disputes the payment.", ledger.SYSTEM, now
        )
    if back.whole:
        await take_back(tx, reward, back.why, "given back:all", now)
    else:
        # By the sum, not by the refund: whatever the order in which refunds come, the roundings come out the same.
        target = back.part_of(reward["issued_minor"])
        due = target - reward["reversed_minor"]
        if due > 0 and reward["state"] not in _GONE:
            key = f"given back:{target}"
            await ledger.reverse_reward(tx, reward["id"], due, key, back.why, ledger.SYSTEM, now)
    for number in (*back.won, *back.lost):
        # A lost dispute took its own proportion above; what is left of the reward goes on.
        await ledger.close_dispute(tx, reward["id"], f"dispute:{number}", "won", ledger.SYSTEM, now)
    if back.review and reward["state"] in _WAITS and back.review not in reward["review"]:
        await ledger.ask_for_review(tx, reward["id"], f"{reward['review']} {back.review}".strip())


async def take_back(tx: Tx, reward: Row, why: str, key: str, now: datetime, actor: str = ledger.SYSTEM) -> None:
    """Take all that is left of a reward back; after the payout the advocate owes it. Once per key."""
    if reward["state"] not in _GONE:
        await ledger.reverse_reward(tx, reward["id"], None, key, why, actor, now)
