"""Time expressions of questions ("since March", "this quarter", "in the last 30 days") as half-open periods. Pure.

Days are UTC days, weeks begin on Monday. A month or quarter without a year is the latest one that has begun.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from msgspec import Struct

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")  # fmt: skip
_MONTH = "|".join(f"{m}|{m[:3]}" for m in _MONTHS)
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_UNITS = {"day": 1, "week": 7}
_DATE = (
    rf"\d{{4}}-\d{{2}}-\d{{2}}|\d{{4}}-\d{{2}}|\d{{1,2}}(?:st|nd|rd|th)? (?:{_MONTH})(?:,? \d{{4}})?|"
    rf"(?:{_MONTH}) \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?|(?:{_MONTH})(?: \d{{4}})?|q[1-4](?: \d{{4}})?|\d{{4}}|"
    r"(?:this|last) (?:week|month|quarter|year)|today|yesterday"
)


class Period(Struct, frozen=True):
    """From `since` (None: ever) until before `until` (None: now)."""

    since: datetime | None
    until: datetime | None


def periods(text: str, now: datetime) -> Iterator[tuple[str, Period | None]]:
    """Every way to read a question's end as a time: (the rest, the period). The whole text without one comes first."""
    yield text, None
    for pattern, read in _ENDINGS:
        found = re.search(rf"^(?P<rest>.*?\S)\s+(?:{pattern})$", text, re.IGNORECASE)
        if found:
            period = read(found, now)
            if period is not None:
                yield found["rest"], period


def span(text: str, now: datetime) -> Period | None:
    """The day, week, month, quarter or year a date expression names; None when it is no date."""
    t = text.lower().strip()
    if t in ("today", "yesterday"):
        start = _day(now) - timedelta(days=t == "yesterday")
        return Period(start, start + timedelta(days=1))
    if found := re.fullmatch(r"(this|last) (week|month|quarter|year)", t):
        return _named(found[2], now, back=found[1] == "last")
    for pattern, read in _DATES:
        if found := re.fullmatch(pattern, t):
            try:
                return read(found, now)
            except ValueError:  # 31 February
                return None
    return None


def _day(at: datetime) -> datetime:
    return datetime(at.year, at.month, at.day, tzinfo=UTC)


def _months(year: int, month: int, length: int) -> Period:
    """`length` months from that month (1 to 12, or below and beyond: the years follow)."""
    y, m = divmod(year * 12 + month - 1, 12)
    y2, m2 = divmod(year * 12 + month - 1 + length, 12)
    return Period(datetime(y, m + 1, 1, tzinfo=UTC), datetime(y2, m2 + 1, 1, tzinfo=UTC))


def _named(unit: str, now: datetime, *, back: bool) -> Period:
    if unit == "week":
        start = _day(now) - timedelta(days=now.weekday() + 7 * back)
        return Period(start, start + timedelta(days=7))
    length = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = (now.month - 1) // length * length + 1
    return _months(now.year, first - length * back, length)


def _latest(make: Callable[[int], Period], year: str | None, now: datetime) -> Period:
    """In the year that was said, else in the latest in which it has begun."""
    if year:
        return make(int(year))
    this = make(now.year)
    return this if this.since is not None and this.since <= now else make(now.year - 1)


def _month_of(name: str) -> int:
    return next(i for i, m in enumerate(_MONTHS, start=1) if m.startswith(name[:3]))


def _one_day(year: str | None, month: int, day: int, now: datetime) -> Period:
    def make(y: int) -> Period:
        start = datetime(y, month, day, tzinfo=UTC)
        return Period(start, start + timedelta(days=1))

    return _latest(make, year, now)


