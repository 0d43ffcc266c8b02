"""Paths, colleagues, users, buying groups, footprints, counts and ranks equal plain Python over the raw rows.

The rows hold every trap: ended and re-opened edges, edges not begun yet, edges nobody believes, and the same ids in another
workspace with everything the other way round.
"""

import math
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from honeyguide import graph
from honeyguide.core.errors import BadInput
from honeyguide.db import Database
from honeyguide.graph import measures
from honeyguide.graph.beliefs import Assertion, Belief
from honeyguide.graph.kinds import EDGE, EDGE_NAME, HALF_LIFE_DAYS, NODE
from honeyguide.graph.tables import NodeRow, write_assertions, write_edges, write_nodes
from tests.properties.worlds import START

AT = START + timedelta(days=100)
PEOPLE, FIRMS, PRODUCTS, ROLES = range(1, 31), range(101, 106), range(201, 204), range(301, 307)
_ROLE_KEYS = (
    "executive/any",
    "vp/engineering",
    "director/it",
    "individual/engineering",
    "individual/any",
    "owner:crm:olga",
)
_ENDS = {
    "works_at": (PEOPLE, FIRMS), "holds_role": (PEOPLE, ROLES), "reports_to": (PEOPLE, PEOPLE),
    "colleague_of": (PEOPLE, PEOPLE), "influences": (PEOPLE, PEOPLE), "champion_of": (PEOPLE, PRODUCTS),
    "blocks": (PEOPLE, PRODUCTS), "uses": (range(1, 106), PRODUCTS), "power_user_of": (PEOPLE, PRODUCTS),
    "adopted": (FIRMS, PRODUCTS), "subscribed_to": (FIRMS, PRODUCTS), "praised": (PEOPLE, PRODUCTS),
    "complained_of": (PEOPLE, PRODUCTS), "evaluated": (range(1, 106), PRODUCTS), "referred": (PEOPLE, PEOPLE),
    "introduced": (PEOPLE, PEOPLE), "member_of": (FIRMS, FIRMS),
}  # fmt: skip
Rows = list[dict[str, Any]]


def _edges(rng: random.Random, n: int) -> dict[tuple[int, int, int], tuple[Belief, datetime]]:
    made = {}
    for _ in range(n):
        kind = rng.choice([*_ENDS, "works_at", "works_at", "uses", "holds_role"])
        sources, targets = _ENDS[kind]
        src, dst = rng.choice(sources), rng.choice(targets)
        if src == dst or (31 <= src <= 100):
            continue
        start = START + timedelta(days=rng.choice([0, 20, 50, 150]))
        end = start + timedelta(days=rng.choice([20, 90])) if rng.random() < 0.25 else None
        earlier = ((START - timedelta(days=200), START + timedelta(days=rng.choice([-90, 105]))),)
        seen = start + timedelta(days=rng.choice([0, 10, 40]))
        belief = Belief(
            rng.choice([0.3, 0.6, 0.9, 0.98]), start, end, earlier if rng.random() < 0.2 else (), seen, 1, "rule", {}
        )
        made[EDGE[kind], src, dst] = (belief, START)
    return made


def _nodes() -> list[NodeRow]:
    def row(i: int, kind: str, key: str, **props: Any) -> NodeRow:
        return NodeRow(i, NODE[kind], key, props.pop("name", key), props, {}, START, START)

    return [
        *(row(i, "persona", f"crm:{i}", name=f"Person {i}", title=f"T{i}", company=str(101 + i % 5)) for i in PEOPLE),
        *(row(i, "company", f"crm:{i}", name=f"Firm {i}") for i in FIRMS),
        *(row(i, "product", f"p{i}", name=f"Product {i}") for i in PRODUCTS),
        *(row(i, "role", key, name=key) for i, key in zip(ROLES, _ROLE_KEYS, strict=True)),
    ]


async def _world(db: Database, workspace: int, other: int, seed: int, n: int = 400) -> Rows:
    """The believed edges that hold at AT, as plain rows with what is left of their belief."""
    rng = random.Random(seed)
    made = _edges(rng, n)
    async with db.tx(workspace) as tx:
        await write_nodes(tx, _nodes())
        await write_edges(tx, made)
    async with db.tx(other) as tx:
        await write_nodes(tx, _nodes())
        await write_edges(tx, _edges(random.Random(seed + 1_000), n))
    rows = []
    for (kind, src, dst), (b, _) in made.items():
        spans = [*b.earlier, (b.valid_from, b.valid_to)]
        if b.confidence >= 0.5 and any(s <= AT and (e is None or e > AT) for s, e in spans):
            rows.append({"kind": EDGE_NAME[kind], "src": src, "dst": dst, "left": _left(kind, b), "from": b.valid_from})
    assert len(rows) > n / 4
    assert len(rows) < len(made)
    return rows


