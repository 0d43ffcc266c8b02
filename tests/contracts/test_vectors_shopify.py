"""Replies of Shopify's API: customers, orders, refunds and checkouts map; nothing else of it ever fails."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from honeyguide.core import normalise
from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel.decode.vocabulary import KINDS
from honeyguide.funnel.definitions import library
from tests.contracts.pulls import pull, tell

TOPICS = ("customers/update", "orders/create", "orders/paid", "orders/updated", "orders/cancelled", "orders/fulfilled",
          "refunds/create", "checkouts/create", "checkouts/update", "carts/create", "app/uninstalled", "shop/update", "x")  # fmt: skip


@pytest.fixture
def folder(shared_path: Callable[[str], Path]) -> Path:
    return shared_path("vectors/shopify-api")


def _load(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text())


def _all(found: dict[str, list[CanonicalEvent]]) -> list[CanonicalEvent]:
    return [e for events in found.values() for e in events]


def test_customers_map(folder: Path) -> None:
    for name in ("customer", "customers_search", "customer_saved_search_customers"):
        reply = _load(folder, name)
        found = pull("shopify", "customers", reply)
        assert found == pull("shopify", "customers", _load(folder, name))
        assert len(found) == (len(reply["customers"]) if "customers" in reply else 1)
        for one, [event] in zip(reply.get("customers", [reply.get("customer")]), found.values(), strict=True):
            assert event.kind == "persona.identified"
            assert event.person is not None
            assert (event.person.ext_id, event.person.traits["email"], event.person.traits["name"]) == (
                str(one["id"]), normalise.email(one["email"]), f"{one['first_name']} {one['last_name']}",
            )  # fmt: skip
            assert event.person.traits["consent_email"] is one["accepts_marketing"]


def test_orders_map(folder: Path) -> None:
    [order] = pull("shopify", "orders", _load(folder, "order")).values()
    assert [e.kind for e in order] == ["order.created"]  # authorized is not paid
    assert order[0].props == {"order": "450789469", "amount_minor": 40_994, "currency": "USD", "number": "#1001"}
    assert order[0].at.isoformat() == "2008-01-10T16:00:00+00:00"
    assert order[0].ref == "Shopify order #1001"
    reply = _load(folder, "orders")
    found = pull("shopify", "orders", reply)
    assert len(found) == len(reply["orders"])
    kinds = [e.kind for e in _all(found)]
    assert "purchase.completed" in kinds
    for one, events in zip(reply["orders"], found.values(), strict=True):
        for event in events:
            assert event.person is not None
            assert event.person.ext_id == str(one["customer"]["id"])
            if event.kind != "refund.issued":
                assert event.props["amount_minor"] == round(float(one["total_price"]) * 100)
        refunds = [e for e in events if e.kind == "refund.issued"]
        assert len(refunds) == len(one.get("refunds", []))


def test_a_refund_is_one_whether_it_comes_with_its_order_or_alone(folder: Path) -> None:
    refund = _load(folder, "refund")["refund"]
    [alone] = tell("shopify", "refunds/create", "k", refund, form="webhook")
    assert alone.kind == "refund.issued"
    assert (alone.props["refund"], alone.props["order"]) == ("509562969", "450789469")
    assert (alone.props["amount_minor"], alone.props["currency"]) == (20_900, "USD")
    order = _load(folder, "order")["order"] | {"refunds": [refund], "financial_status": "partially_refunded"}
    inside = [e for e in tell("shopify", "orders", "k", order) if e.kind == "refund.issued"]
    assert [(e.props["refund"], e.props["order"], e.props["amount_minor"]) for e in inside] == [
        ("509562969", "450789469", 20_900)
    ]
    assert inside[0].props["partial"] is True
    assert inside[0].at == alone.at


def test_checkouts_map(folder: Path) -> None:
    [[event]] = pull("shopify", "checkouts", _load(folder, "checkouts")).values()
    assert (event.kind, event.props) == (
        "checkout.started",
        {"order": "450789469", "amount_minor": 40_994, "currency": "USD"},
    )


@pytest.mark.parametrize(
    ("topic", "name", "kinds"),
    [
        ("orders/create", "Order Created", ["order.created"]),
        ("orders/paid", "Orders Paid", ["purchase.completed"]),
        ("orders/cancelled", "Orders Cancelled", ["order.cancelled"]),
        ("orders/fulfilled", "Orders Fulfilled", ["order.fulfilled"]),
        ("orders/updated", "Order Updated", ["custom"]),
        ("checkouts/create", "Checkout Started", ["checkout.started"]),
        ("carts/update", "Carts Update", ["custom"]),
    ],
)
def test_topics(folder: Path, topic: str, name: str, kinds: list[str]) -> None:
    order = _load(folder, "order")["order"]
    events = tell("shopify", topic, "k", order, form="webhook")
    assert [(e.kind, e.name) for e in events] == [(k, name) for k in kinds]
    assert events[0].person is not None
    assert events[0].person.traits["email"] == "bob.norman@hostmail.com"


def test_amounts_of_currencies_without_cents(folder: Path) -> None:
    order = _load(folder, "order")["order"] | {"currency": "JPY", "total_price": "4100", "financial_status": "paid"}
    assert {e.props["amount_minor"] for e in tell("shopify", "orders", "k", order)} == {4_100}
    dinar = order | {"currency": "KWD", "total_price": "1.234"}
    assert {e.props["amount_minor"] for e in tell("shopify", "orders", "k", dinar)} == {1_234}


def test_graphql_and_rest_name_the_same_records() -> None:
    """GraphQL answers written from Shopify's documentation of the Admin API's Order and Customer objects."""
    order = {
        "id": "gid://shopify/Order/450789469", "name": "#1001", "createdAt": "2026-01-10T16:00:00Z", "displayFinancialStatus": "PAID",
        "totalPriceSet": {"shopMoney": {"amount": "409.94", "currencyCode": "USD"}},
        "customer": {"id": "gid://shopify/Customer/207119551", "email": "bob@hostmail.com"},
    }  # fmt: skip
    created, paid = tell("shopify", "orders", "k", order)
    assert (created.kind, paid.kind) == ("order.created", "purchase.completed")
    assert paid.props == {"order": "450789469", "amount_minor": 40_994, "currency": "USD", "number": "#1001"}
    assert paid.person is not None
    assert paid.person.ext_id == "207119551"
    customer = {
        "id": "gid://shopify/Customer/207119551",
        "firstName": "Bob",
        "defaultEmailAddress": {"emailAddress": "bob@hostmail.com"},
    }
    [event] = tell("shopify", "customers", "k", customer)
    assert event.person is not None
    assert (event.person.ext_id, event.person.traits["email"]) == ("207119551", "bob@hostmail.com")


def test_privacy_requests_say_that_the_customer_is_gone() -> None:
    """Payloads written from Shopify's documentation of its mandatory compliance webhooks."""
    body = {
        "shop_id": 954889,
        "shop_domain": "x.myshopify.com",
        "customer": {"id": 191167, "email": "john@acme.de"},
        "orders_to_redact": [],
    }
    [event] = tell("shopify", "customers/redact", "k", body, form="webhook")
    assert event.kind == "record.deleted"
    assert event.person is not None
    assert event.person.ext_id == "191167"
    [asked] = tell("shopify", "customers/data_request", "k", body, form="webhook")
    assert (asked.kind, asked.person and asked.person.ext_id) == ("custom", "191167")


def test_nothing_fails(folder: Path) -> None:
    files = sorted(folder.glob("*.json"))
    assert len(files) >= 99
    for file in files:
        reply = json.loads(file.read_text())
        bodies = [reply] if isinstance(reply, dict) else [r for r in reply if isinstance(r, dict)]
        for body in list(bodies):
            for value in body.values():
                bodies += [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, dict)][:3]
        for body in bodies:
            for topic in TOPICS:
                events = tell("shopify", topic, "k", body, form="webhook")
                assert events, (file.name, topic)
                assert all(e.kind in KINDS for e in events)
                assert all(type(v) is int for e in events for k, v in e.props.items() if k == "amount_minor")
            for stream in library()["shopify"].streams:
                tell("shopify", stream, "k", body)
