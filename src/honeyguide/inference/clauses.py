"""Cutting a text into clauses with their places: whatever is quoted is one of them, so it is verbatim by construction."""

import re
from collections.abc import Iterator
from functools import lru_cache

from honeyguide.inference.contract import Span

LONGEST = 300  # characters of one quote
_TRIMMED = re.compile(r"\S(?:.*\S)?", re.DOTALL)
_END = re.compile(
    r"(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bMrs)(?<!\bSt)(?<!\bNo)(?<!\be\.g)(?<!\bi\.e)[.!?…]+(?=[\s\"'”)]|$)|\n+|\r+"
)
_INNER = re.compile(r"[;:]\s|,\s|\s[–—-]\s")


@lru_cache(maxsize=4_096)
def clauses(text: str) -> tuple[Span, ...]:
    """The sentences of a text, long ones cut at commas and the like; quoted lines of a mail (`> ...`) left out."""
    return tuple(_clauses(text))


def _clauses(text: str) -> Iterator[Span]:
    start = 0
    for stop in [m.end() for m in _END.finditer(text)] + [len(text)]:
        line_start = text.rfind("\n", 0, start + 1) + 1
        if not text[line_start:stop].lstrip().startswith(">"):
            yield from _cut(text, start, stop)
        start = stop


def _cut(text: str, start: int, stop: int) -> Iterator[Span]:
    """One sentence, in pieces of at most `LONGEST`."""
    found = _TRIMMED.search(text, start, stop)
    if found is None:
        return
    start, stop = found.span()
    while stop - start > LONGEST:
        breaks = [m.end() for m in _INNER.finditer(text, start, start + LONGEST)]
        space = text.rfind(" ", start, start + LONGEST)
        at = breaks[-1] if breaks else space + 1 if space > start else start + LONGEST
        yield from _cut(text, start, at)
        start = at
    if found := _TRIMMED.search(text, start, stop):
        yield Span(found.start(), found.end(), found.group())


def clause_at(text: str, start: int, end: int) -> Span | None:
    """The clause that holds these characters; None where it was left out."""
    return next((c for c in clauses(text) if c.start <= start and end <= c.end), None)


def verbatim(text: str, spans: tuple[Span, ...]) -> bool:
    """Whether every span stands in the text, character by character."""
    return all(
        0 <= s.start < s.end <= len(text) and text[s.start : s.end] == s.words and s.words.strip() for s in spans
    )
