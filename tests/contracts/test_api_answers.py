"""An ask told as an answer: who, why, what, when, and what would become of it without a person."""

from uuid import uuid4

import httpx

from tests.contracts.conftest import House


def _owner(house: House) -> httpx.AsyncClient:
    return house.roles["owner"]


async def test_an_ask_answers_who_why_what_and_when(house: House) -> None:
    row = (await _owner(house).get("/api/ask-now")).json()["rows"][-1]
    told = (await _owner(house).get(f"/api/asks/{row['id']}/answer")).json()
    assert told["why"][0]["sentence"].startswith(row["moment"]["title"])
    assert told["why"][0]["evidence"]["record"]
    assert told["what"]["offer"] == row["offer"]["label"]
    assert told["when"]["at"] == "now"
    assert told["when"]["because"]


async def test_without_a_person_an_ask_of_level_0_waits(house: House) -> None:
    row = (await _owner(house).get("/api/ask-now")).json()["rows"][-1]
    without = (await _owner(house).get(f"/api/asks/{row['id']}/answer")).json()["without"]
    assert (without["level"], without["alone"], without["stopped"]) == (0, False, False)
    assert "waits" in without["sentence"]


async def test_an_ask_that_is_decided_has_nothing_left_to_tell(house: House) -> None:
    row = (await _owner(house).get("/api/ask-now")).json()["rows"][-1]
    done = await _owner(house).post(f"/api/asks/{row['id']}/not-now", json={"reason": "bad_timing"})
    assert done.status_code == 200
    told = (await _owner(house).get(f"/api/asks/{row['id']}/answer")).json()
    assert (told["why"], told["what"], told["when"], told["without"]) == ([], None, None, None)


async def test_no_ask_no_answer(house: House) -> None:
    answer = await _owner(house).get(f"/api/asks/{uuid4()}/answer")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_the_queue_shows_readiness_with_its_interval_or_none(house: House) -> None:
    for row in (await _owner(house).get("/api/ask-now")).json()["rows"]:
        ready = row["readiness"]
        assert ready is None or 0 <= ready["low"] <= ready["score"] <= ready["high"] <= 100
