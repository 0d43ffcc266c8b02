"""Who is asked, how often, when it is worth it, and what the answers of several tiers say together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honeyguide.inference.cascade import Cascade
from honeyguide.inference.contract import Answer, Item, Usage
from honeyguide.inference.curves import Curves
from honeyguide.inference.question_sets import asked_of, joint, shipped
from honeyguide.inference.rules import Rules
from honeyguide.inference.stacking import combine
from tests.unit.inference.reading import Told, likely, picks, plain

CHURN = shipped()["churn"]
KINDS = ("ticket", "rating", "note", "mail", "survey")
UNSURE = "Things are as they are at our place."


@pytest.mark.parametrize("kind", KINDS)
async def test_at_most_one_model_call_per_text_carrying_all_questions(kind: str) -> None:
    local = Told("local_model", lambda q, _: next(iter(q.options)))
    hosted = Told("hosted_model", lambda q, _: next(iter(q.options)))
    head = Told("embedding", lambda q, i: dict.fromkeys(q.options, 1 / len(q.options)))
    texts = [f"{UNSURE} {n}" for n in range(40)]
    cascade = Cascade({"local_model": local, "hosted_model": hosted, "embedding": head})
    found = await cascade.consider(joint(kind), [Item(t, kind) for t in texts])
    put = {t: local.put().get(t, 0) + hosted.put().get(t, 0) for t in texts}
    assert set(put.values()) == {1}, "each text exactly once, to one model"
    assert len(local.calls) + len(hosted.calls) == 1, "batched"
    assert {q for f in found for q in f.answers} == {f"{s.name}.{q.id}" for s in asked_of(kind) for q in s.questions}
    again = await cascade.consider(joint(kind), [Item(t, kind) for t in texts], [f.answers for f in found])
    assert len(local.calls) + len(hosted.calls) == 1, "what is known is not asked again"
    assert all(not f.fresh for f in again)


async def test_a_model_is_not_asked_where_its_answer_is_worth_less_than_its_price() -> None:
    dear = Told("hosted_model", picks({"risk": "leaving"}))
    dear.estimate = lambda questions, items: Usage(1_000, 100, 0.0, 50_000_000)  # type: ignore[attr-defined]
    await Cascade({"hosted_model": dear}).consider(CHURN, [Item(UNSURE, "note")])
    assert dear.calls == []
    sure = Told("embedding", picks({"risk": "none"}), p=0.995)
    local = Told("local_model", picks({"risk": "leaving"}))
    await Cascade({"local_model": local, "embedding": sure}).consider(CHURN, [Item(UNSURE, "note")])
    assert local.calls == [], "nothing to gain on what is known"


def test_curves_learn_from_people() -> None:
    bad = Curves.of([("local_model", 1, False, 400), ("local_model", 1, True, 100)])
    good = Curves.of([("local_model", 1, True, 500)])
    q = CHURN.questions[0]
    assert bad.gain(q, "local_model", 0.6) < Curves().gain(q, "local_model", 0.6) < good.gain(q, "local_model", 0.6)
    assert bad.gain(q, "local_model", 0.6) == pytest.approx(0.0), "asking never makes it worse than now"


@given(st.floats(0.0, 1.0), st.sampled_from(["embedding", "local_model", "hosted_model", "person", "rule"]))
def test_the_expected_error_never_grows(before: float, tier: str) -> None:
    assert Curves().error_after(tier, before) <= 1 - before + 1e-12  # type: ignore[arg-type]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["rule", "embedding", "local_model", "hosted_model"]),
            st.lists(st.floats(0.001, 1.0), min_size=3, max_size=3),
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda t: t[0],
    )
)
def test_stacking_gives_probabilities_whatever_the_order(given_: list[tuple[str, list[float]]]) -> None:
    options = ["a", "b", "none"]
    answers = [
        Answer("q", {o: p / sum(ps) for o, p in zip(options, ps, strict=True)}, provider=t, tier=t, model=t)  # type: ignore[arg-type]
        for t, ps in given_
    ]
    found = combine(options, answers)
    assert sum(found.values()) == pytest.approx(1.0)
    assert all(0 < p < 0.99 for p in found.values())
    assert combine(options, answers[::-1]) == found


def test_agreement_makes_surer_and_half_a_voice_is_half_a_voice() -> None:
    q = CHURN.questions[0]

    def says(tier: str, label: str, p: float) -> Answer:
        return Answer(q.id, likely(q, label, p), provider=tier, tier=tier, model="m")  # type: ignore[arg-type]

    options = [*q.options]
    alone = combine(options, [says("embedding", "leaving", 0.75)])["leaving"]
    assert alone == pytest.approx(0.75)
    assert combine(options, [says("embedding", "leaving", 0.75), says("rule", "leaving", 0.75)])["leaving"] > alone
    torn = combine(options, [says("embedding", "leaving", 0.75), says("local_model", "staying", 0.75)])
    assert torn["leaving"] > torn["staying"]


async def test_an_uncalibrated_model_is_never_quite_sure() -> None:
    boaster = Told(
        "hosted_model", lambda q, _: {o: float(o == "leaving") for o in q.options} if plain(q) == "risk" else None
    )
    (found,) = await Cascade({"hosted_model": boaster}).consider(CHURN, [Item(UNSURE, "note")])
    said = next(a for a in found.answers["risk"] if a.tier == "hosted_model")
    assert said.confidence == pytest.approx(0.9)
    assert sum(said.probs.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("name", sorted(shipped()))
async def test_rules_answer_every_shipped_question_with_probabilities_and_verbatim_words(name: str) -> None:
    questions = shipped()[name]
    kind = questions.reads[0]
    items = [Item(s.text, kind) for s in questions.seeds] + [
        Item(t, kind) for t in ("", " \n", "?" * 9_000, "\x00\u200b", "a" * 20_000)
    ]
    for item, given_ in zip(items, await Rules().decide(questions, items), strict=True):
        assert given_.keys() == {q.id for q in questions.questions}
        for q in questions.questions:
            answer = given_[q.id]
            assert set(answer.probs) == set(q.options)
            assert sum(answer.probs.values()) == pytest.approx(1.0)
            assert all(item.text[s.start : s.end] == s.words for s in answer.evidence)
