"""The slider, the kill switch, the history and the panel over HTTP: evidence decides, everybody may lower, it is all signed."""

import httpx
import pytest

from honeyguide import decisions
from honeyguide.app import erasure
from honeyguide.core import clock
from honeyguide.decisions import autonomy, autonomy_history
from honeyguide.decisions.autonomy import Grant
from honeyguide.decisions.autonomy_history import Seal
from honeyguide.funnel.vault import Vault
from tests.contracts.conftest import House

EARNED = {"n": 900, "lower": 0.01, "guards": {"opt_out": {"estimate": 0.0, "upper": 0.01, "limit": 0.03}}}


def _owner(house: House) -> httpx.AsyncClient:
    return house.roles["owner"]


def _seal(house: House) -> Seal:
    return Seal.of(Vault.of(house.settings))


async def _raised(house: House, step: str) -> None:
    async with house.db.tx(house.ours.workspace) as tx:
        await autonomy.raise_level(tx, Grant(step, 1, EARNED), "test", clock.now(), seal=_seal(house))


async def test_every_step_says_where_it_stands_and_what_it_lacks(house: House) -> None:
    answer = (await _owner(house).get("/api/autonomy")).json()
    assert answer["total"] == len(answer["rows"]) >= 1
    assert (answer["stopped"], answer["ceiling"]) == (False, 0)
    for row in answer["rows"]:
        assert (row["level"], row["max_level_now"], row["share"]) == (0, 0, 0.0)
        texts = " ".join(m["text"] for m in row["missing"])
        assert "People have decided about" in texts
        assert "companies have been measured" in texts
        assert {g["name"] for g in row["guards"]} == {"opt_out", "complaint", "spend"}
        assert row["proof"]["lower"] is None
        assert row["title"]


async def test_a_put_beyond_the_evidence_is_refused_with_what_is_missing(house: House) -> None:
    step = "slider-step"
    for level in (1, 2, 3, 4):
        answer = await _owner(house).put(f"/api/autonomy/{step}", json={"level": level})
        assert answer.status_code == 403, answer.text
        assert "not earned" in answer.json()["title"]
        assert "companies have been measured" in answer.json()["detail"]
    for odd in (-1, 5, 1.5, "x", None):
        assert (await _owner(house).put(f"/api/autonomy/{step}", json={"level": odd})).status_code in (400, 422)
    assert (await _owner(house).put(f"/api/autonomy/{step}", json={"level": 0, "evidence": EARNED})).status_code in (
        400,
        422,
    )
    async with house.db.tx(house.ours.workspace) as tx:
        assert await decisions.levels(tx, _seal(house)) == {}


async def test_lowering_stopping_and_resuming(house: House) -> None:
    await _raised(house, "http-step")
    rows = {r["step"]: r for r in (await _owner(house).get("/api/autonomy", params={"q": "http"})).json()["rows"]}
    assert (rows["http-step"]["level"], rows["http-step"]["share"]) == (1, 0.1)
    stopped = await _owner(house).post("/api/autonomy/stop", json={"on": True, "note": "Wrong tone"})
    assert stopped.json()["stopped"] is True
    shown = (await _owner(house).get("/api/autonomy")).json()
    assert shown["stopped"] is True
    assert {r["level"] for r in shown["rows"]} == {0}
    assert (await _owner(house).post("/api/autonomy/stop", json={"on": False})).json() == {
        "stopped": False,
        "steps": [],
    }
    one = await _owner(house).post("/api/autonomy/stop", json={"on": True, "step": "http-step"})
    assert one.json() == {"stopped": False, "steps": ["http-step"]}
    await _owner(house).post("/api/autonomy/stop", json={"on": False, "step": "http-step"})
    lowered = await _owner(house).put("/api/autonomy/http-step", json={"level": 0, "note": "Enough"})
    assert lowered.json()["level"] == 0
    bounds = {"budget": "asks_per_day", "value": 5, "low": 1, "high": 9}
    assert (await _owner(house).put("/api/autonomy/http-step/bounds", json=bounds)).json()["value"] == 5
    assert (await _owner(house).put("/api/autonomy/http-step/bounds", json=bounds | {"low": 6})).status_code == 400
    assert (await _owner(house).post("/api/autonomy/ceiling", json={"level": 2})).json() == {"ceiling": 2}
    assert (await _owner(house).post("/api/autonomy/ceiling", json={"level": 0})).json() == {"ceiling": 0}


