"""Quiet hours: nobody is written to between 20:00 and 08:00 of their own day."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

QUIET_FROM = time(20, 0)
QUIET_UNTIL = time(8, 0)


def zone(*names: str | None) -> ZoneInfo:
    """The first time zone of `names` that exists, else UTC. Sources send all kinds of text here."""
    for name in names:
        if not name:
            continue
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def next_allowed(at: datetime, local: ZoneInfo) -> datetime:
    """`at` itself outside quiet hours, else the next 08:00 on the person's wall clock (aware, UTC).

    Wall-clock arithmetic: across a change to summer time the morning still starts at 08:00 local.
    """
    there = at.astimezone(local)
    if QUIET_UNTIL <= there.time() < QUIET_FROM:
        return at
    day = there.date() if there.time() < QUIET_UNTIL else there.date() + timedelta(days=1)
    return datetime.combine(day, QUIET_UNTIL, tzinfo=local).astimezone(UTC)
