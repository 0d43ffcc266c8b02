"""Readiness: the formula as values, the batch against the database, what it says and what it leaves out."""

from datetime import timedelta

import numpy as np
import pytest

from honeyguide import decisions
from honeyguide.db import Database, Tx
from honeyguide.decisions import network, readiness_tables
from honeyguide.decisions import readiness_parts as parts
from honeyguide.decisions.moment_free import People, of_brain, of_factor
from honeyguide.graph import segments
from honeyguide.programs import Effect, Factor
from tests.unit.decisions.brain.small import brain, people
from tests.unit.decisions.world import NOW, company, edge, persona, signal


def columns(**given: float) -> parts.Columns:
    """A person of whom nothing special is known, but for what is given."""
    plain = dict.fromkeys(parts.Columns.__struct_fields__, 0.0) | given
    return parts.Columns(**{k: np.full(1, v) for k, v in plain.items()})


def test_nobody_special_stands_in_the_middle() -> None:
    found = parts.score(columns())
    assert found.score[0] == pytest.approx(50)
    assert found.low[0] == found.high[0] == found.score[0]
    assert not found.points.any()


def test_points_add_up_and_the_interval_holds_the_score() -> None:
    rng = np.random.default_rng(7)
    made = parts.Columns(
        logit=rng.normal(size=500), variance=rng.uniform(0, 0.2, 500), share=rng.uniform(0, 1, 500),
        satisfaction=rng.uniform(-1, 1, 500), influence=rng.uniform(0, 1, 500), prospects=rng.uniform(0, 50, 500),
        hits=rng.uniform(0, 5, 500), seen=rng.uniform(5, 40, 500), asks=rng.uniform(0, 5, 500),
    )  # fmt: skip
    found = parts.score(made)
    assert np.allclose(found.points.sum(axis=0), found.score - 50, atol=1e-6)
    assert (found.low <= found.score).all()
    assert (found.score <= found.high).all()
    assert (found.high - found.low > 0.5).all()


@pytest.mark.parametrize(
    ("part", "better", "worse"),
    [
        ("satisfaction", 0.9, -0.9), ("influence", 0.9, 0.0), ("prospects", 9.0, 0.0), ("hits", 3.0, 0.0),
        ("asks", 0.0, 2.0), ("logit", 0.5, -0.5),
    ],
)  # fmt: skip
def test_each_part_moves_the_score_its_way(part: str, better: float, worse: float) -> None:
    high, low = (parts.score(columns(**({"seen": 10.0} | {part: value}))).score[0] for value in (better, worse))
    assert high > low + 1


def test_one_hit_of_one_neighbour_is_no_miracle() -> None:
    excess = parts.neighbour_excess(np.array([1.0, 5.0, 0.0, 0.0]), np.array([1.0, 10.0, 0.0, 30.0]))
    assert excess[0] < excess[1]
    assert excess[2] == pytest.approx(0)  # nothing seen says nothing
    assert excess[3] < 0


async def furnished(tx: Tx) -> dict[str, int]:
    """Acme: Ana praised us, knows Fay who left for a company that is no customer; Ben referred Cleo; Dan complained."""
    made = {
        "acme": await company(tx, "acme", segment="enterprise", industry="Banking"),
        "beta": await company(tx, "beta"),
    }
    await edge(tx, "bought", made["acme"], 777)
    for name in ("ana", "ben", "dan"):
        made[name] = await persona(tx, name, made["acme"])
    made["fay"] = await persona(tx, "fay", made["beta"])
    await edge(tx, "works_at", made["fay"], made["acme"], ended=NOW - timedelta(days=30))
    made["cleo"] = await persona(tx, "cleo", made["beta"])
    for kind, src, dst in (("praised", "ana", 900), ("complained_of", "dan", 900), ("referred", "ben", made["cleo"])):
        await edge(tx, kind, made[src], dst)
        await signal(tx, kind, made[src], dst, quote=f"{kind} by {src}")
    return made


