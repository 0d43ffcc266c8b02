"""The values of a message: its parts, and the personal phrases with what each of them rests on."""

from typing import Any, Literal

from msgspec import Struct

LINK = "{{ link }}"  # delivery fills it: the personal link exists only once somebody approved
Slot = Literal["greeting", "opening", "phrase", "view", "ask", "link", "offer", "policy", "out", "disclosure", "close"]
# What a rewriting may put into other words; the rest is fixed or is about money and law.
FREE: frozenset[Slot] = frozenset({"opening", "ask", "out"})


class Phrase(Struct, frozen=True):
    """A personal phrase: the words, the fact behind them, one evidence as the graph holds it, and how sure we are."""

    text: str
    fact: str
    evidence: dict[str, Any]
    confidence: float


class Part(Struct, frozen=True):
    """A piece of the body and which slot it fills. `raw` are the words of a free slot with the places for names open."""

    slot: Slot
    text: str
    raw: str = ""


class Draft(Struct, frozen=True):
    """A subject of one line and a body in plain text. `paragraphs` is the body by its slots, `subject_raw` the subject with
    the places for names open, `names` what fills them.
    """

    subject: str
    body: str
    phrases: tuple[Phrase, ...] = ()
    paragraphs: tuple[tuple[Part, ...], ...] = ()
    subject_raw: str = ""
    names: tuple[tuple[str, str], ...] = ()

    @property
    def disclosure(self) -> str:
        """The sentence the law asks for; empty when it asks for none."""
        return next((p.text for line in self.paragraphs for p in line if p.slot == "disclosure"), "")


def body_of(paragraphs: tuple[tuple[Part, ...], ...]) -> str:
    """The body of these parts: parts of a paragraph in one line, paragraphs apart."""
    return "\n\n".join(" ".join(p.text for p in line) for line in paragraphs if line) + "\n"
