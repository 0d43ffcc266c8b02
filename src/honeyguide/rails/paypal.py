"""PayPal Payouts: money to a PayPal account by its e-mail address.

`sender_batch_id` makes a batch one batch for 30 days: the same again is refused with a link to the first, which is followed.
After that PayPal would pay again, so an older payment is never sent again, only looked up.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.ledger import Answer, Notice, Order, Refused, Sent, Status, Unknown, decimal_text
from honeyguide.rails.calling import Caller, Reply, minor_of

BASE = "https://api-m.paypal.com"
_KEPT = timedelta(days=29)
_BATCHES = "/v1/payments/payouts"
_REFUSED = frozenset({"FAILED", "BLOCKED", "DENIED", "CANCELED"})
_BACK = frozenset({"RETURNED", "REFUNDED", "REVERSED"})


class PayPal:
    """A batch of one item, so that each payment has its own answer."""

    name = "paypal"
    payee_kind = "paypal"
    interval_ms = 200
    incentives = frozenset({"commission", "co_marketing", "donation"})

    def __init__(self, caller: Caller, secrets: Mapping[str, str], config: Mapping[str, Any] | None = None) -> None:
        self._caller, self._config = caller, config or {}
        self._auth = (secrets.get("client_id", ""), secrets.get("client_secret", ""))

    def accepts(self, incentive: str, currency: str = "", country: str = "") -> bool:
        """Money."""
        return incentive in self.incentives

    async def send(self, order: Order) -> Answer:
        """Send the batch; when PayPal knows it already, say what became of it."""
        if not self.accepts(order.incentive):
            return Refused(f"PayPal does not pay a {order.incentive}.")
        receiver = str(order.account.get("email", ""))
        if "@" not in receiver:
            return Refused("The advocate has no PayPal address.")
        if order.asked_at is not None and clock.now() - order.asked_at > _KEPT:
            return Unknown("PayPal may have forgotten the key; it is not sent again. Look it up at PayPal.")
        token = await self._token()
        if isinstance(token, Unknown):
            return token
        reply = await self._caller.call("POST", _BATCHES, headers=token, json={
            "sender_batch_header": {"sender_batch_id": order.key, "email_subject": order.label[:255]},
            "items": [{"recipient_type": "EMAIL", "receiver": receiver, "sender_item_id": order.key, "note": order.label[:255],
                       "amount": {"value": decimal_text(order.amount_minor, order.currency), "currency": order.currency}}],
        })  # fmt: skip
        if isinstance(reply, Unknown):
            return reply
        if batch := reply.text("batch_header", "payout_batch_id"):
            return Sent(batch)
        if known := _link(reply):
            status = await self._batch(known, order)
            return Sent(status.provider_id or known) if status.standing != "refused" else Refused(status.reason)
        return Refused(reply.said()) if 400 <= reply.status < 500 else Unknown(reply.said())

    async def look(self, order: Order) -> Status:
        """The batch by PayPal's id; without one PayPal cannot be asked, only sent the same again."""
        if not order.provider_id:
            return Status("unknown", reason="PayPal has not told its own id of the batch yet.")
        return await self._batch(order.provider_id, order)

    async def _batch(self, ident: str, order: Order) -> Status:
        token = await self._token()
        if isinstance(token, Unknown):
            return Status("unknown", reason=token.reason, wait_s=token.wait_s)
        reply = await self._caller.call("GET", f"{_BATCHES}/{ident}", headers=token)
        if isinstance(reply, Unknown):
            return Status("unknown", reason=reply.reason, wait_s=reply.wait_s)
        if reply.status == 404:
            return Status("absent")
        if reply.status != 200:
            return Status("unknown", reason=reply.said())
        return _read(reply, ident, order)

    async def _token(self) -> dict[str, str] | Unknown:
        reply = await self._caller.call(
            "POST", "/v1/oauth2/token", auth=self._auth, form={"grant_type": "client_credentials"}
        )
        if isinstance(reply, Unknown):
            return reply
        token = reply.text("access_token")
        return {"authorization": f"Bearer {token}"} if token else Unknown(f"No access: {reply.said()}", 300)

    def notices(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Notice]:
        """PayPal's signatures need its certificate; batches are looked up instead."""
        raise BadInput("PayPal's webhooks are not taken.", "Its batches are looked up instead.")


def _link(reply: Reply) -> str:
    """The id of the batch that a refusal of the same key points at."""
    rows = reply.get("links")
    if not (400 <= reply.status < 500) or not isinstance(rows, list):
        return ""
    paths = [urlsplit(str(r.get("href", ""))).path for r in rows if isinstance(r, dict)]
    ids = [p.rpartition("/")[2] for p in paths if p.startswith(f"{_BATCHES}/")]
    return ids[0] if ids and ids[0].isalnum() else ""


def _read(reply: Reply, ident: str, order: Order) -> Status:
    if reply.text("batch_header", "batch_status") in ("DENIED", "CANCELED"):
        return Status("refused", ident, None, "PayPal refused the batch.")
    rows = reply.get("items")
    items = [i for i in rows if isinstance(i, dict)] if isinstance(rows, list) else []
    ours = [i for i in items if (i.get("payout_item") or {}).get("sender_item_id") == order.key]
    if not ours:
        return Status("sent", ident)
    amount = (ours[0].get("payout_item") or {}).get("amount") or {}
    said = minor_of(amount.get("value"), order.currency) if amount.get("currency") == order.currency else -1
    state = str(ours[0].get("transaction_status", "")).upper()
    why = str((ours[0].get("errors") or {}).get("message", "")) or f"PayPal: the payment is {state.lower()}."
    if state == "SUCCESS":
        return Status("paid", ident, said)
    if state in _REFUSED:
        return Status("refused", ident, said, why)
    return Status("returned", ident, said, why) if state in _BACK else Status("sent", ident, said)
