"""Marks come from the doors where people act: pages, forms and accounts tie people, and an honest office is left alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import Struct

from honeyguide import programs
from honeyguide.app import erasure
from honeyguide.core import clock
from honeyguide.core.terms import Identifier, RecordRef
from honeyguide.db import Database, Tx
from honeyguide.outcomes import fraud
from honeyguide.settings import Settings
from honeyguide.web import device
from tests.contracts.stage import BASE, BROWSER, served, signed_in
from tests.unit.outcomes.town import Town, company, event, logged, settle, tell

IBAN = {"kind": "iban", "account": {"iban": "DE89370400440532013000", "name": "Maya Ortiz"}}
OFFICE = "81.2.69.142"


class Place(Struct):
    """A running application, and a workspace."""

    app: Any
    db: Database
    workspace: int

    @asynccontextmanager
    async def browser(self, address: str = "10.9.9.9", agent: str = BROWSER) -> AsyncIterator[httpx.AsyncClient]:
        """A browser with cookies of its own, at an address."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 5000))
        async with httpx.AsyncClient(transport=transport, base_url=BASE, headers={"user-agent": agent}) as client:
            yield client

    async def advocate(self, email: str = "maya@customer.example", name: str = "Maya Ortiz") -> tuple[Town, str]:
        """An advocate with the token of their page."""
        async with self.db.tx(self.workspace) as tx:
            town = await settle(tx, email=email, name=name)
            return town, await programs.renew_portal_token(tx, town.advocate)

    async def findings(self, rule: str) -> dict[str, tuple[str, str]]:
        """Verdict and reason of a rule, by the friend's address."""
        async with self.db.tx(self.workspace) as tx:
            rows = await tx.rows(
                "select r.friend_email, f.verdict, f.reason from fraud_finding f join referral r on r.workspace_id = f.workspace_id "
                "and r.id = f.referral_id where f.workspace_id = $1 and f.rule = $2",
                tx.workspace_id, rule,
            )  # fmt: skip
        return {r["friend_email"]: (r["verdict"], r["reason"]) for r in rows}

    async def marks(self) -> list[tuple[str, str]]:
        """Side and kind of every mark."""
        async with self.db.tx(self.workspace) as tx:
            rows = await tx.rows("select side, kind from fraud_mark where workspace_id = $1 order by 1, 2", tx.workspace_id)  # fmt: skip
        return [(r["side"], r["kind"]) for r in rows]


@pytest.fixture
async def place(db: Database, workspace: int, tmp_path: Path) -> AsyncIterator[Place]:
    settings = Settings.load({"HONEYGUIDE_DATA": str(tmp_path), "HONEYGUIDE_BASE_URL": BASE})
    async with served(db, settings) as app:
        yield Place(app, db, workspace)


async def joins(client: httpx.AsyncClient, town: Town, email: str) -> httpx.Response:
    answer = await client.post(f"/l/{town.link.code}", data={"email": email, "name": "Tom Berg"})
    assert answer.status_code == 303, answer.text
    return answer


async def holding(place: Place) -> list[str]:
    async with place.db.tx(place.workspace) as tx:
        return sorted(c.friend_email for c in await fraud.cases(tx, fraud.Filter("open"), None, 50) if c.held)


@pytest.mark.parametrize("first", ["advocate", "friend"])
async def test_one_browser_for_both_sides_is_held_whichever_came_first(place: Place, first: str) -> None:
    town, token = await place.advocate()
    async with place.browser() as both:
        if first == "advocate":
            assert (await both.get(f"/p/{token}")).status_code == 200
        sent = await joins(both, town, "tom@prospect.example")
        assert await place.findings("shared_device") == {} if first == "friend" else True
        cookie = sent.headers["set-cookie"].lower()
        assert all(word in cookie for word in ("hg_device=", "httponly", "samesite=lax", "max-age=15552000"))
        assert (await both.get(f"/p/{token}")).status_code == 200
    verdict, reason = (await place.findings("shared_device"))["tom@prospect.example"]
    assert verdict == "hold"
    assert reason == "tom@prospect.example and Maya Ortiz used the same device, which nobody else used."
    assert await holding(place) == ["tom@prospect.example"]


