"""The tier that is always there: rules over wordings, answering every shipped question with honest probabilities.

A rule says how sure its wording has shown itself to be, never more; where no wording holds it answers `none` (or the
middle) with little confidence, which is what makes other tiers worth asking. Evidence is the clause that holds the
wording. Nothing here looks at the graph; names only help to pick a clause.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from honeyguide.inference import rules_relation, rules_stance, rules_title
from honeyguide.inference.contract import Answer, Item, Question, QuestionSet, Span
from honeyguide.inference.injection import marks
from honeyguide.inference.port import Tier
from honeyguide.inference.rules_found import Found, clamped

# Raised whenever a rule changes what it answers; part of `Answer.model`.
VERSION = 1
_JUDGES: Mapping[str, Callable[[Item], Found]] = {
    "ticket_outcome.resolution": rules_stance.resolution,
    "ticket_outcome.sentiment": rules_stance.sentiment,
    "praise.stance": rules_stance.stance,
    "praise.object": rules_stance.about,
    "intent.recommend": rules_stance.recommend,
    "churn.risk": rules_stance.risk,
    "mention.product": rules_stance.product,
    "relation.relation": rules_relation.relation,
    "title.seniority": rules_title.seniority,
    "title.department": rules_title.department,
    "title.buying_role": rules_title.buying_role,
}


class Rules:
    """The provider of tier `rule`. Pure code: the same item gives the same answer, at no cost."""

    name = "rules"
    tier: Tier = "rule"
    model = f"rules@{VERSION}"

    async def decide(self, questions: QuestionSet, items: Sequence[Item]) -> list[dict[str, Answer]]:
        """One dict per item: question id -> answer. Questions of sets that are not shipped are left out."""
        return [self.answer(questions, item) for item in items]

    def answer(self, questions: QuestionSet, item: Item) -> dict[str, Answer]:
        """The answers about one item."""
        found: dict[str, Answer] = {}
        for question in questions.questions:
            name = question.id if "." in question.id else f"{questions.name}.{question.id}"
            judge = _JUDGES.get(name)
            if judge is not None:
                probs, spans = self._judged(name, question, item)
                found[question.id] = Answer(
                    question=question.id, probs=dict(probs), provider=self.name, tier=self.tier, model=self.model,
                    evidence=spans, flags=marks(item.text).flags,
                )  # fmt: skip
        return found

    @staticmethod
    def _judged(name: str, question: Question, item: Item) -> tuple[tuple[tuple[str, float], ...], tuple[Span, ...]]:
        facts = tuple(sorted((k, v) for k, v in item.facts.items() if isinstance(v, str | int | float)))
        names = tuple(sorted(item.candidates.items()))
        return _remembered(name, tuple(question.options), item.text, item.kind, item.author, facts, names)


@lru_cache(maxsize=8_192)  # a ticket is judged again with every one of its events
def _remembered(
    name: str, options: tuple[str, ...], text: str, kind: str, author: str,
    facts: tuple[tuple[str, str | int | float], ...], names: tuple[tuple[int, str], ...],
) -> tuple[tuple[tuple[str, float], ...], tuple[Span, ...]]:  # fmt: skip
    item = Item(text=text, kind=kind, author=author, facts=dict(facts), candidates=dict(names))
    found = _JUDGES[name](item)
    return tuple(clamped(options, found.probs).items()), found.spans
