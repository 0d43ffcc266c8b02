"""The door over raw ASGI: keys, limits, gzip, batches, webhooks, and what each answer promises."""

import gzip
import hmac
import zlib
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from honeyguide.core.errors import TooMuch, Unavailable
from honeyguide.db import Database
from honeyguide.funnel import Committer, Source, create_source, dead_letters, source_totals
from honeyguide.web.doors import Doors
from tests.unit.funnel.doors import Answer, basic, call

EVENT = b'{ "type":"track","event":"x", "userId":"u1","messageId":"m1","deep":{"b":[1, 2]} }'


async def make(db: Database, workspace: int, kind: str = "segment", name: str = "product", secret: str | None = None) -> tuple[Source, str]:  # fmt: skip
    async with db.tx(workspace) as tx:
        return await create_source(tx, kind, name, secret)


async def logged(db: Database, workspace: int) -> list[Any]:
    async with db.tx(workspace) as tx:
        return await tx.rows("select * from event_log where workspace_id = $1 order by seq", workspace)


async def totals(db: Database, workspace: int, committer: Committer) -> dict[str, int]:
    await committer.close()
    async with db.tx(workspace) as tx:
        found = (await source_totals(tx))[0]
    return {k: found[k] for k in ("accepted", "duplicate", "mismatch", "dead_letter", "refused") if found[k]}


def problem(answer: Answer, status: int) -> dict[str, Any]:
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert set(found) == {"type", "title", "status", "detail", "advice", "request_id"}
    assert found["title"].endswith(".")
    return dict(found)


async def test_bytes_are_kept_as_sent(db: Database, workspace: int, door: Doors) -> None:
    _, key = await make(db, workspace)
    answer = await call(door, "/v1/track", EVENT, basic(key))
    assert (answer.status, answer.json()) == (200, {"success": True})
    browser = await call(door, "/v1/track", EVENT, {**basic(key), "origin": "https://shop.example"})
    assert (browser.status, browser.headers["access-control-allow-origin"]) == (200, "*")
    batch = b'{"batch":[' + EVENT.replace(b"m1", b"m2") + b' ,  {"type":"page","messageId":"m3"}],"sentAt":null}'
    assert (await call(door, "/v1/batch", batch, basic(key))).status == 200
    rows = await logged(db, workspace)
    assert [r["body"] for r in rows] == [EVENT, EVENT.replace(b"m1", b"m2"), b'{"type":"page","messageId":"m3"}']
    assert [r["kind"] for r in rows] == ["track", "track", "page"]


async def test_the_key_may_stand_in_the_body_and_the_body_in_pieces(db: Database, workspace: int, door: Doors) -> None:
    _, key = await make(db, workspace)
    body = msgspec.json.encode({"writeKey": key, "type": "track", "event": "x"})
    assert (await call(door, "/v1/t", [body[:7], body[7:20], body[20:]])).status == 200
    batch = msgspec.json.encode({"writeKey": key, "batch": [{"type": "track", "event": "y"}]})
    assert (await call(door, "/v1/b", batch)).status == 200
    assert len(await logged(db, workspace)) == 2


@pytest.mark.parametrize(
    "headers", [{}, basic("hgw_" + "x" * 43), basic(""), {"authorization": "Bearer x"}, {"authorization": "Basic ???"}]
)
async def test_an_unknown_key_is_401(db: Database, workspace: int, door: Doors, headers: dict[str, str]) -> None:
    problem(await call(door, "/v1/track", EVENT, headers), 401)


async def test_what_is_no_event_is_400_and_counted(
    db: Database, workspace: int, door: Doors, committer: Committer
) -> None:
    _, key = await make(db, workspace)
    for path, body in (
        ("track", b"["),
        ("track", b"[]"),
        ("track", b"\xff"),
        ("batch", b"{}"),
        ("batch", b'{"batch":1}'),
        ("track", b""),
    ):
        problem(await call(door, f"/v1/{path}", body, basic(key)), 400)
    assert await totals(db, workspace, committer) == {"refused": 6}


