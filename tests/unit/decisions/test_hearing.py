"""Hearing the panel: alone the models decide to the last bit; a challenger gets its share; a replay asks nobody."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.db import Database
from honeyguide.decisions import consult, gating, hearing, playbook_prior
from honeyguide.decisions.choose import Choice, pick, with_floor
from honeyguide.decisions.expert import Context
from honeyguide.decisions.gating import Weights
from honeyguide.decisions.hearing import Panel
from honeyguide.decisions.situation import WAIT, WAITING
from tests.unit.decisions.test_panel import action
from tests.unit.decisions.world import NOW

PARAMS = playbook_prior("customer-referrals").params
LEGAL = [action("gift-card"), action("renewal-credit", "renewal_credit", "formal"), WAITING]
KEYS = [a.key for a in LEGAL]
WORDS = {"segment": "enterprise", "stage": "value", "vertical": "fintech", "moment": "praise"}


def context(seed: int) -> Context:
    return Context({"moment:support_success": 1.0}, "enterprise", seed, WORDS, {"strength": 0.4})


def chosen(seed: int, masses: list[float]) -> Choice:
    distribution = with_floor(dict(zip(KEYS, masses, strict=True)), KEYS, PARAMS.floor)
    drawn = pick(distribution, seed)
    return Choice(drawn, distribution[drawn], distribution, "The models say so.")


seeds = st.integers(0, 2**63 - 1)
masses = st.lists(st.floats(0.001, 1), min_size=3, max_size=3)


@given(seeds, masses)
def test_without_a_challenger_the_models_choice_stands_bit_by_bit(seed: int, given_masses: list[float]) -> None:
    science = chosen(seed, given_masses)
    heard = hearing.hear(Panel(), context(seed), LEGAL, science, PARAMS, version="7")
    assert heard.choice is science
    assert {k["expert"] for k in heard.experts} >= {"science", "strategy", "vertical"}
    assert {k["expert"]: k["weight"] for k in heard.experts if k["weight"]} == {"science": 1.0}


@given(seeds, masses, st.floats(0.02, 0.5))
def test_a_challenger_gets_its_share_with_the_whole_floor_and_replays(
    seed: int, given_masses: list[float], w: float
) -> None:
    science = chosen(seed, given_masses)
    weights = Weights({("enterprise", "value"): {"science": 1 - w, "vertical": w}})
    heard = hearing.hear(Panel(weights), context(seed), LEGAL, science, PARAMS, version="7")
    p = heard.choice.distribution
    assert list(p) == KEYS
    assert math.fsum(p.values()) == pytest.approx(1, abs=1e-12)
    assert min(p.values()) >= PARAMS.floor / 3 - 1e-12
    said = next(k for k in heard.experts if k["expert"] == "vertical")["distribution"]
    for key in KEYS:
        floored = (1 - PARAMS.floor) * said[key] + PARAMS.floor / 3
        assert p[key] == pytest.approx((1 - w) * science.distribution[key] + w * floored)
    assert heard.choice.propensity == p[heard.choice.action]
    stored: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(heard.experts))
    for one in stored:
        one["distribution"] = dict(sorted(one["distribution"].items()))
    again = hearing.heard_again(stored, KEYS, science, PARAMS.floor, seed)
    assert again.action == heard.choice.action
    assert {k: v.hex() for k, v in again.distribution.items()} == {k: v.hex() for k, v in p.items()}


def test_alone_waiting_needs_no_panel() -> None:
    waiting = Choice(WAIT, 1.0, {WAIT: 1.0}, "Nothing but waiting is allowed.")
    assert hearing.hear(Panel(), context(1), [WAITING], waiting, PARAMS, version="7").experts == []
    assert hearing.heard_again([], [WAIT], waiting, 0.02, 1) is waiting


async def test_the_panel_is_convened_from_what_was_named_and_answered(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        empty = await hearing.convene(tx)
        assert (empty.language, empty.answers) == (False, {})
        await gating.name_challenger(tx, "vertical", "enterprise", "value", "operator:mo", NOW)
        await consult.allow_language(tx, True, "operator:mo")
        full = await hearing.convene(tx)
        assert full.weights.of("enterprise", "value")["vertical"] == 0.02
        await hearing.wonder(tx, full, [(context(1), LEGAL), (context(2), LEGAL)], NOW)
        assert await tx.value("select count(*) from expert_question where workspace_id = $1", workspace) == 1
