"""The graph over HTTP: pictures, paths, portraits, reviews, questions, SQL, vocabulary."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from honeyguide import graph
from honeyguide.core import clock
from honeyguide.db import create_workspace
from honeyguide.web.auth import create_api_key
from tests.contracts.conftest import House
from tests.contracts.stage import signed_in
from tests.unit.graph.ask_world import PEOPLE, furnish


class Town:
    """A workspace of its own with the world of questions in it, and its owner's browser."""

    def __init__(self, house: House, workspace: int, ids: dict[str, int], owner: httpx.AsyncClient) -> None:
        self.house, self.workspace, self.ids, self.owner = house, workspace, ids, owner

    async def get(self, path: str, expect: int = 200, /, **params: Any) -> Any:
        answer = await self.owner.get(path, params=params)
        assert answer.status_code == expect, answer.text
        return answer.json()

    async def post(self, path: str, body: Any, expect: int = 200) -> Any:
        answer = await self.owner.post(path, json=body)
        assert answer.status_code == expect, answer.text
        return answer.json()

    def id(self, name: str) -> str:
        return str(self.ids[name])


def ago(days: int) -> str:
    """A moment so many days ago, as a query takes it."""
    return (clock.now() - timedelta(days=days)).isoformat()


def ends(start: str, goal: str) -> dict[str, Any]:
    """The query of a path."""
    return {"from": start, "to": goal}


@pytest.fixture(scope="module")
async def town(house: House) -> AsyncIterator[Town]:
    workspace = await create_workspace(house.db, f"town-{clock.now():%H%M%S%f}", "Town")
    ids = await furnish(house.db, workspace, clock.now())
    async with house.db.tx(workspace) as tx:
        await graph.influence_rebuild(tx)
    owner = await signed_in(house.app, house.db, workspace, "owner", "town")
    yield Town(house, workspace, ids, owner)
    await owner.aclose()


async def test_a_picture_is_small_clustered_and_whole(town: Town) -> None:
    found = await town.get("/api/graph", centre=town.id("Ana Silva"), hops=2)
    names = {n["id"]: n for n in found["nodes"]}
    assert found["centre"] == town.id("Ana Silva")
    assert names[town.id("Ana Silva")]["company"] == town.id("Northwind Logistics")
    assert names[town.id("Ana Silva")]["score"] > 0
    assert all(e["src"] in names and e["dst"] in names for e in found["edges"])
    assert len({(e["kind"], e["src"], e["dst"]) for e in found["edges"]}) == len(found["edges"])
    assert {c["name"] for c in found["clusters"]} >= {"Northwind Logistics", "Acme Corp"}
    assert sum(c["n"] for c in found["clusters"]) == len(found["nodes"])
    # One step out: the ties between those who are shown come along (both work at the company).
    near = await town.get("/api/graph", centre=town.id("Northwind Logistics"))
    assert ("reports_to", town.id("Ben Okafor"), town.id("Ana Silva")) in {
        (e["kind"], e["src"], e["dst"]) for e in near["edges"]
    }


async def test_a_picture_is_bounded_and_says_so(town: Town) -> None:
    found = await town.get("/api/graph", centre=town.id("Ana Silva"), hops=2, limit=3)
    assert len(found["nodes"]) == 3
    assert found["truncated"]
    only = await town.get("/api/graph", centre=town.id("Ana Silva"), kinds="influences,referred")
    assert {e["kind"] for e in only["edges"]} == {"influences", "referred"}
    await town.get("/api/graph", 400, centre=town.id("Ana Silva"), kinds="loves")
    await town.get("/api/graph", 422, limit=501)
    await town.get("/api/graph", 422, hops=3)
    await town.get("/api/graph", 422, valid_at="2026-01-01T00:00:00")  # a moment needs its offset
    await town.get("/api/graph", 404, centre="123")
    await town.get("/api/graph", 404, centre="9" * 19)


async def test_without_a_centre_it_shows_the_most_influential(town: Town) -> None:
    found = await town.get("/api/graph")
    assert found["centre"] is None
    assert town.id("Ana Silva") in {n["id"] for n in found["nodes"]}
    assert found["edges"]


async def test_a_picture_of_the_past_shows_what_held_then(town: Town) -> None:
    found = await town.get("/api/graph", centre=town.id("Ana Silva"), valid_at=ago(400))
    assert {e["kind"] for e in found["edges"]} == {"works_at"}