async def test_the_batch_scores_customers_and_nobody_else(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await furnished(tx)
        changed = await decisions.readiness_step(tx, NOW)
        assert changed == {made[k] for k in ("ana", "ben", "dan")}  # Fay and Cleo are at no customer
        assert await decisions.readiness_step(tx, NOW) == set()
        found = await decisions.readiness_of(tx, [made[k] for k in ("ana", "ben", "dan", "fay")], NOW)
    assert made["fay"] not in found
    ana, dan = found[made["ana"]], found[made["dan"]]
    assert ana.score > dan.score
    assert (ana.segment, ana.vertical) == ("enterprise", "fintech")
    told = {c.feature: c for c in ana.contributions}
    assert "Praised us" in told["satisfaction"].text
    assert told["satisfaction"].evidence[0].quote == "praised by ana"
    assert "Fay Lima at Beta" in told["reach"].text
    assert told["reach"].weight > 0
    assert told["neighbours"].text == "Of 2 people around them, one referred somebody (Ben Lima)."
    assert sum(c.weight for c in ana.contributions) == pytest.approx(ana.score - 50, abs=0.4)
    assert "omplained" in {c.feature: c for c in dan.contributions}["satisfaction"].text
    assert "influence" not in told  # nothing is known of it, so nothing is said


async def test_neighbours_are_counted_as_they_are_named(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await furnished(tx)
        people = [made[k] for k in ("ana", "ben", "dan", "fay", "cleo")]
        await edge(tx, "colleague_of", made["ana"], made["ben"])  # a tie and a colleague: one neighbour
        await edge(tx, "influences", made["cleo"], made["dan"])
        await edge(tx, "works_at", made["dan"], made["beta"])  # two jobs
        counted = await decisions.neighbours(tx, people, NOW)
        named = await network.around(tx, people, NOW)
        numbers = await network.counts(tx, people, NOW)
    for i, p in enumerate(people):
        assert counted[p]["seen"] == len(named[p].seen), p
        assert counted[p]["hits"] == len(named[p].hits), p
        assert numbers.prospects[i] == len(named[p].prospects), p
    assert counted[made["ana"]] == {"hits": 1.0, "seen": 2.0}


async def test_what_is_to_come_is_not_known(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await furnished(tx)
        then = NOW - timedelta(days=301)  # a day before any edge began
        assert await decisions.neighbours(tx, [made["ana"]], then) == {made["ana"]: {"hits": 0.0, "seen": 0.0}}
        assert await decisions.readiness_step(tx, then) == set()


async def test_who_may_never_be_asked_is_not_ready(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await company(tx, "acme")
        await edge(tx, "bought", firm, 777)
        quiet = await persona(tx, "quiet", firm, do_not_contact=True)
        left = await persona(tx, "left")
        await edge(tx, "works_at", left, firm, ended=NOW - timedelta(days=3))
        await edge(tx, "praised", left, 900)
        await edge(tx, "opened", left, 901)
        await decisions.readiness_step(tx, NOW)
        found = await decisions.readiness_of(tx, [quiet, left], NOW)
    assert found[quiet].score == found[left].score == 0
    assert "not to be contacted" in found[quiet].barred
    assert found[left].barred == "They no longer work where we knew them."


async def test_rows_follow_what_changes(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await furnished(tx)
        await decisions.readiness_step(tx, NOW)
        before = (await decisions.readiness_of(tx, [made["dan"]], NOW))[made["dan"]].score
        await edge(tx, "praised", made["dan"], 901)
        await edge(tx, "praised", made["dan"], 902)
        assert await decisions.readiness_step(tx, NOW, [made["dan"]]) == {made["dan"]}
        assert (await decisions.readiness_of(tx, [made["dan"]], NOW))[made["dan"]].score > before
        await tx.run("delete from node where workspace_id = $1 and id = $2", workspace, made["dan"])
        assert await decisions.readiness_step(tx, NOW) == {made["dan"]}
        assert await decisions.readiness_of(tx, [made["dan"]], NOW) == {}


async def test_a_partial_step_and_a_full_pass_agree(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await furnished(tx)
        await decisions.readiness_step(tx, NOW, [made["ana"]])
        await decisions.readiness_step(tx, NOW, [made["dan"], made["ben"]])
        partial = {r["persona"]: tuple(r["amounts"]) for r in await readiness_tables.rows_of(tx, made.values())}
        await tx.run("delete from readiness where workspace_id = $1", workspace)
        await decisions.readiness_step(tx, NOW)
        assert {r["persona"]: tuple(r["amounts"]) for r in await readiness_tables.rows_of(tx, made.values())} == partial


async def test_lists_page_filter_and_count(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await furnished(tx)
        await decisions.readiness_step(tx, NOW)
        first, total = await decisions.top(tx, limit=2)
        rest, _ = await decisions.top(tx, after=(first[-1].score, first[-1].persona), limit=2)
        assert total == 3
        assert {a.persona for a in (*first, *rest)} == {made[k] for k in ("ana", "ben", "dan")}
        assert [a.score for a in (*first, *rest)] == sorted((a.score for a in (*first, *rest)), reverse=True)
        found, many = await decisions.top(tx, readiness_tables.Filters(q="ben"))
        assert [a.name for a in found] == ["Ben Lima"]
        assert many == 1
        assert (await decisions.top(tx, readiness_tables.Filters(segment="partner")))[1] == 0
        assert (await decisions.top(tx, readiness_tables.Filters(stage="advocacy")))[1] == 1


async def test_segments_speak_of_readiness_and_stay_live(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        made = await furnished(tx)
        await decisions.readiness_step(tx, NOW)
        ana = (await decisions.readiness_of(tx, [made["ana"]], NOW))[made["ana"]].score
        ready = await segments.create(
            tx, "Ready", {"type": "score", "name": "readiness", "at_least": ana - 1, "at_most": 100}, "me"
        )
        brought = await segments.create(
            tx, "Brought in", {"type": "score", "name": "readiness", "words": ["advocacy"]}, "me"
        )
        assert made["ana"] in {m.persona for m in await segments.members(tx, ready.id)}
        assert {m.persona for m in await segments.members(tx, brought.id)} == {made["ben"]}
        assert (await segments.preview(tx, {"type": "not", "of": {"type": "score", "name": "readiness"}})).count == 2
        await edge(tx, "complained_of", made["ana"], 900)
        await edge(tx, "complained_of", made["ana"], 901)
        changed = await decisions.readiness_step(tx, NOW, [made["ana"]])
        moved = await segments.segments_step(tx, changed)
        assert moved[ready.id][1] == {made["ana"]}


def test_what_a_brain_learned_of_a_person_is_its_coefficients_with_their_covariance() -> None:
    """Against the long way: a vector of every coefficient, and the covariance as a whole."""
    learned = brain(-2.0)
    rows, _, _ = people(300, seed=3)
    learned.learn_shares(rows, np.arange(300) % learned.design.n_actions, (np.arange(300) % 3 == 0).astype(np.float64))
    snapshot = learned.snapshot()
    dimension = next(iter(snapshot.schema.context))
    words = [*snapshot.schema.context[dimension][:2], "a word nobody knew"]
    found = of_brain(snapshot, People({dimension: words, "no such dimension": words}, np.zeros(3), np.zeros(3)))
    covariance = snapshot.share_root @ snapshot.share_root.T
    for i, word in enumerate(words):
        x = np.zeros(len(snapshot.share_mean))
        x[learned.design.blocks[dimension].start + snapshot.schema.code(dimension, word)] = 1.0
        assert found.logit[i] == pytest.approx(x @ snapshot.share_mean)
        assert found.variance[i] == pytest.approx(x @ covariance @ x)
    assert ((found.share > 0) & (found.share < 1)).all()


def test_a_playbook_s_beliefs_are_read_the_same_way() -> None:
    factor = Factor(
        0.11, 0.2, {"group:partner": Effect(0.5, 0.2), "tenure": Effect(0.1, 0.05), "praised": Effect(9.0, 0.1)}
    )
    found = of_factor(factor, People({"group": ["partner", "small-business"]}, np.array([2.0, 9.0]), np.zeros(2)))
    assert found.logit.tolist() == pytest.approx([0.7, 0.3])  # three years count at most, praise is a part of its own
    assert found.variance.tolist() == pytest.approx([0.05, 0.0225])
    assert found.share[0] > found.share[1] > 0.11
