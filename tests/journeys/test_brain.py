"""The brain as a marketing lead meets it: whom to ask and why, a playbook changed and tried, an experiment too young to
tell, a level that is not earned yet, and everything stopped at once.
"""

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.journeys.browser import chromium
from tests.journeys.console import signed_in
from tests.journeys.customers import FIRMS, deliver_the_past
from tests.journeys.product import Product, eventually, running

pytestmark = [pytest.mark.journey, pytest.mark.slow]
PATIENCE = 60_000  # ms; a busy machine is slow, not wrong


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One installation with six delighted customers, whose asks wait for a person."""
    with running(tmp_path_factory.mktemp("brain")) as started, started.api("read") as api:
        _use_the_product(started, api)
        deliver_the_past(started)
        _stands_still(api)
        yield started


def _use_the_product(product: Product, api: httpx.Client) -> None:
    """What they use is known before anybody is asked: something personal to say."""
    key = product.source("segment", "App")
    for number, (_firm, domain) in enumerate(FIRMS, start=1):
        who = {"userId": f"app-{number}"}
        traits = {"email": f"lena{number}@{domain}", "name": f"Lena Vogt {number}"}
        uses = {"product": "Dispatch", "feature": "Slot planner", "n": 12}
        product.send(
            key,
            {"type": "identify", "messageId": f"ai-{number}", **who, "traits": traits},
            {"type": "track", "messageId": f"at-{number}", "event": "Feature Used", **who, "properties": uses},
        )
    eventually(lambda: api.get("/api/personas").json()["total"] == len(FIRMS), "the people", 180)
    people = [row["id"] for row in api.get("/api/personas").json()["rows"]]
    eventually(
        lambda: all(api.get(f"/api/entities/{i}/neighbourhood").json()["edges"] for i in people), "what they use", 180
    )


def _stands_still(api: httpx.Client) -> None:
    """Wait until somebody may be asked and the queue no longer grows: the sources are read one after another."""
    before = 0
    for _ in range(60):
        time.sleep(4)
        now = int(api.get("/api/ask-now").json()["total"])
        if now and now == before:
            return
        before = now
    raise AssertionError("nobody may be asked")


def _phrases(api: httpx.Client, ask: str) -> list[dict[str, Any]]:
    return list(api.get(f"/api/asks/{ask}/phrases").json()["rows"])


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
    # What the server refuses on purpose is told by the browser in its own words.
    assert [p for p in problems if "status of 4" not in p] == []


def test_whom_to_ask_and_why(page: Any, api: httpx.Client) -> None:
    waiting = next(row for row in api.get("/api/ask-now").json()["rows"] if _phrases(api, row["id"]))
    name = waiting["persona"]["name"]
    page.get_by_role("option").filter(has_text=name).click()
    pane = page.get_by_role("region", name="The chosen ask")
    for question in ("Who", "Why", "What", "When"):
        pane.get_by_role("term").filter(has_text=question).first.wait_for()
    pane.get_by_text(f"{waiting['moment']['title']},").first.wait_for()
    pane.get_by_text(waiting["offer"]["label"]).first.wait_for()

    # Readiness is a range with its parts, and a part opens the record it stands on.
    card = pane.get_by_role("region", name="Readiness")
    ready = eventually(lambda: api.get(f"/api/personas/{waiting['persona']['id']}/readiness").json(), "readiness")
    low, high = round(ready["low"]), round(ready["high"])
    card.get_by_text(f"{low}–{high}").wait_for()
    proven = next(c for c in ready["contributions"] if c["evidence"])
    card.get_by_role("button", name=re.compile(re.escape(proven["text"]))).click()
    card.get_by_text(proven["evidence"][0]["record"]).first.wait_for()

    # Every personal phrase of the message shows what it rests on, by keyboard too.
    pane.get_by_role("tab", name="Message").click()
    letter = pane.get_by_role("article", name="The message as it would be read")
    letter.get_by_text(re.compile(name.split()[0])).first.wait_for()
    phrase = _phrases(api, waiting["id"])[0]
    letter.get_by_role("button", name=phrase["text"]).focus()
    page.get_by_role("tooltip").get_by_text(phrase["fact"]).wait_for()
    page.get_by_role("tooltip").get_by_text(phrase["evidence"]["record"]).wait_for()

    pane.get_by_role("tab", name="Experts").click()
    pane.get_by_role("heading", name="Without you").wait_for()
    pane.get_by_text(re.compile("agree|would do something else")).first.wait_for()


def test_a_false_moment_teaches(page: Any, api: httpx.Client) -> None:
    before = api.get("/api/moments", params={"state": "disputed"}).json()["total"]
    name = page.get_by_role("option").last.locator(".strong").first.inner_text()
    page.get_by_role("option").filter(has_text=name).click()
    page.get_by_role("button", name=re.compile("^Not now")).click()
    page.get_by_role("menuitem", name=re.compile("This was no good moment")).click()
    page.get_by_text(f"Not now for {name}").wait_for()
    eventually(lambda: api.get("/api/moments", params={"state": "disputed"}).json()["total"] == before + 1, "the label")


def test_a_playbook_is_changed_and_tried_on_the_past(product: Product, page: Any, api: httpx.Client) -> None:
    page.goto(f"{product.base}/playbooks?vertical=other")
    page.get_by_role("table", name="Playbooks by stage").wait_for()
    shown = api.get("/api/playbooks/value-small-business-other").json()["all_steps"]
    at = next(i for i, one in enumerate(shown) if one["layer"] != "general")  # the first on the page
    page.goto(f"{product.base}/playbooks/value-small-business-other")
    step = page.get_by_role("article", name=shown[at]["title"])
    for said in shown[at]["sentences"]:  # the console says what the server says, word for word
        if not {"lift", "why"} & set(said["fields"]):
            step.get_by_text(said["sentence"], exact=True).wait_for()
    step.get_by_role("button", name="Change how often").click()
    days = step.get_by_label("Days between two asks")
    before = int(days.input_value())
    days.fill(str(before + 7))
    step.get_by_role("button", name="Done").click()
    step.get_by_text(f"at least {before + 7} days").wait_for()

    bar = page.get_by_role("region", name="Changes not kept yet")
    bar.get_by_text("1 sentence changed").wait_for()
    bar.get_by_role("button", name="Try it on the past").click()
    page.get_by_text(re.compile("days it would have asked|Nobody came into question")).wait_for()
    assert api.get("/api/playbooks/value-small-business-other").json()["version"] == 0  # trying keeps nothing

    bar.get_by_role("button", name="Put in force").click()
    page.get_by_role("dialog").get_by_role("button", name="Put in force").click()
    page.get_by_text("Version 1 is in force").wait_for()
    page.get_by_role("tab", name=re.compile("^Versions")).click()
    page.get_by_role("button", name="What changed").first.click()
    page.get_by_text(re.compile(f"{before + 7} days")).first.wait_for()
    page.get_by_role("button", name="Go back to this").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Go back").click()
    page.get_by_text("is in force again").wait_for()
    kept = api.get("/api/playbooks/value-small-business-other").json()
    assert kept["version"] == 2
    assert kept["all_steps"][at]["form"]["cadence"]["gap_days"] == before


def test_an_experiment_too_young_says_so_and_shows_no_number(product: Product, page: Any, api: httpx.Client) -> None:
    rows = eventually(lambda: api.get("/api/experiments").json()["rows"], "an experiment", 180)
    young = next(r for r in rows if r["kind"] == "referrals")
    assert young["verdict"] == "not_enough_yet"
    page.goto(f"{product.base}/experiments")
    row = page.get_by_role("row").filter(has_text=young["title"])
    row.get_by_text("Not enough data yet").wait_for()
    assert " pp" not in row.inner_text()
    row.get_by_role("link").first.click()
    page.get_by_role("heading", level=1, name=young["title"]).wait_for()
    page.get_by_text(young["sentence"]).wait_for()
    assert " pp" not in page.locator("main").inner_text()
    page.goto(f"{product.base}/experiments?tab=growth")
    page.get_by_text("Not known yet").first.wait_for()


def test_a_level_that_is_not_earned_is_refused_with_what_is_missing(
    product: Product, page: Any, api: httpx.Client
) -> None:
    page.goto(f"{product.base}/autonomy")
    slider = page.get_by_role("slider").first
    slider.wait_for()
    step = api.get("/api/autonomy").json()["rows"][0]
    assert (step["level"], step["max_level_now"]) == (0, 0)
    slider.fill("1")
    refused = page.get_by_role("dialog", name="Level 1 is not open yet")
    refused.get_by_text(step["missing"][0]["text"]).wait_for()
    refused.get_by_role("button", name="Leave it at level 0").click()
    assert slider.input_value() == "0"
    assert api.get("/api/autonomy").json()["rows"][0]["level"] == 0


def test_everything_is_stopped_at_once_and_goes_on(product: Product, page: Any, api: httpx.Client) -> None:
    page.goto(f"{product.base}/autonomy")
    page.get_by_role("button", name="Stop everything").click()
    asked = page.get_by_role("dialog", name="Stop everything that runs alone?")
    asked.get_by_role("button", name="Cancel").click()
    assert api.get("/api/autonomy").json()["stopped"] is False  # asking is not stopping

    page.get_by_role("button", name="Stop everything").click()
    asked.get_by_role("textbox").fill("Complaints came in")
    asked.get_by_role("button", name="Stop now").click()
    page.get_by_text("Everything is stopped.").wait_for()
    page.get_by_text("Complaints came in").wait_for()
    assert api.get("/api/autonomy").json()["stopped"] is True
    page.get_by_role("tab", name="History").click()
    page.get_by_role("table", name="History of autonomy").get_by_text("Complaints came in").wait_for()
    page.get_by_text("signed", exact=True).first.wait_for()

    page.get_by_role("button", name="Let it go on").click()
    page.get_by_role("dialog").get_by_role("button", name="Let it go on").click()
    page.get_by_role("button", name="Stop everything").wait_for()
    assert api.get("/api/autonomy").json()["stopped"] is False
