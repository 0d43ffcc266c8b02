"""Every object of Stripe's published API, in an event envelope: none fails, amounts stay integer minor units."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from honeyguide.funnel.decode.vocabulary import KINDS
from tests.unit.funnel.rows import read

_OTHERS: tuple[Any, ...] = (None, 5, "x", [], {}, [None], True)
VERBS = ("created", "updated", "deleted", "paid", "succeeded")


@pytest.fixture
def objects(shared_path: Callable[[str], Path]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared_path("vectors/stripe-openapi/fixtures3.json").read_text())["resources"]
    return found


def envelope(kind: str, thing: Any, before: Any = None) -> dict[str, Any]:
    data = {"object": thing} | ({"previous_attributes": before} if before is not None else {})
    return {"id": "evt_1", "object": "event", "created": 1_700_000_000, "type": kind, "data": data}


def _amounts(thing: dict[str, Any]) -> set[int]:
    return {v for k, v in thing.items() if "amount" in k and isinstance(v, int) and not isinstance(v, bool)}


def test_no_object_fails_and_no_amount_changes(objects: dict[str, Any]) -> None:
    assert len(objects) == 176
    for name, thing in objects.items():
        for verb in VERBS:
            for before in (None, thing, {"items": None, "status": 5, "quantity": "x"}):
                events = read(envelope(f"{name}.{verb}", thing, before), form="stripe")
                assert events
                for event in events:
                    assert event.kind in KINDS
                    amounts = [v for k, v in event.props.items() if "amount" in k]
                    assert all(type(a) is int for a in amounts), (name, event.props)
        custom = read(envelope(f"{name}.looked_at", thing), form="stripe")[0]
        assert custom.kind == "custom"
        assert _amounts(thing) <= {v for k, v in custom.props.items() if "amount" in k}


def test_shapes_of_other_api_versions(objects: dict[str, Any]) -> None:
    """Each field may be missing, null or of another type: never an error."""
    for name, kind in (
        ("customer", "customer.created"),
        ("subscription", "customer.subscription.updated"),
        ("invoice", "invoice.paid"),
        ("charge", "charge.succeeded"),
    ):
        for field in objects[name]:
            for other in _OTHERS:
                assert read(envelope(kind, {**objects[name], field: other}, {field: other}), form="stripe")
    for thing in _OTHERS:
        assert read(envelope("invoice.paid", thing), form="stripe")


def subscription(seats: int, unit: int = 2_000, **more: Any) -> dict[str, Any]:
    price = {"id": "price_1", "product": "Dispatch", "nickname": "pro", "unit_amount": unit, "currency": "eur"}
    items = {"data": [{"quantity": seats, "price": price}]}
    return {
        "id": "sub_1",
        "object": "subscription",
        "customer": "cus_1",
        "currency": "eur",
        "status": "active",
        "items": items,
        **more,
    }


STARTED = {
    "subscription": "sub_1",
    "product": "dispatch",
    "plan": "pro",
    "amount_minor": 10_000,
    "seats": 5,
    "currency": "EUR",
}


@pytest.mark.parametrize(
    ("kind", "thing", "before", "found"),
    [
        ("customer.subscription.created", subscription(5), None, [("subscription.started", STARTED)]),
        ("customer.subscription.created", subscription(5, status="trialing"), None, [("trial.started", {"product": "dispatch"})]),
        ("customer.subscription.updated", subscription(5), {"status": "trialing"}, [("subscription.started", STARTED)]),
        ("customer.subscription.updated", subscription(5), {"quantity": 3}, [("subscription.expanded", {**STARTED, "seats_before": 3})]),
        ("customer.subscription.updated", subscription(5), {"items": subscription(3)["items"]}, [("subscription.expanded", {**STARTED, "seats_before": 3})]),
        ("customer.subscription.updated", subscription(5), {"items": subscription(5, 1_000)["items"]}, [("subscription.expanded", {**STARTED, "seats_before": 5})]),
        ("customer.subscription.deleted", subscription(5, cancellation_details={"feedback": "too_expensive"}), None,
         [("subscription.cancelled", {**STARTED, "reason": "too_expensive"})]),
        ("invoice.paid", {"id": "in_1", "number": "A-1", "amount_paid": 1_050, "currency": "jpy"}, None,
         [("invoice.paid", {"invoice": "A-1", "amount_minor": 1_050, "currency": "JPY"})]),
        ("invoice.payment_failed", {"id": "in_1", "amount_due": 7, "currency": "usd"}, None,
         [("invoice.payment_failed", {"invoice": "in_1", "amount_minor": 7, "currency": "USD"})]),
        ("invoice.paid", {"id": "in_1", "amount_paid": 10_000, "currency": "eur", "billing_reason": "subscription_cycle", "subscription": "sub_1",
                          "lines": {"data": [{"quantity": 5, "price": {"product": "Dispatch", "nickname": "pro"}}]}}, None,
         [("invoice.paid", {"invoice": "in_1", "amount_minor": 10_000, "currency": "EUR"}), ("subscription.renewed", STARTED)]),
        ("charge.succeeded", {"id": "ch_1", "object": "charge", "amount": 99, "currency": "gbp", "payment_intent": "pi_1"}, None,
         [("purchase.completed", {"order": "pi_1", "amount_minor": 99, "currency": "GBP"})]),
    ],
)  # fmt: skip
def test_meaning(kind: str, thing: dict[str, Any], before: Any, found: list[tuple[str, dict[str, Any]]]) -> None:
    events = read(envelope(kind, {"object": "x", **thing}, before), form="stripe")
    assert [(e.kind, e.props) for e in events] == found


def test_a_customer_is_a_company_with_a_billing_contact() -> None:
    thing = {"id": "cus_1", "object": "customer", "email": "billing@acme.de", "name": "Acme GmbH", "currency": "eur"}
    event = read(envelope("customer.created", thing), form="stripe")[0]
    assert event.kind == "company.identified"
    assert event.company is not None
    assert event.person is not None
    assert (event.company.ext_id, event.company.traits) == (
        "cus_1",
        {"name": "Acme GmbH", "domain": "acme.de", "currency": "EUR"},
    )
    assert event.person.ext_id == "email:billing@acme.de"
    assert event.ref == "Stripe evt_1"
