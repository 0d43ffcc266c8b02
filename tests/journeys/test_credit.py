"""Whose a sale is, and whether it is honest, as the people who answer for the money see it: told why, disputed, tried,
decided; a suspicious referral decided by a key. What the pages say is checked behind their back.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.journeys.browser import chromium
from tests.journeys.console import signed_in
from tests.journeys.customers import deliver_the_past
from tests.journeys.product import Product, eventually, running

pytestmark = [pytest.mark.journey, pytest.mark.slow]
PATIENCE = 60_000  # ms; a busy machine is slow, not wrong
PERSON = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36",
    "accept": "text/html",
}
FRIEND = "paula.friend@newcomer.example"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """An advocate whose friend came by the link and bought, and one who refers nobody but themselves."""
    with running(tmp_path_factory.mktemp("credit")) as started:
        deliver_the_past(started)
        with started.api("read", "write", "track") as api:
            advocates = _links(api)
            _come_by(started, advocates[0][0]["link"], FRIEND, "Paula Friend")
            own = advocates[1][1]
            local, domain = own["email"].split("@")
            _come_by(started, advocates[1][0]["link"], f"{local}+friend@{domain}", own["name"])
            eventually(lambda: api.get("/api/referrals").json()["total"] >= 2, "the referrals")
            _buy(api)
        yield started


def _links(api: httpx.Client) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Two advocates: asked, so that they have a link."""
    eventually(lambda: api.get("/api/ask-now").json()["total"] > 1, "two asks", 240)
    queue = api.get("/api/ask-now").json()["rows"]
    found = []
    for row in queue[:2]:
        assert api.post(f"/api/asks/{row['id']}/approve", json={}).status_code == 200
        persona = api.get(f"/api/personas/{row['persona']['id']}").json()
        found.append((persona["advocate"], persona))
    return found


def _come_by(product: Product, link: str, email: str, name: str) -> None:
    with httpx.Client(follow_redirects=True, headers=PERSON, timeout=30) as friend:
        landed = friend.get(link)
        hidden = re.search(r'name="v" value="([^"]+)"', landed.text)
        assert hidden
        form = {"v": hidden.group(1), "website": "", "email": email, "name": name}
        done = friend.post(str(landed.url), data=form, headers={"origin": product.base, "referer": str(landed.url)})
        assert done.status_code == 200, done.text


def _buy(api: httpx.Client) -> None:
    lead = {
        "clickId": "",
        "eventName": "Sign up",
        "customerExternalId": "c1",
        "customerEmail": FRIEND,
        "customerName": "Paula Friend",
    }
    assert api.post("/v1/track/lead", json=lead).status_code == 200
    sale = {"customerExternalId": "c1", "amount": 1_200_000, "currency": "eur", "invoiceId": "inv-1"}
    assert api.post("/v1/track/sale", json=sale).json()["attributed"] is True
    eventually(lambda: api.get("/api/conversions").json()["rows"], "the credit")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all of them."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def api(product: Product) -> Iterator[httpx.Client]:
    """Whoever checks behind the console's back."""
    with product.api("read") as client:
        yield client


@pytest.fixture
def page(product: Product, browser: Any) -> Iterator[Any]:
    """A signed-in page; a script error or a refused content fails the journey."""
    opened, problems = signed_in(product, browser)
    opened.set_default_timeout(PATIENCE)
    yield opened
    opened.close()
    assert [p for p in problems if "status of 4" not in p] == []


