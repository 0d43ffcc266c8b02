"""How far a stream is known: comparing, overlapping and writing the values of its cursor field.

Times are kept as ISO text in UTC whatever the vendor writes; other cursors as they are.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from honeyguide.core import clock
from honeyguide.funnel.decode.fields import instant
from honeyguide.funnel.definitions import path
from honeyguide.funnel.definitions.spec import CursorSpec


def mark_of(cursor: CursorSpec, record: Any) -> Any:
    """The cursor value of a record, in the form it is kept in; None when it has none."""
    value = path(cursor.field)(record)
    if value is None or isinstance(value, dict | list | bool):
        return None
    if cursor.format == "text":
        return value
    found = instant(value)
    # A record dated in the future must not hide what happens until then.
    return None if found is None else _iso(min(found, clock.now()))


def newer(one: Any, other: Any) -> Any:
    """The later of two kept values; either may be None."""
    if one is None or other is None:
        return one if other is None else other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return max(one, other)
    return max(str(one), str(other))


def since_of(cursor: CursorSpec | None, since: Any) -> Any:
    """What to ask the vendor for: the kept value less the overlap (or the initial one), written as it wants it."""
    if cursor is None:
        return None
    if since is None:
        if not cursor.initial:
            return None
        found = instant(cursor.initial) if cursor.format != "text" else None
        return cursor.initial if found is None else _written(cursor, found)
    if cursor.format == "text":
        return since
    at = instant(since)
    return since if at is None else _written(cursor, at - timedelta(seconds=cursor.overlap_s))


def from_mark(cursor: CursorSpec, mark: Any) -> Any:
    """What to ask for so that a list goes on at a kept value, without overlap."""
    at = instant(mark) if cursor.format != "text" else None
    return mark if at is None else _written(cursor, at)


def _written(cursor: CursorSpec, at: datetime) -> Any:
    at = max(at, datetime(1970, 1, 1, tzinfo=UTC))
    if cursor.format == "epoch":
        return int(at.timestamp())
    if cursor.format == "epoch_ms":
        return int(at.timestamp() * 1000)
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _iso(at: datetime) -> str:
    """Text that sorts as time: always the same width."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
