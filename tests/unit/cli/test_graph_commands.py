"""What people type about the graph, on a real store."""

import asyncio
import json
import os
import time

import pytest
from click.testing import CliRunner, Result

from honeyguide import graph
from honeyguide.cli.main import root
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, HoneyguideError, NotFound
from honeyguide.db import Database, create_workspace
from tests.unit.graph.ask_world import furnish

_SLUG = f"graph-{os.getpid()}-{time.monotonic_ns()}"


@pytest.fixture(scope="module")
def ids(dsn: str) -> dict[str, int]:
    async def make() -> dict[str, int]:
        db = await Database.open(dsn, size=2)
        workspace = await create_workspace(db, _SLUG, "Graph")
        made = await furnish(db, workspace, clock.now())
        async with db.tx(workspace) as tx:
            await tx.run(
                "update node set name = 'Insights' || chr(27) || '[31m' where workspace_id = $1 and id = $2",
                workspace, made["insights"],
            )  # fmt: skip
            await graph.segments.create(tx, "Everybody", {"type": "all", "of": []}, "test")
        await db.close()
        return made

    return asyncio.run(make())


@pytest.fixture(autouse=True)
def store(dsn: str, ids: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)


def said(*words: str) -> Result:
    return CliRunner().invoke(root, ["graph", *words, "--workspace", _SLUG])


def ok(*words: str) -> str:
    found = said(*words)
    assert found.exit_code == 0, (found.output, found.exception)
    return found.output


def problem(*words: str) -> HoneyguideError:
    found = said(*words)
    assert isinstance(found.exception, HoneyguideError), found.output
    return found.exception


def test_a_question_is_answered_with_its_reading_and_a_table() -> None:
    shown = ok("ask", "who uses dispatch at Northwind?")
    assert shown.startswith("Who: uses dispatch at Northwind Logistics.\n")
    assert "Ana Silva" in shown
    assert "confidence" in shown.splitlines()[2]
    found = json.loads(ok("ask", "who champions dispatch", "--json"))
    assert found["asked"]["call"] == "who"
    assert found["answer"]["edges"][0][0]["kind"] == "champion_of"


def test_an_unclear_question_offers_others_and_fails() -> None:
    back = said("ask", "who influences Maria Garcia")
    assert back.exit_code == 1
    assert "who influences Maria Garcia at Acme Corp" in back.output


def test_a_portrait_is_shown_with_its_quotes() -> None:
    shown = ok("show", "Ana Silva")
    assert "Head of Support at Northwind Logistics" in shown
    assert '"Brilliant, thank you!"' in shown
    assert "Ana Silva champions dispatch." in shown
    assert "works_at" in ok("show", "Northwind Logistics")
    assert isinstance(problem("show", "Nobody At All"), NotFound)
    assert "#" in problem("show", "Maria Garcia").title


def test_names_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in ok("ask", "what is Dev Patel interested in")


def test_a_path_shows_the_evidence_of_every_hop() -> None:
    shown = ok("path", "Ana Silva", "Brightwater Group")
    assert "Meet Erik." in shown
    assert "no path" in ok("path", "Ana Silva", "At Home Interiors")


def test_sql_vocabulary_and_segments() -> None:
    assert "dispatch" in ok("sql", "select name from graph_node where kind = 'product' order by name")
    refusal = problem("sql", "drop table node")
    assert isinstance(refusal, BadInput)
    assert refusal.advice
    assert "champion_of" in ok("vocabulary")
    assert "Everybody" in ok("segments")
    assert "Ana Silva" in ok("segments", "everybody")
    assert isinstance(problem("segments", "nobody"), NotFound)