_ReadDate = Callable[["re.Match[str]", datetime], Period]
_DATES: tuple[tuple[str, _ReadDate], ...] = (
    (r"(\d{4})-(\d{2})-(\d{2})", lambda m, now: _one_day(m[1], int(m[2]), int(m[3]), now)),
    (r"(\d{4})-(\d{2})", lambda m, _: _months(int(m[1]), _checked(int(m[2])), 1)),
    (rf"(\d{{1,2}})(?:st|nd|rd|th)? ({_MONTH})(?:,? (\d{{4}}))?",
     lambda m, now: _one_day(m[3], _month_of(m[2]), int(m[1]), now)),
    (rf"({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?",
     lambda m, now: _one_day(m[3], _month_of(m[1]), int(m[2]), now)),
    (rf"({_MONTH})(?: (\d{{4}}))?", lambda m, now: _latest(lambda y: _months(y, _month_of(m[1]), 1), m[2], now)),
    (r"q([1-4])(?: (\d{4}))?", lambda m, now: _latest(lambda y: _months(y, 3 * int(m[1]) - 2, 3), m[2], now)),
    (r"((?:19|20)\d{2})", lambda m, _: _months(int(m[1]), 1, 12)),
)  # fmt: skip


def _checked(month: int) -> int:
    if not 1 <= month <= 12:
        raise ValueError(month)
    return month


def _from(m: "re.Match[str]", now: datetime) -> Period | None:
    found = span(m["a"], now)
    return Period(found.since, None) if found else None


def _after(m: "re.Match[str]", now: datetime) -> Period | None:
    found = span(m["a"], now)
    return Period(found.until, None) if found else None


def _before(m: "re.Match[str]", now: datetime) -> Period | None:
    found = span(m["a"], now)
    return Period(None, found.since) if found else None


def _between(m: "re.Match[str]", now: datetime) -> Period | None:
    a, b = span(m["a"], now), span(m["b"], now)
    if a is None or b is None or a.since is None or b.until is None or a.since >= b.until:
        return None
    return Period(a.since, b.until)


def _within(m: "re.Match[str]", now: datetime) -> Period | None:
    found = span(m["a"], now)
    if found is not None and found.until is not None and found.until > now:
        return Period(found.since, None)  # it has not ended: open, as "since"
    return found


def _last(m: "re.Match[str]", now: datetime) -> Period | None:
    said = (m["n"] or "one").lower()
    n = int(said) if said.isdigit() else _NUMBERS.index(said) + 1
    unit = m["unit"].lower()
    if not 0 < n <= 1_000:
        return None
    if unit in _UNITS:
        return Period(_day(now) - timedelta(days=n * _UNITS[unit]), None)
    length = {"month": 1, "quarter": 3, "year": 12}[unit]
    start = _months(now.year, now.month - n * length, 1).since
    if start is None:
        return None
    days_in = (_months(start.year, start.month, 1).until or start) - start
    return Period(start + timedelta(days=min(now.day, days_in.days) - 1), None)


_COUNT = rf"(?P<n>\d{{1,4}}|{'|'.join(_NUMBERS)})"
_ReadEnd = Callable[["re.Match[str]", datetime], Period | None]
_ENDINGS: tuple[tuple[str, _ReadEnd], ...] = (
    (rf"since (?:the (?:start|beginning) of )?(?P<a>{_DATE})", _from),
    (rf"(?:after) (?P<a>{_DATE})", _after),
    (rf"(?:before|until) (?P<a>{_DATE})", _before),
    (rf"(?:between|from) (?P<a>{_DATE}) (?:and|to|until) (?P<b>{_DATE})", _between),
    (rf"(?:(?:in|over|during|within) )?(?:the )?(?:last|past) {_COUNT} (?P<unit>day|week|month|quarter|year)s?", _last),
    (r"(?:in|over|during|within) the (?:last|past)(?P<n>) (?P<unit>day|week|month|quarter|year)", _last),
    (rf"(?:in|on|during|within|as of) (?P<a>{_DATE})", _within),
    (r"(?:recently|lately|of late)", lambda _, now: Period(_day(now) - timedelta(days=30), None)),
    (r"(?P<a>(?:this|last) (?:week|month|quarter|year)|today|yesterday)", _within),
)  # fmt: skip