async def test_limits(db: Database, workspace: int, door: Doors, committer: Committer) -> None:
    _, key = await make(db, workspace)
    big = b'{"event":"' + b"x" * 32_000 + b'"}'
    problem(await call(door, "/v1/track", big, basic(key)), 413)
    problem(await call(door, "/v1/track", [big[:9_000]] * 4, basic(key)), 413)
    problem(await call(door, "/v1/track", [b"{", b"}"], {**basic(key), "content-length": "999999"}), 413)
    huge = b'{"batch":[' + b",".join([b'{"event":"' + b"x" * 30_000 + b'"}'] * 17) + b"]}"
    problem(await call(door, "/v1/batch", huge, basic(key)), 413)
    mixed = b'{"batch":[' + big + b',{"event":"ok"}, 5]}'
    answer = await call(door, "/v1/batch?verbose=1", mixed, basic(key))
    assert [r["outcome"] for r in answer.json()["results"]] == ["dead_letter", "accepted", "dead_letter"]
    assert await totals(db, workspace, committer) == {"accepted": 1, "dead_letter": 2, "refused": 4}
    async with db.tx(workspace) as tx:
        assert [(x.reason, x.body) for x in await dead_letters(tx)] == [("not_an_object", b"5"), ("too_large", big)]


async def test_gzip_and_its_bombs(db: Database, workspace: int, door: Doors) -> None:
    _, key = await make(db, workspace)
    zipped = {**basic(key), "content-encoding": "gzip"}
    assert (await call(door, "/v1/track", gzip.compress(EVENT), zipped)).status == 200
    assert (await logged(db, workspace))[0]["body"] == EVENT
    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < 500_000
    problem(await call(door, "/v1/batch", bomb, zipped), 413)
    for body in (b"no gzip", gzip.compress(EVENT)[:-9], zlib.compress(EVENT)):
        problem(await call(door, "/v1/track", body, zipped), 400)
    problem(await call(door, "/v1/track", EVENT, {**basic(key), "content-encoding": "br"}), 400)


async def test_verbose_says_what_became_of_each(db: Database, workspace: int, door: Doors) -> None:
    _, key = await make(db, workspace)
    body = b'{"batch":[{"messageId":"a","n":1},{"messageId":"a","n":1},{"messageId":"a","n":2}]}'
    answer = await call(door, "/v1/batch?verbose=1", body, basic(key))
    assert [(r["messageId"], r["outcome"]) for r in answer.json()["results"]] == [
        ("a", "accepted"), ("a", "duplicate"), ("a", "mismatch"),
    ]  # fmt: skip
    assert (await call(door, "/v1/batch", b'{"batch":[]}', basic(key))).status == 200


async def test_browsers_may_send(door: Doors) -> None:
    answer = await call(door, "/v1/track", method="OPTIONS")
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, "*")
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert (await call(door, "/v1/track", method="GET")).status == 405


def test_which_paths_are_ours() -> None:
    door = Doors(None, None)  # type: ignore[arg-type]
    assert all(door.handles(p) for p in ("/v1/track", "/v1/batch", "/v1/import", "/hooks/hgw_x", "/v1/t"))
    assert not any(
        door.handles(p) for p in ("/v1", "/v1/tracks", "/v1/track/x", "/hooks/", "/hooks/a/b", "/api/session", "/v1/x")
    )


@pytest.mark.parametrize(("failure", "status"), [(TooMuch("Full."), 429), (Unavailable("Gone."), 503)])
async def test_what_was_not_committed_is_never_200(
    db: Database, workspace: int, door: Doors, committer: Committer, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int
) -> None:  # fmt: skip
    _, key = await make(db, workspace)

    async def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(committer, "submit", fail)
    answer = await call(door, "/v1/track", EVENT, basic(key))
    problem(answer, status)
    assert int(answer.headers["retry-after"]) >= 1


async def test_a_paused_source_is_refused(db: Database, workspace: int, door: Doors, committer: Committer) -> None:
    _, key = await make(db, workspace)
    async with db.tx(workspace) as tx:
        await tx.run("update source set paused_at = $2 where workspace_id = $1", workspace, datetime.now(UTC))
    problem(await call(door, "/v1/track", EVENT, basic(key)), 403)
    assert await totals(db, workspace, committer) == {"refused": 1}