async def test_two_browsers_at_one_address_are_not_held(place: Place) -> None:
    town, token = await place.advocate()
    async with place.browser(OFFICE) as maya, place.browser(OFFICE) as tom:
        await maya.get(f"/p/{token}")
        await joins(tom, town, "tom@prospect.example")
    assert (await place.findings("shared_device"))["tom@prospect.example"][0] == "note"
    assert await holding(place) == []


async def test_an_honest_office_is_not_held_for_its_network_nor_for_being_one_company(place: Place) -> None:
    town, token = await place.advocate()
    async with place.browser(OFFICE) as maya:
        await maya.get(f"/p/{token}")
    for n in range(5):
        async with place.browser(OFFICE) as colleague:
            await joins(colleague, town, f"colleague{n}@customer.example")
    found = await place.findings("same_company")
    assert {verdict for verdict, _ in found.values()} == {"note"}
    assert len(found) == 5
    assert await holding(place) == []
    assert ("friend", "network") in await place.marks()


async def test_a_page_that_is_only_read_and_a_machine_leave_nothing(place: Place) -> None:
    town, token = await place.advocate()
    async with place.browser(OFFICE) as friend, place.browser(OFFICE, "Safelinks scanner") as machine:
        landing = await friend.get(f"/l/{town.link.code}")
        scanned = await machine.get(f"/p/{token}")
        assert (landing.status_code, scanned.status_code) == (200, 200)
        assert "sets one cookie" in landing.text  # the page says so before anything is sent
        assert not {"set-cookie"} & (set(landing.headers) | set(scanned.headers))
    assert await place.marks() == []


async def test_who_sends_a_known_friends_address_again_marks_nobody(place: Place) -> None:
    town, token = await place.advocate()
    async with place.browser() as tom, place.browser() as maya:
        await joins(tom, town, "tom@prospect.example")
        await maya.get(f"/p/{token}")
        await joins(maya, town, "tom@prospect.example")
    assert await place.findings("shared_device") == {}


async def test_a_cookie_that_is_none_of_ours_counts_for_nothing(place: Place) -> None:
    town, token = await place.advocate()
    forged = {"cookie": f"{device.COOKIE}={'x' * 40}"}
    async with place.browser() as maya, place.browser() as tom:
        await maya.get(f"/p/{token}", headers=forged)
        await tom.post(f"/l/{town.link.code}", data={"email": "tom@prospect.example"}, headers=forged)
    assert await place.marks() == [("advocate", "device"), ("friend", "device")]
    assert await place.findings("shared_device") == {}


async def confirm(place: Place, finance: httpx.AsyncClient, town: Town, body: dict[str, Any]) -> None:
    """Finance enters an account, the advocate confirms it by the link of their mail, in a browser of their own."""
    made = await finance.post(f"/api/advocates/{town.advocate.id}/payees", json=body)
    assert made.status_code == 201, made.text
    async with place.db.tx(place.workspace) as tx:
        row = await tx.row("select payload from outbox where workspace_id = $1 and key = $2", place.workspace, made.json()["id"])  # fmt: skip
    assert row is not None
    link = row["payload"]["text"].split("/pay/")[1].split()[0]
    async with place.browser() as own:
        assert (await own.post(f"/pay/{link}")).status_code == 200


async def test_two_advocates_with_one_account_are_held_and_their_rewards_wait(place: Place) -> None:
    maya, _ = await place.advocate()
    rita, _ = await place.advocate("rita@other.example", "Rita Val")
    async with place.browser() as tom, place.browser() as ann:
        await joins(tom, maya, "tom@prospect.example")
        await joins(ann, rita, "ann@second.example")
    finance = await signed_in(place.app, place.db, place.workspace, "finance")
    await confirm(place, finance, maya, IBAN)
    assert await place.findings("duplicate_payee") == {}
    await confirm(place, finance, rita, IBAN | {"account": {"iban": "DE89 3704 0044 0532 0130 00", "name": "Maya Ortiz"}})  # fmt: skip
    found = await place.findings("duplicate_payee")
    assert {who: verdict for who, (verdict, _) in found.items()} == {
        "tom@prospect.example": "hold", "ann@second.example": "hold",
    }  # fmt: skip
    assert found["tom@prospect.example"][1] == (
        "Maya Ortiz is paid into the same account as Rita Val, of other companies."
    )
    assert await holding(place) == ["ann@second.example", "tom@prospect.example"]
    await finance.aclose()


