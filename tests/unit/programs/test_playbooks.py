"""The library of playbooks: complete, honest about its expectations, readable, and told apart in sentences."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from honeyguide import programs
from honeyguide.core.errors import BadInput
from honeyguide.programs import playbooks
from honeyguide.programs.journey import SEGMENTS, STAGES, VERTICALS, segment_of
from honeyguide.programs.playbooks import (
    KINDS,
    LIBRARY,
    Playbook,
    Playbooks,
    Step,
    StepCondition,
    cells,
    resolve,
    steps_for,
)
from honeyguide.programs.playbooks.audience import audience_in_words, stopped, suits
from honeyguide.programs.playbooks.layers import Laid, LayerFile, layers, parse_layer, sources
from honeyguide.programs.playbooks.matching import offers_for
from honeyguide.programs.playbooks.resolve import assemble
from honeyguide.programs.playbooks.step import Audience, Stop

EVERY = [resolve(*c) for c in cells()]
FILE = programs.load("customer-referrals")


def test_every_cell_is_there_and_can_be_used() -> None:
    assert len(EVERY) == len(STAGES) * len(SEGMENTS) * len(VERTICALS) == 168
    assert len({p.slug for p in EVERY}) == 168
    assert {p.slug: playbooks.problems(p) for p in EVERY if playbooks.problems(p)} == {}


def test_every_stage_and_segment_has_steps_and_a_goal_of_its_own() -> None:
    goals = {(p.stage, p.segment): p.goal for p in EVERY}
    assert len(set(goals.values())) == 28
    for p in EVERY:
        assert sum(1 for s in p.steps if s.layer == "segment") >= 2, p.slug


def test_every_vertical_says_something() -> None:
    for p in EVERY:
        if p.vertical != "other":
            plain = resolve(p.stage, p.segment, "other")
            assert playbooks.diff(plain, p), p.slug
            assert any(o.where.startswith("verticals/") for origins in p.provenance.values() for o in origins)


def test_no_step_is_ever_missing_for_a_kind_of_moment() -> None:
    for p in EVERY:
        for kind in KINDS:
            for facts in ({}, {"seniority": "individual"}, {"complained": 5, "past_asks": 9}):
                found = steps_for(LIBRARY, p.stage, p.segment, p.vertical, kind, facts)
                assert found
                assert all(kind in s.moments for s in found)


def test_the_general_step_is_the_last_resort() -> None:
    special = steps_for(LIBRARY, "value", "mid_market", "other", "praise", {})
    assert {s.layer for s in special} <= {"segment", "stage"}
    assert special[0].layer == "segment"
    assert [s.slug for s in steps_for(LIBRARY, "value", "mid_market", "other", "job_change", {})] == [
        "general-job-change"
    ]


def test_the_most_specific_goes_first_and_conditions_count() -> None:
    found = steps_for(
        LIBRARY, "value", "enterprise", "saas", "product_milestone", {"seniority": "manager", "power_user": 2}
    )
    assert [s.layer for s in found] == ["vertical", "segment", "stage"]
    chiefs = steps_for(LIBRARY, "value", "enterprise", "saas", "product_milestone", {"seniority": "vp"})
    assert chiefs[0].slug == "value-enterprise-sponsor"


def test_a_playbook_without_the_step_falls_back_to_the_librarys() -> None:
    p = resolve("renewal", "enterprise", "other")
    bare = structs.replace(p, steps=[s for s in p.steps if "anniversary" not in s.moments], version=3)
    known = Playbooks({p.slug: bare})
    assert [s.slug for s in steps_for(known, "renewal", "enterprise", "other", "anniversary", {})] == [
        "general-anniversary"
    ]
    assert steps_for(known, "renewal", "enterprise", "other", "total_eclipse", {}) == []


def test_every_expectation_is_honest() -> None:
    for p in EVERY:
        for s in p.steps:
            source = sources()[s.lift.source]
            assert source.kind in ("belief", "simulation", "public_trial", "observational"), (
                "nothing of the library was measured here"
            )
            assert "elief of the authors" in source.text
            assert s.lift.high - s.lift.low >= 0.5 * s.lift.mean  # nobody knows it better than that
            assert s.why


def test_nobody_is_offered_what_they_may_not_take() -> None:
    for p in EVERY:
        kinds = {o.incentive for s in p.steps for o in s.offers}
        if p.vertical in ("health", "fintech") or p.segment == "enterprise":
            assert "gift_card" not in kinds, p.slug
        if p.segment == "partner":
            assert kinds == {"commission"}, p.slug
        if p.segment != "partner":
            assert "commission" not in kinds, p.slug


def test_every_step_has_offers_in_the_program() -> None:
    """What a step wants, the group the segment falls into has."""
    facts: dict[str, dict[str, Any]] = {
        "partner": {"partner": True},
        "enterprise": {"employees": 2000},
        "mid_market": {"employees": 300},
        "small_business": {},
    }
    groups = [programs.Group(n, 1, g.slug, g.name, g.conditions, n) for n, g in enumerate(FILE.groups)]
    for p in EVERY:
        assert segment_of(facts[p.segment]) == p.segment
        group = programs.choose_group(groups, facts[p.segment])
        entry = next(g for g in FILE.groups if g.slug == group.slug)
        offers = [
            programs.Offer(n, 1, o.slug, o.label, o.incentive, o.amount_minor, o.rate_bp, "EUR", o.cap_minor, n, o.size)
            for n, o in enumerate(entry.offers)
        ]
        for s in p.steps:
            found = offers_for(s, offers)
            assert found, (p.slug, s.slug)
            wanted = {(o.incentive, size) for o in s.offers for size in o.sizes}
            assert {o.incentive for o in found} & {i for i, _ in wanted}, (p.slug, s.slug, group.slug)


def test_offers_fall_back_to_what_was_agreed() -> None:
    step = resolve("value", "small_business", "other").steps[0]
    credit = programs.Offer(1, 1, "c", "Credit", "renewal_credit", 100, 0, "EUR", None, 0, "large")
    beta = programs.Offer(2, 1, "b", "Beta", "commission", 0, 100, "EUR", None, 0, "medium")
    assert offers_for(step, [credit, beta]) == [credit]  # the incentive in another size
    assert offers_for(step, [beta]) == [beta]  # neither: the terms go before the playbook
    assert offers_for(step, []) == []


def test_provenance_names_every_step_and_says_why_it_changed() -> None:
    p = resolve("renewal", "small_business", "health")
    assert p.provenance.keys() == {s.slug for s in p.steps}
    origins = p.provenance["renewal-small-business-thanks"]
    assert [o.where for o in origins] == ["renewal/small_business.yaml", "verticals/health.yaml"]
    assert "offers" in origins[1].fields
    assert "law" in origins[1].because


def test_the_english_of_the_library() -> None:
    """Sentences begin and end as sentences do, and nothing is shouted."""
    for p in EVERY:
        lines = [
            p.goal,
            *(s.why for s in p.steps),
            *(o.because for os in p.provenance.values() for o in os if o.because),
        ]
        for line in lines:
            assert line[0].isupper(), line
            assert line.endswith((".", "?")), line
            assert not re.search(r"!|\b[A-Z]{4,}\b|\s{2}|\bvery\b.*\bvery\b", line), line
            assert len(line.split()) <= 32, line
        for s in p.steps:
            assert s.title[0].isupper()
            assert not s.title.endswith(".")
            for sentence in playbooks.sentences(s):
                assert sentence[0].isupper()
                assert sentence.endswith("."), sentence
                assert "None" not in sentence
                assert "_" not in sentence, sentence
                assert "  " not in sentence


def test_a_step_in_sentences() -> None:
    step = next(s for s in resolve("value", "enterprise", "other").steps if s.slug == "value-enterprise-sponsor")
    assert playbooks.sentences(step) == [
        "When they praise us, they give us a top score in a survey, or they reach a milestone in the product: ask, if they "
        "are an executive, a vice president or a director.",
        "Offer a medium or small renewal credit, or beta access.",
        "Write a brief, formal, or warm message, in a few lines or at full length, by e-mail.",
        "Ask the same person at most twice a year, with at least 60 days in between.",
        "Without an answer, send a brief reminder by e-mail after 14 days, once at most.",
        "It stops once they have shared their link, for good when they ask us to stop, when they complain, while anything is "
        "open at their company, when the moment's window ends, when they leave the company, and after 2 asks without a share.",
        "Of 100 people asked, 10 should share because of it (4 to 20). Belief of the authors; nothing was measured.",
        "Senior people introduce rarely and well; one name is worth many clicks.",
    ]  # fmt: skip


CONDITIONS = [
    (StepCondition("seniority", "one_of", ["vp", "director"]), {"seniority": "VP"}, True),
    (StepCondition("seniority", "is", "vp"), {}, False),
    (StepCondition("praised", "at_least", 1), {}, False),
    (StepCondition("praised", "at_most", 0), {}, True),
    (StepCondition("past_asks", "is", 0), {"past_asks": 0.0}, True),
    (StepCondition("employees", "at_least", 50), {"employees": "1,200"}, True),
    (StepCondition("employees", "at_most", 50), {}, False),
    (StepCondition("employees", "at_least", 50), {"employees": "many"}, False),
    (StepCondition("strength", "at_least", 0.7), {"strength": 0.7}, True),
    (StepCondition("country", "is", "germany"), {"country": "Germany"}, True),
    (StepCondition("partner", "is", True), {"partner": "yes"}, True),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "facts", "holds"), CONDITIONS)
def test_conditions(condition: StepCondition, facts: dict[str, Any], holds: bool) -> None:
    assert suits(Audience(all=[condition]), facts) is holds
    assert suits(Audience(any=[condition, StepCondition("plan", "is", "nothing")]), facts) is holds
    assert audience_in_words(Audience(all=[condition]))


def test_stop_rules_and_cadence() -> None:
    step = structs.replace(
        resolve("value", "mid_market", "other").steps[0], stop=[Stop("asks_without_share", 2), Stop("complaint")]
    )
    assert stopped(step, {}) is None
    assert "leaves 30 days" in str(stopped(step, {"days_since_ask": 29.0}))
    assert stopped(step, {"days_since_ask": 30.0}) is None
    assert "at most 4 times" in str(stopped(step, {"asks_this_year": 4}))
    assert "after 2 asks" in str(stopped(step, {"asks_without_share": 2}))
    assert "complains" in str(stopped(step, {"complained": 1.0}))


@given(st.dictionaries(st.sampled_from(playbooks.STEP_FACTS), st.one_of(st.none(), st.text(max_size=5), st.floats(), st.booleans(), st.lists(st.text(max_size=2)))))  # fmt: skip
def test_odd_facts_never_break_anything(facts: dict[str, Any]) -> None:
    for kind in KINDS:
        found = steps_for(LIBRARY, "advocacy", "small_business", "saas", kind, facts)
        assert found
        for step in found:
            stopped(step, facts)


def _step(**changes: Any) -> Step:
    return structs.replace(resolve("value", "mid_market", "other").steps[0], **changes)


def _book(*steps: Step) -> Playbook:
    return structs.replace(resolve("value", "mid_market", "other"), steps=list(steps))


BAD: list[tuple[dict[str, Any], str]] = [
    ({"slug": "No Good"}, "its slug must be"), ({"slug": ""}, "its slug must be"), ({"title": ""}, "its title must be"),
    ({"title": "<b>x</b>"}, "its title must be"), ({"title": "x" * 121}, "its title must be"), ({"why": "{{ x }}"}, "its reason"),
    ({"moments": []}, "it names no moment"), ({"offers": []}, "it offers nothing"), ({"tones": []}, "it names no tone"),
    ({"lengths": []}, "it names no length"), ({"channels": []}, "it names no channel"), ({"tones": ["warm", "warm"]}, "twice"),
    ({"offers": [playbooks.OfferChoice("gift_card", [])]}, "names no size"),
    ({"offers": [playbooks.OfferChoice("gift_card", ["small"]), playbooks.OfferChoice("gift_card", ["large"])]}, "twice"),
    ({"cadence": playbooks.Cadence(20, 4)}, "fewer than 21 days"), ({"cadence": playbooks.Cadence(30, 9)}, "between 1 and 8"),
    ({"cadence": playbooks.Cadence(30, 0)}, "between 1 and 8"),
    ({"follow_up": playbooks.FollowUp(1, "warm", "email")}, "after 3 to 60 days"),
    ({"follow_up": playbooks.FollowUp(7, "warm", "email", 5)}, "once or twice"),
    ({"follow_up": playbooks.FollowUp(7, "warm", "email"), "channels": ["inapp"]}, "channel the step does not use"),
    ({"lift": playbooks.Lift(0.2, 0.3, 0.4)}, "low, mean and high"), ({"lift": playbooks.Lift(1.0, 0.5, 1.0)}, "shares between 0 and 1"),
    ({"lift": playbooks.Lift(0.2, 0.2, 0.2)}, "no uncertainty"), ({"lift": playbooks.Lift(0.2, 0.1, 0.3, " ")}, "names no source"),
    ({"stop": [Stop("asks_without_share")]}, "number of asks from 1 to 20"),
    ({"audience": Audience(all=[StepCondition("seniority", "at_least", 3)])}, "not a number it has"),
    ({"audience": Audience(all=[StepCondition("employees", "at_least", "many")])}, "not a number it has"),
    ({"audience": Audience(any=[StepCondition("plan", "one_of", "pro")])}, "needs a list"),
    ({"audience": Audience(any=[StepCondition("plan", "is", ["pro"])])}, "needs one value"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "says"), BAD)
def test_a_spoilt_step_is_refused_in_a_sentence(changes: dict[str, Any], says: str) -> None:
    found = playbooks.problems(_book(_step(**changes)))
    assert any(says in p for p in found), found
    assert all(p.endswith(".") for p in found)
    with pytest.raises(BadInput, match="cannot be used"):
        playbooks.checked(_book(_step(**changes)))


def test_a_spoilt_playbook_is_refused() -> None:
    assert "The playbook has no step." in playbooks.problems(_book())
    assert "The playbook has no goal." in playbooks.problems(structs.replace(_book(_step()), goal=" "))
    assert any("twice" in p for p in playbooks.problems(_book(_step(), _step())))
    assert any("at most 60" in p for p in playbooks.problems(_book(*[_step(slug=f"s-{n}") for n in range(61)])))


def test_edits_mark_what_is_the_workspaces_own() -> None:
    p = resolve("value", "mid_market", "other")
    plain = msgspec.to_builtins(p.steps)
    for step in plain:
        step.pop("layer")
    assert playbooks.edited(p, None, plain) == p  # saying the same is no change
    plain[0]["title"] = "Another title"
    plain.append({**plain[1], "slug": "of-our-own"})
    made = playbooks.edited(p, "A goal of ours.", plain)
    assert [s.layer for s in made.steps if s.slug in (plain[0]["slug"], "of-our-own")] == ["workspace", "workspace"]
    assert playbooks.diff(p, made)[0] == f'The goal was "{p.goal}" and is now "A goal of ours."'
    with pytest.raises(BadInput, match="documented form"):
        playbooks.edited(p, None, [{"slug": "x"}])
    with pytest.raises(BadInput, match="documented form"):
        playbooks.edited(p, None, [{**plain[0], "code": "import os"}])


def test_differences_are_sentences() -> None:
    p = resolve("value", "mid_market", "other")
    first, second, *rest = p.steps
    assert playbooks.diff(p, p) == []
    changed = structs.replace(
        first,
        title="Thank them",
        tones=["formal"],
        cadence=playbooks.Cadence(90, 1),
        follow_up=None,
        stop=[],
        lift=playbooks.Lift(0.2, 0.1, 0.3, "our pilot in May"),
        why="",
    )
    told = playbooks.diff(p, structs.replace(p, steps=[second, changed, *rest[1:]]))
    assert told[0] == f'The step "{first.title}" is now called "Thank them".'
    assert (
        '"Thank them" said "Ask the same person at most 4 times a year, with at least 30 days in between." and now says "Ask the same person at most once a year, with at least 90 days in between."'
        in told
    )
    assert any('and now says "Send no reminder."' in t for t in told)
    assert any('now says "nothing"' in t for t in told)
    assert any("Stated by this workspace: our pilot in May." in t for t in told)
    assert f'The step "{rest[0].title}" is gone.' in told
    assert told[-1] == "The steps are in another order."
    assert playbooks.diff(structs.replace(p, steps=rest), p)[0].startswith(f'New step "{first.title}": When ')


def _laid(content: dict[str, Any], where: str = "test.yaml") -> Laid:
    return Laid(where, "segment", msgspec.convert(content, LayerFile))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"change": [{"step": "nothing-like-it", "because": "x", "set": {}}]}, "does not inherit"),
        ({"drop": [{"step": "nothing-like-it", "because": "x"}]}, "does not inherit"),
        ({"change": [{"step": "*", "because": "x", "set": {"slug": "other"}}]}, "may not change the slug"),
        ({"change": [{"step": "*", "because": "x", "set": {"moments": ["eclipse"]}}]}, "documented form"),
        ({"steps": [{"slug": "general-praise"}]}, "is there already"),
        ({"steps": [{"slug": "new-one"}]}, "documented form"),
    ],
)  # fmt: skip
def test_a_layer_that_cannot_be_laid_is_refused(content: dict[str, Any], says: str) -> None:
    below = layers("value", "mid_market", "other")
    with pytest.raises(BadInput) as refused:
        assemble("value", "mid_market", "other", (*below, _laid(content)))
    assert says in refused.value.sentence()


def test_a_file_of_another_form_is_refused() -> None:
    with pytest.raises(BadInput, match=r"x\.yaml"):
        parse_layer("x.yaml", {"stepz": []})


def test_a_layer_drops_and_limits() -> None:
    below = layers("value", "mid_market", "other")
    top = _laid({"drop": [{"step": "general-praise", "because": "We never answer praise."}],
                 "limits": {"because": "Only letters.", "channels": ["email"], "no_incentives": ["gift_card", "renewal_credit", "beta_access"],
                            "instead": [{"incentive": "commission", "sizes": ["small"]}], "gap_days": 99}})  # fmt: skip
    made = assemble("value", "mid_market", "other", (*below, top))
    assert "general-praise" not in {s.slug for s in made.steps}
    for s in made.steps:
        assert s.channels == ["email"]
        assert [(o.incentive, o.sizes) for o in s.offers] == [("commission", ["small"])]
        assert s.cadence.gap_days == 99
        assert made.provenance[s.slug][-1].because == "Only letters."
    assert playbooks.problems(made) == []
