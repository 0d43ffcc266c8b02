"""What people type about programs, on a real store: a file in a repository is the program."""

import asyncio
import os
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from honeyguide import programs
from honeyguide.cli.main import root
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import Database, create_workspace
from honeyguide.programs.catalogue import load, to_yaml

_SLUG = f"programs-{os.getpid()}-{time.monotonic_ns()}"


@pytest.fixture(scope="module")
def workspace(dsn: str) -> int:
    async def make() -> int:
        db = await Database.open(dsn, size=2)
        ident = await create_workspace(db, _SLUG, "Programs")
        async with db.tx(ident) as tx:
            await programs.ensure_program(tx)
        await db.close()
        return ident

    return asyncio.run(make())


@pytest.fixture(autouse=True)
def store(dsn: str, workspace: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)


def run(*words: str) -> Result:
    return CliRunner().invoke(root, ["program", *words, "-w", _SLUG])


def test_a_file_becomes_a_program_by_two(dsn: str, workspace: int, tmp_path: Path) -> None:
    file = tmp_path / "partners.yaml"
    file.write_text(to_yaml(load("partner-commission")), encoding="utf-8")
    made = run("apply", str(file))
    assert made.exit_code == 0, made.output
    assert "kept as draft 1" in made.output
    waits = run("publish", "partner-commission", "--note", "first")
    assert "version 1 changes money and waits for a second person" in waits.output
    assert "waits for a second person" in run("list").output

    async def confirm() -> None:
        db = await Database.open(dsn, size=2)
        async with db.tx(workspace) as tx:
            found = await programs.versions.find(tx, "partner-commission")
            await programs.versions.confirm_publish(tx, found, 1, "sam@acme.example", clock.now())
        await db.close()

    asyncio.run(confirm())
    assert "says the same already (version 1)" in run("apply", str(file)).output
    told = run("show", "partner-commission").output
    assert "20 % of what is paid, at most €10,000" in told
    again = run("show", "partner-commission", "--yaml")
    assert again.output == to_yaml(load("partner-commission"))
    file.write_text(to_yaml(load("partner-commission")).replace("2000", "1900"), encoding="utf-8")
    said = run("diff", "partner-commission", str(file)).output
    assert "19 % of what is paid" in said
    assert "a second person has to confirm it" in said
    words = to_yaml(load("partner-commission")).replace("name: Partner commission", "name: Our partners")
    file.write_text(words, encoding="utf-8")
    assert "version 2 is in force" in run("apply", str(file), "--publish").output
    assert "version 3 is in force" in run("rollback", "partner-commission", "1").output


def test_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    assert isinstance(run("show", "nothing").exception, NotFound)
    assert isinstance(run("publish", "customer-referrals").exception, NotFound)
    file = tmp_path / "bad.yaml"
    file.write_text(to_yaml(load("advocacy")).replace("offer: thank-you", "offer: nothing"), encoding="utf-8")
    refused = run("apply", str(file)).exception
    assert isinstance(refused, BadInput)
    assert "there is no offer nothing" in refused.sentence()


def test_nothing_to_replay_is_said_and_a_file_can_be_tried(tmp_path: Path) -> None:
    file = tmp_path / "draft.yaml"
    file.write_text(to_yaml(load("refer-a-friend")), encoding="utf-8")
    assert "Nothing to replay" in run("simulate", "customer-referrals", str(file)).output
    assert '"cost_minor": 0' in run("simulate", "customer-referrals", "--json").output
