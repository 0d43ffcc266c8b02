"""Reads what a dry run needs: the moments of the last days, and the asks that were made before them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Tx


class Asked(Struct, frozen=True):
    """An ask that was approved or sent: to whom, at which company, when."""

    person: int
    company: int | None
    at: datetime


async def moments_between(tx: Tx, since: datetime, until: datetime, limit: int) -> list[UUID]:
    """Moments that occurred after `since` and not after `until`, in the order they came."""
    found = await tx.rows(
        "select id from moment where workspace_id = $1 and occurred_at > $2 and occurred_at <= $3 order by occurred_at, id limit $4",
        tx.workspace_id, since, until, limit,
    )  # fmt: skip
    return [r["id"] for r in found]


async def asks_between(
    tx: Tx, people: Collection[int], firms: Collection[int], since: datetime, until: datetime
) -> list[Asked]:
    """Asks to these people or at these companies that went out between the two times, the oldest first."""
    found = await tx.rows(
        "select p.entity_id as person, c.entity_id as company, coalesce(a.decided_at, a.created_at) as at from ask a "
        "join record p on p.workspace_id = a.workspace_id and p.id = a.record_id "
        "left join record c on c.workspace_id = a.workspace_id and c.id = a.company_record_id "
        "where a.workspace_id = $1 and a.state in ('approved', 'sent') and (p.entity_id = any($2::bigint[]) or c.entity_id = any($3::bigint[])) "
        "and coalesce(a.decided_at, a.created_at) > $4 and coalesce(a.decided_at, a.created_at) <= $5 order by 3, a.id",
        tx.workspace_id, list(people), list(firms), since, until,
    )  # fmt: skip
    return [Asked(r["person"], r["company"], r["at"]) for r in found]
