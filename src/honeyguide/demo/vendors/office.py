"""The vendors behind one small HTTP server on the loopback address."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, Protocol
from urllib.parse import parse_qsl

import msgspec
import uvicorn

from honeyguide.core.errors import Unavailable
from honeyguide.demo.event import HUBSPOT, STRIPE, ZENDESK, DemoEvent
from honeyguide.demo.vendors.books import Shelf
from honeyguide.demo.vendors.diary import Diary
from honeyguide.demo.vendors.hubspot import HubSpot, Notice
from honeyguide.demo.vendors.stripe import Stripe
from honeyguide.demo.vendors.zendesk import Zendesk

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
_REQUEST_MAX = 1_000_000


class Vendor(Protocol):
    """What the office asks of a vendor."""

    @property
    def shelves(self) -> dict[str, Shelf]:
        """What it keeps, by name."""
        ...

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> dict[str, Any] | None:
        """The reply to a request, or None when there is nothing at this path."""
        ...


class Office:
    """The three vendors as an ASGI application: /hubspot, /zendesk and /stripe. `token` is what they all want to see."""

    def __init__(self, token: str) -> None:
        self.hubspot, self.zendesk, self.stripe = HubSpot(), Zendesk(), Stripe()
        self._vendors: dict[str, Vendor] = {"hubspot": self.hubspot, "zendesk": self.zendesk, "stripe": self.stripe}
        self._token = token
        self._diary: Diary | None = None
        self.base = ""

    def take(self, event: DemoEvent) -> Notice | None:
        """Let the vendor concerned know what happened. Returns HubSpot's notice of it; other doors are none of ours."""
        if self._diary is not None and event.door in (HUBSPOT, ZENDESK, STRIPE):
            self._diary.write(event)
        return self._fold(event)

    def _fold(self, event: DemoEvent) -> Notice | None:
        if event.door == HUBSPOT:
            return self.hubspot.take(event)
        if event.door == ZENDESK:
            self.zendesk.take(event)
        elif event.door == STRIPE:
            self.stripe.take(event)
        return None

    def open_with(self, history: Iterable[DemoEvent], diary: Diary | None = None) -> None:
        """Fold the history, and what the diary tells of the time after it. What is taken from then on is written there."""
        for event in history:
            self._fold(event)
        for event in diary.read() if diary else ():
            self._fold(event)
        self._diary = diary

    @property
    def counts(self) -> tuple[int, int]:
        """How many records were given out, or are known to whoever asked for what follows them; how many there are."""
        shelves = [s for v in self._vendors.values() for s in v.shelves.values()]
        total = sum(len(s.records) for s in shelves)
        return total - sum(s.unseen for s in shelves), total

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        status, content = await self._reply(scope, receive)
        body = msgspec.json.encode(content)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _reply(self, scope: dict[str, Any], receive: Receive) -> tuple[int, object]:
        _, _, rest = scope["path"].partition("/")
        name, _, path = rest.partition("/")
        vendor = self._vendors.get(name)
        if vendor is None:
            return 404, {"message": "No such vendor."}
        if not self._known(dict(scope["headers"])):
            return 401, {"message": "The token is not known here."}
        query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        query["_base"] = f"{self.base}/{name}"
        try:
            content = await _content(receive)
            found = vendor.answer(scope["method"], f"/{path}", query, content)
        except (ValueError, KeyError, TypeError, msgspec.DecodeError) as e:
            return 400, {"message": f"This cannot be read: {e}"}
        return (200, found) if found is not None else (404, {"message": f"Nothing at /{path}."})

    def _known(self, headers: dict[bytes, bytes]) -> bool:
        said = headers.get(b"authorization", b"").decode("latin-1")
        kind, _, rest = said.partition(" ")
        if kind.lower() == "basic":
            with contextlib.suppress(ValueError):
                rest = base64.b64decode(rest).decode("utf-8", "replace").rpartition(":")[2]
        return rest == self._token


async def _content(receive: Receive) -> Any:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > _REQUEST_MAX:
            raise ValueError("too large")
        if not message.get("more_body"):
            break
    return msgspec.json.decode(body) if body else None


@contextlib.asynccontextmanager
async def serving(office: Office, port: int = 0) -> AsyncIterator[str]:
    """Serve on the loopback address; the base URL. Raises Unavailable when the port is taken."""
    config = uvicorn.Config(
        office, host="127.0.0.1", port=port, log_level="critical", access_log=False, lifespan="off", interface="asgi3"
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]  # signals are the driver's
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if task.done():
                raise Unavailable(
                    f"Port {port} is taken by another program.", advice="Start the demo in a fresh data folder."
                )
            await asyncio.sleep(0.02)
        office.base = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield office.base
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError, SystemExit):
            await task
