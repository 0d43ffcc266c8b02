"""The product as its people meet it: the console's API with a key, and the public pages with a browser."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from html import unescape
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from honeyguide.core.errors import BadInput, Unavailable
from honeyguide.demo.wire import Reply, Wire

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
SCANNER = "Mozilla/5.0 (compatible; SafeLinks Scanner/2.1; preview)"
_INPUT = re.compile(r"<input\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'([a-z-]+)\s*=\s*"([^"]*)"', re.IGNORECASE)
_CODE = re.compile(r"/r/([A-Za-z0-9_-]{4,40})")
_PORTAL = re.compile(r"/p/[A-Za-z0-9_-]{20,}")

Found = TypeVar("Found")


class Console:
    """One operator's view, through an API key."""

    def __init__(self, wire: Wire, key: str) -> None:
        self._wire, self._headers = wire, {"authorization": f"Bearer {key}", "accept": "application/json"}

    async def get(self, path: str) -> dict[str, Any]:
        """A JSON answer. Raises BadInput with the server's words when it refuses."""
        return self._checked(path, await self._wire.patiently("GET", path, headers=self._headers)).json()

    async def rows(self, path: str, most: int = 400) -> list[dict[str, Any]]:
        """The rows of a list, over its pages."""
        found: list[dict[str, Any]] = []
        after: Any = None
        while len(found) < most:
            mark = "&" if "?" in path else "?"
            answer = await self.get(path + (f"{mark}{urlencode({'after': after})}" if after else ""))
            rows = answer.get("rows")
            found += rows if isinstance(rows, list) else []
            after = answer.get("next")
            if not after:
                break
        return found

    async def post(self, path: str, content: dict[str, Any] | None = None) -> Reply:
        """A write; the reply whatever its status, since refusals are part of the story."""
        headers = {**self._headers, "content-type": "application/json"}
        return await self._wire.patiently("POST", path, msgspec.json.encode(content or {}), headers)

    async def fetch(self, path: str) -> bytes:
        """A file."""
        return self._checked(path, await self._wire.patiently("GET", path, headers=self._headers)).body

    @staticmethod
    def _checked(path: str, reply: Reply) -> Reply:
        if reply.status >= 300:
            raise BadInput(f"The demo's own request {path.split('?', maxsplit=1)[0]} was refused.", reply.problem())
        return reply


def code_in(text: str) -> str | None:
    """The link code a message carries."""
    found = _CODE.search(text)
    return found[1] if found else None


async def accept_terms(wire: Wire, text: str) -> bool:
    """Open the advocate's own page that a message links to and accept the terms. False when it links to none."""
    found = _PORTAL.search(text)
    if found is None:
        return False
    headers = {"user-agent": BROWSER, "content-type": "application/x-www-form-urlencoded"}
    return (await wire.patiently("POST", f"{found[0]}/accept", b"", headers)).status < 400


async def follow(wire: Wire, code: str, agent: str = BROWSER) -> str | None:
    """Click a link as somebody's mail program opens it. Returns the landing page's path, None when there is none."""
    reply = await wire.patiently("GET", f"/r/{code}", headers={"user-agent": agent, "referer": "https://mail.example/"})
    where = reply.headers.get("location", "")
    if reply.status not in (301, 302, 303, 307) or not where:
        return None
    parts = urlsplit(where)
    return parts.path + (f"?{parts.query}" if parts.query else "")


async def sign_up(wire: Wire, landing: str, name: str, email: str) -> int:
    """Read the landing page and send its form. Returns the HTTP status."""
    agent = {"user-agent": BROWSER, "accept": "text/html"}
    page = await wire.patiently("GET", landing, headers=agent)
    if page.status != 200:
        return page.status
    form = _fields(page.body.decode(errors="replace"))
    for field in form:
        if "mail" in field:
            form[field] = email
        elif field in ("name", "full_name", "friend_name"):
            form[field] = name
    form.setdefault("email", email)
    form.setdefault("name", name)
    headers = {**agent, "content-type": "application/x-www-form-urlencoded"}
    reply = await wire.patiently("POST", landing, urlencode(form).encode(), headers)
    return reply.status


def _fields(html: str) -> dict[str, str]:
    """What the form would send unfilled. A field people cannot see and must leave alone stays empty."""
    form: dict[str, str] = {}
    for tag in _INPUT.findall(html):
        attributes = {k.lower(): unescape(v) for k, v in _ATTRIBUTE.findall(tag)}
        kind = attributes.get("type", "text")
        if "name" not in attributes or kind in ("submit", "button", "reset"):
            continue
        if kind == "checkbox" and "required" not in tag:
            continue
        form[attributes["name"]] = attributes.get("value", "on" if kind == "checkbox" else "")
    return form


async def until(
    what: str, look: Callable[[], Awaitable[Found | None]], patience_s: float, pause_s: float = 0.5
) -> Found:
    """Look again and again until there is something. Raises Unavailable naming `what` when it does not come."""
    deadline = asyncio.get_running_loop().time() + patience_s
    while True:
        found = await look()
        if found is not None:
            return found
        if asyncio.get_running_loop().time() + pause_s > deadline:
            raise Unavailable(f"Waited {patience_s:.0f} seconds for {what}.")
        await asyncio.sleep(pause_s)
        pause_s = min(3.0, pause_s * 1.3)
