"""Words of a text as evidence: a quote counts only where the text has it, letter for letter."""

import re

from honeyguide.inference.contract import Span

_ENDS = re.compile(r"(?<=[.!?;])\s+|\s*\n\s*|\s+(?:-|\u2013|\u2014)\s+")
_MIN_LETTERS, _MAX_WORDS = 3, 400


def locate(text: str, quote: str) -> Span | None:
    """Where a quote stands in a text; None when it does not. The span carries the text's own words.

    Differences of case and white space alone are forgiven, since models change them; nothing else is. Of several
    places the first.
    """
    words = quote.strip().strip("\"'\u201c\u201d\u2018\u2019").strip()
    if sum(c.isalnum() for c in words) < _MIN_LETTERS or len(words) > _MAX_WORDS:
        return None
    at = text.find(words)
    if at < 0:
        pattern = r"\s+".join(re.escape(part) for part in words.split())
        found = re.search(pattern, text, re.IGNORECASE)
        if found is None:
            return None
        return Span(found.start(), found.end(), found.group())
    return Span(at, at + len(words), words)


def clauses(text: str) -> list[Span]:
    """The parts a text can be quoted in: sentences and lines, in order, each without the space around it."""
    found, begin = [], 0
    for end, after in [*((m.start(), m.end()) for m in _ENDS.finditer(text)), (len(text), len(text))]:
        words = text[begin:end]
        start = begin + len(words) - len(words.lstrip())
        words = words.strip()
        if sum(c.isalnum() for c in words) >= _MIN_LETTERS:
            found.append(Span(start, start + len(words), words))
        begin = after
    return found
