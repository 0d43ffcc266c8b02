"""From raw events to a paid reward: every stage is the real one, and the payout explains itself back to the events."""

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from honeyguide.db import Database, change_settings
from honeyguide.db.embedded import Cluster
from tests.journeys.browser import chromium
from tests.journeys.customers import deliver_the_past
from tests.journeys.product import Product, eventually, running


def _no_quiet_hours(product: Product) -> None:
    """The test may run at night."""

    async def change() -> None:
        db = await Database.open(Cluster(product.data).dsn, size=1)
        for workspace in await db.workspaces():
            async with db.tx(workspace) as tx:
                await change_settings(tx, {"quiet_hours": "none"})
        await db.close()

    asyncio.run(change())


def _approve_in_the_console(product: Product, browser: Any) -> str:
    """A person signs in, sees the queue, approves the first ask by keyboard; returns whose it was."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: problems.append(str(e)))
    hosts: set[str] = set()
    page.on("request", lambda r: hosts.add(re.sub(r"^\w+://([^/:]+).*", r"\1", r.url)))
    link = re.search(r"http\S+/sign-in/hgl_[\w-]+", product.command("operator", "link", "owner@localhost"))
    assert link
    page.goto(link.group())
    page.get_by_role("button").first.click()
    page.wait_for_url(f"{product.base}/")
    page.get_by_text("Lena Vogt").first.wait_for(timeout=30_000)
    page.get_by_role("button", name=re.compile("approve", re.I)).first.click()
    page.get_by_text(re.compile(r"queued|sent|approved", re.I)).first.wait_for(timeout=15_000)
    assert hosts == {"127.0.0.1"}, f"the page loads from other hosts: {hosts}"
    assert problems == []
    page.close()
    return str(link.group())


def _sign_up(product: Product, browser: Any, referral_link: str) -> None:
    """The friend, whose browser runs no JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(referral_link)
    assert "/l/" in page.url
    assert "recommends" in page.inner_text("main")
    page.get_by_label("Work e-mail").fill("paula.friend@newcomer.example")
    page.get_by_label(re.compile("Your name")).fill("Paula Friend")
    page.get_by_role("button").first.click()
    page.wait_for_load_state()
    assert page.locator("h1").inner_text()
    assert page.locator("[role=alert]").count() == 0, page.inner_text("main")
    context.close()


