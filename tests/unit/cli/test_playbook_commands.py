"""What people type about playbooks, on a real store."""

import asyncio
import json
import os
import time

import pytest
from click.testing import CliRunner, Result
from msgspec import structs

from honeyguide.cli.main import root
from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.db import Database, create_workspace
from honeyguide.programs import playbooks
from tests.unit.decisions import world

_SLUG = f"playbooks-{os.getpid()}-{time.monotonic_ns()}"
_BOOK = "onboarding-small-business-other"


@pytest.fixture(scope="module")
def workspace(dsn: str) -> str:
    async def make() -> None:
        db = await Database.open(dsn, size=2)
        ident = await create_workspace(db, _SLUG, "Playbooks")
        async with db.tx(ident) as tx:
            firm = await world.treated(tx, "firm")
            ana = await world.persona(tx, "ana", firm)
            await world.moment(tx, ana, firm, kind="praise", at=clock.now())
            shipped = playbooks.shipped("value-small-business-saas")
            await playbooks.save(tx, structs.replace(shipped, goal="Our own goal."), "lea")
        await db.close()

    asyncio.run(make())
    return _SLUG


@pytest.fixture(autouse=True)
def store(dsn: str, workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)


def run(*words: str) -> Result:
    return CliRunner().invoke(root, ["playbook", *words, "-w", _SLUG])


def test_list_marks_what_was_edited() -> None:
    found = run("list", "--stage", "value", "--segment", "small_business")
    assert found.exit_code == 0, found.output
    lines = found.output.splitlines()
    assert len(lines) == 6
    assert "version 1" in lines[0]
    assert lines[0].endswith("Our own goal.")
    assert "library" in lines[5]


def test_show_reads_as_sentences_with_where_they_come_from() -> None:
    found = run("show", "renewal-enterprise-fintech")
    assert "Thank the champion who carried it  (renewal-enterprise-champion, segment)" in found.output
    assert "Belief of the authors; nothing was measured." in found.output
    assert "<- verticals/fintech.yaml: In financial firms gifts to staff are often forbidden" in found.output
    assert run("show", "value-small-business-saas", "--version", "0").output.count("Our own goal.") == 0
    assert json.loads(run("show", _BOOK, "--json").output)["slug"] == _BOOK


def test_diff_tells_two_versions_apart() -> None:
    assert 'and is now "Our own goal."' in run("diff", "value-small-business-saas").output
    assert run("diff", _BOOK).output == "Both say the same.\n"


def test_dry_run_says_who_would_have_been_asked() -> None:
    found = run("dry-run", _BOOK, "--days", "30")
    assert found.exit_code == 0, found.output
    assert "1 moments in this cell" in found.output or "1 moment" in found.output
    assert "Expected shares:" in found.output
    assert json.loads(run("dry-run", _BOOK, "--json").output)["candidates"] == 1


def test_a_name_that_is_none() -> None:
    assert isinstance(run("show", "renewal-banking").exception, NotFound)
