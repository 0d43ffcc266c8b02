"""Rates of exchange as they were, and changes of currency at them. Whole numbers only."""

from datetime import datetime
from uuid import UUID

from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.core.ids import content_id
from honeyguide.db import Tx, audit
from honeyguide.ledger import rate_rows
from honeyguide.ledger.accounts import Account, Draft, Line, Transfer
from honeyguide.ledger.fx_rate import Rate
from honeyguide.ledger.post import post_all

_MOST = 10**12


async def store_rate(
    tx: Tx, base: str, quote: str, numerator: int, denominator: int, source: str, at: datetime
) -> Rate:
    """Keep a rate. The same again changes nothing; another number for the same moment is a Conflict. Raises BadInput."""
    for code in (base, quote):
        if len(code) != 3 or not code.isalpha() or not code.isupper():
            raise BadInput(f"{code!r} is not a currency.", "Use ISO 4217, such as EUR.")
    if base == quote or not source.strip():
        raise BadInput("A rate is between two currencies, and has a source.")
    if not (0 < numerator <= _MOST and 0 < denominator <= _MOST):
        raise BadInput(f"A rate is a fraction of two whole numbers from 1 to {_MOST}.")
    made = Rate(
        content_id("fx-rate", str(tx.workspace_id), base, quote, at.isoformat()), base, quote, numerator, denominator,
        source.strip(), at,
    )  # fmt: skip
    await rate_rows.insert(tx, made)
    standing = await rate_rows.by_moment(tx, base, quote, at)
    if standing is None or (standing["numerator"], standing["denominator"]) != (numerator, denominator):
        raise Conflict(f"There is another rate of {base} to {quote} at this moment.", code="rate_known")
    return Rate(**dict(standing))


async def rate(tx: Tx, base: str, quote: str, at: datetime) -> Rate:
    """The newest stored rate at a time. Raises NotFound when there is none yet."""
    found = await rate_rows.newest(tx, base, quote, at)
    if found is None:
        raise NotFound(f"No rate of {base} to {quote} is known for {at:%Y-%m-%d}.", advice="Store one first.")
    return Rate(**dict(found))


async def rates(tx: Tx, after: str | None = None, limit: int = 50) -> list[Rate]:
    """Stored rates, newest first; `after` is the last one's id."""
    return [Rate(**dict(r)) for r in await rate_rows.page(tx, UUID(after) if after else None, limit)]


async def exchange(
    tx: Tx, key: str, source: Account, target: Account, minor: int, actor: str, at: datetime
) -> Transfer:
    """Change `minor` of one account into another's currency at the stored rate, as two legs that each sum to zero.

    The same key again returns what stands. Raises BadInput for one currency or a sum that comes to nothing, NotFound
    without a rate, OverFloor when the account does not hold it.
    """
    if source.currency == target.currency:
        raise BadInput("A change of currency is between two currencies.")
    name = f"exchange:{key}"
    used = await rate(tx, source.currency, target.currency, at)
    got = used.convert(minor)
    if minor <= 0 or got <= 0:
        raise BadInput("This comes to nothing in the other currency.")
    book = f"{used.base}/{used.quote}"
    lines = (
        Line(source, -minor), Line(Account("exchange", book, source.currency), minor),
        Line(Account("exchange", book, target.currency), -got), Line(target, got),
    )  # fmt: skip
    draft = Draft(name, "exchange", f"{used.numerator}/{used.denominator} {book}", lines, rate_id=used.id)
    (done,) = await post_all(tx, [draft], at)
    await audit.write(tx, actor, "ledger.exchanged", name, {"minor": minor, "got": got, "rate": str(used.id)})
    return done
