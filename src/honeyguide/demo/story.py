"""The whole story as one endless stream in time order: a year of history, then as much future as one asks for.

Everything known beforehand (people, deals, subscriptions) lies ready; tickets, usage, surveys and scenes are told
week by week. The same seed and end tell the same story, event for event.
"""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain, count

from honeyguide.core.errors import BadInput
from honeyguide.demo import commerce, correspondence, crm, helpdesk, scenes, usage
from honeyguide.demo.cast import Cast, draw_cast
from honeyguide.demo.event import DemoEvent

_WEEK = timedelta(days=7)


def generate(seed: int, end: datetime, scale: float = 1.0) -> Iterator[DemoEvent]:
    """One year of events up to and including `end`, in time order: about 43,000 at scale 1.

    Raises BadInput when `end` has no time zone or the scale is not between 0 and 5.
    """
    for event in story(seed, end, scale):
        if event.at > end:
            return
        yield event


def continue_story(seed: int, end: datetime, scale: float = 1.0) -> Iterator[DemoEvent]:
    """What happens after `end`, without end itself: take as many events as you need."""
    return (event for event in story(seed, end, scale) if event.at > end)


def story(seed: int, end: datetime, scale: float = 1.0) -> Iterator[DemoEvent]:
    """History and future in one."""
    if end.tzinfo is None:
        raise BadInput("The demo's end has no time zone.", advice="Give an aware datetime, e.g. in UTC.")
    if not 0 < scale <= 5:
        raise BadInput(f"The demo's scale is {scale}.", "It takes a number above 0 and up to 5.")
    return _tell(draw_cast(seed, end, scale))


def _tell(cast: Cast) -> Iterator[DemoEvent]:
    heap: list[tuple[datetime, int, DemoEvent]] = []
    order = count()
    # commerce first: it settles since when people are known
    planned = list(commerce.everything(cast))
    _push(heap, order, cast.start, chain(crm.people(cast), usage.sign_ins(cast), planned))
    product = usage.Usage(cast)
    for number in count():
        begin = cast.start + number * _WEEK
        week = chain(
            product.week(number, begin), helpdesk.week(cast, number, begin), crm.surveys(cast, number, begin),
            scenes.told_in(cast, number, begin), correspondence.week(cast, number, begin),
        )  # fmt: skip
        _push(heap, order, begin, week)
        while heap and heap[0][0] < begin + _WEEK:
            yield heapq.heappop(heap)[2]


def _push(
    heap: list[tuple[datetime, int, DemoEvent]], order: Iterator[int], begin: datetime, events: Iterable[DemoEvent]
) -> None:
    for event in events:
        if event.at >= begin:
            heapq.heappush(heap, (event.at, next(order), event))
