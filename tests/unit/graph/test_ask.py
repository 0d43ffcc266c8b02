"""Questions in plain English: a set written before the grammar, answers from the data, and what must not work."""

import re
import time
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.db import Database, Tx, create_workspace
from honeyguide.decisions import ANSWERS
from honeyguide.graph import ask
from honeyguide.graph.ask_calls import CALLS, chosen, sentence
from honeyguide.graph.ask_grammar import readings
from honeyguide.graph.ask_names import Ref
from honeyguide.graph.ask_rows import NAMED
from tests.unit.graph.ask_world import NOW, furnish

_FILE = yaml.safe_load((Path(__file__).parents[2] / "data" / "graph_questions.yaml").read_text())
_SET, _LATER = _FILE["questions"], _FILE["later"]
FLOOR = 0.97  # of the set; what people ask outside it is fewer


class World:
    """The furnished workspace of this module."""

    def __init__(self, db: Database, workspace: int, other: int, ids: dict[str, int]) -> None:
        self.db, self.workspace, self.other, self.ids = db, workspace, other, ids

    async def understand(self, question: str, workspace: int | None = None, **more: Any) -> Any:
        async with self.db.tx(workspace or self.workspace, pool="traverse") as tx:
            return await ask.understand(tx, question, **more)

    async def answer(self, question: str) -> ask.Answer:
        async with self.db.tx(self.workspace, pool="traverse") as tx:
            asked = await ask.understand(tx, question)
            assert isinstance(asked, ask.Asked), asked
            return await ask.run(tx, asked)

    async def names(self, question: str) -> list[str]:
        """The names in the first column."""
        found = (await self.answer(question)).rows
        return [row[0].name if isinstance(row[0], Ref) else str(row[0]) for row in found]


@pytest.fixture(scope="module")
async def world(dsn: str) -> AsyncIterator[World]:
    db = await Database.open(dsn, size=4)
    number = time.monotonic_ns()
    workspace = await create_workspace(db, f"ask-{number}", "Asked")
    other = await create_workspace(db, f"ask-other-{number}", "Other")
    yield World(db, workspace, other, await furnish(db, workspace))
    await db.close()


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def _problem(found: Any, one: Mapping[str, Any], ids: Mapping[str, int]) -> str:
    """What is wrong with how a question of the set was understood; "" when nothing."""
    if one["call"] in ("none", "ambiguous"):
        if isinstance(found, ask.Asked):
            return f"understood as {found.call}"
        asks_back = found.sentence.startswith("Which")
        return "" if asks_back == (one["call"] == "ambiguous") else found.sentence
    if isinstance(found, ask.Unclear):
        return found.sentence
    if found.call != one["call"]:
        return f"{found.call} instead of {one['call']}"
    said = {k: _plain(v) for k, v in found.arguments.items()}
    want = {k: ids.get(str(v), str(v)) for k, v in one.get("args", {}).items()}
    return "" if "args" not in one or said == want else f"{said} instead of {want}"


def _plain(value: Any) -> Any:
    if isinstance(value, Ref):
        return value.id
    return value.date().isoformat() if isinstance(value, datetime) else str(value)


async def test_the_set_is_understood(world: World) -> None:
    assert len(_SET) >= 80
    assert len({one["call"] for one in _SET}) >= 15
    wrong = []
    for one in _SET:
        problem = _problem(await world.understand(one["q"]), one, world.ids)
        if problem:
            wrong.append(f"{one['q']!r}: {problem}")
    share = 1 - len(wrong) / len(_SET)
    print(f"understood {share:.1%} of {len(_SET)}")
    assert share >= FLOOR, "\n".join(wrong)


async def test_what_was_asked_later_is_understood_and_never_misread(world: World) -> None:
    missed = []
    for one in _LATER:
        found = await world.understand(one["q"])
        if isinstance(found, ask.Unclear):
            missed.append(one["q"])
        else:
            assert found.call == one["call"], one["q"]
    assert len(missed) <= 0.05 * len(_LATER), missed