def _left(kind: int, b: Belief) -> float:
    half_life = HALF_LIFE_DAYS.get(kind)
    age = max(0.0, (AT - b.last_seen_at).total_seconds() / 86_400)
    odds = math.log(b.confidence / (1 - b.confidence))
    return 1 / (1 + math.exp(-odds * (0.5 ** (age / half_life) if half_life else 1.0)))


def _pairs(rows: Rows, *kinds: str) -> set[tuple[int, int]]:
    return {(r["src"], r["dst"]) for r in rows if r["kind"] in kinds}


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_path_is_shortest_and_of_those_the_surest(
    db: Database, workspace: int, other_workspace: int, seed: int
) -> None:
    rows = await _world(db, workspace, other_workspace, seed, 220)
    kinds = ("referred", "introduced", "influences", "reports_to", "colleague_of", "works_at", "member_of")
    links: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for r in rows:
        if r["kind"] in kinds:
            links[r["src"]].append((r["dst"], r["left"]))
            links[r["dst"]].append((r["src"], r["left"]))
    lengths = set()
    for start in [*PEOPLE[:12], 101]:
        best: dict[int, tuple[int, float]] = {start: (0, 1.0)}
        front = {start}
        for depth in (1, 2, 3):
            reached: dict[int, float] = defaultdict(float)
            for here in front:
                for there, left in links[here]:
                    if there not in best:
                        reached[there] = max(reached[there], best[here][1] * left)
            best |= {there: (depth, sure) for there, sure in reached.items()}
            front = set(reached)
        for goal in [*PEOPLE, *FIRMS]:
            async with db.tx(workspace, pool="traverse") as tx:
                found = await graph.path_between(tx, start, goal, at=AT)
            depth, sure = best.get(goal, (0, 1.0))
            assert len(found) == depth
            assert math.prod(h.confidence for h in found) == pytest.approx(sure, abs=2e-3)
            here = start
            for hop in found:
                assert here in (hop.src, hop.dst)
                here = hop.dst if here == hop.src else hop.src
            assert here == (goal if found else start)
            lengths.add(len(found))
    assert lengths >= {0, 1, 2, 3}


