"""SQL for rates of exchange."""

from datetime import datetime
from uuid import UUID

from honeyguide.db import Row, Tx
from honeyguide.ledger.fx_rate import Rate

_RATE = "select id, base, quote, numerator, denominator, source, at from fx_rate where workspace_id = $1 "


async def insert(tx: Tx, rate: Rate) -> None:
    """Keep it unless this moment has one."""
    await tx.run(
        "insert into fx_rate (workspace_id, id, base, quote, numerator, denominator, source, at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
        tx.workspace_id, rate.id, rate.base, rate.quote, rate.numerator, rate.denominator, rate.source, rate.at,
    )  # fmt: skip


async def by_moment(tx: Tx, base: str, quote: str, at: datetime) -> Row | None:
    """The rate of exactly this moment."""
    return await tx.row(_RATE + "and base = $2 and quote = $3 and at = $4", tx.workspace_id, base, quote, at)


async def newest(tx: Tx, base: str, quote: str, at: datetime) -> Row | None:
    """The newest rate that is not younger than `at`."""
    return await tx.row(
        _RATE + "and base = $2 and quote = $3 and at <= $4 order by at desc limit 1", tx.workspace_id, base, quote, at
    )


async def page(tx: Tx, after: UUID | None, limit: int) -> list[Row]:
    """Newest first, from behind `after`."""
    return await tx.rows(
        _RATE + "and ($2::uuid is null or (at, id) < (select c.at, c.id from fx_rate c where c.workspace_id = $1 and c.id = $2)) "
        "order by at desc, id desc limit $3",
        tx.workspace_id, after, limit,
    )  # fmt: skip
