"""Programs over HTTP: from a template to a live version by two people, as the console and as code."""

from typing import Any
from uuid import UUID

import httpx
import pytest
import yaml

from honeyguide import ledger, programs
from honeyguide.core import clock
from honeyguide.web.auth import create_api_key
from tests.contracts.conftest import House


def _of(house: House, role: str = "owner") -> httpx.AsyncClient:
    return house.roles[role]


async def _made(house: House, slug: str, template: str = "customer-referrals") -> dict[str, Any]:
    rows = (await _of(house).get("/api/program-templates")).json()["rows"]
    file = next(t["file"] for t in rows if t["slug"] == template) | {"slug": slug, "name": f"Name of {slug}"}
    answer = await _of(house).post("/api/programs", json={"file": file})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["slug"], answer.json()["version"], answer.json()["problems"]) == (slug, 1, [])
    found: dict[str, Any] = (await _of(house).get(f"/api/programs/{slug}")).json()
    return found


async def _post(house: House, path: str, body: Any, role: str = "owner") -> httpx.Response:
    return await _of(house, role).post(f"/api/programs/{path}", json=body)


async def test_from_a_template_to_live_by_two(house: House) -> None:
    found = await _made(house, "friends-of-ours")
    assert (found["state"], found["version"], found["draft_version"], found["pending"]) == ("draft", 0, 1, None)
    file = found["file"]
    file["groups"][2]["offers"][0] |= {"amount_minor": 8_000, "label": "Gift card €80"}
    kept = await _of(house).put("/api/programs/friends-of-ours/draft", json={"file": file, "base": 0})
    assert kept.json()["version"] == 1
    told = (await _of(house).get("/api/programs/friends-of-ours/diff?before=0&after=1")).json()
    assert told["money"]
    assert "A gift card of €80" in " ".join(told["sentences"])
    tried = (await _post(house, "friends-of-ours/simulate", {"version": 1, "months": 12})).json()
    assert tried["state"] == "done"
    assert (await _of(house).get(f"/api/programs/friends-of-ours/simulations/{tried['id']}")).json() == tried
    waits = (await _post(house, "friends-of-ours/publish", {"version": 1, "note": "Our first"})).json()
    assert waits["state"] == "waiting"
    mine = (await _of(house).get("/api/programs/friends-of-ours")).json()["pending"]
    assert (mine["may_confirm"], mine["why_not"]) == (False, "You published it yourself; another person confirms it.")
    assert (await _post(house, "friends-of-ours/confirm", {"version": 1})).status_code == 403
    assert (await _of(house, "marketer").get("/api/programs/friends-of-ours")).json()["pending"]["may_confirm"]
    live = await _post(house, "friends-of-ours/confirm", {"version": 1}, "marketer")
    assert (live.status_code, live.json()["state"]) == (200, "live")
    now = (await _of(house).get("/api/programs/friends-of-ours")).json()
    assert (now["state"], now["version"], now["waiting"], now["versions"][0]["note"]) == ("live", 1, None, "Our first")
    assert "€80" in now["groups"][2]["offers"][0]["label"]


async def test_what_is_unfinished_is_kept_and_not_published(house: House) -> None:
    file = (await _made(house, "unfinished"))["file"]
    file["groups"][0] |= {"name": "", "conditions": {"any": [{"fact": "segment", "op": "one_of", "value": []}]}}
    kept = (await _of(house).put("/api/programs/unfinished/draft", json={"file": file, "base": 0})).json()
    assert len(kept["problems"]) == 2
    refused = await _post(house, "unfinished/publish", {"version": 1})
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert "needs a name" in refused.json()["detail"]
    assert (await _post(house, "unfinished/simulate", {"version": 1, "months": 3})).status_code == 400
    stale = await _of(house).put("/api/programs/unfinished/draft", json={"file": file, "base": 7})
    assert stale.status_code == 409


async def test_back_to_a_draft_words_alone_and_the_way_back(house: House) -> None:
    file = (await _made(house, "to-and-fro"))["file"]
    await _post(house, "to-and-fro/publish", {"version": 1})
    assert (await _post(house, "to-and-fro/reject", {"version": 1})).json() == {
        "state": "draft", "version": 2, "sentence": "It is a draft again.",
    }  # fmt: skip
    await _post(house, "to-and-fro/publish", {"version": 2})
    await _post(house, "to-and-fro/confirm", {"version": 2}, "marketer")
    await _of(house).put("/api/programs/to-and-fro/draft", json={"file": file | {"name": "Other"}, "base": 2})
    assert (await _post(house, "to-and-fro/publish", {"version": 3})).json()["state"] == "live"
    back = (await _post(house, "to-and-fro/rollback", {"version": 2})).json()
    assert (back["state"], back["version"]) == ("live", 4)  # words only: nobody else is needed
    assert (await _of(house).get("/api/programs/to-and-fro")).json()["name"] == "Name of to-and-fro"