async def test_every_call_has_a_question_in_the_set_and_runs(world: World) -> None:
    asked = {one["call"] for one in _SET + _LATER} - {"none", "ambiguous"}
    assert asked == set(CALLS) == set(ask.RUN) | set(ANSWERS)
    for one in _SET + _LATER:
        found = await world.understand(one["q"])
        if isinstance(found, ask.Asked):
            async with world.db.tx(world.workspace, pool="traverse") as tx:
                made = await ask.run(tx, found, 10, ANSWERS)
            assert all(len(row) == len(made.columns) for row in made.rows)
            assert len(made.edges) == len(made.rows) <= 10


async def test_answers_come_from_the_data(world: World) -> None:
    assert set(await world.names("who uses dispatch at Northwind")) == {"Northwind Logistics", "Ana Silva"}
    assert await world.names("new referrals this month") == ["Ana Silva"]
    assert await world.names("unhappy customers") == ["Carla Rossi"]
    assert await world.names("who complained at Acme Corp") == ["Carla Rossi"]
    assert (await world.answer("what does Carla Rossi think about fleet")).rows[0][:2] == [
        "complained_of", "The map is wrong again.",
    ]  # fmt: skip
    assert await world.names("who praised dispatch this quarter") == ["Ana Silva"]
    assert set(await world.names("who praised dispatch this year")) == {"Ana Silva", "Ben Okafor"}
    assert await world.names("who complained about fleet since October") == ["Carla Rossi"]
    assert await world.names("who influences Carla Rossi") == ["Ana Silva"]
    assert await world.names("whom did Ana Silva refer") == ["Carla Rossi"]
    assert await world.names("Ana Silva's direct reports") == ["Ben Okafor"]
    assert await world.names("who is Ben Okafor's boss") == ["Ana Silva"]
    assert await world.names("where does Carla Rossi work") == ["Acme Corp"]
    assert await world.names("who can introduce us to Brightwater Group") == ["Carla Rossi"]
    assert await world.names("which tickets did Ana Silva open") == ["Export is slow"]
    assert (await world.names("top advocates"))[0] == "Ana Silva"
    assert await world.names("top advocates at Acme Corp") == ["Carla Rossi"]
    assert (await world.answer("how many people praised dispatch this quarter")).rows == [[1, 1]]
    assert (
        await world.names("which companies use dispatch") == ["Acme Corp", "Northwind Logistics"]
        or len(await world.names("which companies use dispatch")) == 2
    )


async def test_an_answer_carries_its_evidence(world: World) -> None:
    answer = await world.answer("who champions dispatch")
    (edge,) = answer.edges[0]
    assert (edge.kind, edge.src, edge.dst) == ("champion_of", world.ids["Ana Silva"], world.ids["dispatch"])
    why = await world.answer("why do we think Ana Silva champions dispatch")
    assert why.rows[0][:2] == ["for", "I tell everybody to use dispatch."]


async def test_ambiguous_names_are_asked_back_with_questions_that_work(world: World) -> None:
    back = await world.understand("who influences Maria Garcia")
    assert isinstance(back, ask.Unclear)
    assert sorted(back.suggestions) == [
        "who influences Maria Garcia at Acme Corp", "who influences Maria Garcia at Northwind Logistics",
    ]  # fmt: skip
    for suggestion in back.suggestions:
        assert isinstance(await world.understand(suggestion), ask.Asked)


async def test_a_slip_of_the_pen_is_answered_with_the_name_that_was_meant(world: World) -> None:
    back = await world.understand("who uses dispath at Northwind")
    assert isinstance(back, ask.Unclear)
    assert back.suggestions[0] == "who uses dispatch at Northwind"
    back = await world.understand("buying group of Acme Crop")
    assert back.suggestions == ["buying group of Acme Corp"]


async def test_what_is_not_understood_says_what_can_be_asked(world: World) -> None:
    back = await world.understand("who is likely to churn because they are unhappy?")
    assert isinstance(back, ask.Unclear)
    assert back.sentence == "This is not a question the graph can answer."
    assert "complain" in back.suggestions[0]
    for suggestion in back.suggestions:
        assert isinstance(await world.understand(suggestion), ask.Asked), suggestion


