"""A file over HTTP from its first piece to the person it tells of, through the whole application and with a write key alone."""

import base64
import hashlib
import io
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec import Struct

from honeyguide import funnel
from honeyguide.app import road
from honeyguide.db import cursors
from honeyguide.funnel.uploads import import_due
from tests.contracts.conftest import House

MAPPING: dict[str, Any] = {
    "currency": "EUR",
    "files": {
        "deals.*": {
            "name": "deals", "id": "deal_id", "time": "closed_at",
            "person": {"id": "contact", "traits": {"email": "mail", "name": "who"}},
            "events": [{"kind": "deal.won", "props": {
                "deal": "deal_id", "amount_minor": {"column": "amount", "type": "money"}, "currency": {"value": "EUR"}}}],
        }
    },
}  # fmt: skip
GOOD = 40
BAD = 17  # the number of the row whose time is none


def _rows(word: str) -> list[dict[str, Any]]:
    return [
        {"deal_id": f"{word}-{n}", "closed_at": f"2026-02-{1 + n % 28:02}T10:00:00Z", "contact": f"{word}-c{n}",
         "mail": f"{word}.{n}@bought.example", "who": f"Ida {word.title()} {n}", "amount": f"{100 + n}.50"}
        for n in range(1, GOOD + 1)
    ]  # fmt: skip


def _csv(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join([",".join(rows[0]), *(",".join(str(v) for v in r.values()) for r in rows)]).encode() + b"\n"


def _jsonl(rows: list[dict[str, Any]]) -> bytes:
    return b"\n".join(msgspec.json.encode(r) for r in rows)


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out, row_group_size=16)
    return out.getvalue()


WRITERS = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}


class Uploader(Struct):
    """Somebody with a file, a write key and a bad line."""

    client: httpx.AsyncClient
    key: str

    def _headers(self) -> dict[str, str]:
        return {"authorization": "Basic " + base64.b64encode(f"{self.key}:".encode()).decode()}

    async def begin(self, name: str, content: bytes) -> httpx.Response:
        asked = {"file": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "mapping": MAPPING}
        return await self.client.post("/v1/uploads", json=asked, headers=self._headers())

    async def put(self, ident: str, offset: int, body: bytes, sha256: str = "") -> httpx.Response:
        more = {"upload-offset": str(offset), "upload-sha256": sha256 or hashlib.sha256(body).hexdigest()}
        return await self.client.put(f"/v1/uploads/{ident}", content=body, headers=self._headers() | more)

    async def offset(self, ident: str) -> int:
        return int((await self.told(ident))["offset"])

    async def told(self, ident: str) -> Any:
        return (await self.client.get(f"/v1/uploads/{ident}", headers=self._headers())).json()

    async def complete(self, ident: str) -> httpx.Response:
        return await self.client.post(f"/v1/uploads/{ident}/complete", headers=self._headers())

    async def whole(self, name: str, content: bytes) -> str:
        ident = str((await self.begin(name, content)).json()["id"])
        while (at := await self.offset(ident)) < len(content):
            assert (await self.put(ident, at, content[at : at + 1_000])).status_code == 200
        assert (await self.complete(ident)).json()["state"] == "waiting"
        return ident


async def _uploader(house: House, name: str) -> Uploader:
    made = (await house.roles["owner"].post("/api/sources", json={"kind": "import", "name": name})).json()
    return Uploader(house.visitor(), made["key"])


async def _imported(house: House) -> None:
    """What a worker does with what waits: imports it, carries it along the road."""
    while await import_due(house.db, house.ours.workspace, house.settings.data):
        pass
    await road.catch_up(house.db, house.ours.workspace)


async def _logged(house: House, name: str) -> list[str]:
    async with house.db.tx(house.ours.workspace) as tx:
        source = await funnel.source_named(tx, name)
        rows = await tx.rows(
            "select message_id from event_log where workspace_id = $1 and source_id = $2", tx.workspace_id, source.id
        )
    return sorted(row["message_id"] for row in rows)


@pytest.mark.parametrize("kind", WRITERS)
async def test_a_file_that_broke_off_arrives_whole(house: House, kind: str) -> None:
    word, name = kind, f"Deals {kind}"
    one = await _uploader(house, name)
    rows = _rows(word)
    rows[BAD - 1]["closed_at"] = "one day"
    content = WRITERS[kind](rows)
    begun = await one.begin(f"deals.{kind}", content)
    assert (begun.status_code, begun.json()["offset"]) == (201, 0)
    ident = begun.json()["id"]
    half = len(content) // 2
    assert (await one.put(ident, 0, content[:half])).json()["offset"] == half
    damaged = bytes([content[half] ^ 255]) + content[half + 1 :]
    refused = await one.put(ident, half, damaged, hashlib.sha256(content[half:]).hexdigest())
    assert (refused.status_code, refused.json()["offset"], refused.json()["type"]) == (
        400, half, "urn:honeyguide:problem:wrong_piece",
    )  # fmt: skip
    # the line breaks: another process of theirs asks how far it was, and goes on from there
    again = Uploader(house.visitor(), one.key)
    assert await again.offset(ident) == half
    assert (await again.complete(ident)).status_code == 409
    assert (await again.put(ident, half, content[half:])).json()["offset"] == len(content)
    assert (await again.complete(ident)).json()["state"] == "waiting"
    assert await _logged(house, name) == []  # nothing enters before the worker has checked the whole
    await _imported(house)
    done = await again.told(ident)
    assert (done["state"], done["problem"]) == ("done", None)
    assert done["rows"] == {"done": GOOD, "accepted": GOOD - 1, "duplicate": 0, "dead_letter": 1}
    assert await _logged(house, name) == sorted(f"deals:{word}-{n}" for n in range(1, GOOD + 1) if n != BAD)
    await _on_the_road(house, name, word)
    await _bad_row(house, name, kind, word)
    await _again_brings_nothing(house, again, name, kind, rows)


