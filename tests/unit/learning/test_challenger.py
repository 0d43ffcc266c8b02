"""The nightly model: deterministic, calibrated on asks it had not seen, honest when it cannot be there."""

import importlib

import numpy as np
import pytest

from honeyguide.decisions import science_challenger
from honeyguide.decisions.brain.schema import Floats
from honeyguide.decisions.science import NUMBERS, Described, words_of
from honeyguide.learning import challenger

pytest.importorskip("lightgbm")


def log_of(n: int, seed: int) -> tuple[list[Described], Floats, Floats]:
    """Asks whose chance depends on a threshold a sum of coefficients cannot draw: tenure matters to executives only."""
    rng = np.random.default_rng(seed)
    rows, chances = [], []
    for _ in range(n):
        seniority = ("executive", "manager")[int(rng.integers(0, 2))]
        numbers = dict.fromkeys(NUMBERS, 0.0) | {"tenure": float(rng.uniform(0, 3)), "fresh": float(rng.uniform(0, 1))}
        chances.append(0.5 if seniority == "executive" and numbers["tenure"] > 1.5 else 0.08)
        rows.append(
            Described(words_of("praise", "partner", "partner", "saas", seniority, "value"), numbers, {}, 365.0, 8.0)
        )
    chance = np.array(chances)
    return rows, (rng.random(n) < chance).astype(float), chance


def test_it_finds_what_a_sum_cannot_say_and_is_calibrated_on_new_asks() -> None:
    rows, shared, _ = log_of(6_000, 1)
    made = challenger.fit(rows, shared)
    fresh, _, chance = log_of(2_000, 2)
    said = np.array(science_challenger.scores(made.packed, fresh))
    usual = np.log(shared.mean() / (1 - shared.mean()))
    forecast = 1 / (1 + np.exp(-(said + usual)))
    high = chance > 0.3
    assert forecast[high].mean() == pytest.approx(0.5, abs=0.08)
    assert forecast[~high].mean() == pytest.approx(0.08, abs=0.04)
    assert "log loss" in made.sentence


def test_the_same_log_gives_the_same_model_and_a_score_is_the_same_alone() -> None:
    rows, shared, _ = log_of(600, 3)
    one, other = challenger.fit(rows, shared), challenger.fit(rows, shared)
    assert one.packed == other.packed
    together = science_challenger.scores(one.packed, rows[:50])
    assert together == [science_challenger.scores(one.packed, [r])[0] for r in rows[:50]]
    assert all(-3 <= s <= 3 for s in together)


def test_where_nothing_is_to_be_found_it_says_next_to_nothing() -> None:
    rows, _, _ = log_of(3_000, 4)
    noise = (np.random.default_rng(5).random(3_000) < 0.15).astype(float)
    said = np.abs(science_challenger.scores(challenger.fit(rows, noise).packed, log_of(500, 6)[0]))
    assert np.mean(said) < 0.3


def test_without_the_library_decisions_go_on_and_it_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, shared, _ = log_of(600, 7)
    packed = challenger.fit(rows, shared).packed

    def missing(name: str) -> None:
        raise OSError(f"libgomp.so.1: cannot open shared object file ({name})")

    science_challenger._ready.cache_clear()
    monkeypatch.setattr(importlib, "import_module", missing)
    assert science_challenger.scores(packed, rows[:3]) == [0.0, 0.0, 0.0]
    assert "not installed" in challenger.fit(rows, shared).sentence
    science_challenger._ready.cache_clear()


def test_no_model_scores_nothing() -> None:
    assert science_challenger.scores(b"", log_of(2, 8)[0]) == [0.0, 0.0]
