"""Sources and dead letters through the API: what the console and integrations rely on."""

import base64
from typing import Any

import httpx
import msgspec
import pytest

from honeyguide import funnel
from honeyguide.app import road
from honeyguide.core import clock
from tests.contracts.conftest import House


def _owner(house: House) -> httpx.AsyncClient:
    return house.roles["owner"]


async def _made(house: House, name: str, kind: str = "segment") -> dict[str, Any]:
    answer = await _owner(house).post("/api/sources", json={"kind": kind, "name": name})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


async def _track(house: House, key: str, **more: Any) -> httpx.Response:
    async with house.visitor() as client:
        head = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        body = {"type": "track", "userId": "ana", "event": "Feature Used", **more}
        return await client.post("/v1/track", content=msgspec.json.encode(body), headers={"authorization": head})


async def _state(house: House, ident: str) -> dict[str, Any]:
    answer = await _owner(house).get(f"/api/sources/{ident}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_source_from_its_making_to_its_first_events(house: House) -> None:
    made = await _made(house, "App one")
    assert made["key"] in made["snippet"]
    fresh = await _state(house, made["id"])
    assert (fresh["state"], fresh["accepted"], len(fresh["days"])) == ("waiting", 0, 30)
    assert made["key"] not in str(fresh)
    assert (await _track(house, made["key"], messageId="a1", properties={"feature": "x"})).status_code == 200
    await road.catch_up(house.db, house.ours.workspace)
    known = await _state(house, made["id"])
    assert (known["state"], known["accepted"], known["lag"]) == ("ok", 1, 0)
    assert known["cost"]["events"] == 1
    assert known["cost"]["bytes"] > 50
    assert known["days"][-1]["accepted"] == 1
    assert [(v["version"], v["rows"]) for v in known["mapping_versions"]] == [(1, 1)]
    shapes = (await _owner(house).get(f"/api/sources/{made['id']}/catalogue")).json()["rows"]
    assert [(s["kind"], s["n"], s["new"]) for s in shapes] == [("track", 1, False)]
    assert {"path": "properties.feature", "types": ["text"]} in shapes[0]["paths"]


def _who(event: dict[str, Any]) -> str:
    return f"{event['person']['source']}:{event['person']['ext_id']}"


async def test_live_shows_rows_as_they_came_and_as_we_read_them(house: House) -> None:
    made = await _made(house, "App live")
    live = f"/api/sources/{made['id']}/live"
    assert (await _owner(house).get(live)).json() == {"rows": [], "next": 0}
    await _track(house, made["key"], messageId="l1", properties={"feature": "x", "long": "y" * 9_000})
    first = (await _owner(house).get(live)).json()
    (row,) = first["rows"]
    assert row["message_id"] == "l1"
    assert len(row["body"]) == 4_000
    assert [(e["kind"], _who(e)) for e in row["events"]] == [("feature.used", "app-live:ana")]
    assert (row["version"], row["problem"], row["lane"]) == (None, "", "live")  # no consumer has read it yet
    await road.catch_up(house.db, house.ours.workspace)
    assert (await _owner(house).get(live)).json()["rows"][0]["version"] == 1
    assert (await _owner(house).get(live, params={"after": first["next"]})).json() == {
        "rows": [],
        "next": first["next"],
    }
    await _track(house, made["key"], messageId="l2")
    later = (await _owner(house).get(live, params={"after": first["next"]})).json()
    assert [r["message_id"] for r in later["rows"]] == ["l2"]
    async with house.db.tx(house.ours.workspace) as tx:
        source = await funnel.source_of(tx, int(made["id"]))
        now = clock.now()
        await funnel.append(tx, source, [funnel.NewEvent("segment", "track", "broken", b"{", now, now)])
    await road.catch_up(house.db, house.ours.workspace)
    broken = (await _owner(house).get(live)).json()["rows"][0]
    assert broken["problem"].startswith("decode: not_json")


async def test_pause_resume_and_another_key(house: House) -> None:
    made = await _made(house, "App paused")
    paused = (await _owner(house).post(f"/api/sources/{made['id']}/pause")).json()
    assert paused["state"] == "paused"
    assert "refused" in paused["reason"]
    assert (await _track(house, made["key"])).status_code == 403
    assert (await _owner(house).post(f"/api/sources/{made['id']}/resume")).json()["state"] == "waiting"
    renewed = (await _owner(house).post(f"/api/sources/{made['id']}/key")).json()
    assert renewed["key"] != made["key"]
    assert (await _track(house, renewed["key"])).status_code == 200
    said = (await _owner(house).get("/api/audit", params={"limit": 200})).json()["rows"]
    acts = [a["action"] for a in said if a["subject"] == f"source:{made['id']}"]
    assert acts == ["source.key", "source.resume", "source.pause", "source.create"]


async def test_whose_word_about_money_counts_is_said_and_changed(house: House) -> None:
    made = await _made(house, "App believed")
    at = f"/api/sources/{made['id']}"
    before = (await _owner(house).get(at)).json()
    assert (before["server_only"], before["money"][:12]) == (False, "not believed")
    after = (await _owner(house).post(f"{at}/trust", json={"server_only": True})).json()
    assert (after["server_only"], after["money"]) == (True, "believed")
    assert (await house.roles["analyst"].post(f"{at}/trust", json={"server_only": False})).status_code == 403
    said = (await _owner(house).get("/api/audit", params={"limit": 200})).json()["rows"]
    assert [a["action"] for a in said if a["subject"] == f"source:{made['id']}"] == ["source.trust", "source.create"]


async def test_a_source_that_cannot_be_made_says_why(house: House) -> None:
    await _made(house, "Taken")
    for body, status in (({"kind": "fax", "name": "Fax"}, 400), ({"kind": "segment", "name": "taken"}, 409),
                         ({"kind": "segment", "name": "   "}, 400), ({"kind": "segment", "name": "a\x00"}, 422),
                         ({"kind": "segment"}, 422), ({"kind": "segment", "name": "x", "id": 1}, 422)):  # fmt: skip
        answer = await _owner(house).post("/api/sources", json=body)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_plan_is_set_read_and_broken(house: House) -> None:
    made = await _made(house, "App plan")
    plan = f"/api/sources/{made['id']}/plan"
    assert (await _owner(house).get(plan)).json()["mode"] == "off"
    rule = {"name": "Feature Used", "required": ["feature"], "types": {"seats": "integer"}}
    put = await _owner(house).put(plan, json={"mode": "quarantine", "events": [rule]})
    assert put.status_code == 200, put.text
    await _track(house, made["key"], messageId="p1", properties={"seats": "two"})
    await road.catch_up(house.db, house.ours.workspace)
    params = {"source": made["id"], "stage": "plan"}
    letters = (await _owner(house).get("/api/dead-letters", params=params)).json()
    assert letters["reasons"] == [{"stage": "plan", "reason": "missing: feature", "n": 1}]
    assert letters["rows"][0]["source"] == "App plan"
    ident = letters["rows"][0]["id"]
    assert (await _owner(house).post(f"/api/dead-letters/{ident}/retry")).json()["outcome"] == "failed"
    await _owner(house).put(plan, json={"mode": "warn", "events": [rule]})
    assert (await _owner(house).post(f"/api/dead-letters/{ident}/retry")).json()["outcome"] == "carried"
    await _track(house, made["key"], messageId="p2", properties={"feature": "x", "seats": "two"})
    await road.catch_up(house.db, house.ours.workspace)
    found = (await _owner(house).get(plan)).json()
    assert found["violations"] == 1
    assert (found["broken"][0]["property"], found["broken"][0]["problem"]) == ("seats", "not of type integer")
    for bad in ({"mode": "strict"}, {"mode": "warn", "events": [{"types": {"a": "colour"}}]}):
        assert (await _owner(house).put(plan, json=bad)).status_code == 422
    assert (await _owner(house).put(plan, json={"mode": "warn", "events": [{}]})).status_code == 400
    theirs = f"/api/sources/{house.theirs.source}/plan"
    assert (await _owner(house).put(theirs, json={"mode": "warn", "events": []})).status_code == 404


async def test_a_preview_writes_nothing(house: House) -> None:
    made = await _made(house, "App preview")
    preview = f"/api/sources/{made['id']}/preview"
    rows = [{"type": "track", "event": "Feature Used", "userId": "ana", "properties": {"feature": "x"}}]
    seen = (await _owner(house).post(preview, json={"rows": rows})).json()
    assert [(e["kind"], _who(e), e["props"]["feature"]) for e in seen["events"]] == [
        ("feature.used", "app-preview:ana", "x")
    ]
    pasted = "\n".join(msgspec.json.encode(r).decode() for r in rows * 2)
    assert len((await _owner(house).post(preview, json={"body": pasted})).json()["events"]) == 2
    definition = {
        "connector": "acme", "label": "Acme", "streams": {"people": {"id": "id"}},
        "maps": {"people": {"time": "at", "person": {"id": "id", "email": "mail"}, "events": [{"kind": "persona.identified"}]}},
    }  # fmt: skip
    body = {"rows": [{"id": 7, "mail": "Ana@Acme.example", "at": "2026-01-01T00:00:00Z"}], "definition": definition,
            "stream": "people"}  # fmt: skip
    seen = (await _owner(house).post(preview, json=body)).json()
    assert [(e["kind"], _who(e)) for e in seen["events"]] == [("persona.identified", "app-preview:7")], seen
    assert seen["events"][0]["person"]["traits"]["email"] == "ana@acme.example"
    assert (await _owner(house).post(preview, json={"rows": ["x", 1]})).json()["problem"]
    for bad in ({"body": "{"}, {"rows": rows, "definition": {"connector": 1}}):
        assert (await _owner(house).post(preview, json=bad)).status_code == 400
    assert (await _state(house, made["id"]))["accepted"] == 0


async def test_letters_are_filtered_mended_dropped_and_tried_in_bulk(house: House) -> None:
    made = await _made(house, "Letters", "webhook")
    async with house.db.tx(house.ours.workspace) as tx:
        for body in (b"{", b'{"id":"1","type":"x"}', b"[", b"{{"):
            await funnel.dead_letter(tx, int(made["id"]), "hook", "not_json", "no", body)
    one = {"source": made["id"], "limit": 2}
    page = (await _owner(house).get("/api/dead-letters", params=one)).json()
    rest = (await _owner(house).get("/api/dead-letters", params={**one, "after": page["next"]})).json()
    ids = [row["id"] for row in page["rows"] + rest["rows"]]
    assert (len(set(ids)), page["total"], rest["next"]) == (4, 4, None)
    mended = await _owner(house).post(f"/api/dead-letters/{ids[0]}/edit", json={"body": '{"id":"m","type":"x"}'})
    assert mended.json()["outcome"] == "accepted"
    shown = (await _owner(house).get(f"/api/dead-letters/{ids[0]}")).json()
    assert (shown["state"], shown["body"], shown["mended_as"]) == ("retried", "{{", mended.json()["event_ids"][0])
    assert (await _owner(house).post(f"/api/dead-letters/{ids[1]}/drop")).json()["outcome"] == "dropped"
    assert (await _owner(house).post(f"/api/dead-letters/{ids[1]}/drop")).status_code == 409
    by_ids = (await _owner(house).post("/api/dead-letters/retry", json={"ids": ids})).json()
    assert (by_ids["total"], by_ids["succeeded"], by_ids["failed"]) == (4, 1, 3)
    begun = (await _owner(house).post("/api/dead-letters/retry", json={"source": made["id"]})).json()
    assert (begun["outcome"], begun["total"]) == ("started", 1)
    while await funnel.step_retry(house.db, house.ours.workspace, road.carry_again):
        pass
    done = (await _owner(house).get(f"/api/dead-letters/retries/{begun['id']}")).json()
    assert (done["outcome"], done["done"], done["failed"]) == ("done", 1, 1)
    both = {"ids": ids, "stage": "hook"}
    assert (await _owner(house).post("/api/dead-letters/retry", json=both)).status_code == 400
    dropped = {"source": made["id"], "state": "dropped"}
    assert (await _owner(house).get("/api/dead-letters", params=dropped)).json()["total"] == 1


@pytest.mark.parametrize("path", ["/api/sources/{}/pause", "/api/dead-letters/{}/drop", "/api/sources/{}/key"])
async def test_who_only_looks_changes_nothing(house: House, path: str) -> None:
    ident = house.ours.source if "sources" in path else house.ours.letter
    assert (await house.roles["analyst"].post(path.format(ident))).status_code == 403
