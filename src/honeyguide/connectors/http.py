"""Asking a vendor by HTTP: paced, repeated with jitter where that can help, bounded in size, time and number."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import msgspec
from msgspec import Struct

from honeyguide.connectors.guard import Pinned
from honeyguide.connectors.pace import Breaker, Pace, full_jitter
from honeyguide.connectors.problems import VendorProblem
from honeyguide.core import clock

TRIES = 5
REPLY_BYTES = 64_000_000
REQUESTS_MAX = 20_000
_REDIRECTS = 3
# The client's own lines name whole addresses, and a query may hold a key.
for _chatty in ("httpx2", "httpcore2"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)
_PATIENCE_S = 60.0  # a longer Retry-After ends the slice instead of holding a worker
_TIMEOUT = httpx2.Timeout(60.0, connect=10.0, pool=30.0)
_AGAIN = frozenset({429, 500, 502, 503, 504, 520, 521, 522, 524, 529})
Sleep = Callable[[float], Awaitable[None]]


class Call(Struct, frozen=True):
    """One request, complete but for credentials."""

    url: str
    method: str = "GET"
    params: dict[str, str] = msgspec.field(default_factory=dict)
    json: Any = None
    form: dict[str, str] | None = None
    headers: dict[str, str] = msgspec.field(default_factory=dict)


class Reply(Struct, frozen=True):
    """What came back. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """The body as JSON. Raises VendorProblem."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as e:
            raise VendorProblem(
                f"{host_of(self.url)} answered with something that is not JSON.",
                f"{e} The answer begins with {self.body[:80].decode(errors='replace')!r}.", code="not_json",
                advice="Check the address: a sign-in page or a proxy may answer instead of the API.",
            ) from e  # fmt: skip


class Web:
    """A vendor's HTTP side for one session. `requests` and `received` (bytes) say what it has cost so far."""

    def __init__(
        self,
        private_hosts: frozenset[str],
        pace: Pace,
        breaker: Breaker,
        *,
        sleep: Sleep = asyncio.sleep,
        reply_bytes: int = REPLY_BYTES,
        requests_max: int = REQUESTS_MAX,
    ) -> None:
        self._pace, self._breaker, self._sleep = pace, breaker, sleep
        self._reply_bytes, self._requests_max = reply_bytes, requests_max
        self.requests, self.received = 0, 0
        self.client = httpx2.AsyncClient(
            transport=Pinned(private_hosts), timeout=_TIMEOUT, follow_redirects=False, trust_env=False,
            headers={"user-agent": "Honeyguide (+https://github.com/honeyguide)", "accept-encoding": "gzip, deflate"},
        )  # fmt: skip

    async def __aenter__(self) -> "Web":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def send(self, call: Call) -> Reply:
        """Ask until there is an answer that repeating would not change; the caller judges its status.

        Raises VendorProblem when the vendor cannot be reached, keeps failing, keeps refusing for the rate, answers with
        too much, or sends us elsewhere.
        """
        host = host_of(call.url)
        for attempt in range(1, TRIES + 1):
            self._breaker.before(host)
            try:
                await self._pace.take()
                reply = await self._once(call)
            except (httpx2.TransportError, httpx2.DecodingError, httpx2.StreamError) as e:
                self._breaker.after(good=False)
                if attempt == TRIES:
                    raise _unreachable(host, e) from e
                await self._sleep(full_jitter(attempt))
                continue
            except BaseException:
                self._breaker.give_up()
                raise
            self._breaker.after(good=reply.status < 500)
            if reply.status not in _AGAIN:
                return reply
            wait = retry_after(reply.headers)
            if attempt == TRIES or wait > _PATIENCE_S:
                raise _still(host, reply, wait)
            await self._sleep(wait + full_jitter(attempt, 0.1) if wait else full_jitter(attempt))
        raise AssertionError("the loop returns or raises")

    async def _once(self, call: Call) -> Reply:
        url, method = call.url, call.method
        params: dict[str, str] | None = call.params or None
        for _ in range(_REDIRECTS + 1):
            reply = await self._exchange(method, url, params, call)
            if reply.status not in (301, 302, 303, 307, 308):
                return reply
            to = urljoin(url, reply.headers.get("location", ""))
            if not same_place(url, to):
                raise VendorProblem(
                    f"{host_of(url)} sends us to {host_of(to) or 'nowhere'}.", "Credentials do not follow to another host.",
                    advice="Use the address the vendor names now.", code="redirected", status_code=reply.status,
                )  # fmt: skip
            if reply.status not in (307, 308):
                method = "GET"
            url, params = to, None
        raise VendorProblem(f"{host_of(url)} sends us around in circles.", code="redirected")

    async def _exchange(self, method: str, url: str, params: dict[str, str] | None, call: Call) -> Reply:
        if self.requests >= self._requests_max:
            raise VendorProblem(
                f"{host_of(url)} was asked {self.requests:,} times in one go.", "That is the limit of one sync.",
                code="request_cap", advice="It goes on with the next sync; a larger page size needs fewer requests.",
            )  # fmt: skip
        self.requests += 1
        body: dict[str, Any] = {}
        if method != "GET" and call.json is not None:
            body = {"content": msgspec.json.encode(call.json)}
        elif method != "GET" and call.form is not None:
            body = {"data": call.form}
        headers = {"content-type": "application/json", **call.headers} if "content" in body else call.headers
        async with self.client.stream(method, url, params=params, headers=headers, **body) as answer:
            parts, size = [], 0
            async for part in answer.aiter_bytes():
                size += len(part)
                if size > self._reply_bytes:
                    raise VendorProblem(
                        f"{host_of(url)} answers with more than {self._reply_bytes // 1_000_000} MB at once.",
                        advice="Ask for smaller pages.", code="reply_too_large",
                    )  # fmt: skip
                parts.append(part)
            self.received += size
            found = {k.lower(): v for k, v in answer.headers.items()}
            return Reply(answer.status_code, found, b"".join(parts), url)


