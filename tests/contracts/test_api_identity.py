"""Join and separate by the API: what it shows, what it changes, who may, and that undoing brings everything back."""

from typing import Any

import httpx

from honeyguide import funnel, graph, identity
from honeyguide.app import replay, road
from honeyguide.core import clock
from honeyguide.core.terms import Identifier, RecordRef
from tests.contracts.conftest import House


def person(source: str, ext_id: str, email: str, name: str = "Dana Kestrel") -> RecordRef:
    return RecordRef("persona", source, ext_id, (Identifier("email", email),), {"name": name, "email": email})


async def tell(house: House, *people: RecordRef, workspace: int | None = None) -> None:
    at = workspace or house.ours.workspace
    async with house.db.tx(at) as tx:
        events = [
            funnel.own_event(f"told:{p.source}:{p.ext_id}", "persona.identified", clock.now(), ref=p.ext_id, person=p)
            for p in people
        ]
        await funnel.append(tx, await funnel.internal_source(tx), events)
    await road.catch_up(house.db, at)


async def state(house: House) -> Any:
    async with house.db.tx(house.ours.workspace) as tx:
        found = await identity.digest(tx) | await graph.digest(tx)
    return {k: v for k, v in found.items() if k not in ("decision", "conflict")}


async def records(client: httpx.AsyncClient, entity: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/api/personas/{entity}/records")
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows


async def test_records_say_what_holds_them_together(house: House) -> None:
    a, b = person("crm", "d1", "dana@k1.example"), person("desk", "d2", "dana@k1.example")
    await tell(house, a, b)
    answer = (await house.roles["owner"].get(f"/api/personas/{a.id}/records")).json()
    assert {r["id"] for r in answer["rows"]} == {str(a.id), str(b.id)}
    for row, other in zip(answer["rows"], reversed(answer["rows"]), strict=True):
        assert row["because"] == [{"ns": "email", "value": "dana@k1.example", "with": [other["id"]], "class": "strong"}]
        assert row["traits"]["name"] == "Dana Kestrel"
    assert [link["because"] for link in answer["links"]] == ["email dana@k1.example"]


async def test_the_newest_statement_of_a_trait_is_the_one_that_holds(house: House) -> None:
    a, b = (
        person("crm", "n1", "noor@k9.example", "N. van Dijk"),
        person("desk", "n2", "noor@k9.example", "Noor van Dijk"),
    )
    await tell(house, a)
    await tell(house, b)
    owner = house.roles["owner"]
    rows = await records(owner, str(a.id))
    assert all(set(row["trait_times"]) == set(row["traits"]) for row in rows)
    newest = max(rows, key=lambda row: row["trait_times"]["name"])
    assert newest["source"] == "desk"
    shown = (await owner.get(f"/api/personas/{a.id}")).json()
    assert shown["name"] == newest["traits"]["name"] == "Noor van Dijk"


async def test_separate_and_link_undo_each_other(house: House) -> None:
    owner = house.roles["owner"]
    a, b, c = (person(s, f"e{n}", "eli@k2.example") for n, s in enumerate(("crm", "desk", "shop")))
    await tell(house, a, b, c)
    before = await state(house)
    assert len(await records(owner, str(a.id))) == 3
    done = await owner.post(f"/api/personas/{a.id}/separate", json={"records": [str(b.id)], "reason": "another Eli"})
    assert done.status_code == 200, done.text
    assert len(done.json()["entities"]) == 2
    assert [r["id"] for r in await records(owner, str(b.id))] == [str(b.id)]
    assert (await owner.get(f"/api/personas/{b.id}")).status_code == 200
    said = (await owner.get("/api/identity/conflicts", params={"kind": "separated"})).json()["rows"]
    assert any(r["value"] == "eli@k2.example" and not r["money"] for r in said)
    undone = await owner.post(f"/api/personas/{a.id}/link", json={"record": str(b.id)})
    assert len(undone.json()["entities"]) == 1
    assert await state(house) == before
    audit = (await owner.get("/api/audit")).json()["rows"]
    assert [r["action"] for r in audit[:2]] == ["identity.linked", "identity.separated"]
    closed = (await owner.get("/api/identity/conflicts", params={"state": "closed"})).json()["rows"]
    assert any(r["value"] == "eli@k2.example" for r in closed)


async def test_a_merge_and_its_unmerge_are_nothing_and_the_road_agrees(house: House) -> None:
    """What the page carried at once, the road carries again in its turn: nothing more happens, and a replay says the same."""
    owner = house.roles["owner"]
    a, b = person("crm", "f1", "fay@k3.example"), person("desk", "f2", "other@k3.example", "Gil Kestrel")
    await tell(house, a, b)
    before = await state(house)
    joined = await owner.post(f"/api/personas/{a.id}/link", json={"record": str(b.id)})
    assert len(joined.json()["entities"]) == 1
    (tie,) = next(r for r in await records(owner, str(a.id)) if r["id"] == str(b.id))["because"]
    assert tie["ns"] == "link"
    await owner.post(f"/api/personas/{a.id}/separate", json={"records": [str(b.id)]})
    assert await state(house) == before
    await road.catch_up(house.db, house.ours.workspace)
    assert await state(house) == before
    again = await replay.replay(house.db, house.ours.workspace)
    assert again.same, (again.before, again.after)


async def test_what_cannot_be_decided_is_refused_in_words(house: House) -> None:
    owner, mine = house.roles["owner"], house.ours.persona
    all_of_it = [r["id"] for r in await records(owner, mine)]
    for path, body, status in (
        (f"/api/personas/{mine}/separate", {"records": all_of_it}, 400),
        (f"/api/personas/{mine}/separate", {"records": ["17"]}, 404),
        (f"/api/personas/{mine}/separate", {"records": []}, 422),
        (f"/api/personas/{mine}/link", {"record": mine}, 400),
        (f"/api/personas/{mine}/link", {"record": "17"}, 404),
        (f"/api/personas/{mine}/link", {"record": house.ours.company}, 404),
        (f"/api/companies/{mine}/separate", {"records": all_of_it}, 404),
        (f"/api/personas/{mine}/link", {"record": "9" * 19}, 404),
    ):
        answer = await owner.post(path, json=body)
        assert answer.status_code == status, (path, body, answer.text)
        assert answer.json()["title"]


async def test_their_records_cannot_be_joined_to_ours(house: House) -> None:
    mine = house.ours.persona
    for body in ({"record": house.theirs.persona},):
        assert (await house.roles["owner"].post(f"/api/personas/{mine}/link", json=body)).status_code == 404
    foreign = {"records": [house.theirs.persona]}
    assert (await house.roles["owner"].post(f"/api/personas/{mine}/separate", json=foreign)).status_code == 404


async def test_only_those_who_may_write_people_decide(house: House) -> None:
    path, body = f"/api/personas/{house.ours.persona}/link", {"record": "17"}
    for role, expected in (("owner", 404), ("marketer", 404), ("finance", 403), ("analyst", 403)):
        assert (await house.roles[role].post(path, json=body)).status_code == expected, role
    async with house.visitor() as robot:
        key = {"authorization": f"Bearer {house.ours.key}"}  # a key for reading
        assert (await robot.post(path, json=body, headers=key)).status_code == 403
        assert (await robot.get("/api/identity/conflicts", headers=key)).status_code == 200


async def test_a_payee_and_a_friend_who_is_the_advocate_wait_for_a_person(house: House) -> None:
    """The furnished advocate accepted terms; another account's record with the same address is not joined to it."""
    owner = house.roles["owner"]
    async with house.db.tx(house.ours.workspace) as tx:
        advocate = await tx.row(
            "select record_id, email, id from advocate where workspace_id = $1 and terms_accepted_at is not null and name like 'Ana %'",
            tx.workspace_id,
        )
        assert advocate is not None
        other = person("shop", "payee-2", advocate["email"], "Ana Kestrel")
        await identity.protect(tx, other.id, "payee", "another account", clock.now())
    await tell(house, other)
    rows = (await owner.get("/api/identity/conflicts", params={"kind": "money"})).json()["rows"]
    assert [(r["value"], r["money"]) for r in rows] == [(advocate["email"], True)]
    assert len(await records(owner, str(other.id))) == 1
    decided = await owner.post(f"/api/personas/{advocate['record_id']}/link", json={"record": str(other.id)})
    assert len(decided.json()["entities"]) == 1
    assert (await owner.get("/api/identity/conflicts", params={"kind": "money"})).json()["rows"] == []
