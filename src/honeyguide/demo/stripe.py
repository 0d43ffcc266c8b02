"""Billing: Stripe event envelopes for customers, subscriptions and invoices. Amounts are integer minor units."""

from datetime import datetime, timedelta
from typing import Any

from honeyguide.demo.cast import Cast, Company, billing_inbox
from honeyguide.demo.event import STRIPE, DemoEvent, ident, unix

_API_VERSION = "2026-06-30"


class Contract:
    """One subscription and what is invoiced for it. `months` is the billing interval, `seats` changes with time."""

    def __init__(self, cast: Cast, company: Company, ident_: str, product: str, seats: int, months: int) -> None:
        self.cast, self.company, self.id, self.product = cast, company, ident_, product
        self.seats, self.months = seats, months
        self.steps = 0

    @property
    def email(self) -> str:
        """Small companies have invoices sent to the owner, the others to a shared mailbox."""
        return (
            self.company.people[0].email
            if self.company.segment == "smb" and self.company.key % 3
            else billing_inbox(self.company)
        )

    def _event(
        self, at: datetime, kind: str, thing: dict[str, Any], previous: dict[str, Any] | None = None
    ) -> DemoEvent:
        self.steps += 1
        data: dict[str, Any] = {"object": thing}
        if previous is not None:
            data["previous_attributes"] = previous
        payload = {
            "id": f"evt_{ident(self.cast.seed, 'stripe', self.id, self.steps)[:24]}", "object": "event",
            "api_version": _API_VERSION, "created": unix(at), "livemode": False, "type": kind, "data": data,
        }  # fmt: skip
        return DemoEvent(at, STRIPE, payload)

    def _items(self, seats: int) -> dict[str, Any]:
        yearly = self.months == 12
        price = {
            "id": f"price_{self.product}_{self.company.plan}", "object": "price", "product": self.product,
            "nickname": self.company.plan, "currency": self.company.currency.lower(),
            "unit_amount": self._unit_minor(), "recurring": {"interval": "year" if yearly else "month", "interval_count": 1 if yearly else self.months},
        }  # fmt: skip
        return {
            "object": "list",
            "data": [{"id": f"si_{self.id[4:]}", "object": "subscription_item", "quantity": seats, "price": price}],
        }

    def _unit_minor(self) -> int:
        return self.company.seat_minor * self.months * (10 if self.months == 12 else 12) // 12

    def _subscription(self, at: datetime, since: datetime, status: str = "active") -> dict[str, Any]:
        return {
            "id": self.id, "object": "subscription", "customer": self.company.stripe, "status": status,
            "currency": self.company.currency.lower(), "start_date": unix(since), "created": unix(since),
            "current_period_start": unix(at), "current_period_end": unix(at + timedelta(days=round(30.4 * self.months))),
            "quantity": self.seats, "items": self._items(self.seats),
        }  # fmt: skip

    def customer(self, at: datetime) -> DemoEvent:
        """The payer is created."""
        c = self.company
        thing = {
            "id": c.stripe, "object": "customer", "email": self.email, "name": c.name, "currency": c.currency.lower(),
            "created": unix(at), "address": {"country": c.country, "city": c.city},
        }  # fmt: skip
        return self._event(at, "customer.created", thing)

    def started(self, at: datetime, since: datetime) -> DemoEvent:
        """The subscription begins, or becomes known to us with its earlier beginning."""
        return self._event(at, "customer.subscription.created", self._subscription(at, since))

    def expanded(self, at: datetime, seats: int) -> DemoEvent:
        """More seats from now on."""
        before = self.seats
        self.seats = seats
        return self._event(
            at, "customer.subscription.updated", self._subscription(at, self.company.customer_since),
            {"quantity": before, "items": self._items(before)},
        )  # fmt: skip

    def cancelled(self, at: datetime, reason: str) -> DemoEvent:
        """The end."""
        thing = self._subscription(at, self.company.customer_since, "canceled") | {
            "canceled_at": unix(at), "cancellation_details": {"feedback": reason, "reason": "cancellation_requested"},
        }  # fmt: skip
        return self._event(at, "customer.subscription.deleted", thing)

    def paid(self, at: datetime, reason: str, of: datetime) -> DemoEvent:
        """The invoice of the period that began at `of` is paid; `subscription_cycle` is a renewal of the period."""
        return self._event(at, "invoice.paid", self._invoice(of, reason, paid=True))

    def failed(self, at: datetime, of: datetime) -> DemoEvent:
        """A card or transfer did not go through."""
        return self._event(at, "invoice.payment_failed", self._invoice(of, "subscription_cycle", paid=False))

    def _invoice(self, at: datetime, reason: str, *, paid: bool) -> dict[str, Any]:
        amount = self._unit_minor() * self.seats
        c = self.company
        number = f"TW-{at.strftime('%y%m%d')}-{c.key:04d}{self.id[-2:].upper()}"
        price = {"id": f"price_{self.product}_{c.plan}", "product": self.product, "nickname": c.plan}
        return {
            "id": f"in_{ident(self.cast.seed, 'invoice', self.id, number)[:24]}", "object": "invoice", "number": number,
            "customer": c.stripe, "customer_email": self.email, "customer_name": c.name, "currency": c.currency.lower(),
            "subscription": self.id, "billing_reason": reason, "status": "paid" if paid else "open",
            "amount_due": amount, "amount_paid": amount if paid else 0, "amount_remaining": 0 if paid else amount,
            "created": unix(at),
            "lines": {"object": "list", "data": [{"quantity": self.seats, "amount": amount, "currency": c.currency.lower(), "price": price}]},
        }  # fmt: skip
