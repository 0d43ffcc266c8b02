"""The budgets of asking: how many messages that ask a day, how much reward a day, and what that comes to."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from honeyguide.core import clock
from honeyguide.db import Tx
from honeyguide.decisions import policy_budget
from honeyguide.learning import budgets
from honeyguide.web.auth import Principal, needs
from honeyguide.web.shapes import In, Out

router = APIRouter()
Kind = Annotated[Literal["contacts", "money"], Path(description="Which budget.")]


class BudgetOut(Out):
    """A budget. `contacts` counts asks and reminders, `money` minor units of `currency`.

    `per_day` holds now (null: nothing limits it), `usual` would hold if nobody had set one (`set_by` null: nobody has).
    `price` comes from the newest training (null: none yet): minor units an ask costs more, or by which share a unit of
    reward is weighed more than itself.
    """

    kind: Literal["contacts", "money"]
    per_day: float | None
    usual: float | None
    set_by: str | None
    set_at: datetime | None
    spent_today: float
    spent_30_days: float
    price: float | None
    priced_at: datetime | None
    currency: str
    sentence: str


class BudgetsOut(Out):
    """Both budgets."""

    budgets: list[BudgetOut]


class BudgetIn(In):
    """What may be spent a day: messages, or minor units of reward (a whole number)."""

    per_day: Annotated[float, Field(gt=0, lt=1e12, allow_inf_nan=False)]


@router.get("/api/budgets")
async def list_budgets(who: Annotated[Principal, needs("measures.read")]) -> BudgetsOut:
    """What may be spent on asking, what was, and what it costs."""
    async with who.tx() as tx:
        return BudgetsOut(budgets=await _all(tx))


@router.put("/api/budgets/{budget}")
async def set_budget(budget: Kind, body: BudgetIn, who: Annotated[Principal, needs("playbooks.write")]) -> BudgetOut:
    """Set what may be spent a day. The next nightly training makes a price of it; hard limits stay what they are."""
    async with who.tx() as tx:
        await policy_budget.set_plan(tx, budget, body.per_day, who.actor, clock.now())
        return await _one(tx, budget)


@router.delete("/api/budgets/{budget}")
async def drop_budget(budget: Kind, who: Annotated[Principal, needs("playbooks.write")]) -> BudgetOut:
    """Take the budget away: the usual pace holds again. Nothing happens when nobody had set one."""
    async with who.tx() as tx:
        await policy_budget.set_plan(tx, budget, None, who.actor, clock.now())
        return await _one(tx, budget)


async def _all(tx: Tx) -> list[BudgetOut]:
    return [
        BudgetOut(
            kind="contacts" if s.kind == "contacts" else "money", per_day=s.per_day, usual=s.usual, set_by=s.set_by,
            set_at=s.set_at, spent_today=s.today, spent_30_days=s.month, price=s.price, priced_at=s.priced_at,
            currency=s.currency, sentence=s.sentence,
        )
        for s in await budgets.standings(tx, clock.now())
    ]  # fmt: skip


async def _one(tx: Tx, kind: str) -> BudgetOut:
    return next(b for b in await _all(tx) if b.kind == kind)
