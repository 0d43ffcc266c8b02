"""What is still to be paid, by currency and month: due, expected, at risk, and what advocates owe."""

from datetime import datetime, timedelta

from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.ledger import reward_rows

LATER = "later"


class Month(Struct, frozen=True):
    """A month (`2026-04`, or `later` beyond the horizon) in one currency, in minor units.

    due: approved, its hold ends by then. expected: held or pending, payable then at the earliest. at_risk: a person must
    look, or it is disputed. owed: what advocates have to give back (in the current month only).
    """

    currency: str
    month: str
    due_minor: int
    expected_minor: int
    at_risk_minor: int
    owed_minor: int


class Liability(Struct, frozen=True):
    """The forecast as of a moment. Due, expected and at risk together are what stands in the advocates' accounts."""

    as_of: datetime
    months: list[Month]
    total_minor: dict[str, int]
    owed_minor: dict[str, int]


async def liability(tx: Tx, now: datetime, horizon_days: int = 365) -> Liability:
    """What the ledger will have to pay, from what stands in it now."""
    end = now + timedelta(days=horizon_days)
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for row in await reward_rows.unpaid_by_day(tx, now):
        month = LATER if row["at"] > end else f"{row['at']:%Y-%m}"
        cell = sums.setdefault((row["currency"], month), {"due": 0, "expected": 0, "at_risk": 0, "owed": 0})
        cell[row["kind"]] += row["minor"]
    owed = await reward_rows.owed_by_currency(tx)
    for currency, minor in owed.items():
        sums.setdefault((currency, f"{now:%Y-%m}"), {"due": 0, "expected": 0, "at_risk": 0, "owed": 0})["owed"] += minor
    months = [
        Month(currency, month, cell["due"], cell["expected"], cell["at_risk"], cell["owed"])
        for (currency, month), cell in sorted(sums.items())
    ]
    total: dict[str, int] = {}
    for one in months:
        total[one.currency] = total.get(one.currency, 0) + one.due_minor + one.expected_minor + one.at_risk_minor
    return Liability(now, months, total, owed)
