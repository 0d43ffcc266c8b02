"""Stripe's list of events: what happened, under the ids its webhooks carry."""

from typing import Any

from honeyguide.demo.event import DemoEvent
from honeyguide.demo.vendors.books import Shelf


class Stripe:
    """Answers `GET /v1/events`. Newest first, as Stripe does."""

    def __init__(self) -> None:
        self.events = Shelf()

    @property
    def shelves(self) -> dict[str, Shelf]:
        """What it keeps, by stream."""
        return {"events": self.events}

    def take(self, event: DemoEvent) -> None:
        """Note an event of the story."""
        self.events.put(str(event.payload["id"]), int(event.payload["created"]) * 1000, event.payload)

    def answer(self, method: str, path: str, query: dict[str, str], _body: Any) -> dict[str, Any] | None:
        """The reply to a request, or None when there is nothing at this path."""
        if method != "GET" or path != "/v1/events":
            return None
        size = min(int(query.get("limit", "10")), 100)
        since = int(query.get("created[gte]", "0")) * 1000
        after = query.get("starting_after")
        whole = self.events.changed(since)[::-1]
        start = next((n + 1 for n, r in enumerate(whole) if r.id == after), 0) if after else 0
        whole = self.events.asked(since, start, newest_first=True)
        found = self.events.give(whole[start : start + size])
        return {
            "object": "list", "url": "/v1/events", "has_more": start + len(found) < len(whole),
            "data": [r.body for r in found],
        }  # fmt: skip
