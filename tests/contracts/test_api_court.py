"""The court over HTTP: conversions listed, paged and exported; explained, disputed, previewed, decided by the right people."""

import csv
import io
from typing import Any

from honeyguide.core.ids import new_id
from tests.contracts.conftest import House


async def get(house: House, path: str, **query: Any) -> Any:
    answer = await house.roles["finance"].get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_conversions_are_listed_filtered_and_exported(house: House) -> None:
    whole = await get(house, "/api/conversions")
    (row,) = whole["rows"]
    assert (whole["total"], whole["next"], row["kind"], row["state"]) == (1, None, "deal", "credited")
    assert [c["share_bp"] for c in row["credited"]] == [10_000]
    for state, total in (("credited", 1), ("disputed", 0), ("decided", 0), ("shared", 0), ("none", 0)):
        assert (await get(house, "/api/conversions", state=state))["total"] == total
    assert (await get(house, "/api/conversions", advocate=row["credited"][0]["id"], q="prospect"))["total"] == 1
    assert (await get(house, "/api/conversions", q="50%_\\"))["total"] == 0
    exported = await house.roles["finance"].get("/api/conversions", params={"format": "csv"})
    assert [line["id"] for line in csv.DictReader(io.StringIO(exported.text))] == [row["id"]]


async def test_a_credit_is_explained_disputed_previewed_and_decided(house: House) -> None:
    ident = house.ours.conversion
    path = f"/api/conversions/{ident}"
    found = await get(house, path)
    assert found["for_advocate"]
    assert found["for_company"]
    assert found["touches"]
    assert found["shares"][0]["share_bp"] == 10_000
    marketer, finance, analyst = (house.roles[r] for r in ("marketer", "finance", "analyst"))
    disputed = await marketer.post(f"{path}/dispute", json={"claim": "Ben introduced them.", "by": "ben@acme.example"})
    assert disputed.status_code == 200, disputed.text
    assert [d["state"] for d in disputed.json()["disputes"]] == ["open"]
    assert (await get(house, "/api/disputes", state="open"))["total"] == 1
    assert (await get(house, "/api/conversions", state="disputed"))["total"] == 1
    nobody = {"kind": "none", "reason": "They came by themselves."}
    assert (await marketer.post(f"{path}/decide", json=nobody)).status_code == 403
    assert (await analyst.get(path)).status_code == 403
    seen = (await finance.post(f"{path}/preview", json=nobody)).json()
    before = await get(house, path)
    assert before["state"] == "disputed"  # a preview keeps nothing
    done = await finance.post(f"{path}/decide", json=nobody)
    if seen["warnings"]:  # the reward is in a payout, which is said beforehand
        assert done.status_code == 409
        assert "payout" in seen["warnings"][0]
        keep = await finance.post(f"{path}/decide", json={"kind": "keep", "reason": "It stands.", "shares": []})
        assert keep.status_code == 200, keep.text
        assert [d["state"] for d in keep.json()["disputes"]] == ["rejected"]
        assert keep.json()["decisions"][0]["sentence"].endswith("It stands.")
    else:
        assert done.json()["state"] == "none"
    refused = await finance.post(f"{path}/decide", json={"kind": "give", "reason": "x"})
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert (await finance.get(f"/api/conversions/{new_id()}")).status_code == 404


async def test_the_policy_has_versions_and_a_run_that_only_looks(house: House) -> None:
    finance = house.roles["finance"]
    body = {
        "model": "split",
        "window_days": 90,
        "company_match": False,
        "priority": [["referral", "affiliate"]],
        "reason": "fair",
    }
    made = await finance.post("/api/attribution/policies", json=body)
    assert (made.status_code, made.json()["version"]) == (200, 1), made.text
    assert "every advocate with a touch gets the same part" in made.json()["sentence"]
    assert (
        await finance.post("/api/attribution/policies", json=body | {"priority": [["referral"], ["referral"]]})
    ).status_code == 400
    assert [r["version"] for r in (await get(house, "/api/attribution/policies"))["rows"]] == [1]
    run = await finance.post("/api/attribution/rerun", json={"since": "2020-01-01T00:00:00Z"})
    assert run.json() == {"rows": [], "dry_run": True}