async def test_a_path_has_evidence_on_every_hop(town: Town) -> None:
    found = await town.get("/api/graph/path", 200, **ends(town.id("Ana Silva"), town.id("Brightwater Group")))
    assert found["hops"][0]["kind"] in ("influences", "referred")
    assert [h["kind"] for h in found["hops"][1:]] == ["introduced", "works_at"]
    assert all(h["inferrer"] and h["source_ref"] for h in found["hops"])
    assert found["hops"][1]["quote"] == "Meet Erik."
    assert {n["id"] for n in found["nodes"]} == {i for h in found["hops"] for i in (h["src"], h["dst"])}
    nobody = await town.get("/api/graph/path", 200, **ends(town.id("Ana Silva"), town.id("At Home Interiors")))
    assert nobody == {"hops": [], "nodes": []}
    await town.get("/api/graph/path", 404, **ends(town.id("Ana Silva"), "12"))
    await town.get("/api/graph/path", 422, **ends("me", "12"))


async def test_a_portrait_says_only_what_edges_say(town: Town) -> None:
    found = await town.get(f"/api/personas/{town.id('Ana Silva')}/portrait")
    assert found["who"]["name"] == "Ana Silva"
    assert found["who"]["company"] == {"id": town.id("Northwind Logistics"), "name": "Northwind Logistics"}
    assert {u["name"] for u in found["uses"]} == {"dispatch"}
    assert {(i["name"], i["how"]) for i in found["influences"]} == {
        ("Carla Rossi", "influences"), ("Ben Okafor", "manages"), ("Carla Rossi", "referred"),
    }  # fmt: skip
    assert found["feels"]["label"] == "happy"
    assert found["feels"]["quotes"][0]["quote"] == "Brilliant, thank you!"
    by_sentence = {b["sentence"]: b for b in found["beliefs"]}
    assert by_sentence["Ana Silva champions dispatch."]["quote"] == "I tell everybody to use dispatch."
    for b in found["beliefs"]:  # each stands on an edge that is there, above the bound
        assert b["confidence"] >= 0.6
        assert b["inferrer"]
        e = b["edge"]
        rows = (await town.get(f"/api/edges/{e['kind']}/{e['src']}/{e['dst']}/evidence"))["rows"]
        assert any(r["supports"] for r in rows)
        assert not b["quote"] or b["quote"] in {r["quote"] for r in rows}
    doubted = await town.get(f"/api/personas/{town.id('Dev Patel')}/portrait")
    assert doubted["feels"] == {"label": "unknown", "confidence": 0.0, "quotes": []}
    unhappy = await town.get(f"/api/personas/{town.id('Carla Rossi')}/portrait")
    assert unhappy["feels"]["label"] == "unhappy"
    await town.get(f"/api/personas/{town.id('Acme Corp')}/portrait", 404)


async def test_names_in_a_portrait_are_data(town: Town) -> None:
    """A name made of placeholders or markup is shown as it is."""
    found = await town.get(f"/api/personas/{town.ids[chr(82) + 'obert' + chr(39) + '); drop table node;--']}/portrait")
    assert found["who"]["name"] == "Robert'); drop table node;--"


async def test_a_review_is_carried_at_once_and_can_be_taken_back(town: Town) -> None:
    src, dst, other = town.id("Carla Rossi"), town.id("dispatch"), town.id("fleet")
    door = f"/api/edges/blocks/{src}/{dst}/review"
    before = (await town.get(f"/api/edges/blocks/{src}/{dst}/history"))["rows"][0]["confidence"]
    done = await town.post(door, {"verdict": "refute", "note": "She signed."})
    assert done["edge"] is None or done["edge"]["confidence"] < 0.5
    assert (await town.post(door, done["undo"]))["undo"] is None
    assert (await town.get(f"/api/edges/blocks/{src}/{dst}/history"))["rows"][0]["confidence"] == before
    moved = await town.post(door, {"verdict": "correct", "corrected_dst": other})
    assert moved["edge"]["dst"] == other
    assert moved["edge"]["confidence"] > 0.9
    await town.post(door, moved["undo"])
    story = (await town.get(f"/api/entities/{src}/story"))["rows"]
    assert all(line["sentence"].endswith(".") for line in story)
    audit = (await town.get("/api/audit", limit=20))["rows"]
    assert {"edge.refute", "edge.correct", "edge.withdraw"} <= {row["action"] for row in audit}
    await town.post(door, {"verdict": "maybe"}, 422)
    await town.post(door, {"verdict": "correct"}, 400)
    await town.post(f"/api/edges/blocks/{src}/{town.id('insights')}/review", {"verdict": "confirm"}, 404)
    await town.post(f"/api/edges/loves/{src}/{dst}/review", {"verdict": "confirm"}, 404)


async def test_difference_and_story(town: Town) -> None:
    ana = town.id("Ana Silva")
    found = await town.get(f"/api/entities/{ana}/difference", before=ago(150), after=ago(0))
    assert "Ana Silva champions dispatch." in {c["sentence"] for c in found["appeared"]}
    assert all(c["before"] is None and c["after"] for c in found["appeared"])
    await town.get(f"/api/entities/{ana}/difference", 400, before=ago(1), after=ago(2))
    await town.get(f"/api/entities/{ana}/difference", 422, after="0001-01-01T00:00:00Z")
    story = (await town.get(f"/api/entities/{ana}/story", limit=5))["rows"]
    assert 0 < len(story) <= 5
    assert [s["at"] for s in story] == sorted((s["at"] for s in story), reverse=True)


