"""Who is followed since when, and what came of them: the arms of every comparison of totals. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from msgspec import Struct

from honeyguide.learning.totals import PERIOD_DAYS, Arm, arm_of

PERIOD = timedelta(days=PERIOD_DAYS)
HOLDOUT = "holdout"
WITHIN, RUNNING, BEFORE, ELSEWHERE = "within", "running", "before", "elsewhere"


class Entry(Struct, frozen=True):
    """A company from the day somebody there would have been asked, and by which step."""

    entity: int
    arm: str
    at: datetime
    step: str

    def periods(self, now: datetime) -> int:
        """Whole periods since then."""
        return max(0, int((now - self.at) / PERIOD))


class Event(Struct, frozen=True):
    """Something that counts for a company or a person there, at a time, in an amount (1 for a referral)."""

    entity: int | None
    persona: int | None
    at: datetime
    amount: int = 1


def entries(asks: Iterable[Mapping[str, Any]]) -> dict[int, Entry]:
    """The first would-be ask of each company. `asks` come by company and time."""
    found: dict[int, Entry] = {}
    for row in asks:
        found.setdefault(row["entity"], Entry(row["entity"], row["arm"], row["at"], row["step"]))
    return found


def episodes(asks: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """Would-be asks of a company at least 28 days apart, in both arms alike.

    A held-out company is never asked, so nothing holds its next decision back, while an asked one has a contact budget:
    without this the held-out would be counted at moments the others never are, and their days would overlap.
    """
    found: list[Entry] = []
    last: dict[int, datetime] = {}
    for row in asks:
        before = last.get(row["entity"])
        if before is None or row["at"] - before >= PERIOD:
            last[row["entity"]] = row["at"]
            found.append(Entry(row["entity"], row["arm"], row["at"], row["step"]))
    return found


def by_step(found: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Per step, the first episode of each company in it: a company counts once."""
    seen: dict[str, dict[int, Entry]] = {}
    for one in found:
        seen.setdefault(one.step, {}).setdefault(one.entity, one)
    return {step: list(rows.values()) for step, rows in sorted(seen.items())}


def place(event: Event, found: Mapping[int, Entry]) -> Entry | None:
    """The entry an event counts for: the company's, else the person's own."""
    for entity in (event.entity, event.persona):
        if entity is not None and entity in found:
            return found[entity]
    return None


def where(event: Event, found: Mapping[int, Entry], now: datetime) -> str:
    """Whether an event counts: within the whole periods of its company, in the running one, before it entered, elsewhere."""
    entry = place(event, found)
    if entry is None:
        return ELSEWHERE
    if event.at < entry.at:
        return BEFORE
    return WITHIN if event.at < entry.at + entry.periods(now) * PERIOD else RUNNING


def arms(found: Mapping[int, Entry], events: Sequence[Event], now: datetime) -> tuple[Arm, Arm]:
    """Both arms, the treated first, by the events within whole periods."""
    ids = {entity: n for n, entity in enumerate(found)}
    periods = np.array([e.periods(now) for e in found.values()], dtype=np.float64)
    held = np.array([e.arm == HOLDOUT for e in found.values()], dtype=np.bool_)
    totals = np.zeros(len(ids))
    for event in events:
        entry = place(event, found)
        if entry is not None and where(event, found, now) == WITHIN:
            totals[ids[entry.entity]] += event.amount
    if not ids:
        return Arm(0, 0, 0.0, 0.0), Arm(0, 0, 0.0, 0.0)
    return arm_of(periods[~held], totals[~held]), arm_of(periods[held], totals[held])


def events_of(rows: Iterable[Mapping[str, Any]]) -> dict[UUID, Event]:
    """Referrals as events by id, to hang their wins and rewards on."""
    return {r["referral_id"]: Event(r["entity"], r["persona"], r["created_at"]) for r in rows}
