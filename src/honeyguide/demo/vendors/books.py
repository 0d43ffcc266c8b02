"""What a vendor keeps: records by id, in the order of their last change, given out in pages."""

import bisect
from typing import Any

from msgspec import Struct


class Record(Struct):
    """A record and when it was last changed (milliseconds since 1970)."""

    id: str
    changed: int
    body: dict[str, Any]


class Page(Struct, frozen=True):
    """Some records, the place where the next page begins (None: that was the last), and how many there are in all."""

    records: list[Record]
    next: int | None
    total: int


class Shelf:
    """Records of one kind.

    `seen` holds the ids that were given out at least once, or that who asks must know: whoever asks for changes since
    a time, or from a place on, has what comes before it. So a vendor that was restarted knows how far the others are.
    """

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.seen: set[str] = set()
        self._order: list[tuple[int, str]] = []

    def put(self, ident: str, changed: int, body: dict[str, Any]) -> Record:
        """Keep a record as it is now; one that is known moves to its new place."""
        if known := self.records.get(ident):
            self._forget_place(known)
        found = self.records[ident] = Record(ident, changed, body)
        bisect.insort(self._order, (changed, ident))
        return found

    def remove(self, ident: str) -> None:
        """Keep it no longer."""
        if known := self.records.pop(ident, None):
            self._forget_place(known)

    def _forget_place(self, known: Record) -> None:
        self._order.pop(bisect.bisect_left(self._order, (known.changed, known.id)))

    def page(self, since: int, start: int, size: int) -> Page:
        """Records changed at or after `since`, the earliest change first, `size` of them from the `start`th on."""
        whole = self.asked(since, start)
        found = self.give(whole[start : start + size])
        end = start + len(found)
        return Page(found, end if end < len(whole) else None, len(whole))

    def changed(self, since: int) -> list[Record]:
        """Everything changed at or after `since`, the earliest change first."""
        return [self.records[ident] for _, ident in self._order[bisect.bisect_left(self._order, (since, "")) :]]

    def asked(self, since: int, start: int = 0, *, newest_first: bool = False) -> list[Record]:
        """Everything changed at or after `since`, for one who knows what was before it and the first `start` of these."""
        place = bisect.bisect_left(self._order, (since, ""))
        self.seen.update(ident for _, ident in self._order[:place])
        whole = [self.records[ident] for _, ident in self._order[place:]]
        if newest_first:
            whole.reverse()
        self.give(whole[:start])
        return whole

    def give(self, records: list[Record]) -> list[Record]:
        """These records leave the house."""
        self.seen.update(r.id for r in records)
        return records

    @property
    def unseen(self) -> int:
        """How many records nobody has asked for yet."""
        return len(self.records) - len(self.seen & self.records.keys())
