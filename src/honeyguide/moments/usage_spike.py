"""usage_spike: within a week somebody does far more with a product than was usual for them, by hand and in breadth.

One export run or a robot is no delight: a feature counts on a day up to a few times what is usual, what is far beyond any
hand does not count at all, and a spike needs several days and more than one feature.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from math import log2
from statistics import mean, median, pstdev
from uuid import UUID

from msgspec import Struct

from honeyguide.core.ids import entity_id
from honeyguide.core.terms import Evidence
from honeyguide.inference import Fact
from honeyguide.moments.moment import Moment, make

KIND = "usage_spike"
BASE, HOURS, MOST = 0.45, 168.0, 0.75
RATIO = 2.5  # a week of so many usual weeks
WEEK, BEFORE = timedelta(days=7), timedelta(days=56)
_REST = timedelta(days=28)  # after a spike what is high is the new habit
_LEAST_USES, _LEAST_DAYS, _LEAST_FEATURES = 12.0, 4, 2
_USUAL_WEEKS, _USUAL_DAYS = 4, 6  # how well we must know what is usual
_CLOCK = 20.0  # uses a day from which being the same every day is no chance
_MOST_A_DAY, _MACHINE = 3.0, 60.0  # times the usual count of a feature on a day: counts up to; is no hand


class FeatureDay(Struct, frozen=True):
    """How often one feature was used on one day (UTC), with the last event of it."""

    day: date
    feature: int
    n: int
    last_at: datetime
    last_event: UUID


def subject_of(record: int, product: int) -> int:
    """What the spikes of one record's use of a product hang on."""
    return entity_id("spike", str(record), str(product))


def of_days(
    record: int, product: int, name: str, days: Iterable[FeatureDay], company: int | None = None
) -> list[Moment]:
    """Every spike in somebody's use of a product, from all its days."""
    use = sorted(days, key=lambda d: (d.day, d.feature))
    if len(use) < _LEAST_DAYS + _USUAL_DAYS:
        return []
    dates = [one.day for one in use]
    found: list[Moment] = []
    rest_until = use[0].day
    for day in sorted(set(dates)):
        if day < rest_until:
            continue
        start = day - WEEK + timedelta(days=1)
        known, begin, end = (bisect_left(dates, d) for d in (start - BEFORE, start, day + timedelta(days=1)))
        weeks = min(BEFORE.days, (start - use[0].day).days) / 7
        ratio = _ratio(use[known:begin], use[begin:end], weeks)
        if ratio >= RATIO:
            last = [d for d in use[begin:end] if d.day == day]
            found.append(_moment(record, company, product, name, last, ratio))
            rest_until = day + _REST
    return found


def _ratio(usual: Sequence[FeatureDay], week: Sequence[FeatureDay], weeks: float) -> float:
    """A week over the usual week of the `weeks` before it; 0 when it is no spike whatever the numbers."""
    if weeks < _USUAL_WEEKS or len({d.day for d in usual}) < _USUAL_DAYS:
        return 0.0
    typical = max(1.0, median(d.n for d in usual))
    hand = [d for d in week if d.n <= _MACHINE * typical]
    if not _is_broad(hand) or _is_even(week):
        return 0.0
    cap = _MOST_A_DAY * typical
    done = sum(min(d.n, cap) for d in hand)
    weekly = sum(min(d.n, cap) for d in usual) / weeks
    return done / weekly if done >= _LEAST_USES and weekly > 0 else 0.0


def _is_broad(week: Sequence[FeatureDay]) -> bool:
    """Several days, and more than one feature on more than one of them."""
    days: dict[int, set[date]] = defaultdict(set)
    for one in week:
        days[one.feature].add(one.day)
    often = [f for f, seen in days.items() if len(seen) >= 2]
    return len({d.day for d in week}) >= _LEAST_DAYS and len(often) >= _LEAST_FEATURES


def _is_even(week: Sequence[FeatureDay]) -> bool:
    """Many times a day, and day by day the same: a clock, no hand."""
    totals: dict[date, int] = defaultdict(int)
    for one in week:
        totals[one.day] += one.n
    counts = list(totals.values())
    return len(counts) >= _LEAST_DAYS and mean(counts) >= _CLOCK and pstdev(counts) < 0.05 * mean(counts)


def _moment(
    record: int, company: int | None, product: int, name: str, last: Sequence[FeatureDay], ratio: float
) -> Moment:
    end = max(last, key=lambda d: (d.last_at, d.last_event))
    ref = f"use of {name} in the week up to {end.day}"
    return make(
        KIND, f"spike:{product}:{end.day}", subject=subject_of(record, product), record=record, company=company,
        strength=min(MOST, BASE + 0.15 * log2(ratio / RATIO)), hours=HOURS,
        title=f"Used {name} {ratio:.1f} times as much as usual",
        fact=Fact(end.last_event, "feature.used", end.last_at, "usage", ref),
        evidence=[
            Evidence(
                "usage", f"{ref}: {ratio:.1f} times a usual week", "", "statistic:usage_spike@1", 0.8,
                str(end.last_event), end.last_at.isoformat(),
            )
        ],
    )  # fmt: skip
