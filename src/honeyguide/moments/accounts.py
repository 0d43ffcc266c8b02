"""Renewing the moments that stand on a customer's contracts, those time makes among them."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from uuid import UUID

from honeyguide.db import Tx
from honeyguide.identity import IdentityChanges, resolve
from honeyguide.inference import Fact, Subject, load_subjects
from honeyguide.moments import anniversary, day_tables, fact_tables, renewal, tables
from honeyguide.moments.contract import Contract, read
from honeyguide.moments.moment import Moment

CONTRACTS = frozenset({"subscription", "deal"})
_BATCH = 500
_NEVER = date(1970, 1, 1)


async def touched(tx: Tx, identity: IdentityChanges, subjects: Collection[Subject]) -> list[UUID]:
    """Renew the accounts whose contracts a batch touched."""
    records = {
        r for s in subjects if s.kind in CONTRACTS for f in s.facts for r in (f.company, f.person) if r is not None
    }
    moved = set(identity.moved.values()) | set(identity.previous.values())
    entities = set((await resolve(tx, records)).values()) | moved
    return await renew(tx, entities, await day_tables.through(tx)) if entities else []


async def pass_time(tx: Tx, now: datetime) -> list[UUID]:
    """Let time pass up to the day of `now`: anniversaries and renewals that are near by then become moments.

    Idempotent, and safe beside the road: who renews an account meanwhile waits, then tells the same days.
    """
    reached = await day_tables.move_on(tx, now.astimezone(UTC).date())
    written: list[UUID] = []
    while records := await day_tables.accounts_due(tx, reached, _BATCH):
        entities = set((await resolve(tx, records)).values())
        await day_tables.put_due(tx, records, {})
        written += await renew(tx, entities, reached)
    return written


async def renew(tx: Tx, entities: Collection[int], through: date | None) -> list[UUID]:
    """Make the moments of these accounts those that their contracts show by the day `through`."""
    siblings = await tables.siblings(tx, entities)
    records = [record for found in siblings.values() for record in found]
    named = await fact_tables.contracts_of(tx, records)
    subjects = await load_subjects(tx, {s for found in named.values() for s in found})
    moments: list[Moment] = []
    due: dict[int, date] = {}
    hung = {anniversary.subject_of(r) for r in records}
    for entity in sorted(siblings):
        own = set(siblings[entity])
        mine = [s for i in sorted(_of(named, own)) if _owner((s := subjects[i]).facts) in own]
        contracts = [c for s in mine if (c := read(s)) is not None]
        wins = [w for s in mine if (w := _won(s)) is not None]
        moments += anniversary.of_account(contracts, wins, through)
        moments += [m for c in contracts for m in renewal.upcoming(c, through)]
        hung |= {renewal.upcoming_subject(s) for s in mine}
        next_day = _next(contracts, wins, through or _NEVER)
        if next_day is not None:
            due[min(own)] = next_day
    written = await tables.replace_moments(tx, hung, [anniversary.KIND, renewal.KIND], moments)
    await day_tables.put_due(tx, records, due)
    return written


def _of(named: Mapping[int, set[int]], records: Collection[int]) -> set[int]:
    return {s for r in records for s in named.get(r, ())}


def _owner(facts: Collection[Fact]) -> int | None:
    """Whose contract it is: the first company named, else the first person. One account, never two."""
    company = next((f.company for f in facts if f.company is not None), None)
    return company if company is not None else next((f.person for f in facts if f.person is not None), None)


def _won(subject: Subject) -> Fact | None:
    """The winning of a deal that was not lost again."""
    ends = [f for f in subject.facts if f.kind in ("deal.won", "deal.lost")]
    won = [f for f in ends if f.kind == "deal.won"]
    return won[0] if subject.kind == "deal" and won and ends[-1].kind == "deal.won" else None


def _next(contracts: list[Contract], wins: list[Fact], through: date) -> date | None:
    """The first day after `through` on which time alone makes a moment."""
    days = [anniversary.next_on(contracts, wins, through), *(renewal.opens_on(c) for c in contracts)]
    return min((d for d in days if d is not None and d > through), default=None)
