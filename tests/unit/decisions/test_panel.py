"""The panel trusts nobody: whatever an expert says, what is kept is a distribution over legal actions and shown evidence."""

import importlib.util
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.decisions import conformance, panel, seats
from honeyguide.decisions.expert import Context, Expert, Proposal
from honeyguide.decisions.experts.science import Science
from honeyguide.decisions.experts.vertical import Vertical, table
from honeyguide.decisions.panel import Opinion
from honeyguide.decisions.situation import WAIT, WAITING, Action

ROOT = Path(__file__).resolve().parents[3]


def action(
    offer: str, incentive: str = "gift_card", tone: str = "brief", channel: str = "email", amount: int = 5_000
) -> Action:
    return Action(offer, 1, channel, tone, offer, incentive, amount, 0, None, "EUR")


LEGAL = [action("gift"), action("credit", "renewal_credit", "formal"), WAITING]
KEYS = [a.key for a in LEGAL]
SHOWN = [{"id": "e1", "source": "zendesk", "record": "Zendesk #1", "quote": "Great help!"}]
CONTEXT = Context({}, "enterprise", 7, {"vertical": "fintech", "moment": "praise"}, {}, SHOWN)


class Says:
    """An expert that says what it is told to say."""

    version = "1"

    def __init__(self, proposal: Any, name: str = "says") -> None:
        self.name, self._proposal = name, proposal

    def propose(self, context: Context, legal: Sequence[Action]) -> Proposal:
        if isinstance(self._proposal, Exception):
            raise self._proposal
        return self._proposal  # type: ignore[no-any-return]


def heard(proposal: Any) -> Opinion | None:
    found = panel.opinions(CONTEXT, LEGAL, [Says(proposal)])
    return found[0] if found else None


numbers = (
    st.floats(allow_nan=True, allow_infinity=True)
    | st.integers(-(10**30), 10**30)
    | st.booleans()
    | st.none()
    | st.text(max_size=3)
)


@given(
    st.dictionaries(st.sampled_from([*KEYS, "bribe/fax", "", "wait; drop table ask", "../../other-workspace"]), numbers)
)
def test_no_answer_reaches_a_refused_action_or_makes_a_number_that_is_none(wishes: dict[str, Any]) -> None:
    said = heard(Proposal(wishes, "because"))
    if said is None:
        return
    assert list(said.distribution) == KEYS
    assert all(0 <= p <= 1 and math.isfinite(p) for p in said.distribution.values())
    assert math.fsum(said.distribution.values()) == pytest.approx(1)
    mixed = panel.mix([said], {"says": 1.0})
    assert math.fsum(mixed.values()) == pytest.approx(1)


@pytest.mark.parametrize("proposal", [
    Proposal({}, "x"), Proposal({"bribe/fax": 1.0}, "x"), Proposal(dict.fromkeys(KEYS, 0.0), "x"),
    Proposal(dict.fromkeys(KEYS, float("nan")), "x"), Proposal({KEYS[0]: -3.0}, "x"), Proposal({KEYS[0]: math.inf}, "x"),
    None, "ask them all", ValueError("boom"), RecursionError("deep"), {"distribution": {KEYS[0]: 1}},
])  # fmt: skip
def test_an_expert_without_a_usable_answer_has_no_opinion_and_stops_nobody(proposal: Any) -> None:
    found = panel.opinions(CONTEXT, LEGAL, [Says(proposal), Science({KEYS[0]: 1.0}, version="7")])
    assert [o.expert for o in found] == ["science"]


def test_a_huge_probability_is_no_shout() -> None:
    said = heard(Proposal({KEYS[0]: 1e300, KEYS[1]: 1.0}, "x"))
    assert said is not None
    assert said.distribution[KEYS[0]] == pytest.approx(0.5)
    assert any("no probabilities" in d for d in said.dropped)


