"""How the budgets of asking stand: what is planned a day, what was spent of it, and the price that keeps to it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from honeyguide.core.money import money_text
from honeyguide.db import Tx, workspace
from honeyguide.decisions import policy_budget, reading
from honeyguide.graph.kinds import NODE
from honeyguide.learning import pacing, training_tables
from honeyguide.learning.training import budget_left, trainings

_MONTH = 30


class Standing(Struct, frozen=True):
    """One budget. `contacts` are asks and reminders, `money` is minor units of `currency`.

    `per_day` holds now (None: nothing limits it), `usual` is what holds when nobody sets one; `month` was spent in the last
    30 days, today included. `price` is of the newest training (None: there was none): minor units an ask costs more, or
    by which share a unit of reward is weighed more than itself.
    """

    kind: str
    per_day: float | None
    usual: float | None
    set_by: str | None
    set_at: datetime | None
    today: float
    month: float
    price: float | None
    priced_at: datetime | None
    currency: str
    sentence: str


async def standings(tx: Tx, now: datetime) -> list[Standing]:
    """Both budgets as they stand."""
    plans = await policy_budget.plans(tx)
    since = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=_MONTH - 1)
    until = now + timedelta(seconds=1)
    reachable = await training_tables.reachable(tx, NODE["persona"])
    left = await budget_left(tx, await reading.terms_in_force(tx))
    newest = next(iter(await trainings(tx, 1)), None)
    currency = (await workspace(tx)).currency
    made = []
    for kind, usual, spent in (
        ("contacts", pacing.contact_plan(reachable, None), await training_tables.contacts_by_day(tx, since, until)),
        ("money", pacing.money_plan(left, None), await training_tables.rewards_by_day(tx, since, until)),
    ):
        plan = plans.get(kind)
        per_day = plan.per_day if plan else usual
        price = newest["report"].get("contact_price" if kind == "contacts" else "money_price") if newest else None
        made.append(
            Standing(
                kind, per_day, usual, plan.set_by if plan else None, plan.at if plan else None,
                spent.get(f"{now:%Y-%m-%d}", 0.0), sum(spent.values()), price, newest["at"] if newest else None, currency,
                _sentence(kind, per_day, spent, price, currency),
            )
        )  # fmt: skip
    return made


def _sentence(kind: str, per_day: float | None, spent: Mapping[str, float], price: float | None, currency: str) -> str:
    if per_day is None:
        return "Nothing limits the rewards a day: no budget was funded and nobody has set one."
    share = sum(spent.values()) / (per_day * _MONTH)
    said = f"The last 30 days used {100 * share:.0f}% of what is planned."
    if price is None:
        return f"{said} The first nightly training makes a price of it."
    if price <= 0:
        return f"{said} It is not scarce, so it has no price: whoever is worth asking is asked."
    if kind == "contacts":
        cost = money_text(round(price), currency)
        return f"{said} It is scarce: an ask has to be worth {cost} more than its own cost to be made."
    return f"{said} It is scarce: a reward of 1.00 is weighed as {1 + price:.2f}."
