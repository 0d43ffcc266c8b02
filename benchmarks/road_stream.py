"""The stream of the road's benchmark: four systems that know the same people, in the shapes these systems send."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from honeyguide.funnel import NewEvent, Source, envelopes, hooks
from honeyguide.funnel.definitions import definition_of
from honeyguide.funnel.records import record_event

KINDS = ("hubspot", "stripe", "zendesk", "segment")
_START = datetime(2026, 3, 1, 8, tzinfo=UTC)
_WORDS = [
    "invoice",
    "export",
    "broken",
    "since",
    "upgrade",
    "report",
    "dashboard",
    "seats",
    "login",
    "team",
    "thanks",
    "urgent",
    "api",
    "limit",
    "error",
    "page",
]
_TITLES = ("Head of Sales", "VP Engineering", "CTO", "Office Manager", "Marketing Lead", "Data Analyst")
_FEATURES = ("reports", "api", "exports", "alerts", "sharing")


class Stream:
    """Endless payloads, a second apart. Most are about people and companies that were seen before."""

    def __init__(self, seed: int, people: int) -> None:
        self.rng, self.people, self.n = random.Random(seed), people, 0

    def take(self, sources: dict[str, Source], count: int) -> dict[str, list[NewEvent]]:
        """The next `count` payloads as rows of the log, by source."""
        found: dict[str, list[NewEvent]] = {kind: [] for kind in sources}
        for _ in range(count):
            self.n += 1
            at = _START + timedelta(seconds=37 * self.n)
            kind = self.rng.choices(KINDS, (25, 20, 20, 35))[0]
            made = {
                "hubspot": self._hubspot,
                "stripe": self._stripe,
                "zendesk": self._zendesk,
                "segment": self._segment,
            }
            found[kind] += made[kind](sources[kind], at)
        return found

    def _person(self) -> int:
        return int(self.rng.random() ** 1.6 * min(self.people, 20 + self.n // 3))

    def _hubspot(self, source: Source, at: datetime) -> list[NewEvent]:
        n = self._person()
        firm, when = n // 8, _iso(at)
        what = self.rng.choices(("contacts", "companies", "deals"), (6, 1, 2))[0]
        if what == "contacts":
            properties = {
                "email": _mail(n), "firstname": f"Person{n}", "lastname": f"Of{firm}", "jobtitle": _TITLES[n % 6],
                "phone": f"+4930{5_000_000 + n}", "mobilephone": None, "company": f"Firm {firm}", "city": "Berlin", "country": "Germany",
                "website": f"https://firm{firm}.example", "lifecyclestage": self.rng.choice(("lead", "opportunity", "customer")),
                "hubspot_owner_id": str(firm % 9), "associatedcompanyid": str(9_000 + firm), "hs_analytics_source": "OFFLINE",
                "num_associated_deals": str(n % 3), "createdate": _iso(_START), "lastmodifieddate": when, "hs_object_id": str(n),
            }  # fmt: skip
            record: dict[str, Any] = {"id": str(100_000 + n), "properties": properties}
        elif what == "companies":
            record = {"id": str(9_000 + firm), "properties": {
                "name": f"Firm {firm}", "domain": f"firm{firm}.example", "industry": "COMPUTER_SOFTWARE", "numberofemployees": "80",
                "city": "Berlin", "country": "Germany", "lifecyclestage": "customer", "hubspot_owner_id": str(firm % 9),
                "createdate": _iso(_START), "hs_lastmodifieddate": when,
            }}  # fmt: skip
        else:
            stage = self.rng.choice(("appointmentscheduled", "contractsent", "closedwon"))
            record = {"id": str(70_000 + n), "properties": {
                "dealname": f"Deal {n}", "dealstage": stage, "pipeline": "default", "amount": str(1_000 + n), "deal_currency_code": "EUR",
                "hubspot_owner_id": str(firm % 9), "closedate": when, "createdate": _iso(_START), "hs_lastmodifieddate": when,
            }, "full": [{"id": str(70_000 + n), "associations": {
                "contacts": {"results": [{"id": str(100_000 + n), "type": "deal_to_contact"}]},
                "companies": {"results": [{"id": str(9_000 + firm), "type": "deal_to_company"}]},
            }, "propertiesWithHistory": {"dealstage": [
                {"value": stage, "timestamp": when, "sourceType": "CRM_UI"},
                {"value": "appointmentscheduled", "timestamp": _iso(_START), "sourceType": "CRM_UI"},
            ]}}]}  # fmt: skip
        record |= {"createdAt": _iso(_START), "updatedAt": when, "archived": False}
        return self._record(source, what, record, at)

    def _zendesk(self, source: Source, at: datetime) -> list[NewEvent]:
        n = self._person()
        firm, when = n // 8, _iso(at)
        if self.rng.random() < 0.25:
            user = {
                "id": 400_000 + n, "url": f"https://x.zendesk.com/api/v2/users/{n}.json", "name": f"Person{n} Of{firm}", "email": _mail(n),
                "created_at": _iso(_START), "updated_at": when, "time_zone": "Berlin", "iana_time_zone": "Europe/Berlin", "phone": None,
                "locale": "de", "organization_id": 5_000 + firm, "role": "end-user", "verified": True, "active": True, "tags": [],
                "suspended": False, "user_fields": {"plan": "pro"}, "external_id": None, "notes": "", "shared": False,
            }  # fmt: skip
            return self._record(source, "users", user, at)
        status = self.rng.choice(("open", "pending", "solved"))
        ticket = {
            "id": 30_000 + n * 2 + self.n % 2, "url": f"https://x.zendesk.com/api/v2/tickets/{n}.json", "external_id": None,
            "via": {"channel": "email", "source": {"from": {"address": _mail(n), "name": f"Person{n} Of{firm}"}, "to": {}, "rel": None}},
            "created_at": _iso(at - timedelta(hours=3)), "updated_at": when, "type": "incident", "subject": self._text(5),
            "raw_subject": self._text(5), "description": self._text(40), "priority": self.rng.choice(("low", "normal", "high")),
            "status": status, "recipient": None, "requester_id": 400_000 + n, "submitter_id": 400_000 + n, "assignee_id": 77,
            "organization_id": 5_000 + firm, "group_id": 12, "tags": ["billing", "pro"], "custom_fields": [{"id": 1, "value": None}],
            "satisfaction_rating": {"score": "unoffered"}, "metric_set": {"solved_at": when if status == "solved" else None},
        }  # fmt: skip
        return self._record(source, "tickets", ticket, at)

    def _record(self, source: Source, stream: str, record: dict[str, Any], at: datetime) -> list[NewEvent]:
        definition = definition_of(source)
        if definition is None:
            raise RuntimeError(f"no definition of {source.kind}")
        made = record_event(stream, definition.streams[stream], msgspec.json.encode(record), at)
        return [made] if isinstance(made, NewEvent) else []

    def _stripe(self, source: Source, at: datetime) -> list[NewEvent]:
        n = self._person()
        firm, second = n // 8, int(at.timestamp())
        price = {
            "id": f"price_{firm % 4}",
            "object": "price",
            "nickname": "Pro",
            "unit_amount": 4_900,
            "product": "prod_crm",
        }
        kind = self.rng.choice(("invoice.paid", "customer.subscription.updated", "charge.failed", "customer.updated"))
        objects: dict[str, dict[str, Any]] = {
            "invoice.paid": {
                "object": "invoice", "id": f"in_{self.n}", "customer": f"cus_{firm}", "customer_email": _mail(firm * 8), "status": "paid",
                "customer_name": f"Firm {firm}", "amount_paid": 4_900, "amount_due": 4_900, "total": 4_900, "currency": "eur",
                "subscription": f"sub_{firm}", "lines": {"object": "list", "data": [
                    {"id": f"il_{self.n}", "object": "line_item", "amount": 4_900, "quantity": 1, "price": price}]},
            },
            "customer.subscription.updated": {
                "object": "subscription", "id": f"sub_{firm}", "customer": f"cus_{firm}", "status": "active", "currency": "eur",
                "items": {"object": "list", "data": [{"id": f"si_{firm}", "quantity": 3 + self.n % 3, "price": price}]},
            },
            "charge.failed": {
                "object": "charge", "id": f"ch_{self.n}", "customer": f"cus_{firm}", "amount": 4_900, "currency": "eur", "paid": False,
                "billing_details": {"email": _mail(firm * 8), "name": f"Person{firm * 8} Of{firm}", "phone": None},
                "failure_code": "card_declined", "failure_message": "Your card was declined.", "invoice": f"in_{self.n - 1}",
            },
            "customer.updated": {
                "object": "customer", "id": f"cus_{firm}", "email": _mail(firm * 8), "name": f"Firm {firm}", "currency": "eur",
                "address": {"city": "Berlin", "country": "DE"}, "balance": 0, "delinquent": False, "metadata": {},
            },
        }  # fmt: skip
        before = {"items": {"data": [{"quantity": 2, "price": price}]}} if "subscription" in kind else {}
        body = {
            "id": f"evt_{self.n}", "object": "event", "api_version": "2025-03-31", "created": second, "type": kind,
            "data": {"object": objects[kind] | {"created": second, "livemode": True}, "previous_attributes": before},
            "livemode": True, "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None},
        }  # fmt: skip
        heard = hooks.heard(source, msgspec.json.encode(body), {}, at)
        return [one for one in heard.inputs if isinstance(one, NewEvent)]

    def _segment(self, source: Source, at: datetime) -> list[NewEvent]:
        n = self._person()
        firm = n // 8
        item: dict[str, Any] = {
            "messageId": f"m{self.n}", "anonymousId": f"browser-{n}", "userId": f"u{n}", "timestamp": _iso(at), "sentAt": _iso(at),
            "context": {
                "library": {"name": "analytics.js", "version": "2.1.0"}, "ip": "203.0.113.9", "locale": "de-DE",
                "page": {"path": "/app", "url": "https://app.example/app", "title": "App", "referrer": ""},
                "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
                "groupId": f"firm{firm}",
            },
        }  # fmt: skip
        if self.rng.random() < 0.2:
            traits = {"email": _mail(n), "name": f"Person{n} Of{firm}", "title": _TITLES[n % 6], "plan": "pro"}
            item |= {"type": "identify", "traits": traits}
        else:
            properties = {"product": "crm", "feature": _FEATURES[self.n % 5], "duration_ms": self.n % 900, "seats": 4}
            item |= {"type": "track", "event": "Feature Used", "properties": properties}
        parsed = envelopes.segment_call(item["type"], msgspec.json.encode(item), at)
        return [one for one in parsed.inputs if isinstance(one, NewEvent)]

    def _text(self, words: int) -> str:
        return " ".join(self.rng.choices(_WORDS, k=words))


def _mail(n: int) -> str:
    return f"person{n}@firm{n // 8}.example"


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
