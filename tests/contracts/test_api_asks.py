"""The console's work: look at the queue, approve, decline; approving is all or nothing."""

import csv
import io
import json
from uuid import UUID

import httpx
import pytest

from honeyguide.core import clock
from honeyguide.core.ids import content_id
from honeyguide.delivery import ConsentRow
from honeyguide.delivery.tables import add_consents
from tests.contracts.conftest import House

# Each test decides about an ask that still waits; how many there are by which channel is the policy's draw.


def _owner(house: House) -> httpx.AsyncClient:
    return house.roles["owner"]


async def _waiting(house: House, channel: str = "") -> str:
    """An ask nobody has decided yet; by e-mail when the test is about messages."""
    rows = (await _owner(house).get("/api/ask-now?limit=200")).json()["rows"]
    return str(next(r["id"] for r in rows if not channel or r["channel"] == channel))


async def test_the_queue_explains_every_row(house: House) -> None:
    answer = (await _owner(house).get("/api/ask-now")).json()
    assert answer["total"] == len(answer["rows"]) >= 4
    for row in answer["rows"]:
        assert isinstance(row["persona"]["id"], str)
        low, high = row["interval"]
        assert low <= row["score"] <= high
        assert row["why"]
        assert any(w["evidence"]["source"] and w["evidence"]["record"] for w in row["why"])
        assert row["reason"]
    assert sum(g["count"] for g in answer["groups"]) == answer["total"]
    assert sum(m["count"] for m in answer["moments"]) == answer["total"]


async def test_pages_follow_each_other_without_gap_or_repeat(house: House) -> None:
    whole = [r["id"] for r in (await _owner(house).get("/api/ask-now?limit=200")).json()["rows"]]
    paged: list[str] = []
    after: str | None = ""
    while after is not None:
        answer = (await _owner(house).get("/api/ask-now", params={"limit": 2, "after": after})).json()
        paged += [r["id"] for r in answer["rows"]]
        after = answer["next"]
    assert paged == whole


@pytest.mark.parametrize(
    "path",
    ["/api/personas", "/api/moments/quality", "/api/audit", "/api/ledger/postings", "/api/outbox"],
)
async def test_every_list_pages(house: House, path: str) -> None:
    whole = (await _owner(house).get(path, params={"limit": 200})).json()
    paged: list[object] = []
    after: str | None = ""
    while after is not None:
        answer = (await _owner(house).get(path, params={"limit": 1, "after": after})).json()
        paged += answer["rows"]
        after = answer["next"]
    assert json.dumps(paged) == json.dumps(whole["rows"])
    assert whole["total"] == len(paged)


async def test_an_ask_shows_what_else_was_possible(house: House) -> None:
    ask = (await _owner(house).get(f"/api/asks/{await _waiting(house)}")).json()
    assert abs(sum(a["probability"] for a in ask["legal_actions"]) - 1) < 1e-6
    assert any(abs(a["probability"] - ask["propensity"]) < 1e-12 for a in ask["legal_actions"])
    assert ask["neighbourhood"]["centre"] == ask["persona"]["id"]
    assert len(ask["neighbourhood"]["nodes"]) > 1
    assert ask["offers"]
    assert int(ask["seed"]) > 0


