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
_LIVE = Lane.LIVE


class HotSubjects:
    """Counts the events of each subject of each source in the minute that runs."""

    def __init__(self, per_minute: int = PER_MINUTE, subjects: int = _SUBJECTS_MAX) -> None:
        self._per_minute, self._max = per_minute, subjects
        self._counts: dict[int, dict[str, int]] = {}  # by source; ids of sources are unique in a database
        self._held = 0
        self._ends = 0.0

    def sort(self, source: Source, inputs: list[NewEvent | Broken]) -> list[NewEvent | Broken]:
        """The inputs, those beyond their subject's share in the overflow lane. Only live ones are counted."""
        allowed = source.settings.get(SETTING, self._per_minute)
        if not isinstance(allowed, int) or allowed <= 0:
            return inputs
        now = time.monotonic()
        if now >= self._ends:
            self._counts.clear()
            self._held = 0
            self._ends = now + 60.0
        counts = self._counts.get(source.id)
        if counts is None:
            counts = self._counts[source.id] = {}
        found = inputs
        for n, one in enumerate(inputs):
            if one.__class__ is not NewEvent or not (subject := one.subject) or one.lane is not _LIVE:
                continue
            count = counts[subject] = counts.get(subject, 0) + 1
            self._held += count == 1
            if count > allowed:
                if found is inputs:
                    found = list(inputs)
                found[n] = replace(one, lane=Lane.OVERFLOW)
        if self._held > self._max:
            self._forget_the_quiet()
        return found

    def _forget_the_quiet(self) -> None:
        """Keep the loudest quarter: many subjects with one event each must not hide the one with thousands."""
        every = [(count, source, name) for source, counts in self._counts.items() for name, count in counts.items()]
        every.sort(key=lambda one: one[0], reverse=True)
        self._counts, self._held = {}, 0
        for count, source, name in every[: self._max // 4]:
            self._counts.setdefault(source, {})[name] = count
            self._held += 1
