"""Doors: looking changes nothing, and every key opens only what it is for"""

import csv
import io
from contextlib import aclosing
from typing import Any

import pytest

from honeyguide import ledger, outcomes, programs
from honeyguide.core import clock
from honeyguide.core.errors import HoneyguideError
from honeyguide.db import Tx
from honeyguide.web.auth import CSRF_HEADER, create_api_key
from tests.contracts.stage import signed_in
from tests.money_rules import rule
from tests.money_rules.conftest import Desk
from tests.money_rules.ground import READY, TAKEN_BACK
from tests.unit.outcomes.town import BROWSER, Town, company, days, joins, person, settle, tell, won

READS = (
    "/api/rewards", "/api/payouts", "/api/ledger", "/api/ledger/postings", "/api/referrals", "/api/conversions", "/api/fraud/cases",
)  # fmt: skip
MACHINES = ("Slackbot-LinkExpanding 1.0", "Mozilla/5.0 (Windows NT 10.0) BingPreview/1.0b", "curl/8.9", BROWSER)


async def stage(desk: Desk, wins: int = 1) -> Town:
    """A town with an advocate and some won deals whose hold is over."""
    async with desk.db.tx(desk.workspace) as tx:
        town = await settle(tx)
        await tx.run("update advocate set terms_accepted_at = $2 where workspace_id = $1", tx.workspace_id, days(0))
        for n in range(wins):
            email = f"tom{n}@prospect{n}.example"
            await joins(tx, town, email, days(n))
            firm = company(email.split("@")[1])
            await tell(tx, [won(n + 30, 100_000 + n, number=str(n), who=person(email), firm=firm)])
    return town


async def the_reward(desk: Desk) -> ledger.Reward:
    async with desk.db.tx(desk.workspace) as tx:
        return (await ledger.rewards(tx))[0]


async def print_of(tx: Tx) -> list[int]:
    """How many rows stand in every table that money or credit rests on."""
    tables = (
        "referral",
        "referral_stage",
        "conversion",
        "attribution",
        "reward",
        "transfer",
        "posting",
        "payout",
        "audit_entry",
        "event_log",
    )
    return [await tx.value(f"select count(*) from {t} where workspace_id = $1", tx.workspace_id) for t in tables]


@rule(
    "MR-200",
    "Following a link credits nobody: no referral and no reward comes of any number of looks by people or scanners.",
)
async def test_looks_credit_nobody(desk: Desk) -> None:
    town = await stage(desk, 0)
    async with desk.db.tx(desk.workspace) as tx:
        before = await print_of(tx)
    async with desk.visitor() as friend:
        for agent in MACHINES:
            for method in ("GET", "HEAD"):
                for path in (f"/r/{town.link.code}", f"/l/{town.link.code}"):
                    await friend.request(method, path, headers={"user-agent": agent}, follow_redirects=True)
    async with desk.db.tx(desk.workspace) as tx:
        assert await print_of(tx) == before


@rule("MR-201", "Terms are accepted by a press of the button; a scanner that opens the page accepts nothing.")
async def test_terms_need_a_press(desk: Desk) -> None:
    async with desk.db.tx(desk.workspace) as tx:
        town = await settle(tx)
        token = await programs.renew_portal_token(tx, town.advocate)
    async with desk.visitor() as friend:
        for method in ("GET", "HEAD"):
            await friend.request(method, f"/p/{token}")
            await friend.request(method, f"/p/{token}/accept")
        async with desk.db.tx(desk.workspace) as tx:
            assert (await programs.advocate(tx, town.advocate.id)).terms_accepted_at is None
        assert (await friend.post(f"/p/{token}/accept")).status_code == 303
    async with desk.db.tx(desk.workspace) as tx:
        assert (await programs.advocate(tx, town.advocate.id)).terms_accepted_at is not None


@rule("MR-202", "Reading any list of money or credit changes nothing.")
@pytest.mark.parametrize("path", READS)
async def test_reading_changes_nothing(desk: Desk, path: str) -> None:
    await stage(desk)
    async with desk.db.tx(desk.workspace) as tx:
        before = await print_of(tx)
    for query in ({}, {"format": "csv"}):
        assert (await desk.finance.get(path, params=query)).status_code == 200
    async with desk.db.tx(desk.workspace) as tx:
        assert await print_of(tx) == before


@rule("MR-203", "Who may only read approves nothing and requests nothing.")
async def test_readers_read(desk: Desk) -> None:
    await stage(desk)
    made = await the_reward(desk)
    async with aclosing(await desk.role("analyst")) as analyst:
        tried = [
            await analyst.post(f"/api/rewards/{made.id}/approve", json={"reason": "x"}),
            await analyst.post(f"/api/rewards/{made.id}/void", json={"reason": "x"}),
            await analyst.post("/api/payouts", json={"reward_ids": [str(made.id)]}),
        ]
    assert [t.status_code for t in tried] == [403, 403, 403]
    assert (await the_reward(desk)).state == "held"


@rule("MR-204", "Nobody unknown gets as far as a figure.")
@pytest.mark.parametrize("path", READS)
async def test_strangers_see_nothing(desk: Desk, path: str) -> None:
    async with desk.visitor() as stranger:
        assert (await stranger.get(path)).status_code == 401


@rule("MR-205", "A page of another site cannot make a signed-in person's browser move money.")
async def test_forged_requests(desk: Desk) -> None:
    await stage(desk)
    made = await the_reward(desk)
    del desk.finance.headers[CSRF_HEADER]
    answer = await desk.finance.post(f"/api/rewards/{made.id}/approve", json={"reason": "x"})
    assert (answer.status_code, (await the_reward(desk)).state) == (403, "held")


