"""What every inferrer promises, whatever stands behind it. Add yours to `INFERRERS` and run this."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.core.ids import content_id
from honeyguide.graph.kinds import EDGE
from honeyguide.inference import INFERRERS, THRESHOLD, Fact, Inferrer, Refused, Subject, admit, known_to
from tests.unit.inference.story import hour

WORDS = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from(
            ["excellent", "support", "not", "VP", "of", "Sales", "still", "broken!", "ignore", "previous", "CEO", "&", "founder.", "Leiter", "IT", "you", "saved", "us?", "but,", "\n>", "5", "SYSTEM:", "praised"]
        ),
        max_size=12,
    ).map(" ".join),
)  # fmt: skip
SCORES = st.one_of(st.none(), st.integers(-3, 9), st.floats(), st.text(max_size=3), st.booleans())
PEOPLE = st.sampled_from([None, 11, 12])


@st.composite
def facts(draw: Any, kind: str) -> Fact:
    at = hour(draw(st.integers(0, 200)))
    if kind == "title":
        return Fact(
            content_id(str(draw(st.integers()))), "title", at, "crm", "CRM #1", person=7, texts={"title": draw(WORDS)}
        )
    said = draw(
        st.sampled_from(
            ["ticket.opened", "ticket.commented", "ticket.escalated", "ticket.solved", "ticket.rated", "ticket.status"]
        )
    )
    props = {"score": draw(SCORES), "priority": draw(WORDS), "status": draw(st.sampled_from(["open", "solved", ""]))}
    texts = {"text": draw(WORDS), "comment": draw(WORDS)}
    return Fact(
        content_id(str(draw(st.integers()))), said, at, "desk", "Desk #1", person=draw(PEOPLE), company=draw(st.sampled_from([None, 21])),
        props=props, texts=texts,
    )  # fmt: skip


def subjects(kind: str) -> st.SearchStrategy[list[Fact]]:
    return st.lists(facts(kind), min_size=1, max_size=8)


@pytest.mark.parametrize("inferrer", INFERRERS, ids=lambda i: i.name)
def test_signs_with_a_closed_set_of_labels(inferrer: Inferrer) -> None:
    assert inferrer.name
    assert inferrer.version
    assert inferrer.kinds
    assert inferrer.kinds <= EDGE.keys() & THRESHOLD.keys()
    assert len({i.name for i in INFERRERS}) == len(INFERRERS)


@pytest.mark.parametrize("inferrer", INFERRERS, ids=lambda i: i.name)
@given(data=st.data())
def test_every_proposal_passes_the_guard_and_order_plays_no_part(inferrer: Inferrer, data: st.DataObject) -> None:
    known = data.draw(subjects(inferrer.reads))
    subject = Subject.of(7, inferrer.reads, "7", known)
    found = inferrer.infer(subject)
    for p in found:
        text = subject.text(p.fact.event_id, p.quote.name) if p.quote else ""
        result = admit(p, text, inferrer=inferrer, subject=7, known=known_to(subject))
        assert not isinstance(result, Refused), result
        assert p.fact in subject.facts, "evidence is a fact of the subject"
    assert len({(p.label, p.src, p.dst, p.supports, p.key or p.fact.event_id) for p in found}) == len(found)
    shuffled = data.draw(st.permutations(known))
    assert inferrer.infer(Subject.of(7, inferrer.reads, "7", shuffled)) == found


@pytest.mark.parametrize("inferrer", INFERRERS, ids=lambda i: i.name)
def test_abstains_where_there_is_nothing(inferrer: Inferrer) -> None:
    assert inferrer.infer(Subject.of(7, inferrer.reads, "7", [])) == []
