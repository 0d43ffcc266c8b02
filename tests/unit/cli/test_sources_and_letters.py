"""What an operator types about sources and dead letters, on a real store."""

import asyncio
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from honeyguide import funnel
from honeyguide.app import road
from honeyguide.cli.main import root
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, HoneyguideError, NotFound
from honeyguide.db import Database, create_workspace


class Shell:
    """Runs commands in one workspace."""

    def __init__(self, slug: str) -> None:
        self.slug = slug

    def __call__(self, *words: str, given: str = "") -> Result:
        return CliRunner().invoke(root, [*words, "--workspace", self.slug], input=given)

    def ok(self, *words: str, given: str = "") -> str:
        found = self(*words, given=given)
        assert found.exit_code == 0, (found.output, found.exception)
        return found.output


@pytest.fixture
def shell(dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.setenv("HONEYGUIDE_DATA", str(tmp_path))
    slug = f"cli-{os.getpid()}-{tmp_path.name[-8:].strip('_').lower().replace('_', '-')}"
    asyncio.run(_workspace(dsn, slug))
    return Shell(slug)


async def _workspace(dsn: str, slug: str) -> int:
    db = await Database.open(dsn, size=2)
    try:
        return await create_workspace(db, slug, "Typed")
    finally:
        await db.close()


async def _send(dsn: str, slug: str, name: str, *bodies: bytes) -> None:
    db = await Database.open(dsn, size=2)
    try:
        workspace, now = await create_workspace(db, slug, "Typed"), clock.now()
        async with db.tx(workspace) as tx:
            source = await funnel.source_named(tx, name)
            events = [funnel.NewEvent("segment", "track", f"m{n}", body, now, now) for n, body in enumerate(bodies)]
            await funnel.append(tx, source, events)
        await road.catch_up(db, workspace)
    finally:
        await db.close()


def test_a_source_is_made_watched_paused_and_given_another_key(shell: Shell, dsn: str) -> None:
    made = shell.ok("source", "create", "segment", "Product")
    assert "/v1/track" in made
    assert re.search(r"hgw_[\w-]+", made)
    good = b'{"type":"track","userId":"ana","event":"Feature Used","properties":{"feature":"x"}}'
    asyncio.run(_send(dsn, shell.slug, "Product", good))
    assert "ok" in shell.ok("source", "list")
    assert "1 accepted" in shell.ok("source", "list")
    shown = shell.ok("source", "show", "product")
    assert "mapping 1 since" in shown
    assert "1 events" in shown
    assert "feature.used" in shell.ok("source", "tail", "Product", "--once")
    assert "properties.feature (text)" in shell.ok("source", "shapes", "Product")
    assert json.loads(shell.ok("source", "shapes", "Product", "--json"))[0]["n"] == 1
    shell.ok("source", "pause", "Product")
    assert "paused" in shell.ok("source", "list")
    shell.ok("source", "resume", "Product")
    assert re.search(r"hgw_[\w-]+", shell.ok("source", "key", "Product"))
    assert isinstance(shell("source", "show", "nobody").exception, NotFound)


def test_a_sources_word_about_money_is_believed_when_its_key_stands_in_no_page(shell: Shell) -> None:
    shell.ok("source", "create", "segment", "Shop")
    shell.ok("source", "create", "segment", "Backend", "--server-only")
    assert "refunds and disputes: not believed" in shell.ok("source", "show", "shop")
    assert "refunds and disputes: believed" in shell.ok("source", "show", "backend")
    assert "is believed" in shell.ok("source", "trust", "Shop")
    assert "refunds and disputes: believed" in shell.ok("source", "show", "shop")
    assert "is not believed" in shell.ok("source", "trust", "Shop", "--no")
    assert "refunds and disputes: not believed" in shell.ok("source", "show", "shop")


def test_a_plan_is_set_from_a_file_and_its_letters_are_tried_again(shell: Shell, dsn: str, tmp_path: Path) -> None:
    shell.ok("source", "create", "segment", "Product")
    rules = tmp_path / "rules.json"
    rules.write_text('[{"name": "Feature Used", "required": ["feature"]}]')
    assert (
        json.loads(shell.ok("source", "plan", "Product", "--mode", "quarantine", "-f", str(rules)))["mode"]
        == "quarantine"
    )
    asyncio.run(_send(dsn, shell.slug, "Product", b'{"type":"track","event":"Feature Used","userId":"a"}', b"{"))
    listed = shell.ok("dead-letters", "list")
    assert "plan: missing: feature" in listed
    assert "decode: not_json" in listed
    assert shell("dead-letters", "retry", "--all", "--stage", "plan").exit_code == 1
    shell.ok("source", "plan", "Product", "--mode", "off")
    assert "1 went on" in shell.ok("dead-letters", "retry", "--all", "--stage", "plan")
    ident = re.search(r"^\s*(\d+)  \d{4}", shell.ok("dead-letters", "list"), re.M)
    assert ident
    assert shell.ok("dead-letters", "show", ident[1]).rstrip().endswith("{")
    assert shell("dead-letters", "retry", ident[1]).exit_code == 1
    assert shell("dead-letters", "edit", ident[1], "-", given="{").exit_code == 1
    shell.ok("dead-letters", "edit", ident[1], "-", given='{"type":"track","event":"Mended","userId":"a"}')
    assert isinstance(shell("dead-letters", "drop", ident[1]).exception, HoneyguideError)
    assert "There are none." in shell.ok("dead-letters", "list")
    assert shell("dead-letters", "retry").exit_code == 2


_DEALS = """
source: crm
currency: EUR
files:
  deals.*: {name: deals, id: id, time: at, person: {id: who}, events: [{kind: deal.won, props: {deal: id}}]}
"""


def test_a_parquet_file_is_imported_once_and_a_torn_one_is_told(shell: Shell, tmp_path: Path) -> None:
    mapping, file, torn = tmp_path / "m.yaml", tmp_path / "deals.parquet", tmp_path / "torn" / "deals.parquet"
    mapping.write_text(_DEALS)
    rows = [{"id": n, "at": datetime(2026, 1, n, tzinfo=UTC) if n != 3 else None, "who": f"w{n}"} for n in range(1, 6)]
    pq.write_table(pa.Table.from_pylist(rows), file)
    assert "5 rows, 4 new, 0 known, 1 put aside" in shell.ok("import", str(file), "--mapping", str(mapping))
    assert "Row 3 of deals.parquet" in shell.ok("dead-letters", "list")
    assert "4 accepted" in shell.ok("source", "list")
    shell.ok("import", str(file), "--mapping", str(mapping))
    assert "4 accepted" in shell.ok("source", "list")
    torn.parent.mkdir()
    torn.write_bytes(file.read_bytes()[:-20])
    found = shell("import", str(torn), "--mapping", str(mapping))
    assert isinstance(found.exception, BadInput)
    assert "no Parquet file, or a broken one" in str(found.exception)
