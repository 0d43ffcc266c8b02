"""What the customers' systems say, written into the log as their doors write it, at the virtual time it is said."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from honeyguide import funnel
from honeyguide.db import Database
from honeyguide.demo.event import HUBSPOT, PRODUCT, STRIPE, ZENDESK, DemoEvent
from honeyguide.funnel import hooks
from honeyguide.funnel.events import NewEvent

_SOURCES = {PRODUCT: ("segment", "product"), HUBSPOT: ("segment", "HubSpot"), ZENDESK: ("zendesk", "Zendesk"),
            STRIPE: ("stripe", "Stripe")}  # fmt: skip
_AT_ONCE = 500
_OF_SERVERS = {"server_only": True}  # the CRM and the shop hold keys no page shows: their deals count


class Systems:
    """The sources of the year's workspace."""

    def __init__(self, db: Database, workspace_id: int) -> None:
        self._db, self._workspace_id = db, workspace_id
        self._sources: dict[str, funnel.Source] = {}

    async def open(self) -> None:
        """Make the sources."""
        async with self._db.tx(self._workspace_id) as tx:
            for door, (kind, name) in _SOURCES.items():
                self._sources[door] = (
                    await funnel.create_source(tx, kind, name, None, _OF_SERVERS if door != PRODUCT else None)
                )[0]

    async def say(self, events: Iterable[DemoEvent]) -> int:
        """Append events in time order, each received when it happened. Returns how many."""
        said = 0
        by_door: dict[str, list[NewEvent]] = {}
        for event in events:
            by_door.setdefault(event.door, []).extend(self._rows(event))
            said += 1
        async with self._db.tx(self._workspace_id) as tx:
            for door, rows in by_door.items():
                for start in range(0, len(rows), _AT_ONCE):
                    await funnel.append(tx, self._sources[door], rows[start : start + _AT_ONCE])
        return said

    def _rows(self, event: DemoEvent) -> Sequence[NewEvent]:
        if event.door in (PRODUCT, HUBSPOT):
            return [_segment(event)]
        body = msgspec.json.encode(event.payload)
        heard = hooks.heard(self._sources[event.door], body, {}, event.at)
        return [one for one in heard.inputs if isinstance(one, NewEvent)]


def _segment(event: DemoEvent) -> NewEvent:
    payload = event.payload
    at: datetime = event.at
    return NewEvent(
        "segment", str(payload.get("type", "track")), event.message_id, msgspec.json.encode(payload), at, at, None,
        funnel.Lane.LIVE,
    )  # fmt: skip
