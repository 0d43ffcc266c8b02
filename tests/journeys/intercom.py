"""An Intercom workspace on a port of this machine: replies in its shapes, invented people, one token that opens it."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from tests.vendor import Answer, Vendor, found, refused, serving

TOKEN = "dG9rOmpvdXJuZXk="
FIRST = ["Ada", "Bela", "Cora", "Dario", "Elif", "Femi", "Greta", "Hugo", "Iris", "Jonas", "Kira", "Luan"]
LAST = ["Arendt", "Boateng", "Castell", "Dvorak", "Egger", "Fontana", "Grimm"]
_MARCH = 1_772_355_600  # 2026-03-01, in the past of every run


class Intercom(Vendor):
    """What the workspace holds, and whom it lets in."""

    def __init__(self, people: int = 40) -> None:
        super().__init__()
        self.tokens, self.size = {TOKEN}, 25
        self.people = [_contact(n) for n in range(people)]
        self.talks = [_conversation(n, self.people[n]) for n in range(0, people, 4)]

    def answer(self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes) -> Answer:
        """One call of the API."""
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return refused(401, "", type="error.list", errors=[{"code": "token_unauthorized", "message": "Access Token Invalid"}])  # fmt: skip
        if path == "/contacts/search":
            return self._search("data", self.people, body)
        if path == "/conversations/search":
            return self._search("conversations", self.talks, body)
        if path == "/tickets/search":
            return refused(403, "", type="error.list", errors=[{"code": "forbidden", "message": "The token lacks the scope read_tickets"}])  # fmt: skip
        if path == "/companies/scroll":
            return found({"type": "list", "data": [] if query.get("scroll_param") else [_company(n) for n in range(7)], "scroll_param": "end"})  # fmt: skip
        if path.startswith("/conversations/"):
            return found(next(t for t in self.talks if t["id"] == path.rsplit("/", 1)[1]))
        return found({"type": "list", "data": []})

    def _search(self, name: str, rows: list[dict[str, Any]], body: bytes) -> Answer:
        asked = json.loads(body)
        since = float(asked["query"]["value"][0]["value"] or 0)
        rows = [row for row in rows if row["updated_at"] > since]
        start = int(asked.get("pagination", {}).get("starting_after") or 0)
        more = {"next": {"starting_after": str(start + self.size)}} if start + self.size < len(rows) else {}
        return found({"type": f"{name}.list", name: rows[start : start + self.size], "total_count": len(rows), "pages": more})  # fmt: skip


def _company(n: int) -> dict[str, Any]:
    return {
        "type": "company", "id": f"co-{n}", "company_id": f"firm-{n}", "name": f"{LAST[n]} Works",
        "website": f"https://{LAST[n].lower()}-works.example", "created_at": _MARCH, "updated_at": _MARCH + n,
        "monthly_spend": 400 + 90 * n, "plan": {"name": "Team"},
    }  # fmt: skip


def _contact(n: int) -> dict[str, Any]:
    first, last = FIRST[n % len(FIRST)], LAST[n % len(LAST)]
    return {
        "type": "contact", "id": f"ic-{n}", "external_id": f"u-{n}", "role": "user", "name": f"{first} {last}",
        "email": f"{first}.{last}.{n}@{last}-works.example".lower(), "created_at": _MARCH, "updated_at": _MARCH + 60 * n,
        "location": {"country": "Germany", "city": "Leipzig"}, "custom_attributes": {"seats": n % 9 + 1},
        "companies": {"type": "list", "data": [{"id": f"co-{n % len(LAST)}", "type": "company"}], "has_more": False},
    }  # fmt: skip


def _conversation(n: int, contact: dict[str, Any]) -> dict[str, Any]:
    at = _MARCH + 7_200 + n
    return {
        "type": "conversation", "id": f"talk-{n}", "created_at": at, "updated_at": at + 900, "state": "closed", "open": False,
        "title": "The export is missing a column", "admin_assignee_id": 5,
        "source": {"type": "conversation", "subject": "", "body": "<p>The export is missing a column.</p>",
                   "author": {"type": "user", "id": contact["id"], "name": contact["name"], "email": contact["email"]}},
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": contact["id"], "external_id": contact["external_id"]}]},
        "statistics": {"first_close_at": at + 800, "last_close_at": at + 800, "count_reopens": 0},
        "conversation_rating": {"rating": 5, "remark": "Solved within minutes, thank you!", "created_at": at + 850, "contact": {"type": "contact", "id": contact["id"]}},
        "conversation_parts": {"type": "conversation_part.list", "conversation_parts": []},
    }  # fmt: skip


@contextlib.contextmanager
def intercom(people: int = 40) -> Iterator[Intercom]:
    """The workspace, served."""
    made = Intercom(people)
    with serving(made) as url:
        made.url = url
        yield made
