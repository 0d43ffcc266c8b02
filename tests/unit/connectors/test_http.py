"""Asking over HTTP: what is repeated, what is waited for, what is refused; and where nothing may be sent."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest

from honeyguide.connectors import guard, http, pace
from honeyguide.connectors.http import Call, Web, retry_after, said, same_place
from honeyguide.connectors.problems import VendorProblem
from honeyguide.core import clock
from honeyguide.core.errors import Forbidden
from tests.vendor import Vendor, found, refused, throttled

HERE = frozenset({"127.0.0.1"})


class Ticking:
    """A clock that moves when told, and the pauses that were asked for."""

    def __init__(self) -> None:
        self.now, self.slept = 0.0, list[float]()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def ticking() -> Ticking:
    return Ticking()


@pytest.fixture
async def web(ticking: Ticking) -> AsyncIterator[Web]:
    async with Web(HERE, pace.Pace(10_000), pace.Breaker(ticking), sleep=ticking.sleep) as opened:
        yield opened


def ask(acme: Vendor, path: str = "/contacts", **more: Any) -> Call:
    return Call(acme.url + path, headers={"authorization": "Bearer t0"}, **more)


async def test_what_may_pass_is_repeated_with_jitter(acme: Vendor, web: Web, ticking: Ticking) -> None:
    acme.faults["/contacts"].extend([refused(500, "x"), "drop", refused(503, "x")])
    assert (await web.send(ask(acme))).status == 200
    assert web.requests == 4
    assert len(ticking.slept) == 3
    for attempt, pause in enumerate(ticking.slept, start=1):
        assert 0 <= pause <= 0.5 * 2 ** (attempt - 1)
    assert len(set(ticking.slept)) == 3, "full jitter"


async def test_what_repeating_would_not_change_is_not_repeated(acme: Vendor, web: Web) -> None:
    for status in (400, 401, 403, 404, 409, 422, 501):
        acme.faults["/contacts"].append(refused(status, "no"))
        assert (await web.send(ask(acme))).status == status
    assert web.requests == 7


async def test_retry_after_is_obeyed_in_seconds_and_as_a_date(acme: Vendor, web: Web, ticking: Ticking) -> None:
    acme.faults["/contacts"].append(throttled(7))
    date = format_datetime(clock.now() + timedelta(seconds=20))
    acme.faults["/contacts"].append((429, {"retry-after": date}, b""))
    assert (await web.send(ask(acme))).status == 200
    assert 7 <= ticking.slept[0] < 7.2
    assert 18 <= ticking.slept[1] <= 20.3


async def test_a_long_retry_after_ends_the_slice_and_is_not_forgotten(acme: Vendor, web: Web, ticking: Ticking) -> None:
    acme.faults["/contacts"].append(throttled(900))
    with pytest.raises(VendorProblem) as e:
        await web.send(ask(acme))
    assert (e.value.code, e.value.wait_s, ticking.slept) == ("throttled", 900, [])


def test_what_retry_after_may_say() -> None:
    assert retry_after({}) == 0
    assert retry_after({"retry-after": "soon"}) == 0
    assert retry_after({"retry-after": "-5"}) == 0
    assert retry_after({"retry-after": "2.5"}) == 2.5
    assert retry_after({"retry-after": "99999999"}) == 86_400
    assert retry_after({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}) == 0
    soon = str(int(clock.now().timestamp()) + 30)
    assert 25 <= retry_after({"x-ratelimit-remaining": "0", "x-ratelimit-reset": soon}) <= 30


async def test_the_breaker_opens_lets_one_try_and_closes(acme: Vendor, web: Web, ticking: Ticking) -> None:
    acme.faults["/contacts"].extend([refused(500, "down")] * 5)
    with pytest.raises(VendorProblem, match="fails \\(500\\)"):
        await web.send(ask(acme))
    asked = len(acme.asked)
    with pytest.raises(VendorProblem) as e:
        await web.send(ask(acme))
    assert e.value.code == "breaker_open"
    assert len(acme.asked) == asked, "an open breaker asks nothing"
    ticking.now += 31
    acme.faults["/contacts"].append(refused(500, "still down"))
    with pytest.raises(VendorProblem) as e:
        await web.send(ask(acme))
    assert len(acme.asked) == asked + 1, "half open lets one through"
    assert e.value.code == "breaker_open"
    ticking.now += 31
    with pytest.raises(VendorProblem):
        await web.send(ask(acme))
    ticking.now += 31
    assert (await web.send(ask(acme))).status == 200
    assert (await web.send(ask(acme))).status == 200


async def test_refusals_do_not_open_the_breaker(acme: Vendor, web: Web) -> None:
    acme.faults["/contacts"].extend([refused(404, "x")] * 20)
    for _ in range(20):
        await web.send(ask(acme))
    assert (await web.send(ask(acme))).status == 200


async def test_requests_are_paced(acme: Vendor) -> None:
    slow, now = pace.Pace(50), 0.0
    async with Web(HERE, slow, pace.Breaker()) as web:
        import time  # noqa: PLC0415

        now = time.monotonic()
        for _ in range(70):
            await web.send(ask(acme, "/token"))
        assert time.monotonic() - now >= 0.35, "70 requests at 50 a second, 50 of them at once"


async def test_a_reply_without_end_is_cut_off(acme: Vendor, ticking: Ticking) -> None:
    acme.faults["/contacts"].append((200, {}, b"[" + b"1," * 60_000 + b"1]"))
    async with Web(HERE, pace.Pace(1e4), pace.Breaker(), reply_bytes=100_000) as web:
        with pytest.raises(VendorProblem) as e:
            await web.send(ask(acme))
    assert e.value.code == "reply_too_large"


async def test_a_session_has_a_limit_of_requests(acme: Vendor) -> None:
    async with Web(HERE, pace.Pace(1e4), pace.Breaker(), requests_max=3) as web:
        for _ in range(3):
            await web.send(ask(acme))
        with pytest.raises(VendorProblem) as e:
            await web.send(ask(acme))
    assert e.value.code == "request_cap"


async def test_redirects_stay_on_their_host(acme: Vendor, web: Web) -> None:
    acme.faults["/old"].append((301, {"location": "/contacts?after=0"}, b""))
    assert (await web.send(ask(acme, "/old"))).status == 200
    for to in (
        "http://evil.example/x",
        acme.url.replace("127.0.0.1", "localhost") + "/contacts",
        "http://127.0.0.1:1/x",
        "//evil.example",
    ):
        acme.faults["/old"].append((302, {"location": to}, b""))
        asked = len(acme.asked)
        with pytest.raises(VendorProblem) as e:
            await web.send(ask(acme, "/old"))
        assert e.value.code == "redirected"
        assert len(acme.asked) == asked + 1
    acme.faults["/old"].extend([(302, {"location": "/old"}, b"")] * 9)
    with pytest.raises(VendorProblem, match="circles"):
        await web.send(ask(acme, "/old"))


def test_which_addresses_are_the_same_place() -> None:
    assert same_place("https://a.example/x", "https://a.example/y")
    assert same_place("http://a.example/x", "https://a.example/y")
    assert not same_place("https://a.example/x", "http://a.example/y")
    assert not same_place("https://a.example/x", "https://b.a.example/y")
    assert not same_place("https://a.example/x", "https://a.example:8443/y")
    assert not same_place("https://a.example/x", "https://a.example@evil.example/y")


PRIVATE = ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.9", "169.254.169.254", "0.0.0.0", "::1", "fd00::1", "fe80::1",
           "::ffff:127.0.0.1", "100.64.0.1", "224.0.0.1", "2002:7f00:0001::", "localhost", "LOCALHOST.", "2130706433", "0x7f.1"]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
async def test_nothing_inside_a_private_network_is_called(host: str) -> None:
    with pytest.raises((Forbidden, VendorProblem)):
        await guard.address_of(host, 443, frozenset())


async def test_a_name_that_turns_private_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the address that is checked is the one that is connected to."""
    answers = ["93.184.216.34", "127.0.0.1"]
    called: list[str] = []

    class Loop:
        async def getaddrinfo(self, *_: Any, **__: Any) -> Any:
            return [(2, 1, 6, "", (answers.pop(0), 443))]

    class Inner(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: Any) -> Any:
            called.append(f"{request.url.host} {request.headers['host']} {request.extensions['sni_hostname']}")
            return httpx2.Response(200)

    monkeypatch.setattr("honeyguide.connectors.guard.asyncio.get_running_loop", Loop)
    pinned = guard.Pinned(frozenset(), Inner())
    request = httpx2.Request("GET", "https://rebind.example/x")
    await pinned.handle_async_request(request)
    assert called == ["93.184.216.34 rebind.example rebind.example"]
    with pytest.raises(Forbidden):
        await pinned.handle_async_request(request)
    assert len(called) == 1