def stripe_headers(secret: str, body: bytes, when: int | None = None) -> dict[str, str]:
    seconds = str(when or int(datetime.now(UTC).timestamp()))
    made = hmac.new(secret.encode(), seconds.encode() + b"." + body, "sha256").hexdigest()
    return {"stripe-signature": f"t={seconds},v1={made}"}


async def test_signed_webhooks(db: Database, workspace: int, door: Doors, committer: Committer) -> None:
    _, token = await make(db, workspace, "stripe", "stripe", "whsec_test")
    body = b'{"id": "evt_1", "type":"invoice.paid","created":1700000000,"data":{"object":{"object":"invoice","amount_paid":1050,"currency":"eur"}}}'
    path = f"/hooks/{token}"
    assert (await call(door, path, body, stripe_headers("whsec_test", body))).status == 200
    assert (await call(door, path, body, stripe_headers("whsec_test", body))).status == 200  # a retry of the sender
    for headers in (
        {},
        stripe_headers("wrong", body),
        stripe_headers("whsec_test", body + b" "),
        stripe_headers("whsec_test", body, 1_700_000_000),
    ):
        problem(await call(door, path, body, headers), 401)
    problem(await call(door, "/hooks/hgw_unknown", body, stripe_headers("whsec_test", body)), 404)
    rows = await logged(db, workspace)
    assert [(r["format"], r["kind"], r["message_id"], r["body"]) for r in rows] == [
        ("webhook", "invoice.paid", "evt_1", body)
    ]
    assert rows[0]["event_time"].timestamp() == 1_700_000_000
    assert await totals(db, workspace, committer) == {"accepted": 1, "duplicate": 1, "refused": 4}


async def test_signed_rubbish_is_a_dead_letter_not_an_error(
    db: Database, workspace: int, door: Doors, committer: Committer
) -> None:
    _, token = await make(db, workspace, "stripe", "stripe", "whsec_test")
    for body in (b"{", b"5", b"", b"[1,{]"):
        assert (await call(door, f"/hooks/{token}", body, stripe_headers("whsec_test", body))).status == 200
    assert await totals(db, workspace, committer) == {"dead_letter": 4}


async def test_lists_of_webhooks_are_split_with_their_own_ids(db: Database, workspace: int, door: Doors) -> None:
    _, token = await make(db, workspace, "hubspot", "crm")
    one = {
        "portalId": 1,
        "eventId": 2,
        "subscriptionId": 3,
        "objectId": 4,
        "occurredAt": 1_564_113_600_000,
        "subscriptionType": "contact.creation",
    }
    body = msgspec.json.encode([one, {**one, "eventId": 9}])
    assert (await call(door, f"/hooks/{token}", body)).status == 200
    rows = await logged(db, workspace)
    assert [(r["message_id"], r["kind"]) for r in rows] == [
        ("1:2:3:4:1564113600000", "contact.creation"), ("1:9:3:4:1564113600000", "contact.creation"),
    ]  # fmt: skip
    assert rows[0]["event_time"].isoformat() == "2019-07-26T04:00:00+00:00"


async def test_deliveries_are_known_by_their_header(db: Database, workspace: int, door: Doors) -> None:
    _, token = await make(db, workspace, "github", "code")
    headers = {"x-github-delivery": "d1", "x-github-event": "issues"}
    for _ in range(2):
        assert (await call(door, f"/hooks/{token}", b'{"action":"opened"}', headers)).status == 200
    rows = await logged(db, workspace)
    assert [(r["message_id"], r["kind"]) for r in rows] == [("d1", "issues")]


async def test_a_caller_that_hangs_up_leaves_nothing(db: Database, workspace: int, door: Doors) -> None:
    _, key = await make(db, workspace)
    sent: list[Any] = []
    messages = [{"type": "http.request", "body": EVENT[:10], "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(k.encode(), v.encode()) for k, v in basic(key).items()]
    await door({"type": "http", "method": "POST", "path": "/v1/track", "headers": headers}, receive, send)
    assert (sent, await logged(db, workspace)) == ([], [])
