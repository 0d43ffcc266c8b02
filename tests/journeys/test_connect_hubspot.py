"""HubSpot is connected in the console: tested, looked at, started; then it changes, and a dry run tells that all is right."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.browser import chromium
from tests.journeys.console import signed_in
from tests.journeys.hubspot import TOKEN, Portal, definition_at, portal
from tests.journeys.product import running


def _at_the_portal(page: Any, url: str) -> None:
    """Whatever the console connects is what it would be, but at our portal's address."""

    def moved(route: Any) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        wanted = {**route.request.post_data_json, "definition": definition_at(url)}
        route.continue_(post_data=json.dumps(wanted))

    page.route("**/api/connections", moved)


def _tested(page: Any) -> None:
    page.get_by_role("link", name="Sources", exact=True).first.click()
    page.get_by_role("link", name="Connect a system").first.click()
    page.get_by_role("link", name=re.compile("^HubSpot")).click()
    page.get_by_role("checkbox", name="Contacts", exact=True).wait_for()
    assert (
        page.get_by_role("checkbox", name=re.compile("older API")).first.is_visible() is False
    )  # folded: rarely needed
    page.get_by_role("textbox", name="Access token").fill(TOKEN)
    page.get_by_role("button", name="Connect and test").click()
    page.get_by_text("all required scopes to read notes").first.wait_for()  # what is missing, in the vendor's words
    page.get_by_role("button", name=re.compile("^Go on .")).click()


def _looked_at(page: Any) -> None:
    """The preview begins with people, read from the vendor, beside what they become."""
    page.get_by_role("region", name="Record 1", exact=True).get_by_text("persona.identified").wait_for()
    page.get_by_text(re.compile(r"Ines Roth, ines\.roth0@kranich\.example")).wait_for()
    page.get_by_role("button", name="That is right, go on").click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_text("First event arrived").wait_for(timeout=30_000)
    contacts = page.get_by_role("region", name="Streams").get_by_role("listitem").filter(has_text="Contacts").first
    contacts.get_by_text("Up to date, read").wait_for(timeout=60_000)
    page.get_by_role("link", name="Go to the source").click()


def _changed(page: Any, hubspot: Portal) -> None:
    """What changes there is here when it is read again."""
    page.get_by_role("heading", level=1, name="HubSpot").wait_for()
    assert (
        len(hubspot.paths("/crm/v3/objects/contacts/search")) >= 4
    )  # the test, the preview, and both pages of the sync
    hubspot.may.add("notes")
    hubspot.change("505", jobtitle="Chief of wonder")
    page.get_by_role("button", name="Read now").click()
    page.get_by_role("tab", name="Live").click()
    row = page.get_by_role("button", name=re.compile("contacts:505:"))
    row.first.wait_for(timeout=30_000)
    row.first.click()
    assert "Chief of wonder" in page.get_by_role("region", name="As it came").inner_text()


def _tried_dry(page: Any) -> None:
    page.get_by_role("tab", name="Mapping").click()
    page.get_by_role("button", name="Take the newest that came").click()
    page.wait_for_function("() => document.querySelector('textarea')?.value.includes('Chief of wonder')")
    assert page.get_by_label("What it is").input_value() == "contacts"
    page.get_by_role("button", name="See what it becomes").click()
    page.get_by_text("HubSpot contact 505").first.wait_for()
    page.get_by_role("link", name="Try it on the past").click()
    page.get_by_role("button", name="Start the trial").click()
    page.get_by_text("Nothing would change").first.wait_for(timeout=60_000)


@pytest.mark.journey
@pytest.mark.slow
def test_hubspot_from_its_token_to_a_dry_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HONEYGUIDE_ALLOW_PRIVATE_HOSTS", "127.0.0.1")
    with portal() as hubspot, running(tmp_path) as product, chromium() as browser:
        hubspot.may.discard("notes")
        page, problems = signed_in(product, browser)
        _at_the_portal(page, hubspot.url)
        _tested(page)
        _looked_at(page)
        _changed(page, hubspot)
        _tried_dry(page)
        assert problems == []
