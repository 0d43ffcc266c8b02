"""What came back of a conversion comes out of its rewards, in the same proportion and never twice, also after the payout."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from honeyguide import ledger
from honeyguide.db import Row, Tx
from honeyguide.outcomes import credit_rows
from honeyguide.outcomes.deal_rows import Conversion
from honeyguide.outcomes.giveback import GivenBack, given_back
from honeyguide.outcomes.terms import DealFact

_WAITS = ("pending", "held", "review")
_GONE = ("reversed", "expired", "capped")
LESS = "By all that is known now this earns less: an earlier payment or customer came to be known."
# Of one rule, role and decision: what was issued first, and what was added since (`<rule>+<sum>`).
Key = tuple[str, str]
MORE = "+"


class Earnings(Struct, frozen=True):
    """The rewards one rule gave for a conversion: its first with all parts, and what was added when the deal grew."""

    rewards: tuple[Row, ...]

    @property
    def issued(self) -> int:
        """What was issued in all, in minor units."""
        return sum(r["issued_minor"] for r in self.rewards)

    @property
    def back(self) -> int:
        """What was taken back because of the facts; what people took back is not in it."""
        return sum(r["back_minor"] for r in self.rewards)

    @property
    def taken(self) -> int:
        """What was taken back in all."""
        return sum(r["reversed_minor"] for r in self.rewards)

    @property
    def added(self) -> bool:
        """Was something added to the first reward?"""
        return any(MORE in r["business_key"] for r in self.rewards)


def by_rule(conversion: Conversion, rewards: Sequence[Row]) -> dict[Key, Earnings]:
    """The rewards of a conversion by the rule and role they were issued under."""
    found: dict[Key, list[Row]] = {}
    for reward in rewards:
        rule = reward["business_key"].split(f":{reward['role']}:{conversion.id}")[0]
        found.setdefault((rule.split(MORE)[0], reward["role"]), []).append(reward)
    return {key: Earnings(tuple(mine)) for key, mine in found.items()}


async def bring_back(
    tx: Tx, conversion: Conversion, facts: Sequence[DealFact], now: datetime, earned: Mapping[Key, int] | None = None
) -> None:
    """Bring every reward of the conversion to what is left of it by all facts. The same facts again change nothing.

    `earned`: what each rule gives by all that is known now, where it was weighed anew; else it is what was issued.
    """
    back = given_back(facts, conversion.amount_minor, conversion.currency)
    if back.nothing and not earned:
        return
    there = by_rule(conversion, await credit_rows.rewards_of(tx, conversion.id))
    # What was added to is weighed anew whenever something is told; only after a decision nobody weighs it again.
    added = any(mine.added for mine in there.values())
    decided = added and conversion.id in await credit_rows.decisions_of(tx, [conversion.id])
    for key, mine in there.items():
        for reward in mine.rewards:
            await _freeze(tx, reward, back, now)
        gives = (earned or {}).get(key)
        if gives is not None or not mine.added or decided or back.whole:
            await _take(tx, mine, gives, back, now)
        for reward in mine.rewards:
            await _close(tx, reward, back, now)


def kept(earned: int, back: GivenBack) -> int:
    """What is left of an earning when this much of its conversion came back."""
    return earned - back.part_of(earned)


async def _freeze(tx: Tx, reward: Row, back: GivenBack, now: datetime) -> None:
    """Disputes freeze first."""
    for number in (*back.disputes, *back.won, *back.lost):
        why = "The customer's bank disputes the payment."
        await ledger.open_dispute(tx, reward["id"], f"dispute:{number}", why, ledger.SYSTEM, now)


async def _take(tx: Tx, mine: Earnings, earned: int | None, back: GivenBack, now: datetime) -> None:
    """Take what is missing up to the proportion: by the sum, not by the refund, so that whatever the order in which refunds
    come, the roundings come out the same.
    """
    if back.whole:
        for reward in mine.rewards:
            await take_back(tx, reward, back.why, "given back:all", now)
    elif earned is None and mine.added:
        for reward in mine.rewards:
            await _take_of(tx, reward, back.part_of(reward["issued_minor"]) - reward["reversed_minor"], back.why, now)
    else:
        left = kept(mine.issued if earned is None else earned, back)
        await _spread(tx, mine, mine.issued - left - mine.taken, back.why or LESS, now)


async def _spread(tx: Tx, mine: Earnings, due: int, why: str, now: datetime) -> None:
    """Take an amount from several rewards in proportion; what does not divide comes from the last ones."""
    if due <= 0:
        return
    takes = {r["id"]: min(r["net_minor"], due * r["issued_minor"] // mine.issued) for r in mine.rewards}
    rest = due - sum(takes.values())
    for reward in reversed(mine.rewards):
        more = min(rest, reward["net_minor"] - takes[reward["id"]])
        takes[reward["id"]] += more
        rest -= more
    for reward in mine.rewards:
        await _take_of(tx, reward, takes[reward["id"]], why, now)


async def _take_of(tx: Tx, reward: Row, minor: int, why: str, now: datetime) -> None:
    if minor > 0 and reward["state"] not in _GONE:
        key = f"given back:{reward['reversed_minor'] + minor}"
        await ledger.reverse_reward(tx, reward["id"], minor, key, why, ledger.SYSTEM, now)


async def _close(tx: Tx, reward: Row, back: GivenBack, now: datetime) -> None:
    for number in (*back.won, *back.lost):
        # A lost dispute took its own proportion above; what is left of the reward goes on.
        await ledger.close_dispute(tx, reward["id"], f"dispute:{number}", "won", ledger.SYSTEM, now)
    if back.review and reward["state"] in _WAITS and back.review not in reward["review"]:
        await ledger.ask_for_review(tx, reward["id"], f"{reward['review']} {back.review}".strip())


async def take_back(tx: Tx, reward: Row, why: str, key: str, now: datetime, actor: str = ledger.SYSTEM) -> None:
    """Take all that is left of a reward back; after the payout the advocate owes it. Once per key."""
    if reward["state"] not in _GONE:
        await ledger.reverse_reward(tx, reward["id"], None, key, why, actor, now)
