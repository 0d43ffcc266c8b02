"""The decision contract: closed questions about a text, answered with probabilities and the words that show it.

The same meaning as the System One wire shape (`choice`, `noul`, `score` over a state), plus evidence. Whoever answers
(rules, an embedding head, a local or hosted model, a person) answers alike; nobody writes free text into the graph.
"""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from msgspec import Struct, field

from honeyguide.core.ids import content_id
from honeyguide.inference.port import Tier

QuestionKind = Literal["choice", "noul", "score"]
# Of every choice: what is answered when the text does not say. It makes no edge.
NONE = "none"


class Question(Struct, frozen=True, forbid_unknown_fields=True):
    """One closed question. `options`: label -> what it means (noul: yes, no; score: "1" to "5", in order).

    `edges`: label -> kind of edge it makes; labels without one make none. `against`: label -> kind of edge it speaks
    against. `stake`: what acting on a wrong answer costs, in units of one minute of a person's time. `money`: whether the answer moves money-relevant state, so
    that a language model's word alone never counts.
    """

    id: str
    kind: QuestionKind
    instructions: str
    options: dict[str, str]
    edges: dict[str, str] = field(default_factory=dict)
    against: dict[str, str] = field(default_factory=dict)
    stake: float = 1.0
    money: bool = False


class Seed(Struct, frozen=True, forbid_unknown_fields=True):
    """An example that ships with a question set: a text and its answers. Questions it leaves out are not exemplified."""

    text: str
    answers: dict[str, str]


class QuestionSet(Struct, frozen=True, forbid_unknown_fields=True):
    """Questions that are asked together of one kind of text, versioned. One YAML file each in `questions/`.

    `reads` is the kind of text: ticket, rating, note, mail, title, survey. `threshold`: the least probability at which
    an answer may become an edge.
    """

    name: str
    version: int
    reads: tuple[str, ...]
    about: str
    questions: tuple[Question, ...]
    seeds: tuple[Seed, ...] = ()
    threshold: float = 0.7

    def question(self, ident: str) -> Question:
        """A question by its id. Raises KeyError."""
        for one in self.questions:
            if one.id == ident:
                return one
        raise KeyError(ident)

    @property
    def task(self) -> str:
        """Name and version as they stand in answers and caches: `sentiment@3`."""
        return f"{self.name}@{self.version}"


class Item(Struct, frozen=True):
    """One text to be asked about. `text` is data, whatever it says.

    `author`: customer, agent, staff or "" when unknown. `facts`: what is known without reading (status, score,
    priority ...), plain values only. `candidates`: label-free ids a relation may point at -> the name in the text.
    """

    text: str
    kind: str
    author: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    candidates: dict[int, str] = field(default_factory=dict)

    def digest(self) -> bytes:
        """16 bytes that are equal exactly for equal items: the key under which answers are remembered."""
        facts = ";".join(f"{k}={self.facts[k]!r}" for k in sorted(self.facts))
        names = ";".join(f"{k}={self.candidates[k]}" for k in sorted(self.candidates))
        return content_id("item", self.kind, self.author, facts, names, self.text).bytes


class Span(Struct, frozen=True):
    """Words of the text: `text[start:end] == words`, verbatim."""

    start: int
    end: int
    words: str


class Usage(Struct, frozen=True):
    """What an answer cost. Money in millionths of the workspace's currency unit."""

    tokens_in: int = 0
    tokens_out: int = 0
    cpu_ms: float = 0.0
    cost_micros: int = 0


class Answer(Struct, frozen=True):
    """A provider's answer to one question: label -> probability (sums to 1), and where the text shows it.

    `model` names exactly what answered (head and version, weights' digest, hosted model's name); `logits` are raw
    scores where there are any; `flags` are marks of the text that make a person look (`injection`, `too_long` ...).
    """

    question: str
    probs: dict[str, float]
    provider: str
    tier: Tier
    model: str
    evidence: tuple[Span, ...] = ()
    logits: dict[str, float] | None = None
    prompt: str = ""
    flags: tuple[str, ...] = ()
    usage: Usage = Usage()

    @property
    def label(self) -> str:
        """The likeliest label (of equal ones the first by name)."""
        return min(self.probs, key=lambda k: (-self.probs[k], k))

    @property
    def confidence(self) -> float:
        """The probability of that label."""
        return self.probs[self.label]


class Provider(Protocol):
    """Who answers. Batched always; one dict (question id -> answer) per item, in order.

    A question it cannot answer is absent from the dict. Never raises for odd text; raises Unavailable when it cannot
    be reached now, TooMuch when its budget or queue is full.
    """

    @property
    def name(self) -> str: ...
    @property
    def tier(self) -> Tier: ...
    async def decide(self, questions: QuestionSet, items: Sequence[Item]) -> list[dict[str, Answer]]: ...
