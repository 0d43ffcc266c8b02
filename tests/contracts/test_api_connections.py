"""Connections over HTTP: connect, test, preview, change, sync; secrets never come back; what others may not do."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from honeyguide.connectors.sync import sync_due
from honeyguide.db import Database
from honeyguide.funnel.definitions import library
from honeyguide.funnel.sources import change_settings, load_sources
from honeyguide.settings import Settings
from tests.contracts.stage import BASE, served, signed_in
from tests.journeys.hubspot import TOKEN, definition_at, portal
from tests.vendor import DEFINITION, Vendor, refused, vendor


class Desk:
    """The application with a vendor beside it, and browsers of several roles."""

    def __init__(
        self, db: Database, workspace: int, settings: Settings, acme: Vendor, roles: dict[str, httpx.AsyncClient]
    ) -> None:
        self.db, self.workspace, self.settings, self.acme = db, workspace, settings, acme
        self.roles, self.owner = roles, roles["owner"]

    async def connect(self, **more: Any) -> Any:
        body = {
            "name": "Acme",
            "definition": DEFINITION,
            "config": {"base": self.acme.url},
            "secrets": {"token": "t0"},
        } | more
        answer = await self.owner.post("/api/connections", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture
async def desk(db: Database, workspace: int, tmp_path: Path) -> AsyncIterator[Desk]:
    settings = Settings.load(
        {"HONEYGUIDE_DATA": str(tmp_path), "HONEYGUIDE_BASE_URL": BASE, "HONEYGUIDE_ALLOW_PRIVATE_HOSTS": "127.0.0.1"}
    )
    with vendor() as acme:
        acme.add(*range(1, 13))
        async with served(db, settings) as app:
            roles = {
                r: await signed_in(app, db, workspace, r, "desk") for r in ("owner", "marketer", "finance", "analyst")
            }
            yield Desk(db, workspace, settings, acme, roles)
            for client in roles.values():
                await client.aclose()


async def test_one_that_shall_wait_is_tested_and_previewed_before_anything_is_fetched(desk: Desk) -> None:
    made = await desk.connect(start=False)
    where = f"/api/connections/{made['id']}"
    assert made["state"] == "paused"
    assert (await desk.owner.post(f"{where}/test")).json()["ok"]
    seen = (await desk.owner.get(f"{where}/preview", params={"stream": "contacts"})).json()
    assert seen["rows"]
    assert await sync_due(desk.db, desk.workspace, desk.settings) == 0
    listed = {row["id"]: row for row in (await desk.owner.get("/api/sources")).json()["rows"]}
    assert listed[made["id"]]["accepted"] == 0
    assert listed[made["id"]]["connection"]["state"] == "paused"
    assert (await desk.owner.post(f"{where}/resume")).json()["state"] == "new"
    await sync_due(desk.db, desk.workspace, desk.settings)
    assert (await desk.owner.get(f"/api/sources/{made['id']}")).json()["accepted"] > 0


async def test_from_connecting_to_a_synced_stream(desk: Desk) -> None:
    made = await desk.connect()
    assert (made["state"], made["connector"], made["secrets"]) == ("new", "acme-crm", ["token"])
    assert [s["name"] for s in made["streams"]] == ["contacts"]
    where = f"/api/connections/{made['id']}"
    tested = (await desk.owner.post(f"{where}/test")).json()
    assert tested["ok"], tested
    assert tested["streams"] == [{"name": "contacts", "ok": True, "problem": "", "advice": "", "records": 1}]
    shown = (await desk.owner.get(f"{where}/preview", params={"n": 2})).json()
    assert [r["record"]["id"] for r in shown["rows"]] == ["1", "2"]
    assert shown["rows"][0]["events"][0]["kind"] == "persona.identified"
    assert shown["rows"][0]["events"][0]["person"]["traits"]["email"] == "p1@firm1.example"
    async with desk.db.tx(desk.workspace) as tx:
        assert await tx.value("select count(*) from event_log where workspace_id = $1", desk.workspace) == 0
    await sync_due(desk.db, desk.workspace, desk.settings)
    now = (await desk.owner.get(where)).json()
    (stream,) = now["streams"]
    assert (now["state"], stream["state"], stream["rows"], stream["progress"]) == (
        "ok",
        "ok",
        12,
        {"done": 12, "total": 12},
    )
    assert (now["runs"][0]["new"], now["runs"][0]["requests"]) == (12, 2)
    again = (await desk.owner.post(f"{where}/sync", json={"stream": "contacts", "full": True})).json()
    assert again["id"] == made["id"]
    assert await sync_due(desk.db, desk.workspace, desk.settings) == 12


async def test_no_answer_ever_holds_a_secret(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    made = await desk.connect(secrets={"token": "sesame-9f3"})
    where = f"/api/connections/{made['id']}"
    answers = [made, *[(await desk.owner.request(m, f"{where}{p}", json={} if m == "POST" else None)).json() for m, p in (
        ("GET", ""), ("POST", "/test"), ("GET", "/preview"), ("POST", "/sync"), ("POST", "/pause"), ("POST", "/resume"))],
        (await desk.owner.put(where, json={"secrets": {"token": "sesame-9f3"}})).json(),
        (await desk.owner.get("/api/audit")).json(), (await desk.owner.get("/api/sources")).json()]  # fmt: skip
    await sync_due(desk.db, desk.workspace, desk.settings)
    answers.append((await desk.owner.get(where)).json())
    assert answers[-1]["state"] == "needs_auth"
    assert "sesame-9f3" not in str(answers)
    assert "sesame-9f3" not in caplog.text


async def test_what_is_wrong_is_said_in_plain_words(desk: Desk) -> None:
    made = await desk.connect(secrets={"token": "wrong"})
    tested = (await desk.owner.post(f"/api/connections/{made['id']}/test")).json()
    assert not tested["ok"]
    assert tested["problem"] == "Acme CRM refused the token (401). It says: The token is not valid."
    assert "Enter new credentials" in tested["advice"]
    scoped = await desk.connect(
        name="Scoped", definition=DEFINITION.replace("{path: /contacts,", "{path: /secret-scope,")
    )
    tested = (await desk.owner.post(f"/api/connections/{scoped['id']}/test")).json()
    assert "crm.objects.contacts.read" in tested["problem"]
    gone = await desk.connect(name="Gone", config={"base": "https://nowhere.invalid"})
    tested = (await desk.owner.post(f"/api/connections/{gone['id']}/test")).json()
    assert tested["problem"].startswith("There is no server called nowhere.invalid")


@pytest.mark.parametrize(
    "base",
    [
        "http://169.254.169.254/latest",
        "http://10.0.0.1",
        "https://localhost:1",
        "http://[::1]:80",
        "file:///etc/passwd",
    ],
)
async def test_connections_do_not_reach_into_the_network(desk: Desk, base: str) -> None:
    made = await desk.connect(config={"base": base})
    tested = (await desk.owner.post(f"/api/connections/{made['id']}/test")).json()
    assert not tested["ok"]
    assert "root:" not in str(tested)
    assert desk.acme.asked == []


async def test_pause_resume_and_change(desk: Desk) -> None:
    made = await desk.connect()
    where = f"/api/connections/{made['id']}"
    assert (await desk.owner.post(f"{where}/pause")).json()["state"] == "paused"
    assert await sync_due(desk.db, desk.workspace, desk.settings) == 0
    assert (await desk.owner.post(f"{where}/resume")).json()["state"] == "new"
    changed = (await desk.owner.put(where, json={"streams": []})).json()
    assert [s["state"] for s in changed["streams"]] == ["off"]
    assert (await desk.owner.put(where, json={"streams": ["none"]})).status_code == 400
    assert (await desk.owner.put(where, json={"config": {"colour": "red"}})).status_code == 400
    assert (await desk.owner.put(where, json={"surprise": 1})).status_code == 422
    assert (await desk.owner.post(f"{where}/sync", json={"stream": "none"})).status_code == 404
    trail = {row["action"] for row in (await desk.owner.get("/api/audit")).json()["rows"]}
    assert {"connection.created", "connection.paused", "connection.resumed", "connection.changed"} <= trail


async def test_credentials_do_not_follow_to_another_address(desk: Desk) -> None:
    """Who may change a connection but does not know its token must not be able to have it sent to them."""
    made = await desk.connect()
    where = f"/api/connections/{made['id']}"
    with vendor() as eve:
        moved = await desk.owner.put(where, json={"config": {"base": eve.url}})
        assert moved.status_code == 400
        assert moved.json()["type"].endswith(":credentials_needed")
        await desk.owner.post(f"{where}/test")
        assert eve.asked == []
        moved = await desk.owner.put(where, json={"config": {"base": eve.url}, "secrets": {"token": "mine"}})
        assert moved.status_code == 200
        await desk.owner.post(f"{where}/test")
        assert eve.asked[0][3]["authorization"] == "Bearer mine"


async def test_what_is_laid_over_a_definition_moves_no_credentials(desk: Desk) -> None:
    made = await desk.connect()
    with vendor() as eve:
        async with desk.db.tx(desk.workspace) as tx:
            source = (await load_sources(tx))[int(made["id"])]
            await change_settings(
                tx,
                source,
                source.settings | {"overrides": {"http": {"base": eve.url}, "maps": {"contacts": {"ref": "X {id}"}}}},
            )
        shown = (await desk.owner.get(f"/api/connections/{made['id']}/preview", params={"n": 1})).json()
        assert eve.asked == []
    assert shown["rows"][0]["events"][0]["ref"] == "X 1"


@pytest.mark.parametrize("body", [
    {"name": "X"}, {"name": "X", "connector": "nothing"}, {"name": "", "connector": "x"}, {"name": "X", "definition": "a: ["},
    {"name": "X", "definition": "connector: x\nlabel: X\nstreams: {}\nmaps: {}"}, {"name": "\x00", "connector": "x"},
    {"name": "X", "definition": DEFINITION, "config": {"base": "http://x"}},
    {"name": "X", "definition": DEFINITION, "config": {"base": "http://x"}, "secrets": {"token": "a\x00b"}},
    {"name": "X", "definition": DEFINITION, "config": {"base": "http://x"}, "secrets": {"token": "a"}, "streams": ["no"]},
])  # fmt: skip
async def test_what_cannot_be_connected_is_refused_and_leaves_nothing(desk: Desk, body: dict[str, Any]) -> None:
    answer = await desk.owner.post("/api/connections", json=body)
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["title"]
    async with desk.db.tx(desk.workspace) as tx:
        assert await tx.value("select count(*) from connection where workspace_id = $1", desk.workspace) == 0
        assert await tx.value("select count(*) from source where workspace_id = $1 and name = 'X'", desk.workspace) == 0


async def test_a_name_is_taken_once(desk: Desk) -> None:
    await desk.connect()
    answer = await desk.owner.post(
        "/api/connections",
        json={"name": "Acme", "definition": DEFINITION, "config": {"base": "http://x"}, "secrets": {"token": "x"}},
    )
    assert answer.status_code == 409


async def test_who_may_what(desk: Desk) -> None:
    made = await desk.connect()
    where = f"/api/connections/{made['id']}"
    analyst, finance = desk.roles["analyst"], desk.roles["finance"]
    seen = (await analyst.get(where)).json()
    assert (seen["id"], seen["hook_url"], seen["authorize_url"]) == (made["id"], None, None)
    assert (await analyst.get(f"{where}/preview")).status_code == 403, "a preview shows people"
    assert (await analyst.post(f"{where}/test")).status_code == 403
    assert (await analyst.post("/api/connections", json={"name": "X", "connector": "x"})).status_code == 403
    assert (await finance.get(where)).status_code == 403
    assert (await desk.roles["marketer"].post(f"{where}/pause")).status_code == 200


HOOKED = DEFINITION.replace(
    "maps:\n", "webhook: {routes: [{when: contact, stream: contacts, record: contact}]}\nmaps:\n"
)
OAUTH = DEFINITION.replace(
    "{kind: bearer, secret: token}",
    '{kind: oauth2, authorize_url: "{config.base}/authorize", token_url: "{config.base}/token", scopes: [a]}',
)


async def test_a_webhook_and_the_next_sync_are_one_record(desk: Desk) -> None:
    made = await desk.connect(definition=HOOKED)
    address = made["hook_url"].removeprefix(BASE)
    sent = await desk.owner.post(address, json={"contact": desk.acme.contacts["3"]})
    assert sent.status_code == 200, sent.text
    await sync_due(desk.db, desk.workspace, desk.settings)
    async with desk.db.tx(desk.workspace) as tx:
        rows = await tx.rows("select message_id, format from event_log where workspace_id = $1", desk.workspace)
    assert len(rows) == 12, "the record that came by webhook is not logged twice"
    assert {r["format"] for r in rows} == {"record"}
    assert (await desk.owner.get(f"/api/connections/{made['id']}")).json()["hook_url"] == made["hook_url"]


async def test_authorised_in_the_browser(desk: Desk) -> None:
    made = await desk.connect(
        definition=OAUTH, config={"base": desk.acme.url, "client_id": "app"}, secrets={"client_secret": "hush"}
    )
    away = await desk.owner.get(made["authorize_url"].removeprefix(BASE))
    assert away.status_code == 303
    state = httpx.URL(away.headers["location"]).params["state"]
    other = await desk.roles["marketer"].get("/oauth/callback", params={"state": state, "code": "right-code"})
    assert other.status_code == 400, "only who began it may end it"
    refused = await desk.owner.get("/oauth/callback", params={"error": "access_denied", "state": state})
    assert refused.status_code == 400
    back = await desk.owner.get("/oauth/callback", params={"state": state, "code": "right-code"})
    assert (back.status_code, back.headers["location"]) == (303, f"/sources?connection={made['id']}")
    assert (await desk.owner.get("/oauth/callback", params={"state": state, "code": "right-code"})).status_code == 400
    assert await sync_due(desk.db, desk.workspace, desk.settings) == 12


async def test_every_connector_says_what_it_asks_for(desk: Desk) -> None:
    rows = (await desk.owner.get("/api/connectors")).json()["rows"]
    assert rows == sorted(rows, key=lambda r: r["label"].lower())
    for row in rows:
        assert row["about"], row["connector"]
        assert row["streams"] or row["webhook"]


async def test_a_definition_may_be_as_large_as_the_largest_of_our_own(desk: Desk) -> None:
    with portal(contacts=3) as hubspot:
        made = await desk.connect(name="Big", connector="hubspot", definition=definition_at(hubspot.url), config={}, secrets={"token": TOKEN})  # fmt: skip
        # Streams stand as the definition lists them, though what is kept as JSON has no order.
        listed = list(library()["hubspot"].streams)
        assert [s["name"] for s in made["streams"]] == listed
        assert listed != sorted(listed)
        assert (await desk.owner.post(f"/api/connections/{made['id']}/test")).json()["ok"]


async def test_a_vendor_that_fails_whatever_is_asked_is_told_once(desk: Desk) -> None:
    with portal(contacts=3) as hubspot:
        for path in (f"/crm/v3/objects/{kind}{rest}" for kind in hubspot.objects for rest in ("", "/search")):
            hubspot.faults[path].extend([refused(500, "Out of order.")] * 20)
        made = await desk.connect(name="Big", connector="hubspot", definition=definition_at(hubspot.url), config={}, secrets={"token": TOKEN})  # fmt: skip
        result = (await desk.owner.post(f"/api/connections/{made['id']}/test")).json()
        assert not result["ok"]
        assert "Out of order." in result["problem"]
        assert len(result["streams"]) < 10  # the pause after it is no reason of its own
        assert all("in a row" not in stream["problem"] for stream in result["streams"])
