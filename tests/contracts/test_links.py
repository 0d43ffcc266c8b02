"""Links: no address leads elsewhere, no GET credits anybody, names belong to their link for ever, a host to who proved it."""

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from honeyguide import outcomes, programs
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Conflict
from honeyguide.db import Database
from honeyguide.web import dns
from tests.contracts.conftest import House
from tests.contracts.routes import routes

EVIL = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "https://evil.example", "http://evil.example", "HTTPS://EVIL.EXAMPLE", "https:evil.example", "https:/evil.example",
    "https:///evil.example", "https:\\\\evil.example", "ftp://evil.example", "//evil.example/%2f..", "/%09/evil.example",
    "/%5cevil.example", "//%5cevil.example", "/%0d%0aLocation:%20https://evil.example", "%0d%0aLocation: https://evil.example",
    "\r\nLocation: https://evil.example", "\nSet-Cookie: a=b", "%E5%98%8A%E5%98%8DLocation:evil.example", "javascript:alert(1)",
    "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "%6a%61vascript:alert(1)", "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)", "file:///etc/passwd", "https://localhost@evil.example", "https://localhost:8600@evil.example",
    "//localhost@evil.example", "https://evil.example#localhost", "https://evil.example?localhost", "https://evil.example\\localhost",
    "https://localhost.evil.example", "https://evilexample", "//evil。example", "https://evil。example", "//evil%E3%80%82example",
    "//evil%00.example", "https://evil.example%00.localhost", "//0x7f000001", "//2130706433", "//[::1]", "https://[::ffff:127.0.0.1]",
    "//google.com%2f@evil.example", "/..//evil.example", "/../evil.example", "..%2f..%2fevil.example", "./evil.example", ".evil.example",
    "@evil.example", ":80@evil.example", "?next=https://evil.example", "#https://evil.example", ";https://evil.example",
    "%2f%2fevil.example", "%252f%252fevil.example", "%2568ttps://evil.example", "<>//evil.example", "//evil.example\t", " //evil.example",
    "\u2028//evil.example", "\ufeff//evil.example", "＼＼evil.example", "／／evil.example", "http:/\\evil.example", "x:evil.example",
    "{base}//evil.example", "https://xn--evil-9za.example", "mailto:a@evil.example", "tel:123", "blob:https://evil.example/1",
]  # fmt: skip
NAMES = ("next", "url", "to", "dest", "destination", "redirect", "return", "continue", "u", "v", "utm_source", "done")


def stays_here(location: str) -> bool:
    """Is this an address of our own, written without a host?"""
    parts = urlsplit(location)
    return (
        not parts.scheme and not parts.netloc and location.startswith("/l/") and "\\" not in location and "//" not in location
        and not any(ord(c) < 33 or ord(c) > 126 for c in location)
    )  # fmt: skip


def test_the_measure_sees_what_leads_elsewhere() -> None:
    assert stays_here("/l/maya-2345AB?v=1")
    for bad in (
        "//evil.example",
        "https://evil.example/l/",
        "/\\evil.example",
        "/l/\\evil",
        "/l/x//evil.example",
        "/p/x",
        "/l/\r\nx",
    ):
        assert not stays_here(bad), bad


def attacks(code: str) -> Iterator[tuple[str, dict[str, str]]]:
    for evil in EVIL:
        packed = quote(evil, safe="%")
        yield f"/r/{packed}", {}
        yield f"/r/{code}{packed}", {}
        yield f"/r/{packed}/{code}", {}
        for name in NAMES:
            yield f"/r/{code}?{name}={packed}", {}
        if evil.isascii() and evil.isprintable():
            for header in ("host", "x-forwarded-host", "referer", "x-original-url", "x-rewrite-url", "forwarded"):
                yield f"/r/{code}", {header: evil.strip() or "x"}