async def test_as_code_with_a_key(house: House) -> None:
    async with house.db.tx(house.ours.workspace) as tx:
        key = await create_api_key(tx, "pipeline", ["read", "write"])
    async with house.visitor() as client:
        client.headers["authorization"] = f"Bearer {key}"
        text = (await client.get("/api/programs/customer-referrals/yaml")).json()["yaml"]
        file = yaml.safe_load(text)
        file |= {"slug": "from-code", "name": "From code"}
        made = await client.post("/api/programs", json={"yaml": yaml.safe_dump(file)})
        assert made.status_code == 200, made.text
        assert (await client.post("/api/programs/from-code/publish", json={"version": 1})).json()["state"] == "waiting"
        # A key writes and publishes; only a person confirms.
        assert (await client.post("/api/programs/from-code/confirm", json={"version": 1})).status_code == 403
        download = await client.get("/api/programs/from-code/file.yaml?version=1")
        assert yaml.safe_load(download.text)["slug"] == "from-code"
    assert (await _post(house, "from-code/confirm", {"version": 1}, "finance")).json()["state"] == "live"


@pytest.mark.parametrize(
    "body",
    [
        {"yaml": "a: [1"}, {"yaml": "a: &x [1]\nb: *x"}, {"yaml": "!!python/object/apply:os.system [id]"}, {"yaml": "- 1"},
        {"file": {}}, {"file": {"slug": "x"}}, {}, {"yaml": "x" * 200_001}, {"yaml": "a: " + "[" * 5_000},
    ],
)  # fmt: skip
async def test_what_is_no_program_is_refused_and_kept_nowhere(house: House, body: Any) -> None:
    answer = await _of(house).post("/api/programs", json=body)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_values_no_database_keeps_are_refused(house: House) -> None:
    file = (await _made(house, "odd-values"))["file"]
    for change in ({"name": "a\x00b"}, {"description": "\x00"}, {"name": "x", "playbook": {"a": 1}}):
        answer = await _of(house).put("/api/programs/odd-values/draft", json={"file": file | change, "base": 0})
        assert answer.status_code == 400, answer.text
    deep: Any = {"fact": "plan", "value": "a"}
    for _ in range(150):
        deep = {"all": [deep]}
    file["eligibility"] = {"all": [deep]}
    answer = await _of(house).put("/api/programs/odd-values/draft", json={"file": file, "base": 0})
    assert (answer.status_code, answer.json()["title"]) == (400, "The program file is nested too deep.")
    answer = await _of(house).post("/api/program-conditions", json={"conditions": {"all": [deep]}})
    assert answer.status_code == 400


async def test_conditions_both_ways_with_the_names_there_are(house: House) -> None:
    said = 'the number of employees is at least 500 and the company\'s "shoe size" is "large"'
    found = (await _of(house).post("/api/program-conditions", json={"sentence": said})).json()
    assert found["conditions"]["all"][0] == {"fact": "employees", "op": "at_least", "value": 500}
    assert 'Nothing here has the company\'s "shoe size" yet, so the condition never holds.' in found["unknown"]
    again = (await _of(house).post("/api/program-conditions", json={"conditions": found["conditions"]})).json()
    assert again["sentence"] == said
    assert (await _of(house).post("/api/program-conditions", json={"sentence": "if it rains"})).status_code == 400
    names = (await _of(house).get("/api/program-attributes")).json()["rows"]
    by_name = {a["name"]: a for a in names}
    assert by_name["amount"]["seen"] is None
    assert by_name["graph.works_at"]["seen"] > 0
    assert all(not a["examples"] for a in names if a["name"].startswith(("person.", "advocate.", "seniority")))


async def test_a_list_pages_filters_and_exports(house: House) -> None:
    whole = (await _of(house).get("/api/programs")).json()
    assert whole["total"] == len(whole["rows"]) >= 1
    first = (await _of(house).get("/api/programs?limit=1")).json()
    assert first["rows"] == whole["rows"][:1]
    if whole["total"] > 1:
        second = (await _of(house).get("/api/programs", params={"limit": 1, "after": first["next"]})).json()
        assert second["rows"] == whole["rows"][1:2]
    assert {p["state"] for p in (await _of(house).get("/api/programs?state=live")).json()["rows"]} == {"live"}
    assert "customer-referrals" in (await _of(house).get("/api/programs?format=csv")).text


