"""The tie-out of a day: per rail and currency, what our books say was paid, what the providers say, and the difference."""

from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

from honeyguide.db import Row, Tx
from honeyguide.ledger import disbursement_rows as rows


class TieOut(Struct, frozen=True):
    """A rail's day in one currency, in minor units. `difference` is ours less theirs, over payments a provider has told of.

    `unconfirmed`: paid in our books on a person's word (a bank file), no provider told. `open`: asked for, not final.
    """

    day: date
    rail: str
    currency: str
    payments: int
    ours_minor: int
    theirs_minor: int
    difference_minor: int
    unconfirmed: int
    open: int
    problems: int
    sentence: str


async def tie_out(tx: Tx, day: date) -> list[TieOut]:
    """The day (UTC) by rail and currency; empty when nothing was paid or asked for."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    made = []
    for row in await rows.tie_out(tx, start, start + timedelta(days=1)):
        difference = row["told_minor"] - row["theirs_minor"]
        made.append(
            TieOut(
                day, row["rail"], row["currency"], row["payments"], row["ours_minor"], row["theirs_minor"], difference,
                row["unconfirmed"], row["open"], row["problems"], _sentence(row, difference),
            )
        )  # fmt: skip
    return made


def _sentence(row: Row, difference: int) -> str:
    if difference or row["problems"]:
        return "It does not tie out: see the payments with a problem."
    if row["open"]:
        return "It ties out so far; payments are still on their way."
    return "It rests on a person's word: no provider tells of it." if row["unconfirmed"] else "It ties out."
