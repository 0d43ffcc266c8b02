"""No byte of one workspace is ever seen by another: every route, every export, every log line (C15).

The list of routes comes from the application itself, so a new route is tested the day it is written.
"""

import asyncio
import logging

import httpx
import pytest

from honeyguide.web.auth import COOKIE
from tests.contracts.conftest import House
from tests.contracts.routes import QUERIES, body, filled, routes
from tests.contracts.stage import signed_in

# Playbooks are named alike in every workspace: their names are no ids of anybody, and what they answer is looked at below.
_NAMED_ALIKE = ("{slug}",)
_NOTHING_THERE = ("/api/demo",)
READS = [path for method, path, kind in routes() if method == "GET" and path.startswith("/api/")]
LISTS = ("/api/ask-now", "/api/personas", "/api/outbox", "/api/referrals", "/api/fraud/cases", "/api/rewards", "/api/payouts",
         "/api/lift", "/api/dead-letters", "/api/audit",
         "/api/advocates", "/api/sources", "/api/suppressions", "/api/identity/proposals", "/api/segments", "/api/inference/review")  # fmt: skip

# What stands in their paths is the same in every workspace.
NAMES_OF_NOBODY = ("/api/experts/{name}/track",)
NAMES_OF_BOTH = ("/api/experiments/{experiment_id}",)  # each sees its own: the answer is ours whichever we ask for


def says(answer: httpx.Response, word: str) -> bool:
    """Does the answer contain the word anywhere, in whatever case: body, headers, address?"""
    return word.lower() in (answer.text + str(answer.headers)).lower()


async def _read(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """The answer, or the first second of one that never ends."""
    if path != "/api/live":
        return await client.get(path)
    try:
        return await asyncio.wait_for(client.get(path), 0.2)
    except TimeoutError:
        return httpx.Response(200, text="")


@pytest.mark.parametrize("path", READS)
async def test_reads_show_ours_and_never_theirs(house: House, path: str) -> None:
    owner = house.roles["owner"]
    ours = await _read(owner, filled(path, house.ours))
    assert ours.status_code == (404 if path in _NOTHING_THERE else 200), ours.text
    assert not says(ours, house.theirs.word)
    if ("{" not in path and path not in QUERIES) or any(n in path for n in _NAMED_ALIKE):
        return
    theirs = await _read(owner, filled(path, house.theirs))
    assert not says(theirs, house.theirs.word)
    if path == "/api/edges/{kind}/{src}/{dst}/evidence":
        assert theirs.json() == {"rows": []}
    elif path in NAMES_OF_NOBODY:
        assert theirs.json()["rows"] == []
    elif path in NAMES_OF_BOTH:
        assert theirs.json() == ours.json()
    else:
        assert theirs.status_code == 404


@pytest.mark.parametrize("path", LISTS)
async def test_lists_and_exports_hold_something_of_ours_and_nothing_of_theirs(house: House, path: str) -> None:
    """An empty answer would hide nothing by accident: each list must show our own word (or numbers without words)."""
    for form in ("json", "csv"):
        answer = await house.roles["owner"].get(path, params={"format": form, "limit": 200})
        assert answer.status_code == 200, answer.text
        assert not says(answer, house.theirs.word)
        if path not in ("/api/lift", "/api/payouts", "/api/ledger/postings"):  # memos name nobody: they outlive erasure
            assert says(answer, house.ours.word)


@pytest.mark.parametrize(
    ("path"),
    [
        p
        for m, p, kind in routes()
        if m == "POST" and p.startswith("/api/") and "{" in p and not any(n in p for n in _NAMED_ALIKE)
    ],
)
async def test_writes_cannot_touch_theirs(house: House, path: str) -> None:
    answer = await house.roles["owner"].post(filled(path, house.theirs), json=body(path, house.theirs))
    assert answer.status_code == 404, answer.text
    assert not says(answer, house.theirs.word)


async def test_their_rewards_cannot_be_paid_by_us(house: House) -> None:
    answer = await house.roles["owner"].post("/api/payouts", json={"reward_ids": [house.theirs.reward]})
    assert answer.status_code == 404


async def test_a_search_for_their_word_finds_nothing(house: House) -> None:
    for path in ("/api/personas", "/api/ask-now"):
        answer = await house.roles["owner"].get(path, params={"q": house.theirs.word})
        assert answer.json()["rows"] == []
        assert answer.json()["total"] == 0


async def test_a_cursor_of_theirs_opens_nothing_of_theirs(house: House) -> None:
    them = await signed_in(house.app, house.db, house.theirs.workspace, "owner", "wombat")
    theirs = (await them.get("/api/personas", params={"limit": 2})).json()
    await them.aclose()
    answer = await house.roles["owner"].get("/api/personas", params={"after": theirs["next"]})
    assert answer.status_code == 200
    assert not says(answer, house.theirs.word)


async def test_keys_and_public_tokens_open_their_own_workspace_only(house: House) -> None:
    async with house.visitor() as client:
        for f, other in ((house.ours, house.theirs), (house.theirs, house.ours)):
            answer = await client.get("/api/personas", headers={"authorization": f"Bearer {f.key}"})
            assert says(answer, f.word)
            assert not says(answer, other.word)
            for path in (
                f"/l/{f.code}",
                f"/p/{f.portal}",
                f"/u/{f.unsubscribe}",
                f"/in-app/{f.portal}",
                f"/r/{f.code}",
            ):
                shown = await client.get(path)
                assert shown.status_code in (200, 302)
                assert not says(shown, other.word)


async def test_no_log_line_names_anybody(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Neither their words nor ours: log lines carry ids and kinds, never what people wrote."""
    caplog.set_level(logging.DEBUG, logger="honeyguide")
    for path in READS:
        if path != "/api/live":
            await house.roles["owner"].get(filled(path, house.ours))
            await house.roles["owner"].get(filled(path, house.theirs))
    for word in (house.ours.word, house.theirs.word):
        assert word.lower() not in caplog.text.lower()


async def test_a_session_survives_no_workspace_change(house: House) -> None:
    """The workspace comes from the session's digest: there is nothing in a request that could choose another."""
    owner = house.roles["owner"]
    answer = await owner.get(
        "/api/session",
        headers={"x-honeyguide-workspace": str(house.theirs.workspace), "x-workspace": str(house.theirs.workspace)},
        params={"workspace": house.theirs.workspace, "workspace_id": house.theirs.workspace},
    )
    assert answer.json()["workspace"]["id"] == house.ours.workspace
    assert owner.cookies.get(COOKIE)
