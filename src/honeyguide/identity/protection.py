"""Money stays with the account that accepted terms (C9): what is protected is never merged by itself.

The stages above say which records money is tied to; identity knows nothing of accounts or referrals. A protected
record does not move anybody. Two that are one persona already when money comes to them stay one, the pair is noted
as settled, and a conflict tells a person; two that are not will only be joined by a person.
"""

from datetime import datetime
from itertools import combinations
from typing import Literal

from honeyguide.db import Tx
from honeyguide.identity import guard_rows
from honeyguide.identity.records import members, resolve
from honeyguide.identity.steps import look_again

Role = Literal["payee", "referrer", "referee"]


async def protect(tx: Tx, record_id: int, role: Role, key: str, at: datetime) -> None:
    """Tie money to a record: as the payee of an account (`key`), or as one side of a referral (`key`). Idempotent.

    The record need not be known yet. Waits for a batch of the road that is under way in this workspace.
    """
    await guard_rows.lock(tx)
    if not await guard_rows.write_protection(tx, record_id, role, key, at):
        return
    entity = (await resolve(tx, [record_id]))[record_id]
    together = (await members(tx, [entity]))[entity]
    if len(together) > 1:
        protected = await guard_rows.protections(tx, together)
        guards = guard_rows.guards_of((), protected, frozenset())
        one = {p for p in combinations(sorted({r for r, _, _ in protected}), 2) if guards.money_between(*p)}
        await guard_rows.write_settled(tx, one, at)
    await look_again(tx, [record_id])
