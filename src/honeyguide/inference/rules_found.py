"""What a rule answers, and the small steps all rules share."""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from honeyguide.inference import praise_words
from honeyguide.inference.clauses import clauses
from honeyguide.inference.contract import Span

_NEAR = 5  # words before a wording in which a negation reaches it


class Found(Struct, frozen=True):
    """Some labels with their probabilities (the rest is shared among the others) and the clause that shows it."""

    probs: Mapping[str, float]
    spans: tuple[Span, ...] = ()


def clamped(options: Sequence[str], probs: Mapping[str, float]) -> dict[str, float]:
    """A probability for every option, summing to 1: what the rule left open is shared evenly."""
    given = {k: min(0.98, max(0.005, p)) for k, p in probs.items() if k in options}
    rest = [o for o in options if o not in given]
    left = max(0.0, 1.0 - sum(given.values()))
    found = {o: given.get(o, left / len(rest) if rest else 0.0) for o in options}
    total = sum(found.values())
    return {o: p / total for o, p in found.items()}


def hits(wording: re.Pattern[str], text: str, *, unreal: bool = True) -> Iterator[tuple[Span, "re.Match[str]"]]:
    """Where a wording holds in earnest: not negated just before, not in a sentence about another world than this."""
    for clause in clauses(text):
        if unreal and praise_words.UNREAL.search(clause.words):
            continue
        for hit in wording.finditer(clause.words):
            if not negated(clause.words, hit.start()):
                yield clause, hit
                break


def negated(clause: str, at: int) -> bool:
    """Whether a negation stands within a few words before this place."""
    before = re.findall(r"[\w'’]+", clause[:at])[-_NEAR:]
    return bool(praise_words.NEGATION.search(" ".join(before).replace("’", "'")))


def score_of(facts: Mapping[str, object]) -> float | None:
    """The rating from 0 to 1 where there is one: 1 to 5 as for tickets, or on the survey's own scale."""
    raw, top = facts.get("score"), facts.get("scale_max")
    if not isinstance(raw, int | float) or isinstance(raw, bool):
        return None
    best = float(top) if isinstance(top, int | float) and top > 1 else 5.0
    least = 0.0 if best == 10 else 1.0
    return min(1.0, max(0.0, (float(raw) - least) / (best - least)))
