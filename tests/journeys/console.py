"""The console as an operator opens it: signed in by a link, in a browser that tells what went wrong."""

import re
from typing import Any

from tests.journeys.product import Product


def signed_in(product: Product, browser: Any) -> tuple[Any, list[str]]:
    """A page on the console, and the list into which its script errors and refused contents fall."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: problems.append(str(e)))
    page.set_default_timeout(20_000)
    link = re.search(r"http\S+/sign-in/hgl_[\w-]+", product.command("operator", "link", "owner@localhost"))
    assert link
    page.goto(link.group())
    page.get_by_role("button").first.click()
    page.wait_for_url(f"{product.base}/")
    return page, problems