async def test_names_are_found_by_index(world: World) -> None:
    """Under row-level security only leakproof conditions reach an index; a lookup that reads every name takes seconds."""
    async with world.db.tx(world.workspace, pool="traverse") as tx:
        await tx.run("prepare named (int, text, smallint[], int) as " + NAMED)
        rows = await tx.rows(f"explain (costs off) execute named({world.workspace}, 'ana', '{{1,2}}', 25)")
        await tx.run("deallocate named")
    plan = "\n".join(r[0] for r in rows)
    assert re.search(r"Index Scan using node_name.*\n.*Index Cond: .*name_key >= ", plan), plan
    assert "Filter: (name_key" not in plan


async def test_a_name_of_another_workspace_is_not_known(world: World) -> None:
    back = await world.understand("who influences Carla Rossi", world.other)
    assert isinstance(back, ask.Unclear)
    assert await world.understand("who influences #" + str(world.ids["Carla Rossi"]), world.other) != back
    assert isinstance(await world.understand(f"who influences #{world.ids['Carla Rossi']}", world.other), ask.Unclear)


async def test_injections_change_nothing(world: World) -> None:
    async def count(tx: Tx) -> Any:
        return await tx.row(
            "select (select count(*) from node where workspace_id = $1) as nodes, "
            "(select count(*) from edge where workspace_id = $1) as edges", tx.workspace_id
        )  # fmt: skip

    async with world.db.tx(world.workspace) as tx:
        before = await count(tx)
    for question in (
        "who influences Robert'); drop table node;--", "who uses %", "who uses _______", "who uses dispatch' or '1'='1",
        "tell me about #99999999999999999999", "tell me about #9223372036854775807", "who uses \\", "who uses \x00",
        "approve all payouts", "who works at Acme Corp; delete from edge", "what changed about {persona} since March",
    ):  # fmt: skip
        found = await world.understand(question)
        if isinstance(found, ask.Asked):
            async with world.db.tx(world.workspace, pool="traverse") as tx:
                await ask.run(tx, found)
    async with world.db.tx(world.workspace) as tx:
        assert await count(tx) == before


async def test_a_model_may_choose_a_call_and_nothing_else(world: World) -> None:
    said: list[Any] = [("who", {"relation": "uses", "target": "dispatch"})]

    async def choose(question: str, calls: Mapping[str, ask.Call]) -> Any:
        assert set(calls) == set(CALLS)
        return said[0]

    question = "folks with hands on the dispatch thing, if you please"
    found = await world.understand(question, choose=choose)
    assert isinstance(found, ask.Asked)
    assert found.arguments["target"].id == world.ids["dispatch"]
    for bad in (
        None, ("sql", {"sql": "select 1"}), ("who", {"relation": "uses", "target": "dispatch", "sql": "x"}),
        ("who", {"relation": "owns", "target": "dispatch"}), ("who", {"target": "dispatch"}), ("top", {"score": "money"}),
        ("top", {"score": "advocacy", "limit": 10**9}), ("staff", {"company": "Acme Corp", "at": "tomorrow; drop"}),
    ):  # fmt: skip
        said[0] = bad
        assert isinstance(await world.understand(question, choose=choose), ask.Unclear)
    with pytest.raises(BadInput):
        chosen("sql", {})


def test_no_question_takes_long_to_read() -> None:
    """Patterns must not explode on long, repetitive questions."""
    for text in ("who uses " + "at " * 95, "of " * 100, "who " * 75, "how many people who use " + "a at " * 50,
                 "what does " + "x does " * 40, "path from " + "a to " * 57, "'s" * 150):  # fmt: skip
        began = time.perf_counter()
        readings(text[:300], NOW)
        assert time.perf_counter() - began < 2.0, text[:40]


def test_sentences_name_everything_that_was_understood() -> None:
    ref = Ref(1, "product", "dispatch")
    for one in _SET:
        if one["call"] in ("none", "ambiguous"):
            continue
        values = {"since": NOW, "until": NOW, "at": NOW} | {
            k: v for k, v in one["args"].items() if k in ("relation", "score")
        }
        said = sentence(one["call"], dict.fromkeys(CALLS[one["call"]].names, ref) | values)
        assert re.search(r"since 2026-11-25 until before 2026-11-25 on 2026-11-25\.$", said)
        assert "dispatch" in said
