"""Segments: what is wrong with a condition is said, nothing a user typed reaches the SQL, members come and go with dates."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import asyncpg
import pytest

from honeyguide import graph
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.db import Database, Tx
from honeyguide.graph import segments
from honeyguide.graph.beliefs import Belief
from honeyguide.graph.kinds import EDGE, NODE
from honeyguide.graph.segment_conditions import KINDS, Company, Comparison, Edges, Property, dump, parse
from honeyguide.graph.segment_sql import compiled
from honeyguide.graph.tables import NodeRow, delete_nodes, write_edges, write_nodes
from honeyguide.graph.vocabulary import EdgeKind, core
from tests.house.sql_lint import Statement, lint

NOW = datetime(2026, 6, 1, tzinfo=UTC)
USES: dict[str, Any] = {"type": "edges", "kind": "uses", "keys": ["product:dispatch"]}
NASTY = "'; drop table node; -- $1 %s {x} \" \\ ${jndi}"


def _deep(n: int) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "property", "name": "a"}
    for _ in range(n):
        found = {"type": "not", "of": found}
    return found


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"type": "edges", "kind": "usess"}, "Did you mean 'uses'?"),
        ({"type": "edges", "kind": NASTY}, "There is no kind of edge"),
        ({"type": "all", "of": [{"type": "any", "of": [{"type": "edges", "kind": "x"}]}]}, "At $.of[0].of[0]: There is no kind"),
        ({"type": "maybe"}, "maybe"),
        ({"type": "property"}, "name"),
        ({"type": "property", "name": "a", "surprise": 1}, "surprise"),
        ({"type": "property", "name": ""}, "1 to 500 characters"),
        ({"type": "property", "name": "a\x00b"}, "cannot be stored"),
        ({"type": "property", "name": "a", "op": "eq", "value": "\ud800"}, "cannot be stored"),
        ({"type": "property", "name": "a", "op": "eq"}, "takes one value"),
        ({"type": "property", "name": "a", "op": "in", "value": "b"}, "takes a list"),
        ({"type": "property", "name": "a", "op": "in", "value": ["b", 10**30]}, "A number lies between"),
        ({"type": "property", "name": "a", "op": "lt", "value": True}, "not true or false"),
        ({"type": "property", "name": "a", "op": "contains", "value": 1}, "takes a text"),
        ({"type": "property", "name": "a", "op": "exists", "value": 1}, "takes no value"),
        ({"type": "property", "name": "a", "op": "gt", "value": 1e300}, "A number lies between"),
        ({"type": "edges", "kind": "uses", "nodes": ["1; select"]}, "is no id of a node"),
        ({"type": "edges", "kind": "uses", "nodes": ["9" * 30]}, "is no id of a node"),
        ({"type": "edges", "kind": "uses", "keys": ["dispatch"]}, "is no key of a node"),
        ({"type": "edges", "kind": "uses", "keys": ["planet:mars"]}, "is no key of a node"),
        ({"type": "edges", "kind": "uses", "confidence": 1}, "below 1"),
        ({"type": "edges", "kind": "uses", "at_least": 0}, "holds for everybody"),
        ({"type": "edges", "kind": "uses", "at_least": 3, "at_most": 2}, "no less than it"),
        ({"type": "edges", "kind": "uses", "within_days": 0}, "above 0"),
        ({"type": "edges", "kind": "uses", "since": "2026-03-01T00:00:00"}, "time zone"),
        ({"type": "edges", "kind": "uses", "since": "0001-01-01T00:00:00+14:00"}, "between 1900 and 2200"),
        ({"type": "edges", "kind": "uses", "since": "2026-03-01T00:00:00Z", "until": "2026-03-01T00:00:00Z"}, "lies before"),
        ({"type": "influence", "at_least": 0.5, "at_most": 0.2}, "at_least below at_most"),
        ({"type": "company", "of": {"type": "influence"}}, "cannot be asked of a company"),
        ({"type": "company", "of": {"type": "company", "of": {"type": "property", "name": "a"}}}, "works at no company"),
        (_deep(9), "8 deep"),
        ("{\"type\":\"not\",\"of\":" * 5_000 + "1" + "}" * 5_000, ""),
        ({"type": "any", "of": [{"type": "property", "name": "a"}] * 100}, "at most 60 parts"),
        ("{", ""),
        ("\"\\ud800\"", ""),
        (None, ""),
        ([], ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(said: Any, told: str) -> None:
    with pytest.raises(BadInput) as found:
        parse(said)
    assert told in found.value.detail
    assert found.value.advice


def test_the_json_form_comes_back_without_its_defaults() -> None:
    said = {"type": "all", "of": [USES, {"type": "not", "of": {"type": "influence", "at_least": 0.2}}]}
    assert dump(parse(said)) == said
    assert dump(parse(json.dumps(said))) == said


NASTIES: list[dict[str, Any]] = [
    {"type": "property", "name": NASTY, "op": op, "value": [NASTY] if op == "in" else NASTY}
    for op in ("eq", "ne", "lt", "ge", "in", "contains", "starts_with")
] + [
    {"type": "property", "name": NASTY},
    {"type": "property", "name": NASTY, "op": "gt", "value": 1.5},
    {"type": "edges", "kind": "uses", "keys": ["product:" + NASTY], "nodes": ["5"], "at_least": 2, "confidence": 0.7, "within_days": 3},
    {"type": "edges", "kind": "other", "where": [{"type": "property", "name": NASTY, "op": "eq", "value": NASTY}], "at_least": 0, "at_most": 1},
    {"type": "edges", "kind": "opened", "direction": "in", "state": "ended", "by": "began", "until": "2026-03-01T00:00:00Z"},
    {"type": "company", "of": {"type": "not", "of": {"type": "property", "name": NASTY}}},
    {"type": "influence", "at_least": 0.5},
    {"type": "influence", "at_most": 0.5},
]  # fmt: skip


@pytest.mark.parametrize("said", NASTIES)
async def test_nothing_typed_reaches_the_sql(db: Database, workspace: int, said: dict[str, Any]) -> None:
    for personas in (None, [1, 2]):
        query = compiled(parse(said), workspace, NOW, core(), personas)
        assert not {"drop", "%s", "jndi", "2026"} & set(query.sql.replace("'", " ").split())
        assert NASTY not in query.sql
        assert lint(Statement("segment", query.sql), frozenset({"node", "edge", "influence"})) == []
        async with db.tx(workspace) as tx:
            assert await tx.rows(query.sql, *query.args) == []
            await segments.preview(tx, said)


def test_the_lint_would_see_a_segment_without_its_workspace() -> None:
    query = compiled(parse(USES), 1, NOW, core())
    bad = query.sql.replace("e1.workspace_id = $1 and ", "")
    assert bad != query.sql
    assert lint(Statement("segment", bad), frozenset({"node", "edge", "influence"}))


def test_the_paper_tells_the_json_form() -> None:
    paper = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "segments.md").read_text()
    example = json.loads(re.findall(r"```json\n(.*?)```", paper, re.S)[0])
    assert dump(parse(example)) == example
    for kind in KINDS:
        assert f"`{kind.__struct_config__.tag}`" in paper
        assert [f for f in kind.__struct_fields__ if f"`{f}`" not in paper] == []
    assert [op for op in get_args(Comparison) if f"`{op}`" not in paper] == []


async def _world(tx: Tx) -> None:
    people = [NodeRow(i, NODE["persona"], f"t:{i}", f"Person {i}", {"title": "VP"}, {}, NOW, NOW) for i in range(1, 7)]
    product = NodeRow(50, NODE["product"], "dispatch", "Dispatch", {"name": "Dispatch"}, {}, NOW, NOW)
    await write_nodes(tx, [*people, product])
    await _use(tx, 1, 2, 3)


async def _use(tx: Tx, *people: int, end: datetime | None = None, seen: datetime = NOW) -> None:
    belief = Belief(0.98, seen - timedelta(days=1), end, (), seen, 1, "record", {})
    await write_edges(tx, {(EDGE["uses"], i, 50): (belief, NOW) for i in people})


async def test_members_enter_and_leave_with_dates(db: Database, workspace: int, other_workspace: int) -> None:
    with clock.frozen(NOW):
        async with db.tx(workspace) as tx:
            await _world(tx)
            made = await segments.create(tx, " Users ", USES, "ana@acme.io")
            assert (made.name, made.members, made.version, made.created_by) == ("Users", 3, 1, "ana@acme.io")
            assert [m.persona for m in await segments.members(tx, made.id)] == [1, 2, 3]
            assert [(m.persona, m.name, m.title) for m in await segments.members(tx, made.id, after=1, limit=1)] == [
                (2, "Person 2", "VP")
            ]
    later = NOW + timedelta(days=1)
    with clock.frozen(later):
        async with db.tx(workspace) as tx:
            await _use(tx, 4)
            await _use(tx, 3, end=later)
            moved = await graph.segments_step(tx, set(), [(EDGE["uses"], 4, 50), (EDGE["uses"], 3, 50)])
            assert moved == {made.id: ({4}, {3})}
            assert await graph.segments_step(tx, {3, 4, 50}) == {}
            stays = await segments.stays(tx, made.id)
            assert [(s.persona, s.entered_at, s.left_at) for s in stays[:2]] == [(3, NOW, later), (4, later, None)]
            assert await segments.of_persona(tx, 4) == [(made.id, "Users", later)]
            assert await segments.of_persona(tx, 3) == []
    async with db.tx(other_workspace) as tx:
        assert await segments.list(tx) == []
        with pytest.raises(NotFound):
            await segments.members(tx, made.id)
        with pytest.raises(NotFound):
            await segments.delete(tx, made.id)


async def test_changing_renaming_deleting(db: Database, workspace: int) -> None:
    with clock.frozen(NOW):
        async with db.tx(workspace) as tx:
            await _world(tx)
            one = await segments.create(tx, "One", USES, "ana")
            two = await segments.create(tx, "Two", Property("title", "eq", "VP"), "ana")
            assert two.members == 6
            with pytest.raises(Conflict):
                await segments.create(tx, "One", USES, "ana")
            with pytest.raises(Conflict):
                await segments.update(tx, two.id, name="One")
            with pytest.raises(BadInput):
                await segments.update(tx, two.id, condition={"type": "edges", "kind": "nothing"})
            with pytest.raises(BadInput):
                await segments.create(tx, "  ", USES, "ana")
            same = await segments.update(tx, one.id, name="First", condition=USES)
            assert (same.version, same.name, same.members) == (1, "First", 3)
            turned = await segments.update(tx, one.id, condition={"type": "not", "of": USES})
            assert (turned.version, turned.members) == (2, 3)
            assert [m.persona for m in await segments.members(tx, one.id)] == [4, 5, 6]
            assert [s.name for s in await segments.list(tx)] == ["First", "Two"]
            await segments.delete(tx, one.id)
            assert [s.name for s in await segments.list(tx)] == ["Two"]
            assert (
                await tx.value(
                    "select count(*) from segment_member where workspace_id = $1 and segment_id = $2", workspace, one.id
                )
                == 0
            )


async def test_who_is_no_persona_any_more_is_forgotten(db: Database, workspace: int) -> None:
    with clock.frozen(NOW):
        async with db.tx(workspace) as tx:
            await _world(tx)
            made = await segments.create(tx, "Users", USES, "ana")
            await delete_nodes(tx, [2])
            await graph.segments_step(tx, {2})
            assert [s.persona for s in await segments.stays(tx, made.id)] == [1, 3]


async def test_time_alone_changes_members_at_a_rebuild(db: Database, workspace: int) -> None:
    condition = {"type": "edges", "kind": "uses", "within_days": 30}
    sure = {"type": "edges", "kind": "uses", "confidence": 0.9}
    with clock.frozen(NOW):
        async with db.tx(workspace) as tx:
            await _world(tx)
            made = await segments.create(tx, "Lately", condition, "ana")
            faded = await segments.create(tx, "Surely", sure, "ana")
            assert (made.members, faded.members) == (3, 3)
    with clock.frozen(NOW + timedelta(days=61)):
        async with db.tx(workspace) as tx:
            await _use(tx, 1, seen=NOW + timedelta(days=60))
            moved = await graph.segments_rebuild(tx)
    assert moved == {made.id: (set(), {2, 3}), faded.id: (set(), {2, 3})}


async def test_what_happens_to_the_company_reaches_its_people(db: Database, workspace: int) -> None:
    """An edge of the company, and a node beside it that changes: nobody who works there was touched."""
    uses = {"type": "company", "of": {"type": "edges", "kind": "adopted"}}
    named = {
        "type": "company",
        "of": {
            "type": "edges",
            "kind": "member_of",
            "where": [{"type": "property", "name": "plan", "op": "eq", "value": "pro"}],
        },
    }
    own = {"type": "company", "of": {"type": "property", "name": "plan", "op": "eq", "value": "free"}}
    beside = {
        "type": "edges",
        "kind": "uses",
        "where": [{"type": "property", "name": "name", "op": "eq", "value": "Renamed"}],
    }
    belief = Belief(0.98, NOW, None, (), NOW, 1, "record", {})
    with clock.frozen(NOW):
        async with db.tx(workspace) as tx:
            await _world(tx)
            await write_nodes(tx, [NodeRow(i, NODE["company"], f"c:{i}", "C", {}, {}, NOW, NOW) for i in (60, 61)])
            await write_edges(
                tx, {(EDGE["works_at"], 1, 60): (belief, NOW), (EDGE["member_of"], 60, 61): (belief, NOW)}
            )
            made = [
                (await segments.create(tx, f"s{n}", said, "ana")).id
                for n, said in enumerate((uses, named, own, beside))
            ]
            await write_edges(tx, {(EDGE["adopted"], 60, 50): (belief, NOW)})
            assert await graph.segments_step(tx, set(), [(EDGE["adopted"], 60, 50)]) == {made[0]: ({1}, set())}
            await write_nodes(tx, [NodeRow(61, NODE["company"], "c:61", "C", {"plan": "pro"}, {}, NOW, NOW)])
            assert await graph.segments_step(tx, {61}) == {made[1]: ({1}, set())}
            await write_nodes(tx, [NodeRow(60, NODE["company"], "c:60", "C", {"plan": "free"}, {}, NOW, NOW)])
            assert await graph.segments_step(tx, {60}) == {made[2]: ({1}, set())}
            await write_nodes(tx, [NodeRow(50, NODE["product"], "dispatch", "R", {"name": "Renamed"}, {}, NOW, NOW)])
            assert await graph.segments_step(tx, {50}) == {made[3]: ({1, 2, 3}, set())}
            assert all(m == (set(), set()) for m in (await graph.segments_rebuild(tx)).values())


async def test_kinds_of_the_workspace_can_be_asked_for(db: Database, workspace: int, other_workspace: int) -> None:
    said = {"type": "edges", "kind": "x_mentors", "confidence": 0.6}
    with clock.frozen(NOW):
        async with db.tx(workspace) as tx:
            kind = await graph.extend(
                tx,
                EdgeKind(
                    name="x_mentors", about="Teaches.", source=("persona",), target=("persona",), half_life_days=100
                ),
            )
            await _world(tx)
            belief = Belief(0.9, NOW, None, (), NOW, 1, "record", {})
            await write_edges(tx, {(kind.code, 1, 2): (belief, NOW), (EDGE["other"], 3, 4): (belief, NOW)})
            assert (await segments.create(tx, "Mentors", said, "ana")).members == 1
            await write_edges(tx, {(kind.code, 5, 2): (belief, NOW)})
            moved = await graph.segments_step(tx, set(), [(kind.code, 5, 2)])
            assert [m[0] for m in moved.values()] == [{5}]
    async with db.tx(other_workspace) as tx:
        with pytest.raises(BadInput):
            await segments.preview(tx, said)


async def test_a_batch_and_a_new_segment_do_not_miss_each_other(db: Database, workspace: int) -> None:
    """A change that is not committed yet when a segment is made: whoever comes second waits and then sees it."""
    with clock.frozen(NOW):
        async with db.tx(workspace) as tx:
            await _world(tx)
        async with db.tx(workspace) as first:
            await _use(first, 5)
            await graph.segments_step(first, set(), [(EDGE["uses"], 5, 50)])
            async with db.tx(workspace) as second:
                await second.run("set local lock_timeout = '200ms'")
                with pytest.raises(asyncpg.LockNotAvailableError):
                    await segments.create(second, "Users", USES, "ana")
                await second.run("rollback; begin")


async def test_typed_conditions_are_checked_too(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        with pytest.raises(BadInput):
            await segments.preview(tx, Edges("nothing"))
        assert (await segments.preview(tx, Company(Edges("uses")))).count == 0


_ALLOWED = {"Index Scan", "Index Only Scan", "Function Scan", "Subquery Scan", "Result"}


@pytest.mark.parametrize("said", [USES, *NASTIES[-7:]])
async def test_a_step_asks_by_index(db: Database, workspace: int, said: dict[str, Any]) -> None:
    """Whatever the tables hold: asked of a few personas, nothing is scanned."""
    async with db.tx(workspace) as tx:
        await tx.run("select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), "
                     "set_config('enable_mergejoin', 'off', true)")  # fmt: skip
        query = compiled(parse(said), workspace, NOW, core(), [1, 2, 3])
        plan = json.loads(await tx.value("explain (format json) " + query.sql, *query.args))[0]["Plan"]
    scans = {n["Node Type"] for n in _walk(plan) if n["Node Type"].endswith("Scan")}
    assert scans <= _ALLOWED | {"Bitmap Heap Scan", "Bitmap Index Scan"}, scans


def _walk(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(n for child in plan.get("Plans", ()) for n in _walk(child))]