async def test_influence_and_buying_group(town: Town) -> None:
    one = await town.get(f"/api/personas/{town.id('Ana Silva')}/influence")
    assert 0 < one["score"] <= 1
    assert one["reasons"]
    page = await town.get("/api/influence", limit=2)
    assert len(page["rows"]) == 2
    rest = await town.get("/api/influence", limit=200, after=page["next"])
    assert not {r["id"] for r in page["rows"]} & {r["id"] for r in rest["rows"]}
    at = await town.get("/api/influence", company=town.id("Acme Corp"))
    assert town.id("Ana Silva") not in {r["id"] for r in at["rows"]}
    await town.get("/api/influence", 404, company="77")
    exported = await town.owner.get("/api/influence", params={"format": "csv"})
    assert exported.text.startswith("id,name,title,score")
    group = (await town.get(f"/api/companies/{town.id('Northwind Logistics')}/buying-group"))["rows"]
    ana = next(m for m in group if m["persona"] == town.id("Ana Silva"))
    assert (ana["buying_role"], ana["stance"]) == ("champion", "for")
    assert ana["why"][0]["quote"] == "I tell everybody to use dispatch."
    await town.get(f"/api/companies/{town.id('Ana Silva')}/buying-group", 404)


async def test_a_question_shows_its_call_and_its_edges(town: Town) -> None:
    found = await town.post("/api/graph/ask", {"question": "Who uses dispatch at Northwind?"})
    assert found["understood"]
    assert found["call"]["name"] == "who"
    assert found["call"]["arguments"]["target"]["id"] == town.id("dispatch")
    assert found["sentence"] == "Who: uses dispatch at Northwind Logistics."
    assert {row[0]["name"] for row in found["rows"]} == {"Ana Silva", "Northwind Logistics"}
    edge = found["edges"][0][0]
    assert (await town.get(f"/api/edges/{edge['kind']}/{edge['src']}/{edge['dst']}/evidence"))["rows"]
    since = await town.post("/api/graph/ask", {"question": "what changed about Ana Silva since March"})
    assert since["call"]["arguments"]["since"].endswith("-03-01T00:00:00+00:00")
    unclear = await town.post("/api/graph/ask", {"question": "who influences Maria Garcia"})
    assert not unclear["understood"]
    assert "who influences Maria Garcia at Acme Corp" in unclear["suggestions"]
    await town.post("/api/graph/ask", {"question": ""}, 422)
    await town.post("/api/graph/ask", {"question": "x" * 301}, 422)
    await town.post("/api/graph/ask", {"question": "who\x00"}, 422)
    await town.post("/api/graph/ask", {"sql": "select 1"}, 422)


