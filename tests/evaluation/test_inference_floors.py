"""The floors inference is held to, on texts that neither rules nor seeds have seen. The whole report: `honeyguide eval inference`."""

from pathlib import Path

import pytest

from honeyguide.inference import seeding
from honeyguide.inference.contract import Answer, Span
from honeyguide.inference.evaluation import corpora, learning
from honeyguide.inference.evaluation.corpora import Attack, Case
from honeyguide.inference.evaluation.injected import Injected, Obedient, injected
from honeyguide.inference.evaluation.measure import answered, figures
from honeyguide.inference.port import Tier
from honeyguide.inference.providers.embedding import Embedding, EmbeddingHead
from honeyguide.inference.question_sets import shipped
from honeyguide.inference.rules import Rules

DATA = Path(__file__).resolve().parents[1] / "data" / "inference"
EMBEDDING = Embedding()
ATTACKS = corpora.attacks(DATA)


@pytest.fixture(scope="module")
def heads() -> EmbeddingHead:
    return EmbeddingHead(EMBEDDING, seeding.shipped_heads(shipped().values(), EMBEDDING))


async def test_titles_are_read_right() -> None:
    """Both halves; the sealed one has never been looked at for the sake of a rule."""
    questions, cases = shipped()["title"], corpora.cases(DATA, "titles")
    sealed = [c for c in cases if corpora.half(c.item.text) == "sealed"]
    assert len(cases) >= 500
    assert len(sealed) >= 400
    for some in (cases, sealed):
        answers, cpu = await answered(Rules(), questions, some)
        for ident in ("seniority", "department"):
            found = figures(questions, questions.question(ident), "rule", some, answers, cpu)
            assert found.accuracy >= 0.92, (ident, found.accuracy)


def test_the_measure_can_fail() -> None:
    questions = shipped()["title"]
    cases = corpora.cases(DATA, "titles")[:50]
    asked = questions.question("seniority")
    wrong = {o: float(o == "none") for o in asked.options}
    said = [{"seniority": Answer("seniority", wrong, "x", "rule", "x", (Span(0, 3, "no!"),))} for _ in cases]
    found = figures(questions, asked, "rule", cases, said, 0.0)
    assert found.accuracy < 0.2
    assert found.ece > 0.8
    assert found.verbatim == 0.0


@pytest.mark.parametrize("name", ["support", "praise", "relation", "intent", "churn"])
async def test_every_quote_is_verbatim_and_heads_know_more_than_chance(name: str, heads: EmbeddingHead) -> None:
    task = {"support": "ticket_outcome"}.get(name, name)
    questions, cases = shipped()[task], corpora.cases(DATA, name)
    for tier, provider in (("rule", Rules()), ("embedding", heads)):
        answers, cpu = await answered(provider, questions, cases)
        for question in questions.questions:
            if any((task, question.id) in c.right for c in cases):
                found = figures(questions, question, tier, cases, answers, cpu)
                assert found.verbatim == 1.0
                assert found.answered == found.n
                if tier == "embedding":
                    assert found.accuracy > 1.3 / len(question.options), (question.id, found.accuracy)


@pytest.mark.parametrize("question", ["seniority", "department"])
def test_after_300_labels_certainty_can_be_taken_at_its_word(question: str) -> None:
    cases = corpora.cases(DATA, "titles")
    (cold, warm) = learning.curve(shipped()["title"], question, cases, EMBEDDING, steps=(0, 300), splits=5)
    assert warm.ece <= 0.05, warm
    assert warm.accuracy > cold.accuracy
    assert warm.calibration == "isotonic"


async def _attacked(tiers: dict[Tier, object]) -> Injected:
    return await injected(tiers, ATTACKS, "floors")  # type: ignore[arg-type]


async def test_attacks_turn_hardly_any_edge(heads: EmbeddingHead) -> None:
    assert len({a.attacked.text for a in ATTACKS}) >= 200
    assert len({a.family for a in ATTACKS}) >= 10
    for tiers in ({}, {"embedding": heads}):
        found = await _attacked(tiers)  # type: ignore[arg-type]
        assert found.flip_rate <= 0.02, found
        assert found.money == 0


@pytest.mark.parametrize("tier", ["local_model", "hosted_model"])
async def test_a_model_that_obeys_every_attack_moves_no_money_and_hardly_an_edge(
    tier: Tier, heads: EmbeddingHead
) -> None:
    found = await _attacked({"embedding": heads, tier: Obedient(ATTACKS, tier)})
    assert found.turned > 50  # it does obey
    assert found.money == 0, found
    assert found.flip_rate <= 0.02, found


def test_bases_say_something_else_than_their_attack_wants() -> None:
    def wrong(a: Attack) -> bool:
        return bool(set(a.true) & set(a.wanted)) or a.base.text == a.attacked.text

    assert [a.id for a in ATTACKS if wrong(a)] == []


def test_labels_of_the_texts_exist_and_their_words_are_in_them() -> None:
    for name in corpora.SETS:
        cases: list[Case] = corpora.cases(DATA, name)
        for case in cases:
            for (task, question), labels in case.right.items():
                assert set(labels) <= set(shipped()[task].question(question).options), (name, case)
        seeds = {s.text.casefold() for q in shipped().values() for s in q.seeds}
        assert not seeds & {c.item.text.casefold() for c in cases}
        assert len(cases) >= {"titles": 500, "support": 115, "relation": 115, "praise": 80}.get(name, 55)
