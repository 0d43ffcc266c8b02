"""Records of experts from a log: forecasts, lift and regret are what was put in; refusals where the log cannot tell."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from honeyguide.db import Database, Tx
from honeyguide.decisions import gating
from honeyguide.learning import track, track_tables
from honeyguide.learning.track import _Case
from tests.unit.decisions.world import NOW

KEYS = ("good/email", "bad/email", "wait")
CELL = ("enterprise", "value")


def cases(count: int, seed: int = 1, *, knows: float = 0.8) -> list[_Case]:
    """A log in which `good` is shared by 30 of 100, `bad` by 5 and waiting brings 5; drawn evenly but for the floor."""
    rng = np.random.default_rng(seed)
    rate = dict(zip(KEYS, (0.30, 0.05, 0.05), strict=True))
    made = []
    for n in range(count):
        ran = dict(zip(KEYS, (0.3, 0.4, 0.3), strict=True))
        action = str(rng.choice(KEYS, p=list(ran.values())))
        experts = {
            "science": _said(dict(zip(KEYS, (0.3, 0.4, 0.3), strict=True)), None),
            "vertical": _said(dict(zip(KEYS, (knows, (1 - knows) / 2, (1 - knows) / 2), strict=True)), 0.30),
            "fool": _said(dict(zip(KEYS, (0.05, 0.9, 0.05), strict=True)), 0.9),
        }
        made.append(_Case(CELL, f"company:{n}", action, ran[action], ran, experts, bool(rng.random() < rate[action])))
    return made


def _said(distribution: dict[str, float], chance: float | None) -> dict[str, Any]:
    return {
        "distribution": distribution,
        "favourite": max(distribution, key=lambda k: distribution[k]),
        "chance": chance,
    }


def test_who_knows_is_told_from_who_does_not() -> None:
    found = {(t.expert, t.segment): t for t in track.tracks_of(cases(6_000), NOW)}
    vertical, fool, science = (found[name, ""] for name in ("vertical", "fool", "science"))
    # Followed: .8 x .30 + .2 x .05 = .25 instead of .3 x .30 + .7 x .05 = .125.
    assert vertical.lift == pytest.approx(0.125, abs=0.03)
    assert vertical.lower is not None
    assert vertical.lower > 0
    assert vertical.upper is not None
    assert vertical.lower < 0.125 < vertical.upper
    assert fool.upper is not None
    assert fool.upper < 0
    assert science.lift == pytest.approx(0.0, abs=1e-9)
    assert vertical.regret == pytest.approx(0.0)
    assert fool.regret is not None
    assert fool.regret > 0.1
    assert vertical.brier == pytest.approx(0.30 * 0.70, abs=0.03)
    assert fool.brier == pytest.approx(0.05 * 0.01 + 0.95 * 0.81, abs=0.05)
    assert science.brier is None
    assert vertical.dissents == vertical.opinions == 6_000
    assert science.dissents == 0
    assert found["vertical", "enterprise"].lift == pytest.approx(vertical.lift)


def test_a_thin_log_is_refused_and_has_no_number() -> None:
    for t in track.tracks_of(cases(60), NOW):
        assert t.refused
        assert (t.lift, t.lower, t.upper, t.regret) == (None, None, None, None)
    assert track.tracks_of([], NOW) == []


def test_looks_that_were_logged_one_in_twenty_count_for_twenty() -> None:
    """Waiting is thinned in the log; a record that forgot it would be of asks alone."""
    whole = cases(40_000, 3)
    kept = [
        _Case(
            c.cell,
            c.cluster,
            c.action,
            c.propensity,
            c.distribution,
            c.experts,
            c.came,
            20.0 if c.action == "wait" else 1.0,
        )
        for n, c in enumerate(whole)
        if c.action != "wait" or n % 20 == 0
    ]
    thinned = {t.expert: t for t in track.tracks_of(kept, NOW) if not t.segment}
    forgot = [_Case(c.cell, c.cluster, c.action, c.propensity, c.distribution, c.experts, c.came) for c in kept]
    naive = {t.expert: t for t in track.tracks_of(forgot, NOW) if not t.segment}
    assert thinned["vertical"].lift == pytest.approx(0.125, abs=0.03)
    assert "instead of 1" in naive["vertical"].refused  # without the weights there is no number at all


def test_coverage_of_the_intervals() -> None:
    """Always valid, so at least 95 in 100 at one look; here over 60 logs."""
    inside = 0
    for seed in range(60):
        t = next(t for t in track.tracks_of(cases(1_500, seed), NOW) if t.expert == "vertical" and not t.segment)
        assert t.lower is not None
        assert t.upper is not None
        inside += t.lower <= 0.125 <= t.upper
    assert inside >= 57


def test_the_gate_learns_from_the_same_log() -> None:
    scores = track.scores_of(cases(4_000))
    assert set(scores) == {CELL}
    shares = gating.hedge({n: scores[CELL][n] for n in ("science", "vertical")})
    assert shares["vertical"] > 0.8
    assert gating.hedge({n: scores[CELL][n] for n in ("science", "fool")})["fool"] < 0.2


async def _decision(tx: Tx, n: int, case: _Case, age_days: float) -> None:
    kept = [{"expert": name, "version": "1", **said} for name, said in case.experts.items()]
    await tx.run(
        "insert into decision (workspace_id, id, at, moment_id, record_id, playbook_step, stage, arm, arm_cluster, context, "
        "legal_actions, blocked, distribution, action, propensity, policy_version, seed, expected, score, score_low, score_high, reason) "
        "values ($1, gen_random_uuid(), $2, gen_random_uuid(), $3, 's', 'value', 'treated', $4, $5, $6, '[]', $7, $8, $9, 1, 1, '{}', 1, 1, 1, '')",
        tx.workspace_id, NOW - timedelta(days=age_days), n, case.cluster,
        {"experts": kept, "words": {"segment": CELL[0], "stage": CELL[1]}}, [{"action": k} for k in KEYS],
        case.distribution, case.action, case.propensity,
    )  # fmt: skip


async def test_records_are_kept_by_day_and_young_decisions_do_not_count(db: Database, workspace: int) -> None:
    made = cases(40)
    async with db.tx(workspace) as tx:
        for n, case in enumerate(made):
            await _decision(tx, n, case, 30 if n < 30 else 10)
        assert (await gating.weights(tx)).of(*CELL) == {"science": 1.0}
        first = await track.judge(tx, NOW)
        assert {t.opinions for t in first.tracks} == {30}
        assert {(t.expert, t.segment) for t in first.tracks} == {
            (e, s) for e in ("science", "vertical", "fool") for s in ("", "enterprise")
        }
        await track.judge(tx, NOW)
        assert await track_tables.count(tx, "vertical") == 2
        await track.judge(tx, NOW + timedelta(days=20))
        assert await track_tables.count(tx, "vertical") == 4
        assert [t.opinions for t in await track_tables.newest(tx, "vertical")] == [40, 40]
        assert [t.opinions for t in await track_tables.series(tx, "vertical", None, 10)] == [40, 40, 30, 30]
        assert await track_tables.trail(tx, "vertical") == 0  # refused estimates are no trail


async def test_a_decision_whose_log_does_not_hold_together_is_left_out(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await _decision(tx, 1, cases(1)[0], 30)
        odd = _Case(
            CELL,
            "company:9",
            KEYS[0],
            0.9,
            {KEYS[0]: 0.3, KEYS[1]: 0.7},
            {"science": _said({KEYS[0]: 1.0}, None)},
            False,
        )
        await _decision(tx, 2, odd, 30)
        assert {t.opinions for t in (await track.judge(tx, NOW)).tracks} == {1}
