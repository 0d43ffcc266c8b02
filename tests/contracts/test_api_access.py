"""Who gets in and what they may do: every route x role, CSRF, keys, magic links."""

import asyncio
import re

import httpx
import pytest
from fastapi import APIRouter

from honeyguide.channels.sink import running
from honeyguide.core.ids import digest
from honeyguide.settings import Settings
from honeyguide.web import permissions, server
from honeyguide.web.auth import COOKIE, CSRF_HEADER, create_api_key, issue_link
from honeyguide.web.operators import ensure_operator
from honeyguide.web.server import Unclassified, create_api
from tests.contracts.conftest import House
from tests.contracts.routes import body, filled, routes
from tests.contracts.stage import BASE, ROLES

GUARDED = [(m, p, kind) for m, p, kind in routes() if not kind.startswith("public: ")]


def test_every_route_is_classified() -> None:
    assert all(kind.startswith("public: ") or kind in permissions.ALL for _, _, kind in routes())
    assert all(not kind.startswith("public: ") or not p.startswith("/api/") for _, p, kind in routes())


def test_an_unclassified_route_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    careless = APIRouter()

    @careless.get("/api/everything")
    async def everything() -> None: ...

    monkeypatch.setattr(server, "ROUTERS", (careless,))
    with pytest.raises(Unclassified, match="/api/everything"):
        create_api(None, Settings.load({}))


@pytest.mark.parametrize(("method", "path", "kind"), GUARDED)
async def test_every_route_knows_every_role(house: House, method: str, path: str, kind: str) -> None:
    """A role without the permission hears 403 (with ids of another workspace, so that nothing is changed)."""
    for role in ROLES:
        if path in ("/api/live", "/api/session/end"):
            continue
        answer = await house.roles[role].request(
            method, filled(path, house.theirs), json=body(path, house.theirs) if method == "POST" else None
        )
        allowed = kind in permissions.of_role(role)
        assert (answer.status_code != 403) == allowed, f"{role}: {answer.status_code} {answer.text}"


@pytest.mark.parametrize(("method", "path", "kind"), GUARDED)
async def test_nobody_gets_in_without_signing_in(house: House, method: str, path: str, kind: str) -> None:
    async with house.visitor() as client:
        for headers in ({}, {"authorization": "Bearer hgk_no"}, {"cookie": f"{COOKIE}=hgs_no"}):
            answer = await client.request(
                method, filled(path, house.ours), json=body(path, house.ours), headers=headers
            )
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(("method", "path", "kind"), [r for r in GUARDED if r[0] != "GET"])
async def test_cookie_writes_need_the_csrf_word_and_our_origin(house: House, method: str, path: str, kind: str) -> None:
    owner = house.roles["owner"]
    good = owner.headers[CSRF_HEADER]
    for headers in ({CSRF_HEADER: "guess"}, {CSRF_HEADER: ""}, {CSRF_HEADER: good, "origin": "https://evil.example"},
                    {CSRF_HEADER: good, "origin": "null"}):  # fmt: skip
        answer = await owner.request(method, filled(path, house.ours), json=body(path, house.ours), headers=headers)
        assert answer.status_code == 403
        assert answer.json()["type"].endswith(":csrf")


async def test_keys_have_scopes(house: House) -> None:
    async with house.db.tx(house.ours.workspace) as tx:
        keys = {scope: await create_api_key(tx, scope, [scope]) for scope in ("read", "write", "payouts")}
        stored = await tx.rows("select digest, prefix from api_key where workspace_id = $1", tx.workspace_id)
    assert {digest(k) for k in keys.values()} <= {r["digest"] for r in stored}
    assert all(len(r["prefix"]) <= 10 for r in stored)
    async with house.visitor() as client:
        for scope, key in keys.items():
            for method, path, kind in GUARDED:
                if path == "/api/live":
                    continue
                answer = await client.request(
                    method, filled(path, house.theirs), json=body(path, house.theirs) if method == "POST" else None,
                    headers={"authorization": f"Bearer {key}"},
                )  # fmt: skip
                allowed = kind in permissions.SCOPES[scope]
                assert (answer.status_code != 403) == allowed, f"{scope} {method} {path}: {answer.status_code}"


async def test_opening_a_sign_in_link_signs_nobody_in_and_pressing_works_once(house: House) -> None:
    async with house.db.tx(house.ours.workspace) as tx:
        operator = await ensure_operator(tx, "once@acme.example", "Once", "analyst")
        link = await issue_link(tx, operator.id, base_url=BASE)
        plain = await tx.value("select count(*) from operator_session where encode(digest, 'escape') like '%hgl_%'")
    assert plain == 0
    async with house.visitor() as client:
        for _ in range(3):  # a mail scanner
            shown = await client.get(link)
            assert shown.status_code == 200
            assert "set-cookie" not in shown.headers
        pressed = await client.post(link)
        assert pressed.status_code == 303
        cookie = pressed.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert (await client.get("/api/session")).json()["operator"]["role"] == "analyst"
        assert (await client.post(link)).status_code == 410
        assert (await client.get(link)).status_code == 410


