"""Every example of Segment's own spec: accepted, kept byte for byte, counted, and read without an error."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from honeyguide.db import Database
from honeyguide.funnel import Committer, Source, create_source, decode, load_sources, source_totals
from honeyguide.web.doors import Doors
from tests.unit.funnel.doors import basic, call


def wire_payload(line: dict[str, Any]) -> dict[str, Any]:
    """A line of the spec as a client sends it: payloads as they are, JavaScript calls by analytics.js's argument rules."""
    method, args = line["method"], line["args"]
    if method in {"payload", "object"}:
        return dict(args[0])
    texts = [a for a in args if isinstance(a, str)]
    objects = [a for a in args if isinstance(a, dict)]
    payload: dict[str, Any] = {"type": method, "anonymousId": "spec-browser"}
    if method in {"identify", "group"}:
        if texts:
            payload["userId" if method == "identify" else "groupId"] = texts[0]
        payload["traits"] = objects[0] if objects else {}
    elif method == "alias":
        payload |= {"userId": texts[0], "previousId": texts[1] if len(texts) > 1 else "spec-browser"}
    elif method in {"page", "screen"}:
        payload |= {"name": texts[-1] if texts else "", "properties": objects[0] if objects else {}}
    elif texts:
        payload |= {"event": texts[0], "properties": objects[0] if objects else {}}
        payload |= objects[1] if len(objects) > 1 else {}
    else:
        payload |= objects[0]
    return payload


@pytest.fixture
def payloads(shared_path: Callable[[str], Path]) -> list[dict[str, Any]]:
    lines = shared_path("vectors/segment-spec/events.jsonl").read_text().splitlines()
    return [wire_payload(msgspec.json.decode(line)) for line in lines]


@pytest.fixture
async def committer(db: Database) -> AsyncIterator[Committer]:
    opened = Committer(db)
    yield opened
    await opened.close()


async def _source(db: Database, workspace: int) -> tuple[Source, str]:
    async with db.tx(workspace) as tx:
        return await create_source(tx, "segment", "product")


async def test_spec_is_kept_and_read(
    db: Database, workspace: int, committer: Committer, payloads: list[dict[str, Any]]
) -> None:
    assert len(payloads) == 133
    source, key = await _source(db, workspace)
    door = Doors(db, committer)
    # An id of the test's own, because the spec repeats examples; everything else stays as published.
    bodies = [msgspec.json.encode({**p, "messageId": f"spec-{n}"}) for n, p in enumerate(payloads)]
    for p, body in zip(payloads, bodies, strict=True):
        kind = p.get("type") or p.get("action")
        if kind in {"identify", "track", "page", "screen", "group", "alias"}:
            answer = await call(door, f"/v1/{kind}", body, basic(key))
        else:
            answer = await call(door, "/v1/batch", b'{"batch":[' + body + b"]}", basic(key))
        assert answer.status == 200, answer.body
    async with db.tx(workspace) as tx:
        rows = await tx.rows("select * from event_log where workspace_id = $1 order by seq", workspace)
        sources = await load_sources(tx)
        totals = {t["id"]: t for t in await source_totals(tx)}
    assert [row["body"] for row in rows] == bodies
    assert totals[source.id]["accepted"] == 133
    assert sum(totals[source.id][k] for k in ("duplicate", "mismatch", "dead_letter", "refused")) == 0
    events = [event for row in rows for event in decode(row, sources[row["source_id"]])]
    assert len(events) >= 133
    kinds = Counter(e.kind for e in events)
    assert kinds["signup.completed"] >= 4  # Signed Up, User Registered
    assert kinds["trial.started"] == 1
    assert kinds["purchase.completed"] == 3
    assert kinds["company.identified"] >= 4
    assert kinds["persona.identified"] >= 9


async def test_the_whole_spec_as_one_import(
    db: Database, workspace: int, committer: Committer, payloads: list[dict[str, Any]]
) -> None:
    """Without ids of ours: a derived id per item, so that equal examples in one request are not lost."""
    _, key = await _source(db, workspace)
    items = [{k: v for k, v in p.items() if k != "messageId"} for p in payloads]
    answer = await call(Doors(db, committer), "/v1/import?verbose=1", msgspec.json.encode({"batch": items}), basic(key))
    assert Counter(r["outcome"] for r in answer.json()["results"]) == {"accepted": 133}
    async with db.tx(workspace) as tx:
        lanes = await tx.rows("select distinct lane, derived_id from event_log where workspace_id = $1", workspace)
    assert [(r["lane"], r["derived_id"]) for r in lanes] == [(1, True)]


async def _read(db: Database, workspace: int, committer: Committer, payload: dict[str, Any]) -> Any:
    _, key = await _source(db, workspace)
    assert (await call(Doors(db, committer), f"/v1/{payload['type']}", msgspec.json.encode(payload), basic(key))).status == 200  # fmt: skip
    async with db.tx(workspace) as tx:
        row = await tx.row("select * from event_log where workspace_id = $1", workspace)
        sources = await load_sources(tx)
    assert row is not None
    return decode(row, sources[row["source_id"]])[0]


async def test_reserved_traits_become_typed_fields(
    db: Database, workspace: int, committer: Committer, payloads: list[dict[str, Any]]
) -> None:
    found = next(
        p for p in payloads if p.get("type") == "identify" and "sentAt" in p and "logins" in p.get("traits", {})
    )
    event = await _read(db, workspace, committer, found)
    assert event.person.traits["email"] == "peter@example.com"
    assert event.person.traits["name"] == "Peter Gibbons"
    assert event.person.traits["logins"] == 5
    assert ("email", "peter@example.com", True) in [(i.ns, i.value, i.strong) for i in event.person.identifiers]
    assert ("anonymous:product", "507f191e810c19729de860ea", False) in [
        (i.ns, i.value, i.strong) for i in event.person.identifiers
    ]
    assert event.at == event.received_at  # timestamp = sentAt: it happened when it was sent, by our clock


async def test_order_completed_is_integer_minor_units(
    db: Database, workspace: int, committer: Committer, payloads: list[dict[str, Any]]
) -> None:
    found = next(p for p in payloads if p.get("event") == "Order Completed" and p["properties"].get("total") == 27.5)
    event = await _read(db, workspace, committer, found)
    assert (event.kind, event.props) == (
        "purchase.completed",
        {"order": "50314b8e9bcf000000000000", "amount_minor": 2750, "currency": "USD"},
    )