async def test_every_hop_shows_its_surest_words(db: Database, workspace: int, other_workspace: int) -> None:
    await _world(db, workspace, other_workspace, 3, 150)
    made = {
        (EDGE["influences"], 1, 2): (Belief(0.9, START, None, (), START, 1, "rule", {}), START),
        (EDGE["works_at"], 2, 199): (Belief(0.9, START, None, (), START, 1, "rule", {}), START),
    }

    def said(kind: str, src: int, dst: int, sure: float, quote: str, **more: Any) -> Assertion:
        return Assertion(
            kind=EDGE[kind], src=src, dst=dst, confidence=sure, valid_from=START, inferrer="notes", inferrer_version="1",
            subject=src, source="crm", quote=quote, source_ref=f"note {quote}", key=quote, **more,
        )  # fmt: skip

    words = [
        said("influences", 1, 2, 0.8, "asks her"), said("influences", 1, 2, 0.95, "does as she says"),
        said("influences", 1, 2, 0.97, "does not listen", supports=False), said("influences", 2, 1, 0.99, "the other way"),
    ]  # fmt: skip
    async with db.tx(workspace) as tx:
        await write_edges(tx, made)
        await write_assertions(tx, [graph.beliefs.identified(a) for a in words], START)
    async with db.tx(workspace, pool="traverse") as tx:
        found = await graph.warm_path(tx, 1, 199, at=START)
    assert [(h.kind, h.quote, h.source_ref, h.inferrer) for h in found] == [
        ("influences", "does as she says", "note does as she says", "notes"), ("works_at", "", "", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", [4, 5])
async def test_colleagues_equal_brute_force(db: Database, workspace: int, other_workspace: int, seed: int) -> None:
    rows = await _world(db, workspace, other_workspace, seed)
    works, said = _pairs(rows, "works_at"), _pairs(rows, "colleague_of")
    sure = {(r["kind"], r["src"], r["dst"]): r["left"] for r in rows}
    some = 0
    for who in PEOPLE:
        together = {(c, f) for w, f in works if w == who for c, g in works if g == f and c != who}
        stated = {d for s, d in said if s == who} | {s for s, d in said if d == who}
        async with db.tx(workspace, pool="traverse") as tx:
            found = await graph.colleagues_of(tx, who, at=AT)
        assert [c.persona for c in found] == sorted({c for c, _ in together} | stated)
        for c in found:
            shared = {f for x, f in together if x == c.persona}
            assert {e.dst for e in c.edges if e.kind == "works_at"} == shared
            chances = [sure["works_at", who, f] * sure["works_at", c.persona, f] for f in shared]
            chances += [
                sure[k] for k in (("colleague_of", who, c.persona), ("colleague_of", c.persona, who)) if k in sure
            ]
            assert c.confidence == pytest.approx(max(chances), abs=2e-3)
            assert c.name == f"Person {c.persona}"
        some += len(found)
    assert some > 0


@pytest.mark.parametrize("seed", [6, 7])
async def test_users_equal_brute_force_page_by_page(
    db: Database, workspace: int, other_workspace: int, seed: int
) -> None:
    rows = await _world(db, workspace, other_workspace, seed)
    uses, power, works = _pairs(rows, "uses"), _pairs(rows, "power_user_of"), _pairs(rows, "works_at")
    for product in PRODUCTS:
        everybody = sorted(s for s, d in uses if d == product)
        pages: list[int] = []
        while True:
            async with db.tx(workspace, pool="traverse") as tx:
                page = await graph.who_uses(tx, product, at=AT, limit=4, after=pages[-1] if pages else 0)
            assert all((u.power > 0) is ((u.id, product) in power) for u in page)
            pages += [u.id for u in page]
            if len(page) < 4:
                break
        assert pages == [i for i in everybody if i in PEOPLE]
        async with db.tx(workspace, pool="traverse") as tx:
            assert [u.id for u in await graph.who_uses(tx, product, kind="any", at=AT)] == everybody
            assert [u.id for u in await graph.who_uses(tx, product, kind="company", at=AT)] == [
                i for i in everybody if i in FIRMS
            ]
            for firm in FIRMS:
                found = await graph.who_uses(tx, product, company=firm, at=AT)
                assert [u.id for u in found] == [i for i in everybody if (i, firm) in works]


@pytest.mark.parametrize("seed", [8, 9])
async def test_a_buying_group_equals_brute_force(db: Database, workspace: int, other_workspace: int, seed: int) -> None:
    rows = await _world(db, workspace, other_workspace, seed, 600)
    roles = set()
    for firm in FIRMS:
        async with db.tx(workspace, pool="traverse") as tx:
            found = await graph.buying_group(tx, firm, at=AT, influence={1: 0.5})
        assert sorted(m.persona for m in found.members) == sorted(s for s, d in _pairs(rows, "works_at") if d == firm)
        assert not found.truncated
        levels = {m.persona: _level(rows, m.persona) for m in found.members}
        signs = 4 if any(level >= 4 for level, _ in levels.values()) else 3
        for m in found.members:
            own = {k: [r for r in rows if r["kind"] == k and r["src"] == m.persona] for k in _ENDS}
            assert (m.level, m.department) == levels[m.persona]
            assert m.buying_role == _part(own, *levels[m.persona], signs)
            assert {(r.kind, r.src, r.dst) for r in m.why} <= {(r["kind"], r["src"], r["dst"]) for r in rows}
            assert bool(m.why) is bool(m.buying_role)
            assert set(m.uses) == {f"Product {r['dst']}" for r in own["uses"]}
            assert m.influence == (0.5 if m.persona == 1 else None)
            if own["blocks"] and not own["champion_of"]:
                assert m.stance == "against"
            roles.add(m.buying_role)
    assert roles >= {"blocker", "champion", "economic buyer", "technical evaluator"}


def _level(rows: Rows, persona: int) -> tuple[int, str]:
    level = {"executive": 5, "vp": 4, "director": 3, "individual": 1}
    held = []
    for r in rows:
        if r["kind"] == "holds_role" and r["src"] == persona and r["dst"] != ROLES[-1]:
            seniority, department = _ROLE_KEYS[r["dst"] - ROLES[0]].split("/")
            held.append((r["from"], level[seniority], r["dst"], "" if department == "any" else department))
    _, best, _, department = max(held, default=(AT, 0, 0, ""))
    return best, department


def _part(own: dict[str, Rows], level: int, department: str, signs: int) -> str:
    if own["blocks"] or own["champion_of"]:
        return "blocker" if len(own["blocks"]) > len(own["champion_of"]) else "champion"
    if level >= signs:
        return "economic buyer"
    if department in ("engineering", "it") or own["evaluated"]:
        return "technical evaluator"
    return "user" if own["uses"] or own["power_user_of"] else ""


@pytest.mark.parametrize("seed", [10, 11])
async def test_a_footprint_equals_brute_force(db: Database, workspace: int, other_workspace: int, seed: int) -> None:
    rows = await _world(db, workspace, other_workspace, seed)
    for firm in FIRMS:
        async with db.tx(workspace, pool="traverse") as tx:
            found = {f.product: f for f in await graph.product_footprint(tx, firm, at=AT)}
        staff = {s for s, d in _pairs(rows, "works_at") if d == firm}
        kinds = ("adopted", "bought", "subscribed_to", "renewed", "evaluated", "uses")
        own = {(r["kind"], r["dst"]) for r in rows if r["src"] == firm and r["kind"] in kinds}
        theirs = {
            kind: {p: {s for s, d in _pairs(rows, kind) if d == p and s in staff} for p in PRODUCTS}
            for kind in ("uses", "power_user_of", "champion_of", "blocks", "complained_of")
        }
        wanted = {d for _, d in own} | {p for by in theirs.values() for p, who in by.items() if who}
        assert set(found) == wanted
        for p, f in found.items():
            assert {(e.kind, e.dst) for e in f.edges} == {one for one in own if one[1] == p}
            assert (f.users, f.power_users) == (len(theirs["uses"][p]), len(theirs["power_user_of"][p]))
            assert (f.champions, f.blockers) == (sorted(theirs["champion_of"][p]), sorted(theirs["blocks"][p]))
            assert f.unhappy == sorted(theirs["complained_of"][p])


@pytest.mark.parametrize("seed", [12, 13])
async def test_counts_in_a_window_equal_brute_force(
    db: Database, workspace: int, other_workspace: int, seed: int
) -> None:
    await _world(db, workspace, other_workspace, seed)
    async with db.tx(workspace) as tx:
        stored = await tx.rows("select * from edge where workspace_id = $1 and confidence >= 0.5", workspace)
    since, until = START + timedelta(days=20), START + timedelta(days=70)
    for around in (None, 1, 101, 201):
        async with db.tx(workspace, pool="traverse") as tx:
            found = await graph.counts_in_window(tx, list(_ENDS), since, until=until, around=around)
        for c in found:
            mine = [r for r in stored if EDGE_NAME[r["kind"]] == c.kind and around in (None, r["src"], r["dst"])]
            assert (c.began, c.ended, c.seen) == tuple(
                sum(r[column] is not None and since <= r[column] < until for r in mine)
                for column in ("valid_from", "valid_to", "last_seen_at")
            )
    with pytest.raises(BadInput):
        await graph.counts_in_window(tx, ["nonsense"], since)


@pytest.mark.parametrize("score", list(measures.SCORES))
async def test_ranks_equal_brute_force(db: Database, workspace: int, other_workspace: int, score: Any) -> None:
    rows = await _world(db, workspace, other_workspace, 14, 600)
    for firm in (None, 101):
        staff = {s for s, d in _pairs(rows, "works_at") if d == firm}
        sums: dict[int, list[float]] = defaultdict(list)
        for kind, side in measures.SCORES[score]:
            for r in rows:
                who = r["src"] if side == "out" else r["dst"]
                if r["kind"] == kind and (firm is None or who in staff):
                    sums[who].append(r["left"])
        async with db.tx(workspace, pool="traverse") as tx:
            found = await graph.top_by(tx, score, company=firm, at=AT, limit=5)
            everybody = await graph.top_by(tx, score, company=firm, at=AT, limit=1_000)
        assert {r.persona: r.n for r in everybody} == {who: len(x) for who, x in sums.items()}
        assert [r.score for r in found] == pytest.approx(
            sorted((sum(x) for x in sums.values()), reverse=True)[:5], abs=1e-3
        )
        assert [r.score for r in found] == sorted((r.score for r in found), reverse=True)


async def test_an_unknown_score_is_refused(db: Database, workspace: int) -> None:
    async with db.tx(workspace, pool="traverse") as tx:
        with pytest.raises(BadInput):
            await graph.top_by(tx, "charm", at=datetime(2026, 1, 1, tzinfo=UTC))  # type: ignore[arg-type]
