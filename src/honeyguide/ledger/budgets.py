"""Budgets: money set aside for a program or a group, for good or for a period. From then on rewards draw on it and stop at its end."""

from datetime import datetime

from honeyguide.core.errors import BadInput
from honeyguide.core.money import Money
from honeyguide.db import Tx, audit
from honeyguide.ledger import tables
from honeyguide.ledger.accounts import Account, Line
from honeyguide.ledger.issuing import PERIODS, Period, budget_account
from honeyguide.ledger.post import post
from honeyguide.ledger.tables import AccountRow


async def fund_budget(
    tx: Tx, key: str, program_id: int, money: Money, actor: str, at: datetime, *,
    group_id: int | None = None, period: Period = "", period_at: datetime | None = None,
) -> int:  # fmt: skip
    """Give a program (or a group) a budget or more of it; from then on rewards above it are refused. Returns what is left.

    With a `period` it is the budget of the calendar month, quarter or year that `period_at` (or `at`) falls into; the
    narrowest budget there is pays. The same `key` again changes nothing. Raises BadInput on zero or less.
    """
    if money.minor <= 0:
        raise BadInput("A budget grows by more than nothing.")
    if period not in PERIODS:
        raise BadInput(f"A budget is for a month, a quarter, a year or for good, not for '{period}'.")
    owner = f"program:{program_id}" if group_id is None else f"group:{group_id}"
    budget = budget_account(owner, period, money.currency, period_at or at)
    lines = [Line(Account("expense", f"program:{program_id}", money.currency), -money.minor), Line(budget, money.minor)]
    known = await tables.transfers_by_key(tx, [f"budget:{key}"])
    await post(tx, f"budget:{key}", "budget.funded", f"Budget of {money}", lines, at)
    if not known:
        await audit.write(tx, actor, "budget.funded", budget.owner, {"minor": money.minor, "currency": money.currency})
    standing = await tables.lock_accounts(tx, [budget])
    return standing[budget].balance_minor


async def budgets(tx: Tx) -> list[AccountRow]:
    """Every budget and cap with what is left of it."""
    return [a for a in await tables.accounts(tx) if a.kind in ("budget", "allowance")]
