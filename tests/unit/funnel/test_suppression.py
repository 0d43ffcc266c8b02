"""After a suppression is accepted nothing new of the person is stored, by whatever door it comes (C16)."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from honeyguide import funnel
from honeyguide.app import road
from honeyguide.app.replay import replay
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import Database, audit
from honeyguide.funnel import Broken, Committer, NewEvent, Verdict, suppression
from honeyguide.funnel.fingerprints import named_in, plain
from honeyguide.funnel.letters import Filter
from tests.unit.funnel.carrying import count, product, send, track
from tests.unit.funnel.scan import everything, traces

ME = "dpo@acme.example"
MAIL, PHONE = "Greta.Canary@Example.com", "+49 (0)30 901820-77"
WORDS = ("greta.canary", "canary", "+493090182077", "30 901820")
WHO = [("email", MAIL), ("phone", PHONE), ("record:product", "user-canary"), ("external:stripe", "cus_CANARY1")]


async def _suppress(db: Database, workspace: int, who: Sequence[tuple[str, str]] = WHO) -> funnel.Suppression:
    async with db.tx(workspace) as tx:
        return await funnel.suppress(tx, who, ME, "asked by letter")


def _hers() -> list[Any]:
    """Ways in which a payload can name her, escaped and nested as real ones are."""
    return [
        {"type": "identify", "messageId": "1", "userId": "x", "traits": {"email": "greta.canary@example.com"}},
        {"type": "track", "messageId": "2", "userId": "user-canary", "event": "Seen"},
        {"type": "track", "messageId": "3", "event": "Note", "properties": {"text": "call +49 30 901820-77 (Ms Canary) today"}},
        {"type": "track", "messageId": "4", "event": "Note", "properties": {"deep": [{"to": ["GRETA.CANARY@EXAMPLE.COM"]}]}},
        {"type": "track", "messageId": "5", "event": "Note", "properties": {"inner": '{"mail":"greta.canary@example.com"}'}},
        {"type": "page", "messageId": "6", "properties": {"url": "https://a.example/?e=greta.canary%40example.com&x=1"}},
        {"type": "track", "messageId": "7", "event": "Note", "properties": {"greta.canary@example.com": 1}},
        {"type": "track", "messageId": "8", "event": "Note", "properties": {"phone": 493090182077}},
        {"type": "track", "messageId": "9", "event": "Note", "properties": {"by": "Greta <greta.canary+news@example.com>"}},
        {"type": "identify", "messageId": "10", "userId": "y", "context": {"externalIds": [
            {"id": "cus_CANARY1", "type": "stripe", "collection": "users", "encoding": "none"}]}},
        {"type": "track", "messageId": "mail:greta.canary@example.com", "event": "Note"},
        b'{"type":"track","messageId":"11","properties":{"m":"greta.canary\\u0040example.com"}}',
        b'{"type":"track","messageId":"12","properties":{"m":"greta.canary@example.com"',
        b"\xff\xfe greta.canary@example.com",
    ]  # fmt: skip


def test_who_could_be_meant_is_found_however_it_is_written() -> None:
    wanted = {named for ns, value in WHO[:2] for named in plain(ns, value)}
    for payload in _hers():
        raw = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
        if b"user-canary" not in raw and b"cus_CANARY1" not in raw:
            found = named_in(raw, ())
            assert found & wanted, payload
    harmless = b'{"order": 12345678, "at": "2026-03-01T12:00:00.000000Z", "id": "8f14e45f-ceea-467f-9575-1b1f3d4c2a10", "n": 1.5}'
    assert not named_in(harmless, ()) & wanted


async def test_what_names_her_is_refused_at_the_door_and_nothing_of_it_is_kept(
    db: Database, workspace: int, committer: Committer
) -> None:
    source = await product(db, workspace)
    made = await _suppress(db, workspace)
    now = clock.now()
    inputs: list[NewEvent | Broken] = []
    for n, payload in enumerate(_hers()):
        raw = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
        ident = payload["messageId"] if isinstance(payload, dict) else f"raw-{n}"
        kind = payload["type"] if isinstance(payload, dict) else "track"
        inputs.append(NewEvent("segment", kind, ident, raw, now, now))
    inputs.append(Broken("not_json", "no", b"{greta.canary@example.com", now))
    other = NewEvent("segment", "track", "other", msgspec.json.encode(track("other", feature="x")), now, now)
    outcomes = await committer.submit(source, [*inputs, other])
    assert [(o.verdict, o.reason) for o in outcomes[:-1]] == [(Verdict.REFUSED, "suppressed")] * len(inputs)
    assert outcomes[-1].verdict is Verdict.ACCEPTED
    await committer.close()
    await road.catch_up(db, workspace)
    assert traces(await everything(db, workspace), *WORDS) == []
    async with db.tx(workspace) as tx:
        assert (await funnel.suppression_of(tx, made.id)).hits == len(inputs)
        (totals,) = await funnel.source_totals(tx)
    assert (totals["accepted"], totals["refused"], totals["dead_letter"]) == (1, len(inputs), 0)


async def test_imports_and_syncs_cannot_bring_her_back(db: Database, workspace: int, tmp_path: Path) -> None:
    await _suppress(db, workspace)
    file = tmp_path / "people.csv"
    file.write_text(
        "id,mail,at\n1,greta.canary@example.com,2026-01-01\n2,tom@acme.example,2026-01-01\n3,Greta Canary,2026-01-01,x\n"
    )
    mapping = funnel.parse_mapping(
        "source: crm\nfiles:\n  people.csv:\n    id: id\n    time: at\n    person: {id: id, traits: {email: mail}}\n"
        "    events: [{kind: persona.identified}]\n"
    )
    run = await funnel.import_file(db, workspace, file, mapping)
    assert (run.rows_done, run.rows_accepted) == (3, 1)
    source = await product(db, workspace, "hubspot", "hubspot")
    outcomes = await send(
        db, workspace, source, {"messageId": "contacts:1:1", "properties": {"email": MAIL}}, form="record"
    )
    assert outcomes == [suppression.REFUSED]
    async with db.tx(workspace) as tx:
        await funnel.dead_letter(tx, source.id, "hook", "not_json", "no", b"{ greta.canary@example.com")
    text = await everything(db, workspace)
    assert traces(text, "greta.canary@example.com") == []
    assert traces(text, "tom@acme.example")  # the scan sees what is there


async def test_what_slipped_in_is_emptied_before_anything_comes_of_it(db: Database, workspace: int) -> None:
    """A door whose memory is a second old lets it in; the road meets it first."""
    source = await product(db, workspace)
    await send(db, workspace, source, track("old", feature="x", who="user-canary", mail=MAIL))
    await road.catch_up(db, workspace)
    made = await _suppress(db, workspace)
    async with db.tx(workspace) as tx:  # as a door would that does not know yet
        for ident, body in (
            ("slipped", msgspec.json.encode(track("slipped", mail=MAIL))),
            ("broken", b"{greta.canary@example.com"),
        ):
            await tx.run(
                "insert into event_log (workspace_id, event_id, source_id, format, kind, message_id, event_time, received_at, body) "
                "values ($1, $2, $3, 'segment', 'track', $4, $5, $5, $6)",
                workspace, funnel.events.event_id(workspace, source.id, ident), source.id, f"{ident} {MAIL}", clock.now(), body,
            )  # fmt: skip
    await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        rows = await tx.rows(
            "select format, message_id, body from event_log where workspace_id = $1 order by seq", workspace
        )
        assert await funnel.dead_letters(tx, Filter(None)) == []
        assert (await funnel.suppression_of(tx, made.id)).hits == 2
    assert [r["format"] for r in rows] == ["segment", "redacted", "redacted"]
    assert rows[1]["body"] == b"{}"
    assert MAIL not in rows[1]["message_id"]
    assert (await replay(db, workspace)).same  # what is from before stays, and a replay does not touch it
    assert await count(db, workspace, "event_log", "format = 'segment'") == 1


async def test_lifted_she_is_welcome_again_and_both_are_in_the_audit(db: Database, workspace: int) -> None:
    source = await product(db, workspace)
    made = await _suppress(db, workspace)
    async with db.tx(workspace) as tx:
        assert await funnel.suppressed(tx, [("email", "greta.canary+x@example.com")])
        assert not await funnel.suppressed(tx, [("email", "tom@acme.example")])
        await funnel.lift(tx, made.id, ME)
        assert not await funnel.suppressed(tx, WHO)
        with pytest.raises(NotFound):
            await funnel.lift(tx, made.id, ME)
        acts = [a["action"] for a in await audit.about(tx, f"suppression:{made.id}")]
    assert acts == ["person.suppress", "person.lift"]
    outcomes = await send(db, workspace, source, track("a", mail=MAIL))
    assert outcomes[0].verdict is Verdict.ACCEPTED


async def test_a_door_notices_within_its_second(db: Database, workspace: int) -> None:
    source = await product(db, workspace)
    guard, event = suppression.Guard(db, fresh_s=0.0), NewEvent(
        "segment", "track", "a", msgspec.json.encode(track("a", mail=MAIL)), clock.now(), clock.now()
    )  # fmt: skip
    assert await guard.refused(source, [event]) == set()
    made = await _suppress(db, workspace)
    assert await guard.refused(source, [event]) == {0}
    async with db.tx(workspace) as tx:
        await funnel.lift(tx, made.id, ME)
    assert await guard.refused(source, [event]) == set()
    assert timedelta(seconds=suppression.FRESH_S) <= timedelta(seconds=1)


async def test_the_same_person_has_another_digest_in_another_workspace(
    db: Database, workspace: int, other_workspace: int
) -> None:
    await _suppress(db, workspace)
    async with db.tx(other_workspace) as tx:
        assert not await funnel.suppressed(tx, WHO)
    await _suppress(db, other_workspace)
    digests = []
    for ident in (workspace, other_workspace):
        async with db.tx(ident) as tx:
            digests.append(
                {
                    r["digest"]
                    for r in await tx.rows("select digest from suppressed_digest where workspace_id = $1", ident)
                }
            )
    assert not digests[0] & digests[1]


async def test_what_names_nobody_cannot_be_suppressed(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        for bad in ([], [("email", "nobody")], [("phone", "12")], [("record:crm", "null")], [("", "x")], WHO * 300):
            with pytest.raises(BadInput):
                await funnel.suppress(tx, bad, ME, "x")
    assert await count(db, workspace, "suppression") == 0
