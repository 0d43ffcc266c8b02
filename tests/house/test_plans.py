"""The traversals keep their plan shapes: index scans on the named partitions, whatever the planner thinks it knows."""

import json
from pathlib import Path
from typing import Any

import pytest

from honeyguide.db import Database, Tx
from honeyguide.graph import buying, footprint, ground, measures, paths, people, traverse
from honeyguide.graph.kinds import EDGE
from tests.house.sql_lint import Statement, lint, tables_of

SOURCE = Path(__file__).resolve().parents[2] / "src" / "honeyguide"
PERSONAS = 4_000
_NODES = """
insert into node (workspace_id, id, kind, key, name, first_seen_at, updated_at)
select $1::int, i, case when i <= $2::int then 1 else 2 end, 'plan:' || i, 'n' || i, '2026-01-01', '2026-01-01'
from generate_series(1, $2::int + 400) as i
"""
_EDGES = """
insert into edge (workspace_id, kind, src, dst, confidence, valid_from, valid_to, last_seen_at, support, inferrer, recorded_at)
select $1::int, $2::smallint, i, d, 0.9, '2026-01-01', case when (i + d) % 7 = 0 then timestamptz '2026-02-01' end,
  '2026-01-01', 1, 'record', '2026-01-01'
from (select i, n, case when $4::bool then 4000 + (i * 31 + n * n * 7) % 400 else 1 + (i * i + n * 977) % 4000 end as d
      from generate_series(1, 4000) as i, generate_series(1, $3::int) as n) x
on conflict do nothing
"""
# Traversal -> its statement and the arguments of an execution, as SQL literals.
_AT = "timestamptz '2026-06-01'"
TRAVERSALS = {
    "neighbourhood": (traverse.NEIGHBOURHOOD, "int, bigint, timestamptz, bigint", "{ws}, 7, " + _AT + ", 200"),
    "hub_out": (traverse.HUB["out"], "int, bigint, timestamptz, bigint", "{ws}, 7, " + _AT + ", 200"),
    "hub_in": (traverse.HUB["in"], "int, bigint, timestamptz, bigint", "{ws}, 4008, " + _AT + ", 200"),
    "as_of": (traverse.AS_OF, "int, bigint[], timestamptz, timestamptz, bigint", "{ws}, '{{7}}', " + _AT + ", " + _AT + ", 200"),
    "colleagues": (
        traverse.COLLEAGUES_OF_REFERRED_USING, "int, bigint, bigint, timestamptz, bigint", "{ws}, 7, 4008, " + _AT + ", 100",
    ),
    "warm_step": (paths.WARM_STEP, "int, bigint[], timestamptz, bigint", "{ws}, '{{7,8}}', " + _AT + ", 200"),
    "between_step": (paths.BETWEEN_STEP, "int, bigint[], timestamptz, bigint", "{ws}, '{{7,8}}', " + _AT + ", 200"),
    "grounds": (
        ground.SUREST, "int, int[], smallint[], bigint[], bigint[]", "{ws}, '{{0}}', '{{1}}', '{{7}}', '{{4008}}'",
    ),
    "colleagues_of": (people.COLLEAGUES, "int, bigint, timestamptz, bigint", "{ws}, 7, " + _AT + ", 200"),
    "who_uses": (
        people.WHO_USES, "int, bigint, timestamptz, bigint, bigint, smallint[]",
        "{ws}, 4008, " + _AT + ", 100, 0, '{{1}}'",
    ),
    "who_uses_at": (
        people.WHO_USES_AT, "int, bigint, timestamptz, bigint, bigint, bigint", "{ws}, 4008, " + _AT + ", 100, 0, 4009",
    ),
    "employed": (buying.EMPLOYED, "int, bigint, timestamptz, bigint", "{ws}, 4008, " + _AT + ", 200"),
    "telling": (buying.TELLING, "int, bigint[], timestamptz, bigint", "{ws}, '{{7,8,9}}', " + _AT + ", 20"),
    "footprint_own": (
        footprint.OWN, "int, bigint, timestamptz, bigint, smallint[]", "{ws}, 4008, " + _AT + ", 50, '{{3}}'",
    ),
    "footprint_theirs": (
        footprint.THEIRS, "int, bigint, timestamptz, bigint, smallint[], bigint",
        "{ws}, 4008, " + _AT + ", 50, '{{2}}', 200",
    ),
    "counts_around": (
        measures.COUNTS_AROUND["uses"]["in"], "int, timestamptz, timestamptz, bigint",
        "{ws}, timestamptz '2026-01-01', " + _AT + ", 4008",
    ),
    "staff": (measures.STAFF, "int, bigint, timestamptz, bigint", "{ws}, 4008, " + _AT + ", 200"),
    "top_among": (
        measures.TOP_AMONG["advocacy"], "int, timestamptz, bigint, bigint[]", "{ws}, " + _AT + ", 20, '{{7,8,9}}'",
    ),
}  # fmt: skip
# These read every edge of their kinds on purpose: only the partitions they name, by the index of the workspace.
WHOLE = {
    "counts": (measures.COUNTS["uses"], "int, timestamptz, timestamptz", "{ws}, timestamptz '2026-01-01', " + _AT),
    "top": (measures.TOP["referrals"], "int, timestamptz, bigint", "{ws}, " + _AT + ", 20"),
}
_ALLOWED = {"Index Scan", "Index Only Scan", "Function Scan", "CTE Scan", "Subquery Scan", "Result"}


