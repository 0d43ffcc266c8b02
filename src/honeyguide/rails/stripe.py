"""Stripe: credit on a customer's balance, a coupon, or a transfer to a connected account.

Each call carries an Idempotency-Key. Stripe keeps those for a day at least and answers a kept error again, so a payment
that was asked for longer ago is looked up by our key before it is asked for again.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.funnel import signatures
from honeyguide.ledger import Answer, Notice, Order, Refused, Sent, Status, Unknown
from honeyguide.rails.calling import Caller, Reply

BASE = "https://api.stripe.com"
_KEPT = timedelta(hours=20)  # Stripe keeps keys for "at least 24 hours"
_PAGES = 20
_MARK = "honeyguide"


class _Stripe(ABC):
    """What the three ways have in common: signing in, asking once under a key, reading an object."""

    name = "stripe"
    payee_kind = "stripe"
    interval_ms = 50
    incentives: frozenset[str] = frozenset()

    def __init__(self, caller: Caller, secrets: Mapping[str, str], config: Mapping[str, Any] | None = None) -> None:
        self._caller, self._key, self._hook = caller, secrets.get("api_key", ""), secrets.get("webhook_secret", "")
        self._config = config or {}

    def accepts(self, incentive: str, currency: str = "", country: str = "") -> bool:
        """Stripe itself refuses currencies it does not pay in."""
        return incentive in self.incentives

    def _account(self, order: Order, prefix: str) -> str:
        found = str(order.account.get("id", ""))
        return found if found.startswith(prefix) and found.isascii() and found.replace("_", "").isalnum() else ""

    @abstractmethod
    def _call(self, order: Order) -> tuple[str, dict[str, str]] | Refused:
        """The path and the form of the call, or why it cannot be made."""

    @abstractmethod
    def _read(self, found: dict[str, Any]) -> Status:
        """How the object stands."""

    @abstractmethod
    async def _find(self, order: Order) -> Status:
        """Look for it by our key."""

    async def send(self, order: Order) -> Answer:
        """Ask for it once under its key; look first when Stripe may have forgotten the key."""
        if not self.accepts(order.incentive):
            return Refused(f"Stripe ({self.name}) does not pay a {order.incentive}.")
        call = self._call(order)
        if isinstance(call, Refused):
            return call
        if order.asked_at is not None and clock.now() - order.asked_at > _KEPT:
            before = await self.look(order)
            if before.standing != "absent":
                return _as_answer(before)
        path, form = call
        form |= {f"metadata[{_MARK}]": order.key}
        reply = await self._caller.call("POST", path, form=form, headers={**self._auth(), "idempotency-key": order.key})
        if isinstance(reply, Unknown):
            return reply
        if reply.status >= 300 or not reply.text("id"):
            if (
                reply.text("error", "code") == "resource_already_exists"
                or reply.text("error", "type") == "idempotency_error"
            ):
                return _as_answer(await self.look(order))
            return Refused(reply.said()) if 400 <= reply.status < 500 else Unknown(reply.said())
        return _as_answer(self._read(reply.body))

    async def look(self, order: Order) -> Status:
        """Find it by our key."""
        return await self._find(order)

    async def _get(self, path: str, params: dict[str, str] | None = None) -> Reply | Unknown:
        return await self._caller.call("GET", path, params=params, headers=self._auth())

    def _auth(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._key}", "stripe-version": "2025-03-31.basil"}

    async def _listed(self, path: str, params: dict[str, str], order: Order) -> Status:
        """The object with our key in a list of Stripe's, followed to its end: only then it is absent."""
        after: dict[str, str] = {}
        for _ in range(_PAGES):
            reply = await self._get(path, {**params, "limit": "100", **after})
            if isinstance(reply, Unknown):
                return Status("unknown", reason=reply.reason, wait_s=reply.wait_s)
            rows = reply.get("data")
            if reply.status != 200 or not isinstance(rows, list):
                return Status("unknown", reason=reply.said())
            for row in rows:
                if isinstance(row, dict) and (row.get("metadata") or {}).get(_MARK) == order.key:
                    return self._read(row)
            if not reply.get("has_more") or not rows:
                return Status("absent")
            after = {"starting_after": str(rows[-1].get("id", ""))}
        return Status("unknown", reason="It is not among the newest 2,000; look it up at Stripe.")

    def notices(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Notice]:
        """An event, its signature checked over time and body."""
        if not self._hook:
            raise BadInput("This rail has no webhook secret.", advice="Enter it with the rail's settings.")
        signatures.verify("stripe", self._hook, signatures.SignedRequest(headers, body), now)
        try:
            event = msgspec.json.decode(body)
            ident, kind, about = str(event["id"]), str(event["type"]), event["data"]["object"]
            key = str((about.get("metadata") or {}).get(_MARK, ""))
        except (msgspec.MsgspecError, KeyError, TypeError, AttributeError) as e:
            raise BadInput("This is no event of Stripe's.") from e
        return [Notice(ident, kind, key, str(about.get("id", "")))]