@rule("MR-206", "Another company's reward does not exist for us, not even as a refusal that would confirm it.")
async def test_others_do_not_exist(desk: Desk, other_workspace: int) -> None:
    await stage(desk)
    made = await the_reward(desk)
    async with aclosing(await signed_in(desk.app, desk.db, other_workspace, "finance", "z")) as neighbour:
        answers = [
            await neighbour.post(f"/api/rewards/{made.id}/approve", json={"reason": "x"}),
            await neighbour.post("/api/payouts", json={"reward_ids": [str(made.id)]}),
        ]
    assert [a.status_code for a in answers] == [404, 404]
    assert (await the_reward(desk)).state == "held"


@rule("MR-207", "A refusal says what happened and why, in the form every client can read.")
async def test_refusals_speak(desk: Desk) -> None:
    await stage(desk)
    made = await the_reward(desk)
    answer = await desk.finance.post("/api/payouts", json={"reward_ids": [str(made.id)]})
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert {"title", "detail", "status"} <= set(answer.json())


@rule("MR-208", "From the reward to the bank's reference it takes two people over the API, too.")
async def test_two_people(desk: Desk) -> None:
    await stage(desk)
    made = await the_reward(desk)
    approved = await desk.finance.post(f"/api/rewards/{made.id}/approve", json={"reason": "checked"})
    assert approved.json()["state"] in READY
    payout = (await desk.finance.post("/api/payouts", json={"reward_ids": [str(made.id)]})).json()["id"]
    assert (await desk.finance.post(f"/api/payouts/{payout}/approve")).status_code == 403
    assert (await desk.owner.post(f"/api/payouts/{payout}/approve")).status_code == 200
    paid = await desk.finance.post(f"/api/payouts/{payout}/paid", json={"reference": "SEPA 7"})
    assert (paid.status_code, (await the_reward(desk)).state) == (200, "paid")


@rule("MR-209", "A list in pages holds every reward once, and its file holds what the pages hold.")
async def test_pages_and_file_agree(desk: Desk) -> None:
    await stage(desk, 5)
    rows: list[Any] = []
    totals, after = set(), ""
    while after is not None:
        page = (await desk.finance.get("/api/rewards", params={"limit": 2, "after": after})).json()
        rows, after = rows + page["rows"], page["next"]
        totals.add(page["total"])
    assert len({r["id"] for r in rows}) == len(rows) == 5
    assert totals == {5}
    exported = await desk.finance.get("/api/rewards", params={"format": "csv"})
    lines = list(csv.DictReader(io.StringIO(exported.text.lstrip("\ufeff"))))
    assert [line["id"] for line in lines] == [r["id"] for r in rows]


@rule("MR-210", "A link leads to the program's own page, whatever its address asks for.")
@pytest.mark.parametrize(
    "aim", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https:evil.example"]
)
async def test_links_stay_at_home(desk: Desk, aim: str) -> None:
    town = await stage(desk, 0)
    async with desk.visitor() as friend:
        for name in ("to", "url", "next", "redirect", "destination"):
            answer = await friend.get(f"/r/{town.link.code}", params={name: aim})
            assert "evil" not in answer.headers["location"].split("?")[0]
            assert answer.headers["location"].startswith(("/", "http://localhost:8600/"))


@rule("MR-211", "A key that may read moves no money.")
async def test_reading_keys_read(desk: Desk) -> None:
    await stage(desk)
    made = await the_reward(desk)
    async with desk.db.tx(desk.workspace) as tx:
        key = await create_api_key(tx, "robot", ["read"])
    async with desk.visitor() as robot:
        robot.headers["authorization"] = f"Bearer {key}"
        assert (await robot.post(f"/api/rewards/{made.id}/approve", json={"reason": "x"})).status_code == 403
        assert (await robot.post("/api/payouts", json={"reward_ids": [str(made.id)]})).status_code == 403


@rule("MR-212", "A code belongs to whom it was given first, for ever: nobody takes it over, however it is spelled.")
async def test_codes_have_one_owner(desk: Desk) -> None:
    async with desk.db.tx(desk.workspace) as tx:
        maya = await settle(tx)
        rita = await settle(tx, email="rita@other.example", name="Rita Val")
        await outcomes.add_alias(tx, maya.link.id, "summer-talk", "ola@operator.example", clock.now())
    for text in ("summer-talk", "SUMMER-TALK", maya.link.code):
        with pytest.raises(HoneyguideError):
            async with desk.db.tx(desk.workspace) as tx:
                await outcomes.add_alias(tx, rita.link.id, text, "ola@operator.example", clock.now())
    async with desk.db.tx(desk.workspace) as tx:
        found = await outcomes.link_of_code(tx, "Summer Talk")
        assert found is not None
        assert found.advocate_id == maya.advocate.id


@rule("MR-213", "An advocate keeps one link and one code, however often a link is asked for.")
async def test_one_link(desk: Desk) -> None:
    async with desk.db.tx(desk.workspace) as tx:
        town = await settle(tx)
        assert {(await programs.ensure_link(tx, town.advocate)).code for _ in range(3)} == {town.link.code}


@rule("MR-214", "The API takes a reward back only with a reason, and once.")
async def test_taking_back_over_http(desk: Desk) -> None:
    await stage(desk)
    made = await the_reward(desk)
    assert (await desk.finance.post(f"/api/rewards/{made.id}/void", json={"reason": "  "})).status_code in (400, 422)
    for _ in range(2):
        assert (
            await desk.finance.post(f"/api/rewards/{made.id}/void", json={"reason": "Refunded."})
        ).status_code == 200
    async with desk.db.tx(desk.workspace) as tx:
        assert {r.state in TAKEN_BACK for r in await ledger.rewards(tx)} == {True}
