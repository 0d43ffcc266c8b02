"""Conditions: any nesting, odd facts, and the way to a sentence and back."""

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.core.errors import BadInput
from honeyguide.programs.conditions import COMPANY, DEPTH, fits, met, problems
from honeyguide.programs.terms import Condition, Conditions
from honeyguide.programs.wording import in_sentence, read_sentence

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
_NAMES = st.sampled_from(
    ["segment", "country", "event.plan", "person.job title", "company.tier", "graph.uses", "advocate.level"]
)


@st.composite
def comparisons(draw: st.DrawFn) -> Condition:
    op: Any = draw(
        st.sampled_from(["is", "is_not", "one_of", "none_of", "at_least", "at_most", "contains", "partner", "amount"])
    )
    if op == "partner":
        return Condition("partner", "is", draw(st.booleans()))
    if op == "amount":
        return Condition("amount", "at_least", draw(st.integers(-(10**9), 10**12)))
    if op in ("one_of", "none_of"):
        return Condition(draw(_NAMES), op, draw(st.lists(_TEXT, min_size=1, max_size=3)))
    if op in ("at_least", "at_most"):
        return Condition("employees", op, draw(st.integers(-5, 10**6) | st.floats(0, 1e6, allow_nan=False)))
    return Condition(draw(_NAMES), op, draw(_TEXT | st.integers(0, 9) | st.booleans()))


_NESTED = st.recursive(
    comparisons(),
    lambda inner: st.builds(lambda a, b: Condition(all=a, any=b), st.lists(inner, min_size=1, max_size=3), st.lists(inner, max_size=3)),
    max_leaves=8,
)  # fmt: skip
_CONDITIONS = st.builds(
    lambda a, b: Conditions(all=a, any=b), st.lists(_NESTED, max_size=3), st.lists(_NESTED, max_size=3)
)
_FACTS = st.dictionaries(
    _NAMES | st.sampled_from(["employees", "partner", "amount"]),
    _TEXT | st.integers(-5, 10**6) | st.booleans() | st.none(),
)


@given(_CONDITIONS, st.lists(_FACTS, min_size=1, max_size=4))
def test_a_sentence_says_what_the_conditions_say(conditions: Conditions, known: list[dict[str, Any]]) -> None:
    told = in_sentence(conditions)
    again = read_sentence(told)
    assert in_sentence(again) == told
    for facts in known:
        assert met(again, facts) == met(conditions, facts)


def test_the_sentence_reads_as_one() -> None:
    conditions = msgspec.convert(
        {"all": [{"fact": "employees", "op": "at_least", "value": 500}],
         "any": [{"fact": "segment", "op": "one_of", "value": ["large", "enterprise"]},
                 {"all": [{"fact": "event.plan", "value": "pro"}, {"fact": "partner", "value": True}]}]},
        Conditions,
    )  # fmt: skip
    told = in_sentence(conditions)
    assert told == (
        'the number of employees is at least 500 and (the company\'s segment is one of "large" or "enterprise" '
        'or (the event\'s "plan" is "pro" and the company is a partner))'
    )
    assert read_sentence(told) == conditions
    assert read_sentence("the deal's amount is at least €10,000.50.") == Conditions(
        all=[Condition("amount", "at_least", 1_000_050)]
    )
    assert read_sentence("") == Conditions()
    assert read_sentence(in_sentence(Conditions(default=True))).default


@pytest.mark.parametrize(
    "text",
    [
        "the weather is fine", "the number of employees is", "the number of employees is at least many",
        '(the company\'s plan is "a"', 'the company\'s plan is "a" and', 'the company\'s plan is "a" the', "(" * 500,
        'the company\'s plan is "a', '__import__("os")', "the company's plan is one of",
    ],
)  # fmt: skip
def test_what_is_no_sentence_is_refused_with_the_place(text: str) -> None:
    with pytest.raises(BadInput, match="not understood"):
        read_sentence(text)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadInput):
        read_sentence(text)


@pytest.mark.parametrize(
    ("op", "known", "value", "holds"),
    [
        ("is", None, "a", False), ("is_not", None, "a", False), ("is_not", "b", "a", True), ("is", "", "", False),
        ("none_of", ["x", "a"], ["a"], False), ("none_of", ["x"], ["a"], True), ("one_of", ["x", "a"], ["a"], True),
        ("at_least", "1,240", 500, True), ("at_least", "nan", 0, False), ("at_least", True, 0, False),
        ("at_most", float("inf"), 10, False), ("contains", "Head of Sales", "sales", True), ("contains", "x", "", False),
        ("is", 5, "5", True), ("is", "Small_Business", "small business", True), ("at_least", {"a": 1}, 0, False),
        ("is", True, True, True), ("is", "no", False, True), ("is", "maybe", True, False),
    ],
)  # fmt: skip
def test_comparisons(op: Any, known: Any, value: Any, holds: bool) -> None:
    assert fits(op, known, value) is holds


def test_a_nested_clause_without_anything_never_holds_and_too_deep_is_said() -> None:
    assert not met(Conditions(all=[Condition()]), {})
    deep = Condition("segment", "is", "a")
    for _ in range(DEPTH + 1):
        deep = Condition(all=[deep])
    assert any("deep" in p for p in problems(Conditions(all=[deep]), "X"))


def test_groups_speak_of_companies_only() -> None:
    found = problems(
        Conditions(any=[Condition("amount", "at_least", 5), Condition("company.tier", "is", "a")]), "Big", COMPANY
    )
    assert found == ["Big: 'amount' is nothing a condition can speak of here."]
