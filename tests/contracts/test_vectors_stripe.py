"""Every object of Stripe's published API, in an event envelope: none fails, amounts stay integer minor units."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from honeyguide.funnel.decode.vocabulary import KINDS
from honeyguide.funnel.definitions import library
from tests.contracts.pulls import pull, tell
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
        ("customer.subscription.created", subscription(5, start_date=1_700_000_000), None,
         [("subscription.started", {**STARTED, "since": "2023-11-14T22:13:20+00:00"})]),
        ("customer.subscription.updated", subscription(5), {"status": "trialing"}, [("subscription.started", STARTED)]),
        ("customer.subscription.updated", subscription(5), {"quantity": 3}, [("subscription.expanded", {**STARTED, "seats_before": 3})]),
        ("customer.subscription.updated", subscription(5), {"items": subscription(3)["items"]}, [("subscription.expanded", {**STARTED, "seats_before": 3})]),
        ("customer.subscription.updated", subscription(5), {"items": subscription(5, 1_000)["items"]}, [("subscription.expanded", {**STARTED, "seats_before": 5})]),
        ("customer.subscription.deleted", subscription(5, cancellation_details={"feedback": "too_expensive"}), None,
         [("subscription.cancelled", {**STARTED, "reason": "too_expensive"})]),
        ("invoice.paid", {"id": "in_1", "number": "A-1", "amount_paid": 1_050, "currency": "jpy"}, None,
         [("invoice.paid", {"invoice": "A-1", "invoice_id": "in_1", "amount_minor": 1_050, "currency": "JPY"})]),
        ("invoice.payment_failed", {"id": "in_1", "amount_due": 7, "currency": "usd"}, None,
         [("invoice.payment_failed", {"invoice": "in_1", "invoice_id": "in_1", "amount_minor": 7, "currency": "USD"})]),
        ("invoice.paid", {"id": "in_1", "amount_paid": 10_000, "currency": "eur", "billing_reason": "subscription_cycle", "subscription": "sub_1",
                          "lines": {"data": [{"quantity": 5, "price": {"product": "Dispatch", "nickname": "pro"}}]}}, None,
         [("invoice.paid", {"invoice": "in_1", "invoice_id": "in_1", "amount_minor": 10_000, "currency": "EUR"}), ("subscription.renewed", STARTED)]),
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


def test_every_object_as_a_pulled_record(objects: dict[str, Any]) -> None:
    """Every object under every stream: none fails; where a stream is the object's own, its amounts are told equal."""
    for stream in library()["stripe"].streams:
        for thing in objects.values():
            for event in tell("stripe", stream, "k", thing):
                assert event.kind in KINDS
                assert all(type(v) is int for k, v in event.props.items() if "amount" in k)
    told = {
        name: [(e.kind, e.props.get("amount_minor")) for e in tell("stripe", f"{name}s", "k", objects[name])]
        for name in ("charge", "refund", "dispute", "subscription", "invoice", "customer")
    }
    assert told["charge"] == [("purchase.completed", objects["charge"]["amount"])]
    assert told["refund"] == [("refund.issued", objects["refund"]["amount"])]
    assert told["dispute"] == [("dispute.opened", objects["dispute"]["amount"])]
    [item] = objects["subscription"]["items"]["data"]
    assert (
        "subscription.started", item["price"]["unit_amount"] * item["quantity"],
    ) in told["subscription"]  # fmt: skip
    assert told["customer"] == [("company.identified", None)]
    [draft] = tell("stripe", "invoices", "k", objects["invoice"])
    assert _amounts(objects["invoice"]) <= {v for k, v in draft.props.items() if "amount" in k}


def test_poll_and_webhook_tell_the_same_under_the_same_id(objects: dict[str, Any]) -> None:
    """What `/v1/events` lists and what the webhook brings is one event: its id, and what it tells."""
    listed = objects["event"]
    bodies = [listed, envelope("invoice.paid", objects["invoice"])]
    pulled = pull("stripe", "events", {"object": "list", "data": bodies, "has_more": False})
    assert list(pulled) == [f"events:{listed['id']}:event", "events:evt_1:event"]
    for body, events in zip(bodies, pulled.values(), strict=True):
        by_hook = tell("stripe", body["type"], "k", body, form="stripe")
        assert [(e.kind, e.name, e.at, e.props, e.person, e.company) for e in by_hook] == [
            (e.kind, e.name, e.at, e.props, e.person, e.company) for e in events
        ]


@pytest.mark.parametrize("currency", ["jpy", "krw", "eur", "kwd"])
def test_amounts_are_minor_units_already(currency: str) -> None:
    """A yen has no cents and a dinar a thousand fils; the wire says minor units of either."""
    charge = {"object": "charge", "id": "ch_1", "amount": 1_250, "currency": currency, "status": "succeeded"}
    [hooked] = read(envelope("charge.succeeded", charge), form="stripe")
    [pulled] = tell("stripe", "charges", "k", charge)
    assert hooked.props == pulled.props == {"order": "ch_1", "amount_minor": 1_250, "currency": currency.upper()}


