"""The overview: how much is known, asked, won and owed, remembered for two seconds per workspace."""

import asyncio
import time
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter

from honeyguide.core import clock
from honeyguide.web.api.lift import LiftOut, latest_lift
from honeyguide.web.auth import Principal, needs
from honeyguide.web.reads import measures
from honeyguide.web.shapes import Out

router = APIRouter()
_REMEMBER_S = 2.0


class OverviewOut(Out):
    """Everything at a glance. Money in minor units of `currency`."""

    as_of: datetime
    personas: int
    companies: int
    edges: int
    events: int
    events_per_minute: list[int]
    queue: int
    asks_sent: int
    referrals: int
    won: int
    won_minor: int
    currency: str
    held_minor: int
    payable_minor: int
    paid_minor: int
    lift: LiftOut
    last_event_at: datetime | None


class Remembered:
    """One answer per workspace, kept for two seconds; callers in between share it."""

    def __init__(self) -> None:
        self._answers: dict[int, tuple[float, OverviewOut]] = {}
        self._locks: dict[int, asyncio.Lock] = {}

    async def of(self, who: Principal) -> OverviewOut:
        """The overview of the principal's workspace."""
        lock = self._locks.setdefault(who.workspace_id, asyncio.Lock())
        async with lock:
            known = self._answers.get(who.workspace_id)
            if known and known[0] > time.monotonic():
                return known[1]
            answer = await _read(who)
            self._answers[who.workspace_id] = (time.monotonic() + _REMEMBER_S, answer)
            return answer


async def _read(who: Principal) -> OverviewOut:
    now = clock.now()
    async with who.tx() as tx:
        row = await measures.counts(tx)
        found: dict[str, Any] = dict(row) if row else {}
        currency = str(found.get("currency") or "EUR").strip()
        sums = await measures.rewards_by_state(tx, currency)
        minutes = await measures.per_minute(tx, now)
        lift = await latest_lift(tx)
    return OverviewOut(
        as_of=now,
        personas=found.get("personas", 0),
        companies=found.get("companies", 0),
        edges=found.get("edges", 0),
        events=found.get("events", 0),
        events_per_minute=minutes,
        queue=found.get("queue", 0),
        asks_sent=found.get("asks_sent", 0),
        referrals=found.get("referrals", 0),
        won=found.get("won", 0),
        won_minor=found.get("won_minor", 0),
        currency=currency,
        held_minor=sum(sums.get(s, 0) for s in ("pending", "held", "review")),
        payable_minor=sum(sums.get(s, 0) for s in ("approved", "payable", "in_payout")),
        paid_minor=sums.get("paid", 0),
        lift=lift,
        last_event_at=found.get("last_event_at"),
    )


remembered = Remembered()


@router.get("/api/overview")
async def overview(who: Annotated[Principal, needs("measures.read")]) -> OverviewOut:
    """Counts, money and lift; at most two seconds old."""
    return await remembered.of(who)
