"""Providers that pay, as real servers on ports of their own, and every way in which they misbehave.

They keep what they really did (`paid`), so that a test can count money that left, whatever was answered.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Iterator
from typing import Any, TypeVar
from urllib.parse import parse_qs

from tests.vendor import serving

P = TypeVar("P", bound="Provider")
Said = tuple[int, dict[str, str], Any]


class Provider:
    """One provider. A fault is taken off the queue per write: "lost" pays and hangs up, "slow" pays and answers too late,
    "broken" answers 500 without paying, "busy" 429 with Retry-After, "wrong" pays and reports another amount."""

    def __init__(self) -> None:
        self.url = ""
        self.faults: deque[str] = deque()
        self.orders: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[float, str, str, dict[str, str], Any]] = []
        self.slow_s = 1.0

    @property
    def writes(self) -> list[Any]:
        """The bodies of what we were asked to do."""
        return [body for _, method, path, _, body in self.calls if method == "POST" and "oauth" not in path]

    def pay(self, key: str, found: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
        """Do it once per key."""
        if key in self.orders:
            return False, self.orders[key]
        self.orders[key] = found
        return True, found

    def write(self, path: str, headers: dict[str, str], body: Any) -> Said:
        """A POST that pays."""
        raise NotImplementedError

    def read(self, path: str, query: dict[str, str]) -> Said:
        """A GET."""
        raise NotImplementedError

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        if scope["type"] != "http":
            return
        raw = b""
        while True:
            message = await receive()
            raw += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        query = {k: v[0] for k, v in parse_qs(scope["query_string"].decode()).items()}
        is_json = "json" in headers.get("content-type", "")
        body: Any = json.loads(raw) if is_json and raw else {k: v[0] for k, v in parse_qs(raw.decode()).items()}
        self.calls.append((time.monotonic(), scope["method"], scope["path"], headers, body))
        if scope["method"] == "GET":
            await _answer(send, *self.read(scope["path"], query))
            return
        if scope["path"].endswith("/oauth2/token"):
            await _answer(send, 200, {}, {"access_token": "t"})
            return
        await self._misbehave(scope["path"], headers, body, send)

    async def _misbehave(self, path: str, headers: dict[str, str], body: Any, send: Any) -> None:
        fault = self.faults.popleft() if self.faults else ""
        plain = {
            "broken": (500, {}, {"message": "internal"}), "busy": (429, {"retry-after": "7"}, {"message": "slow down"}),
            "refuse": (400, {}, {"error": {"message": "The account is closed."}}),
        }  # fmt: skip
        if fault in plain:
            await _answer(send, *plain[fault])
            return
        said = self.write(path, headers, body)
        if fault == "lost":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
            await send({"type": "http.response.body", "body": b'{"id":'})
            return
        if fault == "slow":
            await asyncio.sleep(self.slow_s)
        await _answer(send, *said)


async def _answer(send: Any, status: int, headers: dict[str, str], body: Any) -> None:
    content = json.dumps(body).encode()
    given = {"content-type": "application/json", "content-length": str(len(content)), **headers}
    await send({"type": "http.response.start", "status": status,
                "headers": [(k.encode(), v.encode()) for k, v in given.items()]})  # fmt: skip
    await send({"type": "http.response.body", "body": content})


class FakeStripe(Provider):
    """Transfers, customer balances and coupons, with Idempotency-Key as version 1 keeps it."""

    def write(self, path: str, headers: dict[str, str], body: Any) -> Said:
        key = headers.get("idempotency-key", "")
        made = {"id": f"tr_{len(self.orders) + 1}", "amount": int(body.get("amount", 0)), "currency": body["currency"],
                "metadata": {"honeyguide": body.get("metadata[honeyguide]", "")}, "reversed": False,
                "transfer_group": body.get("transfer_group"), "path": path}  # fmt: skip
        if path == "/v1/coupons":
            if body["id"] in {o["id"] for o in self.orders.values()} and key not in self.orders:
                return 400, {}, {"error": {"code": "resource_already_exists", "message": "Coupon already exists."}}
            made |= {"id": body["id"], "amount_off": int(body["amount_off"])}
        _, found = self.pay(key, made)
        return 200, {}, found

    def read(self, path: str, query: dict[str, str]) -> Said:
        if path.startswith("/v1/coupons/"):
            found = [o for o in self.orders.values() if o["id"] == path.rpartition("/")[2]]
            return (200, {}, found[0]) if found else (404, {}, {"error": {"message": "No such coupon"}})
        rows = [o for o in self.orders.values() if o["path"] == path]
        if "transfer_group" in query:
            rows = [o for o in rows if o["transfer_group"] == query["transfer_group"]]
        return 200, {}, {"data": rows, "has_more": False}

    def forget_keys(self) -> None:
        """What Stripe does after a day: keys are gone, what was paid is not."""
        self.orders = {f"{k} (forgotten)": v for k, v in self.orders.items()}


class FakePayPal(Provider):
    """Batches of one."""

    def write(self, path: str, headers: dict[str, str], body: Any) -> Said:
        key = body["sender_batch_header"]["sender_batch_id"]
        new, found = self.pay(key, {"id": f"PB{len(self.orders) + 1}", "item": body["items"][0], "state": "PENDING"})
        if new:
            return 201, {}, {"batch_header": {"payout_batch_id": found["id"], "batch_status": "PENDING"}}
        link = f"https://api.paypal.example/v1/payments/payouts/{found['id']}"
        return (
            400,
            {},
            {"name": "USER_BUSINESS_ERROR", "message": "Duplicate.", "links": [{"href": link, "rel": "self"}]},
        )

    def read(self, path: str, query: dict[str, str]) -> Said:
        found = [o for o in self.orders.values() if o["id"] == path.rpartition("/")[2]]
        if not found:
            return 404, {}, {"message": "not found"}
        item = {"transaction_status": found[0]["state"], "payout_item": found[0]["item"]}
        return 200, {}, {"batch_header": {"batch_status": "SUCCESS"}, "items": [item]}


class FakeTremendous(Provider):
    """Orders by external_id."""

    secret = "whs-tremendous"

    def write(self, path: str, headers: dict[str, str], body: Any) -> Said:
        reward = {"id": "R", "value": body["reward"]["value"], "delivery": {"status": "PENDING"}}
        _, found = self.pay(body["external_id"], {
            "id": f"O{len(self.orders) + 1}", "external_id": body["external_id"], "status": "EXECUTED", "rewards": [reward],
        })  # fmt: skip
        return 201, {}, {"order": found}

    def read(self, path: str, query: dict[str, str]) -> Said:
        return 200, {}, {"orders": [o for k, o in self.orders.items() if k == query.get("external_id")]}

    def deliver(self, status: str = "SUCCEEDED") -> None:
        for found in self.orders.values():
            found["rewards"][0]["delivery"]["status"] = status

    def notice(
        self, key: str, ident: str = "e-1", event: str = "REWARDS.DELIVERY.SUCCEEDED"
    ) -> tuple[dict[str, str], bytes]:
        """A webhook as Tremendous signs it."""
        order = self.orders[key]["id"]
        body = json.dumps({"event": event, "uuid": ident, "payload": {"resource": {"id": order, "type": "orders"},
                                                                      "meta": {"external_id": key}}}).encode()  # fmt: skip
        return {
            "tremendous-webhook-signature": "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        }, body


class FakeTango(Provider):
    """Orders by externalRefID: 201 when new, 200 when known, 429 over one request a second."""

    last = 0.0

    def write(self, path: str, headers: dict[str, str], body: Any) -> Said:
        if len(body["externalRefID"]) > 100:
            return 400, {}, {"errors": [{"message": "externalRefID is too long"}]}
        new, found = self.pay(body["externalRefID"], {
            "referenceOrderID": f"RA{len(self.orders) + 1}", "externalRefID": body["externalRefID"], "status": "COMPLETE",
            "denomination": {"value": body["amount"], "currencyCode": "EUR"},
        })  # fmt: skip
        return 201 if new else 200, {}, found

    def read(self, path: str, query: dict[str, str]) -> Said:
        return 200, {}, {"orders": [o for k, o in self.orders.items() if k == query.get("externalRefID")]}


@contextlib.contextmanager
def providing(provider: P) -> Iterator[P]:
    """The provider, listening on a free port until the block ends."""
    with serving(provider) as url:
        provider.url = url
        yield provider