async def _on_the_road(house: House, name: str, word: str) -> None:
    """The person of a row is somebody now, with the deal behind them."""
    owner = house.roles["owner"]
    found = (await owner.get("/api/personas", params={"q": f"Ida {word.title()} 7"})).json()
    assert found["total"] == 1, found
    async with house.db.tx(house.ours.workspace) as tx:
        assert await cursors.lag(tx, road.ROAD) == 0
        nobody = await tx.value(
            "select count(*) from identifier where workspace_id = $1 and ns = 'email' and value like $2",
            tx.workspace_id, f"{word}.%@bought.example",
        )  # fmt: skip
    assert nobody == GOOD - 1


async def _bad_row(house: House, name: str, kind: str, word: str) -> None:
    owner = house.roles["owner"]
    letters = (await owner.get("/api/dead-letters", params={"stage": "import", "limit": 200})).json()["rows"]
    ours = [x for x in letters if f"{word}-{BAD}" in x["body"] and x["source"] == name]
    assert [(x["reason"], f"Row {BAD} of deals.{kind}" in x["detail"]) for x in ours] == [("bad_time", True)]
    assert f"{word}-{BAD}" in ours[0]["body"]
    totals = (await owner.get("/api/sources")).json()["rows"]
    counted = next(x for x in totals if x["name"] == name)
    assert (counted["accepted"], counted["duplicate"], counted["dead_letter"]) == (GOOD - 1, 0, 1)


async def _again_brings_nothing(house: House, one: Uploader, name: str, kind: str, rows: list[dict[str, Any]]) -> None:
    """The same file again is the same upload; the same rows in another file are duplicates."""
    content = WRITERS[kind](rows)
    same = await one.begin(f"deals.{kind}", content)
    assert (same.status_code, same.json()["state"]) == (200, "done")
    before = await _logged(house, name)
    other = "csv" if kind != "csv" else "parquet"
    ident = await one.whole(f"deals.{other}", WRITERS[other](rows[::-1]))
    await _imported(house)
    told = await one.told(ident)
    assert (told["state"], told["rows"]["accepted"]) == ("done", 0)
    assert await _logged(house, name) == before


def _torn(content: bytes) -> dict[str, bytes]:
    """A file as it is after a copy broke off, a bad disk, or somebody who renamed something."""
    flipped = bytearray(content)
    for n in range(8, len(content) // 3):
        flipped[n] ^= 0x5A
    return {
        "half of it": content[: len(content) // 2],
        "without its last byte": content[:-1],
        "pages of noise": bytes(flipped),
        "a footer that points nowhere": content[:-8] + b"\xff\xff\xff\x7fPAR1",
        "only a name": b"PAR1",
        "a table of text": _csv(_rows("torn")),
    }


@pytest.mark.parametrize("what", _torn(_parquet(_rows("torn"))))
async def test_a_broken_parquet_file_is_told_and_harms_nobody(house: House, what: str) -> None:
    name = f"Torn {what}"
    one = await _uploader(house, name)
    ident = await one.whole("deals.parquet", _torn(_parquet(_rows("torn")))[what])
    await _imported(house)
    told = await one.told(ident)
    assert told["state"] == "failed"
    assert "deals.parquet is no Parquet file, or a broken one" in told["problem"]
    assert "Write the file anew" in told["problem"]
    # the same source takes a whole one afterwards
    fine = await one.whole("deals.parquet", _parquet(_rows("torn")))
    await _imported(house)
    assert (await one.told(fine))["rows"]["accepted"] == GOOD
    assert len(await _logged(house, name)) == GOOD


async def test_times_finer_than_ours_and_nested_columns_are_read(house: House) -> None:
    rows = _rows("fine")
    table = pa.Table.from_pylist([{k: v for k, v in r.items() if k != "closed_at"} for r in rows])
    moment = int(datetime(2026, 2, 3, tzinfo=UTC).timestamp()) * 10**9 + 123_456_789
    table = table.append_column("closed_at", pa.array([moment] * GOOD, pa.timestamp("ns", "UTC")))
    table = table.append_column("tags", pa.array([["a", "b"]] * GOOD))
    out = io.BytesIO()
    pq.write_table(table, out)
    one = await _uploader(house, "Fine deals")
    ident = await one.whole("deals.parquet", out.getvalue())
    await _imported(house)
    assert (await one.told(ident))["rows"] == {"done": GOOD, "accepted": GOOD, "duplicate": 0, "dead_letter": 0}


async def test_a_paused_source_takes_no_file(house: House) -> None:
    owner = house.roles["owner"]
    made = (await owner.post("/api/sources", json={"kind": "import", "name": "Paused deals"})).json()
    one = Uploader(house.visitor(), made["key"])
    assert (await owner.post(f"/api/sources/{made['id']}/pause", json={})).status_code == 200
    refused = await one.begin("deals.csv", _csv(_rows("late")))
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:honeyguide:problem:paused")
    assert (await owner.post(f"/api/sources/{made['id']}/resume", json={})).status_code == 200