async def test_two_presses_at_once_open_one_session(house: House) -> None:
    async with house.db.tx(house.ours.workspace) as tx:
        operator = await ensure_operator(tx, "twice@acme.example", "Twice", "analyst")
        link = await issue_link(tx, operator.id, base_url=BASE)
    async with house.visitor() as one, house.visitor() as two:
        answers = await asyncio.gather(one.post(link), two.post(link))
    assert sorted(a.status_code for a in answers) == [303, 410]


async def test_links_and_sessions_end(house: House) -> None:
    async with house.db.tx(house.ours.workspace) as tx:
        operator = await ensure_operator(tx, "late@acme.example", "Late", "analyst")
        late = await issue_link(tx, operator.id, minutes=0, base_url=BASE)
        link = await issue_link(tx, operator.id, base_url=BASE)
    async with house.visitor() as client:
        assert (await client.post(late)).status_code == 410
        await client.post(link)
        csrf = (await client.get("/api/session")).json()["csrf"]
        async with house.db.tx(house.ours.workspace) as tx:
            await tx.run(
                "update operator_session set used_at = used_at - interval '13 hours' where workspace_id = $1 and operator_id = $2",
                tx.workspace_id, operator.id,
            )  # fmt: skip
        assert (await client.get("/api/session")).status_code == 401  # idle for twelve hours
        async with house.db.tx(house.ours.workspace) as tx:
            await tx.run(
                "update operator_session set used_at = used_at + interval '13 hours' where workspace_id = $1 and operator_id = $2",
                tx.workspace_id, operator.id,
            )  # fmt: skip
        assert (await client.get("/api/session")).status_code == 200
        assert (await client.post("/api/session/end", headers={CSRF_HEADER: csrf})).status_code == 200
        assert (await client.get("/api/session")).status_code == 401


async def test_asking_for_a_link_tells_nothing_and_the_mail_brings_it(house: House) -> None:
    async with running(house.db, house.settings.sink_port), house.visitor() as client:
        known, unknown = [
            await client.post("/sign-in", data={"email": e})
            for e in ("ownerkestrel@acme.example", "nobody@acme.example")
        ]
        assert known.status_code == unknown.status_code == 200
        assert known.text.replace("ownerkestrel", "x") == unknown.text.replace("nobody", "x")
        raw = await _mail_to(house, "ownerkestrel@acme.example")
        found = re.search(rf"{BASE}/sign-in/(hgl_[\w-]+)", raw)
        assert found
        assert (await client.post(f"/sign-in/{found[1]}")).status_code == 303


async def _mail_to(house: House, address: str) -> str:
    for _ in range(100):
        async with house.db.tx(house.ours.workspace) as tx:
            raw: bytes | None = await tx.value(
                "select raw from sink_mail where workspace_id = $1 and recipient = $2 and subject like '%sign-in%'",
                tx.workspace_id, address,
            )  # fmt: skip
        if raw:
            return raw.replace(b"=\r\n", b"").decode()
        await asyncio.sleep(0.05)
    raise AssertionError("no mail came")


async def test_sign_in_forms_of_other_sites_are_refused(house: House) -> None:
    async with house.visitor() as client:
        answer = await client.post("/sign-in", data={"email": "a@b.co"}, headers={"origin": "https://evil.example"})
        assert answer.status_code == 403


def test_a_role_nobody_knows_may_do_nothing() -> None:
    assert permissions.of_role("root") == frozenset()
    assert permissions.of_scopes(["everything"]) == frozenset()


async def test_errors_are_problems_without_traces(house: House) -> None:
    owner: httpx.AsyncClient = house.roles["owner"]
    for path, status in (("/api/nothing", 404), ("/api/asks/not-an-id", 422), ("/api/personas?limit=0", 422),
                         ("/api/personas?after=%%%", 400), ("/api/personas/99999999999999999999", 422),
                         ("/api/personas/9999999999999999999", 404), ("/api/personas?q=%00", 422)):  # fmt: skip
        answer = await owner.get(path)
        assert answer.status_code == status, f"{path}: {answer.text}"
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) == {"type", "title", "status", "detail", "advice", "request_id"}
        assert "Traceback" not in answer.text
    answer = await owner.post(f"/api/asks/{house.ours.ask}/not-now", json={"reason": "other", "surprise": 1})
    assert answer.status_code == 422
    assert (await owner.delete("/api/session")).status_code == 405
