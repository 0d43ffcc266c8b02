"""The library's Zendesk, Shopify, Stripe and PostHog against a server that serves recorded replies page by page.

Each keeps the contract of a connector: it pages to the end, a second and a full sync bring nothing new, and a preview
shows what a sync logs. Where no published reply exists (ratings, ticket events, PostHog), replies are written from the
vendors' documentation.
"""

import json
from collections import Counter
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from honeyguide.db import Database
from honeyguide.settings import Settings
from tests.contracts.connectors import keeps_the_contract
from tests.unit.funnel.test_product_sources import event as posthog_event


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({"HONEYGUIDE_DATA": str(tmp_path / "data"), "HONEYGUIDE_ALLOW_PRIVATE_HOSTS": "127.0.0.1"})


def _text(connector: str) -> str:
    return (resources.files("honeyguide.funnel.definitions") / "library" / f"{connector}.yaml").read_text(
        encoding="utf-8"
    )


def _record(folder: Path, stream: str, *pages: Any, headers: dict[str, str] | None = None) -> None:
    folder.mkdir(exist_ok=True)
    for n, page in enumerate(pages, 1):
        (folder / f"{stream}.{n}.json").write_text(json.dumps(page))
        if headers and n < len(pages):
            (folder / f"{stream}.{n}.headers.json").write_text(json.dumps(headers))


def _halves(reply: Any, name: str) -> tuple[list[Any], list[Any]]:
    found = reply[name]
    return found[:1], found[1:]


async def test_zendesk(
    db: Database, workspace: int, settings: Settings, shared_path: Callable[[str], Path], tmp_path: Path
) -> None:
    vectors, folder = shared_path("vectors/zendesk-api/GET"), tmp_path / "replies"

    def load(name: str) -> Any:
        return json.loads((vectors / f"{name}.json").read_text())

    for stream in ("tickets", "users"):
        first, rest = _halves(load(stream), stream)
        _record(
            folder,
            stream,
            {stream: first, "after_cursor": "c1", "end_of_stream": False},
            {stream: rest, "after_cursor": "c2", "end_of_stream": True},
        )
    first, rest = _halves(load("organizations"), "organizations")
    _record(
        folder, "organizations", {"organizations": first, "next_page": "/api/v2/incremental/organizations.json?start_time=2", "end_of_stream": False},
        {"organizations": rest, "next_page": "/api/v2/incremental/organizations.json?start_time=3", "end_of_stream": True},
    )  # fmt: skip
    _record(folder, "organization_memberships", load("organization_memberships"))
    _record(folder, "audits", load("ticket_audits"))
    change = {"id": 7, "status": "solved", "previous_value": "open", "event_type": "Change"}
    _record(
        folder,
        "ticket_events",
        {
            "ticket_events": [
                {"id": 9, "ticket_id": 2, "timestamp": 1559700804, "updater_id": 5, "child_events": [change]}
            ],
            "end_of_stream": True,
        },
    )
    rating = {
        "id": 1,
        "score": "good",
        "ticket_id": 2,
        "requester_id": 377922500012,
        "updated_at": "2019-06-06T00:00:00Z",
        "created_at": "2019-06-06T00:00:00Z",
    }
    _record(folder, "satisfaction_ratings", {"satisfaction_ratings": [rating], "next_page": None, "count": 1})
    rows = await keeps_the_contract(db, workspace, settings, _text("zendesk"), folder, "Desk")
    kinds = Counter(e.kind for row in rows for e in row.events)
    assert kinds["ticket.opened"] == 2
    assert kinds["ticket.solved"] == 3  # two tickets that are solved, and the change that solved one of them
    assert kinds["ticket.rated"] == 1
    assert kinds["persona.identified"] == 2 + 2  # users and memberships
    assert kinds["company.identified"] == 2


async def test_shopify(
    db: Database, workspace: int, settings: Settings, shared_path: Callable[[str], Path], tmp_path: Path
) -> None:
    vectors, folder = shared_path("vectors/shopify-api"), tmp_path / "replies"

    def load(name: str) -> Any:
        return json.loads((vectors / f"{name}.json").read_text())

    link = '<https://recorded.example.myshopify.com/admin/api/2025-07/orders.json?limit=250&page_info=p2>; rel="next"'
    order = load("order")["order"] | {"id": 450789470, "financial_status": "paid"}
    _record(folder, "orders", load("orders"), {"orders": [order]}, headers={"Link": link})
    _record(folder, "customers", load("customers_search"))
    _record(folder, "checkouts", load("checkouts"))
    rows = await keeps_the_contract(db, workspace, settings, _text("shopify"), folder, "Shop")
    kinds = Counter(e.kind for row in rows for e in row.events)
    assert kinds["order.created"] == len(load("orders")["orders"]) + 1
    assert kinds["purchase.completed"] >= 1
    assert kinds["persona.identified"] == len(load("customers_search")["customers"])
    assert kinds["checkout.started"] == 1


async def test_stripe(
    db: Database, workspace: int, settings: Settings, shared_path: Callable[[str], Path], tmp_path: Path
) -> None:
    objects = json.loads(shared_path("vectors/stripe-openapi/fixtures3.json").read_text())["resources"]
    folder = tmp_path / "replies"
    for stream in ("customer", "subscription", "invoice", "charge", "refund", "dispute", "event"):
        other = objects[stream] | {"id": f"{objects[stream]['id']}2"}
        _record(
            folder, f"{stream}s", {"data": [objects[stream]], "has_more": True}, {"data": [other], "has_more": False}
        )
    rows = await keeps_the_contract(db, workspace, settings, _text("stripe"), folder, "Billing")
    kinds = Counter(e.kind for row in rows for e in row.events)
    assert (
        kinds["company.identified"],
        kinds["purchase.completed"],
        kinds["refund.issued"],
        kinds["dispute.opened"],
    ) == (2, 2, 2, 2)
    assert kinds["subscription.started"] == 2


async def test_posthog(db: Database, workspace: int, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "replies"
    second = posthog_event("Trial Started", product="Dispatch") | {"id": "0190-2"}
    _record(
        folder,
        "events",
        {"next": "/api/projects/x/events/?limit=1000&before=2", "results": [posthog_event("clicked")]},
        {"next": None, "results": [second]},
    )
    person = {
        "id": "0190-9",
        "distinct_ids": ["u-7"],
        "properties": {"email": "ana@acme.de"},
        "created_at": "2026-01-01T00:00:00Z",
    }
    _record(folder, "persons", {"next": None, "results": [person]})
    rows = await keeps_the_contract(db, workspace, settings, _text("posthog"), folder, "Product")
    assert Counter(e.kind for row in rows for e in row.events) == {
        "custom": 1,
        "trial.started": 1,
        "persona.identified": 1,
    }
