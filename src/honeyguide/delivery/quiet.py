"""Quiet hours: nobody is written to between 20:00 and 08:00 of their own day, unless the workspace says otherwise."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct


class Hours(Struct, frozen=True):
    """When nobody is written to, on the person's wall clock; `since` equal to `until` is never."""

    since: time = time(20, 0)
    until: time = time(8, 0)


DEFAULT = Hours()


def hours_of(settings: dict[str, Any]) -> Hours:
    """The workspace's `quiet_hours`: `{"from": "20:00", "until": "08:00"}`, `"none"`, or the default when unset or unreadable."""
    said = settings.get("quiet_hours")
    if said == "none":
        return Hours(time(0), time(0))
    try:
        return Hours(time.fromisoformat(said["from"]), time.fromisoformat(said["until"])) if said else DEFAULT
    except (KeyError, TypeError, ValueError):
        return DEFAULT


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


def next_allowed(at: datetime, local: ZoneInfo, hours: Hours = DEFAULT) -> datetime:
    """`at` itself outside quiet hours, else the end of them on the person's wall clock (aware, UTC).

    Wall-clock arithmetic: across a change to summer time the morning still starts at the same local hour.
    """
    there = at.astimezone(local)
    now, since, until = there.time(), hours.since, hours.until
    if since == until:
        return at
    over_midnight = since > until
    quiet = (now >= since or now < until) if over_midnight else since <= now < until
    if not quiet:
        return at
    day = there.date() + timedelta(days=1) if over_midnight and now >= since else there.date()
    return datetime.combine(day, until, tzinfo=local).astimezone(UTC)
