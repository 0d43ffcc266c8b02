"""What vendors send, with repeats, misused ids and rubbish among it, and what must become of every single input."""

import base64
import hashlib
import hmac
import random
import time
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

FRESH, AGAIN, REUSED, RUBBISH = "fresh", "again", "reused", "rubbish"
SECRET = "whsec_soak"  # of a source that lives as long as this run
_encode = msgspec.json.encode


class Request(Struct):
    """One request: `classes` of its inputs in order; `status` other than 200 when it must be refused."""

    path: str
    headers: str
    body: bytes
    classes: list[str]
    fresh: list[str]
    status: int = 200


class Vendor(Struct, frozen=True):
    """How one vendor's senders talk: an item, a batch of them, one alone, and one that must be refused."""

    source: str
    kind: str
    secret: str | None
    item: Callable[[str, int], bytes]
    many: Callable[[str, list[bytes]], tuple[str, str, bytes]] | None
    one: Callable[[str, bytes], tuple[str, str, bytes]]
    refused: Callable[[str], tuple[str, str, bytes]] | None = None
    refused_status: int = 400
    versioned: bool = False  # its ids name versions: another body under one is the same event again, no misuse


def _basic(key: str) -> str:
    return f"Authorization: Basic {base64.b64encode(f'{key}:'.encode()).decode()}\r\n"


def _track(ident: str, body: int) -> bytes:
    return _encode({
        "type": "track", "messageId": ident, "userId": f"u-{ident}", "event": "Feature Used", "timestamp": "2026-03-01T10:00:00.123Z",
        "context": {"library": {"name": "analytics.js", "version": "2.11.1"}, "page": {"path": "/academy/", "title": "Academy"}},
        "properties": {"feature": "route-planner", "n": body, "plan": "Pro Annual"},
    })  # fmt: skip


def _capture(ident: str, body: int) -> bytes:
    return _encode({
        "event": "feature_used", "uuid": ident, "distinct_id": f"u-{ident}", "timestamp": "2026-03-01T10:00:00.123Z",
        "properties": {"$lib": "posthog-python", "feature": "export", "n": body, "$current_url": "https://app.example/x"},
    })  # fmt: skip


def _cloud(ident: str, body: int) -> bytes:
    return _encode({
        "specversion": "1.0", "id": ident, "source": "/shop", "type": "com.example.order.placed", "subject": f"u-{ident}",
        "time": "2026-03-01T10:00:00Z", "datacontenttype": "application/json", "data": {"order": ident, "n": body, "total": 99.5},
    })  # fmt: skip


def _hook(ident: str, body: int) -> bytes:
    return _encode({"id": ident, "type": "contact.updated", "created_at": "2026-03-01T10:00:00Z", "contact": {
        "email": f"{ident}@soak.example", "name": "Ana Soak", "n": body}})  # fmt: skip


def _stripe(ident: str, body: int) -> bytes:
    return _encode({"id": ident, "object": "event", "type": "invoice.paid", "created": 1_772_359_200, "data": {"object": {
        "id": f"in_{ident}", "object": "invoice", "customer": "cus_1", "amount_paid": body, "currency": "eur"}}})  # fmt: skip


def _signed(key: str, body: bytes, secret: str = SECRET) -> tuple[str, str, bytes]:
    at = str(int(time.time()))
    mark = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"/hooks/{key}?verbose=1", f"Stripe-Signature: t={at},v1={mark}\r\n", body


def _segment(path: str, source: str) -> Vendor:
    return Vendor(
        source, "segment", None, _track,
        lambda key, items: (f"{path}?verbose=1", _basic(key), b'{"batch":[' + b",".join(items) + b"]}"),
        lambda key, item: ("/v1/track?verbose=1", _basic(key), item),
        lambda key: ("/v1/track?verbose=1", _basic(key), b'{"type": "track", "event'),
    )  # fmt: skip