async def test_another_workspace_has_its_own(house: House) -> None:
    await _made(house, "ours-alone")
    async with house.db.tx(house.theirs.workspace) as tx:
        assert (
            await tx.value(
                "select count(*) from program where workspace_id = $1 and slug = 'ours-alone'", tx.workspace_id
            )
            == 0
        )


async def test_taking_part_over_http(house: House) -> None:
    await _made(house, "acts-of-ours", "advocacy")
    await _post(house, "acts-of-ours/publish", {"version": 1})
    await _post(house, "acts-of-ours/confirm", {"version": 1}, "marketer")
    async with house.db.tx(house.ours.workspace) as tx:
        made = await programs.versions.find(tx, "acts-of-ours")
        group = (await programs.groups(tx, made.id))[0]
        zoe, _ = await programs.ensure_advocate(tx, 991, "Zoe", "zoe@acts.example", made, group)
        await programs.accept_terms(tx, zoe.id, clock.now())
    body = {"bounty": "case-study", "advocate_id": str(zoe.id), "proof": "It is on page four."}
    sent = (await _post(house, "acts-of-ours/submissions", body)).json()
    assert (await _post(house, "acts-of-ours/submissions", body)).json() == sent
    listed = (await _of(house).get("/api/programs/acts-of-ours/submissions?state=waiting")).json()
    assert (listed["total"], listed["rows"]) == (1, [sent])
    # A marketer decides whom to ask, not what is paid.
    yes = {"verdict": "approved"}
    assert (await _of(house, "marketer").post(f"/api/submissions/{sent['id']}/review", json=yes)).status_code == 403
    done = await _of(house, "finance").post(f"/api/submissions/{sent['id']}/review", json=yes)
    assert done.json()["state"] == "approved", done.text
    async with house.db.tx(house.ours.workspace) as tx:
        (reward,) = await ledger.rewards(tx, advocate_id=zoe.id)
        assert (reward.incentive, reward.amount_minor) == ("renewal_credit", 25_000)
    assert "It is on page four." in (await _of(house).get("/api/programs/acts-of-ours/submissions?format=csv")).text
    for table in ("applications", "registrations"):
        assert (await _of(house).get(f"/api/programs/acts-of-ours/{table}")).json() == {
            "rows": [],
            "next": None,
            "total": 0,
        }
    assert (
        await _post(
            house, "acts-of-ours/registrations", {"advocate_id": str(zoe.id), "company": "C", "domain": "c.com"}
        )
    ).status_code == 404


async def test_an_application_is_read_and_let_into_the_group_that_was_chosen(house: House) -> None:
    file = (await _made(house, "asking-to-join"))["file"]
    file["application"] = {"mode": "application", "questions": ["Whom do you know?"], "reasons": ["Too far."]}
    kept = await _of(house).put("/api/programs/asking-to-join/draft", json={"file": file, "base": 0})
    assert kept.status_code == 200, kept.text
    await _post(house, "asking-to-join/publish", {"version": 1})
    await _post(house, "asking-to-join/confirm", {"version": 1}, "marketer")
    ida = {"name": "Ida", "email": "ida@join.example", "answers": ["Banks."], "facts": {"segment": "smb"}}
    one = (await _post(house, "asking-to-join/applications", ida, "marketer")).json()
    assert (await _post(house, "asking-to-join/applications", ida)).json() == one  # she applies once
    unsaid = await _post(house, "asking-to-join/applications", ida | {"email": "x@join.example", "answers": []})
    assert (unsaid.status_code, unsaid.json()["detail"]) == (400, "Whom do you know?")
    two = (
        await _post(
            house, "asking-to-join/applications", {"name": "Udo", "email": "udo@join.example", "answers": ["No."]}
        )
    ).json()
    waits = (await _of(house, "finance").get("/api/taking-part")).json()
    ours = next(r for r in waits["rows"] if r["program"] == "asking-to-join")
    assert (ours["applications"], ours["submissions"], ours["registrations"]) == (2, 0, 0)
    assert waits["total"] >= 2
    read = (await _of(house).get(f"/api/applications/{one['id']}")).json()
    assert read["answers"] == [{"question": "Whom do you know?", "answer": "Banks."}]
    assert (read["eligible"], read["eligible_why"]) == (True, "Everybody may take part in this program.")
    assert (read["known"], read["reasons"]) == ([{"name": "segment", "value": "smb"}], ["Too far."])
    assert [g["slug"] for g in read["groups"] if g["because"]] != []
    other = next(g["slug"] for g in read["groups"] if not g["because"])
    path = f"/api/applications/{one['id']}/decide"
    wrong = await _of(house).post(path, json={"verdict": "approved", "group": "no-such"})
    assert (wrong.status_code, wrong.json()["title"]) == (400, "There is no group 'no-such' in this program.")
    assert (await _of(house).post(path, json={"verdict": "approved", "group": other})).json()["state"] == "approved"
    found = (await _of(house).get("/api/program-advocates?q=IDA@join&program=asking-to-join")).json()
    assert [(r["name"], r["group"], r["accepted"]) for r in found["rows"]] == [("Ida", other, False)]
    assert (await _of(house).get("/api/program-advocates?q=nobody-of-this-name")).json()["rows"] == []
    no = {"verdict": "rejected", "reason": "Too far."}
    assert (await _of(house).post(f"/api/applications/{two['id']}/decide", json=no)).json()["reason"] == "Too far."
    assert (await _of(house).get("/api/taking-part")).json()["total"] == waits["total"] - 2