async def test_what_the_grammar_does_not_know_a_model_may_pick_and_only_from_the_list(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = "could you find me the folks that rely on dispatch at northwind"
    asked: list[tuple[int, str]] = []
    answers: list[Any] = [
        ("who", {"relation": "uses", "target": "dispatch", "company": "Northwind"}),
        ("sql", {"q": "select 1"}),
        None,
    ]

    async def choose(workspace: int, question: str, calls: Any) -> Any:
        asked.append((workspace, question))
        return answers.pop(0)

    monkeypatch.setitem(town.house.app._app._api.state._state, "choose", choose)
    picked = await town.post("/api/graph/ask", {"question": strange})
    assert picked["understood"]
    assert picked["sentence"] == "Who: uses dispatch at Northwind Logistics."
    for _ in range(2):  # a call that is none, and nothing said
        assert not (await town.post("/api/graph/ask", {"question": strange}))["understood"]
    assert asked == [(town.workspace, strange)] * 3
    await town.post("/api/graph/ask", {"question": "Who uses dispatch at Northwind?"})
    assert len(asked) == 3  # nobody is asked about what the grammar reads


async def test_expert_sql_is_the_owners_bounded_and_in_the_audit(town: Town) -> None:
    found = await town.post(
        "/api/graph/sql", {"sql": "select id, name from graph_node where kind = 'persona' order by name"}
    )
    assert found["columns"] == ["id", "name"]
    assert [town.id("Ana Silva"), "Ana Silva"] in found["rows"]
    assert not found["capped"]
    refused = await town.post("/api/graph/sql", {"sql": "select set_config('app.workspace', '1', false)"}, 400)
    assert refused["type"] == "urn:honeyguide:problem:sql_refused"
    assert refused["advice"]
    await town.post("/api/graph/sql", {"sql": "select nothing from graph_node"}, 400)
    audit = (await town.get("/api/audit", limit=5))["rows"]
    assert any(r["action"] == "graph.sql" and "graph_node" in str(r["detail"]) for r in audit)
    marketer = await signed_in(town.house.app, town.house.db, town.workspace, "marketer", "town")
    answer = await marketer.post("/api/graph/sql", json={"sql": "select 1"})
    assert answer.status_code == 403
    await marketer.aclose()


async def test_keys_need_a_scope_of_their_own_for_sql(town: Town) -> None:
    async with town.house.db.tx(town.workspace) as tx:
        keys = {scope: await create_api_key(tx, f"agent {scope}", [scope]) for scope in ("read", "write", "sql")}
    async with town.house.visitor() as client:
        for scope, key in keys.items():
            headers = {"authorization": f"Bearer {key}"}
            sql = await client.post("/api/graph/sql", json={"sql": "select 1 as one"}, headers=headers)
            assert sql.status_code == (200 if scope == "sql" else 403)
            asked = await client.post("/api/graph/ask", json={"question": "top advocates"}, headers=headers)
            assert asked.status_code == (403 if scope == "write" else 200)


async def test_rows_of_another_workspace_are_not_in_sql_or_answers(town: Town, house: House) -> None:
    word = house.ours.word
    found = await town.post("/api/graph/sql", {"sql": f"select count(*) from graph_node where name like '%{word}%'"})
    assert found["rows"] == [[0]]
    ours = await house.roles["owner"].post(
        "/api/graph/sql", json={"sql": f"select count(*) from graph_node where name like '%{word}%'"}
    )
    assert ours.json()["rows"][0][0] > 0
    asked = await town.post("/api/graph/ask", {"question": f"tell me about Ana {word}"})
    assert not asked["understood"]


async def test_the_vocabulary_is_read_and_extended(town: Town) -> None:
    found = await town.get("/api/vocabulary")
    uses = next(k for k in found["edges"] if k["name"] == "uses")
    assert uses["code"] == 8
    assert "product" in uses["to"]
    kind = {"side": "edge", "name": "x_mentors", "about": "One person mentors another.", "from": ["persona"], "to": ["persona"],
            "half_life_days": 365}  # fmt: skip
    made = await town.post("/api/vocabulary", kind, 201)
    mine = next(k for k in made["edges"] if k["name"] == "x_mentors")
    assert mine["own"]
    assert mine["from"] == ["persona"]
    assert (await town.post("/api/vocabulary", kind, 201))["edges"] == made["edges"]
    await town.post("/api/vocabulary", kind | {"about": "Something else."}, 409)
    await town.post("/api/vocabulary", kind | {"name": "mentors"}, 422)
    await town.post("/api/vocabulary", kind | {"name": "x_likes", "to": ["planet"]}, 400)
    audit = (await town.get("/api/audit", limit=20))["rows"]
    assert any(r["action"] == "vocabulary.extended" for r in audit)


async def test_segments_are_tried_saved_changed_and_deleted(town: Town) -> None:
    champions = {"type": "edges", "kind": "champion_of", "nodes": [town.id("dispatch")]}
    tried = await town.post("/api/segments/preview", {"condition": champions})
    assert (tried["count"], [m["name"] for m in tried["sample"]]) == (1, ["Ana Silva"])
    made = await town.post("/api/segments", {"name": "Champions", "condition": champions}, 201)
    assert (made["members"], made["version"]) == (1, 1)
    await town.post("/api/segments", {"name": "Champions", "condition": champions}, 409)
    door = f"/api/segments/{made['id']}"
    everybody = await town.owner.put(door, json={"condition": {"type": "all", "of": []}})
    assert everybody.json()["members"] == len(PEOPLE)
    assert everybody.json()["version"] == 2
    page = await town.get(f"{door}/members", limit=3)
    rest = await town.get(f"{door}/members", limit=200, after=page["next"])
    assert len({r["id"] for r in page["rows"]} | {r["id"] for r in rest["rows"]}) == page["total"] == len(PEOPLE)
    assert len((await town.get(f"{door}/changes"))["rows"]) == len(PEOPLE)
    listed = await town.get("/api/segments")
    assert [s["name"] for s in listed["rows"]] == ["Champions"]
    for bad in (
        {"type": "nothing"},
        {"type": "edges", "kind": "loves"},
        {},
        {"type": "property", "name": "x", "op": "sql"},
    ):
        assert (await town.owner.put(door, json={"condition": bad})).status_code == 400
        await town.post("/api/segments/preview", {"condition": bad}, 400)
    await town.post("/api/segments", {"name": "", "condition": champions}, 422)
    assert (await town.owner.delete(door)).json() == {"id": made["id"]}
    await town.get(door, 404)
    assert (await town.owner.delete(door)).status_code == 404
