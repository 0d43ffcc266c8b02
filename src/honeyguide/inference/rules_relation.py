"""Rules for relations between people and to products. What is said as a fact of today counts; wishes and guesses do not."""

import re

from honeyguide.inference import rules_relation_words as words
from honeyguide.inference.clauses import clauses
from honeyguide.inference.contract import NONE, Item
from honeyguide.inference.rules_found import Found

_CAPITAL = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-ZÀ-Þ][\w'’-]+|\b(?i:he|she|i|we|they|my|his|her|mr|ms|mrs|dr)\b")
_SURE = {
    "champion_of": 0.78, "evaluating": 0.74, "blocked_by": 0.76, "colleague_of": 0.72, "reports_to": 0.84,
    "interested_in": 0.74, "introduced": 0.82,
}  # fmt: skip


def relation(item: Item) -> Found:
    """The surest label of the clauses; clauses that guess, ask or deny say nothing."""
    best: tuple[float, str, Found] | None = None
    for clause in clauses(item.text):
        label = label_of(clause.words)
        if not label:
            continue
        named = any(n and n.casefold() in clause.words.casefold() for n in item.candidates.values())
        sure = _SURE[label] + (0.06 if named else 0.0 if _CAPITAL.search(clause.words) else -0.15)
        if best is None or sure > best[0]:
            best = (sure, label, Found({label: sure, NONE: (1 - sure) * 0.6}, (clause,)))
    return best[2] if best else Found({NONE: 0.7})


def label_of(clause: str) -> str:
    """The relation a clause states, or an empty string."""
    if words.FLAT.search(clause):
        return ""
    for label, wording in words.ORDERED:
        hit = wording.search(clause)
        if hit and not words.NEGATED.search(clause[: hit.start()]):
            return label
    return ""


def subordinate_first(clause: str) -> bool | None:
    """For `reports_to`: whether the one who reports is named first; None when the wording does not tell."""
    under, over = words.REPORTS_UNDER.search(clause), words.REPORTS_OVER.search(clause)
    if under and over:
        return under.start() < over.start()
    return True if under else False if over else None


def found_wording(clause: str, label: str) -> tuple[int, int] | None:
    """Where the wording of a relation stands in the clause; None when no rule knows one."""
    hits = [m.span() for name, wording in words.ORDERED if name == label and (m := wording.search(clause))]
    return min(hits) if hits else None
