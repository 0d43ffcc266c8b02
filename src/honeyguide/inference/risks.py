"""Signs of leaving in words: what is believed of the question `churn.risk` about the texts of subjects.

The question makes no edge, so what it finds is told here, to whom it matters. The same rules and logged answers as
everywhere: no model is called, and a replay finds the same.
"""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.inference import answer_tables
from honeyguide.inference.answer_tables import Kept
from honeyguide.inference.injection import marks
from honeyguide.inference.port import Fact, Subject
from honeyguide.inference.question_sets import shipped
from honeyguide.inference.rules import Rules
from honeyguide.inference.texts import Text, texts_of
from honeyguide.inference.verdicts import Verdict, verdict

_RULES = Rules()
_SET, _QUESTION = "churn", "risk"


class Risk(Struct, frozen=True):
    """The last word of a subject on staying or leaving: `leaving` or `doubtful`, how surely, in which words of whom."""

    subject: int
    label: str
    probability: float
    quote: str
    fact: Fact
    person: int | None


async def risks(tx: Tx, subjects: Mapping[int, Subject]) -> dict[int, Risk]:
    """Subject -> the sign of leaving that stands in its last word on it. Subjects without one are absent."""
    texts = {i: found for i, s in subjects.items() if (found := [t for t in texts_of(s) if _is_asked(t)])}
    kept = await answer_tables.load(tx, {t.digest: t.item.text for found in texts.values() for t in found})
    return {i: risk for i, found in texts.items() if (risk := _last(found, kept)) is not None}


def _is_asked(text: Text) -> bool:
    return text.item.kind in shipped()[_SET].reads


def _last(texts: list[Text], kept: Mapping[UUID, Kept]) -> Risk | None:
    risk: Risk | None = None
    for text in texts:
        found = _judged(text, kept.get(text.digest))
        if found.label == "none" or found.hold or found.probability < shipped()[_SET].threshold:
            continue
        risk = None if found.label == "staying" else _risk(text, found)
    return risk


def _judged(text: Text, kept: Kept | None) -> Verdict:
    questions = shipped()[_SET]
    question = next(q for q in questions.questions if q.id == _QUESTION)
    logged = kept.answers.get((questions.task, _QUESTION), ()) if kept else ()
    answers = [_RULES.answer(questions, text.item)[_QUESTION], *(a for a in logged if a.tier != "rule")]
    return verdict(question, text.item.text, answers, marks(text.item.text))


def _risk(text: Text, found: Verdict) -> Risk:
    quote = found.evidence[0].words if found.evidence else ""
    person = text.author if text.author is not None else text.about
    return Risk(text.subject, found.label, round(found.probability, 4), quote, text.fact, person)
