"""A system of a vendor is connected in the console: access refused and mended, previewed, started, watched, read again."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.browser import chromium
from tests.journeys.console import signed_in
from tests.journeys.intercom import TOKEN, Intercom, intercom
from tests.journeys.product import running


def _access(page: Any, vendor: Intercom) -> None:
    """A mistyped token is told apart from a missing permission, and mended without leaving the page."""
    page.get_by_role("link", name="Sources", exact=True).first.click()
    page.get_by_role("link", name="Connect a system").first.click()
    page.get_by_role("link", name="Intercom").click()
    page.get_by_label("API address").fill(vendor.url)
    page.get_by_label("Access token", exact=True).fill("mistyped")
    page.get_by_role("button", name="Connect and test").click()
    page.get_by_role("alert").filter(
        has_text="Intercom refused the token (401). It says: Access Token Invalid"
    ).wait_for()
    assert page.get_by_role("button", name="Go on").count() == 0
    page.get_by_role("button", name="Change the access").click()
    box = page.get_by_role("dialog")
    box.get_by_label("Access token", exact=True).fill(TOKEN)
    box.get_by_role("button", name="Save and test").click()
    box.get_by_text("3 of 4 streams can be read.").wait_for()
    box.get_by_role("button", name="Close").click()
    page.get_by_text("The token lacks the scope read_tickets").wait_for()
    page.get_by_role("button", name="Go on without Tickets").click()


def _preview(page: Any) -> None:
    """Real records beside what they become; nothing is kept."""
    page.get_by_role("heading", name="What Intercom brings").wait_for()
    assert page.get_by_role("tab", name="Tickets").count() == 0
    page.get_by_role("tab", name="Conversations").click()
    page.get_by_text("ticket.rated").first.wait_for()
    assert page.get_by_text("Solved within minutes, thank you!").count() > 0
    page.get_by_role("button", name="That is right, go on").click()


def _start(page: Any) -> None:
    assert page.get_by_role("main").get_by_text("Tickets").count() == 0
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_text("First event arrived").wait_for(timeout=40_000)
    page.get_by_role("link", name="Go to the source").click()
    page.get_by_role("heading", level=1, name="Intercom").wait_for()
    page.get_by_role("region", name="Streams").get_by_text("Up to date, read").nth(2).wait_for(timeout=40_000)


def _look(page: Any) -> None:
    """What came, in which shapes; a stream that was left out is brought, and says what stands in its way."""
    page.get_by_role("tab", name="Live").click()
    page.get_by_role("searchbox").fill("Solved within minutes")
    page.get_by_text("ticket.rated").or_(page.get_by_text("ticket.opened")).first.wait_for()
    page.get_by_role("tab", name="Catalogue").click()
    page.get_by_role("button", name=re.compile("^conversations")).click()
    page.get_by_text("conversation_rating.remark").wait_for()
    page.get_by_role("tab", name="Overview").click()
    page.get_by_role("button", name="What to do with Tickets").click()
    page.get_by_role("menuitem", name="Bring it too").click()
    page.get_by_text("Tickets cannot be read; the rest is.").wait_for(timeout=40_000)
    page.get_by_role("button", name="What to do with Tickets").click()
    page.get_by_role("menuitem", name="Leave it out").click()
    page.get_by_text("Tickets cannot be read").wait_for(state="detached", timeout=40_000)


def _read_the_past_again(page: Any) -> None:
    """A trial says what would change, and today nothing would."""
    page.get_by_role("tab", name="Mapping").click()
    page.get_by_role("link", name="Try it on the past").click()
    page.get_by_label("What is read again").locator("option:checked", has_text="Intercom").wait_for(state="attached")
    page.get_by_role("button", name="Start the trial").click()
    page.get_by_role("dialog").get_by_text("Nothing would change.").wait_for(timeout=90_000)
    page.get_by_role("button", name="Close").click()
    page.get_by_role("row").filter(has_text="Trial: nothing is changed").get_by_text("Done").wait_for()


@pytest.mark.journey
@pytest.mark.slow
def test_a_system_from_its_access_to_a_trial_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HONEYGUIDE_ALLOW_PRIVATE_HOSTS", "127.0.0.1")
    with intercom() as vendor, running(tmp_path) as product, chromium() as browser:
        page, problems = signed_in(product, browser)
        _access(page, vendor)
        _preview(page)
        assert product.command("source", "list").count(" 0 accepted") >= 1  # looking at it kept nothing
        _start(page)
        _look(page)
        _read_the_past_again(page)
        assert problems == []