async def test_colleagues_with_their_employers_account_are_not_held(place: Place) -> None:
    maya, _ = await place.advocate()
    lee, _ = await place.advocate("lee@customer.example", "Lee Park")
    async with place.browser() as tom:
        await joins(tom, maya, "tom@prospect.example")
    finance = await signed_in(place.app, place.db, place.workspace, "finance")
    for town in (maya, lee):
        await confirm(place, finance, town, IBAN)
    assert (await place.findings("duplicate_payee"))["tom@prospect.example"][0] == "note"
    assert await holding(place) == []
    await finance.aclose()


def called(email: str, number: str, ext_id: str = "") -> RecordRef:
    """A person with a telephone number on record."""
    known = (Identifier("email", email), Identifier("phone", number, strong=False))
    return RecordRef("persona", "hubspot", ext_id or f"hs-{email}", known, {"email": email, "phone": number})


async def with_numbers(tx: Tx, *people: RecordRef) -> None:
    await tell(tx, [event("persona.identified", clock.now() - timedelta(days=9), who=p, firm=company(p.ext_id.split("@")[1]))
                    for p in people])  # fmt: skip


async def test_one_mobile_number_on_record_ties_the_two_and_a_switchboard_does_not(place: Place) -> None:
    town, _ = await place.advocate()
    async with place.browser() as tom, place.browser() as lee:
        await joins(tom, town, "tom@prospect.example")
        await joins(lee, town, "lee@customer.example")
    async with place.db.tx(place.workspace) as tx:
        await tell(tx, await logged(tx))
        await with_numbers(tx, called("maya@customer.example", "+4917612345678"), called("tom@prospect.example", "+4917612345678"))  # fmt: skip
        board = [f"{who}@customer.example" for who in ("maya", "lee", "kim", "jo")]
        await with_numbers(tx, *(called(e, "+4930123456") for e in board))
        ids = [r["id"] for r in await tx.rows("select id from referral where workspace_id = $1", place.workspace)]
        await fraud.watch(tx, ids, clock.now())
    found = await place.findings("shared_device")
    assert list(found) == ["tom@prospect.example"]
    assert found["tom@prospect.example"][0] == "hold"
    assert "same phone" in found["tom@prospect.example"][1]


async def test_a_rule_that_is_off_keeps_no_marks(place: Place) -> None:
    town, token = await place.advocate()
    async with place.db.tx(place.workspace) as tx:
        wanted = fraud.Policy({"shared_device": "off"}, fraud.Costs(), 0)
        await fraud.decide_policy(tx, wanted, fraud.RULE_NAMES, "ola@operator.example", clock.now())
    async with place.browser(OFFICE) as client:
        assert "cookie" not in (await client.get(f"/l/{town.link.code}")).text
        assert "set-cookie" not in (await client.get(f"/p/{token}")).headers
        assert "set-cookie" not in (await joins(client, town, "tom@prospect.example")).headers
    assert await place.marks() == []


async def test_devices_and_networks_fade_and_an_erasure_takes_every_mark(place: Place) -> None:
    town, token = await place.advocate()
    async with place.browser(OFFICE) as maya:
        await maya.get(f"/p/{token}")
    async with place.db.tx(place.workspace) as tx:
        await fraud.mark(tx, "advocate", town.advocate.id, "payee", "an account", clock.now())
        assert await fraud.fade(tx, clock.now() + timedelta(days=179)) == 0
        assert await fraud.fade(tx, clock.now() + timedelta(days=181)) == 2
    assert await place.marks() == [("advocate", "payee")]
    await erasure.erase(
        place.db, place.workspace, [("email", "maya@customer.example")], "ola@operator.example", "asked"
    )
    assert await place.marks() == []


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("93.184.216.34", "93.184.216.0/24"), ("::ffff:93.184.216.34", "93.184.216.0/24"),
        ("2606:2800:220:1:248:1893:25c8:1946", "2606:2800:220::/48"), ("10.1.2.3", ""), ("127.0.0.1", ""), ("fe80::1%eth0", ""),
        ("unknown", ""), ("", ""), ("224.0.0.1", ""),
    ],
)  # fmt: skip
def test_a_network_is_a_prefix_of_a_public_address(address: str, told: str) -> None:
    assert device.network(address) == told
