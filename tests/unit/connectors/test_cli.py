"""The command line, as a stranger meets it: the example is checked, a system is connected, tried, synced and looked at."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from honeyguide.db import Database
from tests.vendor import DEFINITION, Vendor

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = Path("examples") / "connector_in_60_lines"


def honeyguide(*arguments: str, **env: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "honeyguide.cli", *arguments], cwd=ROOT, capture_output=True, text=True,
        timeout=120, check=False, stdin=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **env},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_the_example_is_checked_without_a_store() -> None:
    code, said = honeyguide(
        "connector", "check", str(EXAMPLE / "brightdesk.yaml"), "--replies", str(EXAMPLE / "replies")
    )
    assert code == 0, said
    assert "brightdesk.yaml: Brightdesk, 2 streams, 2 maps. It can be read." in said
    assert re.search(r"ticket\.rated +2026-02-11 09:00 +Brightdesk ticket 901", said)
    assert "score=5" in said
    assert said.rstrip().endswith("Nothing is wrong.")


def test_a_broken_definition_says_where(tmp_path: Path) -> None:
    text = (ROOT / EXAMPLE / "brightdesk.yaml").read_text()
    bad = tmp_path / "bad.yaml"
    bad.write_text(text.replace("email: email,", "email: 'email[',"))
    code, said = honeyguide("connector", "check", str(bad))
    assert code == 1
    assert "maps.customers" in said
    assert "is no path" in said
    assert "Traceback" not in said
    bad.write_text(text.replace("next: meta.next", "next: meta.following"))
    code, said = honeyguide("connector", "check", str(bad), "--replies", str(EXAMPLE / "replies"))
    assert code == 1
    assert "! Paging ended after 1 of 2 recorded pages." in said
    assert said.rstrip().endswith("1 problem.")
    code, said = honeyguide("connector", "show", "no-such")
    assert code == 1
    assert "There is no connector 'no-such'" in said


def test_every_connector_of_the_library_is_shown() -> None:
    code, said = honeyguide("connector", "list")
    assert code == 0
    names = [line.split()[0] for line in said.splitlines()]
    assert {"hubspot", "stripe", "zendesk"} <= set(names)
    code, said = honeyguide("connector", "show", "hubspot")
    assert code == 0
    assert "Signs in by bearer" in said
    assert "token" in said


@pytest.mark.slow
async def test_a_system_is_connected_tried_synced_and_looked_at(
    db: Database, workspace: int, dsn: str, acme: Vendor, tmp_path: Path
) -> None:
    acme.add(*range(1, 13))
    acme.call_in_thread = True
    file = tmp_path / "acme.yaml"
    file.write_text(DEFINITION)
    (tmp_path / "token").write_text("t0\n")
    slug = await _slug(db, workspace)
    env = {"DATABASE_URL": dsn, "HONEYGUIDE_DATA": str(tmp_path), "HONEYGUIDE_ALLOW_PRIVATE_HOSTS": "127.0.0.1"}

    def run(*arguments: str) -> tuple[int, str]:
        return honeyguide("connection", *arguments, "-w", slug, **env)

    add = ("add", "acme-crm", "Acme", "--definition", str(file), "--set", f"base={acme.url}")
    code, said = run(*add)
    assert code == 1
    assert "needs: Access token" in said
    code, said = run(*add, "--secret", f"token=@{tmp_path / 'token'}")
    assert code == 0, said
    assert "Acme CRM is connected as 'Acme' (contacts)" in said
    assert "t0" not in said
    assert run("test", "Acme") == (
        0,
        f"Reached {acme.url}.\n  ok  contacts             1 record read\nEverything can be read.\n",
    )
    code, said = run("preview", "Acme", "-n", "1")
    assert code == 0
    assert "email p1@firm1.example" in said
    code, said = run("sync", "Acme")
    assert code == 0, said
    assert "contacts: 12 records, 12 new, 0 known, 0 put aside; 2 requests" in said
    code, said = run("sync", "Acme")
    assert "contacts: 12 records, 0 new, 12 known" in said
    code, said = run("state", "Acme")
    assert "Acme (acme-crm): ok" in said
    assert "24 records, known up to 2026-03-01T10:00:00" in said
    assert "paused" in run("pause", "Acme")[1]
    assert "paused" in run("list")[1]
    code, said = run("test", "Nobody")
    assert code == 1
    assert "There is no connection 'Nobody'" in said
    acme.tokens = set()
    assert "due" in run("resume", "Acme")[1]
    code, said = run("sync", "Acme")
    assert code == 1
    assert "Acme CRM refused the token (401)" in said


async def _slug(db: Database, number: int) -> str:
    async with db.tx(number) as tx:
        return str(await tx.value("select slug from workspace where id = $1", number))
