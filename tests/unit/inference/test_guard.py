"""Nothing becomes an assertion without a closed label, known nodes, enough confidence and a verbatim quote."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from honeyguide.graph import Assertion
from honeyguide.graph.kinds import EDGE
from honeyguide.inference import Fact, Proposal, Quote, Refused, admit
from honeyguide.inference.port import Tier
from tests.unit.inference.story import event, hour

SAID = event("ticket.rated", hour(1), ticket="1", score=5)
FACT = Fact(SAID.event_id, SAID.kind, SAID.at, "zendesk", SAID.ref)
TEXT = "Well. Amazing support! Bye."
GOOD = Proposal("praised", 1, 2, 0.8, FACT, quote=Quote("comment", 6, 22, "Amazing support!"))


class Reader:
    """An inferrer that may say two things."""

    name, version = "reader", "7"
    tier: Tier = "rule"
    kinds = frozenset({"praised", "resolved_for", "bought"})


class Model(Reader):
    """The same, as a model."""

    tier: Tier = "local_model"


def judge(proposal: Proposal, text: str = TEXT, author: Reader | None = None) -> Assertion | Refused:
    return admit(proposal, text, inferrer=author or Reader(), subject=2, known={1, 2})


def test_admits_with_everything_a_reader_needs() -> None:
    found = judge(GOOD)
    assert isinstance(found, Assertion)
    assert (found.kind, found.src, found.dst, found.confidence, found.supports) == (EDGE["praised"], 1, 2, 0.8, True)
    assert (found.inferrer, found.inferrer_version, found.subject) == ("rule:reader", "7", 2)
    assert (found.quote, found.span_start, found.span_end, found.detail) == (
        "Amazing support!",
        6,
        22,
        {"quoted": "comment"},
    )
    assert (found.event_id, found.source, found.source_ref, found.valid_from) == (
        FACT.event_id,
        "zendesk",
        FACT.ref,
        hour(1),
    )


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("no such label", lambda p: structs.replace(p, label="top_advocate"), "not a label"),
        ("a label of others", lambda p: structs.replace(p, label="power_user_of"), "not a label"),
        ("a label nobody may infer", lambda p: structs.replace(p, label="bought"), "cannot be inferred"),
        ("unknown source", lambda p: structs.replace(p, src=99), "99 is no known node"),
        ("invented target", lambda p: structs.replace(p, dst=-5), "no known node"),
        ("a loop", lambda p: structs.replace(p, dst=1), "two ends"),
        ("certain", lambda p: structs.replace(p, confidence=1.0), "no probability"),
        ("impossible", lambda p: structs.replace(p, confidence=0.0), "no probability"),
        ("not a number", lambda p: structs.replace(p, confidence=float("nan")), "no probability"),
        ("too unsure", lambda p: structs.replace(p, confidence=0.69), "threshold"),
        ("paraphrased", lambda p: structs.replace(p, quote=Quote("comment", 6, 22, "Amazing service!")), "not in the source"),
        ("wrong offset", lambda p: structs.replace(p, quote=Quote("comment", 5, 21, "Amazing support!")), "not in the source"),
        ("outside", lambda p: structs.replace(p, quote=Quote("comment", 20, 99, "rt! Bye.")), "outside"),
        ("negative", lambda p: structs.replace(p, quote=Quote("comment", -4, -1, "Bye")), "outside"),
        ("empty", lambda p: structs.replace(p, quote=Quote("comment", 5, 6, " ")), "empty"),
        ("without words", lambda p: structs.replace(p, quote=None), "quotes none"),
        ("backwards", lambda p: structs.replace(p, valid_from=hour(5), valid_to=hour(4)), "ends before"),
    ],
)  # fmt: skip
def test_refuses(name: str, change: Callable[[Proposal], Proposal], reason: str) -> None:
    found = judge(change(GOOD))
    assert isinstance(found, Refused), name
    assert reason in found.reason


def test_a_quote_of_another_source_is_refused() -> None:
    assert isinstance(judge(GOOD, text="Another text, with no such words at this place."), Refused)
    assert isinstance(judge(GOOD, text=""), Refused)


def test_structured_facts_need_no_words_but_models_always_do() -> None:
    bare = structs.replace(GOOD, label="resolved_for", quote=None)
    assert isinstance(judge(bare), Assertion)
    assert isinstance(judge(bare, author=Model()), Refused)


@given(st.text(max_size=60), st.integers(-5, 70), st.integers(-5, 70), st.text(max_size=20))
def test_whatever_is_admitted_quotes_verbatim(text: str, start: int, end: int, words: str) -> None:
    for spoken in (words, text[max(0, start) : max(0, end)]):
        found = judge(structs.replace(GOOD, quote=Quote("comment", start, end, spoken)), text=text)
        if isinstance(found, Assertion):
            assert found.quote
            assert text[found.span_start : found.span_end] == found.quote
