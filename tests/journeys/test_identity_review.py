"""Who is who, decided by a person: pairs by keyboard, and a record unmerged and joined again with one click each."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.browser import chromium
from tests.journeys.console import signed_in
from tests.journeys.product import Product, eventually, running


def _person(number: int, ident: str, traits: dict[str, Any]) -> dict[str, Any]:
    return {"type": "identify", "messageId": f"i-{ident}-{number}", "userId": f"{ident}-{number}", "traits": traits}


def _named(api: httpx.Client, name: str) -> list[dict[str, Any]]:
    return list(api.get("/api/personas", params={"q": name}).json()["rows"])


def _one_of_two_records(product: Product, api: httpx.Client) -> str:
    """A persona whom two systems know by one address; its id."""
    crm, desk = product.source("segment", "CRM"), product.source("segment", "Desk")
    mail = {"email": "rosa.lind@fabrik.example", "name": "Rosa Lind"}
    product.send(crm, _person(1, "crm", {**mail, "title": "Head of Assembly"}))
    product.send(desk, _person(1, "desk", {**mail, "phone": "+49 911 20 30 40"}))
    eventually(lambda: len(_named(api, "Rosa")) == 1, "the persona")
    ident = str(_named(api, "Rosa")[0]["id"])
    eventually(lambda: len(api.get(f"/api/personas/{ident}/records").json()["rows"]) == 2, "both records")
    return ident


def _unmerge(page: Any) -> None:
    page.get_by_role("button", name=re.compile("^Unmerge .*desk-1")).click()
    page.get_by_role("heading", name="One record").wait_for()


@pytest.mark.journey
@pytest.mark.slow
def test_a_record_is_unmerged_and_joined_again(tmp_path: Path) -> None:
    with running(tmp_path) as product, chromium() as browser, product.api("read") as api:
        ident = _one_of_two_records(product, api)
        page, problems = signed_in(product, browser)
        page.goto(f"{product.base}/people/{ident}?tab=sources")
        page.get_by_role("heading", name="2 records, one person").wait_for()
        # Both sources side by side, and why they are one.
        assert (
            page.get_by_role("list", name="Why these records are one").get_by_text("rosa.lind@fabrik.example").count()
            == 1
        )
        assert page.get_by_role("cell", name="Head of Assembly").count() == 1
        assert page.get_by_text("Only Desk says it").count() == 1

        _unmerge(page)
        page.get_by_role("button", name="Undo").click()
        page.get_by_role("heading", name="2 records, one person").wait_for()

        _unmerge(page)
        eventually(lambda: len(_named(api, "Rosa")) == 2, "two personas")
        page.reload()
        page.get_by_role("heading", name="One record").wait_for()  # nothing joins them again by itself
        page.get_by_role("button", name="Join another record").click()
        box = page.get_by_role("dialog")
        box.get_by_role("searchbox").fill("Rosa")
        box.get_by_role("button", name=re.compile("Rosa Lind")).click()
        box.get_by_role("button", name=re.compile("desk-1")).click()
        box.get_by_role("button", name="Join", exact=True).click()
        page.get_by_role("heading", name="2 records, one person").wait_for()
        eventually(lambda: len(_named(api, "Rosa")) == 1, "one persona again")
        assert problems == []


FIRST = ["Rosa", "Jonas", "Mira", "Pavel", "Ines", "Tomas", "Greta", "Oskar", "Lidia", "Bruno", "Selma", "Anton", "Frieda", "Karl", "Noemi"]  # fmt: skip
LAST = ["Lindemann", "Okonkwo", "Vasquez", "Hartwig", "Moreau", "Petrov", "Salonen", "Brandt", "Castell", "Duarte", "Egger", "Fontana", "Grimm", "Holm"]  # fmt: skip
UNSURE = 6  # people the desk knows by a private address only


def _a_crowd(product: Product) -> None:
    """A CRM of sixty, and a desk that knows some of them by name and a private address: the same, or not?"""
    crm, desk = product.source("segment", "CRM"), product.source("segment", "Desk")
    calls = []
    for i in range(60):
        first, last, firm = FIRST[i % 15], f"{LAST[i % 14]}-{LAST[(i * 3 + i // 14 + 1) % 14]}", f"firm{i % 12}"
        traits = {"email": f"{first}.{last}@{firm}.example".lower(), "name": f"{first} {last}", "title": "Head of Operations",
                  "company": {"name": firm.title(), "domain": f"{firm}.example"}, "phone": f"+49 911 30{i:04d}"}  # fmt: skip
        calls.append(_person(i, "crm", traits))
    product.send(crm, *calls)
    unsure = [calls[i * 4 + 1]["traits"]["name"] for i in range(UNSURE)]
    product.send(desk, *[_person(i, "desk", {"name": name, "email": f"{name.replace(' ', '').lower()}@gmail.com"}) for i, name in enumerate(unsure)])  # fmt: skip


def _ids(api: httpx.Client, state: str) -> set[str]:
    return {row["id"] for row in api.get("/api/identity/proposals", params={"state": state}).json()["rows"]}


def _chosen(page: Any) -> str:
    return str(page.locator("[role='option'][aria-selected='true']").get_attribute("aria-label"))


@pytest.mark.journey
@pytest.mark.slow
def test_pairs_are_decided_by_keyboard(tmp_path: Path) -> None:
    with running(tmp_path) as product, chromium() as browser, product.api("read") as api:
        _a_crowd(product)
        eventually(lambda: len(_named(api, "")) >= 50, "the crowd")
        eventually(lambda: product.command("identity", "pass") and len(_ids(api, "open")) >= 3, "the pairs")
        waiting = _ids(api, "open")
        page, problems = signed_in(product, browser)
        page.goto(f"{product.base}/people/review")
        page.get_by_text(f"{len(waiting)} left").wait_for()
        page.get_by_role("heading", name="Is this one person?").wait_for()
        first = _chosen(page)
        page.keyboard.press("e")  # the evidence, field by field
        page.get_by_role("button", name=re.compile("Less evidence")).wait_for()

        page.keyboard.press("a")
        page.get_by_role("status").get_by_text(re.compile("^One: ")).wait_for()
        page.get_by_text(f"{len(waiting) - 1} left").wait_for()
        assert _chosen(page) != first
        page.keyboard.press("u")  # taken back without a trace
        page.get_by_text(f"{len(waiting)} left").wait_for()
        assert _chosen(page) == first
        page.wait_for_timeout(7000)
        assert _ids(api, "open") == waiting

        page.keyboard.press("a")
        page.keyboard.press("r")
        page.get_by_role("status").get_by_text(re.compile("^Kept apart: ")).wait_for()
        eventually(lambda: len(_ids(api, "accepted")) == 1 and len(_ids(api, "rejected")) == 1, "both decisions")
        assert len(_ids(api, "open")) == len(waiting) - 2
        joined = api.get("/api/identity/proposals", params={"state": "accepted"}).json()["rows"][0]
        assert joined["a"]["entity_id"] == joined["b"]["entity_id"]
        apart = api.get("/api/identity/proposals", params={"state": "rejected"}).json()["rows"][0]
        assert apart["a"]["entity_id"] != apart["b"]["entity_id"]
        page.get_by_role("tab", name="Decided").click()
        page.get_by_text(joined["a"]["name"]).first.wait_for()
        assert problems == []
