"""Who and what a text may mean: only names that are known already, of the people it can be about.

Candidates of a text are the people of its event, everybody known to work at its company, and the workspace's
products. A name that means two of them means nobody. Names nobody is known by are kept aside (`mention`) and never
become nodes.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from msgspec import Struct

from honeyguide.inference.contract import Span

_PHRASE = re.compile(
    r"\b[A-ZÀ-ÞĀ-Ž][\w'’-]+(?:\s+(?:(?:van|von|der|den|de|del|della|da|dos|la|le|bin|al|ter|zu)\s+){0,2}[A-ZÀ-ÞĀ-Ž][\w'’-]+){0,3}"
)
# Capitalised words that open a sentence and name nobody. Whatever else opens one may be a name.
_OPENERS = frozenset(
    [
        "a",
        "about",
        "after",
        "again",
        "all",
        "also",
        "an",
        "and",
        "another",
        "any",
        "are",
        "as",
        "ask",
        "at",
        "back",
        "be",
        "because",
        "before",
        "both",
        "but",
        "by",
        "call",
        "can",
        "could",
        "did",
        "do",
        "does",
        "each",
        "every",
        "everybody",
        "everyone",
        "few",
        "finally",
        "first",
        "for",
        "friday",
        "from",
        "got",
        "great",
        "had",
        "has",
        "have",
        "he",
        "heard",
        "her",
        "here",
        "his",
        "how",
        "i",
        "if",
        "in",
        "internally",
        "is",
        "it",
        "its",
        "just",
        "last",
        "later",
        "let",
        "like",
        "long",
        "lots",
        "many",
        "maybe",
        "me",
        "meeting",
        "meet",
        "met",
        "monday",
        "more",
        "most",
        "my",
        "neither",
        "never",
        "new",
        "next",
        "no",
        "nobody",
        "none",
        "nor",
        "not",
        "nothing",
        "now",
        "of",
        "off",
        "on",
        "once",
        "one",
        "only",
        "or",
        "our",
        "out",
        "over",
        "please",
        "put",
        "quick",
        "quite",
        "really",
        "said",
        "saturday",
        "saw",
        "second",
        "send",
        "sent",
        "she",
        "short",
        "since",
        "so",
        "some",
        "somebody",
        "someone",
        "spoke",
        "still",
        "sunday",
        "talk",
        "than",
        "thanks",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "thing",
        "things",
        "this",
        "those",
        "though",
        "three",
        "thursday",
        "till",
        "to",
        "today",
        "told",
        "tomorrow",
        "too",
        "tuesday",
        "two",
        "under",
        "until",
        "up",
        "us",
        "very",
        "via",
        "visit",
        "was",
        "we",
        "wednesday",
        "went",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whoever",
        "whole",
        "why",
        "will",
        "wish",
        "with",
        "without",
        "would",
        "yes",
        "yesterday",
        "yet",
        "you",
        "your",
        "wants",
        "needs",
        "says",
        "thinks",
        "keeps",
        "hopes",
        "runs",
        "plans",
        "uses",
        "works",
        "seems",
        "likes",
        "loves",
        "made",
        "makes",
        "took",
        "takes",
        "came",
        "comes",
        "gave",
        "gives",
        "sits",
        "sat",
        "stands",
        "stood",
        "wrote",
        "writes",
        "read",
        "reads",
        "brought",
        "held",
        "fought",
        "fights",
        "left",
        "ran",
        "bought",
        "dear",
        "hello",
        "hi",
        "hey",
        "best",
        "kind",
        "regards",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "warm",
        "introduction",
        "renewal",
        "quarterly",
        "reminder",
        "invoice",
        "note",
        "update",
        "follow-up",
        "demo",
        "trial",
        "pilot",
        "contract",
        "order",
        "feedback",
    ]
)
_NOT_NAMES_ED = frozenset({"ahmed", "alfred", "fred", "ted", "manfred", "wilfred", "winifred", "mohamed", "mohammed", "jared", "hamed", "siegfried", "zied", "saeed", "waleed", "khaled", "reed"})  # fmt: skip
_TITLES = frozenset({"mr", "mrs", "ms", "dr", "prof", "herr", "frau", "mme", "sr", "sra"})
_MOST_NAMES = 60  # of one text; more is a list and no letter
_LEAST = 3  # letters of a name that is looked for by itself


class Named(Struct, frozen=True):
    """A place in the text that names somebody or something known: `node` is a record, entity or node id."""

    start: int
    end: int
    node: int


class Candidates(Struct, frozen=True):
    """Who and what a text may mean: id -> name. `about` is the person the text is kept with."""

    people: Mapping[int, str]
    products: Mapping[int, str]
    about: int | None = None


def phrases(text: str) -> list[Span]:
    """What looks like a name: capitalised words in a row."""
    return [Span(m.start(), m.end(), m.group()) for m in _PHRASE.finditer(text)][:_MOST_NAMES]


def strangers(text: str, start: int, end: int, known: Iterable[tuple[int, int]]) -> list[Span]:
    """What looks like the name of somebody or something in this part of the text and is none of the known places."""
    taken = list(known)
    found = []
    for phrase in phrases(text[start:end]):
        at, stop = start + phrase.start, start + phrase.end
        if any(at < e and s < stop for s, e in taken) or all(_no_name(w) for w in phrase.words.split()):
            continue
        found.append(Span(at, stop, phrase.words))
    return found


def _no_name(word: str) -> bool:
    low = word.casefold()
    verb = low.endswith(("ed", "ing")) and len(low) > 4 and low not in _NOT_NAMES_ED
    return low in _OPENERS or low.split("'")[0].split("’")[0] in _OPENERS or verb or (word.isupper() and len(word) <= 5)


def words_of(name: str) -> list[str]:
    """The words of a name by which it is looked up, folded."""
    return [w for w in re.split(r"[\s.,'’]+", name.casefold()) if len(w) >= _LEAST - 1 and w not in _TITLES]


def people_in(text: str, candidates: Candidates) -> list[Named]:
    """Places that name exactly one of the people, first to last, no two overlapping. Whole names go before parts."""
    return _resolved(meant(text, candidates))


def meant(text: str, candidates: Candidates) -> list[tuple[Span, frozenset[int]]]:
    """Places that name somebody known, and everybody each could mean."""
    found: list[tuple[Span, frozenset[int]]] = []
    taken: list[tuple[int, int]] = []
    for pattern, who in _spellings(tuple(sorted(candidates.people.items()))):
        for m in pattern.finditer(text):
            if any(m.start() < end and start < m.end() for start, end in taken):
                continue
            taken.append(m.span())
            means = who
            if candidates.about in who and len(who) > 1 and " " not in m.group():
                means = frozenset({candidates.about})  # a first name in a note is whom the note is about
            found.append((Span(m.start(), m.end(), m.group()), frozenset(i for i in means if i is not None)))
    return sorted(found, key=lambda one: one[0].start)


def _resolved(places: Iterable[tuple[Span, frozenset[int]]]) -> list[Named]:
    return [Named(span.start, span.end, next(iter(who))) for span, who in places if len(who) == 1]


@lru_cache(maxsize=1_024)
def _spellings(people: tuple[tuple[int, str], ...]) -> tuple[tuple["re.Pattern[str]", frozenset[int]], ...]:
    """Patterns of names, the longest first: whole names, then first and last names; with everybody of that spelling."""
    spelled: dict[str, set[int]] = {}
    for ident, name in people:
        parts = [p for p in name.split() if p.casefold().strip(".") not in _TITLES]
        if not parts:
            continue
        for spelling in {" ".join(parts), *((parts[0], parts[-1]) if len(parts) > 1 else ())}:
            if len(spelling) >= _LEAST and spelling[:1].isupper():
                spelled.setdefault(spelling, set()).add(ident)
    ordered = sorted(spelled, key=lambda s: (-s.count(" "), -len(s), s))
    return tuple((re.compile(rf"(?<!\w){re.escape(s)}(?!\w)"), frozenset(spelled[s])) for s in ordered)


def products_in(text: str, candidates: Candidates) -> list[Named]:
    """Places that name a product, first to last."""
    found: list[Named] = []
    for pattern, product in _products(tuple(sorted(candidates.products.items()))):
        for m in pattern.finditer(text):
            if not any(m.start() < f.end and f.start < m.end() for f in found):
                found.append(Named(m.start(), m.end(), product))
    return sorted(found, key=lambda f: f.start)


@lru_cache(maxsize=256)
def _products(products: tuple[tuple[int, str], ...]) -> tuple[tuple["re.Pattern[str]", int], ...]:
    """A product is named with a capital, as names are: "we dispatch at noon" names none. Two of one name are neither."""
    spelled: dict[str, set[int]] = {}
    for ident, name in products:
        plain = re.sub(r"[-_]+", " ", name).strip()
        for spelling in {plain.title(), plain[:1].upper() + plain[1:], plain.upper()}:
            if len(spelling) >= _LEAST:
                spelled.setdefault(spelling, set()).add(ident)
    ordered = sorted((s for s, who in spelled.items() if len(who) == 1), key=lambda s: (-len(s), s))
    return tuple((re.compile(rf"(?<!\w){re.escape(s)}(?!\w)"), next(iter(spelled[s]))) for s in ordered)


def only(named: Iterable[Named]) -> int | None:
    """The one thing that is named, however often; None when there is none or more than one."""
    nodes = {n.node for n in named}
    return nodes.pop() if len(nodes) == 1 else None
