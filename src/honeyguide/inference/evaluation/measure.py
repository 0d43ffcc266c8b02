"""Figures of one tier on one question: accuracy, calibration, abstention, evidence, cost."""

import time
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from honeyguide.inference import calibration
from honeyguide.inference.contract import Answer, Item, Question, QuestionSet
from honeyguide.inference.evaluation.corpora import Case


class Figures(Struct, frozen=True):
    """`answered`: rows the tier answered; `accuracy` among them. `ece`: over bins of equal mass, of the likeliest label.

    `coverage` and `kept`: the abstention curve, accuracy when only the surest share is answered. `quoted`: answers with
    evidence; `verbatim`: share of all quotes found at their offsets; `pointed`: share of quotes that touch the words the
    author of the text marked.
    """

    task: str
    question: str
    tier: str
    n: int
    answered: int
    accuracy: float
    ece: float
    coverage: list[float]
    kept: list[float]
    quoted: int
    verbatim: float
    pointed: float
    cpu_ms: float
    tokens: int


class Decides(Protocol):
    """What answers: a provider, or the whole cascade."""

    async def decide(self, questions: QuestionSet, items: Sequence[Item]) -> list[dict[str, Answer]]: ...


async def answered(
    provider: Decides, questions: QuestionSet, cases: Sequence[Case]
) -> tuple[list[dict[str, Answer]], float]:
    """The answers, and the CPU milliseconds per text of this process."""
    began = time.process_time()
    found = await provider.decide(questions, [c.item for c in cases])
    return found, 1000 * (time.process_time() - began) / max(1, len(cases))


def figures(
    questions: QuestionSet, question: Question, tier: str, cases: Sequence[Case], answers: Sequence[dict[str, Answer]],
    cpu_ms: float,
) -> Figures:  # fmt: skip
    """Hold answers against what is right."""
    key = (questions.name, question.id)
    rows = [
        (case, given[question.id])
        for case, given in zip(cases, answers, strict=True)
        if key in case.right and question.id in given
    ]
    right = np.array([a.label in c.right[key] for c, a in rows], bool)
    confidence = np.array([a.confidence for _, a in rows], np.float64)
    curve = calibration.abstention(confidence, right)
    quotes = [(c, s) for c, a in rows for s in a.evidence]
    true = [c.item.text[s.start : s.end] == s.words for c, s in quotes]
    marked = [(c, s) for c, s in quotes if c.words and c.words in c.item.text]
    pointed = [s.start < (at := c.item.text.index(c.words)) + len(c.words) and at < s.end for c, s in marked]
    return Figures(
        task=questions.name, question=question.id, tier=tier, n=sum(key in c.right for c in cases), answered=len(rows),
        accuracy=_share(right), ece=round(error(confidence, right), 4), coverage=curve.coverage, kept=curve.accuracy,
        quoted=sum(bool(a.evidence) for _, a in rows), verbatim=_share(true, empty=1.0), pointed=_share(pointed, empty=1.0),
        cpu_ms=round(cpu_ms + float(np.mean([a.usage.cpu_ms for _, a in rows])) * (tier == "local_model"), 3) if rows else 0.0,
        tokens=sum(a.usage.tokens_in + a.usage.tokens_out for _, a in rows),
    )  # fmt: skip


def error(confidence: NDArray[Any], right: NDArray[Any]) -> float:
    """Expected calibration error from confidences."""
    parts = calibration.equal_mass(confidence, 10) if len(confidence) else []
    off = sum(len(p) * abs(float(confidence[p].mean()) - float(right[p].mean())) for p in parts)
    return off / max(1, len(confidence))


def _share(found: Any, empty: float = 0.0) -> float:
    return round(float(np.mean(found)), 4) if len(found) else empty
