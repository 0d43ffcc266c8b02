"""CloudEvents over HTTP: the three modes say the same, source and id name an event, nothing is dropped."""

import base64
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from honeyguide.core import clock
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database
from honeyguide.funnel import Committer, create_source, decode, load_sources
from honeyguide.web.doors import Doors
from tests.unit.funnel.doors import basic, call
from tests.unit.funnel.test_ingest_door import logged, problem, totals

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DATA = {"orderId": "50", "total": 27.5, "currency": "EUR", "customerId": "c7"}
EVENT: dict[str, Any] = {
    "specversion": "1.0", "id": "A-1", "source": "/shop/berlin", "type": "com.acme.order.completed.v1",
    "subject": "customers/c7", "time": "2026-02-28T10:00:00Z", "datacontenttype": "application/json", "data": DATA,
}  # fmt: skip


async def make(db: Database, workspace: int) -> str:
    async with db.tx(workspace) as tx:
        return (await create_source(tx, "cloudevents", "shop"))[1]


async def events(db: Database, workspace: int) -> list[CanonicalEvent]:
    async with db.tx(workspace) as tx:
        sources = await load_sources(tx)
    return [e for row in await logged(db, workspace) for e in decode(row, sources[row["source_id"]])]


def binary(event: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    headers = {f"ce-{k}": str(v) for k, v in event.items() if k not in ("data", "datacontenttype")}
    return headers | {"content-type": event["datacontenttype"]}, msgspec.json.encode(event["data"])


async def test_the_three_modes_say_the_same(db: Database, workspace: int, door: Doors) -> None:
    key = await make(db, workspace)
    headers, body = binary(EVENT)
    structured = {"content-type": "application/cloudevents+json; charset=utf-8", "authorization": f"Bearer {key}"}
    batch = {"content-type": "application/cloudevents-batch+json"}
    with clock.frozen(NOW):
        assert (await call(door, "/v1/cloudevents", body, headers | basic(key))).status == 200
        second = msgspec.json.encode({**EVENT, "id": "A-2"})
        assert (await call(door, "/v1/cloudevents/", second, structured)).status == 200
        both = msgspec.json.encode([{**EVENT, "id": "A-3"}, {**EVENT, "source": "/shop/rom"}])
        assert (await call(door, f"/v1/cloudevents?key={key}", both, batch)).status == 200
    rows = await logged(db, workspace)
    assert [r["message_id"] for r in rows] == [
        "/shop/berlin A-1",
        "/shop/berlin A-2",
        "/shop/berlin A-3",
        "/shop/rom A-1",
    ]
    assert {(r["format"], r["kind"], r["event_time"]) for r in rows} == {
        ("cloudevents", "com.acme.order.completed.v1", datetime(2026, 2, 28, 10, tzinfo=UTC))
    }
    assert msgspec.json.decode(rows[0]["body"]) == EVENT
    assert rows[1]["body"] == second
    found = await events(db, workspace)
    assert {e.kind for e in found} == {"purchase.completed"}
    assert {(e.person.ext_id if e.person else None, e.props["amount_minor"], e.props["currency"]) for e in found} == {
        ("c7", 2750, "EUR")
    }


async def test_the_same_id_of_the_same_source_is_the_same_event(
    db: Database, workspace: int, door: Doors, committer: Committer
) -> None:
    key = await make(db, workspace)
    media = {"content-type": "application/cloudevents+json"} | basic(key)
    for event in (EVENT, EVENT, {**EVENT, "data": {}}, {**EVENT, "source": "/shop/berlin A-1", "id": "x"}):
        assert (await call(door, "/v1/cloudevents", msgspec.json.encode(event), media)).status == 200
    assert await totals(db, workspace, committer) == {"accepted": 2, "duplicate": 1, "mismatch": 1}


@pytest.mark.parametrize(
    ("change", "kind", "person", "company"),
    [
        ({"subject": "ann@acme.de", "data": {}}, "purchase.completed", "email:ann@acme.de", "domain:acme.de"),
        ({"subject": "org/1/users/42", "data": {}}, "purchase.completed", "42", None),
        ({"subject": "accounts:77", "data": {}}, "purchase.completed", None, "77"),
        ({"subject": "blobs/picture.png", "type": "storage.created", "data": {}}, "custom", None, None),
        ({"type": "identify.call", "data": {"type": "identify", "userId": "u", "traits": {"name": "Ann"}}}, "persona.identified", "u", None),
        ({"type": "deal.won", "subject": None, "data": {"deal_id": "d", "user": {"email": "b@acme.de"}}}, "deal.won", "email:b@acme.de", "domain:acme.de"),
        ({"data": "plain words"}, "purchase.completed", "c7", None),
        ({"data": [1, 2]}, "purchase.completed", "c7", None),
        ({"data": None, "data_base64": base64.b64encode(b'{"userId":"z"}').decode()}, "purchase.completed", "z", None),
        ({"data": None, "data_base64": base64.b64encode(b"\x00\xff").decode()}, "purchase.completed", "c7", None),
    ],
)  # fmt: skip
async def test_what_an_event_is_about(
    db: Database,
    workspace: int,
    door: Doors,
    change: dict[str, Any],
    kind: str,
    person: str | None,
    company: str | None,
) -> None:
    key = await make(db, workspace)
    event = {k: v for k, v in {**EVENT, **change}.items() if v is not None}
    media = {"content-type": "application/cloudevents+json"} | basic(key)
    assert (await call(door, "/v1/cloudevents", msgspec.json.encode(event), media)).status == 200
    [found] = await events(db, workspace)
    assert found.kind == kind
    assert (found.person.ext_id if found.person else None) == person
    assert (found.company.ext_id if found.company else None) == company


async def test_binary_data_of_other_kinds_is_kept(db: Database, workspace: int, door: Doors) -> None:
    key = await make(db, workspace)
    plain = {f"ce-{k}": EVENT[k] for k in ("specversion", "source", "type")} | basic(key)
    cases = [("text/plain", "größe".encode()), ("application/octet-stream", b"\x00\x01"), ("application/json", b"")]
    for n, (media, body) in enumerate(cases):
        headers = plain | {"ce-id": f"i{n}", "ce-partitionkey": "a%20b", "content-type": media}
        assert (await call(door, "/v1/cloudevents", body, headers)).status == 200
    bodies = [msgspec.json.decode(r["body"]) for r in await logged(db, workspace)]
    assert bodies[0]["data"] == "größe"
    assert base64.b64decode(bodies[1]["data_base64"]) == b"\x00\x01"
    assert "data" not in bodies[2]
    assert {b["partitionkey"] for b in bodies} == {"a b"}


async def test_what_is_none_is_refused_alone_and_a_dead_letter_in_a_batch(
    db: Database, workspace: int, door: Doors, committer: Committer
) -> None:
    key = await make(db, workspace)
    structured = {"content-type": "application/cloudevents+json"} | basic(key)
    bad = [b"{", b"[]", b"5", b'{"id":"1"}', msgspec.json.encode({**EVENT, "specversion": "0.3"}), b""]
    for body in bad:
        problem(await call(door, "/v1/cloudevents", body, structured), 400)
    problem(await call(door, "/v1/cloudevents", b"{}", {"content-type": "application/json"} | basic(key)), 400)
    problem(
        await call(door, "/v1/cloudevents", b"{}", {"content-type": "application/cloudevents+avro"} | basic(key)), 400
    )
    headers, _ = binary(EVENT)
    problem(await call(door, "/v1/cloudevents", b"{", headers | basic(key)), 400)
    problem(await call(door, "/v1/cloudevents", b"{}", structured | basic("hgw_" + "x" * 43)), 401)
    problem(await call(door, "/v1/cloudevents", b"{}", {"content-type": "application/cloudevents+json"}), 401)
    batch = {"content-type": "application/cloudevents-batch+json"} | basic(key)
    body = msgspec.json.encode([EVENT, 5, {"id": "1"}, EVENT])
    answer = await call(door, "/v1/cloudevents?verbose=1", body, batch)
    assert [r["outcome"] for r in answer.json()["results"]] == ["accepted", "dead_letter", "dead_letter", "duplicate"]
    assert await totals(db, workspace, committer) == {"accepted": 1, "duplicate": 1, "dead_letter": 2, "refused": 9}


async def test_a_sender_may_ask_whether_it_may_deliver(door: Doors) -> None:
    answer = await call(door, "/v1/cloudevents", method="OPTIONS", headers={"webhook-request-origin": "acme.example"})
    assert (answer.status, answer.headers["webhook-allowed-origin"]) == (200, "acme.example")
