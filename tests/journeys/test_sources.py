"""A source is made in the console, its first event comes by the snippet shown there, and is seen coming."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.browser import chromium
from tests.journeys.console import signed_in
from tests.journeys.product import Product, running


def _run(snippet: str) -> None:
    """What a developer does with the snippet: pastes it into a terminal."""
    done = subprocess.run(["sh", "-c", f"{snippet} --fail --silent --show-error"], capture_output=True, text=True, timeout=30, check=False)  # fmt: skip
    assert done.returncode == 0, f"{snippet}\n{done.stdout}\n{done.stderr}"


def _make(page: Any) -> str:
    """From the empty list to the key; returns the snippet as it is shown."""
    page.get_by_role("link", name="Sources", exact=True).first.click()
    page.get_by_role("link", name="Connect a system").first.click()
    page.get_by_role("link", name="Your own code").click()
    page.get_by_label("Name, as it appears in the list").fill("Workshop")
    page.get_by_role("button", name="Make the key").click()
    page.get_by_text("Waiting for the first event").wait_for()
    shown = page.get_by_role("region", name="Try it from a terminal").inner_text()
    assert "hgw_" in shown
    return str(shown)


def _see_the_first(page: Any, snippet: str) -> None:
    _run(snippet)
    page.get_by_text("First event arrived").wait_for(timeout=30_000)
    page.get_by_text("feature.used").first.wait_for()


def _watch(page: Any, product: Product, key: str) -> None:
    """The live tail shows what comes while it is looked at, raw beside what it became."""
    page.get_by_role("link", name="Watch it live").click()
    page.get_by_text("Listening").wait_for()
    product.send(
        key,
        {"type": "track", "messageId": "live-1", "userId": "u-77", "event": "Feature Used",
         "context": {"traits": {"email": "ida@workshop.example"}}, "properties": {"feature": "press"}},
    )  # fmt: skip
    row = page.get_by_role("button", name="live-1")
    row.wait_for()
    row.click()
    raw = page.get_by_role("region", name="As it came").inner_text()
    assert json.loads(raw)["properties"]["feature"] == "press"
    page.get_by_text("press").last.wait_for()
    # Held, nothing new is shown; going on shows it.
    page.keyboard.press("p")
    page.get_by_text("Held").wait_for()
    product.send(key, {"type": "track", "messageId": "live-2", "userId": "u-77", "event": "Feature Used", "properties": {"feature": "lathe"}})  # fmt: skip
    page.wait_for_timeout(3000)
    assert page.get_by_role("button", name="live-2").count() == 0
    page.keyboard.press("p")
    page.get_by_role("button", name="live-2").wait_for()


def _in_the_list(page: Any, product: Product) -> None:
    page.goto(f"{product.base}/sources")
    row = page.get_by_role("row").filter(has_text="Workshop")
    row.get_by_text("OK").wait_for()
    row.get_by_role("link").first.click()
    page.get_by_role("heading", level=1, name="Workshop").wait_for()
    # Paused, it refuses; resumed, it is as before.
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Pause").wait_for()


def _bought(ident: str, **properties: Any) -> dict[str, Any]:
    who = {"userId": "u-77", "context": {"traits": {"email": "ida@workshop.example"}}}
    return {"type": "track", "messageId": ident, "event": "Order Completed", "properties": properties, **who}


def _expect(page: Any, mode: str) -> None:
    page.get_by_role("tab", name="Tracking plan").click()
    page.get_by_label(mode).check()
    page.get_by_role("button", name="Save the plan").click()
    page.get_by_text("The plan holds from the next event on").wait_for()


def _mend_letters(page: Any, product: Product, key: str) -> None:
    """What breaks the plan waits; one is mended by hand, the others go through together when the plan is off."""
    product.send(key, _bought("order-1", order_id="A1", total=20, currency="EUR"))
    page.get_by_role("tab", name="Live").click()
    page.get_by_role("button", name="order-1").wait_for()
    page.get_by_role("tab", name="Tracking plan").click()
    page.get_by_role("button", name="Fill in from what was seen").click()
    _expect(page, "Quarantine")
    where = page.url
    product.send(key, *[_bought(f"order-{n}", total=10 + n, currency="EUR") for n in (2, 3, 4)])
    page.get_by_role("link", name="Mend or retry them").click(timeout=60_000)
    page.get_by_role("button", name="Lacks order").filter(has_text="3").wait_for()
    page.get_by_role("row").filter(has_text="Lacks order").first.get_by_role("button").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="Retry as it is").click()
    sheet.get_by_text("It failed again.").wait_for()
    sheet.get_by_role("button", name="Edit and retry").click()
    box = sheet.get_by_label("The body, as it should have been")
    body = json.loads(box.input_value())
    box.fill(json.dumps(body | {"properties": body["properties"] | {"order_id": "A9"}}))
    sheet.get_by_role("button", name="Save and retry").click()
    page.get_by_role("status").get_by_text("It went through").wait_for()
    page.get_by_role("button", name="Retry all 2").wait_for()
    page.goto(where)
    _expect(page, "Off")
    page.goto(f"{product.base}/sources?tab=dead-letters")
    page.get_by_role("button", name="Retry all 2").click()
    page.get_by_role("status").get_by_text("2 of 2 went through").wait_for(timeout=60_000)
    page.get_by_text("Not one dead letter").wait_for()


def _renew(page: Any, product: Product, key: str) -> None:
    """The old key is refused from the moment there is a new one."""
    page.get_by_role("button", name="Renew key").click()
    page.get_by_role("button", name="Renew it").click()
    page.get_by_text("New key, shown only now").wait_for()
    said = page.get_by_role("region", name="Try it from a terminal").inner_text()
    new = said[said.index("hgw_") :].split(":")[0].split()[0]
    assert new != key
    again = _bought("order-9", order_id="A2", total=1, currency="EUR")
    assert (
        httpx.post(f"{product.base}/v1/batch", json={"batch": [again]}, auth=(key, ""), timeout=30).status_code == 401
    )
    product.send(new, again)


def _suppress(page: Any) -> None:
    page.goto(page.url.split("/sources")[0] + "/people/suppressions")
    page.get_by_role("button", name="Suppress someone").click()
    page.get_by_label("Whose").fill("ida@workshop.example")
    page.get_by_label("Reason").fill("Asked by letter")
    page.get_by_role("button", name="Suppress", exact=True).last.click()
    row = page.get_by_role("row").filter(has_text="Asked by letter")
    row.get_by_role("button", name="Lift: Asked by letter").click()
    page.get_by_role("button", name="Lift it").click()
    row.get_by_text("lifted").wait_for()


@pytest.mark.journey
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl, as the snippet does")
def test_a_source_from_its_name_to_its_live_events(tmp_path: Path) -> None:
    with running(tmp_path) as product, chromium() as browser:
        page, problems = signed_in(product, browser)
        snippet = _make(page)
        key = snippet[snippet.index("hgw_") :].split(":")[0].split("/")[0].split()[0]
        _see_the_first(page, snippet)
        _watch(page, product, key)
        _mend_letters(page, product, key)
        _in_the_list(page, product)
        _renew(page, product, key)
        _suppress(page)
        assert problems == []
