"""PostHog's capture forms: whatever way they are packed, event, person, id and time come out exactly."""

import base64
import gzip
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import pytest

from honeyguide.core import clock
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Database
from honeyguide.funnel import Committer, create_source, dead_letters, decode, load_sources
from honeyguide.web.doors import Doors
from tests.unit.funnel.doors import Answer, call
from tests.unit.funnel.test_ingest_door import logged, problem, totals

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
UUID = "0190e5a0-8c3e-7f4e-8c1d-2b5a6d7e8f90"


async def make(db: Database, workspace: int) -> str:
    async with db.tx(workspace) as tx:
        return (await create_source(tx, "posthog", "product"))[1]


def one(key: str, **other: Any) -> dict[str, Any]:
    return {
        "api_key": key, "event": "Feature Used", "distinct_id": "u-ä/42", "uuid": UUID,
        "timestamp": "2026-02-28T23:30:00.123Z", "properties": {"feature": "Routes", "product": "Dispatch"}, **other,
    }  # fmt: skip


async def events(db: Database, workspace: int) -> list[CanonicalEvent]:
    async with db.tx(workspace) as tx:
        sources = await load_sources(tx)
    return [e for row in await logged(db, workspace) for e in decode(row, sources[row["source_id"]])]


JSON, TEXT, FORM = "application/json", "text/plain", "application/x-www-form-urlencoded"


def forms(payload: bytes) -> dict[str, tuple[str, bytes, dict[str, str]]]:
    """Every way a client of PostHog may pack a body: query, body, headers."""
    b64 = base64.b64encode(payload)
    url64 = base64.urlsafe_b64encode(payload).rstrip(b"=")
    return {
        "plain": ("", payload, {"content-type": JSON}),
        "text": ("", b" \n" + payload, {"content-type": TEXT}),
        "gzip by header": ("", gzip.compress(payload), {"content-type": JSON, "content-encoding": "gzip"}),
        "gzip-js": ("?compression=gzip-js&ver=1.96&_=1772366400000", gzip.compress(payload), {"content-type": TEXT}),
        "gzip": ("?compression=gzip", gzip.compress(payload), {"content-type": TEXT}),
        "gzip unsaid": ("", gzip.compress(payload), {}),
        "base64": ("?compression=base64", b64, {"content-type": TEXT}),
        "base64 for addresses": ("?compression=base64", url64, {"content-type": TEXT}),
        "form": ("", urlencode({"data": b64.decode(), "compression": "base64"}).encode(), {"content-type": FORM}),
        "form not escaped": ("?ip=1", b"data=" + b64, {"content-type": FORM}),
        "form of plain JSON": ("", b"data=" + quote(payload).encode(), {"content-type": FORM}),
        "form of gzip": ("", urlencode({"data": base64.b64encode(gzip.compress(payload)).decode()}).encode(), {"content-type": FORM}),
        "form unsaid": ("", b"data=" + b64, {}),
    }  # fmt: skip


PATHS = ["/e/", "/e", "/capture/", "/batch/", "/i/v0/e/", "/track/", "/engage/"]


@pytest.mark.parametrize("form", forms(b"{}"))
async def test_every_packing_is_read(db: Database, workspace: int, door: Doors, form: str) -> None:
    key = await make(db, workspace)
    payload = msgspec.json.encode(one(key))
    query, body, headers = forms(payload)[form]
    with clock.frozen(NOW):
        answer = await call(door, f"/e/{query}", body, headers)
    assert answer.status == 200, answer.body
    [row] = await logged(db, workspace)
    assert (row["format"], row["kind"], row["message_id"], row["lane"]) == ("posthog", "Feature Used", UUID, 0)
    assert row["event_time"] == datetime(2026, 2, 28, 23, 30, 0, 123_000, tzinfo=UTC)
    assert row["body"].strip() == payload
    [event] = await events(db, workspace)
    assert event.person is not None
    assert (event.kind, event.person.ext_id) == ("feature.used", "u-ä/42")
    assert (event.props["feature"], event.props["product"]) == ("routes", "dispatch")


@pytest.mark.parametrize("path", PATHS)
async def test_every_address_takes_one_a_list_and_a_batch(db: Database, workspace: int, door: Doors, path: str) -> None:
    key = await make(db, workspace)
    inner = [
        {"event": f"e{n}", "properties": {"token": key, "distinct_id": f"p{n}"}, "uuid": f"{path}{n}"} for n in range(3)
    ]
    single = {"api_key": key, "event": "x", "distinct_id": "d", "uuid": "single"}
    batch = {"api_key": key, "batch": [{**i, "uuid": f"b{n}"} for n, i in enumerate(inner)]}
    for body in (single, inner, batch):
        answer = await call(door, path, msgspec.json.encode(body), {"content-type": JSON})
        assert (answer.status, answer.json()) == (200, {"status": "Ok"} if "/i/" in path else {"status": 1})
    rows = await logged(db, workspace)
    assert [r["kind"] for r in rows] == ["x", "e0", "e1", "e2", "e0", "e1", "e2"]
    found = [e.person.identifiers[0].value if e.person and e.person.identifiers else e.person and e.person.ext_id for e in await events(db, workspace)]  # fmt: skip
    assert found == ["d", "p0", "p1", "p2", "p0", "p1", "p2"]


