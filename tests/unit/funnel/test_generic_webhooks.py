"""Webhooks of systems nobody described: never dropped, and whoever acted becomes a candidate."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from honeyguide.core import normalise
from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel import Source, decode
from honeyguide.funnel.events import Broken, event_id
from honeyguide.funnel.hook_envelopes import hook
from tests.unit.funnel.rows import AT


def read(body: Any) -> CanonicalEvent:
    [item] = hook("webhook", json.dumps(body).encode(), {}, AT)
    assert not isinstance(item, Broken)
    row = {
        "event_id": event_id(1, 1, "m"), "kind": item.kind, "message_id": "m", "event_time": AT, "received_at": AT,
        "format": item.format, "body": item.body,
    }  # fmt: skip
    [event] = decode(row, Source(1, 1, "webhook", "Erp", "", AT))
    return event


@pytest.mark.parametrize(
    ("body", "ext_id", "email"),
    [
        ({"email": "ana@acme.de"}, "email:ana@acme.de", "ana@acme.de"),
        ({"user": {"id": 7, "email": "ana@acme.de", "name": "Ana"}}, "7", "ana@acme.de"),
        ({"type": "x", "data": {"object": {"customer": {"id": "c1", "emailAddress": "ana@acme.de"}}}}, "c1", "ana@acme.de"),
        ({"event": {"actor": {"mail": "ana@acme.de"}}}, "email:ana@acme.de", "ana@acme.de"),
        ({"customer_email": "ana@acme.de", "customer_id": 9}, "9", "ana@acme.de"),
        ({"payload": {"requester_email": "ana@acme.de"}}, "email:ana@acme.de", "ana@acme.de"),
        ({"contacts": [{"id": "k1", "email": "ana@acme.de"}]}, "k1", "ana@acme.de"),
        ({"userId": "u1", "properties": {"plan": "pro"}}, "u1", None),
        ({"data": {"distinct_id": "d1"}}, "d1", None),
        ({"from": {"address": "ana@acme.de", "name": "Ana"}}, "email:ana@acme.de", "ana@acme.de"),
        ({"created_by": {"id": "p9", "name": "Ana"}}, "p9", None),
        ({"user": {"email": "not an address"}}, None, None),
        ({"text": "write to bob@acme.de", "note": {"email": "x@acme.de"}}, None, None),
        ({"assignee": {"email": "our.agent@us.com"}, "owner_email": "our@us.com"}, None, None),
        ({"user_id": "null", "customer_id": "undefined"}, None, None),
        ({"id": 5, "name": "Invoice 5"}, None, None),
        ({"user": [], "data": "x", "customer": 5, "event": None}, None, None),
    ],
)  # fmt: skip
def test_the_actor_is_found_in_the_usual_places(body: dict[str, Any], ext_id: str | None, email: str | None) -> None:
    event = read(body)
    assert event.kind == "custom"
    assert (event.person.ext_id if event.person else None) == ext_id
    assert (event.person.traits.get("email") if event.person else None) == email
    if email:
        assert event.company is not None
        assert event.company.ext_id == "domain:acme.de"


def test_depth_and_width_are_bounded() -> None:
    deep: dict[str, Any] = {"user": {"email": "ana@acme.de"}}
    for _ in range(500):
        deep = {"data": deep}
    assert read(deep).person is None
    wide = {"items": [{"data": {"items": [{"a": 1}] * 50}}] * 2_000}
    assert read(wide).kind == "custom"


def _payloads(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*/*.json")) + sorted(folder.glob("zendesk-api/*/*.json")):
        found = json.loads(file.read_text())
        if file.parent.name == "stripe-openapi":
            yield from ({"type": name, "data": {"object": thing}} for name, thing in found["resources"].items())
        elif file.parent.name == "rudder-sources-mit" and "output" not in file.name:
            for case in found:
                body = case.get("input", case) if isinstance(case, dict) else case
                yield from (b for b in (body if isinstance(body, list) else [body]) if isinstance(b, dict))
        elif isinstance(found, dict):
            yield found
    for line in (folder / "intercom-openapi" / "responses.jsonl").read_text().splitlines():
        found = json.loads(line)
        body = found.get("example", found.get("body", found))
        if isinstance(body, dict):
            yield body


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _addresses(one)
    elif isinstance(value, list):
        for one in value:
            yield from _addresses(one)
    elif isinstance(value, str) and normalise.email(value):
        yield value


def test_no_payload_of_anybody_is_dropped(shared_path: Callable[[str], Path]) -> None:
    """Every vector as the webhook of an unknown system. Printed: how often the actor is found where an address stands."""
    counted = Counter[str]()
    for body in _payloads(shared_path("vectors")):
        event = read(body)
        assert event.kind == "custom"
        assert event.name
        counted["read"] += 1
        told = {normalise.email(a) for a in _addresses(body)}
        if told:
            counted["with an address"] += 1
            counted["somebody found"] += event.person is not None
        if event.person is not None and "email" in event.person.traits:
            assert event.person.traits["email"] in told
    print(dict(counted))
    assert counted["read"] > 400
    assert counted["somebody found"] / counted["with an address"] > 0.6