async def test_no_link_leads_elsewhere(house: House) -> None:
    assert len(EVIL) >= 60
    followed = 0
    async with house.visitor() as friend:
        for path, headers in attacks(house.ours.code):
            answer = await friend.get(path, headers=headers)
            assert answer.status_code in (302, 400, 404, 405, 429), (path, answer.status_code)
            assert "set-cookie" not in answer.headers
            if answer.is_redirect:
                followed += 1
                assert stays_here(answer.headers["location"]), (path, headers, answer.headers["location"])
    assert followed > len(EVIL) * len(NAMES) - 1


async def test_the_form_and_the_claim_lead_nowhere_else(house: House) -> None:
    async with house.visitor() as friend:
        for n, evil in enumerate(EVIL[:8]):
            for door in ("l", "c"):
                sent = {"email": f"a{n}@firm-{door}{n}.example", "v": evil, "next": evil, "url": evil}
                answer = await friend.post(
                    f"/{door}/{house.ours.code}", data=sent, headers={"referer": "https://evil.example"}
                )
                if answer.is_redirect:
                    assert answer.headers["location"].startswith(f"/{door}/{house.ours.code}?")
                    assert "evil" not in answer.headers["location"]


async def counted(db: Database, workspace: int) -> dict[str, int]:
    tables = (
        "referral",
        "conversion",
        "attribution",
        "reward",
        "posting",
        "transfer",
        "credit_decision",
        "credit_dispute",
        "tracked_call",
    )
    async with db.tx(workspace) as tx:
        return {t: await tx.value(f"select count(*) from {t} where workspace_id = $1", workspace) for t in tables}


async def test_no_get_credits_anybody(house: House) -> None:
    """A scanner may open every public address as often as it likes, with any name."""
    before = await counted(house.db, house.ours.workspace)
    public = {p for m, p, kind in routes() if m in ("GET", "HEAD") and kind.startswith("public: ")} | {"/r/{code}"}
    assert {"/l/{code}", "/c/{code}", "/p/{token}", "/u/{token}"} <= public
    bots = ("Mozilla/5.0 Chrome/142.0 Safari/537.36", "Barracuda Sentinel", "")
    async with house.visitor() as scanner:
        for path in sorted(public):
            token = house.ours.unsubscribe if path.startswith("/u/") else house.ours.portal
            filled = path.replace("{code}", house.ours.code).replace("{token}", token)
            if "{" in filled:
                filled = filled.replace("{", "").replace("}", "")
            for agent in bots:
                for method in ("GET", "HEAD"):
                    query = "?v=00000000-0000-4000-8000-000000000001&email=x@scanner.example&name=x&done="
                    answer = await scanner.request(method, filled + query, headers={"user-agent": agent})
                    assert answer.status_code < 500, (filled, answer.text)
    await asyncio.sleep(0.2)
    assert await counted(house.db, house.ours.workspace) == before


async def test_a_vanity_code_leads_to_its_link_and_stays_its_own(house: House) -> None:
    owner = house.roles["owner"]
    made = await owner.post(f"/api/links/{house.ours.link}/aliases", json={"alias": "Maya at Customer"})
    assert (made.status_code, made.json()["alias"]) == (200, "maya-at-customer"), made.text
    assert (
        await owner.post(f"/api/links/{house.ours.link}/aliases", json={"alias": "maya-at-customer"})
    ).status_code == 200
    async with house.visitor() as friend:
        answer = await friend.get("/r/maya-at-customer?utm_source=linkedin&utm_campaign=spring%0a&other=x")
        assert answer.headers["location"].startswith("/l/")
        assert (await friend.get("/l/Maya-At-Customer")).status_code == 200
    utm = None
    for _ in range(100):  # touches are committed in groups, and the attacks above left many
        await asyncio.sleep(0.1)
        async with house.db.tx(house.ours.workspace) as tx:
            query = "select utm from touch where workspace_id = $1 and utm ->> 'utm_campaign' = 'spring'"
            utm = await tx.value(query, tx.workspace_id)
        if utm is not None:
            break
    async with house.db.tx(house.ours.workspace) as tx:
        assert utm == {"utm_source": "linkedin", "utm_campaign": "spring"}
        for bad in (
            "ab",
            "-abc",
            "abc-",
            "a--b",
            "аdmin",
            "admin",
            "login",
            "maya-23456A",
            "x" * 41,
            "a/b",
            "a.b",
            "ｆｕｌｌ/w",
        ):
            with pytest.raises(BadInput):
                await outcomes.add_alias(tx, await tx.value("select id from link where workspace_id = $1 limit 1", tx.workspace_id),
                                         bad, "x", clock.now())  # fmt: skip
    assert (await owner.delete("/api/links/aliases/maya-at-customer")).status_code == 200
    async with house.db.tx(house.theirs.workspace) as tx:  # switched off, it is nobody else's
        link = await tx.value("select id from link where workspace_id = $1 limit 1", tx.workspace_id)
        with pytest.raises(Conflict):
            await outcomes.add_alias(tx, link, "maya-at-customer", "x", clock.now())