async def test_times(db: Database, workspace: int, door: Doors) -> None:
    """An absolute time, one on a wrong clock, milliseconds ago, none at all, and an archive's."""
    key = await make(db, workspace)
    hour = timedelta(hours=1)
    base = {"api_key": key, "event": "x", "distinct_id": "d"}
    said = (NOW - hour).isoformat()
    with clock.frozen(NOW):
        said_times: list[dict[str, Any]] = [
            {**base, "timestamp": said},
            {**base, "timestamp": said, "sent_at": (NOW - timedelta(minutes=10)).isoformat()},
            {**base, "offset": 90_000},
            base,
            {**base, "timestamp": (NOW + hour).isoformat()},
            {**base, "timestamp": "rubbish", "offset": "rubbish"},
        ]
        for n, body in enumerate(said_times):
            assert (await call(door, "/e/", msgspec.json.encode({**body, "uuid": f"u{n}"}))).status == 200
        old = {"api_key": key, "historical_migration": True, "sent_at": NOW.isoformat(),
               "batch": [{"event": "x", "distinct_id": "d", "timestamp": "2019-01-01T00:00:00Z", "uuid": "old"}]}  # fmt: skip
        assert (await call(door, "/batch/", msgspec.json.encode(old))).status == 200
    rows = await logged(db, workspace)
    assert [NOW - r["event_time"] for r in rows[:6]] == [
        hour, hour - timedelta(minutes=10), timedelta(seconds=90), timedelta(0), timedelta(0), timedelta(0),
    ]  # fmt: skip
    assert (rows[6]["event_time"], rows[6]["lane"]) == (datetime(2019, 1, 1, tzinfo=UTC), 1)


async def test_what_people_updates_merges_and_groups_mean(db: Database, workspace: int, door: Doors) -> None:
    key = await make(db, workspace)
    said: list[dict[str, Any]] = [
        {"event": "$identify", "distinct_id": "u1", "$set": {"email": "ann@acme.de"}, "$set_once": {"plan": "free"},
         "properties": {"$anon_distinct_id": "anon-1", "$set": {"name": "Ann"}}},
        {"event": "$set", "distinct_id": "u1", "properties": {"$set": {"title": "CTO"}}},
        {"$distinct_id": "u1", "$token": key, "$set": {"phone": "+49 30 1234567"}},
        {"event": "$create_alias", "distinct_id": "u1", "properties": {"alias": "anon-2"}},
        {"event": "$groupidentify", "distinct_id": "u1",
         "properties": {"$group_type": "company", "$group_key": "acme", "$group_set": {"name": "Acme", "domain": "acme.de"}}},
        {"event": "$groupidentify", "distinct_id": "u1", "properties": {"$group_type": "project", "$group_key": "p"}},
        {"event": "$pageview", "distinct_id": "dev-1", "properties": {"$device_id": "dev-1", "$groups": {"company": "acme"}}},
    ]  # fmt: skip
    for n, body in enumerate(said):
        answer = await call(door, "/capture/", msgspec.json.encode({"api_key": key, "uuid": f"u{n}", **body}))
        assert answer.status == 200
    found = await events(db, workspace)
    kinds = ["persona.identified", "persona.identified", "persona.identified", "records.merged", "company.identified", "custom", "custom"]  # fmt: skip
    assert [e.kind for e in found] == kinds
    people = [e.person for e in found]
    assert people[0] is not None
    assert people[0].traits == {"email": "ann@acme.de", "name": "Ann", "plan": "free"}
    assert ("anonymous:product", "anon-1") in {(i.ns, i.value) for i in people[0].identifiers}
    assert found[3].props == {"kept": "u1", "merged": ["anon-2"]}
    company, viewer = found[4].company, found[6]
    assert company is not None
    assert (company.ext_id, company.traits["name"]) == ("acme", "Acme")
    assert viewer.person is not None
    assert viewer.company is not None
    assert (viewer.person.ext_id, viewer.company.ext_id) == ("anon:dev-1", "acme")


async def test_bad_items_end_somewhere(db: Database, workspace: int, door: Doors, committer: Committer) -> None:
    key = await make(db, workspace)
    big = {"event": "x", "properties": {"a": "y" * 1_000_001}}
    batch = {
        "api_key": key,
        "batch": [{"event": "ok", "uuid": "1"}, 5, {"properties": {}}, {"event": "ok", "uuid": "1"}, big],
    }
    answer = await call(door, "/batch/?verbose=1", msgspec.json.encode(batch))
    assert [r["outcome"] for r in answer.json()["results"]] == [
        "accepted", "dead_letter", "dead_letter", "duplicate", "dead_letter",
    ]  # fmt: skip
    async with db.tx(workspace) as tx:
        assert sorted(x.reason for x in await dead_letters(tx)) == ["no_event", "not_an_object", "too_large"]
    assert await totals(db, workspace, committer) == {"accepted": 1, "duplicate": 1, "dead_letter": 3}


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"%%%", {}, 400),
        (b"{", {}, 400),
        (b"[1,", {}, 400),
        (b"data=", {"content-type": FORM}, 400),
        (b"\x1f\x8bnothing", {}, 400),
        (gzip.compress(b"0" * 50_000_000), {}, 413),
        (base64.b64encode(gzip.compress(b"0" * 50_000_000)), {}, 413),
        (b'{"event":"x","distinct_id":"d"}', {}, 401),
        (b'{"api_key":"phc_other","event":"x"}', {}, 401),
        (b'{"batch":[]}', {}, 401),
        (b"{}", {}, 400),
    ],
)
async def test_rubbish_is_refused(
    db: Database, workspace: int, door: Doors, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer: Answer = await call(door, "/e/", body, headers)
    problem(answer, status)
    assert await logged(db, workspace) == []
