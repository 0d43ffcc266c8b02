"""Tremendous: gift cards, prepaid cards and donations by e-mail. `external_id` makes an order one order, for ever."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from honeyguide.core.errors import BadInput, Unauthenticated
from honeyguide.ledger import Answer, Notice, Order, Refused, Sent, Status, Unknown
from honeyguide.rails.calling import Caller, decimal_number, minor_of

BASE = "https://www.tremendous.com"
_HEADER = "tremendous-webhook-signature"
_REFUSED = frozenset({"FAILED", "CANCELED", "CANCELLED", "DECLINED"})


class Tremendous:
    """One order with one reward. It is final when the reward is delivered."""

    name = "tremendous"
    payee_kind = ""
    interval_ms = 100
    incentives = frozenset({"gift_card", "donation", "commission"})

    def __init__(self, caller: Caller, secrets: Mapping[str, str], config: Mapping[str, Any] | None = None) -> None:
        self._caller, self._key, self._hook = caller, secrets.get("api_key", ""), secrets.get("webhook_secret", "")
        self._config = config or {}

    def accepts(self, incentive: str, currency: str = "", country: str = "") -> bool:
        """Gift cards, donations and money on a card."""
        return incentive in self.incentives

    async def send(self, order: Order) -> Answer:
        """Place the order; the same external_id again answers with the order there is."""
        if not self.accepts(order.incentive):
            return Refused(f"Tremendous does not pay a {order.incentive}.")
        email = str(order.account.get("email", "")) or order.email
        if "@" not in email:
            return Refused("The advocate has no e-mail address.")
        reward: dict[str, Any] = {
            "value": {"denomination": decimal_number(order.amount_minor, order.currency), "currency_code": order.currency},
            "delivery": {"method": "EMAIL"}, "recipient": {"name": order.name, "email": email},
        }  # fmt: skip
        if campaign := self._config.get("campaign_id"):
            reward["campaign_id"] = campaign
        else:
            reward["products"] = self._config.get("products") or []
        reply = await self._caller.call("POST", "/api/v2/orders", headers=self._auth(), json={
            "external_id": order.key, "payment": {"funding_source_id": self._config.get("funding_source_id", "balance")},
            "reward": reward,
        })  # fmt: skip
        if isinstance(reply, Unknown):
            return reply
        if reply.status == 202:
            return Unknown("It is still working on it.")
        found = reply.get("order")
        if reply.status >= 300 or not isinstance(found, dict):
            return Refused(reply.said()) if 400 <= reply.status < 500 else Unknown(reply.said())
        status = _read(found, order)
        if status.standing in ("refused", "returned"):
            return Refused(status.reason)
        return Sent(status.provider_id, status.standing == "paid", status.reported_minor)

    async def look(self, order: Order) -> Status:
        """The order with our external_id."""
        reply = await self._caller.call(
            "GET", "/api/v2/orders", params={"external_id": order.key}, headers=self._auth()
        )
        if isinstance(reply, Unknown):
            return Status("unknown", reason=reply.reason, wait_s=reply.wait_s)
        rows = reply.get("orders")
        if reply.status != 200 or not isinstance(rows, list):
            return Status("unknown", reason=reply.said())
        ours = [row for row in rows if isinstance(row, dict) and row.get("external_id") == order.key]
        return _read(ours[0], order) if ours else Status("absent")

    def _auth(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._key}"}

    def notices(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Notice]:
        """A webhook: `sha256=` and the HMAC of its body. It carries no time, so a repeat is known by its uuid."""
        if not self._hook:
            raise BadInput("This rail has no webhook secret.", advice="Enter it with the rail's settings.")
        expected = "sha256=" + hmac.new(self._hook.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(headers.get(_HEADER, "").encode("utf-8", "replace"), expected.encode()):
            raise Unauthenticated("The webhook's signature is not right.", "The signature does not fit the body.")
        try:
            event = msgspec.json.decode(body)
            ident, kind, inner = str(event["uuid"]), str(event["event"]), event["payload"]
            about = str(inner["resource"]["id"])
            key = str((inner.get("meta") or {}).get("external_id", "") or "")
        except (msgspec.MsgspecError, KeyError, TypeError, AttributeError) as e:
            raise BadInput("This is no event of Tremendous's.") from e
        order = str((inner.get("meta") or {}).get("order_id", "") or "")
        return [Notice(ident, kind, key, order or about)]


def _read(found: dict[str, Any], order: Order) -> Status:
    ident, state = str(found.get("id", "")), str(found.get("status", "")).upper()
    rewards = found.get("rewards")
    reward = rewards[0] if isinstance(rewards, list) and rewards and isinstance(rewards[0], dict) else {}
    given = reward.get("value")
    value: dict[str, Any] = given if isinstance(given, dict) else {}
    same = value.get("currency_code") == order.currency
    said = minor_of(value.get("denomination"), order.currency) if same else None
    if value and not same:
        said = -1  # another currency is another amount
    if state in _REFUSED:
        return Status("refused", ident, said, f"Tremendous: the order is {state.lower()}.")
    delivery = str((reward.get("delivery") or {}).get("status", "")).upper()
    if delivery in ("SUCCEEDED", "DELIVERED") and state in ("EXECUTED", ""):
        return Status("paid", ident, said)
    return Status("sent", ident, said, "The mail with it did not arrive." if delivery == "FAILED" else "")
