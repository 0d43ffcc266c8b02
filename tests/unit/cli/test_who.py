"""`honeyguide who`, as somebody from marketing reads it, and `graph ask` about whom to ask."""

import asyncio
import json
import os
import time

import pytest
from click.testing import CliRunner

from honeyguide import decisions
from honeyguide.cli.main import root
from honeyguide.core import clock
from honeyguide.db import Database, create_workspace
from tests.unit.decisions import world

_SLUG = f"who-{os.getpid()}-{time.monotonic_ns()}"


@pytest.fixture(scope="module", autouse=True)
def told(dsn: str) -> None:
    """Ana and Ben at a customer; Ana is delighted, in words that try to colour the terminal."""

    async def make() -> None:
        db = await Database.open(dsn, size=2)
        workspace = await create_workspace(db, _SLUG, "Who")
        with clock.frozen(world.NOW):
            async with db.tx(workspace) as tx:
                firm = await world.treated(tx, segment="enterprise")
                await world.edge(tx, "bought", firm, 777)
                ana, ben = await world.persona(tx, "ana", firm), await world.persona(tx, "ben", firm)
                await world.edge(tx, "praised", ana, 900)
                await world.signal(tx, "praised", ana, 900, quote="Best \x1b[31mtool we have.")
                await world.edge(tx, "referred", ben, 901)
                await world.moment(tx, ana, firm, strength=1.0)
                await decisions.readiness_step(tx, world.NOW)
        await db.close()

    asyncio.run(make())


@pytest.fixture(autouse=True)
def store(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.setattr(clock, "now", lambda: world.NOW)


def said(*words: str) -> str:
    found = CliRunner().invoke(root, [*words, "--workspace", _SLUG])
    assert found.exit_code == 0, (found.output, found.exception)
    return found.output


def test_who_why_what_and_when_can_be_read_aloud() -> None:
    shown = said("who")
    assert "1. Ana Lima, VP Operations at Firm" in shown
    assert "readiness" in shown
    assert "Why   Rated 5/5 on an urgent ticket, 24 hours ago." in shown
    assert '"Great help!"  [Zendesk #48211]' in shown
    assert "What  " in shown
    assert "It is what we offer to Enterprise: segment is enterprise." in shown
    assert "When  Now, until 2026-03-14" in shown
    assert "never asked before" in shown
    assert "\x1b" not in shown
    assert max(len(line) for line in shown.splitlines()) <= 130


def test_json_holds_the_same_sentences() -> None:
    found = json.loads(said("who", "--json"))
    assert len(found) == 1
    assert {"why", "what", "when", "stage", "readiness"} <= found[0].keys()
    assert found[0]["when"]["at"] == "now"
    assert all(s["sentence"] for s in found[0]["why"])


def test_the_graph_is_asked_in_plain_english() -> None:
    shown = said("graph", "ask", "who should I ask now?")
    assert shown.startswith("Whom to ask for a referral now")
    assert "Ana Lima" in shown
    assert "\x1b" not in shown
    why = said("graph", "ask", "why should I ask Ana Lima")
    assert "Of 1 person around them, one referred somebody (Ben Lima)." in why
    assert "now" in said("graph", "ask", "when should I ask Ana Lima")
    assert "worth an ask" in said("graph", "ask", "what should I offer Ana Lima")
    assert "No moment of theirs is known yet" in said("graph", "ask", "when should I ask Ben Lima")
