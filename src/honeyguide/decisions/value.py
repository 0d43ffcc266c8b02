"""What an ask is worth, in minor units of the program's currency.

`value = P(share) [P(qualify) (P(win) margin - commission) - reward] - contact - P(opt-out) goodwill - organic`

Commission is due on a won deal, so it enters as P(win) x cost; credits and gift cards of our library are due on a won
deal too and enter the same way, with a reward per share of zero. `wait` is worth 0 by definition.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
from msgspec import Struct

from honeyguide.core.money import share_bp
from honeyguide.decisions.situation import Action
from honeyguide.programs.playbook import Economics

Number = TypeVar("Number", float, np.ndarray[Any, np.dtype[np.float64]])


class Price(Struct, frozen=True):
    """The money of one action for one group, in minor units."""

    margin: int
    due_on_win: int
    due_on_share: int
    contact: int
    goodwill: int
    organic: int


def price_of(action: Action, group: str, economics: Economics) -> Price:
    """Margin, cost and goodwill of an action. A commission is capped as its offer says.

    A group the playbook does not know is priced by the least margin and the highest goodwill: careful, never an error.
    """
    if action.incentive == "commission":
        due = share_bp(_known(economics.first_year_minor, group, min), action.rate_bp)
        due = min(due, action.cap_minor) if action.cap_minor is not None else due
    else:
        due = action.amount_minor or economics.cost_minor.get(action.offer, 0)
    return Price(
        margin=_known(economics.margin_minor, group, min),
        due_on_win=due,
        due_on_share=0,
        contact=economics.contact_minor,
        goodwill=_known(economics.goodwill_minor, group, max),
        organic=economics.organic_minor,
    )


def _known(table: Mapping[str, int], group: str, otherwise: Callable[[Iterable[int]], int]) -> int:
    return table[group] if group in table else otherwise(table.values())


def net_value(price: Price, share: Number, qualify: Number, win: Number, opt_out: Number) -> Number:
    """The formula above, for numbers or arrays of them."""
    commission = win * price.due_on_win
    earned = share * (qualify * (win * price.margin - commission) - price.due_on_share)
    return earned - price.contact - opt_out * price.goodwill - price.organic
