"""From usage events to counts per record, product, feature and day."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import UUID

from msgspec import Struct

from honeyguide.core.ids import entity_id
from honeyguide.core.terms import CanonicalEvent

_MOST = 1_000_000_000  # uses in one event; more is a mistake of the sender and is counted as this


class Activity(Struct, frozen=True):
    """How often a record used one feature of a product on one day (UTC); `last_*` is the latest event counted."""

    record: int
    product: int
    feature: int
    day: date
    n: int
    last_event: UUID
    last_at: datetime


def activity_of(events: Iterable[CanonicalEvent]) -> list[Activity]:
    """Sums of the `feature.used` events; the person's where one is known, else the company's. Sorted by key."""
    sums: dict[tuple[int, int, int, date], Activity] = {}
    for event in events:
        one = _one(event)
        if one is None:
            continue
        key = (one.record, one.product, one.feature, one.day)
        seen = sums.get(key)
        sums[key] = one if seen is None else _added(seen, one)
    return [sums[key] for key in sorted(sums)]


def _one(event: CanonicalEvent) -> Activity | None:
    who = event.person or event.company
    product = str(event.props.get("product") or "")
    if event.kind != "feature.used" or who is None or not product:
        return None
    feature = str(event.props.get("feature") or "")
    return Activity(
        record=who.id,
        product=entity_id("product", product),
        feature=entity_id("feature", f"{product}/{feature}") if feature else 0,
        day=event.at.astimezone(UTC).date(),
        n=_count(event.props.get("n", 1)),
        last_event=event.event_id,
        last_at=event.at,
    )


def _count(raw: object) -> int:
    """A whole number of uses, at least 1: an event that says nothing sensible is still one use."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return 1
    try:
        return min(_MOST, max(1, int(float(raw))))
    except (ValueError, OverflowError):
        return 1


def _added(a: Activity, b: Activity) -> Activity:
    latest = max((a, b), key=lambda x: (x.last_at, x.last_event))
    return Activity(a.record, a.product, a.feature, a.day, a.n + b.n, latest.last_event, latest.last_at)