async def test_a_branded_domain_is_who_proved_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = house.roles["owner"]
    published: dict[str, list[str]] = {}

    async def records(name: str) -> list[str]:
        return published.get(name, [])

    monkeypatch.setattr(dns, "txt", records)
    made = (await owner.post("/api/domains", json={"host": "Go.Acme.Example."})).json()
    assert made["record"] == "_honeyguide.go.acme.example"
    path = "/api/domains/go.acme.example/verify"
    assert (await owner.post(path)).json()["problem"].startswith("The TXT record")
    async with house.visitor() as friend:
        host = {"host": "go.unproved.example"}
        await owner.post("/api/domains", json={"host": "go.unproved.example"})
        assert (await friend.get(f"/r/{house.theirs.code}", headers=host)).status_code == 302  # it means nothing yet
        published[made["record"]] = ["v=spf1 -all", made["proof"]]
        assert (await owner.post(path)).json()["verified_at"]
        async with house.db.tx(house.theirs.workspace) as tx:
            theirs = await outcomes.claim_domain(tx, "go.acme.example", "x", clock.now())
            with pytest.raises(Conflict):
                await outcomes.verify_domain(tx, "go.acme.example", [theirs.proof], "x", clock.now())
    async with house.visitor() as friend:
        other = {"host": "go.acme.example:443"}
        assert (await friend.get(f"/r/{house.ours.code}", headers=other)).status_code == 302
        assert (await friend.get(f"/r/{house.theirs.code}", headers=other)).status_code == 404
        assert (await friend.get(f"/l/{house.theirs.code}", headers=other)).status_code == 404
    left = (await owner.delete("/api/domains/go.acme.example")).json()["rows"]
    assert [d["host"] for d in left] == ["go.unproved.example"]


@pytest.mark.parametrize(
    "text", ["", "localhost", "10.0.0.1", "[::1]", "a..b", "-a.example", "a b.example", "x" * 300, "ex_ample.com"]
)
def test_what_is_no_host(text: str) -> None:
    assert outcomes.host_text(text) is None


async def test_a_qr_code_is_a_picture_of_the_link(house: House) -> None:
    answer = await house.roles["owner"].get(f"/api/links/{house.ours.link}/qr.svg", params={"utm_source": "poster"})
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.startswith("<svg ")
    assert "http://www.w3.org/2000/svg" in answer.text
    assert "<script" not in answer.text
    plain = await house.roles["owner"].get(f"/api/links/{house.ours.link}/qr.svg")
    assert plain.text != answer.text


async def test_links_are_listed(house: House) -> None:
    page: Any = (await house.roles["finance"].get("/api/links", params={"q": house.ours.code})).json()
    assert [r["code"] for r in page["rows"]] == [house.ours.code]
    assert page["rows"][0]["clicks"] >= 1
    async with house.db.tx(house.ours.workspace) as tx:
        assert await programs.find_link(tx, house.ours.code) is not None
