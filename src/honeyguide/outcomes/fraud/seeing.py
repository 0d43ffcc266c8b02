"""What people are seen to use where they act becomes a mark, and referrals it speaks of are looked at anew."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from honeyguide.core.errors import NotFound
from honeyguide.db import Tx
from honeyguide.outcomes import tables as outcomes_tables
from honeyguide.outcomes.fraud import known_rows, tables
from honeyguide.outcomes.fraud.known import HARD
from honeyguide.outcomes.fraud.marks import Side, Used, digest_of
from honeyguide.outcomes.fraud.policy import keeps, policy
from honeyguide.outcomes.fraud.watching import watch

_MOST_TOLD = 30


async def see(tx: Tx, side: Side, owner: UUID, used: Sequence[Used], now: datetime) -> int:
    """Keep what an advocate (by id), or the friend of a referral (by its id), was seen to use where they act.

    Nothing is kept for a rule that the workspace's policy has switched off. A new mark that somebody else has, too, has the
    referrals of all who have it looked at anew, the newest ones; any other changes nothing and costs nothing. Returns how
    many marks were new.
    """
    rules = await policy(tx)
    wanted = [u for u in used if keeps(rules, u.kind)]
    near: set[UUID] = set()
    fresh = 0
    for one in wanted:
        new, ids = await _keep(tx, side, owner, one, now)
        fresh, near = fresh + new, near | ids
    if near:
        await watch(tx, sorted(near), now)
    return fresh


async def _keep(tx: Tx, side: Side, owner: UUID, used: Used, now: datetime) -> tuple[bool, set[UUID]]:
    """Was it new, and which referrals may it say something about?"""
    digest = await digest_of(tx, used.kind, used.value)
    if not digest or not await tables.insert_mark(tx, side, owner, used.kind, digest, now):
        return False, set()
    # A network ties nobody by itself: only pairs who both used it are told about it.
    both = used.kind not in HARD
    return True, set(await known_rows.referrals_of_mark(tx, used.kind, digest, both=both, most=_MOST_TOLD))


async def tell(tx: Tx, side: Side, owner: UUID, kind: str, value: str, now: datetime) -> list[UUID]:
    """Keep a mark that another system tells of and look anew at the referrals it speaks of (the newest ones); returns those
    of the owner that are held.

    The same mark again changes nothing. Raises NotFound for an advocate or referral that is not there, BadInput on an unknown kind.
    """
    ids = await known_rows.referrals_of_owner(tx, side, owner, _MOST_TOLD)
    if ids is None:
        raise NotFound(f"There is no such {'advocate' if side == 'advocate' else 'referral'}.")
    new, near = await _keep(tx, side, owner, Used(kind, value), now)
    if new:
        await watch(tx, sorted({*ids, *near}), now)
    found = await outcomes_tables.findings_of(tx, ids)
    return sorted(i for i, findings in found.items() if any(f.verdict in ("hold", "block") for f in findings))
