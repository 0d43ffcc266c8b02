"""When people work: hours of the day where they are (standard time, so no time-zone database is needed)."""

from datetime import UTC, datetime, timedelta, timezone
from random import Random

_OFFSETS = {
    "America/Chicago": -6, "America/Toronto": -5, "America/Sao_Paulo": -3, "America/Mexico_City": -6, "Europe/London": 0,
    "Europe/Dublin": 0, "Europe/Lisbon": 0, "Europe/Helsinki": 2, "Asia/Kolkata": 5.5, "Asia/Tokyo": 9, "Asia/Singapore": 8,
    "Australia/Sydney": 10, "Pacific/Auckland": 12, "Africa/Lagos": 1, "Africa/Nairobi": 3,
}  # fmt: skip


def office_hours(rng: Random, begin: datetime, zone: str, days: float = 7) -> datetime:
    """A moment within `days` of `begin`, nearly always on a working day between 7 and 18 local time."""
    local_zone = timezone(timedelta(hours=_OFFSETS.get(zone, 1)))
    end = begin + timedelta(days=days)
    for _ in range(12):
        local = (begin + timedelta(days=rng.uniform(0, days))).astimezone(local_zone)
        if local.weekday() >= 5 and rng.random() < 0.85:
            continue
        hour = min(18.5, max(6.5, rng.gauss(11.3, 2.7)))
        at = local.replace(
            hour=int(hour), minute=int(hour % 1 * 60), second=rng.randint(0, 59), microsecond=rng.randint(0, 999) * 1000
        ).astimezone(UTC)
        if begin <= at < end:
            return at
    return begin + timedelta(seconds=rng.uniform(0, days * 86_400))


def awake(zone: str, at: datetime) -> bool:
    """Is it surely day there (nine to half past six)? An unknown zone counts as Central Europe."""
    local = at.astimezone(timezone(timedelta(hours=_OFFSETS.get(zone, 1))))
    return 9 <= local.hour + local.minute / 60 < 18.5  # an hour of margin for summer time
