"""Zendesk's incremental exports: users, organisations, tickets, what happened to them, and how they were rated."""

from datetime import UTC, datetime
from typing import Any

from honeyguide.demo.event import DemoEvent
from honeyguide.demo.vendors.books import Shelf

_STREAMS = ("users", "organizations", "tickets", "ticket_events", "satisfaction_ratings")
_AGENTS_FROM = 900_001  # ids of Tidewater's own people at the helpdesk


class Zendesk:
    """Answers the cursor exports (users, tickets) and the time-based ones (organisations, events), and the list of ratings."""

    def __init__(self) -> None:
        self.shelves: dict[str, Shelf] = {name: Shelf() for name in _STREAMS}
        self._agents: dict[str, int] = {}

    def take(self, event: DemoEvent) -> None:
        """Fold an event of the helpdesk into what the exports would show."""
        told, at = event.payload, int(event.at.timestamp())
        detail, kind = told["detail"], str(told["type"]).removeprefix("zen:event-type:ticket.")
        self._people(detail, at)
        self._ticket(detail, kind, told["event"], at, told["time"])
        change = told["event"]
        if kind == "csat_response_received":
            self._rating(detail, change["satisfaction_rating"], at, told["id"])
        elif kind != "created":
            self._happened(detail, kind, change, at, _number(told["id"]))

    def _people(self, detail: dict[str, Any], at: int) -> None:
        asker, firm = detail["requester"], detail["organization"]
        self._keep("organizations", int(firm["id"]), at, {"name": firm["name"], "domain_names": firm["domain_names"]})
        self._keep("users", int(asker["id"]), at, {
            "name": asker["name"], "email": asker["email"], "organization_id": int(firm["id"]), "role": "end-user",
            "active": True,
        })  # fmt: skip

    def _keep(self, stream: str, ident: int, at: int, told: dict[str, Any]) -> None:
        """Keep a record; one that says the same is not a new version."""
        shelf = self.shelves[stream]
        known = shelf.records.get(str(ident))
        before = known.body if known else {"id": ident, "created_at": _iso(at)}
        if known and all(before.get(k) == v for k, v in told.items()):
            return
        shelf.put(str(ident), max(at, known.changed if known else 0), {**before, **told, "updated_at": _iso(at)})

    def _ticket(self, detail: dict[str, Any], kind: str, change: dict[str, Any], at: int, time: str) -> None:
        status = str(change.get("current") or detail.get("status") or "open").lower()
        known = self.shelves["tickets"].records.get(str(detail["id"]))
        opened = known.body["created_at"] if known else (time if kind == "created" else detail["created_at"])
        self._keep("tickets", int(detail["id"]), at, {
            "created_at": opened, "subject": detail["subject"], "raw_subject": detail["subject"],
            "description": detail["description"], "priority": str(detail["priority"]).lower(), "status": status,
            "requester_id": int(detail["requester_id"]), "submitter_id": int(detail["submitter_id"]),
            "organization_id": int(detail["organization_id"]),
            "via": {"channel": "email", "source": {"from": {"address": detail["requester"]["email"], "name": detail["requester"]["name"]}}},
        })  # fmt: skip

    def _happened(self, detail: dict[str, Any], kind: str, change: dict[str, Any], at: int, ident: int) -> None:
        children: list[dict[str, Any]] = []
        author = int(detail["requester_id"])
        if comment := change.get("comment"):
            author = self._author(comment["author"], author, at)
            children.append({
                "id": ident * 10, "event_type": "Comment", "type": "Comment", "author_id": author,
                "body": comment["body"], "plain_body": comment["body"], "public": True, "comment_public": True,
            })  # fmt: skip
        if kind == "status_changed":
            moved = {"status": str(change["current"]).lower(), "previous_value": str(change["previous"]).lower()}
            children.append({"id": ident * 10 + 1, "event_type": "Change", **moved})
        if kind == "tags_changed":
            tags = {"added_tags": change["tags_added"], "removed_tags": change["tags_removed"]}
            children.append({"id": ident * 10 + 2, "event_type": "Change", **tags})
        body = {
            "id": ident, "ticket_id": int(detail["id"]), "timestamp": at, "created_at": _iso(at), "updater_id": author,
            "via": "Mail", "event_type": "Audit", "child_events": children,
        }  # fmt: skip
        self.shelves["ticket_events"].put(str(ident), at, body)

    def _author(self, said: dict[str, Any], requester: int, at: int) -> int:
        if not said.get("is_staff"):
            return requester
        name = str(said["name"])
        if name not in self._agents:
            self._agents[name] = _AGENTS_FROM + len(self._agents)
            address = f"{name.lower().replace(' ', '.')}@tidewater.example"
            self._keep(
                "users", self._agents[name], at, {"name": name, "email": address, "role": "agent", "active": True}
            )
        return self._agents[name]

    def _rating(self, detail: dict[str, Any], said: dict[str, Any], at: int, ident: str) -> None:
        self.shelves["satisfaction_ratings"].put(ident, at, {
            "id": _number(ident), "ticket_id": int(detail["id"]), "requester_id": int(detail["requester_id"]),
            "score": str(said["score"]), "comment": said.get("comment"), "created_at": _iso(at), "updated_at": _iso(at),
        })  # fmt: skip

    def answer(self, method: str, path: str, query: dict[str, str], _body: Any) -> dict[str, Any] | None:
        """The reply to a request, or None when there is nothing at this path."""
        if method != "GET" or not path.startswith("/api/v2/"):
            return None
        name = path.removeprefix("/api/v2/").removeprefix("incremental/").removesuffix(".json").removesuffix("/cursor")
        shelf = self.shelves.get(name)
        if name == "organization_memberships":
            return {name: [], "links": {"next": None}, "meta": {"has_more": False}}
        if shelf is None:
            return None
        since, start = int(float(query.get("start_time") or 0)), 0
        if place := query.get("cursor") or query.get("place"):
            since, start = (int(x) for x in place.split("-"))
        page = shelf.page(since, start, min(int(query.get("per_page") or 500), 1000))
        ended = page.next is None
        after = f"{since}-{start + len(page.records)}"
        rows = [r.body for r in page.records]
        if path.endswith("/cursor.json"):
            return {name: rows, "after_cursor": after, "end_of_stream": ended, "count": len(rows)}
        further = None if ended else f"{query.get('_base', '')}{path}?place={after}"
        return {name: rows, "next_page": further, "end_of_stream": ended, "count": len(rows)}


def _number(ident: str) -> int:
    """The number of an event: the same at every start, whatever came before it."""
    return int(ident[:12], 16)


def _iso(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
