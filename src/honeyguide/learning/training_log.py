"""What training learns from: asks that were sent and what came of them, and people who were left alone. Pure values.

A referral belongs to the newest ask its advocate had been sent within the window; without one it came unasked. The same
window judges both, so that what asking adds is a difference of like things.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Row

WINDOW_DAYS = 14  # a share counts within so many days of the ask, and so does what comes unasked
JUDGED_DAYS = 60  # a referral sales has not taken up by then is judged as not qualified
_MOST_WEIGHT = 5.0
_NEVER_DAYS = 3650.0  # a lost deal will not be won any more


def fortnight(at: datetime) -> int:
    """The fortnight a time is in, counted from a fixed day: where one starts does not depend on where reading starts."""
    return (at.date().toordinal() - 1) // WINDOW_DAYS


class Referral(Struct, frozen=True):
    """A referral of an advocate. `amount_minor` is of its won deals."""

    at: datetime
    rejected: bool
    qualified_at: datetime | None
    won_at: datetime | None
    lost_at: datetime | None
    amount_minor: int

    def judged(self, now: datetime) -> bool | None:
        """Did sales take it up? None while nobody knows."""
        if self.rejected:
            return False
        if self.qualified_at is not None or self.won_at is not None:
            return True
        over = self.lost_at is not None or now >= self.at + timedelta(days=JUDGED_DAYS)
        return False if over else None

    def age(self, now: datetime) -> float:
        """Days from the qualification to the win, or waited so far; so many that none will come when it is lost."""
        began = self.qualified_at or self.at
        if self.won_at is None and self.lost_at is not None:
            return _NEVER_DAYS
        return max(((self.won_at or now) - began).total_seconds() / 86_400, 0.5)


class Sent(Struct, frozen=True):
    """An ask that was sent, as it was sent. `known` is false when the person was erased since."""

    id: UUID
    decision_id: UUID
    at: datetime
    group: str
    key: str
    worn: float
    left: bool
    known: bool
    referrals: tuple[Referral, ...]


class Alone(Struct, frozen=True):
    """Somebody who was left alone at random: did a referral come all the same? `weight` makes up for how rarely."""

    id: UUID
    at: datetime
    came: bool
    weight: float
    known: bool


class Log(Struct, frozen=True):
    """Everything up to a time."""

    sent: list[Sent]
    alone: list[Alone]


def referral_of(row: Row) -> Referral:
    """A referral as the tables hold it."""
    return Referral(
        row["at"], row["rejected"], row["qualified_at"], row["won_at"], row["lost_at"], int(row["amount_minor"] or 0)
    )


def log_of(asks: Iterable[Row], alone: Iterable[Row], referrals: Iterable[Row]) -> Log:
    """Put asks, people left alone and referrals together."""
    asked: dict[int, list[Row]] = defaultdict(list)
    for row in asks:
        asked[row["persona"] or 0].append(row)
    times = {person: [r["at"] for r in rows] for person, rows in asked.items()}
    of_ask: dict[UUID, list[Referral]] = defaultdict(list)
    unasked: dict[int, list[datetime]] = defaultdict(list)
    for row in referrals:
        person, at = row["persona"], row["at"]
        place = bisect_right(times.get(person, []), at) - 1
        if place >= 0 and at < times[person][place] + timedelta(days=WINDOW_DAYS):
            of_ask[asked[person][place]["id"]].append(referral_of(row))
        elif not row["rejected"]:
            unasked[person].append(at)
    sent = [_sent(r, tuple(of_ask.get(r["id"], ()))) for rows in asked.values() for r in rows]
    return Log(sorted(sent, key=lambda s: (s.at, s.id)), _alone(alone, times, unasked))


def _sent(row: Row, came: tuple[Referral, ...]) -> Sent:
    action: str = row["action"]
    tone, length = [*action.split("/"), "", ""][1:3]
    return Sent(
        row["id"], row["decision_id"], row["at"], row["group_slug"], f"{row['offer']}/{tone}/{length}/{row['channel']}",
        row["worn"] or 0.0, row["not_now_reason"] == "opted_out", row["known"], came,
    )  # fmt: skip


def _alone(
    rows: Iterable[Row], asked: Mapping[int, list[datetime]], unasked: Mapping[int, list[datetime]]
) -> list[Alone]:
    """The first of a person's decisions in every fortnight, and only where nobody asked them within the window."""
    window, seen, found = timedelta(days=WINDOW_DAYS), set[tuple[int, int]](), []
    for r in rows:
        person, at = r["persona"], r["at"]
        if (person, fortnight(at)) in seen:
            continue
        seen.add((person, fortnight(at)))
        if any(at - window < t < at + window for t in asked.get(person, [])):
            continue
        came = any(at <= t < at + window for t in unasked.get(person, []))
        rarely = 1.0 if r["arm"] == "holdout" else min(1.0 / r["waits"], _MOST_WEIGHT)
        found.append(Alone(r["id"], at, came, float(r["weight"]) * rarely, r["known"]))
    return found
