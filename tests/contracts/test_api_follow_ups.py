"""Reminders over the API: shown before an approval, covered by it, switched off by a person, refused where there is none."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from honeyguide import delivery
from honeyguide.app import following
from honeyguide.core import clock
from tests.contracts.conftest import House
from tests.unit.delivery.test_sending import Recorder


async def _with_reminder(house: House, channel: str = "") -> dict[str, Any]:
    """An ask that waits and whose step names a reminder: the workspace's playbook gives every step one."""
    owner = house.roles["owner"]
    for row in (await owner.get("/api/ask-now?limit=200")).json()["rows"]:
        if channel and row["channel"] != channel:
            continue
        found: dict[str, Any] = (await owner.get(f"/api/asks/{row['id']}")).json()
        if not found["follow_ups"]["may_switch"]:
            await _give_reminder(house, found)
            found = (await owner.get(f"/api/asks/{row['id']}")).json()
        if found["follow_ups"]["may_switch"]:
            return found
    raise AssertionError("no such ask waits")


async def _give_reminder(house: House, ask: dict[str, Any]) -> None:
    """Edit every playbook that holds the ask's step so that it reminds twice, whatever becomes of the moment's window."""
    owner = house.roles["owner"]
    step = (await owner.get(f"/api/asks/{ask['id']}/answer")).json()["without"]["step"]
    for row in (await owner.get("/api/playbooks?limit=200")).json()["rows"]:
        book = (await owner.get(f"/api/playbooks/{row['slug']}")).json()
        forms = [s["form"] for s in book["all_steps"]]
        mine = [f for f in forms if f["slug"] == step]
        if not mine:
            continue
        for one in mine:
            one["follow_up"] = {"after_days": 10, "tone": one["tones"][0], "channel": "email", "most": 2}
            one["stop"] = [s for s in one["stop"] if s["when"] != "window_over"]
            if "email" not in one["channels"]:
                one["channels"].append("email")
        saved = await owner.put(f"/api/playbooks/{row['slug']}", json={"version": book["version"], "steps": forms})
        assert saved.status_code == 200, saved.text


async def test_what_went_out_is_shown_with_the_ask_and_in_the_outbox(house: House) -> None:
    owner, channel = house.roles["owner"], Recorder()
    ask = await _with_reminder(house, "email")
    await owner.post(f"/api/asks/{ask['id']}/approve", json={})
    now = clock.now()
    assert await delivery.send_due(house.db, house.ours.workspace, channel, now) >= 1
    waits = (await owner.get(f"/api/asks/{ask['id']}")).json()["follow_ups"]["reminders"][0]
    due = now + timedelta(days=waits["after_days"])
    assert waits["due_at"][:10] == f"{due:%Y-%m-%d}"
    assert await following.remind(house.db, house.ours.workspace, house.settings, due) >= 1
    assert await delivery.send_due(house.db, house.ours.workspace, channel, due, overtaken=following.overtaken) >= 1
    shown = (await owner.get(f"/api/asks/{ask['id']}")).json()["follow_ups"]
    assert shown["reminders"][0]["state"] == "sent"
    assert shown["sentence"].startswith(f"A reminder went out on {due:%d %B %Y}.")
    rows = (await owner.get("/api/outbox?limit=100")).json()["rows"]
    mine = {r["reminder"]: r for r in rows if r["ask_id"] == ask["id"]}
    assert sorted(mine) == [0, 1]
    assert "eminder" in mine[1]["subject"]


async def test_the_ask_says_what_its_approval_covers_and_a_person_switches_it_off(house: House) -> None:
    ask = await _with_reminder(house)
    told = ask["follow_ups"]
    assert told["on"]
    assert told["may_switch"]
    assert told["sentence"].startswith("If nothing comes of it, a")
    assert {r["state"] for r in told["reminders"]} == {"planned"}
    path = f"/api/asks/{ask['id']}/follow-ups"
    marketer = house.roles["marketer"]
    off = (await marketer.put(path, json={"on": False})).json()
    assert not off["on"]
    assert off["sentence"] == "Reminders are switched off for this ask."
    on = (await marketer.put(path, json={"on": True})).json()
    assert on["sentence"] == told["sentence"]
    for role in ("finance", "analyst"):
        assert (await house.roles[role].put(path, json={"on": False})).status_code == 403
    assert (await marketer.put(path, json={"on": "maybe"})).status_code == 422
    assert (await marketer.put(path, json={})).status_code == 422
    approved = (await marketer.post(f"/api/asks/{ask['id']}/approve", json={})).json()
    assert approved["follow_ups"]["on"]
    assert approved["follow_ups"]["sentence"] == told["sentence"]
    history = (await marketer.get(f"/api/asks/{ask['id']}")).json()["history"]
    assert [h["action"] for h in history] == ["follow_up.off", "follow_up.on", "ask.approved", "message.queued"]
    assert history[2]["detail"]["reminders"] == len(told["reminders"])


async def test_an_approval_may_leave_reminders_out(house: House) -> None:
    ask = await _with_reminder(house)
    owner = house.roles["owner"]
    approved = (await owner.post(f"/api/asks/{ask['id']}/approve", json={"follow_ups": False})).json()
    assert not approved["follow_ups"]["on"]
    shown = (await owner.get(f"/api/asks/{ask['id']}")).json()["follow_ups"]
    assert {r["state"] for r in shown["reminders"]} == {"off"}
    me = (await owner.get("/api/session")).json()["operator"]["email"]
    assert {r["reason"] for r in shown["reminders"]} == {f"Switched off by {me}."}
    assert shown["may_switch"]


async def test_what_has_no_reminder_cannot_be_switched(house: House) -> None:
    owner = house.roles["owner"]
    ask = await _with_reminder(house)
    await owner.post(f"/api/asks/{ask['id']}/not-now", json={"reason": "bad_timing"})
    refused = await owner.put(f"/api/asks/{ask['id']}/follow-ups", json={"on": False})
    assert refused.status_code == 409
    assert refused.json()["title"] == "This ask is already declined."
    assert (await owner.put(f"/api/asks/{uuid4()}/follow-ups", json={"on": False})).status_code == 404


@pytest.mark.parametrize("ask", ["nothing", "1"])
async def test_what_is_no_ask_is_refused(house: House, ask: str) -> None:
    assert (await house.roles["owner"].put(f"/api/asks/{ask}/follow-ups", json={"on": False})).status_code == 422
