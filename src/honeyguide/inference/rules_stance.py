"""Rules for what somebody feels, says of a solution, would recommend, or means to do."""

import re

from honeyguide.inference import praise_words
from honeyguide.inference import rules_words as words
from honeyguide.inference.clauses import clauses
from honeyguide.inference.contract import NONE, Item, Span
from honeyguide.inference.praise import judge_text
from honeyguide.inference.rules_found import Found, hits, negated, score_of


def resolution(item: Item) -> Found:
    """The last clause that says how it stands counts; a first report and a wish say nothing."""
    score = score_of(item.facts)
    last: tuple[int, str, Span] | None = None
    mixed = False
    for clause in clauses(item.text):
        label = _outcome_of(clause.words)
        if label:
            mixed |= last is not None and last[1] != label
            last = (clause.start, label, clause)
    if last is None:
        return Found({NONE: 0.7 if item.facts.get("step") != "opened" else 0.9})
    _, label, clause = last
    if item.facts.get("step") == "opened":
        return Found({NONE: 0.75, label: 0.2}, (clause,))
    sure = 0.72 if mixed else 0.82
    if score is not None:
        agrees = (score >= 0.75) == (label == "resolved") and not 0.25 < score < 0.75
        sure = 0.92 if agrees else 0.45
    return Found({label: sure, NONE: (1 - sure) * 0.7}, (clause,))


def _outcome_of(clause: str) -> str:
    if praise_words.UNREAL.search(clause) and "?" in clause:
        return ""
    against = words.UNRESOLVED.search(clause)
    solved = next((m for m in words.RESOLVED.finditer(clause) if not negated(clause, m.start())), None)
    if against and solved:  # "it works again, but the same error came back": what stands later holds
        return (
            "resolved" if solved.start() > against.end() and praise_words.TURN.search(clause) is None else "unresolved"
        )
    if against:
        return "unresolved"
    unreal = re.search(
        r"\b(if|would|could|should|hope|until|wenn|falls|si|unless|before|when|once)\b", clause, re.IGNORECASE
    )
    return "resolved" if solved and not unreal else ""


def sentiment(item: Item) -> Found:
    """A rating says it best; without one the judging words do."""
    judged, spans = _stance(item.text)
    score = score_of(item.facts)
    if score is not None and not 0.25 < score < 0.75:
        label = "happy" if score >= 0.75 else "unhappy"
        contradicted = {"praise": "happy", "complaint": "unhappy"}.get(judged, label) != label
        return Found({label: 0.6 if contradicted else 0.93}, spans)
    if judged == "praise":
        return Found({"happy": 0.8, "neutral": 0.13}, spans)
    if judged == "complaint":
        return Found({"unhappy": 0.8, "neutral": 0.13}, spans)
    return Found({"neutral": 0.56, "unhappy": 0.25})


def stance(item: Item) -> Found:
    """Praise and complaint by the lexicon; a rating that disagrees silences the words."""
    judged, spans = _stance(item.text)
    score = score_of(item.facts)
    if judged == NONE:
        return Found({NONE: 0.66})
    if score is not None and (score <= 0.5 if judged == "praise" else score >= 0.5):
        return Found({NONE: 0.7}, spans)
    sure = 0.9 if score is not None else 0.75
    return Found({judged: sure, NONE: (1 - sure) * 0.7}, spans)


def _stance(text: str) -> tuple[str, tuple[Span, ...]]:
    judged = judge_text(text)
    if judged is None:
        return NONE, ()
    label, hit = judged
    return "praise" if label == "praised" else "complaint", (Span(hit.start(), hit.end(), hit.group()),)


def about(item: Item) -> Found:
    """What the judging clause speaks of; the first of its words that names something."""
    judged, spans = _stance(item.text)
    if judged == NONE:
        return Found({NONE: 0.66})
    clause = spans[0].words
    found = sorted((m.start(), name) for name, wording in words.OBJECTS if (m := wording.search(clause)))
    if any(name.casefold() in clause.casefold() for name in item.candidates.values()):
        return Found({"product": 0.7}, spans)
    return Found({found[0][1]: 0.66}, spans) if found else Found({NONE: 0.4, "product": 0.3}, spans)


def recommend(item: Item) -> Found:
    """Would they recommend us? The answer to a survey's scale is one; of words the unwilling ones weigh more."""
    for label, wording in (("unwilling", words.UNWILLING), ("willing", words.WILLING)):
        for clause in clauses(item.text):
            hit = wording.search(clause.words)
            if hit and "?" not in clause.words and not (label == "willing" and _taken_back(clause.words, hit.start())):
                return Found({label: 0.84, NONE: 0.1}, (clause,))
    score = score_of(item.facts)
    if item.kind == "survey" and item.facts.get("scale_max") == 10 and score is not None:
        if score >= 0.9:
            return Found({"willing": 0.82})
        if score <= 0.6:
            return Found({"unwilling": 0.72})
    return Found({NONE: 0.74})


def _taken_back(clause: str, at: int) -> bool:
    return negated(clause, at) or bool(
        re.search(r"\b(if|unless|until|once|as soon as|wenn|si)\b", clause[:at], re.IGNORECASE)
    )


def risk(item: Item) -> Found:
    """Leaving outweighs doubt, doubt outweighs staying."""
    for label, wording, sure in (
        ("leaving", words.LEAVING, 0.78),
        ("doubtful", words.DOUBTFUL, 0.74),
        ("staying", words.STAYING, 0.76),
    ):
        for clause in clauses(item.text):
            hit = wording.search(clause.words)
            if hit and not negated(clause.words, hit.start()):
                less = 0.16 if "?" in clause.words and label != "leaving" else 0.0
                return Found({label: sure - less, NONE: (1 - sure + less) * 0.5}, (clause,))
    return Found({NONE: 0.72})


def product(item: Item) -> Found:
    """How the clause that names a product speaks of it. Without a known name there is no mention."""
    named = [n for n in item.candidates.values() if n]
    if not named:
        return Found({NONE: 0.85})
    pattern = re.compile(
        r"(?<!\w)(?:" + "|".join(re.escape(n) for n in sorted(named, key=len, reverse=True)) + r")(?!\w)", re.IGNORECASE
    )
    best: Found | None = None
    for clause in clauses(item.text):
        if pattern.search(clause.words):
            found = _mentioned(clause)
            if best is None or max(found.probs.values()) > max(best.probs.values()):
                best = found
    return best or Found({NONE: 0.85})


def _mentioned(clause: Span) -> Found:
    if words.REJECTS.search(clause.words):
        return Found({"rejects": 0.74, NONE: 0.16}, (clause,))
    if words.WANTS.search(clause.words):
        return Found({"wants": 0.76, NONE: 0.14}, (clause,))
    if next(hits(words.USES, clause.words, unreal=True), None):
        return Found({"uses": 0.6, NONE: 0.32}, (clause,))
    return Found({NONE: 0.6, "uses": 0.25}, (clause,))
