"""The fraud review queue over HTTP: found, paged, exported, looked into, decided one by one and at once, under a policy."""

import csv
import io
from typing import Any

import httpx

from honeyguide.core import clock
from honeyguide.core.ids import new_id
from honeyguide.outcomes import fraud, sign_up
from tests.contracts.conftest import House


async def get(house: House, path: str, **query: Any) -> Any:
    answer = await house.roles["finance"].get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(house: House, path: str, body: Any, role: str = "finance") -> httpx.Response:
    return await house.roles[role].post(path, json=body)


async def more(house: House) -> None:
    """Two friends whose device is also the advocate's."""
    async with house.db.tx(house.ours.workspace) as tx:
        for n in range(2):
            made = await sign_up(tx, house.ours.code, f"fake{n}@firm{n}.example", f"Fake {n}", None, clock.now())
            await fraud.mark(tx, "friend", made.referral.id, "device", "one phone", clock.now())
            await fraud.mark(tx, "advocate", made.referral.advocate_id, "device", "one phone", clock.now())
            await fraud.look(tx, made.referral.id, clock.now())


async def test_cases_are_listed_by_what_they_could_cost_paged_filtered_and_exported(house: House) -> None:
    await more(house)
    whole = await get(house, "/api/fraud/cases")
    rows = whole["rows"]
    assert whole["total"] == len(rows) == 3
    assert [r["expected_loss_minor"] for r in rows] == sorted((r["expected_loss_minor"] for r in rows), reverse=True)
    paged: list[Any] = []
    after: str | None = ""
    while after is not None:
        page = await get(house, "/api/fraud/cases", limit=1, after=after)
        paged += page["rows"]
        after = page["next"]
    assert paged == rows
    ring = await get(house, "/api/fraud/cases", shape="one_hand")
    assert [r["shape"] for r in ring["rows"]] == ["one_hand"] * 2
    assert (await get(house, "/api/fraud/cases", probability=1))["total"] == 0
    assert (await get(house, "/api/fraud/cases", advocate=str(new_id())))["total"] == 0
    assert (await get(house, "/api/fraud/cases", state="honest"))["total"] == 0
    exported = await house.roles["finance"].get("/api/fraud/cases", params={"format": "csv"})
    lines = list(csv.DictReader(io.StringIO(exported.text)))
    assert [line["referral_id"] for line in lines] == [r["referral_id"] for r in rows]


async def test_a_case_shows_findings_weights_and_its_part_of_the_graph(house: House) -> None:
    ident = (await get(house, "/api/fraud/cases", shape="one_hand"))["rows"][0]["referral_id"]
    case = await get(house, f"/api/fraud/cases/{ident}")
    assert case["held"]
    assert 0 < case["probability"] < 1
    assert [f["verdict"] for f in case["findings"] if f["rule"] == "shared_device"] == ["hold"]
    assert case["weights"][0]["moved"] > 0
    graph = case["subgraph"]
    assert {n["kind"] for n in graph["nodes"]} == {"person", "device"}
    assert sum(n["centre"] for n in graph["nodes"]) == 2
    ids = {n["id"] for n in graph["nodes"]}
    assert all({e["a"], e["b"]} <= ids for e in graph["edges"])
    assert {e["kind"] for e in graph["edges"]} == {"referred", "hard"}
    assert (await house.roles["finance"].get(f"/api/fraud/cases/{new_id()}")).status_code == 404


async def test_verdicts_one_by_one_and_at_once(house: House) -> None:
    rows = (await get(house, "/api/fraud/cases"))["rows"]
    one, rest = rows[0]["referral_id"], [r["referral_id"] for r in rows[1:]]
    path = f"/api/fraud/cases/{one}/verdict"
    refused = await post(house, path, {"verdict": "fraud", "reason": " "})
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert (await post(house, path, {"verdict": "guilty", "reason": "x"})).status_code == 422
    assert (await post(house, path, {"verdict": "fraud", "reason": "x"}, role="marketer")).status_code == 403
    done = await post(house, path, {"verdict": "fraud", "reason": "One phone."})
    assert (done.status_code, done.json()["state"]) == (200, "fraud")
    assert (await post(house, path, {"verdict": "fraud", "reason": "One phone."})).json() == done.json()
    unknown = {"verdict": "honest", "reason": "Met them.", "referral_ids": [*rest, str(new_id())]}
    assert (await post(house, "/api/fraud/verdicts", unknown)).status_code == 404
    assert {r["state"] for r in (await get(house, "/api/fraud/cases", state=""))["rows"]} == {
        "fraud",
        "open",
    }  # all or none
    done = await post(house, "/api/fraud/verdicts", {"verdict": "honest", "reason": "Met them.", "referral_ids": rest})
    assert [r["state"] for r in done.json()["rows"]] == ["honest"] * 2
    assert (await get(house, "/api/fraud/cases"))["rows"] == []


async def test_what_an_application_tells_of_devices_holds_at_once(house: House) -> None:
    owner = house.roles["owner"]
    advocate = (await owner.get("/api/referrals")).json()["rows"][0]["advocate"]["id"]
    ring = {"side": "advocate", "owner": advocate, "kind": "device", "value": "another phone"}
    assert (await owner.post("/api/fraud/marks", json=ring)).status_code == 200
    told = {"side": "friend", "owner": house.ours.referral, "kind": "device", "value": "Another  phone"}
    answer = await owner.post("/api/fraud/marks", json=told)
    assert (answer.status_code, answer.json()) == (200, {"held": [house.ours.referral]}), answer.text
    assert (await owner.post("/api/fraud/marks", json=told)).json() == answer.json()
    assert (await owner.post("/api/fraud/marks", json=told | {"owner": house.theirs.referral})).status_code == 404
    assert (await owner.post("/api/fraud/marks", json=told | {"kind": "shoe size"})).status_code == 422


async def test_the_policy_is_read_and_decided_with_its_version(house: House) -> None:
    standing = await get(house, "/api/fraud/policy")
    assert "same_company" in standing["known_rules"]
    assert (
        standing["rules"] == standing["stated"] == {"same_company": "note"}
    )  # what is in force is said, also before anybody decides
    assert 0 < standing["threshold"] < 1
    body = {"rules": {"role_inbox": "note"}, "costs": standing["costs"] | {"goodwill_minor": 0}, "version": 0}
    finance = house.roles["finance"]
    made = await finance.put("/api/fraud/policy", json=body)
    assert (made.status_code, made.json()["version"]) == (200, 1), made.text
    assert made.json()["threshold"] < standing["threshold"]
    assert made.json()["rules"] == {"role_inbox": "note", "same_company": "note"}
    assert (await finance.put("/api/fraud/policy", json=body)).status_code == 409
    assert (
        await finance.put("/api/fraud/policy", json=body | {"rules": {"nonsense": "off"}, "version": 1})
    ).status_code == 400
    assert (await house.roles["marketer"].put("/api/fraud/policy", json=body | {"version": 1})).status_code == 403