@pytest.fixture
async def seeded(db: Database, workspace: int) -> int:
    """A workspace big enough for the planner to have opinions, analysed."""
    async with db.tx(workspace) as tx:
        await tx.run(_NODES, workspace, PERSONAS)
        for kind, per_node, to_company in (
            ("works_at", 1, True),
            ("uses", 3, True),
            ("referred", 2, False),
            ("opened", 2, False),
        ):
            await tx.run(_EDGES, workspace, EDGE[kind], per_node, to_company)
    async with db.admin() as owner:
        await owner.execute("analyze edge")
        await owner.execute("analyze node")
    return workspace


def _walk(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(n for child in plan.get("Plans", ()) for n in _walk(child))]


async def _plan(tx: Tx, name: str, executions: int) -> list[dict[str, Any]]:
    """The plan of the traversal's prepared statement after so many executions, as its connection really runs it."""
    sql, types, args = (TRAVERSALS | WHOLE)[name]
    call = f"execute plan_{name} ({args.format(ws=tx.workspace_id)})"
    await tx.connection.execute(f"prepare plan_{name} ({types}) as {sql}")
    try:
        for _ in range(executions):
            await tx.connection.execute(call)
        found = await tx.connection.fetchval(f"explain (format json) {call}")
    finally:
        await tx.connection.execute(f"deallocate plan_{name}")
    return _walk(json.loads(found)[0]["Plan"])


@pytest.mark.parametrize("executions", [0, 7])
async def test_traversals_use_their_indexes(db: Database, seeded: int, executions: int) -> None:
    for name in TRAVERSALS:
        async with db.tx(seeded, pool="traverse") as tx:
            plan = await _plan(tx, name, executions)
        kinds = {n["Node Type"] for n in plan}
        assert {k for k in kinds if k.endswith("Scan")} <= _ALLOWED, (name, kinds)
        assert not kinds & {"Hash Join", "Merge Join", "Hash"}, (name, kinds)
        for node in plan:
            if "Index Name" in node:
                condition = node["Index Cond"]
                assert "workspace_id" in condition, (name, condition)
                assert any(key in condition for key in ("src", "dst", "id = ")), (name, condition)


def test_every_traversal_keeps_the_rules_of_our_sql() -> None:
    """Whole: the lint over the sources sees only those parts of them that are written out."""
    schema = "\n".join(p.read_text() for p in sorted((SOURCE / "db" / "migrations" / "sql").rglob("*.sql")))
    found = [f for n, (sql, *_) in (TRAVERSALS | WHOLE).items() for f in lint(Statement(n, sql), tables_of(schema))]
    assert found == []


def test_the_driver_keeps_every_traversal_prepared() -> None:
    """asyncpg does not cache statements over 15 kB: one was planned anew at every call before it was split."""
    assert {name for name, (sql, *_) in (TRAVERSALS | WHOLE).items() if len(sql) > 15_000} == set()


async def test_the_path_touches_its_named_partitions_only(db: Database, seeded: int) -> None:
    async with db.tx(seeded, pool="traverse") as tx:
        plan = await _plan(tx, "colleagues", 7)
    assert {n["Relation Name"] for n in plan if "Relation Name" in n} == {"edge_referred", "edge_works_at", "edge_uses"}


async def test_what_reads_a_whole_kind_reads_only_that_and_only_one_workspace(db: Database, seeded: int) -> None:
    for name, partitions in (("counts", {"edge_uses"}), ("top", {"edge_referred", "node"})):
        async with db.tx(seeded, pool="traverse") as tx:
            plan = await _plan(tx, name, 7)
        assert {n["Relation Name"] for n in plan if "Relation Name" in n} == partitions
        for node in plan:
            assert node["Node Type"] != "Seq Scan", (name, node)
            if "Index Name" in node:
                assert "workspace_id" in node["Index Cond"], (name, node)


async def test_the_natural_form_would_be_caught(db: Database, seeded: int) -> None:
    """On connections without the traversal settings, the plain join scans: the check above is not blind."""
    async with db.tx(seeded) as tx:
        await tx.connection.execute("set local plan_cache_mode = force_generic_plan")
        found = await tx.connection.fetchval(
            "explain (format json) select n.name from edge e join node n on n.workspace_id = e.workspace_id and n.id = e.dst "
            f"where e.workspace_id = {seeded} and e.confidence > 0.5"
        )
    assert any(n["Node Type"] in ("Seq Scan", "Hash Join") for n in _walk(json.loads(found)[0]["Plan"]))
