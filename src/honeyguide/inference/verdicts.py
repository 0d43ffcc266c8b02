"""From the answers of all tiers to one question about one text to what may be believed of it.

Four rules stand here, before any edge is thought of:
- an answer outside the closed set, with a number that is no probability, or with a quote that is not in the text at
  that place, is no vote at all;
- on questions that move money a language model's vote counts only beside another tier that says the same;
- marks of injection take confidence away and, the strong ones, hold the text for a person: they never add any;
- tiers that contradict each other on a label that would make an edge hold it for a person.
"""

from collections.abc import Sequence
from math import isfinite

from msgspec import Struct

from honeyguide.inference.clauses import clauses, verbatim
from honeyguide.inference.contract import Answer, Question, Span
from honeyguide.inference.injection import Marks
from honeyguide.inference.port import Tier
from honeyguide.inference.stacking import LANGUAGE_MODELS, RANK, combine, shrunk

_CLEAR = 0.55  # from here a tier says something
_OPEN = 0.5  # what the other tiers must give a label before a language model may carry it
_SUSPECT = 0.6  # what a suspicious text keeps of its log-odds


class Verdict(Struct, frozen=True):
    """What is believed of one question: `hold` means that a person has to look before anything follows.

    `tier` and `model`: the highest tier whose vote counted for the label. `voices`: all tiers whose answers could stand.
    """

    question: Question
    probs: dict[str, float]
    tier: Tier
    model: str
    evidence: tuple[Span, ...]
    flags: tuple[str, ...]
    hold: bool
    disagreement: bool
    cost_micros: int = 0
    voices: frozenset[Tier] = frozenset()

    @property
    def label(self) -> str:
        """The likeliest label (of equal ones the first by name)."""
        return min(self.probs, key=lambda k: (-self.probs[k], k))

    @property
    def probability(self) -> float:
        """How likely it is."""
        return self.probs[self.label]

    @property
    def moves(self) -> bool:
        """Whether the label makes an edge or speaks against one."""
        return self.label in self.question.edges or self.label in self.question.against


def verdict(question: Question, text: str, answers: Sequence[Answer], marks: Marks) -> Verdict:
    """Weigh the answers. With none that can stand all options are alike."""
    votes = [a for a in answers if sound(question, text, a)]
    refused = len(votes) < len(answers)
    person = [a for a in votes if a.tier == "person"]
    if person:
        probs = combine([*question.options], person)
        label = max(probs, key=lambda k: probs[k])
        return Verdict(
            question, probs, "person", person[-1].model, person[-1].evidence or _evidence(text, label, votes),
            (), hold=False, disagreement=False, voices=frozenset(a.tier for a in votes),
        )  # fmt: skip
    apart = disagree(question, votes)
    counted = _counted(question, votes)
    probs = combine([*question.options], counted)
    if marks.flags:
        probs = shrunk(probs, _SUSPECT)
    label = min(probs, key=lambda k: (-probs[k], k))
    for_it = [a for a in counted if a.label == label] or counted
    best = max(for_it, key=lambda a: (RANK[a.tier], a.confidence), default=None)
    unsupported = len(counted) < len(votes) or _alone(question, label, counted)
    flags = {*marks.flags} | ({"misquoted"} if refused else set()) | ({"unsupported"} if unsupported else set())
    return Verdict(
        question, probs, best.tier if best else "rule", best.model if best else "",
        _evidence(text, label, for_it), tuple(sorted(flags)),
        hold=marks.hold or apart or unsupported, disagreement=apart or unsupported,
        cost_micros=sum(a.usage.cost_micros for a in counted), voices=frozenset(a.tier for a in votes),
    )  # fmt: skip


def sound(question: Question, text: str, answer: Answer) -> bool:
    """Whether an answer may be a vote: only known labels, probabilities that are some, quotes that are in the text."""
    if not answer.probs or not set(answer.probs) <= set(question.options):
        return False
    if not all(isfinite(p) and 0 <= p <= 1 for p in answer.probs.values()):
        return False
    return abs(sum(answer.probs.values()) - 1) < 0.02 and verbatim(text, answer.evidence)


def disagree(question: Question, votes: Sequence[Answer]) -> bool:
    """Whether two tiers clearly say different things and one of them would move an edge."""
    said = {a.label for a in votes if a.confidence >= _CLEAR}
    return len(said) > 1 and bool(said & (question.edges.keys() | question.against.keys())) and _both_clear(votes)


def _both_clear(votes: Sequence[Answer]) -> bool:
    """A rule that found no wording is silent, not of another opinion: it answers without evidence."""
    speaking = {a.label for a in votes if a.confidence >= _CLEAR and (a.tier != "rule" or a.evidence)}
    return len(speaking) > 1


def _counted(question: Question, votes: Sequence[Answer]) -> list[Answer]:
    """Without language models that stand alone, where the question moves money.

    Whoever writes to deceive a model deceives the embedding of the same words as well, so that its agreement is none: a rule
    that points at its wording has to say the same.
    """
    if not question.money:
        return list(votes)
    others = {a.label for a in votes if a.tier == "statistic" or (a.tier == "rule" and a.evidence)}
    return [a for a in votes if a.tier not in LANGUAGE_MODELS or a.label in others or not _moves(question, a.label)]


def _alone(question: Question, label: str, counted: Sequence[Answer]) -> bool:
    """Whether only language models carry a label that moves an edge. They may settle what the others leave open, not
    overturn them: the other tiers that speak must find the label more likely than not. An obedient model fails here.
    """
    if not _moves(question, label) or not any(a.tier in LANGUAGE_MODELS and a.label == label for a in counted):
        return False
    others = [a for a in counted if a.tier not in LANGUAGE_MODELS and (a.tier != "rule" or a.evidence)]
    return not others or combine([*question.options], others)[label] < _OPEN


def _moves(question: Question, label: str) -> bool:
    return label in question.edges or label in question.against


def _evidence(text: str, label: str, answers: Sequence[Answer]) -> tuple[Span, ...]:
    """The words that show it: those a vote for it points at, else the longest clause: code cuts it, so it is verbatim."""
    pointed = [a for a in answers if a.label == label and a.evidence] or [a for a in answers if a.evidence]
    if pointed:
        return max(pointed, key=lambda a: (RANK[a.tier], a.confidence)).evidence[:1]
    cut = clauses(text)
    return (max(cut, key=lambda c: (c.end - c.start, -c.start)),) if cut else ()