async def test_approving_queues_a_message_with_both_links(house: House) -> None:
    ask = await _waiting(house, "email")
    answer = await _owner(house).post(f"/api/asks/{ask}/approve", json={"subject": "A word, {{ first_name }}?"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["ask"]["state"] == "approved"
    message = (await _owner(house).get(f"/api/outbox/{answer.json()['message']['id']}")).json()
    assert message["state"] == "queued"
    assert message["subject"] == "A word, Ana?"
    for part in (message["text"], message["html"]):
        assert "http://localhost:8600/r/ana-" in part
        assert "http://localhost:8600/p/hgp_" in part
        assert "http://localhost:8600/u/hgu_" in part
    again = await _owner(house).post(f"/api/asks/{ask}/approve", json={})
    assert again.status_code == 409
    history = (await _owner(house).get(f"/api/asks/{ask}")).json()["history"]
    assert [h["action"] for h in history] == ["ask.approved", "message.queued"]


async def test_a_text_that_cannot_be_sent_changes_nothing(house: House) -> None:
    ask = await _waiting(house, "email")
    answer = await _owner(house).post(f"/api/asks/{ask}/approve", json={"body": "Hello {{ nickname }}"})
    assert answer.status_code == 400
    assert "nickname" in answer.json()["title"]
    assert (await _owner(house).get(f"/api/asks/{ask}")).json()["state"] == "suggested"
    async with house.db.tx(house.ours.workspace) as tx:
        row = await tx.row("select record_id from ask where workspace_id = $1 and id = $2", tx.workspace_id, UUID(ask))
        assert row is not None
        made = await tx.value(
            "select count(*) from advocate where workspace_id = $1 and record_id = $2",
            tx.workspace_id,
            row["record_id"],
        )
        assert made == 0


async def test_a_withdrawal_since_blocks_the_message_and_says_so(house: House) -> None:
    ask = await _waiting(house, "email")
    address = (await _owner(house).get(f"/api/asks/{ask}")).json()["persona"]["email"]
    row = ConsentRow(content_id("stop", address), address, "email", "withdrawn", "unsubscribe", None, clock.now())
    async with house.db.tx(house.ours.workspace) as tx:
        await add_consents(tx, [row])
    answer = (await _owner(house).post(f"/api/asks/{ask}/approve", json={})).json()
    assert answer["ask"]["state"] == "blocked"
    assert answer["message"]["state"] == "blocked"
    assert "withdrawn" in answer["message"]["blocked_reason"]


async def test_not_now_needs_a_known_reason(house: House) -> None:
    ask = await _waiting(house)
    assert (await _owner(house).post(f"/api/asks/{ask}/not-now", json={"reason": "mood"})).status_code == 422
    answer = await _owner(house).post(f"/api/asks/{ask}/not-now", json={"reason": "wrong_offer", "note": "Q3"})
    assert answer.json()["ask"]["state"] == "declined"


async def test_a_persona_tells_where_everything_comes_from(house: House) -> None:
    persona = (await _owner(house).get(f"/api/personas/{house.ours.persona}")).json()
    assert persona["records"]
    assert all(r["because"] for r in persona["records"])
    assert persona["seniority"] == "director"  # read from the title "Head of Support"
    assert persona["moments"][0]["evidence"]
    assert persona["decisions"][0]["ask_state"] == "sent"
    assert persona["advocate"]["link"].startswith("http://localhost:8600/r/")
    assert persona["advocate"]["referrals"] == 2
    assert any("Desk #" in line["ref"] for line in persona["timeline"])
    assert persona["company"]["name"].startswith("Kestrel Industries")


async def test_a_second_person_approves_money(house: House) -> None:
    ledger = (await house.roles["finance"].get("/api/ledger")).json()
    assert ledger["verified"]["ok"], ledger["verified"]
    reward = (await house.roles["finance"].get("/api/rewards")).json()["rows"][0]
    assert reward["can_approve"] is False
    assert reward["why_not"]
    answer = await _owner(house).post(f"/api/rewards/{reward['id']}/approve", json={"reason": "me too"})
    assert answer.status_code in (403, 409)


async def test_the_chain_behind_a_reward_is_told(house: House) -> None:
    told = (await _owner(house).get(f"/api/explain/reward:{house.ours.reward}")).json()
    assert told["sentence"]
    assert {"reward", "posting"} <= {link["stage"] for link in told["chain"]}


async def test_exports_run_nothing_in_a_spreadsheet(house: House) -> None:
    evil = '=HYPERLINK("http://evil.example","x")'
    ask = await _waiting(house)
    declined = await _owner(house).post(f"/api/asks/{ask}/not-now", json={"reason": "other", "note": evil})
    assert declined.status_code == 200, declined.text
    answer = await _owner(house).get("/api/audit", params={"format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert any(evil in cell for row in rows for cell in row)
    assert all(not cell.lstrip().startswith(("=", "+", "@", "\t", "\r")) for row in rows for cell in row)


async def test_the_overview_is_cheap_and_true(house: House) -> None:
    first = (await _owner(house).get("/api/overview")).json()
    again = (await _owner(house).get("/api/overview")).json()
    assert again["as_of"] == first["as_of"]  # remembered for two seconds
    assert first["personas"] >= 12
    assert len(first["events_per_minute"]) == 60
    assert sum(first["events_per_minute"]) > 0
    assert first["won"] == 1
    assert first["won_minor"] == 4_800_000
    assert first["lift"]["sentence"]
