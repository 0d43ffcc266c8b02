"""Policies on our own log: values, differences, refusals; and the gate on trials made of logged decisions."""

import math
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest

from honeyguide import learning
from honeyguide.db import Database, Tx
from honeyguide.learning import experiments
from honeyguide.learning.offpolicy_report import (
    LoggedDecision,
    Report,
    always,
    best_constant,
    judge_log,
    logged_policy,
    opinion_of,
    silence,
)
from tests.unit.learning import books
from tests.unit.learning.books import day

ACTIONS = ("credit/email", "gift/email", "wait")


def _log(
    rows: int, *, seed: int = 1, chance: Mapping[str, float] | None = None, lift: float = 0.1, pays: float = 0.0
) -> list[LoggedDecision]:
    """Decisions of 200 companies: `gift` brings `lift` more than waiting, and `pays` more to those with the taste."""
    rng = np.random.default_rng(seed)
    spread = dict(chance or {"credit/email": 0.4, "gift/email": 0.4, "wait": 0.2})
    keys, p = list(spread), np.array(list(spread.values()))
    actions = [keys[n] for n in rng.choice(len(keys), size=rows, p=p)]
    taste, luck, firms = rng.random(rows) < 0.5, rng.random(rows), rng.integers(0, 200 + rows // 4, rows)
    made = []
    for n, action in enumerate(actions):
        rate = (
            0.05 + (lift if action == "gift/email" else 0.0) + (pays if taste[n] and action == "credit/email" else 0.0)
        )
        context = {"features": {"taste": float(taste[n])}}
        came = bool(luck[n] < rate)
        made.append(
            LoggedDecision(UUID(int=n), "praise", action, spread[action], spread, context, f"company:{firms[n]}", came)
        )
    return made


def _judge(rows: list[LoggedDecision], candidate: str, incumbent: str = "wait") -> Report:
    chosen = [silence if a == "wait" else always(a) for a in (candidate, incumbent)]
    return judge_log(rows, chosen[0], candidate=candidate, against=chosen[1], incumbent=incumbent)


def test_an_ask_that_works_is_told_from_silence_by_every_estimator() -> None:
    found = _judge(_log(6_000), "gift/email")
    assert found.difference is not None
    assert found.difference.lower > 0
    assert "brings between" in found.sentence
    for estimate in found.values.values():
        assert estimate.lower <= 0.15 <= estimate.upper
    for estimate in found.incumbent_values.values():
        assert estimate.lower <= 0.05 <= estimate.upper


def test_nothing_gained_is_not_called_a_gain() -> None:
    found = _judge(_log(6_000, lift=0.0), "gift/email")
    assert found.difference is not None
    assert found.difference.lower < 0 < found.difference.upper
    assert found.sentence.startswith("Not enough yet")


def test_it_refuses_an_action_that_was_never_legal_and_one_that_was_hardly_made() -> None:
    rows = _log(3_000)
    illegal = judge_log(rows, lambda _: {"cash/email": 1.0}, candidate="cash", against=silence, incumbent="wait")
    assert illegal.difference is not None
    assert "no chance" in illegal.difference.refused
    assert math.isnan(illegal.difference.value)
    assert "No estimate of cash" in illegal.sentence
    rare = _log(3_000, chance={"credit/email": 0.9, "gift/email": 0.09, "wait": 0.01})
    found = _judge(rare, "wait", "credit/email")
    assert found.difference is not None
    assert found.difference.refused
    assert all(e.refused and math.isnan(e.value) for e in found.values.values())


def test_a_distribution_that_does_not_sum_to_one_is_an_error_not_an_estimate() -> None:
    with pytest.raises(ValueError, match=r"sums to 0\.5"):
        judge_log(_log(300), lambda _: {"wait": 0.5}, candidate="half", against=silence, incumbent="wait")


def test_decisions_whose_propensity_is_not_that_of_the_action_are_left_out_and_counted() -> None:
    rows = _log(3_000)
    wrong = [
        LoggedDecision(r.id, r.step, r.action, 0.9, r.distribution, r.context, r.cluster, r.came) for r in rows[:7]
    ]
    found = _judge([*wrong, *rows[7:]], "gift/email")
    assert (found.rows, found.left_out) == (2_993, 7)


def test_the_best_constant_is_the_ask_that_does_best_for_everybody() -> None:
    assert best_constant(_log(4_000)) == "gift/email"
    assert best_constant(_log(40)) is None


def test_differences_cover_at_their_rate() -> None:
    """0.1 in truth; always valid, so more often than 95 in a hundred, and not by saying nothing."""
    covered, told = 0, 0
    for seed in range(60):
        gap = _judge(_log(2_000, seed=seed), "gift/email").difference
        assert gap is not None
        covered += gap.lower <= 0.1 <= gap.upper
        told += gap.lower > 0
    assert covered >= 57
    assert told >= 45


def test_an_opinion_is_read_as_it_was_logged_and_only_over_legal_actions() -> None:
    row = _log(1)[0]
    said = {"experts": [{"expert": "strategy", "distribution": {"gift/email": 0.6, "cash/email": 0.4}}]}
    with_opinion = LoggedDecision(
        row.id, row.step, row.action, row.propensity, row.distribution, said, row.cluster, True
    )
    assert opinion_of(with_opinion, "strategy") == {"gift/email": 1.0}
    assert opinion_of(with_opinion, "language") == {}
    assert opinion_of(row, "strategy") == {}


async def _stored(tx: Tx, rows: list[LoggedDecision]) -> None:
    firms = await books.firms(tx, ["treated"] * len(rows), step="seed")
    made = [
        (firm, person, "treated", day(1),
         {"step": "praise", "action": r.action, "chance": dict(r.distribution), "context": r.context})
        for (firm, person), r in zip(firms, rows, strict=True)
    ]  # fmt: skip
    await books.decide_many(tx, made)
    came = [(person, day(4)) for (_, person), r in zip(firms, rows, strict=True) if r.came]
    await books.refer_many(tx, came)


async def test_the_log_in_the_database_says_what_the_log_in_memory_says(db: Database, workspace: int) -> None:
    rows = _log(1_500)
    async with db.tx(workspace) as tx:
        await _stored(tx, rows)
        assert (await learning.report(tx, silence, day(20), candidate="silence")).rows == 0, "nobody's days are over"
        found = await learning.report(
            tx, always("gift/email"), day(40), candidate="the gift", against=silence, incumbent="nobody asked"
        )
        await experiments.look(tx, day(40))
        by_id = {e.id: e for e in await experiments.list(tx)}
    praised = [r for r in rows if r.step == "praise"]
    assert found.rows == len(praised) + len(rows)  # the first decision of each company is in the log too
    own = judge_log(praised, logged_policy, candidate="itself", against=logged_policy, incumbent="itself")
    assert own.difference is not None
    assert own.difference.value == 0.0
    assert {"policy-silence", "policy-constant"} <= set(by_id)
    for one in by_id.values():
        assert (one.estimate is None) == (one.lower is None) == (one.upper is None)
        assert one.sentence


async def test_what_a_candidate_sees_was_known_when_it_was_decided(db: Database, workspace: int) -> None:
    """A referral before the decision, or after its days, is no reward of it."""
    async with db.tx(workspace) as tx:
        firms = await books.firms(tx, ["treated"] * 3)
        await books.refer_many(
            tx, [(firms[0][1], day(-1)), (firms[1][1], day(28) + timedelta(minutes=1)), (firms[2][1], day(27))]
        )
        seen: list[LoggedDecision] = []

        def propose(decision: LoggedDecision) -> Mapping[str, float]:
            seen.append(decision)
            return decision.distribution

        await learning.report(tx, propose, day(60), candidate="itself")
    assert sorted(r.came for r in seen) == [False, False, True]
