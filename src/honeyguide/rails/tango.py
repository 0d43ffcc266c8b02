"""Tango: gift cards by e-mail, at most one request a second.

`externalRefID` (at most 100 characters) makes an order one order: a new one answers 201, the same again 200.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from honeyguide.core.errors import BadInput
from honeyguide.ledger import Answer, Notice, Order, Refused, Sent, Status, Unknown
from honeyguide.rails.calling import Caller, decimal_number, minor_of

BASE = "https://api.tangocard.com"
_MOST_REF = 100


class Tango:
    """One order; it is final when Tango says COMPLETE."""

    name = "tango"
    payee_kind = ""
    interval_ms = 1_000
    incentives = frozenset({"gift_card", "donation"})

    def __init__(self, caller: Caller, secrets: Mapping[str, str], config: Mapping[str, Any] | None = None) -> None:
        self._caller, self._config = caller, config or {}
        self._auth = (secrets.get("platform_name", ""), secrets.get("platform_key", ""))

    def accepts(self, incentive: str, currency: str = "", country: str = "") -> bool:
        """Gift cards and donations."""
        return incentive in self.incentives

    async def send(self, order: Order) -> Answer:
        """Place the order under our reference."""
        if not self.accepts(order.incentive):
            return Refused(f"Tango does not pay a {order.incentive}.")
        email = str(order.account.get("email", "")) or order.email
        if "@" not in email:
            return Refused("The advocate has no e-mail address.")
        first, _, last = order.name.partition(" ")
        reply = await self._caller.call("POST", "/raas/v2/orders", auth=self._auth, json={
            "accountIdentifier": self._config.get("account", ""), "customerIdentifier": self._config.get("customer", ""),
            "utid": self._config.get("utid", ""), "amount": decimal_number(order.amount_minor, order.currency),
            "sendEmail": True, "externalRefID": order.key[:_MOST_REF],
            "recipient": {"email": email, "firstName": first[:100], "lastName": last[:100]},
        })  # fmt: skip
        if isinstance(reply, Unknown):
            return reply
        if reply.status not in (200, 201) or not reply.text("referenceOrderID"):
            return Refused(reply.said()) if 400 <= reply.status < 500 else Unknown(reply.said())
        status = _read(reply.body, order)
        if status.standing == "refused":
            return Refused(status.reason)
        return Sent(status.provider_id, status.standing == "paid", status.reported_minor)

    async def look(self, order: Order) -> Status:
        """The order with our reference."""
        reply = await self._caller.call(
            "GET", "/raas/v2/orders", auth=self._auth, params={"externalRefID": order.key[:_MOST_REF]}
        )
        if isinstance(reply, Unknown):
            return Status("unknown", reason=reply.reason, wait_s=reply.wait_s)
        rows = reply.get("orders")
        if reply.status != 200 or not isinstance(rows, list):
            return Status("unknown", reason=reply.said())
        ours = [row for row in rows if isinstance(row, dict) and row.get("externalRefID") == order.key[:_MOST_REF]]
        return _read(ours[0], order) if ours else Status("absent")

    def notices(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Notice]:
        """Tango is asked, it does not call."""
        raise BadInput("Tango sends no webhooks we could check.", "Its orders are looked up instead.")


def _read(found: dict[str, Any], order: Order) -> Status:
    ident, state = str(found.get("referenceOrderID", "")), str(found.get("status", "")).upper()
    given = found.get("denomination") or found.get("amountCharged")
    charged: dict[str, Any] = given if isinstance(given, dict) else {}
    said = minor_of(charged.get("value"), order.currency)
    if charged.get("currencyCode") not in (None, order.currency):
        said = -1  # another currency is another amount
    if state in ("FAILED", "CANCELED", "CANCELLED", "VOIDED"):
        return Status("refused", ident, said, f"Tango: the order is {state.lower()}.")
    return Status("paid" if state == "COMPLETE" else "sent", ident, said)
