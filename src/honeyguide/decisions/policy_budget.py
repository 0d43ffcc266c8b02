"""The budgets of asking: how many asks a day, how much reward a day. Set by a person, turned into prices by training."""

from datetime import datetime

from honeyguide.core.errors import BadInput
from honeyguide.db import Tx, audit
from honeyguide.decisions import policy_tables
from honeyguide.decisions.policy_tables import Plan

KINDS = ("contacts", "money")


async def plans(tx: Tx) -> dict[str, Plan]:
    """The budgets somebody set, by kind; a kind that is missing is paced by its default."""
    return await policy_tables.plans(tx)


async def set_plan(tx: Tx, kind: str, per_day: float | None, actor: str, at: datetime) -> None:
    """Set what may be spent a day: asks, or minor units of reward; None goes back to the default. Raises BadInput."""
    if kind not in KINDS:
        raise BadInput(f"There is no budget {kind!r}.", f"Budgets: {', '.join(KINDS)}.")
    if per_day is None:
        if not await policy_tables.drop_plan(tx, kind):
            return
    elif kind == "money" and not float(per_day).is_integer():
        raise BadInput("Money is counted in whole minor units.", "A budget of 50.00 is 5000.")
    elif 0 < per_day < 1e12:
        await policy_tables.put_plan(tx, Plan(kind, per_day, actor, at))
    else:
        raise BadInput("A budget is more than nothing a day.", advice="Take the budget away to go back to the default.")
    await audit.write(tx, actor, "budget.planned", f"budget:{kind}", {"per_day": per_day})
