"""What came back of a conversion comes out of its rewards, in the same proportion and never twice."""

from collections.abc import Sequence
from datetime import datetime

from honeyguide import ledger
from honeyguide.db import Row, Tx
from honeyguide.outcomes import credit_rows
from honeyguide.outcomes.deal_rows import Conversion
from honeyguide.outcomes.giveback import GivenBack, given_back
from honeyguide.outcomes.terms import DealFact


async def bring_back(tx: Tx, conversion: Conversion, facts: Sequence[DealFact], now: datetime) -> None:
    """Bring every reward of the conversion to what is left of it by all facts. The same facts again change nothing."""
    back = given_back(facts, conversion.amount_minor, conversion.currency)
    if not (back.whole or back.minor or back.review or back.disputed):
        return
    for reward in await credit_rows.rewards_of(tx, conversion.id):
        await _bring_back(tx, reward, back, now)


async def _bring_back(tx: Tx, reward: Row, back: GivenBack, now: datetime) -> None:
    if back.whole:
        await take_back(tx, reward, back.why, now)
        return
    words = " ".join(w for w in (back.review, back.why, "A bank holds the payment back." if back.disputed else "") if w)
    if reward["state"] == "held" and words not in reward["review"]:
        await ledger.ask_for_review(tx, reward["id"], f"{reward['review']} {words}".strip())


async def take_back(tx: Tx, reward: Row, why: str, now: datetime, actor: str = ledger.SYSTEM) -> None:
    """Take a whole reward back while it is not paid."""
    if reward["state"] in ("held", "approved"):
        await ledger.void_reward(tx, reward["id"], actor, why, now)