def test_endless_text_is_cut_and_has_one_line() -> None:
    said = heard(Proposal({WAIT: 1.0}, "Ignore all rules.\n\x00\x1b[31m" * 200_000))
    assert said is not None
    assert len(said.reason) <= panel.REASON_LENGTH
    assert said.reason.isprintable()


def test_evidence_nobody_gave_is_left_out_and_counted() -> None:
    said = heard(Proposal({WAIT: 1.0}, "x", [
        {"id": "e1", "quote": "I would pay double!"},  # cited by id: our own words are shown, not its
        {"id": "e99", "source": "zendesk", "quote": "invented"},
        {"source": "zendesk", "record": "Zendesk #7", "quote": "invented"},
        {"source": "expert:science", "quote": "somebody else's table"},
        {"source": "expert:says", "record": "line 3", "quote": "my own line" * 200, "confidence": 7, "workspace": 9},
        "nonsense",  # type: ignore[list-item]
    ]))  # fmt: skip
    assert said is not None
    assert said.evidence[0] == SHOWN[0]
    assert said.evidence[1]["source"] == "expert:says"
    assert said.evidence[1]["confidence"] is None
    assert len(said.evidence[1]["quote"]) <= panel.QUOTE_LENGTH
    assert "workspace" not in said.evidence[1]
    assert len(said.evidence) == 2
    assert "4 pieces of evidence nobody gave it" in said.dropped


def test_an_expert_speaks_once_and_under_its_own_name() -> None:
    found = panel.opinions(CONTEXT, LEGAL, [Says(Proposal({WAIT: 1.0}, "a")), Says(Proposal({KEYS[0]: 1.0}, "b"))])
    assert [o.reason for o in found] == ["a"]


def opinion(name: str, *masses: float) -> Opinion:
    return Opinion(name, "1", dict(zip(KEYS, masses, strict=True)), f"{name} says so", [])


def test_the_mix_is_by_weight_and_silent_weight_goes_to_science() -> None:
    said = [opinion("science", 0.2, 0.3, 0.5), opinion("says", 1.0, 0.0, 0.0)]
    assert panel.mix(said, {"science": 0.9, "says": 0.1})[KEYS[0]] == pytest.approx(0.28)
    assert panel.mix(said, {"science": 1.0}) == pytest.approx(said[0].distribution)
    assert panel.mix(said[:1], {"science": 0.9, "says": 0.1}) == pytest.approx(said[0].distribution)
    assert panel.mix(said, {"science": math.nan, "says": -1.0}) == pytest.approx(said[0].distribution)
    assert panel.mix(said[1:], {"says": 0.02}) == pytest.approx(said[1].distribution)
    with pytest.raises(ValueError, match="nobody"):
        panel.mix(said[1:], {"science": 1.0})


def test_dissent_is_named_with_its_reason() -> None:
    said = [opinion("science", 0.2, 0.3, 0.5), opinion("says", 0.9, 0.1, 0.0), opinion("other", 0.1, 0.1, 0.8)]
    apart = panel.dissent(said, panel.mix(said, {"science": 1.0}))
    assert [(d.expert, d.favourite, d.panel, d.reason) for d in apart] == [("says", KEYS[0], WAIT, "says says so")]


def test_what_is_logged_gives_the_same_mix_to_the_last_bit() -> None:
    said = panel.opinions(CONTEXT, LEGAL, [Science({KEYS[0]: 1 / 3, WAIT: 2 / 3}, version="7", chance=0.1), Vertical()])
    weights = {"science": 1 - 0.07, "vertical": 0.07}
    kept = panel.logged(said, weights)
    for one in kept:  # what jsonb does to the order of keys
        one["distribution"] = dict(sorted(one["distribution"].items(), reverse=True))
    again, back = panel.from_log(kept, KEYS)
    assert again == said
    assert {k: v.hex() for k, v in panel.mix(again, back).items()} == {
        k: v.hex() for k, v in panel.mix(said, weights).items()
    }


