"""An erased person is nowhere in the tables, the books stay as they are, and no import brings the person back (C16)."""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from honeyguide import funnel, ledger
from honeyguide.app import replay_runs, road
from honeyguide.app.erasure import erase
from honeyguide.app.replay import replay
from honeyguide.core import clock
from honeyguide.db import audit
from honeyguide.outcomes import fraud
from tests.contracts.conftest import House
from tests.unit.funnel.carrying import product, send, track
from tests.unit.funnel.scan import everything, traces

ME = "dpo@acme.example"
MAIL, NAME, PHONE = "greta.canary@prospect.example", "Greta Zoë Canary", "+49 30 901820-77"
WORDS = ("greta.canary", "Greta Zoë Canary", "Greta Zo\\u00eb Canary", "+493090182077", "30 901820-77", "cus_canary")


async def _plant(house: House) -> None:
    """Her in every corner: several sources, one persona, tickets, free text of others, broken bytes, audit."""
    db, workspace = house.db, house.ours.workspace
    crm = await product(db, workspace, "Canary CRM", "webhook")
    app = await product(db, workspace, "Canary app")
    await send(
        db, workspace, app,
        {"type": "identify", "messageId": "c1", "userId": "u-canary", "traits": {
            "email": MAIL, "name": NAME, "phone": PHONE, "title": "Head of Support"}},
        track("c2", who="u-canary", feature="export"),
        track("c3", who="tom", feature="export", note=f"asked {NAME} and {MAIL.upper()} to call"),
        track("c4", who="tom", feature="export", note=f"{NAME} is on leave"),
        track("c5", who="tom", feature="export", note=f"Dear all,\n{NAME}\nleft. Ask Agreta Zoë Canaryson"),
        {"type": "track", "messageId": f"mail:{MAIL}", "userId": "u-canary", "event": "Opened"},
        f'{{"type":"track","note":"{MAIL}"'.encode(),
    )  # fmt: skip
    await send(db, workspace, crm, {"id": "9", "type": "contact.updated", "email": MAIL, "name": NAME, "tel": PHONE,
                                    "text": "caf\u00e9"}, form="webhook")  # fmt: skip
    async with db.tx(workspace) as tx:
        await funnel.dead_letter(tx, crm.id, "hook", "not_json", f"near {MAIL}", f"{{broken {MAIL}".encode())
        await audit.write(tx, ME, "note", MAIL, {"text": f"{NAME} called", "more": f"line\n{NAME}\n{MAIL}"})
    await road.catch_up(db, workspace)


def _left(text: str) -> list[str]:
    """What is left of her; the other person's name, which contains hers, does not count."""
    other = "Agreta Zoë Canaryson"
    return traces(text.replace(other, "").replace(other.replace("ë", "\\u00eb"), ""), *WORDS)


async def _books(house: House) -> tuple[bool, list[tuple[object, ...]]]:
    async with house.db.tx(house.ours.workspace) as tx:
        report = await ledger.verify(tx)
        rows = await tx.rows(
            "select transfer_id, line, account_id, amount_minor from posting where workspace_id = $1 order by transfer_id, line",
            tx.workspace_id,
        )
    return report.ok, [tuple(r) for r in rows]


async def test_nothing_of_the_person_is_left_and_the_books_balance(house: House) -> None:
    db, workspace = house.db, house.ours.workspace
    await _plant(house)
    before = await everything(db, workspace)
    for word in WORDS[:2]:
        assert traces(before, word), f"{word} was not planted"
    books = await _books(house)
    assert books[0]
    done = await erase(db, workspace, [("email", MAIL)], ME, "asked by letter")
    assert _left(await everything(db, workspace)) == []
    assert (done.emptied, done.rewritten) == (6, 2)  # the row that gave her address away is emptied, too
    assert done.letters == 2
    assert done.scrubbed > 0
    assert await _books(house) == books
    for _ in range(50):
        if not await replay_runs.step(db, workspace, done.replay_id):
            break
    text = await everything(db, workspace)
    assert _left(text) == []
    assert traces(text, "is on leave")  # what others said stays, without her name
    assert traces(text, "Agreta Zoë Canaryson")  # and whose name only contains hers keeps it
    assert (await replay(db, workspace)).same
    assert await _books(house) == books


async def test_she_cannot_come_back(house: House) -> None:
    db, workspace = house.db, house.ours.workspace
    async with db.tx(workspace) as tx:
        app = await funnel.source_named(tx, "Canary app")
    again: list[dict[str, Any]] = [
        {"type": "identify", "messageId": "c1", "userId": "u-canary", "traits": {"email": MAIL, "name": NAME}},
        {"type": "track", "messageId": "new", "userId": "u-canary", "event": "Back"},
        {"type": "track", "messageId": "new2", "userId": "x", "event": "Note", "properties": {"tel": PHONE}},
    ]
    outcomes = await send(db, workspace, app, *again)
    assert [o.reason for o in outcomes] == ["suppressed"] * 3
    await road.catch_up(db, workspace)
    assert _left(await everything(db, workspace)) == []


async def test_who_has_no_name_worth_a_search_is_erased_by_the_rows_alone(house: House) -> None:
    """No words to look for is not the same as every word."""
    db, workspace = house.db, house.ours.workspace
    app = await product(db, workspace, "Plain app")
    await send(db, workspace, app, track("s1", who="u7", feature="export"), track("s2", who="u8", feature="export"))
    await road.catch_up(db, workspace)
    before = await everything(db, workspace)
    done = await erase(db, workspace, [("record:plain-app", "u7")], ME, "asked by letter")
    assert (done.emptied, done.rewritten, done.scrubbed, done.letters) == (1, 0, 0, 0)
    assert traces(await everything(db, workspace), house.ours.word)
    assert len(await everything(db, workspace)) > len(before) * 0.9