_CLOUD = "application/cloudevents"
VENDORS = (
    _segment("/v1/batch", "product"),
    _segment("/v1/import", "archive"),  # the historical lane; alone it would be the live one, so it is always many
    Vendor(
        "posthog", "posthog", None, _capture,
        lambda key, items: ("/batch/?verbose=1", "", b'{"api_key":"' + key.encode() + b'","batch":[' + b",".join(items) + b"]}"),
        lambda key, item: (f"/capture/?verbose=1&api_key={key}", "", item),
    ),
    Vendor(
        "shop", "cloudevents", None, _cloud,
        lambda key, items: ("/v1/cloudevents?verbose=1", f"Content-Type: {_CLOUD}-batch+json\r\n{_basic(key)}", b"[" + b",".join(items) + b"]"),
        lambda key, item: ("/v1/cloudevents?verbose=1", f"Content-Type: {_CLOUD}+json\r\n{_basic(key)}", item),
        lambda key: ("/v1/cloudevents?verbose=1", f"Content-Type: {_CLOUD}+json\r\n{_basic(key)}", b'{"id": "no more"}'),
    ),
    Vendor(
        "desk", "webhook", None, _hook,
        lambda key, items: (f"/hooks/{key}?verbose=1", "", b"[" + b",".join(items) + b"]"),
        lambda key, item: (f"/hooks/{key}?verbose=1", "", item),
    ),
    Vendor(
        "billing", "stripe", SECRET, _stripe, None, _signed,
        lambda key: _signed(key, _stripe("evt_forged", 1), "another secret"), 401, versioned=True,
    ),
)  # fmt: skip


class Sender:
    """One record of a source, so to say: what it sends is sent one request after another, numbered from 1 on."""

    def __init__(self, number: int, seed: int, key: Callable[[Vendor], str]) -> None:
        self.vendor = VENDORS[number % len(VENDORS)]
        self._name, self._key = f"s{number}", key(self.vendor)
        self._chance = random.Random(seed * 1_000 + number)
        self._n = 0
        self._known: list[tuple[str, int]] = []

    def request(self, at_most: int) -> Request:
        """The next request, of at most so many inputs: 5 % repeats, 1 % other bodies under a known id, 1 % rubbish."""
        chance, vendor = self._chance, self.vendor
        alone = vendor.many is None or (vendor.source != "archive" and chance.random() < 0.55)
        if alone and vendor.refused is not None and chance.random() < 0.01:
            return Request(*vendor.refused(self._key), classes=[RUBBISH], fresh=[], status=vendor.refused_status)
        count = 1 if alone else min(at_most, chance.choice((20, 50, 100)))
        picked = [self._pick(alone=alone) for _ in range(count)]
        items = [item for _, item, _ in picked]
        made = vendor.one(self._key, items[0]) if alone or vendor.many is None else vendor.many(self._key, items)
        return Request(*made, classes=[c for c, _, _ in picked], fresh=[i for c, _, i in picked if c is FRESH])

    def _pick(self, *, alone: bool) -> tuple[str, bytes, str]:
        chance, roll = self._chance, self._chance.random()
        if roll < 0.06 and self._known:
            ident, body = self._known[int(len(self._known) * chance.random())]
            if roll < 0.05:
                return AGAIN, self.vendor.item(ident, body), ident
            meant = AGAIN if self.vendor.versioned else REUSED
            return meant, self.vendor.item(ident, body + chance.randrange(1, 1_000)), ident
        if roll < 0.07 and not alone:
            return RUBBISH, chance.choice((b"5", b'"text"', b"[1]", b"null")), ""
        self._n += 1
        ident = f"{self._name}-{self._n}"
        return FRESH, self.vendor.item(ident, self._n), ident

    def heard(self, request: Request) -> None:
        """The request was acknowledged: its ids are known from now on, the oldest ones make room."""
        for ident in request.fresh:
            self._known.append((ident, int(ident.rpartition("-")[2])))
        if len(self._known) > 2_000:
            del self._known[:1_000]


def outcomes_of(answer: bytes) -> list[str]:
    """What a verbose answer says became of each input."""
    told: Any = msgspec.json.decode(answer)
    return [one["outcome"] for one in told["results"]]
