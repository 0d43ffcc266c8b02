"""Six companies whose head of operations had an urgent ticket solved within the hour and rated it 5."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.journeys.product import Product

NOW = datetime.now(UTC)
FIRMS = [("Nordlicht Logistik", "nordlicht.example"), ("Aurora Clinics", "aurora.example"), ("Brightwell Foods", "brightwell.example"),
         ("Castellan Legal", "castellan.example"), ("Dunes Energy", "dunes.example"), ("Everline Textiles", "everline.example")]  # fmt: skip
ZENDESK_SECRET = "zendesk-signing-secret"


def ago(**delta: float) -> str:
    """A time that long before the tests began, as sources write it."""
    return (NOW - timedelta(**delta)).isoformat().replace("+00:00", "Z")


def crm(number: int, firm: str, domain: str) -> list[dict[str, Any]]:
    """A company and its head of operations, as a CRM tells of them."""
    who = f"lena{number}@{domain}"
    return [
        {"type": "group", "messageId": f"g{number}", "groupId": f"co-{number}", "userId": f"hs-{number}", "timestamp": ago(days=200),
         "traits": {"name": firm, "domain": domain, "employees": 80, "segment": "smb", "industry": "logistics"}},
        {"type": "identify", "messageId": f"i{number}", "userId": f"hs-{number}", "timestamp": ago(days=200),
         "context": {"groupId": f"co-{number}"},
         "traits": {"email": who, "name": f"Lena Vogt {number}", "title": "Head of Operations", "consent_email": True,
                    "company": {"id": f"co-{number}", "name": firm, "domain": domain}}},
    ]  # fmt: skip


def zendesk(product: Product, key: str, number: int, domain: str) -> None:
    """An urgent ticket, solved within the hour and rated 5, by Zendesk's signed webhooks."""
    ticket = {
        "id": f"48{number}", "subject": "Export stands still", "description": "Our nightly export has stopped, dispatch is blind.",
        "priority": "URGENT", "requester_id": f"z-{number}", "organization_id": f"zo-{number}",
        "requester": {"id": f"z-{number}", "name": f"Lena Vogt {number}", "email": f"lena{number}@{domain}"},
        "via": {"channel": "email"}, "tags": [],
    }  # fmt: skip
    steps = [
        ("created", {**ticket, "status": "OPEN", "created_at": ago(hours=5), "updated_at": ago(hours=5)}, {}, 5.0),
        ("status_changed", {**ticket, "status": "SOLVED", "created_at": ago(hours=5), "updated_at": ago(hours=4)},
         {"current": "SOLVED", "previous": "OPEN"}, 4.0),
        ("csat_response_received", {**ticket, "status": "SOLVED", "updated_at": ago(hours=3)},
         {"satisfaction_rating": {"score": 5, "comment": "Fixed within the hour, thank you so much!"}}, 3.0),
    ]  # fmt: skip
    for name, detail, event, hours in steps:
        body = json.dumps(
            {"type": f"zen:event-type:ticket.{name}", "id": f"zen-{number}-{name}", "time": ago(hours=hours), "account_id": 1,
             "subject": f"zen:ticket:48{number}", "detail": detail, "event": event, "zendesk_event_version": "2022-11-06"}
        ).encode()  # fmt: skip
        stamp = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        sign = base64.b64encode(hmac.new(ZENDESK_SECRET.encode(), stamp.encode() + body, hashlib.sha256).digest())
        done = httpx.post(
            f"{product.base}/hooks/{key}", content=body, timeout=30,
            headers={"content-type": "application/json", "x-zendesk-webhook-signature": sign.decode(),
                     "x-zendesk-webhook-signature-timestamp": stamp},
        )  # fmt: skip
        assert done.status_code == 200, done.text


def deliver_the_past(product: Product) -> str:
    """Send all of it; returns the key of the CRM's source."""
    sales = product.source("segment", "hubspot", None, "--server-only")
    desk = product.source("zendesk", "zendesk", ZENDESK_SECRET)
    for number, (firm, domain) in enumerate(FIRMS, start=1):
        product.send(sales, *crm(number, firm, domain))
        zendesk(product, desk, number, domain)
    return sales