async def test_the_history_is_signed_pages_and_holds(house: House) -> None:
    await _raised(house, "told-step")
    await _owner(house).put("/api/autonomy/told-step", json={"level": 0, "note": "Enough"})
    answer = (await _owner(house).get("/api/autonomy/history", params={"step": "told-step"})).json()
    assert [(r["kind"], r["from_level"], r["to_level"], r["signed"]) for r in answer["rows"]] == [
        ("down", 1, 0, True),
        ("up", 0, 1, True),
    ]
    assert answer["rows"][0]["note"] == "Enough"
    assert "@acme.example" in answer["rows"][0]["actor"]
    whole = (await _owner(house).get("/api/autonomy/history", params={"limit": 200})).json()
    paged: list[object] = []
    after: str | None = ""
    while after is not None:
        page = (await _owner(house).get("/api/autonomy/history", params={"limit": 1, "after": after})).json()
        paged += page["rows"]
        after = page["next"]
    assert paged == whole["rows"]
    assert whole["total"] == len(paged)
    checked = (await _owner(house).get("/api/autonomy/verify")).json()
    assert checked["ok"], checked
    assert (await _owner(house).get("/api/autonomy/verify", params={"head": checked["head"]})).json()["ok"]
    assert not (await _owner(house).get("/api/autonomy/verify", params={"head": "ab" * 32})).json()["ok"]
    async with house.db.tx(house.ours.workspace) as tx:
        assert not (await autonomy_history.verify(tx, Seal([b"x" * 32]))).ok  # the server's key, and no other


@pytest.mark.parametrize(
    "path", ["/api/autonomy", "/api/autonomy/history", "/api/experts", "/api/experts/vertical/track"]
)
async def test_lists_export(house: House, path: str) -> None:
    answer = await _owner(house).get(path, params={"format": "csv"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize("role", ["finance", "analyst"])
async def test_who_may_not_decide_may_not_move_it(house: House, role: str) -> None:
    client = house.roles[role]
    assert (await client.put("/api/autonomy/x", json={"level": 0})).status_code == 403
    assert (await client.post("/api/autonomy/stop", json={"on": False})).status_code == 403
    assert (
        await client.put("/api/experts/vertical/challenger", json={"segment": "partner", "stage": "value", "on": True})
    ).status_code == 403
    assert (await client.put("/api/experts/language/consent", json={"allowed": True})).status_code == 403


async def test_the_panel_and_its_challengers(house: House) -> None:
    answer = (await _owner(house).get("/api/experts")).json()
    by_name = {r["name"]: r for r in answer["rows"]}
    assert list(by_name)[:4] == ["science", "strategy", "vertical", "language"]
    assert by_name["science"]["carries"]
    assert by_name["language"]["present"] is answer["language_allowed"] is False
    here = {"segment": "partner", "stage": "value"}
    named = await _owner(house).put("/api/experts/vertical/challenger", json=here | {"on": True})
    assert named.json()["says"] == [here | {"weight": 0.02}]
    again = await _owner(house).put("/api/experts/vertical/challenger", json=here | {"on": False})
    assert again.json()["says"] == []
    assert (await _owner(house).put("/api/experts/science/challenger", json=here | {"on": True})).status_code == 400
    assert (await _owner(house).put("/api/experts/nobody-here/challenger", json=here | {"on": True})).status_code == 404
    assert (await _owner(house).get("/api/experts/nobody-here/track")).status_code == 404
    assert (await _owner(house).get("/api/experts/vertical/track")).json() == {"rows": [], "next": None, "total": 0}
    assert (await _owner(house).put("/api/experts/language/consent", json={"allowed": True})).json() == {
        "allowed": True
    }
    assert (
        await house.roles["marketer"].put("/api/experts/language/consent", json={"allowed": True})
    ).status_code == 403
    await _owner(house).put("/api/experts/language/consent", json={"allowed": False})


async def test_opinions_about_an_ask(house: House) -> None:
    answer = await _owner(house).get(f"/api/asks/{house.ours.ask}/opinions")
    assert answer.status_code == 200
    assert answer.json()["leans_label"]
    assert (await _owner(house).get(f"/api/asks/{house.theirs.ask}/opinions")).status_code == 404


async def test_an_erasure_reaches_notes_and_reasons_and_leaves_the_history_whole(house: House) -> None:
    people = (await _owner(house).get("/api/personas", params={"limit": 200})).json()["rows"]
    who = next(p for p in people if p["email"].startswith("ana9@"))
    await _raised(house, "erased-step")
    await _owner(house).put("/api/autonomy/erased-step", json={"level": 0, "note": f"{who['email']} was annoyed."})
    async with house.db.tx(house.ours.workspace) as tx:
        await tx.run(
            "insert into autonomy_release (workspace_id, ask_id, step, level, head, outcome, reason, at) "
            "values ($1, gen_random_uuid(), 'erased-step', 1, 0, 'refused', $2, $3)",
            house.ours.workspace, f"{who['email']} asked us to stop.", clock.now(),
        )  # fmt: skip
    await erasure.erase(house.db, house.ours.workspace, [("email", who["email"])], "test", "asked")
    async with house.db.tx(house.ours.workspace) as tx:
        found = await autonomy_history.verify(tx, _seal(house))
        for table in ("autonomy_event", "autonomy_release", "ask_label", "expert_answer", "expert_question"):
            left = await tx.value(
                f"select count(*) from {table} t where workspace_id = $1 and t::text ilike $2",
                house.ours.workspace,
                f"%{who['email']}%",
            )
            assert left == 0, table
    assert found.ok, found.problems
    assert found.erased >= 1
