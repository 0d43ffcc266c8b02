"""A HubSpot of our own invention: the replies of its API version 3 for a small portal, paged, by token and by permission.

It is what the console's journeys connect to: the definition is the one that ships, only its address is this server's.
"""

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from tests.vendor import Answer, Vendor, found, refused, serving

TOKEN = "pat-eu1-right"
_FIRST = ("Ines", "Jonas", "Mira", "Pavel", "Greta", "Oskar", "Lidia", "Bruno", "Selma", "Anton", "Frieda")
_LAST = ("Roth", "Okonkwo", "Vasquez", "Hartwig", "Moreau", "Petrov", "Salonen", "Brandt", "Castell", "Duarte")
_TITLES = ("Head of Operations", "Plant manager", "VP Supply Chain", "Buyer", "IT lead")
_FIRMS = ("Kranich", "Lindhof", "Novatex", "Pellworm", "Rheingold", "Solvano", "Tarnow", "Ulmen")


def _day(n: int) -> str:
    return f"2026-{1 + n % 9:02d}-{1 + n % 27:02d}T08:{n % 60:02d}:00.000Z"


def _contact(n: int) -> dict[str, Any]:
    first, last, firm = _FIRST[n % 11], _LAST[(n // 11) % 10], _FIRMS[n % 8]
    return _object(
        500 + n, _day(n), email=f"{first}.{last}{n}@{firm}.example".lower(), firstname=first, lastname=last,
        jobtitle=_TITLES[n % 5], company=firm, lifecyclestage="customer", associatedcompanyid=str(900 + n % 8),
        lastmodifieddate=_day(n), createdate="2025-02-01T09:00:00.000Z",
    )  # fmt: skip


def _object(ident: int, at: str, **properties: str) -> dict[str, Any]:
    return {"id": str(ident), "createdAt": properties.get("createdate", at), "updatedAt": at, "archived": False,
            "properties": properties}  # fmt: skip


def _company(n: int) -> dict[str, Any]:
    firm = _FIRMS[n]
    return _object(900 + n, _day(n), name=firm, domain=f"{firm.lower()}.example", industry="MACHINERY",
                   numberofemployees=str(80 + 40 * n), hs_lastmodifieddate=_day(n), createdate="2025-01-10T09:00:00.000Z")  # fmt: skip


def _deal(n: int) -> dict[str, Any]:
    won = n % 2 == 0
    return _object(
        31 + n, _day(n + 3), dealname=f"{_FIRMS[n % 8]} rollout", dealstage="closedwon" if won else "presentationscheduled",
        amount=f"{18_000 + 500 * n}.50", deal_currency_code="EUR", createdate=_day(n), closedate=_day(n + 3) if won else "",
        hs_is_closed_won=str(won).lower(), hs_lastmodifieddate=_day(n + 3),
    )  # fmt: skip


class Portal(Vendor):
    """The portal: `may` are the kinds of object the token may read, `objects` what there is of them."""

    def __init__(self, contacts: int = 130) -> None:
        super().__init__()
        self.objects: dict[str, list[dict[str, Any]]] = {
            "contacts": [_contact(n) for n in range(contacts)],
            "companies": [_company(n) for n in range(8)],
            "deals": [_deal(n) for n in range(6)],
            "tickets": [], "meetings": [], "calls": [], "emails": [], "notes": [],
        }  # fmt: skip
        self.may = set(self.objects)

    def change(self, ident: str, **properties: str) -> None:
        """A contact is changed in HubSpot, right now."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        contact = next(c for c in self.objects["contacts"] if c["id"] == ident)
        contact["properties"] |= {**properties, "lastmodifieddate": at}
        contact["updatedAt"] = at

    def answer(self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes) -> Answer:
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return refused(401, "Authentication credentials not found.", category="INVALID_AUTHENTICATION")
        parts = path.removeprefix("/crm/v3/objects/").split("/")
        kind, rest = parts[0], parts[1:]
        if not path.startswith("/crm/v3/objects/") or kind not in self.objects:
            return refused(404, "Nothing here.")
        if kind not in self.may:
            return refused(
                403, f"This app hasn't been granted all required scopes to read {kind}.", category="MISSING_SCOPES"
            )
        if method == "POST" and rest == ["search"]:
            return self._search(kind, json.loads(body))
        if rest:
            return self._one(kind, rest[0])
        rows = [] if query.get("archived") == "true" else self.objects[kind]
        return _page(rows, int(query.get("after") or 0), int(query.get("limit") or 100))

    def _search(self, kind: str, asked: dict[str, Any]) -> Answer:
        rule = asked["filterGroups"][0]["filters"][0]
        since = int(rule["value"])
        rows = [r for r in self.objects[kind] if _epoch_ms(r["updatedAt"]) >= since]
        return _page(sorted(rows, key=lambda r: r["updatedAt"]), int(asked.get("after") or 0), int(asked["limit"]))

    def _one(self, kind: str, ident: str) -> Answer:
        row = next((r for r in self.objects[kind] if r["id"] == ident), None)
        if row is None:
            return refused(404, "resource not found")
        number = int(ident)
        stage = {"value": row["properties"].get("dealstage", ""), "timestamp": row["updatedAt"]}
        links = {"contacts": {"results": [{"id": str(500 + number % 20), "type": "deal_to_contact"}]},
                 "companies": {"results": [{"id": str(900 + number % 8), "type": "deal_to_company"}]}}  # fmt: skip
        return found(row | {"propertiesWithHistory": {"dealstage": [stage]}, "associations": links})


def _epoch_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def _page(rows: list[dict[str, Any]], start: int, size: int) -> Answer:
    more = {"paging": {"next": {"after": str(start + size)}}} if start + size < len(rows) else {}
    return found({"total": len(rows), "results": rows[start : start + size], **more})


def definition_at(url: str) -> str:
    """HubSpot's definition as it ships, at another address and without HubSpot's slow pace."""
    text = (resources.files("honeyguide.funnel.definitions") / "library" / "hubspot.yaml").read_text()
    moved = text.replace("  base: https://api.hubapi.com", f"  base: {url}").replace(
        "  per_second: 4 ", "  per_second: 400 "
    )
    assert url in moved
    assert "per_second: 400 " in moved
    return moved


@contextlib.contextmanager
def portal(contacts: int = 130) -> Iterator[Portal]:
    """A portal that is being served."""
    made = Portal(contacts)
    with serving(made) as url:
        made.url = url
        yield made