def host_of(url: str) -> str:
    """The host (and port) of an address."""
    return urlsplit(url).netloc.rpartition("@")[2]


def same_place(url: str, other: str) -> bool:
    """Is the other address on the same host and port, and not less protected?"""
    here, there = urlsplit(url), urlsplit(other)
    if here.netloc.lower() == there.netloc.lower():
        return here.scheme == there.scheme or there.scheme == "https"
    return (
        here.hostname == there.hostname
        and here.port in (None, 80)
        and there.scheme == "https"
        and there.port in (None, 443)
    )


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds the vendor asks us to wait (seconds or an HTTP date, RFC 9110); 0 when it does not say."""
    said = headers.get("retry-after", "").strip()
    if said.replace(".", "", 1).isdigit():
        return min(float(said), 86_400.0)
    if said:
        try:
            at = parsedate_to_datetime(said)
        except (ValueError, TypeError):
            return 0.0
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return min(max(0.0, (at - clock.now()).total_seconds()), 86_400.0)
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        until = (
            float(reset) - datetime.now(UTC).timestamp() if float(reset) > time.monotonic() + 10**8 else float(reset)
        )
        return min(max(0.0, until), 86_400.0)
    return 0.0


def _unreachable(host: str, problem: Exception) -> VendorProblem:
    kind = "did not answer in time" if isinstance(problem, httpx2.TimeoutException) else "cannot be reached"
    return VendorProblem(
        f"{host} {kind}.", f"{type(problem).__name__}: {problem}".rstrip(": "), code="unreachable",
        advice="It is tried again by itself; if it lasts, check the address and the network.",
    )  # fmt: skip


def _still(host: str, reply: Reply, wait: float) -> VendorProblem:
    if reply.status == 429:
        return VendorProblem(
            f"{host} says we ask too often (429).", f"It wants a pause of {wait:.0f} s." if wait else "", code="throttled",
            status_code=429, wait_s=wait or 60.0, advice="It goes on by itself; a lower `per_second` avoids it.",
        )  # fmt: skip
    return VendorProblem(
        f"{host} fails ({reply.status}).", said(reply.body), code="vendor_fails", status_code=reply.status, wait_s=wait,
        advice="It is tried again by itself; see the vendor's status page if it lasts.",
    )  # fmt: skip


def said(body: bytes, limit: int = 300) -> str:
    """What a vendor's error says, in its own words where it has a usual form."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        text = body[:limit].decode(errors="replace").strip()
        return "" if text.startswith("<") else text
    words: list[str] = []
    _collect(found, words, 0)
    text, codes = " ".join(dict.fromkeys(words)), ", ".join(dict.fromkeys(_codes(found)))
    return (f"{text} ({codes})" if text and codes else text or codes)[:limit]


_TELLING = ("message", "error_description", "detail", "title", "description", "error", "errors", "reason", "context",
            "requiredScopes", "requiredGranularScopes")  # fmt: skip


def _codes(found: Any) -> list[str]:
    """The vendor's names of the errors: nobody reads them, and its support asks for them."""
    rows = found if isinstance(found, list) else [found]
    inner = [row.get("errors") or row.get("error") for row in rows[:5] if isinstance(row, dict)]
    rows = rows[:5] + [one for part in inner for one in (part[:5] if isinstance(part, list) else [part])]
    names = [row.get(name) for row in rows if isinstance(row, dict) for name in ("errorCode", "code", "category")]
    return [name for name in names if isinstance(name, str) and name]


def _collect(found: Any, words: list[str], depth: int) -> None:
    if depth > 5 or len(words) > 12:
        return
    if isinstance(found, str) and found.strip():
        words.append(found.strip())
    elif isinstance(found, list):
        for one in found[:5]:
            _collect(one, words, depth + 1)
    elif isinstance(found, dict):
        for name in _TELLING:
            if name in found:
                _collect(found[name], words, depth + 1)
