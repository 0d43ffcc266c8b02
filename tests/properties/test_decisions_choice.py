"""Legality before policy, the floor, replay to the last bit, a stable holdout: whatever the model says."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from honeyguide import programs
from honeyguide.core.ids import content_id
from honeyguide.decisions import guardrails, playbook_prior
from honeyguide.decisions.candidates import candidates_of
from honeyguide.decisions.choose import choose, pick, with_floor
from honeyguide.decisions.decide import decision_row
from honeyguide.decisions.expert import Context, Expert, Proposal
from honeyguide.decisions.experts.strategy import Strategy
from honeyguide.decisions.holdout import arm_of
from honeyguide.decisions.judge import judge
from honeyguide.decisions.policy import Policy, code_hash
from honeyguide.decisions.replay import Logged, replay, replayed
from honeyguide.decisions.situation import (
    CHANNELS,
    SENIORITIES,
    WAIT,
    WAITING,
    Action,
    Contacts,
    Firm,
    Happening,
    Person,
    Signal,
    Situation,
)
from honeyguide.decisions.tables import DecisionRow

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
FILE = programs.load("customer-referrals")
PRIOR = playbook_prior("customer-referrals")
POLICY = Policy(1, PRIOR.kind, code_hash(), PRIOR.params, None, 0, "test", NOW, None)
GROUPS = [programs.Group(n, 1, g.slug, g.name, g.conditions, n, f"{g.name}.") for n, g in enumerate(FILE.groups)]
OFFERS = [
    tuple(
        programs.Offer(10 * n + m, n, o.slug, o.label, o.incentive, o.amount_minor, o.rate_bp, "EUR", o.cap_minor, m)
        for m, o in enumerate(g.offers)
    )
    for n, g in enumerate(FILE.groups)
]

hours = st.floats(-100, 600)
people = st.builds(
    Person,
    id=st.integers(1, 50),
    record_id=st.integers(1, 50),
    name=st.sampled_from(["Ana Lima", "", "info", "{{ link }}", "Bea"]),
    email=st.sampled_from(["ana@x.example", "", "info@x.example", "not an address"]),
    seniority=st.sampled_from([*SENIORITIES, "", "wizard"]),
    consent_email=st.sampled_from([True, True, False, None]),
    consent_inapp=st.sampled_from([True, False, None]),
    departed=st.sampled_from([False, False, True]),
    quiet=st.sampled_from([False, False, True]),
    first_seen_at=st.sampled_from([None, NOW - timedelta(days=700), NOW + timedelta(days=5)]),
)
contacts = st.builds(
    Contacts,
    open_ask=st.sampled_from([False, False, True]),
    open_at_company=st.sampled_from(["", "", "Bo"]),
    last_to_person=st.none() | hours.map(lambda h: NOW - timedelta(hours=abs(h) * 2)),
    last_to_company=st.none() | hours.map(lambda h: NOW - timedelta(hours=abs(h) * 2)),
    within_year=st.integers(0, 10),
    ever=st.integers(0, 30),
)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    n = draw(st.integers(0, len(GROUPS) - 1))
    since = draw(hours)
    return Situation(
        workspace_id=draw(st.integers(1, 5)),
        workspace="Tidewater",
        now=NOW,
        moment=Happening(
            content_id("moment", str(draw(st.integers(0, 10**6)))),
            draw(st.sampled_from(["support_success", "purchase_euphoria", "product_milestone", "unheard_of"])),
            "Rated 5/5 on a ticket", draw(st.floats(0.01, 1)), NOW - timedelta(hours=since),
            NOW - timedelta(hours=since) + timedelta(hours=draw(st.floats(1, 400))), draw(st.floats(1, 100)), [],
        ),
        person=draw(st.none() | people),
        firm=draw(st.none() | st.builds(Firm, id=st.integers(1, 50), record_id=st.integers(1, 50), quiet=st.booleans())),
        group=GROUPS[n],
        offers=OFFERS[n],
        contacts=draw(contacts),
        incident=draw(st.sampled_from(["", "", "Zendesk #9 is escalated."])),
        signals=tuple(draw(st.lists(st.builds(
            Signal, st.sampled_from(["praised", "complained", "made_up"]), st.floats(0, 1e6), st.just({})), max_size=2))),
    )  # fmt: skip


class Insists:
    """An expert that wants what it is told to want, legal or not."""

    name, version = "insists", "1"

    def __init__(self, wishes: dict[str, float]) -> None:
        self._wishes = wishes

    def propose(self, context: Context, legal: Sequence[Action]) -> Proposal:
        return Proposal(self._wishes, "because")


@given(situations())
def test_no_refused_action_ever_has_a_probability(situation: Situation) -> None:
    made = judge(situation, POLICY, FILE.playbook)
    refused = {key for key, _ in made.blocked}
    legal = [a.key for a in made.legal]
    assert refused.isdisjoint(made.choice.distribution)
    assert list(made.choice.distribution) == legal
    assert made.choice.action in legal
    assert refused | set(legal) == {a.key for a in candidates_of(situation, FILE.playbook)} | {WAIT}
    assert {key.split("/")[0] for key in (refused | set(legal)) - {WAIT}} == {o.slug for o in situation.offers}
    for channel in CHANNELS:
        if guardrails.blocked(situation, channel):
            assert not any(key.endswith(f"/{channel}") for key in legal)
    assert all(reason for _, reason in made.blocked)
    if made.asks:
        assert made.message is not None
        assert made.arm == "treated"


@given(situations(), st.dictionaries(st.sampled_from(["gift-card/warm/short/email", "bribe/fax", "wait", "commission-15/partner/short/inapp"]),
                                     st.floats(allow_nan=True, allow_infinity=True)))  # fmt: skip
def test_a_mad_expert_cannot_reach_a_refused_action(situation: Situation, wishes: dict[str, float]) -> None:
    legal = judge(situation, POLICY, FILE.playbook).legal
    choice = choose(Insists(wishes), Context({}, "partner", 7), legal, 0.02)
    assert set(choice.distribution) == {a.key for a in legal}
    assert sum(choice.distribution.values()) == pytest.approx(1)
    assert choice.action in choice.distribution
    assert 0 < choice.propensity <= 1


@given(situations())
def test_the_floor_is_spread_in_full_over_the_legal_actions(situation: Situation) -> None:
    choice = judge(situation, POLICY, FILE.playbook).choice
    n = len(choice.distribution)
    assert sum(choice.distribution.values()) == pytest.approx(1, abs=1e-12)
    if n > 1:
        assert min(choice.distribution.values()) >= POLICY.params.floor / n - 1e-15
        free = with_floor(
            dict.fromkeys(["never"], 1.0) | {next(iter(choice.distribution)): 1.0}, list(choice.distribution), 0.02
        )
        assert sorted(free.values())[0] == pytest.approx(0.02 / n)
        assert max(free.values()) == pytest.approx(0.98 + 0.02 / n)
    else:
        assert choice.distribution == {WAIT: 1.0}


@given(situations())
def test_replay_from_what_was_stored_gives_the_same_bits(situation: Situation) -> None:
    row = decision_row(judge(situation, POLICY, FILE.playbook), POLICY, NOW)
    stored = msgspec.json.encode(row)  # what jsonb keeps: numbers survive, the order of keys does not
    back = msgspec.json.decode(stored, type=DecisionRow)
    back = structs.replace(back, distribution=dict(sorted(back.distribution.items())))
    logged = Logged(
        back, msgspec.json.decode(msgspec.json.encode(POLICY.params), type=type(POLICY.params)), POLICY.code_hash
    )
    action, propensity = replay(logged)
    assert action == row.action
    assert propensity.hex() == row.propensity.hex()
    assert {k: v.hex() for k, v in replayed(logged).distribution.items()} == {
        k: v.hex() for k, v in row.distribution.items()
    }


@given(situations(), st.integers(1, 50))
def test_colleagues_are_in_the_same_arm(situation: Situation, other: int) -> None:
    if situation.firm is None or situation.person is None:
        return
    colleague = structs.replace(situation, person=structs.replace(situation.person, id=other))
    assert judge(situation, POLICY, FILE.playbook).arm == judge(colleague, POLICY, FILE.playbook).arm


def test_the_holdout_is_stable_and_of_its_size() -> None:
    clusters = [f"company:{n}" for n in range(20_000)]
    arms = [arm_of("honeyguide-holdout-1:1", c, 500) for c in clusters]
    assert arms == [arm_of("honeyguide-holdout-1:1", c, 500) for c in clusters]
    assert 0.045 < arms.count("holdout") / len(arms) < 0.055
    bigger = [arm_of("honeyguide-holdout-1:1", c, 1000) for c in clusters]
    assert all(b == "holdout" for a, b in zip(arms, bigger, strict=True) if a == "holdout")
    elsewhere = [arm_of("honeyguide-holdout-1:2", c, 500) for c in clusters]
    assert elsewhere != arms
    # These must never change: companies that were held out stay held out.
    assert [arm_of("honeyguide-holdout-1:1", f"company:{n}", 5000) for n in (1, 2, 3, 4)] == PINNED


PINNED = ["holdout", "holdout", "treated", "holdout"]


def test_pick_follows_the_distribution() -> None:
    wanted = {"a/email": 0.7, "b/email": 0.28, WAIT: 0.02}
    seeds = [content_id("s", str(n)).int >> 65 for n in range(20_000)]
    drawn = [pick(wanted, s) for s in seeds]
    for key, p in wanted.items():
        assert drawn.count(key) / len(drawn) == pytest.approx(p, abs=0.01)


def test_the_built_in_expert_fits_the_port() -> None:
    expert = Strategy(POLICY.params)
    assert isinstance(expert, Expert)
    assert expert.propose(Context({}, "partner", 1), [WAITING]).distribution == {WAIT: 1.0}


def test_ids_and_seeds_depend_on_content_only() -> None:
    situation = Situation(
        1, "T", NOW, Happening(UUID(int=7), "support_success", "x", 0.5, NOW, NOW + timedelta(1), 9.0, []), None, None,
        GROUPS[0], OFFERS[0],
    )  # fmt: skip
    first, again = judge(situation, POLICY, FILE.playbook), judge(situation, POLICY, FILE.playbook)
    assert (first.id, first.seed) == (again.id, again.seed)
    assert judge(structs.replace(situation, looks=1), POLICY, FILE.playbook).seed != first.seed
    assert judge(structs.replace(situation, workspace_id=2), POLICY, FILE.playbook).seed != first.seed
    assert 0 <= first.seed < 2**63
