"""Playbooks over HTTP: listed, read as sentences, edited as fields, compared, tried, taken back; and the words of an ask."""

import csv
import io
from typing import Any

import httpx
import pytest

from honeyguide.decisions.messages import Draft, Refused, Rewritten
from tests.contracts.conftest import House

SLUG = "value-mid-market-saas"


def _owner(house: House) -> httpx.AsyncClient:
    return house.roles["owner"]


async def _read(house: House, slug: str = SLUG, **query: Any) -> dict[str, Any]:
    answer = await _owner(house).get(f"/api/playbooks/{slug}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_grid_lists_filters_pages_and_exports(house: House) -> None:
    whole = (await _owner(house).get("/api/playbooks?limit=200")).json()
    assert whole["total"] == len(whole["rows"]) == 168
    paged: list[Any] = []
    after: str | None = ""
    while after is not None:
        page = (await _owner(house).get("/api/playbooks", params={"limit": 50, "after": after})).json()
        paged += page["rows"]
        after = page["next"]
    assert paged == whole["rows"]
    some = (await _owner(house).get("/api/playbooks?stage=renewal&segment=enterprise")).json()
    assert [r["vertical"] for r in some["rows"]] == ["saas", "fintech", "health", "manufacturing", "agencies", "other"]
    assert some["rows"][1]["name"] == "Renewal, Enterprise, Fintech"
    one = (
        await _owner(house).get("/api/playbooks?stage=renewal&segment=enterprise&vertical=health&q=BUDGET%20owner")
    ).json()
    assert [r["slug"] for r in one["rows"]] == ["renewal-enterprise-health"]
    assert (await _owner(house).get("/api/playbooks?stage=spring")).status_code == 422
    file = await _owner(house).get("/api/playbooks?stage=dormant&format=csv")
    assert len(list(csv.DictReader(io.StringIO(file.text)))) == 24


async def test_a_playbook_reads_as_sentences_with_where_they_come_from(house: House) -> None:
    found = await _read(house)
    step = next(s for s in found["all_steps"] if s["slug"] == "value-mid-market-praise")
    assert step["sentences"][0]["sentence"].startswith("When they praise us")
    assert step["sentences"][0]["fields"] == ["moments", "audience"]
    assert step["provenance"][0]["where"] == "value/mid_market.yaml"
    assert step["lift"]["kind"] == "simulation"
    assert step["lift"]["text"].startswith("Belief of the authors.")
    assert found["versions"][-1]["by"] == "library"
    assert found["words"]["moments"]["praise"] == "they praise us"


async def test_edited_as_fields_compared_and_taken_back(house: House) -> None:
    slug = "onboarding-partner-agencies"
    before = await _read(house, slug)
    forms = [s["form"] for s in before["all_steps"]]
    forms[0]["cadence"] = {"gap_days": 45, "per_year": 2}
    body = {"version": 0, "goal": "Hand over links, then listen.", "steps": forms, "note": "Tried in spring"}
    saved = await _owner(house).put(f"/api/playbooks/{slug}", json=body)
    assert saved.status_code == 200, saved.text
    assert (saved.json()["version"], saved.json()["edited"]) == (1, True)
    told = (await _owner(house).get(f"/api/playbooks/{slug}/diff?from=0&to=1")).json()["sentences"]
    assert told[0] == f'The goal was "{before["goal"]}" and is now "Hand over links, then listen."'
    assert "at most twice a year, with at least 45 days" in told[1]
    assert len(told) == 2
    again = await _owner(house).put(f"/api/playbooks/{slug}", json=body | {"goal": "Another goal."})
    assert again.status_code == 409
    assert "Somebody else has changed" in again.json()["title"]
    back = await _owner(house).post(f"/api/playbooks/{slug}/rollback", json={"version": 0})
    assert (back.json()["version"], back.json()["goal"]) == (2, before["goal"])
    assert [v["note"] for v in back.json()["versions"]] == ["Back to the library's.", "Tried in spring", "As shipped."]
    assert (await _read(house, slug, version=1))["goal"] == "Hand over links, then listen."
    assert (await _owner(house).get(f"/api/playbooks/{slug}?version=9")).status_code == 404
    async with house.db.tx(house.theirs.workspace) as tx:
        assert await tx.value("select count(*) from playbook_version where workspace_id = $1", tx.workspace_id) == 0


@pytest.mark.parametrize(
    ("spoil", "status", "says"),
    [
        (lambda f: f["cadence"].update(gap_days=3), 400, "fewer than 21 days"),
        (lambda f: f.update(offers=[]), 400, "it offers nothing"),
        (lambda f: f["lift"].update(low=0.9), 400, "low, mean and high"),
        (lambda f: f.update(title="<script>"), 400, "its title must be"),
        (lambda f: f.update(moments=["full_moon"]), 422, "moments"),
        (lambda f: f.update(code="import os"), 422, "code"),
        (lambda f: f.update(slug="../x"), 422, "slug"),
    ],
)
async def test_what_is_wrong_is_told_in_sentences_and_nothing_is_kept(
    house: House, spoil: Any, status: int, says: str
) -> None:
    forms = [s["form"] for s in (await _read(house))["all_steps"]]
    spoil(forms[0])
    answer = await _owner(house).put(f"/api/playbooks/{SLUG}", json={"version": 0, "steps": forms})
    assert answer.status_code == status, answer.text
    assert says in answer.text
    assert (await _read(house))["version"] == 0


async def test_the_dry_run_tries_the_one_in_force_or_an_edit(house: House) -> None:
    slug = "value-small-business-other"
    found = (await _owner(house).post(f"/api/playbooks/{slug}/dry-run", json={})).json()
    assert found["days"] == 90
    assert found["candidates"] == found["asks"] + found["held_out"] + found["not_worth_it"] + sum(
        v["times"] for v in found["vetoes"]
    )
    edit = {"version": 0, "steps": [s["form"] for s in (await _read(house, slug))["all_steps"]][:1]}
    tried = await _owner(house).post(f"/api/playbooks/{slug}/dry-run", json={"days": 30, "edit": edit})
    assert tried.status_code == 200, tried.text
    bad = await _owner(house).post(f"/api/playbooks/{slug}/dry-run", json={"edit": {"version": 0, "steps": []}})
    assert bad.status_code == 400
    assert (await _read(house, slug))["version"] == 0
    assert (
        await house.roles["analyst"].post(f"/api/playbooks/{slug}/dry-run", json={})
    ).status_code == 403  # it names people


@pytest.mark.parametrize("slug", ["renewal", "renewal-enterprise-banking", "onboarding-mid-market-mid"])
async def test_a_playbook_that_is_not_there(house: House, slug: str) -> None:
    assert (await _owner(house).get(f"/api/playbooks/{slug}")).status_code == 404
    assert (await _owner(house).post(f"/api/playbooks/{slug}/dry-run", json={})).status_code == 404


async def test_the_phrases_of_an_ask_and_the_law(house: House) -> None:
    found = (await _owner(house).get(f"/api/asks/{house.ours.asks[3]}/phrases")).json()
    assert found["disclosure"].startswith("When you recommend us")
    assert found["law"]
    ask = (await _owner(house).get(f"/api/asks/{house.ours.asks[3]}")).json()
    assert found["disclosure"] in ask["body"]
    for row in found["rows"]:
        assert row["text"] in ask["body"]
        assert row["confidence"] > 0.7
        assert row["evidence"]["record"]
    assert (await _owner(house).get(f"/api/asks/{house.theirs.asks[3]}/phrases")).status_code == 404


async def test_other_words_are_offered_and_not_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = house.ours.asks[3]
    before = (await _owner(house).get(f"/api/asks/{ask}")).json()
    plain = (await _owner(house).post(f"/api/asks/{ask}/rewrite", json={})).json()
    assert (plain["rewritten"], plain["reason"]) == (False, "No model that writes is set up.")
    assert (
        await _owner(house).put("/api/brand", json={"never": ["synergy"], "exclamations": 0, "note": "Plain words."})
    ).status_code == 200
    seen: list[Any] = []

    async def reword(workspace: int, draft: Draft, brand: Any) -> Rewritten | Refused:
        seen.append((workspace, brand.never))
        return Rewritten(Draft("Other words", "A body.\n"), "test:model")

    monkeypatch.setitem(house.app._app._api.state._state, "reword", reword)
    made = (await _owner(house).post(f"/api/asks/{ask}/rewrite", json={})).json()
    assert (made["rewritten"], made["subject"], made["model"]) == (True, "Other words", "test:model")
    assert seen == [(house.ours.workspace, ("synergy",))]
    assert (await _owner(house).get(f"/api/asks/{ask}")).json()["body"] == before["body"]
    assert (await house.roles["analyst"].post(f"/api/asks/{ask}/rewrite", json={})).status_code == 403


async def test_how_the_brand_speaks_is_checked(house: House) -> None:
    assert (await _owner(house).put("/api/brand", json={"exclamations": 9})).status_code == 422
    assert (await _owner(house).put("/api/brand", json={"never": ["  "]})).status_code == 400
    kept = (await _owner(house).put("/api/brand", json={"never": ["hiccup"]})).json()
    assert kept == {"never": ["hiccup"], "exclamations": 1, "note": ""}
    assert (await house.roles["analyst"].get("/api/brand")).json() == kept