async def test_what_a_yes_to_an_act_gives_is_said_before_and_is_what_it_gives(house: House) -> None:
    await _made(house, "acts-told", "advocacy")
    await _post(house, "acts-told/publish", {"version": 1})
    await _post(house, "acts-told/confirm", {"version": 1}, "marketer")
    async with house.db.tx(house.ours.workspace) as tx:
        made = await programs.versions.find(tx, "acts-told")
        group = (await programs.groups(tx, made.id))[0]
        ava, _ = await programs.ensure_advocate(tx, 994, "Ava", "ava@acts.example", made, group)
        await programs.accept_terms(tx, ava.id, clock.now())
    body = {"bounty": "reference-call", "advocate_id": str(ava.id), "proof": "Called Globex."}
    sent = (await _post(house, "acts-told/submissions", body)).json()
    assert (sent["advocate"], sent["email"]) == ("Ava", "ava@acts.example")
    told = (await _of(house).get(f"/api/submissions/{sent['id']}")).json()
    assert (told["name"], told["proof_kind"], told["refused"]) == ("Give a reference call", "text", [])
    assert [(g["label"], g["incentive"], g["minor"]) for g in told["gives"]] == [
        ("Donation of €100", "donation", 10_000)
    ]
    async with house.db.tx(house.ours.workspace) as tx:
        assert await ledger.rewards(tx, advocate_id=ava.id) == []  # to read it moves nothing
    await _of(house, "finance").post(f"/api/submissions/{sent['id']}/review", json={"verdict": "approved"})
    async with house.db.tx(house.ours.workspace) as tx:
        (reward,) = await ledger.rewards(tx, advocate_id=ava.id)
    assert (reward.incentive, reward.amount_minor) == ("donation", 10_000)


async def test_a_dispute_opened_by_the_bank_is_seen_and_closed_by_its_own_key(house: House) -> None:
    finance = _of(house, "finance")
    async with house.db.tx(house.ours.workspace) as tx:
        reward = await ledger.reward(tx, UUID(house.ours.reward))
        await ledger.open_dispute(tx, reward.id, "dispute:dp_77", "The bank says so.", ledger.SYSTEM, clock.now())
    assert (await finance.get(f"/api/rewards/{reward.id}")).json()["disputed"]
    listed = (await finance.get("/api/rewards?state=disputed")).json()
    assert ([r["id"] for r in listed["rows"]], listed["total"]) == ([str(reward.id)], 1)
    sale = (await finance.get(f"/api/conversions/{reward.conversion_id}/rewards")).json()["rows"]
    assert [r["disputed"] for r in sale if r["id"] == str(reward.id)] == [True]
    (row,) = (await finance.get(f"/api/rewards/{reward.id}/disputes")).json()["rows"]
    assert (row["key"], row["reason"], row["outcome"]) == ("dispute:dp_77", "The bank says so.", None)
    path, body = f"/api/rewards/{reward.id}/dispute/close", {"key": row["key"], "outcome": "won"}
    assert (await _of(house, "marketer").post(path, json=body)).status_code == 403
    assert not (await finance.post(path, json=body)).json()["disputed"]
    (row,) = (await finance.get(f"/api/rewards/{reward.id}/disputes")).json()["rows"]
    assert (row["outcome"], row["closed_by"] != "") == ("won", True)
    assert (await finance.get("/api/rewards?state=disputed")).json()["rows"] == []


