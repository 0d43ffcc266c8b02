"""Stripe events. Amounts are integer minor units on the wire and stay so; unknown objects become `custom`.

A Stripe customer is an account that pays: a company, with its billing contact as a person where an e-mail is
given. Object shapes differ between API versions, so every field is optional here.
"""

from typing import Any

from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.funnel.decode import fields, records
from honeyguide.funnel.decode.arrived import Arrived
from honeyguide.funnel.decode.fields import first_text, mapping, sequence, text, whole

Props = dict[str, Any]


def decode(arrived: Arrived) -> list[CanonicalEvent]:
    """The events of one Stripe event envelope."""
    envelope = arrived.json()
    kind = first_text(envelope, ("type",), 200) or arrived.kind or "event"
    data = mapping(envelope.get("data"))
    thing = mapping(data.get("object"))
    before = mapping(data.get("previous_attributes"))
    ref = f"{arrived.label} {first_text(envelope, ('id',)) or arrived.message_id}"
    person, company = _payer(arrived, thing)
    found = [
        arrived.event(k, kind, ref, person=person, company=company, props=props, text=body)
        for k, props, body in _readings(kind, thing, before, company)
    ]
    return found or [arrived.event("custom", kind, ref, person=person, company=company, props=_custom(kind, thing))]


def _readings(kind: str, thing: Props, before: Props, company: RecordRef | None) -> list[tuple[str, Props, str]]:
    if kind in {"customer.created", "customer.updated"}:
        return [("company.identified", {}, "")] if company is not None else []
    if kind.startswith("customer.subscription."):
        return _subscription(kind.rsplit(".", 1)[-1], thing, before)
    if kind in {"invoice.paid", "invoice.payment_failed"}:
        return _invoice(kind, thing)
    if kind == "charge.succeeded" and not _belongs_to_invoice(thing):
        order = text(thing.get("payment_intent")) or first_text(thing, ("id",))
        return [("purchase.completed", {"order": order, **_amount(thing, "amount")}, "")]
    return []


def _payer(arrived: Arrived, thing: Props) -> tuple[RecordRef | None, RecordRef | None]:
    is_customer = thing.get("object") == "customer"
    customer = thing.get("customer")
    expanded = thing if is_customer else mapping(customer)
    ident = first_text(expanded, ("id",), 256) if expanded else text(customer, 256)
    details = mapping(thing.get("billing_details")) or mapping(thing.get("customer_details"))
    address = first_text(expanded, ("email",)) or first_text(thing, ("customer_email", "receipt_email"))
    address = address or first_text(details, ("email",))
    name = first_text(expanded, ("name",)) or first_text(thing, ("customer_name",))
    contact: Props = {"email": address} if address else {}
    if contact and not is_customer and (billing := first_text(details, ("name",))):
        contact["name"] = billing
    person = records.person(arrived.slug, "", contact) if contact else None
    by_mail = records.company_of_person(arrived.slug, person)
    traits: Props = {"name": name} if name else {}
    if by_mail is not None:
        traits["domain"] = by_mail.traits["domain"]
    if is_customer and fields.currency(expanded.get("currency")):
        traits["currency"] = expanded["currency"]
    company = records.company(arrived.slug, ident, traits) if ident or traits else None
    return person, company


def _subscription(verb: str, thing: Props, before: Props) -> list[tuple[str, Props, str]]:
    props = {"subscription": first_text(thing, ("id",)), **_items(thing), "currency": _code(thing)}
    if verb == "created":
        trial = thing.get("status") == "trialing"
        return (
            [("trial.started", {"product": props["product"]}, "")] if trial else [("subscription.started", props, "")]
        )
    if verb == "deleted":
        details = mapping(thing.get("cancellation_details"))
        reason = first_text(details, ("feedback", "reason"))
        return [
            ("subscription.cancelled", {**props, "reason": reason}, first_text(details, ("comment",), fields.TEXT_MAX))
        ]
    if verb == "updated":
        return _updated(props, thing, before)
    return []


