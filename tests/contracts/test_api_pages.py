"""The pages people see without signing in: landing, portal, unsubscribe, redirect, and the files beside them."""

import asyncio
import html
import re
from collections import Counter
from pathlib import Path

import httpx
import pytest

from honeyguide.db import Database
from honeyguide.web.redirect import Redirects
from honeyguide.web.static import NONCE_WORD, Console
from tests.contracts.conftest import House
from tests.contracts.stage import BROWSER


async def _touches(house: House, where: str = "") -> list[tuple[str, str]]:
    async with house.db.tx(house.ours.workspace) as tx:
        rows = await tx.rows(f"select kind, agent from touch where workspace_id = $1 {where}", tx.workspace_id)
    return [(r["kind"], r["agent"]) for r in rows]


async def test_a_link_leads_to_its_own_landing_page_only(house: House) -> None:
    async with house.visitor() as client:
        for query in ("", "?to=https://evil.example", "?url=//evil.example&next=/x", "?v=abc"):
            answer = await client.get(f"/r/{house.ours.code}{query}")
            assert answer.status_code == 302
            assert re.fullmatch(rf"/l/{house.ours.code}\?v=[0-9a-f-]{{36}}", answer.headers["location"])
        for code in ("nobody-ABCDEF", "..%2F..", "//evil.example", "x" * 300, "a%00b", house.ours.code + "/x"):
            answer = await client.get(f"/r/{code}")
            assert answer.status_code == 404, code
            assert "location" not in answer.headers
        spoken = house.ours.code.upper().replace("-", "%20")
        assert (await client.get(f"/r/{spoken}")).status_code == 302  # read aloud and typed


async def test_every_click_is_kept_and_machines_are_known(house: House) -> None:
    await asyncio.sleep(0.5)  # the clicks of other tests are written by now
    known = Counter(await _touches(house))
    before = known.total()
    async with house.visitor() as client:
        for _ in range(20):
            await client.get(f"/r/{house.ours.code}")
        await client.head(f"/r/{house.ours.code}")
        await client.get(f"/r/{house.ours.code}", headers={"user-agent": "Slackbot-LinkExpanding 1.0"})
    for _ in range(100):
        if len(await _touches(house)) == before + 22:
            break
        await asyncio.sleep(0.05)
    found = Counter(await _touches(house)) - known
    assert found.total() == 22
    assert found["click", "scanner"] == 2


async def test_a_stop_writes_what_is_still_queued(house: House, db: Database) -> None:
    door = Redirects(db)
    await asyncio.sleep(0.5)
    before = len(await _touches(house))

    async def swallow(_: object) -> None: ...

    for _ in range(50):
        scope = {
            "type": "http",
            "method": "GET",
            "path": f"/r/{house.ours.code}",
            "headers": [(b"user-agent", BROWSER.encode())],
        }
        await door(scope, None, swallow)
    await door.stop()
    assert len(await _touches(house)) == before + 50


async def test_the_landing_page_says_who_vouches(house: House) -> None:
    async with house.visitor() as client:
        answer = await client.get(f"/l/{house.ours.code}")
    text = html.unescape(re.sub(r"<[^>]+>", " ", answer.text))
    assert "Ana" in text
    assert "Kestrel Industries" in text
    assert 'property="og:title"' in answer.text
    assert "set-cookie" not in answer.headers
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    assert answer.text.count("<label") == 3
    csp = answer.headers["content-security-policy"]
    assert "default-src 'self'" in csp
    assert "frame-ancestors 'none'" in csp
    assert "unsafe" not in csp
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("email", "word"),
    [("", "e-mail address"), ("tom", "e-mail address"), ("tom@gmail.com", "work"), ("<script>@x", "e-mail address")],
)
async def test_a_wrong_address_is_explained_and_kept_in_the_form(house: House, email: str, word: str) -> None:
    async with house.visitor() as client:
        answer = await client.post(f"/l/{house.ours.code}", data={"email": email})
    assert answer.status_code == 400
    assert word in answer.text
    assert 'role="alert"' in answer.text
    assert "<script" not in answer.text


async def test_a_friend_signs_up_once_however_often_they_press(house: House) -> None:
    async with house.visitor() as client:
        seen = httpx.URL((await client.get(f"/r/{house.ours.code}")).headers["location"]).params["v"]
        form = {"email": "rita@new-prospect.example", "name": "Rita", "v": seen}
        answers = [await client.post(f"/l/{house.ours.code}", data=form) for _ in range(3)]
        assert [a.status_code for a in answers] == [303, 303, 303]
        thanks = await client.get(answers[0].headers["location"])
        assert "Thank you" in thanks.text
    rows = (await house.roles["owner"].get("/api/referrals")).json()["rows"]
    assert [r["friend_email"] for r in rows].count("rita@new-prospect.example") == 1


