"""Folders of files: CSV, JSON lines, Parquet; new and changed files only; a broken row is put aside."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from honeyguide.connectors import files
from honeyguide.connectors.sync import sync_due, sync_now
from honeyguide.db import Database
from honeyguide.funnel.connections import Connection, create_connection
from honeyguide.funnel.definitions import parse_definition
from honeyguide.funnel.vault import Vault
from honeyguide.settings import Settings
from tests.unit.connectors.seen import again, log_of, state_of

TEXT = """
connector: folder
label: Folder
config:
  folder: {label: Folder, default: ""}
streams:
  people:
    transport: file
    request: {files: "people*"}
    id: id
maps:
  people:
    person: {id: id, email: email, keep: "@"}
    events: [{kind: persona.identified}]
"""
Folder = Callable[..., Awaitable[Connection]]


@pytest.fixture
def folder(db: Database, workspace: int, settings: Settings) -> Folder:
    settings.folders[0].mkdir()

    async def make(where: str = "") -> Connection:
        async with db.tx(workspace) as tx:
            return await create_connection(
                tx,
                "folder",
                "Folder",
                {"folder": where},
                {},
                definition=parse_definition(TEXT),
                vault=Vault.of(settings),
            )

    return make


def parquet(path: Path, ids: range) -> None:
    table = pa.table({"id": list(ids), "email": [f"p{i}@x.example" for i in ids], "score": [i / 2 for i in ids],
                      "tags": [["a", "b"]] * len(ids)})  # fmt: skip
    pq.write_table(table, path, row_group_size=7)


async def test_every_kind_of_file_and_only_what_is_new(
    db: Database, workspace: int, settings: Settings, folder: Folder
) -> None:
    here = settings.folders[0]
    (here / "people-1.csv").write_text('id,email\n1,a@x.example\n2,"b@x.example"\n')
    (here / "people-2.jsonl").write_text('{"id": 3, "email": "c@x.example", "n": 1.10}\n\n{"id": 4}\n')
    await asyncio.to_thread(parquet, here / "people-3.parquet", range(5, 25))
    (here / "other.csv").write_text("id\n99\n")
    (here / "people.txt").write_text("no")
    found = await folder()
    await sync_now(db, workspace, found.source_id, settings)
    rows = await log_of(db, workspace)
    assert [str(json.loads(r["body"])["id"]) for r in rows] == [str(i) for i in range(1, 25)]
    assert bytes(rows[2]["body"]) == b'{"id": 3, "email": "c@x.example", "n": 1.10}', "byte for byte"
    assert json.loads(rows[4]["body"]) == {"id": 5, "email": "p5@x.example", "score": 2.5, "tags": ["a", "b"]}
    await again(db, found, settings)
    assert len(await log_of(db, workspace)) == 24
    (here / "people-1.csv").write_text("id,email\n1,a@x.example\n2,new@x.example\n30,z@x.example\n")
    await again(db, found, settings)
    assert [json.loads(r["body"])["id"] for r in (await log_of(db, workspace))[24:]] == ["2", "30"]


async def test_an_unchanged_file_is_not_even_read(
    db: Database, workspace: int, settings: Settings, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings.folders[0] / "people.csv").write_text("id\n1\n")
    found = await folder()
    await sync_now(db, workspace, found.source_id, settings)

    def never(_: Path) -> Any:
        raise AssertionError("read again")

    monkeypatch.setattr(files, "records_in", never)
    await again(db, found, settings)
    assert (await state_of(db, found, "people")).problem == ""


async def test_a_large_file_goes_on_at_its_row(
    db: Database, workspace: int, settings: Settings, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PAGE", 10)
    (settings.folders[0] / "people.csv").write_text("id\n" + "\n".join(str(i) for i in range(95)))
    found = await folder()
    while await sync_due(db, workspace, settings, pages=1):
        pass
    state = await state_of(db, found, "people")
    assert (state.rows, state.position, state.lane) == (95, None, "live")
    assert len(await log_of(db, workspace)) == 95


async def test_broken_rows_are_put_aside(db: Database, workspace: int, settings: Settings, folder: Folder) -> None:
    (settings.folders[0] / "people.csv").write_text(
        "id,email\n1,a@x.example\n2\n3,c@x.example,too,many\n4,d@x.example\n"
    )
    (settings.folders[0] / "people.jsonl").write_text('{"id": 5}\n{"id": \n[6]\n{"id": 7}\n')
    await sync_now(db, workspace, (await folder()).source_id, settings)
    assert [str(json.loads(r["body"])["id"]) for r in await log_of(db, workspace)] == ["1", "4", "5", "7"]
    async with db.tx(workspace) as tx:
        letters = await tx.rows("select body, stage from dead_letter where workspace_id = $1 order by id", workspace)
    assert [bytes(r["body"]) for r in letters] == [b"2", b"3,c@x.example,too,many", b'{"id":', b"[6]"]


@pytest.mark.parametrize("where", ["..", "/etc", "../../", "missing"])
async def test_folders_that_may_not_be_read(
    db: Database, workspace: int, settings: Settings, folder: Folder, where: str
) -> None:
    found = await folder(where)
    await sync_now(db, workspace, found.source_id, settings)
    assert (await state_of(db, found, "people")).problem
    assert await log_of(db, workspace) == []