async def test_a_referred_friend_with_money_behind_them_is_erased_and_the_money_is_not(house: House) -> None:
    db, workspace = house.db, house.ours.workspace
    friend = f"tom@{house.ours.word.lower()}-prospect.example"
    assert traces(await everything(db, workspace), friend)
    marks = "select count(*) from fraud_mark where workspace_id = $1 and side = 'friend' and owner = $2"
    referral = UUID(house.ours.referral)
    async with db.tx(workspace) as tx:
        assert await fraud.mark(tx, "friend", referral, "device", "her phone", clock.now())
        assert await tx.value(marks, workspace, referral) >= 1
    books = await _books(house)
    await erase(db, workspace, [("email", friend)], ME, "asked by letter")
    assert traces(await everything(db, workspace), friend, f"Tom {house.ours.word}") == []
    async with db.tx(workspace) as tx:
        assert await tx.value(marks, workspace, referral) == 0
    assert await _books(house) == books
    assert books[1], "there was no money to keep"


async def test_nobody_rewrites_the_log_without_an_erasure(house: House) -> None:
    """The application may not change what it may not change, unless an erasure is under way in its own workspace."""
    async with house.db.tx(house.ours.workspace) as tx:
        row = await tx.row(
            "select event_id, received_at, body from event_log where workspace_id = $1 limit 1", tx.workspace_id
        )
        assert row is not None
        rewritten = await tx.value(
            "select rewrite_events(0, $1::uuid[], $2::timestamptz[], $3::bytea[])",
            [row["event_id"]], [row["received_at"]], [b"{}"],
        )  # fmt: skip
        assert rewritten == 0
    with pytest.raises(asyncpg.RaiseError, match="no erasure"):
        await _scrub(house)
    async with house.db.tx(house.theirs.workspace) as tx:
        emptied = await tx.value(
            "select redact_events($1::uuid[], $2::timestamptz[])", [row["event_id"]], [row["received_at"]]
        )
        assert emptied == 0  # the row of another workspace
    assert msgspec.json.decode(row["body"]) is not None
    assert clock.now() >= row["received_at"]


async def _scrub(house: House) -> None:
    async with house.db.tx(house.ours.workspace) as tx:
        await tx.value("select scrub_workspace(0, 'a')")


async def test_only_an_owner_who_types_the_name_erases_over_http(house: House) -> None:
    db, workspace = house.db, house.ours.workspace
    app = await product(db, workspace, "Erased app")
    mail, name = "ottilie.gone@prospect.example", "Ottilie Gone"
    await send(
        db, workspace, app,
        {"type": "identify", "messageId": "o1", "userId": "u-otti", "traits": {"email": mail, "name": name}},
        track("o2", who="tom", feature="export", note=f"{name} asked"),
    )  # fmt: skip
    await road.catch_up(db, workspace)
    owner = house.roles["owner"]
    found = (await owner.get("/api/personas", params={"q": name})).json()["rows"]
    path = f"/api/personas/{found[0]['id']}/erase"
    for role in ("marketer", "finance", "analyst"):
        assert (await house.roles[role].post(path, json={"confirm": name, "reason": "x"})).status_code == 403
    for confirm, status in (("Ottilie", 400), ("yes", 400), ("   ", 400), ("", 400)):
        answer = await owner.post(path, json={"confirm": confirm, "reason": "asked by letter"})
        assert answer.status_code in (status, 422), answer.text
        if confirm.strip():
            assert (answer.json()["type"], name in answer.json()["advice"]) == (
                "urn:honeyguide:problem:not_confirmed",
                True,
            )
    assert (await owner.post(path, json={"confirm": name})).status_code in (400, 422)  # no reason given
    assert traces(await everything(db, workspace), mail), "it was erased without being confirmed"
    done = await owner.post(path, json={"confirm": f" {name.upper()} ", "reason": "asked by letter"})
    assert done.status_code == 200, done.text
    assert (done.json()["emptied"], done.json()["rewritten"]) == (1, 1)
    assert traces(await everything(db, workspace), mail, name) == []
    entries = (await owner.get("/api/audit", params={"limit": 50})).json()["rows"]
    mine = next(e for e in entries if e["action"] == "person.erase")
    assert mine["subject"] == f"suppression:{done.json()['suppression_id']}"
    assert "owner" in mine["actor"]
    for _ in range(50):
        if not await replay_runs.step(db, workspace, int(done.json()["replay_id"])):
            break
    assert (await owner.get("/api/personas", params={"q": name})).json()["rows"] == []
    theirs = await owner.post(f"/api/personas/{house.theirs.persona}/erase", json={"confirm": name, "reason": "x"})
    assert theirs.status_code == 404


async def test_somebody_only_a_dead_letter_speaks_of_is_erased_by_the_address(house: House) -> None:
    db, workspace, mail = house.db, house.ours.workspace, "nobody.yet@prospect.example"
    app = await product(db, workspace, "Letters app")
    async with db.tx(workspace) as tx:
        await funnel.dead_letter(tx, app.id, "hook", "not_json", "near the end", f"{{broken {mail}".encode())
    asked = {"identifiers": [{"ns": "email", "value": mail}], "reason": "asked by letter"}
    owner = house.roles["owner"]
    wrong = await owner.post("/api/erasures", json={**asked, "confirm": "nobody"})
    assert (wrong.status_code, wrong.json()["type"]) == (400, "urn:honeyguide:problem:not_confirmed")
    assert traces(await everything(db, workspace), mail)
    done = await owner.post("/api/erasures", json={**asked, "confirm": mail})
    assert (done.status_code, done.json()["letters"]) == (200, 1), done.text
    assert traces(await everything(db, workspace), mail) == []
