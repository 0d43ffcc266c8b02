"""From verdicts to proposals: which two known ends a label joins, in whose words, how surely.

A model only ever picks a label; who is meant is settled here, from names in the quoted clause that are known. Where
the ends are not plain, nothing is proposed and a person is asked. Claims about somebody other than their author
count less than what people say of themselves.
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from honeyguide.graph.beliefs import log_odds, probability
from honeyguide.inference.contract import QuestionSet, Span
from honeyguide.inference.gazetteer import Candidates, Named, meant, only, people_in, products_in, strangers
from honeyguide.inference.guard import THRESHOLD
from honeyguide.inference.port import Proposal, Quote, Tier
from honeyguide.inference.rules_relation import found_wording, subordinate_first
from honeyguide.inference.texts import Text
from honeyguide.inference.verdicts import Verdict

_OF_OTHERS, _OF_OTHERS_BY_CUSTOMERS = 0.9, 0.75
_BACKWARDS = re.compile(r"\bintroduction to\b.*\b(from|by|through)\b|\bvia\b.*\b(got to know|met)\b", re.IGNORECASE)
_MOST = 0.97


class TaskAuthor(Struct, frozen=True):
    """Who signs what a question set led to: `embedding:relation`."""

    name: str
    version: str
    tier: Tier
    kinds: frozenset[str]


class Effect(Struct, frozen=True):
    """A proposal with who signs it; `unclear` instead of a proposal when the ends could not be told."""

    author: TaskAuthor
    proposal: Proposal | None
    unclear: bool = False


def author_of(questions: QuestionSet, tier: Tier) -> TaskAuthor:
    """The author of a set's edges on one tier; its labels are those the set names."""
    kinds = frozenset(k for q in questions.questions for k in (*q.edges.values(), *q.against.values()))
    return TaskAuthor(questions.name, str(questions.version), tier, kinds)


def effect(text: Text, questions: QuestionSet, found: Verdict, candidates: Candidates) -> Effect | None:
    """What follows from one verdict; None when its label moves nothing."""
    if not found.moves:
        return None
    author = author_of(questions, found.tier)
    kind = found.question.edges.get(found.label) or found.question.against[found.label]
    span = found.evidence[0] if found.evidence else None
    ends = _ends(text, questions.name, kind, found.label, span, candidates) if span else None
    if ends is None or span is None:
        return Effect(author, None, unclear=True)
    supports = found.label in found.question.edges
    confidence = _discounted(text, questions.name, ends[0], found)
    if confidence < max(THRESHOLD.get(kind, 1.0), 0 if found.tier == "person" else questions.threshold) or found.hold:
        return Effect(author, None)
    return Effect(
        author,
        Proposal(
            label=kind, src=ends[0], dst=ends[1], confidence=round(confidence, 4), fact=text.fact, supports=supports,
            quote=Quote(text.field, span.start, span.end, span.words), valid_from=text.fact.at,
            last_seen_at=text.fact.at,
            detail={"question": found.question.id, "label": found.label, "model": found.model, "author": text.item.author},
            key=f"{text.id}/{found.question.id}", cost_micros=found.cost_micros,
        ),
    )  # fmt: skip


def _discounted(text: Text, task: str, src: int, found: Verdict) -> float:
    p = min(_MOST, found.probability)
    if found.tier == "person" or task == "ticket_outcome" or text.author == src:
        return p
    factor = _OF_OTHERS if text.item.author == "staff" else _OF_OTHERS_BY_CUSTOMERS
    return probability(log_odds(max(0.01, p)) * factor)


def _ends(text: Text, task: str, kind: str, label: str, span: Span, known: Candidates) -> tuple[int, int] | None:
    """The ids an edge of this kind joins; None when they are not plain."""
    if task == "ticket_outcome":
        return (text.subject, text.about) if text.about is not None else None
    if task == "praise":
        return _judged(text, span, known)
    if kind in ("reports_to", "colleague_of", "introduced"):
        return _two_people(text, kind, span, known)
    product = _product(text, span, known)
    person = _person(text, span, known, label)
    return (person, product) if person is not None and product is not None else None


def _judged(text: Text, span: Span, known: Candidates) -> tuple[int, int] | None:
    """Who praises or complains, of what: in a ticket of the ticket; elsewhere of the product that is named."""
    if text.item.kind in ("ticket", "rating"):
        return (text.author, text.subject) if text.author is not None and text.author == text.about else None
    who = text.author if text.author is not None else _person(text, span, known, "")
    product = _product(text, span, known)
    return (who, product) if who is not None and product is not None else None


def _named(text: Text, span: Span, known: Candidates) -> list[Named]:
    return [n for n in people_in(text.item.text, known) if span.start <= n.start and n.end <= span.end]


def _person(text: Text, span: Span, known: Candidates, label: str) -> int | None:
    """The one person of the clause. Without any name, whom the text is kept with (who wrote it, or whom it is about);
    where a stranger is named, nobody: what is said of them is not said of anybody we know.
    """
    named = _named(text, span, known)
    others = _strangers(text, span, known)
    if not others:
        return only(named) if named else text.about
    # With a stranger in the clause only who stands before the wording, the stranger after it, is plainly meant; and not
    # even then where the wording may be passive ("is held up by").
    hit = found_wording(span.words, label) if label != "blocked_by" else None
    plain = hit is not None and all(span.start + hit[1] <= o.start for o in others)
    before = [n for n in named if hit is not None and n.end <= span.start + hit[0]]
    return only(before) if plain and before else None


def _strangers(text: Text, span: Span, known: Candidates) -> list[Span]:
    words = text.item.text
    places = [(n.start, n.end) for n in products_in(words, known)]
    places += [(s.start, s.end) for s, _ in meant(words, known)]
    return strangers(words, span.start, span.end, places)


def _product(text: Text, span: Span, known: Candidates) -> int | None:
    """The one product of the clause, else of the whole text."""
    everywhere = products_in(text.item.text, known)
    here = [n for n in everywhere if span.start <= n.start and n.end <= span.end]
    return only(here or everywhere)


def _two_people(text: Text, kind: str, span: Span, known: Candidates) -> tuple[int, int] | None:
    ordered = list(dict.fromkeys(n.node for n in _named(text, span, known)))
    if len(ordered) == 1 and text.about is not None and ordered[0] != text.about and not _strangers(text, span, known):
        pair: Sequence[int] = (text.about, ordered[0])
        alone = True
    elif len(ordered) == 2:
        pair, alone = ordered, False
    else:
        return None
    if kind == "colleague_of":
        return min(pair), max(pair)
    if kind == "introduced":
        return (pair[1], pair[0]) if not alone and _BACKWARDS.search(span.words) else (pair[0], pair[1])
    first = subordinate_first(span.words)
    if first is None:
        return None
    return (pair[0], pair[1]) if first else (pair[1], pair[0])