def _updated(props: Props, thing: Props, before: Props) -> list[tuple[str, Props, str]]:
    if before.get("status") == "trialing" and thing.get("status") == "active":
        return [("subscription.started", props, "")]
    earlier = _items(before) if before.get("items") else {}
    seats, seats_before = props.get("seats", 0), earlier.get("seats", whole(before.get("quantity")))
    if seats_before is not None and seats > seats_before:
        return [("subscription.expanded", {**props, "seats_before": seats_before}, "")]
    if earlier and props["amount_minor"] > earlier["amount_minor"]:
        return [("subscription.expanded", {**props, "seats_before": seats_before or seats}, "")]
    return []


def _items(thing: Props) -> Props:
    """Product, plan, seats and the amount of one billing period over all items of a subscription."""
    amount, seats, product, plan = 0, 0, "", ""
    for item in sequence(mapping(thing.get("items")).get("data")):
        price = mapping(mapping(item).get("price")) or mapping(mapping(item).get("plan"))
        quantity = whole(mapping(item).get("quantity"))
        count = 1 if quantity is None else quantity
        each = whole(price.get("unit_amount"))
        amount += (each if each is not None else whole(price.get("amount")) or 0) * count
        seats += count
        expanded = price.get("product")
        product = product or text(expanded) or first_text(mapping(expanded), ("name", "id"))
        plan = plan or first_text(price, ("nickname", "lookup_key", "id"))
    return {"product": product.lower() or "subscription", "plan": plan, "amount_minor": amount, "seats": seats}


def _invoice(kind: str, thing: Props) -> list[tuple[str, Props, str]]:
    which = "amount_paid" if kind == "invoice.paid" else "amount_due"
    props = {"invoice": first_text(thing, ("number", "id")), **_amount(thing, which)}
    found = [(kind, props, "")]
    subscription = _subscription_of(thing)
    if kind == "invoice.paid" and thing.get("billing_reason") == "subscription_cycle" and subscription:
        found.append(
            ("subscription.renewed", {"subscription": subscription, **_lines(thing), **_amount(thing, which)}, "")
        )
    return found


def _subscription_of(thing: Props) -> str:
    direct = text(thing.get("subscription")) or first_text(mapping(thing.get("subscription")), ("id",))
    parent = mapping(mapping(thing.get("parent")).get("subscription_details"))
    return direct or text(parent.get("subscription"))


def _lines(thing: Props) -> Props:
    for line in sequence(mapping(thing.get("lines")).get("data")):
        price = mapping(mapping(line).get("price"))
        details = mapping(mapping(mapping(line).get("pricing")).get("price_details"))
        product = text(price.get("product")) or text(details.get("product"))
        seats = whole(mapping(line).get("quantity")) or 1
        return {
            "product": product.lower() or "subscription",
            "plan": first_text(price, ("nickname", "id")),
            "seats": seats,
        }
    return {"product": "subscription", "plan": "", "seats": 1}


def _belongs_to_invoice(charge: Props) -> bool:
    """Newer API versions no longer name the invoice on a charge; its description then says what it was for."""
    said = text(charge.get("description")).lower()
    return bool(charge.get("invoice")) or said.startswith(("subscription", "payment for invoice"))


def _amount(thing: Props, name: str) -> Props:
    return {"amount_minor": whole(thing.get(name)) or 0, "currency": _code(thing)}


def _code(thing: Props) -> str:
    return fields.currency(thing.get("currency")) or "USD"


def _custom(kind: str, thing: Props) -> Props:
    """What can be said of any object: its type, id and status, and every amount as the integer it was."""
    props: Props = {"name": kind, "object": first_text(thing, ("object",)), "id": first_text(thing, ("id",))}
    for key, value in thing.items():
        if isinstance(value, int) and not isinstance(value, bool) and "amount" in key and whole(value) is not None:
            props[fields.snake(key)] = value
    for key in ("status", "description"):
        if said := text(thing.get(key)):
            props[key] = said
    if code := fields.currency(thing.get("currency")):
        props["currency"] = code
    return props