def _as_answer(status: Status) -> Answer:
    if status.standing in ("sent", "paid"):
        return Sent(status.provider_id, status.standing == "paid", status.reported_minor)
    if status.standing in ("refused", "returned"):
        return Refused(status.reason or "It was reversed.")
    return Unknown(status.reason or "It says it is not there.", status.wait_s)


class StripeTransfer(_Stripe):
    """Money to a connected account (Stripe Connect). The account is `acct_...`."""

    name = "stripe_transfer"
    incentives = frozenset({"commission", "co_marketing", "donation"})

    def _call(self, order: Order) -> tuple[str, dict[str, str]] | Refused:
        account = self._account(order, "acct_")
        if not account:
            return Refused("The advocate's Stripe account is no connected account (acct_...).")
        return "/v1/transfers", {
            "amount": str(order.amount_minor), "currency": order.currency.lower(), "destination": account,
            "transfer_group": order.key, "description": order.label[:200],
        }  # fmt: skip

    def _read(self, found: dict[str, Any]) -> Status:
        amount, back = found.get("amount"), found.get("amount_reversed") or 0
        if found.get("reversed") or (isinstance(back, int) and back and back == amount):
            return Status("returned", str(found.get("id", "")), amount, "The transfer was reversed.")
        said = amount - back if isinstance(amount, int) and isinstance(back, int) else None
        return Status("paid", str(found.get("id", "")), said)

    async def _find(self, order: Order) -> Status:
        return await self._listed("/v1/transfers", {"transfer_group": order.key}, order)


class StripeCredit(_Stripe):
    """Credit on the balance of a customer of yours, used up by the next invoices. The account is `cus_...`."""

    name = "stripe_credit"
    incentives = frozenset({"renewal_credit", "account_credit"})

    def _call(self, order: Order) -> tuple[str, dict[str, str]] | Refused:
        customer = self._account(order, "cus_")
        if not customer:
            return Refused("The advocate's Stripe account is no customer (cus_...).")
        return f"/v1/customers/{customer}/balance_transactions", {
            "amount": str(-order.amount_minor), "currency": order.currency.lower(), "description": order.label[:200],
        }  # fmt: skip

    def _read(self, found: dict[str, Any]) -> Status:
        amount = found.get("amount")
        return Status("paid", str(found.get("id", "")), -amount if isinstance(amount, int) else None)

    async def _find(self, order: Order) -> Status:
        customer = self._account(order, "cus_")
        return await self._listed(f"/v1/customers/{customer}/balance_transactions", {}, order)


class StripeCoupon(_Stripe):
    """A coupon for one use, whose code is our key. Nobody's account is needed."""

    name = "stripe_coupon"
    payee_kind = ""
    incentives = frozenset({"coupon", "renewal_credit", "account_credit"})

    def _call(self, order: Order) -> tuple[str, dict[str, str]] | Refused:
        return "/v1/coupons", {
            "id": order.key, "amount_off": str(order.amount_minor), "currency": order.currency.lower(), "duration": "once",
            "max_redemptions": "1", "name": order.label[:40],
        }  # fmt: skip

    def _read(self, found: dict[str, Any]) -> Status:
        amount = found.get("amount_off")
        return Status("paid", str(found.get("id", "")), amount if isinstance(amount, int) else None)

    async def _find(self, order: Order) -> Status:
        reply = await self._get(f"/v1/coupons/{order.key}")
        if isinstance(reply, Unknown):
            return Status("unknown", reason=reply.reason, wait_s=reply.wait_s)
        if reply.status == 404:
            return Status("absent")
        return self._read(reply.body) if reply.status == 200 else Status("unknown", reason=reply.said())