@pytest.mark.parametrize(
    ("kind", "thing", "before", "found"),
    [
        ("customer.subscription.updated", subscription(3), {"items": subscription(5)["items"]}, ("subscription.contracted", {"seats": 3, "seats_before": 5})),
        ("customer.subscription.updated", subscription(5, 1_000), {"items": subscription(5)["items"]}, ("subscription.contracted", {"amount_minor": 5_000})),
        ("customer.subscription.updated", subscription(5), {"quantity": 5}, ("custom", {"id": "sub_1"})),
        ("customer.subscription.updated", subscription(5, pause_collection={"behavior": "void"}), {"pause_collection": None}, ("subscription.paused", {"subscription": "sub_1"})),
        ("customer.subscription.updated", subscription(5), {"pause_collection": {"behavior": "void"}}, ("subscription.resumed", {"subscription": "sub_1"})),
        ("customer.subscription.paused", subscription(5, status="paused"), None, ("subscription.paused", {"seats": 5})),
        ("customer.subscription.resumed", subscription(5), None, ("subscription.resumed", {"seats": 5})),
        ("customer.subscription.updated", subscription(5, status="canceled"), {"status": "trialing"}, ("trial.ended", {"product": "dispatch"})),
        ("customer.subscription.trial_will_end", subscription(5, status="trialing"), None, ("custom", {"id": "sub_1"})),
        ("charge.failed", {"object": "charge", "id": "ch_1", "amount": 9, "currency": "eur", "failure_message": "Declined"}, None,
         ("charge.failed", {"order": "ch_1", "amount_minor": 9, "currency": "EUR", "reason": "Declined"})),
        ("charge.failed", {"object": "charge", "id": "ch_1", "amount": 9, "currency": "eur", "invoice": "in_1"}, None, ("custom", {"amount": 9})),
        ("charge.refunded", {"object": "charge", "id": "ch_1", "amount": 90, "amount_refunded": 50, "currency": "eur", "refunded": False}, {"amount_refunded": 20},
         ("refund.issued", {"amount_minor": 30, "partial": True, "order": "ch_1"})),
        ("charge.refunded", {"object": "charge", "id": "ch_1", "payment_intent": {"id": "pi_1"}, "amount_refunded": 90, "currency": "eur", "refunded": True}, {"amount_refunded": 0},
         ("refund.issued", {"amount_minor": 90, "partial": False, "order": "pi_1"})),
        ("charge.dispute.created", {"object": "dispute", "id": "dp_1", "charge": "ch_1", "payment_intent": "pi_1", "amount": 7, "currency": "usd", "reason": "fraudulent"}, None,
         ("dispute.opened", {"dispute": "dp_1", "order": "pi_1", "amount_minor": 7, "reason": "fraudulent"})),
        ("charge.dispute.closed", {"object": "dispute", "id": "dp_1", "charge": "ch_1", "amount": 7, "currency": "usd", "status": "lost"}, None,
         ("dispute.closed", {"order": "ch_1", "status": "lost"})),
    ],
)  # fmt: skip
def test_lifecycle(kind: str, thing: dict[str, Any], before: Any, found: tuple[str, dict[str, Any]]) -> None:
    [event] = read(envelope(kind, thing, before), form="stripe")
    assert event.kind == found[0]
    assert found[1].items() <= event.props.items()


def test_a_subscription_read_late_tells_its_whole_life() -> None:
    life = subscription(
        5, status="canceled", created=1_700_000_000, start_date=1_700_000_000, trial_start=1_700_000_000, trial_end=1_701_000_000,
        ended_at=1_710_000_000, cancellation_details={"feedback": "too_expensive", "comment": "Sorry"},
    )  # fmt: skip
    events = tell("stripe", "subscriptions", "k", life)
    assert [(e.kind, int(e.at.timestamp())) for e in events] == [
        ("trial.started", 1_700_000_000), ("subscription.started", 1_701_000_000), ("subscription.cancelled", 1_710_000_000),
    ]  # fmt: skip
    assert events[2].text == "Sorry"
    ended = life | {"ended_at": 1_701_000_000}
    assert [e.kind for e in tell("stripe", "subscriptions", "k", ended)] == ["trial.started", "subscription.cancelled"]
    going = subscription(5, trial_start=1_700_000_000, trial_end=1_701_000_000)
    assert [e.kind for e in tell("stripe", "subscriptions", "k", going)] == [
        "trial.started",
        "trial.converted",
        "subscription.started",
    ]


def test_a_deleted_customer_is_a_company_that_is_gone() -> None:
    [event] = tell("stripe", "customers", "k", {"id": "cus_1", "object": "customer", "deleted": True})
    assert event.kind == "record.deleted"
    assert event.company is not None
    assert (event.company.ext_id, event.company.traits["deleted"]) == ("cus_1", True)
