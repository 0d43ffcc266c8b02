"""Praise and complaint in a customer's own words: `praised` and `complained_of`, from the author to the ticket.

The text is untrusted. Whatever it says, it can only ever yield one of these two labels, between its author and the
ticket it stands in, with a sentence of its own as the quote; a text that gives orders yields nothing. Structured
facts outrank words: a rating that disagrees with them silences them.
"""

import re

from honeyguide.inference import praise_words as words
from honeyguide.inference import ticket as tickets
from honeyguide.inference.port import Fact, Proposal, Quote, Subject, Tier

# Which words of which event are the customer's own: never the solution an agent wrote.
_OWN_WORDS = {"ticket.opened": "text", "ticket.commented": "text", "ticket.rated": "comment"}
_SENTENCE = re.compile(r"[^.!?\n\r]+[.!?]*")
_TRIMMED = re.compile(r"\S(?:.*\S)?", re.DOTALL)
_NEAR = 5  # words before a judgement in which a negation reaches it
_LONGEST_QUOTE = 300
# A wall of text is no heartfelt sentence, and nobody should pay for scanning it.
_LONGEST_TEXT = 8_000


class Praise:
    """Lexicon rules: a judging word, not negated, not a wish, not turned round in its own sentence."""

    name = "praise"
    version = "1"
    tier: Tier = "rule"
    kinds = frozenset({"praised", "complained_of"})
    reads = "ticket"

    def infer(self, subject: Subject) -> list[Proposal]:
        """At most one proposal per label: the surest, then the earliest words of the person who asked for help."""
        ticket = tickets.read(subject)
        if ticket is None or ticket.requester is None:
            return []
        found: dict[str, Proposal] = {}
        for fact in subject.facts:
            name = _OWN_WORDS.get(fact.kind)
            if name is None or (fact.person is not None and fact.person != ticket.requester):
                continue
            if fact.person is None and fact.kind != "ticket.rated":
                continue
            proposal = _judge(ticket.requester, subject.id, fact, name)
            if proposal and (proposal.label not in found or proposal.confidence > found[proposal.label].confidence):
                found[proposal.label] = proposal
        return list(found.values())


def _judge(author: int, ticket: int, fact: Fact, name: str) -> Proposal | None:
    text = fact.texts.get(name, "")
    score = tickets.score_of(fact.props) if fact.kind == "ticket.rated" else None
    judged = judge_text(text)
    if judged is None:
        return None
    label, quote = judged
    if score is not None and (score <= 3 if label == "praised" else score >= 3):
        return None
    confidence = 0.9 if score is not None else 0.75
    return Proposal(
        label=label,
        src=author,
        dst=ticket,
        confidence=confidence,
        fact=fact,
        quote=Quote(name, quote.start(), quote.start() + len(quote.group()), quote.group()),
        valid_from=fact.at,
        last_seen_at=fact.at,
        detail={"score": score} if score is not None else {},
    )


def gives_orders(text: str) -> bool:
    """Whether the text addresses a machine or asks for something in return for its words."""
    return bool(words.COMMANDS.search(text))


def judge_text(text: str) -> tuple[str, re.Match[str]] | None:
    """The label and the sentence that carries it; None when there is no clear, single judgement."""
    if not text or len(text) > _LONGEST_TEXT or gives_orders(text):
        return None
    praise: list[re.Match[str]] = []
    complaint: list[re.Match[str]] = []
    for sentence in _SENTENCE.finditer(text):
        own = _trimmed(sentence, text)
        if own is None:
            continue
        if _holds(words.COMPLAINT, own.group()):
            complaint.append(own)
        elif _holds(words.PRAISE, own.group()) and not words.TURN.search(own.group()):
            praise.append(own)
        elif words.COMPLAINT.search(own.group()):
            return None  # a complaint denied or wished away: too subtle for words alone
    if praise and complaint:
        return None
    if praise:
        return "praised", praise[0]
    return ("complained_of", complaint[0]) if complaint else None


def _trimmed(sentence: re.Match[str], text: str) -> re.Match[str] | None:
    """The sentence without outer blanks, with its place in the text; None for quoted lines and endless ones."""
    line_start = text.rfind("\n", 0, sentence.start()) + 1
    if text[line_start : sentence.end()].lstrip().startswith(">"):
        return None
    trimmed = _TRIMMED.search(text, sentence.start(), sentence.end())
    return trimmed if trimmed and len(trimmed.group()) <= _LONGEST_QUOTE else None


def _holds(judgement: re.Pattern[str], sentence: str) -> bool:
    """Whether the sentence judges in earnest: some hit with no negation just before it, in a sentence about this world."""
    if words.UNREAL.search(sentence):
        return False
    for hit in judgement.finditer(sentence):
        before = re.findall(r"[\w'’]+", sentence[: hit.start()])[-_NEAR:]
        if not words.NEGATION.search(" ".join(before).replace("’", "'")):
            return True
    return False