async def test_machines_and_floods_are_stopped(house: House) -> None:
    async with house.visitor() as client:
        bait = {"email": "bot@spam-prospect.example", "website": "http://spam.example"}
        assert (await client.post(f"/l/{house.ours.code}", data=bait)).status_code == 303
        statuses = [(await client.post(f"/l/{house.ours.code}", data={"email": "x"})).status_code for _ in range(12)]
        assert statuses[-1] == 429
        last = await client.post(f"/l/{house.ours.code}", data={"email": "x"})
        assert int(last.headers["retry-after"]) >= 1
    rows = (await house.roles["owner"].get("/api/referrals")).json()["rows"]
    assert all("spam" not in r["friend_email"] for r in rows)


async def test_forms_of_other_sites_are_refused(house: House) -> None:
    async with house.visitor() as client:
        for path in (f"/l/{house.ours.code}", f"/p/{house.ours.portal}/accept"):
            answer = await client.post(
                path, data={"email": "a@b-co.example"}, headers={"origin": "https://evil.example"}
            )
            assert answer.status_code == 403


async def test_the_portal_tells_what_was_earned(house: House) -> None:
    async with house.visitor() as client:
        page = (await client.get(f"/p/{house.ours.portal}")).text
        assert f"/r/{house.ours.code}" in page
        assert "Became a customer" in page
        assert "€100" in page
        assert "linkedin.com/sharing/share-offsite" in page
        assert "tom@" not in page  # a friend is shown by name
        assert "I accept" not in page  # accepted when the house was furnished; accepting again is harmless
        assert (await client.post(f"/p/{house.ours.portal}/accept")).status_code == 303
        for path in ("/p/hgp_wrong", "/in-app/hgp_wrong", "/u/hgu_wrong"):
            assert (await client.get(path)).status_code == 404


async def test_opening_the_unsubscribe_link_changes_nothing_and_one_post_does(house: House) -> None:
    link = f"/u/{house.ours.unsubscribe}"
    address = (await house.roles["owner"].get(f"/api/outbox/{house.ours.message}")).json()["to_address"]
    async with house.visitor() as client:
        for _ in range(3):
            shown = await client.get(link)
            assert shown.status_code == 200
            assert address not in shown.text
        async with house.db.tx(house.ours.workspace) as tx:
            query = "select count(*) from consent where workspace_id = $1 and source = 'unsubscribe' and address = $2"
            assert await tx.value(query, tx.workspace_id, address) == 0
        done = await client.post(link, data={"List-Unsubscribe": "One-Click"})  # as a mailbox provider posts it
        assert done.status_code == 200
        async with house.db.tx(house.ours.workspace) as tx:
            assert await tx.value(query, tx.workspace_id, address) == 1


async def test_health_and_the_console_page(house: House) -> None:
    async with house.visitor() as client:
        assert (await client.get("/health")).json() == {"status": "ok"}
        for path in ("/", "/people/123", "/nothing/here"):
            answer = await client.get(path)
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/html")
        assert (await client.get("/api/nothing")).status_code == 404
        assert (await client.get("/static/../../settings/__init__.py")).status_code in (200, 404)
        for path in ("/static/%2e%2e/tables.py", "/..%2f..%2fserver.py", "/assets/..%2f..%2fserver.py"):
            assert "import" not in (await client.get(path)).text.split("<body")[0][:200]
        sheet = re.search(r"/static/pages\.css\?v=\w+", (await client.get("/sign-in")).text)
        assert sheet
        css = await client.get(sheet[0])
        assert css.status_code == 200
        assert "immutable" in css.headers["cache-control"]


async def test_the_built_console_is_served_packed_and_with_its_nonce(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(f"<style nonce={NONCE_WORD}></style>")
    (tmp_path / "assets" / "main-a1b2.js").write_text("plain")
    (tmp_path / "assets" / "main-a1b2.js.br").write_bytes(b"packed")
    console = Console(tmp_path)
    transport = httpx.ASGITransport(console)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        page = await client.get("/")
        assert NONCE_WORD not in page.text
        script = await client.get("/assets/main-a1b2.js", headers={"accept-encoding": "gzip"})
        assert script.text == "plain"
        assert "immutable" in script.headers["cache-control"]
        async with client.stream("GET", "/assets/main-a1b2.js", headers={"accept-encoding": "br"}) as packed:
            assert packed.headers["content-encoding"] == "br"
            assert b"".join([chunk async for chunk in packed.aiter_raw()]) == b"packed"
        assert (await client.get("/static/secret.txt")).status_code == 404


async def test_in_app_messages_are_served_by_the_portal_token(house: House) -> None:
    async with house.visitor() as client:
        answer = await client.get(f"/in-app/{house.ours.portal}")
        assert answer.status_code == 200
        assert "messages" in answer.json()
