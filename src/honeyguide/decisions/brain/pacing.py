"""A scarce budget becomes a price: so much a contact, so much a dollar of reward. Updated by pacing.

The price is what the last unit of the budget earns. It moves against the gap between what was spent and what the plan
allowed, in the step of mirror descent, so it finds its level without knowing the future (bandits with knapsacks:
Badanidiyuru, Kleinberg & Slivkins 2013; Agrawal & Devanur 2014). One price holds for all asks, whoever makes them.
"""

from math import exp

from msgspec import Struct


class Pacer(Struct):
    """The price of one budget. `plan` is what one period may spend; `scale` the unit of the price (a typical value)."""

    plan: float
    scale: float
    price: float = 0.0
    step: float = 0.25
    spent: float = 0.0
    periods: int = 0

    def close(self, spent: float) -> float:
        """Close a period in which so much was spent; returns the price of the next."""
        self.spent += spent
        self.periods += 1
        ahead = self.spent / max(self.plan * self.periods, 1e-9) - 1
        over = spent / max(self.plan, 1e-9) - 1
        push = self.step * (0.5 * max(-1.0, min(over, 3.0)) + 0.5 * max(-1.0, min(4 * ahead, 3.0)))
        seed = 0.02 * self.scale
        self.price = max(0.0, (self.price + seed) * exp(push) - seed)
        return self.price

    def left(self, total: float) -> float:
        """What remains of the whole budget: the hard limit that no price replaces."""
        return max(0.0, total - self.spent)
