"""The brain as the product's policy: nothing illegal ever has a chance, the floor holds, decisions replay from the log."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from honeyguide.core.errors import BadInput
from honeyguide.decisions import guardrails
from honeyguide.decisions.brain import Brain, dump
from honeyguide.decisions.candidates import MOST, candidates_of
from honeyguide.decisions.decide import decision_row, is_logged
from honeyguide.decisions.judge import judge, judge_many
from honeyguide.decisions.judged import THINNED
from honeyguide.decisions.policy import NewPolicy, Policy, check
from honeyguide.decisions.replay import Logged, replay_many
from honeyguide.decisions.science_choice import ready
from honeyguide.decisions.science_prior import brain_of
from honeyguide.decisions.situation import CHANNELS, WAIT, Situation
from honeyguide.decisions.tables import DecisionRow
from tests.properties.test_decisions_choice import NOW, situations
from tests.unit.decisions.brains import CATALOGUE, FILE, POLICY

PARAMS = POLICY.params


def believing(base: float) -> Policy:
    """The brain with another belief about how many share: hopeless or enthusiastic."""
    brain: Brain = brain_of(
        CATALOGUE, PARAMS.factors, PARAMS.economics, floor=PARAMS.floor, draws=PARAMS.draws
    )  # fmt: skip
    brain.share.mean[0] = base
    return structs.replace(POLICY, snapshot=dump(brain.snapshot()))


POLICIES = [POLICY, believing(-12.0), believing(3.0)]
policies = st.sampled_from(POLICIES)
settings = st.lists(situations(), min_size=1, max_size=6)


@given(situations(), policies)
def test_no_refused_action_ever_has_a_probability(situation: Situation, policy: Policy) -> None:
    made = judge(situation, policy, FILE.playbook)
    refused, legal = {key for key, _ in made.blocked}, [a.key for a in made.legal]
    assert refused.isdisjoint(made.choice.distribution)
    assert list(made.choice.distribution) == legal
    assert legal[-1] == WAIT
    assert made.choice.action in legal
    assert refused | set(legal) == {a.key for a in candidates_of(situation, FILE.playbook)} | {WAIT}
    for channel in CHANNELS:
        if guardrails.blocked(situation, channel):
            assert not any(key.endswith(f"/{channel}") for key in legal)
    if made.asks:
        assert made.message is not None
        assert made.arm == "treated"


@given(situations(), policies)
def test_every_legal_action_has_its_share_of_the_floor_and_all_sum_to_one(situation: Situation, policy: Policy) -> None:
    made = judge(situation, policy, FILE.playbook)
    distribution, n = made.choice.distribution, len(made.legal)
    defer = ready(policy.snapshot).snapshot.config.defer
    assert sum(distribution.values()) == pytest.approx(1, abs=1e-12)
    assert made.choice.propensity == distribution[made.choice.action]
    if n == 1:
        assert distribution == {WAIT: 1.0}
        return
    least = (1 - defer) * PARAMS.floor / n
    assert min(distribution.values()) >= least - 1e-15
    assert distribution[WAIT] >= defer
    if policy is POLICIES[1]:  # nothing is to be hoped for: what is left is the exploration, as large as configured
        assert sum(p for key, p in distribution.items() if key != WAIT) == pytest.approx(least * (n - 1), abs=1e-12)


@given(settings, policies)
def test_a_decision_is_the_same_alone_among_others_and_from_the_log(found: list[Situation], policy: Policy) -> None:
    together = judge_many(found, policy, FILE.playbook)
    rows = [decision_row(j, policy, NOW) for j in together]
    kept = [msgspec.json.decode(msgspec.json.encode(r), type=DecisionRow) for r in rows]
    kept = [structs.replace(r, distribution=dict(sorted(r.distribution.items()))) for r in kept]
    logged = [Logged(r, policy.params, policy.code_hash, policy.kind, policy.snapshot) for r in kept]
    again = replay_many(logged)
    for one, situation, choice in zip(together, found, again, strict=True):
        alone = judge(situation, policy, FILE.playbook)
        for other in (alone.choice, choice):
            assert other.action == one.choice.action
            assert {k: v.hex() for k, v in other.distribution.items()} == {
                k: v.hex() for k, v in one.choice.distribution.items()
            }
            assert other.propensity.hex() == one.choice.propensity.hex()


@given(situations(), st.integers(1, 40))
def test_of_looks_that_wait_again_one_in_twenty_is_logged_and_every_ask(situation: Situation, looks: int) -> None:
    first = judge(situation, POLICY, FILE.playbook)
    again = judge(
        structs.replace(situation, looks=looks, last_blocked=first.blocked), POLICY, FILE.playbook
    )  # fmt: skip
    row = decision_row(again, POLICY, NOW)
    assert row.look == looks + 1
    if again.choice.action != WAIT:
        assert is_logged(again)
        assert row.weight == 1.0
    else:
        assert row.weight == THINNED
        assert is_logged(again) == (again.seed % THINNED == 0)
    assert is_logged(first)
    assert decision_row(first, POLICY, NOW).weight == 1.0


@given(situations())
def test_candidates_are_few_and_in_a_fixed_order(situation: Situation) -> None:
    found = candidates_of(situation, FILE.playbook)
    assert 0 < len(found) <= MOST
    assert [a.key for a in found] == [a.key for a in candidates_of(situation, FILE.playbook)]
    assert len({a.key for a in found}) == len(found)
    assert {a.offer for a in found} <= {o.slug for o in situation.offers}


def test_a_policy_whose_snapshot_is_broken_or_explores_otherwise_is_refused() -> None:
    for snapshot, params in ((b"no snapshot", PARAMS), (POLICY.snapshot, structs.replace(PARAMS, floor=0.1))):
        with pytest.raises(BadInput, match="cannot be adopted"):
            check(NewPolicy("brain", params, "test", snapshot=snapshot))
