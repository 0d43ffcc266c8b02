"""Budgets become prices: so much an ask, so much a unit of reward, the same for all asks whoever makes them.

A price is what the last unit of the budget earns. It follows what was spent, day by day (`decisions.brain.Pacer`), and is
worked out anew from the last days each time, so it is a function of the log and the plan. The contact plan is, unless
somebody set another, the pace at which everybody reachable would use up their yearly cap: up to it an ask has no price
but its own cost.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from honeyguide.decisions.brain import Pacer
from honeyguide.decisions.guardrails import PER_YEAR

DAYS = 60
LASTS_DAYS = 90  # what is left of a program's budget is to last so long, unless somebody set a plan
_LEAST_CONTACTS = 5.0
_MOST_MONEY_PRICE = 10.0


def contact_plan(reachable: int, chosen: float | None) -> float:
    """Asks a day."""
    return chosen if chosen is not None else max(_LEAST_CONTACTS, reachable * PER_YEAR / 365)


def money_plan(left_minor: int | None, chosen: float | None) -> float | None:
    """Minor units of reward a day; None when nothing limits them."""
    if chosen is not None:
        return chosen
    return max(left_minor / LASTS_DAYS, 1.0) if left_minor is not None else None


def contact_price(asks: Mapping[str, float], plan: float, worth: float, now: datetime) -> float:
    """The price of an ask in minor units. `worth`: of a usual ask; it sets the scale of the steps."""
    return _paced(asks, plan, max(worth, 1.0), now)


def money_price(rewards: Mapping[str, float], plan: float, now: datetime) -> float:
    """By how much a unit of reward costs more than itself: 0.5 means that 1 euro is weighed as 1.50."""
    return min(_paced(rewards, plan, 1.0, now), _MOST_MONEY_PRICE)


def _paced(spent: Mapping[str, float], plan: float, scale: float, now: datetime) -> float:
    """The price after the last days; days before the first spending do not count."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [f"{today - timedelta(days=back):%Y-%m-%d}" for back in range(DAYS, 0, -1)]
    began = next((at for at, day in enumerate(days) if spent.get(day, 0.0) > 0), len(days))
    pacer = Pacer(plan=plan, scale=scale)
    for day in days[began:]:
        pacer.close(spent.get(day, 0.0))
    return pacer.price