def test_a_credit_is_told_disputed_tried_and_decided(page: Any, api: httpx.Client) -> None:
    sale = api.get("/api/conversions").json()["rows"][0]
    before = api.get(f"/api/conversions/{sale['id']}").json()
    assert [c["share_bp"] for c in before["credited"]] == [10_000]
    page.get_by_role("link", name="Referrals").click()
    page.get_by_role("link", name="Who gets the credit").click()
    page.get_by_role("heading", name="Who gets the credit").wait_for()
    page.get_by_role("link").filter(has_text="Paula Friend").or_(
        page.get_by_role("row").filter(has_text="Paula Friend").get_by_role("link")
    ).first.click()

    # Both sides are told why, and each touch that does not count says so.
    page.get_by_text(before["for_advocate"]).wait_for()
    page.get_by_text(before["for_company"]).wait_for()
    touches = page.get_by_role("list", name="Touches").get_by_role("listitem")
    assert touches.count() == len(before["touches"])
    unsaid = [t for t in before["touches"] if not t["counted"]]
    assert unsaid
    touches.filter(has_text=unsaid[0]["why_not"]).first.wait_for()

    page.get_by_role("button", name="Record a dispute").click()
    box = page.get_by_role("dialog", name="Record a dispute")
    box.get_by_label("Who disputes it").fill("The other advocate")
    box.get_by_label("What they say").fill("I brought them first")
    box.get_by_role("button", name="Record it").click()
    box.wait_for(state="detached")
    page.get_by_text("I brought them first").first.wait_for()
    assert api.get(f"/api/conversions/{sale['id']}").json()["state"] == "disputed"

    # Seen before it is made, and nothing has moved until then.
    page.get_by_role("button", name="Decide the credit").click()
    sheet = page.get_by_role("dialog", name="Decide the credit")
    sheet.get_by_label("Nobody gets it").check()
    assert sheet.get_by_role("button", name="Decide", exact=True).is_disabled()
    sheet.get_by_role("button", name="See what it changes").click()
    sheet.get_by_role("heading", name="What it changes").wait_for()
    assert api.get(f"/api/conversions/{sale['id']}").json()["credited"] == before["credited"]
    sheet.get_by_label("Reason, told to both sides").fill("They knew us before")
    sheet.get_by_role("button", name="Decide", exact=True).click()
    sheet.wait_for(state="detached")
    page.get_by_text("They knew us before").first.wait_for()
    after = api.get(f"/api/conversions/{sale['id']}").json()
    assert after["credited"] == []
    assert after["decisions"][-1]["kind"] == "none"
    rewards = [row for row in api.get("/api/rewards").json()["rows"] if row["state"] not in ("void", "reversed")]
    assert rewards == []
    assert api.get("/api/ledger").json()["verified"]["ok"] is True


def test_a_suspicious_referral_is_decided_by_a_key_and_taken_back(page: Any, api: httpx.Client) -> None:
    case = eventually(lambda: api.get("/api/fraud/cases").json()["rows"], "the case")[0]
    assert case["held"] is True
    page.get_by_role("link", name="Referrals").click()
    page.get_by_role("link", name=re.compile("^Fraud review")).click()
    pane = page.get_by_role("region", name="The chosen case")
    for reason in [r for r in case["reasons"] if not r.startswith("Likely fraud")][:2]:
        pane.get_by_text(reason).first.wait_for()
    pane.get_by_role("group", name=re.compile("^Graph of")).wait_for()

    # A key decides; within six seconds another one takes it back without a trace.
    page.keyboard.press("f")
    page.get_by_role("status").get_by_text(re.compile("^Fraud: ")).wait_for()
    page.keyboard.press("u")
    page.get_by_text(re.compile("^Taken back")).wait_for()
    assert api.get(f"/api/fraud/cases/{case['referral_id']}").json()["state"] == "open"

    page.get_by_label("Reason, kept with the verdict").fill("They referred themselves")
    page.get_by_label("Reason, kept with the verdict").blur()
    page.keyboard.press("f")
    # Leaving the page sends what is decided at once.
    page.get_by_role("link", name="Programs", exact=True).click()
    address = f"/api/fraud/cases/{case['referral_id']}"
    eventually(lambda: api.get(address).json()["state"] == "fraud", "the verdict")
    found = api.get(address).json()
    assert found["reason"] == "They referred themselves"
    page.goto(f"{page.url.split('/programs')[0]}/referrals/fraud?state=fraud")
    page.get_by_role("region", name="The chosen case").get_by_text("They referred themselves").wait_for()
