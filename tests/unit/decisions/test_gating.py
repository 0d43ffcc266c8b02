"""The gate: science carries; a named challenger has at least .02, what Hedge gives it, and nobody else anything."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.core.errors import BadInput
from honeyguide.db import Database
from honeyguide.decisions import gating
from honeyguide.decisions.gating import LEAST, MOST_TOGETHER, bounded, hedge
from tests.unit.decisions.world import NOW

CELL = ("enterprise", "value")
ME = "operator:mo"


@given(
    st.dictionaries(
        st.sampled_from(["vertical", "strategy", "language", "a", "b"]), st.floats(allow_nan=True, allow_infinity=True)
    )
)
def test_weights_are_bounded_whatever_was_learned(learned: dict[str, float]) -> None:
    made = bounded(learned)
    assert math.fsum(made.values()) == pytest.approx(1)
    assert set(made) == {"science", *learned}
    assert made["science"] >= 1 - MOST_TOGETHER - 1e-12
    assert all(w >= LEAST - 1e-12 for n, w in made.items() if n != "science")


def test_hedge_follows_what_is_better_and_is_blind_to_the_unit_of_money() -> None:
    rng = np.random.default_rng(4)
    worse = rng.normal(0.0, 1.0, 4_000)
    better = rng.normal(0.3, 1.0, 4_000)
    shares = hedge({"science": worse, "vertical": better})
    assert shares["vertical"] > 0.9
    cents = hedge({"science": 100_000 * worse, "vertical": 100_000 * better})
    assert cents["vertical"] == pytest.approx(shares["vertical"])
    assert hedge({"science": better, "vertical": worse})["vertical"] < 0.1
    assert hedge({"science": np.zeros(9), "vertical": np.zeros(9)}) == {"science": 0.5, "vertical": 0.5}
    assert hedge({}) == {}
    odd = hedge({"science": np.array([np.nan, np.inf, -np.inf]), "vertical": np.zeros(3)})
    assert all(math.isfinite(w) for w in odd.values())


def test_one_lucky_decision_does_not_decide() -> None:
    quiet = np.zeros(1_000)
    lucky = quiet.copy()
    lucky[7] = 1e9
    assert hedge({"science": quiet, "vertical": lucky})["vertical"] < 0.6


async def test_nobody_counts_but_science_until_somebody_is_named(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        assert (await gating.weights(tx)).of(*CELL) == {"science": 1.0}
        rng = np.random.default_rng(1)
        scores = {CELL: {"science": rng.normal(0, 1, 500), "vertical": rng.normal(9, 1, 500)}}
        assert await gating.learn(tx, scores, NOW) == {}  # learned about, and yet nobody was named
        assert (await gating.weights(tx)).of(*CELL) == {"science": 1.0}
        await gating.name_challenger(tx, "vertical", *CELL, ME, NOW)
        assert (await gating.weights(tx)).of(*CELL) == {"science": 0.98, "vertical": 0.02}
        assert (await gating.weights(tx)).of("partner", "value") == {"science": 1.0}
        await gating.learn(tx, scores, NOW)
        assert (await gating.weights(tx)).of(*CELL)["vertical"] == pytest.approx(MOST_TOGETHER)
        await gating.withdraw_challenger(tx, "vertical", *CELL, ME)
        assert (await gating.weights(tx)).of(*CELL) == {"science": 1.0}
        await gating.name_challenger(tx, "vertical", *CELL, ME, NOW)
        assert (await gating.weights(tx)).of(*CELL)["vertical"] == LEAST  # what was learned before is gone


async def test_what_cannot_be_named(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        for expert, segment, stage in (
            ("science", *CELL),
            ("vertical", "nobody", "value"),
            ("vertical", "partner", "x"),
        ):
            with pytest.raises(BadInput):
                await gating.name_challenger(tx, expert, segment, stage, ME, NOW)
        for n in range(gating.MOST_CHALLENGERS):
            await gating.name_challenger(tx, f"e{n}", *CELL, ME, NOW)
        with pytest.raises(BadInput):
            await gating.name_challenger(tx, "one-too-many", *CELL, ME, NOW)
        await gating.name_challenger(tx, "e0", *CELL, ME, NOW)  # named already: nothing happens


async def test_workspaces_do_not_share_challengers(db: Database, workspace: int, other_workspace: int) -> None:
    async with db.tx(other_workspace) as tx:
        await gating.name_challenger(tx, "vertical", *CELL, ME, NOW)
    async with db.tx(workspace) as tx:
        assert (await gating.weights(tx)).of(*CELL) == {"science": 1.0}
