"""Resumable uploads: pieces in order, checked and committed one by one; the whole file becomes an import of the worker."""

import hashlib
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from honeyguide.core import clock
from honeyguide.db import Database
from honeyguide.funnel import Source, create_source, dead_letters, decode, load_sources, uploads
from honeyguide.web.doors import Doors
from tests.unit.funnel.doors import Answer, basic, call
from tests.unit.funnel.test_ingest_door import problem

MAPPING: dict[str, Any] = {
    "currency": "EUR",
    "files": {
        "deals.*": {
            "name": "deals", "id": "deal_id", "time": "closed_at",
            "person": {"id": "contact", "traits": {"email": "mail"}},
            "events": [{"kind": "deal.won", "props": {"deal": "deal_id", "amount_minor": {"column": "amount", "type": "money"}}}],
        }
    },
}  # fmt: skip
ROWS = [{"deal_id": f"D{n}", "closed_at": "2026-01-02", "contact": f"c{n}", "mail": f"p{n}@acme.de", "amount": 12.5 + n} for n in range(1, 8)]  # fmt: skip


def csv_of(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join([",".join(rows[0]), *(",".join(str(v) for v in r.values()) for r in rows)]).encode() + b"\n"


def parquet_of(rows: list[dict[str, Any]]) -> bytes:
    out = io.BytesIO()
    typed = [{**r, "closed_at": datetime(2026, 1, 2, tzinfo=UTC)} for r in rows]
    pq.write_table(pa.Table.from_pylist(typed), out, row_group_size=3)
    return out.getvalue()


FILES = {
    "deals.csv": csv_of(ROWS),
    "deals.jsonl": b"\n".join(msgspec.json.encode(r) for r in ROWS),
    "deals.parquet": parquet_of(ROWS),
}


class Client:
    """Somebody who uploads a file."""

    def __init__(self, door: Doors, key: str) -> None:
        self.door, self.key = door, key

    async def begin(self, file: str, content: bytes, **other: Any) -> Answer:
        asked = {"file": file, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "mapping": MAPPING}
        asked = {k: v for k, v in (asked | other).items() if v is not None}
        return await call(self.door, "/v1/uploads", msgspec.json.encode(asked), basic(self.key))

    async def put(self, ident: str, offset: int, body: bytes, sha256: str = "") -> Answer:
        headers = basic(self.key) | {
            "upload-offset": str(offset),
            "upload-sha256": sha256 or hashlib.sha256(body).hexdigest(),
        }
        return await call(self.door, f"/v1/uploads/{ident}", body, headers, method="PUT")

    async def get(self, ident: str) -> Any:
        return (await call(self.door, f"/v1/uploads/{ident}", b"", basic(self.key), method="GET")).json()

    async def complete(self, ident: str) -> Answer:
        return await call(self.door, f"/v1/uploads/{ident}/complete", b"", basic(self.key))

    async def whole(self, name: str, content: bytes, step: int = 97) -> str:
        ident = str((await self.begin(name, content)).json()["id"])
        for at in range(0, len(content), step):
            assert (await self.put(ident, at, content[at : at + step])).status == 200
        assert (await self.complete(ident)).json()["state"] == "waiting"
        return ident


async def make(db: Database, workspace: int, name: str = "crm", kind: str = "import") -> tuple[Source, str]:
    async with db.tx(workspace) as tx:
        return await create_source(tx, kind, name)


@pytest.fixture
async def client(db: Database, workspace: int, door: Doors) -> Client:
    return Client(door, (await make(db, workspace))[1])


async def pieces(db: Database, workspace: int) -> int:
    async with db.tx(workspace) as tx:
        return int(await tx.value("select count(*) from upload_piece where workspace_id = $1", workspace))


@pytest.mark.parametrize("name", FILES)
async def test_a_file_in_pieces_becomes_events(db: Database, workspace: int, client: Client, name: str) -> None:
    ident = await client.whole(name, FILES[name])
    assert await uploads.import_due(db, workspace) == 1
    told = await client.get(ident)
    assert (told["state"], told["problem"]) == ("done", None)
    assert told["rows"] == {"done": 7, "accepted": 7, "duplicate": 0, "dead_letter": 0}
    assert await pieces(db, workspace) == 0
    assert await uploads.import_due(db, workspace) == 0
    async with db.tx(workspace) as tx:
        sources = await load_sources(tx)
        rows = await tx.rows("select * from event_log where workspace_id = $1 order by seq", workspace)
    assert {r["lane"] for r in rows} == {1}
    events = [e for r in rows for e in decode(r, sources[r["source_id"]])]
    assert [(e.props["deal"], e.props["amount_minor"], e.at.date().isoformat()) for e in events] == [
        (f"D{n}", 1250 + n * 100, "2026-01-02") for n in range(1, 8)
    ]


async def test_a_bad_piece_is_refused_with_the_right_offset(db: Database, workspace: int, client: Client) -> None:
    content = FILES["deals.csv"]
    begun = await client.begin("deals.csv", content)
    assert begun.status == 201
    ident = begun.json()["id"]
    assert (await client.put(ident, 0, content[:100])).json()["offset"] == 100
    flipped = bytes([content[100] ^ 1]) + content[101:200]
    cases = [
        (100, flipped, hashlib.sha256(content[100:200]).hexdigest(), 400),  # damaged on its way
        (99, content[99:200], "", 409),  # not where we are
        (150, content[150:200], "", 409),  # a hole
        (0, flipped, "", 409),  # other bytes where some are already
        (100, content[100:] + b"x", "", 409),  # beyond the end
        (100, b"", "", 400),
        (100, b"y" * (uploads.PIECE_BYTES + 1), "", 413),
    ]
    for offset, body, sha256, status in cases:
        answer = await client.put(ident, offset, body, sha256)
        assert (answer.status, answer.json().get("offset")) == (status, 100), answer.body
    for headers in (
        {},
        {"upload-offset": "x", "upload-sha256": "0" * 64},
        {"upload-offset": "100", "upload-sha256": "z"},
    ):
        problem(await call(client.door, f"/v1/uploads/{ident}", b"x", basic(client.key) | headers, method="PUT"), 400)
    early = await client.complete(ident)
    assert (early.status, early.json()["offset"]) == (409, 100)
    again = await client.put(ident, 0, content[:100])  # its answer was lost: the same piece is welcome again
    assert (again.status, again.json()["offset"]) == (200, 100)
    assert (await client.put(ident, 100, content[100:])).status == 200
    assert (await client.complete(ident)).status == 200
    assert await uploads.import_due(db, workspace) == 1
    assert (await client.get(ident))["rows"]["accepted"] == 7


async def test_who_lost_the_id_finds_the_upload_by_beginning_again(client: Client) -> None:
    content = FILES["deals.csv"]
    ident = (await client.begin("deals.csv", content)).json()["id"]
    await client.put(ident, 0, content[:50])
    again = await client.begin("deals.csv", content)
    assert (again.status, again.json()["id"], again.json()["offset"]) == (200, ident, 50)


async def test_a_file_that_is_not_the_announced_one_fails_and_may_begin_again(
    db: Database, workspace: int, client: Client
) -> None:
    content = FILES["deals.csv"]
    ident = (await client.begin("deals.csv", content)).json()["id"]
    wrong = content.replace(b"D1", b"D9")
    assert (await client.put(ident, 0, wrong)).status == 200  # each piece is what it says, the whole is not
    await client.complete(ident)
    assert await uploads.import_due(db, workspace) == 1
    told = await client.get(ident)
    assert told["state"] == "failed"
    assert "sha256" in told["problem"]
    assert await pieces(db, workspace) == 0
    again = (await client.begin("deals.csv", content)).json()
    assert (again["id"], again["state"], again["offset"]) == (ident, "receiving", 0)
    await client.put(ident, 0, content)
    await client.complete(ident)
    await uploads.import_due(db, workspace)
    assert (await client.get(ident))["rows"]["accepted"] == 7


async def test_a_worker_that_died_is_followed_by_another(
    db: Database, workspace: int, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = await client.whole("deals.csv", FILES["deals.csv"])

    async def die(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(uploads, "_import", die)
    with pytest.raises(RuntimeError):
        await uploads.import_due(db, workspace)
    monkeypatch.undo()
    assert await uploads.import_due(db, workspace) == 0  # it may still be alive
    with clock.frozen(datetime.now(UTC) + timedelta(minutes=6)):
        assert await uploads.import_due(db, workspace) == 1
    assert (await client.get(ident))["state"] == "done"


async def test_what_the_mapping_cannot_read_is_told(db: Database, workspace: int, client: Client) -> None:
    spoiled = csv_of([*ROWS[:2], {**ROWS[2], "closed_at": "never"}])
    ident = await client.whole("deals.csv", spoiled)
    await uploads.import_due(db, workspace)
    assert (await client.get(ident))["rows"] == {"done": 3, "accepted": 2, "duplicate": 0, "dead_letter": 1}
    lacking = await client.whole("deals.jsonl", b'{"deal_id": 1}\nnonsense')
    columns = await client.whole("deals.csv", b"a,b\n1,2\n")
    broken = await client.whole("deals.parquet", b"PAR1 no parquet PAR1")
    for _ in range(3):
        assert await uploads.import_due(db, workspace) == 1
    assert (await client.get(lacking))["rows"]["dead_letter"] == 2
    for ident, word in ((columns, "no column"), (broken, "Parquet")):
        told = await client.get(ident)
        assert told["state"] == "failed"
        assert word in told["problem"]
    async with db.tx(workspace) as tx:
        assert {x.reason for x in await dead_letters(tx)} == {"bad_time", "bad_row"}


async def test_the_mapping_may_be_the_sources_own(db: Database, workspace: int, client: Client) -> None:
    problem(await client.begin("deals.csv", FILES["deals.csv"], mapping=None), 400)
    await client.whole("deals.csv", FILES["deals.csv"])
    await uploads.import_due(db, workspace)
    more = csv_of([{**ROWS[0], "deal_id": "D77"}])
    begun = await client.begin("deals-march.csv", more, mapping=None, name="deals")
    assert begun.status == 201, begun.body


@pytest.mark.parametrize(
    "change",
    [
        {"file": "../deals.csv"}, {"file": "deals.exe"}, {"file": ""}, {"size": 0}, {"size": -1}, {"sha256": "00"},
        {"size": 10**13}, {"mapping": {"files": {}}}, {"mapping": "a: ["}, {"mapping": 5}, {"source": "other"},
        {"mapping": {**MAPPING, "source": "other"}}, {"unknown": 1},
        {"mapping": {"files": {"deals.*": {**MAPPING["files"]["deals.*"], "lookups": {"x": {"file": "/etc/passwd", "by": "a", "take": "b"}}}}}},
    ],
)  # fmt: skip
async def test_what_cannot_be_an_upload_is_refused(client: Client, change: dict[str, Any]) -> None:
    content = FILES["deals.csv"]
    name = change.pop("file", "deals.csv")
    answer = await client.begin(name, content, **change)
    problem(answer, 413 if change.get("size") == 10**13 else 400)


async def test_uploads_belong_to_their_source(
    db: Database, workspace: int, other_workspace: int, door: Doors, client: Client
) -> None:
    ident = (await client.begin("deals.csv", FILES["deals.csv"])).json()["id"]
    for strangers in (await make(db, workspace, "erp"), await make(db, other_workspace)):
        stranger = Client(door, strangers[1])
        problem(await stranger.put(ident, 0, b"x"), 404)
        problem(await stranger.complete(ident), 404)
        assert (await stranger.get(ident))["status"] == 404
    product = Client(door, (await make(db, workspace, "product", "segment"))[1])
    problem(await product.begin("deals.csv", FILES["deals.csv"]), 400)  # a browser's key brings no files
    problem(await Client(door, "hgw_" + "x" * 43).begin("deals.csv", b"x"), 401)
    problem(await call(door, f"/v1/uploads/{UUID(int=7)}", b"", basic(client.key), method="GET"), 404)


async def test_giving_up_frees_the_room(db: Database, workspace: int, client: Client) -> None:
    ident = (await client.begin("deals.csv", FILES["deals.csv"])).json()["id"]
    await client.put(ident, 0, FILES["deals.csv"][:100])
    gone = await call(client.door, f"/v1/uploads/{ident}", b"", basic(client.key), method="DELETE")
    assert gone.json()["state"] == "failed"
    assert await pieces(db, workspace) == 0
    late = (await client.begin("deals.csv", FILES["deals.csv"])).json()
    await client.put(late["id"], 0, FILES["deals.csv"][:100])
    with clock.frozen(datetime.now(UTC) + timedelta(days=8)):
        await uploads.import_due(db, workspace)
    assert await pieces(db, workspace) == 0


async def test_a_workspace_may_not_hoard(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "HELD_BYTES", 1_000)
    assert (await client.begin("deals.csv", b"x" * 600)).status == 201
    problem(await client.begin("deals.jsonl", b"y" * 600), 413)