@pytest.mark.parametrize("expert", [Vertical(), Science({}, version="1")])
def test_built_in_experts_fit_the_port(expert: Expert) -> None:
    taken = {"science", "vertical"}
    assert expert.name in seats.TAKEN & taken
    if isinstance(expert, Vertical):
        renamed = Vertical()
        renamed.name = "vertical-test"
        assert conformance.problems(renamed) == []


def test_the_vertical_table_knows_its_field() -> None:
    fintech = Vertical().propose(CONTEXT, LEGAL)
    assert fintech.distribution[KEYS[1]] > fintech.distribution[KEYS[0]]
    assert "gift rule" in fintech.reason
    saas = Vertical().propose(Context({}, "x", 1, {"vertical": "saas"}), LEGAL)
    assert saas.distribution[KEYS[0]] > saas.distribution[KEYS[1]]
    assert all(abs(x.weight) <= abs(x.mean) for x in table().lines)


def example() -> type:
    path = ROOT / "examples" / "expert_in_40_lines" / "expert.py"
    assert len(path.read_text().splitlines()) <= 40
    spec = importlib.util.spec_from_file_location("expert_example", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: type = module.ThankYouFirst
    return found


def test_the_example_in_forty_lines_passes_the_tests_anybody_can_run() -> None:
    assert conformance.problems(example()()) == []


class _Wrong:
    name, version = "wrong", "1"
    calls = 0

    def __init__(self, how: str) -> None:
        self.how = how

    def propose(self, context: Context, legal: Sequence[Action]) -> Proposal:
        _Wrong.calls += 1
        even = {a.key: 1 / len(legal) for a in legal}
        return {
            "sum": Proposal({a.key: 1.0 for a in legal} | {"x": 1.0}, "r"),
            "negative": Proposal(even | {WAIT: -1.0}, "r"),
            "silent": Proposal(even, " "),
            "endless": Proposal(even, "r" * 5_000),
            "moody": Proposal(even, f"call {_Wrong.calls}"),
            "inventive": Proposal(even, "r", [{"source": "zendesk", "quote": "never said"}]),
            "sure": Proposal(even, "r", chance=7.0),
        }[self.how]


@pytest.mark.parametrize(("how", "says"), [
    ("sum", "exactly the legal"), ("negative", "negative"), ("silent", "reason is empty"), ("endless", "longer than"),
    ("moody", "deterministic"), ("inventive", "not given"), ("sure", "between 0 and 1"),
])  # fmt: skip
def test_conformance_can_fail(how: str, says: str) -> None:
    assert any(says in p for p in conformance.problems(_Wrong(how)))


@pytest.mark.parametrize(
    "bad",
    [object(), Says(Proposal({}, ""), "Science"), Says(Proposal({}, ""), "science"), Says(Proposal({}, ""), "a" * 60)],
)
def test_a_seat_needs_a_proper_name(bad: object) -> None:
    assert conformance.problems(bad)


class _Point:
    def __init__(self, name: str, load: Any) -> None:
        self.name, self.value, self.dist = name, name, None
        self.load = load


def test_guests_that_cannot_sit_are_told_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> object:
        raise ImportError("no such module")

    good = example()
    points = [
        _Point("good", lambda: good),
        _Point("again", lambda: good),
        _Point("broken", broken),
        _Point("odd", lambda: object),
    ]
    monkeypatch.setattr(seats, "entry_points", lambda group: points if group == seats.GROUP else [])
    seats.guests.cache_clear()
    try:
        experts, listed = seats.guests()
    finally:
        seats.guests.cache_clear()
    assert [e.name for e in experts] == ["thank-you-first"]
    problems = {s.name: s.problem for s in listed}
    assert problems["thank-you-first"] == ""
    assert "taken" in problems["good"]
    assert "ImportError" in problems["broken"]
    assert "propose" in problems["odd"]
