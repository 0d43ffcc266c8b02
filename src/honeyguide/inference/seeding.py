"""The shipped heads: fitted from the seeds of the question sets when they are first needed (about a second).

No weights are shipped, so a head always fits the embedding that is installed and the questions as they are. Seeds are
few and clean, strangers' texts are neither: the held-out temperature of the seeds is raised by `CAUTION` (measured on
texts of another author, `honeyguide eval inference`).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from honeyguide.inference import calibration, heads
from honeyguide.inference.contract import Question, QuestionSet
from honeyguide.inference.heads import Head

CAUTION = 1.25


class Embedder(Protocol):
    """Texts to vectors of one width, and the name of the weights."""

    @property
    def model(self) -> str: ...
    def embed(self, texts: Sequence[str]) -> NDArray[Any]: ...


def seeds_of(questions: QuestionSet, question: Question) -> list[tuple[str, str]]:
    """Text and label of every seed that answers a question."""
    return [(s.text, s.answers[question.id]) for s in questions.seeds if question.id in s.answers]


def shipped_head(x: NDArray[Any], labels: Sequence[str], classes: Sequence[str]) -> Head:
    """A head from seeds alone, with the prior as its calibration. Raises BadInput when they show fewer than two labels."""
    head = heads.fit(x, labels, classes, shared=x.shape[1])
    codes = [classes.index(label) for label in labels]
    apart = heads.held_out(x, labels, classes, shared=x.shape[1])
    return head.calibrated(calibration.prior(round(CAUTION * calibration.temperature(apart, codes), 4)))


def shipped_heads(sets: Iterable[QuestionSet], embedder: Embedder) -> dict[tuple[str, str], Head]:
    """(task with its version, question id) -> head, for every question whose seeds show at least two labels.

    Raises Unavailable when the embedding is not installed.
    """
    found = {}
    for questions in sets:
        texts = [s.text for s in questions.seeds]
        x = np.asarray(embedder.embed(texts), np.float64) if texts else np.zeros((0, 0))
        for question in questions.questions:
            rows = [n for n, s in enumerate(questions.seeds) if question.id in s.answers]
            labels = [questions.seeds[n].answers[question.id] for n in rows]
            if len(set(labels)) >= 2:
                found[questions.task, question.id] = shipped_head(x[rows], labels, [*question.options])
    return found


def version_of(found: Mapping[tuple[str, str], Head]) -> str:
    """Eight hex digits that are equal exactly for equal heads: part of every cache key."""
    digest = hashlib.blake2b(digest_size=4)
    for key in sorted(found):
        digest.update(repr(key).encode() + found[key].dump())
    return digest.hexdigest()
