"""Who is a power user: rank within the month among all who used the product, and absolute floors. Pure statistics.

Confidence is the posterior probability that the true rank is within the top fifth: Beta(1 + below, 1 + above), a
uniform prior over ranks updated by the others seen. Few others cannot carry much belief, so small populations
shrink towards not knowing (one of three is 0.49 at best, and that is below the threshold).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from scipy.special import betaincc

TOP = 0.8  # the share of the population one must out-use
CEILING = 0.97  # counting clicks never proves more than this


class Floors(Struct, frozen=True):
    """What anybody must reach in the month, whatever the others do. `features` is capped by what the product has."""

    days: int
    features: int
    uses: int


# One person's month, and a whole company's where usage comes as an account total (one row counts many people).
FLOORS = {"persona": Floors(days=5, features=2, uses=20), "company": Floors(days=3, features=2, uses=20)}


class MonthOfUse(Struct, frozen=True):
    """One entity's use of one product in one calendar month (UTC). `days_active` ascend; `last_event` is the last counted."""

    entity: int
    record: int
    kind: str
    uses: int
    features: int
    days_active: tuple[date, ...]
    last_at: datetime
    last_event: UUID

    @property
    def days(self) -> int:
        """Active days."""
        return len(self.days_active)


class PowerUse(Struct, frozen=True):
    """A power user found: rank 1 is the heaviest; ties share the better rank."""

    use: MonthOfUse
    rank: int
    population: int
    confidence: float


def power_users(population: Sequence[MonthOfUse], threshold: float = 0.55) -> list[PowerUse]:
    """Everyone over the floors whose confidence reaches the threshold, in rank order.

    The population is all active entities of one kind for one product and month; the order given plays no part.
    """
    weights = sorted(_weight(use) for use in population)
    breadth = max((use.features for use in population), default=0)
    out = []
    for use in population:
        floors = FLOORS[use.kind]
        if use.days < floors.days or use.uses < floors.uses or use.features < min(floors.features, breadth):
            continue
        weight = _weight(use)
        below, above = bisect_left(weights, weight), len(weights) - bisect_right(weights, weight)
        confidence = min(CEILING, float(betaincc(1 + below, 1 + len(weights) - 1 - below, TOP)))
        if confidence >= threshold:
            out.append(PowerUse(use, above + 1, len(weights), round(confidence, 4)))
    return sorted(out, key=lambda p: (p.rank, p.use.record))


def reached_on(use: MonthOfUse) -> date:
    """The day on which the floor of active days was reached: when somebody became a power user, if they are one."""
    return use.days_active[FLOORS[use.kind].days - 1]


def _weight(use: MonthOfUse) -> tuple[int, int]:
    """Days before uses: coming back every day says more than one burst of clicks."""
    return (use.days, use.uses)
