"""What came back of a deal or sale that was credited: lost after it was won, refunded, disputed, made smaller. Pure.

The answer depends on the set of facts only. What came back is never more than the whole; the same refund told by two
systems (a webhook and a list, by its own number) is one; a refund in another currency is a matter for a person.
"""

from collections.abc import Sequence

from msgspec import Struct

from honeyguide.core.money import money_text
from honeyguide.outcomes.deals import read_deal
from honeyguide.outcomes.terms import DealFact


class GivenBack(Struct, frozen=True):
    """`minor` of the `base` came back. `disputes` a bank has not decided, `won` and `lost` ones it has. `review`: a person
    must look.
    """

    base: int
    minor: int
    whole: bool
    disputes: tuple[str, ...]
    won: tuple[str, ...]
    lost: tuple[str, ...]
    review: str
    why: str

    @property
    def nothing(self) -> bool:
        """Nothing came back and nobody holds anything back."""
        return not (self.whole or self.minor or self.review or self.disputes or self.won or self.lost)

    def part_of(self, reward_minor: int) -> int:
        """What of a reward is to be taken back, in all: the same proportion, in full when all came back."""
        if self.whole:
            return reward_minor
        return reward_minor * self.minor // self.base if self.base else 0


def given_back(facts: Sequence[DealFact], base: int, currency: str) -> GivenBack:
    """What came back of a conversion of `base` minor units, by all facts of its deal."""
    deal = read_deal(facts)
    if deal.taken_back:
        when = f" on {deal.lost_at.day} {deal.lost_at:%B %Y}" if deal.lost_at else ""
        return GivenBack(base, base, True, (), (), (), "", f"{deal.ref} was reported lost{when} after it was won.")
    refunds = {f.stage or str(f.event_id): f for f in sorted(facts, key=_key) if f.kind == "refunded"}
    lost = {f.stage: f for f in sorted(facts, key=_key) if f.kind == "dispute_lost"}
    won = {f.stage for f in facts if f.kind == "dispute_won"} - set(lost)
    opened = {f.stage: f for f in sorted(facts, key=_key) if f.kind == "disputed"}
    parts, foreign = 0, []
    for fact in (*refunds.values(), *(_with_amount(f, opened.get(n)) for n, f in lost.items())):
        if fact.amount_minor is None:
            parts += base
        elif fact.currency != currency:
            foreign.append(fact)
        else:
            parts += fact.amount_minor
    smaller = _smaller(facts, base, currency)
    minor = min(base, parts + smaller)
    whole = bool(refunds or lost) and (minor >= base) and not foreign
    review = f"{foreign[0].ref}: it came back in {foreign[0].currency}, the sale was in {currency}." if foreign else ""
    waiting = tuple(sorted(set(opened) - won - set(lost)))
    ended = (tuple(sorted(won & set(opened))), tuple(sorted(set(lost) & set(opened))))
    return GivenBack(base, minor, whole, waiting, *ended, review, _words(refunds, lost, smaller, minor, base, currency))


def _key(fact: DealFact) -> tuple[object, ...]:
    return fact.at, fact.event_id


def _with_amount(fact: DealFact, opened: DealFact | None) -> DealFact:
    """A lost dispute without an amount took what was disputed."""
    return opened if fact.amount_minor is None and opened is not None and opened.amount_minor is not None else fact


def _smaller(facts: Sequence[DealFact], base: int, currency: str) -> int:
    """By how much the deal was made smaller after it was won."""
    won = read_deal(facts).won
    later = [
        f for f in facts
        if won is not None and f.kind in ("open", "won") and _after(f, won) and f.amount_minor is not None and f.currency == currency
    ]  # fmt: skip
    if not later:
        return 0
    newest = max(later, key=lambda f: (f.at, f.event_id)).amount_minor
    return max(0, base - newest) if newest is not None else 0


def _after(fact: DealFact, won: DealFact) -> bool:
    return (fact.at, fact.event_id) > (won.at, won.event_id)


def _words(
    refunds: dict[str, DealFact], lost: dict[str, DealFact], smaller: int, minor: int, base: int, currency: str
) -> str:
    if not (refunds or lost or smaller):
        return ""
    what = [
        *(["refunded"] if refunds else []), *(["lost to a dispute"] if lost else []),
        *(["taken off the deal after it was won"] if smaller else []),
    ]  # fmt: skip
    return f"{money_text(minor, currency)} of {money_text(base, currency)} was {' and '.join(what)}."
