"""How rails call: one request, a hard time limit, a bounded answer; what did not come back for certain is `Unknown`.

Nothing here repeats a call: the worker asks again under the same key, when the books say so.
"""

import asyncio
import functools
import logging
import math
import ssl
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx2
import msgspec
from msgspec import Struct

from honeyguide.core.errors import HoneyguideError
from honeyguide.core.money import exponent
from honeyguide.ledger import Unknown, decimal_text

TIMEOUT_S = 25.0  # well under the outbox's lease: nobody else asks while we still wait
_ANSWER_BYTES = 1_000_000
_WAIT_MOST_S = 86_400
Reach = Callable[[], httpx2.AsyncBaseTransport]
# The client's own lines name whole addresses.
for _chatty in ("httpx2", "httpcore2"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)


class Reply(Struct, frozen=True):
    """A complete answer of the provider; `body` is decoded JSON, None when it is none."""

    status: int
    body: Any
    wait_s: int = 0

    def get(self, *path: str | int) -> Any:
        """The value at a path of the body, None when it is not there."""
        found = self.body
        for step in path:
            if isinstance(found, dict) and isinstance(step, str):
                found = found.get(step)
            elif isinstance(found, list) and isinstance(step, int) and -len(found) <= step < len(found):
                found = found[step]
            else:
                return None
        return found

    def text(self, *path: str | int) -> str:
        """The same as text, empty when it is not there."""
        found = self.get(*path)
        return "" if found is None or isinstance(found, dict | list) else str(found)

    def said(self) -> str:
        """What an error says, in the provider's own words."""
        tries = (
            ("error", "message"),
            ("errors", "message"),
            ("errors", 0, "message"),
            ("message",),
            ("error_description",),
        )
        told = next((t for path in tries if (t := self.text(*path))), "")
        return f"{told} ({self.status})"[:300] if told else f"It answered {self.status}."


def transport() -> httpx2.AsyncHTTPTransport:
    """A transport for one call. The trusted certificates are read once: that takes longer than a call."""
    return httpx2.AsyncHTTPTransport(verify=_trusted())


@functools.cache
def _trusted() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


class Caller:
    """Calls one provider. `reach` makes what carries a call, and so decides where may be called at all."""

    def __init__(self, base: str, reach: Reach = transport, *, timeout_s: float = TIMEOUT_S) -> None:
        self._base, self._reach, self._timeout_s = base.rstrip("/"), reach, timeout_s

    async def call(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, params: dict[str, str] | None = None,
        form: dict[str, str] | None = None, json: Any = None, auth: tuple[str, str] | None = None,
    ) -> Reply | Unknown:  # fmt: skip
        """Ask once. `Unknown` when no complete answer came, when it is busy (409, 429) or broken (5xx), or our key is refused."""
        try:
            async with asyncio.timeout(self._timeout_s):
                reply = await self._exchange(method, path, headers, params, form, json, auth)
        except TimeoutError:
            return Unknown("It did not answer in time.")
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as e:
            return Unknown(f"It could not be reached ({type(e).__name__}).")
        except HoneyguideError as e:  # the transport refuses the address
            return Unknown(e.sentence())
        if reply.status in (401, 403):
            return Unknown(f"It refuses our key: {reply.said()}", 300)
        if reply.status in (408, 409, 425, 429) or reply.status >= 500:
            return Unknown(reply.said(), reply.wait_s)
        return reply

    async def _exchange(
        self, method: str, path: str, headers: Mapping[str, str] | None, params: dict[str, str] | None,
        form: dict[str, str] | None, json: Any, auth: tuple[str, str] | None,
    ) -> Reply:  # fmt: skip
        given: dict[str, Any] = {
            "headers": {"user-agent": "Honeyguide", "accept": "application/json", **(headers or {})}
        }
        if json is not None:
            given["content"] = msgspec.json.encode(json)
            given["headers"]["content-type"] = "application/json"
        if form is not None:
            given["data"] = form
        if auth is not None:
            given["auth"] = auth
        # A client for one call: a limiter paces them, and nothing of one workspace is left for another.
        client = httpx2.AsyncClient(
            transport=self._reach(), follow_redirects=False, trust_env=False, timeout=self._timeout_s
        )
        async with client, client.stream(method, f"{self._base}{path}", params=params, **given) as answer:
            parts, size = [], 0
            async for part in answer.aiter_bytes():
                size += len(part)
                if size > _ANSWER_BYTES:
                    raise httpx2.StreamError("the answer is too large")
                parts.append(part)
            return Reply(answer.status_code, _decoded(b"".join(parts)), _wait(answer.headers.get("retry-after", "")))


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _wait(said: str) -> int:
    """Retry-After in whole seconds, rounded up."""
    plain = said.isascii() and said.replace(".", "", 1).isdigit()
    return min(math.ceil(float(said)), _WAIT_MOST_S) if plain else 0


def minor_of(value: Any, currency: str) -> int | None:
    """A provider's decimal amount in minor units; None when it is none or has a part of a cent."""
    if value is None or isinstance(value, bool):
        return None
    try:
        scaled = Decimal(str(value)).scaleb(exponent(currency))
    except InvalidOperation:
        return None
    return int(scaled) if scaled.is_finite() and scaled == scaled.to_integral_value() else None


def decimal_number(minor: int, currency: str) -> msgspec.Raw:
    """An amount as a JSON number with all its places, never through a float."""
    return msgspec.Raw(decimal_text(minor, currency).encode())
