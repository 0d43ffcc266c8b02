"""A step rises on evidence only, one level at a time; harm or a tripped guard lowers it at once; what is missing is said."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from msgspec import Struct, field, structs

from honeyguide import decisions
from honeyguide.core.errors import BadInput, Forbidden
from honeyguide.db import Database, Tx
from honeyguide.decisions import autonomy, autonomy_history, gating
from honeyguide.decisions.autonomy import Budget
from honeyguide.decisions.autonomy_history import Seal
from honeyguide.decisions.label_tables import Tally
from honeyguide.learning import promotion
from honeyguide.learning.promotion_rules import Known, Proof, harmed, missing
from honeyguide.learning.sequence import Counts, difference
from tests.unit.decisions.world import NOW

SEAL = Seal([b"k" * 32])
ME, STEP = "operator:mo", "value-first"
LONG_AGO = NOW - timedelta(days=400)


class Bound(Struct, frozen=True):
    estimate: float | None
    upper: float
    limit: float


def guards(**changed: Bound) -> dict[str, Bound]:
    return {
        "opt_out": Bound(0.005, 0.02, 0.03), "complaint": Bound(0.001, 0.01, 0.02), "spend": Bound(100.0, 900.0, 1_000.0),
    } | changed  # fmt: skip


class Evidence(Struct, frozen=True):
    n: int = 2_000
    estimate: float | None = 0.05
    lower: float | None = 0.01
    upper: float | None = 0.09
    why: str = ""
    guards: dict[str, Bound] = field(default_factory=guards)


GOOD = Evidence()
TAUGHT = Tally(15, 3, 4)


def known(level: int = 0, proof: Evidence = GOOD, **more: Any) -> Known:
    since = more.pop("since", LONG_AGO if level else None)
    return Known(STEP, level, more.pop("stopped", False), since, proof, more.pop("tally", TAUGHT), **more)


NONE = Evidence(0, None, None, None, "Nobody was asked yet.")


def told(proof: Proof, whole: Proof = NONE) -> "Callable[[Tx, datetime], Any]":
    async def evidence(tx: Tx, now: datetime) -> Callable[[str], Proof]:
        return lambda step: whole if step == autonomy.WHOLE else proof

    return evidence


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_with_everything_there_nothing_is_missing(level: int) -> None:
    assert missing(known(level), NOW) == []


@pytest.mark.parametrize(("case", "says"), [
    (known(0, tally=Tally(3, 1, 2)), "People have decided about 6 of its suggestions; 20 are needed."),
    (known(0, tally=Tally(2, 1, 27)), "People approved 10 of 100"),
    (known(1, since=NOW - timedelta(days=5)), "at level 1 for 5 days; 14 are needed"),
    (known(2, structs.replace(GOOD, n=120)), "120 companies have been measured; 300 are needed."),
    (known(0, structs.replace(GOOD, lower=None, upper=None, why="Not enough yet: 3 companies.")), "Not enough yet"),
    (known(0, structs.replace(GOOD, lower=float("nan"))), "Nothing can be said"),
    (known(0, structs.replace(GOOD, lower=-0.004, upper=0.03)), "between -0.4 and +3.0 points"),
    (known(0, structs.replace(GOOD, lower=0.0)), "all of it must be above zero"),
    (known(0, structs.replace(GOOD, guards=guards(opt_out=Bound(0.01, 0.041, 0.03)))), "Opt-outs may be as high as 4.1 of 100 asks; the limit is 3.0."),
    (known(0, structs.replace(GOOD, guards=guards(spend=Bound(None, float("inf"), 1_000.0)))), "Reward money cannot be bounded yet"),
    (known(0, structs.replace(GOOD, guards={})), "not measured yet"),
    (known(1, stopped=True), "stopped"),
    (known(2, language=True, trail=3), "judged off-policy on 3 days; 4 are needed"),
    (known(4), "highest"),
])  # fmt: skip
def test_what_is_missing_is_said_in_plain_words(case: Known, says: str) -> None:
    found = missing(case, NOW)
    assert len(found) == 1
    assert says in found[0].text


def test_a_language_model_with_a_trail_may_go_on_and_below_level_three_needs_none() -> None:
    assert missing(known(2, language=True, trail=4), NOW) == []
    assert missing(known(1, language=True, trail=0), NOW) == []


@pytest.mark.parametrize(("proof", "why"), [
    (GOOD, ""),
    (structs.replace(GOOD, lower=-0.01), ""),
    (structs.replace(GOOD, lower=-0.09, upper=-0.001), "fewer referrals"),
    (structs.replace(GOOD, guards=guards(opt_out=Bound(0.031, 0.08, 0.03))), "Opt-outs are at 3.1"),
    (structs.replace(GOOD, guards=guards(spend=Bound(1_001.0, 1_400.0, 1_000.0))), "Reward money is at 10.01 per qualified referral; the limit is 10.00."),
    (structs.replace(GOOD, guards=guards(complaint=Bound(float("nan"), 1.0, 0.02))), "Complaints"),
    (structs.replace(GOOD, guards=guards(complaint=Bound(None, 1.0, 0.02))), ""),
])  # fmt: skip
def test_harm_and_guards(proof: Evidence, why: str) -> None:
    assert why in harmed(proof)
    assert bool(harmed(proof)) == bool(why)


async def taught(tx: Tx, step: str = STEP) -> None:
    """A step people have decided about often enough."""
    await tx.run(
        "insert into ask_label (workspace_id, ask_id, decision_id, step, verdict, offer_id, chosen_offer_id, action, propensity, at) "
        "select $1, gen_random_uuid(), gen_random_uuid(), $2, 'approve', 1, 1, 'x', 0.5, $3 from generate_series(1, 20)",
        tx.workspace_id, step, NOW - timedelta(days=30),
    )  # fmt: skip


async def test_the_slider_goes_as_far_as_the_evidence_and_no_further(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        nothing = told(structs.replace(GOOD, n=0, lower=None, upper=None, why="Nobody was asked yet."))
        with pytest.raises(Forbidden) as refused:
            await promotion.set_level(tx, STEP, 1, ME, NOW, nothing, seal=SEAL)
        assert "0 companies have been measured" in refused.value.detail
        assert "People have decided" in refused.value.detail
        await taught(tx)
        with pytest.raises(Forbidden):  # evidence for one rung is not evidence for two
            await promotion.set_level(tx, STEP, 2, ME, NOW, told(GOOD), seal=SEAL)
        for odd in (-1, 5, 10**9):
            with pytest.raises(BadInput):
                await promotion.set_level(tx, STEP, odd, ME, NOW, told(GOOD), seal=SEAL)
        found = await promotion.set_level(tx, STEP, 1, ME, NOW, told(GOOD), seal=SEAL)
        assert (found.level, found.max_level_now) == (1, 1)
        assert "14 are needed" in found.missing[0].text
        with pytest.raises(Forbidden):
            await promotion.set_level(tx, STEP, 2, ME, NOW, told(GOOD), seal=SEAL)
        later = NOW + timedelta(days=15)
        assert (await promotion.set_level(tx, STEP, 2, ME, later, told(GOOD), seal=SEAL)).level == 2
        bad = told(structs.replace(GOOD, lower=-0.5))
        assert (await promotion.set_level(tx, STEP, 1, ME, later, bad, seal=SEAL)).level == 1  # down needs nothing
        assert (await promotion.set_level(tx, STEP, 0, ME, later, bad, seal=SEAL)).level == 0
        assert (await autonomy_history.verify(tx, SEAL)).ok


async def test_a_review_raises_no_higher_than_its_ceiling_and_lowers_at_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await taught(tx)
        await promotion.set_level(tx, STEP, 1, ME, LONG_AGO, told(GOOD), seal=SEAL)
        assert await promotion.review(tx, NOW, told(GOOD), seal=SEAL) == []  # the ceiling is 0: a person moves it
        await autonomy.set_ceiling(tx, 2, ME, NOW, seal=SEAL)
        (change,) = await promotion.review(tx, NOW, told(GOOD), seal=SEAL)
        assert (change.was, change.now) == (1, 2)
        assert await promotion.review(tx, NOW + timedelta(days=90), told(GOOD), seal=SEAL) == []
        tripped = told(structs.replace(GOOD, guards=guards(opt_out=Bound(0.05, 0.09, 0.03))))
        (change,) = await promotion.review(tx, NOW, tripped, seal=SEAL)
        assert (change.was, change.now) == (2, 0)
        assert "Opt-outs" in change.why
        assert await decisions.levels(tx, SEAL) == {}
        assert await promotion.review(tx, NOW, tripped, seal=SEAL) == []
        assert (await promotion.standing(tx, STEP, NOW, tripped, seal=SEAL)).max_level_now == 0
        assert (await autonomy_history.verify(tx, SEAL)).ok


async def test_a_narrow_step_follows_the_whole_program_until_it_does_harm(db: Database, workspace: int) -> None:
    thin = structs.replace(NONE, n=12)
    async with db.tx(workspace) as tx:
        await taught(tx)
        await autonomy.stop(tx, ME, LONG_AGO, step=STEP, seal=SEAL)
        await autonomy.resume(tx, ME, LONG_AGO, step=STEP, seal=SEAL)  # so it is a step somebody knows of
        await autonomy.set_ceiling(tx, 4, ME, LONG_AGO, seal=SEAL)
        at = LONG_AGO
        for _ in range(4):
            await promotion.review(tx, at, told(thin, GOOD), seal=SEAL)
            at += timedelta(days=60)
        holds = await autonomy.state(tx, SEAL)
        assert holds.steps[autonomy.WHOLE].kept == autonomy.SHARED_MOST  # higher levels a step earns itself
        assert (holds.level(STEP), holds.level("nobody-decided-about-it")) == (2, 0)
        assert await decisions.levels(tx, SEAL) == {autonomy.WHOLE: 2, STEP: 2}
        rows = await promotion.standings(tx, at, told(thin, GOOD), seal=SEAL)
        assert [(r.step, r.level, r.kept) for r in rows] == [(autonomy.WHOLE, 2, 2), (STEP, 2, 0)]
        assert "goes up to level 2" in rows[0].missing[0].text
        harm = structs.replace(thin, guards=guards(opt_out=Bound(0.2, 0.5, 0.03)))
        (change,) = await promotion.review(tx, at, told(harm, GOOD), seal=SEAL)
        assert (change.step, change.now, "Opt-outs" in change.why) == (STEP, 0, True)
        assert (await autonomy.state(tx, SEAL)).level(STEP) == 0
        assert await promotion.review(tx, at, told(harm, GOOD), seal=SEAL) == []
        await autonomy.resume(tx, ME, at, step=STEP, seal=SEAL)
        assert (await autonomy.state(tx, SEAL)).level(STEP) == 2
        lost = structs.replace(GOOD, lower=-0.3, upper=-0.1)
        (change,) = await promotion.review(tx, at, told(thin, lost), seal=SEAL)
        assert (change.step, change.now) == (autonomy.WHOLE, 0)
        assert await decisions.levels(tx, SEAL) == {}
        assert (await autonomy_history.verify(tx, SEAL)).ok


async def test_a_stopped_step_does_not_rise(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await taught(tx)
        await promotion.set_level(tx, STEP, 1, ME, LONG_AGO, told(GOOD), seal=SEAL)
        await autonomy.set_ceiling(tx, 4, ME, NOW, seal=SEAL)
        await autonomy.stop(tx, ME, NOW, seal=SEAL)
        assert await promotion.review(tx, NOW, told(GOOD), seal=SEAL) == []
        found = await promotion.standing(tx, STEP, NOW, told(GOOD), seal=SEAL)
        assert (found.level, found.kept, found.stopped) == (0, 1, True)
        with pytest.raises(Forbidden):
            await promotion.set_level(tx, STEP, 2, ME, NOW, told(GOOD), seal=SEAL)
        # A stopped step that does harm still loses its level: a resume must not bring it back.
        harm = told(structs.replace(GOOD, lower=-0.2, upper=-0.1))
        assert [c.now for c in await promotion.review(tx, NOW, harm, seal=SEAL)] == [0]


async def test_level_four_moves_its_budget_within_bounds_once_a_day(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await taught(tx)
        at = LONG_AGO
        for level in (1, 2, 3, 4):
            await promotion.set_level(tx, STEP, level, ME, at, told(GOOD), seal=SEAL)
            at += timedelta(days=60)
        await autonomy.set_bounds(tx, Budget(STEP, "asks_per_day", 10, 2, 11), ME, LONG_AGO, seal=SEAL)
        await _released(tx, 10)
        await promotion.review(tx, NOW, told(GOOD), seal=SEAL)
        assert (await autonomy.state(tx, SEAL)).budgets[STEP, "asks_per_day"].value == 11  # 12 would be over the bound
        await promotion.review(tx, NOW + timedelta(hours=1), told(GOOD), seal=SEAL)
        doubt = told(structs.replace(GOOD, lower=-0.01))
        await promotion.review(tx, NOW + timedelta(hours=2), doubt, seal=SEAL)
        assert (await autonomy.state(tx, SEAL)).budgets[STEP, "asks_per_day"].value == 11  # moved today already
        await promotion.review(tx, NOW + timedelta(days=2), doubt, seal=SEAL)
        assert (await autonomy.state(tx, SEAL)).budgets[STEP, "asks_per_day"].value == 2
        assert (await autonomy_history.verify(tx, SEAL)).problems[:1] != ()  # the rows below were put there by hand


async def _released(tx: Tx, count: int) -> None:
    await tx.run(
        "insert into autonomy_release (workspace_id, ask_id, step, level, head, outcome, at) "
        "select $1, gen_random_uuid(), $2, 4, 0, 'released', $3 from generate_series(1, $4)",
        tx.workspace_id, STEP, NOW - timedelta(hours=2), count,
    )  # fmt: skip


async def test_a_language_challenger_needs_its_trail(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        await taught(tx)
        await gating.name_challenger(tx, "language", "enterprise", "value", ME, NOW)
        at = LONG_AGO
        for level in (1, 2):
            await promotion.set_level(tx, STEP, level, ME, at, told(GOOD), seal=SEAL)
            at += timedelta(days=60)
        with pytest.raises(Forbidden) as refused:
            await promotion.set_level(tx, STEP, 3, ME, at, told(GOOD), seal=SEAL)
        assert "language model" in refused.value.detail


def test_looking_every_day_at_nothing_promotes_at_most_one_in_twenty() -> None:
    """A/A: no effect at all, five in a hundred held out, a look a day for a year: how often would level 1 be reached?"""
    rng = np.random.default_rng(11)
    runs, risen = 300, 0
    for _ in range(runs):
        one, zero = rng.random(12_000) < 0.06, rng.random(632) < 0.06
        days = np.linspace(0.02, 1, 180)
        for share in days:
            t, h = int(share * len(one)), int(share * len(zero))
            interval = difference(Counts(t, int(one[:t].sum())), Counts(h, int(zero[:h].sum())))
            if interval is None or h < 30:
                continue
            proof = Evidence(t, interval.estimate, interval.lower, interval.upper)
            if not missing(known(0, proof), NOW):
                risen += 1
                break
    assert risen / runs <= 0.05