def _win_the_deal(product: Product, crm: str) -> None:
    person = {"userId": "hs-paula", "context": {"groupId": "co-new"}}
    after = (datetime.now(UTC) + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    time.sleep(1.5)
    deal = {"dealId": "D-77", "deal_id": "D-77", "name": "Newcomer, Dispatch", "dealName": "Newcomer, Dispatch", "amount": 12000.00,
            "currency": "EUR", "product": "dispatch"}  # fmt: skip
    product.send(
        crm,
        {"type": "identify", "messageId": "p1", "timestamp": after, **person,
         "traits": {"email": "paula.friend@newcomer.example", "name": "Paula Friend",
                    "company": {"id": "co-new", "name": "Newcomer GmbH", "domain": "newcomer.example"}}},
        {"type": "track", "messageId": "p2", "timestamp": after, "event": "Deal Created", **person,
         "properties": {**deal, "stage": "qualified"}},
        {"type": "track", "messageId": "p3", "timestamp": after, "event": "Deal Won", **person, "properties": {**deal, "stage": "won"}},
    )  # fmt: skip


def _accept_the_terms(browser: Any, portal: str) -> None:
    """The advocate opens their page and accepts."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(portal)
    assert "Your personal link" in page.inner_text("main")
    page.get_by_role("button", name="I accept").click()
    page.get_by_role("button", name="I accept").wait_for(state="detached")
    page.close()


def _pay(product: Product, browser: Any, portal: str) -> str:
    """Finance approves the reward, requests the payout; another person approves and pays it."""
    marketer = product.api("read", "write", name="marketing")
    finance, second = product.api("read", "payouts", name="finance"), product.api("read", "payouts", name="second")
    reward = eventually(lambda: finance.get("/api/rewards").json()["rows"], "the reward")[0]
    assert reward["state"] == "held"
    assert marketer.post(f"/api/rewards/{reward['id']}/approve").status_code == 403  # not a marketer's to give
    done = finance.post(f"/api/rewards/{reward['id']}/approve", json={"reason": "Deal and contract checked"})
    assert done.status_code == 200, done.text
    early = finance.post("/api/payouts", json={"reward_ids": [reward["id"]]})
    assert early.status_code == 409
    assert "terms" in early.json()["detail"]
    _accept_the_terms(browser, portal)
    payout = finance.post("/api/payouts", json={"reward_ids": [reward["id"]]})
    assert payout.status_code == 201, payout.text
    ident = payout.json()["id"]
    own = finance.post(f"/api/payouts/{ident}/approve")
    assert own.status_code in (403, 409)
    assert own.headers["content-type"] == "application/problem+json"
    assert second.post(f"/api/payouts/{ident}/approve").status_code == 200
    sheet = finance.get(f"/api/payouts/{ident}/export.csv")
    assert sheet.status_code == 200
    assert reward["advocate"]["name"] in sheet.text
    paid = second.post(f"/api/payouts/{ident}/paid", json={"reference": "SEPA-2026-0042"})
    assert paid.status_code == 200, paid.text
    assert paid.json()["state"] == "paid"
    return str(ident)


@pytest.mark.journey
@pytest.mark.slow
def test_from_raw_events_to_a_paid_reward(tmp_path: Path) -> None:
    with running(tmp_path) as product:
        _no_quiet_hours(product)
        with chromium() as browser:
            payout = _walk(product, browser)
        _check_the_books(product, payout)


def _walk(product: Product, browser: Any) -> str:
    """Events, moment, ask, mail, click, sign-up, deal, reward, payout."""
    crm = deliver_the_past(product)
    api = product.api("read")
    queue = eventually(lambda: api.get("/api/ask-now").json()["rows"], "the Ask now queue")
    assert all(row["why"] and row["why"][0]["evidence"]["record"] for row in queue)

    _approve_in_the_console(product, browser)
    sent = eventually(
        lambda: [m for m in api.get("/api/outbox").json()["rows"] if m["state"] == "sent"], "the mail in the sink"
    )[0]
    mail = api.get(f"/api/outbox/{sent['id']}").json()
    assert mail["delivered"], "the sink holds no such mail"
    assert "List-Unsubscribe" in mail["delivered"]["headers"]
    link = re.search(rf"{re.escape(product.base)}/r/[\w-]+", mail["text"])
    assert link, mail["text"]

    _sign_up(product, browser, link.group())
    eventually(lambda: api.get("/api/referrals").json()["rows"], "the referral")
    _win_the_deal(product, crm)
    portal = re.search(rf"{re.escape(product.base)}/p/[\w-]+", mail["text"])
    assert portal, mail["text"]
    return _pay(product, browser, portal.group())


def _check_the_books(product: Product, payout: str) -> None:
    """The payout explains itself back to the raw events; ledger and replay agree."""
    chain = product.command("explain", f"payout:{payout}")
    for stage in ("payout", "reward", "posting", "conversion", "referral", "touch", "link", "message", "ask", "decision",
                  "moment", "raw event"):  # fmt: skip
        assert re.search(rf"^.{{17}} {stage}\b", chain, re.MULTILINE), f"{stage} is missing:\n{chain}"
    assert "zen-" in chain  # the raw webhook that began it
    assert "Fixed within the hour, thank you so much!" in chain
    assert '"Deal Won"' in chain

    assert "ok" in product.command("doctor")
    product.command("ledger", "verify")
    assert "everything is the same" in product.command("replay")