async def test_rails_say_what_they_ask_for_and_secrets_never_come_back(house: House) -> None:
    rows = {r["rail"]: r for r in (await _of(house).get("/api/rails?limit=50")).json()["rows"]}
    assert (rows["sepa"]["currencies"], rows["sepa"]["settings"]["iban"], rows["sepa"]["settings"]["bic"]) == (
        ["EUR"],
        True,
        False,
    )
    assert rows["paypal"]["sandbox"].startswith("https://")
    wanted = {
        "config": {"base_url": rows["paypal"]["sandbox"]},
        "secrets": {"client_id": "id-4711", "client_secret": "hush-4711"},
    }
    assert (await _of(house, "finance").put("/api/rails/paypal", json=wanted)).status_code == 403
    made = await _of(house).put("/api/rails/paypal", json=wanted | {"enabled": False, "hook": True})
    assert made.json()["hook"].startswith("/rail-hooks/")
    again = await _of(house).get("/api/rails?limit=50")
    assert "hush-4711" not in made.text + again.text
    paypal = next(r for r in again.json()["rows"] if r["rail"] == "paypal")
    assert (paypal["ready"], paypal["enabled"], paypal["hook"]) == (True, False, None)
    moved: dict[str, Any] = {"config": {}, "secrets": None}
    assert "not follow" in (await _of(house).put("/api/rails/paypal", json=moved)).json()["title"]


async def test_a_reward_by_hand_says_whom_it_is_for_and_waits_for_another_person(house: House) -> None:
    """Whoever confirms it reads the name, and is not whoever proposed it."""
    async with house.db.tx(house.ours.workspace) as tx:
        known = await ledger.reward(tx, UUID(house.ours.reward))
    ask = {
        "type": "reward", "advocate_id": str(known.advocate_id), "program_id": known.program_id, "offer_id": known.offer_id,
        "incentive": "gift_card", "label": "Thank you", "minor": 2_500, "currency": "EUR",
    }  # fmt: skip
    said = {"key": "by hand 1", "reason": "She filled the room.", "ask": ask}
    made = (await _of(house, "finance").post("/api/ledger/proposals", json=said)).json()
    assert made["advocate"] == f"{known.advocate_name}, {known.advocate_email}"
    assert not made["can_confirm"]
    path = f"/api/ledger/proposals/{made['id']}/confirm"
    assert (await _of(house, "finance").post(path)).status_code == 403
    waits = (await _of(house).get("/api/ledger/proposals?state=open")).json()["rows"]
    assert [(p["advocate"], p["can_confirm"]) for p in waits if p["id"] == made["id"]] == [(made["advocate"], True)]
    assert (await _of(house).post(path)).json()["state"] == "confirmed"
    async with house.db.tx(house.ours.workspace) as tx:
        given = [r for r in await ledger.rewards(tx, advocate_id=known.advocate_id) if r.label == "Thank you"]
    assert [(r.amount_minor, r.state) for r in given] == [(2_500, "held")]


async def test_a_statement_is_had_as_csv_page_and_pdf(house: House) -> None:
    path = f"/api/advocates/{house.ours.advocate}/statement"
    made = {f: await _of(house, "finance").get(path, params={"format": f}) for f in ("csv", "html", "pdf")}
    assert [a.status_code for a in made.values()] == [200, 200, 200]
    assert made["pdf"].content.startswith(b"%PDF-")
    assert made["pdf"].headers["content-type"] == "application/pdf"
    assert made["pdf"].headers["content-disposition"].endswith('.pdf"')
    wrong = await _of(house, "finance").get(path, params={"format": "pdf", "month": "2026-13"})
    assert (wrong.status_code, wrong.headers["content-type"]) == (400, "application/problem+json")
    assert (await _of(house, "finance").get(path, params={"format": "doc"})).status_code == 422


async def test_a_payment_whose_end_is_known_is_not_asked_for_again(house: House) -> None:
    ours = (await _of(house, "finance").get("/api/disbursements?limit=50")).json()["rows"]
    settled = next(row for row in ours if row["state"] != "unknown")
    assert settled["may_give_up_at"] is None
    answer = await _of(house, "finance").post(f"/api/disbursements/{settled['id']}/ask-again", json={})
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert answer.json()["advice"]