async def test_credentials_do_not_travel_unencrypted(web: Web) -> None:
    with pytest.raises(Forbidden) as e:
        await web.send(Call("http://example.com/x"))
    assert e.value.code == "not_https"


def test_files_stay_in_their_folders(tmp_path: Any) -> None:
    inside = tmp_path / "in"
    (inside / "deep").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("a\n1\n")
    (inside / "link.csv").symlink_to(tmp_path / "secret.csv")
    assert guard.checked_path("deep", (inside,)) == inside / "deep"
    assert guard.checked_path(str(inside), (inside,)) == inside
    for bad in ("../secret.csv", str(tmp_path / "secret.csv"), "link.csv", "/etc/passwd", "deep/../../secret.csv"):
        with pytest.raises(Forbidden):
            guard.checked_path(bad, (inside,))


def test_a_vendors_own_words_are_found() -> None:
    assert said(
        b'{"status":"error","message":"no","category":"MISSING_SCOPES","errors":[{"message":"x","context":{"requiredScopes":["a.read"]}}]}'
    )
    assert "a.read" in said(b'{"errors":[{"context":{"requiredScopes":["a.read"]}}]}')
    assert (
        said(b'[{"errorCode":"INVALID_SESSION_ID","message":"Session expired"}]')
        == "Session expired (INVALID_SESSION_ID)"
    )
    assert said(b"<html>big</html>") == ""
    assert said(b"plain words") == "plain words"
    assert http.host_of("https://user:pw@a.example:8443/x") == "a.example:8443"
    assert found([])[0] == 200
