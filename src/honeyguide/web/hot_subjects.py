"""One subject that floods: what it sends beyond its share goes to the overflow lane, so that the others stay live.

A subject is what the sender says it is (userId, anonymousId, distinct_id): read cheaply, resolved to nobody. Counted
per source and minute, in this process only, in bounded memory.
"""

import time

from msgspec.structs import replace

from honeyguide.funnel import Broken, Lane, NewEvent, Source

PER_MINUTE = 1_200
SETTING = "overflow_per_minute"  # of a source; 0 turns it off
_SUBJECTS_MAX = 20_000


class HotSubjects:
    """Counts the events of each subject of each source in the minute that runs."""

    def __init__(self, per_minute: int = PER_MINUTE, subjects: int = _SUBJECTS_MAX) -> None:
        self._per_minute, self._max = per_minute, subjects
        self._counts: dict[tuple[int, int, str], int] = {}
        self._ends = 0.0

    def sort(self, source: Source, inputs: list[NewEvent | Broken]) -> list[NewEvent | Broken]:
        """The inputs, those beyond their subject's share in the overflow lane. Only live ones are counted."""
        allowed = source.settings.get(SETTING, self._per_minute)
        if not isinstance(allowed, int) or allowed <= 0:
            return inputs
        now = time.monotonic()
        if now >= self._ends:
            self._counts.clear()
            self._ends = now + 60.0
        found = inputs
        for n, one in enumerate(inputs):
            if not isinstance(one, NewEvent) or not one.subject or one.lane is not Lane.LIVE:
                continue
            key = (source.workspace_id, source.id, one.subject)
            count = self._counts[key] = self._counts.get(key, 0) + 1
            if count > allowed:
                if found is inputs:
                    found = list(inputs)
                found[n] = replace(one, lane=Lane.OVERFLOW)
            elif count == 1 and len(self._counts) > self._max:
                self._forget_the_quiet()
        return found

    def _forget_the_quiet(self) -> None:
        """Keep the loudest quarter: many subjects with one event each must not hide the one with thousands."""
        loud = sorted(self._counts.items(), key=lambda pair: pair[1], reverse=True)[: self._max // 4]
        self._counts = dict(loud)
